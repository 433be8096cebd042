"""Answers held against the published labels (``spec/13-weighing.md`` §14)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from comity.weighing.table import Floats
from comity.weighing.trial.chance import numbers

BINS = 10
SURE = 0.9
RESAMPLES = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One answer: the case's number, the leader's posterior, the published actor's rank (from 0; -1 where it
    was never seen before), whether the unknown actor is likelier than every named one, and the multiclass
    Brier score."""

    case: int
    top: float
    rank: int
    unknown: bool
    brier: float


def judge(posterior: Floats, line: int, case: int) -> Outcome:
    """An answer held against the published actor's line; -1 for one never seen before, whose class is the
    unknown.

    Actors that tie with the published one stand half before it.
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
        top=float(named.max()) if len(named) else 0.0,
        rank=rank,
        unknown=bool(posterior[-1] > (named.max() if len(named) else 0.0)),
        brier=float(((posterior - truth) ** 2).sum()),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measure: its value, and the ends of its interval, which holds 95 of 100 resamples of the cases.

    ``bound`` is the rule of three's, where the value is 0 of so many cases; ``cases`` is how many it rests
    on.
    """

    value: float
    low: float
    high: float
    cases: int
    bound: float | None = None


Measure = Callable[[npt.NDArray[np.int64]], float]


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """All answers of one model to one set of cases, as arrays."""

    case: npt.NDArray[np.int64]
    top: Floats
    rank: npt.NDArray[np.int64]
    unknown: npt.NDArray[np.bool_]
    brier: Floats

    @classmethod
    def of(cls, outcomes: Sequence[Outcome]) -> Answers:
        """From single outcomes."""
        return cls(
            np.array([one.case for one in outcomes]),
            np.array([one.top for one in outcomes]),
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


def measures_of(answers: Answers) -> dict[str, tuple[Measure, npt.NDArray[np.bool_]]]:
    """Each measure by name, as a function of chosen answers, with the answers that it rests on."""
    top, rank, right = answers.top, answers.rank, answers.right
    sure = top >= SURE
    everything = np.ones(len(top), dtype=np.bool_)

    def mean_of(values: npt.NDArray[np.generic]) -> Measure:
        return lambda chosen: float(values[chosen].mean()) if len(chosen) else float("nan")

    return {
        "top-1": (mean_of(rank == 0), everything),
        "top-5": (mean_of((rank >= 0) & (rank < 5)), everything),
        "mrr": (mean_of(np.where(rank >= 0, 1.0 / (np.maximum(rank, 0) + 1.0), 0.0)), everything),
        "ece": (lambda chosen: calibration_error(top[chosen], right[chosen]), everything),
        "brier": (mean_of(answers.brier), everything),
        "sure": (mean_of(sure), everything),
        "precision of sure": (mean_of(right), sure),
        "confidently wrong": (mean_of(sure & ~right), everything),
        "unknown leads, unseen": (mean_of(answers.unknown), rank < 0),
        "not sure, unseen": (mean_of(~sure), rank < 0),
    }


RATES = {"confidently wrong", "sure", "unknown leads, unseen", "not sure, unseen", "precision of sure"}


def measure_all(answers: Answers, seed: int) -> dict[str, Figure]:
    """Every measure with its interval: cases, with all answers to them, are drawn again and again."""
    cases = np.unique(answers.case)
    lines = [np.flatnonzero(answers.case == case) for case in cases]
    drawn = numbers(seed, RESAMPLES * len(cases), len(cases)).reshape(RESAMPLES, len(cases))
    samples = [np.concatenate([lines[n] for n in one]) for one in drawn]
    found = {}
    for name, (measure, base) in measures_of(answers).items():
        value = measure(np.flatnonzero(base))
        values = np.array([measure(one[base[one]]) for one in samples])
        values = values[~np.isnan(values)]
        low, high = np.percentile(values, [2.5, 97.5]) if len(values) else (value, value)
        count = len(np.unique(answers.case[base]))
        bound = None
        if name in RATES and count and value in (0.0, 1.0):
            # None of so many, or all of them: three in n bounds what was not seen.
            bound = min(3.0 / count, 1.0) if value == 0.0 else max(1.0 - 3.0 / count, 0.0)
        found[name] = Figure(value=value, low=float(low), high=float(high), cases=count, bound=bound)
    return found
