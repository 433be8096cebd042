"""What a name withstands, in words: which items, if they were planted, would take it away
(``spec/14-assessments.md`` §4, rule 14)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from comity.phrases import Phrase, count_of, phrase
from comity.records.kinds_of_weighing import Assess
from comity.weighing import METHOD, PPM, UNKNOWN
from comity.weighing.naming import called, quoted_list
from comity.weighing.settings_told import USUAL, exactly, falls_by_loss
from comity.weighing.values import borne_by

TELLING: Final = 100
"""Nearer to certainty than so many parts per million, what an item does cannot be told from what it does
not."""
HARDLY: Final = math.log(1.1)
"""What moves the leader's odds by less tells hardly anything."""


def rows_of(content: Assess) -> int:
    """How many rows were weighed, copies counted once and what tells nothing apart left out."""
    return len(content.result.drivers)


def withstands(content: Assess) -> int:
    """How many of them a name has to withstand the loss of, by its author's setting and method."""
    return borne_by(content.method.name, content.method.withstand, rows_of(content))


def falls_usually(content: Assess) -> bool:
    """Whether a name is given that the usual setting would not give."""
    return content.result.answer == "named" and falls_by_loss(content)


def kept_by_planting(content: Assess) -> bool:
    """Whether no name is given for this alone, that some items, if planted, would change who leads."""
    leader = next(one for one in content.result.standings if one.hypothesis == content.result.leader)
    return (
        content.result.answer != "named"
        and leader.hypothesis != UNKNOWN
        and leader.low >= content.method.name_at
        and 0 < len(content.result.planted.items) <= withstands(content)
    )


def _leads_enough(content: Assess) -> bool:
    leads = next(one for one in content.result.standings if one.hypothesis == content.result.leader)
    return leads.low >= USUAL.name_at


def _padded(content: Assess) -> Phrase | None:
    """Where no name is given since so many items tell hardly anything: each of them counts among those of
    which any share may be lost."""
    result = content.result
    if not (kept_by_planting(content) and result.planted.exact):
        return None
    has = next(one.posterior for one in result.standings if one.hypothesis == result.leader)
    if has > PPM - TELLING:
        return None
    weak = {one.items[0] for one in result.drivers if abs(_log_odds(one.without) - _log_odds(has)) < HARDLY}
    weak -= set(result.planted.items)
    left = borne_by(content.method.name, content.method.withstand, rows_of(content) - len(weak))
    if not weak or left >= len(result.planted.items):
        return None
    return phrase(
        "{} of {} tell hardly anything, and count among what a name has to withstand: {} and not {}, were "
        "they left out.",
        f"{len(weak):,}",
        count_of(rows_of(content), "item"),
        f"{left:,}",
        f"{withstands(content):,}",
    )


def _log_odds(ppm: int) -> float:
    """Of a probability, held within what parts per million can say."""
    kept = min(max(ppm, 1), PPM - 1)
    return math.log(kept / (PPM - kept))


def planted_of(content: Assess) -> Phrase:
    """``if 1 of 4 items were planted (“spray”), cluster “Otter” would lead``: the smallest set found."""
    planted = content.result.planted
    names = {one.id: one.name for one in content.hypotheses}
    return phrase(
        "if {} of {} were planted ({}), {} would be level with it"
        if planted.level
        else "if {} of {} were planted ({}), {} would lead",
        f"{len(planted.items):,}",
        count_of(rows_of(content), "item"),
        quoted_list(planted.items),
        called(planted.leader, names),
    )


def cautions_of_withstanding(content: Assess) -> Iterator[Phrase]:
    """Beside a name that planted items would take away by the usual setting, whatever its author set; beside
    one for which that was not searched to the end; and where a stricter setting alone keeps a name."""
    result = content.result
    if result.answer == "named":
        usual = borne_by(METHOD, USUAL.withstand, rows_of(content))
        most = max(usual, withstands(content))
        if falls_usually(content):
            yield phrase(
                "This name does not withstand a planted flag: {}. Usually a name withstands the loss of any "
                "{} of what is counted; by that none would be given.",
                planted_of(content),
                exactly(USUAL.withstand),
            )
        elif not result.planted.exact and result.planted.at_least <= most:
            yield phrase(
                "Whether this name withstands the loss of any {} was not searched to the end: {} may do.",
                count_of(most, "item"),
                count_of(result.planted.at_least, "item"),
            )
    elif (told := _padded(content)) is not None:
        yield told
    elif kept_by_planting(content) and _leads_enough(content) and not falls_by_loss(content):
        yield phrase(
            "A name has to withstand the loss of any {} of what is counted here, as its author set it; by "
            "the usual {} one would be given.",
            exactly(content.method.withstand),
            exactly(USUAL.withstand),
        )
