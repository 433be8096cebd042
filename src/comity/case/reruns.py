"""What a re-run says of a finding: which rows it ran over, and which rows only one of the two names.

Read from records alone, so that it never grows or shrinks with what is disclosed later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from comity.case.state import Accepted, State
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


def splitter_of(state: State, item: kinds.Item) -> str | None:
    """How a sealed item is cut, as its first accepted seal says: whoever seals it later could say anything.
    None where no seal of it is held."""
    for accepted in state.of("evidence.seal"):
        if isinstance(accepted.content, kinds.Seal) and accepted.content.item == item:
            return accepted.content.splitter
    return None


def rows_given(state: State, item: kinds.Item, run: Accepted) -> Spans | None:
    """The rows of an item that its author could have when it signed a re-run, as far as the records here
    tell; None for the whole item: it sealed that itself, or all of it was disclosed to it."""
    for seal in state.of("evidence.seal"):
        if isinstance(seal.content, kinds.Seal) and (seal.author, seal.content.item) == (run.author, item):
            return None
    shown = []
    for record in state.of("evidence.disclose"):
        content = record.content
        # What stands no deeper than the re-run cannot be in its past.
        if (
            isinstance(content, kinds.Disclose)
            and content.item == item
            and not {run.author, kinds.PUBLIC}.isdisjoint(content.to)
            and state.depths[record.id] < state.depths[run.id]
        ):
            if content.level == "whole":
                return None
            shown.append(content.rows)
    return spans_of(shown)


def _by_rule(
    matches: tuple[kinds.Match, ...], left_out: tuple[str, ...], limit: Spans | None
) -> dict[str, Spans]:
    found = {match.rule: spans_of([match.rows]) for match in matches if match.rule not in left_out}
    return found if limit is None else {rule: common_rows(spans, limit) for rule, spans in found.items()}


def _without(a: Mapping[str, Spans], b: Mapping[str, Spans]) -> dict[str, Spans]:
    alone = ((rule, rows_without(spans, b.get(rule, []))) for rule, spans in a.items())
    return {rule: spans for rule, spans in alone if spans}
