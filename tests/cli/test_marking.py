"""``--marking``: what a record is marked with, and where it has nothing to say."""

from __future__ import annotations

from pathlib import Path

from tests.cli.running import ok, run


def test_a_seal_and_a_claim_are_marked_and_say_so(tmp_path: Path) -> None:
    home = tmp_path / "alda"
    log = tmp_path / "mail.log"
    log.write_text("one\ntwo\n")
    ok("init", home, "--name", "Alda")
    case = ok("case", "open", "--title", "Mail", "--home", home, "--json").one("case")["id"]
    sealed = ok("seal", log, "--case", case, "--marking", "tlp:red", "--home", home, "--json").one("item")
    told = ok("case", "record", sealed["record"], "--home", home, "--json").one("record")
    assert told["marking"] == "TLP:RED"
    assert "marked TLP:RED by its author" in ok("case", "record", sealed["record"], "--home", home).out
    claim = ok("claim", "--text", "It came.", "--title", "t", "--home", home, "--json").one("record")
    assert ok("case", "record", claim["id"], "--home", home, "--json").one("record")["marking"] == "TLP:AMBER"
    refused = run("publish", "--home", home, "--out", tmp_path / "x.comity")
    assert refused.code == 5
    assert sealed["record"][:12] in refused.err
    assert "[publish.marking]" in refused.err


def test_what_only_a_record_says_is_not_dropped_without_one(tmp_path: Path) -> None:
    """Custody and a marking beside ``--out`` were left out of the seal, without a word."""
    log = tmp_path / "mail.log"
    log.write_text("one\n")
    for said in (("--by", "Desk"), ("--method", "live"), ("--marking", "TLP:RED")):
        done = run("seal", log, "--out", tmp_path / "x.seal", *said)
        assert done.code == 2, said
        assert "they need --case" in done.err
        assert not (tmp_path / "x.seal").exists()
    rule = tmp_path / "r.txt"
    rule.write_text("one\n")
    done = run("find", rule, log, "--marking", "TLP:RED")
    assert done.code == 2
    assert "--marking goes with --case" in done.err


def test_a_title_that_is_too_long_is_told_with_both_numbers(tmp_path: Path) -> None:
    home = tmp_path / "alda"
    ok("init", home, "--name", "Alda")
    done = run("case", "open", "--title", "t" * 201, "--home", home)
    assert done.code == 2
    assert "title: at most 200 characters, and this has 201" in done.err
