"""What an interrupted run leaves: one file of frames, added to as results come.

A frame is a kind, two keys of what it is about, and bytes; its digest goes before it. A frame that was cut
short by the end of a process or of power, or that was changed, is passed over. A file is locked for as long
as the process lives that writes it; any run may read it meanwhile.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from struct import Struct
from typing import BinaryIO, Final

from comity.adapters.atomic import explain, sync_folder

ENDING: Final = ".run"
SECONDS: Final = 2.0
"""So long results wait for others, to be synced with them."""
SHARE: Final = 50
"""And so many times as long as the last sync took: syncing takes a fiftieth of a run at most."""

KEY: Final = 16
"""So many bytes a name or a key has."""

_HEAD: Final = Struct(">I16s")
_AHEAD: Final = 1 + 2 * KEY
_MARK: Final = b"comity run 1\n"
_LONGEST: Final = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Something kept: ``kind`` (one byte), the ``name`` of the file it is about, the ``key`` of that file in
    the state that it was in, and where the bytes are."""

    kind: bytes
    name: bytes
    key: bytes
    file: BinaryIO
    begin: int
    length: int

    def read(self, most: int = -1) -> bytes:
        """Its bytes, or the first of them; nothing, where the disk does not give them."""
        length = self.length if most < 0 else min(most, self.length)
        with suppress(OSError):
            return os.pread(self.file.fileno(), length, self.begin)
        return b""


class JournalFile:
    """A new file of frames in ``folder``, locked until it is closed. ``Unavailable`` where there can be none,
    or no more can be added."""

    def __init__(self, folder: Path, name: str) -> None:
        self.path = folder / f"{name}-{os.urandom(8).hex()}{ENDING}"
        self._waits = SECONDS
        self._synced = time.monotonic()
        self._file: BinaryIO | None = None
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)
            self._file = os.fdopen(os.open(self.path, flags, 0o600), "wb", 0)
            with suppress(OSError):  # a file system without locks: then it stays until it is old
                fcntl.flock(self._file, fcntl.LOCK_EX)  # who looks whether it is locked does so for a moment
            _write(self._file, _MARK)
            sync_folder(folder)
        except OSError as error:
            self.remove()
            raise explain(error, self.path) from None

    def is_due(self) -> bool:
        """Whether it is time to add what has come since."""
        return time.monotonic() - self._synced >= self._waits

    def add(self, frames: Iterable[tuple[bytes, bytes, bytes, bytes]]) -> None:
        """Add frames (kind, name, key, bytes), durable on return."""
        assert self._file is not None
        began = time.monotonic()
        try:
            _write(self._file, b"".join(_frame(*each) for each in frames))
            os.fsync(self._file.fileno())
        except OSError as error:
            raise explain(error, self.path) from None
        self._synced = time.monotonic()
        self._waits = max(SECONDS, SHARE * (self._synced - began))

    def close(self) -> None:
        """Leave it to the next run."""
        if self._file is not None:
            self._file.close()

    def remove(self) -> None:
        """Nothing in it is wanted any more."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)
        self.close()


def _write(file: BinaryIO, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]


def _frame(kind: bytes, name: bytes, key: bytes, data: bytes) -> bytes:
    body = kind + name + key + data
    return _HEAD.pack(len(body), hashlib.sha256(body).digest()[:16]) + body


def read_frames(file: BinaryIO) -> Iterator[Frame]:
    """The frames of an open file that are whole, in the order in which they were added. They are there as
    long as the file is open, whoever removes it."""
    with suppress(OSError):
        if file.read(len(_MARK)) != _MARK:
            return
        while len(head := file.read(_HEAD.size)) == _HEAD.size:
            length, digest = _HEAD.unpack(head)
            begin = file.tell()
            if not _AHEAD <= length <= _LONGEST or len(body := file.read(length)) < length:
                return
            if hashlib.sha256(body).digest()[:16] == digest:
                yield Frame(
                    kind=body[:1],
                    name=body[1 : 1 + KEY],
                    key=body[1 + KEY : _AHEAD],
                    file=file,
                    begin=begin + _AHEAD,
                    length=length - _AHEAD,
                )


def list_journals(folder: Path, name: str = "") -> list[Path]:
    """The files of frames of this name, or of any, in some order that stays."""
    with suppress(OSError):
        return sorted(folder.glob(f"{name or '*'}-*{ENDING}"))
    return []


def open_journal(path: Path) -> BinaryIO | None:
    """A file of frames that is of this user, to be read; None where it is not, or is gone."""
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | getattr(os, "O_NOFOLLOW", 0)
    with suppress(OSError):
        file = os.fdopen(os.open(path, flags), "rb")
        told = os.fstat(file.fileno())
        if stat.S_ISREG(told.st_mode) and told.st_uid == os.getuid():
            return file
        file.close()
    return None


def is_left(file: BinaryIO) -> bool:
    """Whether no process that lives is writing it."""
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        fcntl.flock(file, fcntl.LOCK_UN)
    except OSError:
        return False
    return True


def forget_old(folder: Path, seconds: float) -> None:
    """Remove what interrupted runs left longer ago than this."""
    before = time.time() - seconds
    with suppress(OSError):
        for path in folder.iterdir():
            with suppress(OSError):
                if path.lstat().st_mtime < before:
                    path.unlink(missing_ok=True)
