"""One large file read by several processes: byte ranges that begin and end with rows.

A part is read as a file of its own, behind the header row that holds where it begins; then its rows get the
numbers that they have in the whole. Nothing that looks at many rows together may be asked of parts. The
digest of the whole is computed here meanwhile, with those of the parts, so that none can be of another file.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Final

from comity.adapters.s3_input import is_object, size_of
from comity.cli.inputs import PartChunks, look_at
from comity.cli.scan_reasons import Because, explain_hits
from comity.errors import ComityError, Unavailable
from comity.evidence.formats import FormatName
from comity.evidence.rows import MARKED, is_header
from comity.findings.finding import make_finding
from comity.findings.whole import whole_rules_of

if TYPE_CHECKING:
    from comity.cli.scan import Scanned, Task
    from comity.findings.pack import Pack

PART: Final = 64 << 20
"""About how many bytes a part has; a file of less than two of them is read by one process."""

LINES: Final[frozenset[FormatName]] = frozenset({"lines/1", "jsonl/1", "evtx-jsonl/1", *MARKED})
"""The formats whose rows are lines. A break inside of a quoted field of CSV is not told from a row's end by
what stands near it."""


_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Bytes of a file from ``begin`` up to ``end``, and the header row that holds there."""

    begin: int
    end: int
    header: bytes | None = None


class Digests:
    """SHA-256 of files and of their parts, on a thread of its own, one file after the other."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "digest")
        self._stop = Event()

    def of(self, path: Path, spans: Sequence[Span]) -> Future[tuple[str, tuple[str, ...]]]:
        """The digest of a file, and those of its parts."""
        return self._pool.submit(self._read, path, spans)

    def _read(self, path: Path, spans: Sequence[Span]) -> tuple[str, tuple[str, ...]]:
        whole, parts = hashlib.sha256(), []
        for span in spans:
            part = hashlib.sha256()
            for chunk in PartChunks(path, span.begin, span.end):
                if self._stop.is_set():
                    return "", ()
                whole.update(chunk)
                part.update(chunk)
            parts.append(part.hexdigest())
        return whole.hexdigest(), tuple(parts)

    def close(self) -> None:
        """Stop, whatever is not done."""
        self._stop.set()
        self._pool.shutdown(cancel_futures=True)


def cut_task(task: Task, pack: Pack) -> list[Task]:
    """The parts of a file, if it is large, its rows are lines, and no rule needs all of them together."""
    path = Path(task.path)
    if task.sealed is not None:
        return [task]
    try:
        size = size_of(path)
        if size < 2 * PART:
            return [task]
        found = look_at(path)
        form = task.format or found.format
        if found.derive or found.unpack or form not in LINES or whole_rules_of(pack, form):
            return [task]
        if is_object(path) and form in MARKED:
            return [task]  # finding the header rows would fetch the object once more
        spans = _cut(path, size, form)
    except (ComityError, OSError):
        return [task]  # reading it names what is wrong
    return [replace(task, format=form, span=span) for span in spans]


def _cut(path: Path, size: int, form: FormatName) -> list[Span]:
    begins = [0]
    for goal in range(PART, size - PART // 2, PART):
        if goal <= begins[-1]:
            continue
        at = _after_break(path, goal - 1, size)
        if begins[-1] < at < size:
            begins.append(at)
    headers = _headers(path, begins, form) if form in MARKED else dict[int, bytes]()
    ends = [*begins[1:], size]
    return [
        Span(begin=begin, end=end, header=headers.get(begin)) for begin, end in zip(begins, ends, strict=True)
    ]


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


def join_parts(
    task: Task, pack: Pack, parts: Sequence[Scanned], digests: tuple[str, tuple[str, ...]]
) -> Scanned:
    """The result of a file from those of its parts, none of which failed: that of one process, to the byte.
    ``Unavailable`` (``file.changed``) where the parts are not of the file whose digest this is."""
    whole, each = digests
    if each != tuple(part.digest for part in parts):
        raise Unavailable("file.changed", task.shown, "it changed while it was read")
    hits, counts, before = [], Counter[str](), 0
    for part in parts:
        hits += [(rule, row + before) for rule, row in part.hits]
        counts.update(part.counts or {})
        before += part.rows
    form = parts[0].task.format
    assert form is not None
    finding = make_finding(pack.rule_digests, pack.digest, f"file:sha256:{whole}", task.parameters, hits)
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
        undated=sum(part.undated for part in parts),
        outside=sum(part.outside for part in parts),
        refused={},
        hits=(),
        digest="",
        reasons=reasons,
    )


def _added(all_counts: Iterator[Mapping[str, int] | None]) -> Mapping[str, int] | None:
    total = Counter[str]()
    for counts in all_counts:
        total.update(counts or {})
    return dict(total) or None
