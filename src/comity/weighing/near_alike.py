"""Hypotheses that nothing tells apart, or of which nothing is told: they take the share of one that is asked
about (``spec/14-assessments.md`` §4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from comity.phrases import Phrase, phrase
from comity.records.kinds_of_weighing import Assess
from comity.weighing import PPM, UNKNOWN
from comity.weighing.bearing import ends_of, too_large
from comity.weighing.likelihood_words import percent
from comity.weighing.naming import quoted_list

LOOKED_AT: Final = 12
"""So many hypotheses, the likeliest, are held against each other."""
WITHIN: Final = 1.2
"""Two judgements, one at most so many times the other, are nearly the same."""
LEAST: Final = PPM // 100
"""What they have together, to be told of."""
UNTOUCHED: Final = PPM // 4
"""The prior of what no item touches, from which it is told of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """Hypotheses that are judged nearly alike in every item, and what they have together (ppm)."""

    hypotheses: tuple[str, ...]
    together: int


def judged_alike(content: Assess) -> tuple[Alike, ...]:
    """Of the likeliest, those that are judged nearly alike throughout, and not as the unknown actor is; none
    for an assessment that is too large."""
    named = [one for one in content.result.standings if one.hypothesis != UNKNOWN][:LOOKED_AT]
    if too_large(content) or len(named) < 2:
        return ()
    place = {one.id: n for n, one in enumerate(content.hypotheses)}
    ends = [ends_of(content, item) for item in content.items]
    judged = {one.hypothesis: [each[place[one.hypothesis]] for each in ends] for one in named}
    unknown = [each[-1] for each in ends]
    left = [one for one in named if not _near(judged[one.hypothesis], unknown)]
    found = []
    while left:
        first = left[0]
        same = [one for one in left if _near(judged[first.hypothesis], judged[one.hypothesis])]
        left = [one for one in left if one not in same]
        together = sum(one.posterior for one in same)
        if len(same) > 1 and together >= LEAST:
            found.append(Alike(hypotheses=tuple(one.hypothesis for one in same), together=together))
    return tuple(found)


def rivals_of(content: Assess) -> int | None:
    """How many of those named, the leader aside, are not judged nearly as the unknown actor is throughout;
    None for an assessment that is too large."""
    if too_large(content):
        return None
    ends = [ends_of(content, item) for item in content.items]
    unknown = [each[-1] for each in ends]
    judged = (
        [each[place] for each in ends]
        for place, one in enumerate(content.hypotheses)
        if one.id != content.result.leader
    )
    return sum(not _near(one, unknown) for one in judged)


def _near(one: Sequence[tuple[int, int]], other: Sequence[tuple[int, int]]) -> bool:
    return all(
        max(a, b) <= WITHIN * min(a, b)
        for pair, beside in zip(one, other, strict=True)
        for a, b in zip(pair, beside, strict=True)
    )


def cautions_of_alike(content: Assess) -> Iterator[tuple[Phrase, bool]]:
    """What is told of them, and whether it bears on the answer: no name is given, and together they have as
    much as who leads, or who leads is among them."""
    standings = {one.hypothesis: one for one in content.result.standings}
    leader, named = content.result.leader, content.result.answer == "named"
    for each in judged_alike(content):
        told = phrase(
            "{} are judged nearly alike throughout: they share what one of them would have, {} together.",
            quoted_list(each.hypotheses),
            percent(each.together),
        )
        weighs = leader in each.hypotheses or each.together >= standings[leader].posterior
        yield told, weighs and not named
    still = [one for name, one in standings.items() if name != UNKNOWN and not one.touched + one.against]
    prior = sum(one.prior for one in still)
    # Where nobody but who is named is judged, that stands beside the name.
    if len(still) > 1 and prior >= UNTOUCHED and not (named and rivals_of(content) == 0):
        told = phrase(
            "No item says anything of {} of {} named hypotheses. Before any evidence they have {} together, "
            "which others lack.",
            f"{len(still):,}",
            f"{len(standings) - 1:,}",
            percent(min(prior, PPM)),
        )
        yield told, not named and 2 * prior >= PPM
