"""``comity match`` as two people use it, each on its own node."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.running import ok, run
from tests.exchange.homes import Homes


@pytest.fixture
def homes(tmp_path: Path) -> Iterator[Homes]:
    made = Homes(tmp_path / "homes")
    yield made
    made.close()


def test_two_people_find_what_they_share(homes: Homes, tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours.txt", tmp_path / "theirs.txt"
    ours.write_text("203.0.113.9\nrelay.example\n10.0.0.1\n")
    theirs.write_text("# seen in March\n203[.]0[.]113[.]9\nother.example\n")
    alder, birch = homes.folder / "alder", homes.folder / "birch"
    done = ok(
        "match", "offer", ours, "--name", "Relays", "--to", "Birch", "--quota", 3, "--purpose", "Shared",
        "--home", alder, "--json",
    )  # fmt: skip
    offer = done.one("record")
    assert (offer["count"], offer["version"], offer["skipped"]) == (2, 1, 1)
    assert "ours.txt:3: left out" in done.err
    assert {each["who"] for each in done.of("learns")} == {"asker", "offerer", "case"}
    homes.settle()
    asked = ok("match", "ask", offer["id"][:12], theirs, "--purpose", "Ours too", "--home", birch, "--json")
    assert (asked.one("record")["asked"], asked.one("record")["left"]) == (2, 1)
    homes.settle()
    told = ok("match", "answer", "--home", alder)
    assert "Birch asked 2 indicators: answered; 2 of 3 used" in told.out
    assert "no question is open" in ok("match", "answer", "--home", alder).out
    homes.settle()
    shown = ok("match", "show", "--home", birch, "--json")
    assert [match[:2] for match in shown.one("result")["matches"]] == [["ip", "203.0.113.9"]]
    text = ok("match", "show", offer["id"][:12], "--home", birch).out
    assert "of 2 indicators asked, 1 are in the list" in text
    assert "ip 203.0.113.9" in text
    assert "never which, and not which of them matched" in text
    assert "not that it is genuine" in text
    assert "Alder: “Relays”, version 1; 1 question" in ok("case", "show", "--home", birch).out
    seen = ok("match", "show", "--home", homes.folder / "cedar").out
    assert "Birch: asked 2 of 3, 2 answered, 0 refused" in seen
    assert "203.0.113.9" not in seen


def test_what_cannot_be_asked_is_said(homes: Homes, tmp_path: Path) -> None:
    ours = tmp_path / "ours.txt"
    ours.write_text("203.0.113.9\n")
    alder, birch = homes.folder / "alder", homes.folder / "birch"
    none = run("match", "show", "--home", alder)
    assert (none.code, "no list is offered" in none.err) == (5, True)
    nothing = run(
        "match", "offer", "--name", "R", "--to", "Birch", "--quota", 1, "--purpose", "p", "--home", alder
    )
    assert (nothing.code, "say what" in nothing.err) == (2, True)
    record = ok(
        "match", "offer", ours, "--name", "R", "--to", "Birch", "--quota", 1, "--purpose", "p",
        "--home", alder, "--json",
    ).one("record")["id"]  # fmt: skip
    homes.settle()
    ours.write_text("203.0.113.9\n198.51.100.7\n")
    over = run("match", "ask", record[:12], ours, "--purpose", "p", "--home", birch)
    assert (over.code, "[match.quota]" in over.err) == (5, True)
