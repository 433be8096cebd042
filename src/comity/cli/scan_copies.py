"""What a process derived of a part of an event log, for the digest of the whole.

The rows of a log have one digest, over all of them in their order, and a process that reads a part has only
its own. So that nobody derives them a second time, a fork writes the lines it asks rules of into a file
without a name, which the process it is a fork of reads. Where that cannot be (no fork, no room on the disk),
they are derived once more.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import Final

COPIES: Final = 256
"""So many parts have one, as each is an open file."""
MOST: Final = 1 << 28
"""The longest, in bytes."""
_CHUNK: Final = 1 << 20


class Copy:
    """The lines of a part, once they are ``made`` (or never will be)."""

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 - closed with the digests
        self.handle: Final = self._file.fileno()
        self.made = Event()

    def is_whole(self) -> bool:
        """Whether all lines are there; a part without any is as well derived again."""
        return os.fstat(self.handle).st_size > 0

    def chunks(self) -> Iterator[bytes]:
        """The lines, which are not kept after that."""
        at = 0
        while chunk := os.pread(self.handle, _CHUNK, at):
            at += len(chunk)
            yield chunk
        os.ftruncate(self.handle, 0)

    def close(self) -> None:
        """Nothing is wanted of it any more."""
        self.made.set()
        self._file.close()


def copy_through(chunks: Iterable[bytes], handle: int) -> Iterator[bytes]:
    """The same chunks, which are written to the file open at ``handle`` too; if that fails, nothing is left
    there."""
    left = MOST
    for chunk in chunks:
        if left > 0:
            left -= len(chunk)
            try:
                if left <= 0 or os.write(handle, chunk) != len(chunk):
                    left = 0
            except OSError:
                left = 0
            if left <= 0:
                with suppress(OSError):
                    os.ftruncate(handle, 0)
        yield chunk
