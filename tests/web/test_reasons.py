"""What the rules of a case refuse is said in the reader's language, wherever a page says it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from comity.case.state import Refusal
from comity.errors import Refused
from comity.phrases import Phrase, phrase
from comity.web.acting import wrong_of
from comity.web.docket import view_unjudged
from comity.web.phrases import Speech
from comity.web.reading import Reading
from comity.web.reasons import explain, reason
from tests.web.stage import node_of
from tests.world import FullCase


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
