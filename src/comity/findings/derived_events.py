"""What Sysmon says in one field and an event of Windows' own audit spreads over several.

Rules for the registry and the network ask for Sysmon's names and for values as Sysmon writes them. Security
events 4657 (a value of the registry) and 5156 (a connection) tell the same in other words. Here these words
are turned into Sysmon's; which rule asks for which name is in :data:`comity.findings.taxonomy.EVENT_NAMES`.

Which names a row gets depends on the names it has, never on what stands in them: what cannot be told is null.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from comity.findings.rows import Value
from comity.findings.taxonomy import KEY_DELETED, KEY_SET

DERIVED: Final = frozenset(("4657", "5156"))
"""The security events that have fields to derive."""

NAMES: Final = (
    frozenset(("ObjectName", "OperationType")),
    frozenset(("Direction", "Application", "Protocol")),
)
"""The names of rows of these events: a row with neither set has nothing to derive."""

MORE: Final = (("ObjectValueName", "NewValueType", "NewValue"), ())
"""What else is read of such rows, where it is there."""

OUTCOMES: Final = {
    "4657": ("TargetObject", KEY_SET, KEY_DELETED, "EventType", "Details"),
    "5156": ("Initiated", "Protocol (name)"),
}
"""The names that are added to rows of these events, in the order of :data:`NAMES`."""

_HIVES: Final = (
    (re.compile(r"^(?:\\REGISTRY\\MACHINE|HKEY_LOCAL_MACHINE)(?=\\|$)", re.IGNORECASE), "HKLM"),
    (re.compile(r"^(?:\\REGISTRY\\USER|HKEY_USERS)(?=\\|$)", re.IGNORECASE), "HKU"),
    (re.compile(r"^HKEY_CURRENT_USER(?=\\|$)", re.IGNORECASE), "HKCU"),
    (re.compile(r"^HKEY_CLASSES_ROOT(?=\\|$)", re.IGNORECASE), "HKCR"),
)
_CONTROL_SET = re.compile(r"(HKLM\\SYSTEM)\\ControlSet[0-9]{3}(?=\\|$)", re.IGNORECASE)
_WRITTEN: Final = frozenset(
    ("%%1904", "%%1905", "new registry value created", "existing registry value modified")
)
_REMOVED: Final = frozenset(("%%1906", "registry value deleted"))
_WIDTHS: Final = {
    "%%1876": ("DWORD", 8),
    "reg_dword": ("DWORD", 8),
    "%%1883": ("QWORD", 16),
    "reg_qword": ("QWORD", 16),
}
_DIRECTIONS: Final = {"%%14592": "false", "inbound": "false", "%%14593": "true", "outbound": "true"}
_PROTOCOLS: Final = {"6": "tcp", "17": "udp"}


def derive_event(event: str, fields: Mapping[str, Value]) -> Mapping[str, Value]:
    """``fields`` with what Sysmon would say of security event ``event``, one of :data:`DERIVED`. What a row
    has is never replaced, save an empty text: the event has no such data, so it is a cell of a table that
    holds other events too."""
    added = _of_value(fields) if event == "4657" else _of_connection(fields)
    if not added:
        return fields
    return {**added, **{name: value for name, value in fields.items() if value != "" or name not in added}}


def _of_value(fields: Mapping[str, Value]) -> dict[str, Value]:
    """Security event 4657: the path of the value in Sysmon's form, its data, and what was done to it."""
    if not NAMES[0] <= fields.keys():
        return {}
    key, name = fields["ObjectName"], fields.get("ObjectValueName")
    path = (
        short_key(f"{key}\\{name}" if isinstance(name, str) and name else key)
        if isinstance(key, str)
        else None
    )
    done = _word(fields.get("OperationType"))
    return {
        "TargetObject": path,
        KEY_SET: path if done in _WRITTEN else None,
        KEY_DELETED: path if done in _REMOVED else None,
        "EventType": "SetValue" if done in _WRITTEN else "DeleteValue" if done in _REMOVED else None,
        "Details": details_of(fields.get("NewValue"), _word(fields.get("NewValueType"))),
    }


def short_key(path: Value) -> str | None:
    """A key of the registry as Sysmon writes it: its hive short, the control set in use as such."""
    if not isinstance(path, str):
        return None
    for hive, short in _HIVES:
        path = hive.sub(short, path, count=1)
    return _CONTROL_SET.sub(r"\1\\CurrentControlSet", path, count=1)


def details_of(value: Value, kind: str) -> Value:
    """The data of a value as Sysmon writes it: numbers in hexadecimal, of their width."""
    if kind not in _WIDTHS or not isinstance(value, str | int) or isinstance(value, bool):
        return value
    word, width = _WIDTHS[kind]
    text = str(value)
    if not re.fullmatch(r"[0-9]{1,20}|0[xX][0-9A-Fa-f]{1,16}", text, re.ASCII):
        return value
    digits = f"{int(text, 16) if text[:2] in ('0x', '0X') else int(text):0{width}x}"
    return f"{word} (0x{digits})" if width == 8 else f"{word} (0x{digits[:-8]}-0x{digits[-8:]})"


def _of_connection(fields: Mapping[str, Value]) -> dict[str, Value]:
    """Security event 5156: who began the connection, and its protocol by name."""
    if not NAMES[1] <= fields.keys():
        return {}
    number = fields["Protocol"]
    text = str(number) if isinstance(number, str | int) else ""
    return {
        "Initiated": _DIRECTIONS.get(_word(fields["Direction"])),
        "Protocol (name)": _PROTOCOLS.get(text, number),
    }


def _word(value: Value) -> str:
    return value.strip().lower() if isinstance(value, str) and value.isascii() else ""
