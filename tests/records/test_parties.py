"""Parties: a card nobody else can make, one gapless chain of keys, and which key was active where."""

from __future__ import annotations

import pytest

from comity.case.verified import verify_party, verify_record
from comity.errors import NotVerified
from comity.records import kinds, parties
from comity.records.bundles import Bundle, read_bundle
from tests.world import Actor, World, digest


def make() -> tuple[World, Actor]:
    world = World("parties")
    return world, world.party("Alder")


def test_a_party_is_the_hash_of_its_card() -> None:
    world, a = make()
    assert a.card.opening is not None
    assert a.card.opening.content is not None
    assert a.id == parties.party_id(a.card.opening.frame, a.card.opening.content)
    assert a.party.home == a.id
    assert not a.party.guest
    assert world.party("Alder") is a


def test_keys_follow_each_other() -> None:
    world, a = make()
    case = world.open_case(a, witnesses=[a], quorum=1)
    one, two = a.rotate(), a.rotate("every year")
    assert verify_party(a.card, [one, two]) == a.party
    assert [k.index for k in a.party.keys] == [0, 2, 3]
    record = a.say(kinds.Publish(manifest=digest("x")), case=case)
    assert not record.stale


def test_a_gap_in_the_chain_of_keys_is_refused() -> None:
    _, a = make()
    one, two = a.rotate(), a.rotate()
    for rotations in ([two], [two, one], [one, one], [one, two, two]):
        with pytest.raises(NotVerified) as error:
            verify_party(a.card, rotations)
        assert error.value.code == "party.chain"


def test_an_old_key_marks_what_stands_behind_its_successor() -> None:
    world, a = make()
    case = world.open_case(a, witnesses=[a], quorum=1)
    before = a.say(kinds.Publish(manifest=digest("before")), case=case)
    a.rotate()
    after = a.say(kinds.Publish(manifest=digest("after")), case=case, signed_with=0)
    new = a.say(kinds.Publish(manifest=digest("new")), case=case)
    assert [world.again(r).stale for r in (before, after, new)] == [False, True, False]


def test_a_guest_is_proven_by_its_home_only() -> None:
    world, a = make()
    b = world.party("Birch")
    g = world.guest("Guest", a)
    assert g.party.guest
    assert g.party.home == a.id
    assert verify_party(g.card, (), a.party) == g.party
    for home in (None, b.party):
        with pytest.raises(NotVerified) as error:
            verify_party(g.card, (), home)
        assert error.value.code == "record.home"


def test_a_guest_takes_up_a_new_key_in_its_home_ledger() -> None:
    world, a = make()
    g = world.guest("Guest", a)
    assert verify_party(g.card, [g.rotate()], a.party) == g.party
    case = world.open_case(a, witnesses=[a], quorum=1, invite=[g])
    record = g.say(kinds.Publish(manifest=digest("guest")), case=case)
    assert record.home == a.id
    with pytest.raises(NotVerified):
        verify_record(world.bundles[record.value.id], g.party, world.party("Birch").party)


def test_a_card_is_not_a_record_of_a_case() -> None:
    _, a = make()
    a.rotate()
    bundle = Bundle(envelope=a.card.envelope, opening=a.card.opening, receipt=a.issue(0))
    with pytest.raises(NotVerified) as error:
        verify_record(bundle, a.party, a.party)
    assert error.value.code == "record.author"


def test_a_card_of_another_party_founds_another_party() -> None:
    world, a = make()
    b = world.party("Birch")
    record = read_bundle(b.card)
    assert parties.found_party(record, 0).id == b.id != a.id


def test_a_fingerprint_stands_in_groups_of_eight() -> None:
    assert parties.grouped("0123456789abcdef01") == "01234567 89abcdef 01"
