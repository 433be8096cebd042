"""Flat rows of events: whether one is an event of Windows, of which channel, and what its data is.

Such rows have a column for each thing, under names that differ from tool to tool; the data is beside them, in
a column as JSON or XML, in a list without names, or in the message that Windows made of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
from typing import Final, TypeAlias

from comity.findings.export_messages import read_labels
from comity.findings.export_texts import EVENT, Made, put_all, read_column, read_message, unescape
from comity.findings.rows import Value, fold
from comity.findings.taxonomy import CATEGORIES, LINUX_SYSMON, PRODUCTS, SERVICES
from comity.findings.taxonomy_exports import (
    CHANNEL_NAMES,
    COMPUTER_NAMES,
    EVENT_NAMES,
    HEXADECIMAL,
    PROVIDER_NAMES,
    PROVIDERS,
    RECORD_NAMES,
    SHOWN,
    TIME_NAMES,
)
from comity.findings.taxonomy_fields import (
    HEXADECIMAL_IN_AUDIT,
    NETWORK_OF_AUDIT,
    data_names,
    names_by_order,
)

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

COLUMNS: Final = ("payload", "eventdata", "event_data", "userdata", "user_data")
"""Columns in which flat rows keep the data of an event, folded."""
INNER: Final = ("EventData.", "UserData.")
_OF_SYSTEM: Final = frozenset(
    (
        *("Channel", "EventID", "Provider_Name", "Provider_Guid", "Computer", "EventRecordID", "TimeCreated"),
        *("Keywords", "Level", "Opcode", "Task", "Version"),
    )
)
"""What data of the same name never takes the place of."""

_ORDERED: Final = (
    *("properties.value", "properties", "strings", "stringinserts", "string_inserts"),
    *("insertionstrings", "parameterxml", "eventdata", "event_data"),
)
"""Lists in which flat rows keep the data of an event without names, folded. As texts these are values between
bars, or each between tags of ``Param``."""
_PARAM = re.compile(r"<Param>([^<]*+)</Param>")
_MESSAGES: Final = ("message", "rendereddescription", "description")
"""Columns in which flat rows keep the message that Windows made of an event, folded."""
_DATE = re.compile(r"\\?/Date\(([0-9]{9,16})(?:[+-][0-9]{4})?\)\\?/")
"""How .NET writes an instant into JSON: milliseconds since 1970."""
_SPLUNK = re.compile(r"(?:Xml)?WinEventLog:(.+)")


_MARKED: Final = (
    (frozenset(("utctime", "processguid", "image")), "Microsoft-Windows-Sysmon/Operational"),
    (
        frozenset(("utctime", "sourceprocessguid", "targetprocessguid")),
        "Microsoft-Windows-Sysmon/Operational",
    ),
    (frozenset(("subjectusersid", "subjectlogonid")), "Security"),
    (frozenset(("subjectusersid", "newprocessname")), "Security"),
)
"""Data that one channel alone has, folded: by it a row is told that has the number of an event and nothing of
where it stood."""


def _read_marked(place: str, event: str, row: Row) -> Row:
    return Made({**row, "Channel": place, "EventID": row[event]})


def find_flat_reading(names: Names) -> Reading | None:
    """How flat rows with these fields are read; None where these name no event, or nobody whose it is."""
    folded: dict[str, str] = {}
    for name in names:
        folded.setdefault(fold(name), name)

    def find(known: Iterable[str]) -> str | None:
        return next((folded[name] for name in known if name in folded), None)

    event, channel, provider = find(EVENT_NAMES), find(CHANNEL_NAMES), find(PROVIDER_NAMES)
    if {"Channel", "EventID"} <= set(names):
        # No name that is added in other letters takes the place of these.
        event, channel = "EventID", "Channel"
    if event is None:
        return None
    if channel is None and provider is None:
        place = next((place for marks, place in _MARKED if marks <= folded.keys()), None)
        named = fold(event) in ("eventid", "event_id", "eventcode", "event_code")
        return partial(_read_marked, place, event) if named and place is not None else None
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
        if name.startswith(INNER)
    )
    columns = tuple(folded[name] for name in COLUMNS if name in folded)
    if "data" in folded and {"datetime", "provider_guid"} <= folded.keys():
        columns = (*columns, folded["data"])  # The tables of osquery.
    places = (channel, provider, folded.get("source"))
    messages = tuple(folded[name] for name in _MESSAGES if name in folded)
    messages = ("Message", *messages) if "Message" in names else messages
    return partial(_read_flat, event, places, given, inner, columns, find(_ORDERED), messages)


def keeps_data(names: Names) -> bool:
    """Whether flat rows of events keep their data in a column, in a list or in the message alone."""
    folded = {fold(name) for name in names}
    bare = folded.isdisjoint(data_names() - {"properties"})
    if not bare:
        # The audit of objects has data of this name (events 4661 and 4662).
        folded.discard("properties")
    if not folded.isdisjoint((*COLUMNS, *_ORDERED)) or any(name.startswith(INNER) for name in names):
        return True
    return bare and not folded.isdisjoint(_MESSAGES)


def has_data(names: Names) -> bool:
    """Whether rows with these fields have data of events in fields of their own, not in a column alone."""
    return not _names_of_data().isdisjoint(map(fold, names))


@lru_cache(maxsize=1)
def _names_of_data() -> frozenset[str]:
    return data_names().difference(COLUMNS, _ORDERED)


_CHANNEL = re.compile(
    r"(?:application|security|setup|system|windows powershell|key management service|hardwareevents"
    r"|microsoft-.{1,200}|[^/]{1,120}/(?:admin|analytic|debug|diagnostic|operational))"
)
"""What channels of Windows are called, folded."""
_OF_LOGS: Final = "microsoft-windows-eventlog"
"""The provider that tells of the logs themselves, and writes into more than one channel."""
FORWARDED: Final = "forwardedevents"
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
            if folded in CHANNELS or (behind is not None and folded != FORWARDED):
                return place
            if told is None and _CHANNEL.fullmatch(folded) is not None and name != source:
                told = place
    return told or channel_of_provider(row[provider] if provider is not None else None, str(event))


def channel_of_provider(provider: Value, event: str) -> str | None:
    """The channel that a provider alone writes into; empty where it writes into several, None where it is not
    known to be one of Windows'."""
    by = fold(provider).partition("$")[0] if isinstance(provider, str) else ""
    if by == _OF_LOGS:
        return {"104": "System", "1102": "Security"}.get(event, "")
    if by in PROVIDERS:
        return PROVIDERS[by]
    if f"{by}/operational" in CHANNELS:
        return f"{provider}/Operational"
    return "" if by.startswith("microsoft-windows-") else None


def _name_values(provider: str, event: str, values: Value) -> list[tuple[str, Value]]:
    """The values of an event's data under their names; as ``Data`` where these are not known."""
    listed = values if isinstance(values, list) else [values] if values is not None else []
    if isinstance(values, str):
        params = _PARAM.findall(values[:EVENT])
        listed = [unescape(each) for each in params] if params else list(values[:EVENT].split("|"))
    names = names_by_order(provider, event, len(listed))
    if names is None and isinstance(values, str) and not values.startswith("<Param>"):
        listed = [values]
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
    messages: Names,
    row: Row,
) -> Row:
    """A flat row that says by its channel or its provider that it is an event of Windows."""
    place = _channel_of(row, row[event], *places)
    if place is None:
        return row
    fields: dict[str, Value] = Made({**row, "Channel": place, "EventID": row[event]})
    fields.update((name, row[source]) for name, source in given)
    shown = fields.get("Provider_Name")
    if isinstance(shown, str) and "Provider_Name" not in row:
        fields["Provider_Name"] = SHOWN.get(fold(shown), shown)
    data = [(name, row[source]) for name, source in inner]
    provider = fold(str((row[places[1]] if places[1] is not None else None) or ""))
    if ordered is not None and (ordered not in columns or isinstance(row[ordered], list)):
        data += _name_values(provider, str(row[event]), row[ordered])
    for column in columns:
        text = row[column]
        if isinstance(text, str):
            data += read_column(text).items()
    take_data(fields, data)
    created = fields.get("TimeCreated")
    if isinstance(created, str) and (told := _DATE.fullmatch(created)) is not None:
        fields["TimeCreated"] = told[1]
    for name in messages:
        message = row[name]
        # A line by itself is what a file says of itself.
        if isinstance(message, str) and (name in _PLAIN_MESSAGES or "\n" in message[:EVENT]):
            _take_message(fields, name, message, str(row[event]), "sysmon" in fold(place))
            break
    return fields


_PLAIN_MESSAGES: Final = ("Message", "message", "RenderedDescription", "renderedDescription")


def _take_message(fields: dict[str, Value], name: str, message: str, event: str, sysmon: bool) -> None:
    if name not in _PLAIN_MESSAGES and fields.get(name) == message:
        del fields[name]
        fields["Message"] = message
    text = message[:EVENT]
    for each, value in (read_message(text) if sysmon else read_labels(event, text)).items():
        fields.setdefault(each, value)


def take_data(fields: dict[str, Value], data: Iterable[tuple[str, Value]]) -> None:
    """Data of an event: what its ``System`` says stays, a column that the exporter added makes way."""
    told: dict[str, Value] = {}
    put_all(told, ((f"EventData_{name}" if name in _OF_SYSTEM else name, value) for name, value in data))
    fields.update(told)
