"""Files that a person names: found, opened, and what cannot be read told by name."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from comity.adapters.atomic import explain
from comity.adapters.file_state import FileState, state_at
from comity.adapters.s3_input import is_object, list_objects, open_object
from comity.errors import ComityError, Malformed, Unavailable
from comity.evidence.detecting import Detected, explain_format
from comity.evidence.evtx_lines import HEADER_BYTES
from comity.evidence.formats import HEAD_BYTES, Container

if TYPE_CHECKING:
    from comity.adapters.unpack_process import Member
    from comity.evidence.evtx import Derivation
    from comity.evidence.seal import Digest

CHUNK: Final = 1 << 20
LEVELS: Final = 3
"""How deep containers within containers are opened."""

_FIRST: Final = HEADER_BYTES + 8
"""So many bytes tell an event log."""
_ASIDE: Final = 4 << 20


@dataclass(slots=True)
class Listing:
    """The regular files below some paths, in one order; what was passed over; what could not be read."""

    files: list[Path] = field(default_factory=list)
    skipped: list[tuple[Path, str]] = field(default_factory=list)
    failed: list[ComityError] = field(default_factory=list)


def list_files(paths: Iterable[Path]) -> Listing:
    """Every file below these paths, sorted, each once. Symbolic links are never followed."""
    listing = Listing()
    given = list(paths)
    for path in given:
        _walk(path, listing)
    # Those of one folder come in order, each once, and putting thousands of paths in order is slow.
    if len(given) > 1 or (listing.files and is_object(listing.files[0])):
        listing.files = sorted(dict.fromkeys(listing.files))
    return listing


def _walk(path: Path, listing: Listing) -> None:
    if is_object(path):
        try:
            objects, odd = list_objects(path)
            listing.files += objects
            listing.skipped += [(path, f"the name {ascii(name)[:200]} below it is no path") for name in odd]
        except ComityError as error:
            listing.failed.append(error)
        return
    try:
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            listing.skipped.append((path, "a symbolic link, which is not followed"))
        elif stat.S_ISREG(mode):
            listing.files.append(path)
        elif stat.S_ISDIR(mode):
            with os.scandir(path) as found:
                entries = sorted(found, key=lambda entry: entry.name)
            for entry in entries:
                below = path / entry.name
                # What the folder tells of a file spares asking for thousands of them.
                if entry.is_file(follow_symlinks=False):
                    listing.files.append(below)
                else:
                    _walk(below, listing)
        else:
            listing.skipped.append((path, "neither a file nor a folder"))
    except OSError as error:
        listing.failed.append(explain(error, path))


class FileChunks:
    """A file's bytes in chunks, from the beginning at each iteration; told sizes go to ``progress``."""

    def __init__(self, path: Path, progress: Callable[[int], None] | None = None) -> None:
        self.path = path
        self._progress = progress

    def __iter__(self) -> Iterator[bytes]:
        try:
            with open_file(self.path) as file:
                done = 0
                while chunk := file.read(CHUNK):
                    done += len(chunk)
                    if self._progress:
                        self._progress(done)
                    yield chunk
        except OSError as error:
            raise explain(error, self.path) from None


def require_same(found: FileState | None, seen: FileState | None, path: Path | str) -> None:
    """Return only if a path still names the file that was ``seen`` there, whatever was written to it since;
    ``Unavailable`` (``file.changed``) otherwise. Nothing is asked of what has no state."""
    if seen is not None and (found is None or found[:2] != seen[:2]):
        raise Unavailable("file.changed", str(path), "another file was put in its place while it was read")


def require_kept(
    found: FileState | None, began: FileState | None, read: int | None, path: Path | str
) -> None:
    """Return only if a file had all along what it had when reading ``began``; it may have grown, as logs do,
    and its name may lead elsewhere by now. ``Unavailable`` (``file.changed``) where it was cut off (also if
    fewer bytes were ``read``) or written over: what was read is then a file that there never was."""
    if began is None:
        return
    now = found if found is not None and found[:2] == began[:2] else None
    if (now is not None and now[2] < began[2]) or (read is not None and read < began[2]):
        raise Unavailable("file.changed", str(path), "it was cut off while it was read")
    if now is not None and now[2] == began[2] and now[3] != began[3]:
        raise Unavailable("file.changed", str(path), "it was written over while it was read")


class PartChunks:
    """The bytes of a file from ``begin`` up to ``end``, in chunks; of the file that was ``seen`` there."""

    def __init__(
        self,
        path: Path,
        begin: int,
        end: int,
        progress: Callable[[int], None] | None = None,
        seen: FileState | None = None,
    ) -> None:
        self._path = path
        self._seen = seen
        self._begin = begin
        self._end = end
        self._progress = progress

    def __iter__(self) -> Iterator[bytes]:
        try:
            with open_file(self._path, self._begin) as file:
                if self._seen is not None:
                    require_same(state_at(file.fileno()), self._seen, self._path)
                left = self._end - self._begin
                while left and (chunk := file.read(min(CHUNK, left))):
                    left -= len(chunk)
                    if self._progress:
                        self._progress(self._end - self._begin - left)
                    yield chunk
        except OSError as error:
            raise explain(error, self._path) from None

    def close(self) -> None:
        """Nothing is open but while it is iterated."""


def open_file(path: Path, begin: int = 0) -> BinaryIO:
    """A regular file, or an object of a store, opened for reading from byte ``begin`` on; ``Unavailable``
    where it cannot be."""
    if is_object(path):
        return open_object(path, begin)
    try:
        # Not blocking, so that a pipe put in a file's place makes nobody wait.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise Unavailable("file.kind", str(path), "not a regular file")
        file = os.fdopen(handle, "rb")
        file.seek(begin)
        return file
    except OSError as error:
        raise explain(error, path) from None


def read_file(path: Path, limit: int = 1 << 30) -> bytes:
    """All bytes of a file; ``Malformed`` (``file.size``) beyond ``limit`` bytes."""
    try:
        with open_file(path) as file:
            raw = file.read(limit + 1)
    except OSError as error:
        raise explain(error, path) from None
    if len(raw) > limit:
        raise Malformed("file.size", str(path), f"longer than {limit} bytes")
    return raw


def look_at(path: Path, name: str = "") -> Detected:
    """What a file is, by its first bytes and its name (its own, unless another is given)."""
    try:
        with open_file(path) as file:
            head = file.read(_FIRST)
            if not head.startswith(b"ElfFile\0") or not head.startswith(b"ElfChnk\0", HEADER_BYTES):
                head += file.read(HEAD_BYTES - len(head))
            return explain_format(name or path.name, head)
    except OSError as error:
        raise explain(error, path) from None


@contextmanager
def digest_aside(length: int) -> Iterator[Digest | None]:
    """A digest on a second thread for a file of this length; None where starting one is not worth it."""
    if length < _ASIDE:
        yield None
        return
    from comity.adapters.side_digest import SideDigest

    digest = SideDigest()
    try:
        yield digest
    finally:
        digest.stop()


def unpack_members(
    path: Path,
    kind: Container,
    folder: Path,
    progress: Callable[[int], None] | None = None,
    shown: str = "",
) -> list[Member]:
    """The members of a container, as new files in ``folder``; errors name it as ``shown``. ``progress`` is
    told how many bytes of it are read."""
    from comity.adapters.unpack_process import unpack_file

    try:
        with open_local(path) as source:
            return unpack_file(source, kind, folder, shown or str(path), progress=progress)
    except OSError as error:
        raise explain(error, path) from None


def open_local(path: Path) -> BinaryIO:
    """A file of this machine opened for reading; of an object of a store, a copy that nobody else sees."""
    source = open_file(path)
    if not is_object(path):
        return source
    copy = tempfile.TemporaryFile()  # noqa: SIM115 - whoever asked for it closes it
    with source:
        shutil.copyfileobj(source, copy, CHUNK)
    copy.seek(0)
    return copy


def derive_log(path: Path, out: Path, progress: Callable[[int], None] | None = None) -> Derivation:
    """Derive the JSON lines of a Windows event log into a new file ``out``, which stays."""
    from comity.adapters.evtx_process import derive_evtx

    try:
        with open_local(path) as source, out.open("xb") as lines:
            out.chmod(0o600)
            done = derive_evtx(source, lines, str(path), progress=progress)
            lines.flush()
            os.fsync(lines.fileno())
            return done
    except OSError as error:
        raise explain(error, out) from None


def expect_logs(paths: Iterable[Path]) -> None:
    """Begin to start what event logs are parsed in, if any of these is one by its name."""
    if any(path.suffix.lower() == ".evtx" for path in paths):
        from comity.adapters.child_process import preparers

        # Only ahead of time: what fails now is told where a log asks for it.
        with suppress(OSError):
            preparers.expect("evtx")


class LogChunks:
    """The derived lines of a Windows event log in chunks, as the parser makes them; of a part of the log with
    ``span``. ``progress`` is told how many bytes of it are read. A copy of the lines goes to the new file
    ``copy``, if one is named. To be iterated once, and closed; then ``derivation`` tells of it. It fails soon
    after ``stopped`` says so, and where it is another file than was ``seen`` there.
    """

    def __init__(
        self,
        path: Path,
        progress: Callable[[int], None] | None = None,
        copy: Path | None = None,
        span: tuple[int, int] = (0, 0),
        stopped: Callable[[], bool] = lambda: False,
        seen: FileState | None = None,
    ) -> None:
        self._path = path
        self._copy = copy
        self._span = span
        self._stopped = stopped
        self._seen = seen
        self._progress = progress
        self._chunks: Generator[bytes, None, None] | None = None
        self._derivation: Derivation | None = None

    @property
    def derivation(self) -> Derivation:
        """What the derivation gave, once all chunks are read."""
        assert self._derivation is not None
        return self._derivation

    def __iter__(self) -> Iterator[bytes]:
        self._chunks = self._read()
        return self._chunks

    def _read(self) -> Generator[bytes, None, None]:
        from comity.adapters.evtx_process import DerivedLines

        with ExitStack() as opened:
            try:
                source = opened.enter_context(open_local(self._path))
                if self._seen is not None:
                    require_same(state_at(source.fileno()), self._seen, self._path)
                copy = opened.enter_context(self._copy.open("xb")) if self._copy else None
                lines = DerivedLines(source, str(self._path), span=self._span, stopped=self._stopped)
                for chunk in opened.enter_context(closing(iter(lines))):
                    if copy is not None:
                        copy.write(chunk)
                    if self._progress:
                        self._progress(lines.read)
                    yield chunk
            except OSError as error:
                raise explain(error, self._path) from None
        self._derivation = lines.derivation

    def close(self) -> None:
        """End the parser, if it is still at work."""
        if self._chunks is not None:
            self._chunks.close()
