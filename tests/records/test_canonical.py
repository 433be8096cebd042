"""Canonical JSON: one content, one byte string; what lenient parsers let through is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import Malformed
from comity.records import canonical

texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(max_codepoint=127), max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(values)
def test_what_is_rendered_is_read_as_the_same_value(value: canonical.Json) -> None:
    raw = canonical.render(value)
    assert canonical.parse(raw) == value
    assert json.loads(raw) == value


@given(values, st.integers(0, 200), st.sampled_from([b" ", b"\n", b"\t", b"\x00", b","]))
def test_one_byte_more_is_never_the_same_value(value: canonical.Json, at: int, byte: bytes) -> None:
    raw = canonical.render(value)
    changed = raw[:at] + byte + raw[at:]
    try:
        found = canonical.parse(changed)
    except Malformed:
        return
    assert canonical.render(found) == changed
    assert found != value


@given(st.binary(max_size=60))
def test_no_bytes_raise_anything_else(raw: bytes) -> None:
    try:
        value = canonical.parse(raw)
    except Malformed:
        return
    assert canonical.render(value) == raw


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":1,"a":2}',
        b"NaN",
        b"-Infinity",
        b"1e400",
        b"1.5",
        b"null",
        "１２".encode(),
        '{"a":1}'.encode("utf-16"),
        b'"\\ud800"',
        b'"\xed\xa0\x80"',
        b"9" * 5_000,
        str(2**53).encode(),
        b"[" * 100_000,
        b"[" * 66 + b"]" * 66,
        b'{"a":' * 70 + b"1" + b"}" * 70,
    ],
    ids=lambda raw: repr(raw[:20]),
)
def test_traps_of_the_standard_parser_are_refused(raw: bytes) -> None:
    with pytest.raises(Malformed):
        canonical.parse(raw)


@pytest.mark.parametrize(
    "value", [1.0, None, 2**53, -(2**53), {"é": 1}, {1: 2}, "\ud800", b"bytes", {1, 2}, [1.5]], ids=repr
)
def test_values_without_a_form_are_not_rendered(value: canonical.Json) -> None:
    with pytest.raises((TypeError, ValueError)):
        canonical.render(value)


def test_the_place_of_a_second_spelling_is_named() -> None:
    with pytest.raises(Malformed, match="first at byte 6") as error:
        canonical.parse(b'{"a":"\\u0061"}', "frame")
    assert error.value.where == "frame"
