"""Templates of requests: every kind in every language, with the same blanks, and no blank is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from comity.errors import Malformed, Refused
from comity.exchange.notices.words import LANGUAGES
from comity.exchange.request_templates import parse_template, templates
from comity.law.catalogue import catalogue
from tests.cli.running import ok, run

GOOD = """id = "x"
type = "clarify"
title = "Ask"
[texts]
en = "What is {what}?"
fr = "Que veut dire {what} ?"
"""


def test_every_kind_of_request_is_there_in_every_language() -> None:
    assert templates().keys() == {
        *("evidence", "clarify", "preserve", "preserve-treaty", "traffic-partial", "disclose-stored"),
        *("mitigate", "consult", "contact-test", "embargo", "spontaneous"),
    }
    for template in templates().values():
        assert template.texts.keys() == set(LANGUAGES)
        assert len(set(template.texts.values())) == len(LANGUAGES)
        assert not template.instrument or template.instrument in catalogue().provisions


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_template_is_filled_whole_or_not_at_all(language: str) -> None:
    for template in templates().values():
        values = {name: f"<{name}> {{what}}" for name in template.blanks}
        text = template.fill(language, values)
        for name in template.blanks:
            assert f"<{name}>" in text
        for wrong in ({**values, "more": "x"}, dict.fromkeys(template.blanks, " ") or {"more": "x"}):
            with pytest.raises(Refused, match=r"template\.blank"):
                template.fill(language, wrong)


def test_a_language_that_is_missing_falls_back_and_says_so() -> None:
    template = parse_template(GOOD.encode())
    assert template.text_in("fr")[1] == "fr"
    assert template.text_in("nb") == ("What is {what}?", "en")


@pytest.mark.parametrize(
    "raw",
    [
        GOOD.replace("en =", "de ="),
        GOOD.replace("fr =", "xx ="),
        GOOD.replace("dire {what}", "dire {that}"),
        GOOD.replace('type = "clarify"', 'type = "order"'),
        GOOD.replace("[texts]", "[text]"),
        "[",
    ],
)
def test_a_file_of_another_form_is_refused(raw: str) -> None:
    with pytest.raises(Malformed, match=r"template\.form"):
        parse_template(raw.encode())


def test_a_file_of_ones_own_is_shown_and_asked_with(tmp_path: Path) -> None:
    home, card = tmp_path / "alda", tmp_path / "borel"
    for folder, name in ((home, "Alda Desk"), (card, "Borel Office")):
        ok("init", folder, "--name", name)
    ok("case", "open", "--home", home)
    ok("party", "show", "--out", tmp_path / "card", "--home", card)
    ok("party", "add", tmp_path / "card", "--home", home)
    ok("case", "invite", "Borel Office", "--home", home)
    own = tmp_path / "lease-book.toml"
    own.write_text(GOOD.replace('id = "x"', 'id = "lease-book"'), "utf-8")
    (shown,) = ok("templates", own, "--json").of("template")
    assert (shown["id"], shown["blanks"]) == ("lease-book", ["what"])
    ok(
        "request",
        "Borel Office",
        "--template",
        own,
        "--fill",
        "what=the lease",
        "--due",
        "72h",
        "--home",
        home,
    )
    assert ok("status", "--home", home, "--json").one("request")["text"] == "What is the lease?"
    # A bad one says what is wrong, and where.
    bad = tmp_path / "bad.toml"
    for text, code, why in (
        (GOOD, "template.name", "the file of this template is x.toml"),
        (GOOD.replace("dire {what}", "dire {that}"), "template.form", "the blanks in fr"),
        ("id = \n[texts]", "template.form", "line 1"),
    ):
        bad.write_text(text, "utf-8")
        said = run("templates", bad)
        assert said.code != 0
        assert all(part in said.err for part in (code, why, "bad.toml")), said.err
    assert "file.missing" in run("templates", tmp_path / "none.toml").err


def test_a_request_is_made_from_a_template(tmp_path: Path) -> None:
    home = tmp_path / "alda"
    ok("init", home, "--name", "Alda Desk")
    ok("case", "open", "--home", home)
    card = tmp_path / "borel"
    ok("init", card, "--name", "Borel Office")
    ok("party", "show", "--out", tmp_path / "card", "--home", card)
    ok("party", "add", tmp_path / "card", "--home", home)
    ok("case", "invite", "Borel Office", "--home", home)
    asked = (
        "request", "Borel Office", "--template", "traffic-partial", "--language", "fr", "--due", "60d",
        "--fill", "what=203.0.113.9", "--home", home,
    )  # fmt: skip
    assert "template.blank" in run(*asked).err
    ok(*asked, "--fill", "need=le fournisseur")
    told = ok("status", "--home", home, "--json").one("request")
    assert (told["what"], told["basis"]) == ("preserve", "instrument")
    assert "article 30" in told["instrument"]
    assert told["text"].startswith("Des données relatives au trafic sur 203.0.113.9")
    assert len(ok("templates", "--json").of("template")) == 11
    assert run("templates", "nothing").code == 5
