"""How far a run over files is, and what of it is done when somebody interrupts it.

A run that is interrupted leaves the results of the files it has finished in the user's folder of caches; the
same command goes on from there. A result is taken up again only if rules, parameters and engine are the same
and the file has not been touched since (its place on the disk, size and times). A run that ends leaves none.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace as with_task
from pathlib import Path
from typing import Final

from comity.adapters.atomic import replace
from comity.adapters.file_state import state_of
from comity.cli.cache_folders import cache_folder
from comity.cli.inputs import read_file
from comity.cli.output import Out, count, size_text
from comity.cli.rule_cache import engine_version
from comity.cli.scan_task import Scanned, Task, scanned_type
from comity.errors import ComityError

OLD: Final = 30 * 86_400
"""After so many seconds what an interrupted run has left is thrown away."""


class Progress:
    """Bytes, rows, rate and time left, in one line on a terminal."""

    def __init__(self, out: Out, tasks: Sequence[Task]) -> None:
        self._out = out
        self._sizes = [_size(task) for task in tasks]
        self._done = [0] * len(tasks)
        self._taken_up = 0
        self._began = time.monotonic()
        self.files = 0
        self.rows = 0

    def reach(self, at: int, read: int) -> None:
        """So many bytes of a file are read; of derived lines there may be more than the log has."""
        self._done[at] = min(read, self._sizes[at])
        self.draw()

    def finish(self, at: int, rows: int, *, taken_up: bool = False) -> None:
        """A file is done; ``taken_up`` from an earlier run, which took none of the time of this one."""
        self._done[at] = self._sizes[at]
        self.files += 1
        self.rows += rows
        if taken_up:
            self._taken_up += self._sizes[at]
        self.draw()

    def draw(self) -> None:
        """Show it, where somebody looks."""
        if self._out.may_draw():
            self._out.progress(self.text(time.monotonic() - self._began))

    def text(self, seconds: float) -> str:
        """The line after so many seconds."""
        total, done = sum(self._sizes), sum(self._done)
        parts = [
            f"{self.files}/{len(self._sizes)} files",
            f"{size_text(done)} of {size_text(total)}",
            count(self.rows, "row"),
        ]
        rate = (done - self._taken_up) / seconds if seconds > 0 else 0.0
        if rate > 0:
            left = int((total - done) / rate + 0.5)
            parts.append(f"{size_text(rate)}/s")
            parts.append(f"{left // 3600}:{left // 60 % 60:02d}:{left % 60:02d} left")
        return ", ".join(parts)


def _size(task: Task) -> int:
    try:
        return Path(task.path).stat().st_size
    except OSError:
        return 0  # reading it will name what is wrong


class Unfinished:
    """The results of a run so far, by file; kept only if the run does not end."""

    def __init__(self, pack: str, tasks: Sequence[Task]) -> None:
        base = cache_folder("finds")
        self._pack = pack
        # As the files are before any is read: what changes meanwhile is read anew.
        self._states = {task.path: state_of(task.path) for task in tasks} if base is not None else {}
        self._folder = base / self._key([*map(_identity, tasks)]) if base is not None else None
        if base is not None:
            _forget(base)

    def _key(self, told: object) -> str:
        body = json.dumps([engine_version(), self._pack, told]).encode()
        return hashlib.sha256(body).hexdigest()[:32]

    def _place(self, task: Task) -> Path | None:
        state = self._states.get(task.path)
        # Of what shows no state (an object of a store, a file that is gone), nothing is taken up again.
        if self._folder is None or state is None:
            return None
        return self._folder / f"{self._key([_identity(task), state])}.json"

    def take_up(self, tasks: Sequence[Task]) -> Mapping[int, Scanned]:
        """The results that an interrupted run has left, by place among the tasks."""
        found: dict[int, Scanned] = {}
        if self._folder is None or not self._folder.is_dir():
            return found
        import msgspec

        for at, task in enumerate(tasks):
            place = self._place(task)
            if place is None or not place.is_file():
                continue
            with suppress(ComityError, msgspec.MsgspecError, ValueError):
                digest, _, body = read_file(place).partition(b"\n")
                if hashlib.sha256(body).hexdigest().encode() == digest:
                    found[at] = with_task(msgspec.json.decode(body, type=scanned_type()), task=task)
        return found

    def keep(self, results: Mapping[int, Scanned]) -> bool:
        """Write down what is done; whether there was anything, and it could be."""
        import msgspec

        kept = False
        with suppress(ComityError, OSError):
            for scanned in results.values():
                place = self._place(scanned.task)
                if place is not None and scanned.error is None:
                    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                    body = msgspec.json.encode(scanned)
                    replace(place, hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
                    kept = True
        return kept

    def drop(self) -> None:
        """The run has ended: nothing is to be taken up again."""
        if self._folder is None or not self._folder.is_dir():
            return
        with suppress(OSError):
            for file in self._folder.iterdir():
                file.unlink()
            self._folder.rmdir()


def _identity(task: Task) -> object:
    sealed = [str(task.sealed.ref), task.sealed.key.hex()] if task.sealed is not None else None
    return [os.path.abspath(task.path), task.shown, task.format, sealed, task.parameters.to_json(), task.why]  # noqa: PTH100 - no link is resolved


def _forget(base: Path) -> None:
    with suppress(OSError):
        for folder in base.iterdir():
            if time.time() - folder.stat().st_mtime > OLD:
                for file in folder.iterdir():
                    file.unlink()
                folder.rmdir()
