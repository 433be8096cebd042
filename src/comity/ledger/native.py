"""SHA-256 over many short messages by compiled loops (extra ``fast``).

``hashlib`` costs more for each call than for the hashing. Here the loops of ``native_code`` are compiled for
the processor this runs on: over its own SHA instructions, two messages at a time, or where it has none over
the compression function of the system's libcrypto (``SHA256_Transform``). What they give is what ``hashlib``
gives, or they are not used: known answers are computed when they are loaded. Where neither can be had, so is
this not.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Final, TypeAlias

from comity.ledger.native_code import called_loops, sha_loops
from comity.native.code import compile_functions

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

HASH_BYTES = 32
SALT_BYTES = 16
LIBRARIES = ("libcrypto.so.3", "libcrypto.3.dylib", "libcrypto-3-x64.dll")
"""By these names the system's loader is asked; to search for others would start processes."""

Places: TypeAlias = "Sequence[int] | npt.NDArray[np.int64]"
"""Where rows start or end in a block of bytes."""

_POINTER: Final = ctypes.c_void_p
_NUMBER: Final = ctypes.c_int64


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernels:
    """The compiled loops. Each call lets other threads run.

    ``fold(joined)``: the root (RFC 9162 §2.1.1) over hashes of 32 bytes each, at least one.
    ``fold_each(joined, width)``: the roots of every ``width`` (a power of two) of them, joined; the hashes
    are a whole number of such groups.
    ``leaves(salts, data, starts, ends)``: the leaf hashes SHA-256(0x00 ‖ salt ‖ data[starts[i]:ends[i]]),
    joined; salts of 16 bytes each, or none at all. The places are not checked: they are the caller's.
    ``way`` says in words by what they hash.
    """

    fold: Callable[[bytes], bytes]
    fold_each: Callable[[bytes, int], bytes]
    leaves: Callable[[bytes, bytes, Places, Places], bytes]
    way: str


def loaded_kernels() -> Kernels | None:
    """The kernels where this process has compiled them already."""
    return load_kernels() if load_kernels.cache_info().currsize else None


@cache
def load_kernels() -> Kernels | None:
    """The kernels, compiled once in a process (a fraction of a second), or None where they cannot be had."""
    return next(ways_to_hash(), None)


def ways_to_hash() -> Iterator[Kernels]:
    """Every way that this machine has, the fastest first; each gave known answers."""
    for way, text, keep in _texts():
        try:
            kernels = _compile(text, way, keep=keep)
        except (ImportError, OSError, RuntimeError):
            continue
        if _agrees(kernels):
            yield kernels


def _texts() -> Iterator[tuple[str, str, bool]]:
    try:
        from llvmlite import binding

        features = binding.get_host_cpu_features()
    except (ImportError, OSError, RuntimeError):
        return
    if features.get("sha") and features.get("ssse3"):
        yield "SHA instructions", sha_loops(), True
    for name in LIBRARIES:
        try:
            transform = ctypes.CDLL(name).SHA256_Transform
        except (OSError, AttributeError):
            continue
        address = ctypes.cast(transform, _POINTER).value
        if address:
            # The library stays loaded: ctypes never lets go of one.
            yield name, called_loops(address), False


def _agrees(kernels: Kernels) -> bool:
    rows = [bytes(range(n % 251)) * (n // 100 + 1) for n in (0, 1, 46, 47, 54, 55, 56, 63, 64, 65, 119, 250)]
    starts = [sum(map(len, rows[:n])) for n in range(len(rows) + 1)]
    wanted = [sha256(b"\0" + row).digest() for row in rows]
    # Of each number of rows up to all, so that every row was hashed in company and alone.
    for count in range(len(rows) + 1):
        given = kernels.leaves(b"", b"".join(rows), starts[:count], starts[1 : count + 1])
        if given != b"".join(wanted[:count]):
            return False
    level = wanted[:8]
    while len(level) > 1:
        above = [sha256(b"\1" + a + b).digest() for a, b in zip(level[::2], level[1::2], strict=True)]
        if kernels.fold_each(b"".join(level), 2) != b"".join(above):
            return False
        level = above
    return kernels.fold(b"".join(wanted[:8])) == level[0]


def _compile(text: str, way: str, *, keep: bool) -> Kernels:
    import numpy as np

    compiled = compile_functions(
        text,
        {
            "fold": (None, (_POINTER, _NUMBER, _NUMBER)),
            "leaves": (
                None,
                (*(_POINTER, _NUMBER, _POINTER, _POINTER, _POINTER), *(_NUMBER, _POINTER, _NUMBER, _POINTER)),
            ),
        },
        keep=keep,
    )
    fold, leaves = compiled["fold"], compiled["leaves"]

    def fold_bytes(joined: bytes) -> bytes:
        level = np.frombuffer(joined, np.uint8).copy()
        fold(level.ctypes.data, 1, len(joined) // HASH_BYTES)
        return level[:HASH_BYTES].tobytes()

    def fold_each(joined: bytes, width: int) -> bytes:
        groups = len(joined) // (HASH_BYTES * width)
        if not groups:
            return b""
        level = np.frombuffer(joined, np.uint8).copy()
        fold(level.ctypes.data, groups, width)
        return level.reshape(groups, -1)[:, :HASH_BYTES].tobytes()

    def hash_leaves(salts: bytes, data: bytes, starts: Places, ends: Places) -> bytes:
        begins, stops = np.ascontiguousarray(starts, np.int64), np.ascontiguousarray(ends, np.int64)
        if not len(begins):
            return b""
        # Room for the longest row, its salt and the padding.
        stride = (int((stops - begins).max()) + 1 + SALT_BYTES + 72) // 64 * 64
        scratch = np.empty(4 * stride, np.uint8)
        out = np.empty(HASH_BYTES * len(begins), np.uint8)
        leaves(
            *(salts, SALT_BYTES if salts else 0, data),
            *(begins.ctypes.data, stops.ctypes.data, len(begins)),
            *(scratch.ctypes.data, stride, out.ctypes.data),
        )
        return out.tobytes()

    return Kernels(fold=fold_bytes, fold_each=fold_each, leaves=hash_leaves, way=way)
