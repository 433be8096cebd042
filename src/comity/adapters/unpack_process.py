"""Unpacking containers, and reading what is derived to rows, in a process of its own.

As for event logs, the file is hostile input, so a limited child (:mod:`comity.adapters.child_process`) reads
it. Its members come back over a pipe; what they are called is never used as a path. How much they may be is
bounded here, by what was packed.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

from comity.adapters.child_process import limited_child, most_of, place_in, tell_end
from comity.errors import Malformed, Unavailable
from comity.evidence.formats import Container

MEMORY_BYTES: Final = 1 << 30
CPU_SECONDS: Final = 600

NAME: Final = "comity-unpack"
VERSION: Final = "1"

_LONGEST: Final = 32 << 20
_BUFFER: Final = 1 << 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A member of a container, written to ``path``. ``name`` is a label; "" where there is but one."""

    path: Path
    name: str


def unpack_file(
    source: BinaryIO,
    kind: Container,
    folder: Path,
    where: str = "",
    *,
    memory_bytes: int = MEMORY_BYTES,
    cpu_seconds: int = CPU_SECONDS,
    progress: Callable[[int], None] | None = None,
) -> list[Member]:
    """Write every member of the open file ``source`` to a new file in ``folder``. ``progress`` is told how
    many bytes of it are read.

    Raises ``Malformed``: ``unpack.size`` beyond the limit, ``unpack.form`` for damage, ``unpack.members``
    for too many, encrypted ones or two of one name, ``unpack.memory`` and ``unpack.parser`` where the child
    died of it, ``xml.*`` as :func:`~comity.evidence.event_xml.read_events`; ``Unavailable``
    (``unpack.missing``) without the library that a kind needs. Then no member is left.
    """
    _require(kind)
    limit = most_of(os.fstat(source.fileno()).st_size)
    members: list[Member] = []
    done = False
    try:
        with limited_child(kind, source, memory_bytes, cpu_seconds) as child:
            # The descriptor is the child's too.
            tell = partial(_tell_read, source.fileno(), progress) if progress else _tell_nothing
            _take(_frames(io.BufferedReader(child, _BUFFER)), folder, members, limit, where, tell)
            _conclude(child.wait(), child.said(), where)
        done = True
    except TimeoutError as problem:
        raise _died(where, str(problem)) from None
    finally:
        if not done:
            for member in members:
                with suppress(OSError):
                    member.path.unlink(missing_ok=True)
    return members


def _tell_read(handle: int, progress: Callable[[int], None]) -> None:
    progress(os.lseek(handle, 0, os.SEEK_CUR))


def _tell_nothing() -> None:
    """Nobody asks how far it is."""


def _require(kind: str) -> None:
    try:
        if kind == "zstd":
            from backports import zstd  # noqa: F401
        elif kind == "bzip2":
            import bz2  # noqa: F401
        elif kind == "xz":
            import lzma  # noqa: F401
    except ImportError:
        if kind == "zstd":
            raise Unavailable(
                "unpack.missing", "backports.zstd", "zstd needs: pip install backports.zstd"
            ) from None
        raise Unavailable("unpack.missing", kind, f"this Python was built without {kind}") from None


def _frames(pipe: BinaryIO | io.BufferedReader) -> Iterator[tuple[bytes, bytes]]:
    while head := pipe.read(5):
        length = int.from_bytes(head[1:], "big")
        data = pipe.read(length) if len(head) == 5 and length <= _LONGEST else b""
        if len(head) < 5 or len(data) < length:
            return  # the child died in the middle: how is told by its exit code
        yield head[:1], data


def _take(
    frames: Iterator[tuple[bytes, bytes]],
    folder: Path,
    members: list[Member],
    limit: int,
    where: str,
    tell: Callable[[], None],
) -> None:
    written = 0
    file: BinaryIO | None = None
    try:
        for tag, data in frames:
            if tag == b"N":
                path = folder / f"{os.urandom(8).hex()}.member"
                file = path.open("xb")
                os.fchmod(file.fileno(), 0o600)
                members.append(Member(path=path, name=data.decode("utf-8", "replace")))
            elif tag == b"D" and file is not None:
                written += len(data)
                if written > limit:
                    raise Malformed("unpack.size", where, f"it unfolds to more than {limit} bytes")
                file.write(data)
                tell()
            elif file is not None:
                file.close()
    finally:
        if file is not None:
            file.close()


def _conclude(code: int, lines: Sequence[str], where: str) -> None:
    if code == 0:
        return
    if code == 2 and lines:
        with suppress(ValueError, KeyError, TypeError):
            told = json.loads(lines[-1])
            raise Malformed(str(told["code"]), place_in(where, str(told["where"])), str(told["why"]))
    raise _died(where, tell_end(code, lines))


def _died(where: str, why: str) -> Malformed:
    return Malformed("unpack.parser", where, f"this file could not be unpacked, {why}")
