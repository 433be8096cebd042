"""The assessments of a case, as its page lists them: no figure, since none stands without its limits."""

from __future__ import annotations

from dataclasses import dataclass

from comity.records.kinds import Assess
from comity.web.reading import Reading, Ref, Who
from comity.weighing.checked import answer_in_short


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentLine:
    """An assessment on the page of its case: who asked what, and whether a cluster is named, by figures that
    follow from their inputs or are said not to; no figure."""

    record: Ref
    by: Who
    question: str
    answer: str


def list_assessments(reading: Reading) -> tuple[AssessmentLine, ...]:
    """The assessments of a case, in docket order."""
    return tuple(
        AssessmentLine(
            record=reading.ref(record.id),
            by=reading.who(record.author),
            question=record.content.question,
            answer=answer_in_short(record.content, reading.rechecking.check(record.id, record.content)),
        )
        for record in reading.state.of("assessment.make")
        if isinstance(record.content, Assess)
    )
