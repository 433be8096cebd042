"""By what method and settings a figure was made, in words (``spec/14-assessments.md`` §4): what differs from
the usual decides an answer as much as an item does."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from comity.phrases import Phrase, count_of, joined, phrase
from comity.records.kinds_of_weighing import Assess
from comity.weighing import METHOD, METHODS, OLDER, PPM, THIRD_METHOD, UNKNOWN
from comity.weighing.likelihood_words import percent
from comity.weighing.naming import called, quoted
from comity.weighing.values import Parameters, borne_by

HARDLY: Final = 50_000
"""An unknown actor below this prior (ppm) is all but ruled out before any evidence."""
SELDOM: Final = 20_000
"""A prior of planted evidence below this (ppm) is hardly one."""
FAVOURS: Final = 2
"""A weight that is so many times every other's favours who has it."""
USUAL: Final = Parameters()
"""The settings that stand in every example, and from which others are told apart."""


def exactly(ppm: int) -> Phrase:
    """A setting as it was stated: ``0.0001 %``, ``90 %``."""
    return phrase("{} %", f"{(Decimal(ppm) / 10_000).normalize():f}")


def told_settings(content: Assess) -> Iterator[Phrase]:
    """The method's name, and every setting that differs from the usual."""
    yield phrase("Made by the method {}.", content.method.name)
    if found := unusual_settings(content):
        yield phrase("Settings of its author that differ from the usual: {}.", joined(found, "; "))
    else:
        yield phrase("All settings are the usual ones.")


def unusual_settings(content: Assess) -> list[Phrase]:
    """Each setting that differs, beside the usual one."""
    told, found = content.method, []
    if told.unknown_prior != USUAL.unknown_prior:
        found.append(
            _beside(
                phrase("prior of an actor that is none of these"), told.unknown_prior, USUAL.unknown_prior
            )
        )
    if told.deception_prior != USUAL.deception_prior:
        found.append(
            _beside(phrase("prior of planted evidence"), told.deception_prior, USUAL.deception_prior)
        )
    if told.planting != USUAL.planting:
        found.append(_beside(phrase("share planted, where evidence was"), told.planting, USUAL.planting))
    if told.tempering != USUAL.tempering:
        power = f"{(Decimal(told.tempering) / PPM).normalize():f}"
        found.append(phrase("likelihood ratios raised to the power {} (usual: 1)", power))
    if told.name_at != USUAL.name_at:
        found.append(_beside(phrase("what a name needs"), told.name_at, USUAL.name_at))
    if told.withstand != USUAL.withstand:
        found.append(_beside(phrase("what is counted that a name can lose"), told.withstand, USUAL.withstand))
    return found


def _beside(what: Phrase, value: int, usual: int) -> Phrase:
    return phrase("{} {} (usual: {})", what, exactly(value), exactly(usual))


def shared_prior(content: Assess) -> Phrase:
    """How the prior that the unknown actor leaves is shared out."""
    weights = {one.id: one.weight for one in content.hypotheses}
    named = count_of(len(content.hypotheses), "named hypothesis", "named hypotheses")
    if len(set(weights.values())) == 1:
        return phrase("the rest equally on {}", named)
    most, least = (pick(weights, key=lambda one: weights[one]) for pick in (max, min))
    return phrase(
        "the rest by stated weights on {}: {} has {} times the weight of {}",
        named,
        phrase("cluster {}", quoted(most)),
        _times(weights[most], weights[least]),
        phrase("cluster {}", quoted(least)),
    )


def _times(most: int, least: int) -> str:
    whole, rest = divmod(most, least)
    return f"{whole:,}" if not rest or whole > 99 else f"{most / least:.1f}"


def cautions_of_the_method(content: Assess) -> Iterator[Phrase]:
    """Beside the answer: an older method, and what it lacks."""
    name, rows = content.method.name, len(content.result.drivers)
    if name == THIRD_METHOD:
        told = (content.method.withstand, rows)
        if borne_by(name, *told) < borne_by(METHOD, *told):
            yield phrase(
                "By {}, an older method, which rounds down what a name has to withstand: the loss of {} of "
                "{}.",
                name,
                f"{borne_by(name, *told):,}",
                count_of(rows, "item"),
            )
    elif name in OLDER:
        yield phrase(
            "By {}, an older method, in which whoever repeats a thing adds to it; nothing new is made with "
            "it.",
            name,
        )
    elif name not in METHODS:
        yield phrase("By {}, a method that is not known here.", quoted(name))


def falls_by_loss(content: Assess, method: str = METHOD, withstand: int = USUAL.withstand) -> bool:
    """Whether the loss of as much as a name withstands, usually if nothing else is said, would change who
    leads."""
    borne = borne_by(method, withstand, len(content.result.drivers))
    return 0 < len(content.result.planted.items) <= borne


def cautions_of_the_bar(content: Assess) -> Iterator[Phrase]:
    """Beside a name, a bar lower than the usual; where none is given, a higher one that alone keeps it."""
    bar, leader = content.method.name_at, content.result.leader
    told = (exactly(bar), exactly(USUAL.name_at))
    low = next(one.low for one in content.result.standings if one.hypothesis == leader)
    if content.result.answer != "named":
        falls = falls_by_loss(content) or falls_by_loss(
            content, content.method.name, content.method.withstand
        )
        if leader != UNKNOWN and USUAL.name_at <= low < bar and not falls:
            yield phrase(
                "A name needs {} here, as its author set it; by the usual {} one would be given.", *told
            )
    elif low < USUAL.name_at:
        yield phrase(
            "A name needs only {} here, as its author set it; by the usual {} none would be given.", *told
        )
    elif bar < USUAL.name_at:
        yield phrase("A name needs only {} here, as its author set it; {} is usual.", *told)


def cautions_of_priors(content: Assess) -> Iterator[Phrase]:
    """Beside a name: what is believed before any evidence is enough for it, or likelier than not."""
    leader = content.result.leader
    prior = next(one.prior for one in content.result.standings if one.hypothesis == leader)
    if content.result.answer != "named" or leader == UNKNOWN:
        return
    names = {one.id: one.name for one in content.hypotheses}
    if prior >= content.method.name_at:
        yield phrase(
            "Before any evidence {} has {} already, and a name needs {}: its author’s weights name it.",
            called(leader, names),
            percent(prior),
            percent(content.method.name_at),
        )
        return
    weights = {one.id: one.weight for one in content.hypotheses}
    next_to = max((weight for name, weight in weights.items() if name != leader), default=0)
    if next_to and weights[leader] >= FAVOURS * next_to:
        yield phrase(
            "Before any evidence {} has {} already: its author gives it {} times the weight of any other.",
            called(leader, names),
            percent(prior),
            _times(weights[leader], next_to),
        )


def cautions_of_ruling_out(content: Assess) -> Iterator[Phrase]:
    """Beside a name: hardly anything is left for who is not named."""
    if content.result.answer == "named" and content.method.unknown_prior < HARDLY:
        yield phrase(
            "Before any evidence its author leaves only {} for an actor that is none of those named.",
            exactly(content.method.unknown_prior),
        )


def cautions_of_planting(content: Assess) -> Iterator[Phrase]:
    """Beside a name: hardly any room, or none, for evidence that was planted."""
    prior, planting = content.method.deception_prior, content.method.planting
    if content.result.answer != "named":
        return
    if not prior or not planting:
        yield phrase(
            "Its author leaves no room for planted evidence: what points at somebody is taken as it is."
        )
    elif prior < SELDOM or planting < HARDLY:
        yield phrase(
            "Its author leaves hardly any room for planted evidence: {} that there is any, then {} of it.",
            exactly(prior),
            exactly(planting),
        )


def cautions_of_holding_back(content: Assess) -> Iterator[Phrase]:
    """What makes evidence say less than it is judged to."""
    if content.method.tempering < PPM:
        yield phrase(
            "Evidence speaks less than it is judged: its author raises each ratio to the power {}.",
            f"{(Decimal(content.method.tempering) / PPM).normalize():f}",
        )
    if content.method.deception_prior > PPM // 2:
        yield phrase(
            "Before any evidence its author takes it for likelier than not ({}) that evidence was planted.",
            exactly(content.method.deception_prior),
        )
    if content.method.unknown_prior > PPM // 2:
        yield phrase(
            "Before any evidence its author takes it for likelier than not ({}) that it was none of them.",
            exactly(content.method.unknown_prior),
        )
