"""A case of any size, made fast: four parties, claims, and a response to each.

Every envelope is signed for real, under the keys that the cards name. What the gate would check again
of a record just made here (signatures, receipts, the opening) is left out: those costs have a figure of
their own (``bench_verify``), and the fold sees only what came through the gate.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import cbor2
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from comity.case import verified
from comity.case.fold import Fact
from comity.case.verified import Verified
from comity.records import bodies, canonical, ed25519, envelopes, kinds
from comity.records.bundles import Opening, Record
from comity.records.envelopes import Envelope
from tests import world as w

PARTIES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What it takes to check the signature of one envelope."""

    key: Ed25519PublicKey
    signature: bytes
    message: bytes


class Builder:
    """One case that grows; ``facts`` are its records so far, causes before effects."""

    def __init__(self, seed: str) -> None:
        self.world = w.World(seed)
        self.actors = [self.world.party(f"Party {n}") for n in range(PARTIES)]
        self.case = self.world.open_case(self.actors[0], invite=self.actors[1:])
        first = [self.world.again(r) for r in self.world.bundles if self.world.bundles[r].receipt]
        self.facts: list[Fact] = list(first)
        self.signed: list[Signed] = []
        self._last = {a.id: a.chain[self.case.id][-1].value.envelope for a in self.actors[:1]}
        self._indexes = {a.id: a.tree.size for a in self.actors}
        self._keys = {a.id: Ed25519PrivateKey.from_private_bytes(a.key("statement")) for a in self.actors}
        self._aliases = {a.id: envelopes.alias(self.case.key, a.id) for a in self.actors}
        self._turns = itertools.cycle(range(PARTIES))
        self._said = self._talk()

    def grow(self, count: int) -> list[Fact]:
        """Bring the case to this many records; all of them."""
        while len(self.facts) < count:
            self.facts.append(next(self._said))
        return self.facts

    def _talk(self) -> Iterator[Verified[Record]]:
        while True:
            turn = next(self._turns)
            claimant, respondent = self.actors[turn], self.actors[turn - 1]
            stated = self._say(claimant, w.claim(w.cite(), about=[w.about(respondent)]))
            yield stated
            answer = kinds.Response(
                target=stated.value.id, positions=(kinds.Position(n=0, position="disputes"),)
            )
            yield self._say(respondent, answer, stated.value.id)

    def _say(self, actor: w.Actor, content: kinds.Content, *references: str) -> Verified[Record]:
        before = self._last.get(actor.id)
        seen = (e.id for a, e in self._last.items() if a != actor.id)
        named = (*references, *(() if before else (self.case.opening.value.id,)))
        frame = kinds.Frame(
            kind=content.kind,
            author=actor.id,
            case=self.case.id,
            at=bodies.time_text(self.world.now + len(self.facts)),
            marking="TLP:AMBER",
            audience=tuple(sorted(a.id for a in self.actors if a is not actor)),
            rules=kinds.rules_needed(content),
            seen=tuple(sorted(seen)),
            references=tuple(sorted(named)),
        )
        opening = self._open(frame, content)
        envelope = self._sign(actor, before, opening)
        self._last[actor.id] = envelope
        index = self._indexes[actor.id]
        self._indexes[actor.id] = index + 1
        record = Record(envelope=envelope, opening=opening, frame=frame, content=content)
        return Verified(record, actor.id, index, False, gate=verified._GATE)

    def _open(self, frame: kinds.Frame, content: kinds.Content) -> Opening:
        salt = hashlib.sha256(f"{self.case.id}/{len(self.facts)}".encode()).digest()
        raw = canonical.render(msgspec.to_builtins(content))
        return Opening(
            salt_f=salt,
            frame=canonical.render(msgspec.to_builtins(frame)),
            cc=bodies.commit_content(salt, raw),
            salt_c=salt,
            content=raw,
        )

    def _sign(self, actor: w.Actor, before: Envelope | None, opening: Opening) -> Envelope:
        # As ``seal_envelope`` does, without reading back what was just written (spec/01-envelope.md).
        seq, prev = (before.seq + 1, before.id) if before else (0, kinds.NO_CASE)
        keys, alias = actor.party.newest.record, self._aliases[actor.id]
        kid = ed25519.thumbprint(actor.party.newest.key)
        header = {
            1: -19,
            4: kid,
            15: {1: actor.id, 2: alias},
            258: -16,
            259: envelopes.CONTENT_TYPE,
            envelopes.CHAIN: [1, seq, bytes.fromhex(prev), bytes.fromhex(keys)],
        }
        protected = cbor2.dumps(header, canonical=True)
        payload = bodies.commit_record(bodies.commit_frame(opening.salt_f, opening.frame), opening.cc)
        message = cbor2.dumps(["Signature1", protected, b"", payload], canonical=True)
        signature = self._keys[actor.id].sign(message)
        raw = cbor2.dumps(cbor2.CBORTag(18, [protected, {}, payload, signature]), canonical=True)
        self.signed.append(
            Signed(key=self._keys[actor.id].public_key(), signature=signature, message=message)
        )
        return Envelope(
            raw=raw,
            id=envelopes.record_id(raw),
            iss=actor.id,
            sub=alias,
            seq=seq,
            prev=prev,
            keys=keys,
            kid=kid,
            payload=payload,
            protected=protected,
            signature=signature,
        )
