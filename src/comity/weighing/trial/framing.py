"""Who it looks like if somebody may have planted part of it (``spec/13-weighing.md`` §12).

Of a case of n items exactly k are taken to be planted, any k alike: actor g framing h is worth the mean over
all such sets of Π_planted u_h · Π_others P_g. What is planted is drawn from the profile of the framed actor,
or from its rarest items. It is the engine's node for deception with the count fixed.
"""

from __future__ import annotations

import math

import numpy as np

from comity.weighing.mixture import normalise
from comity.weighing.table import Floats
from comity.weighing.trial.baselines import DIGITS
from comity.weighing.trial.planting import FLAGS, Columns, Flag, planted_count
from comity.weighing.trial.ranking import Ranking

FRAMED = 12
"""So many can be the framed one: those that lead without planting, and who is level with the last of them,
and hold at least as many items as would have been planted."""
STRAY = 1e-3
"""The chance that a planted item is none of the framed actor's, but any item."""
DECEPTION = 0.1
"""Before a case is seen; half of it for either flag."""


def mean_product(logs: Floats, count: int) -> Floats:
    """The log of the mean, over all sets of ``count`` of the first axis, of the product of e^log."""
    size = len(logs)
    top = logs.max(axis=0)
    factors = np.exp(logs - top)
    means = np.zeros((count + 1, *logs.shape[1:]))
    means[0] = 1.0
    share = np.arange(1, count + 1).reshape(-1, *[1] * (logs.ndim - 1))
    for n in range(1, size + 1):
        # Of all sets of j among n, j/n have the nth; (n - j)/n lie among those before.
        taken = np.minimum(share / n, 1.0)
        means[1:] = (1.0 - taken) * means[1:] + taken * means[:-1] * factors[n - 1]
    found: Floats = np.log(np.maximum(means[count], 1e-300)) + count * top
    return found


class Framing:
    """One ranking, with planting allowed for."""

    def __init__(self, ranking: Ranking) -> None:
        self.ranking = ranking
        past = ranking.past
        self.profile = past.counts > 0
        self._rarities = [np.sort(past.mentioned[line]) for line in self.profile]

    def planted(self, columns: Columns, framed: Columns, flag: Flag) -> Floats:
        """log (u_h(f) / b(f)) of each framed actor (line) and item (column)."""
        past, base = self.ranking.past, self.ranking.base[columns]
        count, held = planted_count(len(columns)), self.profile[framed][:, columns]
        sizes = self.profile[framed].sum(axis=1)[:, None]
        if flag == "random":
            drawn = held / np.maximum(sizes, 1)
        else:
            mentioned = past.mentioned[columns]
            rarer = np.array([np.searchsorted(self._rarities[h], mentioned, side="left") for h in framed])
            level = np.array([np.searchsorted(self._rarities[h], mentioned, side="right") for h in framed])
            # Rarest first; of several as rare, any. What is not among the rarest was hardly planted.
            among = np.maximum(np.minimum(np.maximum(level, count), sizes), 1)
            drawn = held * np.where(rarer < count, 1.0 / among, STRAY / np.maximum(sizes, 1))
        found: Floats = np.log((1.0 - STRAY) * drawn + STRAY * base) - np.log(base)
        return found

    def posterior(self, columns: Columns) -> Floats:
        """The posterior of each actor with all ways together, the unknown actor last."""
        ranking = self.ranking
        count, actors = planted_count(len(columns)), len(ranking.past.actors)
        ratios = np.vstack([ranking.weighted(columns), np.zeros(len(columns))])
        weights = np.append(ranking.weigh(columns), ranking.strengths.unknown)
        prior = np.append(ranking.prior, ranking.strengths.unknown)
        total = weights + math.log1p(-DECEPTION)
        held = np.flatnonzero(self.profile[:, columns].sum(axis=1) >= count)
        framed = held
        if len(held) > FRAMED:
            # Whoever is level with the last of them is one of them: labels must not choose.
            rounded = np.round(weights[held], DIGITS)
            framed = held[rounded >= np.sort(rounded)[-FRAMED]]
        if not len(framed):
            return normalise(total)
        others = ratios.T[:, :, None]
        each = math.log(DECEPTION / len(FLAGS)) - math.log(max(actors - 1, 1))
        for flag in FLAGS:
            swapped = self.planted(columns, framed, flag).T[:, None, :] - others
            logs = mean_product(swapped, count) + (ratios.sum(axis=1) + prior)[:, None] + each
            logs[framed, np.arange(len(framed))] = -np.inf
            total = np.logaddexp(total, np.logaddexp.reduce(logs, axis=1))
        return normalise(total)
