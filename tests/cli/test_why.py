"""``comity why``: the row, its proof and the reasons, on the terminal."""

from __future__ import annotations

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
