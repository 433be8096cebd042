"""Time and chance, from the operating system."""

from __future__ import annotations

import os
import pwd
import threading
import time
from contextlib import AbstractContextManager


class System:
    """``exchange.ports.Effects`` on this machine's clock and random source."""

    def exclusive(self) -> AbstractContextManager[object]:
        return threading.RLock()

    def now(self) -> int:
        return int(time.time())

    def operator(self) -> str:
        """Whoever runs this process, as the machine knows them: the account, or its number."""
        try:
            return pwd.getpwuid(os.getuid()).pw_name
        except KeyError:
            return f"uid {os.getuid()}"

    def random(self, count: int) -> bytes:
        return os.urandom(count)
