"""Whether a file is what it was, without reading it again.

Its *state* is its place on the disk, its length and both its times (of content and of state); the time of
state (``ctime``) cannot be set by whoever changes a file. A state tells of a later change only if the clock
that wrote its times went on in between. A file that *rested* before its state was taken bears another time
after any change, whatever clock its file system goes by.

What this cannot see: a disk written to beneath its file system, a clock set back by an administrator, and a
file that is mapped into memory and written to there without the system having noted it yet.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Final, TypeAlias

FileState: TypeAlias = tuple[int, int, int, int, int]
"""Device, inode, length, and the two times in nanoseconds."""

RESTED: Final = 3600
"""Seconds; beyond these the clocks of two machines hardly differ."""
STEP: Final = 3
"""Seconds; the coarsest file systems tell times by two."""


def state_of(path: Path | str) -> FileState | None:
    """The state of a regular file; None of anything else, links among it, and where there is nothing."""
    try:
        told = os.lstat(path)
    except OSError:
        return None
    if not stat.S_ISREG(told.st_mode):
        return None
    return _of(told)


def state_at(handle: int) -> FileState:
    """The state of the file that is open there, whatever has its name by now."""
    return _of(os.fstat(handle))


def _of(told: os.stat_result) -> FileState:
    return told.st_dev, told.st_ino, told.st_size, told.st_mtime_ns, told.st_ctime_ns


def changed_at(states: Iterable[FileState]) -> float:
    """When the last of these files changed, in seconds since 1970; nought of none."""
    return max((time for state in states for time in state[3:]), default=0) / 1e9


def has_rested(states: Iterable[FileState], now: float) -> bool:
    """Whether any change of these files after ``now``, when their states were taken, would show in them."""
    return now - changed_at(states) >= RESTED
