"""Work in a fork, held to processor time and memory."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest

from comity.adapters import forked_apart
from comity.adapters.forked_apart import find_apart, run_forked
from comity.findings.apart import StoppedError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks of Linux")


def endless() -> bytes:
    while True:
        pass


def greedy() -> bytes:
    return bytes(1 << 30)


def torn() -> bytes:
    os.kill(os.getpid(), signal.SIGSEGV)
    return b""


def killed() -> bytes:
    """As the system does where memory runs short."""
    os.kill(os.getpid(), signal.SIGKILL)
    return b""


def test_what_is_done_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it, however long, and nothing of the child stays."""
    children: list[int] = []
    fork = os.fork

    def counted() -> int:
        children.append(fork())
        return children[-1]

    monkeypatch.setattr(os, "fork", counted)
    assert run_forked(lambda: b"x" * (1 << 20), 0, 5) == b"x" * (1 << 20)
    (child,) = children
    with pytest.raises(ChildProcessError):
        os.waitpid(child, os.WNOHANG)


def test_beside_another_thread_nothing_is_asked_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    assert find_apart() is run_forked
    monkeypatch.setattr(threading, "active_count", lambda: 2)
    assert find_apart() is None


def test_a_signal_just_after_the_fork_runs_nothing_of_the_parents(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the parent does at its end is the parent's to do: the child does not hear of it."""

    def fork() -> int:
        pid = os.fork()
        if pid == 0:
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGTERM)
        return pid

    monkeypatch.setattr(forked_apart, "quiet_fork", fork)
    assert run_forked(lambda: b"done", 0, 5) == b"done"
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == set()


def test_where_the_system_gives_no_process_the_engine_dies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing stays open, and signals are heard again."""

    def refuse() -> int:
        raise BlockingIOError

    monkeypatch.setattr(forked_apart, "quiet_fork", refuse)
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(StoppedError) as stopped:
        run_forked(bytes, 0, 5)
    assert stopped.value.why == "died"
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == set()


@pytest.mark.parametrize(
    ("work", "why"), [(endless, "time"), (greedy, "memory"), (torn, "died"), (killed, "died")]
)
def test_what_is_stopped_is_told(work: Callable[[], bytes], why: Literal["time", "memory", "died"]) -> None:
    """Time of the processor, memory, and an engine that ends its process."""
    with pytest.raises(StoppedError) as stopped:
        run_forked(work, 256 << 20, 1)
    assert stopped.value.why == why
