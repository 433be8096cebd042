"""What a publisher opens of others: what its own records build on, and never without what came of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from comity.case.clocks import clocks, notices
from comity.case.state import State
from comity.case.support import assertions
from comity.dossier.verify import verify
from comity.errors import Refused
from comity.exchange import acts, publishing
from comity.exchange import acts_of_procedure as procedure
from comity.exchange.node import Node
from comity.records import bodies, kinds
from comity.records.kinds import Assertion, Position
from comity.records.kinds_of_statements import Announce, Sentence
from tests.exchange.network import World

DAY = 86_400


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, ["alder", "birch", "cedar"])


def opened(world: World) -> str:
    alder, *others = world.nodes
    witness = kinds.Witness(vkey=alder.party.card.witness, party=alder.party.id)
    case = acts.open_case(alder, "2026-10-05", kinds.Policy(quorum=1, witnesses=(witness,)))
    for other in others:
        acts.invite(alder, case, other.party.id)
    world.settle()
    return case


def published(world: World, case: str, by: int) -> State:
    world.settle()
    _, dossier = publishing.publish(world.nodes[by], case, without_notice="law")
    verdict = verify(dossier)
    assert not verdict.failures
    assert verdict.contents is not None
    return verdict.contents.state


def test_a_claim_that_was_taken_back_is_not_shown_standing(world: World) -> None:
    """Birch denies what Alder claims and publishes; that Alder withdrew it goes along, and newer words do."""
    alder, birch, _ = world.nodes
    case = opened(world)
    said = [Assertion(text=text, level="tactical") for text in ("It was entered.", "It was copied.")]
    claim = acts.state_claim(alder, case, "t", said).value.id
    world.settle()
    acts.respond(birch, case, claim, [Position(n=0, position="disputes", reasons="It was not.")])
    world.settle()
    acts.withdraw(alder, case, claim, [0], "It was another host.")
    procedure.amend(alder, case, claim, [(1, Assertion(text="Part was copied.", level="tactical"))], "Part.")
    shown = {f.assertion.text: f for f in assertions(published(world, case, 1))}
    assert shown["It was entered."].withdrawn
    assert "amended" in shown["It was copied."].marks
    assert "Part was copied." in shown


@pytest.mark.parametrize("accept", [True, False])
@pytest.mark.parametrize("by", [0, 1], ids=["by who was asked", "by who asked"])
def test_more_time_is_shown_with_its_answer(world: World, accept: bool, by: int) -> None:
    """A proposal never reads as open in a dossier whose publisher has the answer to it."""
    alder, birch, _ = world.nodes
    case = opened(world)
    now = alder.effects.now()
    due, longer = bodies.time_text(now + 5 * DAY), bodies.time_text(now + 7 * DAY)
    asked = kinds.Request(to=alder.party.id, type="clarify", text="Which zone?", due=due)
    request = acts.request(birch, case, asked).value.id
    world.settle()
    acts.answer(alder, case, kinds.Answer(request=request, disposition="accepted", agrees=due))
    more = procedure.propose_time(alder, case, request, longer, "A holiday.").value.id
    world.settle()
    procedure.answer_time(birch, case, more, accept=accept, text="" if accept else "It is urgent.")
    (clock,) = clocks(published(world, case, by), now)
    assert [e.answer for e in clock.extensions] == ["accepted" if accept else "refused"]
    assert bodies.time_text(clock.due) == (longer if accept else due)


def test_a_request_no_longer_made_is_not_shown_as_owed(world: World) -> None:
    alder, birch, _ = world.nodes
    case = opened(world)
    now = alder.effects.now()
    due = bodies.time_text(now + 5 * DAY)
    asked = kinds.Request(to=alder.party.id, type="clarify", text="Which zone?", due=due)
    request = acts.request(birch, case, asked).value.id
    world.settle()
    acts.answer(alder, case, kinds.Answer(request=request, disposition="accepted", agrees=due))
    world.settle()
    procedure.withdraw_request(birch, case, request, "We found it.")
    (clock,) = clocks(published(world, case, 0), now + DAY)
    assert clock.status == "withdrawn"


def test_what_nothing_of_the_publishers_builds_on_stays_closed(world: World) -> None:
    alder, birch, cedar = world.nodes
    case = opened(world)
    aside = acts.state_claim(cedar, case, "t", [Assertion(text="A word aside.", level="tactical")]).value.id
    world.settle()
    acts.withdraw(cedar, case, aside, [0], "Not needed.")
    acts.state_claim(birch, case, "t", [Assertion(text="It was entered.", level="tactical")])
    state = published(world, case, 1)
    assert state.records[aside].value.content is None
    assert not state.of("claim.withdraw")
    assert alder.party.id in state.members


def test_what_is_public_cannot_be_withheld(world: World) -> None:
    """It was said to stay closed, and stood in the dossier all the same."""
    birch = world.nodes[1]
    case = opened(world)
    said = [
        acts.state_claim(birch, case, "t", [Assertion(text=text, level="tactical")]).value.id
        for text in ("It was entered.", "It was copied.")
    ]
    publishing.publish(birch, case, withhold=said[1:])
    world.settle()
    before = birch.journal.size()
    with pytest.raises(Refused, match="public already") as refused:
        publishing.publish(birch, case, withhold=said)
    assert (refused.value.code, refused.value.where) == ("publish.withhold", said[0][:12])
    assert birch.journal.size() == before
    publishing.publish(birch, case, withhold=said[1:])


def test_a_public_statement_about_a_party_that_was_not_told_says_why(world: World) -> None:
    """A statement to everybody is a publication: notice first, or a reason that stands with it."""
    alder, birch, _ = world.nodes
    case = opened(world)
    named = kinds.Named(name="Birch", party=birch.party.id)
    stated = kinds.State(
        title="t", assertions=(Assertion(text="Birch did it.", level="tactical", about=(named,)),)
    )
    claim = acts.say(alder, case, stated).value.id
    acts.grant(alder, case, [claim], [kinds.PUBLIC], reasoned=True)
    sentence = Sentence(text="Birch did it.", assertions=(kinds.Target(record=claim, n=0),))
    content = Announce(title="t", status="final", sentences=(sentence,))
    before = alder.journal.size()
    with pytest.raises(Refused, match="not told") as refused:
        procedure.announce(alder, case, content, to=[kinds.PUBLIC])
    assert (refused.value.code, refused.value.where) == ("publish.no-notice", f"{claim[:12]}#1")
    assert alder.journal.size() == before
    procedure.announce(alder, case, content)  # among the members nothing is published
    reasoned = Announce(title="t", status="final", sentences=(sentence,), without_notice="safety")
    procedure.announce(alder, case, reasoned, to=[kinds.PUBLIC])
    acts.give_notice(alder, case, claim, [0], named, "You are named.")
    procedure.announce(alder, case, content, to=[kinds.PUBLIC])
    (told,) = notices(alder.state(case))
    assert [(how, why) for _, how, why in told.published] == [("none", "safety"), ("given", "")]


def _about(node: Node, text: str = "It did it.") -> Assertion:
    named = kinds.Named(name=node.party.card.name, party=node.party.id)
    return Assertion(text=text, level="tactical", about=(named,))


def _untold(node: Node, act: Callable[[], object]) -> str:
    before = node.journal.size()
    with pytest.raises(Refused) as refused:
        act()
    assert refused.value.code == "publish.no-notice"
    assert node.journal.size() == before, "something was signed"
    return str(refused.value)


def test_nobody_is_named_to_everybody_before_it_was_told(world: World) -> None:
    """A dossier asked for notice, and the same words in a claim to everybody, or granted to them, did not."""
    alder, birch, _ = world.nodes
    case = opened(world)
    about = _about(birch)
    why = _untold(alder, lambda: acts.state_claim(alder, case, "t", [about], to=[kinds.PUBLIC]))
    assert "say it to members, give notice" in why
    claim = acts.state_claim(alder, case, "t", [about]).value.id
    why = _untold(alder, lambda: acts.grant(alder, case, [claim], [kinds.PUBLIC]))
    assert claim[:12] in why
    assert "give notice first" in why
    acts.grant(alder, case, [claim], [birch.party.id])  # among members it is no publication
    acts.give_notice(alder, case, claim, [0], about.about[0], "You are named.")
    acts.grant(alder, case, [claim], [kinds.PUBLIC])
    assert kinds.PUBLIC in alder.state(case).audiences[claim]
    own = Assertion(text="We were entered.", level="tactical")
    acts.state_claim(alder, case, "t", [own], to=[kinds.PUBLIC])  # names nobody else


def test_an_answer_in_public_names_whom_it_answers_and_no_third_party_untold(world: World) -> None:
    """It may not reach fewer than what it answers, and whoever is answered reads it."""
    alder, birch, cedar = world.nodes
    case = opened(world)
    claim = acts.state_claim(alder, case, "t", [_about(birch)]).value.id
    acts.give_notice(alder, case, claim, [0], _about(birch).about[0], "You are named.")
    acts.grant(alder, case, [claim], [kinds.PUBLIC])
    world.settle()

    def answered(assertion: Assertion) -> object:
        positions = (Position(n=0, position="disputes", reasons="No."),)
        return acts.respond(birch, case, claim, positions, [assertion])

    _untold(birch, lambda: answered(_about(cedar)))
    answered(_about(alder))
    assert birch.state(case).of("response.make")


def test_words_that_are_public_are_amended_and_name_nobody_new_untold(world: World) -> None:
    alder, birch, cedar = world.nodes
    case = opened(world)
    claim = acts.state_claim(alder, case, "t", [_about(birch)]).value.id
    publishing.publish(alder, case, without_notice="An operation under way.")
    _untold(alder, lambda: procedure.amend(alder, case, claim, [(0, _about(cedar))], "It was another."))
    procedure.amend(alder, case, claim, [(0, _about(birch, "It did part of it."))], "Part.")
    assert kinds.PUBLIC in alder.state(case).audiences[alder.state(case).of("claim.amend")[0].id]
