"""Reasons in words."""

from __future__ import annotations

from comity.findings.explain import ALL, ROWS, explain, explain_joined, explain_observed
from comity.findings.pack import compile_pack
from comity.findings.rows import ItemInfo, Row, Value
from comity.findings.sigma import Rule
from comity.findings.stix import StixPattern

RULE = b"""\
logsource: {product: windows, category: process_creation}
detection:
    img: {Image|endswith: ['\\cmd.exe', '\\sh.exe'], CommandLine|re: 'a+'}
    nul: {User: null}
    ref: {Image|fieldref|contains: Tail}
    none: {CommandLine|contains: [x, y]}
    condition: img and nul and ref and not none
"""
ITEM = ItemInfo(ref="r", format="evtx-jsonl/1")


def test_what_made_it_true() -> None:
    (rule,) = compile_pack([("r.yml", RULE)]).rules
    fields: dict[str, Value] = {
        "Channel": "Security",
        "EventID": 4688,
        "NewProcessName": "C:\\CMD.exe",
        "CommandLine": "caab\n",
        "Tail": "md",
    }
    assert explain(rule, Row(index=1, text="", fields=fields), ITEM) == [
        "NewProcessName ends with '\\\\cmd.exe': 'C:\\\\CMD.exe'",
        "CommandLine matches the expression 'a+': 'caab\\n'",
        "SubjectUserName is missing or null",
        "NewProcessName contains what Tail holds: 'C:\\\\CMD.exe'",
        "none of the rule's exclusions holds (2 checked)",
    ]
    fields["CommandLine"] = "aax"
    assert explain(rule, Row(index=1, text="", fields=fields), ITEM) == []
    other: dict[str, Value] = {**fields, "EventID": 4624}
    assert explain(rule, Row(index=1, text="", fields=other), ITEM) == []


def test_indicators() -> None:
    (rule,) = compile_pack([("i.txt", b"192.0.2.1\nbad.example\n")]).rules
    row = Row(index=1, text="x 192.0.2.1", fields={"A": "n", "B": ["bad.example", None]})
    item = ItemInfo(ref="r", format="lines/1")
    assert explain(rule, row, item) == ["B holds the domain 'bad.example'"]
    row = Row(index=1, text="x 192.0.2.1", fields={})
    assert explain(rule, row, item) == ["the row holds the ip '192.0.2.1'"]


def test_hostile_values_stay_on_one_printable_line() -> None:
    (rule,) = compile_pack([("r.yml", b"detection: {s: {F: '*'}, condition: s}")]).rules
    row = Row(index=1, text="", fields={"F": "\x1b[2J\u202e" + "a" * 10_000})
    (line,) = explain(rule, row, item=ItemInfo(ref="r", format="lines/1"))
    assert line.isprintable()
    assert len(line) < 250


def test_a_correlation_tells_the_rows_that_stand_together() -> None:
    source = b"""\
name: fail
logsource: {product: x}
detection: {s: {K: fail}, condition: s}
---
title: Many of one user
correlation: {type: event_count, rules: [fail], timespan: 10s, group-by: [U], condition: {gte: 2}}
"""
    (rule,) = compile_pack([("r.yml", source)]).rules
    assert isinstance(rule, Rule)
    item = ItemInfo(ref="r", format="jsonl/1")
    rows = [
        Row(index=n, text="", fields={"K": "fail", "U": user}, time=n * 1_000_000)
        for n, user in enumerate(["ann", "ben", "Ann", "ann"], 1)
    ]
    assert explain_joined(rule, rows, item, 3) == [
        "event_count (Many of one user): it matches fail, in the group 'ann', with rows 1, 4 " + ALL
    ]
    assert explain_joined(rule, rows, item, 2) == []
    assert explain_joined(rule, [], item, 1) == []
    assert explain(rule, rows[0], item) == ["K is 'fail': 'fail'"]


def test_a_pattern_of_several_observations_names_all_rows_of_a_match() -> None:
    def of(pattern: str) -> StixPattern:
        (rule,) = compile_pack([("p.stix", pattern.encode())]).rules
        assert isinstance(rule, StixPattern)
        return rule

    item = ItemInfo(ref="r", format="jsonl/1")
    rows = [
        Row(index=n, text="", fields={"src_ip": ip}, time=n * 1_000_000)
        for n, ip in enumerate(["192.0.2.1", "192.0.2.9", "192.0.2.2", "192.0.2.2", "192.0.2.1"], 1)
    ]
    one, two = "[ipv4-addr:value = '192.0.2.1']", "[ipv4-addr:value = '192.0.2.2']"
    chain = of(f"{one} FOLLOWEDBY {two} WITHIN 5 SECONDS")
    assert explain(chain, rows[0], item) == ["observation 1: ipv4-addr:value is '192.0.2.1': '192.0.2.1'"]
    assert explain_observed(chain, lambda: rows, item, 1) == [
        "with row 3: observation 2: ipv4-addr:value is '192.0.2.2': '192.0.2.2'"
    ]
    assert explain_observed(chain, lambda: rows, item, 4) == [
        "with row 1: observation 1: ipv4-addr:value is '192.0.2.1': '192.0.2.1'"
    ]
    # Row 5 is in no match, and a pattern of times alone needs no other row.
    assert explain_observed(chain, list, item, 1) == []
    alone = of(f"{one} START t'1970-01-01T00:00:00Z' STOP t'1970-01-01T00:00:03Z'")
    assert explain_observed(alone, lambda: rows, item, 1) == [
        "it stands alone, within the time that the pattern asks for"
    ]
    twice = of(f"{one} REPEATS 2 TIMES WITHIN 10 SECONDS")
    assert explain_observed(twice, lambda: rows, item, 5) == [
        "with row 1: ipv4-addr:value is '192.0.2.1': '192.0.2.1'"
    ]
    many = [Row(index=n, text="", fields={"src_ip": "192.0.2.1"}, time=n) for n in range(1, 60)]
    lines = explain_observed(of(f"{one} REPEATS 50 TIMES"), lambda: many, item, 30)
    assert len(lines) == ROWS + 1
    assert lines[-1] == "and with 29 rows more"
    assert explain_observed(of(f"({one} AND {two}) REPEATS 2 TIMES"), lambda: rows, item, 5)[-1].startswith(
        "with row 4"
    )
