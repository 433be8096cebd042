"""Events of Windows in the forms of collectors that call each part of them by a name of their own.

The collector of OpenTelemetry has ``event_id.id`` and ``provider.name``, perhaps in the body of a record.
Fluentd takes a message apart into names below its headings (``process_information.new_process_name``).
A table of osquery holds the scripts of PowerShell, which are one event each. A timeline of Hayabusa calls
channels by short names, and may hold all of an event's data in one column.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from functools import partial
from types import MappingProxyType
from typing import Final

from comity.findings.export_flat import Names, Pairs, Reading, Row
from comity.findings.export_messages import name_of_label
from comity.findings.export_texts import Made
from comity.findings.rows import Value
from comity.findings.taxonomy import POWERSHELL

_OF_COLLECTOR: Mapping[str, str] = MappingProxyType(
    {
        "channel": "Channel",
        "event_id.id": "EventID",
        "provider.name": "Provider_Name",
        "provider.guid": "Provider_Guid",
        "computer": "Computer",
        "record_id": "EventRecordID",
        "system_time": "TimeCreated",
        "security.user_id": "Security_UserID",
        "execution.process_id": "Execution_ProcessID",
        "message": "Message",
    }
)
"""What the collector of OpenTelemetry calls the parts of an event."""
_EVENT: Final = "event_id.id"
_BODIES: Final = ("body.", "Body.", "body.kvlistValue.", "resourceLogs.scopeLogs.logRecords.body.")
_PLACES: Final = ("", *_BODIES)
"""Where such an event stands in a record: nowhere else, so that a row's own data makes it none."""


def find_collectors(names: Set[str]) -> Sequence[str]:
    """What stands before the names of an event of the collector of OpenTelemetry, in each place of one."""
    return [place for place in _PLACES if f"{place}{_EVENT}" in names and f"{place}provider.name" in names]


def collector_pairs(names: Names, prefix: str) -> Pairs:
    """The names of such an event, whose data is a map, or a list of maps with a name each."""
    found: list[tuple[str, str]] = []
    for name in names:
        rest = name.removeprefix(prefix)
        plain = _OF_COLLECTOR.get(rest) if name.startswith(prefix) else name
        if plain is None and rest.startswith("event_data."):
            inner = rest.removeprefix("event_data.").removeprefix("data.") or "Data"
            plain = f"EventData_{inner}" if inner in _OF_COLLECTOR.values() else inner
        found.append((plain or name, name))
    return tuple(found)


def find_agent_readings(names: Names) -> tuple[Reading, ...]:
    """How events of agents with these fields are read; none where these are none of one that is known."""
    return (_read_script,) if {"script_text", "script_block_id"} <= set(names) else ()


def find_parted_reading(names: Names) -> Reading | None:
    """How rows are read in which a message was taken apart; None where nothing of one stands in them."""
    parts = tuple(name for name in names if "." in name)
    return partial(_read_parted, parts) if parts else None


_ALL: Final = "AllFieldInfo"
_SHORT: Mapping[str, str] = MappingProxyType(
    {
        "App": "Application",
        "BitsCli": "Microsoft-Windows-Bits-Client/Operational",
        "CodeInteg": "Microsoft-Windows-CodeIntegrity/Operational",
        "Defender": "Microsoft-Windows-Windows Defender/Operational",
        "Exchange": "MSExchange Management",
        "Firewall": "Microsoft-Windows-Windows Firewall With Advanced Security/Firewall",
        "NTLM": "Microsoft-Windows-NTLM/Operational",
        "OpenSSH": "OpenSSH/Operational",
        "PwSh": "Microsoft-Windows-PowerShell/Operational",
        "PwShClassic": "Windows PowerShell",
        "RDS-LSM": "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational",
        "Sec": "Security",
        "Sys": "System",
        "Sysmon": "Microsoft-Windows-Sysmon/Operational",
        "TaskSch": "Microsoft-Windows-TaskScheduler/Operational",
        "WMI": "Microsoft-Windows-WMI-Activity/Operational",
    }
)
"""What Hayabusa calls channels in its timelines."""
_PARTS: Final = 512


def find_timeline_reading(names: Names) -> Reading | None:
    """How rows of a timeline of Hayabusa are read that hold all of an event's data; None for others."""
    below = tuple(name for name in names if name.startswith(f"{_ALL}."))
    return partial(_read_timeline, below) if below or _ALL in names else None


def _read_timeline(below: Names, row: Row) -> Row:
    place = row["Channel"]
    fields: dict[str, Value] = Made(row)
    if isinstance(place, str):
        fields["Channel"] = _SHORT.get(place, place)
    told: list[tuple[str, Value]] = [(name.removeprefix(f"{_ALL}."), row[name]) for name in below]
    text = row.get(_ALL)
    if isinstance(text, str):
        pairs = (part.partition(": ") for part in text.split(" \u00a6 ", _PARTS))
        told += ((name, value) for name, mark, value in pairs if mark)
    for name, value in told:
        fields.setdefault(name, value)
    return fields


def _read_parted(inner: Names, row: Row) -> Row:
    """A message that was taken apart into names below its headings."""
    fields: dict[str, Value] = Made(row)
    for name in inner:
        heading, _, label = name.replace("_", " ").partition(".")
        wanted = name_of_label(str(row["EventID"]), heading, label)
        if wanted is not None:
            fields.setdefault(wanted, row[name])
    return fields


def _read_script(row: Row) -> Row:
    added: dict[str, Value] = {"ScriptBlockText": row["script_text"], "Path": row.get("script_path")}
    added |= {"ScriptBlockId": row["script_block_id"], "TimeCreated": row.get("datetime")}
    return Made({**added, **row, "Channel": POWERSHELL[0], "EventID": "4104"})
