"""``comity lint``, and the warnings of ``comity claim``: advice that stops nothing."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.running import ok, run

TEXT = "# Statement\n\nClearly, the gateway restarted\nat noon [#1]. Experts say so [#2].\n"


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_every_flag_has_rule_line_span_reason_and_suggestion(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(TEXT)
    told = lines(ok("lint", tmp_path / "a.md", "--json").out)
    flags = [one for one in told if one["type"] == "flag"]
    assert [(f["rule"], f["line"], f["column"], f["end_column"], f["text"]) for f in flags] == [
        ("wording.certainty", 3, 1, 8, "Clearly"),
        ("source.unnamed", 4, 15, 26, "Experts say"),
    ]
    assert all(f["reason"] and f["suggestion"] and f["language"] == "en" for f in flags)
    assert told[-1]["type"] == "lint"
    assert (told[-1]["flags"], told[-1]["factual"], told[-1]["tied"]) == (2, 2, 2)


def test_people_read_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(TEXT)
    told = ok("lint", tmp_path / "a.md").out
    assert "a.md:3:1-8: wording.certainty: Clearly" in told
    assert "2 flags; 2 sentences, 2 of them factual, 0 of those tied to no assertion (en, utf-8)" in told
    assert "wording.certainty" not in ok("lint", tmp_path / "a.md", "--rule", "source.unnamed").out
    assert "source.hearsay" in ok("lint", "--rules").out


def test_a_text_that_was_never_tied_is_told_so_once(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("The gateway restarted at noon.\n\nThe backup ran at one on 4 May.\n")
    told = ok("lint", path).out
    assert "not one of its factual sentences is tied to an assertion (lines 1, 3)" in told
    assert "0 flags; 2 sentences, 2 of them factual, 2 of those tied to no assertion" in told
    (whole,) = lines(ok("lint", path, "--json").out)
    assert (whole["ties"], whole["untied"], whole["tied"]) == (False, [1, 3], 0)
    for asked in (["--ties"], ["--rule", "tie.missing"]):
        assert ok("lint", path, *asked).out.count("tie.missing: ") == 2


def test_one_tie_in_a_text_and_each_sentence_is_asked_for_its_own(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(
        "The gateway restarted at noon [#1].\n\nThe backup ran at one on 4 May.\n"
    )
    told = lines(ok("lint", tmp_path / "a.txt", "--json").out)
    assert [(one["rule"], one["line"]) for one in told if one["type"] == "flag"] == [("tie.missing", 3)]


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    assert run("lint", tmp_path / "none.md").code == 6
    assert run("lint").code == 2
    assert run("lint", tmp_path, "--rule", "wording.colour").code == 2
    assert run("lint", tmp_path / "a.md", "--case", "x").code == 2


def test_a_corpus_is_scored_by_rule_and_language_and_side(tmp_path: Path) -> None:
    (tmp_path / "own_en.txt").write_text(
        "C | certainty | Clearly so it was [#1].\nD | certainty | Nothing to see here [#1].\n"
    )
    told = lines(ok("lint", "--corpus", tmp_path / "own_en.txt", "--json").out)
    (score,) = [one for one in told if one["type"] == "score" and one["rule"] == "wording.certainty"]
    assert (score["right"], score["missed"], score["recall"]) == (1, 1, 0.5)
    assert told[-1]["sides"] == [
        {"side": "C", "flagged": 1, "sentences": 1},
        {"side": "D", "flagged": 1, "sentences": 1},
    ]
    assert run("lint", "--corpus", tmp_path / "none_xx.txt").code == 2


def test_a_claim_is_warned_of_and_stated_all_the_same(tmp_path: Path) -> None:
    home = tmp_path / "alda"
    ok("init", home, "--name", "Alda Desk")
    ok("case", "open", "--home", home)
    words = "It is beyond doubt that the gateway restarted at noon."
    stated = ok("claim", "--home", home, "--text", words)
    assert "assertion 1: wording.certainty: 'beyond doubt'" in stated.err
    assert "tie.missing" not in stated.err
    (tmp_path / "a.txt").write_text("The gateway restarted at noon [#1]. It rained [#2].\n")
    told = lines(ok("lint", tmp_path / "a.txt", "--home", home, "--json").out)
    assert [one["rule"] for one in told if one["type"] == "flag"] == ["strength.support", "tie.unknown"]
