"""How far the judged intervals let each posterior go: outer bounds (``spec/13-weighing.md`` §4).

The weight of each way (an actor alone, or framing another) is held against a *reference*: the weight that one
actor alone would have, at one end of its own intervals. Row by row both are affine in the unknown actor's
likelihood, to the power of the tempering; so their ratio is monotone in it, and its extremes lie at the ends
of the interval. Ways are bounded one by one, and their sums with them: no choice within the intervals, the
unknown actor's among them, is outside. Every reference gives bounds that hold; the closest are taken.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from comity.weighing import PPM
from comity.weighing.mixture import RUN, add_logs, framing_priors, log_of, weigh_table
from comity.weighing.table import Floats, Table
from comity.weighing.values import Parameters

CORNERS = 3
"""In a group with so many rows whose unknown actor is judged by an interval, all ends are tried."""
CELLS_LIMIT = 4_000_000
"""Rows by actors by ways: up to here every actor serves as a reference, beyond it the leader alone."""


def bound(table: Table, priors: Floats, told: Parameters, leader: int | None) -> tuple[Floats, Floats]:
    """The lowest and the highest posterior of each actor, the unknown last.

    ``leader`` is who leads alone, none where several are level: then the unknown actor is the reference where
    one serves all.
    """
    wide = np.flatnonzero(table.unknown_low != table.unknown_high)
    if not len(wide):
        return bound_at_point(table, priors, told)
    count = len(table.hypotheses)
    ways = (count + 1) * (count + 1 if told.deception_prior else 1)
    references = list(range(count + 1))
    if len(table.rows) * len(references) * ways > CELLS_LIMIT:
        references = [count if leader is None else leader]
    low, high = _Corners.at(table, table.low), _Corners.at(table, table.high)
    chances = _log_priors(table, priors, told)
    parts = _Parts(table=table, told=told, references=low.beside(high, references))
    least = _add_ways(parts.extremes(low, np.minimum) + chances)
    most = _add_ways(parts.extremes(high, np.maximum) + chances)
    return _shares(least, most).max(axis=0), _shares(most, least).min(axis=0)


def bound_at_point(table: Table, priors: Floats, told: Parameters) -> tuple[Floats, Floats]:
    """The same, with the unknown actor's likelihoods held at their points.

    Every weight grows with every likelihood. So an actor's share is lowest where its own weight is taken at
    all lower ends and the others' at all upper ends.
    """
    low = weigh_table(table, priors, told, np.column_stack([table.low, table.unknown_low]), table.low).total
    high = weigh_table(
        table, priors, told, np.column_stack([table.high, table.unknown_high]), table.high
    ).total
    return _shares_against(low, high), _shares_against(high, low)


def _add_ways(logs: Floats) -> Floats:
    """Of each actor (column) against each reference (line), all ways together."""
    return np.array([[add_logs(ways) for ways in actors] for actors in logs])


def _shares(ours: Floats, theirs: Floats) -> Floats:
    """Each actor's share of all, its own weight and the others' given, against each reference."""
    return np.array([_shares_against(*lines) for lines in zip(ours, theirs, strict=True)])


def _shares_against(own: Floats, theirs: Floats) -> Floats:
    most = int(np.argmax(theirs))
    weights = np.exp(theirs - theirs[most])
    left = np.empty_like(theirs)
    others = np.arange(len(theirs)) != most
    left[others] = theirs[most] + np.log(math.fsum(weights.tolist()) - weights[others])
    # Summed without it, not subtracted from the sum: what is left may be far below what is taken out.
    left[most] = add_logs(theirs[others])
    found: Floats = 1.0 / (1.0 + np.exp(np.clip(left - own, -700.0, 700.0)))
    return found


def _log_priors(table: Table, priors: Floats, told: Parameters) -> Floats:
    """Of each actor (line): alone, and framing each of the named."""
    count = len(table.hypotheses)
    alone, framing = framing_priors(count, priors, told.deception_prior / PPM, others=table.frames_others)
    if not told.deception_prior:
        return alone[:, None]
    found = np.column_stack([alone, np.repeat(framing[:, None], count, axis=1)])
    found[np.arange(count), np.arange(count) + 1] = -math.inf
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Corners:
    """Ratios of all actors, the unknown last, with the unknown actor's likelihood at each end."""

    ends: tuple[Floats, Floats]

    def beside(self, other: _Corners, actors: Sequence[int]) -> _Corners:
        """Those of some actors, and the other's of the same."""
        joined = [
            np.column_stack([one[:, actors], two[:, actors]])
            for one, two in zip(self.ends, other.ends, strict=True)
        ]
        return _Corners((joined[0], joined[1]))

    @staticmethod
    def at(table: Table, ratios: Floats) -> _Corners:
        """Those of judged likelihoods, taken at one of their ends."""
        made = []
        for unknown in (table.unknown_low, table.unknown_high):
            named = np.where(table.tied, 1.0, ratios / unknown[:, None])
            made.append(np.column_stack([named, np.ones(len(named))]))
        return _Corners((made[0], made[1]))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Parts:
    """What bounds are made of: the rows, the settings, and who serves as a reference."""

    table: Table
    told: Parameters
    references: _Corners

    def extremes(self, ways: _Corners, pick: Callable[..., Floats]) -> Floats:
        """The log of the extreme ratio of each way (actor, alone or framing) to each reference (first
        axis)."""
        count = len(self.table.hypotheses) + 1
        width = count if self.told.deception_prior else 1
        found = np.zeros((self.references.ends[0].shape[1], count, width))
        flat = _Product(found.reshape(len(found), -1))
        for begin, end in self.table.groups:
            reliability = self.table.rows[begin].reliability
            if reliability == 1.0 or end - begin == 1:
                for n in range(begin, end):
                    flat.multiply(self._ratio(ways, n, reliability, pick))
            else:
                flat.add(self._group(ways, range(begin, end), pick))
        return flat.log().reshape(found.shape)

    def _factors(self, ways: _Corners, n: int, end: int, reliability: float) -> tuple[Floats, Floats]:
        """What row n is worth for each reference (a column) and for each way (a line)."""
        credibility = self.table.rows[n].credibility * reliability
        acting = ways.ends[end][n]
        reference = self.references.ends[end][n] * credibility + (1.0 - credibility)
        alone = acting * credibility + (1.0 - credibility)
        if not self.told.deception_prior:
            return reference[:, None], alone[None, :]
        share = self.told.planting / PPM
        framing = np.add.outer(
            acting * ((1.0 - share) * credibility) + (1.0 - credibility), acting[:-1] * (share * credibility)
        )
        return reference[:, None], np.column_stack([alone, framing]).reshape(1, -1)

    def _ratio(self, ways: _Corners, n: int, reliability: float, pick: Callable[..., Floats]) -> Floats:
        """The extreme of one row's ratio."""
        reference, way = self._factors(ways, n, 0, reliability)
        if not self._wide(n):
            return way / reference
        other_reference, other_way = self._factors(ways, n, 1, reliability)
        return pick(way / reference, other_way / other_reference)

    def _wide(self, n: int) -> bool:
        return bool(self.table.unknown_low[n] != self.table.unknown_high[n])

    def _group(self, ways: _Corners, rows: Sequence[int], pick: Callable[..., Floats]) -> Floats:
        """The log of the extreme ratio of a group that stands or falls together."""
        reliability = self.table.rows[rows[0]].reliability
        heard, deaf = log_of(reliability), log_of(1.0 - reliability)
        wide = [n for n in rows if self._wide(n)]

        def products(ends: dict[int, int]) -> tuple[Floats, Floats]:
            reference, way = _Product(0.0), _Product(0.0)
            for n, end in ends.items():
                for each, value in zip((reference, way), self._factors(ways, n, end, 1.0), strict=True):
                    each.multiply(value)
            return reference.log(), way.log()

        def worth(product: Floats) -> Floats:
            found: Floats = np.logaddexp(heard + product, deaf)
            return found

        steady = products({n: 0 for n in rows if not self._wide(n)})
        if len(wide) <= CORNERS:
            found: Floats | None = None
            for ends in itertools.product((0, 1), repeat=len(wide)):
                moved = products(dict(zip(wide, ends, strict=True)))
                ratio = worth(steady[1] + moved[1]) - worth(steady[0] + moved[0])
                found = ratio if found is None else pick(found, ratio)
            assert found is not None  # there is always one choice, that of nothing
            return found
        # Worth lies between that of the rows and 1, by the weight of the rows: both bounds hold, the closer
        # one is taken. A row's worth falls as the unknown actor's likelihood grows.
        tops, bottoms = products(dict.fromkeys(wide, 0)), products(dict.fromkeys(wide, 1))
        spread = _Product(steady[1] - steady[0])
        for n in wide:
            spread.multiply(self._ratio(ways, n, 1.0, pick))
        together = spread.log()
        upper = pick is np.maximum
        way, reference = (tops, bottoms) if upper else (bottoms, tops)
        apart = worth(steady[1] + way[1]) - worth(steady[0] + reference[0])
        mixed = []
        for each in (tops, bottoms):
            whole = steady[0] + each[0]
            share = heard + whole - worth(whole)
            mixed.append(np.logaddexp(share + together, deaf - worth(whole)))
        closer = np.minimum if upper else np.maximum
        kept: Floats = closer(apart, pick(mixed[0], mixed[1]))
        return kept


class _Product:
    """A running product, taken into the logarithm before it leaves what a float holds."""

    __slots__ = ("_logs", "_pending", "_product")

    def __init__(self, logs: Floats | float) -> None:
        self._logs: Floats = np.asarray(logs, dtype=np.float64)
        self._product: Floats = np.ones(())
        self._pending = 0

    def multiply(self, factor: Floats) -> None:
        """By factors none of which is beyond 10^±12."""
        self._product = self._product * factor
        self._pending += 1
        if self._pending == RUN:
            self._logs, self._product, self._pending = self.log(), np.ones(()), 0

    def add(self, logs: Floats) -> None:
        """By factors given as logarithms."""
        self._logs = self._logs + logs

    def log(self) -> Floats:
        """The logarithm of all together."""
        found: Floats = self._logs + np.log(self._product)
        return found
