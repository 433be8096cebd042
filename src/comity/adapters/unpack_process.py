"""Unpacking containers, and reading event XML, in a process of its own.

As for event logs (:mod:`comity.adapters.evtx_process`): the file is hostile input, so a child without paths,
settings or keys reads it, and gives up memory, processor time and files first. Its members come back over a
pipe; what they are called is never used as a path. How much they may be is bounded here, by what was packed.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, Final

from comity.errors import Malformed, Unavailable
from comity.evidence.formats import Container

MEMORY_BYTES: Final = 1 << 30
CPU_SECONDS: Final = 600
RATIO: Final = 256
"""A file may unfold to so many times its length, and 16 MiB. Logs reach a tenth of that; bombs need more."""

NAME: Final = "comity-unpack"
VERSION: Final = "1"

_MODULE: Final = "comity.adapters.unpack_child"
_LONGEST: Final = 32 << 20


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
    """Write every member of the open file ``source`` to a new file in ``folder``.

    Raises ``Malformed``: ``unpack.size`` beyond the limit, ``unpack.form`` for damage, ``unpack.members``
    for too many, encrypted ones or two of one name, ``unpack.memory`` and ``unpack.parser`` where the child
    died of it, ``xml.*`` as :func:`~comity.evidence.event_xml.read_events`; ``Unavailable``
    (``unpack.missing``) without the library that a kind needs. Then no member is left.
    """
    if kind == "zstd":
        _require_zstd()
    limit = RATIO * os.fstat(source.fileno()).st_size + (1 << 24)
    members: list[Member] = []
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(  # noqa: S603 - our own module, our own interpreter
            [sys.executable, "-I", "-X", "utf8", "-m", _MODULE, kind, str(memory_bytes), str(cpu_seconds)],
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=said,
            cwd="/",
            env={},
        )
        assert child.stdout is not None
        done = False
        try:
            _take(_frames(child.stdout), folder, members, limit, where, progress)
            code = child.wait()
            said.seek(0)
            _conclude(code, said.read(1 << 20), where)
            done = True
        finally:
            child.kill()
            child.stdout.close()
            child.wait()
            if not done:
                for member in members:
                    with suppress(OSError):
                        member.path.unlink(missing_ok=True)
    return members


def _require_zstd() -> None:
    try:
        from backports import zstd  # noqa: F401
    except ImportError:
        raise Unavailable(
            "unpack.missing", "backports.zstd", "zstd needs: pip install backports.zstd"
        ) from None


def _frames(pipe: IO[bytes]) -> Iterator[tuple[bytes, bytes]]:
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
    progress: Callable[[int], None] | None,
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
                if progress:
                    progress(written)
            elif file is not None:
                file.close()
    finally:
        if file is not None:
            file.close()


def _conclude(code: int, said: bytes, where: str) -> None:
    lines = said.decode("utf-8", "backslashreplace").splitlines()
    if code == 0:
        return
    if code == 2 and lines:
        with suppress(ValueError):
            told = json.loads(lines[-1])
            raise Malformed(told["code"], f"{where}, {told['where']}", told["why"])
    if code < 0:
        name = signal.Signals(-code).name
        why = "it ran out of its processor time" if name == "SIGXCPU" else f"it died of {name}"
    else:
        why = f"it ended with {code}"
    last = f": {lines[-1][:300]}" if lines else ""
    raise Malformed("unpack.parser", where, f"this file could not be unpacked, {why}{last}")
