"""The assessments of a case, as its page lists them: no figure, since none stands without its limits."""

from __future__ import annotations

from dataclasses import dataclass

from comity.records.kinds import Assess
from comity.web.phrases import phrase
from comity.web.reading import Reading, Ref, Who


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentLine:
    """An assessment on the page of its case: who asked what, and whether a cluster is named; no figure."""

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
            answer=phrase("names a cluster")
            if record.content.result.answer == "named"
            else phrase("not enough evidence"),
        )
        for record in reading.state.of("assessment.make")
        if isinstance(record.content, Assess)
    )
