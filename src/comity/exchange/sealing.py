"""Sealing a long file into a case so that an interruption costs little.

Once the file is in the store, its key, and now and then how far its rows are, are kept as a private note of
the journal, beside those of sealed items and as secret. Taken up again, the file is not copied anew, its
digest is the name that the store knows it by, and only the rows behind what was kept are hashed. A file that
is one row (``opaque/1``) is hashed from its beginning: the libraries of SHA-256 that Python has give no state
away that another process could go on from.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from comity.case.verified import Verified
from comity.errors import Malformed
from comity.evidence.hashing import Partial
from comity.evidence.partial import parse_partial, render_partial
from comity.evidence.seal import KEEP_BYTES, Declared, SealedItem
from comity.exchange.erasing import SEALING, parse_begun
from comity.exchange.evidence import NOTHING_SAID, seal_stored
from comity.exchange.node import Node
from comity.exchange.ports import Write
from comity.records import cbor
from comity.records.bundles import Record
from comity.records.kinds import Custody


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A file of which the sealing was interrupted: its bytes in the store, its key, and how far its rows are
    (None: none are kept)."""

    blob: str
    key: bytes
    partial: Partial | None

    @property
    def offset(self) -> int:
        """How many bytes of the file are hashed into rows."""
        return self.partial.offset if self.partial else 0


def find_begun(node: Node, place: str, identity: str) -> Begun | None:
    """What was kept of a file at this place, if ``identity`` says that it is the same file still. None also
    where what was kept is damaged or the store has the bytes no more: the file is sealed from its
    beginning."""
    name = _name(place)
    raw = node.journal.notes(name).get(name)
    if raw is None:
        return None
    match parse_begun(raw, name):
        case [known, blob, key, told] if known == identity and node.blobs.has(blob):
            with suppress(Malformed):
                return Begun(blob=blob, key=key, partial=parse_partial(told, name) if told else None)
    return None


def seal_resumably(
    node: Node,
    case: str,
    chunks: Iterable[bytes],
    name: str,
    format_name: str,
    declared: Declared,
    *,
    place: str,
    identity: str,
    begun: Begun | None = None,
    custody: Custody = NOTHING_SAID,
    to: Sequence[str] = (),
    show_name: bool = True,
    progress: Callable[[int], None] | None = None,
    expected: int = 0,
    pad: bool = False,
) -> tuple[Verified[Record], SealedItem]:
    """As :func:`~comity.exchange.evidence.seal_item`, going on with ``begun``.

    ``place`` and ``identity`` are the caller's words for where the file is, and for what tells it from
    another. Of a file shorter than ``KEEP_BYTES``, or without a place, nothing is kept.
    """
    note = _name(place)
    blob = begun.blob if begun else node.blobs.put_stream(chunks)
    key = begun.key if begun else node.effects.random(32)

    def keep(partial: Partial | None) -> None:
        told = render_partial(partial) if partial else b""
        node.journal.write(Write(notes={note: cbor.encode([identity, bytes.fromhex(blob), key, told])}))

    long = bool(place) and expected >= KEEP_BYTES
    if long and not begun:
        keep(None)
    made = seal_stored(
        node,
        case,
        blob,
        name,
        format_name,
        declared,
        custody=custody,
        to=to,
        show_name=show_name,
        key=key,
        progress=progress,
        expected=expected,
        pad=pad,
        keep=keep if long else None,
        resume=begun.partial if begun else None,
    )
    if long or begun:
        node.journal.forget(note)
    return made


def _name(place: str) -> str:
    return SEALING + hashlib.sha256(place.encode("utf-8", "surrogateescape")).hexdigest()
