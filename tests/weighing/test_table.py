"""Copies, corroboration and silence, before anything is weighed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from comity.errors import Malformed
from comity.weighing import FIRST_METHOD
from comity.weighing.table import make_table
from comity.weighing.values import Hypothesis, make_inputs
from tests.weighing.made import item, judged

NAMES = [Hypothesis(id=name) for name in ("amber", "birch")]


TOLD = [
    item("a", "north", observed="x", reliability=900_000, credibility=500_000),
    item("b", "south", observed="x", reliability=800_000, credibility=600_000),
    item("c", "south", observed="y", reliability=800_000),
]


def test_of_two_origins_that_tell_the_same_the_better_account_counts() -> None:
    table = make_table(make_inputs(NAMES, TOLD), None)
    one, other = table.rows
    assert (one.items, one.origins) == (("a", "b"), ("south",))
    assert (one.reliability, one.credibility) == (0.8, 0.6)
    # It stands or falls with what else that origin tells.
    assert (other.observed, table.groups) == ("y", ((0, 2),))
    alike = [replace(one, reliability=800_000, credibility=600_000) for one in TOLD]
    first = make_table(make_inputs(NAMES, alike), None).rows[0]
    assert first.origins == ("south",)


def test_the_first_method_took_two_origins_for_likelier_sound_out_of_their_groups() -> None:
    table = make_table(make_inputs(NAMES, TOLD, method=FIRST_METHOD), None)
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
