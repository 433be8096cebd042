"""Blobs as sealed files, named by the SHA-256 of what is in them: ``xx/<64 hex digits>``."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from comity.adapters.atomic import (
    claim_name,
    explain,
    make_folder,
    sweep,
    sync_folder,
    temporary_name,
    write_synced,
)
from comity.adapters.blob_box import BlobBox
from comity.errors import Malformed, Refused, Unavailable

_DIGEST = re.compile(r"[0-9a-f]{64}")


class FileBlobs:
    """``exchange.ports.Blobs`` under ``folder``, sealed with the node's 32-byte blob key.

    ``require_room`` is asked before each chunk is written, and raises where there is too little.
    """

    def __init__(
        self, folder: str | Path, key: bytes, require_room: Callable[[], None] | None = None
    ) -> None:
        self._box = BlobBox(key)
        self._require_room = require_room
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
            sealed = self._box.seal(chunks, digest.update)
            write_synced(temporary, self._with_room(sealed), 0o600, named=self._folder)
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

    def _with_room(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The chunks, as long as there is room for more: what a blob leaves has to be enough to record it."""
        for chunk in chunks:
            if self._require_room is not None:
                self._require_room()
            yield chunk

    def get(self, digest: str) -> bytes:
        return b"".join(self.open_stream(digest))

    def open_stream(self, digest: str) -> Iterator[bytes]:
        """The bytes in chunks; a missing blob is told at once, a damaged one on the way."""
        if not self.has(digest):
            raise Unavailable("blob.missing", digest, "this node does not hold these bytes")
        return self._open(digest)

    def has(self, digest: str) -> bool:
        return self._path(digest).is_file()

    def erase(self, digest: str) -> None:
        path = self._path(digest)
        try:
            path.unlink(missing_ok=True)
            if path.parent.is_dir():
                sync_folder(path.parent)
        except OSError as error:
            raise explain(error, path) from None

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

    def _open(self, digest: str) -> Iterator[bytes]:
        try:
            with self._path(digest).open("rb") as file:
                yield from self._box.open(file.read, digest)
        except OSError as error:
            raise explain(error, self._path(digest)) from None
