"""Copies, corroboration and silence, before anything is weighed."""

from __future__ import annotations

import pytest

from comity.errors import Malformed
from comity.weighing.table import make_table
from comity.weighing.values import Hypothesis, make_inputs
from tests.weighing.made import item, judged

NAMES = [Hypothesis(id=name) for name in ("amber", "birch")]


def test_two_origins_that_tell_the_same_are_one_row_that_is_likelier_sound() -> None:
    told = [
        item("a", "north", observed="x", reliability=900_000, credibility=500_000),
        item("b", "south", observed="x", reliability=800_000, credibility=600_000),
        item("c", "south", observed="y", reliability=800_000),
    ]
    table = make_table(make_inputs(NAMES, told), None)
    joined = next(row for row in table.rows if row.observed == "x")
    assert joined.items == ("a", "b")
    assert joined.origins == ("north", "south")
    assert joined.reliability == pytest.approx(1 - 0.1 * 0.2)
    assert joined.credibility == pytest.approx(1 - 0.5 * 0.4)
    assert len(table.groups) == 2


def test_what_is_undeclared_stands_or_falls_together() -> None:
    table = make_table(make_inputs(NAMES, [item("a", ""), item("b", "")]), None)
    assert table.groups == ((0, 2),)


def test_two_origins_that_tell_the_same_are_judged_alike_or_refused() -> None:
    told = [
        item("a", "north", observed="x"),
        item("b", "south", observed="x", likelihoods=judged(birch=9, unknown=8)),
    ]
    with pytest.raises(Malformed) as caught:
        make_table(make_inputs(NAMES, told), None)
    assert caught.value.code == "weighing.contradiction"
    assert caught.value.where == "items/b"


def test_a_point_is_the_geometric_mean_and_a_ratio_is_to_the_unknown() -> None:
    one = item("a", likelihoods=judged(amber=(100_000, 400_000), unknown=50_000))
    table = make_table(make_inputs(NAMES, [one]), None)
    assert table.point[0].tolist() == pytest.approx([4.0, 1.0])
    assert (table.low[0, 0], table.high[0, 0]) == pytest.approx((2.0, 8.0))
