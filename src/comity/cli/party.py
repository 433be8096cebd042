"""``comity party``: whom this node knows. A card proves itself; whose card it *is* it does not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from comity.cli.inputs import read_file
from comity.cli.options import home_option, open_home
from comity.cli.output import Out, speaks
from comity.errors import Refused

if TYPE_CHECKING:
    from comity.records.parties import Party


@click.group(name="party")
def party_command() -> None:
    """Know other parties: add, list, show."""


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
    node = open_home(home).node
    me = node.party.id
    known = sorted(node.parties().values(), key=lambda p: (p.id != me, p.card.name, p.id))
    for party in known:
        mark = " (this node)" if party.id == me else " (guest)" if party.guest else ""
        out.line(f"{party.id[:16]}  {party.card.name}{mark}  {_address(party)}".rstrip())
        _object(out, party, party.id == me)
    return 0


@party_command.command(name="show")
@click.argument("name", required=False, default="")
@click.option(
    "--out", "target", type=click.Path(path_type=Path), metavar="FILE", help="Write its card to a file."
)
@home_option
@speaks("party (id, name, address, guest, keys, self).")
def show_command(out: Out, name: str, target: Path | None, home: Path | None) -> int:
    """Show a party (this node's own, if none is named) with its keys and contacts."""
    from comity.adapters.atomic import write_new

    node = open_home(home).node
    party = node.find_party(name) if name else node.party
    tell_party(out, party, party.id == node.party.id)
    if target is not None:
        write_new(target, node.party_file(party.id).render(), 0o644)
        out.line(f"card written to {target}")
    return 0


@party_command.command(name="rotate")
@click.option("--reason", default="", metavar="WORDS", help="Why, for everyone to read.")
@home_option
@speaks("party (id, name, address, guest, keys, self).")
def rotate_command(out: Out, reason: str, home: Path | None) -> int:
    """Take up a new statement key, signed by the old one and by the new one.

    Stop comity serve first: it signs too. Other nodes learn the new key with the
    next record that they get. What was signed before stays valid.
    """
    from comity import compose
    from comity.adapters.key_files import KeyFiles
    from comity.exchange.founding import rotate

    where = open_home(home)
    signer = where.node.signer
    assert isinstance(signer, KeyFiles)
    with compose.hold_alone(where.folder):
        rotate(where.node, signer.prepare_rotation(), reason)
        signer.adopt_rotation()
    tell_party(out, where.node.party, True)
    return 0


def _address(party: Party) -> str:
    return next((c.address for c in party.card.contacts if c.kind == "node"), "")


def grouped(digits: str) -> str:
    """An id as people read it to each other: groups of eight."""
    return " ".join(digits[at : at + 8] for at in range(0, len(digits), 8))


def tell_party(out: Out, party: Party, own: bool) -> None:
    """Everything a card says."""
    out.line(party.card.name)
    rows = [["id", grouped(party.id)]]
    rows += [[c.kind, c.address] for c in party.card.contacts]
    if party.guest:
        rows.append(["guest of", party.card.home])
    rows += [[f"key {n}", key.key.hex()] for n, key in enumerate(party.keys, 1)]
    out.table(rows, 2)
    _object(out, party, own)


def _object(out: Out, party: Party, own: bool) -> None:
    out.object(
        "party",
        id=party.id,
        name=party.card.name,
        address=_address(party),
        guest=party.guest,
        contacts=[{"kind": c.kind, "address": c.address} for c in party.card.contacts],
        keys=[k.key.hex() for k in party.keys],
        self=own,
    )
