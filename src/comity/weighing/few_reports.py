"""How few reports a figure rests on, as a range (``spec/14-assessments.md`` §4).

The engine takes a quoted likelihood as exact. Counts of reports are small, and this says how far the leader's
posterior would scatter with them. It changes no figure and no answer.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from comity.records.kinds_of_weighing import Assess, Judgement
from comity.weighing import PPM, UNKNOWN
from comity.weighing.read_rows import join_rows
from comity.weighing.scaled import write_out

NORMAL = 1.959964
"""The middle 95 of 100 of a normal distribution, to either side."""
NEAREST = 20
"""So many of the leader's rivals are taken: a rival scatters the lead by the square of its share."""


def range_of_reports(content: Assess) -> tuple[int, int] | None:
    """The leader's posterior (ppm) at both ends of what the numbers of reports leave open, 95 of 100.

    The delta method on the leader's log odds: a likelihood that m of n reports gave has a logarithm whose
    variance is that of a Beta(m + ½, n - m + ½) variable, ψ₁(m + ½) - ψ₁(n + 1), and moves the log weight of
    its hypothesis by the share that grades and tempering leave it. Framing is left aside. The posterior lies
    inside. None where no item was answered by reports.
    """
    if content.knowledge is msgspec.UNSET or all(one.by != "knowledge" for one in content.items):
        return None
    posteriors = {one.hypothesis: one.posterior / PPM for one in content.result.standings}
    leader = content.result.leader
    rest = 1.0 - posteriors[leader]
    rivals = sorted((name for name in posteriors if name != leader), key=lambda one: -posteriors[one])
    sizes = {one.id: one.reports for one in content.hypotheses} | {UNKNOWN: content.knowledge.reports}
    rows = _rows(content)
    variance = 0.0
    for name in (leader, *rivals[:NEAREST]):
        share = 1.0 if name == leader else posteriors[name] / rest if rest else 0.0
        if share:
            moved = _variance(rows, name, sizes.get(name, 0), content.method.tempering / PPM)
            variance += share**2 * moved
    stated = min(max(posteriors[leader], 0.5 / PPM), 1.0 - 0.5 / PPM)
    middle, spread = math.log(stated / (1.0 - stated)), NORMAL * math.sqrt(variance)
    ends = [round(PPM / (1.0 + math.exp(-at))) for at in (middle - spread, middle + spread)]
    whole = round(posteriors[leader] * PPM)
    return min(ends[0], whole), max(ends[1], whole)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """All that observed the same, as the engine joins it (13 §2)."""

    origins: tuple[str, ...]
    reliability: float
    credibility: float
    judged: Mapping[str, Judgement]
    others: tuple[int, int] | None
    reported: bool

    def ratio(self, hypothesis: str) -> float:
        """The untempered ratio of the points to the unknown actor's."""
        base = self.judged[UNKNOWN]
        ends = self.others or (base.low, base.high)
        if (one := self.judged.get(hypothesis)) is not None:
            ends = (one.low, one.high)
        return math.sqrt(ends[0] * ends[1] / (base.low * base.high))


def _rows(content: Assess) -> list[_Row]:
    return [
        _Row(
            origins=row.origins,
            reliability=row.reliability,
            credibility=row.credibility,
            judged={one.hypothesis: one for one in row.judged.judgements},
            others=None if row.judged.others is msgspec.UNSET else row.judged.others,
            reported=row.judged.by == "knowledge",
        )
        for row in join_rows(content, write_out(content).items)
    ]


def _variance(rows: Sequence[_Row], hypothesis: str, size: int, tempering: float) -> float:
    """Of the log weight of one hypothesis."""
    found = 0.0
    for _, group in itertools.groupby(rows, key=lambda row: row.origins):
        together = list(group)
        for row, moves in zip(together, _moves(together, hypothesis, tempering), strict=True):
            if row.reported:
                mentions = row.judged[hypothesis].mentions if hypothesis in row.judged else 0
                size_here = max(size, mentions)
                found += moves**2 * (_trigamma(mentions + 0.5) - _trigamma(size_here + 1.0))
    return found


def _moves(group: Sequence[_Row], hypothesis: str, tempering: float) -> Iterator[float]:
    """How far the log weight moves with the logarithm of each row's likelihood."""
    spoken = [row.credibility * row.ratio(hypothesis) ** tempering for row in group]
    product = sum(
        math.log(max(said + 1.0 - row.credibility, 1e-300)) for said, row in zip(spoken, group, strict=True)
    )
    trust = group[0].reliability
    against = math.log(max(1.0 - trust, 1e-300)) - math.log(max(trust, 1e-300)) - product
    heard = 1.0 / (1.0 + math.exp(min(against, 700.0)))
    for said, row in zip(spoken, group, strict=True):
        yield tempering * heard * said / max(said + 1.0 - row.credibility, 1e-300)


def _trigamma(x: float) -> float:
    """ψ₁(x) for x > 0: the recurrence up to 8, then the asymptotic series (Abramowitz and Stegun 6.4.12)."""
    found = 0.0
    while x < 8.0:
        found += 1.0 / (x * x)
        x += 1.0
    square = 1.0 / (x * x)
    series = square * (1 / 6 - square * (1 / 30 - square * (1 / 42 - square / 30)))
    return found + 1.0 / x + square / 2.0 + series / x
