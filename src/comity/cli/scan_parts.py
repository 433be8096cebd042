"""One large file read by several processes: byte ranges that begin and end with rows.

An event log is cut between its chunks, and each part is derived by itself; if anything in one could not be
read, the whole is read by one process instead, as what is lost is told of the whole.

A part is read as a file of its own, behind the header row that holds where it begins; then its rows get the
numbers that they have in the whole. Nothing that looks at many rows together may be asked of parts. The
digest of the whole is computed here meanwhile, with those of the parts, so that none can be of another file.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Final

from comity.adapters.file_state import FileState, has_rested, state_of
from comity.adapters.s3_input import is_object, size_of
from comity.cli.inputs import LogChunks, PartChunks, look_at, open_file
from comity.cli.scan_copies import Copy
from comity.cli.scan_reasons import Because, explain_hits, find_lapsed
from comity.cli.scan_task import Scanned, Span, Task, ref_of
from comity.errors import ComityError, Unavailable
from comity.evidence.evtx import CHUNK_BYTES, HEADER_BYTES, survey_log
from comity.evidence.formats import FormatName
from comity.evidence.rows import MARKED, is_header
from comity.findings.finding import make_finding
from comity.findings.whole import whole_rules_of

if TYPE_CHECKING:
    from concurrent.futures import Future

    from comity.findings.pack import Pack

PART: Final = 16 << 20
"""So many bytes a part has at most, about."""
LEAST: Final = 8 << 20
"""And at least: a file of less than two of these is read by one process."""
ALONE: Final = 16 << 20
"""So many has each part of a file that one process reads."""
TURNS: Final = 4
"""So many parts of a file fall to each process, so that none waits long for the last one."""

LINES: Final[frozenset[FormatName]] = frozenset({"lines/1", "jsonl/1", "evtx-jsonl/1", *MARKED})
"""The formats whose rows are lines. Those of ``csv/1`` are where the file holds no quote at all: a break
inside of a quoted field is not told from a row's end by what stands near it."""


_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The digest of a file; and those of its ``parts``, or the ``state`` that it was in before. Where parts
    were read once for both, ``seen`` is the state before that in any case."""

    whole: str
    parts: tuple[str, ...] = ()
    state: FileState | None = None
    seen: FileState | None = None

    def is_of(self, path: Path, parts: Sequence[Scanned]) -> bool:
        """Whether the parts that were read meanwhile are of this file."""
        if self.seen is not None and state_of(path) != self.seen:
            return False
        if self.state is not None:
            return state_of(path) == self.state
        return self.parts == tuple(part.digest for part in parts)


def chunks_of(
    path: Path,
    span: Span,
    progress: Callable[[int], None] | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> PartChunks | LogChunks:
    """The bytes of a part, or its derived lines."""
    if span.log:
        return LogChunks(path, progress, span=(span.begin, span.end), stopped=stopped, seen=span.seen)
    return PartChunks(path, span.begin, span.end, progress, span.seen)


class Digests:
    """SHA-256 of files on a thread of its own, one file after the other; and of their parts, where the file
    system would not show that a file was changed meanwhile."""

    def __init__(self) -> None:
        from concurrent.futures import ThreadPoolExecutor

        self._pool = ThreadPoolExecutor(1, "digest")
        self._stop = Event()
        self._copies: list[Copy] = []

    def of(self, path: Path, spans: Sequence[Span], copies: Sequence[Copy | None]) -> Future[Told]:
        """The digest of a file, and what shows that its parts are of it; of parts that have a copy, from
        that."""
        self._copies += filter(None, copies)
        seen = state_of(path) if any(copies) else None
        return self._pool.submit(self._read, path, spans, copies, seen)

    def _read(
        self,
        path: Path,
        spans: Sequence[Span],
        copies: Sequence[Copy | None],
        seen: FileState | None = None,
    ) -> Told:
        whole, parts, state = hashlib.sha256(), [], spans[0].state
        for span, copy in zip(spans, copies, strict=True):
            part = hashlib.sha256() if state is None else None
            with closing(self._chunks(path, span, copy)) as chunks:
                for chunk in chunks:
                    if self._stop.is_set():
                        return Told(whole="")
                    whole.update(chunk)
                    if part is not None:
                        part.update(chunk)
            if part is not None:
                parts.append(part.hexdigest())
        return Told(whole=whole.hexdigest(), parts=tuple(parts), state=state, seen=seen)

    def _chunks(self, path: Path, span: Span, copy: Copy | None) -> Generator[bytes, None, None]:
        if copy is not None:
            copy.made.wait()
            if not self._stop.is_set() and copy.is_whole():
                yield from copy.chunks()
                return
        with closing(chunks_of(path, span, stopped=self._stop.is_set)) as chunks:
            yield from chunks

    def close(self) -> None:
        """Stop, whatever is not done."""
        self._stop.set()
        for copy in self._copies:
            copy.made.set()
        self._pool.shutdown(cancel_futures=True)


class RunningDigest:
    """What :class:`Digests` tells, of a file whose parts this process reads in their order anyway."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._whole = hashlib.sha256()
        self._parts: list[str] = []
        self._state: FileState | None = None

    def through(self, chunks: Iterable[bytes], span: Span) -> Iterator[bytes]:
        """The same chunks, those of the next part."""
        self._state = span.state
        part = hashlib.sha256() if span.state is None else None
        for chunk in chunks:
            self._whole.update(chunk)
            if part is not None:
                part.update(chunk)
            yield chunk
        if part is not None:
            self._parts.append(part.hexdigest())

    @property
    def last(self) -> str:
        """The digest of the part that was read last; nothing where parts need none."""
        return self._parts[-1] if self._parts else ""

    def read(self, span: Span) -> None:
        """Read the next part for its bytes alone."""
        with closing(chunks_of(self._path, span)) as chunks:
            for _ in self.through(chunks, span):
                pass

    @property
    def told(self) -> Told:
        """The digest, once all parts are read."""
        return Told(whole=self._whole.hexdigest(), parts=tuple(self._parts), state=self._state)


def cut_task(task: Task, pack: Pack, workers: int = 2) -> list[Task]:
    """The parts of a file for so many processes, if it is large, its rows are lines, and no rule needs all of
    them together."""
    path = Path(task.path)
    if task.sealed is not None or (workers == 1 and is_object(path)):
        return [task]
    try:
        seen = None if is_object(path) else state_of(path)
        size = size_of(path)
        # One process reads parts only so that it can go on at one of them after an interruption.
        part = min(PART, ALONE if workers == 1 else max(LEAST, size // (TURNS * workers)))
        if size < 2 * part:
            return [task]
        found = look_at(path)
        form = task.format or found.derive or found.format
        if found.unpack or whole_rules_of(pack, form):
            return [task]
        if found.derive and task.format is None:
            again = task.why or task.only is not None or pack.notes.periods  # as its lines are read
            spans = [] if again else _cut_log(path, size, part)
            return _tasks_of(task, form, spans, seen)
        if form not in LINES and (form != "csv/1" or _has_quote(path, size)):
            return [task]
        if is_object(path) and form not in LINES - MARKED:
            return [task]  # finding the header rows would fetch the object once more
        spans = _cut(path, size, form, part)
    except (ComityError, OSError):
        return [task]  # reading it names what is wrong
    return _tasks_of(task, form, spans, seen)


def _tasks_of(task: Task, form: FormatName, spans: Sequence[Span], seen: FileState | None) -> list[Task]:
    if not spans:
        return [task]
    # In which any change would show.
    state = seen if seen is not None and has_rested([seen], time.time()) else None
    return parts_of(task, [replace(span, form=form, state=state, seen=seen) for span in spans])


def parts_of(task: Task, spans: Sequence[Span]) -> list[Task]:
    """The tasks of a file that is cut like this."""
    return [replace(task, format=span.form, span=span) for span in spans]


def _cut_log(path: Path, size: int, part: int) -> list[Span]:
    """The parts of an event log by its chunks; none where something is amiss with it, as what is lost is told
    of the whole."""
    if is_object(path):
        return []
    with open_file(path) as file:
        survey = survey_log(file)
    step = max(1, part // CHUNK_BYTES)
    if not survey.even or survey.chunks < 2 * step:
        return []
    begins = [HEADER_BYTES + n * CHUNK_BYTES for n in range(0, survey.chunks, step)]
    return [Span(begin=begin, end=end, log=True) for begin, end in pairwise((*begins, size))]


def _has_quote(path: Path, size: int) -> bool:
    return is_object(path) or any(b'"' in chunk for chunk in PartChunks(path, 0, size))


def _cut(path: Path, size: int, form: FormatName, part: int) -> list[Span]:
    begins = [0]
    for goal in range(part, size - part // 2, part):
        if goal <= begins[-1]:
            continue
        at = _after_break(path, goal - 1, size)
        if begins[-1] < at < size:
            begins.append(at)
    headers = _headers_at(path, begins, form, size)
    ends = [*begins[1:], size]
    return [
        Span(begin=begin, end=end, header=headers.get(begin)) for begin, end in zip(begins, ends, strict=True)
    ]


def _headers_at(path: Path, begins: Sequence[int], form: FormatName, size: int) -> Mapping[int, bytes]:
    """The header rows that hold where parts begin."""
    if form in MARKED:
        return _headers(path, begins, form)
    if form != "csv/1":
        return {}
    first = b"".join(PartChunks(path, 0, _after_break(path, 0, size)))
    return dict.fromkeys(begins[1:], first.removesuffix(b"\n"))


def _after_break(path: Path, at: int, size: int) -> int:
    """Where the row after the first line break from ``at`` on begins."""
    for chunk in PartChunks(path, at, size):
        found = chunk.find(b"\n")
        if found >= 0:
            return at + found + 1
        at += len(chunk)
    return size


def _headers(path: Path, begins: Sequence[int], form: FormatName) -> dict[int, bytes]:
    """For each beginning of a part, the latest header row before it."""
    found: dict[int, bytes] = {}
    latest: bytes | None = None
    for begin, end in pairwise(begins):
        held = b"\n"
        for chunk in PartChunks(path, begin, end):
            data = held + (chunk if begin or held != b"\n" else chunk.removeprefix(_BOM))
            at = data.find(b"\n#")
            while at >= 0:
                close = data.find(b"\n", at + 1)
                if close < 0:
                    break
                if is_header(form, 2 if begin else 1, data[at + 1 : close]):
                    latest = data[at + 1 : close]
                at = data.find(b"\n#", close)
            held = data[max(data.rfind(b"\n"), 0) :]
        if latest is not None:
            found[end] = latest
    return found


def join_parts(task: Task, pack: Pack, parts: Sequence[Scanned], told: Told) -> Scanned:
    """The result of a file from those of its parts, none of which failed: that of one process, to the byte.
    ``Unavailable`` (``file.changed``) where the parts are not of the file whose digest this is."""
    if not told.is_of(Path(task.path), parts) or not _holds(Path(task.path), parts):
        raise Unavailable("file.changed", task.shown, "it changed while it was read")
    hits, counts, before = [], Counter[str](), 0
    refused: dict[str, str] = {}
    partly: dict[str, list[int]] = {}
    for part in parts:
        refused |= part.refused or {}
    for part in parts:
        hits += [(rule, row + before) for rule, row in part.hits if rule not in refused]
        counts.update({rule: 0 if rule in refused else n for rule, n in (part.counts or {}).items()})
        for why, found in (part.partly or {}).items():
            partly.setdefault(why, []).extend(row + before for row in found)
        before += part.rows
    form = parts[0].task.format
    assert form is not None
    finding = make_finding(pack.rule_digests, pack.digest, ref_of(told.whole, form), task.parameters, hits)
    reasons: tuple[Because, ...] = ()
    if task.why or task.only is not None:
        where = Path(task.path)
        reasons = explain_hits(
            pack, form, where, finding.rows, task.parameters, first=task.why, only=task.only
        )
    return replace(
        parts[0],
        task=task,
        rows=before,
        finding=finding,
        counts=dict(sorted(counts.items())),
        not_asked=tuple(rule for rule in pack.rule_digests if rule not in counts),
        unparsed=_added(part.unparsed for part in parts),
        alike=_added(part.alike for part in parts),
        partly={why: tuple(found) for why, found in sorted(partly.items())} or None,
        doubt=look_at(Path(task.path)).doubt if task.format is None else "",
        undated=sum(part.undated for part in parts),
        outside=sum(part.outside for part in parts),
        refused=dict(sorted(refused.items())),
        hits=(),
        digest="",
        reasons=reasons,
        untold=tuple(sorted({rule for part in parts for rule in part.untold if rule not in refused})),
        untold_rows=sum(part.untold_rows for part in parts),
        wordless=sum(part.wordless for part in parts),
        lapsed=find_lapsed(pack, form, Path(task.path), finding.rows, task.parameters),
    )


def _holds(path: Path, parts: Sequence[Scanned]) -> bool:
    """Whether the header rows that were looked up before the parts were read are still those of the file."""
    spans = [part.task.span for part in parts if part.task.span is not None]
    if not spans or all(span.header is None for span in spans) or state_of(path) == spans[0].seen:
        return True
    form, begins = spans[0].form, [span.begin for span in spans]
    assert form is not None
    found = _headers_at(path, begins, form, spans[-1].end)
    return [span.header for span in spans] == [found.get(begin) for begin in begins]


def _added(all_counts: Iterator[Mapping[str, int] | None]) -> Mapping[str, int] | None:
    total = Counter[str]()
    for counts in all_counts:
        total.update(counts or {})
    return dict(total) or None
