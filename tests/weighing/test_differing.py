"""Where two assessments differ, both sides are told in their own figures."""

from __future__ import annotations

import pytest

from comity.weighing import compare
from comity.weighing.differing import by_effect, tell_effect, tell_sides, tell_thing, turns
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
    assert tell_sides(one, first, second) == ("“Heron” 30.0 to 50.0 %", "“Heron” 20.0 %")


def test_a_source_is_told_by_the_grades_that_were_written() -> None:
    first = weighed(written(item("a"), item("b"), item("c", origin="", reliability=0.4)))
    second = weighed(
        written(*(item(n, reliability="D") for n in "ab"), item("c", origin="", reliability=0.5))
    )
    bare, gateway = compare_records(first, second)
    assert tell_thing(gateway) == "source “gateway”"
    assert tell_sides(gateway, first, second) == ("B (90.0 %)", "D (50.0 %)")
    assert tell_thing(bare) == "source of what declares no origin"
    assert tell_sides(bare, first, second) == ("40.0 %", "50.0 %")


def test_a_bar_that_turns_the_answer_is_told_before_whatever_changes_a_figure() -> None:
    """In both directions, though no figure changes by it."""
    likelihoods = {"Heron": 0.9, "Otter": 0.05, "unknown": 0.05}
    strict = weighed(written(item("a", likelihoods=likelihoods), name_at=0.999999, withstand=0))
    loose = weighed(
        written(
            item("a", likelihoods=likelihoods),
            name_at=0.500001,
            planting=0.2,
            deception_prior=0.11,
            withstand=0,
        )
    )
    assert (strict.result.answer, loose.result.answer) == ("not enough evidence", "named")
    for first, second, told in (
        (strict, loose, "the answer turns: not enough evidence → names cluster “Heron”"),
        (loose, strict, "the answer turns: names cluster “Heron” → not enough evidence"),
    ):
        found = by_effect(compare_records(first, second))
        assert found[0].id == "name_at"
        assert (found[0].before, turns(found[0])) == (found[0].after, True)
        assert told in tell_effect(found[0])
        assert "turns" not in tell_effect(found[1])


def test_a_share_of_items_that_a_name_must_survive_turns_the_answer() -> None:
    told = {"Heron": 0.9, "Otter": 0.05, "unknown": 0.05}
    items = [item(f"i{n}", likelihoods=told, origin=f"o{n}") for n in range(3)]
    first, second = weighed(written(*items)), weighed(written(*items, withstand=1))
    assert (first.result.answer, second.result.answer) == ("named", "not enough evidence")
    (there,), (back,) = compare_records(first, second), compare_records(second, first)
    assert (there.answer_after, back.answer_after) == ("not enough evidence", "named")


def test_an_item_that_names_another_cluster_turns_the_answer() -> None:
    graded = {"reliability": "A", "credibility": "1"}
    heron = {"Heron": 0.9, "Otter": 0.001, "unknown": 0.001}
    otter = {"Heron": 0.001, "Otter": 0.9, "unknown": 0.001}
    changed = {"deception_prior": 0.000001, "withstand": 0}
    first = weighed(written(item("a", likelihoods=heron, **graded), **changed))
    second = weighed(written(item("a", likelihoods=otter, **graded), **changed))
    (one,) = compare_records(first, second)
    assert tell_effect(one).endswith("the answer turns: names cluster “Heron” → names cluster “Otter”")


def test_answers_beyond_the_work_that_is_done_for_them_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "ANSWERED", 0)
    first, second = weighed(written()), weighed(written(name_at=0.5001))
    (one,) = compare_records(first, second)
    assert (one.answer_before, one.answer_after, turns(one)) == ("", "", False)
    assert "whether the answer turns was not computed" in tell_effect(one)
