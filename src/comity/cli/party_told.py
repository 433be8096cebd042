"""What a command says of a party: its card, and the key records behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.cli.output import Out
from comity.errors import ComityError

if TYPE_CHECKING:
    from comity.records.kinds import Bind
    from comity.records.parties import Party


def address_of(party: Party) -> str:
    """Where its node answers, or nothing."""
    from comity.records.parties import contacts_of

    return next((c.address for c in contacts_of(party) if c.kind == "node"), "")


def tell_party(out: Out, party: Party, own: bool) -> None:
    """Everything a card and the key records behind it say."""
    from comity.records import parties
    from comity.records.kinds import PURPOSES
    from comity.records.parties import grouped

    out.line(party.card.name)
    rows = [["id", grouped(party.id)]]
    rows += [[c.kind, c.address] for c in parties.contacts_of(party)]
    if party.guest:
        rows.append(["guest of", party.card.home])
    suspect = parties.suspect_keys(party)
    for purpose in PURPOSES:
        held = parties.keys_of(party, purpose)
        if purpose != "statement" and len(held) == 1 and (purpose, held[0][0]) not in suspect:
            continue  # the card's own, as everyone's
        for n, (key, index) in enumerate(held, 1):
            since = suspect.get((purpose, key))
            note = f"  suspect from leaf {since} on" if since is not None else ""
            label = "key" if purpose == "statement" else f"{purpose} key"
            range_ = f"  from leaf {index}" if len(held) > 1 else ""
            rows.append([f"{label} {n}", f"{key.hex()}{range_}{note}"])
    if (age := parties.recipient_of(party)) != party.card.age:
        rows.append(["sealed to", age])
    for fingerprint, binding in {b.fingerprint: b for b in party.bindings}.items():
        rows.append(["OpenPGP key", f"{grouped(fingerprint)}  {_judge_binding(party, binding)}"])
    out.table(rows, 2)
    tell_party_object(out, party, own)


def tell_ledger(out: Out, party: Party) -> None:
    """The keys by which tools of others read its ledger and its cosignatures; nothing of a guest."""
    from comity.case.party_keys import checkpoint_keys, witness_keys

    if signing := checkpoint_keys(party):
        vkey, cosigns = str(signing[-1]), witness_keys(party)[-1]
        out.table([["ledger", vkey], ["cosigns", cosigns]], 2)
        out.object("ledger", vkey=vkey, cosigns=cosigns, at=address_of(party))


def _judge_binding(party: Party, binding: Bind) -> str:
    from comity.adapters.openpgp import check_binding
    from comity.adapters.system import System
    from comity.records.parties import binding_text

    try:
        check_binding(binding_text(party), binding, System().now())
    except ComityError as error:
        return f"not shown to hold: {error.why}"
    return "signed this party's id"


def tell_party_object(out: Out, party: Party, own: bool) -> None:
    """The party, for a program."""
    from comity.records import parties

    out.object(
        "party",
        id=party.id,
        name=party.card.name,
        address=address_of(party),
        guest=party.guest,
        contacts=[{"kind": c.kind, "address": c.address} for c in parties.contacts_of(party)],
        keys=[key.hex() for key, _ in parties.keys_of(party, "statement")],
        openpgp=sorted({b.fingerprint for b in party.bindings}),
        suspect=[
            {"purpose": purpose, "key": key.hex(), "from": since}
            for (purpose, key), since in parties.suspect_keys(party).items()
        ],
        self=own,
    )
