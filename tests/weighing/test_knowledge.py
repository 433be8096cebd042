"""Counts of reports become likelihoods; what was never seen says the same of everyone."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import Malformed, Refused
from comity.records.canonical import Json, render
from comity.weighing import PPM
from comity.weighing.knowledge import KNOWLEDGE_DOMAIN, Observation, make_profiles
from comity.weighing.readings import Smoothing
from comity.weighing.values import Hypothesis, Item, Parameters, make_inputs
from comity.weighing.weigh import weigh

TOLD = (
    ("amber", "S1", "r1", "2017-01-01"),
    ("amber", "T1", "r1", "2017-01-01"),
    ("amber", "T1", "r2", "2018-01-01"),
    ("birch", "T1", "r3", "2018-01-01"),
    ("birch", "T2", "r3", "2018-01-01"),
    ("cedar", "T2", "r4", "2019-01-01"),
)
OBSERVED = [
    Observation(actor=actor, item=item, kind="technique", report=report, date=date)
    for actor, item, report, date in TOLD
]
NAMES = ("amber", "birch", "cedar")


def test_likelihoods_by_hand() -> None:
    known = make_profiles(OBSERVED, Smoothing(floor=100_000, doubt=100))
    named, unknown = known.likelihoods("T1", NAMES)
    assert unknown == 3 / 4
    assert named.tolist() == pytest.approx([0.075 + 0.9 * 2 / 3, 0.075 + 0.9 * 1 / 2, 0.075])
    # Of whom no report says anything, reports say nothing; the methods before held that against it.
    assert known.likelihoods("S1", ["nobody"])[0].tolist() == [1 / 4]
    assert known.likelihoods_before("S1", ["nobody"])[0].tolist() == pytest.approx([0.1 * 1 / 4])
    assert known.likelihoods_before("S1", NAMES)[0].tolist() == known.likelihoods("S1", NAMES)[0].tolist()


@given(st.permutations(OBSERVED), st.booleans())
def test_neither_order_nor_repetition_enters_the_digest(told: list[Observation], twice: bool) -> None:
    assert make_profiles(told * (1 + twice)).digest == make_profiles(OBSERVED).digest


def test_what_comes_later_is_left_out_and_what_decides_is_in_the_digest() -> None:
    earlier = make_profiles(OBSERVED, before="2018-01-01")
    assert earlier.actors == {"amber": 1}
    digests = {
        make_profiles(OBSERVED).digest,
        earlier.digest,
        make_profiles(OBSERVED[1:]).digest,
        make_profiles(OBSERVED, Smoothing(floor=1)).digest,
        make_profiles(OBSERVED, Smoothing(doubt=1)).digest,
    }
    assert len(digests) == 5


def test_actors_are_labelled_in_any_script() -> None:
    told = [
        replace(one, actor={"amber": "rav", "birch": "bjørk", "cedar": "雪松"}[one.actor]) for one in OBSERVED
    ]
    known = make_profiles(told)
    assert known.actors == {"rav": 2, "bjørk": 1, "雪松": 1}
    body: dict[str, Json] = {
        "actors": [["bjørk", 1], ["rav", 2], ["雪松", 1]],
        "doubt": 100,
        "floor": 50_000,
        "together": [
            ["S1", [["rav", 1]]],
            ["T1", [["bjørk", 1], ["rav", 2]]],
            ["T2", [["bjørk", 1], ["雪松", 1]]],
        ],
    }
    assert known.digest == hashlib.sha256(KNOWLEDGE_DOMAIN + render(body)).hexdigest()
    names = [Hypothesis(id=name) for name in ("bjørk", "雪松")]
    result = weigh(make_inputs(names, [item("T1")], knowledge=known.digest), known)
    assert result.leader == "bjørk"


def item(observed: str) -> Item:
    return Item(id=observed, origin="north", reliability=PPM, credibility=PPM, observed=observed)


@given(st.sets(st.sampled_from(["S1", "T1", "T2"]), min_size=1), st.sampled_from([0, 100_000]))
def test_an_actor_without_any_of_the_items_never_gains_on_another(seen: set[str], deception: int) -> None:
    other = Observation(actor="dune", item="T7", kind="technique", report="r5", date="2019-01-01")
    known = make_profiles([*OBSERVED, other])
    names = [Hypothesis(id=name) for name in (*NAMES, "dune")]
    told = Parameters(deception_prior=deception)
    result = weigh(make_inputs(names, [item(one) for one in seen], told, known.digest), known)
    posterior = {one.hypothesis: one.posterior for one in result.standings}
    assert posterior["dune"] <= min(posterior[name] for name in NAMES) + 1


@given(st.sets(st.sampled_from(["S1", "T1", "T2"]), min_size=1), st.sampled_from([0, 100_000]))
def test_an_actor_without_reports_stays_to_the_unknown_as_it_was(seen: set[str], deception: int) -> None:
    known = make_profiles(OBSERVED)
    names = [Hypothesis(id=name) for name in (*NAMES, "nobody")]
    told = Parameters(deception_prior=deception, unknown_prior=200_000)
    result = weigh(make_inputs(names, [item(one) for one in seen], told, known.digest), known)
    posterior = {one.hypothesis: one.posterior for one in result.standings}
    # Each of the four has as much to begin with; whom it could frame differs.
    assert abs(posterior["nobody"] - posterior["unknown"]) <= (20_000 if deception else 2)


def test_what_nobody_has_heard_of_and_other_knowledge_are_refused() -> None:
    known, other = make_profiles(OBSERVED), make_profiles(OBSERVED[:-1])
    names = [Hypothesis(id=name) for name in NAMES]
    with pytest.raises(Malformed) as caught:
        weigh(make_inputs(names, [item("T9999")], knowledge=known.digest), known)
    assert caught.value.code == "weighing.unheard"
    with pytest.raises(Refused) as refused:
        weigh(make_inputs(names, [item("T1")], knowledge=known.digest), other)
    assert refused.value.code == "weighing.knowledge"
