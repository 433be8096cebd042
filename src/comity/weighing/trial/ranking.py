"""Who it looks like: the engine's likelihoods with a prior from activity, and the nearest single report
(``spec/13-weighing.md`` §11).

log w(g) = κ_t·T(g) + κ_s·S(g) + λ·N(g) + α·log n_g − ω·log(y_g + ¼), the last two made to add up to one, and
υ for the unknown actor. T and S are Σ log(P_g(f) / b(f)) over techniques and over software, N is log Σ
e^(12·cos(r, case)) over the actor's reports r, n_g counts its reports and y_g the years since the last.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import astuple, dataclass

import numpy as np

from comity.weighing.mixture import add_logs, normalise
from comity.weighing.table import Floats
from comity.weighing.trial.cases import Past
from comity.weighing.trial.planting import Columns

CONCENTRATION = 200.0
"""Mentions of background in every actor's profile."""
SHARPNESS = 12.0
RARITY = 1.5
"""The power of the inverse document frequency in the likeness of two reports: what is rare says more than
its share."""
RIDGE = 10.0
"""How much a strength costs that is e times as large or as small as where it started."""


@dataclass(frozen=True, slots=True)
class Strengths:
    """How much each part of the ranking counts: κ_t, κ_s, λ, α, ω and υ. The values here are where fitting
    starts."""

    technique: float = 1.0
    software: float = 1.6
    likeness: float = 0.5
    activity: float = 0.6
    recency: float = 0.2
    unknown: float = 1.0


class Ranking:
    """One past, ready to rank the actors by any items."""

    def __init__(self, past: Past, strengths: Strengths) -> None:
        self.past, self.strengths = past, strengths
        self.base: Floats = (past.mentioned + 0.5) / (past.mentioned.sum() + 1.0)
        self.powers: Floats = np.where(past.software, strengths.software, strengths.technique)
        self.prior = log_prior(self.activity(), strengths)
        rarity = np.maximum(np.log((len(past.told) + 1) / (past.mentioned + 0.5)), 0.0) ** RARITY
        self._square: Floats = rarity**2
        self._length: Floats = np.sqrt(past.sum_told(self._square)) + 1e-9

    def activity(self) -> Floats:
        """Of each actor: the logarithms of its reports, and of one over the years since the last and a
        quarter."""
        return np.column_stack([np.log(self.past.reports), -np.log(self.past.last + 0.25)])

    def ratios(self, columns: Columns) -> Floats:
        """log (P_g(f) / b(f)) of each actor (line) and some items (column): of a large past only what a case
        asks for."""
        past, base = self.past, self.base[columns]
        smoothed = (past.counts[:, columns] + CONCENTRATION * base) / (past.mentions + CONCENTRATION)[:, None]
        found: Floats = np.log(smoothed / base)
        return found

    def weighted(self, columns: Columns) -> Floats:
        """The same, each times the strength of its kind."""
        return self.ratios(columns) * self.powers[columns]

    def likeness(self, columns: Columns) -> Floats:
        """log Σ over each actor's reports of e^(12·cosine), counted from no likeness at all."""
        shared = self.past.told[:, columns] @ self._square[columns]
        cosine = shared / self._length / (math.sqrt(self._square[columns].sum()) + 1e-9)
        found = np.zeros(len(self.past.actors))
        np.add.at(found, self.past.teller, np.expm1(SHARPNESS * cosine))
        return np.log1p(found)

    def parts(self, columns: Columns) -> Floats:
        """T, S and N of each actor."""
        software = self.past.software[columns]
        ratios = self.ratios(columns)
        return np.column_stack(
            [ratios[:, ~software].sum(axis=1), ratios[:, software].sum(axis=1), self.likeness(columns)]
        )

    def weigh(self, columns: Columns) -> Floats:
        """The log weight of each actor."""
        told: Floats = self.weighted(columns).sum(axis=1) + self.prior
        return told + self.strengths.likeness * self.likeness(columns)

    def posterior(self, columns: Columns) -> Floats:
        """The posterior of each actor, the unknown actor last."""
        return normalise(np.append(self.weigh(columns), self.strengths.unknown))


def log_prior(activity: Floats, strengths: Strengths) -> Floats:
    """The log prior of each actor: adds up to one."""
    told: Floats = activity @ np.array([strengths.activity, strengths.recency])
    return told - add_logs(told)


def fit_strengths(cases: Iterable[tuple[Past, Columns, int]]) -> Strengths:
    """The strengths that make the published labels of the cases likeliest, each as a power of e times its
    start, with a ridge on the exponent; by the pattern search of Hooke and Jeeves (1961), one strength at a
    time, to a hundredth.

    A case is its past, its columns and its actor's line, the number of actors for one not seen before.
    """
    start = Strengths()
    read = []
    for past, columns, line in cases:
        ranking = Ranking(past, start)
        read.append((ranking.parts(columns), ranking.activity(), line))

    def loss(exponents: tuple[float, ...]) -> float:
        told = _scaled(start, exponents)
        weights = np.array([told.technique, told.software, told.likeness])
        lost = RIDGE * sum(one * one for one in exponents[:-1])
        for parts, activity, line in read:
            logs = np.append(parts @ weights + log_prior(activity, told), told.unknown)
            top = logs.max()
            lost += top + math.log(np.exp(logs - top).sum()) - logs[line]
        return float(lost)

    best = tuple(0.0 for _ in astuple(start))
    least, step = loss(best), 0.32
    while step > 0.008:
        moved = False
        for n in range(len(best)):
            for by in (step, -step):
                tried = (*best[:n], best[n] + by, *best[n + 1 :])
                if (found := loss(tried)) < least - 1e-9:
                    best, least, moved = tried, found, True
                    break
        if not moved:
            step /= 2.0
    return _scaled(start, best)


def _scaled(start: Strengths, exponents: tuple[float, ...]) -> Strengths:
    """Each strength times a power of e; the unknown actor's, a logarithm itself, plus the exponent."""
    *scaled, unknown = astuple(start)
    told = [value * math.exp(by) for value, by in zip(scaled, exponents[:-1], strict=True)]
    return Strengths(*[*told, unknown + exponents[-1]])
