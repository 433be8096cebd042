"""Likelihoods of many hypotheses in few bytes: an item's numbers into the scale that its record states
(``spec/14-assessments.md`` §1, rule 8).

A form of writing and nothing else: written out, the judgements are the same, and so is the inputs digest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from comity.errors import Refused
from comity.records import canonical
from comity.records.bodies import CONTENT_LIMIT
from comity.records.kinds_of_weighing import Assess, Cluster, Judgement, Question, Weighed
from comity.weighing import UNKNOWN

STANDING, DRIVER, WORTH = 170, 90, 240
"""Bytes of a result for a hypothesis, an item and a question, beside their ids: what the figures leave of a
content's room."""

LEAST = len('{"high":1,"hypothesis":"h","low":1},')
Interval = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """Items and questions as a record carries them. ``scale`` is empty where each likelihood stands with its
    hypothesis; ``size`` is the estimated number of bytes, the result's among them."""

    scale: tuple[Interval, ...]
    items: tuple[Weighed, ...]
    questions: tuple[Question, ...]
    size: int


def pack(clusters: Sequence[Cluster], items: Sequence[Weighed], questions: Sequence[Question]) -> Packed:
    """The same, by a scale where it would leave no room otherwise."""
    # No judgement takes fewer bytes: what cannot fit is not written out to see that it does not.
    if LEAST * sum(len(one.judgements) for one in items) <= CONTENT_LIMIT:
        size = _size(clusters, items, questions)
        if size <= CONTENT_LIMIT:
            return Packed(scale=(), items=tuple(items), questions=tuple(questions), size=size)
    names = [one.id for one in clusters]
    wide = [one for one in [*items, *(each.item for each in questions)] if _takes_scale(one, names)]
    scale = tuple(sorted({ends for one in wide for ends in _ends_of(one, names)}))
    numbers = {ends: n for n, ends in enumerate(scale)}
    scaled = tuple(_scale(one, names, numbers) for one in items)
    asked = tuple(msgspec.structs.replace(each, item=_scale(each.item, names, numbers)) for each in questions)
    return Packed(scale=scale, items=scaled, questions=asked, size=_size(clusters, scaled, asked, scale))


def check_size(packed: Packed) -> None:
    """That a record has room for it. ``Refused`` (``weighing.size``)."""
    if packed.size > CONTENT_LIMIT:
        cells = sum(len(one.judgements) + len(one.scaled) for one in packed.items)
        why = (
            f"{packed.size:,} bytes with its figures, and a record has at most {CONTENT_LIMIT:,}: {cells:,} "
            f"likelihoods are written out, {len(packed.scale):,} of them different. Judge in fewer steps and "
            "every hypothesis, say in others what most share, weigh fewer, or let reports answer"
        )
        raise Refused("weighing.size", "items", why)


def write_out(content: Assess) -> Assess:
    """The same assessment with every likelihood beside its hypothesis."""
    if not content.scale:
        return content
    names = [one.id for one in content.hypotheses]
    made: dict[tuple[str, int], Judgement] = {}
    return msgspec.structs.replace(
        content,
        items=tuple(_write_out(one, names, content.scale, made) for one in content.items),
        questions=tuple(
            msgspec.structs.replace(each, item=_write_out(each.item, names, content.scale, made))
            for each in content.questions
        ),
        scale=(),
    )


def _write_out(
    item: Weighed, names: Sequence[str], scale: Sequence[Interval], made: dict[tuple[str, int], Judgement]
) -> Weighed:
    if not item.scaled:
        return item
    judged = list(item.judgements)
    for key in zip(names, item.scaled, strict=True):
        one = made.get(key)
        if one is None:
            low, high = scale[key[1]]
            one = made[key] = Judgement(hypothesis=key[0], low=low, high=high)
        judged.append(one)
    judged.sort(key=lambda each: each.hypothesis)
    return msgspec.structs.replace(item, judgements=tuple(judged), scaled=())


def _takes_scale(item: Weighed, names: Sequence[str]) -> bool:
    """A judgement of every named hypothesis. What reports answered keeps the number of mentions with each,
    and who is not judged at all stays so: the inputs digest tells the difference."""
    every = item.others is not msgspec.UNSET or len(item.judgements) == len(names) + 1
    return item.by == "judgement" and every and 2 * len(item.judgements) > len(names)


def _ends_of(item: Weighed, names: Iterable[str]) -> Iterable[Interval]:
    """The interval of each named hypothesis, in order."""
    judged = {one.hypothesis: (one.low, one.high) for one in item.judgements}
    return [judged[name] if name in judged else _others(item) for name in names]


def _others(item: Weighed) -> Interval:
    assert item.others is not msgspec.UNSET  # else every hypothesis is judged
    return item.others


def _scale(item: Weighed, names: Sequence[str], numbers: dict[Interval, int]) -> Weighed:
    if not _takes_scale(item, names):
        return item
    return msgspec.structs.replace(
        item,
        judgements=tuple(one for one in item.judgements if one.hypothesis == UNKNOWN),
        others=msgspec.UNSET,
        scaled=tuple(numbers[ends] for ends in _ends_of(item, names)),
    )


def _size(
    clusters: Sequence[Cluster],
    items: Sequence[Weighed],
    questions: Sequence[Question],
    scale: Sequence[Interval] = (),
) -> int:
    plain = msgspec.to_builtins([list(clusters), list(items), list(questions), list(scale)])
    stated = len(canonical.render(plain))
    result = sum(STANDING + len(one.id.encode()) for one in clusters)
    result += sum(DRIVER + 2 * len(one.id.encode()) for one in items)
    return stated + result + sum(WORTH + len(one.item.id.encode()) for one in questions)
