"""The value of an answer against the sum over everything that could be."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import Malformed
from comity.weighing import FIRST_METHOD, PPM, SECOND_METHOD, UNKNOWN
from comity.weighing.asking import ask
from comity.weighing.mixture import log_priors, weigh_table
from comity.weighing.table import Knowledge, Table, make_table
from comity.weighing.values import Hypothesis, Inputs, Item, make_inputs
from comity.weighing.weigh import weigh
from tests.weighing.made import NAMES, item, judged, some_inputs, some_items


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
    """Where nothing is tempered, and the question's origin tells nothing else."""
    plain = make_inputs(inputs.hypotheses, inputs.items, replace(inputs.parameters, tempering=PPM))
    before = replace(plain, method=SECOND_METHOD)
    for n, one in enumerate(other.items):
        candidate = replace(one, id=f"asked{n}", origin="elsewhere")
        # A no is judged too, and nothing judged is impossible.
        certain = any(each.high == PPM for each in candidate.likelihoods)
        for asked in (before,) if certain else (before, plain):
            (told,) = ask(asked, [candidate])
            assert told.microbits == pytest.approx(value_by_hand(asked, candidate) * PPM, abs=2)
            assert 0 <= told.yes <= PPM


@given(some_inputs(), st.integers(1, PPM))
def test_a_question_that_all_answer_alike_is_worth_nothing(inputs: Inputs, point: int) -> None:
    idle = item("idle", origin="elsewhere", likelihoods=judged(amber=point, unknown=point))
    (told,) = ask(inputs, [idle])
    assert told.microbits == 0


def opposite(one: Item) -> Item:
    """What a person writes who was told no."""
    ends = tuple(
        replace(each, low=max(PPM - each.high, 1), high=max(PPM - each.low, 1)) for each in one.likelihoods
    )
    return replace(one, observed=f"not {one.seen}", likelihoods=ends)


@given(some_inputs(wide=True, most=5), some_items(wide=True, most=1), st.data())
def test_what_is_promised_comes_true(inputs: Inputs, other: tuple[Item, ...], data: st.DataObject) -> None:
    """Whatever the tempering, the origin, and who else tells the same."""
    graded = {one.origin: one.reliability for one in inputs.items}
    origin = data.draw(st.sampled_from(["elsewhere", *graded]))
    asked = replace(other[0], id="asked", origin=origin, reliability=graded.get(origin, other[0].reliability))
    if data.draw(st.booleans()):
        same = data.draw(st.sampled_from(inputs.items))
        asked = replace(asked, observed=same.seen, likelihoods=same.likelihoods)
        if same.origin == origin:
            asked = replace(asked, credibility=same.credibility)
    (told,) = ask(inputs, [asked])
    again = [one for one in inputs.items if one.seen == asked.seen and one.origin == origin]
    no = [] if again else [opposite(asked)]
    for added, leader, posterior in (
        ([asked], told.leader_yes, told.posterior_yes),
        (no, told.leader_no, told.posterior_no),
    ):
        result = weigh(make_inputs(inputs.hypotheses, [*inputs.items, *added], inputs.parameters))
        figures = {one.hypothesis: one.posterior for one in result.standings}
        assert abs(figures[leader] - posterior) <= 2
        assert figures[result.leader] - figures[leader] <= 2
    assert told.microbits >= 0
    if again:
        assert (told.microbits, told.yes) == (0, PPM)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4), st.integers(0, 1)), min_size=1, max_size=8),
    st.integers(0, 4),
    st.integers(0, 7),
)
def test_what_is_promised_comes_true_where_accounts_are_worth_the_same(
    told: list[tuple[int, int, int]], origin: int, seen: int
) -> None:
    """Of equals the origin that tells most has the row: an answer can take another observation along."""
    of = {n: judged(amber=100_000 * (n + 1), birch=900_000 - 100_000 * n, unknown=300_000) for n in range(8)}
    graded = {f"o{n}": 500_000 + 100_000 * (n % 2) for n in range(5)}

    def made(name: str, n: int, seen: int, worth: int) -> Item:
        reliability = graded[f"o{n}"]
        return item(
            name,
            f"o{n}",
            observed=f"s{seen}",
            reliability=reliability,
            credibility=200_000_000_000 * (1 + worth) // reliability,
            likelihoods=of[seen],
        )

    distinct = {(n, seen): worth for n, seen, worth in told}
    items = [made(f"i{n}-{seen}", n, seen, worth) for (n, seen), worth in distinct.items()]
    inputs = make_inputs([*_named()], items)
    asked = made("asked", origin, seen, distinct.get((origin, seen), 0))
    (found,) = ask(inputs, [asked])
    no = [] if (origin, seen) in distinct else [opposite(asked)]
    for added, leader, posterior in (
        ([asked], found.leader_yes, found.posterior_yes),
        (no, found.leader_no, found.posterior_no),
    ):
        result = weigh(make_inputs(inputs.hypotheses, [*items, *added]))
        figures = {one.hypothesis: one.posterior for one in result.standings}
        assert abs(figures[leader] - posterior) <= 2


def test_what_is_told_elsewhere_is_no_reason_to_weigh_everything_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Forty origins, each of which repeats a thing of the next: an answer moves rows of two of them."""
    count, read = 40, []

    def spied(inputs: Inputs, knowledge: Knowledge | None) -> Table:
        read.append(len(inputs.items))
        return make_table(inputs, knowledge)

    items = [
        item(f"i{n}-{k}", f"o{(n + k) % count}", observed=f"s{n}", credibility=900_000 - 100_000 * k)
        for n in range(count)
        for k in range(2)
    ]
    inputs = make_inputs([*_named()], items)
    monkeypatch.setattr("comity.weighing.asking.make_table", spied)
    asked = [item(f"q{n}", f"o{n}", observed=f"asked {n}") for n in range(count)]
    asked += [item(f"r{n}", "elsewhere", observed=f"s{n}", credibility=950_000) for n in range(count)]
    ask(inputs, asked)
    assert read[0] == 2 * count
    assert max(read[1:]) <= 3


def test_another_item_of_an_origin_stands_in_its_group() -> None:
    """A source that is rarely right is the likelier to be heard, the more of what it told fits."""
    told: dict[str, Any] = {
        "reliability": 200_000,
        "likelihoods": judged(amber=400_000, birch=200_000, unknown=200_000),
    }
    inputs = make_inputs([*_named()], [item(f"i{n}", **told) for n in range(2)])
    here, elsewhere = ask(inputs, [item("here", **told)]) + ask(inputs, [item("there", "south", **told)])
    after = weigh(make_inputs([*_named()], [*inputs.items, item("here", **told)]))
    assert here.posterior_yes == after.standings[0].posterior
    assert here.posterior_yes > elsewhere.posterior_yes


def test_a_question_without_an_origin_goes_where_recording_it_would_put_it() -> None:
    bare = item("bare", origin="", reliability=700_000)
    inputs = make_inputs([*_named()], [bare])
    (along,) = ask(inputs, [item("asked", origin="", reliability=700_000)])
    (apart,) = ask(inputs, [item("asked", origin="", reliability=990_000)])
    by_itself = weigh(
        make_inputs([*_named()], [bare, item("asked", origin="whoever answers", reliability=990_000)])
    )
    within = weigh(make_inputs([*_named()], [bare, item("asked", origin="", reliability=700_000)]))
    assert along.posterior_yes == within.standings[0].posterior
    assert apart.posterior_yes == by_itself.standings[0].posterior


@pytest.mark.parametrize(
    ("changed", "code", "where"),
    [
        ({"reliability": 100_000}, "weighing.origin", "candidates/asked.reliability"),
        ({"observed": "tool", "credibility": 1}, "weighing.contradiction", "candidates/asked"),
        (
            {"observed": "tool", "origin": "south", "likelihoods": judged(unknown=7)},
            "weighing.contradiction",
            "",
        ),
    ],
)
def test_what_could_not_be_recorded_is_not_valued(changed: dict[str, Any], code: str, where: str) -> None:
    inputs = make_inputs([*_named()], [item("tool")])
    with pytest.raises(Malformed) as caught:
        ask(inputs, [item("asked", **changed)])
    assert caught.value.code == code
    assert caught.value.where.startswith(where)


def test_the_methods_before_value_as_they_did() -> None:
    """A question of an origin that tells something already was valued apart from it."""
    asked = item("asked", reliability=500_000)
    for method in (FIRST_METHOD, SECOND_METHOD):
        old = make_inputs([*_named()], [item("tool")], method=method)
        assert ask(old, [asked]) == ask(old, [replace(asked, origin="elsewhere")])


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


def test_a_no_of_what_is_certain_is_what_recording_it_gives() -> None:
    """The opposite of an end at one is one in a million, not nothing (13, rule 18)."""
    inputs = make_inputs([*_named()], [item("tool")])
    likelihoods = judged(amber=(900_000, PPM), birch=400_000, unknown=500_000)
    graded: dict[str, Any] = {"origin": "elsewhere", "reliability": PPM, "credibility": PPM}
    asked = item("asked", **graded, likelihoods=likelihoods)
    (told,) = ask(inputs, [asked])
    after = weigh(make_inputs(inputs.hypotheses, [*inputs.items, opposite(asked)], inputs.parameters))
    found = {one.hypothesis: one.posterior for one in after.standings}
    assert abs(found[told.leader_no] - told.posterior_no) <= 2
