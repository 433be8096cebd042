"""Files that are there whole or not at all, whatever fails on the way."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from comity.adapters.atomic import make_folder, replace, sweep, write_new
from comity.errors import Refused, Unavailable

Writer = Callable[[Path, bytes], None]
WRITERS: list[Writer] = [write_new, replace]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_new_file_is_private_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "x"
    write_new(path, b"one")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(Refused) as caught:
        write_new(path, b"two")
    assert caught.value.code == "file.exists"
    assert path.read_bytes() == b"one"
    assert names(tmp_path) == ["x"]


def test_a_dangling_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "x").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Refused):
        write_new(tmp_path / "x", b"one")
    assert not (tmp_path / "elsewhere").exists()


def test_a_name_taken_at_the_last_moment_stays(tmp_path: Path) -> None:
    path = tmp_path / "x"

    def slow() -> Iterator[bytes]:
        yield b"mine"
        path.write_bytes(b"theirs")

    with pytest.raises(Refused):
        write_new(path, slow())
    assert path.read_bytes() == b"theirs"
    assert names(tmp_path) == ["x"]


def test_replacing_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "x"
    replace(path, b"one", 0o644)
    replace(path, [b"t", b"w", b"o"], 0o644)
    assert path.read_bytes() == b"two"
    assert names(tmp_path) == ["x"]


@pytest.mark.parametrize("write", WRITERS)
def test_a_source_that_breaks_leaves_nothing(tmp_path: Path, write: Callable[..., None]) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise KeyError("source")

    with pytest.raises(KeyError):
        write(tmp_path / "x", broken())
    assert names(tmp_path) == []


FAULTS = [
    (errno.ENOSPC, "disk.full"),
    (errno.EDQUOT, "disk.full"),
    (errno.EIO, "disk.io"),
    (errno.EACCES, "file.permission"),
    (errno.EROFS, "file.readonly"),
]


STEPS = [
    *((write, call) for write in WRITERS for call in ("open", "write", "fsync")),
    (write_new, "link"),
    (replace, "rename"),
]


@pytest.mark.parametrize(("number", "code"), FAULTS)
@pytest.mark.parametrize(("write", "call"), STEPS)
def test_a_fault_at_any_call_leaves_the_old_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int, code: str, write: Writer
) -> None:
    path = tmp_path / "x"
    if write is replace:
        path.write_bytes(b"old")

    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(Unavailable) as caught:
        write(path, b"new")
    monkeypatch.undo()
    assert caught.value.code == code
    assert caught.value.where == str(path)
    assert names(tmp_path) == (["x"] if write is replace else [])
    assert write is write_new or path.read_bytes() == b"old"


@pytest.mark.parametrize("write", WRITERS)
def test_short_writes_are_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Writer) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda file, data: real(file, data[:7]))
    write(tmp_path / "x", bytes(range(100)))
    assert (tmp_path / "x").read_bytes() == bytes(range(100))


@pytest.mark.parametrize("write", WRITERS)
def test_bytes_and_name_are_synced_in_this_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Writer
) -> None:
    calls = []
    sync, link, rename = os.fsync, os.link, Path.rename

    def note_sync(file: int) -> None:
        calls.append("folder" if stat.S_ISDIR(os.fstat(file).st_mode) else "bytes")
        sync(file)

    def note_link(*args: object, **kwargs: object) -> None:
        calls.append("name")
        link(*args, **kwargs)  # type: ignore[arg-type]

    def note_rename(self: Path, target: Path) -> Path:
        calls.append("name")
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(os, "link", note_link)
    monkeypatch.setattr(Path, "rename", note_rename)
    write(tmp_path / "x", b"new")
    assert calls == ["bytes", "name", "folder"]


def test_a_file_system_without_links_serves_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", fail)
    write_new(tmp_path / "x", b"one")
    assert (tmp_path / "x").read_bytes() == b"one"
    with pytest.raises(Refused):
        write_new(tmp_path / "x", b"two")
    assert names(tmp_path) == ["x"]


def test_a_real_limit_of_the_system_leaves_nothing(tmp_path: Path) -> None:
    script = """
import resource, signal, sys
from comity.adapters.atomic import write_new
from comity.errors import Unavailable
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
try:
    write_new(sys.argv[1], bytes(300_000))
except Unavailable as error:
    print(error.code)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "x")], capture_output=True, text=True, check=True
    )
    assert done.stdout == "disk.full\n"
    assert names(tmp_path) == []


def test_folders_are_made_with_their_parents(tmp_path: Path) -> None:
    made = make_folder(tmp_path / "a" / "b" / "c")
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert make_folder(made) == made
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable) as caught:
        make_folder(tmp_path / "file" / "x")
    assert caught.value.code == "file.folder"
    with pytest.raises(Unavailable) as caught:
        make_folder(tmp_path / "file")
    assert caught.value.code == "file.folder"


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        write_new(tmp_path / "none" / "x", b"")
    assert caught.value.code == "file.missing"


def test_only_old_temporary_files_are_swept(tmp_path: Path) -> None:
    for name in (".x.0.tmp", ".y.0.tmp", "z.tmp", ".keep"):
        (tmp_path / name).touch()
    for name in (".x.0.tmp", "z.tmp", ".keep"):
        os.utime(tmp_path / name, (0, 0))
    sweep(tmp_path)
    assert names(tmp_path) == [".keep", ".y.0.tmp", "z.tmp"]
    sweep(tmp_path / "none")
