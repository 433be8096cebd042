"""What is left of an answer if origins that are declared apart were one (``spec/14-assessments.md`` §4,
rule 15).

That origins are several is their author's word: nothing in a record shows it. So it is always computed what
the leader would have if the most telling of them alone counted among those that speak for it, as where
others only repeat what one tells (13, rule 6).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from comity.errors import ComityError
from comity.phrases import Phrase, count_of, phrase
from comity.records.kinds_of_weighing import Assess, Weighed
from comity.weighing import PPM
from comity.weighing.bearing import Origin, gains_of_origins
from comity.weighing.graver import Subject, graver_first, of_subject
from comity.weighing.likelihood_words import digits_apart, percent
from comity.weighing.looks import look_of
from comity.weighing.naming import called
from comity.weighing.shown import Assessed
from comity.weighing.told_again import groups_of
from comity.weighing.values import refuse_no_numbers

CELLS: Final = 4_000_000
"""The most that is weighed for it: items by pairs of actor and framed, all sets of origins together."""

Shared: TypeAlias = Literal["all", "own", "party", "parties", "item", "record", "cite", "words"]
_Group: TypeAlias = tuple[Origin, ...]
Rests: TypeAlias = Callable[[str], "Behind"]
"""What stands behind a record that an item rests on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """Who made a record (another party than who assesses; else ""), and the sealed item that it is of, where
    it is of one."""

    party: str = ""
    item: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AsOne:
    """If so many ``origins`` were one, or were ``left``: what they ``share``, how many speak for the leader
    at all, and then the leader's posterior and the lowest of it (ppm), and whether it still leads alone."""

    share: Shared
    origins: int
    left: int
    of: int
    posterior: int
    low: int
    leads: bool

    def takes(self, content: Assess) -> bool:
        """Whether the name that is given, or the lead, is not there then."""
        named = content.result.answer == "named"
        return not self.leads or (named and self.low < content.method.name_at)


def rests_on_itself(record: str) -> Behind:
    """Where no case is at hand: a record is somebody else's."""
    return Behind(party=record)


@refuse_no_numbers()
def take_origins_as_one(content: Assess, rests: Rests = rests_on_itself) -> tuple[AsOne, ...] | None:
    """Every set of two origins or more that speak for the leader and share something, all of them first, then
    what takes most from it; and what is left if each party tells one thing. None where it is too much. Errors
    as for :func:`~comity.weighing.recorded.inputs_of`."""
    speaking = gains_of_origins(content)
    if speaking is None:
        return None
    sets = list(_sets(content, speaking, rests))
    if len(content.items) * (len(content.hypotheses) + 1) ** 2 * len(sets) > CELLS:
        return None
    made = [_as_one(content, share, groups, len(speaking)) for share, groups in sets]
    return (*made[:1], *sorted(made[1:], key=lambda one: (one.low, one.posterior, one.share)))


def _sets(content: Assess, speaking: list[Origin], rests: Rests) -> Iterator[tuple[Shared, list[_Group]]]:
    """What is shared, and by which groups of origins, the most telling of each first."""
    if len(speaking) < 2:
        return
    yield "all", [tuple(speaking)]
    items = {one.id: one for one in content.items}
    behind = {one.record: rests(one.record) for one in content.items if one.record}
    none = Behind()

    def alike(key: Callable[[Weighed], str]) -> Iterator[_Group]:
        """Origins of which what makes nearly all of it has the same key: a crumb beside it parts nothing."""
        keyed = [({key(items[name]) for name in one.main}, one) for one in speaking]
        single = [(next(iter(keys)), one) for keys, one in keyed if len(keys) == 1]
        for name, same in groups_of(single, lambda one: one[0]):
            if name:
                yield tuple(one for _, one in same)

    def shared(share: Shared, key: Callable[[Weighed], str]) -> Iterator[tuple[Shared, list[_Group]]]:
        return ((share, [group]) for group in alike(key))

    def party(item: Weighed) -> str:
        return behind.get(item.record, none).party

    yield from shared("own", lambda item: "" if party(item) else "own")
    if rests is not rests_on_itself:
        yield from shared("party", party)
        if len(each := list(alike(lambda item: party(item) or "own"))) > 1:
            yield "parties", each
        yield from shared("item", lambda item: behind.get(item.record, none).item)
    yield from shared("record", lambda item: item.record)
    yield from shared("cite", lambda item: "" if item.record else look_of(item.cite))
    yield from shared("words", lambda item: look_of(item.text))


def _as_one(content: Assess, share: Shared, groups: list[_Group], of: int) -> AsOne:
    from comity.weighing.recorded import inputs_of
    from comity.weighing.values import make_inputs
    from comity.weighing.weigh import stand

    inputs = inputs_of(content)
    # Whoever repeats what the others tell adds nothing; what the most telling repeats it tells itself.
    silenced = {name for group in groups for origin in group[1:] for name in origin.items}
    telling = {origin for group in groups for origin in group[0].origins}
    kept = [one for one in inputs.items if one.id not in silenced or one.origin in telling]
    less = make_inputs(inputs.hypotheses, kept, inputs.parameters, method=inputs.method)
    result = content.result
    bar = content.method.name_at if result.answer == "named" else PPM + 1
    posterior, low, leader = stand(less, result.leader, bar)
    return AsOne(
        share=share,
        origins=sum(map(len, groups)),
        left=len(groups),
        of=of,
        posterior=posterior,
        low=low,
        leads=leader == result.leader,
    )


def tell_as_one(content: Assess, found: Iterable[AsOne] | None) -> tuple[Phrase, ...]:
    """For all of them what is left, and for others where that takes the name or the lead away; each figure
    once."""
    if found is None:
        why = phrase("What is left if its origins were one was not computed here: there is too much of it.")
        return (why,)
    told: dict[tuple[int, int, int], AsOne] = {}
    for one in found:
        if one.share == "all" or one.takes(content):
            told.setdefault((one.origins, one.low, one.posterior), one)
    return tuple(_told(content, one) for one in told.values())


def beside_a_name(shown: Assessed, content: Assess, found: Iterable[AsOne] | None) -> Assessed:
    """The same with what is left told; and where a name that is given hangs on origins that share something
    being several, with that in the same breath as the name, and first beside it."""
    taken = tuple(found) if found is not None else None
    told = replace(shown, as_one=tell_as_one(content, taken))
    if content.result.answer == shown.answer == "named" and taken is None:
        return replace(told, beside=graver_first((*of_subject(Subject.DECLARED, told.as_one), *shown.beside)))
    marked = [one for one in taken or () if one.share != "all" and one.takes(content)]
    if not (content.result.answer == shown.answer == "named" and marked):
        return told
    worst = marked[0]
    only = _only_if(worst)
    caution = of_subject(Subject.DECLARED, (_told(content, worst),))
    headline = phrase("{}, if {}", shown.headline, only)
    return replace(told, headline=headline, only_if=only, beside=graver_first((*caution, *shown.beside)))


def _only_if(worst: AsOne) -> Phrase:
    """What a name hangs on: that its origins, or some of them, are as many as its author declares."""
    if worst.left > 1:
        return phrase("its {} are not {}", count_of(worst.origins, "origin"), f"{worst.left:,}")
    if worst.origins == worst.of:
        return phrase("its {} are not one", count_of(worst.of, "origin"))
    return phrase("{} of its {} are not one", f"{worst.origins:,}", count_of(worst.of, "origin"))


def take_as_one(shown: Assessed, content: Assess, rests: Rests = rests_on_itself) -> Assessed:
    """An assessment as shown, with all of that, as far as it can be computed here."""
    try:
        return beside_a_name(shown, content, take_origins_as_one(content, rests))
    except (ImportError, ComityError):
        return shown


def _told(content: Assess, one: AsOne) -> Phrase:
    leads = called(content.result.leader, {each.id: each.name for each in content.hypotheses})
    said = phrase("{} {}", _shared(one, leads), _left(content, one, leads))
    return said if one.share == "all" else phrase("{} {}", _declared(one, leads), said)


def _declared(one: AsOne, leads: str) -> Phrase:
    number, of = f"{one.origins:,}", f"{one.of:,}"
    match one.share:
        case "own":
            return phrase(
                "{} of {} origins that speak for {} are several by its author’s word alone: no record of "
                "another party stands behind them.",
                number,
                of,
                leads,
            )
        case "party":
            return phrase(
                "{} of {} origins that speak for {} rest on records of one party.", number, of, leads
            )
        case "parties":
            return phrase(
                "{} of {} origins that speak for {} rest on the word or the records of {} parties.",
                number,
                of,
                leads,
                f"{one.left:,}",
            )
        case "item":
            return phrase("{} of {} origins that speak for {} rest on one sealed item.", number, of, leads)
        case "record":
            return phrase("{} of {} origins that speak for {} rest on one record.", number, of, leads)
        case "cite":
            return phrase("{} of {} origins that speak for {} cite the same.", number, of, leads)
    return phrase("{} of {} origins that speak for {} say the same words.", number, of, leads)


def _shared(one: AsOne, leads: str) -> Phrase:
    if one.share == "all":
        return phrase(
            "If the {} origins that speak for {} were one, so that the most telling alone counts,",
            f"{one.origins:,}",
            leads,
        )
    if one.left > 1:
        return phrase("If those of each were one, so that the most telling alone counts,")
    return phrase("If they were one, so that the most telling alone counts,")


def _left(content: Assess, one: AsOne, leads: str) -> Phrase:
    if not one.leads:
        return phrase("{} would no longer lead.", leads)
    needs = content.method.name_at
    digits = digits_apart(one.low, needs)
    has = percent(one.posterior, digits)
    if one.low < one.posterior:
        has = phrase("{} ({} at least)", has, percent(one.low, digits))
    if content.result.answer == "named" and one.low < needs:
        return phrase("{} would have {}; a name needs {}.", leads, has, percent(needs, digits))
    return phrase("{} would have {}.", leads, has)
