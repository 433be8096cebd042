"""Many hashes at once: roots over joined leaf hashes, and leaf hashes over joined rows.

One answer by two ways: ``hashlib``, and from ``WORTH`` hashes on the compiled loops of ``native`` where this
machine has them. The tests hold the two to the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from itertools import pairwise
from struct import iter_unpack
from typing import Final, Protocol

from comity.ledger.native import HASH_BYTES, SALT_BYTES, Kernels, load_kernels, loaded_kernels

WORTH: Final = 1 << 19
"""From how many hashes on compiling the loops (half a second, once) is sooner done than hashing without."""

SOME: Final = 1 << 12
"""From how many hashes on loops that are compiled already are used."""

_PART: Final = 1 << 16


class Each(Protocol):
    """``map``, or what gives the same in the same order."""

    def __call__(self, act: Callable[[bytes], bytes], parts: Iterable[bytes], /) -> Iterable[bytes]: ...


def kernels_for(count: int) -> Kernels | None:
    """The compiled loops for work of ``count`` hashes; None where ``hashlib`` serves better, or alone."""
    if count >= WORTH:
        return load_kernels()
    return loaded_kernels() if count >= SOME else None


def root_of_joined(hashes: bytes, kernels: Kernels | None = None, each: Each = map) -> bytes:
    """The root (RFC 9162 §2.1.1) over leaf hashes of 32 bytes each, joined; SHA-256("") for none.

    ``kernels`` None: whichever way is sooner done. ``each`` may do its work side by side, as the ``map`` of a
    pool does: of threads for the compiled loops, which let others run, of processes for ``hashlib``, which
    does not. Parts fit a processor's cache, and a part is copied, never the whole.
    """
    count, rest = divmod(len(hashes), HASH_BYTES)
    if rest:
        raise ValueError("leaf hashes have 32 bytes each")
    if not count:
        return sha256(b"").digest()
    kernels = kernels or kernels_for(count)
    if kernels is not None:
        # Each but the last is a full subtree, so the root over their roots is the root over all.
        step = _PART * HASH_BYTES
        parts = (hashes[at : at + step] for at in range(0, len(hashes), step))
        return kernels.fold(b"".join(each(kernels.fold, parts)))
    return root_by_hashlib(hashes, each)


def root_by_hashlib(hashes: bytes, each: Each = map) -> bytes:
    """As ``root_of_joined`` for one hash or more, never compiled."""
    # Full subtrees one after another: a level at a time over all of them would fill the memory with nodes.
    step = _PART * HASH_BYTES
    return _fold(b"".join(each(_fold, (hashes[at : at + step] for at in range(0, len(hashes), step)))))


def _fold(level: bytes) -> bytes:
    # To copy a begun hash costs less than to begin one.
    begun = sha256(b"\1").copy
    while len(level) > HASH_BYTES:
        whole = len(level) // 64 * 64
        above = []
        for (pair,) in iter_unpack("64s", level[:whole]):
            node = begun()
            node.update(pair)
            above.append(node.digest())
        above.append(level[whole:])
        level = b"".join(above)
    return level


def hash_leaves(
    data: bytes, starts: Sequence[int], salts: bytes = b"", kernels: Kernels | None = None
) -> bytes:
    """The leaf hashes SHA-256(0x00 ‖ salt ‖ row) of consecutive rows, joined.

    Row i is ``data[starts[i]:starts[i + 1]]``, so ``starts`` has one number more than there are rows;
    ``salts`` are 16 bytes for each, or none. ``ValueError`` for numbers that are no places in ``data``.
    """
    rows = len(starts) - 1
    if rows < 0 or starts[0] < 0 or starts[-1] > len(data) or any(a > b for a, b in pairwise(starts)):
        raise ValueError("starts are places in the data, in order, with the end behind them")
    if salts and len(salts) != rows * SALT_BYTES:
        raise ValueError("a salt has 16 bytes, and there is one for each row")
    kernels = kernels or kernels_for(rows)
    if kernels is not None:
        return kernels.leaves(salts, data, starts[:-1], starts[1:])
    step = SALT_BYTES if salts else 0
    return b"".join(
        [
            sha256(b"\0" + salts[n * step : n * step + step] + data[at:end]).digest()
            for n, (at, end) in enumerate(pairwise(starts))
        ]
    )
