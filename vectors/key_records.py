"""Vectors of key records under rules 2: revocations, and new keys for every purpose."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from comity.case.verified import render_attestation
from comity.records import ed25519, envelopes, kinds, parties
from comity.records.bundles import Bundle, commitment, make_opening, render_bundle
from tests import world as w
from tests.world import Actor, World
from vectors.story import Made, file_of, replaced, vector

# Public halves of keys that nobody has any more.
SECOND = "age1sxuqgwcuj0987syrg8p3m5la78c7az94d39p0fyx4ey2kpju35aqgq2jgy"
THIRD = "age1tj8zwhtxc9s7un7ya4aau6ln9hlkhgv554394aaccgummf70w3ws0vw99t"


def keyed(name: str) -> tuple[World, Actor]:
    """A world of its own, with a party whose card names a recovery key."""
    world = World(f"vectors/{name}", recovery=True)
    return world, world.party("Alder")


def bound() -> kinds.Bind:
    """A binding; what is in it is checked by whoever asks who signed."""
    return kinds.Bind(
        scheme="openpgp",
        fingerprint="ab" * 20,
        signature="an armoured signature",
        certificate="a certificate",
    )


def moved(address: str) -> kinds.Reach:
    """Contacts that take the place of earlier ones."""
    return kinds.Reach(contacts=(kinds.Contact(kind="node", address=address),))


def sealed_to(age: str) -> kinds.Recipient:
    """A recipient that takes the place of an earlier one."""
    return kinds.Recipient(age=age)


def party_accepted() -> Made:
    """Chains of key records that hold."""
    _, a = keyed("rotated")
    a.rotate("new ledger keys", ["checkpoint", "receipt", "witness"])
    a.rotate("", ["receipt"], statement=False)
    yield vector("party", "a node that took up new keys for every purpose", **file_of(a))
    _, a = keyed("revoked")
    a.rotate("mine now")
    stolen = parties.keys_of(a.party, "statement")[0][0]
    a.revoke(1, key=stolen, takes=["statement"], reason="The key was copied.")
    a.follow(bound(), a.seeds[-1])
    yield vector("party", "a key revoked after its thief took up another, and a binding", **file_of(a))
    _, a = keyed("moved")
    a.follow(moved("https://second.example"), a.seeds[-1])
    copied = a.tree.size
    a.follow(moved("https://thief.example"), a.seeds[-1])
    a.revoke(copied, takes=["statement"])
    yield vector("party", "new contacts, and others by a stolen key", **file_of(a))
    _, a = keyed("sealed")
    a.follow(sealed_to(SECOND), a.seeds[-1])
    copied = a.tree.size
    a.follow(sealed_to(THIRD), a.seeds[-1])
    a.revoke(copied, takes=["statement"])
    yield vector("party", "a new recipient, and another by a stolen key", **file_of(a))
    world, a = keyed("guest")
    g = world.guest("Guest", a)
    a.rotate("", ["receipt"], statement=False)
    g.revoke(1, takes=["statement"])
    yield vector("party", "a guest that revoked, in a ledger with a new receipt key", **file_of(g))


def record_accepted() -> Made:
    """Records on both sides of a revocation, and under two receipt keys."""
    world, a = keyed("marked")
    case = world.open_case(a, witnesses=[a], quorum=1)
    said = [a.say(kinds.Publish(manifest=w.digest(n)), case=case) for n in range(2)]
    a.rotate("", ["receipt"], statement=False)
    said.append(a.say(kinds.Publish(manifest=w.digest(2)), case=case))
    a.revoke(said[1].index, takes=["statement"])
    said.append(a.say(kinds.Publish(manifest=w.digest(3)), case=case))
    names = ("before the position", "at it", "behind it, under a new receipt key", "under the next key")
    for name, record in zip(names, said, strict=True):
        raw = render_bundle(world.bundles[record.value.id]).hex()
        yield vector("record", f"a revoked key: {name}", bundle=raw, party=file_of(a))


def record_refused() -> Made:
    """A receipt under the key of another range."""
    world, a = keyed("ranges")
    case = world.open_case(a, witnesses=[a], quorum=1)
    said = a.say(kinds.Publish(manifest=w.digest("ranges")), case=case)
    bundle = world.bundles[said.value.id]
    for name, others in (("an old receipt key", ()), ("a receipt key taken up later", ("receipt",))):
        if others:
            a.rotate("", ["receipt"], statement=False)
            size = said.index + 1
            forged = a.receipt_at(said.index, size)
        else:
            old = a.key("receipt")
            a.rotate("", ["receipt"], statement=False)
            forged = a.receipt_at(said.index, a.tree.size, old)
        changed = Bundle(envelope=bundle.envelope, opening=bundle.opening, receipt=forged)
        yield vector("record", name, bundle=render_bundle(changed).hex(), party=file_of(a))


def attestation_accepted() -> Made:
    """Heads under two checkpoint keys."""
    world, a = keyed("checkpoints")
    case = world.open_case(a, witnesses=[a], quorum=1)
    early = a.tree.size
    a.rotate("", ["checkpoint"], statement=False)
    a.say(kinds.Publish(manifest=w.digest("late")), case=case)
    for name, size in (("under an earlier checkpoint key", early), ("under a later one", a.tree.size)):
        raw = render_attestation(a.checkpoint(size), [])
        yield vector("attestation", name, raw=raw.hex(), home=file_of(a), witnesses=[])


def attestation_refused() -> Made:
    """A head of a party that keeps no ledger."""
    world, a = keyed("no ledger")
    g = world.guest("Guest", a)
    raw = render_attestation(a.checkpoint(), []).hex()
    yield vector("attestation", "of a guest", raw=raw, home=file_of(g), witnesses=[])


def link_of(actor: Actor, content: kinds.Content, seed: bytes, rules: int = 2) -> bytes:
    """A key record that nobody checked, and its receipt."""
    last = actor.party.newest
    frame = kinds.Frame(
        kind=content.kind, author=actor.id, case=kinds.NO_CASE, at="2031-03-01T08:00:00Z",
        marking="TLP:CLEAR", audience=(kinds.PUBLIC,), rules=rules,
    )  # fmt: skip
    opening = make_opening(replaced(frame), content, bytes(32), bytes(32))
    raw = envelopes.seal_envelope(
        seed, iss=actor.id, sub=kinds.NO_CASE, seq=len(actor.party.keys), prev=last.record, keys=last.record,
        payload=commitment(opening),
    ).raw  # fmt: skip
    _, receipt = actor.log(raw)
    return render_bundle(Bundle(envelope=raw, opening=opening, receipt=receipt))


def taken(actor: Actor, purpose: kinds.Purpose, seed: bytes, said: bytes = b"") -> kinds.Taken:
    """A key taken up, with the proof that belongs to it, or one over other bytes."""
    new = ed25519.public_of(seed)
    said = said or parties.taking_proof(purpose, actor.id, actor.party.newest.record, new)
    return kinds.Taken(purpose=purpose, key=new.hex(), proof=ed25519.sign(seed, said).hex())


def _revoke(actor: Actor, **changes: Any) -> kinds.Revoke:
    fields: dict[str, Any] = {
        "purpose": "statement",
        "key": actor.party.newest.key.hex(),
        "suspect_from": 0,
    }
    return kinds.Revoke(**(fields | changes))


FRESH = w.derive("fresh witness")
Maker = Callable[[World, Actor], bytes]


def _recovery(world: World) -> bytes:
    return world.secret("Alder", "recovery")


REFUSED: dict[str, Maker] = {
    "a revocation by the key that it revokes": lambda _, a: link_of(a, _revoke(a), a.seeds[0]),
    "a rotation by the recovery key": lambda x, a: link_of(
        a, kinds.Rotate(taken=(taken(a, "witness", FRESH),)), _recovery(x)
    ),
    "a revocation of a key of nobody's": lambda x, a: link_of(a, _revoke(a, key="11" * 32), _recovery(x)),
    "a revocation of a key of another purpose": lambda x, a: link_of(
        a, _revoke(a, purpose="receipt"), _recovery(x)
    ),
    "a revocation from behind its own place": lambda x, a: link_of(
        a, _revoke(a, suspect_from=2), _recovery(x)
    ),
    "a rotation of rules 1 with what rules 2 brought": lambda _, a: link_of(
        a, kinds.Rotate(taken=(taken(a, "witness", FRESH),)), a.seeds[0], rules=1
    ),
    "a rotation that takes up nothing": lambda _, a: link_of(a, kinds.Rotate(), a.seeds[0]),
    "a statement key without its proof": lambda _, a: link_of(
        a, kinds.Rotate(statement=ed25519.public_of(FRESH).hex()), a.seeds[0]
    ),
    "one key taken up for two purposes": lambda _, a: link_of(
        a, kinds.Rotate(taken=(taken(a, "receipt", FRESH), taken(a, "witness", FRESH))), a.seeds[0]
    ),
    "keys taken up in another order": lambda _, a: link_of(
        a, kinds.Rotate(taken=(taken(a, "witness", FRESH), taken(a, "receipt", bytes(31) + b"1"))), a.seeds[0]
    ),
    "the recovery key taken up": lambda x, a: link_of(
        a, kinds.Rotate(taken=(taken(a, "witness", _recovery(x)),)), a.seeds[0]
    ),
    "a proof for another purpose": lambda _, a: link_of(
        a,
        kinds.Rotate(
            taken=(
                taken(
                    a,
                    "witness",
                    FRESH,
                    parties.taking_proof("receipt", a.id, a.party.newest.record, ed25519.public_of(FRESH)),
                ),
            )
        ),
        a.seeds[0],
    ),
    "a key taken up whose point is of small order": lambda _, a: link_of(
        a,
        kinds.Rotate(taken=(kinds.Taken(purpose="witness", key="01" + "00" * 31, proof="00" * 64),)),
        a.seeds[0],
    ),
    "a recipient by the recovery key": lambda x, a: link_of(a, sealed_to(SECOND), _recovery(x)),
    "a recipient under rules 1": lambda _, a: link_of(a, sealed_to(SECOND), a.seeds[0], rules=1),
    "a binding by another key": lambda x, a: link_of(a, bound(), _recovery(x)),
}


def party_refused() -> Made:
    """Chains of key records that do not hold."""
    for name, maker in REFUSED.items():
        world, a = keyed(name)
        link = maker(world, a).hex()
        yield vector("party", name, card=file_of(a)["card"], rotations=[link])
    world, a = keyed("contacts by the recovery key")
    link = link_of(a, moved("https://second.example"), _recovery(world)).hex()
    yield vector("party", "contacts by the recovery key", card=file_of(a)["card"], rotations=[link])
    _, a = keyed("a recipient again")
    a.follow(sealed_to(SECOND), a.seeds[0])
    links = [*file_of(a)["rotations"], link_of(a, sealed_to(SECOND), a.seeds[0]).hex()]
    yield vector("party", "a recipient taken up again", card=file_of(a)["card"], rotations=links)
    world, a = keyed("a guest's recipient")
    g = world.guest("Guest", a)
    link = link_of(g, sealed_to(SECOND), g.seeds[0]).hex()
    yield vector("party", "a recipient of a guest", **(file_of(g) | {"rotations": [link]}))
    plain = World("vectors/no recovery").party("Alder")
    link = link_of(plain, _revoke(plain), plain.seeds[0]).hex()
    yield vector(
        "party", "a revocation without a recovery key", card=file_of(plain)["card"], rotations=[link]
    )
