"""``comity party contact``: where this party is reached, said anew."""

from __future__ import annotations

from pathlib import Path

import click

from comity.cli.options import home_option, open_home, read_pairs
from comity.cli.output import Out, count, speaks

KINDS = ("mail", "web", "phone", "node", "courier")


@click.command(name="contact")
@click.option(
    "--contact",
    "contacts",
    multiple=True,
    required=True,
    metavar="KIND=ADDRESS",
    help=f"One of {', '.join(KINDS)}; repeat it for all that hold from now on.",
)
@click.option("--reason", default="", help="Why they change.")
@home_option
@speaks("contacts (party, contacts).")
def contact_command(out: Out, contacts: tuple[str, ...], reason: str, home: Path | None) -> int:
    """Say anew where your party is reached: all contacts, since earlier ones no longer
    count. Your card stays as it is; the change is signed, stands in your ledger, and
    travels with the next record that you sign. A courier's attempts go by the card alone.
    """
    from comity.adapters import turns
    from comity.exchange.founding import change_contacts
    from comity.records.kinds import Contact

    made = []
    for kind, address in read_pairs(contacts, "--contact"):
        if kind not in KINDS:
            raise click.BadParameter(f"{kind!r}: a contact is one of {', '.join(KINDS)}")
        made.append(Contact(kind=kind, address=address))  # type: ignore[arg-type]  # checked above
    where = open_home(home)
    with turns.hold_alone(where.folder):
        change_contacts(where.node, made, reason)
    out.line(f"{count(len(made), 'contact')} stated; peers learn them with your next record.")
    out.object(
        "contacts",
        party=where.node.party.id,
        contacts=[{"kind": c.kind, "address": c.address} for c in made],
    )
    return 0
