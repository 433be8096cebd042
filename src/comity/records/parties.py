"""Parties and their keys: a card, then one gapless chain of key records (``spec/04-parties.md``).

A party's id is the hash of its card's body, so nobody can make another card with that id. Every
envelope names the newest key record of its author; which key was active is judged by positions in
the author's own ledger, never by a time that somebody claims. What a revoked key signed from the
position that the revocation names is *suspect*: a mark, never a refusal.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from comity.errors import NotVerified
from comity.records import ed25519, envelopes, kinds
from comity.records.bundles import Opening, Record, commitment, open_record
from comity.records.envelopes import Envelope
from comity.records.kinds import Bind, Card, Contact, Purpose, Reach, Recipient, Revoke, Rotate, Taken


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRecord:
    """One link of a party's chain: its record id, its leaf index in the home ledger, and what it changes.

    ``key`` is the statement key (32 raw bytes) in force from here on; ``taken`` the keys taken up here, by
    purpose, the statement key included; ``revoked`` what a ``party.revoke`` revokes; ``contacts`` those
    that a ``party.contact`` names, ``age`` the recipient that a ``party.recipient`` does.
    """

    record: str
    key: bytes
    index: int
    taken: tuple[tuple[Purpose, bytes], ...] = ()
    revoked: Revoke | None = None
    contacts: tuple[Contact, ...] | None = None
    age: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A party as its own signed records describe it; ``home`` is the ledger that registers it.

    ``bindings`` are the OpenPGP bindings that it signed, oldest first, unchecked (``dossier/identity.py``).
    """

    id: str
    card: Card
    keys: tuple[KeyRecord, ...]
    card_record: Record
    bindings: tuple[Bind, ...] = ()

    @property
    def home(self) -> str:
        return self.card.home or self.id

    @property
    def guest(self) -> bool:
        return bool(self.card.home)

    @property
    def newest(self) -> KeyRecord:
        return self.keys[-1]


def grouped(digits: str) -> str:
    """An id or a digest as people read it out: eight digits at a time, wherever it is shown."""
    return " ".join(digits[at : at + 8] for at in range(0, len(digits), 8))


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
    taken: dict[Purpose, bytes] = {"statement": key}
    if not card.home:
        taken |= {
            "receipt": bytes.fromhex(card.receipt),
            "checkpoint": _key_in(card.checkpoint),
            "witness": _key_in(card.witness),
        }
    if card.recovery:
        recovery = bytes.fromhex(card.recovery)
        ed25519.load_public(recovery, f"{where}.recovery")
        if recovery in taken.values():
            raise NotVerified("party.card", where, "one key stands for two purposes")
    first = KeyRecord(record=record.id, key=key, index=index, taken=tuple(taken.items()))
    return Party(id=party_id(opening.frame, opening.content), card=card, keys=(first,), card_record=record)


def _key_in(vkey: str) -> bytes:
    # The 32 bytes at the end of a C2SP verifier key. Its form is checked where verifier keys are known
    # (``case/verified.py``); what has another form holds no key.
    try:
        return base64.b64decode(vkey.split("+", 2)[2])[1:]
    except (binascii.Error, ValueError, IndexError):
        return b""


def rotation_proof(iss: str, last: str, new_key: bytes) -> bytes:
    """The bytes a new statement key signs to show that its holder takes it up."""
    return b"comity/1/rotate\0" + bytes.fromhex(iss) + bytes.fromhex(last) + new_key


def taking_proof(purpose: Purpose, iss: str, last: str, new_key: bytes) -> bytes:
    """The bytes a new key of any purpose signs to show that its holder takes it up (rules 2)."""
    return b"comity/1/take\0" + purpose.encode() + b"\0" + bytes.fromhex(iss) + bytes.fromhex(last) + new_key


def binding_text(party: Party) -> str:
    """The clear text that an office signs with its published OpenPGP key to bind it to a party."""
    return f"comity/1 openpgp binding\nparty {party.id}\ncard {party.card_record.id}\n"


def follow_party(party: Party, record: Record, index: int, where: str = "rotate") -> Party:
    """The party after one more record of its chain, at this leaf index of its home ledger.

    ``NotVerified`` where the chain has a gap ("party.chain"), or a signature or proof fails
    ("party.rotate", "party.revoke", "party.recipient", or as ``ed25519.verify``).
    """
    content, envelope, last = record.content, record.envelope, party.newest
    if not isinstance(content, Rotate | Revoke | Bind | Reach | Recipient) or record.frame is None:
        raise NotVerified("party.rotate", where, "not an opened key record")
    if record.frame.rules < kinds.rules_needed(content):
        raise NotVerified("party.rules", where, "says what came with later rules than its frame names")
    if envelope.iss != party.id or envelope.seq != len(party.keys):
        raise NotVerified("party.chain", where, "not the next key record of this party")
    if envelope.prev != last.record or envelope.keys != last.record:
        raise NotVerified("party.chain", where, "does not follow the newest key record")
    if index <= last.index:
        raise NotVerified("party.chain", where, "stands in the ledger before the key record that it follows")
    following = KeyRecord(record=record.id, key=last.key, index=index)
    if isinstance(content, Bind):
        envelopes.verify_envelope(envelope, last.key, where)
        return replace(party, keys=(*party.keys, following), bindings=(*party.bindings, content))
    if isinstance(content, Reach):
        envelopes.verify_envelope(envelope, last.key, where)
        following = replace(following, contacts=content.contacts)
        return replace(party, keys=(*party.keys, following))
    if isinstance(content, Recipient):
        envelopes.verify_envelope(envelope, last.key, where)
        if party.guest:
            raise NotVerified("party.recipient", where, "a guest keeps no node, so nothing is sealed to it")
        if content.age == party.card.age or any(link.age == content.age for link in party.keys):
            raise NotVerified("party.recipient", where, "takes up a recipient that it has used before")
        return replace(party, keys=(*party.keys, replace(following, age=content.age)))
    if isinstance(content, Revoke):
        _check_revocation(party, record, content, index, where)
        following = replace(following, revoked=content)
        taken = _check_taken(party, content.taken, where)
    else:
        envelopes.verify_envelope(envelope, last.key, where)
        taken = _check_taken(party, content.taken, where)
        if "statement" in taken:
            raise NotVerified("party.rotate", where, "a rotation names its statement key by itself")
        if bool(content.statement) != bool(content.proof) or not (content.statement or taken):
            raise NotVerified("party.rotate", where, "takes up no key, or a statement key without its proof")
        if content.statement:
            new = bytes.fromhex(content.statement)
            _require_fresh(party, new, where)
            if new in taken.values():
                raise NotVerified("party.rotate", where, "one key stands for two purposes")
            said = rotation_proof(party.id, last.record, new)
            ed25519.verify(new, bytes.fromhex(content.proof), said, f"{where}.proof")
            taken = {"statement": new, **taken}
    following = replace(following, key=taken.get("statement", last.key), taken=tuple(taken.items()))
    return replace(party, keys=(*party.keys, following))


def _check_revocation(party: Party, record: Record, content: Revoke, index: int, where: str) -> None:
    if not party.card.recovery:
        raise NotVerified("party.revoke", where, "the card of this party names no recovery key")
    envelopes.verify_envelope(record.envelope, bytes.fromhex(party.card.recovery), where)
    if bytes.fromhex(content.key) not in dict(keys_of(party, content.purpose)):
        raise NotVerified("party.revoke", where, "revokes a key that this party did not use for this purpose")
    if content.suspect_from > index:
        raise NotVerified("party.revoke", where, "suspects from a position behind its own")


def _check_taken(party: Party, taken: tuple[Taken, ...], where: str) -> dict[Purpose, bytes]:
    names = [t.purpose for t in taken]
    if names != sorted(set(names)):
        raise NotVerified("party.rotate", where, "keys taken up are sorted by purpose, none twice")
    found: dict[Purpose, bytes] = {}
    for one in taken:
        at, new = f"{where}.taken.{one.purpose}", bytes.fromhex(one.key)
        if party.guest and one.purpose != "statement":
            raise NotVerified("party.rotate", at, "a guest keeps no ledger, so it takes up no ledger keys")
        _require_fresh(party, new, at)
        if new in found.values():
            raise NotVerified("party.rotate", at, "one key stands for two purposes")
        said = taking_proof(one.purpose, party.id, party.newest.record, new)
        ed25519.verify(new, bytes.fromhex(one.proof), said, f"{at}.proof")
        found[one.purpose] = new
    return found


def _require_fresh(party: Party, new: bytes, where: str) -> None:
    used = {key for link in party.keys for _, key in link.taken}
    if new in used or new.hex() == party.card.recovery:
        raise NotVerified("party.rotate", where, "takes up a key that this party has used before")


# -- ranges -----------------------------------------------------------------------------------------


def keys_of(party: Party, purpose: Purpose) -> tuple[tuple[bytes, int], ...]:
    """Every key that a party took up for a purpose, oldest first: 32 raw bytes, and the leaf index of the
    record that took it up."""
    return tuple((key, link.index) for link in party.keys for p, key in link.taken if p == purpose)


def key_at(party: Party, purpose: Purpose, size: int, where: str = "key") -> bytes:
    """The key of a ledger that signs its tree of ``size`` leaves: the newest whose record is in that tree."""
    held = [key for key, index in keys_of(party, purpose) if index < size]
    if not held:
        raise NotVerified("key.range", where, f"this party has no {purpose} key for a tree of {size} leaves")
    return held[-1]


def suspect_keys(party: Party) -> Mapping[tuple[Purpose, bytes], int]:
    """Keys that are suspect, each from a leaf index on: by revocation, or taken up by a suspect signature."""
    found: dict[tuple[Purpose, bytes], int] = {}
    for link in party.keys:
        if (r := link.revoked) is not None:
            place = r.purpose, bytes.fromhex(r.key)
            found[place] = min(r.suspect_from, found.get(place, r.suspect_from))
    for before, link in zip(party.keys, party.keys[1:], strict=False):
        # In the order of the chain, so what a thief's key takes up in turn is found too.
        signed_from = found.get(("statement", before.key))
        if link.revoked is None and signed_from is not None and link.index >= signed_from:
            for place in link.taken:
                found[place] = min(link.index, found.get(place, link.index))
    return found


def contacts_of(party: Party) -> tuple[Contact, ...]:
    """Where a party is reached: what its newest ``party.contact`` names, else its card.

    One that a suspect key signed does not count: whoever stole a key cannot redirect what is sent.
    """
    said = (link.contacts for link in _trusted_links(party))
    return next((contacts for contacts in said if contacts is not None), party.card.contacts)


def recipient_of(party: Party) -> str:
    """What is sealed for a party's eyes alone: the age recipient of its newest ``party.recipient``, else its
    card's ("" of a guest). One that a suspect key signed does not count, as in ``contacts_of``."""
    return next((link.age for link in _trusted_links(party) if link.age), party.card.age)


def _trusted_links(party: Party) -> Iterator[KeyRecord]:
    """The key records that no suspect statement key signed, newest first, the card left out."""
    suspect = suspect_keys(party)
    for before, link in reversed([*zip(party.keys, party.keys[1:], strict=False)]):
        since = suspect.get(("statement", before.key))
        if since is None or link.index < since:
            yield link


def suspect_at(party: Party, envelope: Envelope, index: int) -> bool:
    """Whether the key that signed this envelope is suspect at this leaf: a mark, whatever it claims."""
    for link in party.keys:
        if link.record == envelope.keys:
            since = suspect_keys(party).get(("statement", link.key))
            return since is not None and index >= since
    return False


def suspect_tree(party: Party, size: int) -> bool:
    """Whether the receipt key for a ledger's tree of ``size`` leaves is suspect there: the tree holds a leaf
    from which on it is."""
    since = suspect_keys(party).get(("receipt", key_at(party, "receipt", size)))
    return since is not None and size > since


# -- judging an envelope ----------------------------------------------------------------------------


def verify_author(party: Party, envelope: Envelope, where: str = "envelope") -> None:
    """Return only if the key that ``envelope`` names is one of this party's and signed it."""
    envelopes.verify_envelope(envelope, named_key(party, envelope, where), where)


def named_key(party: Party, envelope: Envelope, where: str = "envelope") -> bytes:
    """The key that ``envelope`` names, if it is one of this party's; 32 raw bytes. Checks no signature."""
    if envelope.iss != party.id:
        raise NotVerified("record.author", where, "issued by another party")
    for key in party.keys:
        if key.record == envelope.keys:
            return key.key
    raise NotVerified("key.unknown", where, "names a key record that is not in its author's chain")


def stale_at(party: Party, envelope: Envelope, index: int) -> bool:
    """Whether a newer statement key stood before this leaf: then the key was superseded, and it is a mark."""
    named = next((k.key for k in party.keys if k.record == envelope.keys), None)
    active = max((k for k in party.keys if k.index < index), key=lambda k: k.index, default=None)
    return active is not None and active.key != named
