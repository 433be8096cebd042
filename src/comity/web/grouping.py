"""Group commit: whoever asks meanwhile shares the next write (``spec/08-ledger.md`` §7, §8).

Requests check their own envelope, queue it, and wait; one thread takes all that wait, registers them in one
batch, and answers each once its leaf is durable and published. Nothing waits for company: a lone request is
a batch of one.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from comity.errors import ComityError, Unavailable
from comity.exchange.appending import Entry, Registered, read_entry, register_entries
from comity.exchange.node import Node

LIMIT = 2048
"""How many entries wait at most."""

SHARE = 512
"""How many entries of one author wait at most."""

UNPROVEN = 64
"""How many entries wait at most whose signature could not be checked yet: anybody can send such."""

BATCH = 512
"""How many entries are registered together at most."""

_Waiting = tuple[Entry, "Future[Registered]"]


class GroupCommit:
    """A queue in front of one node's ledger, for threads and event loops."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._guard = threading.Lock()
        self._queue: deque[_Waiting] = deque()
        self._shares: Counter[str] = Counter()
        self._draining = False
        self._closed = False
        self._worker = ThreadPoolExecutor(1, "comity entries")

    def submit(self, raw: bytes) -> Future[Registered]:
        """Queue an envelope; the future gives its place once it is durable and published, or the error.

        Raises at once what is wrong with the envelope itself, as ``read_entry`` says, and ``Unavailable``
        (``entry.queue``) where too much waits: nothing was kept then, and it may be sent again. Checks a
        signature, and waits for no disk and no lock that is held for longer than that.
        """
        entry = read_entry(self._node, raw)
        answer: Future[Registered] = Future()
        with self._guard:
            self._require_room(entry)
            self._shares[_lane(entry)] += 1
            self._queue.append((entry, answer))
            if not self._draining:
                self._draining = True
                self._worker.submit(self._drain)
        return answer

    def register(self, raw: bytes) -> Registered:
        """As ``submit``, and wait; for threads."""
        return self.submit(raw).result()

    def close(self) -> None:
        """Take nothing more, and return when all that waited has been answered."""
        with self._guard:
            self._closed = True
        self._worker.shutdown()

    def _require_room(self, entry: Entry) -> None:
        lane = _lane(entry)
        if self._closed:
            raise Unavailable("entry.closed", "entry", "this node is stopping")
        if len(self._queue) >= LIMIT or self._shares[lane] >= (SHARE if lane else UNPROVEN):
            raise Unavailable("entry.queue", "entry", "too many entries wait here; send it again later")

    def _drain(self) -> None:
        while True:
            with self._guard:
                batch = [self._queue.popleft() for _ in range(min(BATCH, len(self._queue)))]
                if not batch:
                    self._draining = False
                    return
                for entry, _ in batch:
                    self._shares[_lane(entry)] -= 1
                self._shares = +self._shares
            # Whoever went away before its turn asks for nothing any more; from here on nobody can.
            self._commit([waiting for waiting in batch if waiting[1].set_running_or_notify_cancel()])

    def _commit(self, batch: Sequence[_Waiting]) -> None:
        try:
            outcomes = register_entries(self._node, [entry for entry, _ in batch])
        except ComityError as error:
            for _, answer in batch:
                answer.set_exception(type(error)(error.code, error.where, error.why))
        except BaseException as error:
            # A fault of ours must not leave anybody waiting for ever.
            for _, answer in batch:
                answer.set_exception(error)
        else:
            for (_, answer), outcome in zip(batch, outcomes, strict=True):
                if isinstance(outcome, Registered):
                    answer.set_result(outcome)
                else:
                    answer.set_exception(outcome)


def _lane(entry: Entry) -> str:
    return entry.signed.id if entry.signed else ""
