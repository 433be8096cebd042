"""Findings run again over the rows that a dossier shows, and the re-runs that others signed held against
that; what cannot be run again says why.

A finding that does not hold, or a re-run, is no damage of the dossier: its author signed it so. It is a
result beside integrity, for the reader to see.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from comity.case.reruns import rows_given, splitter_of
from comity.case.state import Accepted, State
from comity.dossier.rerun import parameters_of
from comity.dossier.rerun_checks import CHECKED, ROWS_LIMIT, RerunCheck, Why, check_rerun
from comity.dossier.rows_here import Effort, Packs, RowsHere, sources_of
from comity.dossier.stated import check_stated, find_flaws
from comity.errors import NotVerified
from comity.evidence.disclose import VerifiedRows
from comity.evidence.formats import name_format
from comity.findings.finding import compare
from comity.findings.partly import read_partly, say_engine
from comity.records import kinds
from comity.records.kinds import Item, Report

REPLAYED: Final = 30_000_000
"""The most work for the findings of one dossier, all together: seconds for most rules, minutes for those that
are made to be slow."""
LONG: Final = "that takes long; comity verify --rerun-all does it"
RANGES: Final = 10
"""So many records or ranges of rows are looked at in the time of one piece of work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingCheck:
    """One finding, checked as far as the dossier allows.

    ``rules`` are the names of its rules. ``digests`` is ``hold``, ``not-checked`` where that
    takes long, or the code of what does not. ``shown`` is
    ``shown-rows-match``, ``different`` or
    ``not-possible``, with ``rows`` shown rows run (rows that name columns are none) and ``why`` in one
    sentence.
    """

    record: str
    author: str
    digests: str
    shown: str
    rules: tuple[str, ...] = ()
    rows: int = 0
    why: str = ""


class Shown:
    """The proven rows of a dossier, by finding, with its rules made ready once for all that run over them."""

    def __init__(self, state: State, shown: Mapping[Item, Iterable[VerifiedRows]]) -> None:
        self._state, self._shown = state, shown
        self._packs: Packs = {}
        self._here: dict[str, RowsHere] = {}

    def rows(self, item: Item) -> dict[int, bytes]:
        """The rows of an item that are shown, with those that name their columns."""
        found: dict[int, bytes] = {}
        for part in self._shown.get(item, ()):
            found.update(part.rows)
        return found

    def here(self, record: str, content: Report) -> RowsHere:
        """The rules of a finding made ready over the rows of its item."""
        if record not in self._here:
            # A finding is accepted with the seal of its item alone.
            form = name_format(splitter_of(self._state, content.item) or "")
            self._here[record] = RowsHere(content, self.rows(content.item), form, self._packs)
        return self._here[record]

    def costs(self, record: str, content: Report) -> int:
        """What it takes to make its rules ready; nothing more for rules that are so already."""
        if record in self._here or sources_of(content) in self._packs:
            return 0
        return RowsHere.costs(content)


def replay_findings(state: State, shown: Shown, everything: bool = False) -> tuple[FindingCheck, ...]:
    """Every accepted finding of a state, run again over the proven rows of its item, as long as all of them
    together stay within ``REPLAYED``; ``everything``: however long it takes."""
    effort = Effort(None if everything else REPLAYED)
    return tuple(
        _check(accepted.id, accepted.author, accepted.content, shown, effort)
        for accepted in state.of("finding.report")
        if isinstance(accepted.content, Report)
    )


def replay_reruns(state: State, shown: Shown, everything: bool = False) -> tuple[RerunCheck, ...]:
    """Every accepted re-run of a state, held against its finding and the proven rows, as long as all of them
    together stay within ``CHECKED``; ``everything``: however long it takes."""
    effort = Effort(None if everything else CHECKED)
    checks: list[RerunCheck] = []
    for finding in dict.fromkeys(_of(accepted) for accepted in state.of("finding.replicate")):
        make = partial(_ready, shown, finding, effort)
        checks += check_reruns(state, finding, make, effort)
    return tuple(checks)


def check_reruns(
    state: State, finding: str, ready: Callable[[Report], RowsHere | Why], effort: Effort
) -> Iterator[RerunCheck]:
    """Every accepted re-run of a finding, held against it. ``ready`` makes its rules ready over the rows
    that are here, where that is not too much; it is not asked for rules that are not what their digests
    name."""
    runs = [accepted for accepted in state.of("finding.replicate") if _of(accepted) == finding]
    report = state.accepted[finding].content
    assert isinstance(report, Report)
    if not runs:
        return
    if _listed(report) > ROWS_LIMIT or not effort.take(_listed(report)):
        yield from (RerunCheck(record=run.id, why="size") for run in runs)
        return
    flaws = tuple(flaw.part for flaw in find_flaws(report))
    here: RowsHere | Why = "unable" if "source" in flaws else ready(report)
    looked = _looked_at(state)
    for run in runs:
        content = run.content
        assert isinstance(content, kinds.Replicate)
        if not effort.take(looked + len(content.rows) // RANGES):
            yield RerunCheck(record=run.id, why="size")
            continue
        given = rows_given(state, report.item, run)
        yield check_rerun(run.id, report, content, run.frame.rules, flaws, here, effort, given)


def _looked_at(state: State) -> int:
    """What it takes to find what of an item somebody was given, in pieces of work."""
    told = len(state.of("evidence.seal"))
    for record in state.of("evidence.disclose"):
        assert isinstance(record.content, kinds.Disclose)
        told += 1 + len(record.content.rows)
    return told // RANGES


def _listed(content: Report | kinds.Replicate) -> int:
    return sum(count for match in content.matches for _, count in match.rows)


def _of(accepted: Accepted) -> str:
    assert isinstance(accepted.content, kinds.Replicate)
    return accepted.content.finding


def _ready(shown: Shown, finding: str, effort: Effort, report: Report) -> RowsHere | Why:
    if effort.take(shown.costs(finding, report)):
        return shown.here(finding, report)
    return "size"


def _check(record: str, author: str, content: Report, shown: Shown, effort: Effort) -> FindingCheck:
    rows = 0

    def done(digests: str, shown: str, why: str = "") -> FindingCheck:
        return FindingCheck(
            record=record,
            author=author,
            digests=digests,
            shown=shown,
            rules=tuple(rule.name for rule in content.rules),
            rows=rows,
            why=why,
        )

    if _listed(content) > ROWS_LIMIT:
        return done("finding.size", "not-possible", f"it lists more than {ROWS_LIMIT} matched rows")
    if not effort.take(_listed(content)):
        return done("not-checked", "not-possible", LONG)
    try:
        stated = check_stated(content, record)
    except NotVerified as error:
        return done(error.code, "not-possible", error.why)
    if not shown.rows(content.item):
        return done("hold", "not-possible", "no rows of its item are shown")
    if not effort.take(shown.costs(record, content)):
        return done("hold", "not-possible", LONG)
    here = shown.here(record, content)
    if not here.unable and not effort.take(here.work):
        return done("hold", "not-possible", LONG)
    rows = len(here.rows)
    again = here.run(parameters_of(content, content.logsource))
    if isinstance(again, str):
        return done("hold", "not-possible", again)
    compared = compare(stated, again, "rows", here.rows, here.whole)
    if compared.verdict == "shown rows match":
        return done("hold", "shown-rows-match", say_not_whole(content, here.partly))
    if compared.verdict == "not possible":
        if here.whole.issuperset(rule for rule, _ in stated.rows):
            return done(
                "hold",
                "not-possible",
                "its rules look at many rows together, which only the whole item can show",
            )
        return done("hold", "not-possible", "none of the rows that it names is shown")
    missing, more = len(compared.only_here), len(compared.only_there)
    why = f"of the shown rows, {missing} match and are not listed, {more} are listed and do not match"
    return done("hold", "different", "; ".join(filter(None, (why, say_not_whole(content, here.partly)))))


def say_not_whole(content: Report, rows: Collection[int]) -> str:
    """Which shown rows were not asked whole here, and which the finding says were not there; "" for none."""
    told = [f"of the shown rows not asked whole here: {read_partly(say_engine('', rows))}"] if rows else []
    if said := read_partly(content.engine):
        told.append(f"not asked whole where it was run, as it says: {said}")
    return "; ".join(told)


def unshown(state: State, shown: Mapping[Item, Iterable[VerifiedRows]]) -> tuple[str, ...]:
    """Accepted seals of items of which this dossier shows no row."""
    return tuple(
        seal.id
        for seal in state.of("evidence.seal")
        if isinstance(seal.content, kinds.Seal) and seal.content.item not in shown
    )
