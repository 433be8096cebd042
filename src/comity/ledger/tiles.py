"""A tree as static files: hash tiles and entry bundles (C2SP tlog-tiles).

A hash tile holds up to 256 concatenated 32-byte hashes of one tile level; level l has the roots of
256**l leaves each. An entry bundle holds up to 256 entries, each behind its length in two bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from comity.errors import Malformed, NotVerified, Refused, Unavailable
from comity.ledger.merkle import HASH_SIZE, Tree

WIDTH = 256
"""Hashes in a full tile, entries in a full bundle."""

ENTRY_LIMIT = 65_535
"""The largest entry in bytes."""

_BITS = 8


def tile_path(level: int, index: int, width: int = WIDTH) -> str:
    """Where tile ``index`` of ``level`` (0 to 63) is served, below the prefix; ``.p/W`` if partial."""
    if not 0 <= level <= 63:
        raise ValueError("a tile level is 0 to 63")
    return f"tile/{level}/{_numbered(index, width)}"


def entries_path(index: int, width: int = WIDTH) -> str:
    """Where entry bundle ``index`` is served, below the prefix."""
    return f"tile/entries/{_numbered(index, width)}"


def _numbered(index: int, width: int) -> str:
    if index < 0 or not 1 <= width <= WIDTH:
        raise ValueError("a tile has an index from 0 and a width of 1 to 256")
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    number = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return number if width == WIDTH else f"{number}.p/{width}"


def encode_entries(entries: Sequence[bytes]) -> bytes:
    """One bundle of 1 to 256 entries; an entry above 65,535 bytes is ``Refused`` ("ledger.entry")."""
    if not 1 <= len(entries) <= WIDTH:
        raise ValueError("a bundle holds 1 to 256 entries")
    parts: list[bytes] = []
    for at, entry in enumerate(entries):
        if len(entry) > ENTRY_LIMIT:
            why = f"an entry of {len(entry)} bytes; a ledger takes at most {ENTRY_LIMIT}"
            raise Refused("ledger.entry", f"entry {at}", why)
        parts += (len(entry).to_bytes(2, "big"), entry)
    return b"".join(parts)


def decode_entries(bundle: bytes, where: str = "bundle") -> list[bytes]:
    """The 1 to 256 entries of a bundle; ``Malformed`` ("tile.bundle") if bytes lack or remain."""
    entries: list[bytes] = []
    at = 0
    while at < len(bundle):
        start = at + 2
        end = start + int.from_bytes(bundle[at:start], "big")
        if len(bundle) < start or len(bundle) < end:
            raise Malformed("tile.bundle", where, f"entry {len(entries)} is cut short")
        entries.append(bundle[start:end])
        at = end
    if not 1 <= len(entries) <= WIDTH:
        raise Malformed("tile.bundle", where, f"{len(entries)} entries; a bundle holds 1 to 256")
    return entries


def new_tiles(tree: Tree, old_size: int, new_size: int) -> Iterator[tuple[str, bytes]]:
    """The hash tiles, as (path, bytes), to be written before a checkpoint of ``new_size``.

    ``old_size`` is the size whose tiles are all written. Partial tiles of ``old_size`` keep standing
    under their own paths.
    """
    if not 0 <= old_size <= new_size <= tree.size:
        raise ValueError("sizes run 0 <= old <= new <= the size of the tree")
    level = 0
    while new_size >> level * _BITS:
        # A tile level is every eighth level of the tree.
        for index, start, end in _spans(old_size >> level * _BITS, new_size >> level * _BITS):
            yield tile_path(level, index, end - start), b"".join(tree.nodes(level * _BITS, start, end))
        level += 1


def new_bundles(old_size: int, new_size: int) -> Iterator[tuple[str, int, int]]:
    """The entry bundles to be written for that growth, as (path, first leaf, leaf after the last)."""
    if not 0 <= old_size <= new_size:
        raise ValueError("sizes run 0 <= old <= new")
    for index, start, end in _spans(old_size, new_size):
        yield entries_path(index, end - start), start, end


def _spans(old: int, new: int) -> Iterator[tuple[int, int, int]]:
    # (tile index, start, end) of every tile whose contents differ between the two counts.
    if old == new:
        return
    for index in range(old // WIDTH, -(-new // WIDTH)):
        start = index * WIDTH
        yield index, start, min(start + WIDTH, new)


def partial_folders(old_size: int, new_size: int) -> Iterator[tuple[str, str]]:
    """The folders of partial tiles and bundles that growth has replaced, each with the full one's path.

    Those of tiles that are full at ``new_size`` and were not at ``old_size`` (tlog-tiles, Partial Tiles).
    """
    if not 0 <= old_size <= new_size:
        raise ValueError("sizes run 0 <= old <= new")
    level = 0
    while new_size >> (level + 1) * _BITS:
        for index in range(old_size >> (level + 1) * _BITS, new_size >> (level + 1) * _BITS):
            for full in (tile_path(level, index), *([] if level else [entries_path(index)])):
                yield f"{full}.p", full
        level += 1


def rebuild(read: Callable[[str], bytes], size: int, where: str = "") -> Tree:
    """The tree of ``size`` from its tiles; its root is still to be compared with a checkpoint.

    ``read`` gives the bytes at a tile path and raises ``Unavailable`` where there are none; a missing
    partial tile is looked for in the full one. Leaf hashes come from level 0; every tile above must
    agree with them: ``NotVerified`` ("tile.hash"). A tile of another length is ``Malformed``
    ("tile.length").
    """
    tree = Tree()
    level = 0
    while size >> level * _BITS:
        for index, start, end in _spans(0, size >> level * _BITS):
            path = tile_path(level, index, end - start)
            at = f"{where}/{path}" if where else path
            tile = _read_tile(read, level, index, end - start, at)
            hashes = [tile[i : i + HASH_SIZE] for i in range(0, len(tile), HASH_SIZE)]
            if level == 0:
                tree.extend(hashes)
            elif hashes != [tree.node(level * _BITS, n) for n in range(start, end)]:
                raise NotVerified("tile.hash", at, "this tile disagrees with the tiles below it")
        level += 1
    return tree


def _read_tile(read: Callable[[str], bytes], level: int, index: int, width: int, where: str) -> bytes:
    found = width
    try:
        tile = read(tile_path(level, index, width))
    except Unavailable:
        if width == WIDTH:
            raise
        # tlog-tiles, Partial Tiles: a log may drop a partial tile once the full one stands.
        tile, found = read(tile_path(level, index)), WIDTH
    if len(tile) != found * HASH_SIZE:
        why = f"{len(tile)} bytes; a tile {found} wide has {found * HASH_SIZE}"
        raise Malformed("tile.length", where, why)
    return tile[: width * HASH_SIZE]
