"""Work in a fork, held to processor time and memory."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Literal

import pytest

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


def test_what_is_done_is_given() -> None:
    """All of it, however long, and nothing of the child stays."""
    assert run_forked(lambda: b"x" * (1 << 20), 0, 5) == b"x" * (1 << 20)
    assert find_apart() in (run_forked, None)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@pytest.mark.parametrize(("work", "why"), [(endless, "time"), (greedy, "memory"), (torn, "died")])
def test_what_is_stopped_is_told(work: Callable[[], bytes], why: Literal["time", "memory", "died"]) -> None:
    """Time of the processor, memory, and an engine that ends its process."""
    with pytest.raises(StoppedError) as stopped:
        run_forked(work, 256 << 20, 1)
    assert stopped.value.why == why
