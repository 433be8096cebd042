"""What is printed: other parties' words made harmless, numbers made readable."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.cli.output import Out, count, plain, ranges_text, size_text


@given(st.text())
def test_nothing_printed_controls_hides_or_turns(text: str) -> None:
    shown = plain(text)
    assert not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in shown)
    assert not set(shown) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


def test_harmless_text_stays_as_it_is() -> None:
    text = "Ärger – ελληνικά 漢字 العربية 🙂"
    assert plain(text) == text
    assert plain("a\nb") == "a⟦U+000A⟧b"
    assert plain("a\nb", lines=True) == "a\nb"


@pytest.mark.parametrize(
    ("ranges", "text"),
    [([], ""), ([(3, 1)], "3"), ([(3, 1), (7, 3)], "3, 7-9"), ([(n, 1) for n in range(1, 40, 2)], None)],
)
def test_ranges_read_as_people_write_them(ranges: list[tuple[int, int]], text: str | None) -> None:
    assert ranges_text(ranges) == (text if text is not None else ranges_text(ranges[:12]) + " and 8 more")


def test_sizes_and_counts() -> None:
    assert [size_text(n) for n in (0, 999, 1000, 38_200_000, 5e12)] == [
        "0 B",
        "999 B",
        "1.0 KB",
        "38.2 MB",
        "5000.0 GB",
    ]
    assert [count(1, "row"), count(2000, "row"), count(0, "leaf", "leaves")] == [
        "1 row",
        "2,000 rows",
        "0 leaves",
    ]


def test_one_voice_speaks(capsys: pytest.CaptureFixture[str]) -> None:
    for as_json in (False, True):
        out = Out(as_json)
        out.line("text")
        out.object("thing", name="\x1b[31m")
    said = capsys.readouterr().out
    assert said == 'text\n{"type": "thing", "name": "\\u001b[31m"}\n'
