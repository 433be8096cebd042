"""The work of computing an assessment again is told before it is done."""

from __future__ import annotations

import msgspec

from comity.weighing.effort import SHOWN, VERIFIED, effort_of, size_of
from tests.weighing.written import item, weighed, written


def test_work_grows_with_rows_and_with_pairs_of_hypotheses() -> None:
    one = weighed(written(item("a")))
    two = weighed(written(item("a"), item("b", origin="desk")))
    assert effort_of(two) >= 2 * effort_of(one)
    wide = msgspec.structs.replace(one, hypotheses=one.hypotheses * 500)
    assert effort_of(wide) > 50 * effort_of(one)
    assert size_of(wide) == "1 item × 1,000 hypotheses"


def test_a_thousand_items_under_five_hundred_hypotheses_are_computed_again_everywhere() -> None:
    one = weighed(written(item("a")))
    large = msgspec.structs.replace(one, items=one.items * 1_000, hypotheses=one.hypotheses * 250)
    assert effort_of(large) <= SHOWN < VERIFIED
