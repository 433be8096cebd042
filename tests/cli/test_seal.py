"""Sealing alone: whole or not at all, and everything passed over is named."""

from __future__ import annotations

import errno
import gzip
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from comity.cli import inputs
from comity.evidence.seal_file import parse_private, parse_seal
from tests.cli.running import command, ok, run


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.csv").write_text("a,b\n1,2\n")
    (folder / "deep" / "b.jsonl").write_text('{"x": 1}\n{"x": 2}\n')
    return folder


def left(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in tmp_path.iterdir() if path.name != "logs")


def test_a_folder_becomes_a_seal_and_its_private_file(logs: Path, tmp_path: Path) -> None:
    target = tmp_path / "x.seal"
    done = ok("seal", logs, "--out", target, "--zone", "+02:00", "--origin", "gateway", "--json")
    assert left(tmp_path) == ["x.seal", "x.seal.private"]
    public, private = (
        parse_seal(target.read_bytes()),
        parse_private((tmp_path / "x.seal.private").read_bytes()),
    )
    assert {e.ref for e in public} == {e.ref for e in private}
    assert {(e.format, e.zone, e.origin, e.name) for e in public} == {
        ("csv/1", "+02:00", "gateway", ""),
        ("jsonl/1", "+02:00", "gateway", ""),
    }
    assert {e.file_path for e in private} == {str(logs / "a.csv"), str(logs / "deep" / "b.jsonl")}
    assert (tmp_path / "x.seal.private").stat().st_mode & 0o777 == 0o600
    assert done.one("seal")["items"] == 2
    # Nothing in the public file opens a row, or says which file it was.
    for entry in private:
        assert entry.key.encode() not in target.read_bytes()
    assert b"a.csv" not in target.read_bytes()


def test_names_are_shown_only_if_asked_for(logs: Path, tmp_path: Path) -> None:
    ok("seal", logs, "--out", tmp_path / "x.seal", "--names")
    assert {e.name for e in parse_seal((tmp_path / "x.seal").read_bytes())} == {"a.csv", "b.jsonl"}


def test_a_dry_run_writes_nothing(logs: Path, tmp_path: Path) -> None:
    done = ok("seal", logs, "--dry-run", "--json")
    assert [plan["format"] for plan in done.of("plan")] == ["csv/1", "jsonl/1"]
    assert left(tmp_path) == []


def test_nothing_is_overwritten(logs: Path, tmp_path: Path) -> None:
    target = tmp_path / "x.seal"
    ok("seal", logs, "--out", target)
    before = {name: (tmp_path / name).read_bytes() for name in left(tmp_path)}
    assert run("seal", logs, "--out", target).code == 5
    target.unlink()
    done = run("seal", logs, "--out", target)
    assert done.code == 5
    assert "without its seal" in done.err
    assert (tmp_path / "x.seal.private").read_bytes() == before["x.seal.private"]


def test_links_are_named_and_passed_over(logs: Path, tmp_path: Path) -> None:
    (logs / "link").symlink_to(logs / "a.csv")
    done = ok("seal", logs, "--out", tmp_path / "x.seal", "--json")
    assert [s["path"] for s in done.of("skipped")] == [str(logs / "link")]
    assert len(done.of("item")) == 2


def test_what_cannot_be_read_stops_everything_unless_told_otherwise(logs: Path, tmp_path: Path) -> None:
    missing = logs / "a.csv" / "below"  # a folder that is a file: unreadable for root, too
    target = tmp_path / "x.seal"
    done = run("seal", logs, missing, "--out", target)
    assert (done.code, left(tmp_path)) == (6, [])
    assert f"{missing}: a part of the path is not a folder" in done.err
    done = run("seal", logs, missing, "--out", target, "--keep-going", "--json")
    assert done.code == 6
    assert done.one("seal")["items"] == 2
    assert done.one("problem")["where"] == str(missing)


def test_a_folder_without_permission_is_named(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = os.scandir

    def deny(path: Path) -> Any:
        if Path(path).name == "deep":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return inside(path)

    monkeypatch.setattr(os, "scandir", deny)
    done = run("seal", logs, "--out", tmp_path / "x.seal")
    assert done.code == 6
    assert f"{logs / 'deep'}: no permission" in done.err
    assert not (tmp_path / "x.seal").exists()


@pytest.mark.parametrize("at", ["write", "fsync", "link"])
def test_a_full_disk_leaves_nothing(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    real = getattr(os, at)
    calls = 0

    def full(*arguments: Any, **more: Any) -> Any:
        nonlocal calls
        calls += 1
        if at != "link" or calls > 1:  # the private file is in place already, the seal is not
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(*arguments, **more)

    monkeypatch.setattr(f"comity.adapters.atomic.os.{at}", full)
    done = run("seal", logs, "--out", tmp_path / "x.seal")
    assert done.code == 6, done
    assert "the disk is full" in done.err
    assert left(tmp_path) == []


def test_a_full_file_system_leaves_nothing(tmp_path: Path) -> None:
    """A real one, where this machine lets us mount it."""
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(small)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    try:
        log = tmp_path / "big.csv"
        log.write_text("a,b\n")
        logs = tmp_path / "many"
        logs.mkdir()
        for n in range(400):
            (logs / f"{n}.log").write_text("row\n")
        done = run("seal", logs, "--out", small / "x.seal")
        assert (done.code, "disk is full" in done.err) == (6, True), done
        assert list(small.iterdir()) == []
    finally:
        subprocess.run(["umount", str(small)], check=True)


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_an_end_in_the_middle_leaves_nothing_half_written(tmp_path: Path, end: signal.Signals) -> None:
    log = tmp_path / "big.log"
    log.write_bytes(b"a row of a log that is long enough\n" * 3_000_000)
    out = tmp_path / "out"
    out.mkdir()
    target = out / "x.seal"
    for delay in (0.0, 0.1, 0.3):
        process = subprocess.Popen(
            command("seal", log, "--out", target), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        while process.poll() is None and not list(out.iterdir()):
            time.sleep(0.01)
        time.sleep(delay)
        process.send_signal(end)
        _, errors = process.communicate()
        assert b"Traceback" not in errors
        if target.exists():
            parse_private((out / "x.seal.private").read_bytes())
            assert {e.ref for e in parse_seal(target.read_bytes())}
            return
        assert not (out / "x.seal.private").exists()
        if end == signal.SIGINT:
            assert process.returncode == 130
            # What is left, if anything, is to go on with, and says so.
            assert bool(list(out.iterdir())) == (b"--resume" in errors)


def test_a_file_of_no_known_format_is_sealed_whole_and_said_so(tmp_path: Path) -> None:
    path = tmp_path / "sample.bin"
    path.write_bytes(bytes(range(256)))
    done = ok("seal", path, "--out", tmp_path / "x.seal")
    assert "sealed whole, to be shown whole or not at all: it has NUL bytes" in done.out
    assert "not text" in ok("seal", path, "--out", tmp_path / "y.seal", "--json").one("item")["whole"]
    # What is asked for needs no reason.
    assert "whole" not in ok("seal", path, "--format", "opaque", "--out", tmp_path / "z.seal").out


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("log.evtx", b"ElfFile\0" + bytes(100)),
        ("lines.log.gz", gzip.compress(b"one\ntwo\n", mtime=0)),
        ("list.json", b'[\n  {"a": 1},\n  {"a": 2}\n]\n'),
    ],
)
def test_who_says_opaque_seals_the_file_and_nothing_that_is_made_of_it(
    tmp_path: Path, name: str, raw: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(raw)
    told = ok("seal", path, "--format", "opaque", "--out", tmp_path / "x.seal", "--json")
    assert told.one("item")["whole"] == "--format says so, and nothing is derived from it"
    (item,) = parse_seal((tmp_path / "x.seal").read_bytes())
    assert item.format == "opaque/1"


def test_a_hostile_event_log_is_sealed_whole_and_named(tmp_path: Path) -> None:
    pytest.importorskip("evtx")
    log = tmp_path / "bad.evtx"
    log.write_bytes(b"ElfFile\0" + b"\xff" * 100)
    done = run("seal", log, "--out", tmp_path / "x.seal", "--json")
    assert done.code == 2
    assert done.one("problem")["code"] == "evtx.header"
    assert "sealed whole only" in done.err
    assert [(e.format, e.bytes) for e in parse_seal((tmp_path / "x.seal").read_bytes())] == [
        ("opaque/1", 108)
    ]


@pytest.mark.shared
def test_an_event_log_is_sealed_with_its_derived_lines(tmp_path: Path, shared: Path) -> None:
    pytest.importorskip("evtx")
    log = shared / "evtx" / "UACME_59_Sysmon.evtx"
    target = tmp_path / "x.seal"
    ok("seal", log, "--out", target)
    whole, lines = sorted(parse_seal(target.read_bytes()), key=lambda e: e.format, reverse=True)
    assert (whole.format, lines.format) == ("opaque/1", "evtx-jsonl/1")
    assert lines.derived_from == str(whole.ref)
    private = {e.root: e for e in parse_private((tmp_path / "x.seal.private").read_bytes())}
    kept = Path(private[lines.root].file_path)
    assert kept == tmp_path / "x.seal.derived" / f"{lines.root}.jsonl"
    assert kept.read_bytes().count(b"\n") == lines.size - 1
    assert kept.stat().st_mode & 0o077 == 0
    cut = tmp_path / "cut.evtx"
    cut.write_bytes(log.read_bytes()[:40_000])
    done = ok("seal", cut, "--out", tmp_path / "cut.seal")
    assert "could not be read, and stand as such" in done.err


def test_without_the_parser_event_logs_are_sealed_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from comity.errors import Unavailable

    def missing() -> None:
        raise Unavailable("evtx.missing", "evtx", "Windows event logs need the parser")

    monkeypatch.setattr("comity.adapters.evtx_process.check_parser", missing)
    for name in ("a.evtx", "b.evtx"):
        (tmp_path / name).write_bytes(b"ElfFile\0" + bytes(5000))
    done = run("seal", tmp_path, "--out", tmp_path.parent / f"{tmp_path.name}.seal", "--json")
    assert done.code == 2
    assert len(done.of("item")) == 2
    assert len(done.of("problem")) == 1  # said once, not for every log


@pytest.mark.parametrize(
    "words",
    [["--zone", "2"], ["--format", "xml"], ["--origin", "a\x00b"], ["--origin", "x" * 2000]],
)
def test_declarations_without_meaning_are_refused(logs: Path, tmp_path: Path, words: list[str]) -> None:
    assert run("seal", logs, "--out", tmp_path / "x.seal", *words).code == 2
    assert left(tmp_path) == []


def test_a_file_written_to_while_it_is_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read is sealed; that there is more by now is no secret."""
    log = tmp_path / "grows.log"
    log.write_bytes(b"one\n")
    read = inputs.FileChunks.__iter__

    def while_read(self: inputs.FileChunks) -> Iterator[bytes]:
        yield from read(self)
        with log.open("ab") as file:
            file.write(b"more\n")

    monkeypatch.setattr(inputs.FileChunks, "__iter__", while_read)
    done = ok("seal", log, "--out", tmp_path / "x.seal", "--json")
    assert done.one("changed") == {"type": "changed", "path": str(log), "bytes": 4}
    assert "changed while it was read; what is sealed is the 4 bytes" in done.err
    assert parse_seal((tmp_path / "x.seal").read_bytes())[0].bytes == 4


def test_what_scripts_read_is_text_whatever_a_file_is_called(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    name = os.fsdecode(b"bad\xff\n.log")
    (folder / name).write_bytes(b"one\n")
    raw = subprocess.run(
        command("seal", folder, "--dry-run", "--json"), capture_output=True, check=True
    ).stdout
    (told,) = (json.loads(line) for line in raw.decode("utf-8").splitlines())
    assert Path(told["path"]) == folder / name
