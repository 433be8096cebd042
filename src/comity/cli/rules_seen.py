"""Whether rule files are what they were when they were last read, without reading them again.

Of each file the device, the inode, the size and both times (of content and of state) are compared; the time
of state (``ctime``) cannot be set by whoever changes a file. These tell of a change only if the clock that
wrote them went on between two writes. So what was read is believed only where the reading came late enough
after the last change for any later one to bear another time: the files rested for ``RESTED`` seconds, by this
machine's clock, before they were read; or, whatever clock the file system goes by, the very same state had
been met ``STEP`` seconds before they were read. Else the files are read, which takes a tenth of a second.

What this cannot see: a disk written to beneath its file system, a clock set back by an administrator, and a
file that is mapped into memory and written to there without the system having noted it yet. Signed findings
never rest on it: they are made from the sources.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from comity.adapters.atomic import replace
from comity.adapters.s3_input import is_object
from comity.cli.inputs import read_file
from comity.errors import ComityError

FORMAT: Final = "comity-rules-seen/1"
RESTED: Final = 3600
"""Seconds; beyond these the clocks of two machines hardly differ."""
STEP: Final = 3
"""Seconds; the coarsest file systems tell times by two."""
KEPT: Final = 32


class Seen:
    """What was last seen of just these files, by these names, under one engine and these placeholders.

    The state is taken when this is made, before anything is read.
    """

    def __init__(
        self, folder: Path, version: str, files: Sequence[Path], values: Mapping[str, Sequence[str]]
    ) -> None:
        names = [str(path) for path in files]
        # A relative name is another file in another folder, but its device and inode tell of that.
        told = [FORMAT, version, names, sorted((name, list(texts)) for name, texts in values.items())]
        self._folder = folder
        self._named = hashlib.sha256(json.dumps(told).encode()).hexdigest()
        self._place = folder / f"{self._named[:32]}.seen"
        self._now = time.time()
        self._state, self._changed = "", 0.0
        if not any(map(is_object, files)):
            with suppress(OSError):
                self._state, self._changed = _state_of(names)
        self._before = self._read()

    def _read(self) -> dict[str, Any]:
        with suppress(ComityError, ValueError, RecursionError):
            told = json.loads(read_file(self._place, 65_536))
            if isinstance(told, dict) and told.get("seen") == FORMAT and told.get("named") == self._named:
                return told
        return {}

    def settled_key(self) -> str | None:
        """The key of the cache made of these files, if they are surely what they were."""
        told = self._before
        key = told.get("key")
        if not self._state or told.get("state") != self._state or not isinstance(key, str):
            return None
        return key if told.get("settled") is True else None

    def keep(self, key: str) -> None:
        """Now they have been read, and this is the key of what was made of them."""
        if not self._state:
            return
        since = self._now
        before = self._before.get("since")
        if self._before.get("state") == self._state and isinstance(before, float) and before <= since:
            since = before
        settled = self._now - self._changed >= RESTED or self._now - since >= STEP
        told = {"key": key, "named": self._named, "seen": FORMAT, "settled": settled}
        told |= {"since": since, "state": self._state}
        with suppress(ComityError, OSError):
            replace(self._place, json.dumps(told).encode())
            kept = sorted(self._folder.glob("*.seen"), key=lambda file: file.stat().st_mtime_ns)
            for file in kept[:-KEPT]:
                file.unlink(missing_ok=True)


def _state_of(names: Sequence[str]) -> tuple[str, float]:
    """The digest of the states of some files, and when the last of them changed; ``OSError`` where one is
    not a regular file."""
    states: list[int] = []
    for name in names:
        told = os.lstat(name)
        if not stat.S_ISREG(told.st_mode):
            raise OSError(name)
        states += (told.st_dev, told.st_ino, told.st_size, told.st_mtime_ns, told.st_ctime_ns)
    times = (*states[3::5], *states[4::5])
    return hashlib.sha256(repr(states).encode()).hexdigest(), max(times, default=0) / 1e9
