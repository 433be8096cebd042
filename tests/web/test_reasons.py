"""What the rules of a case refuse is said in the reader's language, wherever a page says it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from comity.case.state import Refusal
from comity.errors import Refused
from comity.phrases import Phrase, phrase
from comity.records import bodies, kinds
from comity.web.acting import wrong_of
from comity.web.docket import view_unjudged
from comity.web.phrases import Speech
from comity.web.reading import Reading
from comity.web.reasons import explain, reason
from tests.web.stage import node_of
from tests.world import FullCase

_MARKED = "marked {}, and addressed to everybody: mark it TLP:CLEAR, or say who may read it"


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("grants nothing", "Regel 11 i saken tillater det ikke: åpner ingenting."),
        (
            phrase("builds on {}…, which was refused", "0123"),
            "Regel 11 i saken tillater det ikke: bygger på 0123…, som ble avvist.",
        ),
        (
            phrase("{} may not read it", phrase("the party that was asked")),
            "Regel 11 i saken tillater det ikke: parten som ble spurt får ikke lese den.",
        ),
        ("words of somebody", "Regel 11 i saken tillater det ikke: words of somebody."),
    ],
)
def test_a_rule_says_why_in_the_language_of_the_page(why: str, said: str) -> None:
    assert Speech("nb")(explain("rule.11", why)) == said
    assert str(explain("rule.11", why)) == f"Rule 11 of the case does not allow it: {why}."
    assert explain("rule.refused", "a slow rule") == "A slow rule."
    wrong = wrong_of(Refused("rule.11", "case.grant", why))
    assert Speech("nb")(wrong.why) == f"{said} [rule.11, case.grant]"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            Refused("clock.passed", "2026-01-01T00:00:00Z", "has passed already"),
            "Has passed already. [clock.passed, 2026-01-01T00:00:00Z]",
        ),
        (
            Refused("record.marking", "claim.state", phrase(_MARKED, "TLP:RED")),
            (
                "Merket TLP:RED, og rettet til alle: merk den TLP:CLEAR, eller si hvem som kan lese den. "
                "[record.marking, claim.state]"
            ),
        ),
    ],
)
def test_what_this_node_refuses_is_said_in_the_language_of_the_page(error: Refused, said: str) -> None:
    assert Speech("nb")(wrong_of(error).why) == said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "assertions, entry 1, text: at least 1 character, and this has 0. [content.form]"),
        ("nb", "assertions, element 1, text: minst 1 tegn, og denne har 0. [content.form]"),
        ("zh", "assertions, 第 1 项, text：至少 1 个字符，而这里有 0。 [content.form]"),
    ],
)
def test_what_is_too_short_or_too_long_is_said_in_the_language_of_the_page(language: str, said: str) -> None:
    claim = kinds.State(title="t", assertions=(kinds.Assertion(text="", level="tactical"),))
    with pytest.raises(bodies.Unwritable) as failed:
        bodies.render(claim)
    assert Speech(language)(wrong_of(failed.value).why) == said


def test_what_nobody_wrote_here_is_no_message() -> None:
    assert not isinstance(reason("a party's own words"), Phrase)
    assert isinstance(reason("grants nothing"), Phrase)


def test_a_refused_record_is_told_in_the_language_of_the_page(full: FullCase) -> None:
    reading = Reading(node_of(full, full.claimant), full.case.id)
    record = full.records["claim"].value.id
    other = full.records["seal"].value.id
    refusal = Refusal(
        record=record, rule=20, why=phrase("{} may not read it", phrase("the party that was asked"))
    )
    reading.state = replace(
        reading.state, refused={record: refusal, other: replace(refusal, rule=11, why="grants nothing")}
    )
    told = sorted(Speech("nb")(one.why) for one in view_unjudged(reading) if one.status == "refused")
    assert told == ["Regel 11: åpner ingenting.", "Regel 20: parten som ble spurt får ikke lese den."]
