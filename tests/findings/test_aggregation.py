"""Conditions that count run as the correlations that they are short for."""

from __future__ import annotations

import pytest

from comity.findings.link import link
from comity.findings.match import run
from comity.findings.pack import compile_pack
from comity.findings.rows import ItemInfo, Row
from comity.findings.sigma import Rule

ITEM = ItemInfo(ref="r", format="jsonl/1")


def rule(condition: str, timeframe: str = "timeframe: 10s", more: str = "") -> bytes:
    return f"""\
title: Many
id: 0d4f1b52-0000-4000-8000-000000000001
level: high
{more}logsource: {{product: x}}
detection:
    sel: {{K: fail}}
    {timeframe}
    condition: {condition}
""".encode()


def found(source: bytes, *rows: tuple[int, str, str]) -> list[int]:
    pack = compile_pack([("r.yml", source)])
    assert not pack.unusable, pack.unusable
    events = [
        Row(index=n, text="", fields={"K": "fail", "U": user, "S": what}, time=at * 1_000_000)
        for n, (at, user, what) in enumerate(rows, 1)
    ]
    return sorted(index for _, index in run(pack, ITEM, events).matches)


ROWS = [(0, "ann", "1"), (1, "ann", "1"), (2, "ben", "1"), (9, "ann", "5"), (30, "ann", "9")]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("sel | count() by U > 2", [1, 2, 4]),
        ("sel | count() by U >= 4", []),
        ("sel | count() > 3", [1, 2, 3, 4]),
        ("sel | count(S) by U > 1", [1, 2, 4]),
        ("sel|count(U) >= 2", [1, 2, 3, 4]),
        ("sel | count() by U, S == 2", [1, 2]),
        ("sel | sum(S) by U > 8", [5]),
        ("sel | max(S) by U < 2", [3]),
        ("['sel | count() by U > 2']", [1, 2, 4]),
    ],
)
def test_what_is_counted_is_counted_in_windows(condition: str, expected: list[int]) -> None:
    assert found(rule(condition), *ROWS) == expected


def test_it_is_the_rule_that_its_correlation_would_be() -> None:
    (made,) = compile_pack([("r.yml", rule("sel | count() by U > 2"))]).rules
    assert isinstance(made, Rule)
    assert (made.title, made.level, made.rule_id[:8], made.whole) == ("Many", "high", "0d4f1b52", True)
    said = rule("sel", "", "name: fail\n").replace(b"id: ", b"x-id: ") + (
        b"---\ntitle: Many\ncorrelation: {type: event_count, rules: [fail], timespan: 10s, group-by: [U], "
        b"condition: {gt: 2}}\n"
    )
    assert found(said, *ROWS) == found(rule("sel | count() by U > 2"), *ROWS)


def test_a_collection_of_them_and_filters_of_their_log() -> None:
    counted = rule("sel | count() by U > 2")
    both = b"action: global\nlevel: low\n---\n" + counted
    assert found(both, *ROWS) == [1, 2, 4]
    narrowing = b"logsource: {product: x}\nfilter: {rules: any, a: {U: ann}, condition: not a}\n"
    done = link([("r.yml", counted), ("f.yml", narrowing)])
    assert done.used == ("f.yml",)
    assert found(dict(done.sources)["r.yml"], *ROWS) == []


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (rule("sel | count() by U > 2", ""), "no timeframe says how far apart"),
        (rule("sel | near other"), "the condition counts in a way that is not run"),
        (rule("sel | sum() > 2"), "asks for sum() of no field"),
        (rule("sel | count() > 2", "timeframe: 1M"), "the timespan '1M' is not a number with"),
        (rule("['sel | count() > 2', sel]"), "a condition that counts"),
        (rule("other | count() > 2"), "'other'"),
    ],
)
def test_what_cannot_be_counted_is_named(source: bytes, why: str) -> None:
    (unusable,) = compile_pack([("r.yml", source)]).unusable
    assert why in unusable.reason


@pytest.mark.parametrize("named", ["[0d4f1b52-0000-4000-8000-000000000001]", "any", "[other]"])
def test_a_filter_of_a_rule_that_counts_narrows_what_is_counted(named: str) -> None:
    narrows = f"""\
title: Not Ann
logsource: {{product: x}}
filter:
    rules: {named}
    out: {{U: ann}}
    condition: not out
""".encode()
    joined = rule("sel | count() > 1") + b"---\n" + narrows
    alone = [("r.yml", rule("sel | count() > 1")), ("f.yml", narrows)]
    rows = [(0, "ben", "1"), (1, "ann", "1"), (2, "ben", "1"), (9, "ann", "5")]
    if named == "[other]":
        assert compile_pack([("r.yml", joined)]).unusable
        return
    linked = link(alone)
    assert found(joined, *rows) == [1, 3]
    ((_, source),) = linked.sources
    assert found(source, *rows) == [1, 3]
