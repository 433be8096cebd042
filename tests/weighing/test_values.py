"""What may go into an assessment, and what each mistake is told."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from comity.errors import Malformed, Refused
from comity.weighing import PPM, UNKNOWN
from comity.weighing.values import (
    HYPOTHESES_LIMIT,
    ITEMS_LIMIT,
    Hypothesis,
    Item,
    Likelihood,
    Parameters,
    as_ppm,
    make_inputs,
    refuse_no_numbers,
)

NAMES = (Hypothesis(id="amber"), Hypothesis(id="birch"), Hypothesis(id="cedar"))


def judged(**points: int | tuple[int, int]) -> tuple[Likelihood, ...]:
    pairs = {name: (each, each) if isinstance(each, int) else each for name, each in points.items()}
    return tuple(Likelihood(hypothesis=name, low=low, high=high) for name, (low, high) in pairs.items())


def item(name: str, **changed: Any) -> Item:
    given: dict[str, Any] = {
        "id": name,
        "reliability": 900_000,
        "credibility": 800_000,
        "origin": "north",
        "likelihoods": judged(amber=400_000, unknown=50_000),
    }
    return Item(**(given | changed))


ONE = item("tool")

REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "no evidence": ({"items": ()}, "weighing.empty", "items"),
    "a single hypothesis": ({"hypotheses": NAMES[:1]}, "weighing.single", "hypotheses"),
    "a repeated hypothesis": ({"hypotheses": (*NAMES, NAMES[0])}, "weighing.twice", "hypotheses/amber"),
    "the unknown actor named": (
        {"hypotheses": (*NAMES, Hypothesis(id=UNKNOWN))},
        "weighing.unknown",
        "hypotheses/unknown",
    ),
    "too many hypotheses": (
        {"hypotheses": [Hypothesis(id=str(n)) for n in range(HYPOTHESES_LIMIT + 1)]},
        "weighing.hypotheses",
        "hypotheses",
    ),
    "too many items": ({"items": [ONE] * (ITEMS_LIMIT + 1)}, "weighing.items", "items"),
    "a prior weight of nothing": (
        {"hypotheses": (*NAMES, Hypothesis(id="dune", weight=0))},
        "weighing.probability",
        "hypotheses/dune.weight",
    ),
    "a prior that is certain": (
        {"parameters": Parameters(unknown_prior=PPM)},
        "weighing.probability",
        "parameters.unknown_prior",
    ),
    "more planted than not": (
        {"parameters": Parameters(planting=600_000)},
        "weighing.probability",
        "parameters.planting",
    ),
    "a probability above one": (
        {"items": [item("tool", credibility=PPM + 1)]},
        "weighing.probability",
        "items/tool.credibility",
    ),
    "a negative probability": (
        {"items": [item("tool", reliability=-1)]},
        "weighing.probability",
        "items/tool.reliability",
    ),
    "an impossible judgement": (
        {"items": [item("tool", likelihoods=judged(amber=0, unknown=5))]},
        "weighing.probability",
        "items/tool.likelihoods/amber",
    ),
    "an interval that runs backwards": (
        {"items": [item("tool", likelihoods=judged(amber=(5, 4), unknown=5))]},
        "weighing.interval",
        "items/tool.likelihoods/amber",
    ),
    "a hypothesis judged twice": (
        {"items": [item("tool", likelihoods=judged(unknown=5) * 2)]},
        "weighing.twice",
        "items/tool.likelihoods/unknown",
    ),
    "a hypothesis nobody weighs": (
        {"items": [item("tool", likelihoods=judged(zinc=5, unknown=5))]},
        "weighing.hypothesis",
        "items/tool.likelihoods/zinc",
    ),
    "nothing to hold against": (
        {"items": [item("tool", likelihoods=judged(amber=5))]},
        "weighing.judgement",
        "items/tool",
    ),
    "nobody to judge": ({"items": [item("tool", likelihoods=())]}, "weighing.judgement", "items/tool"),
    "an item twice": ({"items": [ONE, ONE]}, "weighing.twice", "items/tool"),
    "an origin of two minds": (
        {"items": [ONE, item("tune", reliability=1)]},
        "weighing.origin",
        "items/tune.reliability",
    ),
    "copies that contradict": (
        {"items": [item("a", observed="x"), item("b", observed="x", credibility=1)]},
        "weighing.contradiction",
        "items/b",
    ),
    "an endless name": ({"items": [item("t" * 201)]}, "weighing.text", "items"),
    "half a character": (
        {"items": [item("tool", origin="\ud800")]},
        "weighing.text",
        "items/tool.origin",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_mistake_is_named_with_its_place(what: str) -> None:
    changed, code, where = REFUSED[what]
    given: dict[str, Any] = {"hypotheses": NAMES, "items": (ONE,)}
    with pytest.raises(Malformed) as caught:
        make_inputs(**(given | changed))
    assert (caught.value.code, caught.value.where) == (code, where)


def test_the_digest_is_of_what_decides() -> None:
    base = make_inputs(NAMES, [ONE, item("tune")])
    assert len(base.digest) == 64
    again = make_inputs(NAMES[::-1], [item("tune"), ONE])
    renamed = make_inputs([replace(one, name=one.id.title()) for one in NAMES], [ONE, item("tune")])
    assert again == base
    assert renamed.digest == base.digest
    others = [
        make_inputs(NAMES, [ONE]),
        make_inputs(NAMES[:2], [ONE, item("tune")]),
        make_inputs(NAMES, [ONE, item("tune", credibility=1)]),
        make_inputs(NAMES, [ONE, item("tune")], Parameters(planting=1)),
        make_inputs(NAMES, [ONE, item("tune")], knowledge="a" * 64),
    ]
    assert len({one.digest for one in [base, *others]}) == 6


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_no_figure(value: float) -> None:
    with pytest.raises(Refused) as refused:
        as_ppm(value)
    assert refused.value.code == "weighing.numbers"


@pytest.mark.parametrize("error", [ValueError("x"), ZeroDivisionError("x"), OverflowError("x")])
def test_arithmetic_that_fails_on_anothers_inputs_is_a_refusal(error: Exception) -> None:
    with pytest.raises(Refused) as refused, refuse_no_numbers():
        raise error
    assert refused.value.code == "weighing.numbers"
