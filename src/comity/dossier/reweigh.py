"""Assessments of a dossier computed again, where the means are installed; and said so where they are not.

An assessment that is not reproduced is no damage of the dossier: its author signed it so. It is a result
beside integrity, for the reader to see (``spec/12-dossier.md`` §5, step 15).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from comity.case.state import State
from comity.errors import ComityError
from comity.records import kinds
from comity.weighing.shown import Assessed, show

CELLS_LIMIT = 200_000
"""The most likelihoods (items times hypotheses) that a verifier computes again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentCheck:
    """One assessment: its figures with their limits, and whether they were reproduced. ``differs`` names the
    figures that were not; ``why`` says why nothing was computed."""

    record: str
    author: str
    shown: Assessed
    result: Literal["reproduced", "different", "not recomputed here"]
    differs: tuple[str, ...] = ()
    why: str = ""


def reweigh(state: State) -> tuple[AssessmentCheck, ...]:
    """Every accepted assessment of a state, computed again from its own inputs."""
    return tuple(
        _check(accepted.id, accepted.author, accepted.content)
        for accepted in state.of("assessment.make")
        if isinstance(accepted.content, kinds.Assess)
    )


def _check(record: str, author: str, content: kinds.Assess) -> AssessmentCheck:
    shown = show(content)

    def not_here(why: str) -> AssessmentCheck:
        return AssessmentCheck(
            record=record, author=author, shown=shown, result="not recomputed here", why=why
        )

    if len(content.items) * len(content.hypotheses) > CELLS_LIMIT:
        return not_here("it is too large to compute again here; comity weigh check does it")
    try:
        from comity.weighing.recompute import recompute  # numpy, which the bare package does not bring

        again = recompute(content)
    except ImportError:
        return not_here("numpy is not installed (pip install 'comity[weigh]')")
    except ComityError as error:
        return not_here(error.why)
    return AssessmentCheck(
        record=record,
        author=author,
        shown=shown,
        result="different" if again.differs else "reproduced",
        differs=again.differs,
    )
