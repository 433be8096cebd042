"""Forks of this process: when they are safe, and making one."""

from __future__ import annotations

import os
import signal
import sys
import threading
import warnings
from typing import Final

TOLD: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What tells a process to stop. Whoever forks blocks these first: between the fork and the child's own
handlers one of them would run in the child what the parent does at its end."""


def can_fork() -> bool:
    """Whether a fork is safe: a lock that another thread holds would be held in the child for ever, and on
    other systems than Linux what the libraries of the system keep does not survive it."""
    return sys.platform == "linux" and threading.active_count() == 1


def quiet_fork() -> int:
    """``os.fork`` without a warning of idle threads of numeric libraries, which mind forks (Python 3.12)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()
