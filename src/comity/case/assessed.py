"""What an assessment must be by its form, whatever it says (rule 29 of ``spec/05-rules.md``).

Integers and names only: whether the figures follow from the inputs is for whoever runs the method again
(``spec/14-assessments.md`` §3), as with findings.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import msgspec

from comity.phrases import Phrase, phrase
from comity.records.kinds_of_weighing import Assess, Weighed, Weighing

UNKNOWN = "unknown"
"""The hypothesis that every assessment weighs and none lists: an actor that is none of those named."""


def first_flaw(content: Assess) -> str:
    """What is wrong with it, in a clause; "" where nothing is."""
    return next(_flaws(content), "")


def rests_on(content: Assess) -> tuple[str, ...]:
    """The records that its items and questions rest on, sorted."""
    weighed = [*content.items, *(question.item for question in content.questions)]
    return tuple(sorted({item.record for item in weighed if item.record}))


def _flaws(content: Assess) -> Iterator[Phrase]:
    named = [one.id for one in content.hypotheses]
    items = [one.id for one in content.items]
    asked = [one.item.id for one in content.questions]
    for ids, flaw in (
        (named, phrase("hypotheses are not sorted by id, or one stands twice")),
        (items, phrase("items are not sorted by id, or one stands twice")),
        (asked, phrase("questions are not sorted by id, or one stands twice")),
    ):
        if ids != sorted(set(ids)):
            yield flaw
    if UNKNOWN in named:
        yield phrase("lists the unknown actor, which is always weighed")
    if set(items) & set(asked):
        yield phrase("asks for an item that it weighs")
    has_knowledge = content.knowledge is not msgspec.UNSET
    known = {*named, UNKNOWN}
    if list(content.scale) != sorted(set(content.scale)):
        yield phrase("the scale is not sorted, or an interval stands in it twice")
    if any(low > high for low, high in content.scale):
        yield phrase("an interval of the scale runs backwards")
    for item in content.items:
        if not item.record and not item.cite:
            yield phrase("item {} rests on no record and cites nothing", item.id)
        yield from _flaws_of_item(item, known, has_knowledge)
        yield from _flaws_of_scaled(item, len(named), len(content.scale))
    for question in content.questions:
        yield from _flaws_of_item(question.item, known, has_knowledge)
        yield from _flaws_of_scaled(question.item, len(named), len(content.scale))
    yield from _flaws_of_result(content, content.result, known, set(items), set(asked))


def _flaws_of_item(item: Weighed, known: Collection[str], has_knowledge: bool) -> Iterator[Phrase]:
    judged = [one.hypothesis for one in item.judgements]
    if judged != sorted(set(judged)):
        yield phrase("judgements of {} are not sorted by hypothesis, or one stands twice", item.id)
    if not set(judged) <= set(known):
        yield phrase("{} is judged under a hypothesis that is not weighed", item.id)
    if UNKNOWN not in judged:
        yield phrase("{} is not judged under the unknown actor", item.id)
    intervals = [(one.low, one.high) for one in item.judgements]
    if item.others is not msgspec.UNSET:
        intervals.append(item.others)
    if any(low > high for low, high in intervals):
        yield phrase("an interval of {} runs backwards", item.id)
    if item.by == "knowledge" and not (has_knowledge and item.observed):
        yield phrase("{} names knowledge that the record does not, or nothing that it was asked for", item.id)


def _flaws_of_scaled(item: Weighed, named: int, scale: int) -> Iterator[Phrase]:
    if not item.scaled:
        return
    if len(item.scaled) != named:
        yield phrase("{} does not give each named hypothesis one number of the scale", item.id)
    if max(item.scaled) >= scale:
        yield phrase("{} has a number that the scale does not reach", item.id)
    if len(item.judgements) != 1 or item.others is not msgspec.UNSET or item.by != "judgement":
        yield phrase("{} is judged by the scale and in another way too", item.id)


def _flaws_of_result(
    content: Assess, result: Weighing, known: Collection[str], items: Collection[str], asked: Collection[str]
) -> Iterator[Phrase]:
    stands = [one.hypothesis for one in result.standings]
    if len(stands) != len(set(stands)) or set(stands) != set(known):
        yield phrase("the result does not give each hypothesis, the unknown actor too, exactly one standing")
        return
    if any(not one.low <= one.posterior <= one.high for one in result.standings):
        yield phrase("a posterior is outside its interval")
    if abs(sum(one.posterior for one in result.standings) - 1_000_000) > len(stands):
        yield phrase("the posteriors do not add up to one")
    leads = [result.leader, result.planted.leader, *(one.leader for one in result.drivers)]
    leads += [name for one in result.worth for name in (one.leader_yes, one.leader_no)]
    leads += [name for one in result.framings for name in (one.actor, one.framed)]
    if not set(leads) <= set(known):
        yield phrase("the result names a hypothesis that is not weighed")
    driving = [name for one in result.drivers for name in one.items]
    if not {*driving, *result.planted.items} <= set(items):
        yield phrase("the result names an item that is not weighed")
    told = [one.question for one in result.worth]
    if len(told) != len(set(told)) or set(told) != set(asked):
        yield phrase("the result does not give each question exactly one worth")
    least = next((one.low for one in result.standings if one.hypothesis == result.leader), 0)
    if result.answer == "named" and (result.leader == UNKNOWN or least < content.method.name_at):
        yield phrase("names a leader against the rule that it states for naming one")
