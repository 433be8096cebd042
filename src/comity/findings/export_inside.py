"""Rows that hold several rows: streams of lines, tables as lists of cells, messages that carry others.

Interfaces answer with one object in which rows are lists (``values`` of a stream, ``rows`` beside
``columns``), and queues hand on rows as texts or in base64, perhaps compressed. Each row in it is asked by
itself, as if it stood alone, and what it matches is a match of the row that holds it. What cannot be taken
apart leaves the row what it is: one of which nothing tells whose it is.
"""

from __future__ import annotations

import binascii
import json
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any, Final

from comity.findings.export_flat import Names, Reading, Row
from comity.findings.export_texts import MORE_ROWS, Held, Made, length_of
from comity.findings.rows import Value
from comity.json_width import has_many_values

INSIDE: Final = 100_000
LEAST: Final = 1024
SHARE: Final = 4
"""So many rows are read of one at most: one for so many of its characters, or so many at least."""
PACKED: Final = "packed"
"""What ``@inside`` is of a row of which others were unpacked."""
_BYTES: Final = 16 << 20
"""How much of one text in base64 is unpacked, in bytes."""
_LEAST: Final = 16 << 10
_MOST: Final = 64 << 20
_TIMES: Final = 64
"""How much of all such texts of a row is unpacked, in bytes: so many times their length, but so little at
least and so much at most. Logs shrink to a tenth; what shrinks to a thousandth is made to fill a memory."""
_LABELS: Final = 256
"""A stream with more labels is not read: each of its lines gets them all."""
_SHORTEST: Final = len('{"message":""},')
"""So many bytes one row takes at least of what is unpacked."""

_TABLES: Final = (
    # Microsoft's workspaces and clusters, Elasticsearch's two languages, InfluxDB, BigQuery, Splunk.
    ("tables.columns.name", "tables.rows"),
    ("Tables.Columns.ColumnName", "Tables.Rows"),
    ("columns.name", "rows"),
    ("columns.name", "values"),
    ("results.series.columns", "results.series.values"),
    ("series.columns", "series.values"),
    ("schema.fields.name", "rows.f.v"),
    ("fields", "rows"),
)
"""Where a row has the names of columns, and where the cells of all rows, one after another."""
_PAIRS: Final = (("results.field", "results.value"), ("field", "value"))
"""Where a row has fields and their values, one after another."""
_ANSWER: Final = "QueryResultRows."
_ANSWERED: Final = "QueryStatistics.ResultsCount"
"""Below what name the lake of AWS' trails answers with rows, each a list of objects of one column, and where
it says how many these are."""
_STREAMS: Final = ("", "streams.", "data.result.", "result.")
"""Before ``stream`` and ``values``: a stream's labels, and its lines with the time of each."""
_MESSAGES: Final = (
    *("Sns.Message", "Messages.Body", "Records.Sns.Message", "Records.body", "Body", "Messages.body"),
)
"""Texts of queues, each of which is a row."""
_PACKED: Final = (
    ("kinesis.data", "kinesis.data"),
    ("Records.kinesis.data", "Records.kinesis.data"),
    ("awslogs.data", "awslogs.data"),
    ("data", "recordId"),
    ("records.data", "records.recordId"),
    ("Data", "PartitionKey"),
    ("Records.Data", "Records.PartitionKey"),
    ("message.data", "message.messageId"),
    ("receivedMessages.message.data", "receivedMessages.ackId"),
)
"""Texts in base64, and the field beside which each is that."""


def find_inside_readings(names: Names) -> Iterator[Reading]:
    """How rows with these fields are taken apart; none where they hold no others."""
    here = set(names)
    for start in _STREAMS:
        labels = tuple(name for name in names if name.startswith(f"{start}stream."))
        if labels and f"{start}values" in here:
            yield partial(_read_streams, labels, f"{start}values", len(start) + len("stream."))
    for columns, cells in _TABLES:
        if columns in here and cells in here:
            yield partial(_read_table, columns, cells)
    if {"fields", "columns"} <= here:
        yield partial(_read_columns, "fields", "columns")
    if _ANSWERED in here and (answered := tuple(name for name in names if name.startswith(_ANSWER))):
        yield partial(_read_answer, answered)
    for field, value in _PAIRS:
        if field in here and value in here:
            yield partial(_read_pairs, field, value)
    for name in _MESSAGES:
        if name in here:
            yield partial(_read_messages, name)
    for name, beside in _PACKED:
        if name in here and beside in here:
            yield partial(_read_packed, name)


def _listed(value: Value) -> Sequence[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _holding(
    row: Row, count: int, make: Callable[[], Iterator[Mapping[str, Value]]], how: Value = True
) -> Row:
    """A row that holds so many others, of which the first are read; the row itself where it holds none."""
    if not count > 0:
        return row
    made = Made({**row, "@inside": how})
    made.inside = Held(make)
    if count > LEAST and count > (most := _most_of(row)):
        made.inside = Held(lambda: islice(make(), most))
        made.apart = (MORE_ROWS,)
    made.own = {"@inside": True}
    return made


def _most_of(row: Row) -> int:
    """How many rows are read of one."""
    return min(max(LEAST, length_of(row) // SHARE), INSIDE)


def _read_streams(labels: Names, values: str, cut: int, row: Row) -> Row:
    cells = _listed(row[values])
    if (
        len(labels) > _LABELS
        or len(cells) % 2
        or not all(isinstance(each, str) and each.isdigit() for each in cells[::2])
    ):
        return row
    told = {name[cut:]: row[name] for name in labels}
    return _holding(row, len(cells) // 2, partial(_lines_of, told, cells))


def _lines_of(told: Row, cells: Sequence[Any]) -> Iterator[Row]:
    for at in range(0, len(cells), 2):
        yield {**told, "timestamp": cells[at], "line": cells[at + 1]}


def _read_table(columns: str, cells: str, row: Row) -> Row:
    names, values = _listed(row[columns]), _listed(row[cells])
    width = len(names)
    # Cells that are lists or objects cannot be told from others any more.
    odd = any(name.startswith(f"{cells}.") for name in row) or len(set(names)) < width
    if not width or odd or len(values) % width or not all(isinstance(name, str) for name in names):
        return row
    return _holding(row, len(values) // width, partial(_rows_across, names, values))


def _rows_across(names: Sequence[Any], values: Sequence[Any]) -> Iterator[Row]:
    width = len(names)
    for at in range(0, len(values), width):
        yield dict(zip(names, values[at : at + width], strict=True))


def _read_columns(fields: str, columns: str, row: Row) -> Row:
    """The same with the cells of a column one after another."""
    names, values = _listed(row[fields]), _listed(row[columns])
    height = len(values) // len(names) if names and len(values) % len(names) == 0 else 0
    if not all(isinstance(name, str) for name in names) or len(set(names)) < len(names):
        return row
    return _holding(row, height, partial(_rows_down, names, values, height))


def _rows_down(names: Sequence[Any], values: Sequence[Any], height: int) -> Iterator[Row]:
    for at in range(height):
        yield dict(zip(names, values[at::height], strict=True))


def _read_answer(columns: Names, row: Row) -> Row:
    """Rows of which each column has a value: where one lacks some, nobody can tell of which rows they are."""
    height = row[_ANSWERED]
    told = [row[name] for name in columns]
    cells = [value if isinstance(value, list) else [value] for value in told]
    if isinstance(height, bool) or any(len(each) != height for each in cells):
        return row
    names = [name.removeprefix(_ANSWER) for name in columns]
    values = [value for each in cells for value in each]
    return _holding(row, len(cells[0]), partial(_rows_down, names, values, len(cells[0])))


def _read_pairs(field: str, value: str, row: Row) -> Row:
    """A row begins anew where a field comes again."""
    names, values = _listed(row[field]), _listed(row[value])
    if len(names) != len(values):
        return row
    found: list[dict[str, Value]] = [{}]
    for name, each in zip(names, values, strict=True):
        if name in found[-1]:
            found.append({})
        if isinstance(name, str):
            found[-1][name] = each
    return _holding(row, len(found) if found[0] else 0, partial(iter, found))


def _read_messages(name: str, row: Row) -> Row:
    """Messages that hold an object each; of others the row is as it was."""
    texts = _listed(row[name])
    objects = [text for text in texts if isinstance(text, str) and text.lstrip()[:1] == "{"]
    # Most rows have such names, and no object there.
    count = len(objects) if len(objects) == len(texts) else 0
    return _holding(row, count, partial(_messages_of, objects))


def _messages_of(texts: Sequence[str]) -> Iterator[Row]:
    for text in texts:
        yield {"message": text}


def _read_packed(name: str, row: Row) -> Row:
    texts = _listed(row[name])
    return _holding(row, _count_packed(texts, _most_of(row)), partial(_packed_rows, texts), PACKED)


def _count_packed(texts: Sequence[Any], most: int) -> int:
    """How many rows are packed in texts, or where these are fewer than are read, some number that says so."""
    if len(texts) + (_left_for(texts) + _length_of(texts)) // _SHORTEST <= most:
        return len(texts)
    # Each row is an object.
    if sum(max(1, min(len(raw) // _SHORTEST, raw.count(b"{"))) for _, raw in _unpack_all(texts)) <= most:
        return len(texts)
    return sum(1 for _ in islice(_packed_rows(texts), most + 1))


def _packed_rows(texts: Sequence[Any]) -> Iterator[Row]:
    """The rows of all texts, of which one is there unpacked at a time. What cannot be unpacked is told as a
    row of which nothing tells whose it is."""
    for text, raw in _unpack_all(texts):
        told = False
        for each in _rows_of(raw):
            told = True
            yield each
        if not told:
            yield {"data": text}


def _unpack_all(texts: Sequence[Any]) -> Iterator[tuple[Any, bytes]]:
    left = _left_for(texts)
    for text in texts:
        raw = _unpack(text, min(left, _BYTES)) if isinstance(text, str) else b""
        left -= len(raw)
        yield text, raw


def _length_of(texts: Sequence[Any]) -> int:
    return sum(len(text) for text in texts if isinstance(text, str))


def _left_for(texts: Sequence[Any]) -> int:
    """How much of texts is unpacked, in bytes."""
    return min(max(_TIMES * _length_of(texts), _LEAST), _MOST)


def _unpack(text: str, most: int) -> bytes:
    """What is packed in a text; nothing where that cannot be read or is longer than ``most``."""
    try:
        raw = binascii.a2b_base64(text.encode(), strict_mode=True)
        if not raw.startswith(b"\x1f\x8b"):
            return raw
        unpacking = zlib.decompressobj(31)
        # Of no bytes at all would be all of them.
        raw = unpacking.decompress(raw, max(most, 1))
        return raw if unpacking.eof else b""
    except (ValueError, zlib.error):
        return b""


def _rows_of(raw: bytes) -> Iterator[Mapping[str, Value]]:
    try:
        told = "" if has_many_values(raw) else raw.decode()
        parsed = json.loads(told) if told.lstrip()[:1] == "{" else None
    except (ValueError, RecursionError):
        return
    events = parsed.get("logEvents") if isinstance(parsed, dict) else None
    if isinstance(parsed, dict) and isinstance(events, list):
        beside = {
            name: parsed[name] for name in ("logGroup", "logStream") if isinstance(parsed.get(name), str)
        }
        known: set[str] = set()
        for event in events:
            line = event.get("message") if isinstance(event, dict) else None
            # The same line once more matches the same, at the same time.
            if isinstance(line, str) and line not in known:
                known.add(line)
                yield {**beside, "message": line}
    elif told.strip():
        yield {"message": told}
