"""Attempts to gain by the order of words and acts what the records do not give."""

from __future__ import annotations

from comity.case.clocks import clocks
from comity.case.state import State
from comity.case.support import assertions
from comity.records import bodies, kinds
from comity.records.kinds_of_procedure import Extend, WithdrawRequest
from comity.records.kinds_of_statements import Announce
from tests import world as w
from tests.procedure import amended, announced, later
from tests.rulebook import Scene, scene
from tests.world import DAY, Said, fold_case


def attested(s: Scene) -> State:
    """The state, with every ledger seen now by the two others."""
    actors = [s.a, s.b, s.c]
    s.facts += [one.attest(s.case, [other for other in actors if other is not one]) for one in actors]
    return fold_case(s.case, s.facts)


def test_bait_and_switch() -> None:
    """Endorsed for mild words, amended to strong ones: the endorsement stays with the words it was for."""
    s = scene()
    stated = s.claimed(s.a)
    s.say(s.b, kinds.Endorse(target=w.target(stated), basis="reviewed"), stated)
    stronger = s.say(s.a, amended(stated, "It was certainly done on order."), stated)
    facts = {f.target.record: f for f in assertions(s.state)}
    assert len(facts[stated.value.id].endorsements) == 1
    assert not facts[stronger.value.id].endorsements
    assert facts[stronger.value.id].origins == ()


def test_a_contest_cannot_be_shaken_off_by_amending() -> None:
    """The contest stays on what was contested, which stays readable, marked as amended."""
    s = scene()
    stated = s.claimed(s.a)
    answer = kinds.Response(target=stated.value.id, positions=(kinds.Position(n=0, position="disputes"),))
    s.say(s.b, answer, stated)
    s.say(s.a, amended(stated, "Nearly the same words."), stated)
    first = assertions(s.state)[0]
    assert first.marks == ("amended", "contested")
    assert [c.reasons for c in first.contests] == [False]


def asked_and_agreed(s: Scene) -> Said:
    asked = s.asked(s.a, s.b)
    assert isinstance(asked.value.content, kinds.Request)
    content = kinds.Answer(request=asked.value.id, disposition="accepted", agrees=asked.value.content.due)
    s.say(s.b, content, asked)
    return asked


def test_withdrawing_late_hides_no_lapse() -> None:
    s = scene()
    asked = asked_and_agreed(s)
    s.world.now += 30 * DAY
    proof = s.a.attest(s.case, [s.b, s.c])
    s.facts.append(proof)
    s.say(s.a, WithdrawRequest(request=asked.value.id, reason="Never mind."), asked, proof)  # type: ignore[arg-type]
    (clock,) = clocks(attested(s), s.world.now + DAY)
    assert clock.withdrawn
    assert clock.status == "lapsed"


def test_withdrawing_in_time_leaves_nothing_owed() -> None:
    s = scene()
    asked = asked_and_agreed(s)
    s.say(s.a, WithdrawRequest(request=asked.value.id, reason="Never mind."), asked)
    (clock,) = clocks(attested(s), s.world.now + 60 * DAY)
    assert clock.status == "withdrawn"


def test_time_that_nobody_accepted_moves_no_clock() -> None:
    s = scene()
    asked = asked_and_agreed(s)
    s.say(s.b, Extend(request=asked.value.id, step="proposes", due=later(asked, 90)), asked)
    (clock,) = clocks(attested(s), s.world.now + 60 * DAY)
    assert clock.due == clock.asked_due
    assert (clock.status, clock.extensions[0].answer) == ("lapsed", "open")


def test_whoever_forked_gives_time_and_gains_no_lapse() -> None:
    """Two histories by the asker before it accepted: the time it gave holds, what it would gain does not."""
    s = scene()
    asked = s.asked(s.a, s.b)
    due = later(asked)
    more = s.say(s.b, Extend(request=asked.value.id, step="proposes", due=due), asked)
    s.claimed(s.a)
    s.facts.append(s.a.fork(w.claim(w.cite("another history")), case=s.case))
    content = Extend(request=asked.value.id, step="accepts", proposal=more.value.id, due=due)
    s.say(s.a, content, asked, more)
    (clock,) = clocks(attested(s), s.world.now + 60 * DAY)
    assert bodies.time_text(clock.due) == due
    assert (clock.basis, clock.status) == ("asked", "no-answer-by-time-asked")


def test_a_refusal_after_an_acceptance_takes_nothing_back() -> None:
    s = scene()
    asked = asked_and_agreed(s)
    due = later(asked)
    more = s.say(s.b, Extend(request=asked.value.id, step="proposes", due=due), asked)
    yes = Extend(request=asked.value.id, step="accepts", proposal=more.value.id, due=due)
    s.say(s.a, yes, asked, more)
    no = Extend(request=asked.value.id, step="refuses", proposal=more.value.id, text="No, after all.")
    s.say(s.a, no, asked, more)
    (clock,) = clocks(s.state, s.world.now)
    assert (clock.extensions[0].answer, bodies.time_text(clock.due)) == ("accepted", due)


def test_a_statement_to_everybody_counts_as_publishing_without_notice() -> None:
    from comity.case.clocks import notices

    s = scene()
    stated = s.say(s.a, w.claim(w.cite(), about=[w.about(s.b)]), to=[kinds.PUBLIC])
    text: Announce = announced(stated, without_notice="an operation in progress")
    public = s.say(s.a, text, stated, to=[kinds.PUBLIC])
    (told,) = notices(s.state)
    assert told.published == ((public.value.id, "none", "an operation in progress"),)
