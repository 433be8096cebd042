"""Running rules over many files: one file to one process at a time, results in the order of the files.

A file is hostile until shown otherwise, so a process that dies of one takes only that file's result
with it. Results do not depend on how many processes there are, nor on which of them ran what.
"""

from __future__ import annotations

import gc
import os
import pickle
import selectors
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, TypeAlias

from comity.adapters.forking import can_fork
from comity.adapters.s3_input import is_object, size_of
from comity.cli.inputs import expect_logs
from comity.cli.scan_copies import COPIES, Copy
from comity.cli.scan_course import Course
from comity.cli.scan_file import scan_file as scan_file
from comity.cli.scan_frames import read_frame, write_frame
from comity.cli.scan_parts import (
    Digests,
    RunningDigest,
    Told,
    cut_task,
    join_parts,
    parts_of,
)
from comity.cli.scan_process import READ, Worker, fork_worker, start_worker
from comity.cli.scan_sent import Shorthand
from comity.cli.scan_task import Scanned as Scanned  # known by this module's name too
from comity.cli.scan_task import SealedAs as SealedAs
from comity.cli.scan_task import Task as Task
from comity.dossier.rerun import load_loops
from comity.errors import ComityError
from comity.findings.match import Scanner
from comity.findings.whole import whole_of

if TYPE_CHECKING:
    from comity.findings.pack import Pack


COLLECTED: Final = 1000
"""After so many files what they left is looked through for cycles."""

_Place: TypeAlias = "tuple[int, int | None]"
"""A file by its place among the tasks, and of one that is cut the number of a part."""

AHEAD: Final = 64
"""So many results wait at most for a file before them whose digest is awaited."""


def scan_files(
    tasks: Sequence[Task], pack: Pack, workers: int, course: Course | None = None
) -> Generator[Scanned, None, None]:
    """Results in the order of ``tasks``, each as soon as it and all before it are there. ``course`` is told
    how far it is and what is done, and knows what was done before."""
    _load_no_threads()
    collecting = gc.isenabled()
    gc.freeze()  # the rules stay until the end, and need not be looked through for cycles
    # Hardly anything that is made of files holds any either, and there is too much to be looked through.
    gc.disable()
    try:
        with closing(_scan_files(tasks, pack, workers, course or Course())) as results:
            for done, scanned in enumerate(results, 1):
                yield scanned
                if done % COLLECTED == 0:
                    gc.collect(0)
    finally:
        gc.freeze()
        gc.unfreeze()  # counted as old now, and not looked at before much else was made
        if collecting:
            gc.enable()


def _load_no_threads() -> None:
    """Where arrays are loaded, no threads for their linear algebra, which nobody asks for here: for some time
    they would wait for work without sleeping."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def _scan_files(
    tasks: Sequence[Task], pack: Pack, workers: int, course: Course
) -> Generator[Scanned, None, None]:
    units = [_units_of(at, task, pack, workers, course) for at, task in enumerate(tasks)]
    with tempfile.TemporaryDirectory(prefix="comity-") as folder:
        due = [place for place in _places(units) if not course.has(*place)]
        parted = any(len(parts) > 1 for parts in units)
        if workers <= 1 or len(due) <= 1:
            yield from _scan_here(tasks, units, pack, Path(folder), course)
            return
        copies = _copies_for(due, units, Path(folder))
        every = [_unit_of(units, place, copies.get(place)) for place in due]
        digests: Digests | None = None
        # Before the thread of the digests: a process with threads cannot be forked safely.
        team = _Team(every, pack, min(workers, len(every)), folder)
        try:
            digests = Digests() if parted else None
            waiting = {
                at: digests.of(
                    Path(tasks[at].path),
                    [part.span for part in parts if part.span is not None],
                    [copies.get((at, number)) for number in range(len(parts))],
                )
                for at, parts in enumerate(units)
                if digests is not None and len(parts) > 1
            }
            results = _scan_apart(every, team, _Hearing(course, due, copies))
            ahead = deque[Scanned]()

            def following() -> Scanned:
                return ahead.popleft() if ahead else next(results)

            scanner = cache(partial(Scanner, pack))
            with closing(results):
                for at, task in enumerate(tasks):
                    if at not in waiting:
                        yield course.load(at) or following()
                        continue
                    parts = [
                        course.load_part(at, number, part) or following()
                        for number, part in enumerate(units[at])
                    ]
                    # Who waited for the digest alone would hand out nothing meanwhile.
                    while len(ahead) < AHEAD and not waiting[at].done():
                        if (one := next(results, None)) is None:
                            break
                        ahead.append(one)
                    told, start_over = waiting[at].result, partial(course.start_over, at)
                    yield _join(task, pack, parts, told, scanner, Path(folder), start_over)
        finally:
            team.end()
            if digests is not None:
                digests.close()
            for copy in copies.values():
                copy.close()


def _copies_for(
    due: Sequence[_Place], units: Sequence[Sequence[Task]], folder: Path
) -> Mapping[_Place, Copy]:
    """Files for what is derived of parts of event logs, where forks will have them open too."""
    if not can_fork():
        return {}
    logs = ((at, number) for at, number in due if (span := units[at][number or 0].span) and span.log)
    with suppress(OSError):
        return {place: Copy(folder) for place in islice(logs, COPIES)}
    return {}


def _unit_of(units: Sequence[Sequence[Task]], place: _Place, copy: Copy | None) -> Task:
    at, number = place
    return replace(units[at][number or 0], copy=copy.handle if copy else None)


def _units_of(at: int, task: Task, pack: Pack, workers: int, course: Course) -> Sequence[Task]:
    """The parts of a file that are read each by itself: those of a run before, or new ones."""
    if course.has(at):
        return [task]
    if spans := course.spans(at):
        return parts_of(task, spans)
    parts = cut_task(task, pack, workers)
    if len(parts) > 1:
        course.cut(at, parts)
    return parts


def _places(units: Sequence[Sequence[Task]]) -> Iterator[_Place]:
    for at, parts in enumerate(units):
        yield from ((at, number if len(parts) > 1 else None) for number in range(len(parts)))


class _Hearing:
    """Tells a course of units by their files."""

    def __init__(self, course: Course, due: Sequence[_Place], copies: Mapping[_Place, Copy]) -> None:
        self._course = course
        self._due = due
        self._copies = copies
        self._read = [0] * len(due)
        self._totals = dict.fromkeys((at for at, _ in due), 0)

    def reach(self, place: int, read: int) -> None:
        at, _ = self._due[place]
        self._totals[at] += read - self._read[place]
        self._read[place] = read
        self._course.reach(at, self._totals[at])

    def give(self, place: int, scanned: Scanned) -> None:
        at, number = self._due[place]
        if scanned.task.span is not None:
            self.reach(place, scanned.task.span.end - scanned.task.span.begin)
        self._course.give(at, scanned, number)
        if copy := self._copies.get((at, number)):
            copy.made.set()


def _scan_here(
    tasks: Sequence[Task], units: Sequence[Sequence[Task]], pack: Pack, folder: Path, course: Course
) -> Generator[Scanned, None, None]:
    """In this process, one after the other."""
    scanner = _scanner_for(pack, sum(map(_size_of, tasks)))
    for at, task in enumerate(tasks):
        known = course.load(at)
        if known is None and len(units[at]) == 1:
            known = scan_file(task, pack, scanner, folder, partial(course.reach, at))
            course.give(at, known)
        yield known or _scan_in_turn(at, task, units[at], pack, scanner, folder, course)


def _scan_in_turn(
    at: int,
    task: Task,
    units: Sequence[Task],
    pack: Pack,
    scanner: Scanner,
    folder: Path,
    course: Course,
) -> Scanned:
    """The parts of a file one after the other; its digest is taken as they are read."""
    parts: list[Scanned] = []
    digest = RunningDigest(Path(task.path))
    read = 0
    for number, unit in enumerate(units):
        assert unit.span is not None
        part = course.load_part(at, number, unit)
        if part is not None:
            try:
                digest.read(unit.span)
            except ComityError as error:
                part = Scanned(task=unit, error=(error.code, error.where, error.why))
        else:

            def reach(done: int, ahead: int = read) -> None:
                course.reach(at, ahead + done)

            part = scan_file(unit, pack, scanner, folder, reach, digest)
            read += unit.span.end - unit.span.begin
            course.reach(at, read)
            course.give(at, part, number)
        parts.append(part)
        if part.error is not None or part.broken:
            break
    start_over = partial(course.start_over, at)
    return _join(task, pack, parts, lambda: digest.told, lambda: scanner, folder, start_over)


def _join(
    task: Task,
    pack: Pack,
    parts: Sequence[Scanned],
    told: Callable[[], Told],
    scanner: Callable[[], Scanner],
    folder: Path,
    start_over: Callable[[], bool],
) -> Scanned:
    """The result of a file from those of its parts."""
    failed = next((part.error for part in parts if part.error is not None), None)
    if failed is not None and (
        failed[0] in {"file.worker", "file.fault"} or (failed[0] == "file.changed" and not start_over())
    ):
        return Scanned(task=task, error=failed)
    if failed is not None or any(part.broken for part in parts):
        # What is wrong is told by the place in the whole file.
        return scan_file(task, pack, scanner(), folder)
    try:
        return join_parts(task, pack, parts, told())
    except ComityError as error:
        if start_over():
            return scan_file(task, pack, scanner(), folder)
        return Scanned(task=task, error=(error.code, error.where, error.why))


class _Team:
    """The processes at work on tasks: forks where that is safe as they start, new interpreters otherwise."""

    def __init__(self, tasks: Sequence[Task], pack: Pack, count: int, folder: str) -> None:
        self.share = sum(map(_size_of, tasks)) // count
        self.pack, self.folder = pack, folder
        self.short = Shorthand(pack)
        self._paths = [Path(task.path) for task in tasks]
        self.workers: list[Worker] = []
        forked = can_fork()
        if forked:
            load_loops(pack, {task.format for task in tasks}, self.share)
        try:
            for _ in range(count):
                self.workers.append(fork_worker(self._serve, self.workers) if forked else self._start())
        except BaseException:
            self.end()
            raise

    def _serve(self, source: BinaryIO, sink: BinaryIO) -> None:
        gc.freeze()  # what the parent made is never let go here: walking over it would only copy it
        expect_logs(self._paths)
        _serve(source, sink, self.pack, _scanner_for(self.pack, self.share), Path(self.folder), forked=True)

    def _start(self) -> Worker:
        return start_worker(pickle.dumps((self.pack, self.folder, self.share)))

    def replace(self, worker: Worker) -> Worker:
        """Another in place of one that died, by when this process may have threads."""
        self.drop(worker)
        self.workers.append(self._start())
        return self.workers[-1]

    def drop(self, worker: Worker) -> None:
        """End one that is needed no more."""
        worker.end()
        self.workers.remove(worker)

    def end(self) -> None:
        """End all."""
        for worker in self.workers:
            worker.end()
        self.workers.clear()


def _scan_apart(tasks: Sequence[Task], team: _Team, hearing: _Hearing) -> Generator[Scanned, None, None]:
    ready: dict[int, Scanned] = {}
    due = 0
    waiting = ((at, tasks[at]) for at in order_tasks(tasks, len(team.workers)))
    with selectors.DefaultSelector() as selector:

        def employ(worker: Worker, following: tuple[int, Task]) -> None:
            worker.give(*following)
            selector.register(worker.pipe[1], selectors.EVENT_READ, worker)

        try:
            for worker in tuple(team.workers):
                following = next(waiting, None)
                if following is not None:
                    employ(worker, following)
            while due < len(tasks):
                for key, _ in selector.select():
                    worker = key.data
                    at, told = worker.at, worker.take()
                    if isinstance(told, int):
                        hearing.reach(at, told)
                        continue
                    dead = told is None or worker.process.poll() is not None
                    done = worker.say_death(tasks[at]) if told is None else None
                    following = next(waiting, None)
                    if following is not None and not dead:
                        worker.give(*following)  # before anything else, so that it need not wait
                    else:
                        selector.unregister(worker.pipe[1])
                        if following is None:
                            team.drop(worker)
                        else:
                            employ(team.replace(worker), following)
                    ready[at] = done or team.short.read(told or b"")
                    hearing.give(at, ready[at])
                while due in ready:
                    yield ready.pop(due)
                    due += 1
        finally:
            team.end()


def _scanner_for(pack: Pack, size: int) -> Scanner:
    """A scanner for about so many bytes."""
    scanner = Scanner(pack)
    scanner.walked = size
    if pack.yara or pack.queries:
        from comity.adapters.forked_apart import find_apart

        whole_of(scanner).apart = find_apart
    for _, lookup in scanner.lists:
        lookup.tokens.expect(size)
    return scanner


def order_tasks(tasks: Sequence[Task], workers: int) -> Sequence[int]:
    """The places of tasks in the order in which they are handed out: what one process would still be at when
    all others are done goes first, the largest first, the rest as it comes."""
    sizes = [_size_of(task) for task in tasks]
    share = sum(sizes) / (4 * workers)
    large = sorted((at for at, size in enumerate(sizes) if size > share), key=lambda at: -sizes[at])
    ahead = set(large)
    return [*large, *(at for at in range(len(tasks)) if at not in ahead)]


def _size_of(task: Task) -> int:
    if task.span is not None:
        return task.span.end - task.span.begin
    path = Path(task.path)
    with suppress(ComityError, OSError):
        # A store would be asked once more for each object.
        return 0 if is_object(path) else size_of(path)
    return 0  # reading it will name what is wrong


def serve_scans() -> None:
    """The loop of a worker: a pack and a folder for scratch files first, then one file after another."""
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    start = read_frame(source)
    if start is None:
        return
    pack, folder, share = pickle.loads(start)  # noqa: S301 - from our own parent
    _serve(source, sink, pack, _scanner_for(pack, share), Path(folder))


def _serve(
    source: BinaryIO, sink: BinaryIO, pack: Pack, scanner: Scanner, folder: Path, *, forked: bool = False
) -> None:
    short = Shorthand(pack)
    gc.disable()  # as in the process that asks for it
    done = 0
    while (raw := read_frame(source)) is not None:
        task = pickle.loads(raw)  # noqa: S301
        if not forked:
            task = replace(task, copy=None)
        write_frame(sink, short.write(scan_file(task, pack, scanner, folder, _teller(sink))))
        done += 1
        if done % COLLECTED == 0:
            gc.collect(0)


def _teller(sink: BinaryIO) -> Callable[[int], None]:
    """Says how many bytes are read, a few times a second."""
    said = time.monotonic()

    def tell(read: int) -> None:
        nonlocal said
        now = time.monotonic()
        if now - said > 0.25:
            said = now
            write_frame(sink, READ + read.to_bytes(8))

    return tell
