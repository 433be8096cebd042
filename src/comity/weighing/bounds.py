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
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from comity.weighing import PPM
from comity.weighing.mixture import RUN, add_logs, framing_priors, log_of, weigh_table
from comity.weighing.table import Floats, Table
from comity.weighing.values import Parameters

CORNERS = 3
"""In a group with so many rows whose unknown actor is judged by an interval, all ends are tried."""
CELLS_LIMIT = 4_000_000
"""Rows by actors by ways: up to here every actor serves as a reference, beyond it the leader alone."""
CACHED = 48_000
"""So many ways by references are bounded at a time: they stay in the processor's own memory."""
Pick: TypeAlias = np.ufunc
"""The smaller, or the greater, of two."""


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
    beside = low.beside(high, references)
    least = _add_ways(_extremes(table, told, low, beside, np.minimum) + chances)
    most = _add_ways(_extremes(table, told, high, beside, np.maximum) + chances)
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

    def of(self, actors: slice) -> _Corners:
        """Those of some actors in a row."""
        return _Corners((self.ends[0][:, actors], self.ends[1][:, actors]))

    @staticmethod
    def at(table: Table, ratios: Floats) -> _Corners:
        """Those of judged likelihoods, taken at one of their ends."""
        made = []
        for unknown in (table.unknown_low, table.unknown_high):
            named = np.where(table.tied, 1.0, ratios / unknown[:, None])
            made.append(np.column_stack([named, np.ones(len(named))]))
        return _Corners((made[0], made[1]))


def _extremes(table: Table, told: Parameters, ways: _Corners, references: _Corners, pick: Pick) -> Floats:
    """The log of the extreme ratio of each way (actor, alone or framing) to each reference (first axis)."""
    count = len(table.hypotheses)
    alone = _Block(table=table, references=references, acting=ways, framed=None, planting=0.0, pick=pick)
    found = alone.extremes()
    if not told.deception_prior:
        return found
    width = 1 + count
    whole = np.empty((*found.shape[:2], width))
    whole[:, :, :1] = found
    framed = ways.of(slice(0, count))
    step = max(1, CACHED // (len(found) * width))
    for begin in range(0, count + 1, step):
        some = slice(begin, begin + step)
        block = _Block(
            table=table,
            references=references,
            acting=ways.of(some),
            framed=framed,
            planting=told.planting / PPM,
            pick=pick,
        )
        whole[:, some, 1:] = block.extremes()
    return whole


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Block:
    """Some of the acting, each alone (``framed`` is none) or framing each of the named: what bounds of these
    ways are made of. Arrays have the reference first, then the acting, then the framed."""

    table: Table
    references: _Corners
    acting: _Corners
    framed: _Corners | None
    planting: float
    pick: Pick

    def extremes(self) -> Floats:
        """The log of the extreme ratio of each way to each reference."""
        width = 1 if self.framed is None else self.framed.ends[0].shape[1]
        shape = (self.references.ends[0].shape[1], self.acting.ends[0].shape[1], width)
        found = _Product(shape)
        ratio, other = np.empty(shape), np.empty(shape)
        for begin, end in self.table.groups:
            reliability = self.table.rows[begin].reliability
            if reliability == 1.0 or end - begin == 1:
                for n in range(begin, end):
                    found.multiply(self._ratio(n, reliability, ratio, other))
            elif end - begin <= RUN:
                found.multiply(self._small_group(range(begin, end), ratio, other), end - begin)
            else:
                found.add(self._group(range(begin, end), ratio, other))
        return found.log()

    def _reference(self, n: int, end: int, credibility: float) -> Floats:
        """What row n is worth for each reference."""
        found: Floats = self.references.ends[end][n] * credibility + (1.0 - credibility)
        return found

    def _sides(self, n: int, end: int, credibility: float) -> tuple[Floats, Floats | None]:
        """What row n is worth for each way is the sum of both: of the acting, and of the framed."""
        own = self.acting.ends[end][n]
        if self.framed is None:
            return own * credibility + (1.0 - credibility), None
        acting = own * ((1.0 - self.planting) * credibility) + (1.0 - credibility)
        return acting, self.framed.ends[end][n] * (self.planting * credibility)

    def _way(self, n: int, end: int) -> Floats:
        """What row n is worth for each way, by its credibility alone."""
        acting, framed = self._sides(n, end, self.table.rows[n].credibility)
        return acting[:, None] if framed is None else np.add.outer(acting, framed)

    def _ratio(self, n: int, reliability: float, ratio: Floats, other: Floats) -> Floats:
        """The extreme of one row's ratio, in ``ratio``."""
        credibility = self.table.rows[n].credibility * reliability
        for end, out in ((0, ratio), (1, other)) if self._wide(n) else ((0, ratio),):
            reference = self._reference(n, end, credibility)[:, None]
            acting, framed = self._sides(n, end, credibility)
            if framed is None:
                out[:, :, 0] = acting / reference
            else:
                np.add((acting / reference)[:, :, None], (framed / reference)[:, None, :], out=out)
        return self.pick(ratio, other, out=ratio) if self._wide(n) else ratio

    def _wide(self, n: int) -> bool:
        return bool(self.table.unknown_low[n] != self.table.unknown_high[n])

    def _small_group(self, rows: Sequence[int], ratio: Floats, other: Floats) -> Floats:
        """The extreme ratio of a group that stands or falls together, in ``ratio``; so few factors stay far
        from the ends of what a float holds."""
        heard = self.table.rows[rows[0]].reliability
        deaf = 1.0 - heard
        at_point = dict.fromkeys((n for n in rows if not self._wide(n)), 0)
        steady, steady_reference = self._ways(at_point), self._references(at_point)
        wide = [n for n in rows if self._wide(n)]
        if len(wide) <= CORNERS:
            corners = [(steady, steady_reference)]
            for n in wide:
                ends = [
                    (self._way(n, e), self._reference(n, e, self.table.rows[n].credibility)) for e in (0, 1)
                ]
                corners = [(w * way, r * ref) for w, r in corners for way, ref in ends]
            for at, (way, reference) in enumerate(corners):
                worth = heard * reference + deaf
                out = other if at else ratio
                np.multiply(way[None], (heard / worth)[:, None, None], out=out)
                out += (deaf / worth)[:, None, None]
                if at:
                    self.pick(ratio, other, out=ratio)
            return ratio
        upper = self.pick is np.maximum
        way = self._ways(dict.fromkeys(wide, 0 if upper else 1))
        references = [self._references(dict.fromkeys(wide, end)) for end in (0, 1)]
        together = (steady[None] / steady_reference[:, None, None]) * np.ones_like(ratio)
        for n in wide:
            together *= self._ratio(n, 1.0, ratio, other)
        worth = heard * steady_reference * references[1 if upper else 0] + deaf
        apart = (heard * steady * way + deaf)[None] / worth[:, None, None]
        for out, each in zip((ratio, other), references, strict=True):
            whole = heard * steady_reference * each
            np.multiply(together, (whole / (whole + deaf))[:, None, None], out=out)
            out += (deaf / (whole + deaf))[:, None, None]
        self.pick(ratio, other, out=ratio)
        closer = np.minimum if upper else np.maximum
        return closer(apart, ratio, out=ratio)

    def _ways(self, ends: dict[int, int]) -> Floats:
        """What some rows are worth together for each way, each row at an end."""
        found = np.ones((1, 1))
        for n, end in ends.items():
            found = found * self._way(n, end)
        return found

    def _references(self, ends: dict[int, int]) -> Floats:
        """The same for each reference."""
        found = np.ones(self.references.ends[0].shape[1])
        for n, end in ends.items():
            found *= self._reference(n, end, self.table.rows[n].credibility)
        return found

    def _group(self, rows: Sequence[int], ratio: Floats, other: Floats) -> Floats:
        """The log of the extreme ratio of a group of more rows.

        Worth lies between that of the rows and 1, by the weight of the rows: both bounds hold, the closer one
        is taken. A row's worth falls as the unknown actor's likelihood grows. With few rows whose unknown
        actor is judged by an interval all ends are tried.
        """
        reliability = self.table.rows[rows[0]].reliability
        heard, deaf = log_of(reliability), log_of(1.0 - reliability)
        wide = [n for n in rows if self._wide(n)]

        def log_ways(ends: dict[int, int]) -> Floats:
            product = _Product(ratio.shape[1:])
            for n, end in ends.items():
                product.multiply(self._way(n, end))
            return product.log()

        def log_references(ends: dict[int, int]) -> Floats:
            product = _Product(ratio.shape[:1])
            for n, end in ends.items():
                product.multiply(self._reference(n, end, self.table.rows[n].credibility))
            return product.log()[:, None, None]

        def worth(product: Floats) -> Floats:
            found: Floats = np.logaddexp(heard + product, deaf)
            return found

        at_point = dict.fromkeys((n for n in rows if not self._wide(n)), 0)
        steady, steady_reference = log_ways(at_point), log_references(at_point)
        if len(wide) <= CORNERS:
            found: Floats | None = None
            for chosen in itertools.product((0, 1), repeat=len(wide)):
                ends = dict(zip(wide, chosen, strict=True))
                each = worth(steady + log_ways(ends)) - worth(steady_reference + log_references(ends))
                found = each if found is None else self.pick(found, each)
            assert found is not None  # there is always one choice, that of nothing
            return found
        spread = _Product(ratio.shape)
        for n in wide:
            spread.multiply(self._ratio(n, 1.0, ratio, other))
        together = spread.log() + steady - steady_reference
        upper = self.pick is np.maximum
        references = [log_references(dict.fromkeys(wide, end)) for end in (0, 1)]
        apart = worth(steady + log_ways(dict.fromkeys(wide, 0 if upper else 1)))
        apart = apart - worth(steady_reference + references[1 if upper else 0])
        mixed = []
        for one in references:
            whole = steady_reference + one
            share = heard + whole - worth(whole)
            mixed.append(np.logaddexp(share + together, deaf - worth(whole)))
        closer = np.minimum if upper else np.maximum
        kept: Floats = closer(apart, self.pick(mixed[0], mixed[1]))
        return kept


class _Product:
    """A running product, taken into the logarithm before it leaves what a float holds."""

    __slots__ = ("_logs", "_pending", "_product")

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._logs, self._product = np.zeros(shape), np.ones(shape)
        self._pending = 0

    def multiply(self, factor: Floats, factors: int = 1) -> None:
        """By the product of so many factors, ``RUN`` at most, none of which is beyond 10^±12."""
        if self._pending + factors > RUN:
            self._logs += np.log(self._product)
            self._product.fill(1.0)
            self._pending = 0
        self._product *= factor
        self._pending += factors

    def add(self, logs: Floats) -> None:
        """By factors given as logarithms."""
        self._logs += logs

    def log(self) -> Floats:
        """The logarithm of all together."""
        found: Floats = self._logs + np.log(self._product)
        return found
