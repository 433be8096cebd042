"""From a reply to a node: a guest takes up a node of its own, with its key, the notice and its reply.

The party that registered the reply gives receipts for it; with them the notice and the reply are the first
records that the new node holds. The node's party has a card and a ledger of its own; that it is the guest is
shown by the one statement key that both cards name and that signed both (ADR 0023). What the notice builds on
comes when a member of the case invites the new party; until then those records wait, and say so.
"""

from __future__ import annotations

from comity.case.verified import verify_party, verify_read
from comity.errors import Malformed, NotVerified, Refused
from comity.exchange.delivery import Parcel, take_parcel
from comity.exchange.guests import parse_reply
from comity.exchange.node import Node, parse_party_file
from comity.exchange.notices.forms import ReadNotice
from comity.records import cbor, ed25519, envelopes
from comity.records.bundles import Bundle, open_record, parse_bundle, render_bundle
from comity.records.kinds import Card


def render_receipts(node: Node, records: list[str]) -> bytes:
    """What a guest keeps of the registration of its records here: its party file, and each exact envelope
    with its receipt. Deterministic CBOR ``[1, case, party file, [bundle, …]]``; it opens nothing."""
    held = [node.journal.held_record(record) for record in records]
    found = [one for one in held if one is not None]
    if not found:
        raise Refused("join.records", "reply", "no record of it is registered here")
    return cbor.encode(
        [
            1,
            found[0].case,
            node.party_file(found[0].iss).render(),
            [render_bundle(node.held_bundle(one, False)) for one in found],
        ]
    )


def check_key(reply: bytes, seed: bytes, where: str = "reply") -> str:
    """The name of the guest whose reply this is; ``Refused`` (``join.key``) where another key signed it."""
    _, card, _ = parse_reply(reply, where)
    record = open_record(envelopes.open_envelope(card.envelope, where), card.opening, where)
    if not isinstance(record.content, Card) or record.content.statement != ed25519.public_of(seed).hex():
        raise Refused("join.key", where, "another key signed this reply")
    return record.content.name


def join_parcel(read: ReadNotice, reply: bytes, receipts: bytes) -> Parcel:
    """The notice and the reply as a new node takes them in, all verified before there is any node.

    ``NotVerified`` (``join.other``, ``join.receipt``) where the three are not of one another.
    """
    case, _, said = parse_reply(reply, "reply")
    match cbor.decode(receipts, "receipts", other="join.form"):
        case [1, str() as registered, bytes() as guest, [*bundles]] if cbor.all_bytes(bundles):
            pass
        case _:
            raise Malformed("join.form", "receipts", "not the receipts of a reply")
    if {case, registered} != {read.notice.case}:
        raise NotVerified("join.other", "reply", "notice, reply and receipts are of different cases")
    card = parse_party_file(guest, "receipts.party").card
    party = verify_party(card, (), read.notice.giver, "receipts.party")
    given = {b.envelope: b.receipt for b in (parse_bundle(raw, "receipts") for raw in bundles)}
    whole = []
    for n, bundle in enumerate(said):
        if bundle.envelope not in given:
            raise NotVerified("join.receipt", f"reply.records[{n}]", "there is no receipt for this record")
        one = Bundle(envelope=bundle.envelope, opening=bundle.opening, receipt=given[bundle.envelope])
        where = f"reply.records[{n}]"
        record = open_record(envelopes.open_envelope(one.envelope, where), one.opening, where)
        verify_read(record, one.receipt, party, read.notice.giver, where)
        whole.append(one)
    match cbor.decode(read.data, "notice"):
        case [1, bytes(), [*cards], [*records], str()] if cbor.all_bytes(cards) and cbor.all_bytes(records):
            pass
        case _:
            raise Malformed("notice.form", "notice", "not a notice")
    told = [parse_bundle(raw, "notice") for raw in dict.fromkeys(records)]
    return Parcel(case=case, parties=[*cards, guest], bundles=[*told, *whole])


def join_case(node: Node, read: ReadNotice, parcel: Parcel) -> list[str]:
    """Take them into a new node: ids of the records that it holds now."""
    return take_parcel(node, parcel, read.notice.case_key)
