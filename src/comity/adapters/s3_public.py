"""Public files as objects of a bucket that anyone may read (by a policy of the bucket, which is its owner's).

Tiles, entry bundles and dossiers never change under their names, and caches may keep them for good; all
else is asked for anew each time. A name that changes is replaced by compare-and-swap on the entity tag:
a request that was given up, and that the store carries out late, changes nothing any more.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from comity.adapters.s3_bucket import CONTENDED, MISSING, TAKEN, Reading, S3Bucket
from comity.errors import Malformed, Unavailable

_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_LONGEST = 16  # parts of a name
_SWAPS = 5
_AT_ONCE = 8  # requests
_BYTES = "application/octet-stream"
_TEXT = "text/plain; charset=utf-8"
_FOREVER = "public, max-age=31536000, immutable"
_ANEW = "no-cache"


class S3Public:
    """``exchange.ports.Public`` in a bucket.

    A name is a relative path of at most 16 parts joined by ``/``, each of ASCII letters, digits, ``.``,
    ``_`` and ``-`` and not starting with ``.`` or ``-``; any other name is ``Malformed``.
    """

    def __init__(self, bucket: S3Bucket) -> None:
        self._bucket = bucket
        self._tags: dict[str, str] = {}
        self._lock = threading.Lock()

    def write(self, name: str, data: bytes) -> None:
        _require_name(name)
        headers = _headers_of(name)
        if _never_changes(name):
            self._bucket.put(name, data, **headers)
            return
        with self._lock:
            self._swap(name, data, headers)

    def write_all(self, files: Iterable[tuple[str, bytes]], last: tuple[str, bytes] | None = None) -> None:
        """Several files. Those that never change go side by side: it is the answers that take the time."""
        written = list(files)
        for name, _ in [*written, *([last] if last else [])]:
            _require_name(name)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            done = [pool.submit(self.write, *one) for one in written if _never_changes(one[0])]
            try:
                for one in done:
                    one.result()
            except BaseException:
                # A store that is gone is not asked for each of the others too.
                pool.shutdown(cancel_futures=True)
                raise
        for name, data in written:
            if not _never_changes(name):
                self.write(name, data)
        if last:
            self.write(*last)

    def read(self, name: str) -> bytes | None:
        _require_name(name)
        return self._look(name)[0]

    def clear(self, folder: str) -> None:
        _require_name(folder)
        start = f"{self._bucket.place.prefix}{folder}/"
        # A listing holds a thousand names; a folder of partial tiles at most 255.
        found = self._bucket.call("list_objects_v2", None, Prefix=start, Delimiter="/")
        for one in found.get("Contents", ()):
            self._bucket.call("delete_object", one["Key"].removeprefix(self._bucket.place.prefix))

    def _look(self, name: str) -> tuple[bytes | None, str]:
        """The bytes now, and their entity tag."""
        try:
            reading = Reading(self._bucket, name)
        except Unavailable as error:
            if error.code != MISSING:
                raise
            return None, ""
        try:
            return reading.read_all(), reading.tag
        finally:
            reading.close()

    def _swap(self, name: str, data: bytes, headers: dict[str, Any]) -> None:
        tag = self._tags.get(name)
        if tag is None:
            tag = self._look(name)[1]
        for _ in range(_SWAPS):
            condition = {"IfMatch": tag} if tag else {"IfNoneMatch": "*"}
            try:
                self._tags[name] = self._bucket.put(name, data, **headers, **condition)
            except Unavailable as error:
                self._tags.pop(name, None)
                if error.code not in (TAKEN, CONTENDED, MISSING):
                    raise
            else:
                return
            there, tag = self._look(name)
            if there == data:  # written by this very call, the answer to which was lost
                self._tags[name] = tag
                return
        raise Unavailable(CONTENDED, self._bucket.place.name_of(name), "others keep writing it")


def _never_changes(name: str) -> bool:
    return name.startswith(("tile/", "dossiers/"))


def _headers_of(name: str) -> dict[str, Any]:
    """How caches and readers are to take a file."""
    if _never_changes(name):
        kind = _BYTES if name.startswith("tile/") else "application/x-tar"
        return {"CacheControl": _FOREVER, "ContentType": kind}
    return {"CacheControl": _ANEW, "ContentType": _TEXT if name == "checkpoint" else _BYTES}


def _require_name(name: str) -> None:
    parts = name.split("/")
    if len(parts) > _LONGEST or not all(_PART.fullmatch(part) for part in parts):
        raise Malformed("file.name", ascii(name)[:100], "not a plain relative name")
