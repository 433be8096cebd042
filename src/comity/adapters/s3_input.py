"""Evidence that lies in an object store, read where it is (extra ``s3``): ``s3://bucket/key``.

An object is read from its beginning by ranges, over several connections where one breaks, and every range is
of the entity tag that the first one met: an object that changes while it is read is an error, not a mixture.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from comity.adapters.s3_place import S3Place
from comity.errors import Malformed, Unavailable

if TYPE_CHECKING:
    from collections.abc import Buffer  # type: ignore[attr-defined]

    from comity.adapters.s3_bucket import S3Bucket

LISTED = 100_000
"""The most objects below one prefix."""


def is_object(path: Path) -> bool:
    """Whether a path, as a command line gives it, names an object or a prefix of a store."""
    return path.parts[:1] == ("s3:",) and len(path.parts) > 1


def name_object(path: Path) -> str:
    """``s3://bucket/key`` of such a path, which has lost a slash."""
    return "s3://" + "/".join(path.parts[1:])


def _open(path: Path) -> tuple[S3Bucket, str]:
    try:
        from comity.adapters.s3_bucket import S3Bucket
    except ImportError:
        raise Unavailable(
            "extra.s3", "s3", "an object store needs more: pip install '.[s3]' in a copy of the source"
        ) from None
    return S3Bucket(S3Place(bucket=path.parts[1])), "/".join(path.parts[2:])


def list_objects(path: Path) -> tuple[list[Path], list[str]]:
    """The object of this name, or all below it as a prefix, in the order of their names; and the names
    that are no path, which nothing here can open. An empty one that ends in ``/`` only stands for a
    folder."""
    bucket, key = _open(path)
    below: list[str] = []
    after: dict[str, str] = {}
    while True:
        answer = bucket.call("list_objects_v2", None, Prefix=key, **after)
        below += [
            name
            for one in answer.get("Contents", ())
            if ((name := str(one["Key"])) == key or not key or name.startswith(f"{key.rstrip('/')}/"))
            and not (name.endswith("/") and one.get("Size") == 0)
        ]
        if len(below) > LISTED:
            raise Malformed(
                "file.many", name_object(path), f"more than {LISTED} objects; name a longer prefix"
            )
        if not answer.get("IsTruncated"):
            break
        after = {"ContinuationToken": answer["NextContinuationToken"]}
    if not below:
        raise Unavailable("s3.missing", name_object(path), "no object has this name, or stands below it")
    odd = [name for name in below if Path("s3:", path.parts[1], name).parts[2:] != tuple(name.split("/"))]
    wanted = sorted(set(below).difference(odd))
    return [Path("s3:", path.parts[1], name) for name in wanted], odd


class _Stream(io.RawIOBase):
    """An object as a file that is read once, from byte ``begin`` on."""

    def __init__(self, path: Path, begin: int) -> None:
        from comity.adapters.s3_bucket import Reading

        self._reading = Reading(*_open(path), begin)

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Buffer) -> int:
        """As a raw stream does; ``Unavailable`` where the store does not go on."""
        view = memoryview(buffer).cast("B")
        part = self._reading.read(len(view))
        view[: len(part)] = part
        return len(part)

    def close(self) -> None:
        """Let go of the connection."""
        if not self.closed:
            self._reading.close()
        super().close()


def open_object(path: Path, begin: int = 0) -> BinaryIO:
    """An object opened for reading from byte ``begin`` on, which it must have; ``Unavailable`` where the
    store does not give it."""
    _open(path)
    return io.BufferedReader(_Stream(path, begin), 1 << 20)


def size_of(path: Path) -> int:
    """How many bytes a file, or an object, has."""
    if not is_object(path):
        return path.stat().st_size
    bucket, key = _open(path)
    return int(bucket.call("head_object", key)["ContentLength"])
