"""What goes into an assessment: hypotheses, items with their sources, parameters (``spec/13-weighing.md``
§1).

All probabilities are integers in parts per million. Nothing here is a default that decides a result
silently: what an item's source is worth and what each hypothesis makes of the item are stated by whoever
assesses.
"""

from __future__ import annotations

import hashlib
import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Final, Protocol, TypeVar

from comity.errors import Malformed, Refused
from comity.records.canonical import Json, render
from comity.weighing import FIRST_METHOD, METHOD, OLDER, PPM, THIRD_METHOD, UNKNOWN

INPUTS_DOMAIN: Final = b"comity/1/weighing-inputs\0"
HYPOTHESES_LIMIT: Final = 2_000
ITEMS_LIMIT: Final = 20_000
TEXT_LIMIT: Final = 200

RELIABILITY: Final[Mapping[str, int]] = {
    "A": 990_000,
    "B": 900_000,
    "C": 750_000,
    "D": 500_000,
    "E": 200_000,
    "F": 500_000,
}
"""A customary reading of the Admiralty grades of a source, for callers that hold letters: how likely the
source is to be one whose reports say anything about the actor. F, cannot be judged, is taken as an even
chance."""

CREDIBILITY: Final[Mapping[str, int]] = {
    "1": 990_000,
    "2": 900_000,
    "3": 700_000,
    "4": 400_000,
    "5": 100_000,
    "6": 500_000,
}
"""The same for the grades of one item of information; 6, cannot be judged, is an even chance."""


def stand_for(grades: str, reliability: int, credibility: int) -> bool | None:
    """Whether the letters that a rater wrote stand for these figures by that reading; none where they are no
    such letters."""
    letter, digit = (grades[:1], grades[1:]) if grades[:1] in RELIABILITY else ("", grades)
    if not grades or (digit and digit not in CREDIBILITY):
        return None
    return RELIABILITY.get(letter, reliability) == reliability and (
        CREDIBILITY.get(digit, credibility) == credibility
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """A cluster that could be behind the incident; ``weight`` is its prior, relative to the other named ones.

    The prior of the unknown actor is :attr:`Parameters.unknown_prior`; the rest is shared out by weight.
    """

    id: str
    name: str = ""
    weight: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Likelihood:
    """How likely the item would be seen if the hypothesis held: an interval, both ends included.

    ``low`` and ``high`` are in parts per million, from 1 to 1,000,000: on judgement alone nothing is
    impossible. The point taken from an interval is its geometric mean.
    """

    hypothesis: str
    low: int
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing observed, by whom it was told, and what each hypothesis makes of it.

    ``origin`` names where it was first observed; all items that declare none share one, since what is not
    known to be independent is not taken to be. ``reliability`` grades that origin and ``credibility`` this
    item, each the probability (ppm) that it speaks of the actor at all. ``observed`` says what was observed:
    two items of one origin that observed the same are one item. ``likelihoods`` are judgements, the unknown
    actor's among them; a hypothesis that is not named there fares like the unknown actor. Without any, the
    knowledge answers for ``observed``.
    """

    id: str
    reliability: int
    credibility: int
    origin: str = ""
    observed: str = ""
    likelihoods: tuple[Likelihood, ...] = ()

    @property
    def seen(self) -> str:
        """What was observed; the item's own id where nothing else is said."""
        return self.observed or self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What the method is told, all in parts per million; to be fixed before the case is seen, which
    nothing here shows.

    ``unknown_prior``: that none of the named is behind it. ``deception_prior``: that somebody has planted
    items to frame another; 0 leaves deception out. ``planting``: of a framed case, the share of items that
    are planted, at most half. ``tempering``: the power to which each likelihood ratio is raised, for the
    dependence that origins do not show. ``name_at``: a hypothesis is named only from this posterior on, at
    the lower end of its interval. ``withstand``: and only if it would still lead with any of this share of
    the rows, rounded up, disregarded.
    """

    unknown_prior: int = 200_000
    deception_prior: int = 100_000
    planting: int = 300_000
    tempering: int = PPM
    name_at: int = 900_000
    withstand: int = 300_000


def borne_by(method: str, withstand: int, rows: int) -> int:
    """Of so many rows, how many may be lost without taking a name away, the share of them being stated (ppm).

    It is rounded up, so that it is one at least where any share is stated; by the methods before, down."""
    share = withstand * rows
    return share // PPM if method in (*OLDER, THIRD_METHOD) else -(-share // PPM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Everything that decides a result, checked; made by :func:`make_inputs`.

    ``hypotheses`` and ``items`` are sorted by id. ``knowledge`` is the digest of the knowledge asked, or
    empty. ``method`` is one of :data:`comity.weighing.METHODS`.
    """

    hypotheses: tuple[Hypothesis, ...]
    items: tuple[Item, ...]
    parameters: Parameters
    knowledge: str
    method: str = METHOD
    digest: str = field(default="")

    @property
    def older(self) -> bool:
        """Whether what several origins tell is a row of its own, and whoever frames frames another: so had it
        the methods before."""
        return self.method in OLDER

    def borne(self, rows: int) -> int:
        """Of so many rows, how many may be lost without taking a name away."""
        return borne_by(self.method, self.parameters.withstand, rows)

    @property
    def first(self) -> bool:
        """Whether these are inputs of the first method."""
        return self.method == FIRST_METHOD


def make_inputs(
    hypotheses: Iterable[Hypothesis],
    items: Iterable[Item],
    parameters: Parameters | None = None,
    knowledge: str = "",
    method: str = METHOD,
) -> Inputs:
    """The inputs, sorted, checked and with their digest.

    ``Malformed`` for a single hypothesis, no item, a probability outside its range, a repeated id, a
    judgement of a hypothesis that is not there, two items of one origin that contradict each other, or too
    much of anything.
    """
    told = parameters or Parameters()
    _check_parameters(told, first=method == FIRST_METHOD)
    sorted_hypotheses = _check_hypotheses(tuple(hypotheses))
    known = {one.id for one in sorted_hypotheses} | {UNKNOWN}
    taken = tuple(items)
    if len(taken) > ITEMS_LIMIT:
        why = f"{len(taken):,} items; an assessment weighs at most {ITEMS_LIMIT:,}"
        raise Malformed("weighing.items", "items", why)
    if not taken:
        raise Malformed("weighing.empty", "items", "there is no item: without evidence nothing is weighed")
    for one in taken:
        check_item(one, known, needs_knowledge=knowledge)
    sorted_items = tuple(sorted(taken, key=lambda one: one.id))
    _check_distinct([one.id for one in sorted_items], "items")
    _check_origins(sorted_items)
    inputs = Inputs(
        hypotheses=sorted_hypotheses, items=sorted_items, parameters=told, knowledge=knowledge, method=method
    )
    return replace(inputs, digest=hashlib.sha256(INPUTS_DOMAIN + render(inputs_json(inputs))).hexdigest())


def inputs_json(inputs: Inputs) -> dict[str, Json]:
    """The inputs as the digest takes them: names and order left out, everything that decides a figure
    kept."""
    told = inputs.parameters
    return {
        "hypotheses": [[one.id, one.weight] for one in inputs.hypotheses],
        "items": [item_json(one) for one in inputs.items],
        "knowledge": inputs.knowledge,
        "method": inputs.method,
        "parameters": {name: getattr(told, name) for name in Parameters.__dataclass_fields__},
    }


def item_json(item: Item) -> dict[str, Json]:
    """One item as the digest takes it."""
    judged = sorted((one.hypothesis, one.low, one.high) for one in item.likelihoods)
    return {
        "credibility": item.credibility,
        "id": item.id,
        "likelihoods": [list(one) for one in judged],
        "observed": item.seen,
        "origin": item.origin,
        "reliability": item.reliability,
    }


class Account(Protocol):
    """What an origin tells, with its grades (ppm)."""

    @property
    def origin(self) -> str: ...
    @property
    def reliability(self) -> int: ...
    @property
    def credibility(self) -> int: ...


A = TypeVar("A", bound=Account)


def best_account(accounts: Iterable[A], tells: Mapping[str, int]) -> A:
    """Of several that tell the same the one that is worth most; of equals, of the origin that ``tells`` most,
    and of the first of these (``spec/13-weighing.md`` §2)."""
    return min(accounts, key=lambda a: (-a.reliability * a.credibility, -tells[a.origin], a.origin))


def as_ppm(value: float) -> int:
    """A computed probability in whole parts per million; ``Refused`` (``weighing.numbers``) where arithmetic
    gave no number."""
    if not math.isfinite(value):
        raise Refused("weighing.numbers", "result", "arithmetic on these inputs gives no figure")
    return min(max(round(value * PPM), 0), PPM)


@contextmanager
def refuse_no_numbers() -> Iterator[None]:
    """Whatever arithmetic fails on another's inputs, whoever reads them goes on: ``Refused``
    (``weighing.numbers``)."""
    try:
        yield
    except (ArithmeticError, ValueError) as error:
        why = f"arithmetic on these inputs gives no figure: {error}"
        raise Refused("weighing.numbers", "result", why) from None


def check_probability(value: object, where: str, *, least: int = 0, most: int = PPM) -> None:
    """``Malformed`` for what is no probability in parts per million from ``least`` to ``most``."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        why = f"{value!r} is not a whole number from {least:,} to {most:,} parts per million"
        raise Malformed("weighing.probability", where, why)


def _check_text(value: object, where: str, *, empty: bool = False) -> None:
    if not isinstance(value, str) or len(value) > TEXT_LIMIT or not (value or empty):
        raise Malformed("weighing.text", where, f"not a text of 1 to {TEXT_LIMIT} characters")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Malformed("weighing.text", where, "a lone surrogate") from None


def _check_distinct(ids: list[str], where: str) -> None:
    for before, after in itertools.pairwise(ids):
        if before == after:
            raise Malformed("weighing.twice", f"{where}/{after}", "this id stands here twice")


def _check_parameters(told: Parameters, *, first: bool) -> None:
    where = "parameters"
    # Neither certainty has a place in a prior: no evidence could move it.
    check_probability(told.unknown_prior, f"{where}.unknown_prior", least=1, most=PPM - 1)
    check_probability(told.deception_prior, f"{where}.deception_prior", most=PPM - 1)
    check_probability(told.planting, f"{where}.planting", most=PPM // 2)
    check_probability(told.tempering, f"{where}.tempering", least=1)
    # At one half two could be named, and the order of their labels would decide.
    check_probability(told.name_at, f"{where}.name_at", least=PPM // 2 + (not first))
    check_probability(told.withstand, f"{where}.withstand")


def _check_hypotheses(given: tuple[Hypothesis, ...]) -> tuple[Hypothesis, ...]:
    where = "hypotheses"
    if len(given) > HYPOTHESES_LIMIT:
        raise Malformed("weighing.hypotheses", where, f"at most {HYPOTHESES_LIMIT:,} hypotheses are weighed")
    for one in given:
        _check_text(one.id, where)
        _check_text(one.name, f"{where}/{one.id}.name", empty=True)
        if one.id == UNKNOWN:
            why = "the unknown actor is always weighed; its prior is a parameter"
            raise Malformed("weighing.unknown", f"{where}/{UNKNOWN}", why)
        check_probability(one.weight, f"{where}/{one.id}.weight", least=1)
    if len(given) < 2:
        why = "fewer than two named hypotheses: an answer that has no rival says nothing"
        raise Malformed("weighing.single", where, why)
    found = tuple(sorted(given, key=lambda one: one.id))
    _check_distinct([one.id for one in found], where)
    return found


def check_item(item: Item, known: set[str], *, needs_knowledge: str = "", where: str = "items") -> None:
    """``Malformed`` where an item is not one: its texts, its grades, its judgements."""
    _check_text(item.id, where)
    at = f"{where}/{item.id}"
    _check_text(item.origin, f"{at}.origin", empty=True)
    _check_text(item.observed, f"{at}.observed", empty=True)
    check_probability(item.reliability, f"{at}.reliability")
    check_probability(item.credibility, f"{at}.credibility")
    if not item.likelihoods:
        if not needs_knowledge:
            why = "no likelihood is judged, and no knowledge is given that could answer"
            raise Malformed("weighing.judgement", at, why)
        return
    for one in item.likelihoods:
        place = f"{at}.likelihoods/{one.hypothesis}"
        if one.hypothesis not in known:
            raise Malformed("weighing.hypothesis", place, "no such hypothesis is weighed here")
        check_probability(one.low, place, least=1)
        check_probability(one.high, place, least=1)
        if one.low > one.high:
            raise Malformed(
                "weighing.interval", place, f"the interval runs backwards: {one.low} to {one.high}"
            )
    judged = sorted(one.hypothesis for one in item.likelihoods)
    _check_distinct(judged, f"{at}.likelihoods")
    if UNKNOWN not in judged:
        why = "the unknown actor is not judged: there is nothing to hold the others against"
        raise Malformed("weighing.judgement", at, why)


def _check_origins(items: tuple[Item, ...]) -> None:
    """One origin has one reliability, and its copies of one thing are judged alike."""
    reliability: dict[str, Item] = {}
    copies: dict[tuple[str, str], Item] = {}
    for one in items:
        first = reliability.setdefault(one.origin, one)
        at = f"items/{one.id}"
        if first.reliability != one.reliability:
            why = f"of the same origin as {first.id}, and graded otherwise: an origin has one reliability"
            raise Malformed("weighing.origin", f"{at}.reliability", why)
        copy = copies.setdefault((one.origin, one.seen), one)
        if (item_json(copy) | {"id": ""}) != (item_json(one) | {"id": ""}):
            why = f"tells the same of the same origin as {copy.id}, and is judged otherwise"
            raise Malformed("weighing.contradiction", at, why)
