"""From inputs to arrays: copies collapsed, what several tell taken once, likelihoods as ratios to the unknown
actor
(``spec/13-weighing.md`` §2)."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from comity.errors import Malformed, Refused
from comity.weighing import PPM, UNKNOWN
from comity.weighing.values import Inputs, Item, Likelihood, best_account

Floats: TypeAlias = npt.NDArray[np.float64]
Bools: TypeAlias = npt.NDArray[np.bool_]


class Knowledge(Protocol):
    """Who was reported using what, under a digest; see :class:`comity.weighing.knowledge.Profiles`."""

    @property
    def digest(self) -> str:
        """The digest of everything that decides what it says."""
        ...

    def likelihoods(self, observed: str, hypotheses: Sequence[str]) -> tuple[Floats, float]:
        """The probability of ``observed`` under each hypothesis, and under the unknown actor.

        ``Malformed`` for something it has never heard of.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing observed: the ids of the items that tell it, the origins with which it stands or falls, and
    both grades as probabilities."""

    items: tuple[str, ...]
    observed: str
    origins: tuple[str, ...]
    reliability: float
    credibility: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """The evidence as the mixture takes it.

    ``point``, ``low`` and ``high`` have one line for each of ``rows`` and one column for each named
    hypothesis: the tempered likelihood ratio to the unknown actor's point. ``unknown_low`` and
    ``unknown_high`` are the unknown actor's own bounds, around 1; ``tied`` marks who is not judged on a row
    and fares like the unknown actor, wherever in its interval that is. ``groups`` are the runs of rows
    (begin, end) that share their origins and stand or fall together. ``yes`` has the untempered
    probabilities, the unknown actor's last. ``frames_others``: whoever frames, frames another; else any named
    hypothesis, itself too.
    """

    hypotheses: tuple[str, ...]
    rows: tuple[Row, ...]
    groups: tuple[tuple[int, int], ...]
    point: Floats
    low: Floats
    high: Floats
    unknown_low: Floats
    unknown_high: Floats
    tied: Bools
    yes: Floats
    silent: int
    frames_others: bool

    @property
    def credibility(self) -> Floats:
        """Of each row."""
        return np.array([row.credibility for row in self.rows])

    def without(self, left_out: Sequence[int]) -> Table:
        """The table without some rows, by number."""
        gone = set(left_out)
        kept = [n for n in range(len(self.rows)) if n not in gone]
        rows = tuple(self.rows[n] for n in kept)
        return Table(
            hypotheses=self.hypotheses,
            rows=rows,
            groups=group_rows(rows),
            point=self.point[kept],
            low=self.low[kept],
            high=self.high[kept],
            unknown_low=self.unknown_low[kept],
            unknown_high=self.unknown_high[kept],
            tied=self.tied[kept],
            yes=self.yes[kept],
            silent=self.silent,
            frames_others=self.frames_others,
        )


def group_rows(rows: Sequence[Row]) -> tuple[tuple[int, int], ...]:
    """The runs of rows with the same origins; rows are sorted by them."""
    starts = [n for n, row in enumerate(rows) if n == 0 or rows[n - 1].origins != row.origins]
    return tuple(itertools.pairwise([*starts, len(rows)]))


def make_table(inputs: Inputs, knowledge: Knowledge | None) -> Table:
    """The table of checked inputs.

    Copies (same origin, same observation) count once. An observation told by several origins is one row, that
    of the origin whose account is worth most; the others repeat it and add nothing. So an origin's rows stay
    together whoever repeats some of them. Rows on which all hypotheses must agree are left out, and counted.

    ``Refused`` where the knowledge is not the one that the inputs name; ``Malformed`` where two origins tell
    the same and it is judged differently, since what a hypothesis makes of it does not depend on who tells.
    """
    if inputs.knowledge != (knowledge.digest if knowledge else ""):
        why = "the knowledge at hand is not the one that these inputs name"
        raise Refused("weighing.knowledge", inputs.knowledge[:16], why)
    told: dict[str, dict[str, list[Item]]] = {}
    for item in inputs.items:
        told.setdefault(item.seen, {}).setdefault(item.origin, []).append(item)
    tells = Counter(origin for by_origin in told.values() for origin in by_origin)
    rows = sorted(
        (_join(observed, by_origin, tells, joined=inputs.older) for observed, by_origin in told.items()),
        key=lambda row: (row.origins, row.observed),
    )
    judged = {observed: next(iter(by_origin.values()))[0] for observed, by_origin in told.items()}
    return _fill(inputs, rows, [judged[row.observed] for row in rows], knowledge)


def _join(observed: str, by_origin: dict[str, list[Item]], tells: Mapping[str, int], *, joined: bool) -> Row:
    """One row of all that tell the same; the copies of one origin agree (checked with the inputs).

    It is told by the origin whose account is worth most: of equals, by the one that ``tells`` most, and by
    the first of these. ``joined``: it is reliable unless all of them are not, and credible unless all of
    their accounts are not, out of the groups of its origins.
    """
    accounts = [by_origin[origin][0] for origin in sorted(by_origin)]
    for other in accounts[1:]:
        if sorted(map(_judged, other.likelihoods)) != sorted(map(_judged, accounts[0].likelihoods)):
            why = f"observes the same as {accounts[0].id} and is judged otherwise"
            raise Malformed("weighing.contradiction", f"items/{other.id}", why)
    if not joined:
        accounts = [best_account(accounts, tells)]
    return Row(
        items=tuple(sorted(item.id for items in by_origin.values() for item in items)),
        observed=observed,
        origins=tuple(one.origin for one in accounts),
        reliability=_either([one.reliability for one in accounts]),
        credibility=_either([one.credibility for one in accounts]),
    )


def _judged(one: Likelihood) -> tuple[str, int, int]:
    return (one.hypothesis, one.low, one.high)


def _either(probabilities: Sequence[int]) -> float:
    """The probability (from ppm) that not all of them fail; one alone is itself, to the last bit."""
    if len(probabilities) == 1:
        return probabilities[0] / PPM
    return 1.0 - math.prod(sorted((PPM - one) / PPM for one in probabilities))


def probabilities_of(
    item: Item, hypotheses: Sequence[str], knowledge: Knowledge | None
) -> tuple[Floats, Floats, Floats]:
    """(low, point, high) of one item's probability under each hypothesis, the unknown actor's last."""
    if not item.likelihoods:
        assert knowledge is not None  # checked with the inputs
        named, unknown = knowledge.likelihoods(item.seen, hypotheses)
        known = np.append(named, unknown)
        return known, known, known
    judged = {one.hypothesis: one for one in item.likelihoods}
    other = judged[UNKNOWN]
    each = [judged.get(name, other) for name in (*hypotheses, UNKNOWN)]
    low = np.array([one.low for one in each]) / PPM
    high = np.array([one.high for one in each]) / PPM
    point = (
        np.array([one.low if one.low == one.high else math.sqrt(one.low * one.high) for one in each]) / PPM
    )
    return low, point, high


def _tied(item: Item, names: Sequence[str]) -> Bools:
    """Who of the named is not judged."""
    judged = {one.hypothesis for one in item.likelihoods}
    return np.array([bool(judged) and name not in judged for name in names])


def _silent(low: Floats, high: Floats, tied: Bools, *, first: bool) -> bool:
    """Whether every choice within the intervals makes all ratios one. The first method took equal intervals
    for that, however wide."""
    if np.all(low == low[0]) and np.all(high == high[0]):
        return first or bool(low[-1] == high[-1]) or bool(tied.all())
    return False


def _fill(inputs: Inputs, rows: list[Row], judged: list[Item], knowledge: Knowledge | None) -> Table:
    names = tuple(one.id for one in inputs.hypotheses)
    tempering = inputs.parameters.tempering / PPM
    lows, points, highs, ties, kept = [], [], [], [], []
    for row, item in zip(rows, judged, strict=True):
        low, point, high = probabilities_of(item, names, knowledge)
        tied = _tied(item, names)
        if _silent(low, high, tied, first=inputs.first):
            continue
        kept.append(row)
        ties.append(tied)
        lows.append(low)
        points.append(point)
        highs.append(high)
    width = len(names) + 1
    yes = np.array(points).reshape(len(kept), width)
    base = yes[:, -1:]

    def ratios(values: list[Floats]) -> Floats:
        found = np.array(values).reshape(len(kept), width) / base
        return found if tempering == 1.0 else np.power(found, tempering)

    low, high = ratios(lows), ratios(highs)
    return Table(
        hypotheses=names,
        rows=tuple(kept),
        groups=group_rows(kept),
        point=np.ascontiguousarray(ratios(points)[:, :-1]),
        low=np.ascontiguousarray(low[:, :-1]),
        high=np.ascontiguousarray(high[:, :-1]),
        unknown_low=low[:, -1].copy(),
        unknown_high=high[:, -1].copy(),
        tied=np.array(ties, dtype=np.bool_).reshape(len(kept), len(names)),
        yes=yes,
        silent=len(rows) - len(kept),
        frames_others=inputs.older,
    )
