"""What an answer hangs on: each row left out, and the smallest set of rows whose loss changes who leads
(``spec/13-weighing.md`` §5)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from comity.weighing import PPM
from comity.weighing.mixture import (
    BLOCK,
    RUN,
    Sides,
    Weighed,
    acting,
    log_of,
    log_rows,
)
from comity.weighing.table import Floats, Table
from comity.weighing.values import Parameters

TIE = 1e-9
"""Log weights this close are equal: closer than any figure that is given."""
RIVALS = 6
"""For so many of the nearest rivals a set is looked for, where the model does not simply add up."""


def leave_each_out(table: Table, weighed: Weighed, parameters: Parameters) -> Floats:
    """The log weights of all actors (columns, the unknown last) with each row (line) left out.

    A group's worth is F = ρ·P + 1−ρ; without the factor f of one row it is F·(w/f + 1−w), where w = ρ·P / F.
    So nothing but one division is done for each row and pair.
    """
    own = acting(table)
    deception = parameters.deception_prior / PPM
    found = np.empty((len(table.rows), own.shape[1]))
    framed = table.point if deception else None
    for begin in range(0, own.shape[1], BLOCK):
        lines = slice(begin, begin + BLOCK)
        alone = weighed.alone[lines, None]
        top = np.maximum(alone[:, 0], weighed.framing[lines].max(axis=1))[:, None]
        parts = [(Sides(own, None, 0.0).block(begin), np.exp(alone - top))]
        if framed is not None:
            sides = Sides(own, framed, parameters.planting / PPM).block(begin)
            parts.append((sides, np.exp(weighed.framing[lines] - top)))
        found[:, lines] = top[:, 0] + np.log(sum(_without_rows(table, *part) for part in parts))
    return found


def _without_rows(table: Table, sides: Sides, weights: Floats) -> Floats:
    """For each row (line), the sum of each actor's weights as they are without it."""
    found = np.empty((len(table.rows), len(weights)))
    factor = np.empty_like(weights)
    for begin, end in table.groups:
        reliability = table.rows[begin].reliability
        # A group that is certain, or a row alone in its group, is a product of factors and nothing else.
        whole = reliability == 1.0 or end - begin == 1
        share = None if whole else share_of_group(table, sides, range(begin, end))
        for n in range(begin, end):
            sides.factor(n, table.rows[n].credibility * (reliability if whole else 1.0), factor)
            if share is None:
                np.divide(weights, factor, out=factor)
            else:
                np.divide(share, factor, out=factor)
                factor += 1.0 - share
                factor *= weights
            factor.sum(axis=1, out=found[n])
    return found


def share_of_group(table: Table, sides: Sides, rows: range) -> Floats:
    """How much of a group's worth depends on its rows, for each actor (line) framing each hypothesis
    (column): the chance that its origin is one to be heard, given what it told."""
    reliability = table.rows[rows[0]].reliability
    product = log_rows(sides, [(n, table.rows[n].credibility) for n in rows])
    if len(rows) <= RUN:
        # So few factors stay far from the ends of what a float holds.
        worth: Floats = np.exp(product) * reliability
        return worth / (worth + (1.0 - reliability))
    product += log_of(reliability)
    share: Floats = np.exp(product - np.logaddexp(product, log_of(1.0 - reliability)))
    return share


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The smallest set of rows found whose loss puts another in the lead; see
    :class:`comity.weighing.result.Planted`."""

    rows: tuple[int, ...]
    at_least: int
    exact: bool
    leader: int
    level: bool = False


def leader_of(total: Floats) -> int:
    """Who leads: the highest weight, the first of the named where several are level, the unknown actor only
    alone at the top. What is level here may differ in the last bit on another machine; who leads may not."""
    return int(np.argmax(total >= total.max() - TIE))


def alone_in_front(total: Floats) -> int | None:
    """Who leads, where nobody is level with it."""
    level = np.flatnonzero(total >= total.max() - TIE)
    return int(level[0]) if len(level) == 1 else None


def successor(total: Floats, leader: int) -> int:
    """Who leads, or shares the lead, where it no longer is ``leader`` alone; else ``leader``."""
    others = total.copy()
    others[leader] = -math.inf
    best = leader_of(others)
    return best if others[best] >= total[leader] - TIE else leader


def is_level(total: Floats, leader: int) -> bool:
    """Whether the best of the others is level with ``leader``, and not in front."""
    others = np.delete(total, leader)
    return bool(abs(others.max() - total[leader]) <= TIE)


def single_row(table: Table, weighed: Weighed, without: Floats) -> Found | None:
    """The one row whose loss does it, the one that changes most where several do; none where it takes more,
    or there is no row at all."""
    total, count = weighed.total, len(table.rows)
    leader = leader_of(total)
    if not count:
        return Found(rows=(), at_least=1, exact=True, leader=leader)
    singles = [n for n in range(count) if successor(without[n], leader) != leader]
    if not singles:
        return None
    first = min(singles, key=lambda n: (without[n, leader] - without[n].max(), table.rows[n].items))
    return Found(
        rows=(first,),
        at_least=1,
        exact=True,
        leader=successor(without[first], leader),
        level=is_level(without[first], leader),
    )


def guess_sets(total: Floats, without: Floats, leader: int) -> list[tuple[int, int, tuple[int, ...]]]:
    """For the nearest rivals, sets of rows as if log weights added up: see :func:`first_true`."""
    gains = (total[leader] - without[:, [leader]]) - (total - without)
    return _guesses(gains, total[leader] - total, leader)


def _guesses(gains: Floats, behind: Floats, leader: int) -> list[tuple[int, int, tuple[int, ...]]]:
    """(size, rival, rows in the order of what they do against it), the smallest first, as if log weights
    added up."""
    order = np.argsort(-gains, axis=0, kind="stable")
    lost = np.cumsum(np.take_along_axis(gains, order, axis=0), axis=0)
    reached = lost >= behind - TIE
    sizes = np.where(reached.any(axis=0), reached.argmax(axis=0) + 1, len(gains) + 1)
    nearest = [rival for rival in np.argsort(sizes, kind="stable").tolist() if rival != leader][:RIVALS]
    return [(int(sizes[rival]), rival, tuple(order[:, rival].tolist())) for rival in nearest]


def first_true(
    guesses: Sequence[tuple[int, int, tuple[int, ...]]], leads: Callable[[Sequence[int]], int], leader: int
) -> tuple[tuple[int, ...], int] | None:
    """The smallest true set among the beginnings of the guessed orders, and who leads then: from the size
    guessed, down while it holds, else up in doubling steps and back by halving."""
    best: tuple[tuple[int, ...], int] | None = None
    for size, _, order in guesses:
        most = len(best[0]) - 1 if best else len(order)
        high = min(size, most)
        low = 0  # the largest size known not to do
        while high and (other := leads(order[:high])) == leader and high < most:
            low, high = high, min(high * 2, most)
        if not high or other == leader:
            continue
        best = (tuple(sorted(order[:high])), other)
        if low == 0 and high > 1:
            # The guess is rarely off by more than one: look just below it first.
            if leads(order[: high - 1]) == leader:
                low = high - 1
            else:
                high -= 1
        while high - low > 1:
            middle = (low + high) // 2
            if (other := leads(order[:middle])) != leader:
                best, high = (tuple(sorted(order[:middle])), other), middle
            else:
                low = middle
        if len(best[0]) != high:
            best = (tuple(sorted(order[:high])), leads(order[:high]))
    return best
