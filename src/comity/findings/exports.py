"""Rows as other tools export them, under the names that rules ask for.

The same event comes as an event log, as the nested JSON of a parser of event logs
(``Event.EventData.Image``), as winlogbeat's (``winlog.event_data.Image``), as Velociraptor's, Wazuh's or
EvtxECmd's, and as flat rows with ``LogName`` and ``EventCode``. What such a row is follows from the names of
its fields, where they leave it open from a text in one of them, and from nothing else. Read so, a row has the
fields of ``evtx-jsonl/1`` (:func:`comity.evidence.parse.event_fields`); what has no such name keeps its own.

A field that a rule asks for, and that the row has only in other letters (``commandLine``) or with other marks
between them (``New Value`` for ``NewValue``, ``cs_host`` for ``cs-host``), is found: exact names first, then
the first in the row's order with the same letters by ASCII folding, then the first with the same letters and
digits.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Final, TypeAlias

from comity.findings.derived import LINE, derive_audit, derive_web
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

Row: TypeAlias = Mapping[str, Value]
Reading: TypeAlias = Callable[[Row], Row]
Names: TypeAlias = tuple[str, ...]
Pairs: TypeAlias = tuple[tuple[str, str], ...]
"""Names, and the row's own names for them."""

KNOWN: Final = 4096
"""How many sets of names are remembered; rows can have any number of them."""

CHANNELS: Final = {channel for channels in SERVICES.values() for channel in channels} | {
    *(channel for places in CATEGORIES.values() for channel, _ in places),
    *(channel for channel, _ in PRODUCTS.values()),
    LINUX_SYSMON,
}
"""The channels that a table of routing names, folded."""

_ROUTING: Final = frozenset(
    ("Channel", "EventID", "_path", "ts", "@stream", "@proc", "id_orig_h", "id.orig_h")
)
"""The names that tell of what kind a row is (:func:`comity.findings.logsource.source_of`)."""

_WRAPPERS: Final = ("_source.", "result.")
_TEXTS: Final = ("message", "Message", "_raw", "event.original")
_SYSTEM_XML = re.compile(
    r"<(EventID|Channel|Computer|EventRecordID|Version|Level|Task|Opcode|Keywords)>([^<]*+)<"
)
_DATA_XML = re.compile(r"""<Data Name=(?:"([^"<]{1,256})"|'([^'<]{1,256})')>([^<]*+)</Data>""")
_ATTRIBUTES_XML: Final = (
    ("Provider_Name", re.compile(r"""<Provider [^>]{0,300}?\bName=(?:"([^"<]*+)"|'([^'<]*+)')""")),
    ("TimeCreated", re.compile(r"""<TimeCreated [^>]{0,300}?\bSystemTime=(?:"([^"<]*+)"|'([^'<]*+)')""")),
    ("Security_UserID", re.compile(r"""<Security [^>]{0,300}?\bUserID=(?:"([^"<]*+)"|'([^'<]*+)')""")),
)
_ENTITY = re.compile(r"&(?:(lt|gt|amp|quot|apos)|#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6}));")
_ENTITIES: Final = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_PAIR = re.compile(r"([A-Za-z][A-Za-z0-9]{1,40}): ?(.*)")


class Made(dict[str, Value]):
    """A row with texts that do not stand in its bytes as they are: unpacked, unescaped or written anew."""


class Exports:
    """Reads rows for rules that ask for the fields ``wanted``."""

    def __init__(self, wanted: Iterable[str]) -> None:
        self._wanted: dict[str, list[str]] = {}
        self._spelled: dict[str, list[str]] = {}
        for name in sorted(set(wanted)):
            self._wanted.setdefault(fold(name), []).append(name)
            if spelled := spell(name):
                self._spelled.setdefault(spelled, []).append(name)
        self.names = frozenset(name for names in self._wanted.values() for name in names)
        """The fields that rules ask for."""
        self._known: dict[Names, Reading | None] = {}

    def read(self, row: Row) -> Row:
        """One row, as rules see it; the row itself where nothing is to be done."""
        names = tuple(row)
        known = self._known
        if names in known:
            reading = known[names]
        else:
            if len(known) >= KNOWN:
                known.clear()
            reading = known[names] = self._learn(names)
        return row if reading is None else reading(row)

    def reading_of(self, names: Names) -> tuple[Reading | None, Mapping[str, str]]:
        """How rows with these fields are read; or, where they only lack names that rules ask for, the row's
        own name for each of these, so that whoever looks at few fields need not copy the row."""
        if names not in self._known:
            if len(self._known) >= KNOWN:
                self._known.clear()
            self._known[names] = self._learn(names)
        reading = self._known[names]
        if isinstance(reading, partial) and reading.func is _add_aliases:
            pairs = dict(reading.args[0])
            if _ROUTING.isdisjoint(pairs):
                return None, pairs
        return reading, {}

    def _learn(self, names: Names) -> Reading | None:
        first = find_reading(names)
        if first is None:
            return self._alias(names)
        # What a reading gives depends on texts too, so its names are looked at row by row.
        return partial(self._then_alias, first)

    def _then_alias(self, reading: Reading, row: Row) -> Row:
        made = reading(row)
        names = tuple(made)
        key = ("", *names)
        if key in self._known:
            alias = self._known[key]
        else:
            if len(self._known) >= KNOWN:
                self._known.clear()
            alias = self._known[key] = self._alias(names)
        return made if alias is None else alias(made)

    def _alias(self, names: Names) -> Reading | None:
        """Adds to a row, under the name that rules ask for, what it has in other letters or marks."""
        here = set(names)
        added: dict[str, str] = {}
        for name in names:
            for wanted in self._wanted.get(fold(name), ()):
                if wanted not in here:
                    added.setdefault(wanted, name)
        marked: dict[str, str] = {}
        for name in names:
            for wanted in self._spelled.get(spell(name), ()):
                if wanted not in here and wanted not in added:
                    marked.setdefault(wanted, name)
        added.update(marked)
        for wanted, others in _SAME.items():
            if wanted in self._wanted.get(fold(wanted), ()) and wanted not in here and wanted not in added:
                found = next((other for other in others if other in here), None)
                if found is not None:
                    added[wanted] = found
        if not added:
            return None
        return partial(_add_aliases, tuple(added.items()))


_MARKS = re.compile(r"[\x00-/:-@\[-`{-\x7f]+")


def spell(name: str) -> str:
    """``name`` without the marks of ASCII (all that is neither letter nor digit), folded."""
    return fold(_MARKS.sub("", name))


def _add_aliases(pairs: Pairs, row: Row) -> Row:
    added = {wanted: row[name] for wanted, name in pairs}
    return Made({**row, **added}) if row.__class__ is Made else {**row, **added}


_SAME: Final[Mapping[str, tuple[str, ...]]] = {
    "Computer": ("ComputerName", "Hostname", "MachineName"),
    "ComputerName": ("Computer", "Hostname", "MachineName"),
    "Provider_Name": ("SourceName", "ProviderName"),
    "SourceName": ("Provider_Name",),
}
"""Names that event logs and their exports use for one thing."""


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
        return partial(_rename, _winlog_pairs(names), False)
    if any(name.startswith(("data.win.system.", "win.system.")) for name in names):
        return partial(_rename, _wazuh_pairs(names), False)
    if any(name.startswith("auditd.data.") for name in names) or (
        sum(name.partition(".")[0] in AUDIT_RECORDS for name in names) > 1
    ):
        return partial(_rename, _audit_pairs(names), False)
    if not {"Channel", "EventID"} <= here:
        flat = _flat_reading(names)
        if flat is not None:
            return flat
        text = next((name for name in _TEXTS if name in here), None)
        return partial(_read_text, text) if text is not None else None
    return None


def _unwrap(pairs: Sequence[tuple[str, str]], row: Row) -> Row:
    inner = {name: row[source] for name, source in pairs}
    reading = find_reading(tuple(inner))
    return inner if reading is None else reading(inner)


def _put(fields: dict[str, Value], name: str, value: Value) -> None:
    if name in fields:
        before = fields[name]
        both = list(before) if isinstance(before, list) else [before]
        fields[name] = [*both, *(value if isinstance(value, list) else [value])]
    else:
        fields[name] = value


def _rename(pairs: Pairs, numbers: bool, row: Row) -> Row:
    """The row under other names: pairs of a name and the row's own. ``numbers``: hexadecimal data came as
    numbers."""
    fields: dict[str, Value] = Made() if numbers else {}
    for name, source in pairs:
        _put(fields, name, row[source])
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
    names, values = fields.get("Data_Name"), fields.get("Data")
    if isinstance(names, str):
        names, values = [names], [values]
    if isinstance(names, list) and isinstance(values, list) and len(names) == len(values):
        del fields["Data_Name"], fields["Data"]
        for name, value in zip(names, values, strict=True):
            if isinstance(name, str):
                _put(fields, f"EventData_{name}" if name in fields else name, value)


# What winlogbeat calls data that has no name.
_UNNAMED = re.compile(r"param[1-9][0-9]{0,2}", re.ASCII)
_ATTRIBUTE = re.compile(r"(?:\.#attributes|_attributes|\.@attributes)(?=\.)|\.(?=@)")


def _plain(name: str) -> str:
    """A name below ``System`` without what marks text and attributes."""
    parts = [part.removeprefix("@") for part in _ATTRIBUTE.sub("", name).split(".")]
    return "_".join(part for part in parts if part not in ("#text", "Value", "$"))


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
    if rest in ("Data.@Name", "Data.#attributes.Name"):
        return "Data_Name"
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
    payload = folded.get("payload")
    return partial(_read_flat, event, channel, provider, given, payload)


def _read_flat(
    event: str, channel: str | None, provider: str | None, given: Pairs, payload: str | None, row: Row
) -> Row:
    """A flat row whose channel, or whose provider's only channel, is one that routing knows."""
    place = row[channel] if channel is not None else None
    if not isinstance(place, str) or fold(place) not in CHANNELS:
        told = row[provider] if provider is not None else None
        place = PROVIDERS.get(fold(told)) if isinstance(told, str) else None
        if place is None:
            return row
    fields: dict[str, Value] = Made({**row, "Channel": place, "EventID": row[event]})
    fields.update((name, row[source]) for name, source in given)
    text = row[payload] if payload is not None else None
    if isinstance(text, str) and text.startswith("{"):
        for name, value in _read_payload(text[:LINE]).items():
            _put(fields, f"EventData_{name}" if name in fields else name, value)
    message = fields.get("Message", fields.get("message"))
    if isinstance(message, str) and "sysmon" in fold(place):
        for name, value in _read_message(message[:LINE]).items():
            fields.setdefault(name, value)
    return fields


def _read_payload(text: str) -> dict[str, Value]:
    """The data of an event as EvtxECmd writes it: JSON inside of a text."""
    found: dict[str, Value] = {}
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return found
    data = parsed.get("EventData", parsed.get("UserData")) if isinstance(parsed, dict) else None
    items = data.get("Data", data) if isinstance(data, dict) else None
    for item in items if isinstance(items, list) else [items]:
        if isinstance(item, dict) and isinstance(item.get("@Name"), str):
            value = item.get("#text", "")
            _put(found, item["@Name"], value if isinstance(value, str | int) else None)
        elif isinstance(item, dict):
            _take_inner(item, found, 0)
        elif isinstance(item, str):
            _put(found, "Data", item)
    return found


def _take_inner(item: Mapping[str, object], found: dict[str, Value], depth: int) -> None:
    for name, value in item.items():
        if isinstance(value, dict) and depth < 8:
            _take_inner(value, found, depth + 1)
        elif isinstance(value, str | int) and not name.startswith("@"):
            _put(found, name, value)


def _read_message(text: str) -> dict[str, Value]:
    """A message of Sysmon, which is a line for each name and value in every language of Windows."""
    found: dict[str, Value] = {}
    for line in text.splitlines()[1:64]:
        pair = _PAIR.fullmatch(line)
        if pair is not None:
            found.setdefault(pair[1], pair[2])
    return found


def _read_text(name: str, row: Row) -> Row:
    """A row whose text is a line of the audit log, of a web server, or an event as XML."""
    text = row[name]
    if not isinstance(text, str):
        return row
    line = text[:LINE]
    if "<Event" in line and "<System>" in line:
        return _read_xml(line, row)
    if "msg=audit(" in line:
        return Made(derive_audit({**row, "message": text}))
    if " HTTP/" in line:
        return Made(derive_web({**row, "message": text}))
    return row


def _read_xml(text: str, row: Row) -> Row:
    """An event as XML inside of a text, as Sysmon for Linux writes it to syslog."""
    fields: dict[str, Value] = Made(row)
    for name, pattern in _ATTRIBUTES_XML:
        found = pattern.search(text)
        if found is not None:
            fields[name] = _unescape(found[1] if found[1] is not None else found[2])
    head = text.partition("<EventData")[0]
    for name, value in _SYSTEM_XML.findall(head):
        fields[name] = _unescape(value)
    for double, single, value in _DATA_XML.findall(text):
        name = double or single
        _put(fields, f"EventData_{name}" if name in fields else name, _unescape(value))
    return fields


def _unescape(text: str) -> str:
    return _ENTITY.sub(_character, text) if "&" in text else text


def _character(found: re.Match[str]) -> str:
    if found[1]:
        return _ENTITIES[found[1]]
    number = int(found[2]) if found[2] else int(found[3], 16)
    return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else found[0]
