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
from comity.cli.scan_frames import read_frame, write_frame
from comity.cli.scan_parts import Digests, Span, chunks_of, cut_task, join_parts
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
) -> Scanned:
    """Run the pack over one file; an error of the file is a result, not an exception. ``progress`` is told
    how many bytes are read."""
    collecting = gc.isenabled()
    # Rows and fields hold no cycles, and there are too many of them to be looked through for any.
    gc.disable()
    try:
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
    if task.span is not None:
        return _scan_part(task, task.span, pack, scanner, progress)
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
    task: Task, span: Span, pack: Pack, scanner: Scanner, progress: Callable[[int], None] | None
) -> Scanned:
    """A part of a large file: its matches under the numbers that its rows have in the part."""
    form = task.format
    assert form is not None
    chunks = chunks_of(Path(task.path), span, progress)
    hashed = _Hashed(chunks) if span.state is None else None
    ahead = [] if span.header is None else [span.header + b"\n"]
    reading = Reading()
    info = ItemInfo(ref="", format=form, logsource=dict(task.parameters.logsource))
    batches = read_batches(form, chain(ahead, hashed or chunks), task.shown)
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
    tasks: Sequence[Task], pack: Pack, workers: int, told: Callable[[int, int], None] | None = None
) -> Generator[Scanned, None, None]:
    """Results in the order of ``tasks``, each as soon as it and all before it are there. ``told`` hears of
    each task, by its place, how many bytes are read."""
    units = [cut_task(task, pack, workers) if workers > 1 else [task] for task in tasks]
    if any(len(parts) > 1 for parts in units):
        yield from _scan_parts(tasks, units, pack, workers, told)
        return
    with tempfile.TemporaryDirectory(prefix="comity-") as folder:
        if workers <= 1 or len(tasks) <= 1:
            scanner = _scanner_for(pack, sum(map(_size_of, tasks)))
            for at, task in enumerate(tasks):
                progress = partial(told, at) if told is not None else None
                yield scan_file(task, pack, scanner, Path(folder), progress)
        else:
            yield from _scan_apart(tasks, _Team(tasks, pack, min(workers, len(tasks)), folder), told)


def _scan_parts(
    tasks: Sequence[Task],
    units: Sequence[Sequence[Task]],
    pack: Pack,
    workers: int,
    told: Callable[[int, int], None] | None,
) -> Generator[Scanned, None, None]:
    owners = [at for at, parts in enumerate(units) for _ in parts]
    every = [part for parts in units for part in parts]
    read = [0] * len(every)

    totals = [0] * len(tasks)

    def hear(place: int, done: int) -> None:
        owner = owners[place]
        totals[owner] += done - read[place]
        read[place] = done
        if told is not None:
            told(owner, totals[owner])

    with tempfile.TemporaryDirectory(prefix="comity-") as folder:
        # Before the thread of the digests: a process with threads cannot be forked safely.
        team = _Team(every, pack, min(workers, len(every)), folder)
        digests: Digests | None = None
        try:
            digests = Digests()
            waiting = {
                at: digests.of(Path(task.path), [part.span for part in units[at] if part.span is not None])
                for at, task in enumerate(tasks)
                if len(units[at]) > 1
            }
            results = _scan_apart(every, team, hear)
            for at, task in enumerate(tasks):
                parts = [next(results) for _ in units[at]]
                if at not in waiting:
                    yield parts[0]
                    continue
                failed = next((part.error for part in parts if part.error is not None), None)
                if failed is not None and failed[0] == "file.worker":
                    yield Scanned(task=task, error=failed)
                    continue
                if failed is not None or any(part.broken for part in parts):
                    # What is wrong is told by the place in the whole file.
                    yield scan_file(task, pack, Scanner(pack), Path(folder))
                    continue
                try:
                    yield join_parts(task, pack, parts, waiting[at].result())
                except ComityError as error:
                    yield Scanned(task=task, error=(error.code, error.where, error.why))
        finally:
            team.end()
            if digests is not None:
                digests.close()


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


def _scan_apart(
    tasks: Sequence[Task], team: _Team, told: Callable[[int, int], None] | None
) -> Generator[Scanned, None, None]:
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
                        if told is not None:
                            told(worker.at, done)
                        continue
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
