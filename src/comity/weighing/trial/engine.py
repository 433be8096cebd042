"""The engine itself on trial: ``comity weigh`` with reports answering, read as ``comity weigh fit`` has it
(``spec/13-weighing.md`` §1 to §4 and §9, ``spec/14-assessments.md`` §6)."""

from __future__ import annotations

import numpy as np

from comity.weighing import PPM
from comity.weighing.fitting import Settings
from comity.weighing.mixture import log_priors, normalise, weigh_table
from comity.weighing.table import Floats, Row, Table
from comity.weighing.trial.baselines import DIGITS, Model, collapse
from comity.weighing.trial.cases import Past
from comity.weighing.trial.planting import Columns
from comity.weighing.values import Hypothesis, Parameters


def engine(settings: Settings) -> Model:
    """The engine with these settings, and with deception and planting as it has them where nobody says
    otherwise; all items are of one certain origin, and what no report mentions is left out, since it is
    refused there."""
    told = Parameters(tempering=settings.tempering, unknown_prior=settings.unknown_prior)

    def model(past: Past, columns: Columns) -> Floats:
        names = tuple(Hypothesis(id=actor) for actor in past.actors)
        table = _quote(past, collapse(columns), settings)
        total = weigh_table(table, log_priors(names, told), told).total
        # Who is alike is level, in whatever order the ways were summed.
        return normalise(np.round(total, DIGITS))

    return model


def described(settings: Settings) -> str:
    """The settings in words."""
    told = Parameters()
    numbers = {
        "floor": settings.smoothing.floor,
        "doubt": settings.smoothing.doubt * (PPM // 100),
        "tempering": settings.tempering,
        "unknown": settings.unknown_prior,
        "deception": told.deception_prior,
        "planting": told.planting,
    }
    return "engine: " + ", ".join(f"{name} {number / PPM:g}" for name, number in numbers.items())


def _quote(past: Past, columns: Columns, settings: Settings) -> Table:
    """What the reports of a past answer for each item, as the engine takes it."""
    columns = columns[past.mentioned[columns] > 0]
    floor, doubt = settings.smoothing.floor / PPM, settings.smoothing.doubt / 100
    base = (past.mentioned[columns] / past.reports.sum())[:, None]
    own = (past.counts[:, columns] / (past.reports + doubt)[:, None]).T
    yes = np.column_stack([np.minimum(floor * base + (1.0 - floor) * own, 1.0), base])
    ratios = np.ascontiguousarray(np.power(yes / base, settings.tempering / PPM)[:, :-1])
    ones, count = np.ones(len(columns)), len(columns)
    rows = tuple(
        Row(
            items=(past.items[n],),
            observed=past.items[n],
            origins=("report",),
            reliability=1.0,
            credibility=1.0,
        )
        for n in columns.tolist()
    )
    return Table(
        hypotheses=past.actors,
        rows=rows,
        groups=((0, count),) if count else (),
        point=ratios,
        low=ratios,
        high=ratios,
        unknown_low=ones,
        unknown_high=ones,
        tied=np.zeros(ratios.shape, dtype=np.bool_),
        yes=yes,
        silent=0,
        frames_others=False,
    )
