"""``comity page-key``: let one browser act in the pages of a node, once."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from comity.cli.options import open_home, prefer_home
from comity.cli.output import Out, count, speaks

if TYPE_CHECKING:
    from comity.compose import Home

MINUTES = 30
_ADDRESS = re.compile(r"https?://[^\s/?#]+(/[^\s?#]*)?")


@click.command(name="page-key")
@click.argument(
    "folder", metavar="[HOME]", required=False, type=click.Path(path_type=Path), envvar="COMITY_HOME"
)
@click.option(
    "--home",
    type=click.Path(path_type=Path),
    metavar="DIR",
    callback=prefer_home,
    help="The same as HOME.",
)
@click.option(
    "--minutes",
    type=click.IntRange(1, 24 * 60),
    default=MINUTES,
    help=f"How long the key can be used (default {MINUTES}).",
)
@click.option(
    "--at", default="", metavar="URL", help="The address your browser reaches the node at, if another."
)
@click.option(
    "--revoke", is_flag=True, help="End every key not used yet, and every session that a key has opened."
)
@speaks("page-key (address, key, minutes), or with --revoke: page-keys-ended (keys).")
def page_key_command(
    out: Out, folder: Path | None, home: Path | None, minutes: int, at: str, revoke: bool
) -> int:
    """Print an address that signs one browser in to act for the party in HOME: to
    seal, claim, answer and publish in the pages. It works once, and ends unused
    after half an hour. The node has to be running (comity serve).

    Whoever opens it speaks for the party. Give it to nobody you would not give a
    pen to. If one got into other hands, --revoke ends them all at once: keys that
    nobody used, and whoever is signed in.
    """
    where = open_home(home or folder)
    if revoke:
        from comity.adapters.page_keys import PageKeys
        from comity.compose import PAGE_KEYS

        ended = PageKeys(where.folder / PAGE_KEYS).withdraw()
        out.line(f"{count(ended, 'unused key')} ended, and every session in the pages.")
        out.line("What was signed in them stays signed: comity case show tells what, by record.")
        out.object("page-keys-ended", keys=ended)
        return 0
    listen = where.settings.listen
    base = (at or f"http://{listen}").rstrip("/")
    if not _ADDRESS.fullmatch(base):
        raise click.BadParameter(f"{at!r} is not an address like https://cert.example", param_hint="--at")
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
