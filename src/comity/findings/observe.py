"""Which rows an expression over several observations matches (STIX 2.1, section 9.5; spec/11-findings.md).

A *binding* gives each observation of the expression a row of its own. A row is matched when it is part of
a binding that satisfies the expression; so what is matched depends on no order of search. For each row
one binding is looked for, through rows in order of (time, row), within a bounded number of steps.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from comity.findings.windows import Events
from comity.records.canonical import Json

STEPS: Final = 2_000_000
"""How many rows may be tried for one rule on one item."""
REPEATS: Final = 100
"""The most repetitions of an expression; of a single observation any number may be asked."""

_FIRST: Final = -(1 << 62)
_LAST: Final = 1 << 62


@dataclass(frozen=True, slots=True)
class Step:
    """A part of an expression. ``within`` has its span in ``high``, ``repeats`` its number in ``low``,
    ``between`` its start (included) and stop (excluded) in both; times are in microseconds."""

    operator: Literal["and", "or", "followed", "within", "repeats", "between"]
    parts: tuple[Tree, ...]
    low: int = 0
    high: int = 0

    def to_json(self) -> Json:
        """The expression as arrays."""
        inner: list[Json] = [part if isinstance(part, int) else part.to_json() for part in self.parts]
        return [self.operator, self.low, self.high, *inner]


Tree: TypeAlias = "int | Step"
"""A number is an observation: a row that matches that part of the rule."""


class ExhaustedError(Exception):
    """The search took more steps than it may; the rule gives no verdict on the item."""


@dataclass(frozen=True, slots=True)
class _Bound:
    rows: frozenset[int]
    first: int
    last: int
    mark: tuple[int, int]


class Observer:
    """An expression over the events of its observations in one item."""

    def __init__(self, tree: Tree, events: Sequence[Events]) -> None:
        self.tree = tree
        self.events = [sorted(zip(each.times, each.rows, strict=True)) for each in events]
        self.known = [{row: (time, row) for time, row in each} for each in self.events]
        self.steps = 0

    def rows(self) -> set[int]:
        """Every row that is part of a satisfying binding; ``ExhaustedError`` where that takes too long."""
        quick = self._repeated(self.tree, _LAST)
        if quick is not None:
            return quick
        found: set[int] = set()
        for row in sorted({row for events in self.events for _, row in events}):
            if row not in found:
                for bound in self._solve(self.tree, _FIRST, _LAST, frozenset(), _LAST, row):
                    found |= bound.rows
                    break
        return found

    def binding(self, row: int) -> tuple[int, ...]:
        """The rows of one binding that ``row`` is part of, in order of (time, row); none where it is in none.
        ``ExhaustedError`` where that takes too long."""
        bound = self._repeated(self.tree, _LAST, row)
        if bound is None:
            first = next(self._solve(self.tree, _FIRST, _LAST, frozenset(), _LAST, row), None)
            bound = set() if first is None else set(first.rows)
        times = {each: time for events in self.events for time, each in events if each in bound}
        return tuple(sorted(bound, key=lambda each: (times[each], each)))

    def _repeated(self, tree: Tree, span: int, must: int | None = None) -> set[int] | None:
        """A single observation repeated, with or without a span: a matter of counting. All rows that are in
        such a run; of ``must``, as many as are asked for, itself among them."""
        if isinstance(tree, Step) and tree.operator == "within":
            return self._repeated(tree.parts[0], min(span, tree.high), must)
        if not isinstance(tree, Step) or tree.operator != "repeats" or not isinstance(tree.parts[0], int):
            return None
        times = [time for time, _ in self.events[tree.parts[0]]]
        rows = [row for _, row in self.events[tree.parts[0]]]
        found: set[int] = set()
        done = 0
        for first, time in enumerate(times):
            end = bisect_right(times, time + span)
            if end - first >= tree.low:
                if must is not None:
                    at = rows.index(must) if must in rows else -1
                    if first <= at < end:
                        start = min(at, end - tree.low)
                        return set(rows[start : start + tree.low])
                    continue
                found.update(rows[max(first, done) : end])
                done = end
        return found

    def _solve(
        self, tree: Tree, low: int, high: int, used: frozenset[int], span: int, must: int | None
    ) -> Iterator[_Bound]:
        """Bindings with all times from ``low`` to ``high``, none further apart than ``span``, of rows not
        ``used``. Where ``must`` is given, that row is one of them."""
        if isinstance(tree, int):
            yield from self._events(tree, low, high, used, must)
            return
        match tree.operator:
            case "or":
                for part in tree.parts:
                    yield from self._solve(part, low, high, used, span, must)
            case "within":
                for bound in self._solve(tree.parts[0], low, high, used, min(span, tree.high), must):
                    if bound.last - bound.first <= tree.high:
                        yield bound
            case "between":
                low, high = max(low, tree.low), min(high, tree.high - 1)
                yield from self._solve(tree.parts[0], low, high, used, span, must)
            case "repeats" if must is None:
                yield from self._repeat(tree, tree.low, low, high, used, span, None)
            case "repeats":
                for one in self._solve(tree.parts[0], low, high, used, span, must):
                    start, end = max(low, one.last - span), min(high, one.first + span)
                    for rest in self._repeat(tree, tree.low - 1, start, end, used | one.rows, span, None):
                        yield _together(one, rest)
            case "and" | "followed":
                yield from self._pair(tree, low, high, used, span, must)

    def _pair(
        self, tree: Step, low: int, high: int, used: frozenset[int], span: int, must: int | None
    ) -> Iterator[_Bound]:
        left, right = tree.parts
        ordered = tree.operator == "followed"
        for one in self._solve(left, low, high, used, span, must):
            start = max(low, one.last if ordered else low, one.last - span)
            for two in self._solve(right, start, min(high, one.first + span), used | one.rows, span, None):
                yield _together(one, two)
        if must is not None:
            for two in self._solve(right, low, high, used, span, must):
                end = min(high, two.first if ordered else high, two.first + span)
                for one in self._solve(left, max(low, two.last - span), end, used | two.rows, span, None):
                    yield _together(one, two)

    def _events(
        self, part: int, low: int, high: int, used: frozenset[int], must: int | None
    ) -> Iterator[_Bound]:
        events = self.events[part]
        if must is not None:
            events = [self.known[part][must]] if must in self.known[part] else []
        for at in range(bisect_left(events, (low, _FIRST)), len(events)):
            time, row = events[at]
            self.steps += 1
            if self.steps > STEPS:
                raise ExhaustedError
            if time > high:
                return
            if row not in used:
                yield _Bound(frozenset((row,)), time, time, (time, row))

    def _repeat(
        self,
        tree: Step,
        times: int,
        low: int,
        high: int,
        used: frozenset[int],
        span: int,
        after: tuple[int, int] | None,
    ) -> Iterator[_Bound]:
        """Bindings of disjoint repetitions, in the order of their first rows."""
        if times == 0:
            yield _Bound(frozenset(), _LAST, _FIRST, (_LAST, 0))
            return
        for one in self._solve(tree.parts[0], low, high, used, span, None):
            if after is None or one.mark > after:
                start, end = max(low, one.last - span), min(high, one.first + span)
                for rest in self._repeat(tree, times - 1, start, end, used | one.rows, span, one.mark):
                    yield _together(one, rest)


def _together(one: _Bound, two: _Bound) -> _Bound:
    return _Bound(
        one.rows | two.rows, min(one.first, two.first), max(one.last, two.last), min(one.mark, two.mark)
    )
