"""Two labels for one thing share what it would have, and what nothing touches takes of the priors."""

from __future__ import annotations

from typing import Any

from comity.weighing.near_alike import judged_alike
from comity.weighing.shown import show
from tests.weighing.written import item, weighed, written


def of(names: list[str], **judged: float) -> Any:
    told = [
        item(n, origin=n, text=f"sign {n}", cite="", likelihoods=judged | {"unknown": 0.1}) for n in "abc"
    ]
    return weighed(written(*told, hypotheses=[{"id": name} for name in names]))


def test_a_leader_that_is_split_is_told_beside_the_answer() -> None:
    content = of(["Heron", "Otter", "Otter2"], Heron=0.05, Otter=0.6, Otter2=0.59)
    (alike,) = judged_alike(content)
    assert alike.hypotheses == ("Otter", "Otter2")
    assert alike.together > 950_000
    told = "“Otter” and “Otter2” are judged nearly alike throughout: they share what one of them would have, "
    assert any(line.startswith(told) for line in show(content).beside)


def test_who_is_told_apart_by_one_item_is_not() -> None:
    assert judged_alike(of(["Heron", "Otter"], Heron=0.6, Otter=0.4)) == ()
    assert judged_alike(of(["Heron", "Otter", "Wren"], Heron=0.6, others=0.1)) == ()


def test_a_share_beside_a_name_is_a_warning() -> None:
    shown = show(of(["Heron", "Otter", "Wren"], Heron=0.99, Otter=0.2, Wren=0.2))
    if shown.answer == "named":
        assert not any("nearly alike throughout" in line for line in shown.beside)
    assert any("nearly alike throughout" in line for line in shown.warnings)


def test_many_that_no_item_touches_are_told_with_their_prior() -> None:
    dummies = [f"D{n:02}" for n in range(40)]
    shown = show(of(["Heron", *dummies], Heron=0.4, others=0.1))
    told = "No item says anything of 40 of 41 named hypotheses. Before any evidence they have 78.0 % together"
    assert any(line.startswith(told) for line in shown.beside)
