"""Parties and their keys: a card, then one gapless chain of key records (``spec/04-parties.md``).

A party's id is the hash of its card's body, so nobody can make another card with that id. Every
envelope names the newest key record of its author; which key was active is judged by positions in
the author's own ledger, never by a time that somebody claims.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from comity.errors import NotVerified
from comity.records import ed25519, envelopes, kinds
from comity.records.bundles import Opening, Record, commitment, open_record
from comity.records.envelopes import Envelope
from comity.records.kinds import Card, Rotate


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRecord:
    """A statement key: the record that set it, the 32 raw bytes, its leaf index in the home ledger."""

    record: str
    key: bytes
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A party as its own signed records describe it; ``home`` is the ledger that registers it."""

    id: str
    card: Card
    keys: tuple[KeyRecord, ...]
    card_record: Record

    @property
    def home(self) -> str:
        return self.card.home or self.id

    @property
    def guest(self) -> bool:
        return bool(self.card.home)

    @property
    def newest(self) -> KeyRecord:
        return self.keys[-1]


def party_id(frame: bytes, content: bytes) -> str:
    """The id of a party: a hash of its card's frame and content, in hex."""
    return hashlib.sha256(b"comity/1/party\0" + frame + content).hexdigest()


def sign_card(seed: bytes, opening: Opening) -> tuple[str, Record]:
    """Sign a card's body with the statement seed it names; gives the party id and the record."""
    assert opening.content is not None
    envelope = envelopes.seal_envelope(
        seed,
        iss=kinds.SELF,
        sub=kinds.NO_CASE,
        seq=0,
        prev=kinds.NO_CASE,
        keys=kinds.NO_CASE,
        payload=commitment(opening),
    )
    return party_id(opening.frame, opening.content), open_record(envelope, opening)


def found_party(record: Record, index: int, where: str = "card") -> Party:
    """The party that a card founds, at this leaf index of its home ledger; ``NotVerified`` otherwise."""
    card, opening = record.content, record.opening
    if not isinstance(card, Card) or opening is None or opening.content is None:
        raise NotVerified("party.card", where, "not an opened card")
    if record.envelope.seq != 0:
        raise NotVerified("party.card", where, "a card is the first record of its author")
    if card.home:
        if card.receipt or card.checkpoint or card.witness:
            raise NotVerified(
                "party.card", where, "a guest keeps no ledger, so its card names no ledger keys"
            )
    elif not (card.receipt and card.checkpoint and card.witness and card.age):
        raise NotVerified(
            "party.card", where, "the card of a node names its receipt, checkpoint, witness and age keys"
        )
    else:
        ed25519.load_public(bytes.fromhex(card.receipt), f"{where}.receipt")
        if card.receipt == card.statement:
            raise NotVerified("party.card", where, "one key stands for two purposes")
    key = bytes.fromhex(card.statement)
    envelopes.verify_envelope(record.envelope, key, where)
    return Party(
        id=party_id(opening.frame, opening.content),
        card=card,
        keys=(KeyRecord(record=record.id, key=key, index=index),),
        card_record=record,
    )


def rotation_proof(iss: str, last: str, new_key: bytes) -> bytes:
    """The bytes a new statement key signs to show that its holder takes it up."""
    return b"comity/1/rotate\0" + bytes.fromhex(iss) + bytes.fromhex(last) + new_key


def rotate_party(party: Party, record: Record, index: int, where: str = "rotate") -> Party:
    """The party after one more key record; ``NotVerified`` where the chain has a gap or a proof fails."""
    rotate, envelope, last = record.content, record.envelope, party.newest
    if not isinstance(rotate, Rotate):
        raise NotVerified("party.rotate", where, "not an opened key rotation")
    if envelope.iss != party.id or envelope.seq != len(party.keys):
        raise NotVerified("party.chain", where, "not the next key record of this party")
    if envelope.prev != last.record or envelope.keys != last.record:
        raise NotVerified("party.chain", where, "does not follow the newest key record")
    if index <= last.index:
        raise NotVerified("party.chain", where, "stands in the ledger before the key record that it follows")
    envelopes.verify_envelope(envelope, last.key, where)
    new = bytes.fromhex(rotate.statement)
    if any(k.key == new for k in party.keys):
        raise NotVerified("party.rotate", where, "takes up a key that this party has used before")
    ed25519.verify(
        new, bytes.fromhex(rotate.proof), rotation_proof(party.id, last.record, new), f"{where}.proof"
    )
    return replace(party, keys=(*party.keys, KeyRecord(record=record.id, key=new, index=index)))


def verify_author(party: Party, envelope: Envelope, where: str = "envelope") -> None:
    """Return only if the key that ``envelope`` names is one of this party's and signed it."""
    if envelope.iss != party.id:
        raise NotVerified("record.author", where, "issued by another party")
    for key in party.keys:
        if key.record == envelope.keys:
            envelopes.verify_envelope(envelope, key.key, where)
            return
    raise NotVerified("key.unknown", where, "names a key record that is not in its author's chain")


def stale_at(party: Party, envelope: Envelope, index: int) -> bool:
    """Whether a newer key record stood before this leaf: then the key was superseded, and it is a mark."""
    newest = max((k for k in party.keys if k.index < index), key=lambda k: k.index, default=None)
    return newest is not None and newest.record != envelope.keys
