"""A party begins: its card is leaf 0 of its ledger. It takes up new keys, and revokes (``spec/04``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace

from comity.case.time import stamped_by
from comity.case.verified import verify_party
from comity.errors import Refused
from comity.exchange import continuity
from comity.exchange.authoring import issue_next, leaf_of, publish_head, publish_soon
from comity.exchange.node import PARTY, Node, PartyFile
from comity.exchange.ports import Write
from comity.ledger import note
from comity.records import bodies, ed25519, envelopes, kinds, parties
from comity.records.bundles import Bundle, commitment, make_opening
from comity.records.kinds import Card, Contact, Frame, Purpose
from comity.records.parties import Party


def found(node: Node, name: str, contacts: Sequence[Contact] = (), recovery: bytes = b"") -> Party:
    """Sign the card of a new party and store it as leaf 0; ``Refused`` where this node has a party.

    ``recovery`` is the public half of a key kept offline (32 raw bytes), which alone can revoke others.
    """
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
            recovery=recovery.hex(),
        )
        opening = make_opening(
            _party_frame(node, card.kind, kinds.SELF, 1),
            card,
            node.effects.random(32),
            node.effects.random(32),
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


def rotate(node: Node, coming: Mapping[Purpose, bytes], reason: str = "") -> Party:
    """Take up new keys: purpose → 32-byte seed, already stored by the caller; signed by the statement key
    before and by each new one.

    ``node.signer`` must still give the old keys; this makes it adopt the new ones between the record that
    takes them up and the checkpoint that shows it.
    """
    continuity.settle(node)
    with node.lock:
        party = node.party
        statement = coming.get("statement")
        content = kinds.Rotate(reason=reason, taken=_take(party, coming, leaving={"statement"}))
        if statement is not None:
            new = ed25519.public_of(statement)
            proof = ed25519.sign(statement, parties.rotation_proof(party.id, party.newest.record, new))
            content = kinds.Rotate(statement=new.hex(), proof=proof.hex(), reason=reason, taken=content.taken)
        return _add_key_record(node, content, node.seed("statement"), coming)


def revoke(
    node: Node,
    recovery: bytes,
    purpose: Purpose,
    suspect_from: int,
    coming: Mapping[Purpose, bytes],
    reason: str = "",
    key: bytes = b"",
) -> Party:
    """Revoke a key (the newest of its purpose, if none is named) from a leaf index of one's home ledger on,
    signed with the 32-byte recovery seed; ``coming`` are the keys that take its place, as in ``rotate``.

    A head that the revoked key signed beyond that leaf no longer holds this node up, this record included.
    """
    continuity.settle(node)
    with node.lock:
        content = draft_revocation(node.party, recovery, purpose, suspect_from, coming, reason, key)
        node.disowning = {(purpose, bytes.fromhex(content.key)): suspect_from}
        try:
            party = _add_key_record(node, content, recovery, coming)
        finally:
            node.disowning = {}
        continuity.forget_disowned(node)
        return party


def draft_revocation(
    party: Party,
    recovery: bytes,
    purpose: Purpose,
    suspect_from: int,
    coming: Mapping[Purpose, bytes],
    reason: str = "",
    key: bytes = b"",
) -> kinds.Revoke:
    """What ``revoke`` would sign; ``Refused`` ("party.recovery") for another key than the card's."""
    if party.card.recovery != ed25519.public_of(recovery).hex():
        raise Refused("party.recovery", "", "this is not the recovery key that the card of this party names")
    key = key or parties.keys_of(party, purpose)[-1][0]
    return kinds.Revoke(
        purpose=purpose,
        key=key.hex(),
        suspect_from=suspect_from,
        reason=reason,
        taken=_take(party, coming),
    )


def find_marked(node: Node, content: kinds.Revoke) -> list[tuple[str, str, str, int]]:
    """The records here that a revocation would mark anew: (case, record, kind, leaf index)."""
    party = node.party
    link = replace(party.newest, record="", index=node.journal.size(), taken=(), revoked=content)
    after = replace(party, keys=(*party.keys, link))
    found = []
    for case in node.cases():
        for record, fact in node.state(case).records.items():
            envelope, frame = fact.value.envelope, fact.value.frame
            if fact.suspect or fact.home != party.id:
                continue
            # The receipts held here are at the size that each record made.
            by_receipt = parties.suspect_tree(after, fact.index + 1)
            by_key = envelope.iss == party.id and parties.suspect_at(after, envelope, fact.index)
            if by_receipt or by_key:
                found.append((case, record, frame.kind if frame else "", fact.index))
    return sorted(found, key=lambda f: f[3])


def proven_size(node: Node, instant: int) -> int | None:
    """The largest size of this ledger that a case's time policy shows to have stood by an instant (seconds
    since 1970 UTC); None where nothing shows one."""
    sizes = []
    for case in node.cases():
        state = node.state(case)
        for fact in state.attestations.values():
            if fact.home != node.party.id or state.policy is None:
                continue
            bounds = [*fact.value.seen_by.values()]
            bounds += [high for _, high in stamped_by(state.policy, fact.value.stamps).values()]
            if len([b for b in bounds if b <= instant]) >= state.policy.quorum:
                sizes.append(fact.value.size)
    return max(sizes, default=None)


def bind(node: Node, binding: kinds.Bind) -> Party:
    """Sign a binding to a published key that the caller has checked; it travels with the party's card."""
    continuity.settle(node)
    with node.lock:
        return _add_key_record(node, binding, node.seed("statement"), {})


def change_contacts(node: Node, contacts: Sequence[Contact], reason: str = "") -> Party:
    """State anew where this party is reached: all of its contacts. It travels with the party's card."""
    continuity.settle(node)
    with node.lock:
        content = kinds.Reach(contacts=tuple(contacts), reason=reason)
        return _add_key_record(node, content, node.seed("statement"), {})


def change_recipient(node: Node, age: str, reason: str = "") -> Party:
    """Have what is for this party's eyes sealed to another age recipient from now on. Its secret half is
    stored by the caller already, and ``node.signer`` opens what was sealed to either."""
    continuity.settle(node)
    with node.lock:
        party = _add_key_record(node, kinds.Recipient(age=age, reason=reason), node.seed("statement"), {})
        node.signer.adopt_recipient(age)
        return party


def _take(
    party: Party, coming: Mapping[Purpose, bytes], leaving: Set[str] = frozenset()
) -> tuple[kinds.Taken, ...]:
    found = []
    for purpose, seed in sorted(coming.items()):
        if purpose not in leaving:
            new = ed25519.public_of(seed)
            said = parties.taking_proof(purpose, party.id, party.newest.record, new)
            proof = ed25519.sign(seed, said).hex()
            found.append(kinds.Taken(purpose=purpose, key=new.hex(), proof=proof))
    return tuple(found)


def _add_key_record(
    node: Node,
    content: kinds.Rotate | kinds.Revoke | kinds.Bind | kinds.Reach | kinds.Recipient,
    seed: bytes,
    coming: Mapping[Purpose, bytes],
) -> Party:
    party = node.party
    opening = make_opening(
        _party_frame(node, content.kind, party.id, kinds.rules_needed(content)),
        content,
        node.effects.random(32),
        node.effects.random(32),
    )
    envelope = envelopes.seal_envelope(
        seed,
        iss=party.id,
        sub=kinds.NO_CASE,
        seq=len(party.keys),
        prev=party.newest.record,
        keys=party.newest.record,
        payload=commitment(opening),
    )
    index, receipt = issue_next(node, envelope, coming.get("receipt"))
    file = node.party_file(party.id)
    bundle = Bundle(envelope=envelope.raw, opening=opening, receipt=receipt)
    longer = PartyFile(card=file.card, rotations=(*file.rotations, bundle))
    verify_party(longer.card, longer.rotations)  # as everyone else will, before anyone can see it
    node.journal.write(
        Write(
            expected=index,
            leaves=[leaf_of(envelope, index)],
            notes={PARTY + party.id: longer.render()},
        )
    )
    node.signer.adopt(coming)
    publish_soon(node)
    return node.party


def _party_frame(node: Node, kind: str, author: str, rules: int) -> Frame:
    return Frame(
        kind=kind,
        author=author,
        case=kinds.NO_CASE,
        at=bodies.time_text(node.effects.now()),
        marking="TLP:CLEAR",
        audience=(kinds.PUBLIC,),
        rules=rules,
    )
