"""A seal that was interrupted goes on; what it had finished is not made again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from comity.compose import open_home
from comity.errors import Malformed
from comity.evidence.formats import name_format
from comity.evidence.hashing import Partial
from comity.evidence.partial import parse_partial, render_partial
from comity.evidence.seal import Declared, seal_stream
from comity.evidence.seal_file import parse_private, parse_seal
from comity.exchange.erasing import SEALING
from comity.exchange.evidence import held_items
from comity.ledger.rowtree import RowsSoFar
from comity.records import cbor
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


def stop_inside(script: str, words: list[str], blocks: int, how: signal.Signals = signal.SIGKILL) -> bytes:
    """Run a command that waits once it has read so many blocks, end it there, and give what it said last."""
    child = subprocess.Popen(
        [sys.executable, "-c", script, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "STOP": str(blocks)},
    )
    assert child.stdout is not None
    assert child.stdout.readline() == b"reached\n"
    child.send_signal(how)
    return child.communicate()[1]


SLOWLY = """
import os, sys
import comity.cli.inputs as inputs
import comity.evidence.seal as seal
seal.KEEP_BYTES = 1 << 16
real = inputs.FileChunks.__iter__
inputs.CHUNK = 1 << 16
def slow(self):
    for n, chunk in enumerate(real(self)):
        if n == int(os.environ["STOP"]):
            print("reached", flush=True)
            import time
            time.sleep(600)
        yield chunk
inputs.FileChunks.__iter__ = slow
import comity.cli.main
comity.cli.main.main(sys.argv[1:])
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_long_file_goes_on_inside(tmp_path: Path, how: signal.Signals) -> None:
    """Under the key it was begun with, so the seal is the one that nothing interrupted, to the bit."""
    log, target = tmp_path / "long.log", tmp_path / "x.seal"
    log.write_bytes(b"".join(b"line %d of a long log\n" % n for n in range(40_000)))
    told = stop_inside(SLOWLY, ["seal", str(log), "--out", str(target)], 12, how)
    assert how == signal.SIGKILL or b"--resume goes on where this stopped" in told
    (left,) = tmp_path.glob(".x.seal.derived.*.tmp")
    assert (left / "partial").stat().st_mode & 0o777 == 0o600
    kept = cbor.decode((left / "partial").read_bytes(), "partial")
    assert isinstance(kept, list)
    key = kept[1]
    assert isinstance(key, bytes)
    done = ok("seal", log, "--out", target, "--resume")
    assert "going on at 8" in done.out
    (opened,) = parse_private((tmp_path / "x.seal.private").read_bytes())
    assert opened.key == key.hex()
    chunks = [log.read_bytes()]
    whole = seal_stream(chunks, "long.log", "lines/1", key, Declared())
    (item,) = parse_seal(target.read_bytes())
    assert (item.size, item.root) == (whole.size, whole.item)
    assert opened.tree == whole.tree
    assert not list(tmp_path.glob(".x.seal*"))


@pytest.mark.parametrize("damage", ["of what was kept", "of the file"])
def test_a_long_file_is_sealed_anew_where_it_cannot_go_on(tmp_path: Path, damage: str) -> None:
    log, target = tmp_path / "long.log", tmp_path / "x.seal"
    log.write_bytes(b"".join(b"line %d of a long log\n" % n for n in range(20_000)))
    stop_inside(SLOWLY, ["seal", str(log), "--out", str(target)], 4)
    (left,) = tmp_path.glob(".x.seal.derived.*.tmp")
    kept = bytearray((left / "partial").read_bytes())
    if damage == "of what was kept":
        kept[-40] ^= 1
        (left / "partial").write_bytes(kept)
    else:
        # Another file under the same name, length, time and inode: only its digest tells.
        was = log.stat()
        with log.open("r+b") as file:
            file.write(b"LINE")
        os.utime(log, ns=(was.st_atime_ns, was.st_mtime_ns))
    done = ok("seal", log, "--out", target, "--resume")
    assert ("changed since" in done.err) == (damage == "of the file")
    (opened,) = parse_private((tmp_path / "x.seal.private").read_bytes())
    key = bytes.fromhex(opened.key)
    assert key not in bytes(kept)
    whole = seal_stream([log.read_bytes()], "long.log", "lines/1", key, Declared())
    assert parse_seal(target.read_bytes())[0].root == whole.item


def test_damage_of_what_was_kept_is_seen() -> None:
    rows = RowsSoFar(count=300, first=bytes(255 * 32), rest=bytes(45 * 32), roots=b"")
    partial = Partial(read=9, sha256="0" * 64, offset=7, rows=rows, headers=(1, 4), header_count=2)
    raw = render_partial(partial)
    assert parse_partial(raw) == partial
    for at in range(0, len(raw), 97):
        damaged = bytearray(raw)
        damaged[at] ^= 1
        with pytest.raises(Malformed, match="damaged"):
            parse_partial(bytes(damaged), "kept")
    for other in (b"", cbor.encode(["another"])):
        with pytest.raises(Malformed, match="kept"):
            parse_partial(other + sha256(other).digest() if other else b"", "kept")


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


INTO_A_CASE = """
import os, sys, time
import comity.evidence.seal as seal
seal.KEEP_BYTES = 1 << 16
real = seal.seal_stream
def slow(chunks, *more, **rest):
    def some():
        done = 0
        for chunk in chunks:
            for at in range(0, len(chunk), 1 << 15):
                yield chunk[at : at + (1 << 15)]
                done += 1
                if done == int(os.environ["STOP"]):
                    print("reached", flush=True)
                    time.sleep(600)
    return real(some(), *more, **rest)
seal.seal_stream = slow
import comity.cli.main
comity.cli.main.main(sys.argv[1:])
"""


@pytest.mark.parametrize(
    ("how", "form"), [(signal.SIGKILL, "lines"), (signal.SIGINT, "lines"), (signal.SIGKILL, "opaque")]
)
def test_a_long_file_goes_on_inside_a_case(tmp_path: Path, how: signal.Signals, form: str) -> None:
    """Under the key it was begun with, and without copying it into the node a second time."""
    home, log = tmp_path / "home", tmp_path / "long.log"
    ok("init", home, "--name", "Alda Desk")
    case = ok("case", "open", "--home", home, "--json").one("case")["id"]
    raw = b"".join(b"line %d of a long log\n" % n for n in range(40_000))
    log.write_bytes(raw)
    words = ["seal", str(log), "--case", case, "--home", str(home), "--format", form]
    told = stop_inside(INTO_A_CASE, words, 12, how)
    assert how == signal.SIGKILL or b"--resume goes on where this stopped" in told
    node = open_home(home).node
    (note,) = node.journal.notes(SEALING).values()
    kept = cbor.decode(note, "note")
    assert isinstance(kept, list)
    blob, key = kept[1:3]
    assert isinstance(blob, bytes)
    assert isinstance(key, bytes)
    assert blob == sha256(raw).digest()
    assert node.blobs.has(blob.hex())
    assert not held_items(node)
    done = ok(*words, "--resume")
    assert ("going on at 4" if form == "lines" else "sealed from what is stored") in done.out
    (held,) = held_items(open_home(home).node).values()
    whole = seal_stream([raw], "long.log", name_format(form), key, Declared())
    assert (held.item.size, held.item.root) == (whole.size, whole.item)
    assert held.private.key == key.hex()
    assert held.private.tree == whole.tree
    assert held.private.metadata.encode() == whole.metadata
    assert held.seal
    assert not open_home(home).node.journal.notes(SEALING)
    assert "sealed before" in ok(*words, "--resume").out


def test_a_file_that_changed_since_is_sealed_into_the_case_anew(tmp_path: Path) -> None:
    home, log = tmp_path / "home", tmp_path / "long.log"
    ok("init", home, "--name", "Alda Desk")
    case = ok("case", "open", "--home", home, "--json").one("case")["id"]
    log.write_bytes(b"".join(b"line %d of a long log\n" % n for n in range(40_000)))
    words = ["seal", str(log), "--case", case, "--home", str(home)]
    stop_inside(INTO_A_CASE, words, 12)
    log.write_bytes(b"another\n")
    done = ok(*words, "--resume", "--json")
    assert done.one("item")["rows"] == 1
