"""SHA-256 of a file on a second thread, beside what else is done with its bytes.

``hashlib`` lets other threads run while it hashes, and so do the compiled loops of ``ledger.native``: with
both, the digest of the whole file costs no time of its own where a second processor is free.
"""

from __future__ import annotations

from hashlib import sha256
from queue import Queue
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import _Hash as HASH

_AHEAD = 8
"""How many chunks may wait: what this holds in memory at most."""


class SideDigest:
    """What ``hashlib.sha256()`` gives, hashed elsewhere. Ends with :meth:`hexdigest` or :meth:`stop`."""

    def __init__(self) -> None:
        self._queue: Queue[bytes | None] = Queue(_AHEAD)
        self._digest = sha256()
        self._thread = Thread(target=self._run, name="digest", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while (data := self._queue.get()) is not None:
            self._digest.update(data)
            self._queue.task_done()

    def update(self, data: bytes, /) -> None:
        """Take more bytes, in order."""
        self._queue.put(data)

    def copy(self) -> HASH:
        """A digest of all that was taken so far; waits for it."""
        if self._thread.is_alive():
            self._queue.join()
        return self._digest.copy()

    def hexdigest(self) -> str:
        """SHA-256 of all that was taken; waits for it. Nothing may be added afterwards."""
        self.stop()
        return self._digest.hexdigest()

    def stop(self) -> None:
        """End the thread, whatever came of the file."""
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()
