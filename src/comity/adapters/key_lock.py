"""The lock of a key folder: one passphrase, stretched once, opens every key file in it.

``lock`` is one line: ``comity-lock/1``, the cost of scrypt (RFC 7914: log2 N, r, p), a salt, and the folder's
own 32-byte key sealed under what scrypt gives. Each protected file is one line: ``comity-key/2``, the
purpose, and the secret sealed under the folder's key. Both are sealed with ChaCha20-Poly1305 (RFC 8439)
under a random nonce that leads the sealed bytes; what stands before them in the line is authenticated too.
"""

from __future__ import annotations

import os
import re

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from comity.errors import Malformed, Refused

COST = 17
"""log2 of scrypt's N: 128 MiB and about a third of a second (OWASP's first choice of 2023, r 8, p 1)."""

_NONCE = 12
# A file is not to choose how much memory its reader spends: from 16 MiB to 1 GiB.
_LOCK = re.compile(r"(comity-lock/1 scrypt (1[4-9]|20) 8 1 ([0-9a-f]{64})) ([0-9a-f]{120})\n")
_SEALED = re.compile(r"(comity-key/2 ([a-z]+)) ([0-9a-f]{100,400})\n")


def make_lock(passphrase: bytes, key: bytes, cost: int = COST) -> bytes:
    """The lock that opens the folder's 32-byte ``key`` with a passphrase, under a fresh salt."""
    salt = os.urandom(32)
    head = f"comity-lock/1 scrypt {cost} 8 1 {salt.hex()}"
    return _line(head, _stretch(passphrase, salt, cost), key)


def open_lock(raw: bytes, passphrase: bytes, where: str) -> bytes:
    """The folder's key; ``Refused`` (``key.passphrase``) for a wrong one, ``Malformed`` (``key.form``)."""
    found = _LOCK.fullmatch(raw.decode("ascii", "replace"))
    if found is None:
        raise Malformed("key.form", where, "not a lock file")
    stretched = _stretch(passphrase, bytes.fromhex(found[3]), int(found[2]))
    try:
        return _open(found[1], stretched, found[4])
    except InvalidTag:
        why = "this passphrase does not open it, or the lock was changed; nothing was lost"
        raise Refused("key.passphrase", where, why) from None


def seal_secret(key: bytes, purpose: str, secret: str) -> bytes:
    """The line of a protected key file."""
    return _line(f"comity-key/2 {purpose}", key, secret.encode("ascii"))


def sealed_purpose(raw: bytes) -> str:
    """The purpose in a protected key file, "" where it is none."""
    found = _SEALED.fullmatch(raw.decode("ascii", "replace"))
    return found[2] if found else ""


def open_secret(raw: bytes, key: bytes, where: str) -> str:
    """The secret in a protected key file; ``Refused`` (``key.passphrase``) where another lock sealed it."""
    found = _SEALED.fullmatch(raw.decode("ascii", "replace"))
    if found is None:
        raise Malformed("key.form", where, "not a protected key file")
    try:
        return _open(found[1], key, found[3]).decode("ascii")
    except InvalidTag:
        why = "was changed, or belongs to another lock than the one beside it"
        raise Refused("key.passphrase", where, why) from None


def _stretch(passphrase: bytes, salt: bytes, cost: int) -> bytes:
    return Scrypt(salt=salt, length=32, n=1 << cost, r=8, p=1).derive(passphrase)


def _line(head: str, key: bytes, secret: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    sealed = nonce + ChaCha20Poly1305(key).encrypt(nonce, secret, head.encode("ascii"))
    return f"{head} {sealed.hex()}\n".encode("ascii")


def _open(head: str, key: bytes, sealed: str) -> bytes:
    raw = bytes.fromhex(sealed)
    return ChaCha20Poly1305(key).decrypt(raw[:_NONCE], raw[_NONCE:], head.encode("ascii"))
