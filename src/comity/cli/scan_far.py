"""Running rules over files somewhere else: the same work as here, done at a cluster's workers.

A worker reads the file itself, so a task names what it can reach: a path on a disk that all share, or an
object of a store. Results are those of this machine: they depend on nothing but the rules, the bytes and the
engine, and a worker with another engine does nothing and says so.
"""

from __future__ import annotations

import hashlib
import json
import pickle
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from comity.adapters.mapped import pickle_whole
from comity.adapters.s3_input import is_object
from comity.cli.scan import Scanned, Task, scan_file
from comity.cli.scan_engine import engine_here, tell_difference
from comity.errors import Unavailable
from comity.findings.match import Scanner

if TYPE_CHECKING:
    from comity.exchange.ports import Places
    from comity.findings.pack import Pack

_ready: Final[dict[bytes, tuple[Pack, Scanner]]] = {}
_turn: Final = threading.Lock()
_DONE: Final = b"+"
_OTHER: Final = b"-"
"""What a worker's answer begins with: a result follows, or its engine, which is another."""


def open_places(text: str) -> Places:
    """The cluster that ``dask:ADDRESS`` or ``spark:MASTER`` names."""
    kind, _, address = text.partition(":")
    if kind == "dask" and address:
        from comity.adapters.scan_dask import DaskPlaces

        return DaskPlaces(address)
    if kind == "spark" and address:
        from comity.adapters.scan_spark import SparkPlaces

        return SparkPlaces(address)
    raise click.UsageError(f"{text!r} is neither dask:ADDRESS (dask:tcp://host:8786) nor spark:MASTER")


def scan_there(start: bytes, raw: bytes) -> bytes:
    """What a worker does: one task, with the rules made ready at the first and kept for the next. ``start``
    is the engine that is wanted, as JSON on a line, and the rules behind it."""
    wanted, _, rules = start.partition(b"\n")
    # Rules of another engine are not even read: what they are made of may not be here.
    if json.loads(wanted) != engine_here():
        return _OTHER + json.dumps(engine_here()).encode()
    key = hashlib.sha256(start).digest()
    task = pickle.loads(raw)  # noqa: S301 - from the operator's own command, as all code here is
    # A scanner remembers what it read, and serves one thread; a worker may have several.
    with _turn, tempfile.TemporaryDirectory(prefix="comity-") as folder:
        if key not in _ready:
            _ready.clear()  # one pack at a time
            pack = pickle.loads(rules)  # noqa: S301
            _ready[key] = pack, Scanner(pack)
        pack, scanner = _ready[key]
        return _DONE + pickle.dumps(scan_file(task, pack, scanner, Path(folder)))


def scan_far(tasks: Sequence[Task], pack: Pack, places: Places) -> Iterator[Scanned]:
    """Results in the order of ``tasks``, as :func:`comity.cli.scan.scan_files` gives them. ``Unavailable``
    (``scan.engine``) where a worker has another engine than this machine."""
    # A worker has another folder of its own.
    reached = [
        task if is_object(Path(task.path)) else replace(task, path=str(Path(task.path).absolute()))
        for task in tasks
    ]
    start = json.dumps(engine_here()).encode() + b"\n" + pickle_whole(pack)
    results = places.each(scan_there, start, [pickle.dumps(task) for task in reached])
    with closing(results):
        yield from _read(tasks, results)


def _read(tasks: Sequence[Task], results: Iterable[bytes | Unavailable]) -> Iterator[Scanned]:
    for task, result in zip(tasks, results, strict=True):
        if isinstance(result, Unavailable):
            yield Scanned(task=task, error=(result.code, task.shown, result.why))
        elif not result.startswith(_DONE):
            why = f"a worker has another engine: {tell_difference(engine_here(), json.loads(result[1:]))}"
            raise Unavailable("scan.engine", task.shown, why)
        else:
            found = pickle.loads(result[1:])  # noqa: S301 - from a worker of the operator's own cluster
            assert isinstance(found, Scanned)
            yield replace(found, task=task)
