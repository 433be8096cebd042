"""The processes that a run over many files is shared among, as the one that hands out the files sees them.

Where it can be done safely (Linux, no other thread of ours) a process is a fork: rules, lists and compiled
loops are there at once and stand in memory once. Elsewhere it is a new interpreter that is sent the rules.
What is said over the pipes is the same, and so is what comes of it.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from io import FileIO
from typing import TYPE_CHECKING, BinaryIO, Final, Protocol

from comity.adapters.forking import TOLD, quiet_fork
from comity.cli.scan_frames import read_frame, write_frame

if TYPE_CHECKING:
    from comity.cli.scan_task import Scanned, Task

Serve = Callable[[BinaryIO, BinaryIO], None]
READ: Final = b"R"
"""What a message begins with that says how many bytes are read."""


def leave_to_parent() -> None:
    """Signals reach a whole group of processes; the one that hands out files decides what becomes of us."""
    for number in TOLD:
        signal.signal(number, signal.SIG_IGN)


class Process(Protocol):
    """What is asked of a process, however it was made."""

    pid: int

    def poll(self) -> int | None:
        """Its exit code (negative: the signal that ended it), or None while it lives."""

    def wait(self) -> int:
        """The same, once it has ended."""

    def kill(self) -> None:
        """End it."""


class Forked:
    """A child of this process, by its number."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._code: int | None = None

    def poll(self) -> int | None:
        return self._look(os.WNOHANG)

    def wait(self) -> int:
        code = self._look(0)
        assert code is not None
        return code

    def kill(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)

    def _look(self, how: int) -> int | None:
        if self._code is None:
            pid, status = os.waitpid(self.pid, how)
            if pid:
                self._code = os.waitstatus_to_exitcode(status)
        return self._code


class Worker:
    """One process with its two pipes. ``at`` is the place of the task that it was given last."""

    def __init__(self, process: Process, into: BinaryIO, out_of: BinaryIO) -> None:
        self.process = process
        self.pipe = (into, out_of)
        self.at = -1

    def send(self, frame: bytes) -> None:
        """Send one message; a process that died is found when it is read from."""
        with suppress(BrokenPipeError):
            write_frame(self.pipe[0], frame)

    def give(self, at: int, task: Task) -> None:
        """Hand out a task."""
        self.at = at
        self.send(pickle.dumps(task))

    def take(self) -> bytes | int | None:
        """Its result as it was sent; or, before that, how many bytes it has read; None where it died."""
        raw = read_frame(self.pipe[1])
        return int.from_bytes(raw[1:]) if raw is not None and raw.startswith(READ) else raw

    def say_death(self, task: Task) -> Scanned:
        """The result of a task that it died of."""
        from comity.cli.scan_task import Scanned

        code = self.process.wait()
        why = f"the process that read it died ({f'signal {-code}' if code < 0 else f'exit {code}'})"
        return Scanned(task=task, error=("file.worker", task.shown, why))

    def end(self) -> None:
        """End it, whatever it is at."""
        self.process.kill()
        self.process.wait()
        for end in self.pipe:
            with suppress(BrokenPipeError):
                end.close()


def fork_worker(serve: Serve, others: Sequence[Worker]) -> Worker:
    """A fork of this process that serves over two pipes. ``others`` were forked before: their pipes are
    closed in it, or none of them would learn that this process is gone."""
    theirs, into = os.pipe()
    out_of, ours = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, TOLD)
    parent = os.getpid()
    try:
        pid = quiet_fork()
        if pid == 0:
            _live(serve, theirs, ours, (into, out_of), others, before, parent)
    except OSError:
        for end in (theirs, into, out_of, ours):
            os.close(end)
        raise
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    os.close(theirs)
    os.close(ours)
    return Worker(Forked(pid), FileIO(into, "wb"), FileIO(out_of, "rb"))


def _live(
    serve: Serve,
    source: int,
    sink: int,
    parents: Sequence[int],
    others: Sequence[Worker],
    mask: Iterable[int],
    parent: int,
) -> None:
    """The whole life of a forked child: nothing that the parent would do at its end is done here."""
    code = 1
    try:
        from comity.adapters.process_control import end_with_parent  # of Linux, as forks are

        end_with_parent(parent)
        leave_to_parent()
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for end in (*parents, *(end.fileno() for worker in others for end in worker.pipe)):
            os.close(end)
        nothing = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(nothing, standard)
        serve(os.fdopen(source, "rb"), os.fdopen(sink, "wb"))
        code = 0
    finally:
        os._exit(code)


def start_worker(start: bytes) -> Worker:
    """A new interpreter, told ``start`` first."""
    process = subprocess.Popen(  # noqa: S603 - our own module, our own interpreter
        [sys.executable, "-X", "utf8", "-m", "comity.cli.scan_worker", str(os.getpid())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,  # a message read ahead into a buffer would never be told by the selector
    )
    assert process.stdin is not None
    assert process.stdout is not None
    worker = Worker(process, process.stdin, process.stdout)  # type: ignore[arg-type]
    worker.send(start)
    return worker
