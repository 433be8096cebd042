"""The search for planted sets: bounded, and true within its bounds."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings

from comity.errors import Malformed, Refused
from comity.weighing import FIRST_METHOD, PPM
from comity.weighing import planted as module
from comity.weighing.effort import TABLE_LIMIT
from comity.weighing.mixture import log_priors, weigh_table, weigh_without
from comity.weighing.sensitivity import leader_of, leave_each_out, successor
from comity.weighing.table import make_table
from comity.weighing.values import Hypothesis, Inputs, Parameters, make_inputs
from comity.weighing.weigh import weigh
from tests.weighing.made import item, judged, some_inputs

TWO = [Hypothesis(id="amber"), Hypothesis(id="birch")]


def leaning(count: int, *, origin: str = "", method: str = "comity-weigh/2") -> Inputs:
    """All for amber, a little, of an origin each or of one."""
    lean = judged(amber=600_000, birch=500_000, unknown=500_000)
    items = [item(f"i{n:03}", origin or f"o{n}", likelihoods=lean) for n in range(count)]
    return make_inputs(TWO, items, method=method)


def test_one_search_of_all_sizes_is_bounded_whatever_the_record_says(monkeypatch: pytest.MonkeyPatch) -> None:
    most = 0
    spend = module._Search._spend

    def counting(self: module._Search, cells: int) -> None:
        nonlocal most
        spend(self, cells)
        most = max(most, self.work)

    monkeypatch.setattr(module._Search, "_spend", counting)
    for count, origin in ((16, ""), (40, "one"), (500, "one"), (1000, "")):
        result = weigh(leaning(count, origin=origin))
        assert len(result.planted.items) == count
        assert 1 < result.planted.at_least <= count
        assert result.planted.exact is (result.planted.at_least == count)
        assert result.planted.level
    assert most <= module.WORK


@settings(max_examples=40)
@given(some_inputs(most=6))
def test_without_work_left_the_bounds_still_hold(inputs: Inputs) -> None:
    table = make_table(inputs, None)
    weighed = weigh_table(table, log_priors(inputs.hypotheses, inputs.parameters), inputs.parameters)
    leader = leader_of(weighed.total)
    sizes = (
        size
        for size in range(1, len(table.rows) + 1)
        for rows in itertools.combinations(range(len(table.rows)), size)
        if successor(weigh_without(table, weighed, rows, inputs.parameters), leader) != leader
    )
    smallest = next(sizes, len(table.rows) + 1)
    without = leave_each_out(table, weighed, inputs.parameters)
    for work, limit in ((0, TABLE_LIMIT), (module.WORK, 0)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "WORK", work)
            patch.setattr(module, "TABLE_LIMIT", limit)
            found = module.find_smallest(table, weighed, without, inputs.parameters)
        assert found.at_least <= smallest
        assert not found.rows or len(found.rows) >= smallest
        assert not found.exact or (found.at_least == smallest)


@settings(max_examples=40)
@given(some_inputs(most=6))
def test_what_the_first_method_found_is_found(inputs: Inputs) -> None:
    table = make_table(inputs, None)
    weighed = weigh_table(table, log_priors(inputs.hypotheses, inputs.parameters), inputs.parameters)
    without = leave_each_out(table, weighed, inputs.parameters)
    leader = leader_of(weighed.total)
    found = module.find_as_first(table, weighed, without, inputs.parameters)
    if len(found.rows) < 2 or not found.exact:
        return
    tried = itertools.combinations(range(len(table.rows)), len(found.rows))
    first = next(
        rows
        for rows in tried
        if successor(weigh_without(table, weighed, rows, inputs.parameters), leader) != leader
    )
    # A set that was guessed, of the same size, stands where it was guessed.
    assert first <= found.rows
    assert not found.level


@pytest.mark.parametrize("count", [3, 5, 8])
def test_the_first_method_found_sets_of_several_rows(count: int) -> None:
    inputs = leaning(count, origin="one", method=FIRST_METHOD)
    table = make_table(inputs, None)
    weighed = weigh_table(table, log_priors(inputs.hypotheses, inputs.parameters), inputs.parameters)
    without = leave_each_out(table, weighed, inputs.parameters)
    found = module.find_as_first(table, weighed, without, inputs.parameters)
    # All lean alike: as long as one is left, amber leads.
    assert (found.rows, found.exact) == (tuple(range(count)), True)


def test_where_the_first_method_tried_too_many_its_record_is_not_computed_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert weigh(leaning(12, origin="one", method=FIRST_METHOD)).planted.exact
    monkeypatch.setattr(module, "WORK", 0)
    with pytest.raises(Refused) as error:
        weigh(leaning(12, origin="one", method=FIRST_METHOD))
    assert error.value.code == "weighing.work"


def test_level_is_not_ahead() -> None:
    ahead = judged(amber=500_000, birch=200_000, unknown=100_000)
    back = judged(amber=200_000, birch=500_000, unknown=100_000)
    both = [item(name, name, likelihoods=ahead) for name in "ab"] + [item("c", "c", likelihoods=back)]
    drivers = {one.items: one for one in weigh(make_inputs(TWO, both)).drivers}
    assert (drivers[("a",)].leader, drivers[("a",)].level) == ("birch", True)
    assert (drivers[("c",)].leader, drivers[("c",)].level) == ("amber", False)
    before = weigh(make_inputs(TWO, both, method=FIRST_METHOD))
    assert not any(one.level for one in before.drivers)
    strong = item("d", "d", likelihoods=judged(amber=900_000, birch=1_000, unknown=100_000))
    one = weigh(make_inputs(TWO, [strong, item("e", "e", likelihoods=back)])).planted
    assert (one.items, one.leader, one.level) == (("d",), "birch", False)


def test_no_two_can_be_named() -> None:
    same = [item("a", likelihoods=judged(amber=200_000, birch=200_000, unknown=100_000))]
    told = Parameters(unknown_prior=1, deception_prior=0, name_at=PPM // 2)
    with pytest.raises(Malformed) as error:
        make_inputs(TWO, same, told)
    assert error.value.where == "parameters.name_at"
    assert make_inputs(TWO, same, told, method=FIRST_METHOD).digest
    told = Parameters(unknown_prior=1, deception_prior=0, name_at=PPM // 2 + 1)
    assert weigh(make_inputs(TWO, same, told)).answer == "not enough evidence"
