"""Group commit: whoever asks meanwhile shares the next write (``spec/08-ledger.md`` §7, §8).

What comes is read and its signature checked, by the thread that brings it or, for an event loop, by a reader
that takes many at a time and keeps their order; then it waits. One thread takes all that wait, registers them
in one batch, and answers each once its leaf is durable and published. It waits, briefly, for what has come
and is being read, never for what may come: a lone request is a batch of one.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

from comity.errors import ComityError, Unavailable
from comity.exchange.appending import Entry, Registered, read_entries, read_entry, register_entries
from comity.exchange.node import Node
from comity.records.ed25519_native import load_loop

LIMIT = 2048
"""How many entries wait at most."""

SHARE = 512
"""How many entries of one author wait at most."""

UNPROVEN = 64
"""How many entries wait at most whose signature could not be checked yet: anybody can send such."""

BATCH = 512
"""How many entries are registered together at most."""

UNREAD = 1024
"""How many envelopes wait at most to be read."""

PATIENCE = 0.02
"""How long a batch waits at most for what is being read, in seconds."""

ENOUGH = 128
"""A batch of so many waits for nothing."""

SLICE = 128
"""How many envelopes are read together at most."""

CROWD = 32
"""Where so many come together, it is worth compiling the loop that checks them together."""


class Answer(Protocol):
    """Where an outcome goes: a ``Future``, or what does as one.

    ``set_running_or_notify_cancel`` is asked once, when its turn comes, whether it is still wanted; then one
    of the other two is called, by any thread.
    """

    def set_running_or_notify_cancel(self) -> bool: ...

    def set_result(self, result: Registered) -> None: ...

    def set_exception(self, exception: BaseException) -> None: ...


_Waiting = tuple[Entry, Answer]


class GroupCommit:
    """A queue in front of one node's ledger, for threads and event loops."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._guard = threading.Lock()
        self._all_read = threading.Condition(self._guard)
        self._queue: deque[_Waiting] = deque()
        self._shares: Counter[str] = Counter()
        self._unread: deque[tuple[bytes, Answer]] = deque()
        self._reading = False
        self._compiling = False
        self._draining = False
        self._closed = False
        self._ended = False
        self._reader = ThreadPoolExecutor(1, "comity reader")
        self._worker = ThreadPoolExecutor(1, "comity entries")

    def submit(self, raw: bytes) -> Future[Registered]:
        """Queue an envelope; the future gives its place once it is durable and published, or the error.

        Raises at once what is wrong with the envelope itself, as ``read_entry`` says, and ``Unavailable``
        (``entry.queue``) where too much waits: nothing was kept then, and it may be sent again. Checks a
        signature, and waits for no disk and no lock that is held for longer than that.
        """
        if self._closed:
            raise _stopping()
        entry = read_entry(self._node, raw)
        answer: Future[Registered] = Future()
        with self._guard:
            self._queue_up(entry, answer)
        return answer

    def hand_over(self, raw: bytes, answer: Answer) -> None:
        """As ``submit``, for an event loop: reads nothing here, and says through ``answer`` what is wrong.

        Only ``Unavailable`` is raised here, where this node stops or too much waits to be read.
        """
        with self._guard:
            if self._closed:
                raise _stopping()
            if len(self._unread) >= UNREAD:
                raise _too_much()
            self._unread.append((raw, answer))
            if not self._reading:
                self._reading = True
                self._reader.submit(self._read_all)

    def register(self, raw: bytes) -> Registered:
        """As ``submit``, and wait; for threads."""
        return self.submit(raw).result()

    def close(self) -> None:
        """Take nothing more, and return when all that waited has been answered."""
        with self._guard:
            self._closed = True
        self._reader.shutdown()
        with self._guard:
            self._ended = True
        self._worker.shutdown()

    def _read_all(self) -> None:
        while True:
            with self._guard:
                taken = [self._unread.popleft() for _ in range(min(SLICE, len(self._unread)))]
                if not taken:
                    self._reading = False
                    self._all_read.notify()
                    return
                if len(taken) >= CROWD and not self._compiling:
                    self._compiling = True
                    # Nobody waits for it: until it is there, signatures are checked one by one.
                    threading.Thread(target=load_loop, name="comity compiles", daemon=True).start()
            read = self._read([raw for raw, _ in taken])
            for answer, why in self._queue_all(zip(read, [answer for _, answer in taken], strict=True)):
                answer.set_exception(why)

    def _read(self, raws: Sequence[bytes]) -> Sequence[Entry | BaseException]:
        try:
            return read_entries(self._node, raws)
        except BaseException as error:
            # A fault of ours leaves nobody waiting for ever, and reaches nobody but whose envelope it met.
            return [error] if len(raws) == 1 else [one for raw in raws for one in self._read([raw])]

    def _queue_all(
        self, read: Iterable[tuple[Entry | BaseException, Answer]]
    ) -> list[tuple[Answer, BaseException]]:
        """Queue what was read; gives back what is refused, whom to tell and why."""
        refused: list[tuple[Answer, BaseException]] = []
        with self._guard:
            for entry, answer in read:
                if isinstance(entry, BaseException):
                    refused.append((answer, entry))
                    continue
                try:
                    self._queue_up(entry, answer)
                except ComityError as error:
                    refused.append((answer, error))
            self._all_read.notify()
        return refused

    def _queue_up(self, entry: Entry, answer: Answer) -> None:
        self._require_room(entry)
        self._shares[_lane(entry)] += 1
        self._queue.append((entry, answer))
        if not self._draining:
            self._draining = True
            self._worker.submit(self._drain)

    def _require_room(self, entry: Entry) -> None:
        lane = _lane(entry)
        if self._ended:
            raise _stopping()
        if len(self._queue) >= LIMIT or self._shares[lane] >= (SHARE if lane else UNPROVEN):
            raise _too_much()

    def _drain(self) -> None:
        while True:
            with self._guard:
                # What has come and is being read goes along: a batch costs much, one entry more little.
                self._all_read.wait_for(lambda: not self._reading or len(self._queue) >= ENOUGH, PATIENCE)
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


def _stopping() -> Unavailable:
    return Unavailable("entry.closed", "entry", "this node is stopping")


def _too_much() -> Unavailable:
    return Unavailable("entry.queue", "entry", "too many entries wait here; send it again later")


def _lane(entry: Entry) -> str:
    return entry.signed.id if entry.signed else ""
