"""Blobs as encrypted files, named by the SHA-256 of what is in them: ``xx/<64 hex digits>``.

A file is a header, ``comity/1/blob`` and a newline, 16 bytes that recognise the node's key and 32 random
bytes, then the content in chunks of 256 KiB, each sealed with AES-256-GCM. The file's key comes from the
node's by HKDF-SHA256 (RFC 5869) under the random bytes; the nonce is the chunk's number (11 bytes, big
endian) and 1 for the last chunk, 0 before it, so chunks cannot be moved, repeated or cut off.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from comity.adapters.atomic import (
    claim_name,
    explain,
    make_folder,
    sweep,
    sync_folder,
    temporary_name,
    write_synced,
)
from comity.errors import Malformed, NotVerified, Refused, Unavailable

CHUNK = 256 * 1024
"""Bytes of content in each sealed chunk but the last."""

_MAGIC = b"comity/1/blob\n"
_MARK, _SALT, _TAG = 16, 32, 16
_HEAD = len(_MAGIC) + _MARK + _SALT
_DIGEST = re.compile(r"[0-9a-f]{64}")


class FileBlobs:
    """``exchange.ports.Blobs`` under ``folder``, sealed with the node's 32-byte blob key."""

    def __init__(self, folder: str | Path, key: bytes) -> None:
        if len(key) != 32:
            raise ValueError("a blob key has 32 bytes")
        self._key = key
        self._mark = _derive(key, b"", b"comity/1/blob-mark")[:_MARK]
        self._folder = make_folder(folder)
        self._coming = make_folder(self._folder / "coming")
        sweep(self._coming)

    def put(self, data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        if not self._settled(digest):
            self.put_stream([data])
        return digest

    def put_stream(self, chunks: Iterable[bytes]) -> str:
        """Like ``put``, in the memory of a chunk. What ``chunks`` raises passes through; nothing is kept."""
        digest = hashlib.sha256()
        temporary = temporary_name(self._coming / "blob")
        try:
            write_synced(temporary, self._seal(chunks, digest.update), 0o600, named=self._folder)
            name = digest.hexdigest()
            path = self._path(name)
            make_folder(path.parent)
            if not self._settled(name):
                # Another writer of the same bytes may take the name first: then it is there.
                with suppress(Refused):
                    claim_name(temporary, path)
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
        return name

    def get(self, digest: str) -> bytes:
        return b"".join(self.open_stream(digest))

    def open_stream(self, digest: str) -> Iterator[bytes]:
        """The bytes in chunks of ``CHUNK``; a missing blob is told at once, a damaged one on the way."""
        if not self.has(digest):
            raise Unavailable("blob.missing", digest, "this node does not hold these bytes")
        return self._open(digest)

    def has(self, digest: str) -> bool:
        return self._path(digest).is_file()

    def _path(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise Malformed("blob.digest", digest[:80], "not 64 lower-case hex digits")
        return self._folder / digest[:2] / digest

    def _settled(self, digest: str) -> bool:
        """Whether the blob is there, its name durable (its first writer may have died before that)."""
        path = self._path(digest)
        if not path.is_file():
            return False
        try:
            sync_folder(path.parent)
        except OSError as error:
            raise explain(error, path) from None
        return True

    def _cipher(self, salt: bytes) -> AESGCM:
        return AESGCM(_derive(self._key, salt, b"comity/1/blob-file"))

    def _seal(self, chunks: Iterable[bytes], see: Callable[[bytes], None]) -> Iterator[bytes]:
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

    def _open(self, digest: str) -> Iterator[bytes]:
        seen = hashlib.sha256()
        try:
            with self._path(digest).open("rb") as file:
                for data in self._unseal(file, digest):
                    seen.update(data)
                    yield data
        except OSError as error:
            raise explain(error, self._path(digest)) from None
        if seen.hexdigest() != digest:
            raise NotVerified("blob.digest", digest, "the stored bytes are not those of this name")

    def _unseal(self, file: BinaryIO, digest: str) -> Iterator[bytes]:
        head = file.read(_HEAD)
        if len(head) < _HEAD or not head.startswith(_MAGIC):
            raise NotVerified("blob.damaged", digest, "the stored file is not a blob")
        if head[len(_MAGIC) : -_SALT] != self._mark:
            raise Unavailable("blob.key", digest, "sealed under another key than this node's")
        cipher = self._cipher(head[-_SALT:])
        number, sealed, more = 0, file.read(CHUNK + _TAG), True
        while more:
            following = file.read(CHUNK + _TAG)
            more = bool(following)
            try:
                yield cipher.decrypt(_nonce(number, last=not more), sealed, None)
            except InvalidTag:
                raise NotVerified(
                    "blob.damaged", digest, f"chunk {number} of the stored file was changed or cut off"
                ) from None
            number, sealed = number + 1, following


def _derive(key: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=info).derive(key)


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
