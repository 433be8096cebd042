"""An assessment as a whole: what it says, and the laws that it keeps."""

from __future__ import annotations

import math

from comity.weighing import PPM, UNKNOWN
from comity.weighing.compare import check_result, compare
from comity.weighing.values import Hypothesis, Item, Likelihood, Parameters, make_inputs
from comity.weighing.weigh import weigh

NAMES = (Hypothesis(id="amber"), Hypothesis(id="birch"), Hypothesis(id="cedar"))


def item(name: str, origin: str = "", **points: int) -> Item:
    judged = tuple(Likelihood(hypothesis=who, low=each, high=each) for who, each in points.items())
    return Item(id=name, origin=origin, reliability=PPM, credibility=PPM, likelihoods=judged)


def test_bayes_rule_by_hand() -> None:
    told = Parameters(unknown_prior=100_000, deception_prior=0)
    result = weigh(make_inputs(NAMES, [item("tool", amber=600_000, birch=60_000, unknown=30_000)], told))
    weights = {"amber": 0.3 * 20, "birch": 0.3 * 2, "cedar": 0.3, UNKNOWN: 0.1}
    whole = math.fsum(weights.values())
    assert {one.hypothesis: one.posterior for one in result.standings} == {
        name: round(weight / whole * PPM) for name, weight in weights.items()
    }
    assert result.leader == "amber"
    assert result.answer == "not enough evidence"
    assert result.planted.items == ("tool",)
    assert result.planted.exact


def test_an_assessment_is_held_against_its_repetition_and_against_another() -> None:
    ours = make_inputs(NAMES, [item("tool", amber=600_000, unknown=30_000), item("tune", birch=9, unknown=8)])
    theirs = make_inputs(
        NAMES, [item("tool", amber=60_000, unknown=30_000), item("tale", birch=9, unknown=8)]
    )
    assert check_result(weigh(ours), weigh(ours)) == ()
    assert check_result(weigh(ours), weigh(theirs)) == ("inputs",)
    assert [(one.id, one.side, one.fields) for one in compare(ours, theirs)] == [
        ("tale", "second", ("id",)),
        ("tool", "both", ("likelihoods",)),
        ("tune", "first", ("id",)),
    ]
    assert compare(ours, ours) == ()
