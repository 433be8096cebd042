"""What an answer hangs on: each row left out, and the smallest set of rows whose loss changes who leads
(``spec/13-weighing.md`` §5)."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from comity.weighing import PPM
from comity.weighing.mixture import (
    BLOCK,
    Sides,
    Weighed,
    acting,
    log_of,
    log_product,
    log_rows,
    weigh_table,
)
from comity.weighing.table import Floats, Table
from comity.weighing.values import Parameters

BUDGET = 40_000_000
"""Sets are tried one by one while they cost no more than so many factors, pairs of actors times rows."""
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
        share, rest = _share(table, sides, begin, end, reliability)
        for n in range(begin, end):
            sides.factor(n, table.rows[n].credibility, factor)
            np.divide(share, factor, out=factor)
            factor += rest
            factor *= weights
            factor.sum(axis=1, out=found[n])
    return found


def _share(
    table: Table, sides: Sides, begin: int, end: int, reliability: float
) -> tuple[Floats | float, Floats | float]:
    """How much of a group's worth depends on its rows, and how much does not."""
    if reliability == 1.0:
        return 1.0, 0.0
    product = log_rows(sides, [(n, table.rows[n].credibility) for n in range(begin, end)])
    product += log_of(reliability)
    whole = np.logaddexp(product, math.log1p(-reliability))
    share: Floats = np.exp(product - whole)
    return share, 1.0 - share


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The smallest set of rows found whose loss puts another in the lead; see
    :class:`comity.weighing.result.Planted`."""

    rows: tuple[int, ...]
    at_least: int
    exact: bool
    leader: int


def leader_of(total: Floats) -> int:
    """Who leads: the highest weight, the first of the named at a tie, the unknown actor only alone at the
    top."""
    return int(np.argmax(total))


def successor(total: Floats, leader: int) -> int:
    """Who leads, or shares the lead, where it no longer is ``leader`` alone; else ``leader``."""
    others = total.copy()
    others[leader] = -math.inf
    best = int(np.argmax(others))
    return best if others[best] >= total[leader] - TIE else leader


def find_planted(
    table: Table, weighed: Weighed, without: Floats, priors: Floats, parameters: Parameters
) -> Found:
    """The smallest set of rows that, disregarded, changes who leads.

    Where deception is left out and every origin is certain, log weights add up, and the set is exact: for
    each rival the rows that speak most against it, as many as it takes. Elsewhere that set is a first guess,
    made true by the model for the nearest rivals, and an upper bound; all sets of one, two, … rows are tried
    while that is cheap.
    """
    total, count = weighed.total, len(table.rows)
    leader = leader_of(total)
    singles = [n for n in range(count) if successor(without[n], leader) != leader]
    if singles:
        first = min(singles, key=lambda n: (without[n, leader] - without[n].max(), table.rows[n].items))
        return Found(rows=(first,), at_least=1, exact=True, leader=successor(without[first], leader))
    gains = (total[leader] - without[:, [leader]]) - (total - without)
    guesses = _guesses(gains, total[leader] - total, leader)
    simple = parameters.deception_prior == 0 and all(row.reliability == 1.0 for row in table.rows)
    best = _first_true(table, guesses, priors, parameters, leader)
    if simple and best:
        return Found(rows=best[0], at_least=len(best[0]), exact=True, leader=best[1])
    most = len(best[0]) if best else count + 1
    tried = 1
    for size in range(2, most):
        if math.comb(count, size) * count * (len(total) ** 2) > BUDGET:
            break
        for rows in itertools.combinations(range(count), size):
            if (other := _successor(table, rows, priors, parameters, leader)) != leader:
                return Found(rows=rows, at_least=size, exact=True, leader=other)
        tried = size
    if not best:
        return Found(rows=(), at_least=tried + 1, exact=tried >= count, leader=leader)
    return Found(rows=best[0], at_least=tried + 1, exact=tried + 1 == most, leader=best[1])


def _guesses(gains: Floats, behind: Floats, leader: int) -> list[tuple[int, int, tuple[int, ...]]]:
    """(size, rival, rows in the order of what they do against it), the smallest first, as if log weights
    added up."""
    found = []
    order = np.argsort(-gains, axis=0, kind="stable")
    lost = np.cumsum(np.take_along_axis(gains, order, axis=0), axis=0)
    for rival in range(len(behind)):
        if rival == leader:
            continue
        reached = np.flatnonzero(lost[:, rival] >= behind[rival] - TIE)
        size = int(reached[0]) + 1 if len(reached) else len(gains) + 1
        found.append((size, rival, tuple(int(n) for n in order[:, rival])))
    return sorted(found)[:RIVALS]


def _first_true(
    table: Table,
    guesses: Sequence[tuple[int, int, tuple[int, ...]]],
    priors: Floats,
    parameters: Parameters,
    leader: int,
) -> tuple[tuple[int, ...], int] | None:
    """The smallest true set among the beginnings of the guessed orders, by halving; and who leads then."""
    best: tuple[tuple[int, ...], int] | None = None
    for _, _, order in guesses:
        low, high = 1, len(best[0]) - 1 if best else len(order)
        while low <= high:
            middle = (low + high) // 2
            other = _successor(table, order[:middle], priors, parameters, leader)
            if other != leader:
                best, high = (tuple(sorted(order[:middle])), other), middle - 1
            else:
                low = middle + 1
    return best


def _successor(table: Table, rows: Sequence[int], priors: Floats, parameters: Parameters, leader: int) -> int:
    return successor(weigh_table(table.without(rows), priors, parameters).total, leader)


def log_likelihood(table: Table) -> Floats:
    """The plain log likelihood ratio of each named hypothesis, without deception."""
    return log_product(table, Sides(table.point, None, 0.0))[:, 0]
