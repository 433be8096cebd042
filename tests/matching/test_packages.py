"""Packages of a matching: one spelling, and only what the record commits to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import ComityError
from comity.matching import packages

TOKENS = st.lists(st.binary(min_size=16, max_size=16), min_size=1, max_size=20)


@given(TOKENS)
def test_a_list_is_what_was_rendered(tokens: list[bytes]) -> None:
    listed = packages.make_list(tokens)
    assert packages.open_list(packages.render_list(listed), listed.count, listed.root) == listed
    assert listed.parts == tuple(sorted(set(tokens)))
    places = packages.positions_of(listed, [*tokens, bytes(17)])
    assert places[-1] is None
    assert [listed.parts[at] for at in places if at is not None] == tokens


@given(TOKENS, st.data())
def test_any_changed_byte_is_refused(tokens: list[bytes], data: st.DataObject) -> None:
    listed = packages.make_list(tokens)
    raw = bytearray(packages.render_list(listed))
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ComityError):
        packages.open_list(bytes(raw), listed.count, listed.root)


def test_a_token_is_of_a_whole_output() -> None:
    assert packages.token_of(bytes(64)) == bytes(16)
    with pytest.raises(ValueError):
        packages.token_of(bytes(63))
