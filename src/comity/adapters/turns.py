"""Locks between the processes of one home: turns at its files, and being alone with it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType

from comity.adapters.atomic import explain
from comity.adapters.system import System
from comity.errors import Refused


class Turns(System):
    """The system's effects, with a lock that also takes turns between the processes of one home."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def exclusive(self) -> AbstractContextManager[object]:
        """A re-entrant lock: threads wait for each other here, processes at the lock file."""
        return _Turn(self._path)


class _Turn:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = threading.RLock()
        self._depth = 0
        self._file = -1

    def __enter__(self) -> _Turn:
        self._threads.acquire()
        if self._depth == 0:
            try:
                self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                fcntl.flock(self._file, fcntl.LOCK_EX)
            except BaseException as error:
                if self._file >= 0:
                    os.close(self._file)
                    self._file = -1
                self._threads.release()
                if isinstance(error, OSError):
                    raise explain(error, self._path) from None
                raise
        self._depth += 1
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._depth -= 1
        if self._depth == 0:
            os.close(self._file)  # which lets go of the lock
            self._file = -1
        self._threads.release()


@contextlib.contextmanager
def hold_alone(folder: Path, name: str = "serve.lock") -> Iterator[None]:
    """Be the only one to serve (or pack) a home; ``Refused`` (``home.busy``) where another process does."""
    path = folder / name
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise explain(error, path) from None
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(file, 32, 0).decode("ascii", "replace").strip()
            who = f"process {holder}" if holder.isdigit() else "another process"
            raise Refused("home.busy", str(folder), f"{who} is at work on this node already") from None
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(file)
