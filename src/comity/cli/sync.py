"""``comity sync``: one turn of the worker, for nodes that are not served all the time."""

from __future__ import annotations

from pathlib import Path

import click

from comity.cli.options import home_option, open_home
from comity.cli.output import Out, count, speaks


@click.command(name="sync")
@home_option
@speaks("delivery (to, code, why) for each failure; synced (sent, failures, attested, undelivered).")
def sync_command(out: Out, home: Path | None) -> int:
    """Send every message that is due and gather cosignatures, once. What fails stays
    queued with its exact bytes. To receive, a node has to be served. Exit 6 where
    something could not be delivered.
    """
    from comity.exchange.working import tick

    where = open_home(home)
    with where.peers() as peers:
        turn = tick(where.node, peers)
    for address, error in turn.failures:
        out.warn(f"{address}: {error}")
        out.object("delivery", to=address, code=error.code, why=error.why)
    left = len(where.node.journal.pending())
    out.line(
        f"{count(turn.sent, 'message')} delivered, {count(left, 'message')} waiting"
        f"{'; a checkpoint was cosigned' if turn.attested else ''}."
    )
    out.object(
        "synced", sent=turn.sent, failures=len(turn.failures), attested=turn.attested, undelivered=left
    )
    return 6 if turn.failures else 0
