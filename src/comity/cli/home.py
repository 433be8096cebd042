"""``comity init``: a node begins, new or from what ``comity pack`` made."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from comity.cli.output import Out, speaks
from comity.errors import Refused, Unavailable

if TYPE_CHECKING:
    from comity.compose import Home

CONTACTS = ("mail", "web", "phone", "courier")


@click.command(name="init")
@click.argument("folder", metavar="HOME", type=click.Path(path_type=Path), envvar="COMITY_HOME")
@click.option("--name", default="", help="The party's name, as its card will say it.")
@click.option("--listen", default="", metavar="HOST:PORT", help="Where it will listen (127.0.0.1:8731).")
@click.option("--url", default="", help="Its address for other nodes (default: http:// and --listen).")
@click.option(
    "--contact",
    multiple=True,
    metavar="mail=ADDRESS",
    help="Also web=, phone=, courier=PARTY-ID; repeatable.",
)
@click.option("--blobs-s3", default="", metavar="BUCKET/PREFIX", help="Keep evidence in an object store.")
@click.option(
    "--public-s3", default="", metavar="BUCKET/PREFIX", help="Keep the public files in an object store."
)
@click.option("--s3-endpoint", default="", metavar="URL", help="The store's address (default: Amazon S3).")
@click.option("--s3-region", default="", metavar="NAME", help="Its region (default: as the profile says).")
@click.option(
    "--from",
    "seal_path",
    type=click.Path(path_type=Path),
    metavar="X.seal",
    help="Adopt the party, ledger, items and case that pack made for this seal.",
)
@click.option(
    "--passphrase",
    is_flag=True,
    help="Protect the keys with a passphrase (asked, or from COMITY_PASSPHRASE_FILE).",
)
@click.option(
    "--recovery-out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where to write the recovery key (default: HOME.recovery, beside the folder).",
)
@speaks("node (home, party, name, url, recovery).")
def init_command(
    out: Out,
    folder: Path,
    name: str,
    listen: str,
    url: str,
    contact: tuple[str, ...],
    blobs_s3: str,
    public_s3: str,
    s3_endpoint: str,
    s3_region: str,
    seal_path: Path | None,
    passphrase: bool,
    recovery_out: Path | None,
) -> int:
    """Make a node in the folder HOME: its keys, its ledger, and leaf 0, the party's card.

    The card is signed once and never changes: name, address and contacts in it are
    for good. Keep a copy of HOME/keys offline.

    The card names a recovery key, written to a file of its own. It alone can revoke
    a stolen key, so move that file off this machine; nothing here needs it.

    With --from X.seal the node that pack made beside the seal is moved here
    (never copied: one set of keys must not sign two histories).

    With --blobs-s3 or --public-s3, credentials come from the environment or the
    profile (AWS_PROFILE and so on), each time, and are never stored.
    """
    from comity import compose
    from comity.adapters import node_settings
    from comity.adapters.key_files import write_recovery
    from comity.adapters.passphrase import choose_passphrase
    from comity.cli.options import closing, read_pairs
    from comity.records import ed25519
    from comity.records.kinds import Contact

    recovery_file: Path | None = None
    if seal_path is not None:
        if name or contact or recovery_out:
            why = "--from adopts a card that is signed already: no --name, --contact or --recovery-out"
            raise click.UsageError(why)
        if passphrase:
            raise click.UsageError("adopt it first; then comity party protect")
        if blobs_s3 or public_s3:
            raise click.UsageError("--from adopts a home with its files: move them to a store afterwards")
        home = _adopt(seal_path, folder, listen, url)
    else:
        if not name:
            raise click.UsageError('a party has a name: --name "…"')
        contacts = []
        for kind, address in read_pairs(contact, "--contact"):
            if kind not in CONTACTS:
                raise click.BadParameter(f"{kind!r}: a contact is one of {', '.join(CONTACTS)}")
            contacts.append(Contact(kind=kind, address=address))  # type: ignore[arg-type]  # checked above
        if (s3_endpoint or s3_region) and not (blobs_s3 or public_s3):
            raise click.UsageError("--s3-endpoint and --s3-region go with --blobs-s3 or --public-s3")
        blobs, public = (
            node_settings.InStore(s3=place, endpoint=s3_endpoint, region=s3_region) if place else None
            for place in (blobs_s3, public_s3)
        )
        settings = node_settings.settings_for(listen or node_settings.LISTEN, url, blobs=blobs, public=public)
        recovery_file = recovery_out or folder.absolute().with_name(f"{folder.absolute().name}.recovery")
        compose.require_free(folder)
        secret = choose_passphrase() if passphrase else b""
        seed = write_recovery(recovery_file)
        try:
            made = compose.create_home(
                folder,
                name=name,
                settings=settings,
                contacts=contacts,
                recovery=ed25519.public_of(seed),
                passphrase=secret,
            )
        except BaseException:
            recovery_file.unlink(missing_ok=True)  # no card names it
            raise
        home = closing(made)
    party = home.node.party
    out.table(
        [
            ["party", party.card.name],
            ["id", party.id],
            ["home", str(home.folder)],
            ["address", home.settings.url],
        ]
    )
    out.line()
    if recovery_file is not None:
        out.line(f"Recovery key: {recovery_file}. Move it off this machine:")
        out.line("whoever has it can revoke your keys, and without it nobody can.")
    out.line("Others know you by this id: read it to them over another channel.")
    out.line(f"Next: comity serve {home.folder}")
    out.object(
        "node",
        home=str(home.folder),
        party=party.id,
        name=party.card.name,
        url=home.settings.url,
        recovery=str(recovery_file or ""),
    )
    return 0


def _adopt(seal_path: Path, folder: Path, listen: str, url: str) -> Home:
    from comity import compose
    from comity.adapters import node_settings
    from comity.adapters.atomic import write_new
    from comity.cli.options import closing
    from comity.cli.pack import moved_to, node_path

    source = node_path(seal_path)
    if source.is_file():
        raise Unavailable(
            "home.missing", str(source), f"the node of this seal lies elsewhere: {moved_to(source)}"
        )
    if not source.is_dir():
        raise Unavailable("home.missing", str(source), "no node lies beside this seal; comity pack makes one")
    before = node_settings.read_settings(source)
    settings = node_settings.settings_for(listen or before.listen, url or before.url)
    if settings.url != before.url:
        raise Refused(
            "home.address",
            settings.url,
            f"the card that pack signed names {before.url}, and a card never changes; "
            "listen elsewhere with --listen, and keep --url",
        )
    home = closing(compose.adopt_home(source, folder, settings))
    # Packing the seal again would else make a second party of the same name. The node is moved by now: a full
    # disk must not make this look undone.
    with contextlib.suppress(Unavailable):
        write_new(source, f"moved to {home.folder}\n".encode())
    return home
