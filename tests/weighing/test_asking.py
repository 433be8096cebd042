"""The value of an answer against the sum over everything that could be."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import Malformed
from comity.weighing import PPM, UNKNOWN
from comity.weighing.asking import ask
from comity.weighing.mixture import log_priors, weigh_table
from comity.weighing.table import make_table
from comity.weighing.values import Hypothesis, Inputs, Item, make_inputs
from tests.weighing.made import NAMES, item, judged, some_inputs


def value_by_hand(inputs: Inputs, candidate: Item) -> float:
    """Σ p(g, answer) log2 p(g, answer) / (p(g) p(answer)), over each way that each actor could have acted."""
    table = make_table(inputs, None)
    weighed = weigh_table(table, log_priors(inputs.hypotheses, inputs.parameters), inputs.parameters)
    points = {one.hypothesis: math.sqrt(one.low * one.high) / PPM for one in candidate.likelihoods}
    unknown = points[UNKNOWN]
    trust = candidate.reliability / PPM * candidate.credibility / PPM
    yes = [trust * points.get(name, unknown) + (1 - trust) * unknown for name in (*NAMES, UNKNOWN)]
    planting = inputs.parameters.planting / PPM
    whole = math.exp(float(np.logaddexp.reduce(weighed.total)))
    joint = {}
    for g in range(len(NAMES) + 1):
        ways = [(math.exp(weighed.alone[g]) / whole, yes[g])]
        for h in range(len(NAMES)):
            share = math.exp(weighed.framing[g, h]) / whole
            ways.append((share, (1 - planting) * yes[g] + planting * yes[h]))
        joint[g, 1] = sum(p * y for p, y in ways)
        joint[g, 0] = sum(p * (1 - y) for p, y in ways)
    answers = {a: sum(p for (_, b), p in joint.items() if b == a) for a in (0, 1)}
    actors = {g: joint[g, 0] + joint[g, 1] for g, _ in joint}
    return sum(p * math.log2(p / (actors[g] * answers[a])) for (g, a), p in joint.items() if p > 0)


@given(some_inputs(most=4), some_inputs(most=2))
def test_value_is_mutual_information(inputs: Inputs, other: Inputs) -> None:
    for candidate in other.items:
        (told,) = ask(inputs, [candidate])
        assert told.microbits == pytest.approx(value_by_hand(inputs, candidate) * PPM, abs=2)
        assert 0 <= told.yes <= PPM


@given(some_inputs(), st.integers(1, PPM))
def test_a_question_that_all_answer_alike_is_worth_nothing(inputs: Inputs, point: int) -> None:
    (told,) = ask(inputs, [item("idle", likelihoods=judged(amber=point, unknown=point))])
    assert told.microbits == 0


def test_the_most_telling_comes_first_and_the_answers_lead_somewhere() -> None:
    inputs = make_inputs([*_named()], [item("tool")])
    asked = ask(
        inputs,
        [
            item("dull", likelihoods=judged(amber=60_000, unknown=50_000)),
            item("sharp", likelihoods=judged(birch=900_000, unknown=1_000)),
        ],
    )
    assert [one.candidate for one in asked] == ["sharp", "dull"]
    assert asked[0].leader_yes == "birch"
    assert asked[0].leader_no == "amber"


def test_a_candidate_is_checked_as_an_item_is() -> None:
    inputs = make_inputs([*_named()], [item("tool")])
    with pytest.raises(Malformed) as caught:
        ask(inputs, [item("odd", likelihoods=judged(zinc=1, unknown=1))])
    assert caught.value.where == "candidates/odd.likelihoods/zinc"


def _named() -> list[Hypothesis]:
    return [Hypothesis(id=name) for name in NAMES]
