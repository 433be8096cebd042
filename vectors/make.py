"""Writes ``vectors/accepted`` and ``vectors/refused`` again: ``python vectors/make.py``.

Everything follows from seeds, so the same code writes the same bytes; a changed byte is a changed format.
Parties, keys and texts are invented (``tests/world.py``). Each file holds the vectors of one check. What an
accepted vector gives, and the code or rule by which a refused one is refused, is what a verifier must find.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cbor2

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT.parent))

from comity.case.verified import render_attestation  # noqa: E402
from comity.errors import ComityError  # noqa: E402
from comity.evidence.disclose import disclose_rows, render_disclosure  # noqa: E402
from comity.evidence.seal import Declared, seal_stream  # noqa: E402
from comity.ledger import note  # noqa: E402
from comity.records import bodies, ed25519, envelopes, kinds, parties  # noqa: E402
from comity.records.bundles import Bundle, Opening, commitment, make_opening, render_bundle  # noqa: E402
from tests import world as w  # noqa: E402
from tests.generated import generate_case  # noqa: E402
from tests.rulebook import BREAKS, scene  # noqa: E402
from tests.vector_runner import run_vector  # noqa: E402
from tests.world import Actor, World, full_case  # noqa: E402

ORIGIN = "vectors/make.py, from the invented world of tests/world.py"
Made = Iterator[dict[str, Any]]

STORY = full_case("vectors")
A, B, C, G = STORY.claimant, STORY.respondent, STORY.third, STORY.guest
CLAIM = STORY.records["claim"]
BUNDLE = STORY.world.bundles[CLAIM.value.id]


def vector(check: str, name: str, **fields: Any) -> dict[str, Any]:
    return {"check": check, "name": name, **fields}


def file_of(actor: Actor) -> dict[str, Any]:
    """A party as its own key records describe it."""
    made: dict[str, Any] = {
        "card": render_bundle(actor.card).hex(),
        "rotations": [render_bundle(r).hex() for r in actor.rotations],
    }
    if actor.home:
        made["home"] = file_of(actor.home)
    return made


def pad(pattern: bytes, count: int) -> dict[str, Any]:
    return {"hex": pattern.hex(), "repeat": count}


# -- canonical JSON, frames, contents -------------------------------------------------------------


def canonical_accepted() -> Made:
    for name, text in {
        "empty object": "{}",
        "sorted keys": '{"A":1,"a":{"b":[true,false,"c"]}}',
        "largest and smallest integer": f"[{2**53 - 1},-{2**53 - 1}]",
        "escapes that stay": '"\\b\\t\\n\\f\\r\\"\\\\\\u001f"',
        "characters that are not escaped": '"/\x7fé€😀\u2028"',
    }.items():
        yield vector("canonical", name, raw=text.encode().hex())


def canonical_refused() -> Made:
    for name, raw in {
        "a key twice": b'{"a":1,"a":1}',
        "keys out of order": b'{"b":1,"a":1}',
        "white space": b'{"a": 1}',
        "a line feed behind": b"{}\n",
        "a float": b"1.0",
        "an exponent": b"1e400",
        "negative zero": b"-0",
        "a leading zero": b"01",
        "not a number": b"NaN",
        "infinity": b"Infinity",
        "null": b"null",
        "an integer of 2^53": str(2**53).encode(),
        "fullwidth digits": "１２".encode(),
        "an escape that is not needed": b'"\\u0061"',
        "an escaped solidus": b'"\\/"',
        "an escape in capitals": b'"\\u001F"',
        "a lone surrogate": b'"\\ud800"',
        "a surrogate pair in escapes": b'"\\ud83d\\ude00"',
        "a key that is not ASCII": '{"é":1}'.encode(),
        "UTF-16": '{"a":1}'.encode("utf-16"),
        "a byte order mark": b"\xef\xbb\xbf{}",
        "not UTF-8": b'"\xff"',
        "a control character": b'"\x01"',
        "nothing": b"",
        "cut short": b'{"a":',
        "two values": b"{}{}",
    }.items():
        yield vector("canonical", name, raw=raw.hex())
    yield vector("canonical", "nested too deep", raw=pad(b"[", 100_000))
    yield vector("canonical", "an integer of 5,000 digits", raw=pad(b"9", 5_000))


def frame_of(**changes: Any) -> dict[str, Any]:
    found = json.loads(BUNDLE.opening.frame)  # type: ignore[union-attr]
    found.update(changes)
    return {k: v for k, v in found.items() if v is not ...}


def plain(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode().hex()


def frame_accepted() -> Made:
    yield vector("frame", "of a claim", raw=plain(frame_of()))
    yield vector("frame", "to everyone", raw=plain(frame_of(audience=["public"])))
    yield vector("frame", "to nobody else", raw=plain(frame_of(audience=[])))
    yield vector("frame", "cites an attestation", raw=plain(frame_of(references=["t:" + "a" * 64])))


def frame_refused() -> Made:
    one, two = "a" * 64, "b" * 64
    for name, changes in {
        "an unknown field": {"extra": 1},
        "a field missing": {"marking": ...},
        "an unknown kind": {"kind": "claim.shout"},
        "rules of another version": {"rules": 2},
        "a number for a text": {"kind": 1},
        "an id in capitals": {"case": "A" * 64},
        "an id cut short": {"case": "a" * 63},
        "an id and a line feed": {"case": "a" * 64 + "\n"},
        "audience out of order": {"audience": [two, one]},
        "a reader twice": {"audience": [one, one]},
        "public and others": {"audience": [one, "public"]},
        "seen out of order": {"seen": [two, one]},
        "references out of order": {"references": [two, one]},
        "an unset field spelled out": {"seen": []},
        "a date that does not exist": {"at": "2031-02-30T00:00:00Z"},
        "a leap second": {"at": "2031-06-30T23:59:60Z"},
        "a time with a fraction": {"at": "2031-06-30T23:59:59.0Z"},
        "a time with another zone": {"at": "2031-06-30T23:59:59+00:00"},
        "a marking that does not exist": {"marking": "TLP:WHITE"},
    }.items():
        yield vector("frame", name, raw=plain(frame_of(**changes)))
    yield vector("frame", "a key twice", raw=b'{"kind":"x","kind":"x"}'.hex())
    yield vector("frame", "larger than a frame may be", raw=pad(b" ", bodies.FRAME_LIMIT + 1))


def content_accepted() -> Made:
    told: dict[str, str] = {}
    for bundle in [A.card, *STORY.world.bundles.values(), ROTATED.rotations[0]]:
        if bundle.opening and bundle.opening.content:
            kind = bodies.parse_frame(bundle.opening.frame).kind
            told.setdefault(kind, bundle.opening.content.hex())
    for kind, raw in sorted(told.items()):
        yield vector("content", f"of {kind}", kind=kind, raw=raw)


def content_of(name: str) -> dict[str, Any]:
    opening = STORY.world.bundles[STORY.records[name].value.id].opening
    assert opening is not None
    assert opening.content is not None
    return dict(json.loads(opening.content))


def content_refused() -> Made:
    claim = content_of("claim")
    seal = content_of("seal")
    shown = content_of("disclose-rows")
    yield vector("content", "of another kind", kind="evidence.seal", raw=plain(claim))
    yield vector("content", "an unknown field", kind="claim.state", raw=plain(claim | {"rank": "high"}))
    yield vector("content", "no assertion", kind="claim.state", raw=plain(claim | {"assertions": []}))
    yield vector("content", "a control character", kind="claim.state", raw=plain(claim | {"title": "a\x1bb"}))
    yield vector(
        "content", "a C1 control character", kind="claim.state", raw=plain(claim | {"title": "\x9b"})
    )
    yield vector(
        "content", "a title of 201 characters", kind="claim.state", raw=plain(claim | {"title": "a" * 201})
    )
    yield vector("content", "a default spelled out", kind="evidence.seal", raw=plain(seal | {"zone": ""}))
    yield vector("content", "a negative count", kind="evidence.seal", raw=plain(seal | {"bytes": -1}))
    yield vector("content", "true for a number", kind="evidence.seal", raw=plain(seal | {"bytes": True}))
    custody = {"custody": {"began": "2031-13-01T00:00:00Z"}}
    yield vector("content", "a date that does not exist", kind="evidence.seal", raw=plain(seal | custody))
    for name, rows in {
        "rows out of order": [[5, 1], [3, 1]],
        "rows that overlap": [[3, 3], [5, 1]],
        "rows that could be one range": [[3, 1], [4, 1]],
        "row 0": [[0, 1]],
        "a range of no rows": [[3, 0]],
    }.items():
        yield vector("content", name, kind="evidence.disclose", raw=plain(shown | {"rows": rows}))
    size = bodies.CONTENT_LIMIT + 1
    yield vector("content", "larger than a content may be", kind="claim.state", raw=pad(b" ", size))


# -- envelopes, openings, bundles -----------------------------------------------------------------


def header(**changes: Any) -> dict[Any, Any]:
    envelope = CLAIM.value.envelope
    made: dict[Any, Any] = {
        1: -19,
        4: envelope.kid,
        15: {1: envelope.iss, 2: envelope.sub},
        258: -16,
        259: envelopes.CONTENT_TYPE,
        envelopes.CHAIN: [1, envelope.seq, bytes.fromhex(envelope.prev), bytes.fromhex(envelope.keys)],
    }
    for label, value in changes.items():
        made[int(label.removeprefix("l").replace("m", "-"))] = value
    return made


def signed(protected: Any, *, unprotected: Any = None, payload: Any = None, tag: int = 18) -> bytes:
    """A properly signed envelope around any header."""
    raw = protected if isinstance(protected, bytes) else cbor2.dumps(protected, canonical=True)
    body = CLAIM.value.envelope.payload if payload is None else payload
    signature = ed25519.sign(A.seeds[-1], cbor2.dumps(["Signature1", raw, b"", body]))
    return cbor2.dumps(cbor2.CBORTag(tag, [raw, unprotected or {}, body, signature]), canonical=True)


def chain(*values: Any) -> dict[str, Any]:
    return {f"lm{-envelopes.CHAIN}": list(values)}


def envelope_accepted() -> Made:
    for name in ("open", "claim", "response", "endorse-denial"):
        yield vector("envelope", f"of {name}", raw=STORY.records[name].value.envelope.raw.hex())
    yield vector("envelope", "of a card", raw=A.card.envelope.hex())
    yield vector("envelope", "of a key record", raw=ROTATED.rotations[0].envelope.hex())
    yield vector("envelope", "algorithm −8", raw=signed(header(l1=-8)).hex())


def envelope_refused() -> Made:
    good, envelope = BUNDLE.envelope, CLAIM.value.envelope
    iss, sub = envelope.iss, envelope.sub
    prev, keys, seq = bytes.fromhex(envelope.prev), bytes.fromhex(envelope.keys), envelope.seq
    whole = cbor2.loads(good).value
    high = envelope.signature[:32] + (int.from_bytes(envelope.signature[32:], "little") + ed25519.L).to_bytes(
        32, "little"
    )
    missing = header()
    del missing[258]
    truth = header()
    truth[True] = truth.pop(1)
    floating = header()
    floating[1.0] = floating.pop(1)
    dated = cbor2.dumps(header(), canonical=True)
    for name, raw in {
        "nothing": b"",
        "not CBOR": b"\xff",
        "cut short": good[:-1],
        "a byte behind": good + b"\0",
        "no tag": good[1:],
        "another tag": signed(header(), tag=98),
        "three parts": cbor2.dumps(cbor2.CBORTag(18, whole[:3]), canonical=True),
        "an array of open length": b"\xd2\x9f" + good[2:] + b"\xff",
        "a payload that is detached": cbor2.dumps(
            cbor2.CBORTag(18, [whole[0], {}, None, whole[3]]), canonical=True
        ),
        "an unprotected header": signed(header(), unprotected={1: -19}),
        "a payload of 31 bytes": signed(header(), payload=bytes(31)),
        "a signature of 63 bytes": cbor2.dumps(
            cbor2.CBORTag(18, [whole[0], {}, whole[2], whole[3][:63]]), canonical=True
        ),
        "S not below the group order": cbor2.dumps(
            cbor2.CBORTag(18, [whole[0], {}, whole[2], high]), canonical=True
        ),
        "a header in another order": signed(_reordered(header())),
        "a header that is no map": signed([1, 2]),
        "a label missing": signed(missing),
        "a label more": signed(header(l3="text/plain")),
        "algorithm ES256": signed(header(l1=-7)),
        "algorithm HMAC": signed(header(l1=5)),
        "another hash": signed(header(l258=-43)),
        "another content type": signed(header(l259="text/plain")),
        "kid of 31 bytes": signed(header(l4=bytes(31))),
        "kid as text": signed(header(l4="a" * 32)),
        "a claim more": signed(header(l15={1: iss, 2: sub, 6: 0})),
        "iss that is no id": signed(header(l15={1: "alder", 2: sub})),
        "sub in capitals": signed(header(l15={1: iss, 2: sub.upper()})),
        "another version": signed(header(**chain(2, seq, prev, keys))),
        "a negative seq": signed(header(**chain(1, -1, prev, keys))),
        "seq of 2^53": signed(header(**chain(1, 2**53, prev, keys))),
        "prev of 31 bytes": signed(header(**chain(1, seq, prev[:31], keys))),
        "seq 0 with a predecessor": signed(header(**chain(1, 0, prev, keys))),
        "seq 1 without one": signed(header(**chain(1, 1, bytes(32), keys))),
        "no key record": signed(header(**chain(1, seq, prev, bytes(32)))),
        "a chain of three": signed(header(**chain(1, seq, prev))),
        "a label as true": signed(truth),
        "a label as a float": signed(floating),
        "the algorithm as a float": signed(header(l1=-19.0)),
        "seq as true": signed(header(**chain(1, True, prev, keys))),
        "a header cut short": signed(dated[:-1]),
    }.items():
        yield vector("envelope", name, raw=raw.hex())
    yield vector("envelope", "larger than an entry", raw=pad(b"\0", envelopes.SIZE_LIMIT + 1))


def _reordered(value: dict[Any, Any]) -> bytes:
    return cbor2.dumps(dict(sorted(value.items(), reverse=True)))


def opening_fields(envelope: bytes, opening: Opening, **changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "envelope": envelope.hex(),
        "salt_f": opening.salt_f.hex(),
        "frame": opening.frame.hex(),
        "cc": opening.cc.hex(),
    }
    if opening.salt_c is not None and opening.content is not None:
        made |= {"salt_c": opening.salt_c.hex(), "content": opening.content.hex()}
    made.update(changes)
    return {k: v for k, v in made.items() if v is not ...}


def opening_accepted() -> Made:
    assert BUNDLE.opening is not None
    yield vector("opening", "whole", **opening_fields(BUNDLE.envelope, BUNDLE.opening))
    frame_only = BUNDLE.opening.without_content()
    yield vector("opening", "the frame alone", **opening_fields(BUNDLE.envelope, frame_only))


def resigned(actor: Actor, opening: Opening, **changes: Any) -> bytes:
    """An envelope around any body, signed by its author."""
    fields = {
        "iss": actor.id,
        "sub": envelopes.alias(STORY.case.key, actor.id),
        "seq": 1,
        "prev": CLAIM.value.id,
        "keys": actor.party.keys[-1].record,
        "payload": commitment(opening),
    } | changes
    return envelopes.seal_envelope(actor.seeds[-1], **fields).raw


def opening_refused() -> Made:
    opening = BUNDLE.opening
    assert opening is not None
    assert CLAIM.value.frame is not None
    fields = opening_fields(BUNDLE.envelope, opening)
    yield vector("opening", "another salt for the frame", **(fields | {"salt_f": bytes(32).hex()}))
    yield vector("opening", "another salt for the content", **(fields | {"salt_c": bytes(32).hex()}))
    yield vector("opening", "a salt of 31 bytes", **(fields | {"salt_f": bytes(31).hex()}))
    yield vector(
        "opening", "a content without its salt", **opening_fields(BUNDLE.envelope, opening, salt_c=...)
    )
    yield vector("opening", "another commitment", **(fields | {"cc": bytes(32).hex()}))
    content = CLAIM.value.content
    assert content is not None
    for name, signer, frame, changes in (
        ("a frame of another author", B, {}, {}),
        ("a case record outside every case", A, {}, {"sub": kinds.NO_CASE}),
        ("a frame outside every case", A, {"case": kinds.NO_CASE}, {}),
    ):
        made = make_opening(_replaced(CLAIM.value.frame, **frame), content, bytes(32), bytes(32))
        raw = resigned(signer, made, **changes)
        yield vector("opening", name, **opening_fields(raw, made))
    frame = _replaced(
        CLAIM.value.frame, kind="party.card", case=kinds.NO_CASE, references=(), seen=(), audience=("public",)
    )
    made = make_opening(frame, w.World("x").card("Alder"), bytes(32), bytes(32))
    raw = resigned(A, made, sub=kinds.NO_CASE)
    yield vector("opening", "a card that is not signed as self", **opening_fields(raw, made))


def _replaced(frame: kinds.Frame, **changes: Any) -> kinds.Frame:
    fields = {name: getattr(frame, name) for name in frame.__struct_fields__}
    return kinds.Frame(**(fields | changes))


def bundle_accepted() -> Made:
    opening = BUNDLE.opening
    assert opening is not None
    yield vector("bundle", "whole", raw=render_bundle(BUNDLE).hex())
    for name, made in {
        "the frame alone": Bundle(envelope=BUNDLE.envelope, opening=opening.without_content()),
        "bare": Bundle(envelope=BUNDLE.envelope, receipt=BUNDLE.receipt),
    }.items():
        yield vector("bundle", name, raw=render_bundle(made).hex())


def bundle_refused() -> Made:
    raw = render_bundle(BUNDLE)
    version, envelope, opened, receipt = cbor2.loads(raw)
    salt_f, frame, (salt_c, content) = opened

    def packed(*parts: Any) -> str:
        return cbor2.dumps(list(parts), canonical=True).hex()

    yield vector("bundle", "nothing", raw="")
    yield vector("bundle", "cut short", raw=raw[:-1].hex())
    yield vector("bundle", "a byte behind", raw=(raw + b"\0").hex())
    yield vector("bundle", "an array of open length", raw=(b"\x9f" + raw[1:] + b"\xff").hex())
    yield vector("bundle", "another version", raw=packed(2, envelope, opened, receipt))
    yield vector("bundle", "true for 1", raw=packed(True, envelope, opened, receipt))
    yield vector("bundle", "false for 0", raw=packed(1, envelope, False, receipt))
    yield vector("bundle", "a float for 1", raw=packed(1.0, envelope, opened, receipt))
    yield vector("bundle", "a part missing", raw=packed(version, envelope, opened))
    yield vector("bundle", "a map", raw=cbor2.dumps({1: envelope}, canonical=True).hex())
    flipped = bytes([frame[0] ^ 1]) + frame[1:]
    yield vector(
        "bundle", "a bit of the frame", raw=packed(1, envelope, [salt_f, flipped, [salt_c, content]], receipt)
    )
    flipped = content[:-1] + bytes([content[-1] ^ 1])
    yield vector(
        "bundle", "a bit of the content", raw=packed(1, envelope, [salt_f, frame, [salt_c, flipped]], receipt)
    )
    other = STORY.world.bundles[STORY.records["notice"].value.id].envelope
    yield vector("bundle", "the body of another record", raw=packed(1, other, opened, receipt))


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


def signature_refused() -> Made:
    raw = bytes.fromhex(RFC_SIGNATURE)
    high = (int.from_bytes(raw[32:], "little") + ed25519.L).to_bytes(32, "little")
    yield vector("signature", "another message", key=RFC_KEY, signature=RFC_SIGNATURE, message="00")
    yield vector(
        "signature", "S plus the group order", key=RFC_KEY, signature=(raw[:32] + high).hex(), message=""
    )
    yield vector("signature", "63 bytes", key=RFC_KEY, signature=raw[:63].hex(), message="")
    neutral = TORSION["the neutral element"]
    yield vector(
        "signature",
        "one that a key of order 1 makes for all",
        key=neutral,
        signature=neutral + "00" * 32,
        message="",
    )


ROTATING = World("vectors/rotating")
ROTATED = ROTATING.party("Alder")
OTHER = ROTATING.party("Birch")
CASE = ROTATING.open_case(ROTATED, quorum=1)
ROTATED.rotate("every year")
ROTATED.rotate("every year")


def party_accepted() -> Made:
    yield vector("party", "a node", **file_of(B))
    yield vector("party", "a node that took up new keys", **file_of(ROTATED))
    yield vector("party", "a guest", **file_of(G))


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


def _card(card: kinds.Card, **changes: Any) -> kinds.Card:
    fields = {name: getattr(card, name) for name in card.__struct_fields__}
    return kinds.Card(**(fields | changes))


def card_of(card: kinds.Card, seed: bytes) -> bytes:
    frame = _replaced(_frame_outside("party.card"), author=kinds.SELF)
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
    for name, changed in cases.items():
        yield vector("attestation", name, raw=changed.hex(), home=file_of(A), witnesses=witnesses)
    yield vector("attestation", "of another ledger", raw=raw.hex(), home=file_of(B), witnesses=witnesses)


def _base64_bytes(text: str) -> bytes:
    return note.decode64(text, "")


def _base64(raw: bytes) -> str:
    import base64

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
    for seed in (1, 2, 3):
        made = generate_case(f"vectors {seed}", size=24, parties=3)
        fields = fold_fields(made.world, made.case.id, made.records, made.attestations)
        yield vector("fold", f"generated case {seed}, with attacks", **fields)


def fold_refused() -> Made:
    for broken in BREAKS:
        s = scene(f"vectors/{broken.name}")
        record = broken.play(s)
        fields = fold_fields(s.world, s.case.id, s.facts, [])
        name = f"rule {broken.rule}: {broken.name.replace('_', ' ')}"
        yield vector("fold", name, record=record.value.id, rule=broken.rule, **fields)


# -- writing --------------------------------------------------------------------------------------

CHECKS = (
    "canonical", "frame", "content", "envelope", "opening", "bundle", "key", "signature", "party", "record",
    "attestation", "receipt", "rows", "fold",
)  # fmt: skip


def accept(made: dict[str, Any]) -> dict[str, Any]:
    """The vector with what is found in it."""
    return {**made, "gives": run_vector(made)}


def refuse(made: dict[str, Any]) -> dict[str, Any]:
    """The vector with the code, or the rule, by which it is refused."""
    try:
        found = run_vector(made)
    except ComityError as error:
        return {**made, "error": type(error).__name__, "code": error.code}
    if made["check"] != "fold":
        raise AssertionError(f"{made['check']}: {made['name']}: accepted")
    assert isinstance(found, dict)
    if found["state"]["refused"].get(made["record"]) != made["rule"]:
        raise AssertionError(f"{made['name']}: not refused by rule {made['rule']}")
    return made


def render(check: str, vectors: list[dict[str, Any]]) -> str:
    """One file of vectors."""
    whole = {"check": check, "origin": ORIGIN, "format": 1, "vectors": vectors}
    return json.dumps(whole, indent=1, ensure_ascii=True) + "\n"


def render_all() -> dict[Path, str]:
    """Every file of vectors with its text."""
    files = {}
    for check in CHECKS:
        for folder, finish in (("accepted", accept), ("refused", refuse)):
            made = [finish(v) for v in globals()[f"{check}_{folder}"]()]
            names = [v["name"] for v in made]
            assert len(set(names)) == len(names), names
            files[ROOT / folder / f"{check}.json"] = render(check, made)
    return files


if __name__ == "__main__":
    for path, text in render_all().items():
        path.write_text(text, "utf-8")
