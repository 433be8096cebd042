"""Whether rule files are what they were when they were last read, without reading them again.

Their states are compared (:mod:`comity.adapters.file_state`). What was read is believed only where the
reading came late enough after the last change for any later one to bear another time: the files rested
before they were read; or, whatever clock the file system goes by, the very same state had been met ``STEP``
seconds before they were read. Else the files are read, which takes a tenth of a second.

Signed findings never rest on it: they are made from the sources.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from comity.adapters.atomic import keep_latest, replace
from comity.adapters.file_state import STEP, has_rested, state_of
from comity.adapters.s3_input import is_object
from comity.cli.inputs import read_file
from comity.errors import ComityError

FORMAT: Final = "comity-rules-seen/1"
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
        self._state, self._rested = "", False
        states = [] if any(map(is_object, files)) else [state_of(name) for name in names]
        known = [state for state in states if state is not None]
        if known and len(known) == len(names):
            self._state = hashlib.sha256(repr(known).encode()).hexdigest()
            self._rested = has_rested(known, self._now)
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
        settled = self._rested or self._now - since >= STEP
        told = {"key": key, "named": self._named, "seen": FORMAT, "settled": settled}
        told |= {"since": since, "state": self._state}
        with suppress(ComityError, OSError):
            replace(self._place, json.dumps(told).encode())
            keep_latest(self._folder, "*.seen", KEPT)
