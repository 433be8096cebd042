"""What is left without all that one origin tells."""

from __future__ import annotations

import pytest

from comity.weighing import by_origin
from comity.weighing.by_origin import Left, leave_origins_out, tell_origins
from tests.weighing.written import item, weighed, written

STRONG = {"Heron": 0.9, "unknown": 0.1, "others": 0.1}
SOME = {"Heron": 0.5, "unknown": 0.2, "others": 0.2}


def test_a_source_told_often_is_left_out_whole() -> None:
    often = [item(f"p{n}", origin="partner", text=f"word {n}", likelihoods=STRONG) for n in range(4)]
    own = item("own", origin="log", text="what the log shows", likelihoods=SOME)
    content = weighed(written(*often, own, name_at=0.8))
    (left,) = leave_origins_out(content)
    alone = weighed(written(own, name_at=0.8))
    expected = next(one.posterior for one in alone.result.standings if one.hypothesis == "Heron")
    assert left == Left(origin="partner", items=4, posterior=expected, leader="Heron")
    (line,) = tell_origins(content, [left])
    assert line.startswith(
        "Without all that origin “partner” tells (4 items) cluster “Heron” (“grey heron”) has "
    )
    assert line.endswith("; a name needs 80.0 %.")


def test_where_all_is_of_one_origin_nothing_is_left() -> None:
    content = weighed(written(*(item(f"p{n}", origin="", text=f"{n}") for n in range(3))))
    (left,) = leave_origins_out(content)
    prior = next(one.prior for one in content.result.standings if one.hypothesis == "Heron")
    assert (left.items, left.posterior) == (3, prior)
    (line,) = tell_origins(content, [left])
    assert line == "Without all that declares no origin (3 items) nothing is left: it all comes from there."


def test_who_leads_may_hang_on_an_origin_and_what_does_not_is_not_told() -> None:
    against = [item(f"z{n}", origin="log", text=f"z{n}", likelihoods=STRONG) for n in range(2)]
    for_otter = [
        item(
            f"o{n}",
            origin="press",
            text=f"o{n}",
            likelihoods={"Otter": 0.9, "Heron": 0.02, "unknown": 0.02},
        )
        for n in range(3)
    ]
    content = weighed(written(*against, *for_otter))
    assert content.result.leader == "Otter"
    lines = tell_origins(content, leave_origins_out(content))
    assert lines == (
        "Without all that origin “press” tells (3 items) cluster “Otter” no longer leads alone.",
    )


def test_who_is_only_level_without_an_origin_leads_no_longer_alone() -> None:
    amount = {"Otter": 0.5, "Heron": 0.5, "unknown": 0.1}
    press = [
        item(f"o{n}", origin="press", text=f"o{n}", likelihoods={"Heron": 0.9, "unknown": 0.1, "Otter": 0.1})
        for n in range(2)
    ]
    content = weighed(written(*press, item("z", origin="log", text="z", likelihoods=amount)))
    assert content.result.leader == "Heron"
    (left,) = leave_origins_out(content)
    assert left.leader == "Otter"
    (line,) = tell_origins(content, [left])
    assert line.endswith("no longer leads alone.")


def test_beyond_a_bound_of_work_none_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    content = weighed(written(*(item(f"p{n}", origin="", text=f"{n}") for n in range(3))))
    assert leave_origins_out(content)
    monkeypatch.setattr(by_origin, "CELLS", 1)
    assert leave_origins_out(content) == ()
    (line,) = tell_origins(content, ())
    assert line == "What is left without each origin was not computed here: there is too much of it."


@pytest.mark.parametrize("items", [1, 2])
def test_origins_of_one_item_are_left_out_with_it(items: int) -> None:
    content = weighed(written(*(item(f"i{n}", origin=f"o{n}", text=f"{n}") for n in range(items))))
    assert leave_origins_out(content) == ()
