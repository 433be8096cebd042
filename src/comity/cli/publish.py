"""``comity publish``: the case as this party holds it, made portable."""

from __future__ import annotations

import hashlib
from pathlib import Path

import click

from comity.cli.options import case_option, choose_case, home_option, open_home
from comity.cli.output import Out, size_text, speaks


@click.command(name="publish")
@click.option(
    "--out", "target", type=click.Path(path_type=Path), metavar="X.comity", help="Also write it here."
)
@click.option(
    "--without-notice",
    default="",
    metavar="REASON",
    help="Publish although a party named was not told; the reason is shown.",
)
@click.option(
    "--withhold", multiple=True, metavar="RECORD", help="A record of yours that stays closed; repeatable."
)
@case_option
@home_option
@speaks("published (record, case, sha256, bytes, file, address).")
def publish_command(
    out: Out,
    target: Path | None,
    without_notice: str,
    withhold: tuple[str, ...],
    case_text: str,
    home: Path | None,
) -> int:
    """Publish a dossier: your records become public, and with them every reply to
    them, verbatim. What stays closed is counted in it, author by author. The
    dossier is written, kept at your node's address, and committed by a record.
    """
    from comity.adapters.atomic import write_new
    from comity.exchange import acts
    from comity.exchange.publishing import publish

    where = open_home(home)
    node = where.node
    case = choose_case(node, case_text)
    if target is not None:
        require_free(target)
    closed = [acts.find_record(node.state(case), one) for one in withhold]
    record, dossier = publish(node, case, without_notice=without_notice, withhold=closed)
    digest = hashlib.sha256(dossier).hexdigest()
    if target is not None:
        write_new(target, dossier, 0o644)
    address = f"{where.settings.url}/dossiers/{digest}.comity"
    out.line(f"dossier.publish: record {record.value.id[:12]}, {size_text(len(dossier))}, sha256 {digest}")
    out.line(f"served at {address}")
    if target is not None:
        out.line(f"written to {target}; anyone checks it with: comity verify {target}")
    out.object(
        "published",
        record=record.value.id,
        case=case,
        sha256=digest,
        bytes=len(dossier),
        file=str(target or ""),
        address=address,
    )
    return 0


def require_free(target: Path) -> None:
    """``Refused`` or ``Unavailable`` before anything is signed, where the file could not be written after."""
    import os

    from comity.adapters.atomic import explain
    from comity.errors import Refused

    if os.path.lexists(target):
        raise Refused("file.exists", str(target), "there already, and never overwritten")
    parent = target.absolute().parent
    try:
        os.scandir(parent).close()
    except OSError as error:
        raise explain(error, parent) from None
    if not os.access(parent, os.W_OK):
        from comity.errors import Unavailable

        raise Unavailable("file.permission", str(parent), "no permission to write here")
