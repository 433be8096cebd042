"""Which rows a correlation matches, given the rows that its rules match (``spec/11-findings.md``).

An event is a row with its time. Events of a group are in order of (time, row). A *window* is a run of
them that fits in the time span and to which no further event of the group can be added: no clock
boundary, no order of arrival and no choice of a first event takes part. All numbers are exact.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import accumulate
from typing import Final, TypeAlias

from comity.findings.atoms import And, Node, Not, Or
from comity.findings.correlation import METRICS, Correlation

Text: TypeAlias = "str | tuple[str, ...]"
"""What a field holds, folded: one text, or the texts of a list."""

_NUMBER = re.compile(r"[+-]?[0-9]{1,400}(?:\.[0-9]{1,400})?(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)

COMPARE: Final[dict[str, Callable[[Fraction, Fraction], bool]]] = {
    "gt": Fraction.__gt__,
    "gte": Fraction.__ge__,
    "lt": Fraction.__lt__,
    "lte": Fraction.__le__,
    "eq": Fraction.__eq__,
    "neq": lambda a, b: a != b,
}


@dataclass(slots=True)
class Events:
    """The rows that one detection matched: ``times`` (microseconds since 1970, UTC), row numbers, and
    what each holds in the fields ``names``."""

    names: tuple[str, ...]
    times: list[int] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    values: list[tuple[Text | None, ...]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Event:
    time: int
    row: int
    rules: frozenset[int]
    value: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one group that a correlation matches: its key, and (row, numbers of its rules)."""

    key: tuple[Text, ...]
    rows: tuple[tuple[int, frozenset[int]], ...]


def fields_of_part(correlations: Sequence[Correlation], parts: int) -> list[tuple[str, ...]]:
    """For each detection, the names of all fields that correlations read of its events."""
    needed: list[dict[str, None]] = [{} for _ in range(parts)]
    for correlation in correlations:
        for place, rule in enumerate(correlation.rules):
            for leaf in _leaves(correlations, parts, rule):
                needed[leaf].update(dict.fromkeys(correlation.groups[place] + correlation.fields[place]))
    return [tuple(names) for names in needed]


def _leaves(correlations: Sequence[Correlation], parts: int, rule: int) -> set[int]:
    """The detections that a rule's events come from."""
    found: set[int] = set()
    seen: set[int] = set()
    due = [rule]
    while due:
        number = due.pop()
        if number in seen:
            continue
        seen.add(number)
        if number < parts:
            found.add(number)
        else:
            due += correlations[number - parts].rules
    return found


class Windows:
    """The correlations of one rule over the events of one item."""

    def __init__(self, correlations: Sequence[Correlation], events: Sequence[Events]) -> None:
        self.correlations = correlations
        self.events = events
        self.known: dict[int, tuple[Group, ...]] = {}

    def rows(self) -> set[int]:
        """The rows that the correlations shown match."""
        return {
            row
            for n, correlation in enumerate(self.correlations)
            if correlation.shown
            for group in self.groups(n)
            for row, _ in group.rows
        }

    def groups(self, number: int) -> tuple[Group, ...]:
        """What one correlation matches, group by group."""
        if number not in self.known:
            correlation = self.correlations[number]
            found = []
            for key, events in sorted(self._grouped(correlation).items(), key=lambda entry: repr(entry[0])):
                kept = _match(correlation, events)
                if kept:
                    found.append(Group(key, tuple((event.row, event.rules) for event in kept)))
            self.known[number] = tuple(found)
        return self.known[number]

    def _grouped(self, correlation: Correlation) -> dict[tuple[Text, ...], list[_Event]]:
        together: dict[tuple[Text, ...], dict[int, _Event]] = {}
        for place, rule in enumerate(correlation.rules):
            only = None
            if rule >= len(self.events):
                only = {row for group in self.groups(rule - len(self.events)) for row, _ in group.rows}
            for leaf in sorted(_leaves(self.correlations, len(self.events), rule)):
                for event, key in self._read(correlation, place, leaf, only):
                    group = together.setdefault(key, {})
                    before = group.get(event.row)
                    if before is not None:
                        event = _Event(event.time, event.row, before.rules | event.rules, before.value)
                    group[event.row] = event
        return {
            key: sorted(group.values(), key=lambda event: (event.time, event.row))
            for key, group in together.items()
        }

    def _read(
        self, correlation: Correlation, place: int, leaf: int, only: set[int] | None
    ) -> Iterator[tuple[_Event, tuple[Text, ...]]]:
        events = self.events[leaf]
        at = {name: n for n, name in enumerate(events.names)}
        group = [at[name] for name in correlation.groups[place]]
        counted = [at[name] for name in correlation.fields[place]]
        rules = frozenset((place,))
        metric = correlation.kind in METRICS
        for time, row, values in zip(events.times, events.rows, events.values, strict=True):
            if only is not None and row not in only:
                continue
            key = _all_of(values, group)
            value = _all_of(values, counted)
            if key is None or value is None or (metric and not _is_number(value)):
                continue
            yield _Event(time, row, rules, value), key


def _all_of(values: Sequence[Text | None], places: Iterable[int]) -> tuple[Text, ...] | None:
    found = []
    for place in places:
        value = values[place]
        if value is None:
            return None
        found.append(value)
    return tuple(found)


def _match(correlation: Correlation, events: list[_Event]) -> list[_Event]:
    if correlation.kind == "temporal_ordered":
        return _match_ordered(correlation, events)
    measure = _Metric(correlation, events) if correlation.kind in METRICS else _Count(correlation)
    marks = [0] * (len(events) + 1)
    added = dropped = 0
    for first, last in _windows([event.time for event in events], correlation.span):
        while added <= last:
            measure.add(events[added])
            added += 1
        while dropped < first:
            measure.drop(events[dropped])
            dropped += 1
        if measure.holds():
            marks[first] += 1
            marks[last + 1] -= 1
    return [event for event, depth in zip(events, accumulate(marks), strict=False) if depth]


def _windows(times: Sequence[int], span: int) -> Iterator[tuple[int, int]]:
    """First and last place of each window, in order."""
    last = -1
    for first, time in enumerate(times):
        end = max(last, first)
        while end + 1 < len(times) and times[end + 1] - time <= span:
            end += 1
        if end > last:
            last = end
            yield first, last


def _match_ordered(correlation: Correlation, events: list[_Event]) -> list[_Event]:
    """Events that are part of a chain: one row for each rule, each later than the one before, the first
    and the last no further apart than the span."""
    steps = len(correlation.rules)
    forward = _reach(events, range(steps), steps, 1)
    backward = _reach(events[::-1], range(steps - 1, -1, -1), steps, -1)[::-1]
    kept = []
    for event, starts, ends in zip(events, forward, backward, strict=True):
        for step in event.rules:
            start, end = starts.get(step), ends.get(step)
            if start is not None and end is not None and end - start <= correlation.span:
                kept.append(event)
                break
    return kept


def _reach(events: Sequence[_Event], order: Sequence[int], steps: int, sign: int) -> list[dict[int, int]]:
    """For each event and each step it can be, the time nearest to it at which a chain through all steps
    before it (in ``order``) can begin."""
    best: list[int | None] = [None] * steps
    found: list[dict[int, int]] = []
    for event in events:
        here: dict[int, int] = {}
        for place, step in enumerate(order):
            if step in event.rules:
                began = event.time if place == 0 else best[order[place - 1]]
                if began is not None:
                    here[step] = began
        for step, began in here.items():
            known = best[step]
            best[step] = began if known is None else (max if sign > 0 else min)(known, began)
        found.append(here)
    return found


def _bounded(correlation: Correlation, amount: Fraction) -> bool:
    return all(COMPARE[order](amount, bound) for order, bound in correlation.bounds)


class _Count:
    """How many events, distinct values or distinct rules a window has, kept as events enter and leave."""

    def __init__(self, correlation: Correlation) -> None:
        self.correlation = correlation
        self.counts: Counter[object] = Counter()

    def marks(self, event: _Event) -> Iterable[object]:
        match self.correlation.kind:
            case "event_count":
                return (event.row,)
            case "value_count":
                return (event.value,)
        return event.rules

    def add(self, event: _Event) -> None:
        self.counts.update(self.marks(event))

    def drop(self, event: _Event) -> None:
        for mark in self.marks(event):
            self.counts[mark] -= 1
            if not self.counts[mark]:
                del self.counts[mark]

    def holds(self) -> bool:
        correlation = self.correlation
        if correlation.bounds:
            return _bounded(correlation, Fraction(len(self.counts)))
        if correlation.occurs is None:
            return len(self.counts) == len(correlation.rules)
        called = {name for place, name in enumerate(correlation.called) if place in self.counts}
        return occurs(correlation.occurs, called)


def occurs(node: Node, called: set[str]) -> bool:
    """Whether a tree over rules is true where exactly ``called`` occur."""
    match node:
        case And(parts):
            return all(occurs(part, called) for part in parts)
        case Or(parts):
            return any(occurs(part, called) for part in parts)
        case Not(part):
            return not occurs(part, called)
    return node.value in called


class _Metric:
    """Sum and order of the numbers in a window: ranks are counted in a binary indexed tree."""

    def __init__(self, correlation: Correlation, events: Iterable[_Event]) -> None:
        self.correlation = correlation
        self.numbers = sorted({Fraction(_text(event)) for event in events})
        self.rank = {number: n for n, number in enumerate(self.numbers, 1)}
        self.tree = [0] * (len(self.numbers) + 1)
        self.total = Fraction(0)
        self.count = 0

    def _change(self, event: _Event, by: int) -> None:
        number = Fraction(_text(event))
        self.total += by * number
        self.count += by
        at = self.rank[number]
        while at < len(self.tree):
            self.tree[at] += by
            at += at & -at

    def add(self, event: _Event) -> None:
        self._change(event, 1)

    def drop(self, event: _Event) -> None:
        self._change(event, -1)

    def _nth(self, nth: int) -> Fraction:
        """The ``nth`` smallest number, from 1."""
        at, step = 0, 1 << len(self.tree).bit_length()
        while step:
            if at + step < len(self.tree) and self.tree[at + step] < nth:
                at += step
                nth -= self.tree[at]
            step >>= 1
        return self.numbers[at]

    def holds(self) -> bool:
        return _bounded(self.correlation, self._amount())

    def _amount(self) -> Fraction:
        count = self.count
        match self.correlation.kind:
            case "value_sum":
                return self.total
            case "value_avg":
                return self.total / count
            case "value_min":
                return self._nth(1)
            case "value_max":
                return self._nth(count)
            case "value_median":
                return (self._nth((count + 1) // 2) + self._nth(count // 2 + 1)) / 2
        return self._nth(-(-self.correlation.percentile * count // 100))


def _text(event: _Event) -> str:
    (text,) = event.value
    assert isinstance(text, str)
    return text


def _is_number(value: tuple[Text, ...]) -> bool:
    return len(value) == 1 and isinstance(value[0], str) and _NUMBER.fullmatch(value[0]) is not None
