"""The folders of the user in which the commands keep what they made, to be quick the next time."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from types import ModuleType


def files_state(package: ModuleType) -> list[tuple[str, int, int]]:
    """The files that a package is made of, those below it too: name, size and time of change of each."""
    here = Path(str(package.__file__)).parent
    states = ((file, file.stat()) for file in sorted(here.rglob("*.py")))
    return [(str(file.relative_to(here)), told.st_size, told.st_mtime_ns) for file, told in states]


def cache_folder(name: str) -> Path | None:
    """The folder of caches of this name, if there can be one that is ours alone to write to."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    try:
        place = (Path(base) if base else Path.home() / ".cache") / "comity" / name
        told = place.lstat()
    except FileNotFoundError:
        return place
    except (OSError, RuntimeError):
        return None
    ours = told.st_uid == os.getuid() and not told.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return place if stat.S_ISDIR(told.st_mode) and ours else None
