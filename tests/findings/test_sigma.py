"""Rules as sources: what compiles, and what is named as unusable."""

from __future__ import annotations

import hashlib

import pytest

from comity.findings.sigma import Rule, Unusable, parse_rule

WHOLE = b"""\
title: A shell
id: 3b7a
author: Somebody
level: high
logsource: {product: windows, category: process_creation}
detection:
    sel:
        Image|endswith: '\\cmd.exe'
    condition: sel
"""


def detection(text: str) -> bytes:
    return f"logsource: {{product: x}}\ndetection:\n{text}".encode()


def test_a_rule_keeps_what_people_need() -> None:
    rule = parse_rule("a/b.yml", WHOLE)
    assert isinstance(rule, Rule)
    assert rule.digest == hashlib.sha256(WHOLE).hexdigest()
    assert (rule.title, rule.rule_id, rule.author, rule.level) == (
        "A shell",
        "3b7a",
        "Somebody",
        "high",
    )
    assert rule.to_json() == {
        "kind": "sigma",
        "parts": [
            [
                {"category": "process_creation", "product": "windows"},
                ["is", "endswith", "\\cmd.exe", False, "Image"],
            ]
        ],
        "rule": rule.digest,
    }


def test_documents_of_one_source_are_one_rule() -> None:
    rule = parse_rule("r.yml", WHOLE + b"---\n" + WHOLE.replace(b"cmd", b"sh"))
    assert isinstance(rule, Rule)
    assert len(rule.parts) == 2


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "the source is empty"),
        (b"- a\n- b\n", "a rule is not a mapping"),
        (b"title: x\n", "the rule has no detection"),
        (b"detection: {sel: {a: b}}\n", "the detection has no condition"),
        (b"detection: {sel: {a: b}, condition: []}\n", "the detection has no condition"),
        (b"detection: 3\n", "the detection is not a mapping"),
        (b"logsource: 3\ndetection: {s: {a: b}, condition: s}\n", "the logsource is not a mapping"),
        (detection("  sel: {}\n  condition: sel\n"), "sel: a search identifier is empty"),
        (detection("  sel: []\n  condition: sel\n"), "sel: a search identifier is empty"),
        (detection("  sel: {a|q: b}\n  condition: sel\n"), "sel: the modifier 'q' is not run"),
        (
            detection("  sel: {a|equalsfield: b}\n  condition: sel\n"),
            "the modifier 'equalsfield' is not run by comity-find/1: Sigma says 'fieldref'",
        ),
        (detection("  sel: {a|endswithfield: b}\n  condition: sel\n"), "Sigma says 'fieldref|endswith'"),
        (
            b"logsource: {product: windows}\ndetection: {s: {'Data[1]|contains': b}, condition: s}\n",
            "'Data[1]' asks for a value without a name by its place",
        ),
        (
            b"logsource: {product: Windows}\ndetection: {s: {'EventData.Data[12]': b}, condition: not s}\n",
            "any of them is asked as 'Data'",
        ),
        (
            b"logsource: {product: windows}\ndetection: {s: {'b|fieldref': 'Data[1]'}, condition: s}\n",
            "'Data[1]' asks for a value without a name by its place",
        ),
        (detection("  sel: [[x]]\n  condition: sel\n"), "a keyword that is not a single value"),
        (
            b"correlation: {type: event_count, rules: [a]}\n",
            "the correlation refers to rules that are not in its source",
        ),
        (b"action: global\ndetection: {}\n", "the collection has no rule"),
        (b"action: repeat\ndetection: {}\n", "document 1: there is no rule before it that it could repeat"),
        (b"action: include\nfilename: x\n", "document 1: the action 'include' is none of global"),
        (b"a: 1\n" + b"---\naction: repeat\n" * 256, "the collection makes more than 256 rules"),
        (b"filter: {rules: [x]}\n", "a filter is no rule by itself"),
        (WHOLE + b"---\ncorrelation: {}\n", "the correlation refers to no rule"),
        (detection(f"  s: {{a: '{'?' * 20_000}a'}}\n  condition: s\n"), "more than 16384 characters"),
        (detection(f"  s: {{a: '{'?' * 8_000}a'}}\n  condition: s\n"), "more than 25000 steps"),
        (
            detection(
                "  s:\n" + "".join(f"    - a|re: '{n}.{{500}}'\n" for n in range(300)) + "  condition: s\n"
            ),
            "its expressions together need more than 25000 steps",
        ),
        (
            detection("".join(f"  s{n}: {{a: b}}\n" for n in range(2000)) + "  condition: s1\n"),
            "more than 1000 search identifiers",
        ),
        (
            detection(f"  s: {{a: [{'x,' * 500}x]}}\n  condition: {'s or ' * 500}s\n"),
            "grows to more than 100000 parts",
        ),
        (
            WHOLE.replace(b"process_creation", b"tea_making"),
            "knows no event of the category 'tea_making'",
        ),
        (
            WHOLE.replace(b"category: process_creation", b"service: kettle"),
            "knows no channel of the service 'kettle'",
        ),
        (WHOLE.replace(b"product: windows", b"product: [windows]"), "product is not text"),
        (WHOLE.replace(b"condition: sel", b"condition: sel | count() > 3"), "no timeframe says"),
    ],
)
def test_unusable(raw: bytes, reason: str) -> None:
    found = parse_rule("r.yml", raw)
    assert isinstance(found, Unusable)
    assert reason in found.reason
    assert found.digest == hashlib.sha256(raw).hexdigest()
