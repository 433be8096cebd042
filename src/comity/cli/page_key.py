"""``comity page-key``: let one browser act in the pages of a node, once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from comity.cli.options import open_home
from comity.cli.output import Out, speaks

if TYPE_CHECKING:
    from comity.compose import Home

MINUTES = 30


@click.command(name="page-key")
@click.argument(
    "folder", metavar="[HOME]", required=False, type=click.Path(path_type=Path), envvar="COMITY_HOME"
)
@click.option("--home", type=click.Path(path_type=Path), metavar="DIR", help="The same as HOME.")
@click.option(
    "--minutes",
    type=click.IntRange(1, 24 * 60),
    default=MINUTES,
    help=f"How long the key can be used (default {MINUTES}).",
)
@click.option(
    "--at", default="", metavar="URL", help="The address your browser reaches the node at, if another."
)
@speaks("page-key (address, key, minutes).")
def page_key_command(out: Out, folder: Path | None, home: Path | None, minutes: int, at: str) -> int:
    """Print an address that signs one browser in to act for the party in HOME: to
    seal, claim, answer and publish in the pages. It works once, and ends unused
    after half an hour. The node has to be running (comity serve).

    Whoever opens it speaks for the party. Give it to nobody you would not give a
    pen to.
    """
    where = open_home(home or folder)
    listen = where.settings.listen
    base = (at or f"http://{listen}").rstrip("/")
    key, address = offer_key(where, base, minutes)
    out.line(f"To act in the pages, open this once within {minutes} minutes:")
    out.line(address)
    out.object("page-key", address=address, key=key, minutes=minutes)
    return 0


def offer_key(home: Home, base: str, minutes: int = MINUTES) -> tuple[str, str]:
    """A new key of a home, and the address below ``base`` that uses it."""
    from comity.adapters.page_keys import PageKeys
    from comity.compose import PAGE_KEYS

    key = PageKeys(home.folder / PAGE_KEYS).offer(home.node.effects.now(), minutes * 60)
    return key, f"{base}/sign-in?key={key}"
