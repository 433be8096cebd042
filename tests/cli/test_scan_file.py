"""What becomes of a file that is not left alone while it is read."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from comity.cli.inputs import CHUNK
from comity.cli.scan_file import scan_file
from comity.cli.scan_task import Scanned, Task
from comity.findings.finding import Parameters
from comity.findings.match import Scanner
from comity.findings.pack import compile_pack

RULE = b"title: a\nlogsource: {}\ndetection: {s: {src: 203.0.113.9}, condition: s}\n"
LINE = json.dumps({"src": "203.0.113.9", "more": "x" * 1000}).encode() + b"\n"
LINES = 3 * CHUNK // len(LINE)


def scanned(path: Path, change: Callable[[], None]) -> Scanned:
    """The file is changed once, when the first piece of it was read."""
    pack = compile_pack([("a.yml", RULE)])
    due = [change]

    def told(_: int) -> None:
        if due:
            due.pop()()

    task = Task(path=str(path), shown=path.name, parameters=Parameters())
    return scan_file(task, pack, Scanner(pack), path.parent, told)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "a.jsonl"
    path.write_bytes(LINE * LINES)
    os.utime(path, ns=(10**18, 10**18))
    return path


def test_a_log_that_is_cut_off_while_it_is_read_gives_no_finding(log: Path) -> None:
    found = scanned(log, lambda: os.truncate(log, CHUNK + 100))
    assert found.finding is None
    assert found.error is not None
    assert found.error[::2] == ("file.changed", "it was cut off while it was read")


def test_a_log_that_is_cut_off_and_filled_again_gives_no_finding(log: Path) -> None:
    def refill() -> None:
        os.truncate(log, 0)
        with log.open("ab") as file:
            file.write(b"{}\n" * 100)
            file.truncate(2 * CHUNK)

    found = scanned(log, refill)
    assert found.error is not None
    assert found.error[::2] == ("file.changed", "it was cut off while it was read")


def test_a_log_that_is_written_over_while_it_is_read_gives_no_finding(log: Path) -> None:
    def write() -> None:
        with log.open("r+b") as file:
            file.seek(2 * CHUNK)
            file.write(b"#" * 10)

    found = scanned(log, write)
    assert found.error is not None
    assert found.error[::2] == ("file.changed", "it was written over while it was read")


def test_a_log_may_grow_while_it_is_read(log: Path) -> None:
    def write() -> None:
        with log.open("ab") as file:
            file.write(LINE)

    found = scanned(log, write)
    assert found.error is None
    assert found.finding is not None
    assert found.rows in (LINES, LINES + 1)
