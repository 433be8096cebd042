"""Words for a terminal: complete, and unable to act on it."""

from __future__ import annotations

import json

import pytest

from comity.dossier.render_text import escape, verdict_json, verdict_text
from comity.dossier.verify import LAST_WORD, verify
from comity.records import canonical
from tests import world as w
from tests.dossier.corpus import Workshop, tell_short


@pytest.mark.parametrize(
    "char", ["\x1b", "\x07", "\n", "\u202e", "\u2066", "\u200b", "\u200f", "\x9b", "\ue000", "\u2028"]
)
def test_what_could_act_is_spelled_out(char: str) -> None:
    assert escape(f"a{char}b") == f"a\\u{{{ord(char):x}}}b"


def test_plain_names_stay_as_they_are() -> None:
    assert escape("Büro für Netze, 北") == "Büro für Netze, 北"


def test_a_name_cannot_turn_the_page_round() -> None:
    story = tell_short("names")
    evil = story.world.party("Cedar \u202eecivreS")
    story.world.invite(story.case, story.a, evil)
    story.say("evil", evil, w.request(story.a, story.world.now + w.DAY))
    verdict = verify(story.publish(story.a))
    assert verdict.intact
    text = verdict_text(verdict, "bad\x1b[2Jname.tar")
    assert "\\u{202e}" in text
    assert not any(c in text for c in "\u202e\x1b")


def test_the_text_ends_with_the_last_word() -> None:
    shop = Workshop(tell_short())
    for raw in (shop.raw, shop.raw[:-1]):
        verdict = verify(raw)
        assert verdict_text(verdict, "x").endswith(LAST_WORD + "\n")
        told = verdict_json(verdict, "x")
        canonical.render(told)
        assert json.loads(json.dumps(told))["last_word"] == LAST_WORD


def test_failures_are_told_with_code_and_place() -> None:
    shop = Workshop(tell_short())
    name = shop.record("claim")
    raw = shop.close(shop.without(name))
    text = verdict_text(verify(raw), "x")
    assert "NOT INTACT" in text
    assert name in text
    assert "[dossier.file-missing]" in text
