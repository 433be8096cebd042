"""The salted row tree of one item of evidence (``spec/10-evidence.md``).

An item has a secret key K of 32 bytes. Entry *i* is ``salt_i ‖ row_i``, where ``salt_i`` is the i-th
16-byte block of the AES-256-CTR keystream under K (counter block zero at the start). Leaf *i* is
``SHA-256(0x00 ‖ entry_i)`` and the tree is that of RFC 6962 §2.1 (RFC 9162 §2.1.1). Leaf 0 is the
metadata row; a row's number is its leaf index, so the first row is row 1 and n rows make size n + 1.

Without a row's salt nobody can test a guess of the row, and salts are disclosed one at a time: one
salt says nothing about another or about K. Only the roots of the 256-leaf subtrees are kept, so a
proof rehashes 256 rows for each subtree that it opens, and 10^9 rows keep 125 MB.

The root does not fix the size: a verifier must hold both, from a signed record.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import accumulate, islice, pairwise
from struct import iter_unpack
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from comity.errors import NotVerified
from comity.ledger.bulk import hash_leaves, kernels_for, root_of_joined
from comity.ledger.native import Kernels, Places

if TYPE_CHECKING:
    from hashlib import _Hash as HASH

KEY_BYTES = 32
SALT_BYTES = 16
HASH_BYTES = 32
SUBTREE = 256
BATCH = 4096
MAX_SIZE = 2**63

_ZEROS = bytes(SALT_BYTES * BATCH)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowTree:
    """A finished tree. ``size`` counts leaf 0; ``subtree_roots`` is 32 bytes for each 256 leaves."""

    size: int
    root: bytes
    subtree_roots: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsSoFar:
    """How far a :class:`RowSealer` is, for another one of the same key: the number of rows, the hashes of the
    first subtree (behind leaf 0) if they are all there, those of the subtree that is not full, and the roots
    of the full ones; hashes joined."""

    count: int
    first: bytes
    rest: bytes
    roots: bytes

    def __post_init__(self) -> None:
        first, rest = len(self.first) // HASH_BYTES, len(self.rest) // HASH_BYTES
        whole = len(self.roots) // HASH_BYTES * SUBTREE
        if first not in (0, SUBTREE - 1) or self.count != first + rest + whole or (whole and not first):
            raise ValueError("the hashes are not those of so many rows")


def _keystream(key: bytes, start: int) -> CipherContext:
    if len(key) != KEY_BYTES:
        raise ValueError(f"an item key has {KEY_BYTES} bytes, not {len(key)}")
    return Cipher(AES(key), CTR(start.to_bytes(16, "big"))).encryptor()


def salts(key: bytes, start: int, count: int) -> bytes:
    """The salts of leaves ``start`` to ``start + count - 1``, 16 bytes each, joined."""
    if start < 0 or count < 0:
        raise ValueError("salts are counted from leaf 0")
    return _keystream(key, start).update(bytes(SALT_BYTES * count))


def leaf_hashes(key: bytes, start: int, rows: Sequence[bytes]) -> list[bytes]:
    """The leaf hashes of consecutive rows, the first of which is leaf ``start``."""
    return _hash_leaves(salts(key, start, len(rows)), rows)


def _hash_leaves(stream: bytes, rows: Iterable[bytes]) -> list[bytes]:
    # A copy of a hash begun costs half of a new one.
    begin = sha256(b"\0").copy
    found: list[bytes] = []
    take = found.append
    for (salt,), row in zip(iter_unpack("16s", stream), rows, strict=True):
        leaf = begin()
        leaf.update(salt + row)
        take(leaf.digest())
    return found


def fold_hashes(hashes: Sequence[bytes]) -> bytes:
    """The Merkle tree hash of leaf or subtree hashes (RFC 9162 §2.1.1); the empty tree is SHA-256("")."""
    if not hashes:
        return sha256(b"").digest()
    level = hashes
    begin = sha256(b"\1").copy
    while len(level) > 1:
        pairs = iter(level)
        above: list[bytes] = []
        take = above.append
        # Pairing from the left and carrying an odd last node up is the same tree as the recursion.
        for left, right in zip(pairs, pairs, strict=False):
            node = begin()
            node.update(left + right)
            take(node.digest())
        if len(level) & 1:
            above.append(level[-1])
        level = above
    return level[0]


class RowSealer:
    """Builds a :class:`RowTree` in one pass and in memory that does not grow with the rows,
    but for 32 bytes kept for each 256 of them.

    The metadata row is leaf 0 and is known last: the rest of the first subtree waits for it.
    """

    def __init__(self, key: bytes, begun: RowsSoFar | None = None) -> None:
        """``begun`` goes on behind those rows, which were hashed under the same key."""
        self._salt0 = salts(key, 0, 1)
        self._size = 1 + (begun.count if begun else 0)
        self._stream = _keystream(key, self._size)
        self._first = _apart(begun.first) if begun and begun.first else None
        self._open = _apart(begun.rest) if begun else []
        self._roots = bytearray(begun.roots if begun else b"")
        self._done = False

    def so_far(self) -> RowsSoFar:
        """What another one needs to go on from here."""
        return RowsSoFar(
            count=self.rows,
            first=b"".join(self._first or ()),
            rest=b"".join(self._open),
            roots=bytes(self._roots),
        )

    @property
    def rows(self) -> int:
        """How many rows were added."""
        return self._size - 1

    def add(self, row: bytes) -> None:
        """Add the next row."""
        self._take([sha256(b"\0" + self._stream.update(bytes(SALT_BYTES)) + row).digest()])

    def open_row(self) -> HASH:
        """The hash of the next row, begun: it takes the row's bytes as they come, and :meth:`close_row` adds
        it. No other row is added meanwhile."""
        return sha256(b"\0" + self._stream.update(bytes(SALT_BYTES)))

    def close_row(self, row: HASH) -> None:
        """Add a row that was opened, without it ever having been held whole."""
        self._take([row.digest()])

    def add_many(self, rows: Iterable[bytes]) -> None:
        """Add rows in order; the fast way."""
        for batch in _batches(rows):
            stream = self._stream.update(_ZEROS[: SALT_BYTES * len(batch)])
            kernels = kernels_for(self._size)
            if kernels is None:
                self._take(_hash_leaves(stream, batch))
            else:
                starts = list(accumulate(map(len, batch), initial=0))
                self._take_joined(hash_leaves(b"".join(batch), starts, stream, kernels), kernels)

    def add_block(self, data: bytes, starts: Places, ends: Places, kernels: Kernels) -> None:
        """Add the rows ``data[starts[i]:ends[i]]``, which the caller vouches are places in ``data``: the
        fastest way, without an object for any row."""
        if len(starts):
            stream = self._stream.update(bytes(SALT_BYTES * len(starts)))
            self._take_joined(kernels.leaves(stream, data, starts, ends), kernels)

    def _take_joined(self, leaves: bytes, kernels: Kernels) -> None:
        if self._done:
            raise ValueError("the tree is finished")
        self._size += len(leaves) // HASH_BYTES
        pending = b"".join(self._open) + leaves
        at = 0
        if self._first is None and len(pending) >= (SUBTREE - 1) * HASH_BYTES:
            at = (SUBTREE - 1) * HASH_BYTES
            self._first = _apart(pending[:at])
        if self._first is not None:
            whole = (len(pending) - at) // (SUBTREE * HASH_BYTES) * SUBTREE * HASH_BYTES
            self._roots += kernels.fold_each(pending[at : at + whole], SUBTREE)
            at += whole
        self._open = _apart(pending[at:])

    def _take(self, leaves: list[bytes]) -> None:
        if self._done:
            raise ValueError("the tree is finished")
        self._size += len(leaves)
        pending = self._open + leaves if self._open else leaves
        at = 0
        if self._first is None:
            if len(pending) < SUBTREE - 1:
                self._open = pending
                return
            self._first = pending[: SUBTREE - 1]
            at = SUBTREE - 1
        while len(pending) - at >= SUBTREE:
            whole = pending[at : at + SUBTREE]
            self._roots += fold_hashes(whole)
            at += SUBTREE
        self._open = pending[at:]

    def finish(self, metadata: bytes) -> RowTree:
        """Close the tree with the metadata row as leaf 0."""
        if self._done:
            raise ValueError("the tree is finished")
        self._done = True
        leaf0 = sha256(b"\0" + self._salt0 + metadata).digest()
        if self._first is None:
            roots = fold_hashes([leaf0, *self._open])
        else:
            roots = fold_hashes([leaf0, *self._first]) + bytes(self._roots)
            if self._open:
                roots += fold_hashes(self._open)
        return RowTree(size=self._size, root=fold_subtrees(roots), subtree_roots=roots)


def _apart(joined: bytes) -> list[bytes]:
    return [one for (one,) in iter_unpack("32s", joined)]


def _batches(rows: Iterable[bytes]) -> Iterator[Sequence[bytes]]:
    if isinstance(rows, list) and len(rows) <= BATCH:
        yield rows
        return
    source = iter(rows)
    while batch := list(islice(source, BATCH)):
        yield batch


def fold_subtrees(subtree_roots: bytes) -> bytes:
    """The root of a tree from the joined roots of its 256-leaf subtrees (the last may be partial)."""
    if len(subtree_roots) % HASH_BYTES:
        raise ValueError("subtree roots are 32 bytes each")
    return root_of_joined(subtree_roots)


def subtree_span(size: int, subtree: int) -> range:
    """The leaf indices of one subtree of a tree of ``size`` leaves."""
    return range(subtree * SUBTREE, min(size, (subtree + 1) * SUBTREE))


def prove_rows(tree: RowTree, indices: Sequence[int], leaves_of: Callable[[int], list[bytes]]) -> list[bytes]:
    """The one smallest proof that the leaves at ``indices`` are in the tree.

    The proof is the hashes of the maximal subtrees (as RFC 9162 §2.1.1 splits) that hold none of the
    indices, from left to right. ``indices`` is not empty and strictly ascending; ``leaves_of(s)``
    gives the leaf hashes of subtree *s*, rehashed from the rows. Raises ``NotVerified`` with
    ``row.subtree`` where those hashes are not the ones that were sealed.
    """
    if not indices or indices[0] < 0 or indices[-1] >= tree.size:
        raise ValueError(f"indices must be some of 0 to {tree.size - 1}")
    if any(a >= b for a, b in pairwise(indices)):
        raise ValueError("indices must be strictly ascending")
    roots = tree.subtree_roots
    opened: tuple[int, list[bytes]] = (-1, [])

    def leaves(subtree: int) -> list[bytes]:
        nonlocal opened
        if opened[0] != subtree:
            found = leaves_of(subtree)
            span = subtree_span(tree.size, subtree)
            sealed = roots[subtree * HASH_BYTES : (subtree + 1) * HASH_BYTES]
            if len(found) != len(span) or fold_hashes(found) != sealed:
                raise NotVerified(
                    "row.subtree",
                    f"rows {span.start} to {span.stop - 1}",
                    "these rows are not the ones that were sealed",
                )
            opened = (subtree, found)
        return opened[1]

    proof: list[bytes] = []

    def walk(low: int, high: int, first: int, last: int) -> None:
        if first == last:
            if low % SUBTREE == 0 and (high - low >= SUBTREE or high == tree.size):
                proof.append(
                    fold_subtrees(roots[low // SUBTREE * HASH_BYTES : -(-high // SUBTREE) * HASH_BYTES])
                )
            else:
                base = low // SUBTREE * SUBTREE
                proof.append(fold_hashes(leaves(low // SUBTREE)[low - base : high - base]))
            return
        if high - low == 1:
            leaves(low // SUBTREE)
            return
        if last - first == high - low and low // SUBTREE == (high - 1) // SUBTREE:
            leaves(low // SUBTREE)
            return
        middle = low + _split(high - low)
        cut = bisect_left(indices, middle, first, last)
        walk(low, middle, first, cut)
        walk(middle, high, cut, last)

    walk(0, tree.size, 0, len(indices))
    return proof


def _split(count: int) -> int:
    """The largest power of two below ``count``."""
    return 1 << ((count - 1).bit_length() - 1)


def verify_rows(
    size: int,
    root: bytes,
    entries: Sequence[tuple[int, bytes, bytes]],
    proof: Sequence[bytes],
    where: str = "",
) -> None:
    """Check that each ``(index, salt, row)`` is in the tree of (``size``, ``root``).

    Raises ``NotVerified``: ``row.range`` for no rows or an index outside the tree, ``row.order`` for
    indices that do not strictly ascend, ``row.proof`` for everything else. The proof is the one that
    :func:`prove_rows` describes; a longer or shorter one is refused.
    """
    if not 1 <= size < MAX_SIZE:
        raise NotVerified("row.range", where, f"no tree has {size} leaves")
    if not entries:
        raise NotVerified("row.range", where, "no rows are shown")
    indices = [index for index, _, _ in entries]
    if indices[0] < 0 or max(indices) >= size:
        outside = next(i for i in indices if not 0 <= i < size)
        raise NotVerified("row.range", where, f"row {outside} is outside a tree of {size} leaves")
    for before, after in pairwise(indices):
        if after <= before:
            raise NotVerified("row.order", where, f"row {after} follows row {before}")
    for index, salt, _ in entries:
        if len(salt) != SALT_BYTES:
            raise NotVerified("row.proof", where, f"row {index}: a salt has {SALT_BYTES} bytes")
    if len(root) != HASH_BYTES or any(len(node) != HASH_BYTES for node in proof):
        raise NotVerified("row.proof", where, f"a hash has {HASH_BYTES} bytes")
    leaves = [sha256(b"\0" + salt + row).digest() for _, salt, row in entries]
    nodes = iter(proof)

    def rebuild(low: int, high: int, first: int, last: int) -> bytes:
        if first == last:
            node = next(nodes, None)
            if node is None:
                raise NotVerified("row.proof", where, "the proof is too short")
            return node
        if last - first == high - low:
            return fold_hashes(leaves[first:last])
        middle = low + _split(high - low)
        cut = bisect_left(indices, middle, first, last)
        left = rebuild(low, middle, first, cut)
        return sha256(b"\1" + left + rebuild(middle, high, cut, last)).digest()

    if rebuild(0, size, 0, len(indices)) != root:
        raise NotVerified("row.proof", where, "the rows and the proof do not give the sealed root")
    if next(nodes, None) is not None:
        raise NotVerified("row.proof", where, "the proof is too long")
