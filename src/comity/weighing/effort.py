"""How much work computing an assessment again is, before anything is computed (``spec/14-assessments.md``
§3)."""

from __future__ import annotations

from comity.phrases import Phrase, count_of, phrase
from comity.records.kinds_of_weighing import Assess

ROW = 10_000
"""What a row costs however few hypotheses there are, in the unit of a pair of actor and framed."""
SHOWN = 300_000_000
"""The most that is computed again while somebody waits for a page: about three seconds, and enough for a
thousand items under five hundred hypotheses."""
VERIFIED = 2_000_000_000
"""The most that a verifier computes again of one dossier, all its assessments together: about twenty
seconds."""


def effort_of(content: Assess) -> int:
    """The work of computing it again: rows by pairs of actor and framed. A hundred million take about a
    second of one processor."""
    rows = len(content.items) + len(content.questions)
    return rows * (len(content.hypotheses) ** 2 + ROW)


def size_of(content: Assess) -> Phrase:
    """``1,000 items × 2,000 hypotheses``."""
    return phrase(
        "{} × {}",
        count_of(len(content.items), "item"),
        count_of(len(content.hypotheses), "hypothesis", "hypotheses"),
    )
