"""Searching files that do not open as what they are, and files as they are: what is read, what is said."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from comity.cli.scan import scan_file
from comity.cli.scan_task import Task
from comity.evidence import rows
from comity.findings.finding import Parameters
from comity.findings.match import Scanner
from comity.findings.pack import compile_pack
from tests.cli.running import ok, run

RULE = "title: Bob\nlogsource: {category: any}\ndetection: {s: {user: bob}, condition: s}\n"
ROWS = b"".join(b'{"user":"bob","n":%d}\n' % n for n in range(20))
YARA = {
    "size": "rule size { condition: filesize == 18 }",
    "crlf": 'rule crlf { strings: $a = "needle\\r\\n" condition: $a }',
    "last": "rule last { condition: uint8(filesize - 1) == 10 }",
    "head": "rule head { condition: uint8(0) == 0x1f or uint8(0) == 0x5b }",
    "begin": 'rule begin { strings: $a = "first" condition: $a at 0 }',
}


def test_an_odd_first_line_costs_itself_alone(tmp_path: Path) -> None:
    (tmp_path / "bob.yml").write_text(RULE)
    odd = {"torn": b'"bob"}', "note": b"# begun", "gap": bytes(9000), "latin": b'{"user":"\xe9"}'}
    for name, line in odd.items():
        (tmp_path / f"{name}.log").write_bytes(line + b"\n" + ROWS)
    done = run("find", tmp_path / "bob.yml", *(tmp_path / f"{name}.log" for name in odd), "--json")
    assert done.code == 2
    assert [each["rows"] for each in done.of("finding")] == [[[2, 20]]] * len(odd)
    assert {each["format"] for each in done.of("file")} == {"jsonl/1"}
    assert all(sum(each["unparsed"].values()) == 1 for each in done.of("file"))
    assert done.one("summary")["formats"] == {"jsonl/1": len(odd)}


def test_what_was_not_asked_by_field_is_said(tmp_path: Path) -> None:
    (tmp_path / "bob.yml").write_text(RULE)
    (tmp_path / "seen.txt").write_text("198.51.100.1\n")
    # So much text stands before them that the head shows none.
    log = tmp_path / "late.log"
    log.write_bytes(b"words and more words\n" * 4000 + ROWS)
    done = run("find", tmp_path / "bob.yml", log)
    assert done.code == 2
    assert "Read as: lines/1 1." in done.out
    assert "20 rows of this text look like jsonl/1: no rule was asked of their fields" in done.out
    # Whoever says how to read it has decided; and a list is asked of words.
    assert ok("find", tmp_path / "bob.yml", log, "--format", "lines").out
    assert ok("find", "--rules", tmp_path / "seen.txt", log).out
    asked = run("find", tmp_path / "bob.yml", log, "--format", "jsonl", "--json")
    assert [each["rows"] for each in asked.of("finding")] == [[[4001, 20]]]
    # Behind a head they are read, if they are objects.
    log.write_bytes(b'17 INFO got {"user": "bob"}\n' * 9)
    assert run("find", tmp_path / "bob.yml", log, "--json").of("finding")[0]["rows"] == [[1, 9]]
    log.write_bytes(b'17 INFO got {"user": "bob",}\n' * 9)
    done = run("find", tmp_path / "bob.yml", log, "--json")
    assert done.code == 2
    assert "behind a prefix" in done.one("file")["looks"][0]
    sealed = run("seal", log, "--out", tmp_path / "x.seal", "--json")
    assert "behind a prefix" in sealed.one("item")["doubt"]


def test_a_table_behind_other_lines(tmp_path: Path) -> None:
    (tmp_path / "bob.yml").write_text(RULE)
    table = tmp_path / "report.csv"
    table.write_bytes(b"Report of today\r\n\r\nuser,cmd\r\nbob,a\r\namy,b\r\n")
    done = run("find", tmp_path / "bob.yml", table, "--json")
    assert done.code == 2
    assert [each["rows"] for each in done.of("finding")] == [[[2, 1]]]
    assert done.one("file")["before"] == 1
    ok("seal", table, "--out", tmp_path / "x.seal")
    again = run("find", tmp_path / "bob.yml", "--seal", tmp_path / "x.seal", "--json")
    assert (again.code, again.one("file")["before"], again.one("file")["broken"]) == (2, 1, 0)
    assert [each["rows"] for each in again.of("finding")] == [[[2, 1]]]


def test_yara_sees_the_file_and_its_sealed_item_alike(tmp_path: Path) -> None:
    rules, logs = tmp_path / "yara", tmp_path / "logs"
    rules.mkdir()
    logs.mkdir()
    for name, text in YARA.items():
        (rules / f"{name}.yar").write_text(text)
    lines = b"first\r\n a needle\r\n"
    assert len(lines) == 18
    (logs / "crlf.log").write_bytes(lines)
    (logs / "bare.log").write_bytes(lines[:-1])
    (logs / "crlf.log.gz").write_bytes(gzip.compress(lines, mtime=0))
    (logs / "list.json").write_bytes(json.dumps([{"user": "bob"}], indent=1).encode() + b"\n")
    done = ok("find", rules, logs, "--json")
    found = {
        (Path(f["file"]).name, f["format"], f["title"], json.dumps(f["rows"])) for f in done.of("finding")
    }
    whole = {("size", "[[1, 1]]"), ("crlf", "[[2, 1]]"), ("last", "[[1, 1]]"), ("begin", "[[1, 1]]")}
    assert found == {
        *(("crlf.log", "lines/1", *each) for each in whole),
        ("bare.log", "lines/1", "begin", "[[1, 1]]"),
        ("crlf.log.gz", "opaque/1", "head", "[[1, 1]]"),
        *(("crlf.log.gz!crlf.log", "lines/1", *each) for each in whole),
        ("list.json", "opaque/1", "head", "[[1, 1]]"),
        ("list.json", "opaque/1", "last", "[[1, 1]]"),
        ("list.json", "jsonl/1", "last", "[[1, 1]]"),
    }
    assert f"{logs}/crlf.log.gz: the file as it is" in ok("find", rules, logs).out
    # Whoever holds the sealed items finds the same in them.
    ok("seal", logs, "--out", tmp_path / "x.seal")
    again = ok("find", rules, "--seal", tmp_path / "x.seal", "--json")
    theirs = sorted((f["title"], f["format"], json.dumps(f["rows"])) for f in again.of("finding"))
    assert theirs == sorted((title, form, rows) for _, form, title, rows in found)


def test_too_long_for_yara_costs_no_other_rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comity.cli.scan_file.LENGTH", 60)
    (tmp_path / "bob.yml").write_text(RULE)
    (tmp_path / "size.yar").write_text(YARA["size"])
    long, damaged = tmp_path / "rows.log.gz", tmp_path / "torn.gz"
    long.write_bytes(gzip.compress(ROWS, mtime=0))
    damaged.write_bytes(b"\x1f\x8b" + bytes(16))
    task = Task(path=str(long), shown="rows.log.gz", parameters=Parameters())
    pack = compile_pack([(name, (tmp_path / name).read_bytes()) for name in ("bob.yml", "size.yar")])
    whole, inner = scan_file(task, pack, Scanner(pack), tmp_path).each()
    assert whole.error is not None
    assert whole.error[0] == "file.size"
    assert len(inner.finding.rows if inner.finding else ()) == 20
    # And what cannot be opened is asked as it is.
    task = Task(path=str(damaged), shown="torn.gz", parameters=Parameters())
    whole, inner = scan_file(task, pack, Scanner(pack), tmp_path).each()
    assert whole.finding is not None
    assert whole.finding.rows == ((pack.yara[0].digest, 1),)
    assert inner.error is not None
    assert inner.error[0] == "unpack.form"


def test_a_line_that_is_too_long_costs_itself_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "ROW_LIMIT", 1000)
    (tmp_path / "bob.yml").write_text(RULE)
    (tmp_path / "not.yml").write_text(RULE.replace("condition: s", "condition: not s"))
    (tmp_path / "all.sql").write_text("SELECT row FROM rows WHERE n > '' ORDER BY row\n")
    long = b'{"user":"bob","n":"' + b"x" * 2000 + b'"}\n'
    (tmp_path / "long.jsonl").write_bytes(ROWS + long + ROWS)
    done = run("find", *sorted(tmp_path.iterdir()), "--workers", "1", "--json")
    assert done.code == 2
    assert [each["rows"] for each in done.of("finding")] == [[[1, 20], [22, 20]]]
    (file,) = done.of("file")
    assert (file["rows"], file["unparsed"]) == (
        41, {"longer than 1000 bytes, so nothing was asked of it": 1},
    )  # fmt: skip
    (refused,) = [each for each in done.of("rule") if each["status"] == "no-verdict"]
    assert refused["source"].endswith("all.sql")
    assert "it needs all rows of the item, and some are longer" in refused["refused"][0]["why"]
    # In a table a quote that is open leaves it open where the next row begins.
    (tmp_path / "long.jsonl").unlink()
    table = b"user,n\nbob,1\nbob," + b"x" * 2000 + b"\nbob,2\n"
    (tmp_path / "long.csv").write_bytes(table + b'bob,"' + b"x\n" * 2000 + b"bob,3\n")
    done = run("find", tmp_path / "bob.yml", tmp_path / "long.csv", "--workers", "1", "--json", "--why", "1")
    assert [each["rows"] for each in done.of("finding")] == [[[2, 1], [4, 1]]]
    assert done.of("file")[0]["unparsed"] == {
        "longer than 1000 bytes, so nothing was asked of it": 1,
        "row 5 does not end within 1000 bytes, so from it on nothing was asked": 1,
    }


def test_where_nothing_was_read_no_rule_is_said_to_find_no_log_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "ROW_LIMIT", 1000)
    (tmp_path / "bob.yml").write_text(RULE)
    (tmp_path / "long.jsonl").write_bytes(b'{"user":"bob","n":"' + b"x" * 2000 + b'"}')
    done = run("find", *sorted(tmp_path.iterdir()), "--workers", "1")
    assert done.code == 2
    assert "0 asked without a match, 1 not asked (no row was read), 0 unusable." in done.out
    assert (
        run("find", *sorted(tmp_path.iterdir()), "--workers", "1", "--json").of("rule")[0]["status"]
        == "nothing-read"
    )
