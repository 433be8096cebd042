"""Answers held against the published labels (``spec/13-weighing.md`` §14)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from comity.weighing.table import Floats
from comity.weighing.trial.chance import numbers

BINS = 10
SURE = 0.9
RESAMPLES = 1_000
UNKNOWN_LEADS = "unknown leads, unseen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One answer: the case's number, its actor's (what one vendor calls one actor is no independent case, so
    actors are resampled), the leader's posterior and whether it is sure, the published actor's rank (from 0;
    -1 where it was never seen before), whether the unknown actor is likelier than every named one, and the
    multiclass Brier score."""

    case: int
    actor: int
    top: float
    sure: bool
    rank: int
    unknown: bool
    brier: float


def is_sure(posterior: Floats) -> bool:
    """Whether the leader among the named has .9 or more."""
    return bool(posterior[:-1].max(initial=0.0) >= SURE)


def judge(
    posterior: Floats, line: int, case: int, actor: int | None = None, sure: bool | None = None
) -> Outcome:
    """An answer held against the published actor's line; -1 for one never seen before, whose class is the
    unknown.

    Actors that tie with the published one stand half before it. A method that names by another rule than
    that the leader has .9 says whether it is ``sure``. Without an ``actor`` the case is one of its
    own.
    """
    named = posterior[:-1]
    truth = np.zeros(len(posterior))
    truth[line if line >= 0 else -1] = 1.0
    rank = -1
    if line >= 0:
        level = int((named == named[line]).sum()) - 1
        rank = int((named > named[line]).sum()) + level // 2
    return Outcome(
        case=case,
        actor=case if actor is None else actor,
        top=float(named.max()) if len(named) else 0.0,
        sure=is_sure(posterior) if sure is None else sure,
        rank=rank,
        unknown=bool(posterior[-1] > (named.max() if len(named) else 0.0)),
        brier=float(((posterior - truth) ** 2).sum()),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measure: its value, and the ends of its interval, which holds 95 of 100 resamples of the actors,
    each with all its cases.

    ``bound`` is the rule of three's, where the value is 0 of so many cases; ``cases`` is how many it rests
    on.
    """

    value: float
    low: float
    high: float
    cases: int
    bound: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """All answers of one model to one set of cases, as arrays."""

    case: npt.NDArray[np.int64]
    actor: npt.NDArray[np.int64]
    top: Floats
    sure: npt.NDArray[np.bool_]
    rank: npt.NDArray[np.int64]
    unknown: npt.NDArray[np.bool_]
    brier: Floats

    @classmethod
    def of(cls, outcomes: Sequence[Outcome]) -> Answers:
        """From single outcomes."""
        return cls(
            np.array([one.case for one in outcomes]),
            np.array([one.actor for one in outcomes]),
            np.array([one.top for one in outcomes]),
            np.array([one.sure for one in outcomes]),
            np.array([one.rank for one in outcomes]),
            np.array([one.unknown for one in outcomes]),
            np.array([one.brier for one in outcomes]),
        )

    @property
    def right(self) -> npt.NDArray[np.bool_]:
        """Whether the leader is the published actor."""
        found: npt.NDArray[np.bool_] = self.rank == 0
        return found


def calibration_error(top: Floats, right: npt.NDArray[np.bool_]) -> float:
    """The expected calibration error over ten bins of equal width (Naeini, Cooper and Hauskrecht 2015)."""
    bins = np.minimum((top * BINS).astype(np.int64), BINS - 1)
    gaps = np.bincount(bins, weights=top - right, minlength=BINS)
    return float(np.abs(gaps).sum() / len(top))


def calibration_floor(top: Floats, seed: int) -> float:
    """The calibration error that a perfectly calibrated answer with the same confidences would show on
    average, for there being so few cases."""
    draws = numbers(seed, 200 * len(top), 1 << 53).reshape(200, len(top)) / float(1 << 53)
    return float(np.mean([calibration_error(top, one < top) for one in draws]))


def shares_of(answers: Answers) -> dict[str, tuple[Floats, npt.NDArray[np.bool_]]]:
    """Each measure that is a mean, by name: a value for each answer, and the answers that it rests on."""
    sure, rank, right = answers.sure, answers.rank, answers.right
    everything = np.ones(len(sure), dtype=np.bool_)
    found = {
        "top-1": (rank == 0, everything),
        "top-5": ((rank >= 0) & (rank < 5), everything),
        "mrr": (np.where(rank >= 0, 1.0 / (np.maximum(rank, 0) + 1.0), 0.0), everything),
        "brier": (answers.brier, everything),
        "sure": (sure, everything),
        "precision of sure": (right, sure),
        "confidently wrong": (sure & ~right, everything),
        UNKNOWN_LEADS: (answers.unknown, rank < 0),
        "not sure, unseen": (~sure, rank < 0),
    }
    return {name: (values.astype(np.float64), base) for name, (values, base) in found.items()}


RATES = {
    "top-1",
    "top-5",
    "mrr",
    "confidently wrong",
    "sure",
    UNKNOWN_LEADS,
    "not sure, unseen",
    "precision of sure",
}
"""Of these, 0 and 1 stand beside the rule of three; a mean reciprocal rank is no more than the rate of those
that are found at all."""


def measure_all(answers: Answers, seed: int) -> dict[str, Figure]:
    """Every measure with its interval: actors, with all their cases and all answers to these, are drawn again
    and again (Field and Welsh 2007, the cluster bootstrap)."""
    actors, place = np.unique(answers.actor, return_inverse=True)
    count = len(np.unique(answers.case))
    drawn = numbers(seed, RESAMPLES * len(actors), len(actors)).reshape(RESAMPLES, len(actors))
    # How often each actor is drawn, in each resample: all sums below are sums over actors.
    times = np.zeros((RESAMPLES, len(actors)))
    np.add.at(times, (np.arange(RESAMPLES)[:, None], drawn), 1.0)
    found = {}
    for name, (values, base) in shares_of(answers).items():
        whole = np.bincount(place, weights=values * base, minlength=len(actors))
        size = np.bincount(place, weights=base, minlength=len(actors))
        sums, sizes = times @ whole, times @ size
        resampled = sums[sizes > 0] / sizes[sizes > 0]
        value = float(values[base].mean()) if base.any() else float("nan")
        found[name] = _figure(name, value, resampled, len(np.unique(answers.case[base])))
    bins = np.minimum((answers.top * BINS).astype(np.int64), BINS - 1)
    gaps = np.zeros((len(actors), BINS))
    np.add.at(gaps, (place, bins), answers.top - answers.right)
    sizes = times @ np.bincount(place, minlength=len(actors))
    errors = np.abs(times @ gaps).sum(axis=1) / sizes
    found["ece"] = _figure("ece", calibration_error(answers.top, answers.right), errors, count)
    return found


def _figure(name: str, value: float, resampled: Floats, cases: int) -> Figure:
    low, high = np.percentile(resampled, [2.5, 97.5]) if len(resampled) else (value, value)
    bound = None
    if name in RATES and cases and value in (0.0, 1.0):
        # None of so many, or all of them: three in n bounds what was not seen.
        bound = min(3.0 / cases, 1.0) if value == 0.0 else max(1.0 - 3.0 / cases, 0.0)
    return Figure(value=value, low=float(low), high=float(high), cases=cases, bound=bound)


def not_asked(figure: Figure) -> Figure:
    """The figure of a model that knows of no unknown actor: it could never say so."""
    return Figure(value=math.nan, low=math.nan, high=math.nan, cases=figure.cases)
