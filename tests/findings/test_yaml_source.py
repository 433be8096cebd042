"""YAML as data within limits; the hostile forms by name."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.findings.reasons import RuleError
from comity.findings.yaml_source import read_documents


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x", "x"),
        ("3", 3),
        ("-3", -3),
        ("'3'", "3"),
        ("0x10", "0x10"),
        ("010", "010"),
        ("1.50", "1.50"),
        ("1_000", "1_000"),
        ("12:30:00", "12:30:00"),
        ("2026-01-01", "2026-01-01"),
        ("9999999999999999999999", "9999999999999999999999"),
        ("-0", "-0"),
        ("yes", "yes"),
        ("on", "on"),
        ("true", True),
        ("FALSE", False),
        ("'true'", "true"),
        ("null", None),
        ("~", None),
        ("", None),
        ("''", ""),
        ("!!str 3", "3"),
    ],
)
def test_plain_scalars_stay_as_written(text: str, value: object) -> None:
    assert read_documents(f"k: {text}\n".encode()) == [{"k": value}]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"a: &x [1]\nb: *x\n", "line 2: YAML aliases are not accepted"),
        (b"a: &x {b: *x}\n", "YAML aliases are not accepted"),
        (b"a: 1\na: 2\n", "line 2: the key 'a' is repeated"),
        (b"? [a]\n: b\n", "a key is not a single value"),
        (b"[" * 100 + b"]" * 100, "nested deeper than 32"),
        (b"[" * 100_000, "nested deeper than 32"),
        (b"{a: " * 100_000, "nested deeper than 32"),
        (b"a: !!python/object/apply:os.system [x]\n", "the tag"),
        (b"a: !!binary aGk=\n", "the tag"),
        (b"a: [1\n", "not YAML"),
        (b"a: b: c\n", "line 1: not YAML"),
        (b"a: \x00\n", "not YAML"),
        (b"\xff\xfe", "not UTF-8 at byte 0"),
        (b"a" * 2_000_000, "more than the 1048576 that a rule may have"),
    ],
)
def test_out_of_bounds(raw: bytes, reason: str) -> None:
    with pytest.raises(RuleError) as caught:
        read_documents(raw)
    assert reason in str(caught.value)


@given(st.binary(max_size=200) | st.text(alphabet="ab:-[]{}&*!|>'\"\n #%,?\t", max_size=80))
def test_total(raw: bytes | str) -> None:
    with contextlib.suppress(RuleError):
        read_documents(raw if isinstance(raw, bytes) else raw.encode())
