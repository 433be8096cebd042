"""Children that parse hostile input, as the one who wants it parsed sees them.

A child holds no path, no settings and no keys: the file is its standard input, what it makes of it leaves by
its standard output, and before the first byte it gives up memory, processor time, files, processes and core
dumps. It shares this machine's network; nothing here hands it an address.

On Linux it is a fork of a *preparing process* (:mod:`comity.adapters.preparing_child`), started once and
asked for one child after the other, because to start an interpreter takes longer than to read most files.
Elsewhere each child is an interpreter of its own.
"""

from __future__ import annotations

import atexit
import io
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO, Final, Protocol, TypeAlias

from comity.adapters.limited_child import ENDED, NOT_MADE, ORDER, WORKS, Work, module_of

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

Span: TypeAlias = tuple[int, int]
"""Where a part of a file begins and ends."""
ALL: Final[Span] = (0, 0)

Stopped: TypeAlias = Callable[[], bool]
"""Whether what a child makes is wanted no more."""

SILENT_SECONDS: Final = 1800
"""A child that gives nothing for so long, and does not end, never will."""

RATIO: Final = 256
"""A file may unfold to so many times its length, and 16 MiB. Logs reach a tenth of that; bombs need more."""

_SAID_BYTES: Final = 1 << 20
_SLOW: Final = 5
_LOOK: Final = 0.25
"""Seconds between two looks whether somebody still waits."""
_SLOW_START: Final = 60
_PYTHON: Final = (sys.executable, "-I", "-X", "utf8")
_PREPARING: Final = ("-m", "comity.adapters.preparing_child")
_NO_END: Final = "it did not end for {:g} seconds"
_ENVIRONMENT: Final = {"RUST_BACKTRACE": "0"}


class _Process(Protocol):
    """What is asked of a child, however it was made."""

    def wait(self, seconds: float) -> int:
        """Its exit code, or the negative number of the signal that ended it; or ``TimeoutError``."""

    def end(self) -> None:
        """See to it that it has ended."""


class Child(io.RawIOBase):
    """A child at work, to read what it makes. Reading and waiting raise ``TimeoutError`` where it gives
    nothing and does not end, and reading soon after ``stopped`` says so, which another thread may make it."""

    def __init__(
        self, process: _Process, out: int, said: int, silent_seconds: float, stopped: Stopped
    ) -> None:
        self._process = process
        self._out = out
        self._said = said
        self._silent = silent_seconds
        self._stopped = stopped
        self._poll = select.poll()
        self._poll.register(out, select.POLLIN)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        self._await()
        return os.readv(self._out, [buffer])

    def take(self, most: int) -> bytes:
        """What is there, once something is; nothing at the end."""
        self._await()
        return os.read(self._out, most)

    def _await(self) -> None:
        until = time.monotonic() + self._silent
        while not self._stopped():
            left = until - time.monotonic()
            if self._poll.poll(max(0.0, min(left, _LOOK)) * 1000):
                return
            if left <= 0:
                raise TimeoutError(f"it gave nothing for {self._silent:g} seconds")
        raise TimeoutError("nobody waits for it any more")

    def wait(self) -> int:
        """Its exit code, or the negative number of the signal that ended it."""
        return self._process.wait(self._silent)

    def said(self) -> list[str]:
        """The lines of its standard error, once it has ended."""
        return os.pread(self._said, _SAID_BYTES, 0).decode("utf-8", "backslashreplace").splitlines()


def most_of(size: int) -> int:
    """The most bytes that ``size`` bytes may unfold to."""
    return RATIO * size + (1 << 24)


def tell_end(code: int, lines: Sequence[str]) -> str:
    """How a child ended that did not end well, and the last line it said."""
    last = f": {lines[-1][:300]}" if lines else ""
    if code >= 0:
        return f"it ended with {code}{last}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    why = "it ran out of its processor time" if name == "SIGXCPU" else f"it died of {name}"
    return f"{why}{last}"


def place_in(where: str, place: str) -> str:
    """A place that a child told of, in the file that it was given."""
    return ", ".join(filter(None, (where, place)))


@contextmanager
def limited_child(
    work: Work,
    source: BinaryIO,
    memory_bytes: int,
    cpu_seconds: int,
    silent_seconds: float = SILENT_SECONDS,
    span: Span = ALL,
    stopped: Stopped = lambda: False,
) -> Iterator[Child]:
    """A child that does ``work`` on the open file ``source``, from where its descriptor stands; or on a part
    of it; as long as it is not ``stopped``. Whatever the child is at, it has ended when the block is left."""
    out, sink = os.pipe()
    try:
        with _open_aside() as said:
            try:
                handed = (source.fileno(), sink, said.fileno())
                process = _make_child(handed, work, memory_bytes, cpu_seconds, span)
            finally:
                os.close(sink)
            try:
                yield Child(process, out, said.fileno(), silent_seconds, stopped)
            finally:
                process.end()
    finally:
        os.close(out)


def _open_aside() -> BinaryIO:
    if hasattr(os, "memfd_create"):
        with suppress(OSError):  # a system may forbid it
            return os.fdopen(os.memfd_create("said"), "w+b", 0)
    return tempfile.TemporaryFile(buffering=0)


def _make_child(
    handed: Sequence[int], work: Work, memory_bytes: int, cpu_seconds: int, span: Span
) -> _Process:
    preparer = preparers.ask(work, (memory_bytes, cpu_seconds, *span), handed)
    return preparer or _Interpreter(handed, work, (memory_bytes, cpu_seconds, *span))


class _Interpreter:
    """A child that is an interpreter of its own."""

    def __init__(self, handed: Sequence[int], work: Work, more: Sequence[int]) -> None:
        source, sink, said = handed
        self._process = subprocess.Popen(  # noqa: S603 - our own module, our own interpreter
            [*_PYTHON, "-m", module_of(work), work, *map(str, more), str(os.getpid())],
            stdin=source,
            stdout=sink,
            stderr=said,
            cwd="/",
            env=_ENVIRONMENT,
        )

    def wait(self, seconds: float) -> int:
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise TimeoutError(_NO_END.format(seconds)) from None

    def end(self) -> None:
        self._process.kill()
        self._process.wait()


class Preparer:
    """A preparing process with the child that it was asked for last; ``first`` is what that will do first."""

    def __init__(self, first: Work) -> None:
        # Slow to import, and wanted only where something is parsed.
        import socket

        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603
                [*_PYTHON, *_PREPARING, str(WORKS.index(first))],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env=_ENVIRONMENT,
                start_new_session=True,  # ^C is not for it, and all below it can be ended together
            )
        self.pid: Final = self._process.pid
        self.ready = False
        self._busy = False

    def ask(self, order: bytes, handed: Sequence[int]) -> None:
        """Have a child made that holds these three descriptors; ``ConnectionError`` where this process is
        gone, or never came to be."""
        from socket import send_fds

        self._control.settimeout(_SLOW_START)
        if not self.ready:
            self._hear()
            self.ready = True
        send_fds(self._control, [order], handed)
        self._hear()
        self._busy = True

    def _hear(self) -> int:
        """What it tells next."""
        told = self._control.recv(ENDED.size)
        if len(told) != ENDED.size:
            raise ConnectionAbortedError
        code: int
        (code,) = ENDED.unpack(told)
        return code

    def wait(self, seconds: float) -> int:
        """How the child ended. Where the preparing process was ended, the child was, with it."""
        self._control.settimeout(seconds)
        try:
            code = self._hear()
        except ConnectionError:
            return -signal.SIGKILL
        except TimeoutError:
            raise TimeoutError(_NO_END.format(seconds)) from None
        self._busy = False
        if code >= NOT_MADE:
            raise OSError(code - NOT_MADE, os.strerror(code - NOT_MADE))
        return code

    def end(self) -> None:
        """Nothing more is wanted of the child: if it has ended, another may be asked for."""
        if self._busy:
            self.close()
        else:
            preparers.give(self)

    def close(self) -> None:
        """End this process and whatever is below it."""
        self._control.close()
        # It ends even what has left its group; if it cannot, the group is ended. That goes by its number,
        # which is nobody else's for as long as nobody has asked how it ended.
        if self._process.returncode is None:
            with suppress(OSError):
                ended = select.poll()
                watched = os.pidfd_open(self.pid)
                try:
                    ended.register(watched, select.POLLIN)
                    ended.poll(_SLOW * 1000)
                finally:
                    os.close(watched)
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    def forget(self) -> None:
        """It is the parent's of this process, which is a fork, and none of ours."""
        self._control.close()
        self._process.returncode = 0


class _Preparers:
    """The preparing processes that have no child just now: one, unless several threads ask."""

    def __init__(self) -> None:
        self._idle: list[Preparer] = []
        self._possible = sys.platform == "linux" and hasattr(os, "pidfd_open")
        self._begun = False

    def expect(self, work: Work) -> None:
        """Begin to have one, as it will soon be asked for this."""
        if self._possible and not self._idle:
            self.give(self._take(work))

    def ask(self, work: Work, more: Sequence[int], handed: Sequence[int]) -> Preparer | None:
        """One that was asked for a child; None where this system can have none."""
        order = ORDER.pack(WORKS.index(work), *more)
        while self._possible:
            preparer = self._take(work)
            try:
                fresh = not preparer.ready
                preparer.ask(order, handed)
            except ConnectionError:
                # Somebody ended it since: then there is another. If it never was, there cannot be any.
                self._possible = preparer.ready
                preparer.close()
                if fresh and self._possible:
                    raise
            except BaseException:
                preparer.close()
                raise
            else:
                return preparer
        return None

    def _take(self, work: Work) -> Preparer:
        with suppress(IndexError):
            return self._idle.pop()
        if not self._begun:
            self._begun = True
            atexit.register(self.close)
            os.register_at_fork(after_in_child=self._forget)
        return Preparer(work)

    def give(self, preparer: Preparer) -> None:
        """This one has no child any more."""
        self._idle.append(preparer)

    def close(self) -> None:
        """End them."""
        while self._idle:
            self._idle.pop().close()

    def _forget(self) -> None:
        while self._idle:
            self._idle.pop().forget()


preparers: Final = _Preparers()
