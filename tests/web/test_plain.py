"""Unseen characters are spelled out; everything else is left alone."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.web.plain import show, show_bytes


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("safe\u202efdp.exe", "safe⟦U+202E⟧fdp.exe"),
        ("a\u2066b\u2069", "a⟦U+2066⟧b⟦U+2069⟧"),
        ("zero\u200bwidth\ufeff", "zero⟦U+200B⟧width⟦U+FEFF⟧"),
        ("bell\x07 esc\x1b[31m", "bell⟦U+0007⟧ esc⟦U+001B⟧[31m"),
        ("pay\u200dpal", "pay⟦U+200D⟧pal"),
        ("tag\U000e0041", "tag⟦U+E0041⟧"),
        ("line\u2028break", "line⟦U+2028⟧break"),
    ],
)
def test_unseen_characters_are_spelled_out(text: str, shown: str) -> None:
    assert show(text) == shown


@pytest.mark.parametrize(
    "text", ["a\tb\nc", "مجلس النواب", "می\u200cخواهم", "👩\u200d💻", "naïve Zürich", "𝔘"]
)
def test_ordinary_text_of_any_script_stays(text: str) -> None:
    assert show(text) == text


@given(st.text())
def test_nothing_unseen_is_left(text: str) -> None:
    for character in show(text):
        category = unicodedata.category(character)
        assert category not in ("Cc", "Cs", "Zl", "Zp") or character in "\t\n"
        assert unicodedata.bidirectional(character) not in (
            "LRE",
            "RLE",
            "LRO",
            "RLO",
            "PDF",
            "LRI",
            "RLI",
            "FSI",
            "PDI",
        )


@given(st.binary(max_size=300))
def test_bytes_of_any_kind_become_text(raw: bytes) -> None:
    show(show_bytes(raw)).encode()


def test_bytes_that_are_no_text_are_told_apart_and_long_rows_are_cut() -> None:
    assert show_bytes(b"ok \xff\xc3") == "ok ⟦xFF⟧⟦xC3⟧"
    assert show_bytes(b"x" * 5000).endswith("⟦1000 more bytes⟧")
