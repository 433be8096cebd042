"""``comity party confirm``: whose key it is, learned by another way."""

from __future__ import annotations

from pathlib import Path

import click

from comity.cli.options import home_option, open_home
from comity.cli.output import Out, speaks

WAYS = ("call-back", "published-key", "directory")


@click.command(name="confirm")
@click.argument("name", metavar="PARTY")
@click.option("--by", "way", type=click.Choice(WAYS), help="How you learned whose key it is.")
@click.option("--note", default="", help="Who, when, which number or place; kept here only.")
@click.option("--revoke", is_flag=True, help="Take the confirmation back.")
@home_option
@speaks("confirmed (party, name, by, at, note, same_key).")
def confirm_command(out: Out, name: str, way: str | None, note: str, revoke: bool, home: Path | None) -> int:
    """Note that a party's key is its own: you called back a number that you had before,
    found the key where the office publishes it, or asked a directory. Until then a
    guest reads "sender not authenticated". The note stays in this node: it is no
    record, and changes nothing that others see.
    """
    from comity.exchange.confirming import authentication, confirm, unconfirm

    node = open_home(home).node
    party = node.find_party(name)
    if revoke:
        unconfirm(node, party.id)
    elif way is None:
        raise click.UsageError(f"say how: --by {', '.join(WAYS)}")
    else:
        confirm(node, party.id, way, note)  # type: ignore[arg-type]  # click.Choice
    found = authentication(node, party.id)
    told = found.confirmed
    out.line(f"{party.card.name}: {f'confirmed by {told.way}, {told.at}' if told else 'not authenticated'}")
    for other in found.same_key:
        out.line(f"the same key signs as {node.name_of(other)} ({other[:16]})", 2)
    out.object(
        "confirmed",
        party=party.id,
        name=party.card.name,
        by=told.way if told else "",
        at=told.at if told else "",
        note=told.note if told else "",
        same_key=list(found.same_key),
    )
    return 0
