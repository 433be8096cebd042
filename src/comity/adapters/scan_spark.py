"""Work done by Spark, where logs already live with it (pyspark, in an environment of its own).

One ``mapInArrow`` over a table of tasks, one task to a partition, gives a table of results. A job that fails
is run again task by task, so that a task that kills its worker costs itself alone.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any, Final

from comity.errors import Unavailable

SLICE: Final = 256
"""How many tasks one job holds."""
_SCHEMA: Final = "at long, result binary"


class SparkPlaces:
    """The workers of a Spark master (``spark://host:7077``, ``local-cluster[2,1,1024]``, ``yarn``).

    ``settings`` are Spark's own. Workers take this interpreter's path, and import Comity from where it is.
    """

    def __init__(self, master: str, settings: Sequence[tuple[str, str]] = ()) -> None:
        self._master = master
        self._settings = tuple(settings)

    def each(
        self, work: Callable[[bytes, bytes], bytes], start: bytes, tasks: Sequence[bytes]
    ) -> Generator[bytes | Unavailable, None, None]:
        """See :class:`comity.exchange.ports.Places`."""
        session = self._open()
        try:
            given = session.sparkContext.broadcast(start)
            for first in range(0, len(tasks), SLICE):
                yield from self._slice(session, work, given, tasks[first : first + SLICE])
        finally:
            session.stop()

    def _open(self) -> Any:
        try:
            from pyspark.sql import SparkSession
        except ImportError:
            why = "Spark needs Java and more: pip install '.[spark]' in a copy of the source"
            raise Unavailable("extra.spark", "spark", why) from None
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        builder = SparkSession.builder.master(self._master).appName("comity")
        path = os.pathsep.join(each for each in sys.path if each)
        builder = builder.config("spark.executorEnv.PYTHONPATH", path)
        for name, value in self._settings:
            builder = builder.config(name, value)
        try:
            return builder.getOrCreate()
        except Exception as error:  # Java's, through py4j, of many kinds
            told = (str(error).strip().splitlines() or [""])[0][:300]
            why = f"no Spark there: {told or type(error).__name__}"
            raise Unavailable("scan.cluster", self._master, why) from None

    def _slice(
        self, session: Any, work: Callable[[bytes, bytes], bytes], given: Any, tasks: Sequence[bytes]
    ) -> Iterator[bytes | Unavailable]:
        try:
            yield from self._job(session, work, given, tasks)
            return
        except _failures():
            if len(tasks) == 1:
                why = "it failed there, at each of Spark's tries"
                yield Unavailable("file.worker", self._master, why)
                return
        for task in tasks:
            yield from self._slice(session, work, given, [task])

    def _job(
        self, session: Any, work: Callable[[bytes, bytes], bytes], given: Any, tasks: Sequence[bytes]
    ) -> list[bytes]:
        numbered = [(at, bytearray(task)) for at, task in enumerate(tasks)]
        # Through an RDD, for a partition of its own for each task.
        table = session.sparkContext.parallelize(numbered, len(numbered)).toDF("at long, task binary")

        def run(batches: Iterator[Any]) -> Iterator[Any]:
            import pyarrow

            for batch in batches:
                for row in batch.to_pylist():
                    result = work(given.value, row["task"])
                    yield pyarrow.RecordBatch.from_pydict(
                        {
                            "at": pyarrow.array([row["at"]], pyarrow.int64()),
                            "result": pyarrow.array([result], pyarrow.binary()),
                        }
                    )

        rows = table.mapInArrow(run, _SCHEMA).collect()
        return [bytes(row["result"]) for row in sorted(rows, key=lambda row: row["at"])]


def _failures() -> tuple[type[Exception], ...]:
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    return (Py4JError, PySparkException)
