"""The invented parties, cases and records that all vectors are made from, and the form of a vector."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cbor2

from comity.records import ed25519, envelopes, kinds
from comity.records.bundles import Opening, commitment, render_bundle
from tests.world import Actor, World, full_case

ORIGIN = "vectors/make.py, from the invented world of tests/world.py"
Made = Iterator[dict[str, Any]]

STORY = full_case("vectors", rules=1)
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


ROTATING = World("vectors/rotating", rules=1)
ROTATED = ROTATING.party("Alder")
OTHER = ROTATING.party("Birch")
CASE = ROTATING.open_case(ROTATED, quorum=1)
ROTATED.rotate("every year")
ROTATED.rotate("every year")


def resigned(actor: Actor, opening: Opening, **changes: Any) -> bytes:
    """An envelope around any body, signed by its author."""
    fields: dict[str, Any] = {
        "iss": actor.id,
        "sub": envelopes.alias(STORY.case.key, actor.id),
        "seq": 1,
        "prev": CLAIM.value.id,
        "keys": actor.party.keys[-1].record,
        "payload": commitment(opening),
    } | changes
    return envelopes.seal_envelope(actor.seeds[-1], **fields).raw


def replaced(frame: kinds.Frame, **changes: Any) -> kinds.Frame:
    fields = {name: getattr(frame, name) for name in frame.__struct_fields__}
    return kinds.Frame(**(fields | changes))


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
