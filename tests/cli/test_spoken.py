"""Assertions as people write them, on the command line and in files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from comity.cli.spoken import read_positions, read_spoken
from comity.errors import Malformed
from tests.cli.running import ok, run

TOML = """\
title = "Two things"
[[assertions]]
text = "It rained."
level = "tactical"
about_named = ["The weather office"]
[[assertions.supports]]
cite = "Almanac"
inference = "It says so."
[[assertions]]
text = "It was meant."
level = "strategic"
standard = "balance of probabilities"
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "alda"
    ok("init", folder, "--name", "Alda Desk")
    ok("case", "open", "--home", folder)
    return folder


def test_toml_and_json_say_the_same(tmp_path: Path) -> None:
    import tomllib

    (tmp_path / "a.toml").write_text(TOML)
    (tmp_path / "a.json").write_text(json.dumps(tomllib.loads(TOML)))
    assert read_spoken(tmp_path / "a.toml") == read_spoken(tmp_path / "a.json")


@pytest.mark.parametrize(
    "text",
    [
        "assertions = 5\n",
        "[[assertions]]\ntext = 'x'\nlevel = 'certain'\n",
        "[[assertions]]\ntext = 'x'\nlevel = 'tactical'\ncolour = 'red'\n",
        "= =\n",
        '{"assertions": ',
        "\udcff",
    ],
)
def test_files_that_say_something_else_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(Malformed) as refused:
        read_spoken(path)
    assert refused.value.where == str(path)


def test_positions_on_the_command_line() -> None:
    first, second = read_positions(["1=disputes:It was: dry", "2=accepts"])
    assert (first.n, first.position, first.reasons) == (1, "disputes", "It was: dry")
    assert (second.n, second.position, second.reasons) == (2, "accepts", "")


def test_a_claim_from_a_file_is_stated_shown_and_withdrawn(home: Path, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(TOML)
    claim = ok("claim", "--file", tmp_path / "a.toml", "--home", home, "--json").one("record")
    assert claim["assertions"] == 2
    first, second = ok("case", "show", "--home", home, "--json").of("assertion")
    assert (first["n"], first["level"], first["supports"][0]["access"]) == (1, "tactical", "stated")
    assert second["could_add"][0] == "state-a-support"
    ok("withdraw", f"{claim['id'][:10]}#2", "--reason", "Overstated.", "--home", home)
    first, second = ok("case", "show", "--home", home, "--json").of("assertion")
    assert (bool(first["withdrawn"]), bool(second["withdrawn"])) == (False, True)
    notice = ok("case", "show", "--home", home, "--json").one("notice")
    assert (notice["state"], notice["to"]["name"]) == ("none", "The weather office")
    refused = run("publish", "--home", home)
    assert (refused.code, "give notice first" in refused.err) == (5, True)
    target = tmp_path / "x.comity"
    ok("publish", "--home", home, "--without-notice", "An operation is under way.", "--out", target)
    assert run("verify", target).code == 3


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["claim"], 2),
        (["claim", "--text", "x", "--about", "Nobody"], 5),
        (["claim", "--text", "x", "--support", "abcdef=it"], 5),
        (["claim", "--text", "x", "--support", "abcdef"], 2),
        (["claim", "--text", "x\x07y"], 2),
        (["claim", "--text", "x", "--stance", "denies"], 5),
        (["claim", "--text", "x", "--case", "C-00000000"], 5),
        (["notify", "abcdef", "--text", "x", "--named", "y"], 5),
        (["notify", "abcdef", "--text", "x"], 2),
        (["withdraw", "abcdef", "--reason", "x"], 5),
        (["acknowledge", "abcdef"], 5),
        (["answer", "abcdef", "--accept", "--refuse", "no"], 2),
        (["answer", "abcdef"], 2),
        (["request", "Nobody", "--text", "x", "--due", "2h"], 5),
        (["request", "Alda Desk", "--text", "x", "--due", "2h"], 5),
        (["request", "Alda Desk", "--text", "x", "--due", "then"], 2),
        (["disclose", "abcdef", "--rows", "1", "--to", "public", "--basis", "x"], 5),
        (["disclose", "abcdef", "--rows", "1", "--whole", "--to", "public", "--basis", "x"], 2),
        (["replicate", "abcdef"], 5),
        (["respond", "abcdef", "--position", "1=perhaps"], 2),
        (["respond", "abcdef", "--position", "1=accepts"], 5),
        (["endorse", "abcdef#1", "--basis", "trust"], 5),
        (["case", "invite", "Nobody"], 5),
        (["case", "open", "--date", "yesterday"], 2),
        (["case", "open", "--quorum", "2"], 2),
        (["reply", "take", "/none"], 6),
        (["notice", "write", "abcdef", "--out", "/none/x"], 5),
    ],
)
def test_what_cannot_be_said_is_refused_and_nothing_is_written(
    home: Path, words: list[str], code: int
) -> None:
    before = ok("ledger", "check", "--home", home, "--json").one("ledger")["root"]
    done = run(*words, "--home", home)
    assert done.code == code, done
    assert done.err.startswith(("comity: ", "Usage: "))
    assert ok("ledger", "check", "--home", home, "--json").one("ledger")["root"] == before
