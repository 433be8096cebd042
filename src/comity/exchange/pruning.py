"""Partial tiles and bundles are let go once the full one has stood for long (``spec/08-ledger.md`` §2).

A reader that holds an older head asks for them by that head's size. It may take the full one instead, which
begins with the same bytes; the delay spares readers and caches that are in the middle of something.
"""

from __future__ import annotations

from dataclasses import dataclass

from comity.errors import Malformed, Unavailable
from comity.exchange.node import Node
from comity.exchange.ports import Write
from comity.ledger import tiles
from comity.records import cbor

GRACE = 7 * 86_400
"""Seconds for which a partial tile stands beside the full one at least."""

NOTE = "ledger/partials"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """Below ``done`` leaves nothing is left to do; the tiles that are full at ``size`` were so at ``at``."""

    done: int
    size: int
    at: int

    def render(self) -> bytes:
        return cbor.encode([self.done, self.size, self.at])


def _read(node: Node) -> _Kept | None:
    raw = node.journal.note(NOTE)
    if raw is None:
        return None
    match cbor.decode(raw, NOTE, other="ledger.partials"):
        case [int() as done, int() as size, int() as at] if 0 <= done <= size:
            return _Kept(done=done, size=size, at=at)
    raise Malformed("ledger.partials", NOTE, "not a note of what was let go")


def drop_partials(node: Node) -> int:
    """Let go what was replaced ``GRACE`` ago, and note what has been replaced since; how many folders went.

    Called when everything is published. A partial tile goes only while the full one stands. ``Unavailable``
    where one cannot go, as in a store that allows no deletion; that is tried again after as long.
    """
    now, size = node.effects.now(), node.journal.size()
    kept = _read(node) or _Kept(done=0, size=0, at=now)
    dropped = 0
    if kept.done < kept.size:
        if now < kept.at + GRACE:
            return 0
        try:
            for folder, full in tiles.partial_folders(kept.done, kept.size):
                if node.public.read(full) is not None:
                    node.public.clear(folder)
                    dropped += 1
        except Unavailable:
            later = _Kept(done=kept.done, size=kept.size, at=now)
            node.journal.write(Write(notes={NOTE: later.render()}))
            raise
        kept = _Kept(done=kept.size, size=kept.size, at=now)
    elif size // tiles.WIDTH == kept.done // tiles.WIDTH:
        return 0
    node.journal.write(Write(notes={NOTE: _Kept(done=kept.done, size=size, at=now).render()}))
    return dropped
