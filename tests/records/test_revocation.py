"""Revocation and key ranges: what a stolen key signed is marked from a ledger position on, and nothing
else is; every tree is verified under the key whose range holds its size."""

from __future__ import annotations

import pytest

from comity.case import party_keys
from comity.case.support import assertions
from comity.case.time import intervals
from comity.case.verified import render_attestation, verify_attestation, verify_party, verify_record
from comity.errors import ComityError, NotVerified
from comity.ledger import note, receipt
from comity.records import ed25519, kinds, parties
from comity.records.bundles import Bundle
from comity.records.kinds import PURPOSES, Purpose
from tests import world as w
from tests.world import Actor, Case, World, digest

DAY = 86_400


def make() -> tuple[World, Actor, Actor, Case]:
    world = World("revocation", recovery=True)
    a, b = world.party("Alder"), world.party("Birch")
    return world, a, b, world.open_case(a, witnesses=[b], quorum=1, invite=[b])


def published(of: str) -> kinds.Publish:
    return kinds.Publish(manifest=digest(of))


def refused(code: str, a: Actor, *rotations: Bundle) -> None:
    with pytest.raises(ComityError) as error:
        verify_party(a.card, rotations)
    assert error.value.code == code


def test_a_revocation_marks_from_its_position_on_and_nothing_before() -> None:
    world, a, _, case = make()
    before = a.say(published("before"), case=case)
    stolen = a.say(published("stolen"), case=case, at=world.now - 400 * DAY)
    revocation = a.revoke(stolen.index, takes=["statement"], reason="The key was copied.")
    after = a.say(published("after"), case=case)
    late = a.say(published("late"), case=case, signed_with=0)
    assert verify_party(a.card, [revocation]) == a.party
    marks = {r.value.id: world.again(r) for r in (before, stolen, after, late)}
    assert [m.suspect for m in marks.values()] == [False, True, False, True]
    assert [m.stale for m in marks.values()] == [False, False, False, True]
    assert [m.key_suspect for m in marks.values()] == [False, True, False, True]


def test_a_suspect_record_stays_and_loses_what_favours_its_author() -> None:
    world, a, b, case = make()
    stated = b.say(w.claim(about=[w.about(a)]), case=case)
    endorsed = a.say(kinds.Endorse(target=w.target(stated), basis="trust"), case=case, references=[stated])
    own = a.say(w.claim(about=[w.about(b)]), case=case)
    a.revoke(endorsed.index, takes=["statement"])
    state = w.fold_case(case, world.all_again())
    assert {endorsed.value.id, own.value.id} <= state.accepted.keys()
    facts = {f.author: f for f in assertions(state)}
    assert [e.counts for e in facts[b.id].endorsements] == ["forked"]
    assert "key-suspect" in facts[a.id].marks
    assert "key-suspect" not in facts[b.id].marks


def test_the_recovery_key_wins_over_a_thief_that_rotates() -> None:
    """The thief takes up keys of its own for everything; what they sign is suspect as well."""
    world, a, _, case = make()
    honest = a.say(published("honest"), case=case)
    thief = a.rotate("mine now", ["checkpoint", "receipt", "witness"])
    again = a.rotate("and again")
    planted = a.say(published("planted"), case=case)
    assert not planted.key_suspect
    position = a.party.keys[1].index
    stolen = parties.keys_of(a.party, "statement")[0][0]
    a.revoke(position, key=stolen, takes=PURPOSES)
    own = a.say(published("own again"), case=case)
    found = [world.again(r).suspect for r in (honest, planted, own)]
    assert found == [False, True, False]
    suspect = parties.suspect_keys(a.party)
    assert {purpose for purpose, _ in suspect} == {"statement", "receipt", "checkpoint", "witness"}
    assert verify_party(a.card, [thief, again, a.rotations[-1]]) == a.party


def test_what_a_suspect_key_takes_up_after_the_revocation_is_suspect_too() -> None:
    _, a, _, case = make()
    a.revoke(1)
    a.rotate("the thief goes on")
    planted = a.say(published("planted"), case=case)
    assert planted.suspect
    a.revoke(1, takes=["statement"])
    assert not a.say(published("own"), case=case).suspect


def test_a_rotation_before_the_position_stays_good() -> None:
    world, a, _, case = make()
    old = parties.keys_of(a.party, "statement")[0][0]
    a.rotate("yearly")
    good = a.say(published("good"), case=case)
    a.revoke(good.index, key=old)
    assert not world.again(good).suspect
    assert world.again(a.say(published("old key"), case=case, signed_with=0)).suspect


def test_only_the_recovery_key_of_the_card_revokes() -> None:
    _, a, b, _ = make()
    key = a.party.newest.key.hex()
    content = kinds.Revoke(purpose="statement", key=key, suspect_from=1)
    for seed in (a.seeds[-1], a.key("receipt"), b.world.secret("Birch", "recovery")):
        with pytest.raises(NotVerified):
            a.follow(content, seed)
    plain = World("no recovery").party("Alder")
    said = kinds.Revoke(purpose="statement", key=plain.party.newest.key.hex(), suspect_from=1)
    with pytest.raises(NotVerified) as error:
        plain.follow(said, plain.seeds[-1])
    assert error.value.code == "party.revoke"


def test_a_rotation_is_not_signed_by_the_recovery_key() -> None:
    world, a, _, _ = make()
    seed = world.secret("new")
    new = ed25519.public_of(seed)
    proof = ed25519.sign(seed, parties.rotation_proof(a.id, a.party.newest.record, new))
    content = kinds.Rotate(statement=new.hex(), proof=proof.hex())
    with pytest.raises(NotVerified):
        a.follow(content, world.secret("Alder", "recovery"))


@pytest.mark.parametrize(
    "changes",
    [
        {"key": "11" * 32},
        {"purpose": "receipt"},
        {"suspect_from": 99},
    ],
)
def test_a_revocation_names_a_key_of_the_party_and_a_place_behind_it(changes: dict[str, object]) -> None:
    world, a, _, _ = make()
    fields: dict[str, object] = {
        "purpose": "statement",
        "key": a.party.newest.key.hex(),
        "suspect_from": 1,
    }
    content = kinds.Revoke(**(fields | changes))  # type: ignore[arg-type]
    with pytest.raises(NotVerified) as error:
        a.follow(content, world.secret("Alder", "recovery"))
    assert error.value.code == "party.revoke"


def test_a_key_once_used_for_anything_is_not_taken_up_again() -> None:
    world, a, _, _ = make()
    for seed in (a.key("receipt"), a.seeds[0], world.secret("Alder", "recovery")):
        new = ed25519.public_of(seed)
        said = parties.taking_proof("witness", a.id, a.party.newest.record, new)
        taken = kinds.Taken(purpose="witness", key=new.hex(), proof=ed25519.sign(seed, said).hex())
        with pytest.raises(NotVerified) as error:
            a.follow(kinds.Rotate(taken=(taken,)), a.seeds[-1])
        assert error.value.code == "party.rotate"


@pytest.mark.parametrize("purpose", PURPOSES[1:])
def test_a_proof_is_for_one_purpose_party_and_place(purpose: Purpose) -> None:
    world, a, b, _ = make()
    seed = world.secret("fresh")
    new = ed25519.public_of(seed)
    last = a.party.newest.record
    other = next(p for p in PURPOSES if p != purpose)
    for said in (
        parties.taking_proof(other, a.id, last, new),
        parties.taking_proof(purpose, b.id, last, new),
        parties.taking_proof(purpose, a.id, b.party.newest.record, new),
        parties.rotation_proof(a.id, last, new),
    ):
        taken = kinds.Taken(purpose=purpose, key=new.hex(), proof=ed25519.sign(seed, said).hex())
        with pytest.raises(NotVerified) as error:
            a.follow(kinds.Rotate(taken=(taken,)), a.seeds[-1])
        assert error.value.code == "signature.invalid"


def test_new_fields_need_the_rules_that_they_came_with() -> None:
    world, a, _, _ = make()
    taken = a._taken({"witness": world.secret("w2")})
    rules_1 = kinds.rules_needed
    assert rules_1(kinds.Rotate(taken=taken)) == 2
    assert rules_1(kinds.Rotate(statement="11" * 32, proof="22" * 64)) == 1


def test_receipts_are_verified_under_the_key_of_their_size() -> None:
    world, a, _, case = make()
    before = a.say(published("before"), case=case)
    size = a.tree.size
    change = a.rotate("new ledger keys", ["receipt"], statement=False)
    after = a.say(published("after"), case=case)
    assert not after.stale
    assert verify_party(a.card, [change]) == a.party
    for record in (before, after):
        assert world.again(record).index == record.index

    def forged(seed: bytes, size: int, index: int, record: str) -> None:
        kid = ed25519.thumbprint(ed25519.public_of(seed))
        raw = receipt.issue_receipt(seed, kid, size, index, a.tree.inclusion(index, size), a.tree.root(size))
        bundle = world.bundles[record]
        verify_record(Bundle(envelope=bundle.envelope, opening=bundle.opening, receipt=raw), a.party, a.party)

    old, new = world.secret("Alder", "receipt"), a.key("receipt")
    forged(old, size, before.index, before.value.id)
    forged(new, a.tree.size, before.index, before.value.id)
    for seed, at, record in ((new, size, before), (old, a.tree.size, before), (old, a.tree.size, after)):
        with pytest.raises(NotVerified) as error:
            forged(seed, at, record.index, record.value.id)
        assert error.value.code == "signature.invalid"


def test_a_revoked_receipt_key_marks_what_only_it_placed() -> None:
    world, a, _, case = make()
    before, stolen = (a.say(published(x), case=case) for x in ("before", "stolen"))
    a.revoke(stolen.index, "receipt", takes=["receipt"])
    assert [world.again(r).suspect for r in (before, stolen)] == [False, True]
    # A receipt of today's key places it anew.
    bundle = world.bundles[stolen.value.id]
    again = Bundle(envelope=bundle.envelope, opening=bundle.opening, receipt=a.issue(stolen.index))
    assert not verify_record(again, a.party, a.party).suspect


def test_checkpoints_are_verified_under_the_key_of_their_size() -> None:
    world, a, b, case = make()
    a.say(published("one"), case=case)
    early = a.checkpoint()
    size = a.tree.size
    a.rotate("", ["checkpoint"], statement=False)
    a.say(published("two"), case=case)
    late = a.checkpoint()
    old, new = party_keys.checkpoint_keys(a.party)
    assert old.name == new.name
    assert party_keys.read_checkpoint(early, a.party).size == size
    assert party_keys.read_checkpoint(late, a.party).size == a.tree.size
    head = note.Checkpoint(origin=old.name, size=a.tree.size, root=a.tree.root())
    with pytest.raises(NotVerified):
        party_keys.read_checkpoint(note.sign_checkpoint(head, world.secret("Alder", "checkpoint")), a.party)
    sooner = note.Checkpoint(origin=old.name, size=size, root=a.tree.root(size))
    with pytest.raises(NotVerified):
        party_keys.read_checkpoint(note.sign_checkpoint(sooner, a.key("checkpoint")), a.party)
    for at in (size, None):
        assert a.attest(case, [b], size=at).value.seen_by


def test_cosignatures_under_an_old_and_a_new_witness_key_count_for_the_one_named() -> None:
    world, a, b, case = make()
    record = a.say(published("one"), case=case)
    one = a.attest(case, [b])
    b.rotate("", ["witness"], statement=False)
    world.now += DAY
    two = a.attest(case, [b])
    assert list(one.value.seen_by) == list(two.value.seen_by) == [b.vkey]
    state = w.fold_case(case, [*world.all_again(), two])
    assert intervals(state)[record.value.id].not_after == world.now
    first = verify_attestation(
        one.value.raw, a.party, party_keys.counted_keys([(b.vkey, b.id)], {b.id: b.party})
    )
    assert first.value.seen_by == one.value.seen_by


def test_cosignatures_under_a_revoked_witness_key_prove_no_instant() -> None:
    """A thief can cosign with any time; no position tells its cosignatures from the owner's."""
    _, a, b, case = make()
    a.say(published("one"), case=case)
    proof = a.attest(case, [b])
    b.revoke(0, "witness", takes=["witness"])
    named = [(b.vkey, b.id)]
    counted = party_keys.counted_keys(named, {b.id: b.party})
    assert b.vkey not in counted
    assert verify_attestation(proof.value.raw, a.party, counted).value.seen_by == {}
    assert a.attest(case, [b]).value.seen_by.keys() == {b.vkey}
    # Of a party that is not known, the policy's key counts by itself.
    assert party_keys.counted_keys(named, {}) == {b.vkey: b.vkey}
    assert party_keys.counted_keys([(b.vkey, a.id)], {a.id: a.party}) == {b.vkey: b.vkey}


def test_a_guest_revokes_in_its_home_ledger() -> None:
    world = World("guest revokes", recovery=True)
    a = world.party("Alder")
    g = world.guest("Guest", a)
    case = world.open_case(a, witnesses=[a], quorum=1, invite=[g])
    said = g.say(published("stolen"), case=case)
    g.revoke(said.index, takes=["statement"])
    assert world.again(said).suspect
    assert verify_party(g.card, g.rotations, a.party) == g.party
    with pytest.raises(NotVerified) as error:
        g.rotate("", ["receipt"], statement=False)
    assert error.value.code == "party.rotate"


def test_chains_of_rules_1_and_2_follow_each_other_without_a_gap() -> None:
    _, a, _, _ = make()
    links = [a.rotate(), a.rotate("", ["witness"]), a.revoke(1), a.rotate("", ["receipt"], statement=False)]
    assert verify_party(a.card, links) == a.party
    for n in range(1, 4):
        refused("party.chain", a, *links[:n], *links[n + 1 :]) if n < 3 else None
    swapped = [links[0], links[2], links[1], links[3]]
    refused("party.chain", a, *swapped)


def test_an_attestation_is_of_no_ledger_without_keys() -> None:
    world, a, _, case = make()
    g = world.guest("Guest", a)
    a.say(published("x"), case=case)
    raw = render_attestation(a.checkpoint(), [])
    with pytest.raises(NotVerified) as error:
        verify_attestation(raw, g.party, [])
    assert error.value.code == "key.range"
