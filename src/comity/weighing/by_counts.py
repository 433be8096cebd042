"""Likelihoods that an author says are from reports, held against the counts that stand beside them
(``spec/14-assessments.md`` §7, rule 4; ``spec/13-weighing.md`` §9).

The reports themselves are not at hand. But a record states how many there are, how many mention what, and how
they are read; from these the likelihood follows, and one that does not is a contradiction in the record.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import msgspec

from comity.errors import Malformed
from comity.phrases import phrase
from comity.records.kinds_of_weighing import Assess, Weighed
from comity.weighing import OLDER, PPM, UNKNOWN
from comity.weighing.likelihood_words import percent
from comity.weighing.naming import called, quoted
from comity.weighing.readings import Smoothing, split_name

TOLD: Final = 3
"""So many contradictions are told one by one."""
NAME_LIMIT: Final = 200
"""A name of that length may have been cut, and with it how the counts are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Miscounted:
    """What a record says of an item under a hypothesis, and what its own counts give: likelihoods from – to
    in ppm, ``gives`` none where the counts cannot be."""

    item: str
    hypothesis: str
    stated: tuple[int, int]
    gives: int | None


def miscounted(content: Assess) -> Iterator[Miscounted]:
    """Every quoted likelihood that the record's own counts do not give. Nothing where the record names no
    knowledge, or how its counts are read cannot be told from the name."""
    reading = _reading(content)
    if content.knowledge is msgspec.UNSET or reading is None:
        return
    total = content.knowledge.reports
    sizes = {one.id: one.reports for one in content.hypotheses}
    for item in (*content.items, *(each.item for each in content.questions)):
        if item.by == "knowledge":
            yield from _of_item(content, item, reading, sizes, total)


def tell_miscounted(content: Assess) -> tuple[str, ...]:
    """The same in words, to stand beside the answer."""
    found = list(miscounted(content))
    names = {one.id: one.name for one in content.hypotheses}
    lines: list[str] = []
    for one in found[:TOLD]:
        who, stated = called(one.hypothesis, names), percent(one.stated[0])
        lines.append(
            phrase(
                "Item {}, {}: {} is said to be from reports, and the counts beside it cannot be.",
                quoted(one.item),
                who,
                stated,
            )
            if one.gives is None
            else phrase(
                "Item {}, {}: {} is said to be from reports, and the counts beside it give {}.",
                quoted(one.item),
                who,
                stated,
                percent(one.gives),
            )
        )
    if len(found) > TOLD:
        lines.append(
            phrase(
                "{} more likelihoods said to be from reports are not what the counts beside them give.",
                f"{len(found) - TOLD:,}",
            )
        )
    return tuple(lines)


def quotes_of(content: Assess) -> int:
    """How many items and questions are said to be answered by reports."""
    asked = (each.item for each in content.questions)
    return sum(one.by == "knowledge" for one in (*content.items, *asked))


def _reading(content: Assess) -> Smoothing | None:
    if content.knowledge is msgspec.UNSET or len(content.knowledge.name) >= NAME_LIMIT:
        return None
    try:
        return split_name(content.knowledge.name)[1] or Smoothing()
    except Malformed:
        return None


def _of_item(
    content: Assess, item: Weighed, reading: Smoothing, sizes: dict[str, int], total: int
) -> Iterator[Miscounted]:
    judged = {one.hypothesis: one for one in item.judgements}
    unknown = judged[UNKNOWN]
    mentions = {one.hypothesis: one.mentions for one in item.judgements}
    among = sum(count for name, count in mentions.items() if name != UNKNOWN)
    possible = 0 < unknown.mentions <= total and among <= unknown.mentions
    base = unknown.mentions / total if possible else 0.0
    if (gives := _ppm(base) if possible else None) is None or _apart((unknown.low, unknown.high), gives):
        yield Miscounted(item=item.id, hypothesis=UNKNOWN, stated=(unknown.low, unknown.high), gives=gives)
    if not possible:
        return
    for one in content.hypotheses:
        own = judged.get(one.id)
        if own is not None:
            stated = (own.low, own.high)
        elif item.others is not msgspec.UNSET:
            stated = item.others
        else:
            stated = (unknown.low, unknown.high)
        size, count = sizes[one.id], mentions.get(one.id, 0)
        found = None if count > size else _ppm(_likelihood(content, reading, base, count, size))
        if found is None or _apart(stated, found):
            yield Miscounted(item=item.id, hypothesis=one.id, stated=stated, gives=found)


def _likelihood(content: Assess, reading: Smoothing, base: float, count: int, size: int) -> float:
    """P of 13 §9; of whom no report is counted, the background (by the methods before, its floor alone)."""
    floor, doubt = reading.floor / PPM, reading.doubt / 100
    if not size:
        return floor * base if content.method.name in OLDER else base
    return min(floor * base + (1.0 - floor) * (count / (size + doubt)), 1.0)


def _ppm(value: float) -> int:
    return min(max(round(value * PPM), 1), PPM)


def _apart(stated: tuple[int, int], gives: int) -> bool:
    # The last bit of a quotient may round otherwise elsewhere.
    return any(abs(end - gives) > 1 for end in stated)
