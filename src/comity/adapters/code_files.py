"""Machine code kept in files, for the next process on the same machine.

Nothing is run from here that somebody else could have written: a file must be regular, no link, of this user
and nobody else's to write to, as must the folder that it is in. That is as much as Python asks of what it
compiles (``__pycache__``), and more.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

from comity.adapters.atomic import keep_latest, replace
from comity.errors import ComityError

LIMIT: Final = 4 << 20
"""No file is longer, in bytes."""
KEPT: Final = 32
"""So many files are kept, the latest made."""


class CodeFiles:
    """A folder of machine code, which nobody else may write to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, name: str) -> bytes | None:
        """What was kept under a name; None where it is not there, or may be somebody else's."""
        flags = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
        with suppress(OSError):
            handle = os.open(self._folder / f"{name}.code", flags | getattr(os, "O_NONBLOCK", 0))
            with os.fdopen(handle, "rb") as file:
                told = os.fstat(handle)
                ours = told.st_uid == os.getuid() and not told.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
                if ours and stat.S_ISREG(told.st_mode) and told.st_size <= LIMIT:
                    return file.read(LIMIT)
        return None

    def put(self, name: str, kept: bytes) -> None:
        """Keep it, where that can be; the oldest give way."""
        folder = self._folder
        if len(kept) > LIMIT:
            return
        with suppress(ComityError, OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            replace(folder / f"{name}.code", kept)
            keep_latest(folder, "*.code", KEPT)
