"""Assessments made up: small ones by hand, any by hypothesis."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from comity.weighing import PPM, UNKNOWN
from comity.weighing.values import Hypothesis, Inputs, Item, Likelihood, Parameters, make_inputs

NAMES = ("amber", "birch", "cedar", "dune")


def judged(**points: int | tuple[int, int]) -> tuple[Likelihood, ...]:
    """Likelihoods by hypothesis: a point, or both ends."""
    pairs = {name: (each, each) if isinstance(each, int) else each for name, each in points.items()}
    return tuple(Likelihood(hypothesis=name, low=low, high=high) for name, (low, high) in pairs.items())


def item(name: str, origin: str = "north", **changed: Any) -> Item:
    """An item that speaks for amber, unless told otherwise."""
    given: dict[str, Any] = {
        "id": name,
        "origin": origin,
        "reliability": 900_000,
        "credibility": 800_000,
        "likelihoods": judged(amber=400_000, unknown=50_000),
    }
    return Item(**(given | changed))


points = st.one_of(st.integers(1_000, 999_000), st.integers(1, PPM), st.sampled_from([1, PPM]))
grades = st.one_of(st.integers(0, PPM), st.sampled_from([0, 1, PPM - 1, PPM]))


@st.composite
def intervals(draw: st.DrawFn, *, wide: bool) -> tuple[int, int]:
    low = draw(points)
    return (low, draw(st.one_of(st.integers(low, PPM), st.just(low)))) if wide else (low, low)


@st.composite
def some_items(draw: st.DrawFn, *, wide: bool = False, most: int = 6) -> tuple[Item, ...]:
    """Items of up to three origins, some of them undeclared."""
    reliability = {origin: draw(grades) for origin in ("", "north", "south")}
    made = []
    for n in range(draw(st.integers(1, most))):
        origin = draw(st.sampled_from(sorted(reliability)))
        named = draw(st.sets(st.sampled_from(NAMES), min_size=1))
        told = {name: draw(intervals(wide=wide)) for name in (*sorted(named), UNKNOWN)}
        made.append(
            Item(
                id=f"item{n}",
                origin=origin,
                reliability=reliability[origin],
                credibility=draw(grades),
                likelihoods=judged(**told),
            )
        )
    return tuple(made)


parameters = st.builds(
    Parameters,
    unknown_prior=st.one_of(st.integers(1_000, 900_000), st.sampled_from([1, PPM - 1])),
    deception_prior=st.sampled_from([0, 1, 50_000, 300_000, PPM - 1]),
    planting=st.sampled_from([0, 100_000, 300_000, 500_000]),
    tempering=st.sampled_from([PPM, 600_000, 1]),
    name_at=st.sampled_from([900_000, 600_000, 500_001]),
    withstand=st.sampled_from([300_000, 300_000, 0, 1, PPM]),
)


@st.composite
def some_inputs(draw: st.DrawFn, *, wide: bool = False, most: int = 6) -> Inputs:
    weights = [draw(st.integers(1, 9)) for _ in NAMES]
    hypotheses = [Hypothesis(id=name, weight=weight) for name, weight in zip(NAMES, weights, strict=True)]
    return make_inputs(hypotheses, draw(some_items(wide=wide, most=most)), draw(parameters))
