"""What a command says of a record it has just signed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.cli.output import Out, count

if TYPE_CHECKING:
    from comity.exchange.node import Node


def tell_record(out: Out, node: Node, case: str, record: str, **more: object) -> None:
    """A record that was just signed, and how it gets to its readers."""
    state = node.state(case)
    kind = state.accepted[record].frame.kind
    waiting = len(node.journal.pending())
    tail = f"; {count(waiting, 'message')} to deliver (comity serve or sync does)" if waiting else ""
    out.line(f"{kind}: record {record[:12]} in {case[:12]}{tail}")
    out.object("record", kind=kind, id=record, case=case, **more)
