"""``comity join``: a party that answered without a node takes up one, and keeps its key."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from comity.cli.inputs import read_file
from comity.cli.output import Out, count, speaks
from comity.errors import Malformed, Unavailable

if TYPE_CHECKING:
    from comity.adapters.node_settings import Settings

FILE_LIMIT = 16 * 1024 * 1024


@click.command(name="join")
@click.argument("notice", metavar="NOTICE", type=click.Path(path_type=Path))
@click.argument("reply", metavar="REPLY", type=click.Path(path_type=Path))
@click.option(
    "--key",
    "key_path",
    required=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="The key you answered with: its folder, or the file that the page saved.",
)
@click.option(
    "--home", "folder", required=True, type=click.Path(path_type=Path), metavar="DIR", help="The new node."
)
@click.option("--listen", default="", metavar="HOST:PORT", help="Where it will listen (127.0.0.1:8731).")
@click.option("--url", default="", help="Its address for other nodes (default: http:// and --listen).")
@click.option(
    "--receipts",
    "receipts_path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="From the party that registered your reply (reply take --receipts), instead of asking it.",
)
@speaks("node (home, party, name, url, recovery); joined (case, records, accepted).")
def join_command(
    out: Out,
    notice: Path,
    reply: Path,
    key_path: Path,
    folder: Path,
    listen: str,
    url: str,
    receipts_path: Path | None,
) -> int:
    """Make a node of your own from a notice and the reply that you gave to it without
    one. Its first records are that notice and that reply, and it signs with the key
    that you answered with, so that others see one party go on.

    The party that gave the notice is asked for the receipts of your reply, and
    registers it if it had not (taking it twice changes nothing).
    """
    from comity import compose
    from comity.adapters import node_settings
    from comity.adapters.key_files import write_recovery
    from comity.cli.options import closing
    from comity.exchange.joining import check_key, join_case, join_parcel
    from comity.exchange.notices.forms import read_notice
    from comity.records import ed25519

    read = read_notice(read_file(notice, FILE_LIMIT), str(notice))
    said = read_file(reply, FILE_LIMIT)
    seed = _read_seed(key_path)
    name = check_key(said, seed, str(reply))
    settings = node_settings.settings_for(listen or node_settings.LISTEN, url)
    compose.require_free(folder)
    if receipts_path is not None:
        receipts = read_file(receipts_path, FILE_LIMIT)
    else:
        receipts = _ask_receipts(read.notice.reply_to, said, settings)
    parcel = join_parcel(read, said, receipts)
    recovery_file = folder.absolute().with_name(f"{folder.absolute().name}.recovery")
    recovery = write_recovery(recovery_file)
    try:
        home = closing(
            compose.create_home(
                folder,
                name=name,
                settings=settings,
                recovery=ed25519.public_of(recovery),
                seeds={"statement": seed},
            )
        )
    except BaseException:
        recovery_file.unlink(missing_ok=True)  # no card names it
        raise
    records = join_case(home.node, read, parcel)
    state = home.node.state(read.notice.case)
    giver = read.notice.giver
    out.table(
        [["party", name], ["id", home.node.party.id], ["home", str(home.folder)], ["address", url or "–"]]
    )
    out.line()
    out.line(
        f"{count(len(records), 'record')} of case {read.notice.case[:12]} held: the notice and your reply."
    )
    out.line(f"Recovery key: {recovery_file}. Move it off this machine.")
    if state.waiting:
        out.line(f"What they build on comes when {giver.card.name} brings you in. Ask it to run:")
        out.line(f"comity party add {home.settings.url}", 2)
        out.line(f"comity case invite {home.node.party.id[:16]}", 2)
    out.line(f"Next: comity serve {home.folder}")
    out.object(
        "node",
        home=str(home.folder),
        party=home.node.party.id,
        name=name,
        url=home.settings.url,
        recovery=str(recovery_file),
    )
    accepted = sum(record in state.accepted for record in records)
    out.object("joined", case=read.notice.case, records=len(records), accepted=accepted)
    return 0


def _read_seed(path: Path) -> bytes:
    from comity.adapters.key_files import KeyFiles, read_seed_file
    from comity.adapters.passphrase import read_passphrase

    if path.is_dir():
        return KeyFiles(path, read_passphrase).seed("statement")
    return read_seed_file(path, "statement")


def _ask_receipts(address: str, reply: bytes, settings: Settings) -> bytes:
    import json

    from comity import compose

    if not address:
        why = "the notice names no address; the party writes them (reply take --receipts), for --receipts"
        raise Unavailable("peer.address", "notice", why)
    with compose.open_peers(settings) as peers:
        raw = peers.post(address.rstrip("/"), "/x/guest", reply)
    try:
        return bytes.fromhex(json.loads(raw)["receipts"])
    except (ValueError, KeyError, TypeError):
        raise Malformed("join.form", address, "its answer holds no receipts") from None
