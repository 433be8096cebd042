"""Showing some rows of a sealed item, or all of it, and checking what was shown.

A row disclosure gives each row with its own salt and one proof. It never holds the item's key, so
rows that are not shown stay closed, to guessing too. It shows that the rows *are in the sealed item
at those positions*: not that they are true, not that nothing else is there. It reveals how many rows
the item has and where the shown ones stand.

A whole disclosure hands over the key beside the file: the recipient recomputes the root.

Both are deterministic CBOR (RFC 8949 §4.2.1); any other encoding of the same content is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from comity.errors import Malformed, NotVerified
from comity.evidence.bulk import pick_rows
from comity.evidence.formats import FormatName
from comity.evidence.rows import find_headers, split_rows
from comity.evidence.seal import PADDING, ItemRef, Metadata, add_padding, hash_stream, parse_metadata
from comity.ledger.rowtree import (
    HASH_BYTES,
    KEY_BYTES,
    MAX_SIZE,
    SALT_BYTES,
    SUBTREE,
    RowTree,
    leaf_hashes,
    prove_rows,
    salts,
    verify_rows,
)
from comity.records import cbor
from comity.records.canonical import parse, render

ROWS_KIND: Final = "comity/1/rows"
WHOLE_KIND: Final = "comity/1/whole"

# Four items to a row; more rows than any item that is replayed has.
_ITEM_LIMIT: Final = 1 << 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A shown leaf: its number, its 16-byte salt, its bytes."""

    index: int
    salt: bytes
    row: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """Rows as shown, not yet checked: ``entries`` ascend by number and include header rows."""

    size: int
    root: bytes
    entries: tuple[Entry, ...]
    proof: tuple[bytes, ...]

    @property
    def ref(self) -> ItemRef:
        """The item that the rows are said to be of."""
        return ItemRef(size=self.size, root=self.root)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedRows:
    """Rows proven to be in ``item`` at these numbers. ``metadata`` is leaf 0 where it was shown."""

    item: ItemRef
    rows: Mapping[int, bytes]
    metadata: bytes | None

    def contexts(self, format_name: FormatName) -> dict[int, bytes | None]:
        """Each row's header row (see :func:`~comity.evidence.rows.find_headers`), None for none."""
        return {
            index: self.rows.get(header) for index, header in find_headers(format_name, self.rows).items()
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeKey:
    """What, with the file, recomputes an item: its key and its metadata row."""

    size: int
    root: bytes
    key: bytes
    metadata: bytes

    @property
    def ref(self) -> ItemRef:
        """The item that this is said to open."""
        return ItemRef(size=self.size, root=self.root)


def disclose_rows(
    tree: RowTree,
    key: bytes,
    metadata: bytes,
    format_name: FormatName,
    chunks: Iterable[bytes],
    indices: Iterable[int],
    *,
    with_metadata: bool = False,
    where: str = "",
) -> Disclosure:
    """Show the rows numbered ``indices``, with their header rows, from the item's file.

    The file is read twice at most: ``chunks`` must be one that can be iterated again (a sequence, or
    an object whose ``__iter__`` opens the file). Only the rows shown and the subtrees that they open
    are held. ``with_metadata`` shows leaf 0 too, with the file's name and digest. Raises ``NotVerified``
    (``row.subtree``, ``row.range``) where the file is not the sealed one, ``ValueError`` for numbers
    outside the item.
    """
    if iter(chunks) is chunks:
        raise TypeError("the file is read twice: an iterator will not do")
    wanted = set(indices)
    if not wanted or min(wanted) < 1 or max(wanted) >= tree.size:
        raise ValueError(f"rows are numbered 1 to {tree.size - 1}")
    shown = {index: row.raw for index, row in pick_rows(format_name, chunks, wanted, where).items()}
    if missing := wanted - shown.keys():
        raise NotVerified("row.range", where, f"the file ends before row {min(missing)}")
    if with_metadata:
        shown[0] = metadata
    numbers = sorted(shown)
    rehashed = _rehash_subtrees(tree.size, key, metadata, format_name, chunks, numbers, where)
    # Subtrees are asked for from left to right, so one at a time is held.
    proof = prove_rows(
        tree, numbers, lambda subtree: next((leaves for at, leaves in rehashed if at == subtree), [])
    )
    return Disclosure(
        size=tree.size,
        root=tree.root,
        entries=tuple(Entry(index=index, salt=salts(key, index, 1), row=shown[index]) for index in numbers),
        proof=tuple(proof),
    )


def _rehash_subtrees(
    size: int,
    key: bytes,
    metadata: bytes,
    format_name: FormatName,
    chunks: Iterable[bytes],
    numbers: Sequence[int],
    where: str,
) -> Iterator[tuple[int, list[bytes]]]:
    """Each subtree that holds one of ``numbers``, ascending, with its leaf hashes."""
    wanted = {number // SUBTREE for number in numbers}
    end = min(size, (max(wanted) + 1) * SUBTREE)
    pending: list[bytes] = []
    base = 0
    for rows in _leaves_in_order(size, metadata, format_name, chunks, where):
        pending += rows
        at = 0
        while len(pending) - at >= SUBTREE:
            if base // SUBTREE in wanted:
                yield base // SUBTREE, leaf_hashes(key, base, pending[at : at + SUBTREE])
            base += SUBTREE
            at += SUBTREE
        del pending[:at]
        if base >= end:
            return
    if base // SUBTREE in wanted:
        yield base // SUBTREE, leaf_hashes(key, base, pending)


def _leaves_in_order(
    size: int, metadata: bytes, format_name: FormatName, chunks: Iterable[bytes], where: str
) -> Iterator[list[bytes]]:
    """What the leaves are of: the metadata row, the rows, and the padding."""
    yield [metadata]
    count = 1
    for batch in split_rows(format_name, chunks, where):
        count += len(batch)
        yield batch
    if parse_metadata(metadata).padding:
        for _ in range(0, size - count, SUBTREE):
            yield [PADDING] * min(SUBTREE, size - count)
            count += SUBTREE


def render_disclosure(disclosure: Disclosure) -> bytes:
    """The bytes of a row disclosure: ``[kind, size, root, [[index, salt, row]…], [hash…]]``."""
    entries: list[cbor.Writable] = [[entry.index, entry.salt, entry.row] for entry in disclosure.entries]
    return cbor.encode([ROWS_KIND, disclosure.size, disclosure.root, entries, disclosure.proof])


def parse_disclosure(raw: bytes, where: str = "") -> Disclosure:
    """Read a row disclosure without checking its proof; ``Malformed`` (``disclosure.form``)."""
    size, root, entries, proof = _decode(raw, ROWS_KIND, 4, where)
    ref = _take_ref(size, root, where)
    if not isinstance(entries, list) or not isinstance(proof, list):
        raise _misshapen(where)
    shown: list[Entry] = []
    for entry in entries:
        if not isinstance(entry, list) or len(entry) != 3:
            raise _misshapen(where)
        index, salt, row = entry
        if not isinstance(index, int) or index < 0 or not isinstance(row, bytes):
            raise _misshapen(where)
        shown.append(Entry(index=index, salt=_take_bytes(salt, SALT_BYTES, where), row=row))
    nodes = [_take_bytes(node, HASH_BYTES, where) for node in proof]
    return Disclosure(size=ref.size, root=ref.root, entries=tuple(shown), proof=tuple(nodes))


def check_disclosure(disclosure: Disclosure, item: ItemRef, where: str = "") -> VerifiedRows:
    """Prove the shown rows against ``item``, which the caller takes from a signed record.

    Raises ``NotVerified``: ``row.item`` where the rows are said to be of another item, else as
    :func:`~comity.ledger.rowtree.verify_rows`. The root alone does not fix the size, so both count.
    """
    if disclosure.ref != item:
        raise NotVerified("row.item", where, f"these rows are of {disclosure.ref}, not of {item}")
    triples = [(entry.index, entry.salt, entry.row) for entry in disclosure.entries]
    verify_rows(item.size, item.root, triples, disclosure.proof, where)
    rows = {index: row for index, _, row in triples}
    metadata = rows.pop(0, None)
    if not rows:
        raise NotVerified("row.range", where, "no row but the metadata row is shown")
    return VerifiedRows(item=item, rows=rows, metadata=metadata)


def open_disclosure(raw: bytes, where: str = "", *, item: ItemRef) -> VerifiedRows:
    """Read and prove a row disclosure; errors of :func:`parse_disclosure` and
    :func:`check_disclosure`."""
    return check_disclosure(parse_disclosure(raw, where), item, where)


def disclose_whole(tree: RowTree, key: bytes, metadata: bytes) -> WholeKey:
    """What to hand over beside the file. From then on every row of the item is open to the holder."""
    return WholeKey(size=tree.size, root=tree.root, key=key, metadata=metadata)


def render_whole(whole: WholeKey) -> bytes:
    """The bytes of a whole disclosure: ``[kind, size, root, key, metadata]``."""
    return cbor.encode([WHOLE_KIND, whole.size, whole.root, whole.key, whole.metadata])


def parse_whole(raw: bytes, where: str = "") -> WholeKey:
    """Read a whole disclosure; ``Malformed`` (``disclosure.form``)."""
    size, root, key, metadata = _decode(raw, WHOLE_KIND, 4, where)
    ref = _take_ref(size, root, where)
    if not isinstance(metadata, bytes):
        raise _misshapen(where)
    key = _take_bytes(key, KEY_BYTES, where)
    return WholeKey(size=ref.size, root=ref.root, key=key, metadata=metadata)


def check_whole(whole: WholeKey, chunks: Iterable[bytes], item: ItemRef, where: str = "") -> Metadata:
    """Recompute the item from the file and the key, and give its metadata row.

    Raises ``NotVerified``: ``item.ref`` where the key is said to be of another item, ``item.root`` where
    file, key and metadata do not give the sealed root, ``item.metadata`` where they do and yet the
    metadata row tells other counts or another digest than the file has (it was sealed with false ones).
    """
    if whole.ref != item:
        raise NotVerified("item.ref", where, f"this key is of {whole.ref}, not of {item}")
    metadata = parse_metadata(whole.metadata, f"{where}/leaf 0" if where else "leaf 0")
    sealer, facts, _ = hash_stream(chunks, metadata.name, metadata.format, whole.key, metadata.declared)
    if metadata.padding:
        add_padding(sealer, facts)
    tree = sealer.finish(whole.metadata)
    if (tree.size, tree.root) != (item.size, item.root):
        count = f"{tree.size - 1} rows, {item.size - 1} were sealed; " * (tree.size != item.size)
        raise NotVerified("item.root", where, f"{count}the file and key do not give the sealed root")
    if render(facts) != whole.metadata:
        told = parse(whole.metadata, where)
        assert isinstance(told, dict)
        wrong = [name for name in facts.keys() | told.keys() if facts.get(name) != told.get(name)]
        raise NotVerified(
            "item.metadata", where, f"sealed with metadata that is untrue: {', '.join(sorted(wrong))}"
        )
    return metadata


def _decode(raw: bytes, kind: str, members: int, where: str) -> list[cbor.Value]:
    value = cbor.decode(raw, where, code="disclosure.form", items=_ITEM_LIMIT)
    if not isinstance(value, list) or len(value) != members + 1 or value[0] != kind:
        raise Malformed("disclosure.form", where, f"this is not {kind}")
    return value[1:]


def _take_ref(size: cbor.Value, root: cbor.Value, where: str) -> ItemRef:
    if not isinstance(size, int) or not 0 <= size < MAX_SIZE:
        raise _misshapen(where)
    return ItemRef(size=size, root=_take_bytes(root, HASH_BYTES, where))


def _take_bytes(value: cbor.Value, length: int, where: str) -> bytes:
    if not isinstance(value, bytes) or len(value) != length:
        raise _misshapen(where)
    return value


def _misshapen(where: str) -> Malformed:
    return Malformed("disclosure.form", where, "a member has the wrong type or length")


def gaps_between(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """The runs of row numbers, first and last, that are *not* shown between the shown ones."""
    return [(a + 1, b - 1) for a, b in pairwise(sorted(numbers)) if b - a > 1]
