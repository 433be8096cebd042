"""What tells how far a leader may be believed: nine figures of a case (``spec/13-weighing.md`` §13)."""

from __future__ import annotations

import math

import numpy as np

from comity.weighing.mixture import add_logs
from comity.weighing.table import Floats
from comity.weighing.trial.cases import LEAST
from comity.weighing.trial.framing import Framing
from comity.weighing.trial.planting import Columns, planted_count
from comity.weighing.trial.ranking import Ranking

LEAD, MARGIN, WITHOUT, RAREST, KNOWN, SILENT, OTHER, LEFT, PECULIAR = range(9)
NAMES = ("lead", "margin", "without", "rarest", "known", "silent", "other", "left", "peculiar")
FAR = 50.0
"""No margin counts as more."""


class Reader:
    """One ranking with its framing, ready to read the signals of any items."""

    def __init__(self, ranking: Ranking) -> None:
        self.ranking = ranking
        self.framing = Framing(ranking)
        self._long = ranking.past.sum_told(np.ones(len(ranking.past.items)))

    def read(self, columns: Columns) -> tuple[Floats, Floats]:
        """The posterior, planting allowed for, and the nine signals of its leader among the named."""
        posterior = self.framing.posterior(columns)
        return posterior, self.signals(columns, int(np.argmax(posterior[:-1])))

    def signals(self, columns: Columns, leader: int) -> Floats:
        """The nine signals of a case with that leader."""
        ranking = self.ranking
        ratios, weights = ranking.weighted(columns), ranking.weigh(columns)
        count = planted_count(len(columns))
        telling = np.argsort(-ratios[leader], kind="stable")
        kept = np.sort(telling[count:])
        rest = columns[kept]
        rarities = np.sort(ranking.past.mentioned[self.framing.profile[leader]])
        held = self.framing.profile[leader, columns]
        # An item is among the rarest if fewer of the profile are rarer than would have been planted.
        rarer = np.searchsorted(rarities, ranking.past.mentioned[columns], side="left")
        alone = ratios[:, kept].sum(axis=1)
        return np.array(
            [
                self._lead(weights, leader),
                _margin(weights, leader),
                self._lead(ranking.weigh(rest), leader) if len(rest) else 0.0,
                int((held & (rarer < count)).sum()) / count,
                held[kept].mean() if len(kept) else 0.0,
                ranking.past.last[leader],
                -_margin(alone, leader),
                np.maximum(ratios[leader, kept], 0.0).sum(),
                self._peculiar(leader, (int(held.sum()) - count) / max(len(columns) - count, 1)),
            ]
        )

    def _lead(self, weights: Floats, leader: int) -> float:
        """Log odds of the leader against all others and the unknown actor."""
        others = np.append(np.delete(weights, leader), self.ranking.strengths.unknown)
        return float(weights[leader]) - add_logs(others)

    def _peculiar(self, leader: int, share: float) -> float:
        """How unlike it others are: minus the log of how many reports of others have as much of its profile
        as the case has when as many items are taken off as would have been planted."""
        past = self.ranking.past
        others = (self._long >= LEAST) & (past.teller != leader)
        told = past.sum_told(self.framing.profile[leader].astype(np.float64))[others] / self._long[others]
        return -math.log((int((told >= share).sum()) + 1.0) / (len(told) + 2.0))


def _margin(weights: Floats, leader: int) -> float:
    """How far the leader is above the next."""
    if len(weights) < 2:
        return FAR
    above = float(weights[leader]) - float(np.delete(weights, leader).max())
    return min(max(above, -FAR), FAR)
