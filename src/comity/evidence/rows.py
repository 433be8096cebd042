"""Cutting a file into rows: exact, streaming, the same whatever the sizes of the chunks read.

``lines/1``, ``w3c/1``, ``zeek/1``, ``jsonl/1``, ``evtx-jsonl/1``
    A row is a line: the bytes up to, and without, the next ``\\n``. A ``\\r`` stays in the row.
``csv/1``
    A row is a record: a line, or several where a ``\\n`` stands inside a quoted field. A quote opens
    a field only as its first byte (RFC 4180 §2.5), ``""`` inside is one quote, and the delimiter is
    that of the first row (:func:`~comity.evidence.formats.choose_delimiter`).
``opaque/1``
    One row: the whole file.

The last ``\\n`` ends the last row and starts no new one. So with ``terminated`` (does the file end in
``\\n``) the file is ``b"\\n".join(rows)``, plus ``b"\\n"`` if terminated; an empty file has no rows, or
one empty row if opaque.

Header rows are rows: numbered, sealed and disclosed like others. The *header* of a row is the row
that names its columns: row 1 for ``csv/1``, the latest earlier ``#Fields:`` row for ``w3c/1``, the
latest earlier ``#fields`` row for ``zeek/1``, none
(0) for the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Final, Protocol

from comity.errors import Malformed
from comity.evidence.formats import FormatName, choose_delimiter
from comity.evidence.joined import JoinedLines

ROW_LIMIT: Final = 16 * 1024 * 1024
"""The longest row, in bytes, of every format but ``opaque/1``."""

MARKED: Final[frozenset[FormatName]] = frozenset({"w3c/1", "zeek/1"})
"""The formats in which a row that begins with ``#`` may name the columns of those after it."""

_BOM = b"\xef\xbb\xbf"
_FIRST: Final = itemgetter(0)
_LAST: Final = itemgetter(-1)
_LINES: Final = 256
"""How many lines are looked at together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: its number (the first is 1), its bytes, and the row that names its columns
    (``header`` 0 and ``context`` None: none needed, or this is such a row itself)."""

    index: int
    raw: bytes
    header: int
    context: bytes | None


class Splitter(Protocol):
    """Takes bytes, gives rows. After :meth:`close`, ``terminated`` says how the file ended. ``delimiter`` is
    that of ``csv/1`` once its first row is there, b"" else; whoever begins behind a first row sets it."""

    delimiter: bytes

    @property
    def terminated(self) -> bool:
        """Whether the bytes so far end in a line break."""

    @property
    def held(self) -> int:
        """How many of the bytes so far are of no row given yet."""

    def feed(self, chunk: bytes) -> list[bytes]:
        """The rows that ``chunk`` completes; ``Malformed`` (``row.long``) past ``ROW_LIMIT``."""

    def close(self) -> list[bytes]:
        """The rows left at the end of the file: none or one."""


@dataclass(slots=True)
class Passed:
    """Rows that were passed over, by number, as they are longer than ``ROW_LIMIT``. ``ended`` is whether
    nothing behind the last of them was read: where its end is not known, nor is where the next one begins."""

    rows: list[int] = field(default_factory=list)
    ended: bool = False


class _Lines:
    """Rows are lines. With ``passing``, one that is too long is an empty one, and its number goes there with
    whether a quote stands in it; without, it is an error."""

    def __init__(self, where: str, passing: list[tuple[int, bool]] | None = None) -> None:
        self._where = where
        self._passing = passing
        self._quoted: bool | None = None
        self._parts: list[bytes] = []
        self._held = 0
        self._rows = 0
        self.terminated = False
        self.delimiter = b""

    @property
    def held(self) -> int:
        """See :class:`Splitter`."""
        return self._held

    def feed(self, chunk: bytes) -> list[bytes]:
        """See :class:`Splitter`."""
        if not chunk:
            return []
        self.terminated = chunk.endswith(b"\n")
        lines = chunk.split(b"\n")
        if len(lines) == 1:
            self._hold(chunk)
            return []
        if self._held:
            self._hold(lines[0])
            lines[0] = self._take_held(self._rows + 1)
        last = lines.pop()
        if len(chunk) > ROW_LIMIT:
            for at, line in enumerate(lines):
                self._rows += 1
                if len(line) > ROW_LIMIT:
                    lines[at] = self._pass(self._rows, b'"' in line)
        else:
            self._rows += len(lines)
        if last:
            self._hold(last)
        return lines

    def feed_joined(self, chunk: bytes) -> Sequence[bytes]:
        """The same as :meth:`feed`, not yet cut where none can be too long."""
        first, last = chunk.find(b"\n"), chunk.rfind(b"\n")
        if first < 0 or self._quoted is not None or max(self._held + first, len(chunk)) > ROW_LIMIT:
            return self.feed(chunk)
        lines = JoinedLines(b"".join((*self._parts, memoryview(chunk)[:last])))
        self._rows += len(lines)
        self._parts, self._held = [], 0
        self.terminated = last + 1 == len(chunk)
        if not self.terminated:
            self._hold(chunk[last + 1 :])
        return lines

    def _hold(self, part: bytes) -> None:
        # Pieces of an unfinished line are joined once, so a line without end costs no more than its
        # length and is given up at the limit.
        self._held += len(part)
        if self._quoted is not None:
            self._quoted |= b'"' in part
            return
        self._parts.append(part)
        if self._held > ROW_LIMIT:
            if self._passing is None:
                self._pass(self._rows + 1, False)
            self._quoted = any(b'"' in each for each in self._parts)
            self._parts = []

    def _take_held(self, number: int) -> bytes:
        line = b"".join(self._parts) if self._quoted is None else self._pass(number, self._quoted)
        self._parts, self._held, self._quoted = [], 0, None
        return line

    def _pass(self, line: int, quoted: bool) -> bytes:
        if self._passing is not None:
            self._passing.append((line, quoted))
            return b""
        raise Malformed(
            "row.long",
            self._where,
            f"line {line} is longer than {ROW_LIMIT} bytes; seal the file as opaque/1",
        )

    def close(self) -> list[bytes]:
        """See :class:`Splitter`."""
        return [self._take_held(self._rows + 1)] if self._held else []


class _PassingLines(_Lines):
    """Rows are lines, and those that are too long are passed over."""

    def __init__(self, where: str, passed: Passed) -> None:
        self._quotes: list[tuple[int, bool]] = []
        super().__init__(where, self._quotes)
        self._passed = passed

    def feed(self, chunk: bytes) -> list[bytes]:
        """See :class:`Splitter`."""
        return self._tell(super().feed(chunk))

    def close(self) -> list[bytes]:
        """See :class:`Splitter`."""
        return self._tell(super().close())

    def _tell(self, lines: list[bytes]) -> list[bytes]:
        if self._quotes:
            self._passed.rows += [number for number, _ in self._quotes]
            self._quotes.clear()
        return lines


class _Records:
    """Rows are records of delimited text: lines, joined again where a quoted field holds a break."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._lines = _Lines(where)
        self._delimiter = b""
        self._plain = re.compile(b"")
        self._open: list[bytes] = []
        self._held = 0
        self._rows = 0
        self._ended = False

    @property
    def terminated(self) -> bool:
        """Whether the bytes so far end in a line break."""
        return self._lines.terminated

    @property
    def held(self) -> int:
        """See :class:`Splitter`."""
        return self._lines.held + (self._held + 1 if self._open else 0)

    @property
    def delimiter(self) -> bytes:
        """See :class:`Splitter`."""
        return self._delimiter

    @delimiter.setter
    def delimiter(self, delimiter: bytes) -> None:
        self._delimiter = delimiter
        self._plain = plain_record(delimiter)

    def feed(self, chunk: bytes) -> list[bytes]:
        """See :class:`Splitter`."""
        return self._feed(chunk, self._lines.feed(chunk))

    def _feed(self, chunk: bytes, lines: list[bytes]) -> list[bytes]:
        # Mostly there is no quote: the first line alone has a part that came before this chunk.
        if self._delimiter and not self._open and lines and b'"' not in chunk and b'"' not in lines[0]:
            self._rows += len(lines)
            return lines
        return self._merge(lines)

    def _merge(self, lines: list[bytes]) -> list[bytes]:
        if not lines:
            return lines
        if not self._delimiter:
            # The first line decides, so that the choice never depends on where a chunk ends.
            self.delimiter = choose_delimiter(lines[0])
        rows = self._join(lines)
        self._rows += len(rows)
        return rows

    def _join(self, lines: list[bytes]) -> list[bytes]:
        rows: list[bytes] = []
        for at in range(0, len(lines), _LINES):
            if self._ended:
                break
            some = lines[at : at + _LINES]
            if not self._open and all_plain(b"\n".join(some), self._delimiter):
                rows += some
            else:
                self._join_singly(some, rows)
        return rows

    def _join_singly(self, lines: list[bytes], rows: list[bytes]) -> None:
        plain = self._plain.fullmatch
        for line in lines:
            if not self._open:
                whole = b'"' not in line or (not line.startswith(_BOM) and plain(line))
                if whole or not ends_quoted(line, self._delimiter, False):
                    rows.append(line)
                else:
                    self._open = [line]
                    self._held = len(line)
                continue
            self._open.append(line)
            self._held += len(line) + 1
            if self._held > ROW_LIMIT:
                self._refuse(self._rows + len(rows) + 1)
                return
            if not ends_quoted(line, self._delimiter, True):
                rows.append(b"\n".join(self._open))
                self._open = []

    def close(self) -> list[bytes]:
        """See :class:`Splitter`."""
        rows = self._merge(self._lines.close())
        if self._open:
            rows = [*rows, b"\n".join(self._open)]
            self._open = []
        return rows

    def _refuse(self, row: int) -> None:
        raise Malformed(
            "row.long",
            self._where,
            f"row {row}: a quote is not closed within {ROW_LIMIT} bytes; seal it as lines/1 or opaque/1",
        )


class _PassingRecords(_Records):
    """Rows are records, and those that are too long are passed over. Where a quote is open before one, or
    stands in it, its end is not known: nothing behind it is read."""

    def __init__(self, where: str, passed: Passed) -> None:
        super().__init__(where)
        self._quotes: list[tuple[int, bool]] = []
        self._lines = _Lines(where, self._quotes)
        self._passed = passed
        self._told = 0

    def feed(self, chunk: bytes) -> list[bytes]:
        """See :class:`Splitter`."""
        return [] if self._ended else self._pass(chunk, self._lines.feed(chunk))

    def close(self) -> list[bytes]:
        """See :class:`Splitter`."""
        rows = [] if self._ended else self._pass(b"", self._lines.close())
        return rows if self._passed.ended else [*rows, *super().close()]

    def _pass(self, chunk: bytes, lines: list[bytes]) -> list[bytes]:
        before = self._told
        self._told += len(lines)
        rows: list[bytes] = []
        for number, quoted in self._quotes:
            rows += self._feed(b'"', lines[: number - 1 - before])
            lines, before = lines[number - 1 - before :], number - 1
            if self._ended:
                break
            if quoted or self._open:
                self._refuse(self._rows + 1)
            else:
                self._passed.rows.append(self._rows + 1)
        self._quotes.clear()
        return rows if self._ended else rows + self._feed(chunk or b'"', lines)

    def _refuse(self, row: int) -> None:
        self._passed.rows.append(row)
        self._passed.ended = self._ended = True
        self._open = []


def all_plain(text: bytes, delimiter: bytes) -> bool:
    """Whether every line of a text is plainly a record: quoted fields fill their fields, and none holds a
    break. Where this says no, a line must be looked at; where it says yes, none need be.

    The pieces between quotes lie outside and inside quoted fields in turns, if each outside ends where a
    field may begin and begins where one may end.
    """
    if b'"' not in text:
        return True
    # Two quotes that stand together begin and end no record: doubled inside a field, an empty field, or text.
    pieces = text.replace(b'""', b"..").split(b'"')
    if len(pieces) == 1:
        return True
    if len(pieces) % 2 == 0 or b"\n" in b"".join(pieces[1::2]):
        return False
    begins, ends = delimiter + b"\n", delimiter + b"\r\n"
    # No piece between two fields is empty: the quotes would have stood together.
    between = set(pieces[2:-1:2])
    if pieces[0]:
        between.add(delimiter + pieces[0])
    if pieces[-1]:
        between.add(pieces[-1] + delimiter)
    return not bytes(map(_FIRST, between)).strip(ends) and not bytes(map(_LAST, between)).strip(begins)


def plain_record(delimiter: bytes) -> re.Pattern[bytes]:
    """Matches a whole line in which every quoted field is closed and nothing trails a closed quote."""
    d = re.escape(delimiter)
    field = rb'(?:"[^"]*+(?:""[^"]*+)*+"|[^"' + d + rb"][^" + d + rb"]*+|)"
    return re.compile(field + rb"(?:" + d + field + rb")*+\r?", re.DOTALL)


def ends_quoted(line: bytes, delimiter: bytes, inside: bool) -> bool:
    """Whether ``line`` ends inside a quoted field, given whether it began inside one."""
    at = 0
    if not inside and line.startswith(_BOM):
        at = len(_BOM)
    while True:
        if inside or line[at : at + 1] == b'"':
            if not inside:
                at += 1
            while True:
                quote = line.find(b'"', at)
                if quote < 0:
                    return True
                at = quote + 1
                if line[at : at + 1] != b'"':
                    break
                at += 1
            inside = False
        # Bytes after a closed quote belong to the field; only a delimiter starts the next.
        cut = line.find(delimiter, at)
        if cut < 0:
            return False
        at = cut + 1


class _Whole:
    """One row: everything."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self.terminated = False
        self.delimiter = b""

    @property
    def held(self) -> int:
        """See :class:`Splitter`."""
        return sum(map(len, self._parts))

    def feed(self, chunk: bytes) -> list[bytes]:
        """See :class:`Splitter`."""
        self._parts.append(chunk)
        return []

    def close(self) -> list[bytes]:
        """See :class:`Splitter`."""
        return [b"".join(self._parts)]


def make_splitter(format_name: FormatName, where: str = "", passed: Passed | None = None) -> Splitter:
    """A new splitter; ``where`` names the file in errors. That of ``opaque/1`` holds the whole file
    in memory: sealing does not use it. With ``passed``, rows that are too long are no error: they are given
    as empty ones, and their numbers there before they are."""
    if format_name == "opaque/1":
        return _Whole()
    if passed is not None:
        return _PassingRecords(where, passed) if format_name == "csv/1" else _PassingLines(where, passed)
    return _Records(where) if format_name == "csv/1" else _Lines(where)


def split_rows(
    format_name: FormatName, chunks: Iterable[bytes], where: str = "", passed: Passed | None = None
) -> Iterator[list[bytes]]:
    """The rows of a file, in batches as they come. ``passed`` as for :func:`make_splitter`."""
    splitter = make_splitter(format_name, where, passed)
    for chunk in chunks:
        if rows := splitter.feed(chunk):
            yield rows
    if rows := splitter.close():
        yield rows


def split_lines(
    chunks: Iterable[bytes], where: str = "", passed: Passed | None = None
) -> Iterator[Sequence[bytes]]:
    """The same of ``lines/1``; mostly :class:`JoinedLines`."""
    splitter = _Lines(where) if passed is None else _PassingLines(where, passed)
    for chunk in chunks:
        if lines := splitter.feed_joined(chunk):
            yield lines
    if lines := splitter.close():
        yield lines


def join_rows(rows: Iterable[bytes], terminated: bool) -> bytes:
    """The file that these rows are, byte for byte."""
    return b"\n".join(rows) + (b"\n" if terminated else b"")


def is_header(format_name: FormatName, index: int, raw: bytes) -> bool:
    """Whether this row names the columns of rows after it."""
    if format_name == "csv/1":
        return index == 1
    if format_name == "zeek/1":
        return raw.startswith(b"#fields\t")
    return format_name == "w3c/1" and raw.removeprefix(_BOM).startswith(b"#Fields:")


def read_rows(
    format_name: FormatName, chunks: Iterable[bytes], where: str = "", passed: Passed | None = None
) -> Iterator[Row]:
    """The rows of a file, each with its number and its header row; without those ``passed`` over, if any
    may be."""
    header = 0
    context: bytes | None = None
    index = 0
    for batch in split_rows(format_name, chunks, where, passed):
        for raw in batch:
            index += 1
            if passed is not None and not raw and index in passed.rows:
                continue
            if is_header(format_name, index, raw):
                header, context = index, raw
                yield Row(index=index, raw=raw, header=0, context=None)
            else:
                yield Row(index=index, raw=raw, header=header, context=context)


def find_headers(format_name: FormatName, rows: Mapping[int, bytes]) -> dict[int, int]:
    """For each of some disclosed rows, the number of its header row among them, 0 for none.

    For ``w3c/1`` and ``zeek/1`` this is the latest disclosed such row before it. That no other one stands
    between is the discloser's word, unless the rows between, or the item, are held.
    """
    headers: dict[int, int] = {}
    header = 0
    for index in sorted(rows):
        if is_header(format_name, index, rows[index]):
            headers[index], header = 0, index
        else:
            headers[index] = header
    return headers
