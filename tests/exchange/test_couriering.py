"""A notice without a receipt is carried by a listed courier, which signs what came of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from comity.case.clocks import notices
from comity.errors import NotVerified, Refused
from comity.exchange import acts, couriering, working
from comity.exchange.delivery import learn_party
from comity.exchange.founding import change_contacts
from comity.exchange.node import Node
from comity.records import cbor, kinds
from comity.records.kinds import Assertion, Contact, Named, Policy, Witness
from tests.exchange.network import World


class Told:
    """A case of three in which the second was told of a claim, and the third is listed as courier."""

    def __init__(self, folder: Path, *, listed: bool = True) -> None:
        self.world = World(folder, ["giver", "told", "carrier"])
        self.giver, self.told, self.carrier = self.world.nodes
        giver = self.giver
        policy = Policy(
            quorum=1,
            witnesses=(Witness(vkey=self.carrier.party.card.witness, party=self.carrier.party.id),),
            couriers=(self.carrier.party.id,) if listed else (),
        )
        self.case = acts.open_case(giver, "2031-03-01", policy, "")
        for node in (self.told, self.carrier):
            acts.invite(giver, self.case, node.party.id)
        self.world.settle()
        self.world.network.down.add("http://told.example")
        named = Named(name="Told", party=self.told.party.id)
        claim = acts.state_claim(
            giver,
            self.case,
            "Title",
            [Assertion(text="It was you.", level="tactical", about=(named,))],
        )
        self.notice = acts.give_notice(
            giver, self.case, claim.value.id, [0], named, "You are named."
        ).value.id

    def turns(self, seconds: int = 61, count: int = 3) -> None:
        for _ in range(count):
            self.world.pass_time(seconds)
            for node in self.world.nodes:
                working.tick(node, self.world.network)

    def state(self, node: Node) -> str:
        return notices(node.state(self.case))[0].state


def results(node: Node, case: str) -> list[str]:
    found = node.state(case).of("delivery.attempt")
    return [r.content.result for r in found if isinstance(r.content, kinds.Attempt)]


def test_an_unanswered_notice_is_carried_by_itself_and_each_try_is_signed(tmp_path: Path) -> None:
    s = Told(tmp_path)
    couriering.agree(s.carrier, s.case)
    s.turns()
    assert s.state(s.giver) == "given"
    s.turns(couriering.PATIENCE)
    assert s.state(s.giver) == "delivery-attempted"
    assert results(s.giver, s.case)[0] == "no-answer"
    s.world.network.down.clear()
    s.turns(couriering.PAUSE, 4)
    assert s.state(s.giver) == "received"
    assert len(results(s.giver, s.case)) <= couriering.TRIES


def test_what_a_courier_hands_over_is_enough_for_the_addressee(tmp_path: Path) -> None:
    """Even where nothing else from the giver ever comes through."""
    s = Told(tmp_path)
    couriering.agree(s.carrier, s.case)
    s.turns(count=1)
    assert couriering.pass_on(s.giver, s.world.network, s.case, s.notice) == [(s.carrier.party.id, None)]
    s.world.network.down.clear()
    couriering.carry(s.carrier, s.world.network)
    assert results(s.carrier, s.case) == ["reached"]
    assert s.state(s.told) == "received"
    couriering.carry(s.carrier, s.world.network)
    assert results(s.carrier, s.case) == ["reached"]


def test_who_did_not_agree_or_is_not_listed_carries_nothing(tmp_path: Path) -> None:
    s = Told(tmp_path / "a")
    ((_, error),) = couriering.pass_on(s.giver, s.world.network, s.case, s.notice)
    assert error is not None
    assert error.code == "courier.declined"
    unlisted = Told(tmp_path / "b", listed=False)
    couriering.agree(unlisted.carrier, unlisted.case)
    with pytest.raises(Refused, match="lists a courier"):
        couriering.pass_on(unlisted.giver, unlisted.world.network, unlisted.case, unlisted.notice)
    with pytest.raises(Refused, match="not a notice that this party gave"):
        couriering.pass_on(s.carrier, s.world.network, s.case, s.notice)


def test_only_the_giver_can_have_its_notice_carried(tmp_path: Path) -> None:
    """Else somebody would have other bytes carried first, and the giver's own would come too late."""
    s = Told(tmp_path)
    couriering.agree(s.carrier, s.case)
    s.turns(count=1)
    couriering.pass_on(s.giver, s.world.network, s.case, s.notice)
    raw = s.world.network.log[-1][2]
    plain = cbor.decode(s.carrier.signer.open_sealed(raw), "test")
    assert isinstance(plain, list)
    forged = cbor.encode([1, plain[1], bytes(64)])
    fresh = Told(tmp_path / "fresh")
    sealed = fresh.carrier.boxes.seal_to([s.carrier.party.card.age], forged)
    with pytest.raises(NotVerified):
        couriering.take_job(s.carrier, sealed)


def move(s: Told, *contacts: Contact) -> None:
    """The addressee says anew where it is reached, and the others learn of it."""
    change_contacts(s.told, contacts)
    for node in (s.giver, s.carrier):
        learn_party(node, s.told.party_file(s.told.party.id))


def test_a_courier_goes_where_the_addressee_is_now(tmp_path: Path) -> None:
    """An address that was left is not tried: nobody is there, and it would read as silence."""
    s = Told(tmp_path)
    couriering.agree(s.carrier, s.case)
    s.turns(count=1)
    couriering.pass_on(s.giver, s.world.network, s.case, s.notice)
    move(s, Contact(kind="node", address="http://moved.example"))
    s.world.network.nodes["http://moved.example"] = s.told
    couriering.carry(s.carrier, s.world.network)
    (attempt,) = s.carrier.state(s.case).of("delivery.attempt")
    assert isinstance(attempt.content, kinds.Attempt)
    assert (attempt.content.address, attempt.content.result) == ("http://moved.example", "reached")
    assert attempt.content.keys
    assert not s.carrier.state(s.case).refused
    assert s.state(s.told) == "received"


def test_a_courier_that_the_addressee_lists_anew_carries_and_one_it_left_out_does_not(tmp_path: Path) -> None:
    s = Told(tmp_path, listed=False)
    couriering.agree(s.carrier, s.case)
    s.turns(count=1)
    there = Contact(kind="node", address="http://told.example")
    move(s, there, Contact(kind="courier", address=s.carrier.party.id))
    assert couriering.pass_on(s.giver, s.world.network, s.case, s.notice) == [(s.carrier.party.id, None)]
    couriering.carry(s.carrier, s.world.network)
    assert results(s.carrier, s.case) == ["no-answer"]
    move(s, there)
    s.world.pass_time(couriering.PAUSE)
    couriering.carry(s.carrier, s.world.network)
    assert results(s.carrier, s.case) == ["no-answer"]
    assert not s.carrier.state(s.case).refused


def test_who_has_no_address_any_more_is_not_tried(tmp_path: Path) -> None:
    s = Told(tmp_path)
    couriering.agree(s.carrier, s.case)
    s.turns(count=1)
    couriering.pass_on(s.giver, s.world.network, s.case, s.notice)
    move(s)
    assert couriering.carry(s.carrier, s.world.network) == []
    assert results(s.carrier, s.case) == []
