"""What no record could hold is refused with its place, before anything is weighed."""

from __future__ import annotations

import json

import pytest

from comity.errors import Malformed
from comity.weighing.items_file import parse_items
from tests.weighing.written import item, written


@pytest.mark.parametrize(
    ("file", "code", "place"),
    [
        (written(item(text="a\x07b")), "text.control", "file: items/spray.text"),
        (written(item(origin="a\ud800b")), "items.form", "file: items/spray.origin"),
        (written(question="\x00"), "text.control", "file: question"),
        (written(knowledge="a\x00b"), "text.control", "file: knowledge"),
        (
            written(item(likelihoods={"He\x1bron": 0.5, "unknown": 0.1})),
            "text.control",
            "file: items/spray.likelihoods",
        ),
        # Neither is cut short without a word.
        (written(item(text="a" * 20_001)), "items.text", "file: items/spray.text"),
        (written(question="a" * 20_001), "items.text", "file: question"),
        (written(item("a\x85b")), "text.control", "file: items/number 1.id"),
    ],
)
def test_controls_and_halves_of_pairs_are_refused_with_their_place(
    file: object, code: str, place: str
) -> None:
    with pytest.raises(Malformed) as refused:
        parse_items(json.dumps(file).encode(), "file")
    assert (refused.value.code, refused.value.where) == (code, place)
    assert str(refused.value).isprintable()


def test_tabs_lines_and_pairs_are_text() -> None:
    file = written(item(text="a\tb\nc \U0001f426"))
    assert parse_items(json.dumps(file).encode(), "file").items[0].text == "a\tb\nc \U0001f426"
