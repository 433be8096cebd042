"""A run says how far it is, goes on after an interruption, and gives the same however it was run."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from comity.cli import scan, scan_journal, scan_kept
from comity.cli.output import Out
from comity.cli.scan import Scanned, Task
from comity.cli.scan_course import Course
from comity.cli.scan_told import Progress
from comity.findings.finding import Parameters
from comity.findings.pack import Pack
from tests.cli.running import Done, run

RULE = "title: hit\nlogsource: {product: app}\ndetection: {s: {message|contains: evil}, condition: s}\n"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(scan_kept, "STEP", 0)  # the files have only just been written
    (tmp_path / "r.yml").write_text(RULE)
    (tmp_path / "i.ioc").write_text("1.2.3.4\nbad.example\n")
    logs = tmp_path / "logs"
    logs.mkdir()
    for n in range(4):
        lines = [
            f"line {m} {'evil' if m % (n + 2) == 0 else 'fine'} {m}.2.3.4 bad.example" for m in range(40)
        ]
        (logs / f"{n}.log").write_text("\n".join(lines) + "\n")
    return tmp_path


def find(place: Path) -> list[dict[str, object]]:
    done = run("find", place / "r.yml", place / "i.ioc", place / "logs", "--json")
    return [each for each in done.objects if each["type"] == "finding"]


def stop_after(count: int) -> Callable[..., Iterator[Scanned]]:
    real = scan.scan_files

    def stopping(tasks: Sequence[Task], pack: Pack, workers: int, course: Course) -> Iterator[Scanned]:
        for number, scanned in enumerate(real(tasks, pack, workers, course)):
            yield scanned
            if number + 1 == count:
                raise KeyboardInterrupt

    return stopping


def test_an_interrupted_run_goes_on_where_it_was(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = find(place)
    assert len(expected) == 8
    with monkeypatch.context() as patch:
        patch.setattr(scan, "scan_files", stop_after(2))
        stopped = run("find", place / "r.yml", place / "i.ioc", place / "logs", "--json")
    assert "the same command goes on from there" in stopped.err
    assert len(kept_in(place)) == 1
    # One of the two has been touched since, and is read again.
    (place / "logs" / "1.log").write_text("evil\n")
    changed = find_again(place)
    assert changed.err.count("going on with an interrupted run: 1 file of 4 done") == 1
    told = [each for each in changed.objects if each["type"] == "finding"]
    assert [each for each in told if not str(each["file"]).endswith("1.log")] == [
        each for each in expected if not str(each["file"]).endswith("1.log")
    ]
    assert kept_in(place) == []
    assert "going on" not in find_again(place).err


def kept_in(place: Path) -> list[Path]:
    return sorted((place / "cache" / "comity" / "finds").glob("*"))


@pytest.mark.parametrize("how", ["full", "no folder", "no home", "only read"])
def test_where_nothing_can_be_kept_the_run_goes_on_and_says_so(
    place: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = find(place)
    monkeypatch.setattr(scan_kept, "SECONDS", 0.0)

    def refuse(*_: object) -> None:
        raise OSError(errno.EROFS if how == "only read" else errno.ENOSPC, "")

    if how == "no folder":
        (place / "file").write_text("")
        monkeypatch.setenv("XDG_CACHE_HOME", str(place / "file" / "below"))
    elif how == "no home":
        monkeypatch.delenv("XDG_CACHE_HOME")
        monkeypatch.setenv("HOME", "/proc/nowhere")
    else:
        monkeypatch.setattr(scan_journal, "_write", refuse)
    monkeypatch.setattr(scan, "scan_files", stop_after(2))
    done = find_again(place)
    told = {
        "full": "the disk is full",
        "no folder": "ours alone",
        "no home": "not there",
        "only read": "read-only",
    }
    assert done.err.count("if this run is interrupted, it begins anew: ") == 1
    assert told[how] in done.err
    assert "goes on from there" not in done.err
    assert done.code == 130
    monkeypatch.undo()
    monkeypatch.setenv("XDG_CACHE_HOME", str(place / "cache"))
    assert kept_in(place) == []
    assert find(place) == expected


def find_again(place: Path) -> Done:
    return run("find", place / "r.yml", place / "i.ioc", place / "logs", "--json")


def test_a_changed_result_is_not_taken_up(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(scan, "scan_files", stop_after(1))
        find_again(place)
    (kept,) = kept_in(place)
    raw = kept.read_bytes()
    kept.write_bytes(raw[:-9] + bytes([raw[-9] ^ 1]) + raw[-8:])
    assert "going on" not in find_again(place).err


def test_the_line_tells_bytes_rows_rate_and_time_left(tmp_path: Path) -> None:
    tasks = []
    for n in range(2):
        file = tmp_path / f"{n}.log"
        file.write_bytes(b"x" * 2_000_000)
        tasks.append(Task(path=str(file), shown=file.name, parameters=Parameters()))
    progress = Progress(Out(False), tasks)
    assert progress.text(0) == "[          ] 0%, 0 B of 4.0 MB, 0 rows, 0 of 2 files"
    progress.reach(0, 1_000_000)
    assert (
        progress.text(2)
        == "[##        ] 25%, 1.0 MB of 4.0 MB, 0 rows, 500.0 KB/s, 0:00:06 left, 0 of 2 files"
    )
    progress.pass_rows(5)
    progress.finish(0)
    progress.reach(1, 9_000_000)
    assert (
        progress.text(4)
        == "[##########] 100%, 4.0 MB of 4.0 MB, 5 rows, 1.0 MB/s, 0:00:00 left, 1 of 2 files"
    )
    again = Progress(Out(False), tasks)
    again.skip(0, 2_000_000)
    again.skip(1, 500_000)
    assert again.text(4) == "[######    ] 62%, 2.5 MB of 4.0 MB, 0 rows, 0 of 2 files"
    again.reach(1, 1_000_000)
    assert again.text(4, 60) == "[########  ] 88%, 3.5 MB of 4.0 MB, 250.0 KB/s, 0:00:02 left"
    assert again.text(4, 59) == "[########  ] 88%, 3.5 MB of 4.0 MB, 0:00:02 left"
    assert again.text(4, 20) == "0:00:02 left"


def test_the_same_with_any_number_of_workers_and_any_seed_of_hashes(place: Path) -> None:
    told = set()
    for workers, seed in ((1, "1"), (2, "2"), (2, "77")):
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "comity.cli",
                "find",
                "r.yml",
                "i.ioc",
                "logs",
                "--json",
                "--workers",
                str(workers),
            ],
            cwd=place,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found = [json.loads(line) for line in done.stdout.splitlines()]
        told.add(tuple(each["result"] for each in found if each["type"] == "finding"))
    assert len(told) == 1
    assert len(next(iter(told))) == 8
