"""The mark of a node, in two small files of its home: the newest head that it signed, and whether it is
still the file that was written.

``mark`` is one line: ``comity-mark/1``, size, root, the machine's start (Linux boot id), the inode and the
change time of ``anchor``, the time of writing, and the first digits of a SHA-256 over all that. It is
written in place and synced. No program can set a file's change time, so a copy that is put back has another
one than the text says: a new ``anchor`` where the folder was made anew, and for the rest a ``mark`` changed
long after it was written. What turns back a whole file system (a snapshot of a disk or a virtual machine)
turns this back too; after that a machine has started anew, which is told as well. A third file, ``alive``,
has a new word in it every minute that the node is served: two copies of one machine differ by it.
"""

from __future__ import annotations

import functools
import hashlib
import os
import re
import time
from contextlib import suppress
from pathlib import Path

from comity.adapters.atomic import explain, make_folder, replace, sync_folder
from comity.exchange.ports import Kept, Mark
from comity.phrases import phrase

SLACK = 10.0
"""The longest time between reading the clock for a mark and its being written, in seconds."""

BOOT = Path("/proc/sys/kernel/random/boot_id")

_LINE = re.compile(
    r"(comity-mark/1 (0|[1-9][0-9]{0,18}) ([0-9a-f]{64}) ([0-9a-f-]{0,64}) ([0-9]{1,20}) ([0-9]{1,20})"
    r" ([0-9]{1,20})) ([0-9a-f]{16})\n"
)


class ContinuityFiles:
    """``exchange.ports.Continuity`` in ``folder``, whose parent is there already."""

    def __init__(self, folder: str | Path) -> None:
        self._folder = Path(folder)
        self._mark = self._folder / "mark"
        self._anchor = self._folder / "anchor"

    def read(self) -> Kept:
        try:
            anchor = self._anchor.stat()
            with self._mark.open("rb") as file:
                changed = os.fstat(file.fileno()).st_ctime
                raw = file.read(1000)
        except (FileNotFoundError, NotADirectoryError):
            return Kept(mark=None, doubt=phrase("the mark beside the journal is not there"))
        except OSError as error:
            raise explain(error, self._mark) from None
        instance = self._instance(anchor)
        found = _LINE.fullmatch(raw.decode("ascii", "replace"))
        if found is None or _digest(found[1]) != found[8]:
            return Kept(mark=None, doubt=phrase("the mark beside the journal is damaged"), instance=instance)
        doubt = ""
        if (int(found[5]), int(found[6])) != (anchor.st_ino, anchor.st_ctime_ns):
            doubt = phrase("the files of this node are a copy, put back or moved")
        elif changed - int(found[7]) / 1e9 > SLACK:
            doubt = phrase(
                "the mark beside the journal was put back from a copy, "
                "or the clock of this machine was set forward while it was written"
            )
        return Kept(
            mark=Mark(size=int(found[2]), root=bytes.fromhex(found[3])),
            doubt=doubt,
            restarted=found[4] != _boot(),
            instance=instance,
        )

    def write(self, mark: Mark) -> None:
        try:
            if self.read().doubt:
                return
            self._put(mark)
        except OSError as error:
            raise explain(error, self._mark) from None

    def begin(self, mark: Mark) -> None:
        make_folder(self._folder)
        # A new file, so that a copy that was made before is none of this.
        replace(self._anchor, b"Never copied or put back: see the mark beside it.\n")
        try:
            self._put(mark)
            sync_folder(self._folder)
        except OSError as error:
            raise explain(error, self._mark) from None

    def beat(self) -> None:
        # Chance alone would do, but that a machine copied while it runs may draw the same twice. The clock
        # has moved on differently in each of the two.
        word = hashlib.sha256(os.urandom(16) + str(time.time_ns()).encode()).hexdigest()
        replace(self._folder / "alive", f"{word}\n".encode())

    def _instance(self, anchor: os.stat_result) -> str:
        try:
            alive = (self._folder / "alive").read_bytes()
        except FileNotFoundError:
            alive = b""
        return hashlib.sha256(f"{anchor.st_ino} {anchor.st_ctime_ns} ".encode() + alive).hexdigest()[:32]

    def _put(self, mark: Mark) -> None:
        file = os.open(self._mark, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            before = _LINE.fullmatch(os.pread(file, 1000, 0).decode("ascii", "replace"))
            try:
                self._fill(file, mark)
            except OSError:
                # A part may be there. The mark before it is as good: the journal may be ahead of a mark.
                if before is not None:
                    with suppress(OSError):
                        self._fill(file, Mark(size=int(before[2]), root=bytes.fromhex(before[3])))
                raise
        finally:
            os.close(file)

    def _fill(self, file: int, mark: Mark) -> None:
        anchor = self._anchor.stat()
        line = (
            f"comity-mark/1 {mark.size} {mark.root.hex()} {_boot()} {anchor.st_ino} {anchor.st_ctime_ns}"
            f" {time.time_ns()}"
        )
        data = f"{line} {_digest(line)}\n".encode("ascii")
        done = 0
        while done < len(data):
            done += os.pwrite(file, data[done:], done)
        os.ftruncate(file, len(data))
        os.fsync(file)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _boot() -> str:
    return _boot_in(BOOT)


@functools.cache
def _boot_in(file: Path) -> str:
    # It stays as long as any process does.
    try:
        return file.read_text("ascii").strip()
    except OSError:
        return ""
