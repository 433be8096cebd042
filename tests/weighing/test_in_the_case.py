"""What the records of a case say beside an assessment."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from comity.records import kinds
from comity.records.kinds import Assess
from comity.weighing.in_the_case import call_by_id, place_in_case, tell_before, tell_sources
from comity.weighing.shown import show
from tests import world as w
from tests.weighing.told_cases import Told, strong
from tests.weighing.written import item, weighed, written
from tests.world import Said


def resting_on(content: Assess, record: Said) -> Assess:
    items = tuple(msgspec.structs.replace(one, record=record.value.id, cite="") for one in content.items[:2])
    return msgspec.structs.replace(content, items=(*items, *content.items[2:]))


def close() -> Assess:
    """Enough for a name at 60 %, and not at 90 %."""
    told = {"Heron": 0.5, "Otter": 0.1, "unknown": 0.1}
    return weighed(
        written(item("a", likelihoods=told, reliability="A", credibility="1"), name_at=0.9, withstand=0)
    )


def lowered(content: Assess) -> Assess:
    told = {"Heron": 0.5, "Otter": 0.1, "unknown": 0.1}
    leader = next(one for one in content.result.standings if one.hypothesis == content.result.leader)
    return weighed(
        written(
            item("a", likelihoods=told, reliability="A", credibility="1"),
            name_at=(leader.low - 1) / 1_000_000,
            withstand=0,
        )
    )


def test_a_bar_that_was_lowered_after_an_answer_is_told_with_both_answers() -> None:
    told = Told("lowered")
    first = close()
    assert (first.result.answer, first.result.leader) == ("not enough evidence", "Heron")
    second = lowered(first)
    assert second.result.answer == "named"
    signed = told.say(first)
    lines = tell_before(second, told.state, told.a.id, call_by_id)
    assert len(lines) == 2
    assert lines[0].startswith(
        f"Before, its author answered otherwise ({signed.value.id[:12]}…: not enough evidence). Changed "
        "since: what a name needs: 90 % → "
    )
    assert "lowered after an answer was signed" in lines[1]
    # Of what is signed, only what came before counts as before; the first one tells of the later one.
    again = told.say(second)
    assert tell_before(second, told.state, told.a.id, call_by_id, again.value.id) == lines
    (later,) = tell_before(first, told.state, told.a.id, call_by_id, signed.value.id)
    assert (
        later
        == f"Later, its author answered otherwise ({again.value.id[:12]}…: cluster “Heron” (“grey heron”))."
    )
    # Another author's is no change of mind.
    assert tell_before(second, told.state, told.b.id, call_by_id) == ()


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"deception_prior": 0}, "prior of planted evidence: 10 % → 0 %"),
        ({"unknown_prior": 0.000001}, "prior of an actor that is none of these: 20 % → 0.0001 %"),
        ({"tempering": 0.9}, "power of the likelihood ratios: 100 % → 90 %"),
        (
            {"hypotheses": [{"id": "Heron", "name": "grey heron", "weight": 1000}, {"id": "Otter"}]},
            "prior weights: “Heron” 1 → 1,000, “Otter” 2 → 1",
        ),
    ],
)
def test_other_settings_are_told_even_with_the_same_answer(fields: dict[str, Any], says: str) -> None:
    told = Told(says)
    told.say(strong())
    line = tell_before(strong(**fields), told.state, told.a.id, call_by_id)[0]
    assert "with other settings" in line
    assert says in line


def test_evidence_that_was_left_out_is_told_where_the_answer_turned() -> None:
    told = Told("left out")
    graded = {"reliability": "A", "credibility": "1"}
    away = {"Heron": 0.001, "Otter": 0.9, "unknown": 0.9}
    against = [item(f"night {n}", likelihoods=away, origin=f"log {n}", **graded) for n in range(3)]
    kept = [
        item(f"i{n}", likelihoods={"Heron": 0.9, "Otter": 0.05, "unknown": 0.05}, **graded) for n in range(2)
    ]
    before, now = weighed(written(*kept, *against, name_at=0.6)), weighed(written(*kept, name_at=0.6))
    assert (before.result.leader, now.result.leader) == ("Otter", "Heron")
    told.say(before)
    line = tell_before(now, told.state, told.a.id, call_by_id)[0]
    assert "items left out: “night 0”, “night 1” and “night 2”" in line


def test_the_same_again_and_another_matter_tell_nothing() -> None:
    told = Told("same")
    told.say(strong())
    assert tell_before(strong(), told.state, told.a.id, call_by_id) == ()
    other = strong(
        question="Who wrote the note?", hypotheses=[{"id": "Heron"}, {"id": "Otter"}], name_at=0.5001
    )
    renamed = msgspec.structs.replace(
        other,
        hypotheses=tuple(msgspec.structs.replace(one, id=f"{one.id} two") for one in other.hypotheses),
    )
    assert tell_before(renamed, told.state, told.a.id, call_by_id) == ()


def test_of_many_before_only_the_newest_are_told_one_by_one() -> None:
    told = Told("many")
    for n in range(5):
        told.say(strong(name_at=0.9 - n / 100))
    lines = tell_before(strong(name_at=0.95), told.state, told.a.id, call_by_id)
    assert len(lines) == 4
    assert lines[-1] == "2 more such assessments by the same author stand before."


def test_the_same_evidence_under_another_question_is_the_same_matter() -> None:
    """To ask anew in other words would else hide what was answered before."""
    told = Told("reworded")
    signed = told.say(strong(name_at=0.999999))
    now = strong(question="By whom was it done?", name_at=0.6)
    first, second = tell_before(now, told.state, told.a.id, call_by_id)
    assert first.startswith(f"Before, its author answered otherwise ({signed.value.id[:12]}…: not enough")
    assert "question: “Which cluster was behind the entry?” → “By whom was it done?”" in first
    assert "lowered after an answer was signed" in second
    # One item that both have makes it no matter of both.
    other = msgspec.structs.replace(now, items=now.items[:1])
    assert tell_before(other, told.state, told.a.id, call_by_id) == ()


def test_assessments_are_counted_and_not_their_lines() -> None:
    told = Told("counted")
    told.say(weighed(written(item("knock"), item("step", text="a step"), question="Who knocked?")))
    for n in range(4):
        told.say(strong(name_at=0.9 - n / 100))
    lines = tell_before(strong(name_at=0.7), told.state, told.a.id, call_by_id)
    # Each of the three that are told has a line of its own on the bar that was lowered.
    assert len(lines) == 7
    assert sum("lowered after an answer was signed" in line for line in lines) == 3
    assert lines[-1] == "1 more such assessment by the same author stands before."


def test_one_cluster_asked_about_two_things_is_no_change_of_mind() -> None:
    told = Told("two matters")
    first = close()
    told.say(first)
    second = msgspec.structs.replace(lowered(first), question="Who wrote the note?")
    assert tell_before(second, told.state, told.a.id, call_by_id) == ()
    again = msgspec.structs.replace(second, question=f" {first.question.upper()}  ")
    assert len(tell_before(again, told.state, told.a.id, call_by_id)) == 2


def test_a_claim_that_was_withdrawn_corrected_or_contested_is_told() -> None:
    told = Told("claims")
    stated = told.say(w.claim())
    content = resting_on(strong(), stated)
    assert tell_sources(content, told.state, call_by_id) == ()
    disputes = kinds.Position(n=0, position="disputes", reasons="It was another.")
    reply = told.say(kinds.Response(target=stated.value.id, positions=(disputes,)), stated, by=told.b)
    (line,) = tell_sources(content, told.state, call_by_id)
    assert line == (
        f"Rests on {stated.value.id[:12]}… (“item 0” and “item 1”): assertion 1 of it is contested "
        f"({reply.value.id[:12]}…)."
    )
    taken = told.say(kinds.Withdraw(target=stated.value.id, assertions=(0,), reason="Wrong."), stated)
    first, _ = tell_sources(content, told.state, call_by_id)
    assert first.endswith(f": its author withdrew assertion 1 of it ({taken.value.id[:12]}…).")
    placed = place_in_case(show(content), content, told.state, told.a.id, call_by_id)
    assert placed.beside[0] == first


def test_a_finding_that_came_out_otherwise_is_told() -> None:
    told = Told("finding")
    of = w.item("log")
    sealed = told.say(w.seal(of))
    found = told.say(w.report(of), sealed)
    content = resting_on(strong(), found)
    told.say(w.rerun(found, "different"), found, by=told.b)
    (line,) = tell_sources(content, told.state, call_by_id)
    assert "run again, this finding came out different" in line


def test_a_finding_run_over_something_else_is_told_with_cause_and_part() -> None:
    told = Told("finding")
    of = w.item("log")
    sealed = told.say(w.seal(of))
    found = told.say(w.report(of), sealed)
    content = resting_on(strong(), found)
    otherwise = msgspec.structs.replace(w.rerun(found, "different", cause="parameters"), part="zone")
    told.say(otherwise, found, by=told.b)
    (line,) = tell_sources(content, told.state, call_by_id)
    assert "run again otherwise (parameters, zone), this finding came out different" in line
