"""Answers held against the published labels (``spec/13-weighing.md`` §14)."""

from __future__ import annotations

from collections.abc import Sequence
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


def shares_of(answers: Answers) -> dict[str, tuple[Floats, npt.NDArray[np.bool_]]]:
    """Each measure that is a mean, by name: a value for each answer, and the answers that it rests on."""
    top, rank, right = answers.top, answers.rank, answers.right
    sure = top >= SURE
    everything = np.ones(len(top), dtype=np.bool_)
    found = {
        "top-1": (rank == 0, everything),
        "top-5": ((rank >= 0) & (rank < 5), everything),
        "mrr": (np.where(rank >= 0, 1.0 / (np.maximum(rank, 0) + 1.0), 0.0), everything),
        "brier": (answers.brier, everything),
        "sure": (sure, everything),
        "precision of sure": (right, sure),
        "confidently wrong": (sure & ~right, everything),
        "unknown leads, unseen": (answers.unknown, rank < 0),
        "not sure, unseen": (~sure, rank < 0),
    }
    return {name: (values.astype(np.float64), base) for name, (values, base) in found.items()}


RATES = {"confidently wrong", "sure", "unknown leads, unseen", "not sure, unseen", "precision of sure"}


def measure_all(answers: Answers, seed: int) -> dict[str, Figure]:
    """Every measure with its interval: cases, with all answers to them, are drawn again and again."""
    cases, place = np.unique(answers.case, return_inverse=True)
    drawn = numbers(seed, RESAMPLES * len(cases), len(cases)).reshape(RESAMPLES, len(cases))
    # How often each case is drawn, in each resample: all sums below are sums over cases.
    times = np.zeros((RESAMPLES, len(cases)))
    np.add.at(times, (np.arange(RESAMPLES)[:, None], drawn), 1.0)
    found = {}
    for name, (values, base) in shares_of(answers).items():
        whole = np.bincount(place, weights=values * base, minlength=len(cases))
        size = np.bincount(place, weights=base, minlength=len(cases))
        sums, sizes = times @ whole, times @ size
        resampled = sums[sizes > 0] / sizes[sizes > 0]
        value = float(values[base].mean()) if base.any() else float("nan")
        found[name] = _figure(name, value, resampled, len(np.unique(answers.case[base])))
    bins = np.minimum((answers.top * BINS).astype(np.int64), BINS - 1)
    gaps = np.zeros((len(cases), BINS))
    np.add.at(gaps, (place, bins), answers.top - answers.right)
    sizes = times @ np.bincount(place, minlength=len(cases))
    errors = np.abs(times @ gaps).sum(axis=1) / sizes
    found["ece"] = _figure("ece", calibration_error(answers.top, answers.right), errors, len(cases))
    return found


def _figure(name: str, value: float, resampled: Floats, cases: int) -> Figure:
    low, high = np.percentile(resampled, [2.5, 97.5]) if len(resampled) else (value, value)
    bound = None
    if name in RATES and cases and value in (0.0, 1.0):
        # None of so many, or all of them: three in n bounds what was not seen.
        bound = min(3.0 / cases, 1.0) if value == 0.0 else max(1.0 - 3.0 / cases, 0.0)
    return Figure(value=value, low=float(low), high=float(high), cases=cases, bound=bound)
