"""What everybody would try first: shares by likeness, naive Bayes, naive Bayes tempered with an unknown
actor; and the mixture with its parameters fitted by likelihood."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from comity.weighing import PPM
from comity.weighing.mixture import log_priors, normalise, weigh_table
from comity.weighing.table import Floats, Row, Table
from comity.weighing.trial.cases import Past
from comity.weighing.trial.planting import Columns
from comity.weighing.values import Hypothesis, Parameters

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


def tf_idf(past: Past, columns: Columns) -> Floats:
    """Shares by the cosine of case and profile, each item weighted by log(reports / reports that mention
    it)."""
    weight = np.log((len(past.told) + 1.0) / (past.mentioned + 1.0))
    profile = (past.counts > 0) * weight
    dot = profile[:, columns] @ weight[columns]
    size = np.linalg.norm(profile, axis=1) * np.linalg.norm(weight[columns])
    return _shares(np.divide(dot, size, out=np.zeros_like(dot), where=size > 0))


def naive_bayes(alpha: float, items: int = 0) -> Model:
    """Multinomial over the set of items in each profile, with Laplace smoothing over so many items (0: those
    that the past or the case mentions); a uniform prior."""

    def model(past: Past, columns: Columns) -> Floats:
        profile = past.counts > 0
        # What only later reports mention is not known of yet.
        new = past.mentioned[collapse(columns)] == 0
        size = profile.sum(axis=1) + alpha * (items or int((past.mentioned > 0).sum() + new.sum()))
        logs = np.log((profile[:, columns] + alpha) / size[:, None]).sum(axis=1)
        return np.append(normalise(logs), 0.0)

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

    def table(self, past: Past, columns: Columns) -> Table:
        """The case as the engine takes it: one reliable origin, each item a ratio to the background."""
        base = (past.mentioned + 0.5) / (past.mentioned.sum() + 1.0)
        mass = self.concentration * base[columns]
        smoothed = (past.counts[:, columns] + mass) / (past.mentions + self.concentration)[:, None]
        point = np.ascontiguousarray(((smoothed / base[columns]) ** (1.0 / self.temperature)).T)
        rows = tuple(
            Row(
                items=(past.items[n],),
                observed=past.items[n],
                origins=("report",),
                reliability=1.0,
                credibility=1.0,
            )
            for n in columns
        )
        ones = np.ones(len(rows))
        return Table(
            hypotheses=past.actors,
            rows=rows,
            groups=((0, len(rows)),),
            point=point,
            low=point,
            high=point,
            unknown_low=ones,
            unknown_high=ones,
            tied=np.zeros_like(point, dtype=np.bool_),
            yes=np.column_stack([smoothed.T, base[columns]]),
            silent=0,
        )

    def __call__(self, past: Past, columns: Columns) -> Floats:
        if self.deception:
            # The mixture knows of origins; the tempered baseline counts what it is told.
            columns = collapse(columns)
        told = Parameters(
            unknown_prior=round(self.unknown * PPM),
            deception_prior=round(self.deception * PPM),
            planting=300_000,
        )
        names = tuple(Hypothesis(id=actor) for actor in past.actors)
        return weigh_table(self.table(past, columns), log_priors(names, told), told).posterior


def fit_tempered(
    cases: Iterable[tuple[Past, Columns, int]], deception: float, grid: Sequence[tuple[float, float, float]]
) -> Tempered:
    """Of a grid of (T, π, smoothing) the one that makes the published labels of the cases likeliest.

    A case is its past, its columns and its actor's line, the number of actors for one not seen before. The
    cases are read once, so that not all pasts need to be held at a time.
    """
    models = [
        Tempered(temperature=t, unknown=unknown, concentration=smoothing, deception=deception)
        for t, unknown, smoothing in grid
    ]
    held = [0.0] * len(models)
    for past, columns, line in cases:
        for n, model in enumerate(models):
            held[n] += float(np.log(model(past, columns)[line] + 1e-300))
    return models[min(range(len(models)), key=lambda n: (-held[n], grid[n]))]
