"""``comity why``: the row, its proof and the reasons, on the terminal."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.cli.running import ok, run

RULE = "title: Relay used\nlogsource: {category: proxy}\ndetection: {s: {src: 203.0.113.9}, condition: s}\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "alda"
    ok("init", folder, "--name", "Alda Desk")
    ok("case", "open", "--home", folder)
    return folder


def test_a_row_of_a_finding_is_shown_with_what_made_it_match(home: Path, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "time,src\n2026-10-03 10:00:00,203.0.113.9\n2026-10-03 11:00:00,10.0.0.1\n"
    )
    (tmp_path / "relay.yml").write_text(RULE)
    case = ok("case", "show", "--home", home, "--json").one("case")["id"]
    item = ok("seal", tmp_path / "a.csv", "--case", case, "--home", home, "--json")
    record = next(each for each in item.objects if each.get("record"))["record"]
    found = ok(
        "find",
        tmp_path / "relay.yml",
        "--item",
        record,
        "--logsource",
        "category=proxy",
        "--home",
        home,
        "--json",
    )
    finding = found.one("report")["record"]
    shown = ok("why", finding[:10], 2, "--home", home)
    for text in ("held whole here", "2026-10-03 10:00:00,203.0.113.9", "Relay used", "src is '203.0.113.9'"):
        assert text in shown.out
    told = ok("why", finding[:10], 2, "--home", home, "--json").one("row")
    assert (told["row"], told["disclosure"], told["reasons"][0]["title"]) == (2, "", "Relay used")
    refused = run("why", finding[:10], 3, "--home", home)
    assert (refused.code, "does not name row 3" in refused.err) == (5, True)
    assert run("why", "abcdef", 1, "--home", home).code == 5


BURST = (
    "title: Many\ncorrelation:\n  type: event_count\n  rules: [r]\n  group-by: [src]\n  timespan: 2h\n"
    "  condition: {gte: 2}\n---\nname: r\nlogsource: {category: proxy}\n"
    "detection: {s: {src: 203.0.113.9}, condition: s}\n"
)
LANGUAGES = {
    "relay.yml": (RULE, "src is '203.0.113.9'"),
    "burst.yml": (
        BURST,
        "in the group '203.0.113.9', with rows 3",
    ),
    "seen.ioc": ("203.0.113.9\n", "src holds the ip '203.0.113.9'"),
    "addr.stix": ("[network-traffic:src_ref.value = '203.0.113.9']", "src_ref.value is '203.0.113.9'"),
    "bytes.yar": ('rule relay { strings: $a = "203.0.113.9" condition: $a }', "relay: $a at"),
    "query.sql": ("SELECT row FROM rows WHERE src = '203.0.113.9' ORDER BY row", "src is '203.0.113.9'"),
}
LOG = (
    "time,src,src_ip\n2026-10-03 10:00:00Z,203.0.113.9,203.0.113.9\n"
    "2026-10-03 11:00:00Z,203.0.113.9,203.0.113.9\n2026-10-03 12:00:00Z,192.0.2.1,192.0.2.1\n"
)


@pytest.mark.parametrize("name", LANGUAGES)
def test_a_row_of_a_file_that_nobody_sealed_in_every_language(name: str, tmp_path: Path) -> None:
    source, words = LANGUAGES[name]
    rule, log = tmp_path / name, tmp_path / "a.csv"
    rule.write_text(source)
    log.write_text(LOG)
    found = ok("find", "--rules", rule, log, "--why", "1", "--json").one("finding")
    (because,) = found["why"]
    assert (because["row"], because["text"]) == (2, "2026-10-03 10:00:00Z,203.0.113.9,203.0.113.9")
    assert any(words in line for line in because["lines"]), because
    assert words in ok("find", "--rules", rule, log, "--why").out
    shown = ok("why", log, 2, "--rules", rule)
    assert words in shown.out
    assert because["text"] in shown.out
    told = ok("why", log, 2, "--rules", rule, "--json").one("row")
    assert (told["file"], told["finding"], len(told["reasons"])) == (str(log), "", 1)
    assert "none of 1 rules names it" in ok("why", log, 4, "--rules", rule).out


def test_a_row_inside_of_a_container_and_what_is_no_row(tmp_path: Path) -> None:
    rule, log = tmp_path / "relay.yml", tmp_path / "a.csv.gz"
    rule.write_text(RULE)
    log.write_bytes(gzip.compress(LOG.encode()))
    assert "src is '203.0.113.9'" in ok("why", f"{log}!a.csv", 3, "--rules", rule).out
    refused = run("why", f"{log}!b.csv", 3, "--rules", rule)
    assert (refused.code, f"there is {log}!a.csv" in refused.err) == (5, True)
    assert "it has 4 rows" in run("why", f"{log}!a.csv", 9, "--rules", rule).err
    (tmp_path / "bad.yml").write_text("title: x\n")
    assert run("why", f"{log}!a.csv", 2, "--rules", tmp_path / "bad.yml").code == 2
    both = run("why", f"{log}!a.csv", 2, "--rules", tmp_path / "bad.yml", "--rules", rule)
    assert (both.code, "unusable" in both.err) == (2, True)


@pytest.mark.parametrize("inside", ["", "!mail.log"])
def test_a_row_of_a_file_without_rules_asks_for_the_rules(
    inside: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It once complained that no home was named."""
    monkeypatch.delenv("COMITY_HOME", raising=False)
    log = tmp_path / "a.csv"
    log.write_text(LOG)
    said = run("why", f"{log}{inside}", 2)
    assert said.code == 2
    assert "--rules" in said.err
    assert "--home" not in said.err
