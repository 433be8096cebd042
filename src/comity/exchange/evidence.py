"""Evidence in a case: sealed into it, held by this node, disclosed to others (``spec/10-evidence.md``).

The file itself is a blob, encrypted at rest. What opens it, its item key above all, is a private note
of the journal; it leaves this node only in a whole disclosure, and then for that item only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from comity.case.state import Accepted
from comity.case.verified import Verified
from comity.errors import Malformed, Refused
from comity.evidence import rows
from comity.evidence.bulk import Batch, pick_rows, read_batches
from comity.evidence.formats import FormatName, name_format
from comity.evidence.hashing import Partial
from comity.evidence.seal import (
    Declared,
    ItemRef,
    SealedItem,
    escape_name,
    parse_metadata,
    seal_stream,
)
from comity.evidence.seal_file import PrivateEntry, describe_private, parse_private, render_private
from comity.exchange.acts import say
from comity.exchange.erasing import ITEM, is_erased
from comity.exchange.node import Node
from comity.exchange.ports import Write
from comity.records import cbor, kinds
from comity.records.bundles import Record
from comity.records.kinds import Custody, Item

CHUNK = 1 << 20
TOLD = 1024
"""How far it is is told once for so many rows."""
NOTHING_SAID = Custody()


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldItem:
    """An item that this node holds whole. ``seal`` is the record that sealed it, "" before there is one."""

    item: Item
    blob: str
    format: FormatName
    name: str
    private: PrivateEntry
    seal: str


def seal_item(
    node: Node,
    case: str,
    chunks: Iterable[bytes],
    name: str,
    format_name: str,
    declared: Declared,
    *,
    custody: Custody = NOTHING_SAID,
) -> tuple[Verified[Record], SealedItem]:
    """Keep a file, seal it by the row under a key of its own, and commit the seal in the case.

    What is sealed is what the store gives back."""
    return seal_stored(
        node,
        case,
        node.blobs.put_stream(chunks),
        name,
        format_name,
        declared,
        custody=custody,
        to=(),
        show_name=True,
        key=node.effects.random(32),
        progress=None,
        expected=0,
        pad=False,
    )


def seal_stored(
    node: Node,
    case: str,
    blob: str,
    name: str,
    format_name: str,
    declared: Declared,
    *,
    custody: Custody,
    to: Sequence[str],
    show_name: bool,
    key: bytes,
    progress: Callable[[int], None] | None,
    expected: int,
    pad: bool,
    keep: Callable[[Partial], None] | None = None,
    resume: Partial | None = None,
) -> tuple[Verified[Record], SealedItem]:
    """Seal a file that the store holds, and commit the seal in the case; ``keep`` and ``resume`` as
    ``seal_stream`` has them."""
    known = name_format(format_name)
    sealed = seal_stream(
        node.blobs.open_stream(blob),
        name,
        known,
        key,
        declared,
        progress=progress,
        expected=expected,
        digest=_Named(blob),
        pad=pad,
        keep=keep,
        resume=resume,
    )
    keep_item(node, describe_private(sealed, key, ""), blob)
    record = commit_item(node, case, sealed, custody=custody, to=to, show_name=show_name)
    return record, sealed


class _Named:
    """The digest of a file that the store holds: its name there, which the store checks as it is read."""

    def __init__(self, blob: str) -> None:
        self._blob = blob

    def update(self, data: bytes, /) -> None:
        """Nothing is left to hash."""

    def copy(self) -> _Named:
        """Itself."""
        return self

    def hexdigest(self) -> str:
        """SHA-256 of all the bytes."""
        return self._blob


def keep_sealed(
    node: Node,
    blob: str,
    name: str,
    format_name: str,
    declared: Declared,
    expected: int = 0,
    progress: Callable[[int], None] | None = None,
) -> SealedItem:
    """Seal a file that the store holds already, and remember what opens it. Signs nothing."""
    key = node.effects.random(32)
    known = name_format(format_name)
    bytes_of = node.blobs.open_stream(blob)
    sealed = seal_stream(
        bytes_of, name, known, key, declared, progress=progress, expected=expected, digest=_Named(blob)
    )
    keep_item(node, describe_private(sealed, key, ""), blob)
    return sealed


def commit_held(
    node: Node,
    case: str,
    root: str,
    *,
    custody: Custody = NOTHING_SAID,
    to: Sequence[str] = (),
    show_name: bool = True,
) -> Verified[Record]:
    """Sign the seal of an item that this node holds whole; ``Refused`` (``item.unknown``) if it does not."""
    held = held_item(node, root)
    metadata = parse_metadata(held.private.metadata.encode(), root[:12])
    content = kinds.Seal(
        item=held.item,
        splitter=held.format,
        bytes=metadata.shown_bytes,
        origin=metadata.declared.origin,
        name=held.name[:200] if show_name else "",
        zone=metadata.declared.zone,
        custody=custody,
    )
    record = say(node, case, content, to=to)
    keep_item(node, held.private, held.blob, record.value.id)
    return record


def find_sealed(
    node: Node, case: str, chunks: Iterable[bytes], name: str, declared: Declared
) -> tuple[ItemRef, str] | None:
    """The item, and its seal by this party in this case, of just these bytes under this name and with these
    declarations; None if there is none. Reads the bytes only where the name was sealed."""
    digest = ""
    for held in held_items(node).values():
        record = node.state(case).accepted.get(held.seal)
        if record is None or record.author != node.party.id or held.name != escape_name(name):
            continue
        metadata = parse_metadata(held.private.metadata.encode(), held.item.root)
        if not digest:
            hashed = hashlib.sha256()
            for chunk in chunks:
                hashed.update(chunk)
            digest = hashed.hexdigest()
        if (metadata.sha256, metadata.declared) == (digest, declared):
            return held.private.ref, held.seal
    return None


def is_derived(node: Node, case: str, result: str) -> bool:
    """Whether a record of the case says what the item of this seal was derived from."""
    return any(result in record.frame.references for record in node.state(case).of("evidence.derive"))


def commit_item(
    node: Node,
    case: str,
    sealed: SealedItem,
    *,
    custody: Custody = NOTHING_SAID,
    to: Sequence[str] = (),
    show_name: bool = True,
) -> Verified[Record]:
    """Sign the seal of an item that is already kept."""
    return commit_held(node, case, sealed.item, custody=custody, to=to, show_name=show_name)


def keep_item(node: Node, private: PrivateEntry, blob: str, seal: str = "") -> HeldItem:
    """Remember what opens an item, and where its bytes are; the item as it is held from now on."""
    raw = cbor.encode([render_private([private]), bytes.fromhex(blob), seal])
    node.journal.write(Write(notes={ITEM + private.root: raw}))
    return _held(private, blob, seal)


def held_items(node: Node) -> dict[str, HeldItem]:
    """Every item held whole, by the hex of its root."""
    found = {}
    for name, raw in node.journal.notes(ITEM).items():
        match cbor.decode(raw, name, code="item.note"):
            case [bytes() as private, bytes() as blob, str() as seal]:
                entry = parse_private(private, name)[0]
            case _:
                raise Malformed("item.note", name, "the note of an item is damaged")
        found[entry.root] = _held(entry, blob.hex(), seal)
    return found


def _held(entry: PrivateEntry, blob: str, seal: str) -> HeldItem:
    metadata = parse_metadata(entry.metadata.encode(), ITEM + entry.root)
    return HeldItem(
        item=Item(root=entry.root, size=entry.size),
        blob=blob,
        format=metadata.format,
        name=metadata.name,
        private=entry,
        seal=seal,
    )


def held_item(node: Node, root: str) -> HeldItem:
    """One item held whole; ``Refused`` if it is not."""
    found = held_items(node).get(root)
    if found is None:
        if is_erased(node, root):
            raise Refused(
                "item.erased", root[:12], "committed, erased: its seal stands, its bytes are gone here"
            )
        raise Refused("item.unknown", root[:12], "this item is not held whole here")
    return found


class _Blob:
    """A blob's bytes, from the beginning at each iteration."""

    def __init__(self, node: Node, digest: str) -> None:
        self._node = node
        self._digest = digest

    def __iter__(self) -> Iterator[bytes]:
        return self._node.blobs.open_stream(self._digest)


def item_bytes(node: Node, root: str) -> Iterable[bytes]:
    """The bytes of an item held whole; can be iterated again."""
    node.note_access("bytes", root)
    return _Blob(node, held_item(node, root).blob)


def item_rows(node: Node, root: str, progress: Callable[[int], None] | None = None) -> Iterator[rows.Row]:
    """The rows of an item held whole, with their numbers and header rows. ``progress`` is told, now and
    then, how many were given."""
    held = held_item(node, root)
    node.note_access("rows", root)
    found = rows.read_rows(held.format, _Blob(node, held.blob), held.name)
    return found if progress is None else _tell_rows(found, progress)


def _tell_rows(source: Iterator[rows.Row], progress: Callable[[int], None]) -> Iterator[rows.Row]:
    for given, row in enumerate(source):
        if given % TOLD == 0:
            progress(given)
        yield row


def is_terminated(node: Node, root: str) -> bool:
    """Whether an item held whole ends in a line feed behind its last row."""
    held = held_item(node, root)
    return parse_metadata(held.private.metadata.encode(), root[:12]).terminated


def rows_of_held(node: Node, root: str) -> int:
    """How many rows an item held whole has; its tree has leaves beside them."""
    return parse_metadata(held_item(node, root).private.metadata.encode(), root[:12]).rows


def item_batches(node: Node, root: str) -> Iterator[Batch]:
    """The rows of an item held whole, by the batch."""
    held = held_item(node, root)
    node.note_access("rows", root)
    return read_batches(held.format, _Blob(node, held.blob), held.name)


def pick_item_rows(node: Node, root: str, numbers: Iterable[int]) -> dict[int, rows.Row]:
    """Some rows of an item held whole, by number, with the header row of each; numbers beyond it are left
    out."""
    held = held_item(node, root)
    node.note_access("rows", root)
    return pick_rows(held.format, _Blob(node, held.blob), numbers, held.name)


def rows_at(node: Node, root: str, numbers: Iterable[int]) -> dict[int, bytes]:
    """Some rows of an item held whole, by number; numbers beyond it are left out."""
    wanted = set(numbers)
    found = pick_item_rows(node, root, wanted)
    return {index: row.raw for index, row in found.items() if index in wanted}


def sealed_at(node: Node, case: str, seal: str) -> tuple[Accepted, kinds.Seal]:
    """An accepted seal of the case; ``Refused`` if the record is something else."""
    record = node.state(case).accepted.get(seal)
    if record is None or not isinstance(record.content, kinds.Seal):
        raise Refused("seal.unknown", seal[:12], "not an accepted seal of this case")
    return record, record.content


def derive_item(node: Node, case: str, source: str, result: str, tool: str, version: str) -> Verified[Record]:
    """State that one sealed item was made from another, by which tool."""
    _, from_seal = sealed_at(node, case, source)
    _, to_seal = sealed_at(node, case, result)
    content = kinds.Derive(source=from_seal.item, result=to_seal.item, tool=tool, version=version)
    return say(node, case, content, [source, result])
