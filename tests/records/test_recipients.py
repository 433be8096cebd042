"""What is for a party's eyes is sealed to its newest recipient, unless a suspect key named it."""

from __future__ import annotations

import pyrage
import pytest

from comity.case.verified import verify_party
from comity.errors import NotVerified
from comity.records.kinds import Recipient
from comity.records.parties import recipient_of
from tests.world import Actor, World


def new_age() -> str:
    return str(pyrage.x25519.Identity.generate().to_public())


def party() -> Actor:
    return World("recipients", recovery=True).party("Alder")


def test_the_newest_recipient_counts_and_the_card_stays() -> None:
    actor = party()
    first = actor.party.card.age
    assert recipient_of(actor.party) == first
    second, third = new_age(), new_age()
    actor.follow(Recipient(age=second, reason="Yearly."), actor.key("statement"))
    actor.follow(Recipient(age=third), actor.key("statement"))
    again = verify_party(actor.card, actor.rotations)
    assert (recipient_of(again), again.card.age) == (third, first)


def test_a_stolen_key_has_nothing_sealed_to_its_thief() -> None:
    actor = party()
    second = new_age()
    actor.follow(Recipient(age=second), actor.key("statement"))
    stolen = actor.tree.size
    actor.follow(Recipient(age=new_age()), actor.key("statement"))
    actor.revoke(stolen, takes=["statement"])
    assert recipient_of(actor.party) == second


def test_none_is_taken_up_twice_and_none_by_another_key() -> None:
    second = new_age()
    actor = party()
    actor.follow(Recipient(age=second), actor.key("statement"))
    with pytest.raises(NotVerified, match=r"party\.recipient"):
        actor.follow(Recipient(age=second), actor.key("statement"))
    with pytest.raises(NotVerified):
        party().follow(Recipient(age=new_age()), actor.world.secret("Alder", "recovery"))


def test_nothing_is_sealed_to_a_guest() -> None:
    world = World("recipients", recovery=True)
    guest = world.guest("Guest", world.party("Alder"))
    assert recipient_of(guest.party) == ""
    with pytest.raises(NotVerified, match=r"party\.recipient"):
        guest.follow(Recipient(age=new_age()), guest.key("statement"))
