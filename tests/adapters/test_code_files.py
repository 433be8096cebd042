"""Kept code is read only where nobody else could have written it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from comity.adapters import code_files
from comity.adapters.code_files import CodeFiles

pytestmark = pytest.mark.skipif(not hasattr(os, "getuid"), reason="users and modes as POSIX has them")


def test_what_is_kept_is_there_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "code"
    files = CodeFiles(folder)
    assert files.get("n") is None
    files.put("n", b"x")
    files.put("n", b"y")
    assert files.get("n") == b"y"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [file.stat().st_mode & 0o777 for file in folder.iterdir()] == [0o600]


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_may_write_to_is_not_read(tmp_path: Path, mode: int) -> None:
    files = CodeFiles(tmp_path)
    files.put("n", b"x")
    (tmp_path / "n.code").chmod(mode)
    assert files.get("n") is None


def test_neither_links_nor_pipes_nor_folders_nor_long_files_are_read(tmp_path: Path) -> None:
    files = CodeFiles(tmp_path)
    (tmp_path / "real").write_bytes(b"x")
    (tmp_path / "real").chmod(0o600)
    (tmp_path / "link.code").symlink_to(tmp_path / "real")
    os.mkfifo(tmp_path / "pipe.code", 0o600)
    (tmp_path / "folder.code").mkdir()
    with (tmp_path / "long.code").open("wb") as file:
        file.truncate(code_files.LIMIT + 1)
    assert [files.get(name) for name in ("link", "pipe", "folder", "long")] == [None] * 4
    files.put("much", bytes(code_files.LIMIT + 1))
    assert files.get("much") is None


def test_a_file_of_another_user_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = CodeFiles(tmp_path)
    files.put("n", b"x")
    owner = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: owner + 1)
    assert files.get("n") is None


def test_the_oldest_give_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code_files, "KEPT", 3)
    files = CodeFiles(tmp_path)
    for n in range(5):
        files.put(str(n), b"x")
        os.utime(tmp_path / f"{n}.code", (n, n))
    assert sorted(file.stem for file in tmp_path.iterdir()) == ["2", "3", "4"]


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    files = CodeFiles(tmp_path / "file" / "code")
    files.put("n", b"x")
    assert files.get("n") is None
