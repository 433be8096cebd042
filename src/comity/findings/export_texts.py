"""Events that stand inside of a text: as XML, as JSON in a column, as a message for people.

Exporters put a whole event, or its data, into one field of a row. What such a text says is read here; whose
fields it may fill is decided by :mod:`comity.findings.exports`. Every reading is linear in the text and gives
what it finds: a text that breaks off gives what stands before the break.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from comity.findings.export_messages import part_line
from comity.findings.rows import Value

EVENT: Final = 1 << 20
"""How much of a text that holds an event is read, in characters."""

_SYSTEM = re.compile(
    r"<(EventID|Channel|Computer|EventRecordID|Version|Level|Task|Opcode|Keywords)"
    r"(?: [^<>]{0,300})?>([^<]*+)<"
)
_DATA = re.compile(
    r"""<Data(?: Name=(?:"([^"<]{1,256})"|'([^'<]{1,256})'))?(?: [^<>/]{0,300})?(?:/>|>([^<]*+)</Data>)"""
)
_USER = re.compile(r"<([A-Za-z_][A-Za-z0-9_.\-]{0,80})(?: [^<>]{0,300})?>([^<]*+)</")
_ATTRIBUTES: Final = (
    ("Provider_Name", re.compile(r"""<Provider [^>]{0,300}?\bName=(?:"([^"<]*+)"|'([^'<]*+)')""")),
    ("TimeCreated", re.compile(r"""<TimeCreated [^>]{0,300}?\bSystemTime=(?:"([^"<]*+)"|'([^'<]*+)')""")),
    ("Security_UserID", re.compile(r"""<Security [^>]{0,300}?\bUserID=(?:"([^"<]*+)"|'([^'<]*+)')""")),
)
_ENTITY = re.compile(r"&(?:(lt|gt|amp|quot|apos)|#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6}));")
_ENTITIES: Final = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_PAIR = re.compile(r"([A-Za-z][A-Za-z0-9]{1,40}): ?(.*)")
_DEPTH: Final = 8


class Held(Iterable[Mapping[str, Value]]):
    """Rows that a row holds, made one after another whenever they are gone through, by ``make``: never are
    those of many rows there together."""

    def __init__(self, make: Callable[[], Iterator[Mapping[str, Value]]]) -> None:
        self._make = make

    def __iter__(self) -> Iterator[Mapping[str, Value]]:
        return self._make()


class Made(dict[str, Value]):
    """A row with texts that do not stand in its bytes as they are: unpacked, unescaped or written anew.
    ``own`` is the row without the other names that rules ask for, where it got any; ``inside`` are rows that
    it holds, each to be read and asked by itself, to be gone through as often as one likes (:class:`Held`);
    ``apart`` are the readings that it was put together of, read already, each to be asked by itself too, and
    perhaps :data:`MORE`; ``partly`` is why not all of it is asked, where that is so."""

    own: Mapping[str, Value] | None = None
    inside: Iterable[Mapping[str, Value]] = ()
    apart: Sequence[Mapping[str, Value]] = ()
    partly: str = ""


MORE: Final = Made()
"""Stands among the readings of a row for more of them than are asked."""
MORE_ROWS: Final = Made()
"""Stands there for more rows that it holds than are asked."""
WHY_PARTLY: Final = {
    id(MORE): "it can be read in more ways than are asked of a row",
    id(MORE_ROWS): "it holds more rows than are asked of one",
}


def readings_in(row: Mapping[str, Value]) -> Sequence[Mapping[str, Value]]:
    """A row as it was read, and the readings that it was put together of."""
    return (row, *row.apart) if isinstance(row, Made) else (row,)


def length_of(row: Mapping[str, Value]) -> int:
    """How many characters the names and the texts of a row have."""
    length = sum(map(len, row))
    for value in row.values():
        if isinstance(value, str):
            length += len(value)
        elif isinstance(value, list):
            length += sum(len(each) for each in value if isinstance(each, str))
    return length


def copy_made(row: Mapping[str, Value]) -> Made:
    """A copy of a row, with all that is known of how it was read."""
    made = Made(row)
    if isinstance(row, Made):
        made.own, made.inside, made.apart = row.own, row.inside, row.apart
        made.partly = row.partly
    return made


def put_all(fields: dict[str, Value], pairs: Iterable[tuple[str, Value]]) -> None:
    """Add values to fields; of a name that is there, all values count. In time of the number of values."""
    many: dict[str, list[Value]] = {}
    for name, value in pairs:
        if name not in fields:
            fields[name] = value
            continue
        listed = many.get(name)
        if listed is None:
            before = fields[name]
            listed = many[name] = list(before) if isinstance(before, list) else [before]
            fields[name] = listed
        if isinstance(value, list):
            listed += value
        else:
            listed.append(value)


def is_event(text: str) -> bool:
    """Whether a text looks like an event as XML."""
    return "<Event" in text and "<System>" in text


def without_prefix(text: str) -> str:
    """An event as XML whose names have a prefix (``<ns0:Event …>``) without it."""
    prefix = _PREFIX.match(text)
    return text if prefix is None else re.sub(rf"(</?){re.escape(prefix[1])}:", r"\1", text[:EVENT])


_PREFIX = re.compile(r"<([A-Za-z_][A-Za-z0-9_.\-]{0,63}):Event[ >]")


def read_system(text: str) -> dict[str, Value]:
    """What the ``System`` of an event as XML says, under the names of ``evtx-jsonl/1``."""
    fields: dict[str, Value] = {}
    head = text[: _ends(text, "<EventData", "<UserData")]
    for name, pattern in _ATTRIBUTES:
        found = pattern.search(head)
        if found is not None:
            fields[name] = unescape(found[1] if found[1] is not None else found[2])
    for name, value in _SYSTEM.findall(head):
        fields[name] = unescape(value)
    return fields


def read_data(text: str) -> dict[str, Value]:
    """The data of an event as XML, or of its ``EventData`` or ``UserData`` alone; data without a name is
    ``Data``."""
    fields: dict[str, Value] = {}
    put_all(fields, _pairs_of_data(text))
    return fields


def _pairs_of_data(text: str) -> Iterator[tuple[str, Value]]:
    for found in _DATA.finditer(text):
        yield found[1] or found[2] or "Data", unescape(found[3] or "")
    begin = text.find("<UserData")
    if begin >= 0:
        for name, value in _USER.findall(text, begin + 9):
            yield name, unescape(value)


def _ends(text: str, *marks: str) -> int:
    places = [place for place in map(text.find, marks) if place >= 0]
    return min(places, default=len(text))


def unescape(text: str) -> str:
    """``text`` with XML's own entities and its numbers of characters written out."""
    return _ENTITY.sub(_character, text) if "&" in text else text


def _character(found: re.Match[str]) -> str:
    if found[1]:
        return _ENTITIES[found[1]]
    number = int(found[2]) if found[2] else int(found[3], 16)
    return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else found[0]


def read_column(text: str) -> dict[str, Value]:
    """The data of an event in a column of its own: JSON, as EvtxECmd and clouds hold it, or XML."""
    cut = text[:EVENT]
    start = cut.lstrip()[:1]
    if start == "<":
        return read_data(cut)
    return _read_json(cut) if start == "{" else {}


def _read_json(text: str) -> dict[str, Value]:
    found: dict[str, Value] = {}
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return found
    if isinstance(parsed, dict):
        put_all(found, _pairs_of_json(parsed))
    return found


def _pairs_of_json(parsed: Mapping[str, Any]) -> Iterator[tuple[str, Value]]:
    data = parsed.get("EventData", parsed.get("UserData", parsed))
    items = data.get("Data", data) if isinstance(data, dict) else None
    for item in items if isinstance(items, list) else [items]:
        if isinstance(item, dict) and isinstance(item.get("@Name"), str):
            value = item.get("#text", "")
            yield item["@Name"], value if isinstance(value, str | int) else None
        elif isinstance(item, dict):
            yield from _inner_pairs(item, 0)
        elif isinstance(item, str):
            yield "Data", item


def _inner_pairs(item: Mapping[str, object], depth: int) -> Iterator[tuple[str, Value]]:
    for name, value in item.items():
        if isinstance(value, dict) and depth < _DEPTH:
            yield from _inner_pairs(value, depth + 1)
        elif isinstance(value, str | int) and not name.startswith("@"):
            yield name, value


def read_message(text: str) -> dict[str, Value]:
    """A message of Sysmon, which is a line for each name and value in every language of Windows."""
    found: dict[str, Value] = {}
    cut = text[:EVENT]
    for line in (cut if "\n" in cut else part_line(cut, sysmon=True)).splitlines()[1:64]:
        pair = _PAIR.fullmatch(line)
        if pair is not None:
            found.setdefault(pair[1], pair[2])
    return found
