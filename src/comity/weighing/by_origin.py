"""What is left of an answer without all that one origin tells.

Items are left out one by one elsewhere. Where a source is told several times, each of its items may be
spared, and the answer hangs on the source.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from comity.phrases import Phrase, count_of, phrase
from comity.records.kinds_of_weighing import Assess
from comity.weighing import UNKNOWN
from comity.weighing.likelihood_words import digits_apart, percent
from comity.weighing.mixture import log_priors, normalise, weigh_table
from comity.weighing.naming import called, quoted
from comity.weighing.recorded import inputs_of
from comity.weighing.sensitivity import successor
from comity.weighing.table import make_table
from comity.weighing.values import Inputs, as_ppm, make_inputs, refuse_no_numbers

CELLS: Final = 60_000
"""The most likelihoods that are weighed for it, all origins together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """Without one ``origin`` ("": those that declare none) and its ``items``: the leader's posterior (ppm),
    and who leads then, or has drawn level."""

    origin: str
    items: int
    posterior: int
    leader: str


@refuse_no_numbers()
def leave_origins_out(content: Assess) -> tuple[Left, ...]:
    """Each origin that tells more than one item, what takes most from the leader first; nothing where the
    assessment is too large for it. Errors as for :func:`~comity.weighing.recorded.inputs_of`."""
    told = Counter(one.origin for one in content.items)
    several = _several(content)
    if _too_large(content):
        return ()
    inputs = inputs_of(content)
    found = []
    for origin in several:
        posterior, leader = _without(inputs, origin, content.result.leader)
        found.append(Left(origin=origin, items=told[origin], posterior=posterior, leader=leader))
    return tuple(sorted(found, key=lambda one: (one.posterior, one.origin)))


def _several(content: Assess) -> list[str]:
    told = Counter(one.origin for one in content.items)
    return sorted(origin for origin, count in told.items() if count > 1)


def _too_large(content: Assess) -> bool:
    return len(content.items) * len(content.hypotheses) * len(_several(content)) > CELLS


def _without(inputs: Inputs, origin: str, leader: str) -> tuple[int, str]:
    names = [*(one.id for one in inputs.hypotheses), UNKNOWN]
    priors = log_priors(inputs.hypotheses, inputs.parameters)
    kept = [one for one in inputs.items if one.origin != origin]
    total = priors
    if kept:
        less = make_inputs(inputs.hypotheses, kept, inputs.parameters, method=inputs.method)
        total = weigh_table(make_table(less, None), priors, inputs.parameters).total
    at = names.index(leader)
    return as_ppm(float(normalise(total)[at])), names[successor(total, at)]


def tell_origins(content: Assess, left: Iterable[Left]) -> tuple[str, ...]:
    """Which single origins the answer hangs on, in words; or that it is too large to tell."""
    if _too_large(content):
        return (phrase("What is left without each origin was not computed here: there is too much of it."),)
    return tuple(line for one in left if (line := _told(content, one)) is not None)


def _told(content: Assess, left: Left) -> Phrase | None:
    result = content.result
    names = {one.id: one.name for one in content.hypotheses}
    leads = called(result.leader, names)
    items = count_of(left.items, "item")
    without = (
        phrase("Without all that origin {} tells ({})", quoted(left.origin), items)
        if left.origin
        else phrase("Without all that declares no origin ({})", items)
    )
    if left.items == len(content.items):
        return phrase("{} nothing is left: it all comes from there.", without)
    if left.leader != result.leader:
        return phrase("{} {} no longer leads alone.", without, leads)
    needs = content.method.name_at
    if result.answer == "named" and left.posterior < needs:
        digits = digits_apart(left.posterior, needs)
        return phrase(
            "{} {} has {}; a name needs {}.",
            without,
            leads,
            percent(left.posterior, digits),
            percent(needs, digits),
        )
    return None
