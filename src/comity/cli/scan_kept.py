"""What of a run is done when something ends it, and going on from there.

Results are kept as they come, of files and of the parts of large ones, in the user's folder of caches. The
same rules on the same file go on with what is there, however the run ended and whatever else is searched
with it. A result is taken up only if rules, parameters, engine and libraries are the same and the file is as
it was before it was read (its place on the disk, size and times; a file that changed just before is kept
in parts with digests, or not at all). A run that ends leaves nothing. Where nothing can be kept, the run goes
on without, and says so.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from struct import Struct
from typing import TYPE_CHECKING, BinaryIO, Final

import msgspec

from comity.adapters.file_state import STEP, changed_at, state_of
from comity.cli.cache_folders import cache_folder, files_state
from comity.cli.scan_journal import (
    KEY,
    SECONDS,
    Frame,
    JournalFile,
    forget_old,
    is_left,
    list_journals,
    open_journal,
    read_frames,
)
from comity.cli.scan_packed import Packer
from comity.cli.scan_task import Scanned, Span, Task
from comity.errors import ComityError
from comity.findings import SEMANTICS
from comity.findings.apart import PASSING

if TYPE_CHECKING:
    from comity.findings.pack import Pack

OLD: Final = 30 * 86_400
"""After so many seconds what an interrupted run has left is thrown away."""

_FILE: Final = b"f"
_CUT: Final = b"c"
_PART: Final = b"p"
_NUMBER: Final = Struct(">I")
_AGAIN: Final = (
    "file.",
    "disk.",
    "s3.",
    "memory.",
    "extra.",
    "evtx.parser",
    "unpack.parser",
    "unpack.memory",
)
"""Errors of these kinds may be otherwise the next time."""
_NOWHERE: Final = "there is no folder of caches that is ours alone to write to"


class Kept:
    """The results of a run so far, by the place of their file among ``tasks``.

    ``changed`` are the places of files of which something was kept in a state that is theirs no more;
    ``trouble`` is why nothing more can be kept."""

    def __init__(self, pack: Pack, tasks: Sequence[Task]) -> None:
        self._pack = pack
        self._packer = Packer(pack)
        self._tasks = tasks
        self._folder = cache_folder("finds")
        self._name = ""
        # As the files are before any is read: what changes meanwhile is read anew.
        self._noted = time.time()
        self._states = [state_of(task.path) for task in tasks]
        self._began = time.monotonic()
        self._journal: JournalFile | None = None
        self._pending: list[tuple[int, int | None, Scanned | None]] = []
        self._cuts: dict[int, tuple[Span, ...]] = {}
        self._files: dict[int, Frame] = {}
        self._parts: dict[int, dict[int, Frame]] = {}
        self._open: list[BinaryIO] = []
        self._old: list[Path] = []
        self.changed: tuple[int, ...] = ()
        self.trouble = ""
        if self._folder is not None and self._folder.is_dir():
            forget_old(self._folder, OLD)
            self._look_up(self._folder)

    # What was kept before.

    def _look_up(self, folder: Path) -> None:
        if not list_journals(folder):
            return  # to name those of this run takes longer than most searches do
        found = list_journals(folder, self._named())
        if not found:
            return
        names = {self._key(at, None): at for at in range(len(self._tasks))}
        keys = {self._key(at, state): at for at, state in enumerate(self._states) if state is not None}
        stale, cuts = set[int](), dict[int, dict[bytes, tuple[Span, ...]]]()
        parts: dict[tuple[int, bytes], dict[int, Frame]] = {}
        for path in found:
            if (file := open_journal(path)) is None:
                continue
            self._open.append(file)
            ours, some, left = True, False, is_left(file)
            for frame in read_frames(file):
                ours, some = ours and frame.name in names, True
                at = keys.get(frame.key)
                if at is None:
                    stale.update([names[frame.name]] if frame.name in names else [])
                elif frame.kind == _FILE:
                    self._files[at] = frame
                elif frame.kind == _CUT:
                    raw = frame.read()
                    with suppress(msgspec.MsgspecError):
                        spans = msgspec.msgpack.decode(raw, type=tuple[Span, ...])
                        cuts.setdefault(at, {})[_short(raw)] = spans
                elif frame.kind == _PART:
                    head = frame.read(KEY + _NUMBER.size)
                    if len(head) == KEY + _NUMBER.size:
                        (number,) = _NUMBER.unpack_from(head, KEY)
                        parts.setdefault((at, head[:KEY]), {})[number] = frame
            # Before, as then all that it will ever hold is read; and after, as it may have begun just now.
            if left and ours and some and is_left(file):
                self._old.append(path)
        for at, known in cuts.items():
            # Two runs may have cut a file in other ways: the cut of which more is done.
            best = max(known, key=lambda cut: _length(known[cut], parts.get((at, cut), {})))
            if done := parts.get((at, best)):
                self._cuts[at] = known[best]
                self._parts[at] = done
                self._pending.append((at, None, None))
        self.changed = tuple(sorted(stale - self._files.keys() - self._parts.keys()))

    def files(self) -> Mapping[int, int]:
        """The places of files that are done, with their lengths."""
        return {at: (self._states[at] or (0, 0, 0))[2] for at in self._files}

    def lengths(self) -> Mapping[int, int]:
        """How many bytes are done of files that are done in part."""
        return {
            at: _length(self._cuts[at], done) for at, done in self._parts.items() if at not in self._files
        }

    def load(self, at: int) -> Scanned | None:
        """The result of a file, if it is there."""
        frame = self._files.get(at)
        return self._unpack(frame, 0, self._tasks[at]) if frame is not None else None

    def spans(self, at: int) -> tuple[Span, ...]:
        """How a file was cut of which some parts are done."""
        return self._cuts.get(at, ())

    def has_part(self, at: int, number: int) -> bool:
        """Whether the result of a part is there."""
        return number in self._parts.get(at, {})

    def load_part(self, at: int, number: int, task: Task) -> Scanned | None:
        """The result of a part, if it is there."""
        frame = self._parts.get(at, {}).get(number)
        return self._unpack(frame, KEY + _NUMBER.size, task) if frame is not None else None

    def _unpack(self, frame: Frame, begin: int, task: Task) -> Scanned:
        found = self._packer.unpack(frame.read()[begin:], task)
        if found is None:
            why = "the disk does not give back what an interrupted run kept of it; the next run reads it"
            return Scanned(task=task, error=("file.error", task.shown, why))
        return found

    # What comes.

    def cut(self, at: int, spans: Sequence[Span]) -> None:
        """A file will be read in these parts."""
        if self._cuts.get(at) != tuple(spans):
            self._cuts[at] = tuple(spans)
            self._pending.append((at, None, None))

    def give(self, at: int, scanned: Scanned, number: int | None = None) -> None:
        """A file is done, or a part of it."""
        state = self._states[at]
        if state is None or self.trouble or not _is_lasting(scanned):
            return
        settled = changed_at([state]) <= self._noted - STEP
        # A part has a digest where a change would not show.
        if number is not None or settled:
            self._pending.append((at, number, scanned))

    def tick(self) -> None:
        """Write down what has come, if it is time to."""
        if self._journal is not None:
            due = self._journal.is_due()
        else:
            due = time.monotonic() - self._began >= SECONDS
        if due:
            self._write()

    def _write(self) -> None:
        results = [each for each in self._pending if each[2] is not None]
        if self.trouble or not results:
            return
        try:
            if self._folder is None:
                self.trouble = _NOWHERE
                return
            if self._journal is None:
                self._journal = JournalFile(self._folder, self._named())
            self._journal.add([self._frame(*each) for each in self._pending])
        except ComityError as error:
            self.trouble = f"{error.where}: {error.why}"
        self._pending.clear()

    def _frame(
        self, at: int, number: int | None, scanned: Scanned | None
    ) -> tuple[bytes, bytes, bytes, bytes]:
        name, key = self._key(at, None), self._key(at, self._states[at])
        if scanned is None:
            return _CUT, name, key, self._raw_cut(at)
        packed = self._packer.pack(scanned)
        if number is None:
            return _FILE, name, key, packed
        return _PART, name, key, _short(self._raw_cut(at)) + _NUMBER.pack(number) + packed

    def _raw_cut(self, at: int) -> bytes:
        return msgspec.msgpack.encode(self._cuts[at])

    # How it ends.

    def stop(self) -> bool:
        """Something ends the run: write down what is done; whether there is anything to go on from."""
        self._write()
        if self._journal is not None:
            self._journal.close()
        self._close()
        return self._journal is not None or bool(self._files or self._parts)

    def finish(self) -> None:
        """The run has ended: nothing of it is to be taken up again."""
        if self._journal is not None:
            self._journal.remove()
        for path in self._old:
            with suppress(OSError):
                path.unlink(missing_ok=True)
        self._close()

    def _close(self) -> None:
        for file in self._open:
            file.close()

    # What a result is filed under.

    def _named(self) -> str:
        if not self._name:
            pack = self._pack
            # The rules know nothing of when they are valid, but a result tells of it.
            periods = [[rule, each.since, each.until] for rule, each in pack.notes.periods]
            told = json.dumps([SEMANTICS, _code_state(), pack.digest, periods])
            self._name = hashlib.sha256(told.encode()).hexdigest()[:32]
        return self._name

    def _key(self, at: int, state: object) -> bytes:
        return _short(json.dumps([_identity(self._tasks[at]), state]).encode())


def _short(raw: bytes) -> bytes:
    return hashlib.sha256(raw).digest()[:KEY]


def _length(spans: Sequence[Span], done: Mapping[int, object]) -> int:
    return sum(span.end - span.begin for number, span in enumerate(spans) if number in done)


def _is_lasting(scanned: Scanned) -> bool:
    """Whether the result would be the same another time."""
    if scanned.error is not None:
        return False
    for each in (scanned, *scanned.each()):
        if each.error is not None and each.error[0].startswith(_AGAIN):
            return False
        if any(why.startswith(PASSING) for why in (each.refused or {}).values()):
            return False
    return True


def _identity(task: Task) -> object:
    sealed = [str(task.sealed.ref), task.sealed.key.hex()] if task.sealed is not None else None
    parameters = task.parameters.to_json()
    path = os.path.abspath(task.path)  # noqa: PTH100 - no link is resolved
    return [path, task.shown, task.format, sealed, parameters, task.why, task.only]


def _code_state() -> object:
    """What results come of beside rules and bytes: this code, told by the state of its files, as to read them
    takes longer, and what else makes two engines the same (:mod:`comity.cli.scan_engine`)."""
    import comity
    from comity.cli.scan_engine import around_here

    return [files_state(comity), around_here()]
