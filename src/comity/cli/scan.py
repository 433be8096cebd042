"""Running rules over many files: one file to one process at a time, results in the order of the files.

A file is hostile until shown otherwise, so a process that dies of one takes only that file's result
with it. Results do not depend on how many processes there are, nor on which of them ran what.
"""

from __future__ import annotations

import gc
import hashlib
import os
import pickle
import re
import selectors
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from comity.adapters.s3_input import is_object, size_of
from comity.cli.inputs import LEVELS, FileChunks, LogChunks, look_at, unpack_members
from comity.cli.scan_course import Course
from comity.cli.scan_frames import read_frame, write_frame
from comity.cli.scan_parts import (
    Digests,
    RunningDigest,
    Span,
    Told,
    chunks_of,
    cut_task,
    join_parts,
    parts_of,
)
from comity.cli.scan_process import Worker, can_fork, fork_worker, start_worker
from comity.cli.scan_reasons import Because, explain_hits, find_lapsed
from comity.cli.scan_task import Scanned as Scanned  # known by this module's name too
from comity.cli.scan_task import SealedAs as SealedAs
from comity.cli.scan_task import Task as Task
from comity.dossier.rerun import Reading, load_loops, run_item
from comity.errors import ComityError, Malformed, NotVerified
from comity.evidence.bulk import read_batches
from comity.evidence.detecting import Detected
from comity.evidence.formats import NAMED_ALIKE, ROWS_OF, Container, FormatName
from comity.findings.finding import make_finding
from comity.findings.match import ItemResult, Scanner
from comity.findings.rows import ItemInfo
from comity.findings.whole import asks_whole
from comity.findings.yara import LENGTH

if TYPE_CHECKING:
    from comity.evidence.seal import Metadata
    from comity.findings.pack import Pack


class _Hashed:
    """A file's chunks, with the digest and length of what was read of it."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self.digest = hashlib.sha256()
        self._last = b""

    def ends_a_line(self) -> bool:
        """Whether what was read ends in a line feed."""
        return self._last.endswith(b"\n")

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self.digest.update(chunk)
            self._last = chunk[-1:] or self._last
            yield chunk


def scan_file(
    task: Task,
    pack: Pack,
    scanner: Scanner,
    folder: Path,
    progress: Callable[[int], None] | None = None,
    digest: RunningDigest | None = None,
) -> Scanned:
    """Run the pack over one file; an error of the file is a result, not an exception. ``progress`` is told
    how many bytes are read, and ``digest`` takes them if it is a part."""
    collecting = gc.isenabled()
    # Rows and fields hold no cycles, and there are too many of them to be looked through for any.
    gc.disable()
    try:
        if task.span is not None:
            return _scan_part(task, task.span, pack, scanner, progress, digest)
        return _scan(task, pack, scanner, folder, progress)
    except ComityError as error:
        return Scanned(task=task, error=(error.code, error.where, error.why))
    except (MemoryError, RecursionError) as error:
        why = f"reading it took too much: {type(error).__name__}"
        return Scanned(task=task, error=("file.worker", task.shown, why))
    finally:
        if collecting:
            gc.enable()


def _scan(
    task: Task,
    pack: Pack,
    scanner: Scanner,
    folder: Path,
    progress: Callable[[int], None] | None,
    depth: int = 0,
    *,
    derived_only: bool = False,
) -> Scanned:
    path, form = Path(task.path), task.format
    problems: tuple[str, ...] = ()
    broken = 0
    derived: Path | None = None
    log: LogChunks | None = None
    doubt, before = "", 0
    if task.sealed is not None:
        metadata = _check_sealed(task.sealed, path, task.shown)
        form, broken = metadata.format, metadata.declared.broken
        if metadata.declared.parser.endswith("(table)"):
            before, broken = broken, 0
    elif form != "opaque/1":
        found = look_at(path, _name_of(task.shown))
        told = found.unpack == "table" and form is not None
        if found.unpack is not None and found.unpack not in ROWS_OF and not told:
            return _scan_inside(task, found, pack, scanner, folder, progress, depth)
        if form is not None:
            pass  # somebody said what it is
        elif (found.derive or found.unpack) and asks_whole(pack) and not derived_only:
            return _scan_inside(task, found, pack, scanner, folder, progress, depth)
        elif found.unpack is not None:
            form = ROWS_OF[found.unpack]
            (member,) = unpack_members(path, found.unpack, folder, progress, task.shown)
            derived = member.path
        elif found.derive:
            form = found.derive
            # Then its lines are read once more.
            if task.why or task.only is not None or pack.notes.periods:
                derived = folder / f"{os.getpid()}-{os.urandom(6).hex()}.jsonl"
            log = LogChunks(path, progress, derived)
        else:
            form, doubt = found.format, found.doubt
            if form == "opaque/1" and not asks_whole(pack):
                raise Malformed("file.opaque", task.shown, found.why)
    assert form is not None
    if form == "opaque/1" and size_of(path) > LENGTH:
        raise Malformed("file.size", task.shown, f"longer than the {LENGTH} bytes that rules read whole")
    try:
        hashed = _Hashed(log or FileChunks(derived or path, progress))
        reading = Reading()
        info = ItemInfo(ref="", format=form, logsource=dict(task.parameters.logsource))
        batches = read_batches(form, hashed, task.shown)
        ended = hashed.ends_a_line
        result = run_item(scanner, pack, info, form, batches, task.parameters, reading, ended)
        if log is not None:
            problems, broken = log.derivation.problems, log.derivation.broken
        reasons: tuple[Because, ...] = ()
        where = derived or path
        lapsed = find_lapsed(pack, form, where, result.matches, task.parameters)
        if task.why or task.only is not None:
            reasons = explain_hits(
                pack, form, where, result.matches, task.parameters, first=task.why, only=task.only
            )
    finally:
        if log is not None:
            log.close()
        if derived is not None:
            derived.unlink(missing_ok=True)
    digest = hashed.digest.hexdigest()
    ref = f"file:sha256:{digest}"
    if task.sealed is not None:
        ref = str(task.sealed.ref)
        if digest != metadata.sha256:
            raise NotVerified("item.root", task.shown, "it changed while it was read")
    finding = make_finding(pack.rule_digests, pack.digest, ref, task.parameters, result.matches)
    return Scanned(
        task=task,
        format=form,
        rows=reading.rows,
        finding=finding,
        counts=result.counts,
        not_asked=result.not_asked,
        unparsed=reading.unparsed,
        alike=reading.alike,
        doubt=doubt,
        before=before,
        refused=result.refused,
        untimed=max(result.undated.values(), default=0),
        undated=reading.undated,
        outside=reading.outside,
        problems=problems,
        broken=broken,
        reasons=reasons,
        untold=_matched(result),
        lapsed=lapsed,
    )


def _scan_part(
    task: Task,
    span: Span,
    pack: Pack,
    scanner: Scanner,
    progress: Callable[[int], None] | None,
    digest: RunningDigest | None,
) -> Scanned:
    """A part of a large file: its matches under the numbers that its rows have in the part."""
    form = task.format
    assert form is not None
    chunks = chunks_of(Path(task.path), span, progress)
    hashed = _Hashed(chunks) if span.state is None else None
    ahead = [] if span.header is None else [span.header + b"\n"]
    reading = Reading()
    info = ItemInfo(ref="", format=form, logsource=dict(task.parameters.logsource))
    source: Iterable[bytes] = hashed or chunks
    if digest is not None:
        source = digest.through(source, span)
    batches = read_batches(form, chain(ahead, source), task.shown)
    with closing(chunks):
        result = run_item(scanner, pack, info, form, batches, task.parameters, reading)
    return Scanned(
        task=task,
        format=form,
        rows=reading.rows - len(ahead),
        counts=result.counts,
        unparsed=reading.unparsed,
        alike=reading.alike,
        undated=reading.undated,
        outside=reading.outside,
        hits=tuple((rule, row - len(ahead)) for rule, row in result.matches),
        digest=hashed.digest.hexdigest() if hashed else "",
        broken=chunks.derivation.broken if isinstance(chunks, LogChunks) else 0,
        untold=_matched(result),
    )


def _matched(result: ItemResult) -> tuple[str, ...]:
    return tuple(sorted(digest for digest in result.untold if result.counts.get(digest)))


def _name_of(shown: str) -> str:
    """The last name of ``outer!inner/name``, which tells of delimited text what it is."""
    return re.split(r"[/!]", shown)[-1]


def _scan_inside(
    task: Task,
    found: Detected,
    pack: Pack,
    scanner: Scanner,
    folder: Path,
    progress: Callable[[int], None] | None,
    depth: int,
) -> Scanned:
    """A file as it is, where rules ask whole files, and what is inside of it or derived from it. A file
    inside of a container goes by its own name (``outer!inner``) and has its own rows. What cannot be read
    costs its own result alone."""
    outer: Scanned | None = None
    if asks_whole(pack):
        try:
            outer = _scan(replace(task, format="opaque/1"), pack, scanner, folder, progress)
        except Malformed as error:
            outer = Scanned(task=task, error=(error.code, error.where, error.why))
    members: Sequence[Scanned]
    try:
        if found.derive or found.unpack in ROWS_OF:
            members = [_scan(task, pack, scanner, folder, progress, depth, derived_only=True)]
        else:
            assert found.unpack is not None
            members = _scan_members(task, found, found.unpack, pack, scanner, folder, progress, depth)
            if not members and outer is None:
                raise Malformed("unpack.empty", task.shown, "it holds no file")
    except ComityError as error:
        if outer is None:
            raise
        members = [Scanned(task=task, error=(error.code, error.where, error.why))]
    return replace(outer or Scanned(task=task), members=tuple(members))


def _scan_members(
    task: Task,
    found: Detected,
    kind: Container,
    pack: Pack,
    scanner: Scanner,
    folder: Path,
    progress: Callable[[int], None] | None,
    depth: int,
) -> Sequence[Scanned]:
    if depth == LEVELS:
        raise Malformed("unpack.depth", task.shown, f"containers are opened {LEVELS} deep")
    scanned = []
    for member in unpack_members(Path(task.path), kind, folder, progress, task.shown):
        # A container of one file names it by its own name without the ending.
        own = _name_of(task.shown)
        name = member.name or (own if kind in NAMED_ALIKE else own.rpartition(".")[0])
        form: FormatName | None = "csv/1" if kind == "table" else task.format
        inner = replace(task, path=str(member.path), shown=f"{task.shown}!{name}", format=form)
        try:
            each = _scan(inner, pack, scanner, folder, None, depth + 1)
            scanned.append(replace(each, before=found.before + each.before))
        except ComityError as error:
            where = error.where.replace(inner.path, inner.shown)
            scanned.append(Scanned(task=inner, error=(error.code, where, error.why)))
        finally:
            member.path.unlink(missing_ok=True)
    return scanned


def _check_sealed(sealed: SealedAs, path: Path, shown: str) -> Metadata:
    from comity.evidence.disclose import WholeKey, check_whole

    whole = WholeKey(size=sealed.ref.size, root=sealed.ref.root, key=sealed.key, metadata=sealed.metadata)
    try:
        return check_whole(whole, FileChunks(path), sealed.ref, shown)
    except NotVerified as error:
        raise NotVerified(error.code, shown, "this file is no longer what was sealed") from None


def scan_files(
    tasks: Sequence[Task], pack: Pack, workers: int, course: Course | None = None
) -> Generator[Scanned, None, None]:
    """Results in the order of ``tasks``, each as soon as it and all before it are there. ``course`` is told
    how far it is and what is done, and knows what was done before."""
    course = course or Course()
    units = [_units_of(at, task, pack, workers, course) for at, task in enumerate(tasks)]
    with tempfile.TemporaryDirectory(prefix="comity-") as folder:
        due = [place for place in _places(units) if not course.has(*place)]
        parted = any(len(parts) > 1 for parts in units)
        if workers <= 1 or len(due) <= 1:
            yield from _scan_here(tasks, units, pack, Path(folder), course)
            return
        every = [units[at][number or 0] for at, number in due]
        # Before the thread of the digests: a process with threads cannot be forked safely.
        team = _Team(every, pack, min(workers, len(every)), folder)
        digests: Digests | None = None
        try:
            digests = Digests() if parted else None
            waiting = {
                at: digests.of(Path(tasks[at].path), [part.span for part in parts if part.span is not None])
                for at, parts in enumerate(units)
                if digests is not None and len(parts) > 1
            }
            results = _scan_apart(every, team, _Hearing(course, due))
            with closing(results):
                for at, task in enumerate(tasks):
                    if at not in waiting:
                        yield course.load(at) or next(results)
                        continue
                    parts = [
                        course.load_part(at, number, part) or next(results)
                        for number, part in enumerate(units[at])
                    ]
                    told = waiting[at].result
                    yield _join(task, pack, parts, told, Path(folder), partial(course.start_over, at))
        finally:
            team.end()
            if digests is not None:
                digests.close()


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


def _places(units: Sequence[Sequence[Task]]) -> Iterator[tuple[int, int | None]]:
    for at, parts in enumerate(units):
        yield from ((at, number if len(parts) > 1 else None) for number in range(len(parts)))


class _Hearing:
    """Tells a course of units by their files."""

    def __init__(self, course: Course, due: Sequence[tuple[int, int | None]]) -> None:
        self._course = course
        self._due = due
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
    return _join(task, pack, parts, lambda: digest.told, folder, partial(course.start_over, at))


def _join(
    task: Task,
    pack: Pack,
    parts: Sequence[Scanned],
    told: Callable[[], Told],
    folder: Path,
    start_over: Callable[[], bool],
) -> Scanned:
    """The result of a file from those of its parts."""
    failed = next((part.error for part in parts if part.error is not None), None)
    if failed is not None and failed[0] == "file.worker":
        return Scanned(task=task, error=failed)
    if failed is not None or any(part.broken for part in parts):
        # What is wrong is told by the place in the whole file.
        return scan_file(task, pack, Scanner(pack), folder)
    try:
        return join_parts(task, pack, parts, told())
    except ComityError as error:
        if start_over():
            return scan_file(task, pack, Scanner(pack), folder)
        return Scanned(task=task, error=(error.code, error.where, error.why))


class _Team:
    """The processes at work on tasks: forks where that is safe as they start, new interpreters otherwise."""

    def __init__(self, tasks: Sequence[Task], pack: Pack, count: int, folder: str) -> None:
        self.share = sum(map(_size_of, tasks)) // count
        self.pack, self.folder = pack, folder
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
        _serve(source, sink, self.pack, _scanner_for(self.pack, self.share), Path(self.folder))

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
                    done = worker.take(tasks[worker.at])
                    if isinstance(done, int):
                        hearing.reach(worker.at, done)
                        continue
                    hearing.give(worker.at, done)
                    ready[worker.at] = done
                    dead = worker.process.poll() is not None
                    following = next(waiting, None)
                    if following is not None and not dead:
                        worker.give(*following)
                        continue
                    selector.unregister(worker.pipe[1])
                    if following is None:
                        team.drop(worker)
                    else:
                        employ(team.replace(worker), following)
                while due in ready:
                    yield ready.pop(due)
                    due += 1
        finally:
            team.end()


def _scanner_for(pack: Pack, size: int) -> Scanner:
    """A scanner for about so many bytes."""
    scanner = Scanner(pack)
    scanner.walked = size
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


def _serve(source: BinaryIO, sink: BinaryIO, pack: Pack, scanner: Scanner, folder: Path) -> None:
    while (raw := read_frame(source)) is not None:
        task = pickle.loads(raw)  # noqa: S301
        write_frame(sink, pickle.dumps(scan_file(task, pack, scanner, folder, _teller(sink))))


def _teller(sink: BinaryIO) -> Callable[[int], None]:
    """Says how many bytes are read, a few times a second."""
    said = time.monotonic()

    def tell(read: int) -> None:
        nonlocal said
        now = time.monotonic()
        if now - said > 0.25:
            said = now
            write_frame(sink, pickle.dumps(read))

    return tell
