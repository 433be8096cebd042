"""How much work computing an assessment again is, before anything is computed (``spec/14-assessments.md``
§3)."""

from __future__ import annotations

from comity.phrases import Phrase, count_of, phrase
from comity.records.kinds_of_weighing import Assess
from comity.weighing import OLDER, SECOND_METHOD, UNKNOWN

ROW = 10_000
"""What a row costs however few hypotheses there are, in the unit of a pair of actor and framed."""
RANGES = 4
"""So many times that where the unknown actor is judged by an interval: every end against references."""
SEARCH = 40_000_000
"""What the search for planted sets takes at most (``weighing.planted``), in cells."""
TABLE_LIMIT = 500_000
"""Rows by ways: in larger tables, sets are guessed and tried, and not searched."""
GUESSING = 100_000_000
"""What trying guessed sets takes at most there, in cells."""
GUESSING_BEFORE = 1_000_000_000
"""The same, by the second method."""
SHOWN = 400_000_000
"""The most that is computed again while somebody waits for a page: about four seconds, and enough for a
thousand items under five hundred hypotheses."""
VERIFIED = 2_000_000_000
"""The most that a verifier computes again of one dossier, all its assessments together: about twenty
seconds."""


def effort_of(content: Assess) -> int:
    """The work of computing it again: rows by pairs of actor and framed. A hundred million take about a
    second of one processor."""
    times = 1 + RANGES * unknown_is_wide(content)
    return _once(content, len(content.questions)) * times + _search(content) + _answers(content)


def guessing_of(method: str) -> int:
    """What trying guessed sets takes at most by a method, in cells."""
    return GUESSING_BEFORE if method == SECOND_METHOD else GUESSING


def unknown_is_wide(content: Assess) -> bool:
    """Whether the unknown actor is judged by an interval."""
    return any(
        one.hypothesis == UNKNOWN and one.low != one.high for each in content.items for one in each.judgements
    )


def effort_beside(first: Assess, second: Assess) -> int:
    """The work of holding two side by side: the posterior once for each thing on which they may differ."""
    items, hypotheses = (
        sum(one.get(name) != other.get(name) for name in one.keys() | other.keys())
        for one, other in (
            ({each.id: each for each in first.items}, {each.id: each for each in second.items}),
            ({each.id: each for each in first.hypotheses}, {each.id: each for each in second.hypotheses}),
        )
    )
    settings = len(first.method.__struct_fields__)
    one, other = ({each.origin: each.reliability for each in side.items} for side in (first, second))
    sources = sum(one[origin] != other[origin] for origin in one.keys() & other.keys())
    return (1 + items + hypotheses + settings + sources) * max(_once(first), _once(second))


def _once(content: Assess, more: int = 0) -> int:
    """Of the posterior alone, and of so many more rows."""
    return (len(content.items) + more) * (len(content.hypotheses) ** 2 + ROW)


def _answers(content: Assess) -> int:
    """Of answers that are recorded by the whole method, because what they or their origins tell is told by
    others too: up to three times the posterior each."""
    if content.method.name in OLDER:
        return 0
    told: dict[str, set[str]] = {}
    for one in content.items:
        told.setdefault(one.observed or one.id, set()).add(one.origin)
    mixed = {origin for origins in told.values() if len(origins) > 1 for origin in origins}
    whole = sum(
        each.item.origin in mixed or (each.item.observed or each.item.id) in told
        for each in content.questions
    )
    return 3 * whole * _once(content)


def _search(content: Assess) -> int:
    return search_of(len(content.items), len(content.hypotheses), content.method.name)


def search_of(items: int, hypotheses: int, method: str) -> int:
    """Of looking for planted sets, at most; one and two rows need no search."""
    if items * (hypotheses + 1) ** 2 > TABLE_LIMIT:
        return guessing_of(method)
    return min(SEARCH, ROW << min(items - 3, 20)) if items > 2 else 0


def size_of(content: Assess) -> Phrase:
    """``1,000 items × 2,000 hypotheses``."""
    return phrase(
        "{} × {}",
        count_of(len(content.items), "item"),
        count_of(len(content.hypotheses), "hypothesis", "hypotheses"),
    )
