"""The smallest set of rows whose loss changes who leads, searched within a bound of work
(``spec/13-weighing.md`` §5).

Work is counted in cells of arrays, and each step of the search as so many: the same on every machine, so that
everyone who computes an assessment again stops at the same place.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from comity.errors import Refused
from comity.weighing import FIRST_METHOD, PPM
from comity.weighing.effort import GUESSING, SEARCH, TABLE_LIMIT
from comity.weighing.mixture import Sides, Weighed, acting, log_of, weigh_without
from comity.weighing.sensitivity import (
    TIE,
    Found,
    first_true,
    guess_sets,
    is_level,
    leader_of,
    single_row,
    successor,
)
from comity.weighing.table import Floats, Table
from comity.weighing.values import Parameters

WORK = SEARCH
"""Cells that a search may touch, all sizes of sets together."""
STEP = 4_000
"""What a step of the search counts for beside its cells."""
FIRST_BUDGET = 20_000_000
"""The first method tried sets of a size while they cost no more than so many factors, pairs of actors times
rows."""
LARGEST = 100
"""Sets of more rows are bounded, and not searched one by one."""


def find_smallest(
    table: Table, weighed: Weighed, without: Floats, told: Parameters, guessing: int = GUESSING
) -> Found:
    """The smallest set of rows that, disregarded, puts another in the lead or level with it.

    A set is guessed as if log weights added up, and made true by the model for the nearest rivals: it bounds
    the size from above. From below it is bounded by what the rows could do to each way at best; between both,
    sets are searched until the work is spent. ``guessing`` bounds the cells that trying guessed sets touches.
    """
    count, leader = len(table.rows), leader_of(weighed.total)
    if (found := single_row(table, weighed, without)) is not None:
        return found
    known: dict[tuple[int, ...], tuple[Floats, Floats]] = {}
    small = count * (len(weighed.alone) + weighed.framing.size) <= TABLE_LIMIT
    search = _Search(table, weighed, told) if small else None
    spent = 0

    def totals(rows: Sequence[int]) -> Floats:
        if search is not None:
            return search.totals(search.change(rows))
        return weigh_without(table, weighed, rows, told, known)

    def leads(rows: Sequence[int]) -> int:
        nonlocal spent
        spent += _cells(table, weighed, rows, told) if search is None else 0
        return leader if spent > guessing else successor(totals(rows), leader)

    best = first_true(guess_sets(weighed.total, without, leader), leads, leader)
    rows, other = best or ((), leader)
    most = len(rows) if best else count + 1
    least, found_rows = 2, None
    if rows and spent <= guessing and told.deception_prior == 0 and table_is_certain(table):
        least = len(rows)  # the guess is a smallest one
    elif search is not None:
        least, found_rows = search.between(most)
    if found_rows is not None:
        rows, other = found_rows, successor(totals(found_rows), leader)
    exact = least == len(rows) or (not rows and least > count)
    level = bool(rows) and is_level(totals(rows), leader)
    return Found(rows=rows, at_least=least, exact=exact, leader=other, level=level)


def find_as_first(table: Table, weighed: Weighed, without: Floats, told: Parameters) -> Found:
    """What the first method found, which tried all sets of a size one by one while that size was cheap.

    The sets that it found are found here, without trying most. ``Refused`` (``weighing.work``) where too many
    are left: the first method knew no bound for all sizes together.
    """
    total, count = weighed.total, len(table.rows)
    leader = leader_of(total)
    if (found := single_row(table, weighed, without)) is not None:
        return replace(found, level=False)  # the first method did not tell

    known: dict[tuple[int, ...], tuple[Floats, Floats]] = {}

    def leads(rows: Sequence[int]) -> int:
        return successor(weigh_without(table, weighed, rows, told, known), leader)

    simple = told.deception_prior == 0 and table_is_certain(table)
    best = first_true(guess_sets(total, without, leader), leads, leader)
    if simple and best:
        return Found(rows=best[0], at_least=len(best[0]), exact=True, leader=best[1])
    most = len(best[0]) if best else count + 1
    sizes = range(2, most)
    dear = next((n for n in sizes if math.comb(count, n) * n * len(total) ** 2 > FIRST_BUDGET), most)
    search = _Search(table, weighed, told) if dear > 2 else None
    size, rows = search.between(dear) if search is not None else (dear, None)
    if rows is not None:
        return Found(rows=rows, at_least=size, exact=True, leader=leads(rows))
    if size < dear:
        why = (
            f"{FIRST_METHOD} tries sets of {count:,} rows one by one, {size:,} at a time and more: "
            "its figures are not computed again"
        )
        raise Refused("weighing.work", "planted", why)
    if not best:
        return Found(rows=(), at_least=dear, exact=dear > count, leader=leader)
    return Found(rows=best[0], at_least=dear, exact=dear == most, leader=best[1])


def table_is_certain(table: Table) -> bool:
    """Whether log weights add up: a guessed set is then a smallest one."""
    return all(row.reliability == 1.0 for row in table.rows)


def _cells(table: Table, weighed: Weighed, rows: Sequence[int], told: Parameters) -> int:
    """What leaving out some rows touches."""
    gone = set(rows)
    ways = len(weighed.alone) * (len(table.hypotheses) + 1 if told.deception_prior else 1)
    touched = sum(end - begin for begin, end in table.groups if not gone.isdisjoint(range(begin, end)))
    return 2 * touched * ways


class _Spent(Exception):
    """The work is done with."""


class _Search:
    """All ways, and what each row is worth to each of them, as logarithms."""

    def __init__(self, table: Table, weighed: Weighed, told: Parameters) -> None:
        deceived = told.deception_prior > 0
        self.count, self.actors = len(table.rows), len(weighed.alone)
        self.leader = leader_of(weighed.total)
        ways = np.column_stack([weighed.alone, weighed.framing]) if deceived else weighed.alone[:, None]
        self.base: Floats = ways.ravel()
        self.rows = np.empty((self.count, self.base.size))
        self.group = np.full(self.count, -1)
        self.products: list[Floats] = []
        self.odds: list[tuple[float, float]] = []
        self._fill(table, told, deceived=deceived)
        self.work = 2 * self.rows.size

    def _fill(self, table: Table, told: Parameters, *, deceived: bool) -> None:
        own = acting(table)
        alone = Sides(own, None, 0.0)
        framing = Sides(own, table.point, told.planting / PPM)
        first, other = np.empty((self.actors, 1)), np.empty((self.actors, self.actors - 1))
        for begin, end in table.groups:
            reliability = table.rows[begin].reliability
            whole = reliability == 1.0 or end - begin == 1
            for n in range(begin, end):
                credibility = table.rows[n].credibility * (reliability if whole else 1.0)
                alone.factor(n, credibility, first)
                if deceived:
                    framing.factor(n, credibility, other)
                self.rows[n] = np.log(np.column_stack([first, other]) if deceived else first).ravel()
            if not whole:
                self.group[begin:end] = len(self.products)
                self.products.append(self.rows[begin:end].sum(axis=0))
                self.odds.append((log_of(reliability), log_of(1.0 - reliability)))

    def worth(self, group: int, product: Floats) -> Floats:
        """Of a group that stands or falls together, its rows' product given."""
        heard, deaf = self.odds[group]
        found: Floats = np.logaddexp(heard + product, deaf)
        return found

    def change(self, rows: Sequence[int]) -> Floats:
        """What leaving out some rows does to each way."""
        gone = np.array(sorted(rows), dtype=np.intp)
        groups = self.group[gone]
        found: Floats = -self.rows[gone[groups < 0]].sum(axis=0)
        for group in sorted(set(groups[groups >= 0].tolist())):
            product = self.products[group]
            kept = product - self.rows[gone[groups == group]].sum(axis=0)
            found = found + self.worth(group, kept) - self.worth(group, product)
        return found

    def totals(self, change: Floats) -> Floats:
        """The log weight of each actor (last axis), all its ways together."""
        logs = (self.base + change).reshape(*change.shape[:-1], self.actors, -1)
        top = logs.max(axis=-1)
        found: Floats = top + np.log(np.exp(logs - top[..., None]).sum(axis=-1))
        return found

    def between(self, most: int) -> tuple[int, tuple[int, ...] | None]:
        """The size below which there is no set, and a set of that size if one was found, of two rows and more
        and below ``most``."""
        self._prepare(most)
        for at in range(2, most):
            if not self._possible(np.zeros_like(self.base), at):
                continue
            if at > LARGEST:
                return at, None
            try:
                rows = self._look(0, (), np.zeros_like(self.base), {}, at)
            except _Spent:
                return at, None
            if rows is not None:
                return at, rows
        return most, None

    def _prepare(self, most: int) -> None:
        """At best, so many rows do so much for each way against the leader's own strongest one."""
        block = self.base.reshape(self.actors, -1)[self.leader]
        self.strongest = self.leader * block.size + int(np.argmax(block))
        lead = self.rows[:, [self.strongest]]
        gain = np.where(
            (self.group < 0)[:, None],
            lead - self.rows,
            np.maximum(-self.rows, 0.0) + np.maximum(lead, 0.0),
        )
        gain = -np.sort(-gain, axis=0)[: max(most - 1, 1)]
        self.best: Floats = np.cumsum(gain, axis=0)
        self.lone: Floats = -self.rows
        for group, product in enumerate(self.products):
            lines = np.flatnonzero(self.group == group)
            self.lone[lines] = self.worth(group, product - self.rows[lines]) - self.worth(group, product)

    def _possible(self, change: Floats, left: int) -> bool:
        """Whether leaving out so many more rows could do it, at best."""
        logs = self.base + change
        reached = (logs - logs[self.strongest] + self.best[left - 1]).reshape(self.actors, -1)
        top = reached.max(axis=1)
        totals = top + np.log(np.exp(reached - top[:, None]).sum(axis=1))
        totals[self.leader] = -np.inf
        return bool(totals.max() >= -2 * TIE)

    def _look(
        self, start: int, taken: tuple[int, ...], change: Floats, shaken: dict[int, Floats], left: int
    ) -> tuple[int, ...] | None:
        """The first set, in the order of rows, with some taken and so many left to take."""
        self._spend(2 * self.base.size)
        if not self._possible(change, left):
            return None
        if left == 1:
            return self._last(start, taken, change, shaken)
        for n in range(start, self.count - left + 1):
            group = int(self.group[n])
            moved = shaken
            if group < 0:
                after = change - self.rows[n]
            else:
                product = shaken.get(group, self.products[group])
                kept = product - self.rows[n]
                after = change + self.worth(group, kept) - self.worth(group, product)
                moved = shaken | {group: kept}
            found = self._look(n + 1, (*taken, n), after, moved, left - 1)
            if found is not None:
                return found
        return None

    def _last(
        self, start: int, taken: tuple[int, ...], change: Floats, shaken: dict[int, Floats]
    ) -> tuple[int, ...] | None:
        """The first row that, left out too, does it: all of them at once."""
        self._spend(4 * (self.count - start) * self.base.size)
        after = change + self.lone[start:]
        for group, product in shaken.items():
            lines = np.flatnonzero(self.group[start:] == group)
            moved = self.worth(group, product - self.rows[start + lines]) - self.worth(group, product)
            after[lines] = change + moved
        totals = self.totals(after)
        led = totals[:, self.leader].copy()
        totals[:, self.leader] = -np.inf
        flips = np.flatnonzero(totals.max(axis=1) >= led - TIE)
        return (*taken, start + int(flips[0])) if len(flips) else None

    def _spend(self, cells: int) -> None:
        self.work += STEP + cells
        if self.work > WORK:
            raise _Spent
