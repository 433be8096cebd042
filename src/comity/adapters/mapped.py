"""Files mapped into memory to be read: processes that read the same one share what is in memory of it.

A file that somebody shortens while it is mapped ends whoever reads behind its end, so only files that are
ours alone to write to are mapped, and those are put whole in place of one another, never written over.
"""

from __future__ import annotations

import mmap
import os
from pathlib import Path
from typing import Any

from comity.adapters.atomic import explain
from comity.errors import Unavailable


class Mapped(mmap.mmap):
    """A file as bytes; sent to another process it is that file, mapped there."""

    path: str
    state: tuple[int, ...]

    def __reduce__(self) -> tuple[Any, ...]:
        return map_again, (self.path, self.state)


def map_file(path: str | Path) -> Mapped:
    """A file that is there now, which may be empty or not there any more afterwards. ``Unavailable`` where it
    cannot be read or has no bytes."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0))
        try:
            told = os.fstat(handle)
            made = Mapped(handle, 0, access=mmap.ACCESS_READ)
        finally:
            os.close(handle)
    except OSError as error:
        raise explain(error, path) from None
    except ValueError:
        raise Unavailable("file.kind", str(path), "no bytes are in it") from None
    made.path = str(path)
    made.state = (told.st_dev, told.st_ino, told.st_size, told.st_mtime_ns)
    return made


def map_again(path: str, state: tuple[int, ...]) -> Mapped:
    """The same file; ``Unavailable`` (``file.changed``) where it is another one by now."""
    made = map_file(path)
    if made.state[:3] != state[:3]:
        raise Unavailable("file.changed", path, "it was put in place anew")
    return made
