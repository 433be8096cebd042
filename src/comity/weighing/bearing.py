"""What carries the lead, and how strongly single items are judged (``spec/14-assessments.md`` §4).

What an item would do alone, from the judgements and grades of the record: a view beside the figures, which
takes nothing from them and changes none. Framing is left aside.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import msgspec

from comity.records.kinds_of_weighing import Assess, Weighed
from comity.weighing import PPM, UNKNOWN
from comity.weighing.read_rows import ReadRow, join_rows

LEVEL: Final = 2
"""Figures (ppm) that differ by no more are the same, by whoever computes them."""
NEARLY: Final = 0.9
"""What carries this share of all that speaks for the leader carries nearly all of it."""
BEARS: Final = 1e-9
"""An item that moves log odds by no more says nothing for the leader."""
STRONG: Final = 100.0
"""An item that is so many times likelier under one than under another, its grades counted in, is told of."""
CELLS_LIMIT: Final = 600_000
"""Of larger assessments (items × hypotheses) it is not looked for."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What speaks for the leader: how many rows and origins do at all, and those that carry nearly all of it,
    the most telling first. ``reliability`` (ppm) is the best of the origins that do."""

    rows: int
    origins: int
    main_rows: tuple[tuple[str, ...], ...]
    main_origins: tuple[tuple[str, ...], ...]
    reliability: int

    by_priors: bool
    """Whether the leader has enough for a name, or all that it has, before any evidence."""
    needless: bool
    """Whether no item's loss takes anything from the leader's figure."""
    believed: bool
    """Whether the leader is likelier than not before any evidence."""
    one_row: bool
    """Whether one row alone speaks for the leader, and no other row's loss takes the name from it."""
    one_origin: bool
    """The same of one origin and all its rows."""

    @property
    def trusted(self) -> bool:
        """Whether any origin that carries it is held likelier to be reliable than not."""
        return 2 * self.reliability > PPM


@dataclass(frozen=True, slots=True, kw_only=True)
class Strong:
    """Rows, by their first item, each judged more than ``STRONG`` times likelier under the leader than under
    each of ``rivals``."""

    items: tuple[str, ...]
    rivals: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """An origin that speaks for the leader; ``items`` are those of its rows that do, whoever tells them
    too, and ``main`` those of the rows that make nearly all of it."""

    origins: tuple[str, ...]
    items: tuple[str, ...]
    main: tuple[str, ...]


def gains_of_origins(content: Assess) -> list[Origin] | None:
    """The origins that speak for the leader, what tells most first; none for an assessment that is too
    large."""
    if too_large(content):
        return None
    sides = _Sides(content)
    found = []
    for origins, rows in _by_origin(content):
        gained = [(gain, row.items) for row in rows if (gain := sides.alone(row)) > BEARS]
        if gained:
            items = tuple(name for _, names in gained for name in names)
            strongest = _main(sorted(gained, key=lambda one: -one[0]))
            main = tuple(name for names in strongest for name in names)
            found.append((sides.together(rows), Origin(origins=origins, items=items, main=main)))
    return [one for _, one in sorted(found, key=lambda one: (-one[0], one[1].origins))]


def carried_by(content: Assess) -> Carried | None:
    """What speaks for the leader. A row, or an origin with all its rows, does as much as it would alone:
    the logarithm of what it makes of the leader's odds before any evidence. None for an assessment that is
    too large."""
    if too_large(content):
        return None
    sides = _Sides(content)
    groups = _by_origin(content)
    rows = [(sides.alone(row), row) for _, group in groups for row in group]
    gained = sorted(((gain, row.items) for gain, row in rows if gain > BEARS), key=lambda one: -one[0])
    origins = sorted(
        ((gain, each) for each in groups if (gain := sides.together(each[1])) > BEARS),
        key=lambda one: -one[0],
    )
    main = _main(origins)
    leader = next(one for one in content.result.standings if one.hypothesis == content.result.leader)
    needed = {
        name for one in content.result.drivers if one.without < content.method.name_at for name in one.items
    }
    best = max((group[0].reliability for _, group in main), default=0.0)
    return Carried(
        rows=len(gained),
        origins=len(origins),
        main_rows=tuple(_main(gained)),
        main_origins=tuple(each for each, _ in main),
        reliability=round(best * PPM),
        by_priors=leader.prior >= min(content.method.name_at, leader.posterior - LEVEL),
        needless=all(one.without >= leader.posterior - LEVEL for one in content.result.drivers),
        believed=2 * leader.prior > PPM,
        one_row=len(gained) == 1 and needed <= {*gained[0][1]},
        one_origin=len(origins) == 1 and needed <= {name for row in origins[0][1][1] for name in row.items},
    )


def _by_origin(content: Assess) -> list[tuple[tuple[str, ...], list[ReadRow]]]:
    """The rows of each origin."""
    rows = join_rows(content, content.items)
    return [(name, list(group)) for name, group in itertools.groupby(rows, key=lambda row: row.origins)]


def strong_rows(content: Assess) -> tuple[Strong, ...]:
    """Rows that are judged very much likelier under the leader than under another, by whom they are; none
    for an assessment that is too large."""
    if too_large(content):
        return ()
    sides = _Sides(content)
    found: dict[tuple[str, ...], list[str]] = {}
    for row in join_rows(content, content.items):
        if rivals := tuple(sides.far_behind(row)):
            found.setdefault(rivals, []).append(row.items[0])
    return tuple(Strong(items=tuple(sorted(items)), rivals=rivals) for rivals, items in found.items())


def too_large(content: Assess) -> bool:
    """Whether what carries the lead is not looked for here."""
    return len(content.items) * (len(content.hypotheses) + 1) > CELLS_LIMIT


def ends_of(content: Assess, item: Weighed) -> list[tuple[int, int]]:
    """The judged interval of each named hypothesis, in the order of the record, and the unknown actor's last;
    who is not judged has the unknown actor's."""
    judged = {one.hypothesis: (one.low, one.high) for one in item.judgements}
    base = judged[UNKNOWN]
    if item.scaled:
        return [*(content.scale[n] for n in item.scaled), base]
    rest = base if item.others is msgspec.UNSET else item.others
    return [*(judged.get(one.id, rest) for one in content.hypotheses), base]


def _main(gained: Sequence[tuple[float, T]]) -> list[T]:
    """The fewest, the strongest first, that make nearly all."""
    least, found, total = NEARLY * sum(gain for gain, _ in gained), [], 0.0
    for gain, one in gained:
        if total >= least:
            break
        total += gain
        found.append(one)
    return found


class _Sides:
    """The leader against all others, each by its prior."""

    def __init__(self, content: Assess) -> None:
        self.content = content
        self.names = [*(one.id for one in content.hypotheses), UNKNOWN]
        self.leader = self.names.index(content.result.leader)
        self.tempering = content.method.tempering / PPM
        unknown = content.method.unknown_prior / PPM
        whole = sum(one.weight for one in content.hypotheses)
        priors = [*((1.0 - unknown) * one.weight / whole for one in content.hypotheses), unknown]
        priors[self.leader] = 0.0
        rest = sum(priors)
        self.shares = [one / rest for one in priors] if rest else priors

    def alone(self, row: ReadRow) -> float:
        """How far a row alone would move the leader's log odds."""
        return self._gain(self._worth(row, row.reliability * row.credibility))

    def together(self, rows: Sequence[ReadRow]) -> float:
        """How far the rows of one origin would, which stand or fall together (13, rule 9)."""
        if len(rows) == 1:
            return self.alone(rows[0])
        trust = rows[0].reliability
        products = [0.0] * len(self.names)
        for row in rows:
            for n, worth in enumerate(self._worth(row, row.credibility)):
                products[n] += math.log(max(worth, 1e-300))
        # Against the leader's own, so that neither side leaves what a float holds.
        top = max(products)
        heard = (1.0 - trust) * math.exp(-max(top, -700.0))
        return self._gain([trust * math.exp(one - top) + heard for one in products])

    def far_behind(self, row: ReadRow) -> Iterator[str]:
        """Who is left far behind by a row alone."""
        worth = self._worth(row, row.reliability * row.credibility)
        least = worth[self.leader] / STRONG
        return (name for name, one in zip(self.names, worth, strict=True) if one < least)

    def _gain(self, worth: Sequence[float]) -> float:
        lead = worth[self.leader]
        if lead <= 0.0:
            return 0.0
        others = sum(share * one for share, one in zip(self.shares, worth, strict=True))
        return math.log(lead) - math.log(max(others, 1e-300))

    def _worth(self, row: ReadRow, grade: float) -> list[float]:
        """What a row is worth to each, by its point and a grade."""
        ends = ends_of(self.content, row.judged)
        low, high = ends[-1]
        made: dict[tuple[int, int], float] = {}
        for each in set(ends):
            ratio = math.sqrt(each[0] * each[1] / (low * high)) ** self.tempering
            made[each] = grade * ratio + 1.0 - grade
        return [made[each] for each in ends]
