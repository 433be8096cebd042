"""The work of computing an assessment again is told before it is done."""

from __future__ import annotations

import msgspec

from comity.records.kinds_of_weighing import Question
from comity.weighing import SECOND_METHOD
from comity.weighing.effort import ROW, SHOWN, VERIFIED, effort_beside, effort_of, size_of
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


def test_only_what_differs_is_work_beside_another() -> None:
    items = [item(f"i{n}", origin=f"o{n}", text=f"{n}") for n in range(40)]
    first = weighed(written(*items))
    once = effort_beside(first, first)
    assert once < SHOWN / 100
    other = weighed(written(*items[:39], item("new", origin="new", text="new")))
    pairs = len(first.hypotheses) ** 2 + ROW
    assert effort_beside(first, other) - once == 2 * 40 * pairs


def test_questions_whose_origin_repeats_another_are_work_of_their_own() -> None:
    told = [item(f"i{n}", origin=f"o{n}", text=f"{n}") for n in range(9)]
    asks = weighed(written(*(item(f"q{n}", origin="o0", text=f"q{n}") for n in range(5)))).items
    asked = tuple(Question(item=one) for one in asks)
    apart = msgspec.structs.replace(weighed(written(*told)), questions=asked)
    echo = item("echo", origin="o1", observed="i0", text="echo")
    mixed = msgspec.structs.replace(weighed(written(*told, echo)), questions=asked)
    pairs = len(apart.hypotheses) ** 2 + ROW
    assert effort_of(mixed) - effort_of(apart) >= 3 * 5 * 10 * pairs


def test_the_second_method_tried_more_guesses() -> None:
    one = weighed(written(item("a")))
    large = msgspec.structs.replace(one, items=one.items * 1_000, hypotheses=one.hypotheses * 250)
    method = msgspec.structs.replace(one.method, name=SECOND_METHOD)
    assert effort_of(msgspec.structs.replace(large, method=method)) > SHOWN > effort_of(large)
