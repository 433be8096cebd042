"""Bringing a party into a case."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from functools import partial

from comity.case.verified import Verified
from comity.errors import Refused
from comity.exchange import acts, delivery
from comity.exchange.node import Node
from comity.records.bundles import Record
from comity.records.parties import grouped
from comity.web.desk import Desk
from comity.web.forms import ActForm, Choice, Form, Making, Section, radio
from comity.web.phrases import phrase
from comity.web.typed import Checking, Typed

BOTH = (
    "Two records are signed: first the case.grant that opens these records, where there are any, "
    "then the case.invite."
)


def invitable(node: Node, members: Collection[str]) -> dict[str, str]:
    """Parties with a node that this one knows and that are not among the members, each with its address."""
    return {
        party: address
        for party, known in node.parties().items()
        if party not in members
        and party != node.party.id
        and not known.guest
        and (address := delivery.address_of(node, party))
    }


def _known(desk: Desk) -> tuple[Choice, ...]:
    names = desk.node.parties()
    found = (
        Choice(
            value=party,
            words=names[party].card.name,
            aside=phrase("{} · fingerprint {}…", address, grouped(party[:16])),
        )
        for party, address in invitable(desk.node, desk.reading.state.members).items()
    )
    return tuple(sorted(found, key=lambda c: (c.words, c.value)))


def _invite_form(desk: Desk, typed: Typed) -> Form:
    choices = _known(desk)
    if not choices:
        raise Refused(
            "invite.nobody",
            desk.case[:12],
            "every party with a node known here is in the case; learn the card of another first",
        )
    return Form(
        title="Invite a party",
        lead="It becomes a member of the case, and receives what all members have.",
        effect=(
            (
                "It receives the key of the case, and every record of yours that all members can read, but "
                "for what you marked TLP:RED and what goes with that."
            ),
            "What it received stays with it. No record takes a member out of a case again.",
            "Whose card it is was for you to confirm by another way; a name in a card proves nothing.",
        ),
        sections=(
            Section(
                title="The party",
                fields=(radio(typed, "party", "Who is invited", choices, required=True),),
            ),
        ),
    )


def _take_invite(desk: Desk, typed: Typed) -> Making:
    check = Checking(typed)
    party = check.choice("party", "a party", [c.value for c in _known(desk)])
    check.done()
    return Making(
        act=partial(_invite, desk.case, party),
        # The key is sealed anew each time, so what a person agrees to is the party and not the bytes.
        agreed=hashlib.sha256(f"{desk.case}\n{party}".encode()).hexdigest(),
        said=(
            ("invites", desk.reading.who(party).name),
            ("its fingerprint", grouped(party)),
            ("at", delivery.address_of(desk.node, party)),
        ),
        notes=(BOTH, *_not_shared(desk)),
    )


def _not_shared(desk: Desk) -> tuple[str, ...]:
    without = acts.not_shared(desk.node, desk.case)
    if not without:
        return ()
    listed = ", ".join(
        f"{record[:12]} ({desk.reading.state.accepted[record].frame.kind})" for record in without
    )
    return (phrase("Not shared, as you marked it TLP:RED or it goes with what you marked so: {}.", listed),)


def _invite(case: str, party: str, node: Node) -> Verified[Record]:
    return acts.invite(node, case, party)


FORMS: tuple[ActForm, ...] = (ActForm(name="invite", lay_out=_invite_form, take=_take_invite),)
