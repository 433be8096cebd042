"""What to ask for next: the mutual information between the hypothesis and an answer (``spec/13-weighing.md``
§7)."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from comity.errors import Malformed
from comity.weighing import PPM, UNKNOWN
from comity.weighing.mixture import Weighed, log_priors, weigh_table
from comity.weighing.result import Asked
from comity.weighing.sensitivity import TIE
from comity.weighing.table import Floats, Knowledge, make_table, probabilities_of
from comity.weighing.values import Inputs, Item, check_item

CANDIDATES_LIMIT = 2_000


def ask(inputs: Inputs, candidates: Iterable[Item], knowledge: Knowledge | None = None) -> tuple[Asked, ...]:
    """What each candidate's answer would be worth, the most telling first, ties by id.

    A candidate is an item not yet seen: a yes-or-no question whose yes has the likelihoods given, told by an
    origin and with a credibility as graded; an answer that does not speak of the actor is a yes as often as
    under the unknown one. Planting counts too: framing h, the actor gives the yes of h in its share of the
    cases. ``Malformed`` as for items.
    """
    table = make_table(inputs, knowledge)
    weighed = weigh_table(table, log_priors(inputs.hypotheses, inputs.parameters), inputs.parameters)
    return ask_weighed(inputs, weighed, candidates, knowledge)


def ask_weighed(
    inputs: Inputs, weighed: Weighed, candidates: Iterable[Item], knowledge: Knowledge | None = None
) -> tuple[Asked, ...]:
    """As :func:`ask`, from log weights at hand."""
    taken = sorted(candidates, key=lambda one: one.id)
    if len(taken) > CANDIDATES_LIMIT:
        raise Malformed("weighing.items", "candidates", f"at most {CANDIDATES_LIMIT:,} are compared")
    names = tuple(one.id for one in inputs.hypotheses)
    for one in taken:
        check_item(one, {*names, UNKNOWN}, needs_knowledge=inputs.knowledge, where="candidates")
    scale = weighed.total.max()
    alone, framing = np.exp(weighed.alone - scale), np.exp(weighed.framing - scale)
    whole = math.fsum([*alone.tolist(), *framing.ravel().tolist()])
    alone, framing = alone / whole, framing / whole
    found = [_value_of(inputs, one, alone, framing, names, knowledge) for one in taken]
    return tuple(sorted(found, key=lambda one: (-one.microbits, one.candidate)))


def _value_of(
    inputs: Inputs,
    candidate: Item,
    alone: Floats,
    framing: Floats,
    names: tuple[str, ...],
    knowledge: Knowledge | None,
) -> Asked:
    _, yes, _ = probabilities_of(candidate, names, knowledge)
    trust = candidate.reliability / PPM * (candidate.credibility / PPM)
    yes = trust * yes + (1.0 - trust) * yes[-1]
    planting = inputs.parameters.planting / PPM
    framed = framing.sum(axis=1)
    share = alone + framed
    said = alone * yes + framed * (1.0 - planting) * yes + planting * (framing @ yes[:-1])
    kept = np.maximum(share - said, 0.0)
    total = min(max(math.fsum(said.tolist()), 0.0), 1.0)
    conditional = math.fsum(
        (share * _entropy(np.divide(said, share, out=np.zeros_like(said), where=share > 0))).tolist()
    )
    bits = max(float(_entropy(np.array([total]))[0]) - conditional, 0.0)
    after_yes, after_no = _leader(said, names), _leader(kept, names)
    return Asked(
        candidate=candidate.id,
        microbits=round(bits * PPM),
        yes=round(total * PPM),
        leader_yes=after_yes[0],
        posterior_yes=after_yes[1],
        leader_no=after_no[0],
        posterior_no=after_no[1],
    )


def _entropy(p: Floats) -> Floats:
    """Of a yes-or-no answer, in bits."""
    inside = np.clip(p, 1e-300, 1.0)
    other = np.clip(1.0 - p, 1e-300, 1.0)
    found: Floats = -(inside * np.log2(inside) + other * np.log2(other))
    return found


def _leader(weights: Floats, names: tuple[str, ...]) -> tuple[str, int]:
    # As of log weights: the first of those that are level.
    best = int(np.argmax(weights >= weights.max() * (1.0 - TIE)))
    whole = math.fsum(weights.tolist())
    name = (*names, UNKNOWN)[best]
    return name, round(float(weights[best]) / whole * PPM) if whole else 0
