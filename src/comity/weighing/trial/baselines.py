"""What everybody would try first: shares by likeness, naive Bayes, naive Bayes tempered with an unknown
actor; and the mixture with its parameters fitted by likelihood."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from comity.weighing.mixture import BLOCK, RUN, normalise
from comity.weighing.table import Floats
from comity.weighing.trial.cases import Past
from comity.weighing.trial.planting import Columns

DIGITS = 10
"""Of a score or a log weight: who is alike is level, in whatever order it was summed."""
PLANTING = 0.3
"""The share that is planted where anything is."""
Model: TypeAlias = Callable[[Past, Columns], Floats]
"""The posterior of each actor of the past, the unknown actor last."""


def _shares(scores: Floats) -> Floats:
    whole = scores.sum()
    shares = scores / whole if whole > 0 else np.full(len(scores), 1.0 / len(scores))
    return np.append(shares, 0.0)


def collapse(columns: Columns) -> Columns:
    """What reports of one origin tell, each thing once (``spec/13-weighing.md`` rule 6)."""
    found: Columns = np.unique(columns)
    return found


def jaccard(past: Past, columns: Columns) -> Floats:
    """Shares by |case ∩ profile| / |case ∪ profile|."""
    profile = past.counts > 0
    columns = collapse(columns)
    both = profile[:, columns].sum(axis=1)
    return _shares(both / (profile.sum(axis=1) + len(columns) - both))


def tf_idf(past: Past) -> Callable[[Columns], Floats]:
    """Shares by the cosine of case and profile, each item weighted by log(reports / reports that mention
    it)."""
    weight = np.log((len(past.told) + 1.0) / (past.mentioned + 1.0))
    length = np.linalg.norm((past.counts > 0) * weight, axis=1)

    def model(columns: Columns) -> Floats:
        asked = weight[columns]
        dot = ((past.counts[:, columns] > 0) * asked) @ asked
        size = length * np.linalg.norm(asked)
        return _shares(np.round(np.divide(dot, size, out=np.zeros_like(dot), where=size > 0), DIGITS))

    return model


def naive_bayes(alpha: float, items: int = 0) -> Model:
    """Multinomial over the set of items in each profile, with Laplace smoothing over so many items (0: those
    that the past or the case mentions); a uniform prior."""

    def model(past: Past, columns: Columns) -> Floats:
        profile = past.counts > 0
        # What only later reports mention is not known of yet.
        new = past.mentioned[collapse(columns)] == 0
        size = profile.sum(axis=1) + alpha * (items or int((past.mentioned > 0).sum() + new.sum()))
        logs = np.log((profile[:, columns] + alpha) / size[:, None]).sum(axis=1)
        return np.append(normalise(np.round(logs, DIGITS)), 0.0)

    return model


@dataclass(frozen=True, slots=True, kw_only=True)
class Tempered:
    """A Dirichlet-smoothed profile against the background; T, π and the smoothing are fitted."""

    temperature: float
    unknown: float
    concentration: float
    deception: float = 0.0

    def told(self) -> str:
        """The fitted parameters in words."""
        return f"T {self.temperature}, unknown {self.unknown}, smoothing {self.concentration}"

    def __call__(self, past: Past, columns: Columns) -> Floats:
        if self.deception:
            # The mixture knows of origins; the tempered baseline counts what it is told.
            columns = collapse(columns)
        return self.posterior(self.ways(past, columns))

    def ways(self, past: Past, columns: Columns) -> tuple[Floats, Floats | None]:
        """The log likelihood ratio to the background of each actor alone (the unknown last), and of each
        framing each, minus infinity for itself; none where nobody is taken to plant anything.

        It is the mixture of one certain origin (``spec/13-weighing.md`` §3) before whoever framed could draw
        itself (§15), summed without the engine's care for the last bit.
        """
        base = (past.mentioned + 0.5) / (past.mentioned.sum() + 1.0)
        mass = self.concentration * base[columns]
        smoothed = (past.counts[:, columns] + mass) / (past.mentions + self.concentration)[:, None]
        logs = np.log(smoothed / base[columns]) / self.temperature
        alone = np.append(logs.sum(axis=1), 0.0)
        if not self.deception:
            return alone, None
        ratios = np.vstack([np.exp(logs), np.ones(len(columns))])
        # Of many actors most were reported with the same of a case's items, or with none: once is enough.
        each, place = np.unique(ratios, axis=0, return_inverse=True)
        once = np.zeros((len(each), len(each)))
        for begin in range(0, len(each), BLOCK):
            once[begin : begin + BLOCK] = _log_framed(each[begin : begin + BLOCK], each)
        member = place.reshape(-1)
        framing = once[np.ix_(member, member[:-1])]
        framing[np.arange(len(logs)), np.arange(len(logs))] = -np.inf
        return alone, framing

    def posterior(self, ways: tuple[Floats, Floats | None]) -> Floats:
        """The posterior of each actor with all its ways, the unknown actor last."""
        alone, framing = ways
        count = len(alone) - 1
        shared = np.log((1.0 - self.unknown) / count) if count else 0.0
        priors = np.append(np.full(count, shared), np.log(self.unknown))
        if framing is None:
            return normalise(alone + priors)
        # An actor cannot frame itself; with nobody else to frame, that way has no weight.
        chance = np.append(np.full(count, max(count - 1, 1)), max(count, 1)).astype(np.float64)
        top = np.maximum(alone, framing.max(axis=1, initial=-np.inf))
        framed = np.exp(framing - top[:, None]).sum(axis=1) * (self.deception / chance)
        # Who is alike is level, in whatever order the ways were summed.
        total = np.round(np.log(framed + np.exp(alone - top) * (1.0 - self.deception)) + top, DIGITS)
        return normalise(total + priors)


def _log_framed(acting: Floats, framed: Floats) -> Floats:
    """log Π_f ((1−δ)·r_g(f) + δ·r_h(f)) for each acting g (line) and framed h (column)."""
    logs = np.zeros((len(acting), len(framed)))
    product = np.ones_like(logs)
    for n in range(acting.shape[1]):
        product *= np.add.outer((1.0 - PLANTING) * acting[:, n], PLANTING * framed[:, n])
        if n % RUN == RUN - 1:
            logs += np.log(product)
            product.fill(1.0)
    found: Floats = logs + np.log(product)
    return found


def fit_tempered(
    cases: Iterable[tuple[Past, Columns, int]], deception: float, grid: Sequence[tuple[float, float, float]]
) -> Tempered:
    """Of a grid of (T, π, smoothing) the one that makes the published labels of the cases likeliest.

    A case is its past, its columns and its actor's line, the number of actors for one not seen before. The
    cases are read once, so that not all pasts need to be held at a time.
    """
    models = _models(deception, grid)
    held = np.zeros(len(grid))
    for past, columns, line in cases:
        ways: dict[tuple[float, float], tuple[Floats, Floats | None]] = {}
        for n, model in enumerate(models):
            key = (model.temperature, model.concentration)
            if key not in ways:
                ways[key] = model.ways(past, collapse(columns) if deception else columns)
            held[n] += float(np.log(model.posterior(ways[key])[line] + 1e-300))
    return models[min(range(len(grid)), key=lambda n: (-held[n], grid[n]))]


def _models(deception: float, grid: Sequence[tuple[float, float, float]]) -> list[Tempered]:
    return [
        Tempered(temperature=t, unknown=unknown, concentration=smoothing, deception=deception)
        for t, unknown, smoothing in grid
    ]
