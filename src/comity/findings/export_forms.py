"""The forms in which tools write events: which one a row is of, and how it is read.

What form a row has follows from the names of its fields, where they leave it open from a text in one of them,
and from nothing else. Read so, a row has the fields of ``evtx-jsonl/1``; what has no such name keeps its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from typing import Final

from comity.findings.derived_events import NAMES
from comity.findings.export_agents import (
    collector_pairs,
    find_agent_readings,
    find_collectors,
    find_parted_reading,
    find_timeline_reading,
)
from comity.findings.export_audit import find_audit_readings, tells_records
from comity.findings.export_cef import find_device_readings
from comity.findings.export_flat import Names, Pairs, Row, find_flat_reading, has_data, keeps_data
from comity.findings.export_flat import Reading as Reading
from comity.findings.export_flows import find_flow_readings
from comity.findings.export_inside import find_inside_readings
from comity.findings.export_lines import (
    MESSAGES,
    PROGRAM_NAMES,
    TEXTS,
    WHOLE,
    complete,
    read_flat_or_texts,
    read_others,
    read_program,
    read_text_or,
    read_texts,
    read_whole,
)
from comity.findings.export_sensors import find_sensor_readings
from comity.findings.export_services import find_service_readings
from comity.findings.export_texts import Made as Made
from comity.findings.export_texts import copy_made, put_all, readings_in
from comity.findings.export_together import Apart, read_together
from comity.findings.export_wazuh import read_escaped, wazuh_pairs
from comity.findings.export_web import find_web_readings
from comity.findings.rows import Value, are_few, fold
from comity.findings.taxonomy_exports import (
    ECS,
    HEXADECIMAL,
    PROVIDERS,
    READ,
    SAME,
    WINLOG,
)
from comity.findings.telling import says_its_kind, tells_its_log

_DETECTED: Final = "_Event."
"""Below which name rows of detections by an agent keep the event."""
_WRAPPERS: Final = (
    *(("_source.", ""), ("result.", ""), ("document.data.", ""), (_DETECTED, "")),
    *(("data.", "event_record_id"), ("Events.Event.", "")),
    *(("data.aws.", ""), ("data.office365.", ""), ("data.github.", "")),
    ("detail.", "detail-type"),
    ("event.", "sourcetype"),
    *(("properties.", "Tenant"), ("properties.", "properties.InitiatingProcessFileName")),
    ("auditData.", "auditLogRecordType"),
    ("fields.", "_id"),
    ("fields.", "streams"),
    ("jsonPayload.", "insertId"),
    ("message.", "index"),
    *(("value.", "partition"), ("value.", "offset")),
    ("columns.", "hostIdentifier"),
    *(("content.attributes.", "content.service"), ("attributes.attributes.", "attributes.service")),
    ("attributes.", "_id"),
    *(("body.", "timeUnixNano"), ("body.", "observedTimeUnixNano")),
    ("_", "short_message"),
)
"""Names below which a row stands whole, where another name stands beside, if one is told."""
_WRAPPED: Final = 4
"""So many wrappers are taken off, one inside another."""
_BESIDE: Final = frozenset(beside for _, beside in _WRAPPERS if beside)


def find_reading(names: Names, deep: int = 0) -> Reading | None:
    """How rows with these fields are read, which stood in ``deep`` wrappers; None where they are what they
    say."""
    return _find_kept(names, deep) if are_few(names) else _find(names, deep)


def _find(names: Names, deep: int) -> Reading | None:
    if not READ.isdisjoint(names):
        pairs = tuple((f".{name}" if name in READ else name, name) for name in names)
        return partial(_unwrap, pairs, find_reading(tuple(name for name, _ in pairs), deep))
    known = {"Channel", "EventID"} <= set(names)
    own = _find_known(names) if known else None
    others = tuple(_find_others(names, deep, known))
    if known and not others:
        return own
    if known or tells_its_log(names):
        if len(others) == 1 and _reads_texts(others[0]) and not tells_its_log(names, carried=False):
            return partial(_read_carried, others[0])
        # What a row says it is, it stays, whatever else stands in it.
        return partial(read_together, others, own or take_as_it_is) if others else own
    return _together(others)


_find_kept = lru_cache(maxsize=256)(_find)


def _reads_texts(reading: Reading) -> bool:
    return isinstance(reading, partial) and reading.func in (read_texts, read_program)


def _read_carried(texts: Reading, row: Row) -> Row:
    """A row of a journal by what it carries, where that says of what kind it is: it is of no other then."""
    read = texts(row)
    own = read.own if isinstance(read, Made) else None
    carried = {name: value for name, value in read.items() if name not in row} if own is None else own
    return read if says_its_kind(carried) else read_together((texts,), take_as_it_is, row)


def _find_known(names: Names) -> Reading | None:
    """How rows are read that name their channel and their event themselves."""
    here = set(names)
    if "Name" in here and here.isdisjoint(_PROVIDERS):
        return partial(_read_quoted, _find_known(tuple(name for name in names if name != "Name")))
    if "RuleTitle" in here and (shown := find_timeline_reading(names)) is not None:
        # A timeline has all data of an event in one column.
        if not has_data(tuple(name for name in names if name != "Details")):
            return shown
        known = _find_known(tuple(name for name in names if name != "RuleTitle"))
        return partial(read_together, (Apart(shown),), known or take_as_it_is)
    if "DescriptionTitle" in here and (parted := find_parted_reading(names)) is not None:
        known = _find_known(tuple(name for name in names if name != "DescriptionTitle"))
        return parted if known in (None, take_as_it_is) else partial(read_together, (Apart(known),), parted)
    whole = next((name for name in WHOLE if name in here), None)
    if whole is not None:
        return partial(complete, whole)
    flat = find_flat_reading(names) if keeps_data(names) else None
    if flat is not None:
        data = frozenset(name for name in names if has_data((name,)))
        return partial(_read_columns_apart, flat, data) if data else flat
    # Such rows get names beside their own (:func:`comity.findings.deriving.add_derived`).
    return take_as_it_is if any(here.issuperset(told) for told in NAMES) else None


_PROVIDERS: Final = ("Provider_Name", *SAME["Provider_Name"])


def _read_quoted(reading: Reading | None, row: Row) -> Row:
    """A row whose ``Name`` is its provider's, as a search takes it from the text of XML: in its quotes."""
    name = row["Name"]
    if isinstance(name, str) and len(name) > 2 and name[0] == name[-1] == "'":
        row = {**row, "Provider_Name": name[1:-1]}
    return row if reading is None else reading(row)


def _read_columns_apart(flat: Reading, data: frozenset[str], row: Row) -> Row:
    """A row that has data of an event itself and in a column too; each by itself is asked as well."""
    read = flat(row)
    if read is row:
        return read
    made = copy_made(read)
    bare = {name: value for name, value in row.items() if name not in data}
    column = flat(bare)
    told = () if column.keys() <= {*bare, *_SYSTEM} else readings_in(column)
    made.apart = (*made.apart, row, *told)
    return made


def _find_others(names: Names, deep: int, known: bool) -> Iterator[Reading]:
    """Each way in which the names of rows let them be read; ``known``: they name their channel and event."""
    here = set(names)
    unwrapped = _find_unwrapping(names, here) if deep < _WRAPPED else None
    if unwrapped is not None:
        yield _unwrapping(unwrapped, deep)
    nested = tuple(_find_events(names, here, known))
    yield from nested
    audit = tuple(find_audit_readings(names, _find_sensor))
    if "full_log" in here:
        yield from (partial(read_text_or, "full_log", each, find_reading) for each in audit)
    else:
        yield from audit
    found = (
        *find_device_readings(names),
        *find_flow_readings(names),
        # What Elastic's agent tells of a record, it tells as a sensor, too.
        *(() if audit and tells_records(names) else find_sensor_readings(names)),
        *find_agent_readings(names),
        *(() if known else (*find_web_readings(names), *find_service_readings(names))),
    )
    if found:
        text = next((name for name in _ORIGINALS if name in here), None)
        told = _together(found)
        if text is not None and told is not None and not audit:
            told = partial(read_text_or, text, told, find_reading)
        if text is None:
            yield from found
        elif told is not None:
            yield told
    yield from find_inside_readings(names)
    if known:
        if texts := _texts_of_others(names, here):
            yield Apart(partial(read_others, texts, find_reading))
        return
    # What an event in a part of the row says, its columns do not say again.
    columns = tuple(name for name in names if not name.startswith(_INSIDE)) if nested else names
    flat = find_flat_reading(columns)
    alone = not (found or nested or audit or unwrapped is not None)
    texts = tuple(name for name in TEXTS if name in here)
    if not alone:
        # A text inside of an event of Windows is not an event.
        if texts and not nested:
            yield Apart(partial(read_texts, texts, find_reading))
        texts = ()
    if flat is not None:
        whole = next((name for name in WHOLE if name in here), None)
        flat = flat if whole is None else partial(read_whole, whole, flat)
        yield partial(read_flat_or_texts, flat, texts, find_reading) if texts else flat
        return
    program = next((name for name in PROGRAM_NAMES if name in here), None)
    if program is not None and texts:
        yield partial(read_program, program, texts, find_reading)
    elif texts:
        yield partial(read_texts, texts, find_reading)


def _texts_of_others(names: Names, here: set[str]) -> Names:
    """The texts of an event of Windows that need not be its own: beside its data, its message is."""
    texts = tuple(name for name in TEXTS if name in here)
    return tuple(name for name in texts if name not in MESSAGES) if texts and has_data(names) else texts


def _find_sensor(names: Names) -> Reading | None:
    return _together(find_sensor_readings(names))


def _together(found: Sequence[Reading]) -> Reading | None:
    return partial(read_together, found, None) if len(found) > 1 else found[0] if found else None


def _find_unwrapping(names: Names, here: set[str]) -> Pairs | None:
    """The names of a row that stands below another name, and its own; None where none does."""
    wrappers = tuple(
        wrapper
        for wrapper, beside in _WRAPPERS
        if (not beside or beside in here)
        and (sum(name.startswith(wrapper) for name in names) > 2 or f"{wrapper}_raw" in here)
    )
    if _DETECTED in wrappers:
        # What found the event says of it in words of its own, and calls them as data is called.
        inside = (
            name.removeprefix(_DETECTED) if name.startswith(_DETECTED) else f".{name}" for name in names
        )
        return tuple(zip(inside, names, strict=True))
    if wrappers:
        return tuple((name.removeprefix(_longest(wrappers, name)), name) for name in names)
    typed = sum(name[-2:] in _TYPED for name in names)
    if typed > 1 and not here.isdisjoint(_STAMPED):
        return tuple((each, name) for name in names for each in _untyped(name))
    if "System_Channel" in here and "System_EventID" in here:
        return tuple((_SECTION.sub("", name), name) for name in names)
    if any(name.startswith(_JOINED) for name in names):
        return tuple((_part(name), name) for name in names)
    return None


def _longest(wrappers: Names, name: str) -> str:
    return max((each for each in wrappers if name.startswith(each)), key=len, default="")


def _find_events(names: Names, here: set[str], known: bool) -> Iterator[Reading]:
    """How rows are read that nest an event of Windows under names that tell it."""
    collectors = find_collectors(here)
    yield from (partial(_read_event, collector_pairs(names, place), False) for place in collectors)
    for prefix in ("Event.", ""):
        if any(name.startswith(f"{prefix}System.Channel") for name in names) or (
            all(any(name.startswith(f"{prefix}System.{part}") for name in names) for part in _LEAST)
        ):
            inside = (f"{prefix}EventData.", f"{prefix}UserData.")
            numbers = f"{prefix}System.EventID.Value" in here
            yield _event_reading(names, partial(_event_pairs, prefix), inside, numbers)
    data = any(name.startswith("winlog.event_data.") for name in names)
    old = not collectors and any(name.startswith("event_data.") for name in names)
    if data or old or here & {"winlog.channel", "winlog.event_id"}:
        yield _event_reading(names, _winlog_pairs, _DATA[:2] if data else _DATA[2:])
    elif {"event.code", "event.provider"} <= here and not known:
        yield partial(_read_common, _winlog_pairs(names))
    if any(name.startswith(("data.win.system.", "win.system.")) for name in names):
        inside = ("data.win.eventdata.", "win.eventdata.")
        escaped = tuple(name for name in names if name.startswith(inside))
        yield partial(read_escaped, escaped, _event_reading(names, wazuh_pairs, inside))


_DATA: Final = ("winlog.event_data.", "winlog.user_data.", "event_data.", "user_data.")
"""Below which names collectors keep the data of an event, newer ones first."""


def _event_reading(
    names: Names, pairs_of: Callable[[Names], Pairs], inside: tuple[str, ...], numbers: bool = False
) -> Reading:
    """How rows are read that nest an event, whose data is below the names ``inside``. Where names of data
    stand beside it as well, it is asked without them, too."""
    pairs = pairs_of(names)
    beside = frozenset(
        own
        for name, own in pairs
        if (has_data((name,)) if name == own else own.startswith(_DATA) and not own.startswith(inside))
    )
    if not beside or not any(own.startswith(inside) for own in names):
        return partial(_read_event, pairs, numbers)
    alone = pairs_of(tuple(name for name in names if name not in beside))
    return partial(_read_events_apart, pairs, alone, numbers)


def _read_events_apart(pairs: Pairs, alone: Pairs, numbers: bool, row: Row) -> Row:
    made = copy_made(_read_event(pairs, numbers, row))
    made.apart = (_read_event(alone, numbers, row),)
    return made


def take_as_it_is(row: Row) -> Row:
    """How rows are read that are what they say, but of which some have fields derived."""
    return row


def _unwrapping(pairs: Pairs, deep: int) -> Reading:
    inner = tuple(dict.fromkeys(name for name, _ in pairs))
    both = partial(_unwrap, pairs, find_reading(inner, deep + 1))
    below: dict[str, list[tuple[str, str]]] = {}
    for name, own in pairs:
        if name != own:
            below.setdefault(own.removesuffix(name), []).append((name, own))
    if len(below) == 1 and len(pairs) == len(*below.values()):
        return both
    alone = []
    # Without the names by which a wrapper is one, some rows are not told.
    marks = [(name, own) for name, own in pairs if name == own and name in _BESIDE]
    for some in below.values():
        some += marks
        names = tuple(dict.fromkeys(name for name, _ in some))
        alone.append(partial(_unwrap, tuple(some), find_reading(names, deep + 1)))
    return partial(_unwrap_apart, both, alone)


def _unwrap_apart(both: Reading, alone: Sequence[Reading], row: Row) -> Row:
    """A row that stands below a name, with what stands beside it; without that it is asked, too."""
    made = copy_made(both(row))
    made.apart = (*made.apart, *(part for each in alone for part in readings_in(each(row))))
    return made


def _unwrap(pairs: Pairs, reading: Reading | None, row: Row) -> Row:
    inner: dict[str, Value] = {}
    put_all(inner, ((name, row[source]) for name, source in pairs))
    return inner if reading is None else reading(inner)


def _rename(pairs: Pairs, numbers: bool, row: Row) -> Row:
    """The row under other names: pairs of a name and the row's own. ``numbers``: hexadecimal data came as
    numbers."""
    fields: dict[str, Value] = Made() if numbers else {}
    put_all(fields, ((name, row[source]) for name, source in pairs))
    _pair_up(fields)
    if numbers:
        for name in HEXADECIMAL & fields.keys():
            value = fields[name]
            if type(value) is int and value >= 0:
                fields[name] = hex(value)
    return fields


def _read_event(pairs: Pairs, numbers: bool, row: Row) -> Row:
    """A nested event, which is one of Windows even where it names no channel: then it is of the one that its
    provider alone writes into."""
    fields = _rename(pairs, numbers, row)
    if fields.get("Channel") is not None or "EventID" not in fields:
        return fields
    provider = fields.get("Provider_Name")
    place = PROVIDERS.get(fold(provider), "") if isinstance(provider, str) else ""
    return Made({**fields, "Channel": place})


def _read_common(pairs: Pairs, row: Row) -> Row:
    """A row of the Elastic Common Schema without winlogbeat's own fields: an event of Windows where its
    provider is one of these."""
    provider = row["event.provider"]
    known = fold(provider) if isinstance(provider, str) else ""
    if known not in PROVIDERS and not known.startswith("microsoft-windows-"):
        return row
    return _read_event(pairs, False, row)


_INSIDE: Final = ("event.", "winlog.")
_TYPED: Final = frozenset(("_s", "_d", "_b", "_g", "_t"))
"""What a workspace of Azure puts behind the names of a custom table: the kind of the values."""
_STAMPED: Final = frozenset(("TimeGenerated", "TimeGenerated [UTC]", "Type", "_ResourceId", "TenantId"))


def _untyped(name: str) -> tuple[str, ...]:
    """A column's name without its kind, and with points where the workspace wrote lines for them."""
    if name[-2:] not in _TYPED:
        return (name,)
    plain = name[:-2]
    return (plain, plain.replace("_", ".")) if "_" in plain.strip("_") else (plain,)


def _part(name: str) -> str:
    """A name of winlogbeat in which a collector wrote lines for points."""
    for joined in _JOINED:
        if name.startswith(joined):
            rest = name.removeprefix(joined)
            inner = next((part for part in ("event_data_", "user_data_") if rest.startswith(part)), "")
            return f"winlog.{inner[:-1]}.{rest.removeprefix(inner)}" if inner else f"winlog.{rest}"
    return name


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
        system = frozenset(fields)
        named = ((name, value) for name, value in zip(names, values, strict=True) if isinstance(name, str))
        put_all(fields, ((f"EventData_{name}" if name in system else name, value) for name, value in named))


# What winlogbeat calls data that has no name.
_UNNAMED = re.compile(r"param[1-9][0-9]{0,2}", re.ASCII)
_SECTION = re.compile(r"^(?:System|EventData|UserData)_(?=.)")
"""The parts of an event, written with a line before the names of what is in them."""
_JOINED: Final = ("winlogbeat_winlog_", "winlog_")
_ORIGINALS: Final = ("event.original", "properties.log")
"""Where the Elastic Common Schema and Azure keep the row as it came."""
_SYSTEM: Final = frozenset(
    ("Channel", "EventID", "Provider_Name", "Computer", "EventRecordID", "TimeCreated")
)
"""What a flat reading gives names to, beside data."""
_LEAST: Final = ("EventID", "Provider")
"""What of its ``System`` a nested event has at least, where it names no channel."""
_NAMES_OF_DATA: Final = tuple(
    f"Data.{mark}Name" for mark in ("@", "-", "", "#attributes.", "$.", "_attributes.", "attributes.")
)
"""Where writers of JSON keep the attribute of ``<Data Name="…">``."""
_ATTRIBUTE = re.compile(r"(?:\.#attributes|_attributes|\.@attributes|\.\$)(?=\.)")


def _plain(name: str) -> str:
    """A name below ``System`` without what marks text and attributes."""
    parts = [part.removeprefix("@").removeprefix("-") for part in _ATTRIBUTE.sub("", name).split(".")]
    return "_".join(part for part in parts if part not in ("#text", "Value", "value", "$", "_", "_text"))


def _event_pairs(prefix: str, names: Names) -> Pairs:
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
    if parts[:1] == ["Data"] and len(parts) == 2 and parts[1]:
        parts = parts[1:]
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
