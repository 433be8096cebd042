"""Which rows can hold a word at all."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.findings.screen import UNICODE_ESCAPE, has_escape

ESCAPE = re.compile(UNICODE_ESCAPE.encode())


@given(st.lists(st.sampled_from([b"\\", b"\\u", b"\\\\", b"u00", b"41", b"4f1z", b"x", b" "]), max_size=12))
def test_an_escape_is_one_that_is_not_itself_escaped(parts: list[bytes]) -> None:
    raw = b"".join(parts)
    assert has_escape(raw) == (ESCAPE.search(raw) is not None)


@pytest.mark.parametrize(
    ("raw", "has"),
    [(b"\\u0041", True), (b"\\\\u0041", False), (b"C:\\\\users\\\\u0041", False), (b"\\u004", False)],
)
def test_escapes(raw: bytes, has: bool) -> None:
    assert has_escape(raw) is has
