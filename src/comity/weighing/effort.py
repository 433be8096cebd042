"""How much work computing an assessment again is, before anything is computed (``spec/14-assessments.md``
§3)."""

from __future__ import annotations

from comity.phrases import Phrase, count_of, phrase
from comity.records.kinds_of_weighing import Assess
from comity.weighing import UNKNOWN

ROW = 10_000
"""What a row costs however few hypotheses there are, in the unit of a pair of actor and framed."""
RANGES = 8
"""So many times that where the unknown actor is judged by an interval: every end against references."""
SEARCH = 40_000_000
"""What the search for planted sets takes at most."""
SHOWN = 350_000_000
"""The most that is computed again while somebody waits for a page: three to four seconds, and enough for a
thousand items under five hundred hypotheses."""
VERIFIED = 2_000_000_000
"""The most that a verifier computes again of one dossier, all its assessments together: about twenty
seconds."""


def effort_of(content: Assess) -> int:
    """The work of computing it again: rows by pairs of actor and framed. A hundred million take about a
    second of one processor."""
    rows = len(content.items) + len(content.questions)
    pairs = len(content.hypotheses) ** 2
    wide = sum(
        one.hypothesis == UNKNOWN and one.low != one.high for each in content.items for one in each.judgements
    )
    return rows * (pairs + ROW) + (RANGES * rows * (pairs + ROW) if wide else 0) + _search(len(content.items))


def _search(items: int) -> int:
    """Of looking for planted sets, at most; one and two rows need no search."""
    return min(SEARCH, ROW << min(items - 3, 20)) if items > 2 else 0


def size_of(content: Assess) -> Phrase:
    """``1,000 items × 2,000 hypotheses``."""
    return phrase(
        "{} × {}",
        count_of(len(content.items), "item"),
        count_of(len(content.hypotheses), "hypothesis", "hypotheses"),
    )
