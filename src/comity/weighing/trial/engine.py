"""The engine itself on trial: ``comity weigh`` with reports answering, read as ``comity weigh fit`` has it
(``spec/13-weighing.md`` §1 to §4 and §9, ``spec/14-assessments.md`` §6)."""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from comity.weighing import METHOD, PPM
from comity.weighing.fitting import Settings
from comity.weighing.mixture import (
    Sides,
    framing_priors,
    log_priors,
    log_product,
    normalise,
    weigh_table,
)
from comity.weighing.planted import find_smallest
from comity.weighing.sensitivity import leave_each_out
from comity.weighing.table import Floats, Row, Table
from comity.weighing.trial.baselines import DIGITS, collapse
from comity.weighing.trial.cases import Past
from comity.weighing.trial.planting import Columns
from comity.weighing.values import Hypothesis, Parameters, as_ppm, borne_by


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answer:
    """The posteriors, the unknown actor last; whether the leader has .9, and whether it is named."""

    posterior: Floats
    leads: bool
    named: bool


class Engine:
    """The engine with these settings, and with deception, planting and what a name withstands as it has them
    where nobody says otherwise. All items are of one certain origin, and what no report mentions is left out,
    since it is refused there. What it answered stays at hand as long as the past does: two rows of a trial
    ask the same, and copies of an item say nothing."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._told = Parameters(tempering=settings.tempering, unknown_prior=settings.unknown_prior)
        self._answers: WeakKeyDictionary[Past, dict[bytes, Answer]] = WeakKeyDictionary()

    def named(self, past: Past, columns: Columns) -> tuple[Floats, bool]:
        """The posteriors, and whether it gives a name."""
        answer = self._answer(past, columns)
        return answer.posterior, answer.named

    def leads(self, past: Past, columns: Columns) -> tuple[Floats, bool]:
        """The same, sure of whoever leads with .9, as every other method is."""
        answer = self._answer(past, columns)
        return answer.posterior, answer.leads

    def _answer(self, past: Past, columns: Columns) -> Answer:
        columns = collapse(columns)
        answers = self._answers.setdefault(past, {})
        if (found := answers.get(columns.tobytes())) is None:
            found = answers[columns.tobytes()] = self._weigh(past, columns)
        return found

    def _weigh(self, past: Past, columns: Columns) -> Answer:
        told = self._told
        table = _quote(past, columns, self._settings)
        priors = log_priors(tuple(Hypothesis(id=actor) for actor in past.actors), told)
        # Who is alike is level, in whatever order the ways were summed.
        posterior = normalise(np.round(_totals(table, priors, told), DIGITS))
        leads = _leads(posterior, told)
        return Answer(posterior=posterior, leads=leads, named=leads and not _falls(table, priors, told))


def _totals(table: Table, priors: Floats, told: Parameters) -> Floats:
    """The log weight of each actor, all ways together, as :func:`weigh_table` has it. Of many actors most
    were reported with the same of a case's items, or with none: they are weighed once."""
    each, place, times = np.unique(table.point, axis=1, return_inverse=True, return_counts=True)
    own = np.column_stack([each, np.ones(len(table.rows))])
    alone, framing = framing_priors(
        len(table.hypotheses), priors, told.deception_prior / PPM, others=table.frames_others
    )
    member = np.append(place.reshape(-1), len(times))
    by_itself = log_product(table, Sides(own, None, 0.0))[:, 0]
    # Each actor frames all others: of those like itself, all but itself.
    framed = np.tile(times.astype(np.float64), (len(times) + 1, 1))
    framed[np.arange(len(times)), np.arange(len(times))] -= 1.0
    with np.errstate(divide="ignore"):
        ways = log_product(table, Sides(own, each, told.planting / PPM)) + np.log(framed)
    found: Floats = np.logaddexp(
        by_itself[member] + alone, np.logaddexp.reduce(ways, axis=1)[member] + framing
    )
    return found


def _leads(posterior: Floats, told: Parameters) -> bool:
    """Whether the leader of the named has what a name needs, and the unknown actor no more."""
    top = float(posterior[:-1].max()) if len(posterior) > 1 else 0.0
    return as_ppm(top) >= told.name_at and float(posterior[-1]) <= top


def _falls(table: Table, priors: Floats, told: Parameters) -> bool:
    """Whether planting that a name has to withstand takes the lead away (``spec/13-weighing.md`` rule 14);
    the likelihoods are points."""
    borne = borne_by(METHOD, told.withstand, len(table.rows))
    if not borne:
        return False
    weighed = weigh_table(table, priors, told)
    found = find_smallest(table, weighed, leave_each_out(table, weighed, told), told)
    return 0 < len(found.rows) <= borne


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
        "withstand": told.withstand,
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
