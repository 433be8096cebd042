"""Who it looks like: the engine's likelihoods with a prior from activity, and the nearest single report
(``spec/13-weighing.md`` §11).

log w(g) = Σ_f κ_f · log(P_g(f) / b(f)) + α·log n_g − ω·log(y_g + ¼) + λ·log Σ_r e^(12·cos(r, case)) and, for
the unknown actor, υ against a prior that adds up to one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from comity.weighing.mixture import add_logs, normalise
from comity.weighing.table import Floats
from comity.weighing.trial.cases import Past
from comity.weighing.trial.planting import Columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Strengths:
    """How much each part of the ranking counts; chosen on the fitting part, see the decision record.

    ``concentration``: mentions of background in every profile. ``technique`` and ``software``: the powers κ
    of their likelihood ratios. ``activity``, ``recency``, ``likeness``: α, ω and λ. ``unknown``: υ.
    """

    concentration: float = 300.0
    technique: float = 1.0 / 0.7
    software: float = 1.5 / 0.7
    activity: float = 0.5 / 0.7
    recency: float = 0.15 / 0.7
    likeness: float = 0.5 / 0.7
    unknown: float = 3.0


SHARPNESS = 12.0
RARITY = 1.5
"""The power of the inverse document frequency in the likeness of two reports: what is rare says more than
its share."""


class Ranking:
    """One past, ready to rank the actors by any items."""

    def __init__(self, past: Past, strengths: Strengths) -> None:
        self.past, self.strengths = past, strengths
        base = (past.mentioned + 0.5) / (past.mentioned.sum() + 1.0)
        weight = strengths.concentration
        smoothed = (past.counts + weight * base) / (past.mentions + weight)[:, None]
        powers = np.where(past.software, strengths.software, strengths.technique)
        self.ratios: Floats = np.log(smoothed / base) * powers
        prior = strengths.activity * np.log(past.reports) - strengths.recency * np.log(past.last + 0.25)
        self.prior: Floats = prior - add_logs(prior)
        rarity = np.maximum(np.log((len(past.told) + 1) / (past.mentioned + 0.5)), 0.0) ** RARITY
        self._square: Floats = rarity**2
        self._length: Floats = np.sqrt(past.told @ self._square) + 1e-9

    def likeness(self, columns: Columns) -> Floats:
        """log Σ over each actor's reports of e^(12·cosine), counted from no likeness at all."""
        shared = self.past.told[:, columns] @ self._square[columns]
        cosine = shared / self._length / (math.sqrt(self._square[columns].sum()) + 1e-9)
        found = np.zeros(len(self.past.actors))
        np.add.at(found, self.past.teller, np.expm1(SHARPNESS * cosine))
        return np.log1p(found)

    def weigh(self, columns: Columns) -> Floats:
        """The log weight of each actor."""
        told: Floats = self.ratios[:, columns].sum(axis=1) + self.prior
        return told + self.strengths.likeness * self.likeness(columns)

    def posterior(self, columns: Columns) -> Floats:
        """The posterior of each actor, the unknown actor last."""
        return normalise(np.append(self.weigh(columns), self.strengths.unknown))
