"""A key opens once, within its time, and lies nowhere in its folder."""

from __future__ import annotations

import threading
from pathlib import Path

from comity.adapters.page_keys import PageKeys


def test_a_key_is_taken_once(tmp_path: Path) -> None:
    keys = PageKeys(tmp_path / "page-keys")
    assert not keys.take("none", 0)
    key = keys.offer(1000, 60)
    assert keys.take(key, 1059)
    assert not keys.take(key, 1059)


def test_a_key_ends(tmp_path: Path) -> None:
    keys = PageKeys(tmp_path / "page-keys")
    assert not keys.take(keys.offer(1000, 60), 1060)


def test_no_key_lies_in_the_folder_and_old_ones_go(tmp_path: Path) -> None:
    keys = PageKeys(tmp_path / "page-keys")
    old = keys.offer(1000, 60)
    new = keys.offer(2000, 60)
    files = list((tmp_path / "page-keys").iterdir())
    assert len(files) == 1
    assert (tmp_path / "page-keys").stat().st_mode & 0o077 == 0
    assert files[0].stat().st_mode & 0o077 == 0
    for file in files:
        assert old not in file.name + file.read_text()
        assert new not in file.name + file.read_text()
    assert keys.take(new, 2001)


def test_of_many_who_come_at_once_one_is_let_in(tmp_path: Path) -> None:
    keys = PageKeys(tmp_path / "page-keys")
    key = keys.offer(0, 60)
    found: list[bool] = []
    threads = [threading.Thread(target=lambda: found.append(keys.take(key, 1))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found.count(True) == 1


def test_odd_keys_open_nothing(tmp_path: Path) -> None:
    keys = PageKeys(tmp_path / "page-keys")
    keys.offer(0, 60)
    for odd in ("", "..", "../token", "\x00", "\ud800", "x" * 10_000):
        assert not keys.take(odd, 1)


def test_all_keys_are_ended_at_once(tmp_path: Path) -> None:
    keys = PageKeys(tmp_path / "page-keys")
    assert keys.era() == ""
    offered = [keys.offer(1000, 60) for _ in range(3)]
    assert keys.withdraw() == 3
    first = keys.era()
    assert not any(keys.take(key, 1000) for key in offered)
    assert keys.take(keys.offer(1000, 60), 1000)
    assert keys.era() == first
    assert keys.withdraw() == 0
    assert keys.era() != first
