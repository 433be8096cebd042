"""Work done by a Dask cluster (extra ``dask``): its scheduler is reached by address, its workers are there.

The cluster is the operator's own: workers run what this process hands them, and need this version of
Comity. Results stream back in the order of the tasks, a bounded number ahead, so that neither side holds all.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from comity.errors import Unavailable

SECONDS: Final = 20
"""How long the scheduler may take to answer at first."""


class DaskPlaces:
    """The workers of the cluster whose scheduler is at ``address`` (``tcp://host:8786``)."""

    def __init__(self, address: str) -> None:
        self._address = address

    def each(
        self, work: Callable[[bytes, bytes], bytes], start: bytes, tasks: Sequence[bytes]
    ) -> Iterator[bytes | Unavailable]:
        """See :class:`comity.exchange.ports.Places`."""
        try:
            import distributed
        except ImportError:
            why = "a Dask cluster needs more: pip install 'comity[dask]'"
            raise Unavailable("extra.dask", "dask", why) from None
        try:
            client: Any = distributed.Client(self._address, timeout=SECONDS, set_as_default=False)  # type: ignore[no-untyped-call]
        except (OSError, ValueError, TimeoutError) as error:
            why = f"no Dask scheduler answers: {type(error).__name__}"
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
        import distributed

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
            with client.as_current():
                finished = distributed.wait(list(running), return_when="FIRST_COMPLETED").done  # type: ignore[no-untyped-call]
            for future in finished:
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
