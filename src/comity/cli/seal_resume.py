"""What an interrupted ``comity seal --out`` had finished, kept beside the seal for ``--resume``.

A hidden folder (0700) holds the derived files so far and ``progress``, JSON lines (0600): first what was
asked for, then one line for each finished file, durable before the next begins. ``partial`` says how far a
long file is, and is written now and then. They hold item keys, as the private file does. A killed process
leaves them, and so does Ctrl-C once there is something to go on with; one that ends in any other way takes
them away.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import msgspec

from comity.errors import Malformed, Refused

if TYPE_CHECKING:
    from comity.evidence.hashing import Partial
    from comity.evidence.seal_file import PrivateEntry, SealEntry

KEPT: Final = "kept"
_PROGRESS: Final = "progress"
_PARTIAL: Final = "partial"
_DAY: Final = 86_400


@dataclass(slots=True, kw_only=True)
class Work:
    """The folder of a run and what is finished in it: by path, the entries of a file and of what was derived
    from it."""

    folder: Path
    file: BinaryIO
    done: dict[str, tuple[list[SealEntry], list[PrivateEntry]]] = field(default_factory=dict)
    some: bool = False

    def finished(self, path: Path) -> tuple[list[SealEntry], list[PrivateEntry]] | None:
        """The entries of a file that is finished and has not been touched since."""
        return self.done.get(identify(path))

    def finish(self, path: Path, entries: Sequence[SealEntry], privates: Sequence[PrivateEntry]) -> None:
        """Keep the entries of a finished file, durably."""
        self.some = True
        (self.folder / _PARTIAL).unlink(missing_ok=True)
        self._append(
            {
                "file": identify(path),
                "entries": msgspec.to_builtins(entries),
                "privates": msgspec.to_builtins(privates),
            }
        )

    def keep(self, path: Path, key: bytes, partial: Partial) -> None:
        """Keep how far a file is sealed under its key, durably, in place of what was kept before."""
        from comity.adapters.atomic import replace
        from comity.evidence.partial import render_partial
        from comity.records import cbor

        self.some = True
        told = cbor.encode([identify(path), key, render_partial(partial)])
        replace(self.folder / _PARTIAL, told)

    def begun(self, path: Path) -> tuple[bytes, Partial] | None:
        """The key of a file of which a part is sealed, and how far. None of any other, of one that was
        touched since, and where what was kept is damaged: that one is sealed from its beginning."""
        from comity.evidence.partial import parse_partial
        from comity.records import cbor

        kept = self.folder / _PARTIAL
        try:
            match cbor.decode(kept.read_bytes(), str(kept), code="resume.form"):
                case [str() as identity, bytes() as key, bytes() as raw] if identity == identify(path):
                    return key, parse_partial(raw, str(kept))
        except (OSError, Malformed, ValueError):
            pass
        return None

    def _append(self, line: dict[str, Any]) -> None:
        self.file.write(json.dumps(line).encode() + b"\n")
        self.file.flush()
        os.fsync(self.file.fileno())

    def read(self, asked: dict[str, Any]) -> None:
        """Take up the progress of an earlier run; ``Refused`` (``resume.other``) if it was asked for other
        things. A last line that was cut short is a file that was not finished."""
        from comity.evidence.seal_file import PrivateEntry, SealEntry

        self.file.seek(0)
        raw = self.file.read()
        whole = raw[: raw.rfind(b"\n") + 1]
        lines = whole.split(b"\n")[:-1]
        self.file.seek(len(whole))
        self.file.truncate()
        if not lines:
            self._append({"asked": asked})
            return
        try:
            first, *rest = (json.loads(line) for line in lines)
            if first["asked"] != asked:
                raise Refused("resume.other", str(self.folder), "the earlier run was given other options")
            for line in rest:
                self.some = True
                self.done[line["file"]] = (
                    msgspec.convert(line["entries"], list[SealEntry]),
                    msgspec.convert(line["privates"], list[PrivateEntry]),
                )
        except (ValueError, KeyError, TypeError) as problem:
            raise Malformed(
                "resume.form", str(self.folder), f"not the progress of a run: {problem}"
            ) from None


def identify(path: Path) -> str:
    """What tells whether a file is the one of before, untouched: its path, length, time and inode."""
    found = path.stat()
    return json.dumps([os.fsencode(path.absolute()).hex(), found.st_size, found.st_mtime_ns, found.st_ino])


@contextmanager
def working_folder(target: Path, asked: dict[str, Any], *, resume: bool) -> Iterator[Work]:
    """A hidden folder beside the seal, gone afterwards unless Ctrl-C or a kill leaves it for ``--resume``.

    ``Refused``: ``resume.none`` where there is nothing to go on with, ``resume.busy`` while that run goes on.
    """
    from comity.adapters.atomic import explain

    prefix = f".{target.name}.derived."
    left = sorted(target.parent.glob(f"{prefix}*.tmp"), key=lambda path: path.lstat().st_mtime)
    if resume and not left:
        raise Refused("resume.none", str(target), "no interrupted run left anything to go on with")
    folder: Path | None = None
    work: Work | None = None
    try:
        try:
            if resume:
                folder = left[-1]
            else:
                with suppress(OSError):
                    for old in left:
                        if old.lstat().st_mtime < time.time() - _DAY:
                            shutil.rmtree(old, ignore_errors=True)
                folder = Path(tempfile.mkdtemp(prefix=prefix, suffix=".tmp", dir=target.parent))
            (folder / KEPT).mkdir(0o700, exist_ok=True)
            handle = os.open(folder / _PROGRESS, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise explain(error, target) from None
        with os.fdopen(handle, "r+b") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise Refused("resume.busy", str(folder), "that run is still going on") from None
            found = Work(folder=folder, file=file)
            found.read(asked)
            if resume:
                _drop_unfinished(found)
            work = found
            yield work
    except BaseException as error:
        interrupted = isinstance(error, KeyboardInterrupt)
        if interrupted and (resume or (work is not None and work.some)):
            # Told where the program ends.
            raise KeyboardInterrupt("the same command with --resume goes on where this stopped") from None
        # What an earlier run left is not taken away by one that could not take it up.
        if folder is not None and (work is not None or not resume):
            shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)


def _drop_unfinished(work: Work) -> None:
    """What was derived of a file that was not finished is made again."""
    wanted = {Path(p.file_path).name for _, privates in work.done.values() for p in privates}
    for path in work.folder.iterdir():
        if path.name not in (KEPT, _PROGRESS, _PARTIAL):
            path.unlink(missing_ok=True)
    for path in (work.folder / KEPT).iterdir():
        if path.name not in wanted:
            path.unlink(missing_ok=True)
