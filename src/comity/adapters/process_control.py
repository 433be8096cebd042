"""What Linux lets a process say of itself (``prctl``), and ending with one's parent elsewhere."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from typing import Final

# From <linux/prctl.h>.
_DIE_WITH_PARENT: Final = 1
_DUMPABLE: Final = 4
_ADOPT: Final = 36
_NO_NEW_PRIVILEGES: Final = 38

_LOOK: Final = 0.25

_system: Final = ctypes.CDLL(None, use_errno=True)


def end_with_parent(parent: int) -> None:
    """End this process, by whatever it is at, as soon as the thread that forked it has ended; at once, where
    ``parent`` is its parent no more."""
    _control(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def follow_parent(parent: int) -> None:
    """As :func:`end_with_parent`, of a process that is no fork, on any system: where nothing else tells that
    the ``parent`` has ended, a thread looks."""
    try:
        end_with_parent(parent)
    except (OSError, AttributeError):
        import threading

        threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK)
    os._exit(1)


def close_off() -> None:
    """From now on other processes of the same user cannot look into this one, or into its forks; no program
    that it runs gains privileges; and what its children leave running becomes its own."""
    _control(_NO_NEW_PRIVILEGES, 1)
    _control(_DUMPABLE, 0)
    _control(_ADOPT, 1)


def _control(what: int, value: int) -> None:
    """``OSError`` where the system refuses, ``AttributeError`` where it is another."""
    if _system.prctl(what, value, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
