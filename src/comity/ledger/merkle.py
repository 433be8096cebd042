"""The append-only hash tree (RFC 6962 §2, RFC 9162 §2.1), its proofs and their checks.

A leaf is opaque here: this module sees leaf hashes only. Sizes count leaves and stay below 2**63.
A tree head always means the pair (size, root): a root alone does not say how many leaves it covers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from comity.errors import NotVerified, Refused

HASH_SIZE = 32
SIZE_LIMIT = 2**63
"""Every tree size is below this (C2SP tlog-checkpoint readers hold sizes in a signed 64-bit word)."""

EMPTY_ROOT = hashlib.sha256(b"").digest()
"""The root of the tree of size 0 (RFC 9162 §2.1.1)."""

_INCLUSION = "ledger.inclusion"
_CONSISTENCY = "ledger.consistency"


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(0x00 ‖ data), RFC 9162 §2.1.1."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 ‖ left ‖ right), RFC 9162 §2.1.1."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(leaf_hashes: Sequence[bytes]) -> bytes:
    """The root over these leaf hashes; ``EMPTY_ROOT`` for none."""
    if not leaf_hashes:
        return EMPTY_ROOT
    level = list(leaf_hashes)
    while len(level) > 1:
        # Pairing neighbours and carrying an odd last one up gives the RFC's left-full shape.
        odd = level[-1:] if len(level) & 1 else []
        level = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)] + odd
    return level[0]


def root_from_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], where: str = "") -> bytes:
    """The root that ``path`` gives for leaf hash ``leaf`` at ``index`` of ``size`` (RFC 9162 §2.1.3.2).

    ``NotVerified`` ("ledger.inclusion") if no tree of that size has such a path.
    """
    if not 0 <= index < size < SIZE_LIMIT:
        raise NotVerified(_INCLUSION, where, f"there is no leaf {index} in a tree of size {size}")
    _require_hashes(_INCLUSION, where, (leaf, *path))
    fn, sn, root = index, size - 1, leaf
    for sibling in path:
        if sn == 0:
            raise NotVerified(_INCLUSION, where, "the path is too long for this position")
        if fn & 1 or fn == sn:
            root = node_hash(sibling, root)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            root = node_hash(root, sibling)
        fn, sn = fn >> 1, sn >> 1
    if sn:
        raise NotVerified(_INCLUSION, where, "the path is too short for this position")
    return root


def verify_inclusion(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes, where: str = ""
) -> None:
    """Return only if leaf hash ``leaf`` is at ``index`` of the tree (``size``, ``root``).

    RFC 9162 §2.1.3.2; ``NotVerified`` ("ledger.inclusion") otherwise.
    """
    if root_from_inclusion(leaf, index, size, path, where) != root:
        raise NotVerified(_INCLUSION, where, "the path leads to another root")


def verify_subtree_inclusion(
    leaf: bytes,
    index: int,
    start: int,
    end: int,
    path: Sequence[bytes],
    root: bytes,
    where: str = "",
) -> None:
    """Return only if leaf hash ``leaf`` is at ``index`` of the subtree [start, end) with ``root``.

    ``index`` counts from the start of the whole tree (draft-ietf-plants-merkle-tree-certs, Subtrees).
    """
    _require_subtree(_INCLUSION, where, start, end)
    verify_inclusion(leaf, index - start, end - start, path, root, where)


def root_from_consistency(m: int, n: int, root_m: bytes, path: Sequence[bytes], where: str = "") -> bytes:
    """The root at size ``n`` that ``path`` gives for the earlier head (``m``, ``root_m``).

    Needs 0 < m <= n (RFC 9162 §2.1.4.2); ``NotVerified`` ("ledger.consistency") otherwise, or if the
    path does not rebuild ``root_m``.
    """
    return _grow(0, m, n, root_m, path, where)


def verify_consistency(
    m: int, n: int, root_m: bytes, root_n: bytes, path: Sequence[bytes], where: str = ""
) -> None:
    """Return only if the tree (``m``, ``root_m``) is a prefix of the tree (``n``, ``root_n``).

    RFC 9162 §2.1.4.2. Every tree extends the empty one: with m = 0 the path must be empty and
    ``root_m`` must be ``EMPTY_ROOT``. With m = n the path must be empty and the roots equal.
    ``NotVerified`` ("ledger.consistency") otherwise.
    """
    if m == 0 and 0 <= n < SIZE_LIMIT:
        if path:
            raise NotVerified(_CONSISTENCY, where, "a proof from the empty tree has no path")
        if root_m != EMPTY_ROOT or (n == 0 and root_n != EMPTY_ROOT):
            raise NotVerified(_CONSISTENCY, where, "not the root of the empty tree")
        return
    if root_from_consistency(m, n, root_m, path, where) != root_n:
        raise NotVerified(_CONSISTENCY, where, "the path leads to another root")


def verify_subtree_consistency(
    start: int,
    end: int,
    size: int,
    subtree_root: bytes,
    root: bytes,
    path: Sequence[bytes],
    where: str = "",
) -> None:
    """Return only if leaves [start, end) of the tree (``size``, ``root``) have ``subtree_root``.

    draft-ietf-plants-merkle-tree-certs, Subtree Consistency Proofs. The empty subtree has
    ``EMPTY_ROOT`` and an empty path, and says nothing about ``root``.
    """
    if start == end and start >= 0 and end <= size < SIZE_LIMIT:
        if path or subtree_root != EMPTY_ROOT:
            raise NotVerified(_CONSISTENCY, where, "not the proof of an empty subtree")
        return
    if _grow(start, end, size, subtree_root, path, where) != root:
        raise NotVerified(_CONSISTENCY, where, "the path leads to another root")


def _grow(start: int, end: int, size: int, subtree_root: bytes, path: Sequence[bytes], where: str) -> bytes:
    # The subtree form of RFC 9162 §2.1.4.2; with start = 0 it is exactly that algorithm.
    if not end <= size < SIZE_LIMIT:
        raise NotVerified(
            _CONSISTENCY, where, f"size {end} does not come before size {size} of the same tree"
        )
    _require_subtree(_CONSISTENCY, where, start, end)
    _require_hashes(_CONSISTENCY, where, path)
    fn, sn, tn = start, end - 1, size - 1
    while fn != sn and (sn == tn or sn & 1):
        fn, sn, tn = fn >> 1, sn >> 1, tn >> 1
    rest = list(path)
    if fn == sn:
        # The subtree is one node of the large tree, so its root is not repeated in the path.
        fr = sr = subtree_root
    else:
        if not rest:
            raise NotVerified(_CONSISTENCY, where, "the path is empty")
        fr = sr = rest.pop(0)
    for node in rest:
        if tn == 0:
            raise NotVerified(_CONSISTENCY, where, "the path is too long for these sizes")
        if sn & 1 or sn == tn:
            if fn < sn:
                fr = node_hash(node, fr)
            sr = node_hash(node, sr)
            while not sn & 1:
                fn, sn, tn = fn >> 1, sn >> 1, tn >> 1
        else:
            sr = node_hash(sr, node)
        fn, sn, tn = fn >> 1, sn >> 1, tn >> 1
    if tn:
        raise NotVerified(_CONSISTENCY, where, "the path is too short for these sizes")
    if fr != subtree_root:
        raise NotVerified(_CONSISTENCY, where, "the path does not rebuild the earlier root")
    return sr


def _require_subtree(code: str, where: str, start: int, end: int) -> None:
    # A subtree starts at a multiple of the smallest power of two that holds it.
    if not 0 <= start < end < SIZE_LIMIT or start & ((1 << (end - start - 1).bit_length()) - 1):
        raise NotVerified(code, where, f"leaves {start} to {end} are not a subtree")


def _require_hashes(code: str, where: str, hashes: Iterable[bytes]) -> None:
    if any(len(h) != HASH_SIZE for h in hashes):
        raise NotVerified(code, where, "a hash of this tree has 32 bytes")


class Tree:
    """A growing tree in memory, with the head and the proofs of every size it ever had.

    Level k holds the roots of the full subtrees of 2**k leaves; those never change, so any earlier
    size is answered from the same lists. Two hashes a leaf are kept; a proof costs O(log size).
    A size or index outside the tree is ``Refused`` ("ledger.range").
    """

    __slots__ = ("_edge", "_levels")

    def __init__(self, leaf_hashes: Iterable[bytes] = ()) -> None:
        self._levels: list[list[bytes]] = [[]]
        # Of one size, the subtrees at its right that are not full, by first leaf: many proofs need them.
        self._edge: tuple[int, dict[int, bytes]] = (0, {})
        self.extend(leaf_hashes)

    @property
    def size(self) -> int:
        """The number of leaves."""
        return len(self._levels[0])

    def append(self, leaf: bytes) -> int:
        """Add one leaf hash (32 bytes) at the end; its index."""
        if len(leaf) != HASH_SIZE:
            raise ValueError("a leaf hash has 32 bytes")
        index = self.size
        node, at, level = leaf, index, 0
        self._levels[0].append(node)
        while at & 1:
            node = node_hash(self._levels[level][at - 1], node)
            at, level = at >> 1, level + 1
            if level == len(self._levels):
                self._levels.append([])
            self._levels[level].append(node)
        return index

    def extend(self, leaf_hashes: Iterable[bytes]) -> None:
        """Add leaf hashes in order; all of them, or none where one does not have 32 bytes."""
        coming = list(leaf_hashes)
        if any(len(leaf) != HASH_SIZE for leaf in coming):
            raise ValueError("a leaf hash has 32 bytes")
        # A level at a time: each new pair of the one below is one new node.
        self._levels[0].extend(coming)
        level = 0
        while (count := len(self._levels[level]) >> 1) > 0:
            below = self._levels[level]
            level += 1
            if level == len(self._levels):
                self._levels.append([])
            above = self._levels[level]
            above.extend([node_hash(below[2 * n], below[2 * n + 1]) for n in range(len(above), count)])

    def truncate(self, size: int) -> None:
        """Forget the leaves from ``size`` on: what was added in advance, and was then not stored."""
        size = self._sized(size)
        self._edge = (0, {})
        for level, nodes in enumerate(self._levels):
            del nodes[size >> level :]

    def node(self, level: int, index: int) -> bytes:
        """The root of the full subtree of leaves [index · 2**level, (index + 1) · 2**level)."""
        if level < 0 or index < 0 or (index + 1) << level > self.size:
            raise Refused("ledger.range", "", f"no full subtree {index} at level {level}")
        return self._levels[level][index]

    def nodes(self, level: int, start: int, end: int) -> list[bytes]:
        """``node`` of ``level`` for each index from ``start`` to before ``end``."""
        if level < 0 or not 0 <= start <= end or end << level > self.size:
            raise Refused("ledger.range", "", f"no full subtrees {start} to {end} at level {level}")
        return self._levels[level][start:end] if start < end else []

    def root(self, size: int | None = None) -> bytes:
        """The root over the first ``size`` leaves (all of them by default)."""
        size = self._sized(size)
        return self._range(0, size) if size else EMPTY_ROOT

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """The path from leaf ``index`` to the root at ``size``, leaf end first (RFC 9162 §2.1.3.1)."""
        size = self._sized(size)
        if not 0 <= index < size:
            raise Refused("ledger.range", "", f"no leaf {index} in a tree of size {size}")
        # The recursion of the RFC, from the leaf up: its neighbour at each level, if there is one. Only the
        # last of a level may stand for a subtree that is not full.
        path: list[bytes] = []
        last, level = size - 1, 0
        while last:
            if index & 1:
                path.append(self._levels[level][index - 1])
            elif index + 1 < last:
                path.append(self._levels[level][index + 1])
            elif index + 1 == last:
                path.append(self._right_of(last << level, size))
            index, last, level = index >> 1, last >> 1, level + 1
        return path

    def consistency(self, m: int, n: int | None = None) -> list[bytes]:
        """The proof that the tree of size ``m`` is a prefix of that of size ``n`` (RFC 9162 §2.1.4.1).

        Empty for m = 0 and for m = n.
        """
        n = self._sized(n)
        if not 0 <= m <= n:
            raise Refused("ledger.range", "", f"no proof from size {m} to size {n}")
        if m in (0, n):
            return []
        path: list[bytes] = []
        start, end = 0, n
        while m != end:
            split = start + _split(end - start)
            if m <= split:
                path.append(self._range(split, end))
                end = split
            else:
                path.append(self._range(start, split))
                start = split
        if start:
            # Off the left edge the checker cannot know this node; on it, it is the old root itself.
            path.append(self._range(start, end))
        return path[::-1]

    def _sized(self, size: int | None) -> int:
        if size is None:
            return self.size
        if not 0 <= size <= self.size:
            raise Refused("ledger.range", "", f"no size {size} in a tree of size {self.size}")
        return size

    def _right_of(self, start: int, size: int) -> bytes:
        of, known = self._edge
        if of != size:
            known = {}
            self._edge = (size, known)
        found = known.get(start)
        if found is None:
            found = known[start] = self._range(start, size)
        return found

    def _range(self, start: int, end: int) -> bytes:
        # The root over leaves [start, end), where start is aligned as in the RFC's recursion.
        parts: list[bytes] = []
        while start < end:
            level = (end - start).bit_length() - 1
            parts.append(self._levels[level][start >> level])
            start += 1 << level
        root = parts.pop()
        while parts:
            root = node_hash(parts.pop(), root)
        return root


def _split(count: int) -> int:
    # The largest power of two smaller than count (count > 1).
    return 1 << (count - 1).bit_length() - 1
