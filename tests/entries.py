"""Authors whose envelopes a node registers without their openings: guests with chains of their own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from comity.exchange import guests
from comity.exchange.node import Node
from comity.records import bodies, ed25519, envelopes, kinds, parties
from comity.records.bundles import Bundle, make_opening
from comity.records.envelopes import Envelope


def derive(*parts: object) -> bytes:
    """32 bytes that follow from these words."""
    return hashlib.sha256("/".join(map(str, parts)).encode()).digest()


class Writer:
    """A guest, enrolled at ``home`` unless told otherwise, and its chain under one alias."""

    def __init__(self, home: Node, name: str, *, enrol: bool = True) -> None:
        self.seed = derive("writer", name)
        card = kinds.Card(name=name, statement=ed25519.public_of(self.seed).hex(), home=home.party.id)
        opening = make_opening(
            kinds.Frame(
                kind=card.kind,
                author=kinds.SELF,
                case=kinds.NO_CASE,
                at=bodies.time_text(1_790_000_000),
                marking="TLP:CLEAR",
                audience=(kinds.PUBLIC,),
                rules=kinds.RULES,
            ),
            card,
            derive("frame", name),
            derive("content", name),
        )
        self.id, record = parties.sign_card(self.seed, opening)
        self.card = record.id
        self.name = name
        self.bundle = Bundle(envelope=record.envelope.raw, opening=opening)
        if enrol:
            guests._enrol(home, self.bundle, guests._guest_of(home, self.bundle))

    def sign(self, seq: int, prev: str, chain: str = "", what: str = "") -> Envelope:
        """An envelope at this place of a chain; the same words give the same bytes."""
        return envelopes.seal_envelope(
            self.seed,
            iss=self.id,
            sub=derive("alias", self.name, chain).hex(),
            seq=seq,
            prev=prev,
            keys=self.card,
            payload=derive("payload", self.name, chain, seq, what),
        )

    def chain(self, name: str = "", count: int | None = None) -> Iterator[Envelope]:
        """The envelopes of one chain in order, without end or ``count`` of them."""
        seq, prev = 0, kinds.NO_CASE
        while count is None or seq < count:
            envelope = self.sign(seq, prev, name)
            yield envelope
            seq, prev = seq + 1, envelope.id
