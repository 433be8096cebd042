"""The forms in which tools write events: which one a row is of, and how it is read.

What form a row has follows from the names of its fields, where they leave it open from a text in one of them,
and from nothing else. Read so, a row has the fields of ``evtx-jsonl/1``; what has no such name keeps its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Final, TypeAlias

from comity.findings.derived import LINE, derive_audit, derive_pairs, derive_squid, derive_web
from comity.findings.derived_events import NAMES
from comity.findings.export_messages import read_head, read_labels, read_timeline
from comity.findings.export_texts import (
    EVENT,
    is_event,
    put,
    read_column,
    read_data,
    read_message,
    read_system,
)
from comity.findings.export_texts import Made as Made
from comity.findings.rows import Value, fold
from comity.findings.taxonomy import CATEGORIES, LINUX_SYSMON, PRODUCTS, SERVICES
from comity.findings.taxonomy_exports import (
    AUDIT_RECORDS,
    CHANNEL_NAMES,
    COMPUTER_NAMES,
    ECS,
    EVENT_NAMES,
    HEXADECIMAL,
    PROVIDER_NAMES,
    PROVIDERS,
    RECORD_NAMES,
    TIME_NAMES,
    WAZUH,
    WINLOG,
)
from comity.findings.taxonomy_fields import HEXADECIMAL_IN_AUDIT, NETWORK_OF_AUDIT, names_by_order

Row: TypeAlias = Mapping[str, Value]
Reading: TypeAlias = Callable[[Row], Row]
Names: TypeAlias = tuple[str, ...]
Pairs: TypeAlias = tuple[tuple[str, str], ...]
"""Names, and the row's own names for them."""

CHANNELS: Final = {channel for channels in SERVICES.values() for channel in channels} | {
    *(channel for places in CATEGORIES.values() for channel, _ in places),
    *(channel for channel, _ in PRODUCTS.values()),
    LINUX_SYSMON,
}
"""The channels that a table of routing names, folded."""

_WRAPPERS: Final = ("_source.", "result.", "document.data.")
_WHOLE: Final = ("xml_string", "_raw", "EventXML", "event_xml")
"""Texts in which an exporter keeps the whole event beside fields of it."""
_TEXTS: Final = (*_WHOLE, "message", "Message", "event.original", "desc", "extra")
_ORDERED: Final = ("properties.value", "properties", "strings")
"""Lists in which flat rows keep the data of an event without names, folded."""
_COLUMNS: Final = ("payload", "eventdata", "event_data", "userdata", "user_data")
"""Columns in which flat rows keep the data of an event, folded."""
_INNER: Final = ("EventData.", "UserData.")
_OF_SYSTEM: Final = frozenset(
    (
        *("Channel", "EventID", "Provider_Name", "Provider_Guid", "Computer", "EventRecordID", "TimeCreated"),
        *("Keywords", "Level", "Opcode", "Task", "Version"),
    )
)
"""What data of the same name never takes the place of."""
_DATE = re.compile(r"\\?/Date\(([0-9]{9,16})(?:[+-][0-9]{4})?\)\\?/")
"""How .NET writes an instant into JSON: milliseconds since 1970."""
_SPLUNK = re.compile(r"(?:Xml)?WinEventLog:(.+)")


def find_reading(names: Names) -> Reading | None:
    """How rows with these fields are read; None where they are what they say."""
    for wrapper in _WRAPPERS:
        if sum(name.startswith(wrapper) for name in names) > 2:
            pairs = tuple((name.removeprefix(wrapper), name) for name in names)
            return partial(_unwrap, pairs)
    here = set(names)
    for prefix in ("Event.", ""):
        if any(name.startswith(f"{prefix}System.Channel") for name in names):
            return partial(_read_event, _event_pairs(names, prefix), f"{prefix}System.EventID.Value" in here)
    if any(name.startswith(("winlog.event_data.", "event_data.")) for name in names) or (
        here & {"winlog.channel", "winlog.event_id"}
    ):
        return partial(_read_event, _winlog_pairs(names), False)
    if any(name.startswith(("data.win.system.", "win.system.")) for name in names):
        return partial(_read_event, _wazuh_pairs(names), False)
    if any(name.startswith("auditd.data.") for name in names) or (
        sum(name.partition(".")[0] in AUDIT_RECORDS for name in names) > 1
    ):
        return partial(_rename, _audit_pairs(names), False)
    known = {"Channel", "EventID"} <= here
    whole = next((name for name in _WHOLE if name in here), None)
    if known and whole is not None:
        return partial(_complete, whole)
    folded = {fold(name) for name in names}
    if not known or not folded.isdisjoint(_COLUMNS) or any(name.startswith(_INNER) for name in names):
        flat = _flat_reading(names)
        if flat is not None:
            return flat if whole is None else partial(_read_whole, whole, flat)
    if known:
        # Such rows get names beside their own (:func:`comity.findings.logsource.add_derived`).
        return _take_as_it_is if any(here.issuperset(told) for told in NAMES) else None
    texts = tuple(name for name in _TEXTS if name in here)
    return partial(_read_texts, texts) if texts else None


def _take_as_it_is(row: Row) -> Row:
    return row


def _unwrap(pairs: Sequence[tuple[str, str]], row: Row) -> Row:
    inner = {name: row[source] for name, source in pairs}
    reading = find_reading(tuple(inner))
    return inner if reading is None else reading(inner)


def _rename(pairs: Pairs, numbers: bool, row: Row) -> Row:
    """The row under other names: pairs of a name and the row's own. ``numbers``: hexadecimal data came as
    numbers."""
    fields: dict[str, Value] = Made() if numbers else {}
    for name, source in pairs:
        put(fields, name, row[source])
    _pair_up(fields)
    if numbers:
        for name in HEXADECIMAL & fields.keys():
            value = fields[name]
            if type(value) is int and value >= 0:
                fields[name] = hex(value)
    argv = fields.get("argv")
    if isinstance(argv, list):
        for at, argument in enumerate(argv[:256]):
            fields.setdefault(f"a{at}", argument)
    return fields


def _read_event(pairs: Pairs, numbers: bool, row: Row) -> Row:
    """A nested event, which is one of Windows even where it names no channel."""
    fields = _rename(pairs, numbers, row)
    return {**fields, "Channel": ""} if fields.get("Channel") is None and "EventID" in fields else fields


def _pair_up(fields: dict[str, Value]) -> None:
    """Data as a list of names beside a list of values (``{"@Name": …, "#text": …}``), put together."""
    names = fields.get("Data_Name")
    mark = "Data_Value" if "Data_Value" in fields else "Data"
    values = fields.get(mark)
    if isinstance(names, str) and not isinstance(values, list):
        names, values = [names], ["" if values is None else values]
    if isinstance(names, list) and isinstance(values, list) and len(names) == len(values):
        fields.pop("Data_Name")
        fields.pop(mark, None)
        for name, value in zip(names, values, strict=True):
            if isinstance(name, str):
                put(fields, f"EventData_{name}" if name in fields else name, value)


# What winlogbeat calls data that has no name.
_UNNAMED = re.compile(r"param[1-9][0-9]{0,2}", re.ASCII)
_NAMES_OF_DATA: Final = tuple(
    f"Data.{mark}Name" for mark in ("@", "-", "", "#attributes.", "$.", "_attributes.", "attributes.")
)
"""Where writers of JSON keep the attribute of ``<Data Name="…">``."""
_ATTRIBUTE = re.compile(r"(?:\.#attributes|_attributes|\.@attributes|\.\$)(?=\.)")


def _plain(name: str) -> str:
    """A name below ``System`` without what marks text and attributes."""
    parts = [part.removeprefix("@").removeprefix("-") for part in _ATTRIBUTE.sub("", name).split(".")]
    return "_".join(part for part in parts if part not in ("#text", "Value", "$", "_", "_text"))


def _event_pairs(names: Names, prefix: str) -> Pairs:
    """Nested events: ``System``, ``EventData``, ``UserData``."""
    system: dict[str, str] = {}
    others: list[tuple[str, str]] = []
    for name in names:
        section, _, rest = name.removeprefix(prefix).partition(".")
        if name.startswith(prefix) and section == "System" and rest:
            plain = _plain(rest)
            system[{"TimeCreated_SystemTime": "TimeCreated"}.get(plain, plain)] = name
    for name in names:
        section, _, rest = name.removeprefix(prefix).partition(".")
        if not name.startswith(prefix) or section not in ("EventData", "UserData") or not rest:
            if name not in system.values():
                others.append((name, name))
            continue
        found = _data_name(section, rest)
        others.append((name if not found else f"EventData_{found}" if found in system else found, name))
    return (*system.items(), *others)


def _data_name(section: str, rest: str) -> str:
    if rest in ("#attributes.Name", "@Name"):
        return "EventDataName"
    if rest in _NAMES_OF_DATA:
        return "Data_Name"
    if rest in ("Data._", "Data.Value", "Data._text"):
        return "Data_Value"
    parts = [part for part in rest.split(".") if part not in ("#text", "$")]
    if any(part.startswith(("#", "@")) for part in parts):
        return ""
    return parts[-1] if section == "UserData" and parts else ".".join(parts)


def _winlog_pairs(names: Names) -> Pairs:
    here = set(names)
    old = not any(name.startswith("winlog.") for name in names)
    table = {a: b for a, b in WINLOG.items() if a.startswith("winlog.") is not old}
    system = {table[name]: name for name in names if name in table}
    data: dict[str, str] = {}
    unnamed: list[tuple[str, str]] = []
    for name in names:
        for start in ("winlog.event_data.", "event_data.", "winlog.user_data.", "user_data."):
            if name.startswith(start):
                rest = name.removeprefix(start)
                plain = rest.rpartition(".")[2] if "user_data" in start else rest
                if _UNNAMED.fullmatch(plain):
                    unnamed.append(("Data", name))
                data[f"EventData_{plain}" if plain in system else plain] = name
                break
    found = {**system, **data}
    for wanted, places in ECS.items():
        place = next((place for place in places if place in here), None)
        if wanted not in found and place is not None:
            found[wanted] = place
    if "@timestamp" in here:
        found.setdefault("TimeCreated", "@timestamp")
    used = {*system.values(), *data.values()}
    others = ((name, name) for name in names if name not in used and name not in found)
    return (*found.items(), *unnamed, *others)


def _wazuh_pairs(names: Names) -> Pairs:
    found: dict[str, str] = {}
    data: list[tuple[str, str]] = []
    for name in names:
        plain = name.removeprefix("data.")
        if plain.startswith("win.system."):
            rest = plain.removeprefix("win.system.")
            found[WAZUH.get(fold(rest), f"System.{rest}")] = name
        elif plain.startswith("win.eventdata."):
            data.append((plain.removeprefix("win.eventdata."), name))
        else:
            data.append((name, name))
    taken = set(map(fold, found))
    return (
        *found.items(),
        *((f"EventData_{plain}" if fold(plain) in taken else plain, name) for plain, name in data),
    )


def _audit_pairs(names: Names) -> Pairs:
    """Records of the Linux audit log as nested JSON: each pair under its own key, the record as ``type``."""
    found: list[tuple[str, str]] = []
    here = set(names)
    for name in names:
        head, _, rest = name.partition(".")
        if name.startswith("auditd.data."):
            found.append((name.removeprefix("auditd.data."), name))
        elif name == "auditd.message_type":
            found.append(("type", name))
        elif head in AUDIT_RECORDS and rest:
            found.append((rest.rpartition(".")[2], name))
        else:
            found.append((name, name))
    told = {wanted for wanted, _ in found}
    for wanted, place in (("exe", "process.executable"), ("comm", "process.name"), ("name", "file.path")):
        if place in here and wanted not in told:
            found.append((wanted, place))
    return tuple(found)


def _flat_reading(names: Names) -> Reading | None:
    folded: dict[str, str] = {}
    for name in names:
        folded.setdefault(fold(name), name)

    def find(known: Iterable[str]) -> str | None:
        return next((folded[name] for name in known if name in folded), None)

    event, channel, provider = find(EVENT_NAMES), find(CHANNEL_NAMES), find(PROVIDER_NAMES)
    if event is None or (channel is None and provider is None):
        return None
    more = {
        "Provider_Name": provider,
        "Computer": find(COMPUTER_NAMES),
        "EventRecordID": find(RECORD_NAMES),
        "TimeCreated": find(TIME_NAMES),
    }
    given = tuple((name, source) for name, source in more.items() if source is not None and name not in names)
    inner = tuple(
        (name.rpartition(".")[2] if name.startswith("UserData.") else name.partition(".")[2], name)
        for name in names
        if name.startswith(_INNER)
    )
    columns = tuple(folded[name] for name in _COLUMNS if name in folded)
    places = (channel, provider, folded.get("source"))
    return partial(_read_flat, event, places, given, inner, columns, find(_ORDERED))


_CHANNEL = re.compile(
    r"(?:application|security|setup|system|windows powershell|key management service|hardwareevents"
    r"|microsoft-.{1,200}|[^/]{1,120}/(?:admin|analytic|debug|diagnostic|operational))"
)
"""What channels of Windows are called, folded."""
_OF_LOGS: Final = "microsoft-windows-eventlog"
"""The provider that tells of the logs themselves, and writes into more than one channel."""
_FORWARDED: Final = "forwardedevents"
"""The channel in which a collector keeps events of others, which says nothing of what they are."""


def _channel_of(
    row: Row, event: Value, channel: str | None, provider: str | None, source: str | None
) -> str | None:
    """The channel that a flat row names, or that its provider alone writes into; empty where that is not told
    and the provider is one of Windows'."""
    told: str | None = None
    for name in (channel, source):
        place = row[name] if name is not None else None
        if isinstance(place, str):
            behind = _SPLUNK.fullmatch(place)
            place = place if behind is None else behind[1]
            folded = fold(place)
            if folded in CHANNELS or (behind is not None and folded != _FORWARDED):
                return place
            if told is None and _CHANNEL.fullmatch(folded) is not None and name != source:
                told = place
    by = row[provider] if provider is not None else None
    by = fold(by).partition("$")[0] if isinstance(by, str) else ""
    if by == _OF_LOGS and told is None:
        return {"104": "System", "1102": "Security"}.get(str(event), "")
    return told or PROVIDERS.get(by) or ("" if by.startswith("microsoft-windows-") else None)


def _name_values(provider: str, event: str, values: Value) -> list[tuple[str, Value]]:
    """The values of an event's data under their names; as ``Data`` where these are not known."""
    listed = values if isinstance(values, list) else [values] if values is not None else []
    names = names_by_order(provider, event, len(listed))
    if names is None:
        return [("Data", value) for value in listed if value != ""]
    audit = provider.endswith("security-auditing") and event not in NETWORK_OF_AUDIT
    named: list[tuple[str, Value]] = []
    for name, value in zip(names, listed, strict=True):
        if type(value) is int and value >= 0:
            value = hex(value) if name in HEXADECIMAL or (audit and name in HEXADECIMAL_IN_AUDIT) else value
        named.append((name, value))
    return named


def _read_flat(
    event: str,
    places: tuple[str | None, str | None, str | None],
    given: Pairs,
    inner: Pairs,
    columns: Names,
    ordered: str | None,
    row: Row,
) -> Row:
    """A flat row that says by its channel or its provider that it is an event of Windows."""
    place = _channel_of(row, row[event], *places)
    if place is None:
        return row
    fields: dict[str, Value] = Made({**row, "Channel": place, "EventID": row[event]})
    fields.update((name, row[source]) for name, source in given)
    data = [(name, row[source]) for name, source in inner]
    if ordered is not None:
        provider = row[places[1]] if places[1] is not None else None
        data += _name_values(fold(str(provider or "")), str(row[event]), row[ordered])
    for column in columns:
        text = row[column]
        if isinstance(text, str):
            data += read_column(text).items()
    _take_data(fields, data)
    created = fields.get("TimeCreated")
    if isinstance(created, str) and (told := _DATE.fullmatch(created)) is not None:
        fields["TimeCreated"] = told[1]
    message = fields.get("Message", fields.get("message"))
    if isinstance(message, str):
        read = (
            read_message(message)
            if "sysmon" in fold(place)
            else read_labels(str(row[event]), message[:EVENT])
        )
        for name, value in read.items():
            fields.setdefault(name, value)
    return fields


def _take_data(fields: dict[str, Value], data: Iterable[tuple[str, Value]]) -> None:
    """Data of an event: what its ``System`` says stays, a column that the exporter added makes way."""
    taken: set[str] = set()
    for name, value in data:
        plain = f"EventData_{name}" if name in _OF_SYSTEM else name
        if plain in taken:
            put(fields, plain, value)
        else:
            fields[plain] = value
            taken.add(plain)


def _complete(whole: str, row: Row) -> Row:
    """A row of a known event with what the same event, kept whole in a text of it, says beside."""
    text = row[whole]
    if not isinstance(text, str) or not is_event(text[:EVENT]):
        return row
    system = read_system(text[:EVENT])
    same = all(
        isinstance(row[name], str | int) and fold(str(row[name])) == fold(str(system.get(name)))
        for name in ("Channel", "EventID")
    )
    if not same:
        return row
    fields: dict[str, Value] = Made(row)
    for name, value in (*system.items(), *read_data(text[:EVENT]).items()):
        fields.setdefault(name, value)
    return fields


def _read_whole(whole: str, flat: Reading, row: Row) -> Row:
    """A flat row by the event kept whole in a text of it; by its fields where that text is no event."""
    text = row[whole]
    told = isinstance(text, str) and (is_event(text[:EVENT]) or read_head(text[:EVENT]) is not None)
    return _read_text(whole, row) if told else flat(row)


def _read_texts(names: Names, row: Row) -> Row:
    """A row by the first of its texts that is of a known form."""
    for name in names:
        read = _read_text(name, row)
        if read is not row:
            return read
    return row


def _read_pairs(row: Row, pairs: Row) -> Row:
    """A row by the pairs that a text of it says of an event of Windows, which it is whatever its channel."""
    told = Made({**row, **pairs})
    reading = _flat_reading(tuple(told))
    made = told if reading is None else reading(told)
    if "Channel" in made:
        return made
    event = next((pairs[name] for name in ("EventCode", "event_identifier") if name in pairs), None)
    return Made({**made, "Channel": "", "EventID": event})


def _read_text(name: str, row: Row) -> Row:
    """A row whose text is an event as XML, a line of the audit log, or one of a web server."""
    text = row[name]
    if not isinstance(text, str):
        return row
    pairs = read_head(text[:EVENT])
    if pairs is not None:
        return _read_pairs(row, pairs)
    if is_event(text[:EVENT]):
        fields: dict[str, Value] = Made({**row, **read_system(text[:EVENT])})
        _take_data(fields, read_data(text[:EVENT]).items())
        return fields
    timeline = read_timeline(text[:EVENT])
    if timeline is not None:
        return _read_pairs(row, timeline)
    line = text[:LINE]
    if "msg=audit(" in line:
        return Made(derive_audit({**row, "message": text}))
    if " HTTP/" in line:
        return Made(derive_web({**row, "message": text}))
    if "devname=" in line and "logid=" in line:
        return Made(derive_pairs({**row, "message": text}))
    return Made(derive_squid({**row, "message": text})) if "/" in line and line[:1].isdigit() else row
