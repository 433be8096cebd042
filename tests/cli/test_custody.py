"""Custody as a person keeps it: sealed with its papers, handed over, held, erased, and read back."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tests.cli.running import free_port, ok, run

SECRET = b"the line that must go"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    ok("init", folder, "--name", "Alda Desk", "--listen", f"127.0.0.1:{free_port()}")
    ok("case", "open", "--title", "Mail", "--home", folder)
    return folder


@pytest.fixture
def case(home: Path) -> str:
    found: str = ok("case", "list", "--home", home, "--json").one("case")["id"]
    return found


def test_an_item_from_seal_to_erasure(home: Path, case: str, tmp_path: Path) -> None:
    log = tmp_path / "mail.log"
    log.write_bytes(b"one\n" + SECRET + b"\n")
    papers = tmp_path / "papers.json"
    papers.write_text(json.dumps({"what": "A mail log", "copy": "evidentiary", "offset": -3}))
    args = ("--case", case, "--home", home, "--json")
    (item,) = ok("seal", log, *args, "--custody", papers, "--tool", "copier").of("item")
    record = item["record"]
    ok("evidence", "hold", record, "--basis", "A court asked.", *args)
    assert run("evidence", "erase", record, "--basis", "The term is over.", *args).code == 5
    ok("evidence", "hold", record, "--basis", "The court is done.", "--release", *args)
    done = ok("evidence", "erase", record, "--basis", "The term is over.", *args)
    assert done.one("carried")["items"] == [item["root"]]
    told = [step["what"] for step in ok("evidence", "custody", record, *args).of("step")]
    assert told == ["sealed", "held", "released", "erased"]
    out = tmp_path / "custody.jsonld"
    ok("evidence", "provenance", record, "--out", out, *args)
    assert "committed, erased" in out.read_text()
    assert "A mail log" in out.read_text()
    assert not any(SECRET in f.read_bytes() for f in home.rglob("*") if f.is_file())
    shown = run("disclose", record, "--rows", "1", "--to", "public", "--basis", "Ours.", *args)
    assert shown.code == 5
    assert "item.erased" in shown.err


def test_what_tells_the_same_is_named_when_one_is_erased(home: Path, case: str, tmp_path: Path) -> None:
    """A log that was packed is two items, and the same log beside it is a third."""
    log, packed = tmp_path / "mail.log", tmp_path / "packed.log.gz"
    log.write_bytes(b"one\n" + SECRET + b"\n")
    packed.write_bytes(gzip.compress(log.read_bytes(), mtime=0))
    args = ("--case", case, "--home", home, "--json")
    container, inside = ok("seal", packed, *args).of("item")
    (alone,) = ok("seal", log, *args).of("item")
    erase = ("evidence", "erase")
    done = ok(*erase, container["record"], "--basis", "The term is over.", *args)
    assert [each["root"] for each in done.of("kin")] == [inside["root"]]
    done = ok(*erase, inside["record"], "--basis", "The term is over.", *args)
    assert (done.of("kin"), done.one("carried")["shared"]) == ([], [inside["root"]])
    assert "another item here has the same bytes" in done.err
    done = ok(*erase, alone["record"], "--basis", "The term is over.", *args)
    assert done.one("carried")["shared"] == []
    assert "erase it too" not in done.err


def test_papers_that_are_none_are_refused(home: Path, case: str, tmp_path: Path) -> None:
    log = tmp_path / "mail.log"
    log.write_bytes(b"one\n")
    wrong: list[object] = [{"colour": "red"}, {"method": "seance"}, {"began": "2031-02-30T00:00:00Z"}, []]
    for papers in wrong:
        path = tmp_path / "papers.json"
        path.write_text(json.dumps(papers))
        done = run("seal", log, "--case", case, "--home", home, "--json", "--custody", path)
        assert done.code == 2, papers
        assert {"custody.form", "time.calendar"} & set(done.err.replace('"', " ").replace(",", " ").split())


def test_a_record_is_erased_and_openings_are_logged(home: Path, case: str, tmp_path: Path) -> None:
    args = ("--case", case, "--home", home, "--json")
    claim = ok("claim", "--text", SECRET.decode(), "--cite", "Our log=It shows it.", *args).one("record")[
        "id"
    ]
    done = ok("erase", claim, "--basis", "It names a person.", *args)
    assert done.one("carried")["records"] == [claim]
    assert not any(SECRET in f.read_bytes() for f in home.rglob("*") if f.is_file())
    log = tmp_path / "mail.log"
    log.write_bytes(b"one\n")
    (item,) = ok("seal", log, *args).of("item")
    ok("disclose", item["record"], "--rows", "1", "--to", "public", "--basis", "Ours.", *args)
    entries = ok("evidence", "log", "--home", home, "--json").of("access")
    assert {entry["item"] for entry in entries} == {item["root"]}
    one = ok("--home", home, "evidence", "log", item["record"], "--json").of("access")
    assert one == entries
    assert "no opening of" in ok("evidence", "log", "--item", "0" * 64, "--home", home).out
    both = run("evidence", "log", item["record"], "--item", item["root"], "--home", home)
    assert (both.code, "one item" in both.err) == (2, True)
    access = home / "access.jsonl"
    access.write_bytes(access.read_bytes().replace(b'"bytes"', b'"rows"'))
    broken = run("evidence", "log", "--home", home, "--json")
    assert broken.code in (0, 1)
    access.write_bytes(b"x" + access.read_bytes())
    assert run("evidence", "log", "--home", home, "--json").code == 1


def test_sealing_again_with_resume_adds_only_what_is_missing(home: Path, case: str, tmp_path: Path) -> None:
    args = ("--case", case, "--home", home, "--json")
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "a.log").write_bytes(b"a\n")
    (logs / "b.log.gz").write_bytes(gzip.compress(b"b\n", mtime=0))
    assert len(ok("seal", logs, *args).of("item")) == 3
    (logs / "c.log").write_bytes(b"c\n")
    (added,) = ok("seal", logs, "--resume", *args).of("item")
    assert added["name"] == "c.log"
    (manifest,) = ok("seal", logs, "--resume", "--manifest", *args).of("item")
    assert (manifest["name"], manifest["rows"]) == ("manifest.jsonl", 3)


def test_padding_hides_the_length_from_the_record_and_rows_still_open(
    home: Path, case: str, tmp_path: Path
) -> None:
    args = ("--case", case, "--home", home, "--json")
    log = tmp_path / "mail.log"
    log.write_bytes(b"".join(b"row %d\n" % n for n in range(1000)))
    (item,) = ok("seal", log, "--pad", *args).of("item")
    assert (item["rows"], item["size"]) == (1000, 1024)
    ok("disclose", item["record"], "--rows", "1000", "--to", "public", "--basis", "Ours.", *args)
    beyond = run("disclose", item["record"], "--rows", "1001", "--to", "public", "--basis", "Ours.", *args)
    assert beyond.code != 0
    assert "row.range" in beyond.err


def test_an_option_left_out_is_named_with_its_choices_in_one_line(tmp_path: Path) -> None:
    done = run("evidence", "receive", "aa", "--condition", "intact", "--home", tmp_path)
    assert done.code == 2
    assert "Missing option '--checked'. Choose from: root, digest, container, nothing" in done.err
