"""Signed re-runs of findings, in words and as data: by whom, over what, how they end, which rows differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from comity.case.reruns import RowsApart, ran_nothing, rows_apart, splitter_of
from comity.case.state import Accepted, State
from comity.dossier.rerun_checks import Fault, RerunCheck, Why
from comity.phrases import Phrase, count_of, joined, phrase
from comity.records.canonical import Json
from comity.records.kinds import Item, Replicate, Report
from comity.records.spans import Spans, count_rows, ranges_in, rows_without, spans_of

SHOWN = 12
"""Ranges of rows that are written out."""
FAULTS: Final[Mapping[Fault, Phrase]] = {
    "inputs": phrase("its inputs digest is not that of what it says it ran"),
    "result": phrase("its result digest is not that of the rows that it names"),
    "agrees": phrase("it agrees with a finding that is false in itself"),
    "part": phrase("it names a part in which the two do not differ"),
    "cause": phrase("its cause is not the one that follows from what differs"),
    "verdict": phrase("its verdict does not follow from what the two records name"),
    "left-out": phrase("it leaves out a rule that is decided row by row"),
    "needs-whole": phrase("it compares a rule over rows that only the whole item decides"),
    "rows": phrase("run here over the same rows, the rules name other rows"),
}
"""What of a re-run does not hold, in words."""
WHY: Final[Mapping[Why, Phrase]] = {
    "nothing": phrase("no row was compared"),
    "not-named": phrase("its record does not name its rows"),
    "none-named": phrase("neither run names a row, and the whole item was not run here"),
    "not-here": phrase("its rows are not shown here"),
    "unreadable": phrase("the item is held here and cannot be read"),
    "own-item": phrase("it ran over an item of its own"),
    "size": phrase("that takes long"),
    "unable": phrase("the rules cannot run here"),
}
"""Why it, or the rest of it, was not computed again here."""
_HOW: Final = "comity verify --rerun-all does it"
_SCOPED = "completeness, counts, absence and correlations not checked"


def rerun_lines(
    state: State,
    finding: str,
    called: Callable[[str], str],
    escape: Callable[[str], str],
    checks: Mapping[str, RerunCheck] | None = None,
) -> Iterator[str]:
    """One line for each re-run of a finding, one for the rows that differ, and one for what of it was
    computed again here; ``checks`` by the record."""
    for record, report, content in _reruns(state, finding):
        check = (checks or {}).get(record.id)
        parts = f" ({escape(content.part)})" if content.part else ""
        cause = f", because of {content.cause}{parts}" if content.cause else ""
        open_still = f"; {_SCOPED}" if content.verdict == "shown-rows-match" else ""
        verdict = content.verdict.replace("-", " ")
        over = _over(state, report, content, record.frame.rules)
        by = called(record.author)
        yield f"run again by {by} {over}, {record.id[:12]}…, as it states: {verdict}{cause}{open_still}"
        apart = rows_apart(report, content)
        if apart is not None:
            yield f"  {_apart_text(apart)}"
        if check is not None:
            yield from (f"  {escape(line)}" for line in check_lines(check, _HOW))


def check_lines(check: RerunCheck, how: str = "") -> Iterator[Phrase]:
    """What of a re-run was computed again here, and what of it does not hold. ``how`` says what computes
    again what takes long."""
    if check.faults:
        yield phrase("this does NOT hold: {}", joined((FAULTS[fault] for fault in check.faults), "; "))
    rows = count_of(check.rows, "row")
    missing = check.why == "not-here"
    if check.rows:
        over = rows
        if check.of:
            of = count_of(check.of, "row")
            over = (
                phrase("its {}", rows) if check.of == check.rows else phrase("{} of its {}", check.rows, of)
            )
        said = phrase(
            "recomputed here over {}"
            if "rows" in check.faults
            else "recomputed here over {}, with the result that it states",
            over,
        )
        if missing:
            rest = (
                phrase("its other rows are not shown here")
                if check.of
                else phrase("the rest of the item was not run here")
            )
            said = joined((said, rest), "; ")
        elif check.why:
            said = joined((said, phrase("which other rows it saw, its record does not name")), "; ")
        yield said
    elif check.why:
        why = phrase("the item is not shown here") if missing and not check.of else WHY[check.why]
        more = check.unable or (how if check.why == "size" else "")
        yield phrase("not recomputed here: {}", joined((why, *([more] if more else [])), "; "))
    if check.unshown:
        shown = count_of(check.unshown, "row")
        yield phrase("for {} of these, no disclosure opened here shows that its author had them", shown)


def check_json(check: RerunCheck) -> Json:
    """The same as data: ``result`` is ``recomputed``, ``in part``, ``stated`` (not recomputed here) or
    ``false``; ``rows`` of ``of`` (0: not known) rows were run, ``why`` says why not the others."""
    return {
        "result": check.result,
        "faults": list(check.faults),
        "rows": check.rows,
        "of": check.of,
        "why": check.why,
        "unshown": check.unshown,
    }


def reruns_json(state: State, checks: Iterable[RerunCheck] = ()) -> list[Json]:
    """Every re-run of the case as an object; ``only_there`` and ``only_here`` are ranges by rule, absent
    where the record does not say which rows it saw, or says no difference; ``check`` is what of it was
    computed again here."""
    checked = {check.record: check for check in checks}
    out: list[Json] = []
    for each in state.of("finding.report"):
        for record, report, content in _reruns(state, each.id):
            apart = rows_apart(report, content)
            one: dict[str, Json] = {
                "record": record.id,
                "finding": each.id,
                "by": record.author,
                "scope": content.scope,
                "verdict": content.verdict,
                "cause": content.cause,
                "part": content.part,
                "rows": [list(pair) for pair in content.rows],
                "left_out": list(content.left_out),
            }
            if record.id in checked:
                one["check"] = check_json(checked[record.id])
            if apart is not None:
                one["only_there"] = _ranges_json(apart.only_there.items())
                one["only_here"] = _ranges_json(apart.only_here.items())
            out.append(one)
    return out


def _reruns(state: State, finding: str) -> Iterator[tuple[Accepted, Report, Replicate]]:
    report = state.accepted[finding].content
    for record in state.of("finding.replicate"):
        content = record.content
        if isinstance(content, Replicate) and content.finding == finding and isinstance(report, Report):
            yield record, report, content


def _over(state: State, report: Report, content: Replicate, rules: int) -> str:
    """Over what it was run, as its record says; the row that names the columns of a table is no row of it."""
    if content.scope == "whole":
        return "over an item of its own" if isinstance(content.item, Item) else "over the whole item"
    if ran_nothing(content, rules):
        return "(no row was compared)"
    if not content.rows:
        why = "rules 1 have no place for them" if rules < 2 else "not all its readers may know them"
        return f"over rows that its record does not name ({why})"
    rows = spans_of([content.rows])
    if (splitter_of(state, report.item) or "").partition("/")[0] == "csv":
        rows = rows_without(rows, [(1, 1)])
    left = f", {len(content.left_out)} of {len(report.rules)} rules left out" if content.left_out else ""
    return f"over {_rows(count_rows(rows))} ({_listed(rows)}){left}"


def _apart_text(apart: RowsApart) -> str:
    if not apart.there and not apart.here:
        return "the rows named are the same"
    sides = [(apart.only_there, "only in the finding"), (apart.only_here, "only in the re-run")]
    return "; ".join(
        f"{_rows(count_rows(rows))} {where} ({_listed(rows)})"
        for by_rule, where in sides
        if (rows := spans_of(ranges_in(spans) for spans in by_rule.values()))
    )


def _rows(number: int) -> str:
    return f"{number:,} {'row' if number == 1 else 'rows'}"


def _listed(spans: Spans) -> str:
    said = ", ".join(f"{a}" if a == b else f"{a}–{b}" for a, b in spans[:SHOWN])
    return said if len(spans) <= SHOWN else f"{said} and {count_rows(spans[SHOWN:]):,} more"


def _ranges_json(by_rule: Iterable[tuple[str, Spans]]) -> dict[str, Json]:
    return {rule: [list(pair) for pair in ranges_in(spans)] for rule, spans in sorted(by_rule)}
