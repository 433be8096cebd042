"""The log of openings, as pages read it on."""

from __future__ import annotations

from pathlib import Path

import pytest

from comity.adapters.access_file import AccessFile, AccessReader, read_access
from comity.errors import NotVerified


def test_a_reader_reads_on_and_keeps_the_newest(tmp_path: Path) -> None:
    path, now = tmp_path / "access.jsonl", [100]
    read = AccessReader(path, newest=2)
    assert read("a") == (0, [])
    note = AccessFile(path, "desk", lambda: now[0])
    for item in ("a", "b", "a", "a"):
        now[0] += 1
        note("rows", item)
        count, found = read(item)
        assert found[0].at == now[0]
    assert count == 3
    assert [one.at for one in found] == [104, 103]
    assert [one.item for one in read_access(path)[0]] == ["a", "b", "a", "a"]


@pytest.mark.parametrize("harm", ["cut", "changed before", "changed after"])
def test_a_changed_log_is_told(tmp_path: Path, harm: str) -> None:
    path = tmp_path / "access.jsonl"
    note, read = AccessFile(path, "desk", lambda: 1), AccessReader(path)
    note("rows", "a")
    note("rows", "a")
    read("a")
    lines = path.read_bytes().splitlines(keepends=True)
    if harm == "cut":
        path.write_bytes(lines[0])
    elif harm == "changed before":
        path.write_bytes(lines[0] + lines[1].replace(b"desk", b"risk"))
    else:
        note("rows", "a")
        path.write_bytes(path.read_bytes() + lines[1])
    with pytest.raises(NotVerified) as caught:
        read("a")
    assert caught.value.code == "access.chain"


def test_a_line_half_written_is_read_later(tmp_path: Path) -> None:
    path = tmp_path / "access.jsonl"
    AccessFile(path, "desk", lambda: 1)("rows", "a")
    whole, read = path.read_bytes(), AccessReader(path)
    path.write_bytes(whole[:20])
    assert read("a")[0] == 0
    path.write_bytes(whole)
    assert read("a")[0] == 1
