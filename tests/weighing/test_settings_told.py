"""The method and every unusual setting are told with a figure; a lowered bar stands beside a name."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from comity.records.kinds_of_weighing import Assess
from comity.weighing.settings_told import exactly, shared_prior, unusual_settings
from comity.weighing.shown import show
from tests.weighing.written import item, weighed, written

FOR = {"Heron": 0.9, "others": 0.05, "unknown": 0.05}


def of(**changed: Any) -> Assess:
    told = [item(n, origin=n, text=f"sign {n}", cite="", likelihoods=FOR) for n in "abcd"]
    return weighed(written(*told, **({"hypotheses": [{"id": "Heron"}, {"id": "Otter"}]} | changed)))


def by(content: Assess, name: str) -> Assess:
    return msgspec.structs.replace(content, method=msgspec.structs.replace(content.method, name=name))


def test_the_usual_settings_are_said_to_be() -> None:
    limits = show(of()).limits
    assert "All settings are the usual ones." in limits
    assert "Made by the method comity-weigh/4." in limits
    assert unusual_settings(of()) == []


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"tempering": 0.05}, "likelihood ratios raised to the power 0.05 (usual: 1)"),
        ({"withstand": 1}, "what is counted that a name can lose 100 % (usual: 30 %)"),
        ({"name_at": 0.6}, "what a name needs 60 % (usual: 90 %)"),
        ({"unknown_prior": 0.000001}, "prior of an actor that is none of these 0.0001 % (usual: 20 %)"),
        ({"deception_prior": 0}, "prior of planted evidence 0 % (usual: 10 %)"),
        ({"planting": 0.5}, "share planted, where evidence was 50 % (usual: 30 %)"),
    ],
)
def test_a_setting_out_of_the_usual_is_told_beside_the_usual(changed: dict[str, Any], told: str) -> None:
    assert f"Settings of its author that differ from the usual: {told}." in show(of(**changed)).limits


def test_settings_are_told_to_the_last_part() -> None:
    assert exactly(500_001) == "50.0001 %"
    assert exactly(900_000) == "90 %"


def test_weights_are_told_by_their_ratio() -> None:
    told = shared_prior(of(hypotheses=[{"id": "Heron", "weight": 3}, {"id": "Otter", "weight": 2}]))
    assert told.endswith("cluster “Heron” has 1.5 times the weight of cluster “Otter”")
    assert shared_prior(of()) == "the rest equally on 2 named hypotheses"


@pytest.mark.parametrize("name", ["comity-weigh/1", "comity-weigh/2"])
def test_an_older_method_is_told_beside_the_answer(name: str) -> None:
    told = f"By {name}, an older method, in which whoever repeats a thing adds to it; nothing new is made"
    assert any(line.startswith(told) for line in show(by(of(), name)).beside)
    assert not any("older method" in line for line in show(of()).beside)
    assert "By “of-mine/7”, a method that is not known here." in show(by(of(), "of-mine/7")).beside


def test_a_lowered_bar_stands_beside_a_name() -> None:
    low = show(of(name_at=0.6))
    assert "A name needs only 60 % here, as its author set it; 90 % is usual." in low.beside
    faint = show(of(name_at=0.500001, tempering=0.2))
    assert faint.answer == "named"
    told = "A name needs only 50.0001 % here, as its author set it; by the usual 90 % none would be given."
    assert told in faint.beside
    assert not any("A name needs only" in line for line in show(of()).beside)


def test_what_holds_evidence_back_stands_beside_an_answer_that_names_nobody() -> None:
    held = show(of(tempering=0.05))
    assert (
        "Evidence speaks less than it is judged: its author raises each ratio to the power 0.05."
        in held.beside
    )
    planted = show(of(deception_prior=0.999999, planting=0.5))
    assert any("(99.9999 %) that evidence was planted" in line for line in planted.beside)
    nobody = show(of(unknown_prior=0.99))
    assert any("(99 %) that it was none of them" in line for line in (*nobody.beside, *nobody.warnings))
    assert not any("Evidence speaks less" in line for line in show(of(tempering=0.9)).beside)


def test_an_unknown_actor_that_is_all_but_ruled_out_stands_beside_a_name() -> None:
    told = "Before any evidence its author leaves only 0.0001 % for an actor that is none of those named."
    assert told in show(of(unknown_prior=0.000001)).beside
    assert not any("leaves only" in line for line in show(of(unknown_prior=0.05)).beside)


def test_what_a_name_has_to_withstand_is_told_truly() -> None:
    shown = show(of(withstand=1))
    assert shown.why == (
        "Cluster “Heron” leads with 99.9 %, but if 4 of 4 items were planted (“a”, “b”, “c” and “d”), "
        "cluster “Otter” would be level with it. A name has to withstand the loss of any 4 of 4 items."
    )


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"deception_prior": 0}, "Its author leaves no room for planted evidence"),
        ({"planting": 0}, "Its author leaves no room for planted evidence"),
        (
            {"deception_prior": 0.01},
            "Its author leaves hardly any room for planted evidence: 1 % that there is any, then 30 % of it.",
        ),
        (
            {"hypotheses": [{"id": "Heron", "weight": 3}, {"id": "Otter"}]},
            "Before any evidence cluster “Heron” has 60.0 % already: its author gives it 3 times the weight",
        ),
    ],
)
def test_what_leaves_hardly_anything_else_stands_beside_a_name(changed: dict[str, Any], told: str) -> None:
    assert any(line.startswith(told) for line in show(of(**changed)).beside)
    assert not any(line.startswith(told) for line in show(of()).beside)


def test_a_bar_that_alone_keeps_a_name_stands_beside_the_answer() -> None:
    shown = show(of(name_at=0.999999))
    assert shown.answer != "named"
    told = "A name needs 99.9999 % here, as its author set it; by the usual 90 % one would be given."
    assert told in shown.beside


def test_priors_that_name_stand_in_the_headline() -> None:
    weights = [{"id": "Heron", "weight": 400}, {"id": "Otter"}]
    shown = show(of(hypotheses=weights, unknown_prior=0.01))
    assert shown.headline.endswith(" %, which its author’s priors give before any item")


def test_items_that_nobody_believes_stand_beside_the_answer() -> None:
    told = [item(n, origin=n, text=f"sign {n}", cite="", likelihoods=FOR, reliability=0.01) for n in "abcd"]
    shown = show(weighed(written(*told)))
    assert shown.answer != "named"
    assert any(
        line.startswith("Its author believes no item: of the best graded one") for line in shown.beside
    )


def test_a_name_without_a_rival_is_told_and_nothing_is_told_twice() -> None:
    alone = [
        item(n, origin=n, text=f"sign {n}", cite="", likelihoods={"Heron": 0.9, "unknown": 0.05})
        for n in "abc"
    ]
    three = [{"id": "Heron"}, {"id": "Otter"}, {"id": "Wren"}]
    shown = show(weighed(written(*alone, hypotheses=three)))
    assert shown.answer == "named"
    assert (
        "Of 3 named hypotheses only cluster “Heron” is judged much otherwise than an actor that is none of "
        "them: no item holds it against another." in shown.beside
    )
    assert not any("No item says anything of" in line for line in (*shown.beside, *shown.warnings))
    straw = [one | {"likelihoods": one["likelihoods"] | {"Otter": 0.055, "Wren": 0.05}} for one in alone]
    assert any("only cluster" in line for line in show(weighed(written(*straw, hypotheses=three))).beside)
    held = [one | {"likelihoods": one["likelihoods"] | {"Otter": 0.1}} for one in alone]
    rivals = show(weighed(written(*held, hypotheses=three)))
    assert rivals.answer == "named"
    assert not any("only cluster" in line for line in rivals.beside)
