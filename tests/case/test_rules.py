"""Every numbered rule: what it refuses, and that what comes near it is accepted."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from comity.case import judging, rules
from comity.case.fold import fold
from comity.records import kinds
from tests import world as w
from tests.procedure import play
from tests.rulebook import BREAKS, Break, scene
from tests.world import FullCase, fold_case, full_case

SOURCE = "".join(p.read_text("utf-8") for p in sorted(Path(rules.__file__).parent.glob("rules*.py")))
SOURCE += Path(judging.__file__).read_text("utf-8")
PAGE = (Path(__file__).resolve().parents[2] / "spec" / "05-rules.md").read_text("utf-8")
NEVER_BROKEN = {12, 26}  # their form says all there is to check


@cache
def story() -> FullCase:
    return full_case("rules")


@pytest.mark.parametrize("broken", BREAKS, ids=lambda b: f"{b.rule}-{b.name}")
def test_what_breaks_a_rule_is_refused_with_its_number(broken: Break) -> None:
    s = scene(broken.name)
    record = broken.play(s)
    state = s.state
    assert state.refused.keys() >= {record.value.id}
    refusal = state.refused[record.value.id]
    assert refusal.rule == broken.rule
    assert refusal.why
    # Data, not an exception: the case goes on without it.
    after = s.claimed(s.c)
    assert after.value.id in fold([after], state).accepted


def test_every_rule_has_a_way_to_break_it() -> None:
    numbered = {int(n) for n in re.findall(r'^    """(\d+)\. ', SOURCE, re.MULTILINE)}
    raised = {int(n) for n in re.findall(r"Broken\((\d+),", SOURCE)}
    written = PAGE.split("## 2. ")[1].split("## 4. ")[0]
    assert numbered | {2, 5} == {int(n) for n in re.findall(r"^(\d+)\. ", written, re.MULTILINE)}
    assert {b.rule for b in BREAKS} == (numbered | {2, 5}) - NEVER_BROKEN
    assert raised <= numbered | {5}


def test_every_kind_is_judged() -> None:
    assert set(rules._BY_KIND) == set(kinds.KINDS)


def test_every_kind_of_a_case_is_accepted_in_the_story() -> None:
    state = story().state
    assert not state.refused
    assert not state.waiting
    later = scene("procedure")
    play(later)
    assert not later.state.refused
    assert not later.state.waiting
    said = {*state.by_kind, *later.state.by_kind}
    assert said == set(kinds.KINDS) - kinds.PARTY_KINDS


def test_a_grant_lets_a_later_record_rest_on_what_it_opens() -> None:
    s = scene()
    sealed = s.sealed(s.a, to=[s.b])
    grant = s.say(s.a, kinds.Grant(to=(s.c.id,)), sealed, to=[s.b, s.c])
    stated = s.say(s.a, w.claim(w.on(sealed)), sealed, grant, to=[s.b, s.c])
    state = s.state
    assert not state.refused
    assert stated.value.id in state.accepted
    assert state.readable_by(sealed.value.id, s.c.id)


def test_a_grant_in_a_first_record_does_not_open_the_opening_of_another() -> None:
    s = scene()
    sealed = s.sealed(s.b)
    s.say(s.b, kinds.Grant(to=("e" * 64,)), sealed, s.case.opening)
    state = s.state
    assert not state.refused
    assert "e" * 64 in state.audiences[sealed.value.id]
    assert "e" * 64 not in state.audiences[s.case.opening.value.id]


def test_less_seen_is_allowed_to_readers_who_cannot_tell() -> None:
    """What an author had seen when it wrote to others only is not held against what it writes here."""
    s = scene()
    one, two = s.claimed(s.a), s.claimed(s.a)
    s.claimed(s.b, to=[s.a], seen=[two])
    later = s.claimed(s.b, to=[s.a, s.c], seen=[one])
    assert later.value.id in s.state.accepted


def test_a_record_waits_for_what_it_builds_on_and_is_judged_when_that_comes() -> None:
    s = scene()
    found = s.found(s.a)
    late = [f for f in s.facts if f.value.id != found.value.id]
    rerun = s.say(s.b, w.rerun(found), found)
    state = fold_case(s.case, [*late, rerun])
    assert state.waiting[rerun.value.id].needs == (found.value.id,)
    assert rerun.value.id in fold([found], state).accepted
