"""Many Ed25519 signatures in one call that lets other threads run (extra ``fast``).

libsodium takes as long for a signature as the interpreter for a few hundred steps, so a thread that checks
one after the other waits for the interpreter's lock each time. Here a loop of machine code calls the
``crypto_sign_open`` that PyNaCl brings, for all of them. The verdicts are those of one call each, or it is
not used: known answers are asked for when it is loaded. Where llvmlite is absent, so is this.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from functools import cache
from typing import Final

from comity.native.code import compile_functions

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

# crypto_sign_open(message, its length, signature ‖ message, their length, key): 0 where it holds. Eight bytes
# of the space take the length, what is behind them the message.
_TEXT: Final = """
define void @check(ptr %opens, ptr %joined, ptr %ends, i64 %count, ptr %keys, ptr %space, ptr %holds) {
entry:
  %behind = getelementptr i8, ptr %space, i64 8
  br label %next
next:
  %one = phi i64 [ 0, %entry ], [ %following, %signature ]
  %start = phi i64 [ 0, %entry ], [ %end, %signature ]
  %left = icmp ult i64 %one, %count
  br i1 %left, label %signature, label %done
signature:
  %end_at = getelementptr i64, ptr %ends, i64 %one
  %end = load i64, ptr %end_at, align 8
  %length = sub i64 %end, %start
  %signed = getelementptr i8, ptr %joined, i64 %start
  %key = getelementptr [32 x i8], ptr %keys, i64 %one
  %found = call i32 %opens(ptr %behind, ptr %space, ptr %signed, i64 %length, ptr %key)
  %good = icmp eq i32 %found, 0
  %told = zext i1 %good to i8
  %hold_at = getelementptr i8, ptr %holds, i64 %one
  store i8 %told, ptr %hold_at
  %following = add i64 %one, 1
  br label %next
done:
  ret void
}
"""


def loaded_loop() -> Loop | None:
    """The loop where this process has loaded it already."""
    return load_loop() if load_loop.cache_info().currsize else None


@cache
def load_loop() -> Loop | None:
    """The loop, loaded once in a process (less than a tenth of a second), or None where it cannot be had."""
    try:
        loop = _compile()
    except (ImportError, AttributeError, OSError, RuntimeError):
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
    from nacl import _sodium

    place, number = ctypes.c_void_p, ctypes.c_int64
    opens = int(_sodium.ffi.cast("uintptr_t", _sodium.ffi.addressof(_sodium.lib, "crypto_sign_open")))
    takes = (place, place, place, number, place, place, place)
    check = compile_functions(_TEXT, {"check": (None, takes)})["check"]

    def check_all(signed: Sequence[Signed]) -> bytes:
        if any(len(key) != 32 or len(signature) != 64 for key, signature, _ in signed):
            raise ValueError("a key has 32 bytes and a signature 64")
        joined = b"".join(part for _, signature, message in signed for part in (signature, message))
        ends, end = (number * len(signed))(), 0
        for one, (_, _, message) in enumerate(signed):
            end += 64 + len(message)
            ends[one] = end
        holds = ctypes.create_string_buffer(len(signed)) if signed else b""
        keys = b"".join(key for key, _, _ in signed)
        if signed:
            # The message behind its length takes no more than all of them.
            check(opens, joined, ends, len(signed), keys, ctypes.create_string_buffer(8 + end), holds)
        return bytes(holds)

    return check_all
