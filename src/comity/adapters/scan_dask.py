"""Work done by a Dask cluster (extra ``dask``): its scheduler is reached by address, its workers are there.

The cluster is the operator's own: workers run what this process hands them, and need this version of
Comity. Results stream back in the order of the tasks, a bounded number ahead, so that neither side holds all.
"""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from comity.errors import Unavailable

SECONDS: Final = 20
"""How long the scheduler may take to answer at first."""
GREETING: Final = 5
"""Seconds in which it must take up a connection, and greet."""
LOOK: Final = 2
"""Every so many seconds it is looked whether anybody is at work, and"""
LOST: Final = 30
"""so long may nobody be: workers are started again by whoever minds them."""
_LONGEST: Final = 1 << 24
"""A greeting has fewer bytes."""


class DaskPlaces:
    """The workers of the cluster whose scheduler is at ``address`` (``tcp://host:8786``)."""

    def __init__(self, address: str) -> None:
        self._address = address

    def each(
        self, work: Callable[[bytes, bytes], bytes], start: bytes, tasks: Sequence[bytes]
    ) -> Generator[bytes | Unavailable, None, None]:
        """See :class:`comity.exchange.ports.Places`."""
        try:
            import distributed
        except ImportError:
            why = "a Dask cluster needs more: pip install '.[dask]' in a copy of the source"
            raise Unavailable("extra.dask", "dask", why) from None
        _require_greeting(self._address)
        try:
            client: Any = distributed.Client(self._address, timeout=SECONDS, set_as_default=False)  # type: ignore[no-untyped-call]
        except (OSError, ValueError, TypeError, TimeoutError) as error:
            why = f"no Dask scheduler answers: {str(error) or type(error).__name__}"
            raise Unavailable("scan.cluster", self._address, why) from None
        try:
            workers = sum(client.nthreads().values())
            if not workers:
                raise Unavailable("scan.cluster", self._address, "the Dask scheduler has no workers")
            yield from self._results(client, work, start, tasks, workers)
        finally:
            client.close()

    def _results(
        self,
        client: Any,
        work: Callable[[bytes, bytes], bytes],
        start: bytes,
        tasks: Sequence[bytes],
        ahead: int,
    ) -> Iterator[bytes | Unavailable]:
        # A task itself, which the scheduler has done again where the workers that held its result are gone.
        given = client.submit(bytes, start, pure=False)
        waiting = deque(range(len(tasks)))
        running: dict[Any, int] = {}
        suspects: deque[int] = deque()
        ready: dict[int, bytes | Unavailable] = {}
        due = 0
        while due < len(tasks):
            # A worker that dies takes with it what ran beside: whose fault it was shows alone.
            alone = bool(suspects)
            source, room = (suspects, 1) if alone else (waiting, ahead)
            while source and len(running) < room:
                number = source.popleft()
                running[client.submit(work, given, tasks[number], pure=False)] = number
            for future in self._wait(client, list(running)):
                number = running.pop(future)
                result = self._result(future)
                if result is not None:
                    ready[number] = result
                elif alone and not running:
                    ready[number] = Unavailable("file.worker", self._address, "the worker that did it died")
                else:
                    suspects.append(number)
            while due in ready:
                yield ready.pop(due)
                due += 1

    def _wait(self, client: Any, running: list[Any]) -> Iterable[Any]:
        """Those of them that are done, one at least; ``Unavailable`` where nobody is left to do any."""
        import distributed

        idle = 0
        while True:
            with client.as_current():
                try:
                    return distributed.wait(running, timeout=LOOK, return_when="FIRST_COMPLETED").done  # type: ignore[no-untyped-call, no-any-return]
                except TimeoutError:
                    idle = 0 if client.nthreads() else idle + LOOK
            if idle >= LOST:
                why = f"all its workers are gone, for {LOST} seconds"
                raise Unavailable("scan.cluster", self._address, why)

    def _result(self, future: Any) -> bytes | Unavailable | None:
        """What came of a task; ``None`` where its worker died."""
        import distributed

        try:
            found: bytes = future.result()
        except distributed.KilledWorker:
            return None
        except (distributed.CancelledError, OSError) as error:
            why = f"the cluster stops: {type(error).__name__}"
            raise Unavailable("scan.cluster", self._address, why) from None
        except Exception as error:  # what the work raised, there
            return Unavailable("file.worker", self._address, f"it failed there: {type(error).__name__}")
        return found


def _require_greeting(address: str) -> None:
    """``Unavailable`` where nobody is at a plain address, or somebody else than a scheduler, which greets
    first: a client that does not know it waits for minutes, or takes what it hears for a length."""
    split = urlsplit(address if "://" in address else f"tcp://{address}")
    if split.scheme != "tcp":
        return
    try:
        host, port = split.hostname, split.port
    except ValueError:
        host = port = None
    if not host or not port:
        raise Unavailable("scan.cluster", address, "no host and port of a scheduler (tcp://host:8786)")
    try:
        with socket.create_connection((host, port), timeout=GREETING) as connection:
            heard = connection.recv(8, socket.MSG_WAITALL)
    except TimeoutError:
        heard = b""
    except OSError as error:
        why = f"no Dask scheduler answers: {error.strerror or error}"
        raise Unavailable("scan.cluster", address, why) from None
    if len(heard) < 8 or int.from_bytes(heard, "little") > _LONGEST:
        why = "what answers is no Dask scheduler (a dashboard? it listens on 8786 by default)"
        raise Unavailable("scan.cluster", address, why)
