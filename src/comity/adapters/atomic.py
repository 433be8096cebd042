"""Files that are there whole or not at all.

Bytes go to a temporary neighbour first, are synced, and only then take their name; then the folder is
synced, so that the name survives power loss too. Temporary files start with ``.`` and end in ``.tmp``.
"""

from __future__ import annotations

import errno
import functools
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from comity.errors import Refused, Unavailable

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

_T = TypeVar("_T")

_WORDS = {
    errno.ENOSPC: ("disk.full", "the disk is full; nothing was written"),
    errno.EDQUOT: ("disk.full", "the disk quota is used up; nothing was written"),
    errno.EFBIG: ("disk.full", "the file would be larger than this system allows; nothing was written"),
    errno.EIO: ("disk.io", "the disk reported an error"),
    errno.EACCES: ("file.permission", "no permission"),
    errno.EPERM: ("file.permission", "not permitted"),
    errno.EROFS: ("file.readonly", "the file system is read-only"),
    errno.ENOENT: ("file.missing", "not there"),
    errno.ENOTDIR: ("file.folder", "a part of the path is not a folder"),
    errno.EISDIR: ("file.folder", "a folder, not a file"),
    errno.ENAMETOOLONG: ("file.name", "the name is too long for this file system"),
    errno.ELOOP: ("file.link", "a symbolic link, which is not followed here"),
    errno.EMFILE: ("file.limit", "too many open files"),
    errno.ENFILE: ("file.limit", "too many open files"),
}
_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS}


def explain(error: OSError, where: str | Path) -> Unavailable:
    """The system's error in plain words, with a stable code."""
    code, why = _WORDS.get(error.errno or 0, ("file.error", error.strerror or type(error).__name__))
    return Unavailable(code, str(where), why)


def write_new(path: str | Path, data: bytes | Iterable[bytes | memoryview], mode: int = 0o600) -> None:
    """Write a file that is not there yet, durable on return; ``data`` may come in chunks.

    ``Refused`` (``file.exists``) where the name is taken, and it stays as it was; ``Unavailable`` where
    the disk or a permission forbids it. In every case of failure nothing is left behind. What the
    chunks themselves raise passes through.
    """
    path = Path(path)
    if os.path.lexists(path):
        raise _taken(path)
    with _temporary(path, data, mode) as temporary:
        claim_name(temporary, path)


def replace(path: str | Path, data: bytes | Iterable[bytes | memoryview], mode: int = 0o600) -> None:
    """Write a file whole in place of whatever had its name: readers see the old bytes or the new.

    Durable on return. ``Unavailable`` where it cannot be written; then the old file stays as it was.
    """
    path = Path(path)
    with _temporary(path, data, mode) as temporary:
        try:
            temporary.rename(path)
            sync_folder(path.parent)
        except OSError as error:
            raise explain(error, path) from None


def keep_latest(folder: Path, names: str, kept: int) -> None:
    """Unlink all but the ``kept`` newest files of these names. ``OSError`` where that cannot be done."""
    for file in sorted(folder.glob(names), key=lambda file: file.stat().st_mtime_ns)[:-kept]:
        file.unlink(missing_ok=True)


_AT_ONCE = 8


def replace_all(
    files: Iterable[tuple[Path, bytes]], mode: int = 0o600, last: tuple[Path, bytes] | None = None
) -> None:
    """As ``replace`` for several files: each is synced before it takes its name, each folder once after all.

    ``last`` takes its name only when all others, names too, are durable. All are durable on return. Disks
    sync several files in little more time than one, so they are asked side by side. ``Unavailable`` where one
    cannot be written; others may stand then, ``last`` never.
    """
    coming = [(temporary_name(path), path, data) for path, data in [*files, *([last] if last else [])]]
    ahead = coming[: len(coming) - bool(last)]
    try:
        _side_by_side(lambda one: write_synced(one[0], [one[2]], mode, named=one[1]), coming)
        _settle((temporary, path) for temporary, path, _ in ahead)
        if last:
            _settle([(coming[-1][0], last[0])])
    except BaseException:
        for temporary, _, _ in coming:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
        raise


def _settle(coming: Iterable[tuple[Path, Path]]) -> None:
    """Give synced files their names, and make these durable."""
    folders: dict[Path, None] = {}
    for temporary, path in coming:
        try:
            temporary.rename(path)
        except OSError as error:
            raise explain(error, path) from None
        folders[path.parent] = None
    _side_by_side(_sync_names, list(folders))


def _sync_names(folder: Path) -> None:
    try:
        sync_folder(folder)
    except OSError as error:
        raise explain(error, folder) from None


def _side_by_side(act: Callable[[_T], None], items: Sequence[_T]) -> None:
    """Do it for each, several at once; raises what the first of them raised, when none runs any more."""
    if len(items) < 2:
        for item in items:
            act(item)
        return
    from concurrent.futures import wait

    coming = [_writers(os.getpid()).submit(act, item) for item in items]
    wait(coming)
    for done in coming:
        done.result()


@functools.cache
def _writers(_process: int) -> ThreadPoolExecutor:
    from concurrent.futures import ThreadPoolExecutor

    # Kept, as starting threads costs more than what they do; threads do not survive a fork.
    return ThreadPoolExecutor(_AT_ONCE, "comity writers")


def claim_name(temporary: Path, path: Path) -> None:
    """Give a synced temporary file its name, durably; ``Refused`` (``file.exists``) where it is taken.

    The temporary name may stay: it is the caller's to remove.
    """
    try:
        try:
            os.link(temporary, path, follow_symlinks=False)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            # A file system without hard links (a memory stick): claim the name empty, then fill it whole.
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            temporary.rename(path)
        sync_folder(path.parent)
    except FileExistsError:
        raise _taken(path) from None
    except OSError as error:
        raise explain(error, path) from None


def _taken(path: Path) -> Refused:
    return Refused("file.exists", str(path), "there already, and never overwritten")


def temporary_name(path: Path) -> Path:
    """A fresh hidden name beside ``path``, on the same file system."""
    return path.parent / f".{path.name[:64]}.{os.urandom(8).hex()}.tmp"


@contextmanager
def _temporary(path: Path, data: bytes | Iterable[bytes | memoryview], mode: int) -> Iterator[Path]:
    temporary = temporary_name(path)
    try:
        write_synced(temporary, [data] if isinstance(data, bytes) else data, mode, named=path)
        yield temporary
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def write_synced(
    path: Path, chunks: Iterable[bytes | memoryview], mode: int, named: Path | None = None
) -> None:
    """Create ``path`` and write and sync all chunks; errors name ``named``, the name it shall get."""
    where = named or path
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0)
    try:
        file = os.open(path, flags, mode)
    except OSError as error:
        raise explain(error, where) from None
    try:
        for chunk in chunks:
            rest = memoryview(chunk)
            while rest:
                try:
                    rest = rest[os.write(file, rest) :]
                except OSError as error:
                    raise explain(error, where) from None
        try:
            os.fsync(file)
        except OSError as error:
            raise explain(error, where) from None
    finally:
        os.close(file)


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable; raises ``OSError``."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: str | Path, mode: int = 0o700) -> Path:
    """The folder, made durably with its missing parents if need be; ``Unavailable`` if it cannot be."""
    folder = Path(folder)
    missing = []
    step = folder
    while not step.is_dir():
        missing.append(step)
        if step.parent == step:
            break
        step = step.parent
    try:
        for one in reversed(missing):
            one.mkdir(mode=mode, exist_ok=True)
            sync_folder(one.parent)
    except OSError as error:
        code = errno.ENOTDIR if isinstance(error, FileExistsError) else error.errno
        raise explain(OSError(code, error.strerror), folder) from None
    return folder


def sweep(folder: Path, older: float = 86_400) -> None:
    """Remove temporary files ``older`` seconds old, which a killed process left in ``folder``."""
    # Younger ones may belong to another process that is writing now.
    before = time.time() - older
    with suppress(OSError):
        for left in folder.glob(".*.tmp"):
            if left.lstat().st_mtime < before:
                left.unlink(missing_ok=True)
