"""Fields of one row, for rules to look at. The row's bytes are the evidence; this is a reading.

Every reading is total and deterministic: a row gives fields, or None (a header, comment or blank row,
which has none), or :class:`Unparsed` with a reason, which callers count and show.

Text is UTF-8; each byte that is not becomes ``\\xNN`` (four characters), so no row is lost and no two
stray bytes look alike. JSON that is not UTF-8 is unparsed.

In a W3C log the value ``-`` means that there is none, and reads as None; so it does in a Zeek log, where
``(empty)`` is the empty text.

JSON, where readers differ: a duplicate key, or two paths that flatten to one name, gives a list of all
the values in order, so that nothing hides behind the last one; NaN, Infinity and -Infinity, which are
not JSON and which several makers write, are read as these texts; an integer beyond 64 bits, and a number
too large for a double, keep their text as a string; a lone surrogate keeps its escape (``\\udNNN``) as
text; nesting beyond 64 is unparsed.

A row of more values than :data:`comity.json_width.VALUES`, or with more columns, is unparsed: a row can be
as long as its splitter allows, and each of its values takes a hundred bytes of a memory.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite
from typing import Final, TypeAlias

from comity.evidence.formats import FormatName, choose_delimiter
from comity.json_width import VALUES, has_many_values

Value: TypeAlias = "str | int | float | bool | Sequence[Value] | None"

_DEPTH: Final = 64
_BOM = "\ufeff"
MANY: Final = f"more than {VALUES} values"
COLUMNS: Final = f"more than {VALUES} columns"


@dataclass(frozen=True, slots=True)
class Unparsed:
    """A row that its format cannot read, and why."""

    reason: str


class _UnreadableError(ValueError):
    """Carries the reason out of nested parsing."""


def text_of(raw: bytes) -> str:
    """The row as text, without the ``\\r`` of its line end."""
    return raw.removesuffix(b"\r").decode("utf-8", "backslashreplace")


def fields_of(
    format_name: FormatName, raw: bytes, context: bytes | None
) -> dict[str, Value] | Unparsed | None:
    """The fields of a row under its header row ``context`` (see :mod:`comity.evidence.rows`)."""
    if format_name == "opaque/1":
        return None
    if format_name in ("jsonl/1", "evtx-jsonl/1"):
        if not raw.strip():
            return None
        try:
            parsed = _parse_object(raw)
        except _UnreadableError as problem:
            return Unparsed(str(problem))
        return event_fields(parsed) if format_name == "evtx-jsonl/1" else flatten_object(parsed)
    text = text_of(raw)
    if not text.strip():
        return None
    if format_name == "lines/1":
        return {"message": text}
    if format_name == "w3c/1":
        if text.removeprefix(_BOM).startswith("#"):
            return None
        if context is None:
            return Unparsed("no #Fields row stands before this row")
        names, tabs = _w3c_names(context)
        if not names and len(context) > VALUES:
            return Unparsed(COLUMNS)
        if len(text) > VALUES and text.count(" ") + text.count("\t") >= VALUES:
            return Unparsed(MANY)
        values = _w3c_values(text, len(names), tabs)
        return _pair(names, [None if value == "-" else value for value in values])
    if format_name == "zeek/1":
        return _zeek_fields(text, context)
    if context is None:
        return None
    names, delimiter, named = _csv_names(context)
    if not names:
        return Unparsed(COLUMNS)
    cells = _csv_cells(text, delimiter)
    if not cells:
        return Unparsed(MANY)
    return _pair(names[:named] if len(cells) == named else names, cells)


def _pair(names: Sequence[str], values: Sequence[str | None]) -> dict[str, Value] | Unparsed:
    if len(values) != len(names):
        return Unparsed(f"{len(values)} values for {len(names)} columns")
    fields: dict[str, Value] = dict(zip(names, values, strict=True))
    if len(fields) != len(names):
        fields = {}
        for name, value in zip(names, values, strict=True):
            _put(fields, name, value)
    return fields


def _put(fields: dict[str, Value], name: str, value: Value) -> None:
    if name not in fields:
        fields[name] = value
        return
    both = fields[name]
    if not isinstance(both, list):
        fields[name] = both = [both]
    # The list is this field's own; made anew for each value, many of one name take the square of the time.
    both += value if isinstance(value, list) else [value]


@lru_cache(maxsize=64)
def _w3c_names(context: bytes) -> tuple[tuple[str, ...], bool]:
    text = text_of(context).removeprefix(_BOM).removeprefix("#Fields:").strip(" \t")
    tabs = "\t" in text
    if len(text) > VALUES and text.count("\t" if tabs else " ") >= VALUES:
        return (), tabs
    return tuple(text.split("\t") if tabs else text.split()), tabs


_QUOTED_OR_BARE = re.compile(r'"((?:[^"]|"")*+)"(?= |$)|([^ ]*+)')


def _w3c_values(text: str, count: int, tabs: bool) -> list[str]:
    if tabs:
        return text.split("\t")
    values = text.rstrip(" ").split(" ")
    # Some write blanks between the names and tabs between the values.
    if len(values) != count and text.count("\t") + 1 == count:
        return text.split("\t")
    if len(values) == count or '"' not in text:
        return values
    # W3C extended logs may quote a value that holds spaces; tried only where plain cutting fails.
    quoted: list[str] = []
    at = 0
    while at <= len(text):
        match = _QUOTED_OR_BARE.match(text, at)
        assert match is not None
        inside, bare = match.groups()
        quoted.append(bare if inside is None else inside.replace('""', '"'))
        at = match.end() + 1
    return quoted


def _zeek_fields(text: str, context: bytes | None) -> dict[str, Value] | Unparsed | None:
    """A Zeek row: ``-`` is no value (null), ``(empty)`` an empty one; sets and numbers stay text."""
    if text.startswith("#"):
        return None
    if context is None:
        return Unparsed("no #fields row stands before this row")
    names = _zeek_names(context)
    if not names and len(context) > VALUES:
        return Unparsed(COLUMNS)
    if len(text) > VALUES and text.count("\t") >= VALUES:
        return Unparsed(MANY)
    values = [None if value == "-" else "" if value == "(empty)" else value for value in text.split("\t")]
    return _pair(names, values)


@lru_cache(maxsize=64)
def _zeek_names(context: bytes) -> tuple[str, ...]:
    text = text_of(context)
    return () if len(text) > VALUES and text.count("\t") > VALUES else tuple(text.split("\t")[1:])


VIEWED: Final = frozenset(
    (
        *("Event ID", "Ereignis-ID", "ID de l’événement", "ID de l'événement", "Id. del evento"),
        *("ID evento", "ID do Evento", "ID do evento", "Identificação do Evento", "Gebeurtenis-id"),
        *("Gebeurtenis-ID", "Händelse-ID", "Hendelses-ID", "Hændelses-id", "Identyfikator zdarzenia"),
        *("ID události", "Код события", "イベント ID", "事件 ID", "事件識別碼", "이벤트 ID"),
    )
)
"""What the fourth of the five columns is called that the viewer of Windows events names, in its languages; it
writes a sixth, the message, without a name. Whoever cuts the message off leaves rows of five."""


@lru_cache(maxsize=64)
def _csv_names(context: bytes) -> tuple[tuple[str, ...], str, int]:
    """The columns of a table, what stands between its cells, and how many columns it names itself."""
    delimiter = choose_delimiter(context).decode()
    cells = _csv_cells(text_of(context).removeprefix(_BOM), delimiter)
    named = len(cells)
    if is_viewed(cells):
        cells = [*cells, "Message"]
    return tuple(cell.strip() or f"column_{n}" for n, cell in enumerate(cells, 1)), delimiter, named


def is_viewed(cells: Sequence[str]) -> bool:
    """Whether these are the five columns that the viewer of events names."""
    return len(cells) == 5 and cells[3].strip() in VIEWED


def name_columns(format_name: FormatName, context: bytes | None) -> tuple[Sequence[str], str] | None:
    """The columns that a header row names, and what stands between cells; None without one, or for a format
    that has none."""
    if context is None:
        return None
    if format_name == "csv/1":
        return _csv_names(context)[:2]
    if format_name == "zeek/1":
        return _zeek_names(context), "\t"
    if format_name == "w3c/1":
        names, tabs = _w3c_names(context)
        return names, "\t" if tabs else " "
    return None


def _csv_cells(text: str, delimiter: str) -> list[str]:
    """The cells of a row: one at least, or none where there are too many to be read."""
    if '"' not in text:
        many = len(text) > VALUES and text.count(delimiter) >= VALUES
        return [] if many else text.split(delimiter)
    cells: list[str] = []
    at = 0
    while True:
        cell = ""
        if text.startswith('"', at):
            at += 1
            while True:
                quote = text.find('"', at)
                if quote < 0:
                    cell, at = cell + text[at:], len(text)
                    break
                cell += text[at:quote]
                at = quote + 1
                if not text.startswith('"', at):
                    break
                cell, at = cell + '"', at + 1
        cut = text.find(delimiter, at)
        if cut < 0:
            cells.append(cell + text[at:])
            return cells
        cells.append(cell + text[at:cut])
        if len(cells) >= VALUES:
            return []
        at = cut + 1


# JSON


class _Many(list[object]):
    """The values of a duplicate key, which are not the same thing as one list."""


def _take_pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        several: dict[str, _Many] = {}
        for name, value in pairs:
            several.setdefault(name, _Many()).append(value)
        found = {name: many[0] if len(many) == 1 else many for name, many in several.items()}
    return found


def _take_integer(token: str) -> int | str:
    if len(token) < 19:
        return int(token)
    if len(token) > 20:
        return token
    number = int(token)
    return number if -(2**63) <= number < 2**63 else token


def _take_float(token: str) -> float | str:
    number = float(token)
    return number if isfinite(number) else token


_DECODER = json.JSONDecoder(
    object_pairs_hook=_take_pairs,
    parse_int=_take_integer,
    parse_float=_take_float,
    parse_constant=str,
)


def _parse_object(raw: bytes) -> dict[str, object]:
    if has_many_values(raw):
        raise _UnreadableError(MANY)
    try:
        text = raw.decode("utf-8").removeprefix(_BOM)
    except UnicodeDecodeError as problem:
        raise _UnreadableError(f"not UTF-8 at byte {problem.start}") from None
    try:
        found = _DECODER.decode(text.strip(" \t\r"))
    except RecursionError:
        raise _UnreadableError("nested too deeply") from None
    except json.JSONDecodeError as problem:
        raise _UnreadableError(f"not JSON: {problem.msg} at character {problem.pos}") from None
    if not isinstance(found, dict):
        raise _UnreadableError("not a JSON object")
    return found


def flatten_object(parsed: dict[str, object]) -> dict[str, Value] | Unparsed:
    """The fields of a parsed JSON object."""
    fields: dict[str, Value] = {}
    try:
        _flatten(parsed, "", fields, 0)
    except _UnreadableError as problem:
        return Unparsed(str(problem))
    return fields


def _clean(text: str) -> str:
    if text.isascii():
        return text
    return text.encode("utf-8", "backslashreplace").decode()


def _flatten(value: object, name: str, fields: dict[str, Value], depth: int) -> None:
    """Objects become dotted names. A list, with the lists in it, is one list of its plain values; the
    objects in it are flattened one after another, so that a name they share gets a list."""
    if depth > _DEPTH:
        raise _UnreadableError("nested too deeply")
    if isinstance(value, dict):
        if not value and name:
            _put(fields, name, [])
        for key, item in value.items():
            _flatten(item, f"{name}.{_clean(key)}" if name else _clean(key), fields, depth + 1)
    elif isinstance(value, _Many):
        for item in value:
            _flatten(item, name, fields, depth + 1)
    elif isinstance(value, list):
        plain: list[Value] = []
        objects: list[dict[str, object]] = []
        _part_items(value, plain, objects, depth)
        if plain or not objects:
            _put(fields, name, plain)
        for item in objects:
            _flatten(_with_text(item), name, fields, depth + 1)
    else:
        _put(fields, name, _scalar(value))


def _with_text(item: dict[str, object]) -> dict[str, object]:
    """An object of a list, so that names and values of the list stay level: one that stands for
    ``<Data Name="…"/>`` and says nothing of its text, with its empty text; one whose value is a security
    identifier as .NET writes it, with the text of that."""
    inner = item.get("Value")
    if isinstance(inner, dict) and {"BinaryLength", "Value"} <= inner.keys():
        return {**item, "Value": inner["Value"]}
    for mark, text in _TEXT_BESIDE:
        if mark in item and text not in item and len(item) == 1:
            return {**item, text: ""}
    return item


_TEXT_BESIDE: Final = (("@Name", "#text"), ("-Name", "#text"), ("#attributes", "#text"), ("$", "_"))
"""How writers of JSON call the attributes of an element of XML, and its text."""


def _part_items(
    items: Iterable[object], plain: list[Value], objects: list[dict[str, object]], depth: int
) -> None:
    if depth > _DEPTH:
        raise _UnreadableError("nested too deeply")
    for item in items:
        if isinstance(item, list):
            _part_items(item, plain, objects, depth + 1)
        elif isinstance(item, dict):
            objects.append(item)
        else:
            plain.append(_scalar(item))


def _scalar(value: object) -> Value:
    if isinstance(value, str):
        return _clean(value)
    assert value is None or isinstance(value, bool | int | float)
    return value


# Windows events


def event_fields(line: dict[str, object]) -> dict[str, Value] | Unparsed:
    """The fields of a parsed derived event (see below)."""
    try:
        return _event_fields(line)
    except _UnreadableError as problem:
        return Unparsed(str(problem))


def _event_fields(line: dict[str, object]) -> dict[str, Value]:
    """The fields of one derived event, under the names that Sigma rules use.

    A child ``X`` of ``System`` gives ``X``, and ``X_A`` for its attribute ``A`` (``Provider_Name``,
    ``Execution_ProcessID``), with ``TimeCreated`` for its ``SystemTime``. Named data of ``EventData``
    and the innermost elements of ``UserData`` give their own names; where ``System`` has that name
    already they are ``EventData_X``. Unnamed data is the list ``Data``.
    """
    broken = line.get("broken")
    if broken is not None:
        raise _UnreadableError(f"the event log's parser could not read this record: {broken}")
    event = line.get("Event")
    if not isinstance(event, dict):
        raise _UnreadableError("not a derived event: no Event")
    fields: dict[str, Value] = {}
    system = event.get("System")
    if isinstance(system, dict):
        for name, child in system.items():
            _put_element(fields, _clean(name), child, True)
    elif system is not None:
        raise _UnreadableError("not a derived event: System is not one object")
    if "TimeCreated_SystemTime" in fields:
        fields["TimeCreated"] = fields.pop("TimeCreated_SystemTime")
    data: dict[str, Value] = {}
    for part, content in event.items():
        if part in ("System", "#attributes"):
            continue
        for each in content if isinstance(content, _Many) else [content]:
            if isinstance(each, dict):
                _put_data(data, each, 0)
            elif each is not None:
                _flatten(each, _clean(part), data, 0)
    for name, value in data.items():
        fields[f"EventData_{name}" if name in fields else name] = value
    return fields


def _put_element(fields: dict[str, Value], name: str, child: object, attributes: bool) -> None:
    if child is None or isinstance(child, bool | int | float | str):
        _put(fields, name, _scalar(child))
        return
    if not isinstance(child, dict):
        _flatten(child, name, fields, 0)
        return
    for key, item in child.items():
        if key == "#text":
            _flatten(item, name, fields, 0)
        elif key == "#attributes" and isinstance(item, dict):
            for attribute, value in item.items():
                if attributes:
                    _flatten(value, f"{name}_{_clean(attribute)}", fields, 0)
        else:
            _flatten(item, f"{name}_{_clean(key)}", fields, 0)


def _put_data(data: dict[str, Value], content: dict[str, object], depth: int) -> None:
    if depth > _DEPTH:
        raise _UnreadableError("nested too deeply")
    for name, child in content.items():
        if name == "#attributes":
            if isinstance(child, dict) and "Name" in child:
                _flatten(child["Name"], "EventDataName", data, 0)
            continue
        if isinstance(child, str):
            _put(data, _clean(name), _clean(child))
            continue
        for item in child if isinstance(child, _Many) else [child]:
            if isinstance(item, dict) and not {"#text", "#attributes"} & item.keys():
                _put_data(data, item, depth + 1)
            elif isinstance(item, dict) and "#text" not in item:
                _put_data(data, {k: v for k, v in item.items() if k != "#attributes"}, depth + 1)
            else:
                _put_element(data, _clean(name), item, False)
