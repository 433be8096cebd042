"""Verifying a dossier, beside checking as many Ed25519 signatures and nothing else.

A record carries two signatures (its author's, and its ledger's receipt), so the second peer is the floor
that no verifier of dossiers can pass. The rest of the time is parsing, hashing paths, the fold, and
computing every derived fact again.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bench.figure import Contender, Figure
from comity.dossier.verify import verify
from comity.records import kinds
from comity.records.envelopes import open_envelope
from tests import world as w
from tests.dossier.shop import tell_short
from tests.dossier.story import Story

SIZES = (100, 400, 1600)


def write_dossier(records: int) -> tuple[Story, bytes]:
    """A dossier with about this many records: claims, each answered by the party it names."""
    story = tell_short(f"bench {records}")
    for n in range((records - len(story.said)) // 2):
        stated = story.say(f"claim {n}", story.a, w.claim(w.cite(), about=[w.about(story.b)]))
        positions = (kinds.Position(n=0, position="disputes"),)
        story.say(f"reply {n}", story.b, kinds.Response(target=stated.value.id, positions=positions), stated)
    return story, story.publish(story.a)


def figures(_: Path) -> Iterator[Figure]:
    for records in SIZES:
        story, raw = write_dossier(records)
        held = len(story.said)
        signed = []
        for fact in story.said.values():
            envelope = fact.value.envelope
            actor = story.world.authors[fact.value.id]
            key = next(k.key for k in actor.party.keys if k.record == envelope.keys)
            to_sign = cbor2.dumps(["Signature1", envelope.protected, b"", envelope.payload])
            signed.append((Ed25519PublicKey.from_public_bytes(key), envelope.signature, to_sign))
            assert open_envelope(envelope.raw) == envelope

        def check(raw: bytes = raw) -> None:
            if not verify(raw).intact:
                raise AssertionError("the dossier does not verify")

        def once(signed: list[tuple[Ed25519PublicKey, bytes, bytes]] = signed) -> None:
            for key, signature, message in signed:
                key.verify(signature, message)

        def twice(signed: list[tuple[Ed25519PublicKey, bytes, bytes]] = signed) -> None:
            once(signed)
            once(signed)

        yield Figure(
            name=f"verifying a dossier of {held} records",
            unit="records/s",
            amount=held,
            runs=3,
            ours=Contender(name="comity verify", run=check),
            peers=(
                Contender(name="cryptography, 1 signature", run=once),
                Contender(name="cryptography, 2 signatures", run=twice),
            ),
            note=f"{len(raw) / 1e6:.1f} MB; every record opened; one process",
        )
