"""Blobs as sealed objects of a bucket, under the names that they have in a folder: ``xx/<64 hex digits>``.

An object's name is the digest of its content, known when the last chunk has come. What fits one request is
sent then; more goes in parts to a name under ``coming/`` and is copied to its own by the store. Either way
the name is taken by one conditional request (``If-None-Match: *``), so an object is there whole or not at
all, and is never written again.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from typing import Any

from comity.adapters.blob_box import BlobBox
from comity.adapters.s3_bucket import CONTENDED, MISSING, TAKEN, TRIES, Reading, S3Bucket, md5_of
from comity.errors import Malformed, Refused, Unavailable

PART = 16 * 1024 * 1024
"""Bytes sent in one request; some four times as many are in memory while a blob is written."""

COPY = 256 * 1024 * 1024
"""Bytes that the store copies at one request."""

_MOST_PARTS = 10_000  # of one upload, by the API
_DIGEST = re.compile(r"[0-9a-f]{64}")
_LEFT = timedelta(days=1)


class S3Blobs:
    """``exchange.ports.Blobs`` in a bucket, sealed with the node's 32-byte blob key.

    Parts have ``part`` bytes (5 MiB or more, which stores ask for), and from the thousandth on more: the
    largest blob has some 850 GB at 16 MiB, beyond which a stream is ``Refused`` (``blob.size``).
    """

    def __init__(self, bucket: S3Bucket, key: bytes, *, part: int = PART, copy: int = COPY) -> None:
        self._bucket = bucket
        self._box = BlobBox(key)
        self._part = part
        self._copy = copy
        self._swept = False

    def put(self, data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        if not self.has(digest):
            self.put_stream([data])
        return digest

    def put_stream(self, chunks: Iterable[bytes]) -> str:
        """Like ``put``, in the memory of a part. What ``chunks`` raises passes through; nothing is kept."""
        digest = hashlib.sha256()
        parts = self._gather(self._box.seal(chunks, digest.update))
        held = list(islice(parts, 2))
        if len(held) == 2:
            return self._put_large(chain(_hand_over(held), parts), digest.hexdigest)
        name = digest.hexdigest()
        self._take_name(
            name, lambda: self._bucket.put(_path(name), held[0], IfNoneMatch="*", ContentType=_KIND)
        )
        return name

    def get(self, digest: str) -> bytes:
        return b"".join(self.open_stream(digest))

    def open_stream(self, digest: str) -> Iterator[bytes]:
        """The bytes in chunks; a missing blob is told at once, a damaged one on the way."""
        if not self.has(digest):
            raise _missing(digest)
        return self._open(digest)

    def has(self, digest: str) -> bool:
        return self._bucket.has(_path(digest))

    def erase(self, digest: str) -> None:
        """A bucket that versions or locks its objects keeps them for as long as its own rules say."""
        self._bucket.call("delete_object", _path(digest))

    def _open(self, digest: str) -> Iterator[bytes]:
        try:
            reading = Reading(self._bucket, _path(digest))
        except Unavailable as error:
            raise (_missing(digest) if error.code == MISSING else error) from None
        try:
            yield from self._box.open(reading.read, digest)
        finally:
            reading.close()

    def _gather(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Pieces in parts of the size that their number has; at least one part."""
        waiting = bytearray()
        number = 0
        for piece in pieces:
            waiting += piece
            while len(waiting) > (size := self._part * (1 + number // 1000)):
                yield bytes(memoryview(waiting)[:size])
                del waiting[:size]
                number += 1
                if number == _MOST_PARTS:
                    raise Refused("blob.size", "", "more bytes than an object of this store can have")
        yield bytes(waiting)

    def _take_name(self, name: str, write: Callable[[], object]) -> None:
        """Write under a name that is free, or see that the same bytes are there already."""
        for tried in range(TRIES):
            try:
                write()
            except Unavailable as error:
                if error.code not in (TAKEN, CONTENDED):
                    raise
                # Another writer of the same content was first, or this one, and the answer was lost.
                if self.has(name):
                    return
                if tried == TRIES - 1:
                    raise
                time.sleep(0.1 * (1 << tried))
            else:
                return

    def _put_large(self, parts: Iterable[bytes], named: Callable[[], str]) -> str:
        self._sweep()
        staged = f"coming/{os.urandom(16).hex()}"
        try:
            size = self._upload(staged, parts)
            name = named()
            if not self.has(name):
                self._take_name(name, lambda: self._settle(staged, name, size))
        finally:
            with suppress(Unavailable):
                self._bucket.call("delete_object", staged)
        return name

    def _upload(self, key: str, parts: Iterable[bytes]) -> int:
        """Send parts under a name nobody else uses; how many bytes they had."""
        size = 0

        def send(upload: str) -> Iterator[str]:
            nonlocal size
            for number, data in enumerate(parts, 1):
                sent = self._bucket.call(
                    "upload_part",
                    key,
                    UploadId=upload,
                    PartNumber=number,
                    Body=data,
                    ContentMD5=md5_of(data),
                )
                size += len(data)
                yield sent["ETag"]

        self._assemble(key, send)
        return size

    def _settle(self, staged: str, name: str, size: int) -> None:
        """Have the store copy a staged object to its own name, if that is free."""

        def copy(upload: str) -> Iterator[str]:
            source = {"Bucket": self._bucket.place.bucket, "Key": self._bucket.place.prefix + staged}
            for number, start in enumerate(range(0, size, self._copy), 1):
                done = self._bucket.call(
                    "upload_part_copy",
                    _path(name),
                    UploadId=upload,
                    PartNumber=number,
                    CopySource=source,
                    CopySourceRange=f"bytes={start}-{min(start + self._copy, size) - 1}",
                )
                yield done["CopyPartResult"]["ETag"]

        self._assemble(_path(name), copy, IfNoneMatch="*")

    def _assemble(self, key: str, send: Callable[[str], Iterator[str]], **condition: Any) -> None:
        """An upload in parts: all of it, or it is called off."""
        upload = self._bucket.call("create_multipart_upload", key, ContentType=_KIND)["UploadId"]
        try:
            tags = [{"PartNumber": number, "ETag": tag} for number, tag in enumerate(send(upload), 1)]
            self._bucket.call(
                "complete_multipart_upload",
                key,
                UploadId=upload,
                MultipartUpload={"Parts": tags},
                **condition,
            )
        except BaseException:
            with suppress(Unavailable):
                self._bucket.call("abort_multipart_upload", key, UploadId=upload)
            raise

    def _sweep(self) -> None:
        """Remove, once, what killed processes left a day ago or earlier; not being allowed to is no error."""
        if self._swept:
            return
        self._swept = True
        before = datetime.now(UTC) - _LEFT
        prefix = self._bucket.place.prefix
        with suppress(Unavailable):
            left = self._bucket.call("list_objects_v2", None, Prefix=f"{prefix}coming/")
            for one in left.get("Contents", ()):
                if one["LastModified"] < before:
                    self._bucket.call("delete_object", one["Key"].removeprefix(prefix))
            begun = self._bucket.call("list_multipart_uploads", None, Prefix=prefix)
            for one in begun.get("Uploads", ()):
                if one["Initiated"] < before:
                    key = one["Key"].removeprefix(prefix)
                    self._bucket.call("abort_multipart_upload", key, UploadId=one["UploadId"])


def _hand_over(held: list[bytes]) -> Iterator[bytes]:
    """Each of them, and kept no longer than the one who takes it keeps it."""
    while held:
        yield held.pop(0)


_KIND = "application/octet-stream"


def _path(digest: str) -> str:
    if not _DIGEST.fullmatch(digest):
        raise Malformed("blob.digest", digest[:80], "not 64 lower-case hex digits")
    return f"{digest[:2]}/{digest}"


def _missing(digest: str) -> Unavailable:
    return Unavailable("blob.missing", digest, "this node does not hold these bytes")
