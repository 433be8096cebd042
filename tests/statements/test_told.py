"""Each rule gives its reason in every language of the lint; what is told of one place alone stays told."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from comity.statements.flags import LANGUAGES, RULES, Flag, Language
from comity.statements.told import tell_in
from tests.cli.running import ok


def flag(rule: str, reason: str = "", suggestion: str = "") -> Flag:
    own = RULES[rule]
    return Flag(
        rule=rule, line=1, column=1, end_line=1, end_column=2, start=0, end=1, text="x",
        reason=reason or own.reason, suggestion=suggestion or own.suggestion, language="en",
    )  # fmt: skip


@pytest.mark.parametrize("words", [one for one in LANGUAGES if one != "en"])
def test_every_rule_is_told(words: Language) -> None:
    told = tomllib.loads(files("comity.statements").joinpath("words", f"{words}.toml").read_text("utf-8"))
    assert told.keys() == RULES.keys()
    seen = set()
    for rule in RULES:
        said = tell_in(flag(rule), words)
        assert said.reason == told[rule]["reason"] != RULES[rule].reason
        assert said.suggestion == told[rule]["suggestion"] != RULES[rule].suggestion
        seen.add(said.reason)
    assert len(seen) == len(RULES)


def test_what_is_said_of_one_place_is_kept_and_marked() -> None:
    said = tell_in(flag("text.unseen", f"{RULES['text.unseen'].reason}: U+202E", "tie it with [#2]"), "nb")
    assert said.reason.endswith("(U+202E [en])")
    assert said.suggestion.endswith("(tie it with [#2] [en])")
    assert tell_in(flag("wording.loaded"), "en") == flag("wording.loaded")


@pytest.mark.parametrize(
    ("options", "has"),
    [
        (("--lang", "nb"), "sannsynlighet"),
        (("--words", "zh"), "可以核查"),
        (("--lang", "nb", "--words", "en"), "a word that judges"),
    ],
)
def test_the_command_speaks_the_language_asked_for(
    tmp_path: Path, options: tuple[str, ...], has: str
) -> None:
    text = tmp_path / "text.txt"
    text.write_text("Det er utvilsomt at den feige banden sto bak.\n", "utf-8")
    assert has in ok("lint", text, *options).out
