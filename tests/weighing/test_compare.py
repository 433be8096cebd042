"""Two assessments, difference by difference, and one against its repetition."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from comity.weighing import PPM
from comity.weighing.compare import check_result, compare
from comity.weighing.values import Hypothesis, Inputs, Parameters, make_inputs
from comity.weighing.weigh import weigh
from tests.weighing.made import item, judged, some_inputs

NAMES = [Hypothesis(id=name) for name in ("amber", "birch", "cedar")]


@settings(max_examples=40)
@given(some_inputs(), some_inputs())
def test_each_difference_says_what_it_alone_would_change(first: Inputs, second: Inputs) -> None:
    found = compare(first, second)
    assert (found == ()) == (first.digest == second.digest)
    leader = weigh(first).standings[0]
    for one in found:
        assert abs(one.before - leader.posterior) <= 1
        assert -1 <= one.after <= 1_000_000
    only_parameters = compare(first, make_inputs(first.hypotheses, first.items, second.parameters))
    assert {one.part for one in only_parameters} <= {"parameter"}


def test_taking_over_the_only_difference_gives_the_others_figure() -> None:
    ours = make_inputs(NAMES, [item("tool"), item("tune", likelihoods=judged(birch=9, unknown=8))])
    theirs = make_inputs(
        NAMES, [item("tool", credibility=100_000), item("tune", likelihoods=judged(birch=9, unknown=8))]
    )
    (one,) = compare(ours, theirs)
    assert (one.part, one.id, one.side, one.fields) == ("item", "tool", "both", ("credibility",))
    assert one.after == {s.hypothesis: s.posterior for s in weigh(theirs).standings}[one.hypothesis]


def test_the_grade_of_a_source_is_taken_over_for_all_that_it_tells() -> None:
    ours = make_inputs(NAMES, [item("tool"), item("tune"), item("else", "south")])
    lower = [item(name, reliability=400_000) for name in ("tool", "tune")]
    theirs = make_inputs(NAMES, [*lower, item("else", "south")])
    (one,) = compare(ours, theirs)
    assert (one.part, one.id, one.side, one.fields) == ("source", "north", "both", ("reliability",))
    assert one.after == {s.hypothesis: s.posterior for s in weigh(theirs).standings}[one.hypothesis]
    # What an item's own judgement changes is told beside it, and computed with the first one's grade.
    both = make_inputs(NAMES, [lower[0], replace(lower[1], credibility=1), item("else", "south")])
    found = {(one.part, one.id): one for one in compare(ours, both)}
    assert found.keys() == {("source", "north"), ("item", "tune")}
    alone = make_inputs(NAMES, [item("tool"), item("tune", credibility=1), item("else", "south")])
    assert found["item", "tune"].after == weigh(alone).standings[0].posterior
    more = make_inputs(NAMES, [*lower, item("new", reliability=400_000), item("else", "south")])
    assert {one.part: one.after >= 0 for one in compare(ours, more)} == {"source": True, "item": True}


@pytest.mark.parametrize("origins", [("north", "north"), ("north", "south")])
def test_what_is_judged_of_an_observation_is_taken_over_for_all_that_tell_it(
    origins: tuple[str, str],
) -> None:
    def told(**changed: Any) -> Inputs:
        items = [item(name, at, observed="seen", **changed) for name, at in zip("ab", origins, strict=True)]
        return make_inputs(NAMES, [*items, item("else", "west")])

    ours, theirs = told(), told(likelihoods=judged(birch=900_000, unknown=100_000))
    found = compare(ours, theirs)
    assert [(one.part, one.id, one.fields) for one in found] == [
        ("item", "a", ("likelihoods",)),
        ("item", "b", ("likelihoods",)),
    ]
    after = {one.hypothesis: one.posterior for one in weigh(theirs).standings}
    assert {one.after for one in found} == {after["amber"]}


def test_who_leads_is_whom_the_assessment_says_where_figures_are_level() -> None:
    names = [Hypothesis(id="zebra"), Hypothesis(id="yak", weight=3)]
    told = Parameters(unknown_prior=200_000, deception_prior=0)
    certain = item("tool", reliability=PPM, credibility=PPM, likelihoods=judged(yak=1, unknown=500_000))
    ours = make_inputs(names, [certain], told)
    assert weigh(ours).leader == "zebra"
    theirs = make_inputs(names, ours.items, replace(told, name_at=800_000))
    assert {one.hypothesis for one in compare(ours, theirs)} == {"zebra"}


def test_what_cannot_be_taken_over_alone_says_so() -> None:
    ours = make_inputs(NAMES, [item("tool", observed="seen"), item("tune", observed="seen")])
    theirs = make_inputs(NAMES, [item("tool", observed="seen", credibility=1)], knowledge="a" * 64)
    after = {(one.part, one.id): one.after for one in compare(ours, theirs)}
    assert after["knowledge", "a" * 64] == -1
    # An observation of that name is told already, by another origin and judged otherwise.
    more = item("else", "south", observed="seen", likelihoods=judged(amber=1, unknown=2))
    theirs = make_inputs(NAMES, [more])
    after = {(one.part, one.id): one.after for one in compare(ours, theirs)}
    assert after["item", "else"] == -1


def test_a_figure_that_is_off_is_named() -> None:
    inputs = make_inputs(NAMES, [item("tool")], Parameters())
    computed = weigh(inputs)
    first = computed.standings[0]
    near = replace(computed, standings=(replace(first, high=first.high + 2), *computed.standings[1:]))
    assert check_result(near, computed) == ()
    off = replace(
        computed, standings=(replace(first, posterior=first.posterior - 3), *computed.standings[1:])
    )
    assert check_result(off, computed) == (f"standings/{first.hypothesis}.posterior",)
    for name in ("touched", "against"):
        more = replace(first, **{name: getattr(first, name) + 1})
        forged = replace(computed, standings=(more, *computed.standings[1:]))
        assert check_result(forged, computed) == (f"standings/{first.hypothesis}.{name}",)
    assert check_result(replace(computed, answer="named"), computed) == ("answer",)
    assert check_result(replace(computed, standings=computed.standings[1:]), computed) == ("standings",)
