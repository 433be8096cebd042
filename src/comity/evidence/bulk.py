"""Rows and their fields by the batch: the same readings as ``rows`` and ``parse``, row by row cheaper.

A *batch* is a run of consecutive rows under one header row. Its fields are exactly those that
:func:`comity.evidence.parse.fields_of` gives for each row; that is a law the tests hold this module to.

JSON lines are read by ``orjson`` where it is installed. It is not as strict as the reading asked for:
it keeps the last of several equal keys, and makes a float of an integer beyond 64 bits. So a row is
taken from it only when neither can have happened, and is read again by the exact way otherwise:

- No whitespace stands between a quote and a colon, so each key of an object is followed by ``":``.
  Where these two bytes stand as often as there are keys in the result, no key was dropped. (Inside a
  text they would be ``\\":`` and only make the count too large, which costs a second reading.)
- A number is trusted below 2^63.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, TypeAlias, overload

import re2

from comity.evidence.event_reader import EventReader
from comity.evidence.formats import FormatName
from comity.evidence.joined import JoinedLines
from comity.evidence.parse import MANY, Unparsed, Value, event_fields, fields_of, flatten_object, text_of
from comity.evidence.rows import MARKED, Passed, Row, is_header, split_lines, split_rows
from comity.json_width import VALUES, has_many_values

Fields: TypeAlias = "dict[str, Value] | Unparsed | None"

BATCH_ROWS: Final = 16_384
BATCH_BYTES: Final = 8 << 20
"""A batch is closed at so many rows or bytes, so memory does not grow with the file."""
JOINED: Final = 1 << 16
"""Lines of so many bytes together are a batch as they lie."""

_LARGEST: Final = 2**63
_MARKS: Final = (b"#", b"\xef\xbb\xbf#")


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Consecutive rows: their numbers, their bytes, and the header row that names their columns."""

    indexes: Sequence[int]
    raws: Sequence[bytes]
    context: bytes | None


def read_batches(
    format_name: FormatName, chunks: Iterable[bytes], where: str = "", passed: Passed | None = None
) -> Iterator[Batch]:
    """The rows of a file, by the batch; together they are those of :func:`comity.evidence.rows.read_rows`.
    Rows ``passed`` over are in none. Those of ``lines/1`` mostly come as :class:`JoinedLines`."""
    context: bytes | None = None
    held: list[bytes] = []
    size = 0
    first = 1
    seen = 0
    lines = format_name == "lines/1"
    split: Iterator[Sequence[bytes]]
    split = split_lines(chunks, where, passed) if lines else split_rows(format_name, chunks, where, passed)
    for rows in split:
        if isinstance(rows, JoinedLines) and JOINED <= len(rows.joined) <= BATCH_BYTES:
            yield from _cut(first, held, context)
            first += len(held)
            held, size = [], 0
            for part in rows.parted(BATCH_ROWS):
                yield Batch(indexes=range(first, first + len(part)), raws=part, context=None)
                first += len(part)
            continue
        more = sum(map(len, rows))
        if held and size + more > BATCH_BYTES:
            # Rows of megabytes are not read together: fields take many times as much as their bytes.
            yield from _cut(first, held, context)
            first += len(held)
            held, size = [], 0
        start = 0
        places = _may_head(format_name, first + len(held), rows)
        over: Sequence[int] = ()
        if passed is not None and len(passed.rows) > seen:
            over = [number - first - len(held) for number in passed.rows[seen:]]
            seen = len(passed.rows)
            places = sorted({*places, *over})
        for at in places:
            if at in over:
                # Of a row whose end is not known there is nothing here.
                held += rows[start:at]
                yield from _cut(first, held, context)
                first += len(held) + 1
                held, size, start = [], 0, at + 1
                continue
            raw = rows[at]
            if is_header(format_name, first + len(held) + at - start, raw):
                held += rows[start:at]
                yield from _cut(first, held, context)
                first += len(held)
                yield Batch(indexes=(first,), raws=(raw,), context=None)
                first += 1
                held, size, start, context = [], 0, at + 1, raw
        held += rows[start:] if start else rows
        size += more
        if len(held) >= BATCH_ROWS or size >= BATCH_BYTES:
            yield from _cut(first, held, context)
            first += len(held)
            held, size = [], 0
    yield from _cut(first, held, context)


def _may_head(format_name: FormatName, first: int, rows: Sequence[bytes]) -> Sequence[int]:
    """The places of rows that may name columns: of a table the first, else those that begin with a mark."""
    if format_name == "csv/1":
        return (0,) if first == 1 else ()
    if format_name not in MARKED:
        return ()
    return [at for at, raw in enumerate(rows) if raw.startswith(_MARKS)]


def _cut(first: int, raws: list[bytes], context: bytes | None) -> Iterator[Batch]:
    for at in range(0, len(raws), BATCH_ROWS):
        part = raws[at : at + BATCH_ROWS]
        yield Batch(indexes=range(first + at, first + at + len(part)), raws=part, context=context)


def batch_rows(rows: Iterable[Row]) -> Iterator[Batch]:
    """Rows that are there one by one (disclosed ones, say), as batches in the same order."""
    indexes: list[int] = []
    raws: list[bytes] = []
    context: bytes | None = None
    size = 0
    for row in rows:
        if raws and (row.context != context or len(raws) >= BATCH_ROWS or size >= BATCH_BYTES):
            yield Batch(indexes=indexes, raws=raws, context=context)
            indexes, raws, size = [], [], 0
        context = row.context
        indexes.append(row.index)
        raws.append(row.raw)
        size += len(row.raw)
    if raws:
        yield Batch(indexes=indexes, raws=raws, context=context)


def pick_rows(
    format_name: FormatName, chunks: Iterable[bytes], numbers: Iterable[int], where: str = ""
) -> dict[int, Row]:
    """The rows with these numbers, and the header row of each; numbers beyond the file are left out. Nothing
    behind the last of them is read."""
    wanted = sorted(set(numbers))
    found: dict[int, Row] = {}
    header: Row | None = None
    at = 0
    for batch in read_batches(format_name, chunks, where):
        if at == len(wanted):
            break
        first = batch.indexes[0]
        if len(batch.raws) == 1 and is_header(format_name, first, batch.raws[0]):
            header = Row(index=first, raw=batch.raws[0], header=0, context=None)
        while at < len(wanted) and wanted[at] <= batch.indexes[-1]:
            index = wanted[at]
            at += 1
            if header is not None:
                found[header.index] = header
            if header is None or index != header.index:
                found[index] = Row(
                    index=index,
                    raw=batch.raws[index - first],
                    header=header.index if header else 0,
                    context=batch.context,
                )
    return found


class LineFields(Sequence[Mapping[str, Value]]):
    """The fields of lines, read when they are asked for: mostly nobody does."""

    def __init__(self, raws: Sequence[bytes]) -> None:
        self._raws = raws

    def __len__(self) -> int:
        return len(self._raws)

    @overload
    def __getitem__(self, at: int) -> Mapping[str, Value]: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Mapping[str, Value]]: ...

    def __getitem__(self, at: int | slice) -> Mapping[str, Value] | Sequence[Mapping[str, Value]]:
        if isinstance(at, slice):
            return LineFields(self._raws[at])
        return {"message": text_of(self._raws[at])}


def is_blank(raw: bytes) -> bool:
    """Whether a line is blank, and so has no fields."""
    return not raw or (raw[0] in _SPACES and not text_of(raw).strip())


def find_told(raws: Sequence[bytes]) -> Sequence[int]:
    """The places of lines that are not blank."""
    # Mostly none begins with a space, which takes no look at each by itself.
    if b"" not in raws and _SPACES.isdisjoint({raw[0] for raw in raws}):
        return range(len(raws))
    return [at for at, raw in enumerate(raws) if not is_blank(raw)]


def is_even(lines: JoinedLines) -> bool:
    """Whether no line is blank, and none begins like a row of a format with fields: told of all at once."""
    joined = lines.joined
    first = joined.find(b"\n")
    ends = joined[: first if first >= 0 else None], joined[joined.rfind(b"\n") + 1 :]
    return _ODD.search(joined) is None and not any(is_blank(end) or end[:1] in b"{#" for end in ends)


_SPACES: Final = frozenset((*range(9, 14), *range(28, 33), 0xC2, 0xE1, 0xE2, 0xE3))
"""The bytes that a space of UTF-8 may begin with."""
_ALIKE: Final = (b'{"', b'{ "', b"#Fields:", b"#fields\t")


def count_alike(raws: Sequence[bytes]) -> dict[str, int]:
    """How many lines of a text look like rows of a format with fields: JSON objects, or lines that name three
    columns or more."""
    found: dict[str, int] = {}
    # Mostly no line begins so, which takes no look at each by itself.
    if {raw[:1] for raw in raws}.isdisjoint((b"{", b"#")):
        return found
    for raw in [raw for raw in raws if raw.startswith(_ALIKE)]:
        form = ""
        if raw.startswith(b"{"):
            form = "jsonl/1" if raw.rstrip().endswith(b"}") else ""
        elif len(raw.split()) > 3:
            form = "zeek/1" if raw.startswith(b"#fields") else "w3c/1"
        if form:
            found[form] = found.get(form, 0) + 1
    return found


def fields_of_batch(format_name: FormatName, batch: Batch) -> list[Fields]:
    """What :func:`comity.evidence.parse.fields_of` says of each row of the batch."""
    if format_name in ("jsonl/1", "evtx-jsonl/1"):
        loads = fast_loads()
        if loads is not None:
            return _read_json(_Json(format_name, loads), batch.raws)
    elif format_name == "lines/1":
        texts = map(text_of, batch.raws)
        return [{"message": text} if text and not text.isspace() else None for text in texts]
    context = batch.context
    return [fields_of(format_name, raw, context) for raw in batch.raws]


def is_text(raws: Sequence[bytes]) -> bool:
    """Whether all of these rows are UTF-8."""
    joined = raws.joined if isinstance(raws, JoinedLines) else b"\n".join(raws)
    if joined.isascii():
        return True
    try:
        joined.decode()
    except UnicodeDecodeError:
        return False
    return True


@cache
def fast_loads() -> Callable[[bytes], Any] | None:
    """``orjson``'s reading, where it is installed."""
    try:
        import orjson
    except ImportError:
        return None
    loads: Callable[[bytes], Any] = orjson.loads
    return loads


def _pattern(expression: bytes, *, of_bytes: bool = False) -> Any:
    options = re2.Options()
    options.never_capture = True
    if of_bytes:
        options.encoding = re2.Options.Encoding.LATIN1
    return re2.compile(expression, options)


_SPACED: Final = _pattern(rb'"[ \t\r]+:')
# A line that begins like a row of a format with fields, or is blank, in whatever spaces there are in UTF-8.
_ODD: Final = _pattern(
    rb"\n(?:[{#]|(?:[\t\x0b-\r\x1c- ]|\xc2[\x85\xa0]|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]"
    rb"|\xe2\x81\x9f|\xe3\x80\x80)*\n)",
    of_bytes=True,
)
# What may make a flat object of texts, small integers, booleans and nulls something else, or a key spaced.
_UNPLAIN: Final = _pattern(rb'"[ \t\r]+:|":[ \t\r]*(?:[{\[]|-?[0-9]+[.eE]|-?[0-9]{19})')
_PLAIN: Final = frozenset((str, bool, int, float, type(None)))


def _read_json(reader: _Json, raws: Sequence[bytes]) -> list[Fields]:
    wide: dict[int, Fields] = {}
    if max(map(len, raws), default=0) > VALUES:
        wide = {at: Unparsed(MANY) for at, raw in enumerate(raws) if has_many_values(raw)}
    if not wide:
        return reader.read(raws)
    found = reader.read([b"" if at in wide else raw for at, raw in enumerate(raws)])
    return [wide.get(at, fields) for at, fields in enumerate(found)]


class _Json:
    def __init__(self, format_name: FormatName, loads: Callable[[bytes], Any]) -> None:
        self._format = format_name
        self._loads = loads
        self._events = format_name == "evtx-jsonl/1"
        self._reader = EventReader()

    def read(self, raws: Sequence[bytes]) -> list[Fields]:
        if self._events:
            return self._read_events(raws)
        joined = b"\n".join(raws)
        plain = _UNPLAIN.search(joined) is None
        self._spaced = not plain and _SPACED.search(joined) is not None
        found: list[Any] = []
        loads = self._loads
        unread = False
        for raw in raws:
            try:
                found.append(loads(raw))
            except ValueError:
                found.append(None)
                unread = True
        if plain and not unread:
            # An object in which nothing is nested: its own number of keys is all of them.
            try:
                if all(type(each) is dict for each in found) and joined.count(b'":') == sum(map(len, found)):
                    return found
            except TypeError:
                pass
        return [self._take(raw, each) for raw, each in zip(raws, found, strict=True)]

    def _read_events(self, raws: Sequence[bytes]) -> list[Fields]:
        joined = b"\n".join(raws)
        self._spaced = _SPACED.search(joined) is not None
        taken: list[Fields] = []
        met: list[int] = []
        loads, reader = self._loads, self._reader
        for raw in raws:
            try:
                found = loads(raw)
            except ValueError:
                found = None
            fields = None if self._spaced else reader.read(found)
            taken.append(self._take(raw, found) if fields is None else fields)
            met.append(raw.count(b'":') if fields is None else reader.keys)
        if sum(met) != joined.count(b'":'):
            # Somewhere a key was dropped, or ``":`` stands inside a text.
            for at, raw in enumerate(raws):
                if met[at] != raw.count(b'":'):
                    taken[at] = fields_of(self._format, raw, None)
        return taken

    def _take(self, raw: bytes, found: Any) -> Fields:
        if type(found) is dict and not (self._spaced and _SPACED.search(raw)):
            keys = _count_keys(found, 0)
            if keys >= 0 and raw.count(b'":') == keys:
                if self._events:
                    return event_fields(found)
                if _PLAIN.issuperset(map(type, found.values())):
                    return found
                return flatten_object(found)
        return fields_of(self._format, raw, None)


def _count_keys(value: Any, depth: int) -> int:
    """How many keys all objects in ``value`` have; below zero where it must be read again."""
    if depth > 80:
        return -1
    kind = type(value)
    if kind is dict:
        total = len(value)
        items = value.values()
    elif kind is list:
        total, items = 0, value
    else:
        return 0
    for item in items:
        kind = type(item)
        if kind is str:
            continue
        if kind is dict or kind is list:
            below = _count_keys(item, depth + 1)
            if below < 0:
                return -1
            total += below
        elif (kind is int or kind is float) and not -_LARGEST < item < _LARGEST:
            return -1
    return total
