"""Nodes for the tests of pages: a case of the small world as one of its parties holds it, and live nodes."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from comity.adapters.memory_journal import MemoryJournal
from comity.case.verified import Attestation, Verified
from comity.errors import NotVerified, Unavailable
from comity.exchange.node import CASE_KEY, PARTY, Node, PartyFile
from comity.exchange.ports import Held, Leaf, Write
from comity.records import ed25519, envelopes
from tests.world import Actor, FullCase, World

TOKEN = "a-token-of-these-tests"


class MemoryBlobs:
    """``exchange.ports.Blobs`` in a dictionary."""

    def __init__(self) -> None:
        self._held: dict[str, bytes] = {}

    def put(self, data: bytes) -> str:
        import hashlib

        digest = hashlib.sha256(data).hexdigest()
        self._held[digest] = data
        return digest

    def put_stream(self, chunks: Iterable[bytes]) -> str:
        return self.put(b"".join(chunks))

    def get(self, digest: str) -> bytes:
        if digest not in self._held:
            raise Unavailable("blob.missing", digest, "not held")
        return self._held[digest]

    def open_stream(self, digest: str) -> Iterable[bytes]:
        return iter([self.get(digest)])

    def has(self, digest: str) -> bool:
        return digest in self._held


class MemoryPublic:
    """``exchange.ports.Public`` in a dictionary."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def write(self, name: str, data: bytes) -> None:
        self.files[name] = data

    def read(self, name: str) -> bytes | None:
        return self.files.get(name)


@dataclass
class Clock:
    """``exchange.ports.Effects`` with a clock that is moved by hand and chance that repeats itself."""

    instant: int = 0
    drawn: int = 0
    seed: str = "stage"

    def exclusive(self) -> AbstractContextManager[object]:
        return threading.RLock()

    def now(self) -> int:
        return self.instant

    def random(self, count: int) -> bytes:
        import hashlib

        self.drawn += 1
        return hashlib.shake_256(f"{self.seed}/{self.drawn}".encode()).digest(count)


class Keys:
    """``exchange.ports.Signer`` of an actor."""

    def __init__(self, actor: Actor) -> None:
        self._actor = actor

    def seed(self, purpose: str) -> bytes:
        return self._actor.key(purpose)

    def public(self, purpose: str) -> bytes:
        return ed25519.public_of(self.seed(purpose))

    def age_recipient(self) -> str:
        return self._actor.party.card.age

    def open_sealed(self, sealed: bytes) -> bytes:
        raise NotVerified("box.form", "inbox", "not sealed to this node")


class NoBoxes:
    """``exchange.ports.Boxes`` that seals nothing: what it gives is as open as what it takes."""

    def seal_to(self, recipients: Sequence[str], data: bytes) -> bytes:
        return data


def node_of(full: FullCase, actor: Actor, *, without: Iterable[str] = ()) -> Node:
    """A node of one actor that holds the whole case, but for the records named in ``without``."""
    world = full.world
    journal, public = MemoryJournal(), MemoryPublic()
    node = Node(
        journal=journal,
        blobs=MemoryBlobs(),  # type: ignore[arg-type]
        public=public,
        signer=Keys(actor),
        boxes=NoBoxes(),
        effects=Clock(instant=world.now),
    )
    notes = {PARTY + a.id: _card(world, a) for a in world.actors.values()}
    notes["self"] = actor.id.encode()
    notes[CASE_KEY + full.case.id] = full.case.key
    leaves = []
    for index, raw in enumerate(actor.entries):
        envelope = envelopes.open_envelope(raw)
        leaves.append(
            Leaf(
                index=index,
                id=envelope.id,
                iss=actor.id if envelope.iss == "self" else envelope.iss,
                sub=envelope.sub,
                seq=envelope.seq,
                envelope=raw,
            )
        )
    left_out = set(without)
    held = [_held(full, r.value.id) for name, r in full.records.items() if name not in left_out]
    attestations = [(full.case.id, a.value.id, a.value.raw) for a in full.attestations]
    journal.write(Write(expected=0, leaves=leaves, held=held, attestations=attestations, notes=notes))
    for name, data in actor.public().items():
        public.write(name, data)
    return node


def _card(world: World, actor: Actor) -> bytes:
    return PartyFile(card=world.bundles[actor.party.card_record.id]).render()


def _held(full: FullCase, record: str) -> Held:
    world = full.world
    bundle, author = world.bundles[record], world.authors[record]
    envelope = envelopes.open_envelope(bundle.envelope)
    return Held(
        id=record,
        case=full.case.id,
        iss=envelope.iss,
        sub=envelope.sub,
        seq=envelope.seq,
        home=author.ledger.id,
        envelope=bundle.envelope,
        receipt=bundle.receipt,
        opening=bundle.opening,
    )


__all__ = ["TOKEN", "Attestation", "Clock", "MemoryBlobs", "MemoryPublic", "Verified", "node_of"]
