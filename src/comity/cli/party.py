"""``comity party``: whom this node knows. A card proves itself; whose card it *is* it does not."""

from __future__ import annotations

from pathlib import Path

import click

from comity.cli.confirm import confirm_command
from comity.cli.contacts import contact_command
from comity.cli.inputs import read_file
from comity.cli.keys import bind_command, protect_command, revoke_command, rotate_command
from comity.cli.listing import Listing
from comity.cli.options import home_option, open_home
from comity.cli.output import Out, speaks
from comity.cli.party_told import address_of, tell_ledger, tell_party, tell_party_object
from comity.errors import Refused


@click.group(name="party", cls=Listing)
def party_command() -> None:
    """Know other parties: add, list, show. And your own keys: rotate, revoke, protect, bind."""


@party_command.command(name="add")
@click.argument("source", metavar="URL|FILE")
@click.option("--id", "expected", default="", metavar="ID", help="The id you were told by another way.")
@home_option
@speaks("party (id, name, fingerprint, address, guest, keys, self).")
def add_command(out: Out, source: str, expected: str, home: Path | None) -> int:
    """Learn a party from its node's address, or from a card file it sent (party show
    --out writes one). Compare the id with the party over a channel you trust:
    --id refuses any other.
    """
    from comity.exchange.delivery import learn_party
    from comity.exchange.node import open_card, parse_party_file

    where = open_home(home)
    if source.startswith(("http://", "https://")):
        with where.peers() as peers:
            raw = peers.get(source.rstrip("/"), "/card")
    else:
        raw = read_file(Path(source), 1 << 20)
    file = parse_party_file(raw, source)
    wanted = expected.replace(":", "").replace(" ", "").lower()
    if wanted:
        from comity.case.verified import verify_party

        card = open_card(file.card)
        known = where.node.parties().get(card.home) if card.home else None
        found = verify_party(file.card, file.rotations, known, source).id
        if found != wanted:
            raise Refused("party.other", source, f"is party {found}, not the one expected")
    learned = learn_party(where.node, file)
    party = where.node.author(learned)
    tell_party(out, party, party.id == where.node.party.id)
    if not wanted:
        out.line("Compare this id with the party over a channel you trust.")
    return 0


@party_command.command(name="list")
@home_option
@speaks("party (id, name, address, guest, keys, self).")
def list_command(out: Out, home: Path | None) -> int:
    """List the parties this node knows, itself first."""
    from comity.exchange.confirming import authentication

    node = open_home(home).node
    me = node.party.id
    known = sorted(node.parties().values(), key=lambda p: (p.id != me, p.card.name, p.id))
    for party in known:
        mark = " (this node)" if party.id == me else " (guest)" if party.guest else ""
        confirmed = authentication(node, party.id).confirmed
        mark += f" (confirmed by {confirmed.way})" if confirmed else ""
        out.line(f"{party.id[:16]}  {party.card.name}{mark}  {address_of(party)}".rstrip())
        tell_party_object(out, party, party.id == me)
    return 0


@party_command.command(name="show")
@click.argument("name", required=False, default="")
@click.option(
    "--out", "target", type=click.Path(path_type=Path), metavar="FILE", help="Write its card to a file."
)
@home_option
@speaks("party (id, name, address, guest, keys, self); ledger (vkey, cosigns, at) of a node.")
def show_command(out: Out, name: str, target: Path | None, home: Path | None) -> int:
    """Show a party (this node's own, if none is named) with its keys and contacts.

    The line *ledger* is the key that signs its checkpoint now, as Go's sumdb and other tools of C2SP
    tlog-tiles take it; /checkpoint and /tile/ at its address hold what they read.
    """
    from comity.adapters.atomic import write_new
    from comity.exchange.confirming import authentication

    node = open_home(home).node
    party = node.find_party(name) if name else node.party
    tell_party(out, party, party.id == node.party.id)
    tell_ledger(out, party)
    found = authentication(node, party.id)
    if party.id != node.party.id:
        told = found.confirmed
        out.line(f"confirmed by {told.way}, {told.at} {told.note}" if told else "sender not authenticated", 2)
    for other in found.same_key:
        out.line(f"the same key signs as {node.name_of(other)} ({other[:16]})", 2)
    if target is not None:
        write_new(target, node.party_file(party.id).render(), 0o644)
        out.line(f"card written to {target}")
    return 0


party_command.add_command(rotate_command)
party_command.add_command(revoke_command)
party_command.add_command(protect_command)
party_command.add_command(bind_command)
party_command.add_command(contact_command)
party_command.add_command(confirm_command)
