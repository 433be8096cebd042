"""A signed re-run held against the two records, and run here over those of its rows that are here.

What a re-run states is its author's word. From the two records alone follow its digests, which part can
differ, and whether its verdict can be right; whether its rows are so shows only a run over them.
A re-run that does not hold stays accepted: that is a result for the reader to see.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from comity.case.reruns import ran_nothing, states_rows
from comity.dossier.rerun import parameters_of
from comity.dossier.rows_here import Effort, RowsHere
from comity.findings.finding import Hit, cause_of, inputs_digest, result_digest
from comity.phrases import joined, phrase
from comity.records import kinds
from comity.records.kinds import Item, Replicate, Report
from comity.records.spans import Spans, common_rows, count_rows, ranges_in, rows_without, spans_of

Fault: TypeAlias = Literal[
    "inputs", "result", "agrees", "part", "cause", "verdict", "left-out", "needs-whole", "rows"
]
"""What of a re-run does not hold: a digest that is not that of what it lists; agreement with a finding that
is false in itself; a part that does not differ; a cause that does not follow; a verdict that does not; rules
left out that are decided row by row, or not left out and not; rows that the rules, run here, do not name
so."""
Why: TypeAlias = Literal[
    "", "nothing", "not-named", "none-named", "not-here", "unreadable", "own-item", "size", "unable"
]
"""Why it was not run here, or not over all: no row was compared; its record names no rows; neither run
names a row, so that none was looked at; (some of) its rows are not here; the item is held and cannot be read;
it ran over an item of its own; that takes long; the rules cannot run here."""
CHECKED: Final = 3_000_000
"""The most work for the re-runs of one dossier, all together: about half a minute."""

ROWS_LIMIT: Final = 5_000_000
"""The most matched rows that a finding or a re-run is checked with; ranges can claim more than a memory
holds."""

_KNOWN: Final = frozenset({"zone", "since", "until", "item", "source", "inputs", "result"})
_UNSEEN: Final = frozenset({"rules", "pack", "semantics", "logsource"})
"""Parts that no record of a re-run shows: they are its author's word."""
_INPUTS: Final = {
    "rules": phrase("the rules"),
    "pack": phrase("what the rules compile to"),
    "semantics": phrase("the version of the rules of matching"),
    "logsource": phrase("what the item was declared to be a log of"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RerunCheck:
    """``rows`` of the rows that the re-run speaks of were run here, of so many in all (``of``; 0: not known);
    rows that name columns are no rows of it. ``unshown`` are rows that no disclosure on record here shows to
    its author."""

    record: str
    faults: tuple[Fault, ...] = ()
    rows: int = 0
    of: int = 0
    why: Why = ""
    unable: str = ""
    unshown: int = 0

    @property
    def result(self) -> Literal["recomputed", "in part", "stated", "false"]:
        """How far what it states was computed again here; ``false`` where something of it does not hold."""
        if self.faults:
            return "false"
        if not self.rows:
            return "stated"
        return "recomputed" if not self.why else "in part"


def check_rerun(
    record: str,
    report: Report,
    content: Replicate,
    rules: int,
    flaws: Iterable[str],
    here: RowsHere | Why,
    effort: Effort,
    given: Spans | None = None,
) -> RerunCheck:
    """One re-run of a finding. ``rules`` is the version of the rules that it was signed under, ``flaws`` are
    the parts in which the finding is false in itself, ``here`` its rules and those rows of its item that are
    here (None: they are not made ready), ``given`` the rows that its author was shown, as far as records
    here tell (None: the whole item)."""
    false = frozenset(flaws)
    nothing = ran_nothing(content, rules)
    faults = [*_parts_false(report, content, false)]
    if nothing:
        return RerunCheck(record=record, faults=tuple(faults), why="nothing")
    named = _named_rows(content, here)
    of = count_rows(named) if named is not None else 0
    unshown = _unshown(report, content, named, given)
    listed = sum(count for match in (*report.matches, *content.matches) for _, count in match.rows)
    if listed > ROWS_LIMIT or not effort.take(listed):
        # A range of any length is one pair of numbers.
        return RerunCheck(record=record, faults=tuple(faults), of=of, why="size", unshown=unshown)
    found = _found(report, content)
    faults += _digests_false(report, content, found)
    faults += _verdict_false(report, content, found)
    ran = _run_here(report, content, found, named, here, effort)
    return RerunCheck(
        record=record,
        faults=(*faults, *ran.faults),
        rows=ran.rows,
        of=of,
        why=ran.why,
        unable=ran.unable,
        unshown=unshown,
    )


def _parts_false(report: Report, content: Replicate, flaws: frozenset[str]) -> Iterator[Fault]:
    """Whether the parts and the cause are those in which the two differ, as far as the records show them."""
    differing = set(flaws)
    if isinstance(content.item, Item):
        differing.add("item")
    for name in ("zone", "since", "until"):
        if getattr(report.parameters, name) != getattr(content.parameters, name):
            differing.add(name)
    if content.verdict in ("same", "shown-rows-match"):
        if flaws:
            yield "agrees"
        elif differing:
            yield "verdict"
    if content.verdict != "different":
        if content.part:
            yield "part"  # with nothing that differs no part does
        return
    stated = {part for part in content.part.split(", ") if part}
    if (stated & _KNOWN) - differing:
        yield "part"
    # Another engine may name parts of its own; and of identity without a part nothing can be checked.
    told = stated <= _KNOWN | _UNSEEN and (stated or content.cause != "identity")
    if told and content.cause != cause_of(differing | (stated & _UNSEEN)):
        yield "cause"


def _found(report: Report, content: Replicate) -> frozenset[Hit] | None:
    """What the re-run says that its rules named; None where the two records do not say it."""
    if content.verdict == "same":
        return _hits(report, content, None)
    if content.verdict == "different":
        if not states_rows(content) and not content.matches:
            return None
        return frozenset((m.rule, row) for m in content.matches for row in kinds.rows_of(m.rows))
    if content.verdict == "not-possible" or not content.rows:
        return None
    return _hits(report, content, spans_of([content.rows]))


def _hits(report: Report, content: Replicate, limit: Spans | None) -> frozenset[Hit]:
    """What the report names within these rows, by the rules that were not left out."""
    found: set[Hit] = set()
    for match in report.matches:
        if match.rule not in content.left_out:
            spans = spans_of([match.rows])
            within = spans if limit is None else common_rows(spans, limit)
            found.update((match.rule, row) for row in kinds.rows_of(ranges_in(within)))
    return frozenset(found)


def _digests_false(report: Report, content: Replicate, found: frozenset[Hit] | None) -> Iterator[Fault]:
    if found is None or content.verdict == "same":
        return  # "same" names the digests of the report, or its record is refused
    item = content.item if isinstance(content.item, Item) else report.item
    named = f"rows:{item.size}:{item.root}"
    parts = set(content.part.split(", "))
    if not parts & (_UNSEEN | {"source"}) and (content.cause != "identity" or content.part):
        used = parameters_of(content, report.logsource)
        rules = [rule.digest for rule in report.rules]
        if content.inputs != inputs_digest(rules, report.pack, named, used, report.semantics):
            yield "inputs"
    if content.result != result_digest(named, found):
        yield "result"


def _verdict_false(report: Report, content: Replicate, found: frozenset[Hit] | None) -> Iterator[Fault]:
    """Whether the verdict can follow from what the two records name."""
    if content.verdict == "shown-rows-match" and found is not None and not found:
        yield "verdict"  # nothing agreed with nothing
    elif content.verdict == "not-possible" and content.rows:
        if _hits(report, content, spans_of([content.rows])):
            yield "verdict"
    elif content.cause == "engine" and states_rows(content):
        limit = spans_of([content.rows]) if content.rows else None
        if found == _hits(report, content, limit):
            yield "verdict"


@dataclass(frozen=True, slots=True)
class _Ran:
    faults: tuple[Fault, ...] = ()
    rows: int = 0
    why: Why = ""
    unable: str = ""


def _run_here(
    report: Report,
    content: Replicate,
    found: frozenset[Hit] | None,
    named: Spans | None,
    here: RowsHere | Why,
    effort: Effort,
) -> _Ran:
    if isinstance(content.item, Item):
        return _Ran(why="own-item")
    if found is None:
        return _Ran(why="nothing" if content.verdict == "not-possible" else "not-named")
    if isinstance(here, str):
        return _Ran(why=here)
    if other := _UNSEEN & set(content.part.split(", ")):
        # What is run here is not what it says it ran, and no record shows that.
        said = joined(_INPUTS[part] for part in sorted(other))
        return _Ran(why="unable", unable=phrase("it states other inputs than the finding: {}", said))
    if here.unable:
        return _Ran(why="unable", unable=here.unable)
    apart = _left_out_false(report, content, here)
    shown = spans_of([kinds.ranges_of(tuple(sorted(here.rows)))])
    if not states_rows(content):
        # Which other rows it ran over it does not say; those that it lists it ran over.
        named, why = spans_of(m.rows for m in content.matches), "not-named"
    else:
        why = "not-here"
    both = shown if named is None else common_rows(shown, named)
    if not both:
        return _Ran(apart, why="nothing" if named is not None and not named else "not-here")
    used = parameters_of(content, report.logsource)
    if not here.has_run(used) and not effort.take(here.work):
        return _Ran(apart, why="size")
    hits = here.hits(used)
    if isinstance(hits, str):
        return _Ran(apart, why="unable", unable=hits)
    within = set(kinds.rows_of(ranges_in(both)))
    skip = here.whole | set(content.left_out)
    mine = {hit for hit in hits if hit[1] in within and hit[0] not in skip}
    theirs = {hit for hit in found if hit[1] in within and hit[0] not in skip}
    differs = not theirs <= mine if why == "not-named" else mine != theirs
    faults: tuple[Fault, ...] = (*apart, "rows") if differs else apart
    complete = named is not None and why == "not-here" and count_rows(both) == count_rows(named)
    return _Ran(faults, rows=count_rows(both), why="" if complete else why)  # type: ignore[arg-type]


def _left_out_false(report: Report, content: Replicate, here: RowsHere) -> tuple[Fault, ...]:
    if content.scope == "whole" or not content.rows:
        return ()
    needed = here.whole & {rule.digest for rule in report.rules}
    faults: list[Fault] = ["left-out"] if set(content.left_out) - needed else []
    if needed - set(content.left_out):
        faults.append("needs-whole")
    return tuple(faults)


def _named_rows(content: Replicate, here: RowsHere | Why) -> Spans | None:
    """The rows that a re-run over rows names, without those known here to name columns; None for all rows, or
    for a record that does not say which."""
    if not content.rows:
        return None
    headers = here.headers if isinstance(here, RowsHere) else frozenset()
    return rows_without(spans_of([content.rows]), spans_of([kinds.ranges_of(tuple(sorted(headers)))]))


def _unshown(report: Report, content: Replicate, named: Spans | None, given: Spans | None) -> int:
    if given is None or isinstance(content.item, Item):
        return 0
    if content.scope == "whole":
        named = [(1, report.item.size - 1)]
    return count_rows(rows_without(named, given)) if named else 0
