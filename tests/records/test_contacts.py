"""Where a party is reached: its newest word counts, unless a suspect key said it."""

from __future__ import annotations

import pytest

from comity.case.verified import verify_party
from comity.errors import NotVerified
from comity.records.kinds import Contact, Reach
from comity.records.parties import contacts_of
from tests.world import Actor, World

FIRST = Contact(kind="node", address="https://first.example")
SECOND = Contact(kind="node", address="https://second.example")
THIEF = Contact(kind="node", address="https://thief.example")


def party() -> Actor:
    return World("contacts", recovery=True).party("Alder", [FIRST])


def test_the_newest_word_counts_and_the_card_stays() -> None:
    actor = party()
    assert contacts_of(actor.party) == (FIRST,)
    actor.follow(Reach(contacts=(SECOND,), reason="We moved."), actor.key("statement"))
    assert contacts_of(actor.party) == (SECOND,)
    assert actor.party.card.contacts == (FIRST,)
    again = verify_party(actor.card, actor.rotations)
    assert contacts_of(again) == (SECOND,)
    actor.follow(Reach(), actor.key("statement"))
    assert contacts_of(actor.party) == ()


def test_a_stolen_key_redirects_nothing() -> None:
    actor = party()
    actor.follow(Reach(contacts=(SECOND,)), actor.key("statement"))
    stolen = actor.tree.size
    actor.follow(Reach(contacts=(THIEF,)), actor.key("statement"))
    assert contacts_of(actor.party) == (THIEF,)
    actor.revoke(stolen, takes=["statement"])
    assert contacts_of(actor.party) == (SECOND,)
    actor.follow(Reach(contacts=(FIRST,)), actor.key("statement"))
    assert contacts_of(actor.party) == (FIRST,)


def test_only_the_statement_key_says_it() -> None:
    actor = party()
    with pytest.raises(NotVerified):
        actor.follow(Reach(contacts=(THIEF,)), actor.world.secret("Alder", "recovery"))
