"""SHA-256 over many short messages by compiled loops over the system's own libcrypto (extra ``fast``).

``hashlib`` costs more for each call than for the hashing; here a loop compiled by numba calls libcrypto's
compression function (``SHA256_Transform``) itself. What it gives is what ``hashlib`` gives, or it is not
used: a known answer is computed when it is loaded. Where numba or the library is absent, so is this.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

HASH_BYTES = 32
SALT_BYTES = 16
LIBRARIES = ("libcrypto.so.3", "libcrypto.3.dylib", "libcrypto-3-x64.dll")
"""By these names the system's loader is asked; to search for others would start processes."""

Places: TypeAlias = "Sequence[int] | npt.NDArray[np.int64]"
"""Where rows start or end in a block of bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernels:
    """The compiled loops. Each call lets other threads run.

    ``fold(joined)``: the root (RFC 9162 §2.1.1) over hashes of 32 bytes each, at least one.
    ``fold_each(joined, width)``: the roots of every ``width`` (a power of two) of them, joined; the hashes
    are a whole number of such groups.
    ``leaves(salts, data, starts, ends)``: the leaf hashes SHA-256(0x00 ‖ salt ‖ data[starts[i]:ends[i]]),
    joined; salts of 16 bytes each, or none at all. The places are not checked: they are the caller's.
    """

    fold: Callable[[bytes], bytes]
    fold_each: Callable[[bytes, int], bytes]
    leaves: Callable[[bytes, bytes, Places, Places], bytes]


def loaded_kernels() -> Kernels | None:
    """The kernels where this process has compiled them already."""
    return load_kernels() if load_kernels.cache_info().currsize else None


@cache
def load_kernels() -> Kernels | None:
    """The kernels, compiled once in a process (about a second), or None where they cannot be had."""
    for name in LIBRARIES:
        try:
            kernels = _compile(ctypes.CDLL(name).SHA256_Transform)
        except (ImportError, OSError, AttributeError):
            continue
        if _agrees(kernels):
            return kernels
    return None


def _agrees(kernels: Kernels) -> bool:
    rows = [bytes(range(n % 251)) * (n // 100 + 1) for n in (0, 1, 46, 47, 54, 55, 56, 63, 64, 65, 119, 250)]
    starts = [sum(map(len, rows[:n])) for n in range(len(rows) + 1)]
    wanted = [sha256(b"\0" + row).digest() for row in rows]
    if kernels.leaves(b"", b"".join(rows), starts[:-1], starts[1:]) != b"".join(wanted):
        return False
    pairs = [sha256(b"\1" + wanted[n] + wanted[n + 1]).digest() for n in (0, 2)]
    if kernels.fold_each(b"".join(wanted[:4]), 2) != b"".join(pairs):
        return False
    return kernels.fold(b"".join(wanted[:2])) == pairs[0]


def _compile(transform: Any) -> Kernels:
    import numba
    import numpy as np

    transform.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
    transform.restype = None
    initial = np.array(
        [
            *(0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A),
            *(0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19),
        ],
        dtype=np.uint32,
    )

    byte_array = numba.types.Array(numba.uint8, 1, "C")
    given = numba.types.Array(numba.uint8, 1, "C", readonly=True)
    places = numba.types.Array(numba.int64, 1, "C")

    # SHA256_CTX begins with the eight words of the state, all that SHA256_Transform uses; it has 112 bytes.
    # Plain loops throughout: numba compiles them in a fraction of what slices take.
    def finish(context: Any, out: Any, at: int) -> None:
        for word in range(8):
            value = context[word]
            out[at + 4 * word] = value >> 24
            out[at + 4 * word + 1] = (value >> 16) & 255
            out[at + 4 * word + 2] = (value >> 8) & 255
            out[at + 4 * word + 3] = value & 255

    finish = numba.njit(finish)

    def fold(level: Any, groups: Any) -> None:
        # A group folds into its own first hash; its nodes never pass into the next group.
        context = np.zeros(32, np.uint32)
        block = np.zeros(128, np.uint8)
        state, first = context.ctypes.data, block.ctypes.data
        block[0] = 1
        block[65] = 128  # the padding of a message of 65 bytes, which is 520 bits long
        block[126] = 2
        block[127] = 8
        width = len(level) // 32 // groups
        for group in range(groups):
            base = group * width * 32
            count = width
            while count > 1:
                for pair in range(count // 2):
                    for byte in range(64):
                        block[1 + byte] = level[base + 64 * pair + byte]
                    for word in range(8):
                        context[word] = initial[word]
                    transform(state, first)
                    transform(state, first + 64)
                    finish(context, level, base + 32 * pair)
                if count & 1:
                    for byte in range(32):
                        level[base + 32 * (count // 2) + byte] = level[base + 32 * (count - 1) + byte]
                count = (count + 1) // 2

    def leaves(salts: Any, data: Any, starts: Any, ends: Any, out: Any) -> None:
        context = np.zeros(32, np.uint32)
        block = np.zeros(64, np.uint8)
        state, first, begin = context.ctypes.data, block.ctypes.data, data.ctypes.data
        salt = 16 if len(salts) else 0
        for row in range(len(starts)):
            at, end = starts[row], ends[row]
            bits = (1 + salt + end - at) * 8
            for word in range(8):
                context[word] = initial[word]
            block[0] = 0
            for byte in range(salt):
                block[1 + byte] = salts[salt * row + byte]
            filled = 1 + salt
            while filled + end - at >= 64:
                if filled:
                    for byte in range(64 - filled):
                        block[filled + byte] = data[at + byte]
                    transform(state, first)
                else:
                    transform(state, begin + at)
                at += 64 - filled
                filled = 0
            for byte in range(end - at):
                block[filled + byte] = data[at + byte]
            filled += end - at
            block[filled] = 128
            if filled > 55:
                for byte in range(filled + 1, 64):
                    block[byte] = 0
                transform(state, first)
                filled = -1
            for byte in range(filled + 1, 56):
                block[byte] = 0
            for byte in range(8):
                block[63 - byte] = (bits >> 8 * byte) & 255
            transform(state, first)
            finish(context, out, 32 * row)

    fold = numba.njit(numba.void(byte_array, numba.int64), nogil=True)(fold)
    leaves = numba.njit(numba.void(given, given, places, places, byte_array), nogil=True)(leaves)

    def fold_bytes(joined: bytes) -> bytes:
        level = np.frombuffer(joined, np.uint8).copy()
        fold(level, 1)
        return level[:32].tobytes()

    def fold_each(joined: bytes, width: int) -> bytes:
        groups = len(joined) // (32 * width)
        if not groups:
            return b""
        level = np.frombuffer(joined, np.uint8).copy()
        fold(level, groups)
        return level.reshape(groups, -1)[:, :32].tobytes()

    def hash_leaves(salts: bytes, data: bytes, starts: Places, ends: Places) -> bytes:
        out = np.empty(32 * len(starts), np.uint8)
        leaves(
            np.frombuffer(salts, np.uint8),
            np.frombuffer(data, np.uint8),
            np.asarray(starts, np.int64),
            np.asarray(ends, np.int64),
            out,
        )
        return out.tobytes()

    return Kernels(fold=fold_bytes, fold_each=fold_each, leaves=hash_leaves)
