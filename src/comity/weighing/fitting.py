"""How a party's own reports are best read: smoothing, tempering and the unknown actor's prior, fitted on past
cases (``spec/14-assessments.md`` §6).

The engine keeps its form and every setting stays stated; this says which settings would have made the
published labels of past cases likeliest. Deception is left as its author states it: published cases say
nothing of it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from comity.errors import Malformed
from comity.weighing import PPM
from comity.weighing.knowledge import Observation
from comity.weighing.readings import Smoothing
from comity.weighing.table import Floats
from comity.weighing.trial.cases import LEAST, Case, History, parse_date

FLOORS: Final = (20_000, 50_000, 100_000, 200_000, 350_000, 500_000, 700_000, 850_000, 920_000, 960_000)
DOUBTS: Final = (25, 50, 100, 200, 400, 800, 1_600)
TEMPERINGS: Final = (100_000, 150_000, 200_000, 300_000, 400_000, 500_000, 700_000, PPM)
UNKNOWNS: Final = (50_000, 100_000, 200_000, 300_000, 400_000, 500_000, 600_000)
CANDIDATES: Final = 5
"""A case counts from so many actors known before it on."""
LEAST_CASES: Final = 20
"""Nothing is fitted on fewer."""
HELD_BACK: Final = 0.4
"""The share of the cases, the latest, on which the settings fitted on the others are tried."""
SURE: Final = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the engine is told beside the evidence: how counts are read, and two of its parameters (ppm)."""

    smoothing: Smoothing
    tempering: int
    unknown_prior: int


STATED: Final = Settings(smoothing=Smoothing(), tempering=PPM, unknown_prior=200_000)
"""What holds where nobody says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """Settings on cases that they were not fitted on: log loss of the published label in nats a case, how
    many have a leader at .9 or more, and how many of those agree with the label."""

    loss: float
    sure: int
    agree: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """``settings`` fitted on all ``cases``; ``fitted`` and ``stated`` are how settings fitted on the earlier
    cases, and those that hold where nobody says otherwise, did on the latest ``held_back``."""

    settings: Settings
    cases: int
    held_back: int
    fitted: Tried
    stated: Tried


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Counts:
    """One case: reports of each actor that mention each item, of each actor, of each item, of all."""

    together: Floats
    reports: Floats
    mentioned: Floats
    line: int


def fit_settings(observations: Iterable[Observation], before: str = "") -> Fitted:
    """The settings under which the published labels of the cases (dated before ``before``, where it is given)
    are likeliest, from a grid; the first of those that tie.

    ``Malformed``: ``trial.date`` for a date that is none, ``trial.few`` where fewer than twenty cases have
    five actors known before them.
    """
    if before:
        parse_date(before, "before")
    history = History(one for one in observations if not before or one.date < before)
    counted = _count_all(history, history.cases()[-history.most_cases() :])
    if len(counted) < LEAST_CASES:
        why = (
            f"{len(counted)} cases have {CANDIDATES} actors known before them; {LEAST_CASES} are needed (a "
            f"case: an actor in a report, with {LEAST} items)"
        )
        raise Malformed("trial.few", "observations", why)
    earlier = round(len(counted) * (1.0 - HELD_BACK))
    tried = _fit(counted[:earlier])
    latest = counted[earlier:]
    return Fitted(
        settings=_fit(counted),
        cases=len(counted),
        held_back=len(latest),
        fitted=_try(latest, tried),
        stated=_try(latest, STATED),
    )


def fit_cases(history: History, cases: Iterable[Case], say: Callable[[str], None] | None = None) -> Settings:
    """The settings of the grid under which the published labels of these cases are likeliest; cases before
    which fewer than five actors were known do not count. ``say`` is told how far it is."""
    return _fit(_count_all(history, cases), say)


def _count_all(history: History, cases: Iterable[Case]) -> list[_Counts]:
    """Of the cases those that count."""
    return [found for case in cases if (found := _count(history, case)) is not None]


def _count(history: History, case: Case) -> _Counts | None:
    past = history.before(case)
    if len(past.actors) < CANDIDATES:
        return None
    columns = history.columns(case.items)
    # What no report has mentioned says nothing to the engine.
    columns = columns[past.mentioned[columns] > 0]
    return _Counts(
        together=past.counts[:, columns],
        reports=past.reports,
        mentioned=past.mentioned[columns],
        line=past.actors.index(case.actor) if case.actor in past.actors else len(past.actors),
    )


def _speak(one: _Counts, smoothing: Smoothing) -> Floats:
    """The log likelihood ratio of each actor to the unknown one, as the engine takes it: of one reliable
    origin."""
    floor, doubt = smoothing.floor / PPM, smoothing.doubt / 100
    base = one.mentioned / one.reports.sum()
    own = one.together / (one.reports + doubt)[:, None]
    found: Floats = np.log(np.minimum(floor * base + (1.0 - floor) * own, 1.0) / base).sum(axis=1)
    return found


def _posteriors(spoken: Floats, temperings: Floats, unknowns: Floats) -> Floats:
    """For each tempering and prior of the unknown actor a posterior, the unknown last: three axes."""
    named = temperings[:, None, None] * spoken + (np.log1p(-unknowns) - np.log(len(spoken)))[None, :, None]
    logs = np.concatenate([named, np.broadcast_to(np.log(unknowns)[:, None], (*named.shape[:2], 1))], axis=2)
    scaled = np.exp(logs - logs.max(axis=2, keepdims=True))
    found: Floats = scaled / scaled.sum(axis=2, keepdims=True)
    return found


def _fit(cases: Sequence[_Counts], say: Callable[[str], None] | None = None) -> Settings:
    temperings, unknowns = np.array(TEMPERINGS) / PPM, np.array(UNKNOWNS) / PPM
    best, least = STATED, np.inf
    for n, (floor, doubt) in enumerate(itertools.product(FLOORS, DOUBTS), 1):
        if say:
            say(f"fitting how reports are read, reading {n}/{len(FLOORS) * len(DOUBTS)}")
        smoothing = Smoothing(floor=floor, doubt=doubt)
        lost = np.zeros((len(temperings), len(unknowns)))
        for one in cases:
            lost -= np.log(_posteriors(_speak(one, smoothing), temperings, unknowns)[:, :, one.line] + 1e-300)
        place = np.unravel_index(int(np.argmin(lost)), lost.shape)
        if lost[place] < least - 1e-9:
            least = lost[place]
            best = Settings(
                smoothing=smoothing,
                tempering=TEMPERINGS[place[0]],
                unknown_prior=UNKNOWNS[place[1]],
            )
    return best


def _try(cases: Sequence[_Counts], settings: Settings) -> Tried:
    tempering, unknown = np.array([settings.tempering / PPM]), np.array([settings.unknown_prior / PPM])
    posteriors = [_posteriors(_speak(one, settings.smoothing), tempering, unknown)[0, 0] for one in cases]
    leads = [int(np.argmax(one[:-1])) for one in posteriors]
    sure = [posterior[lead] >= SURE for posterior, lead in zip(posteriors, leads, strict=True)]
    agree = [sure_here and lead == one.line for sure_here, lead, one in zip(sure, leads, cases, strict=True)]
    lost = [-np.log(posterior[one.line] + 1e-300) for posterior, one in zip(posteriors, cases, strict=True)]
    return Tried(loss=float(np.mean(lost)), sure=int(sum(sure)), agree=int(sum(agree)))
