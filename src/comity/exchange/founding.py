"""A party begins: its card is leaf 0 of its ledger. And it takes up new statement keys (``spec/04``)."""

from __future__ import annotations

from collections.abc import Sequence

from comity.case.verified import verify_party
from comity.errors import Refused
from comity.exchange.authoring import issue_next, leaf_of, publish_head
from comity.exchange.node import PARTY, Node, PartyFile
from comity.exchange.ports import Write
from comity.ledger import note
from comity.records import bodies, ed25519, envelopes, kinds, parties
from comity.records.bundles import Bundle, commitment, make_opening, open_record
from comity.records.kinds import Card, Contact, Frame
from comity.records.parties import Party


def found(node: Node, name: str, contacts: Sequence[Contact] = ()) -> Party:
    """Sign the card of a new party and store it as leaf 0; ``Refused`` where this node has a party."""
    with node.lock:
        if node.journal.size() or node.journal.note("self"):
            raise Refused("node.founded", "", "this node already has a party")
        signer = node.signer
        # A ledger's and a witness's name cannot hold the party id, which is a hash over them.
        label = ed25519.thumbprint(signer.public("checkpoint")).hex()[:16]
        card = Card(
            name=name,
            statement=signer.public("statement").hex(),
            contacts=tuple(contacts),
            receipt=signer.public("receipt").hex(),
            checkpoint=str(note.vkey_of(f"comity/{label}", signer.public("checkpoint"))),
            witness=str(note.vkey_of(f"comity/{label}/witness", signer.public("witness"), note.COSIGNATURE)),
            age=signer.age_recipient(),
        )
        opening = make_opening(
            _party_frame(node, card.kind, kinds.SELF), card, node.effects.random(32), node.effects.random(32)
        )
        party_id, record = parties.sign_card(signer.seed("statement"), opening)
        file = PartyFile(card=Bundle(envelope=record.envelope.raw, opening=opening))
        party = verify_party(file.card, ())
        node.journal.write(
            Write(
                expected=0,
                leaves=[leaf_of(record.envelope, 0, party_id)],
                notes={PARTY + party_id: file.render(), "self": party_id.encode()},
            )
        )
        publish_head(node)
        return party


def rotate(node: Node, seed: bytes, reason: str = "") -> Party:
    """Take up a new statement key (32-byte seed, already stored by the caller), signed by old and new.

    ``node.signer`` must still give the old key; the caller switches it after this returns.
    """
    with node.lock:
        party = node.party
        new = ed25519.public_of(seed)
        proof = ed25519.sign(seed, parties.rotation_proof(party.id, party.newest.record, new))
        content = kinds.Rotate(statement=new.hex(), proof=proof.hex(), reason=reason)
        opening = make_opening(
            _party_frame(node, content.kind, party.id),
            content,
            node.effects.random(32),
            node.effects.random(32),
        )
        envelope = envelopes.seal_envelope(
            node.seed("statement"),
            iss=party.id,
            sub=kinds.NO_CASE,
            seq=len(party.keys),
            prev=party.newest.record,
            keys=party.newest.record,
            payload=commitment(opening),
        )
        index, receipt = issue_next(node, envelope)
        parties.rotate_party(party, open_record(envelope, opening), index)
        file = node.party_file(party.id)
        bundle = Bundle(envelope=envelope.raw, opening=opening, receipt=receipt)
        longer = PartyFile(card=file.card, rotations=(*file.rotations, bundle))
        node.journal.write(
            Write(
                expected=index,
                leaves=[leaf_of(envelope, index)],
                notes={PARTY + party.id: longer.render()},
            )
        )
        publish_head(node)
        return node.party


def _party_frame(node: Node, kind: str, author: str) -> Frame:
    return Frame(
        kind=kind,
        author=author,
        case=kinds.NO_CASE,
        at=bodies.time_text(node.effects.now()),
        marking="TLP:CLEAR",
        audience=(kinds.PUBLIC,),
        rules=kinds.KINDS[kind].introduced,
    )
