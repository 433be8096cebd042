"""What is found of the same items by several marks is one fault, told once."""

from __future__ import annotations

from typing import Any

import pytest

from comity.weighing.told_again import told_again
from tests.weighing.written import item, weighed, written

WORDS = "The stolen plans were packed with one tool of a partner"


def told(*items: dict[str, Any]) -> list[str]:
    return list(told_again(weighed(written(*items))))


def test_one_report_by_two_spellings_of_one_source_is_told_once() -> None:
    items = [
        item("a", origin="Vendor A", text=WORDS, cite="Page 3"),
        item("b", origin="vendor-a", text=WORDS, cite="page 3"),
        item("c", origin="press", text=f"{WORDS} again", cite=""),
    ]
    (line,) = told(*items)
    assert line.startswith("“a”, “b” and “c” are told in nearly the same words and counted as 3 things seen.")
    assert line.endswith(
        "Besides: the origins “Vendor A” and “vendor-a” look alike; “a” and “b” say the same words; “a” and "
        "“b” cite the same, “Page 3”."
    )


def test_what_is_found_of_a_few_of_many_is_told_apart() -> None:
    items = [item(f"i{n}", origin=f"o{n}", text=f"{n} {n}", cite="Page 3") for n in range(6)]
    items[0]["text"] = items[1]["text"] = "the same"
    first, second = told(*items)
    assert "cite the same" in first
    assert second.startswith("“i0” and “i1” say the same words")


@pytest.mark.parametrize("longer", ["Vendor A Ltd", "vendor a blog", "Vendor A (press)"])
def test_an_origin_that_begins_with_another_is_told(longer: str) -> None:
    items = [item("a", origin="Vendor A", text="one", cite=""), item("b", origin=longer, text="two", cite="")]
    (line,) = told(*items)
    assert line.startswith("The origins “Vendor A” and ")
    assert " begin alike and are counted as 2." in line


@pytest.mark.parametrize(
    ("one", "other"), [("desk", "desk 2"), ("log", "log of mail"), ("Vendor", "Vendors"), ("host", "host b")]
)
def test_origins_that_a_number_or_a_letter_tells_apart_are_left_alone(one: str, other: str) -> None:
    assert (
        told(item("a", origin=one, text="one", cite=""), item("b", origin=other, text="two", cite="")) == []
    )


def test_weak_groups_by_one_mark_push_out_no_other() -> None:
    """The pair that carries the name says the same words; many weak items, judged alike, are in front."""
    weak = {"Heron": 0.6, "Otter": 0.5, "unknown": 0.5}
    items = [
        item(
            f"w{n}{k}",
            origin=f"w{n}",
            text=f"w{n}{k}",
            cite="",
            likelihoods=weak | {"Otter": (50 - 5 * n) / 100},
        )
        for n in range(8)
        for k in range(3)
    ]
    strong = {"Heron": 0.9, "Otter": 0.05, "unknown": 0.01}
    items += [
        item(f"s{n}", origin=f"s{n}", text="The stolen plans were packed", cite="", likelihoods=strong)
        for n in range(2)
    ]
    made = weighed(written(*items, hypotheses=[{"id": "Heron"}, {"id": "Otter"}]))
    told = list(told_again(made))
    assert told[0].startswith("“s0” and “s1” say the same words")
    assert told[-1] == "3 more groups of items may be one thing told several times."
