"""Attacks on keys by name: weak points for every purpose (2), algorithm swaps in everything signed (17), and
what a thief can do with each stolen key (25)."""

from __future__ import annotations

import base64
from collections.abc import Callable

import cbor2
import pytest

from comity.case import party_keys
from comity.case.verified import verify_party, verify_record
from comity.errors import ComityError, Malformed, NotVerified
from comity.ledger import note, receipt
from comity.ledger.merkle import root_from_inclusion
from comity.records import ed25519, envelopes, kinds, parties
from comity.records.bundles import Bundle, commitment, make_opening, open_record
from comity.records.kinds import PURPOSES, Card, Purpose
from tests.world import Actor, Case, World, digest

DAY = 86_400


def encode(y: int, sign: int = 0) -> bytes:
    return (y | sign << 255).to_bytes(32, "little")


def add(one: bytes, two: bytes) -> bytes:
    """The sum of two points, encoded."""
    p, q = ed25519._decode(one), ed25519._decode(two)
    assert p is not None
    assert q is not None
    x, y, z, _ = ed25519._add(p, q)
    inverse = pow(z, ed25519.P - 2, ed25519.P)
    x, y = x * inverse % ed25519.P, y * inverse % ed25519.P
    return encode(y, x & 1)


# The eight points of small order, and the second spellings of those that have one (RFC 8032 §5.1.3).
_Y8 = 2707385501144840649318225287225658788936804267575313519463743609750303021022
SMALL = {
    "the identity": encode(1),
    "order 2": encode(ed25519.P - 1),
    "order 4": encode(0),
    "order 4, negative": encode(0, 1),
    "order 8": encode(_Y8),
    "order 8, negative": encode(_Y8, 1),
    "order 8, the other": encode(ed25519.P - _Y8),
    "order 8, the other, negative": encode(ed25519.P - _Y8, 1),
    "the identity, y above p": encode(ed25519.P + 1),
    "the identity, x is minus zero": encode(1, 1),
    "order 4, y is p": encode(ed25519.P),
    "order 2, x is minus zero": encode(ed25519.P - 1, 1),
}
HONEST = ed25519.public_of(b"\7" * 32)
WEAK = SMALL | {
    f"mixed with {name}": add(HONEST, point)
    for name, point in SMALL.items()
    if ed25519._decode(point) is not None and name != "the identity"
}
OFF_CURVE = {"no point": encode(2), "all ones": b"\xff" * 32, "short": b"\1" * 31}


def card_with(world: World, purpose: str, key: bytes) -> Card:
    """A card whose key for one purpose is this one, its form apart."""
    card = world.card("Alder")
    fields = {name: getattr(card, name) for name in card.__struct_fields__}
    if purpose in ("checkpoint", "witness"):
        name = fields[purpose].split("+")[0]
        kind = note.ED25519 if purpose == "checkpoint" else note.COSIGNATURE
        encoded = base64.b64encode(bytes([kind]) + key).decode()
        fields[purpose] = f"{name}+{note._key_hash(name, kind, key).hex()}+{encoded}"
    else:
        fields[purpose] = key.hex()
    return Card(**fields)


def found(world: World, card: Card) -> None:
    """Enrol: what a node does with a card that it is handed."""
    frame = kinds.Frame(
        kind="party.card", author=kinds.SELF, case=kinds.NO_CASE, at="2031-03-01T08:00:00Z",
        marking="TLP:CLEAR", audience=(kinds.PUBLIC,), rules=1,
    )  # fmt: skip
    opening = make_opening(frame, card, bytes(32), bytes(32))
    envelope = envelopes.seal_envelope(
        world.secret("Alder", "statement", 0), iss=kinds.SELF, sub=kinds.NO_CASE, seq=0, prev=kinds.NO_CASE,
        keys=kinds.NO_CASE, payload=commitment(opening),
    )  # fmt: skip
    verify_party(Bundle(envelope=envelope.raw, opening=opening), ())


@pytest.mark.parametrize("purpose", [*PURPOSES, "recovery"])
@pytest.mark.parametrize("point", [*WEAK, "no point", "all ones"])
def test_attack_02_no_weak_key_is_enrolled(purpose: str, point: str) -> None:
    """Under a key of small or mixed order one signature covers every message, so its owner can deny any."""
    world = World("attack 02", recovery=True)
    with pytest.raises(NotVerified) as error:
        found(world, card_with(world, purpose, (WEAK | OFF_CURVE)[point]))
    assert error.value.code in ("key.weak", "key.encoding")


def test_attack_02_an_honest_card_is_enrolled() -> None:
    world = World("attack 02", recovery=True)
    found(world, world.card("Alder"))


@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("point", WEAK)
def test_attack_02_no_weak_key_is_taken_up(purpose: Purpose, point: str) -> None:
    """Neither by a rotation nor by a revocation, whatever signature stands as its proof."""
    world = World("attack 02 rotate", recovery=True)
    a = world.party("Alder")
    key = WEAK[point]
    # With the identity for R and zero for S, ordinary verifiers accept any message under the identity.
    proof = (encode(1) + bytes(32)).hex()
    taken = (kinds.Taken(purpose=purpose, key=key.hex(), proof=proof),)
    if purpose == "statement":
        rotation: kinds.Content = kinds.Rotate(statement=key.hex(), proof=proof)
    else:
        rotation = kinds.Rotate(taken=taken)
    revocation = kinds.Revoke(purpose="statement", key=a.party.newest.key.hex(), suspect_from=1, taken=taken)
    for content, seed in ((rotation, a.seeds[0]), (revocation, world.secret("Alder", "recovery"))):
        with pytest.raises(NotVerified) as error:
            a.follow(content, seed)
        assert error.value.code in ("key.weak", "key.encoding")


@pytest.mark.parametrize("point", WEAK | OFF_CURVE)
def test_attack_02_no_weak_key_verifies_anything(point: str) -> None:
    """Where a weak key gets in by another way, each verification refuses it again."""
    key = (WEAK | OFF_CURVE)[point]
    world = World("attack 02 verify")
    a = world.party("Alder")
    envelope = open_record(envelopes.open_envelope(a.card.envelope), a.card.opening).envelope
    a.rotate()
    leaf = bytes.fromhex(envelopes.record_id(a.rotations[0].envelope))
    checks: list[Callable[[], object]] = [
        lambda: ed25519.verify(key, encode(1) + bytes(32), b"any message"),
        lambda: envelopes.verify_envelope(envelope, key),
        lambda: receipt.open_receipt(a.rotations[0].receipt, leaf, key),
    ]
    if len(key) == 32:
        name = note.Vkey.parse(a.party.card.checkpoint).name
        own = note.Vkey(name=name, key_hash=note._key_hash(name, 1, key), kind=1, key=key)
        line = f"\u2014 {name} {base64.b64encode(own.key_hash + encode(1) + bytes(32)).decode()}\n"
        text = a.checkpoint().split("\n\n")[0] + "\n\n" + line
        checks.append(lambda: note.verify_checkpoint(text, own))
    for check in checks:
        with pytest.raises(NotVerified) as error:
            check()
        assert error.value.code in ("key.weak", "key.encoding", "key.length")


ALGORITHMS = [
    -7,
    -35,
    -36,
    -37,
    -39,
    -257,
    -47,
    5,
    4,
    0,
    -18,
    -20,
    -53,
    19,
    "EdDSA",
    b"\x27",
    True,
    None,
    [-19],
]


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_attack_17_a_receipt_of_another_algorithm(alg: object) -> None:
    """The party's key record fixes the algorithm; the header of a receipt cannot name another."""
    world = World("attack 17 receipts")
    a = world.party("Alder")
    a.rotate()
    tag = cbor2.loads(a.rotations[0].receipt)
    header = dict(cbor2.loads(tag.value[0])) | {1: alg}
    protected = cbor2.dumps(header, canonical=True)
    signature = ed25519.sign(
        a.key("receipt"), cbor2.dumps(["Signature1", protected, b"", a.tree.root()], canonical=True)
    )
    changed = cbor2.dumps(cbor2.CBORTag(18, [protected, tag.value[1], None, signature]), canonical=True)
    leaf = bytes.fromhex(envelopes.record_id(a.rotations[0].envelope))
    with pytest.raises(Malformed):
        receipt.open_receipt(changed, leaf, bytes.fromhex(a.party.card.receipt))


@pytest.mark.parametrize("kind", sorted({*range(8), 0x10, 0xFE, 0xFF} - {note.ED25519}))
def test_attack_17_a_ledger_key_of_another_kind(kind: int) -> None:
    """A checkpoint key is of type 1 and a witness key of type 4: the type stands in the key and the note."""
    world = World("attack 17 vkeys", recovery=True)
    card = world.card("Alder")
    own = note.Vkey.parse(card.checkpoint)
    encoded = base64.b64encode(bytes([kind]) + own.key).decode()
    vkey = f"{own.name}+{note._key_hash(own.name, kind, own.key).hex()}+{encoded}"
    fields = {name: getattr(card, name) for name in card.__struct_fields__} | {"checkpoint": vkey}
    with pytest.raises(ComityError):
        found(world, Card(**fields))


def test_attack_17_what_one_purpose_signs_is_nothing_for_another() -> None:
    """Every pair of purposes: a signature made for one verifies under no other key or reader."""
    world = World("attack 17 purposes", recovery=True)
    a = world.party("Alder")
    a.rotate()
    raw, issued = a.rotations[0].envelope, a.rotations[0].receipt
    leaf = bytes.fromhex(envelopes.record_id(raw))
    text = a.checkpoint()
    for purpose in PURPOSES:
        key = ed25519.public_of(a.key(purpose))
        if purpose != "statement":
            with pytest.raises(NotVerified):
                envelopes.verify_envelope(envelopes.open_envelope(raw), key)
        if purpose != "receipt":
            with pytest.raises(NotVerified):
                receipt.open_receipt(issued, leaf, key)
        if purpose != "checkpoint":
            own = note.vkey_of(note.Vkey.parse(a.party.card.checkpoint).name, key)
            with pytest.raises(NotVerified):
                note.verify_checkpoint(text, own)
    swapped = note.sign_checkpoint(party_keys.read_checkpoint(text, a.party), a.key("witness"))
    with pytest.raises(NotVerified):
        party_keys.read_checkpoint(swapped, a.party)


# -- 25: what a thief of each key can do ----------------------------------------------------------


def robbed() -> tuple[World, Actor, Case]:
    world = World("attack 25 thief", recovery=True)
    a = world.party("Alder")
    return world, a, world.open_case(a, witnesses=[a], quorum=1)


def test_attack_25_a_stolen_statement_key_cannot_pre_date() -> None:
    """The next leaf of the ledger is where it stands; no claimed time and no older key record moves it."""
    world, a, case = robbed()
    honest = a.say(kinds.Publish(manifest=digest("honest")), case=case)
    position = a.tree.size
    a.rotate()
    thief = a.say(
        kinds.Publish(manifest=digest("thief")),
        case=case,
        signed_with=0,
        at=world.now - 400 * DAY,
    )
    assert thief.stale
    assert thief.index > position
    stolen = parties.keys_of(a.party, "statement")[0][0]
    a.revoke(position, key=stolen)
    assert [world.again(r).key_suspect for r in (honest, thief)] == [False, True]


def test_attack_25_a_stolen_receipt_key_places_nothing_earlier() -> None:
    """A forged receipt for an earlier place leads to another root than the one that the ledger signed for
    that size; one for a size behind the key's range does not hold at all."""
    world, a, case = robbed()
    for n in range(4):
        a.say(kinds.Publish(manifest=digest(n)), case=case)
    size = a.tree.size
    thief = a.say(kinds.Publish(manifest=digest("thief")), case=case)
    old = a.key("receipt")
    kid = ed25519.thumbprint(ed25519.public_of(old))
    bundle = world.bundles[thief.value.id]
    leaf = bytes.fromhex(thief.value.id)

    def forge(index: int, size: int) -> Bundle:
        path = a.tree.inclusion(index, size)
        root = root_from_inclusion(leaf, index, size, path)
        assert root != a.tree.root(size)
        forged = receipt.issue_receipt(old, kid, size, index, path, root)
        return Bundle(envelope=bundle.envelope, opening=bundle.opening, receipt=forged)

    for index in range(size):
        assert not verify_record(forge(index, size), a.party, a.party).suspect
    a.revoke(1, "receipt", takes=["receipt"])
    for index in range(size):
        assert verify_record(forge(index, size), a.party, a.party).suspect
    with pytest.raises(NotVerified):
        verify_record(forge(1, a.tree.size), a.party, a.party)


def test_attack_25_a_stolen_recovery_key_signs_nothing_else() -> None:
    """It revokes; it states nothing, rotates nothing, and signs no receipt or checkpoint."""
    world, a, case = robbed()
    a.seeds.append(world.secret("Alder", "recovery"))
    with pytest.raises(NotVerified):
        a.say(kinds.Publish(manifest=digest("x")), case=case)
    with pytest.raises(NotVerified):
        a.rotate()
