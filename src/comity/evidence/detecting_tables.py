"""Whether lines are rows with columns: of a log in which a line with a mark names them, or of a table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from comity.evidence.detected import UTF8_BOM, Detected, nearly_all, too_few
from comity.evidence.formats import FormatName
from comity.evidence.parse import VIEWED, text_of
from comity.evidence.tables import are_headings, cells_of, count_fitting, find_headings, is_about, is_spaced

# Logs whose columns a line with a mark names


_MARKS: Final[tuple[tuple[bytes, FormatName, bytes, str], ...]] = (
    (b"#Fields:", "w3c/1", b"#", "it opens with # lines and names its #Fields"),
    (b"#fields\t", "zeek/1", b"#separator \\x09", "a Zeek log: # lines, one of which names its #fields"),
)


def read_opened(lines: Sequence[bytes]) -> tuple[Detected | None, bool]:
    """A W3C or Zeek log, if it opens as one; and whether rows agree."""
    for mark, form, opening, why in _MARKS:
        at = _find_mark(lines, mark)
        if at is not None and lines[0].startswith(opening):
            fit, _, _ = _count_marked(lines[at:], mark)
            rows = sum(not line.startswith(b"#") for line in lines)
            commas = form == "w3c/1" and _COMMAS.fullmatch(lines[at]) is not None
            doubt = "its #Fields are parted by commas, so that each row is one field" if commas else ""
            return Detected(format=form, why=why, doubt=doubt), not too_few(fit, rows)
    return None, False


def read_marked(lines: Sequence[bytes]) -> Detected | None:
    """The same by a later line, if nearly all rows after it agree."""
    for mark, form, _, _ in _MARKS:
        at = _find_mark(lines, mark)
        if at is None:
            continue
        fit, total, columns = _count_marked(lines[at:], mark)
        if nearly_all(fit, total) and (columns >= 3 or fit >= 3):
            why = f"line {at + 1} names columns, and {fit} of the {total} rows after it have as many"
            return Detected(format=form, why=why)
    return None


_COMMAS: Final = re.compile(rb"#Fields:[ \t]*[^ \t,]+,[^ \t]+[ \t]*")


def _find_mark(lines: Sequence[bytes], mark: bytes) -> int | None:
    return next((at for at, line in enumerate(lines) if line.startswith(mark)), None)


def _count_marked(lines: Sequence[bytes], mark: bytes) -> tuple[int, int, int]:
    """How many of the rows behind a line that names columns have as many values, of how many; and how many
    columns the first of these lines names."""
    fit = total = columns = named = 0
    tabs = True
    for line in lines:
        if line.startswith(mark):
            names = line.removeprefix(mark).strip(b" \t" if mark == b"#Fields:" else b"")
            tabs = b"\t" in names or mark != b"#Fields:"
            columns = len(names.split(b"\t" if tabs else None))
            named = named or columns
        elif not line.startswith(b"#"):
            values = line.count(b"\t") + 1 if tabs else len(line.split())
            total += 1
            fit += values == columns or (not tabs and values > columns > 0 and b'"' in line)
    return fit, total, named


# Tables


def read_delimited(suffix: str, lines: Sequence[bytes], head: bytes) -> Detected | None:
    cells, delimiter = cells_of(lines[0])
    if (min(len(cells), len(lines)) > 2 or suffix in ("csv", "tsv")) and is_spaced(head):
        return Detected(
            format="opaque/1",
            why="a table with a blank behind each delimiter: sealed whole, and derived without these",
            unpack="spaced-table",
        )
    # Messages go on over further lines, of which a table has more than rows.
    viewed = len(cells) == 5 and text_of(cells[3]) in VIEWED
    if viewed and any(line.count(delimiter) >= len(cells) for line in lines[1:]):
        return Detected(format="csv/1", why="its first line names the columns of the viewer of events")
    named = suffix in ("csv", "tsv")
    by_name = Detected(format="csv/1", why=f"its name ends in .{suffix}, and its first line agrees")
    rows = lines[1:]
    fit = count_fitting(rows, delimiter, len(cells))
    # The first row names the columns, so it must not be blank, nor say how the table is written.
    blank = not head.removeprefix(UTF8_BOM).partition(b"\n")[0].strip()
    first = not is_about(lines[0]) and not blank
    if first and named and len(cells) > 1 and not too_few(fit, len(rows)):
        return by_name
    # Without the name's word, only headings that look like headings and lines that agree will do.
    if first and len(cells) >= 3 and len(lines) >= 3 and are_headings(cells):
        agree = all(line.count(delimiter) >= len(cells) - 1 for line in rows if b'"' not in line)
        if agree or nearly_all(fit, len(rows)):
            return Detected(format="csv/1", why="its first line is headings, and later lines fit them")
    return read_behind(named, head) or (by_name if named and len(cells) > 1 else None)


def read_behind(named: bool, head: bytes) -> Detected | None:
    """A table whose headings are not its first line."""
    found = find_headings(head)
    if found is None or not (found.sure or named):
        return None
    return Detected(
        format="opaque/1",
        why=f"a table with its headings in line {found.line}: sealed whole, and derived from there on",
        unpack="table",
        before=found.before,
    )
