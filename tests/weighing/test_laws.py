"""What every assessment keeps, whatever is in it."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from comity.weighing import FIRST_METHOD, PPM, UNKNOWN
from comity.weighing.mixture import log_priors, weigh_table
from comity.weighing.result import Result
from comity.weighing.table import Floats, make_table
from comity.weighing.values import Hypothesis, Inputs, Item, Parameters, make_inputs
from comity.weighing.weigh import weigh
from tests.weighing.made import NAMES, grades, judged, some_inputs


def posterior(inputs: Inputs) -> Floats:
    table = make_table(inputs, None)
    return weigh_table(table, log_priors(inputs.hypotheses, inputs.parameters), inputs.parameters).posterior


def figures(result: Result) -> dict[str, tuple[int, int, int]]:
    return {one.hypothesis: (one.posterior, one.low, one.high) for one in result.standings}


def again(inputs: Inputs, items: tuple[Item, ...]) -> Inputs:
    return make_inputs(inputs.hypotheses, items, inputs.parameters)


@given(some_inputs(), st.integers(2, 5), st.data())
def test_copies_of_one_origin_change_exactly_nothing(
    inputs: Inputs, copies: int, data: st.DataObject
) -> None:
    one = data.draw(st.sampled_from(inputs.items))
    told = tuple(replace(one, id=f"{one.id}-copy{n}", observed=one.seen) for n in range(copies))
    more = again(inputs, (*inputs.items, *told))
    assert np.array_equal(posterior(more), posterior(inputs))
    before, after = weigh(inputs), weigh(more)
    assert figures(after) == figures(before)
    assert [one.without for one in after.drivers] == [one.without for one in before.drivers]
    assert (after.answer, after.counted, after.deception) == (before.answer, before.counted, before.deception)


@given(some_inputs(), st.randoms(use_true_random=False))
def test_order_does_not_matter_to_the_last_bit(inputs: Inputs, chance: st.DataObject) -> None:
    items, hypotheses = list(inputs.items), list(inputs.hypotheses)
    chance.shuffle(items)  # type: ignore[attr-defined]
    chance.shuffle(hypotheses)  # type: ignore[attr-defined]
    other = make_inputs(hypotheses, items, inputs.parameters)
    assert other == inputs
    assert np.array_equal(posterior(other), posterior(inputs))
    assert weigh(other) == weigh(inputs)


@given(some_inputs(wide=True), st.permutations(NAMES))
def test_other_labels_label_the_answer_otherwise(inputs: Inputs, names: list[str]) -> None:
    called = dict(zip(NAMES, names, strict=True)) | {UNKNOWN: UNKNOWN}
    items = [
        replace(
            one,
            likelihoods=tuple(replace(each, hypothesis=called[each.hypothesis]) for each in one.likelihoods),
        )
        for one in inputs.items
    ]
    hypotheses = [replace(one, id=called[one.id]) for one in inputs.hypotheses]
    before, after = weigh(inputs), weigh(make_inputs(hypotheses, items, inputs.parameters))
    relabelled = figures(after)
    for name, each in figures(before).items():
        assert all(abs(a - b) <= 1 for a, b in zip(each, relabelled[called[name]], strict=True))
    if before.answer == "named" and all(
        abs(low - inputs.parameters.name_at) > 1 for _, low, *_ in relabelled.values()
    ):
        assert (after.answer, after.leader) == ("named", called[before.leader])


@given(some_inputs(), st.integers(1, PPM), st.integers(0, PPM))
def test_an_item_as_likely_under_all_changes_nothing(inputs: Inputs, point: int, credibility: int) -> None:
    silent = Item(
        id="silent",
        origin="west",
        reliability=PPM,
        credibility=credibility,
        likelihoods=judged(amber=point, cedar=point, unknown=point),
    )
    more = again(inputs, (*inputs.items, silent))
    assert np.array_equal(posterior(more), posterior(inputs))
    before, after = weigh(inputs), weigh(more)
    assert figures(after) == figures(before)
    assert after.silent == before.silent + 1
    assert after.planted == before.planted
    assert (after.answer, after.why) == (before.answer, before.why)


@given(some_inputs())
def test_an_actor_that_nothing_touches_never_gains_on_another_that_nothing_speaks_against(
    inputs: Inputs,
) -> None:
    items = tuple(
        replace(
            one,
            likelihoods=tuple(
                replace(each, low=max(each.low, unknown), high=max(each.high, unknown))
                for each in one.likelihoods
                if each.hypothesis != "dune"
            ),
        )
        for one in inputs.items
        for unknown in [next(each.low for each in one.likelihoods if each.hypothesis == UNKNOWN)]
    )
    found = posterior(again(inputs, items))
    gained = found / np.exp(log_priors(inputs.hypotheses, inputs.parameters))
    untouched = [one.id for one in inputs.hypotheses].index("dune")
    assert (gained[untouched] <= gained * (1 + 1e-9)).all()
    # The unknown actor is touched by nothing either.
    assert gained[untouched] == pytest.approx(gained[-1])


@given(some_inputs(), st.data())
def test_whoever_repeats_and_is_worth_less_changes_exactly_nothing(
    inputs: Inputs, data: st.DataObject
) -> None:
    told = data.draw(st.lists(st.sampled_from(inputs.items), min_size=1, unique_by=lambda one: one.id))
    said = [(one, one.reliability * one.credibility) for one in told]
    reliability, credibility = data.draw(grades), data.draw(grades)
    assume(all(reliability * credibility < worth or not worth for _, worth in said))
    assume(any(worth for _, worth in said))
    alone = data.draw(st.booleans())
    repeated = tuple(
        replace(
            one,
            id=f"{one.id}-again",
            observed=one.seen,
            origin=f"echo {one.id}" if alone else "echo",
            reliability=reliability if worth else 0,
            credibility=credibility if worth else 0,
        )
        for one, worth in said
        if worth or alone
    )
    more = again(inputs, (*inputs.items, *repeated))
    assert np.array_equal(posterior(more), posterior(inputs))
    assert figures(weigh(more)) == figures(weigh(inputs))


@given(
    st.integers(0, PPM - 1),
    st.lists(st.tuples(st.integers(0, PPM), st.integers(0, PPM), st.integers(0, 2)), min_size=1, max_size=9),
)
def test_however_much_one_origin_says_and_others_repeat_a_hypothesis_keeps_what_its_doubt_leaves(
    reliability: int, repeats: list[tuple[int, int, int]]
) -> None:
    against = judged(amber=1, unknown=PPM)
    items = [Item(id=f"i{n}", origin="one", reliability=reliability, credibility=PPM, likelihoods=against)
             for n in range(len(repeats))]  # fmt: skip
    echoes = [
        Item(
            id=f"e{n}",
            origin=f"echo {n}",
            observed=f"i{n}",
            reliability=grade * reliability // PPM,
            credibility=credibility,
            likelihoods=against,
        )
        for n, (grade, credibility, told) in enumerate(repeats)
        if told
    ]
    told = Parameters(unknown_prior=500_000, deception_prior=0)
    inputs = make_inputs([Hypothesis(id="amber"), Hypothesis(id="birch")], [*items, *echoes], told)
    priors = log_priors(inputs.hypotheses, told)
    kept = np.exp(weigh_table(make_table(inputs, None), priors, told).total[0] - priors[0])
    assert kept >= (1 - reliability / PPM) * (1 - 1e-9)


@given(some_inputs(wide=True), st.randoms(use_true_random=False))
def test_intervals_hold_the_point_and_every_choice_within(inputs: Inputs, chance: Random) -> None:
    result = weigh(inputs)
    assert all(one.low <= one.posterior <= one.high for one in result.standings)
    for corner in (True, False):
        chosen = tuple(_at_a_point(one, chance, corner=corner) for one in inputs.items)
        narrow = figures(weigh(again(inputs, chosen)))
        for standing in result.standings:
            assert standing.low - 1 <= narrow[standing.hypothesis][0] <= standing.high + 1


def _at_a_point(one: Item, chance: Random, *, corner: bool) -> Item:
    """The item with the interval of each hypothesis, the unknown actor's too, at an end or anywhere."""
    likelihoods = []
    for each in one.likelihoods:
        point = chance.choice([each.low, each.high]) if corner else chance.randint(each.low, each.high)
        likelihoods.append(replace(each, low=point, high=point))
    return replace(one, likelihoods=tuple(likelihoods))


@given(some_inputs(wide=True))
def test_with_the_unknown_actor_at_points_intervals_are_those_of_the_first_method(inputs: Inputs) -> None:
    items = tuple(
        replace(
            one,
            likelihoods=tuple(
                replace(each, high=each.low) if each.hypothesis == UNKNOWN else each
                for each in one.likelihoods
            ),
        )
        for one in inputs.items
    )
    now = make_inputs(inputs.hypotheses, items, replace(inputs.parameters, deception_prior=0))
    before = make_inputs(now.hypotheses, now.items, now.parameters, method=FIRST_METHOD)
    assert weigh(now).standings == weigh(before).standings
    assert now.digest != before.digest


@given(some_inputs())
def test_figures_are_probabilities_and_leaving_out_is_leaving_out(inputs: Inputs) -> None:
    result = weigh(inputs)
    assert abs(sum(one.posterior for one in result.standings) - PPM) <= len(result.standings)
    rows = {one.items: one for one in result.drivers}
    for items, driver in rows.items():
        kept = tuple(one for one in inputs.items if one.id not in items)
        if kept:
            without = {one.hypothesis: one.posterior for one in weigh(again(inputs, kept)).standings}
            assert abs(without[result.leader] - driver.without) <= 2


@given(some_inputs(most=5))
def test_a_planted_set_flips_and_no_smaller_one_does_where_that_is_claimed(inputs: Inputs) -> None:
    result = weigh(inputs)
    planted = result.planted

    def leads(gone: set[str]) -> bool:
        kept = tuple(one for one in inputs.items if one.id not in gone)
        if not kept:
            weights = {one.hypothesis: one.prior for one in result.standings}
        else:
            weights = {one.hypothesis: one.posterior for one in weigh(again(inputs, kept)).standings}
        other = max(value for name, value in weights.items() if name != result.leader)
        return weights[result.leader] > other + 2

    if planted.items:
        assert not leads(set(planted.items))
        assert planted.at_least <= len(planted.items)
        if planted.exact:
            assert planted.at_least == len(planted.items)
