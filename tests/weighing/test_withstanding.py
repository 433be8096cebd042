"""What a name withstands: three items of ten where nobody says otherwise, rounded up, told in words."""

from __future__ import annotations

import itertools
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given

from comity.records.kinds_of_weighing import Assess
from comity.weighing import METHOD, PPM, THIRD_METHOD, UNKNOWN
from comity.weighing.compare import compare
from comity.weighing.items_file import parameters_in, parse_items
from comity.weighing.recompute import assess, recompute
from comity.weighing.recorded import inputs_of
from comity.weighing.shown import show
from comity.weighing.values import Inputs, Parameters, borne_by, make_inputs
from comity.weighing.weigh import weigh
from comity.weighing.withstanding import falls_usually, kept_by_planting
from tests.weighing.made import some_inputs
from tests.weighing.written import item, weighed, written

SURE = {"Heron": 0.99, "Otter": 0.005, "unknown": 0.005}
LITTLE = {"Heron": 0.1, "Otter": 0.12, "unknown": 0.1}
TWO = [{"id": "Heron"}, {"id": "Otter"}]


def flag(**changed: Any) -> Assess:
    """One strong item among three, which alone makes a name."""
    told = [
        item(
            f"i{n}",
            origin=f"o{n}",
            text=f"sign {n}",
            cite="",
            reliability="A",
            credibility="1",
            likelihoods=likely,
        )
        for n, likely in enumerate((SURE, LITTLE, LITTLE))
    ]
    return weighed(written(*told, **({"hypotheses": TWO} | changed)))


def by_third(content: Assess) -> Assess:
    """The same inputs by the method before."""
    return assess(
        content.question,
        msgspec.structs.replace(content.method, name=THIRD_METHOD),
        content.hypotheses,
        content.items,
    )


def strong_with(weak: int, **changed: Any) -> Assess:
    """Three items each of which speaks for one, and so many beside them that hardly tell anything."""
    told = [
        item(
            f"i{n}",
            origin=f"o{n}",
            text=f"sign {n}",
            cite="",
            reliability="B" if n < 3 else "E",
            credibility="2" if n < 3 else "5",
            likelihoods={"Heron": 0.9, "Otter": 0.05, "unknown": 0.05} if n < 3 else LITTLE,
        )
        for n in range(3 + weak)
    ]
    return weighed(written(*told, **({"hypotheses": TWO} | changed)))


def test_items_that_tell_hardly_anything_and_keep_a_name_are_told() -> None:
    def padded(content: Assess) -> list[str]:
        return [line for line in show(content).beside if "tell hardly anything" in line]

    assert strong_with(0).result.answer == "named"
    assert padded(strong_with(0)) == []
    for weak in range(1, 9):
        content = strong_with(weak)
        if content.result.answer == "named":
            assert padded(content) == []
            continue
        assert padded(content) == [
            (
                f"{weak} of {3 + weak} items tell hardly anything, and count among what a name has to "
                f"withstand: 1 and not {-(-3 * (3 + weak) // 10)}, were they left out."
            )
        ]
        break
    else:
        raise AssertionError("nothing was padded away")


def test_it_is_three_of_ten_where_nobody_says_otherwise() -> None:
    assert Parameters().withstand == 300_000
    assert flag().method.withstand == 300_000


@pytest.mark.parametrize(
    ("rows", "up", "down"), [(0, 0, 0), (1, 1, 0), (3, 1, 0), (4, 2, 1), (6, 2, 1), (10, 3, 3), (11, 4, 3)]
)
def test_it_is_rounded_up_and_by_the_methods_before_down(rows: int, up: int, down: int) -> None:
    assert borne_by(METHOD, 300_000, rows) == up
    assert borne_by(THIRD_METHOD, 300_000, rows) == down
    assert borne_by(METHOD, 0, rows) == 0
    assert borne_by(METHOD, PPM, rows) == rows


def test_a_name_that_one_planted_item_makes_is_not_given() -> None:
    content = flag()
    assert content.result.answer == "not enough evidence"
    assert kept_by_planting(content)
    told = "if 1 of 3 items were planted (“i0”), cluster “Otter” would lead"
    why = show(content).why
    assert why.startswith("Cluster “Heron” leads with ")
    assert why.endswith(f", but {told}. A name has to withstand the loss of any 1 of 3 items.")
    assert show(content).beside == ()


def test_a_record_of_the_method_before_keeps_its_answer_and_says_how_it_rounds() -> None:
    content = by_third(flag())
    assert content.result.answer == "named"
    assert recompute(content).differs == ()
    assert content.result.inputs != flag().result.inputs
    beside = show(content).beside
    assert (
        f"By {THIRD_METHOD}, an older method, which rounds down what a name has to withstand: the loss of 0 "
        "of 3 items."
    ) in beside
    assert any("does not withstand a planted flag" in line for line in beside)
    # Where rounding does nothing, the method before is none to take care of.
    assert not any("older" in line for line in show(by_third(flag(withstand=0))).beside)
    (method,) = compare(inputs_of(content), inputs_of(flag()))
    assert (method.part, method.answer_before, method.answer_after) == (
        "method",
        "named",
        "not enough evidence",
    )


def test_a_file_of_version_1_states_nothing_unless_it_does() -> None:
    def read(**fields: Any) -> int:
        raw = json.dumps(written(**fields)).encode()
        return parameters_in(parse_items(raw, "items.json")).withstand

    assert read(version=1) == 0
    assert read() == read(version=2) == 300_000
    assert read(version=1, withstand=0.25) == read(withstand=0.25) == 250_000
    assert read(withstand=0) == 0


def test_a_name_that_the_usual_would_not_give_says_so_whatever_its_author_set() -> None:
    content = flag(withstand=0)
    assert content.result.answer == "named"
    assert falls_usually(content)
    (line,) = (one for one in show(content).beside if "planted flag" in one)
    assert line == (
        "This name does not withstand a planted flag: if 1 of 3 items were planted (“i0”), cluster “Otter” "
        "would lead. Usually a name withstands the loss of any 30 % of what is counted; by that none would "
        "be given."
    )


def test_a_bar_that_does_not_alone_keep_a_name_is_not_said_to() -> None:
    """With the usual bar the loss that its author asks for would keep it all the same."""
    told = [item(f"i{n}", origin=f"o{n}", text=f"sign {n}", cite="", likelihoods=SURE) for n in range(4)]

    def beside(**changed: Any) -> tuple[str, ...]:
        content = weighed(written(*told, hypotheses=TWO, name_at=0.999999, **changed))
        assert content.result.answer != "named"
        return show(content).beside

    assert any("by the usual 90 % one would be given" in line for line in beside())
    assert not any("one would be given" in line for line in beside(withstand=1))


def test_a_search_that_was_bounded_stands_beside_a_name() -> None:
    told = [item(f"i{n}", origin=f"o{n}", text=f"sign {n}", cite="", likelihoods=SURE) for n in range(4)]
    content = weighed(written(*told, hypotheses=TWO))
    assert content.result.answer == "named"
    assert not any("not searched" in line for line in show(content).beside)
    planted = msgspec.structs.replace(content.result.planted, exact=False, at_least=2)
    result = msgspec.structs.replace(content.result, planted=planted)
    bounded = msgspec.structs.replace(content, result=result)
    (line,) = (one for one in show(bounded).beside if "not searched" in one)
    assert line == (
        "Whether this name withstands the loss of any 2 items was not searched to the end: 2 items may do."
    )


def test_answers_beside_differences_are_not_used_up_by_searches_that_cost_little() -> None:
    """A search of few rows once counted as a search of the most that there is, and so after five nothing."""
    told = [item(f"i{n}", origin=f"o{n}", text=f"sign {n}", cite="", likelihoods=SURE) for n in range(8)]
    first = weighed(written(*told, hypotheses=TWO))
    second = weighed(written(*[one | {"credibility": "1"} for one in told], hypotheses=TWO))
    found = compare(inputs_of(first), inputs_of(second))
    assert [one.answer_after for one in found] == ["named"] * 8


@given(some_inputs(most=5))
def test_what_is_named_leads_alone_without_any_so_many_rows(inputs: Inputs) -> None:
    result = weigh(inputs)
    if result.answer != "named":
        return
    rows = [one.items for one in result.drivers]
    borne = inputs.borne(len(rows))
    assert borne == -(-inputs.parameters.withstand * len(rows) // PPM)
    assert not 0 < len(result.planted.items) <= borne
    for size in range(1, min(borne, len(rows) - 1) + 1):
        for lost in itertools.combinations(rows, size):
            kept = [one for one in inputs.items if all(one.id not in each for each in lost)]
            left = weigh(make_inputs(inputs.hypotheses, kept, inputs.parameters))
            assert left.leader == result.leader
            assert left.leader != UNKNOWN
