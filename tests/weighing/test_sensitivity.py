"""The smallest planted set, against trying every set."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings

from comity.weighing.mixture import log_priors, weigh_table
from comity.weighing.planted import find_smallest
from comity.weighing.sensitivity import Found, leader_of, leave_each_out, successor
from comity.weighing.table import Table, make_table
from comity.weighing.values import Hypothesis, Inputs, Parameters, make_inputs
from comity.weighing.weigh import weigh
from tests.weighing.made import item, judged, some_inputs


def searched(inputs: Inputs) -> tuple[Table, Found, int]:
    table = make_table(inputs, None)
    weighed = weigh_table(table, log_priors(inputs.hypotheses, inputs.parameters), inputs.parameters)
    without = leave_each_out(table, weighed, inputs.parameters)
    return table, find_smallest(table, weighed, without, inputs.parameters), leader_of(weighed.total)


def smallest(inputs: Inputs, table: Table, leader: int) -> int:
    """By trying all sets; one more than there are rows where none does it."""
    priors = log_priors(inputs.hypotheses, inputs.parameters)
    for size in range(1, len(table.rows) + 1):
        for rows in itertools.combinations(range(len(table.rows)), size):
            if successor(weigh_table(table.without(rows), priors, inputs.parameters).total, leader) != leader:
                return size
    return len(table.rows) + 1


@settings(max_examples=60)
@given(some_inputs(most=6))
def test_what_is_called_exact_is_smallest_and_bounds_hold(inputs: Inputs) -> None:
    table, found, leader = searched(inputs)
    size = smallest(inputs, table, leader)
    assert found.at_least <= size
    if found.rows:
        assert size <= len(found.rows)
    if found.rows and found.exact:
        assert len(found.rows) == size
    if size <= len(table.rows):
        # So few rows are all tried: a set that exists is found.
        assert found.rows


@pytest.mark.parametrize("count", [3, 8, 30])
def test_as_many_as_it_takes(count: int) -> None:
    names = [Hypothesis(id=name) for name in ("amber", "birch")]
    told = Parameters(deception_prior=0, unknown_prior=1)
    both = [
        item(f"a{n:02d}", "", likelihoods=judged(amber=20_000, unknown=10_000), reliability=1_000_000)
        for n in range(count)
    ]
    (against,) = [item("b", "", likelihoods=judged(birch=20_000, unknown=10_000), reliability=1_000_000)]
    found = weigh(make_inputs(names, [*both, against], told)).planted
    # Amber leads by one factor for each item but one.
    assert len(found.items) == count - 1
    assert found.exact
    assert found.leader == "birch"


def test_a_name_withstands_the_loss_that_was_fixed_beforehand() -> None:
    names = [Hypothesis(id=name) for name in ("amber", "birch")]
    items = [
        item(f"a{n}", f"o{n}", likelihoods=judged(amber=500_000, unknown=5_000), reliability=950_000)
        for n in range(4)
    ]
    for withstand, answer in ((0, "named"), (500_000, "named"), (1_000_000, "not enough evidence")):
        told = Parameters(withstand=withstand)
        result = weigh(make_inputs(names, items, told))
        assert result.answer == answer, (withstand, result.why)
