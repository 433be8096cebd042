"""What an assessment must be by its form."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from comity.case.assessed import first_flaw
from comity.phrases import Phrase
from comity.web.phrases import LANGUAGES, Speech
from tests.weighing.written import item, weighed, written

CONTENT = weighed(written(item("a", text="one"), item("b", text="two")))


@pytest.mark.parametrize(
    ("changed", "flaw"),
    [
        ({"items": CONTENT.items[::-1]}, "items are not sorted by id, or one stands twice"),
        (
            {"items": (msgspec.structs.replace(CONTENT.items[0], cite=""), CONTENT.items[1])},
            "item a rests on no record and cites nothing",
        ),
        ({"scale": ((2, 1),)}, "an interval of the scale runs backwards"),
    ],
)
def test_a_flaw_is_told_in_every_language_and_the_words_of_others_stay(
    changed: dict[str, Any], flaw: str
) -> None:
    found = first_flaw(msgspec.structs.replace(CONTENT, **changed))
    assert found == flaw
    assert isinstance(found, Phrase)
    for language in LANGUAGES[1:]:
        speech = Speech(language)
        assert speech.only(found) != flaw
        assert not speech.missing
