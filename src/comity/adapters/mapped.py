"""Files mapped into memory to be read: processes that read the same one share what is in memory of it.

A file that somebody shortens while it is mapped ends whoever reads behind its end, so only files that are
ours alone to write to are mapped, and those are put whole in place of one another, never written over.
"""

from __future__ import annotations

import io
import mmap
import os
import pickle
from pathlib import Path
from typing import Any

from comity.adapters.atomic import explain
from comity.errors import Unavailable


class Mapped(mmap.mmap):
    """A file as bytes; sent to another process it is that file, mapped there, or if its name is another's by
    now, its bytes. ``state`` is the file's device, number and length: as it is put in place whole and never
    written over, and no other gets its number while it is mapped, they say which it is."""

    path: str
    state: tuple[int, int, int]

    def __reduce__(self) -> tuple[Any, ...]:
        try:
            stands = _state_of(Path(self.path).lstat()) == self.state
        except OSError:
            stands = False
        return (map_again, (self.path, self.state)) if stands else (bytes, (self[:],))

    def let_go(self) -> None:
        """Keep no memory for what was read so far: it comes back from the file as it is read again."""
        if hasattr(mmap, "MADV_DONTNEED"):
            self.madvise(mmap.MADV_DONTNEED)


def _state_of(told: os.stat_result) -> tuple[int, int, int]:
    return told.st_dev, told.st_ino, told.st_size


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
    made.state = _state_of(told)
    return made


class _Whole(pickle.Pickler):
    def reducer_override(self, value: Any) -> Any:
        return (bytes, (value[:],)) if isinstance(value, Mapped) else NotImplemented


def pickle_whole(value: object) -> bytes:
    """A value for processes that may not see the files that are mapped here: these as their bytes."""
    into = io.BytesIO()
    _Whole(into).dump(value)
    return into.getvalue()


def map_again(path: str, state: tuple[int, int, int]) -> Mapped:
    """The same file; ``Unavailable`` (``file.changed``) where it is another one by now."""
    made = map_file(path)
    if made.state != state:
        raise Unavailable("file.changed", path, "it was put in place anew")
    return made
