"""Remarks: what other readers of Sigma take otherwise is said, and nothing else."""

from __future__ import annotations

import pytest

from comity.findings.remarks import remarks_of, remarks_of_list
from comity.findings.sigma import read_heads

RULE = (
    "title: yes\ndate: 2024-01-02\nlogsource: {product: Linux}\n"
    "detection:\n  s: {A: %s, B: [x, %s]}\n  condition: s\n"
)


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("yes", "a truth value"),
        ("Off", "a truth value"),
        ("0x5", "a number"),
        ("010", "a number"),
        ("1_000", "a number"),
        ("5.50", "a number"),
        ("12:30:00", "a number"),
        ("2024-01-02T00:00:00Z", "a time"),
    ],
)
def test_values_that_are_read_otherwise_elsewhere(value: str, what: str) -> None:
    raw = (RULE % (value, value)).encode()
    (one, two) = remarks_of(raw, read_heads(raw))
    assert one == two
    assert one == f"line 5: {value} is taken as the text that it is; other readers of Sigma take it as {what}"


@pytest.mark.parametrize(
    "value", ["5", "true", "null", "'yes'", '"010"', "x", "1.2.3.4", "-1", "a:b", "!!str yes"]
)
def test_values_that_are_read_alike(value: str) -> None:
    raw = (RULE % (value, value)).encode()
    assert remarks_of(raw, read_heads(raw)) == []


def test_a_timeframe_of_a_condition_that_counts_nothing() -> None:
    raw = b"detection: {s: {A: x}, timeframe: 5m, condition: s}\n"
    assert remarks_of(raw, read_heads(raw)) == ["its timeframe is not used: the condition counts nothing"]
    counts = raw.replace(b"condition: s", b"condition: s | count() > 5")
    assert remarks_of(counts, read_heads(counts)) == []


def test_an_end_with_more_behind_it() -> None:
    raw = b"detection: {s: [{A|re: ['a$b', 'c$']}, {B|re|m: 'd$e'}], condition: s}\n"
    (told,) = remarks_of(raw, read_heads(raw))
    assert told.startswith("in 'a$b' a '$' with more behind it stands at the very end of a text only")


def test_a_product_that_no_log_has() -> None:
    raw = b"logsource: {product: window}\ndetection: {s: {A: x}, condition: s}\n"
    (told,) = remarks_of(raw, read_heads(raw))
    assert told.startswith("no log of the product 'window' is known")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("192.0.2.1 # seen in May", "it holds '192.0.2.1' beside other words"),
        ("192.0.2.1,bad.example", "it holds '192.0.2.1' beside other words"),
        ("0.0.0.0 bad.example", "it holds '0.0.0.0' beside other words"),
        (f"{'ab' * 32}  dropper.exe", f"it holds '{'ab' * 30}' beside other words"),
        ('"ip-dst";"192.0.2.1"', "it holds '192.0.2.1' beside other words"),
        ("hxxps[:]//bad.example/x", "only '[.]', '(.)' and 'hxxp' are undone"),
        ("bad[dot]example", "only '[.]', '(.)' and 'hxxp' are undone"),
        ("maria[at]bad.example", "only '[.]', '(.)' and 'hxxp' are undone"),
    ],
)
def test_a_line_of_a_list_that_is_looked_for_as_it_stands(line: str, why: str) -> None:
    (told,) = remarks_of_list(f"192.0.2.7\n{line}\n".encode())
    assert told.startswith("line 2: ")
    assert why in told


def test_lines_of_a_list_that_are_texts_are_not_remarked_on() -> None:
    plain = b"192.0.2.1\n bad.example \n# 192.0.2.1 x\ncmd.exe /c start\n[2001:db8::2]:443\nHKLM\\Run\n"
    assert remarks_of_list(plain + b"m[.]x.example") == []
    many = remarks_of_list(b"192.0.2.1 x\n" * 200_000)
    assert len(many) == 6
    assert many[-1].endswith("more lines of the kind")


def test_names_beyond_ascii_in_a_list() -> None:
    raw = "example.org\nm\u00fcnchen.example\n# \u00fc.example\n\u00fcber alles\nC:\\\u00fc\\x.y\n".encode()
    (told,) = remarks_of_list(raw)
    assert told.startswith("line 2: m\u00fcnchen.example is looked for as it is written")
    assert "xn--mnchen-3ya.example" in told
    assert remarks_of_list(b"a.example\n\xff.example") == []
