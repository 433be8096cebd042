"""How much to believe who leads: what planting would look like, learned on the fitting part alone
(``spec/13-weighing.md`` §13).

Two regressions. The first says from the lead, the margin and how much of the case is known of it how often
the leader of an unplanted case is the published one. The second tells unplanted cases from planted ones.
Their
product is the score. What a score is worth, and from where on it may say nine in ten, is read off the fitting
part, each stretch of it scored by regressions fitted on what came before.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from comity.weighing.table import Floats
from comity.weighing.trial.logistic import Logistic, fit_logistic, sigmoid
from comity.weighing.trial.planting import FLAGS, Columns, Flag
from comity.weighing.trial.signals import (
    KNOWN,
    LEAD,
    LEFT,
    MARGIN,
    OTHER,
    PECULIAR,
    RAREST,
    SILENT,
    WITHOUT,
    Reader,
)

PLAIN = [LEAD, MARGIN, KNOWN]
TELLS = [LEAD, WITHOUT, RAREST, KNOWN, SILENT, OTHER, LEFT, PECULIAR]

PLANTED_ODDS = 0.05
"""Before a case is seen: one planted for twenty that are not."""
SUSPICION = 4.0
"""So many times those odds are taken where it is asked whether a case may be sure."""
HIGH = 0.9
"""What counts as sure."""
BORNE: dict[Flag, float] = {"random": 0.005, "smart": 0.01}
"""How often a planted case may look sure and be wrong, on the fitting part."""
WARY = 2.0
"""So many cases are added to those that score as high, as right as their scores let expect."""
FIRST = 0.4
"""The share of the fitting part, the earliest, that is only fitted on and never scored."""
STRETCHES = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Read:
    """The fitting part as read: unplanted cases by date, and draws of planted ones for each.

    ``plain`` has a line for each case and nine columns, ``right`` says whether the leader is the published
    actor; ``planted`` and ``planted_right`` have the same for each flag, with one more axis, the draws,
    behind the first.
    """

    plain: Floats
    right: Floats
    planted: dict[Flag, Floats]
    planted_right: dict[Flag, Floats]

    def part(self, begin: int, end: int) -> Read:
        """Some of the cases."""
        return Read(
            plain=self.plain[begin:end],
            right=self.right[begin:end],
            planted={flag: found[begin:end] for flag, found in self.planted.items()},
            planted_right={flag: found[begin:end] for flag, found in self.planted_right.items()},
        )

    def draws(self, begin: int, step: int) -> Read:
        """Every so many of the draws."""
        return Read(
            plain=self.plain,
            right=self.right,
            planted={flag: found[:, begin::step] for flag, found in self.planted.items()},
            planted_right={flag: found[:, begin::step] for flag, found in self.planted_right.items()},
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scorer:
    """Both regressions."""

    plain: Logistic
    tells: Logistic

    def score(self, signals: Floats, odds: float = PLANTED_ODDS * SUSPICION) -> Floats:
        """The probability that a case is unplanted and its leader the published actor; one for each line."""
        unplanted = sigmoid(self.tells.log_odds(signals[:, TELLS]) - math.log(odds))
        found: Floats = sigmoid(self.plain.log_odds(signals[:, PLAIN])) * unplanted
        return found


def fit_scorer(read: Read) -> Scorer:
    """Both regressions on all of the cases read."""
    signals = [read.plain, *(read.planted[flag].reshape(-1, read.plain.shape[1]) for flag in FLAGS)]
    everything = np.concatenate(signals)
    unplanted = np.concatenate([np.ones(len(read.plain)), np.zeros(len(everything) - len(read.plain))])
    # Planted cases count as much together as the others; those that nobody would believe anyway count little.
    share = len(read.plain) / max(len(everything) - len(read.plain), 1)
    counts = np.where(unplanted > 0, 1.0, share) * sigmoid(everything[:, LEAD] + 2.0)
    return Scorer(
        plain=fit_logistic(read.plain[:, PLAIN], read.right, np.ones(len(read.plain))),
        tells=fit_logistic(everything[:, TELLS], unplanted, counts),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Caution:
    """Signals to a confidence: ``sure`` where the score reaches ``sure_from`` (never, where that is beyond
    1); elsewhere the mean of the score at ordinary odds and of what such scores have been worth (``worth``),
    and never what counts as sure."""

    scorer: Scorer
    worth: Logistic
    sure_from: float
    sure: float

    def is_sure(self, signals: Floats) -> bool:
        """Whether a case like this one is sure."""
        return float(self.scorer.score(signals[None, :])[0]) >= self.sure_from

    def confidence(self, signals: Floats) -> float:
        """How often a case like this one agrees with the published label."""
        if self.is_sure(signals):
            return self.sure
        line = signals[None, :]
        score = self.scorer.score(line, PLANTED_ODDS)
        worth = sigmoid(self.worth.log_odds(log_odds(score)[:, None]))
        # What few past cases say of a score is not trusted alone.
        return min(float(score[0] + worth[0]) / 2.0, HIGH - 0.01)


def log_odds(chances: Floats) -> Floats:
    """Of chances, none beyond one in ten thousand."""
    kept = np.clip(chances, 1e-4, 1.0 - 1e-4)
    found: Floats = np.log(kept / (1.0 - kept))
    return found


def fit_caution(read: Read) -> Caution:
    """The regressions on the whole fitting part, and the worth of scores that each stretch got from its
    past."""
    count = len(read.plain)
    ends = [round(count * (FIRST + (1.0 - FIRST) * n / STRETCHES)) for n in range(STRETCHES + 1)]
    scores: list[Floats] = []
    ordinary: list[Floats] = []
    planted: dict[Flag, list[Floats]] = {flag: [] for flag in FLAGS}
    for begin, end in pairwise(ends):
        scorer = fit_scorer(read.part(0, begin))
        stretch = read.part(begin, end)
        scores.append(scorer.score(stretch.plain))
        ordinary.append(log_odds(scorer.score(stretch.plain, PLANTED_ODDS)))
        for flag in FLAGS:
            planted[flag].append(scorer.score(stretch.planted[flag].reshape(-1, read.plain.shape[1])))
    begin = ends[0]
    found, right = np.concatenate(scores), read.right[begin:]
    wrong = {flag: 1.0 - read.planted_right[flag][begin:].reshape(-1) for flag in FLAGS}
    flagged = {flag: (np.concatenate(planted[flag]), wrong[flag]) for flag in FLAGS}
    said = log_odds(found)[:, None]
    expected = sigmoid(fit_logistic(said, right, np.ones(len(right))).log_odds(said))
    sure_from, sure = find_sure(found, right, expected, flagged)
    return Caution(
        scorer=fit_scorer(read),
        worth=fit_logistic(np.concatenate(ordinary)[:, None], right, np.ones(len(right))),
        sure_from=sure_from,
        sure=sure,
    )


def find_sure(
    scores: Floats, right: Floats, expected: Floats, planted: dict[Flag, tuple[Floats, Floats]]
) -> tuple[float, float]:
    """From which score on a case is sure, and how sure: as many cases as may be.

    So many may be that nine in ten of them are right, two more being counted as right as the scores let
    expect (``expected``, a chance for each case), and that planted cases which score as high are wrong no
    more often than is borne. Where none may be: beyond 1.
    """
    order = np.argsort(-scores, kind="stable")
    ranked, hits, chances = scores[order], np.cumsum(right[order]), np.cumsum(expected[order])
    best = (2.0, HIGH)
    for size, score in enumerate(ranked.tolist(), 1):
        worth = float(hits[size - 1] + WARY * chances[size - 1] / size) / (size + WARY)
        if worth >= HIGH and all(
            float(((found >= score) * wrong).mean()) <= BORNE[flag]
            for flag, (found, wrong) in planted.items()
        ):
            best = (score, worth)
    return best


def apply_caution(caution: Caution, reader: Reader, columns: Columns) -> Floats:
    """The posterior with the leader's replaced by the confidence; the unknown actor stands last.

    The others keep their proportions and the leader its place: where confidence is lost, the unknown actor
    gains it.
    """
    posterior, signals = reader.read(columns)
    leader = int(np.argmax(posterior[:-1]))
    confidence = caution.confidence(signals)
    lead = float(posterior[leader])
    scale = min(confidence / lead, (1.0 - confidence) / (1.0 - lead)) if 0.0 < lead < 1.0 else 1.0
    found = posterior * scale
    found[leader] = confidence
    found[-1] = max(0.0, 1.0 - float(found[:-1].sum()))
    return found
