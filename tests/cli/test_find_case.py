"""Signed findings: rules that cannot be run are all named, and left out by name only."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.running import free_port, ok, run

GOOD = "title: Good\nlogsource: {}\ndetection: {s: {src: b}, condition: s}\n"


@pytest.fixture
def sealed(tmp_path: Path) -> list[str]:
    """A node with a case and a sealed item; options that name them."""
    home, log = tmp_path / "alda", tmp_path / "log.csv"
    ok("init", home, "--name", "Alda Desk", "--listen", f"127.0.0.1:{free_port()}")
    log.write_text("time,src\n2026-10-03 10:00:00,a\n2026-10-03 11:00:00,b\n")
    ok("case", "open", "--title", "Relay", "--home", home)
    case = ok("case", "list", "--home", home, "--json").one("case")["id"]
    item = ok("seal", log, "--origin", "relay", "--case", case, "--home", home, "--json").one("item")
    return ["--case", case, "--item", item["record"], "--home", str(home)]


def test_all_that_cannot_run_is_named_and_left_out_by_name(sealed: list[str], tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "good.yml").write_text(GOOD)
    (rules / "bad.yml").write_text(GOOD.replace("src:", "src|nosuch:"))
    (rules / "worse.yml").write_text("detection: 7\n")
    (rules / "feed.stix").write_text('{"type": "indicator", "id": "indicator--1", "revoked": true}')
    refused = run("find", rules, *sealed)
    assert refused.code not in (0, 2)
    for name in ("bad.yml", "worse.yml"):
        assert f"unusable: {rules / name}: " in refused.out
        assert f"--leave-out {name}" in refused.err
    some = run("find", rules, *sealed, "--leave-out", "bad.yml")
    assert "worse.yml" in some.err
    assert "bad.yml" not in some.err
    done = ok("find", rules, *sealed, "--leave-out", "bad.yml", "--leave-out", rules / "worse.yml", "--json")
    assert [Path(each["source"]).name for each in done.of("left-out")] == ["bad.yml", "worse.yml"]
    assert done.one("report")["rows"] == [[3, 1]]
    assert [each["status"] for each in done.of("rule")] == ["withdrawn"]


def test_a_name_that_no_rule_has_and_a_rule_that_could_run(sealed: list[str], tmp_path: Path) -> None:
    rule = tmp_path / "good.yml"
    rule.write_text(GOOD)
    assert "no rule here is called so" in run("find", rule, *sealed, "--leave-out", "god.yml").err
    assert "no rule remains" in run("find", rule, *sealed, "--leave-out", "good.yml").err
    log = tmp_path / "log.csv"
    assert "goes with --case" in run("find", rule, log, "--leave-out", "good.yml").err
    signed = run("find", rule, "--case", "x", "--item", "y", "--cluster", "dask:tcp://x:1")
    assert "--cluster goes without --case" in signed.err


def test_a_rule_may_have_any_name(sealed: list[str], tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    odd = rules / os.fsdecode(b"odd\xff\x1b.yml")
    odd.write_text(GOOD)
    (rules / f"{'long' * 60}.yml").write_text(GOOD.replace("title: ", "title: Another "))
    assert ok("rules", "compile", rules, "-o", tmp_path / "x.pack").code == 0
    done = ok("find", rules, *sealed, "--json")
    assert done.one("report")["rows"] == [[3, 1], [3, 1]] or done.one("report")["rows"] == [[3, 1]]


def test_every_rule_without_a_verdict_is_named(sealed: list[str], tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    for number in (1, 2):
        (rules / f"q{number}.sql").write_text(f"select row + 100{number} as row from rows order by row\n")
    refused = run("find", rules, *sealed)
    assert "q1.sql: " in refused.err
    assert "q2.sql: " in refused.err


def test_the_same_finding_is_told_and_not_signed_twice(sealed: list[str], tmp_path: Path) -> None:
    rule, other = tmp_path / "good.yml", tmp_path / "other.yml"
    rule.write_text(GOOD)
    other.write_text(GOOD.replace("src: b", "src: a"))
    first = ok("find", rule, *sealed, "--json").one("report")
    assert first["already"] is False
    told = ok("find", rule, *sealed)
    assert f"record {first['record'][:12]}: the same finding on log.csv is signed already" in told.out
    again = ok("find", rule, *sealed, "--json").one("report")
    assert again == {**first, "already": True}
    # Other rules, another window, or a wish to sign it once more make another finding.
    for more in ((other,), (rule, "--since", "2026-10-03T10:30:00Z"), (rule, "--again")):
        signed = ok("find", *more, *sealed, "--json").one("report")
        assert signed["already"] is False
        assert signed["record"] != first["record"]
