"""Where two assessments differ, both sides are told in their own figures."""

from __future__ import annotations

from comity.weighing.differing import tell_sides, tell_thing
from comity.weighing.recompute import compare_records
from tests.weighing.written import item, weighed, written


def test_each_side_is_told() -> None:
    first = weighed(written(item("a"), item("b", origin="o")))
    second = weighed(
        written(
            item("a", credibility="3"),
            item("c", origin="p"),
            deception_prior=0.2,
            hypotheses=[{"id": "Heron", "weight": 3}, {"id": "Otter", "weight": 2}],
        )
    )
    told = {one.id: tell_sides(one, first, second) for one in compare_records(first, second)}
    assert told["a"] == ("credibility 90.0 %", "credibility 70.0 %")
    assert told["b"] == ("what b shows", "")
    assert told["c"] == ("", "what c shows")
    assert told["deception_prior"] == ("10 %", "20 %")
    assert told["Heron"] == ("weight 1", "weight 3")


def test_likelihoods_are_told_where_they_part() -> None:
    first = weighed(written(item()))
    second = weighed(written(item(likelihoods={"Heron": 0.2, "others": 0.1, "unknown": 0.1})))
    (one,) = compare_records(first, second)
    assert tell_sides(one, first, second) == ("Heron 30.0 to 50.0 %", "Heron 20.0 %")


def test_a_source_is_told_by_the_grades_that_were_written() -> None:
    first = weighed(written(item("a"), item("b"), item("c", origin="", reliability=0.4)))
    second = weighed(
        written(*(item(n, reliability="D") for n in "ab"), item("c", origin="", reliability=0.5))
    )
    bare, gateway = compare_records(first, second)
    assert tell_thing(gateway) == "source gateway"
    assert tell_sides(gateway, first, second) == ("B (90.0 %)", "D (50.0 %)")
    assert tell_thing(bare) == "source of what declares no origin"
    assert tell_sides(bare, first, second) == ("40.0 %", "50.0 %")
