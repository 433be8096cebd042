"""How a blob is sealed at rest, wherever it is kept.

A sealed blob is a header, ``comity/1/blob`` and a newline, 16 bytes that recognise the node's key and 32
random bytes, then the content in chunks of 256 KiB, each sealed with AES-256-GCM. The blob's key comes from
the node's by HKDF-SHA256 (RFC 5869) under the random bytes; the nonce is the chunk's number (11 bytes, big
endian) and 1 for the last chunk, 0 before it, so chunks cannot be moved, repeated or cut off.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from comity.errors import NotVerified, Unavailable

CHUNK = 256 * 1024
"""Bytes of content in each sealed chunk but the last."""

_MAGIC = b"comity/1/blob\n"
_MARK, _SALT, _TAG = 16, 32, 16
_HEAD = len(_MAGIC) + _MARK + _SALT


class BlobBox:
    """Seals and opens blobs under a node's 32-byte blob key."""

    def __init__(self, key: bytes) -> None:
        if len(key) != 32:
            raise ValueError("a blob key has 32 bytes")
        self._key = key
        self._mark = _derive(key, b"", b"comity/1/blob-mark")[:_MARK]

    def seal(self, chunks: Iterable[bytes], see: Callable[[bytes], None]) -> Iterator[bytes]:
        """The sealed bytes, piece by piece; ``see`` is given the content on its way (to hash it)."""
        salt = os.urandom(_SALT)
        cipher = self._cipher(salt)
        yield _MAGIC + self._mark + salt
        number = 0
        waiting = bytearray()
        for chunk in chunks:
            see(chunk)
            rest = memoryview(chunk)
            while rest:
                # A full chunk waits until more comes: only the last may be marked as the last.
                if len(waiting) == CHUNK:
                    yield cipher.encrypt(_nonce(number, last=False), bytes(waiting), None)
                    number += 1
                    waiting.clear()
                room = CHUNK - len(waiting)
                waiting += rest[:room]
                rest = rest[room:]
        yield cipher.encrypt(_nonce(number, last=True), bytes(waiting), None)

    def open(self, read: Callable[[int], bytes], digest: str) -> Iterator[bytes]:
        """The content in chunks. ``read`` gives as many sealed bytes as asked for, fewer only at the end.

        ``NotVerified`` (``blob.damaged``, ``blob.digest``) where they were changed or are those of
        another blob, which shows at the end only; ``Unavailable`` (``blob.key``) under another key.
        """
        seen = hashlib.sha256()
        for data in self._unseal(read, digest):
            seen.update(data)
            yield data
        if seen.hexdigest() != digest:
            raise NotVerified("blob.digest", digest, "the stored bytes are not those of this name")

    def _cipher(self, salt: bytes) -> AESGCM:
        return AESGCM(_derive(self._key, salt, b"comity/1/blob-file"))

    def _unseal(self, read: Callable[[int], bytes], digest: str) -> Iterator[bytes]:
        head = read(_HEAD)
        if len(head) < _HEAD or not head.startswith(_MAGIC):
            raise NotVerified("blob.damaged", digest, "the stored bytes are not a blob")
        if head[len(_MAGIC) : -_SALT] != self._mark:
            raise Unavailable("blob.key", digest, "sealed under another key than this node's")
        cipher = self._cipher(head[-_SALT:])
        number, sealed, more = 0, read(CHUNK + _TAG), True
        while more:
            following = read(CHUNK + _TAG)
            more = bool(following)
            try:
                yield cipher.decrypt(_nonce(number, last=not more), sealed, None)
            except InvalidTag:
                raise NotVerified(
                    "blob.damaged", digest, f"chunk {number} of the stored bytes was changed or cut off"
                ) from None
            number, sealed = number + 1, following


def _derive(key: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=info).derive(key)


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
