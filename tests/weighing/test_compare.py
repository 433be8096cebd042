"""Two assessments, difference by difference, and one against its repetition."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings

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


def test_what_cannot_be_taken_over_alone_says_so() -> None:
    ours = make_inputs(NAMES, [item("tool", observed="seen"), item("tune", observed="seen")])
    told = [item(name, observed="seen", credibility=1) for name in ("tool", "tune")]
    theirs = make_inputs(NAMES, told, knowledge="a" * 64)
    after = {(one.part, one.id): one.after for one in compare(ours, theirs)}
    assert after["item", "tool"] == -1
    assert after["knowledge", "a" * 64] == -1


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
