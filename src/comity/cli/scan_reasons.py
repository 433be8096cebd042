"""Why rows of a file match, told while the file is at hand: the rows, and what in them makes it so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from comity.cli.inputs import FileChunks
from comity.evidence.formats import FormatName
from comity.evidence.parse import text_of
from comity.evidence.rows import Passed, Row, read_rows
from comity.findings.finding import Hit, Parameters
from comity.findings.pack import Pack

SHOWN = 4000
"""How many characters of a row are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Because:
    """Why a rule names a row: its digest, the row and its text, and ``lines`` for people."""

    rule: str
    row: int
    text: str
    lines: tuple[str, ...]


def explain_hits(
    pack: Pack,
    form: FormatName,
    path: Path,
    hits: Sequence[Hit],
    parameters: Parameters,
    *,
    first: int,
    only: int | None = None,
) -> tuple[Because, ...]:
    """The reasons for the ``first`` rows of each rule, or for row ``only``; the file is read once more for
    them, and again for each rule that looks at many rows together."""
    from comity.dossier.reasons import explain_rows

    wanted = list(_choose(hits, first, only))
    numbers = {row for _, row in wanted}
    rows: dict[int, Row] = {}
    for row in read_rows(form, FileChunks(path), str(path), Passed()) if numbers else ():
        if row.index in numbers:
            rows[row.index] = row
            if len(rows) == len(numbers):
                break
    rules = {rule.digest: rule for rule in pack.rules}
    found = []
    for digest in dict.fromkeys(digest for digest, _ in wanted):
        some = [rows[row] for each, row in wanted if each == digest and row in rows]
        reasons = explain_rows(
            rules[digest],
            form,
            some,
            parameters,
            lambda: read_rows(form, FileChunks(path), str(path), Passed()),
            lambda: FileChunks(path),
        )
        for row, reason in zip(some, reasons, strict=True):
            text = show_row(text_of(row.raw))
            found.append(Because(rule=digest, row=reason.row, text=text, lines=reason.lines))
    return tuple(found)


def find_lapsed(
    pack: Pack, form: FormatName, path: Path, hits: Sequence[Hit], parameters: Parameters
) -> dict[str, tuple[int, int]] | None:
    """Of each indicator that is not valid at all times and matches, how many of its rows lie outside of that
    time, and how many have no readable time; the file is read once more for them."""
    if not pack.notes.periods or not hits:
        return None
    periods = dict(pack.notes.periods)
    rules: dict[int, list[str]] = {}
    for rule, number in hits:
        if rule in periods:
            rules.setdefault(number, []).append(rule)
    if not rules:
        return None
    from comity.dossier.reasons import row_of

    found = {rule: (0, 0) for some in rules.values() for rule in some}
    left = len(rules)
    for row in read_rows(form, FileChunks(path), str(path), Passed()):
        for rule in (some := rules.get(row.index, ())):
            outside, undated = found[rule]
            at = row_of(form, row, parameters).time
            found[rule] = outside + (at is not None and not periods[rule].holds(at)), undated + (at is None)
        left -= bool(some)
        if not left:
            break
    return found


def _choose(hits: Iterable[Hit], first: int, only: int | None) -> Iterator[Hit]:
    taken: dict[str, int] = {}
    for digest, row in sorted(hits):
        if only is not None:
            if row == only:
                yield digest, row
        elif taken.setdefault(digest, 0) < first:
            taken[digest] += 1
            yield digest, row


def show_row(text: str) -> str:
    """The text of a row on one line, cut to a readable length."""
    cut = text[:SHOWN]
    return cut if cut.isprintable() else ascii(cut)[1:-1]
