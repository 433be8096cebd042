"""A posterior is lent to the wording of what it is of, and of nothing else."""

from __future__ import annotations

import sys

import msgspec
import pytest

from comity.records.kinds import Assess, Target
from comity.statements.standing import gather_standings, lends
from comity.statements.ties import Lent
from tests import world as w
from tests.weighing.told_cases import Told, forged, strong

CLUSTER = "Cluster Heron exported the mailboxes."


def lent_to(text: str, content: Assess, later: Assess | None = None, **claim: object) -> Lent | None:
    told = Told(text)
    stated = told.say(w.claim(text=text, **claim))  # type: ignore[arg-type]
    about = Target(record=stated.value.id, n=0)
    for one in filter(None, (content, later)):
        told.say(msgspec.structs.replace(one, about=about), stated)
    parties = ("Alder Office", "Birch Office")
    behind = gather_standings(told.state, stated.value.id, parties=parties)
    (found,) = (one.lent for one in behind.standings if one.record == stated.value.id)
    return found


def test_the_named_cluster_lends_its_figure_to_a_sentence_about_it() -> None:
    content = strong()
    stands = next(one for one in content.result.standings if one.hypothesis == "Heron")
    assert content.result.answer == "named"
    assert lent_to(CLUSTER, content) == Lent(cluster="Heron", low=stands.low, high=stands.high)


@pytest.mark.parametrize(
    "text",
    [
        "The Republic of Veldmark exported the mailboxes.",
        "Cluster Heron of the Republic of Veldmark exported the mailboxes.",
        "Cluster Heron, a unit of Norway, exported the mailboxes.",
        "Cluster Heron of the Birch people exported the mailboxes.",
        "Cluster Otter exported the mailboxes.",
        "Cluster Heron or cluster Otter exported the mailboxes.",
        "Cluster Heron did not export the mailboxes.",
        "The Herons exported the mailboxes.",
        "Cluster Heron-2 exported the mailboxes.",
        "An actor exported the mailboxes.",
    ],
)
def test_no_other_sentence_is_lent_anything(text: str) -> None:
    assert lent_to(text, strong()) is None


@pytest.mark.parametrize(
    "text", ["cluster HERON was behind it", "Ｈｅｒｏｎ was behind it", "导出邮箱的是Heron集群", "“Heron”."]
)
def test_a_label_is_found_in_whatever_width_case_and_script(text: str) -> None:
    assert lends(strong(), text)


def test_a_denial_and_a_sentence_about_a_party_are_lent_nothing() -> None:
    told = Told("about")
    assert lent_to(CLUSTER, strong(), about=[w.about(told.b)]) is None
    first = told.say(w.claim(text=CLUSTER))
    denied = told.say(
        w.claim(text="Cluster Heron exported it.", stance="denies", against=w.target(first)), first, by=told.b
    )
    content = msgspec.structs.replace(strong(), about=w.target(denied))
    told.say(content, denied, by=told.b)
    behind = gather_standings(told.state, parties=())
    assert [one.lent for one in behind.standings] == [None, None]


def test_a_forged_result_and_one_that_names_nobody_lend_nothing() -> None:
    weak = strong(heron=0.06)
    assert weak.result.answer != "named"
    assert lent_to(CLUSTER, weak) is None
    assert lent_to(CLUSTER, forged(weak)) is None
    # What its author weighed last counts, were it that nobody is named.
    assert lent_to(CLUSTER, strong(), later=weak) is None


def test_what_was_not_computed_is_counted() -> None:
    told = Told("uncomputed")
    stated = told.say(w.claim(text=CLUSTER))
    about = Target(record=stated.value.id, n=0)
    told.say(msgspec.structs.replace(strong(), about=about), stated)
    for found, count in ((None, 1), (False, 0), (True, 0)):
        behind = gather_standings(told.state, parties=(), reproduced=lambda *_, found=found: found)
        assert behind.uncomputed == count
        assert (behind.standings[0].lent is not None) == (found is True)


def test_nothing_is_lent_where_nothing_was_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    content = strong()
    monkeypatch.setitem(sys.modules, "comity.weighing.recompute", None)
    assert lent_to(CLUSTER, content) is None
    monkeypatch.undo()
    monkeypatch.setattr("comity.statements.standing.SHOWN", 1)
    assert lent_to(CLUSTER, content) is None
