"""Couriers' attempts to deliver a notice: what they rest on, and which count (``spec/05`` rule 28)."""

from __future__ import annotations

from comity.case.state import Accepted, State
from comity.case.verified import verify_party
from comity.errors import NotVerified
from comity.records import kinds, parties
from comity.records.bundles import parse_bundle, read_bundle


def open_contacts(content: kinds.Attempt, where: str = "attempt") -> tuple[kinds.Contact, ...]:
    """The newest contacts by the addressee's own signed card and key records, which the attempt carries.

    ``NotVerified``: no card, another party's, or a guest's, to whom nothing can be sealed; key records
    that do not follow it.
    """
    card = parse_bundle(bytes.fromhex(content.card), f"{where}.card")
    record = read_bundle(card, f"{where}.card")
    party = parties.found_party(record, 0, f"{where}.card")
    if party.id != content.to:
        raise NotVerified("attempt.card", f"{where}.card", "the card is another party's")
    if party.guest:
        raise NotVerified("attempt.card", f"{where}.card", "a guest has no address that couriers know")
    if not content.keys:
        return party.card.contacts
    keys = [parse_bundle(bytes.fromhex(raw), f"{where}.keys[{n}]") for n, raw in enumerate(content.keys)]
    return parties.contacts_of(verify_party(card, keys, None, where))


def attempts_for(state: State, notice: Accepted) -> tuple[Accepted, ...]:
    """The attempts that count for a notice, causes first: to whom it tells, by another than its giver.

    One by a courier that signed two histories does not count: it favours whoever asked for it.
    """
    told = notice.content.to.party if isinstance(notice.content, kinds.Give) else ""
    return tuple(
        attempt
        for attempt in state.of("delivery.attempt")
        if isinstance(attempt.content, kinds.Attempt)
        and attempt.content.notice == notice.id
        and attempt.content.to == told
        and attempt.author != notice.author
        and not state.against_author(attempt)
    )
