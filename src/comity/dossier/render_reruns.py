"""Signed re-runs of findings, in words and as data: by whom, over what, how they end, which rows differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from comity.case.reruns import RowsApart, ran_nothing, rows_apart
from comity.case.state import Accepted, State
from comity.records.canonical import Json
from comity.records.kinds import Item, Replicate, Report
from comity.records.spans import Spans, count_rows, ranges_in, spans_of

SHOWN = 12
"""Ranges of rows that are written out."""
_SCOPED = "completeness, counts, absence and correlations not checked"


def rerun_lines(
    state: State, finding: str, called: Callable[[str], str], escape: Callable[[str], str]
) -> Iterator[str]:
    """One line for each re-run of a finding, and one more for the rows that differ."""
    for record, report, content in _reruns(state, finding):
        parts = f" ({escape(content.part)})" if content.part else ""
        cause = f", because of {content.cause}{parts}" if content.cause else ""
        open_still = f"; {_SCOPED}" if content.verdict == "shown-rows-match" else ""
        verdict = content.verdict.replace("-", " ")
        over = _over(report, content, record.frame.rules)
        yield f"run again by {called(record.author)} {over}, {record.id[:12]}…: {verdict}{cause}{open_still}"
        apart = rows_apart(report, content)
        if apart is not None:
            yield f"  {_apart_text(apart)}"


def reruns_json(state: State) -> list[Json]:
    """Every re-run of the case as an object; ``only_there`` and ``only_here`` are ranges by rule, absent
    where the record does not say which rows it saw, or says no difference."""
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


def _over(report: Report, content: Replicate, rules: int) -> str:
    """Over what it was run, as its record says."""
    if content.scope == "whole":
        return "over an item of its own" if isinstance(content.item, Item) else "over the whole item"
    if ran_nothing(content, rules):
        return "(nothing was run)"
    if not content.rows:
        return "over rows that are not on record"
    rows = spans_of([content.rows])
    left = f", {len(content.left_out)} of {len(report.rules)} rules left out" if content.left_out else ""
    return f"over {_rows(count_rows(rows))} ({_listed(rows)}){left}"


def _apart_text(apart: RowsApart) -> str:
    if not apart.there and not apart.here:
        return "the rows named are the same"
    sides = [(apart.only_there, "only there"), (apart.only_here, "only here")]
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
