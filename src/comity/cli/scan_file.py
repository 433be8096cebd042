"""Running rules over one file: what it is, what is inside of it, and its rows; or over a part of it."""

from __future__ import annotations

import gc
import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

from comity.adapters.file_state import state_of
from comity.adapters.s3_input import is_object, size_of
from comity.cli.inputs import (
    LEVELS,
    FileChunks,
    LogChunks,
    look_at,
    require_kept,
    require_same,
    unpack_members,
)
from comity.cli.scan_copies import copy_through
from comity.cli.scan_faults import TellerError, apart, told_error
from comity.cli.scan_parts import RunningDigest, chunks_of
from comity.cli.scan_portion import portion, portions
from comity.cli.scan_reasons import Because, explain_hits, find_lapsed
from comity.cli.scan_task import Scanned, SealedAs, Span, Task, ref_of
from comity.dossier.rerun import Reading, run_item
from comity.errors import Malformed, NotVerified
from comity.evidence.bulk import read_batches
from comity.evidence.detecting import Detected
from comity.evidence.formats import NAMED_ALIKE, ROWS_OF, TABLES, Container, FormatName
from comity.evidence.rows import Passed
from comity.findings.finding import make_finding
from comity.findings.match import ItemResult, Scanner
from comity.findings.rows import ItemInfo
from comity.findings.whole import asks_whole
from comity.findings.yara import LENGTH

if TYPE_CHECKING:
    from comity.evidence.seal import Metadata
    from comity.findings.pack import Pack


FIRST: Final = 0.25
"""The portion of a file's progress that unpacking or checking it first is taken to be."""


class _Hashed:
    """A file's chunks, with the digest and length of what was read of it."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self.digest = hashlib.sha256()
        self.length = 0
        self._last = b""

    def ends_a_line(self) -> bool:
        """Whether what was read ends in a line feed."""
        return self._last.endswith(b"\n")

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self.digest.update(chunk)
            self.length += len(chunk)
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
    progress = apart(progress)
    try:
        if task.span is not None:
            return _scan_part(task, task.span, pack, scanner, progress, digest)
        return _scan(task, pack, scanner, folder, progress)
    except TellerError as stopped:
        raise stopped.error from None
    except Exception as error:
        return Scanned(task=task, error=told_error(error, task.shown))
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
    began = None if is_object(path) else state_of(path)
    problems: tuple[str, ...] = ()
    broken = 0
    derived: Path | None = None
    log: LogChunks | None = None
    doubt, before = "", 0
    if task.sealed is not None:
        size = _length(path, progress)
        metadata = _check_sealed(task.sealed, path, task.shown, portion(progress, size, 0, FIRST, size))
        progress = portion(progress, size, FIRST, 1, size)
        form, broken = metadata.format, metadata.declared.broken
        if form == "opaque/1" and not asks_whole(pack):
            raise Malformed("file.opaque", task.shown, _why_whole(path))
        if form == "opaque/1" and not task.sealed.derived and _has_rows(look_at(path, path.name)):
            doubt = f"no rule was asked of its fields: {_why_whole(path)}"
        if metadata.declared.parser.endswith("(table)"):
            before, broken = broken, 0
    elif form != "opaque/1":
        found = look_at(path, _name_of(task.shown))
        told = found.unpack in TABLES and form is not None
        if found.unpack is not None and found.unpack not in ROWS_OF and not told:
            return _scan_inside(task, found, pack, scanner, folder, progress, depth)
        if form is not None:
            pass  # somebody said what it is
        elif (found.derive or found.unpack) and asks_whole(pack) and not derived_only:
            return _scan_inside(task, found, pack, scanner, folder, progress, depth)
        elif found.unpack is not None:
            form = ROWS_OF[found.unpack]
            size = _length(path, progress)
            unpacking = portion(progress, size, 0, FIRST, size)
            (member,) = unpack_members(path, found.unpack, folder, unpacking, task.shown)
            derived = member.path
            progress = portion(progress, size, FIRST, 1, _length(derived, progress))
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
    again = task.why or task.only is not None or pack.notes.periods
    seen = began if again and derived is None else None
    try:
        hashed = _Hashed(log or FileChunks(derived or path, progress))
        reading = Reading()
        info = ItemInfo(ref="", format=form, logsource=dict(task.parameters.logsource))
        # No row of what is sealed is too long; of what is not, the others are asked all the same.
        passed = None if task.sealed is not None else Passed()
        batches = read_batches(form, hashed, task.shown, passed)
        ended = hashed.ends_a_line
        result = run_item(scanner, pack, info, form, batches, task.parameters, reading, ended, passed)
        if log is not None:
            problems, broken = log.derivation.problems, log.derivation.broken
        reasons: tuple[Because, ...] = ()
        where = derived or path
        lapsed = find_lapsed(pack, form, where, result.matches, task.parameters)
        if task.why or task.only is not None:
            reasons = explain_hits(
                pack, form, where, result.matches, task.parameters, first=task.why, only=task.only
            )
        require_same(state_of(path), seen, task.shown)
        if task.sealed is None and not is_object(path):
            length = hashed.length if log is None and derived is None else None
            require_kept(state_of(path), began, length, task.shown)
    finally:
        if log is not None:
            log.close()
        if derived is not None:
            derived.unlink(missing_ok=True)
    digest = hashed.digest.hexdigest()
    ref = ref_of(digest, form)
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
        partly=reading.partly,
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
        untold_rows=result.untold_rows,
        wordless=result.wordless,
        lapsed=lapsed,
    )


def _why_whole(path: Path) -> str:
    """Why rules over rows have nothing to say of a file that was sealed as it is."""
    found = look_at(path, path.name)
    again = "seal it again by rows, where the parser that it may need is installed"
    return f"sealed whole, without rows: {again if _has_rows(found) else found.why}"


def _has_rows(found: Detected) -> bool:
    return bool(found.derive or found.unpack) or found.format != "opaque/1"


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
    hashed = _Hashed(chunks) if span.state is None and digest is None else None
    ahead = [] if span.header is None else [span.header + b"\n"]
    reading = Reading()
    info = ItemInfo(ref="", format=form, logsource=dict(task.parameters.logsource))
    source: Iterable[bytes] = digest.through(chunks, span) if digest is not None else hashed or chunks
    if task.copy is not None:
        source = copy_through(source, task.copy)
    passed = Passed()
    batches = read_batches(form, chain(ahead, source), task.shown, passed)
    with closing(chunks):
        result = run_item(scanner, pack, info, form, batches, task.parameters, reading, None, passed)
    return Scanned(
        task=task,
        format=form,
        rows=reading.rows - len(ahead),
        counts=result.counts,
        unparsed=reading.unparsed,
        alike=reading.alike,
        partly=_moved(reading.partly, len(ahead)),
        undated=reading.undated,
        outside=reading.outside,
        hits=tuple((rule, row - len(ahead)) for rule, row in result.matches),
        digest=hashed.digest.hexdigest() if hashed else digest.last if digest else "",
        broken=chunks.derivation.broken if isinstance(chunks, LogChunks) else 0,
        untold=_matched(result),
        untold_rows=result.untold_rows,
        wordless=result.wordless,
        refused=result.refused,
    )


def _moved(partly: Mapping[str, tuple[int, ...]] | None, ahead: int) -> dict[str, tuple[int, ...]] | None:
    """Rows by why, numbered without so many ahead of them."""
    return {why: tuple(row - ahead for row in found) for why, found in (partly or {}).items()} or None


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
        size = _length(Path(task.path), progress)
        first = portion(progress, size, 0, FIRST, size)
        progress = portion(progress, size, FIRST, 1, size)
        try:
            outer = _scan(replace(task, format="opaque/1"), pack, scanner, folder, first)
        except Exception as error:
            outer = Scanned(task=task, error=told_error(error, task.shown))
    members: Sequence[Scanned]
    try:
        if found.derive or found.unpack in ROWS_OF:
            members = [_scan(task, pack, scanner, folder, progress, depth, derived_only=True)]
        else:
            assert found.unpack is not None
            members = _scan_members(task, found, found.unpack, pack, scanner, folder, progress, depth)
            if not members and outer is None:
                raise Malformed("unpack.empty", task.shown, "it holds no file")
    except Exception as error:
        if outer is None:
            raise
        members = [Scanned(task=task, error=told_error(error, task.shown))]
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
    size = _length(Path(task.path), progress)
    unpacking = portion(progress, size, 0, FIRST, size)
    members = unpack_members(Path(task.path), kind, folder, unpacking, task.shown)
    rest = portions(progress, size, FIRST, [_length(member.path, progress) for member in members])
    for member, tell in zip(members, rest, strict=True):
        # A container of one file names it by its own name without the ending.
        own = _name_of(task.shown)
        name = member.name or (own if kind in NAMED_ALIKE else own.rpartition(".")[0])
        form: FormatName | None = "csv/1" if kind in TABLES else task.format
        inner = replace(task, path=str(member.path), shown=f"{task.shown}!{name}", format=form)
        try:
            each = _scan(inner, pack, scanner, folder, tell, depth + 1)
            scanned.append(replace(each, before=found.before + each.before))
        except Exception as error:
            code, where, why = told_error(error, inner.shown)
            scanned.append(Scanned(task=inner, error=(code, where.replace(inner.path, inner.shown), why)))
        finally:
            member.path.unlink(missing_ok=True)
    return scanned


def _length(path: Path, progress: Callable[[int], None] | None) -> int:
    """How many bytes a file has, where somebody wants to know how far it is."""
    return 0 if progress is None or is_object(path) else size_of(path)


def _check_sealed(
    sealed: SealedAs, path: Path, shown: str, progress: Callable[[int], None] | None
) -> Metadata:
    from comity.evidence.disclose import WholeKey, check_whole

    whole = WholeKey(size=sealed.ref.size, root=sealed.ref.root, key=sealed.key, metadata=sealed.metadata)
    try:
        return check_whole(whole, FileChunks(path, progress), sealed.ref, shown)
    except NotVerified as error:
        raise NotVerified(error.code, shown, "this file is no longer what was sealed") from None
