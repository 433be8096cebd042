"""Being told to stop: by ^C, by ``kill`` (SIGTERM), or by a terminal that is closed (SIGHUP), alike."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from comity.adapters.forking import TOLD


class Terminated(KeyboardInterrupt):
    """SIGTERM: this process is to end."""

    number: Final = int(signal.SIGTERM)


class HungUp(KeyboardInterrupt):
    """SIGHUP: the terminal is gone."""

    number: Final = int(signal.SIGHUP)


class Signals:
    """The signals that a block is told of."""

    def __init__(self) -> None:
        self._before: dict[int, object] = {}

    def hear(self) -> None:
        """From now on they raise, but those that somebody has had ignored (``nohup``)."""
        if threading.current_thread() is not threading.main_thread():
            return
        for number in TOLD:
            before = signal.getsignal(number)
            if before in (signal.SIG_DFL, signal.default_int_handler):
                self._before[number] = before
                signal.signal(number, _stop)

    def ignore(self) -> None:
        """What is left to be done takes no time, and another signal must not stop that."""
        for number in self._before:
            signal.signal(number, signal.SIG_IGN)

    def restore(self) -> None:
        """Be as before."""
        for number, before in self._before.items():
            signal.signal(number, before)  # type: ignore[arg-type]


@contextmanager
def told_of_signals() -> Iterator[Signals]:
    """Within the block, SIGTERM and SIGHUP raise as ^C does: a ``KeyboardInterrupt`` with the ``number`` of
    the signal."""
    signals = Signals()
    signals.hear()
    try:
        yield signals
    finally:
        signals.restore()


def _stop(number: int, _frame: FrameType | None) -> None:
    if number == signal.SIGTERM:
        raise Terminated
    if number == HungUp.number:
        raise HungUp
    raise KeyboardInterrupt
