"""Many Ed25519 signatures in one call that lets other threads run (extra ``fast``).

libsodium takes as long for a signature as the interpreter for a few hundred steps, so a thread that checks
one after the other waits for the interpreter's lock each time. Here a loop compiled by numba calls the
``crypto_sign_open`` that PyNaCl brings, for all of them. The verdicts are those of one call each, or it is
not used: known answers are asked for when it is loaded. Where numba is absent, so is this.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

Signed = tuple[bytes, bytes, bytes]
"""A key of 32 bytes, a signature of 64, and what it covers."""

Loop = Callable[[Sequence[Signed]], bytes]
"""For each, one byte: 1 where libsodium says that the signature holds, else 0."""

# RFC 8032 §7.1, TEST 2.
_KEY = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
_SIGNATURE = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)
_MESSAGE = b"\x72"


def loaded_loop() -> Loop | None:
    """The loop where this process has compiled it already."""
    return load_loop() if load_loop.cache_info().currsize else None


@cache
def load_loop() -> Loop | None:
    """The loop, compiled once in a process (one to two seconds), or None where it cannot be had."""
    try:
        loop = _compile()
    except (ImportError, AttributeError, OSError):
        return None
    right: Signed = (_KEY, _SIGNATURE, _MESSAGE)
    wrong = [
        (_KEY, _SIGNATURE, b"\x73"),
        (_KEY, _SIGNATURE, b""),
        (_SIGNATURE[:32], _SIGNATURE, _MESSAGE),
        (_KEY, _SIGNATURE[:63] + b"\x01", _MESSAGE),
    ]
    return loop if loop([right, *wrong, right]) == b"\1\0\0\0\0\1" else None


def _compile() -> Loop:
    import numba
    import numpy as np
    from nacl import _sodium

    address = int(_sodium.ffi.cast("uintptr_t", _sodium.ffi.addressof(_sodium.lib, "crypto_sign_open")))
    # crypto_sign_open(message, its length, signature ‖ message, their length, key): 0 where it holds.
    opens = ctypes.CFUNCTYPE(
        ctypes.c_int,
        ctypes.c_void_p,
        ctypes.c_void_p,
        ctypes.c_void_p,
        ctypes.c_ulonglong,
        ctypes.c_void_p,
    )(address)
    given = numba.types.Array(numba.uint8, 1, "C", readonly=True)
    out = numba.types.Array(numba.uint8, 1, "C")
    places = numba.types.Array(numba.int64, 1, "C")

    def check(joined: Any, ends: Any, keys: Any, space: Any, holds: Any) -> None:
        first, key, behind = joined.ctypes.data, keys.ctypes.data, space.ctypes.data
        start = 0
        for one in range(len(ends)):
            # Eight bytes of the space take the length, what is behind them the message.
            found = opens(behind + 8, behind, first + start, ends[one] - start, key + 32 * one)
            holds[one] = 1 if found == 0 else 0
            start = ends[one]

    check = numba.njit(numba.void(given, places, given, out, out), nogil=True)(check)

    def check_all(signed: Sequence[Signed]) -> bytes:
        if any(len(key) != 32 or len(signature) != 64 for key, signature, _ in signed):
            raise ValueError("a key has 32 bytes and a signature 64")
        parts = [part for _, signature, message in signed for part in (signature, message)]
        ends = np.cumsum([64 + len(message) for _, _, message in signed], dtype=np.int64)
        holds = np.zeros(len(signed), np.uint8)
        if signed:
            check(
                np.frombuffer(b"".join(parts), np.uint8),
                ends,
                np.frombuffer(b"".join(key for key, _, _ in signed), np.uint8),
                np.empty(8 + int(ends[-1]), np.uint8),
                holds,
            )
        return holds.tobytes()

    return check_all
