"""How far a record may be passed on is its author's word, and its own node does not go against it."""

from __future__ import annotations

from pathlib import Path

import pytest

from comity.errors import Refused
from comity.exchange import acts, publishing
from comity.exchange.rehearsing import rehearse
from comity.records import kinds
from comity.records.kinds import Assertion, Named, Position
from tests.exchange.network import World
from tests.exchange.test_publishing import opened

ONE = Assertion(text="It was entered.", level="tactical")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, ["alder", "birch", "cedar"])


def marking(world: World, by: int, case: str, record: str) -> str:
    return world.nodes[by].state(case).accepted[record].frame.marking


def test_what_everybody_may_read_is_not_marked_for_some(world: World) -> None:
    alder, birch, _ = world.nodes
    case = opened(world)
    claim = acts.state_claim(alder, case, "t", [ONE]).value.id
    world.settle()
    assert marking(world, 0, case, claim) == "TLP:AMBER"
    publishing.publish(alder, case, without_notice="law")
    world.settle()
    answer = acts.respond(birch, case, claim, [Position(n=0, position="disputes")])
    state = alder.state(case)
    world.settle()
    assert answer.value.frame is not None
    assert answer.value.frame.audience == (kinds.PUBLIC,)
    assert answer.value.frame.marking == "TLP:CLEAR"
    public = [r for r in state.accepted.values() if kinds.PUBLIC in r.frame.audience]
    assert {r.frame.marking for r in public} == {"TLP:CLEAR"}


def test_an_officer_marks_what_is_signed(world: World) -> None:
    alder = world.nodes[0]
    case = opened(world)
    alder.marking = "TLP:RED"
    shown = rehearse(alder, case, lambda node: acts.state_claim(node, case, "t", [ONE]))
    assert shown.frame.marking == "TLP:RED"
    claim = acts.state_claim(alder, case, "t", [ONE]).value.id
    world.settle()
    assert marking(world, 1, case, claim) == "TLP:RED"


def test_a_record_marked_for_some_is_not_addressed_to_everybody(world: World) -> None:
    alder = world.nodes[0]
    case = opened(world)
    alder.marking = "TLP:GREEN"
    before = alder.journal.size()
    with pytest.raises(Refused) as failed:
        acts.state_claim(alder, case, "t", [ONE], to=[kinds.PUBLIC])
    assert failed.value.code == "record.marking"
    assert alder.journal.size() == before
    alder.marking = "TLP:CLEAR"
    acts.state_claim(alder, case, "t", [ONE], to=[kinds.PUBLIC])


@pytest.mark.parametrize("strict", ["TLP:RED", "TLP:AMBER+STRICT"])
def test_a_record_marked_for_its_readers_alone_is_not_published_by_default(
    world: World, strict: kinds.Marking
) -> None:
    alder = world.nodes[0]
    case = opened(world)
    acts.state_claim(alder, case, "open", [ONE])
    alder.marking = strict
    closed = acts.state_claim(alder, case, "closed", [ONE]).value.id
    alder.marking = None
    world.settle()
    before = alder.journal.size()
    for publish in (publishing.publish, publishing.require_notice):
        with pytest.raises(Refused) as failed:
            publish(alder, case, without_notice="law")
        assert failed.value.code == "publish.marking"
        assert closed[:12] in failed.value.where
    assert alder.journal.size() == before
    publishing.publish(alder, case, without_notice="law", withhold=[closed])
    assert kinds.PUBLIC not in alder.state(case).audiences[closed]


def test_a_refusal_counts_assertions_as_pages_do(world: World) -> None:
    alder, birch, _ = world.nodes
    case = opened(world)
    claim = acts.state_claim(alder, case, "t", [ONE]).value.id
    with pytest.raises(Refused, match="assertion 1 does not name"):
        acts.give_notice(alder, case, claim, [0], Named(name="Birch", party=birch.party.id), "w")
    world.settle()
    with pytest.raises(Refused, match="on assertion 4, which is not there"):
        acts.respond(birch, case, claim, [Position(n=3, position="disputes")])
    with pytest.raises(Refused, match="on support 2, which is not there"):
        acts.respond(birch, case, claim, [Position(n=0, position="disputes", support=1)])


def test_what_was_marked_for_its_readers_alone_is_not_shared_by_an_invitation(world: World) -> None:
    """An invitation let the new member read what its author had marked TLP:RED, without asking."""
    alder, birch, cedar = world.nodes
    witness = kinds.Witness(vkey=birch.party.card.witness, party=birch.party.id)
    case = acts.open_case(alder, "2026-10-05", kinds.Policy(quorum=1, witnesses=(witness,)), "Mail")
    alder.marking = "TLP:RED"
    acts.invite(alder, case, birch.party.id)
    closed = acts.state_claim(alder, case, "closed", [ONE]).value.id
    alder.marking = None
    open_one = acts.state_claim(alder, case, "open", [ONE]).value.id
    built = acts.state_claim(
        alder, case, "built", [against(closed), Assertion(text="More.", level="tactical")]
    ).value.id
    amended = acts.state_claim(alder, case, "amended", [ONE, ONE]).value.id
    alder.marking = "TLP:RED"
    taken = acts.withdraw(alder, case, amended, [1], "It was said twice.").value.id
    alder.marking = None
    assert acts.not_shared(alder, case) == (closed, built, amended, taken)
    acts.invite(alder, case, cedar.party.id)
    world.settle()
    state = cedar.state(case)
    assert set(state.members) == {node.party.id for node in world.nodes}
    assert open_one in state.accepted
    held = {r: cedar.journal.held_record(r) for r in (closed, built, amended, taken)}
    assert {r for r, one in held.items() if one is not None and one.opening is not None} == set()


def against(record: str) -> Assertion:
    target = kinds.Target(record=record, n=0)
    return Assertion(text="It was not.", level="tactical", stance="denies", against=target)
