"""Assessments of a dossier computed again, where the means are installed; and said so where they are not.

An assessment that is not reproduced is no damage of the dossier: its author signed it so. It is a result
beside integrity, for the reader to see (``spec/12-dossier.md`` §5, step 15).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from comity.case.state import State
from comity.errors import ComityError
from comity.records import kinds
from comity.weighing.effort import VERIFIED, effort_of, size_of
from comity.weighing.shown import Assessed, show


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


def reweigh(state: State, everything: bool = False, names: Iterable[str] = ()) -> tuple[AssessmentCheck, ...]:
    """The accepted assessments of a state, in their order, each computed again from its own inputs as long as
    all of them together stay within ``VERIFIED``; ``everything``: however long it takes. ``names`` are those
    of the parties, which no label should bear."""
    left, parties = VERIFIED, tuple(names)
    checks = []
    for accepted in state.of("assessment.make"):
        if not isinstance(accepted.content, kinds.Assess):
            continue
        takes = effort_of(accepted.content)
        checks.append(
            _check(
                accepted.id, accepted.author, accepted.content, parties, within=everything or takes <= left
            )
        )
        # One that is too large leaves the others their turn.
        left -= takes if takes <= left else 0
    return tuple(checks)


def _check(
    record: str, author: str, content: kinds.Assess, parties: Sequence[str], within: bool
) -> AssessmentCheck:
    shown = show(content, parties=parties)

    def not_here(why: str) -> AssessmentCheck:
        return AssessmentCheck(
            record=record, author=author, shown=shown, result="not recomputed here", why=why
        )

    if not within:
        return not_here(f"{size_of(content)} take long; comity verify --weigh-all does it")
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
