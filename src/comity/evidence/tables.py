"""Where the headings of a table stand: mostly in its first line, sometimes behind a few others.

Tools write lines before a table: a type (``#TYPE`` of PowerShell), a delimiter (``sep=;``), a title. A
table's columns are named by its first row (``csv/1``), so such a file is sealed whole, and the table derived
without them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from comity.evidence.formats import HEAD_BYTES, choose_delimiter

FARTHEST: Final = 64
"""How many lines may stand before the headings."""
LOOKED_AT: Final = 256
"""How many lines after them are held against them."""

_HEADING = re.compile(rb"[A-Za-z_][A-Za-z0-9_ .:()/#@\[\]-]{0,127}")
_QUOTED = re.compile(rb'"[^"]*"')
_SPACE: Final = b'" \r'
# What tells of a table how it is written, and nothing else.
_ABOUT = re.compile(rb"(?:\xef\xbb\xbf)?(?:#TYPE [^\n]{0,300}|sep=[^\n]?)\r?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Headings:
    """Where a table begins: ``offset`` in bytes, behind ``before`` lines that say something else than how it
    is written. ``sure`` if nobody needs to say that it is a table."""

    offset: int
    line: int
    before: int
    sure: bool


def is_about(line: bytes) -> bool:
    """Whether a line only tells how the table behind it is written."""
    return _ABOUT.fullmatch(line) is not None


def cells_of(line: bytes) -> tuple[list[bytes], bytes]:
    """The cells of a line that may be headings, without quotes and spaces, and their delimiter."""
    delimiter = choose_delimiter(line)
    return [cell.strip(_SPACE) for cell in line.split(delimiter)], delimiter


def are_headings(cells: Sequence[bytes]) -> bool:
    """Whether these are words that columns are called by, each once."""
    return len(set(cells)) == len(cells) and all(_HEADING.fullmatch(cell) for cell in cells)


def count_fitting(lines: Sequence[bytes], delimiter: bytes, columns: int) -> int:
    """How many of these lines have so many cells."""
    wanted = columns - 1
    return sum(
        (_QUOTED.sub(b"", line) if b'"' in line else line).count(delimiter) == wanted for line in lines
    )


def find_headings(head: bytes) -> Headings | None:
    """The headings of a table behind other lines, by the first bytes of a file; None where there are none.

    They are the first line after another whose cells are words, each once, two at least, and of the lines
    after it at least three in four have as many cells. It is sure where three columns and three such lines
    are there, in one column three in four are no words, and of the lines before at most one in four fits.
    """
    lines = head[:HEAD_BYTES].split(b"\n")
    if len(head) >= HEAD_BYTES:
        lines.pop()
    offset, before = 0, 0
    for at, line in enumerate(lines[: FARTHEST + 1]):
        cells, mark = cells_of(line)
        if at and len(cells) >= 2 and not is_about(line) and are_headings(cells):
            rows = [row for row in lines[at + 1 : at + 1 + LOOKED_AT] if row.strip()]
            fit = count_fitting(rows, mark, len(cells))
            if rows and 4 * fit >= 3 * len(rows):
                sure = len(cells) >= 3 and fit >= 3 and _has_values(rows, mark, len(cells))
                sure = sure and 4 * count_fitting(lines[:at], mark, len(cells)) <= before
                return Headings(offset=offset, line=at + 1, before=before, sure=sure)
        before += bool(line.strip(b"\r\n\t \xef\xbb\xbf")) and not is_about(line)
        offset += len(line) + 1
    return None


def _has_values(rows: Sequence[bytes], mark: bytes, columns: int) -> bool:
    """Whether one column mostly holds what no column is called by."""
    split = [cells for row in rows if len(cells := row.split(mark)) == columns]
    return any(
        4 * sum(not _HEADING.fullmatch(cells[at].strip(_SPACE)) for cells in split) >= 3 * len(split)
        for at in range(columns)
        if split
    )


def read_table(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes of a file from its headings on; all of them where none are found behind other lines."""
    held: bytes | None = b""
    for chunk in chunks:
        if held is None:
            yield chunk
            continue
        held += chunk
        if len(held) >= HEAD_BYTES:
            yield _cut(held)
            held = None
    if held:
        yield _cut(held)


_HELD: Final = 16 << 20
"""So much of a table is held for the end of a quoted cell, in bytes."""


def is_spaced(head: bytes) -> bool:
    """Whether a blank stands behind each delimiter of a table's headings, and behind as many of nearly all of
    its rows: with it a cell in quotes is none (RFC 4180, 2.5), and all others begin with a blank."""
    lines = head.removeprefix(b"\xef\xbb\xbf")[:HEAD_BYTES].split(b"\n")
    if len(head) >= HEAD_BYTES:
        lines.pop()
    if not lines:
        return False  # the headings alone are longer than what is looked at
    cells, mark = cells_of(lines[0])
    if len(cells) < 2 or not are_headings(cells):
        return False
    spaced = mark + b" "
    rows = [row for row in lines[1 : 1 + LOOKED_AT] if row.strip()]
    fit = sum(_QUOTED.sub(b"", row).count(spaced) == len(cells) - 1 for row in rows)
    return bool(rows) and lines[0].count(spaced) == len(cells) - 1 and 4 * fit >= 3 * len(rows)


def read_spaced(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes of a table without the blanks behind delimiters that stand in no quotes."""
    held = b""
    pattern: re.Pattern[bytes] | None = None
    for chunk in chunks:
        held += chunk
        if pattern is None:
            if b"\n" not in held and len(held) < HEAD_BYTES:
                continue
            pattern = _blanks_of(held)
        cut = held.rfind(b"\n") + 1
        # A quote that is open where a line ends is one of a cell that goes on, if of none it closes.
        if held.count(b'"', 0, cut) % 2 == 0 or len(held) > _HELD:
            yield pattern.sub(_without_blanks, held[:cut])
            held = held[cut:]
    if held:
        yield (pattern or _blanks_of(held)).sub(_without_blanks, held)


def _blanks_of(head: bytes) -> re.Pattern[bytes]:
    mark = re.escape(choose_delimiter(head))
    return re.compile(rb'(?m)((?:^|%b *+)"(?:[^"]|"")*+")|(%b) ++' % (mark, mark))


def _without_blanks(found: re.Match[bytes]) -> bytes:
    if found[2] is not None:
        return found[2]
    before, quote, rest = found[1].partition(b'"')
    return before.rstrip(b" ") + quote + rest


def _cut(head: bytes) -> bytes:
    found = find_headings(head)
    return head[found.offset :] if found else head
