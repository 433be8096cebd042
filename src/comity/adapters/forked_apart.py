"""Work in a fork of this process, held to processor time and memory by the system (Linux)."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Final

from comity.adapters.forking import TOLD, can_fork, quiet_fork
from comity.adapters.process_control import end_with_parent
from comity.findings.apart import Apart, StoppedError

_NO_MEMORY: Final = 77
_PAGE: Final = resource.getpagesize()


def find_apart() -> Apart | None:
    """A way to run work apart, where a fork is safe."""
    return run_forked if can_fork() else None


def run_forked(work: Callable[[], bytes], memory: int, seconds: int) -> bytes:
    """See :data:`comity.findings.apart.Apart`."""
    reading, writing = os.pipe()
    parent = os.getpid()
    # They stay blocked in the child: who waits for it ends it.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, TOLD)
    try:
        pid = quiet_fork()
    except OSError:
        os.close(reading)
        os.close(writing)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        raise StoppedError("died") from None
    if pid == 0:
        _live(work, memory, seconds, writing, parent)
    try:
        os.close(writing)
        with os.fdopen(reading, "rb") as source:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            told = source.read()
    except BaseException:
        os.kill(pid, signal.SIGKILL)
        raise
    finally:
        _, status, used = os.wait4(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if code == 0:
        return told
    # What ran out of time and would not end is killed too; but so is what the system has no memory for.
    if code == -signal.SIGXCPU or (code == -signal.SIGKILL and used.ru_utime + used.ru_stime >= seconds):
        raise StoppedError("time")
    # Code that is not Python's ends its process where it is given no memory.
    raise StoppedError("memory" if code == _NO_MEMORY or (memory and code == -signal.SIGABRT) else "died")


def _live(work: Callable[[], bytes], memory: int, seconds: int, writing: int, parent: int) -> None:
    """The whole life of the child."""
    code = 1
    try:
        end_with_parent(parent)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        _limit(resource.RLIMIT_CPU, seconds, seconds + 1)
        if memory:
            held = int(Path("/proc/self/statm").read_bytes().split()[0]) * _PAGE
            _limit(resource.RLIMIT_AS, held + memory, held + memory)
        told = work()
        with os.fdopen(writing, "wb") as sink:
            sink.write(told)
        code = 0
    except MemoryError:
        code = _NO_MEMORY
    finally:
        os._exit(code)


def _limit(kind: int, soft: int, hard: int) -> None:
    _, most = resource.getrlimit(kind)
    if most != resource.RLIM_INFINITY:
        soft, hard = min(soft, most), min(hard, most)
    resource.setrlimit(kind, (soft, hard))
