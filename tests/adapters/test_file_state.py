"""The state of a file tells of any change, once the file has rested."""

from __future__ import annotations

import os
from pathlib import Path

from comity.adapters.file_state import RESTED, changed_at, has_rested, state_of


def test_any_change_of_a_file_shows_in_its_state(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"one")
    before = state_of(path)
    assert before == state_of(str(path))
    times = path.stat()
    path.write_bytes(b"two")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    while (after := state_of(path)) == before:  # the clock of the file system has not gone on yet
        path.write_bytes(b"two")
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert before is not None
    assert after is not None
    assert before[:4] == after[:4]
    (tmp_path / "b").write_bytes(b"two")
    assert state_of(tmp_path / "b") != after


def test_only_a_regular_file_has_a_state(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"one")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    os.mkfifo(tmp_path / "pipe")
    assert [state_of(tmp_path / name) for name in ("link", "pipe", "none", ".")] == [None] * 4


def test_files_rest_from_the_last_change_of_any(tmp_path: Path) -> None:
    states = [(1, 2, 3, 40 * 10**9, 50 * 10**9), (1, 3, 3, 70 * 10**9, 60 * 10**9)]
    assert changed_at(states) == 70
    assert changed_at([]) == 0
    assert has_rested(states, 70 + RESTED)
    assert not has_rested(states, 69 + RESTED)
    assert not has_rested(states, 0)
