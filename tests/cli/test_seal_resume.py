"""A seal that was interrupted goes on; what it had finished is not made again."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from comity.evidence.seal_file import parse_private, parse_seal
from tests.cli.running import ok, run

CHILD = """
import os, sys
import comity.evidence.seal as seal
real = seal.seal_stream
def slow(chunks, name, *more, **rest):
    if name == "c.log":
        print("reached", flush=True)
        import time
        time.sleep(600)
    return real(chunks, name, *more, **rest)
seal.seal_stream = slow
import comity.cli.main
comity.cli.main.main(sys.argv[1:])
"""


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    for n, name in enumerate(("a.log", "b.log", "c.log", "d.log")):
        (folder / name).write_bytes(b"".join(b"%s %d\n" % (name.encode(), m) for m in range(100 * n + 3)))
    return folder


def killed(logs: Path, target: Path, *more: str) -> None:
    """A run that dies by ``kill -9`` in its third file."""
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, "seal", str(logs), "--out", str(target), "--json", *more],
        stdout=subprocess.PIPE,
    )
    assert child.stdout is not None
    for line in child.stdout:
        if line == b"reached\n":
            break
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()


def test_a_killed_run_goes_on_where_it_stopped(logs: Path, tmp_path: Path) -> None:
    target = tmp_path / "x.seal"
    killed(logs, target)
    assert not target.exists()
    (left,) = tmp_path.glob(".x.seal.derived.*.tmp")
    assert left.stat().st_mode & 0o777 == 0o700
    assert (left / "progress").stat().st_mode & 0o777 == 0o600
    before = [json.loads(line) for line in (left / "progress").read_bytes().splitlines()][1:]
    finished = {entry["root"] for line in before for entry in line["entries"]}
    assert len(finished) == 2
    # What was half written, and a file that changed since, are made again.
    with (left / "progress").open("ab") as file:
        file.write(b'{"file": "cut sho')
    (logs / "b.log").write_bytes(b"another\n")
    done = ok("seal", logs, "--out", target, "--resume", "--json")
    items = parse_seal(target.read_bytes())
    assert len(items) == 4
    assert len(finished & {item.root for item in items}) == 1
    assert len(done.of("item")) == 3
    assert len(parse_private((tmp_path / "x.seal.private").read_bytes())) == 4
    assert not list(tmp_path.glob(".x.seal*"))


def test_only_the_same_run_goes_on(logs: Path, tmp_path: Path) -> None:
    target = tmp_path / "x.seal"
    assert run("seal", logs, "--out", target, "--resume").code == 5
    killed(logs, target)
    other = run("seal", logs, "--out", target, "--resume", "--zone", "+02:00", "--json")
    assert other.code == 5
    assert "resume.other" in other.err
    (left,) = tmp_path.glob(".x.seal.derived.*.tmp")
    (left / "progress").write_bytes(b'{"asked"\n')
    assert "resume.form" in run("seal", logs, "--out", target, "--resume", "--json").err


def test_a_running_seal_is_not_taken_over(logs: Path, tmp_path: Path) -> None:
    import fcntl

    target = tmp_path / "x.seal"
    killed(logs, target)
    (left,) = tmp_path.glob(".x.seal.derived.*.tmp")
    with (left / "progress").open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert "resume.busy" in run("seal", logs, "--out", target, "--resume", "--json").err
    ok("seal", logs, "--out", target, "--resume")


def test_a_dry_run_computes_and_writes_nothing(logs: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    plans = ok("seal", logs, "--dry-run", "--json").of("plan")
    assert [(p["rows"], p["size"], p["format"]) for p in plans] == [
        (3, 4, "lines/1"),
        (103, 104, "lines/1"),
        (203, 204, "lines/1"),
        (303, 304, "lines/1"),
    ]
    assert all(len(p["root"]) == len(p["sha256"]) == 64 for p in plans)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_gives_a_manifest_that_names_every_item(logs: Path, tmp_path: Path) -> None:
    target = tmp_path / "x.seal"
    done = ok("seal", logs, "--out", target, "--manifest", "--json")
    (manifest,) = (tmp_path / "x.seal.derived").iterdir()
    rows = [json.loads(line) for line in manifest.read_bytes().splitlines()]
    assert [row["path"] for row in rows] == ["a.log", "b.log", "c.log", "d.log"]
    items = done.of("item")
    assert [row["item"] for row in rows] == [f"rows:{i['size']}:{i['root']}" for i in items[:4]]
    assert (items[4]["name"], items[4]["format"], items[4]["rows"]) == ("manifest.jsonl", "jsonl/1", 4)
    assert len(parse_seal(target.read_bytes())) == 5
