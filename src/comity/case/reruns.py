"""What a re-run says of a finding: which rows it ran over, and which rows only one of the two names.

Read from the two records alone, so that it never grows or shrinks with what is disclosed later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from comity.records import kinds
from comity.records.spans import Spans, common_rows, count_rows, rows_without, spans_of

_FLAWS = frozenset({"source", "inputs", "result"})
"""Parts of a finding that do not hold by themselves (``spec/11-findings.md`` clause 6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsApart:
    """Rows that only one of two runs names, by the rule's digest; rules with none are absent."""

    only_there: Mapping[str, Spans]
    only_here: Mapping[str, Spans]

    @property
    def there(self) -> int:
        """How many (rule, row) pairs only the report has."""
        return sum(map(count_rows, self.only_there.values()))

    @property
    def here(self) -> int:
        """How many only the re-run has."""
        return sum(map(count_rows, self.only_here.values()))


def states_rows(content: kinds.Replicate) -> bool:
    """Whether the record itself says of which rows it speaks: all of them, or those that it names."""
    return content.scope == "whole" or bool(content.rows)


def ran_nothing(content: kinds.Replicate, rules: int) -> bool:
    """Whether the record says that no row was run. ``rules`` is the version of the rules that it was signed
    under: since 2 a run over rows names them, so a finding false in itself with none was not run."""
    if states_rows(content):
        return False
    if content.verdict == "not-possible":
        return True
    parts = set(content.part.split(", "))
    return "source" in parts or (rules >= 2 and bool(parts & _FLAWS) and not content.matches)


def rows_apart(report: kinds.Report, content: kinds.Replicate) -> RowsApart | None:
    """The rows that only the report or only the re-run names, within the rows and rules that the re-run
    speaks of; None where it is no difference, or where the record does not say which rows it saw."""
    if content.verdict != "different" or not states_rows(content):
        return None
    limit = spans_of([content.rows]) if content.scope == "rows" else None
    there = _by_rule(report.matches, content.left_out, limit)
    here = _by_rule(content.matches, content.left_out, limit)
    return RowsApart(only_there=_without(there, here), only_here=_without(here, there))


def _by_rule(
    matches: tuple[kinds.Match, ...], left_out: tuple[str, ...], limit: Spans | None
) -> dict[str, Spans]:
    found = {match.rule: spans_of([match.rows]) for match in matches if match.rule not in left_out}
    return found if limit is None else {rule: common_rows(spans, limit) for rule, spans in found.items()}


def _without(a: Mapping[str, Spans], b: Mapping[str, Spans]) -> dict[str, Spans]:
    alone = ((rule, rows_without(spans, b.get(rule, []))) for rule, spans in a.items())
    return {rule: spans for rule, spans in alone if spans}
