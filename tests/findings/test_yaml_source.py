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
        (b"a: &x {b: *x}\n", "line 1: the alias *x names nothing before it"),
        (b"a: &x {b: 1}\nc:\n  <<: *x\n", "line 3: merge keys (<<) are not accepted"),
        (
            b"".join(
                b"a%d: &a%d [%s]\n" % (n, n, b", ".join([b"*a%d" % (n - 1) if n else b"x"] * 9))
                for n in range(9)
            ),
            "its aliases stand for more than 10000 values",
        ),
        (
            b"a: &x " + b"[" * 20 + b"]" * 20 + b"\nb: " + b"[" * 20 + b"*x" + b"]" * 20,
            "nested deeper than 32",
        ),
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


def test_an_alias_is_what_its_anchor_names() -> None:
    raw = b"a: &x [1, two]\nb: {c: *x, d: &y v}\ne: *y\n---\nf: 1\n"
    assert read_documents(raw) == [{"a": [1, "two"], "b": {"c": [1, "two"], "d": "v"}, "e": "v"}, {"f": 1}]
    with pytest.raises(RuleError, match="names nothing before it"):
        read_documents(b"a: &x 1\n---\nb: *x\n")
