"""Attacks on what a reader is told: unfair clocks, notices that nobody got, numbers too large."""

from __future__ import annotations

import inspect
import sys

from comity.case.clocks import clocks, notices
from comity.case.support import assertions
from comity.records import kinds
from comity.records.kinds import Named
from tests import world as w
from tests.case.test_clocks import Asked
from tests.rulebook import Scene, item_of, scene
from tests.world import DAY, Actor, Said, fold_case


def test_a_time_that_had_passed_when_it_was_asked_for() -> None:
    """Silence, and even an answer, is never late for such an instant, agreed to or not."""
    for agreed in (False, True):
        s = scene(f"past {agreed}")
        due = s.world.now - DAY
        request = s.say(s.a, w.request(s.b, due))
        if agreed:
            stated = request.value.content
            assert isinstance(stated, kinds.Request)
            s.say(
                s.b,
                kinds.Answer(request=request.value.id, disposition="accepted", agrees=stated.due),
                request,
            )
        (clock,) = clocks(s.state, s.world.now + DAY)
        assert clock.status == "due-before-asked"
        s.say(s.b, kinds.Answer(request=request.value.id, disposition="fulfilled"), request)
        (clock,) = clocks(s.state, s.world.now + DAY)
        assert clock.status == "due-before-asked"


def test_a_request_that_is_backdated_to_before_its_time() -> None:
    """It claims an early time and cites a checkpoint that was seen after the instant it asks for."""
    asked = Asked()
    cited = asked.prove(asked.s.b, asked.due + DAY)
    content = w.request(asked.s.b, asked.due)
    early = asked.due - 3 * DAY
    asked.s.facts.append(asked.s.a.say(content, case=asked.s.case, references=[cited], at=early))
    state = fold_case(asked.s.case, [*asked.s.facts, *asked.proofs])
    first, second = clocks(state, asked.due + 9 * DAY)
    assert (first.status, second.status) == ("no-answer-by-time-asked", "due-before-asked")


def test_an_agreed_time_is_not_undone_by_a_late_refusal() -> None:
    asked = Asked()
    asked.agree()
    cited = asked.prove(asked.s.a, asked.due + 1)
    content = kinds.Answer(request=asked.request.value.id, disposition="refused", ground="law")
    asked.s.facts.append(asked.s.b.say(content, case=asked.s.case, references=[asked.request, cited]))
    found = asked.clock(asked.due + DAY)
    assert (found.status, found.disposition) == ("late", "refused")


# -- notices to a party that is named in words only ---------------------------------------------------


def named_in_words(s: Scene) -> Said:
    named = Named(name="Rowan Office")
    about = kinds.Assertion(text="It was there.", level="tactical", about=(named,))
    stated = s.say(s.a, kinds.State(title="t", assertions=(about,)))
    return s.say(
        s.a, kinds.Give(to=named, target=stated.value.id, assertions=(0,), text="You are named."), stated
    )


def told(s: Scene, *known: Actor) -> tuple[str, bool]:
    (found,) = notices(s.state, {actor.id: actor.party for actor in known})
    return found.state, found.by_name


def test_another_member_does_not_answer_for_a_party_named_in_words() -> None:
    s = scene("words")
    notice = named_in_words(s)
    s.say(s.b, kinds.Received(record=notice.value.id), notice)
    s.say(s.b, kinds.Acknowledge(notice=notice.value.id), notice)
    assert told(s, s.a, s.b) == ("given", False)
    assert told(s) == ("given", False)


def test_who_bears_the_name_answers_and_is_shown_as_unauthenticated() -> None:
    s = scene("bears the name")
    notice = named_in_words(s)
    guest = s.world.guest("Rowan Office", s.a)
    s.say(guest, kinds.Acknowledge(notice=notice.value.id), notice, s.case.opening, to=[s.a])
    assert told(s, s.a, guest) == ("acknowledged", True)


def test_a_name_that_only_looks_the_same_answers_nothing() -> None:
    s = scene("looks the same")
    notice = named_in_words(s)
    guest = s.world.guest("R\u043ewan Office", s.a)
    s.say(guest, kinds.Acknowledge(notice=notice.value.id), notice, s.case.opening, to=[s.a])
    assert told(s, s.a, guest) == ("given", False)


def test_the_giver_does_not_bear_the_name_it_gives_notice_to() -> None:
    s = scene("own name")
    named = Named(name=s.a.party.card.name)
    about = kinds.Assertion(text="It was there.", level="tactical", about=(named,))
    stated = s.say(s.a, kinds.State(title="t", assertions=(about,)))
    give = kinds.Give(to=named, target=stated.value.id, assertions=(0,), text="You are named.")
    notice = s.say(s.a, give, stated)
    receipt = s.say(s.b, kinds.Received(record=notice.value.id), notice)
    assert receipt.value.id in s.state.accepted
    assert told(s, s.a, s.b) == ("given", False)


# -- numbers ------------------------------------------------------------------------------------------


def test_a_finding_that_names_more_rows_than_memory_holds() -> None:
    """Two numbers of a small record; the facts count them and list none."""
    s = scene("rows")
    item = w.item("huge", size=2**45)
    sealed = s.say(s.a, w.seal(item))
    report = w.report(item)
    many = tuple(kinds.Match(rule=m.rule, rows=((1, 2**44),)) for m in report.matches)
    fields = {name: getattr(report, name) for name in report.__struct_fields__} | {"matches": many}
    finding = s.say(s.a, kinds.Report(**fields), sealed)
    assert item_of(sealed) == item
    s.say(s.a, w.disclose(sealed, s.b.id, rows=[5, 6]), sealed)
    s.say(s.a, w.claim(w.on(finding)), finding)
    (facts,) = assertions(s.state)
    (shown,) = facts.supports[0].shown
    assert (shown.rows, shown.named) == (((5, 2),), 2**44)


def test_a_chain_of_citations_longer_than_any_stack() -> None:
    """Each record of Mallow's cites the one before; a receipt for a public claim opens them all."""
    s = scene("long")
    stated = s.say(s.a, w.claim(w.cite()), to=[kinds.PUBLIC])
    last = s.say(s.b, w.claim(w.cite()))
    for _ in range(150):
        last = s.say(s.b, w.claim(w.cite()), last)
    s.say(s.b, kinds.Received(record=stated.value.id), stated, last)
    state = s.state
    state.depths  # noqa: B018 - counted before, so that the stack is short for audiences alone
    limit = sys.getrecursionlimit()
    frames = len(inspect.stack())
    sys.setrecursionlimit(frames + 60)
    try:
        found = state.audiences
    finally:
        sys.setrecursionlimit(limit)
    assert kinds.PUBLIC in found[last.value.id]
