"""Vectors of what is proven: keys, parties, records, attestations, receipts, rows and folds."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any

import cbor2

from comity.case.verified import render_attestation
from comity.evidence.disclose import disclose_rows, render_disclosure
from comity.evidence.seal import Declared, seal_stream
from comity.ledger import note
from comity.records import ed25519, envelopes, kinds, parties
from comity.records.bundles import Bundle, commitment, make_opening, render_bundle
from tests import world as w
from tests.generated import generate_case
from tests.procedure import play
from tests.rulebook import BREAKS, changed, scene
from tests.rulebook_of_reruns import play_reruns
from tests.world import Actor, World, full_case
from vectors import key_records
from vectors.story import (
    BUNDLE,
    CASE,
    CLAIM,
    OTHER,
    ROTATED,
    ROTATING,
    STORY,
    A,
    B,
    C,
    G,
    Made,
    file_of,
    header,
    replaced,
    resigned,
    signed,
    vector,
)
from vectors.timestamps import stamped_accepted, stamped_refused

# -- keys, parties, records -----------------------------------------------------------------------


def key_accepted() -> Made:
    yield vector("key", "of RFC 8032 §7.1 test 1", key=RFC_KEY)
    yield vector("key", "of a party", key=A.party.card.statement)


RFC_KEY = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
# The eight points whose order divides eight, and spellings of them that are not canonical (from the curve).
TORSION = {
    "the neutral element": "01" + "00" * 31,
    "a point of order 2": "ec" + "ff" * 30 + "7f",
    "a point of order 4": "00" * 32,
    "the other point of order 4": "00" * 31 + "80",
    "a point of order 8": "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "a second point of order 8": "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "a third point of order 8": "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "a fourth point of order 8": "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "the neutral element with a sign": "01" + "00" * 30 + "80",
    "y = p": "ed" + "ff" * 30 + "7f",
    "y = p + 1": "ee" + "ff" * 30 + "7f",
    "y = 2^255 - 1": "ff" * 31 + "7f",
    "y = 2, which is no point": "02" + "00" * 31,
}


def key_refused() -> Made:
    for name, key in TORSION.items():
        yield vector("key", name, key=key)
    yield vector("key", "31 bytes", key=RFC_KEY[2:])
    yield vector("key", "a party's key and a point of order 2", key=_mixed(bytes.fromhex(RFC_KEY)).hex())


def _mixed(key: bytes) -> bytes:
    """A·B of order L plus the point (0, -1): y and x change their sign."""
    y = int.from_bytes(key, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    return ((ed25519.P - y) | ((1 - sign) << 255)).to_bytes(32, "little")


def signature_accepted() -> Made:
    # RFC 8032 §7.1, test 1: the empty message.
    yield vector("signature", "of RFC 8032 §7.1 test 1", key=RFC_KEY, signature=RFC_SIGNATURE, message="")


RFC_SIGNATURE = (
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
    "d25bf5f0595bbe24655141438e7a100b"
)


SIGNER = bytes(range(32))


def _secret(seed: bytes) -> tuple[int, bytes]:
    """The scalar of a seed and its public key (RFC 8032 §5.1.5)."""
    low = int.from_bytes(hashlib.sha512(seed).digest()[:32], "little")
    return low & ((1 << 254) - 8) | 1 << 254, ed25519.public_of(seed)


def _signed(scalar: int, own: bytes, point: bytes, r: int, message: bytes) -> bytes:
    """A signature with this R, for which S = r + h·a is what the equation wants up to a small point."""
    h = int.from_bytes(hashlib.sha512(point + own + message).digest(), "little")
    return point + ((r + h * scalar) % ed25519.L).to_bytes(32, "little")


def signature_refused() -> Made:
    raw = bytes.fromhex(RFC_SIGNATURE)
    high = (int.from_bytes(raw[32:], "little") + ed25519.L).to_bytes(32, "little")
    yield vector("signature", "another message", key=RFC_KEY, signature=RFC_SIGNATURE, message="00")
    yield vector(
        "signature", "S plus the group order", key=RFC_KEY, signature=(raw[:32] + high).hex(), message=""
    )
    yield vector("signature", "63 bytes", key=RFC_KEY, signature=raw[:63].hex(), message="")
    neutral = TORSION["the neutral element"]
    scalar, own = _secret(SIGNER)
    for name, point in TORSION.items():
        # Whoever holds the key makes R of any kind. In the first of these the equation holds without the
        # cofactor, in the others only with it.
        yield vector(
            "signature",
            f"R: {name}",
            key=own.hex(),
            signature=_signed(scalar, own, bytes.fromhex(point), 0, b"weak").hex(),
            message=b"weak".hex(),
        )
    key, mixed, message = ed25519.MIXED
    yield vector(
        "signature",
        "whose R is of mixed order",
        key=key.hex(),
        signature=mixed.hex(),
        message=message.hex(),
    )
    yield vector(
        "signature",
        "by a key of mixed order",
        key=_mixed(bytes.fromhex(RFC_KEY)).hex(),
        signature=RFC_SIGNATURE,
        message="",
    )
    yield vector(
        "signature",
        "one that a key of order 1 makes for all",
        key=neutral,
        signature=neutral + "00" * 32,
        message="",
    )


def party_accepted() -> Made:
    yield vector("party", "a node", **file_of(B))
    yield vector("party", "a node that took up new keys", **file_of(ROTATED))
    yield vector("party", "a guest", **file_of(G))
    yield from key_records.party_accepted()


def party_refused() -> Made:
    file = file_of(ROTATED)
    yield vector("party", "a key record missing", card=file["card"], rotations=file["rotations"][1:])
    yield vector(
        "party", "key records in another order", card=file["card"], rotations=file["rotations"][::-1]
    )
    claim = render_bundle(ROTATING.bundles[CASE.opening.value.id]).hex()
    yield vector("party", "a claim as a key record", card=file["card"], rotations=[claim])
    yield vector("party", "a key record as the card", card=file["rotations"][0], rotations=[])
    guest = file_of(G)
    yield vector("party", "a guest without its home", card=guest["card"], rotations=[])
    yield vector("party", "a guest with another home", card=guest["card"], rotations=[], home=file_of(B))
    bare = render_bundle(Bundle(envelope=A.card.envelope)).hex()
    yield vector("party", "a card that is not opened", card=bare, rotations=[])
    card = ROTATING.card("Dogwood")
    seed = ROTATING.secret("Dogwood", "statement", 0)
    witness = note.Vkey.parse(card.witness)
    for name, changes, key in (
        ("a card without a witness key", {"witness": ""}, seed),
        ("a guest with a checkpoint key", {"home": A.id}, seed),
        ("one key for statements and receipts", {"receipt": card.statement}, seed),
        (
            "one key for checkpoints and cosignatures",
            {"checkpoint": str(note.vkey_of("x", witness.key))},
            seed,
        ),
        ("a witness key as the checkpoint key", {"checkpoint": card.witness}, seed),
        ("a weak receipt key", {"receipt": TORSION["a point of order 4"]}, seed),
        ("a card signed with another key", {}, ROTATING.secret("another")),
        ("a checkpoint key that is no key", {"checkpoint": "log"}, seed),
    ):
        yield vector("party", name, card=card_of(_card(card, **changes), key).hex(), rotations=[])
    for name, maker in ROTATIONS.items():
        yield vector("party", name, card=file["card"], rotations=[maker().hex()])
    yield from key_records.party_refused()


def _card(card: kinds.Card, **changes: Any) -> kinds.Card:
    fields = {name: getattr(card, name) for name in card.__struct_fields__}
    return kinds.Card(**(fields | changes))


def card_of(card: kinds.Card, seed: bytes) -> bytes:
    frame = replaced(_frame_outside("party.card"), author=kinds.SELF)
    opening = make_opening(frame, card, bytes(32), bytes(32))
    envelope = envelopes.seal_envelope(
        seed, iss=kinds.SELF, sub=kinds.NO_CASE, seq=0, prev=kinds.NO_CASE, keys=kinds.NO_CASE,
        payload=commitment(opening),
    )  # fmt: skip
    return render_bundle(Bundle(envelope=envelope.raw, opening=opening))


def _frame_outside(kind: str) -> kinds.Frame:
    return kinds.Frame(
        kind=kind, author=ROTATED.id, case=kinds.NO_CASE, at="2031-03-01T08:00:00Z", marking="TLP:CLEAR",
        audience=(kinds.PUBLIC,), rules=1,
    )  # fmt: skip


def rotation_of(
    *, seed: bytes, new: bytes, proof_by: bytes, seq: int = 1, index_of: Actor = ROTATED
) -> bytes:
    last = ROTATED.party.keys[0]
    public = ed25519.public_of(new)
    proof = ed25519.sign(proof_by, parties.rotation_proof(ROTATED.id, last.record, public))
    content = kinds.Rotate(statement=public.hex(), proof=proof.hex())
    opening = make_opening(_frame_outside("party.rotate"), content, bytes(32), bytes(32))
    raw = envelopes.seal_envelope(
        seed, iss=ROTATED.id, sub=kinds.NO_CASE, seq=seq, prev=last.record, keys=last.record,
        payload=commitment(opening),
    ).raw  # fmt: skip
    _, receipt = index_of.log(raw)
    return render_bundle(Bundle(envelope=raw, opening=opening, receipt=receipt))


FRESH = w.derive("fresh")
ROTATIONS: dict[str, Callable[[], bytes]] = {
    "a key record with a gap": lambda: rotation_of(seed=ROTATED.seeds[0], new=FRESH, proof_by=FRESH, seq=2),
    "a key record not signed by the key before": lambda: rotation_of(seed=FRESH, new=FRESH, proof_by=FRESH),
    "a key record not signed by the new key": lambda: rotation_of(
        seed=ROTATED.seeds[0], new=FRESH, proof_by=ROTATED.seeds[0]
    ),
    "a key taken up again": lambda: rotation_of(
        seed=ROTATED.seeds[0], new=ROTATED.seeds[0], proof_by=ROTATED.seeds[0]
    ),
    "a key record in another ledger": lambda: rotation_of(
        seed=ROTATED.seeds[0], new=FRESH, proof_by=FRESH, index_of=OTHER
    ),
}


def record_accepted() -> Made:
    for name in ("claim", "response"):
        record = STORY.records[name]
        raw = render_bundle(STORY.world.bundles[record.value.id]).hex()
        yield vector("record", name, bundle=raw, party=file_of(STORY.world.authors[record.value.id]))
    guest = render_bundle(STORY.world.bundles[STORY.records["endorse-denial"].value.id]).hex()
    yield vector("record", "by a guest", bundle=guest, party=file_of(G), home=file_of(C))
    stale = ROTATED.say(kinds.Publish(manifest=w.digest("old key")), case=CASE, signed_with=0)
    raw = render_bundle(ROTATING.bundles[stale.value.id]).hex()
    yield vector("record", "under a key that was replaced", bundle=raw, party=file_of(ROTATED))
    yield from key_records.record_accepted()


def record_refused() -> Made:
    file, raw = file_of(A), BUNDLE.envelope
    yield vector("record", "by another party", bundle=render_bundle(BUNDLE).hex(), party=file_of(B))
    signature = CLAIM.value.envelope.signature
    forged = raw[: -len(signature)] + bytes([signature[0] ^ 1]) + signature[1:]
    yield vector("record", "a bit of the signature", bundle=_with(envelope=forged), party=file)
    receipt = STORY.world.bundles[STORY.records["notice"].value.id].receipt
    yield vector("record", "the receipt of another record", bundle=_with(receipt=receipt), party=file)
    yield vector("record", "no receipt", bundle=_with(receipt=b""), party=file)
    _, elsewhere = B.log(raw)
    yield vector("record", "the receipt of another ledger", bundle=_with(receipt=elsewhere), party=file)
    yield vector("record", "a home that is not its author's", bundle=_with(), party=file, home=file_of(B))
    opening = BUNDLE.opening
    assert opening is not None
    unknown = resigned(A, opening, keys="e" * 64)
    _, receipt = A.log(unknown)
    yield vector("record", "a key record that is not there", bundle=_with(unknown, receipt), party=file)
    swapped = header(l4=ed25519.thumbprint(bytes.fromhex(B.party.card.statement)))
    other = signed(swapped)
    _, receipt = A.log(other)
    yield vector("record", "kid of another key", bundle=_with(other, receipt), party=file)
    yield from key_records.record_refused()


def _with(envelope: bytes = BUNDLE.envelope, receipt: bytes = BUNDLE.receipt) -> str:
    return render_bundle(Bundle(envelope=envelope, opening=BUNDLE.opening, receipt=receipt)).hex()


# -- attestations, receipts, rows -----------------------------------------------------------------


def attestation_accepted() -> Made:
    attested = STORY.attestations[0].value
    witnesses = [v.vkey for v in STORY.case.policy.witnesses]
    yield vector(
        "attestation", "by three witnesses", raw=attested.raw.hex(), home=file_of(A), witnesses=witnesses
    )
    yield vector("attestation", "of no leaf", raw=_no_leaf().hex(), home=file_of(A), witnesses=[])
    for name, raw in stamped_accepted().items():
        yield vector("attestation", name, raw=raw.hex(), home=file_of(A), witnesses=witnesses)
    yield from key_records.attestation_accepted()


def _no_leaf() -> bytes:
    _, text, _ = cbor2.loads(STORY.attestations[0].value.raw)
    return render_attestation(text, [])


def attestation_refused() -> Made:
    raw = STORY.attestations[0].value.raw
    witnesses = [v.vkey for v in STORY.case.policy.witnesses]
    version, text, rows = cbor2.loads(raw)

    def packed(*parts: Any) -> bytes:
        return cbor2.dumps(list(parts), canonical=True)

    first, second = list(rows[0]), list(rows[1])
    lines = text.splitlines(keepends=True)
    later = note.cosign("".join(lines[:5]), note.Vkey.parse(witnesses[0]).name, FRESH, w.START).split()
    forged_line = lines[5].split()
    # The right name and key id, and a signature that somebody else made.
    forged_line[2] = _base64(_base64_bytes(forged_line[2])[:4] + _base64_bytes(later[2])[4:])
    cases = {
        "nothing": b"",
        "cut short": raw[:-1],
        "an array of open length": b"\x9f" + raw[1:] + b"\xff",
        "true for 1": packed(True, text, rows),
        "a part missing": packed(version, text),
        "leaves out of order": packed(version, text, [second, first]),
        "a leaf twice": packed(version, text, [first, first]),
        "a leaf of 31 bytes": packed(version, text, [[first[0][:31], *first[1:]]]),
        "an index as true": packed(version, text, [[second[0], True, second[2]]]),
        "a number in a path": packed(version, text, [[first[0], first[1], [1, 2]]]),
        "a text in a path": packed(version, text, [[first[0], first[1], ["a" * 32]]]),
        "a leaf at another place": packed(version, text, [[second[0], *first[1:]]]),
        "a path cut short": packed(version, text, [[first[0], first[1], first[2][:-1]]]),
        "a path too long": packed(version, text, [[first[0], first[1], [*first[2], bytes(32)]]]),
        "a leaf beyond the tree": packed(version, text, [[first[0], 10_000, first[2]]]),
        "another size": packed(version, text.replace(f"\n{lines[1]}", "\n99\n", 1), []),
        "a forged cosignature": packed(
            version, "".join([*lines[:5], " ".join(forged_line) + "\n", *lines[6:]]), rows
        ),
        "no signature of the ledger": packed(version, "".join([*lines[:4], *lines[5:]]), rows),
    }
    for name, damaged in cases.items():
        yield vector("attestation", name, raw=damaged.hex(), home=file_of(A), witnesses=witnesses)
    yield vector("attestation", "of another ledger", raw=raw.hex(), home=file_of(B), witnesses=witnesses)
    for name, damaged in stamped_refused().items():
        yield vector("attestation", name, raw=damaged.hex(), home=file_of(A), witnesses=witnesses)
    yield from key_records.attestation_refused()


def _base64_bytes(text: str) -> bytes:
    return note.decode64(text, "")


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def receipt_accepted() -> Made:
    yield vector("receipt", "of a claim", **_receipt_fields())


def _receipt_fields() -> dict[str, str]:
    return {"receipt": BUNDLE.receipt.hex(), "leaf": CLAIM.value.id, "key": A.party.card.receipt}


def receipt_refused() -> Made:
    fields = _receipt_fields()
    yield vector("receipt", "another leaf", **(fields | {"leaf": "00" * 32}))
    yield vector("receipt", "another key", **(fields | {"key": B.party.card.receipt}))
    yield vector("receipt", "cut short", **(fields | {"receipt": BUNDLE.receipt[:-1].hex()}))
    yield vector("receipt", "nothing", **(fields | {"receipt": ""}))
    yield vector(
        "receipt", "of more than 8,192 bytes", **(fields | {"receipt": {"hex": "00", "repeat": 8193}})
    )


def rows_of(count: int = 40) -> tuple[bytes, Any]:
    lines = b"".join(b"203.0.113.%d GET /index.html\n" % (n % 250) for n in range(count))
    key = w.derive("row key")
    return lines, (key, seal_stream([lines], "access.log", "lines/1", key, Declared()))


def rows_made() -> tuple[dict[str, Any], bytes]:
    lines, (key, sealed) = rows_of()
    shown = disclose_rows(sealed.tree, key, sealed.metadata, "lines/1", [lines], [3, 4, 20])
    return {"size": sealed.size, "root": sealed.root.hex()}, render_disclosure(shown)


def rows_accepted() -> Made:
    item, raw = rows_made()
    yield vector("rows", "three rows of forty", item=item, raw=raw.hex())


def rows_refused() -> Made:
    item, raw = rows_made()
    kind, size, root, entries, proof = cbor2.loads(raw)

    def packed(entries: Any = entries, proof: Any = proof, size: int = size) -> str:
        return cbor2.dumps([kind, size, root, entries, proof], canonical=True).hex()

    one, two, three = (list(e) for e in entries)
    yield vector("rows", "cut short", item=item, raw=raw[:-1].hex())
    yield vector("rows", "another item", item=item | {"root": "00" * 32}, raw=raw.hex())
    yield vector("rows", "another size than was sealed", item=item | {"size": size + 1}, raw=raw.hex())
    yield vector(
        "rows", "a changed row", item=item, raw=packed([[one[0], one[1], one[2] + b" "], two, three])
    )
    yield vector("rows", "a row under another number", item=item, raw=packed([[2, *one[1:]], two, three]))
    yield vector("rows", "another salt", item=item, raw=packed([[one[0], bytes(16), one[2]], two, three]))
    yield vector(
        "rows", "a salt of 15 bytes", item=item, raw=packed([[one[0], bytes(15), one[2]], two, three])
    )
    yield vector("rows", "rows out of order", item=item, raw=packed([two, one, three]))
    yield vector("rows", "a row twice", item=item, raw=packed([one, one, two, three]))
    yield vector("rows", "a row left out", item=item, raw=packed([one, three]))
    yield vector("rows", "a row beyond the item", item=item, raw=packed([one, two, [size, *three[1:]]]))
    yield vector("rows", "no row", item=item, raw=packed([]))
    yield vector("rows", "a proof cut short", item=item, raw=packed(proof=proof[:-1]))
    yield vector("rows", "a proof too long", item=item, raw=packed(proof=[*proof, bytes(32)]))
    yield vector("rows", "a hash of 31 bytes", item=item, raw=packed(proof=[*proof[:-1], bytes(31)]))


# -- cases ----------------------------------------------------------------------------------------


def fold_fields(world: World, case: str, records: list[Any], attestations: list[Any]) -> dict[str, Any]:
    authors = {world.authors[r.value.id].id: world.authors[r.value.id] for r in records}
    authors |= {a.ledger.id: a.ledger for a in list(authors.values())}
    authors |= {a.value.home: world.by_id(a.value.home) for a in attestations}
    bundles = []
    for record in records:
        bundle = world.bundles[record.value.id]
        opening = bundle.opening if record.value.content is not None else None
        bundles.append(
            render_bundle(Bundle(envelope=bundle.envelope, opening=opening, receipt=bundle.receipt)).hex()
        )
    return {
        "case": case,
        "parties": [file_of(a) for _, a in sorted(authors.items())],
        "bundles": bundles,
        "attestations": [{"home": a.value.home, "raw": a.value.raw.hex()} for a in attestations],
    }


def fold_accepted() -> Made:
    records = list(STORY.records.values())
    yield vector(
        "fold", "the whole story", **fold_fields(STORY.world, STORY.case.id, records, STORY.attestations)
    )
    newer = full_case("vectors", rules=2)
    records = list(newer.records.values())
    fields = fold_fields(newer.world, newer.case.id, records, newer.attestations)
    yield vector("fold", "the whole story under rules 2", **fields)
    for seed in (1, 2, 3):
        made = generate_case(f"vectors {seed}", size=24, parties=3, later=False)
        fields = fold_fields(made.world, made.case.id, made.records, made.attestations)
        yield vector("fold", f"generated case {seed}, with attacks", **fields)
    s = scene("vectors/procedure")
    play(s)
    yield vector("fold", "every kind of procedure", **fold_fields(s.world, s.case.id, s.facts, []))
    s = scene("vectors/propositions")
    stated = w.claim(w.cite())
    person = changed(stated.assertions[0], proposition="person", standard="prima facie")
    claim = s.say(s.a, changed(stated, assertions=(person,)))
    s.say(s.b, kinds.Response(target=claim.value.id, assertions=(person,)), claim)
    yield vector(
        "fold",
        "assertions that name the kind of their proposition",
        **fold_fields(s.world, s.case.id, s.facts, []),
    )
    s = scene("vectors/reruns")
    play_reruns(s)
    told = "re-runs that say which rows and which item they speak of"
    yield vector("fold", told, **fold_fields(s.world, s.case.id, s.facts, []))


def fold_refused() -> Made:
    for broken in BREAKS:
        s = scene(f"vectors/{broken.name}")
        record = broken.play(s)
        fields = fold_fields(s.world, s.case.id, s.facts, [])
        name = f"rule {broken.rule}: {broken.name.replace('_', ' ')}"
        yield vector("fold", name, record=record.value.id, rule=broken.rule, **fields)
