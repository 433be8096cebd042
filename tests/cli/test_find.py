"""Searching: every rule and file accounted for, and the same findings however it is run."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import signal
import subprocess
import tarfile
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from comity.cli.scan import Task, scan_files
from comity.cli.scan_process import Worker
from comity.findings.finding import Parameters
from comity.findings.pack import compile_pack
from tests.cli.running import command, ok, run, spawn

RULE = b"""\
title: Relay used
id: 5f9d5f36-7b1c-4c3e-9b55-0d3f9e1f0a01
author: Alda Desk
level: high
logsource: {category: proxy}
detection: {selection: {src: 203.0.113.9}, condition: selection}
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    rules, logs = tmp_path / "rules", tmp_path / "logs"
    rules.mkdir()
    logs.mkdir()
    (rules / "relay.yml").write_bytes(RULE)
    (rules / "seen.txt").write_text("# seen\n203.0.113.9\n")
    (logs / "a.csv").write_text(
        "time,src\n2026-10-03 10:00:00,203.0.113.9\n2026-10-03 11:00:00,198.51.100.1\n"
    )
    (logs / "b.jsonl").write_text('{"src": "203.0.113.9", "time": "2026-10-03T12:00:00Z"}\n{"src": "x"}\n')
    (logs / "c.log").write_text("from 203.0.113.9\nfrom 1203.0.113.99\n")
    (logs / "d.log").write_text(
        "#Fields: date time c-ip\n2026-10-03 10:00:00 203.0.113.9\n2026-10-03 10:00:01 192.0.2.1\n"
    )
    return tmp_path


def rows(objects: list[dict[str, Any]]) -> set[tuple[str, str, str]]:
    return {(o["title"], Path(o["file"]).name, json.dumps(o["rows"])) for o in objects}


def test_rules_and_indicators_over_text_formats(place: Path) -> None:
    done = ok("find", place / "rules", place / "logs", "--json")
    assert rows(done.of("finding")) == {
        ("Relay used", "a.csv", "[[2, 1]]"),
        ("Relay used", "b.jsonl", "[[1, 1]]"),
        ("seen.txt", "a.csv", "[[2, 1]]"),
        ("seen.txt", "b.jsonl", "[[1, 1]]"),
        ("seen.txt", "c.log", "[[1, 1]]"),
        ("seen.txt", "d.log", "[[2, 1]]"),
    }
    first = done.of("finding")[0]
    assert first["item"].startswith("file:sha256:")
    assert {"inputs", "result", "pack", "semantics", "source", "level", "author"} <= first.keys()
    summary = done.one("summary")
    assert summary["files"] == {"used": 4, "unusable": 0, "in_part": 0}
    assert summary["rules"]["ready"] == 2
    text = ok("find", place / "rules", place / "logs").out
    assert "[high] Relay used (by Alda Desk)" in text
    assert "A match says that a rule fits these rows, not what happened." in text


@pytest.mark.parametrize("workers", [2, 3])
def test_any_number_of_workers_says_the_same(place: Path, workers: int) -> None:
    alone = ok("find", place / "rules", place / "logs", "--json", "--workers", 1)
    many = spawn("find", place / "rules", place / "logs", "--json", "--workers", workers)
    assert many.code == 0, many
    assert many.out == alone.out


def test_what_cannot_be_used_is_named_and_the_rest_is_done(place: Path) -> None:
    (place / "rules" / "broken.yml").write_text("title: [\n")
    (place / "logs" / "e.gz").write_bytes(b"\x1f\x8b\x08 compressed")
    (place / "logs" / "f.jsonl").write_text('{"src": "203.0.113.9"}\n{"src": \n')
    (place / "logs" / "g.evtx").write_bytes(b"ElfFile\0" + bytes(20))
    done = run("find", place / "rules", place / "logs", "--json")
    assert done.code == 2
    assert len(done.of("finding")) == 8
    unusable = {Path(o["source"]).name: o["why"] for o in done.of("rule") if o["status"] == "unusable"}
    assert unusable.keys() == {"broken.yml"}
    files = {Path(o["path"]).name: o for o in done.of("file")}
    assert files["e.gz"]["status"] == files["g.evtx"]["status"] == "unusable"
    assert "gzip" in files["e.gz"]["why"]
    assert sum(files["f.jsonl"]["unparsed"].values()) == 1
    text = run("find", place / "rules", place / "logs")
    assert text.code == 2
    for name in ("broken.yml", "e.gz", "g.evtx", "f.jsonl"):
        assert f"{name}: " in text.out


def test_a_window_leaves_out_rows_and_counts_those_without_a_time(place: Path) -> None:
    done = run(
        "find", place / "rules", place / "logs", "--json", "--zone", "+01:00",
        "--since", "2026-10-03T08:30:00Z", "--until", "2026-10-03T09:30:00Z",
    )  # fmt: skip
    assert rows(done.of("finding")) == {
        ("Relay used", "a.csv", "[[2, 1]]"),
        ("seen.txt", "a.csv", "[[2, 1]]"),
        ("seen.txt", "d.log", "[[2, 1]]"),
    }
    files = {Path(o["path"]).name: o for o in done.of("file")}
    assert (files["a.csv"]["outside"], files["c.log"]["undated"]) == (1, 2)
    assert done.code == 2  # rows without a time were left out, and named


@pytest.mark.parametrize(
    "words",
    [[], ["rules"], ["logs"], ["rules", "logs", "--logsource", "x=y"], ["rules", "logs", "--format", "q"]],
)
def test_too_little_or_wrong_is_wrong_usage(place: Path, words: list[str]) -> None:
    paths = [place / w if w in ("rules", "logs") else w for w in words]
    assert run("find", *paths).code == 2


def test_yara_rules_over_files_of_any_kind(place: Path) -> None:
    (place / "logs" / "tool.bin").write_bytes(b"\0\1relay\0")
    rules = place / "yara"
    rules.mkdir()
    (rules / "tool.yar").write_text('rule relay_tool { strings: $a = "relay" condition: $a }')
    (rules / "bad.yar").write_text("rule bad { condition: nowhere }")
    done = run("find", rules, place / "rules", place / "logs", "--json")
    assert done.code == 2
    assert ("relay_tool", "tool.bin", "[[1, 1]]") in rows(done.of("finding"))
    (bad,) = (o for o in done.of("rule") if o["status"] == "unusable")
    assert "unknown identifier `nowhere`" in bad["why"]
    (rules / "bad.yar").unlink()
    ok("seal", place / "logs", "--out", place / "x.seal")
    sealed = ok("find", rules, place / "rules", "--seal", place / "x.seal", "--json")
    assert rows(sealed.of("finding")) == rows(done.of("finding"))
    assert ok("rules", "compile", rules, "-o", place / "y.pack", "--json").one("pack")["rules"] == 1
    again = ok("find", place / "y.pack", place / "logs", "--json")
    assert rows(again.of("finding")) == {("relay_tool", "tool.bin", "[[1, 1]]")}
    assert "asks of the bytes of any item: relay_tool" in ok("rules", "show", rules).out


def test_queries_over_rows(place: Path) -> None:
    query = place / "first.sql"
    query.write_text(
        "-- title: First of each source\n-- tags: attack.t1090\n"
        "SELECT min(row) AS row FROM rows WHERE src IS NOT NULL GROUP BY src ORDER BY row\n"
    )
    done = ok("find", query, place / "logs", "--json")
    assert rows(done.of("finding")) == {
        ("First of each source", "a.csv", "[[2, 2]]"),
        ("First of each source", "b.jsonl", "[[1, 2]]"),
    }
    assert done.one("rule")["status"] == "matched"
    assert {tuple(each["techniques"]) for each in done.of("finding")} == {("T1090",)}
    assert "a query over the rows of any item that has one of: src" in ok("rules", "show", query).out
    query.write_text("SELECT row FROM rows")
    assert "no ORDER BY row" in run("rules", "check", query).out


def test_a_missing_path_stops_it(place: Path) -> None:
    done = run("find", place / "rules", place / "none")
    assert (done.code, "not there [file.missing]" in done.err) == (6, True)


def test_findings_over_a_seal_name_its_items(place: Path) -> None:
    seal = place / "x.seal"
    ok("seal", place / "logs", "--out", seal, "--zone", "+02:00")
    done = ok("find", place / "rules", "--seal", seal, "--json")
    assert len(done.of("finding")) == 6
    assert all(o["item"].startswith("rows:") for o in done.of("finding"))
    assert all(o["parameters"] == {"zone": "+02:00"} for o in done.of("finding"))
    one = ok("find", place / "rules", place / "logs" / "a.csv", "--seal", seal, "--json")
    assert {Path(o["file"]).name for o in one.of("finding")} == {"a.csv"}
    (place / "logs" / "a.csv").write_text("time,src\n2026-10-03 10:00:00,203.0.113.9\n")
    changed = run("find", place / "rules", "--seal", seal, "--json")
    assert changed.code == 2
    (file,) = (o for o in changed.of("file") if o["status"] == "unusable")
    assert "no longer what was sealed" in file["why"]
    (place / "x.seal.private").unlink()
    assert run("find", place / "rules", "--seal", seal).code == 6


def test_a_file_that_was_sealed_whole_is_named(place: Path) -> None:
    """Nothing in a seal is left out without a word, as a log whose parser was missing when it was sealed."""
    (place / "logs" / "f.bin").write_bytes(bytes(range(256)) * 16)
    seal = place / "x.seal"
    ok("seal", place / "logs", "--out", seal, "--format", "opaque")
    done = run("find", place / "rules", "--seal", seal, "--json")
    told = {Path(o["path"]).name: o["why"] for o in done.of("file") if o["status"] == "unusable"}
    assert set(told) == {"a.csv", "b.jsonl", "c.log", "d.log", "f.bin"}
    assert "sealed whole, without rows: seal it again" in told["a.csv"]
    assert "seal it again" not in told["f.bin"]
    assert done.code == 2


def test_attack_rules_for_bytes_hide_that_a_log_was_sealed_whole(place: Path) -> None:
    """Rules by field say nothing of such a log, whatever else looks at its bytes."""
    (place / "bytes.yar").write_text('rule r { strings: $a = "no such bytes" condition: $a }\n')
    seal = place / "x.seal"
    ok("seal", place / "logs", "--out", seal, "--format", "opaque")
    both = run("find", place / "rules", place / "bytes.yar", "--seal", seal, "--json")
    looks = {Path(o["path"]).name: o["looks"] for o in both.of("file")}
    assert set(looks) == {"a.csv", "b.jsonl", "c.log", "d.log"}
    for told in looks.values():
        assert "no rule was asked of its fields: sealed whole, without rows: seal it again" in told[0]
    assert both.code == 2
    # Whoever asks bytes alone misses nothing; nor does who asks fields of the rows that the seal holds too.
    assert run("find", place / "bytes.yar", "--seal", seal).code == 0
    ok("seal", place / "logs", "--out", place / "y.seal")
    assert run("find", place / "rules", place / "bytes.yar", "--seal", place / "y.seal").code == 0


def test_the_private_file_of_another_seal_is_refused(place: Path) -> None:
    ok("seal", place / "logs" / "a.csv", "--out", place / "x.seal")
    ok("seal", place / "logs" / "a.csv", "--out", place / "y.seal")
    (place / "y.seal.private").replace(place / "x.seal.private")
    done = run("find", place / "rules", "--seal", place / "x.seal")
    assert (done.code, "is not the private file of" in done.err) == (2, True)


def test_a_file_that_kills_its_process_costs_only_its_own_result(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    give = Worker.give
    killed: list[str] = []

    def kill(self: Worker, at: int, task: Task) -> None:
        if task.path.endswith("b.jsonl"):
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait()
            killed.append(task.path)
        give(self, at, task)

    monkeypatch.setattr(Worker, "give", kill)
    pack = compile_pack([("relay.yml", RULE)])
    files = sorted((place / "logs").iterdir())
    tasks = [Task(path=str(p), shown=p.name, parameters=Parameters()) for p in files]
    found = list(scan_files(tasks, pack, 2))
    assert [each.task.shown for each in found] == [p.name for p in files]
    assert [each.error and each.error[0] for each in found] == [None, "file.worker", None, None]
    assert len(killed) == 1


def test_rules_check_accounts_for_every_file(place: Path) -> None:
    ok("rules", "check", place / "rules")
    (place / "rules" / "x.yml").write_text("title: x\n")
    done = run("rules", "check", place / "rules", "--json")
    assert done.code == 2
    assert done.one("pack")["rules"] == 2
    assert [Path(o["source"]).name for o in done.of("rule") if o["status"] == "unusable"] == ["x.yml"]


@pytest.mark.shared
def test_real_logs_and_rules_with_any_number_of_workers(shared: Path, tmp_path: Path) -> None:
    pytest.importorskip("evtx")
    logs = sorted((shared / "evtx" / "Execution").glob("*.evtx"))[:12]
    rules = shared / "sigma" / "rules" / "windows" / "process_creation"
    alone = run("find", rules, *logs, "--json", "--workers", 1)
    many = spawn("find", rules, *logs, "--json", "--workers", 2)
    assert many.out == alone.out
    assert alone.of("finding")
    assert all(o["status"] == "used" for o in alone.of("file"))


@pytest.mark.shared
def test_a_cut_event_log_is_read_as_far_as_it_goes(shared: Path, tmp_path: Path) -> None:
    pytest.importorskip("evtx")
    cut = tmp_path / "cut.evtx"
    cut.write_bytes((shared / "evtx" / "UACME_59_Sysmon.evtx").read_bytes()[:40_000])
    (tmp_path / "relay.yml").write_bytes(RULE)
    done = run("find", tmp_path / "relay.yml", cut, "--json")
    assert done.code == 2
    assert done.one("file")["broken"] > 0
    assert "in part: " in run("find", tmp_path / "relay.yml", cut).out


def test_interrupted_it_ends_at_once_and_leaves_no_process(place: Path) -> None:
    big = place / "logs" / "big.log"
    big.write_bytes(b"a row of a log with 198.51.100.1 in it\n" * 400_000)
    for n in range(60):
        (place / "logs" / f"big{n}.log").hardlink_to(big)
    process = subprocess.Popen(
        command("find", place / "rules", place / "logs", "--workers", 2),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    time.sleep(2.5)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    _, errors = process.communicate(timeout=30)
    # Met while it runs text as code (a data class is made so), Python itself ends as the signal does.
    assert process.returncode in (130, -signal.SIGINT), errors
    assert b"interrupted" in errors
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


def test_files_inside_of_containers_have_their_own_names_and_rows(place: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("deep/e.csv", "time,src\n2026-10-03 10:00:00,203.0.113.9\n")
    logs = place / "logs"
    with zipfile.ZipFile(logs / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("one/b.jsonl", '{"src": "x"}\n{"src": "203.0.113.9"}\n')
        archive.writestr("inner.zip", inner.getvalue())
        archive.writestr("picture.png", b"\x89PNG\0\0")
    with zipfile.ZipFile(logs / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(1 << 25))
    (logs / "f.jsonl.gz").write_bytes(gzip.compress(b'{"src": "203.0.113.9"}\n'))
    # Two streams, one behind the other, are one file.
    (logs / "b2.jsonl.bz2").write_bytes(bz2.compress(b'{"src": "') + bz2.compress(b'203.0.113.9"}\n'))
    (logs / "x.jsonl.xz").write_bytes(lzma.compress(b'{"src": "') + lzma.compress(b'203.0.113.9"}\n'))
    (logs / "torn.xz").write_bytes(lzma.compress(b"from 203.0.113.9\n" * 9)[:-9])
    (logs / "g.json").write_text('[\n {"src": "y"},\n {"src": "203.0.113.9"}\n]\n')
    (logs / "torn.gz").write_bytes(gzip.compress(b"from 203.0.113.9\n" * 9)[:-9])
    with tarfile.open(logs / "u.tar.xz", "w:xz") as tar:
        told = tarfile.TarInfo("a/i.jsonl")
        told.size = 23
        tar.addfile(told, io.BytesIO(b'{"src": "203.0.113.9"}\n'))
    with tarfile.open(logs / "t.tar.gz", "w:gz") as tar:
        for name in ("a/h.jsonl", "a/h.jsonl.txt"):
            told = tarfile.TarInfo(name)
            told.size = 23
            tar.addfile(told, io.BytesIO(b'{"src": "203.0.113.9"}\n'))
    (logs / "w.csv").write_bytes("time,src\n2026-10-03 10:00:00,203.0.113.9\n".encode("utf-16"))
    (logs / "v.csv").write_bytes(b'#TYPE A.B\r\n"time","src"\r\n"2026-10-03 10:00:00","203.0.113.9"\r\n')
    (logs / "lone.txt").write_bytes(b"\xff\xfe\x00\xd8")
    (logs / "torn.tar").write_bytes(bytes(257) + b"ustar\x0000" + b"x" * 600)
    done = run("find", place / "rules" / "relay.yml", logs, "--json")
    assert done.code == 2
    files = {Path(each["path"]).relative_to(logs).as_posix(): each for each in done.of("file")}
    named = {each["file"].removeprefix(f"{logs}/") for each in done.of("finding")}
    assert {"all.zip!one/b.jsonl", "all.zip!inner.zip!deep/e.csv", "f.jsonl.gz!f.jsonl", "g.json"} <= named
    assert {"t.tar.gz!t.tar!a/h.jsonl", "w.csv!w.csv", "v.csv!v.csv"} <= named
    assert {"b2.jsonl.bz2!b2.jsonl", "x.jsonl.xz!x.jsonl", "u.tar.xz!u.tar!a/i.jsonl"} <= named
    assert files["torn.xz"]["code"] == "unpack.form"
    assert files["lone.txt"]["code"] == files["torn.tar"]["code"] == "unpack.form"
    assert files["all.zip!one/b.jsonl"]["rows"] == 2
    assert files["all.zip!picture.png"]["code"] == "file.opaque"
    assert files["bomb.zip"]["code"] == "unpack.size"
    assert files["torn.gz"]["code"] == "unpack.form"
    # What stands inside has the digest that it has outside.
    (found,) = [each for each in done.of("finding") if each["file"].endswith("!one/b.jsonl")]
    (place / "b.jsonl").write_text('{"src": "x"}\n{"src": "203.0.113.9"}\n')
    (alone,) = ok("find", place / "rules" / "relay.yml", place / "b.jsonl", "--json").of("finding")
    assert (alone["item"], alone["result"]) == (found["item"], found["result"])
    many = spawn("find", place / "rules" / "relay.yml", logs, "--json", "--workers", 2)
    assert many.out == done.out


def test_an_export_that_is_one_document_is_found_in(place: Path) -> None:
    """Trails of clouds, arrays of events, and events one below the other."""
    rule = place / "user.yml"
    rule.write_text(
        "title: User made\nlogsource: {product: aws, service: cloudtrail}\n"
        "detection: {sel: {eventName: CreateUser}, condition: sel}\n"
    )
    record = {"eventSource": "iam.amazonaws.com", "eventName": "CreateUser"}
    (place / "trail.json").write_text(json.dumps({"Records": [{"eventName": "x"}, record]}))
    (place / "pretty.json").write_text(json.dumps(record, indent=2))
    done = ok("find", rule, place / "trail.json", place / "pretty.json", "--json")
    assert rows(done.of("finding")) == {
        ("User made", "trail.json", "[[2, 1]]"),
        ("User made", "pretty.json", "[[1, 1]]"),
    }


def test_a_file_read_otherwise_has_other_inputs(place: Path) -> None:
    given = ("find", place / "rules", place / "logs" / "a.csv", "--json")
    table, lines = ok(*given).of("finding"), ok(*given, "--format", "lines").of("finding")
    assert not {each["inputs"] for each in table} & {each["inputs"] for each in lines}
    assert all(each["item"].endswith(":lines/1") for each in lines)
