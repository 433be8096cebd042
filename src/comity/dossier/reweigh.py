"""Assessments of a dossier computed again, where the means are installed; and said so where they are not.

An assessment that is not reproduced is no damage of the dossier: its author signed it so. It is a result
beside integrity, for the reader to see (``spec/12-dossier.md`` §5, step 15).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from comity.case.state import Accepted, State
from comity.records import kinds
from comity.weighing.by_counts import quotes_of
from comity.weighing.checked import check_figures
from comity.weighing.effort import VERIFIED, effort_of, size_of
from comity.weighing.in_the_case import call_by_id, show_in_case
from comity.weighing.shown import Assessed


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentCheck:
    """One assessment: its figures with their limits, whether they were reproduced, and what the records shown
    say beside it. ``answer`` is the stated one, ``quotes`` how many items are said
    to be from reports; ``differs`` names the figures that were not reproduced;
    ``why`` says why nothing was computed."""

    record: str
    author: str
    shown: Assessed
    answer: str
    quotes: int
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
        checks.append(_check(state, accepted, accepted.content, parties, within=everything or takes <= left))
        # One that is too large leaves the others their turn.
        left -= takes if takes <= left else 0
    return tuple(checks)


def _check(
    state: State, accepted: Accepted, content: kinds.Assess, parties: Sequence[str], within: bool
) -> AssessmentCheck:
    checked = check_figures(content, effort_of(content) if within else -1)
    match checked.cause:
        case "size":
            why = f"{size_of(content)} take long; comity verify --weigh-all does it"
        case "package":
            why = "numpy is not installed (pip install '.[weigh]' in a copy of the source)"
        case _:
            why = checked.why
    return AssessmentCheck(
        record=accepted.id,
        author=accepted.author,
        shown=show_in_case(
            content, checked, state, accepted.author, call_by_id, record=accepted.id, parties=parties
        ),
        answer=content.result.answer,
        quotes=quotes_of(content),
        result="not recomputed here" if checked.result == "not computed" else checked.result,
        differs=checked.differs,
        why=why,
    )
