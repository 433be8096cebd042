"""What answers were worth by the methods before (``spec/13-weighing.md`` §15): each question apart from what
its origin tells already, and untempered."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from comity.weighing import PPM, UNKNOWN
from comity.weighing.mixture import Weighed, share_ways
from comity.weighing.result import Asked
from comity.weighing.sensitivity import TIE
from comity.weighing.table import Floats, Knowledge, probabilities_of
from comity.weighing.values import Inputs, Item


def value_as_before(
    inputs: Inputs, weighed: Weighed, candidates: Sequence[Item], knowledge: Knowledge | None
) -> list[Asked]:
    """The worth of each checked candidate, in their order."""
    names = tuple(one.id for one in inputs.hypotheses)
    alone, framing = share_ways(weighed)
    return [_value_of(inputs, one, alone, framing, names, knowledge) for one in candidates]


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
