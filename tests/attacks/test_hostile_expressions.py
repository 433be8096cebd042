"""Expressions that are worst cases of RE2: refused by a measure that knows no clock, and told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from comity.dossier.rerun import Reading, run_item
from comity.evidence.bulk import read_batches
from comity.findings import effort, match
from comity.findings.asking import Test, compile_test
from comity.findings.atoms import Node
from comity.findings.finding import Parameters
from comity.findings.match import ItemResult, Scanner
from comity.findings.pack import Pack, compile_pack
from comity.findings.regexes import measure_program
from comity.findings.rows import ItemInfo

ITEM = ItemInfo(ref="r", format="jsonl/1")
HARD = "[ab]*a[ab]{950}c"
WILD = "a" + "?" * 2000 + "c"
MANY = "|".join(f"[ab]*a[ab]{{{n}}}c" for n in range(950, 974))
GOOD = {"F|contains": "evil"}


def rule_of(name: str, *searches: dict[str, Any], condition: str = "all of s*") -> tuple[str, bytes]:
    detection = {f"s{n}": search for n, search in enumerate(searches)} | {"condition": condition}
    body = {"title": name, "logsource": {"product": "app"}, "detection": detection}
    return f"{name}.yml", json.dumps(body).encode()


def run(pack: Pack, rows: list[bytes], scanner: Scanner | None = None) -> ItemResult:
    batches = read_batches("jsonl/1", [b"\n".join(rows) + b"\n"])
    return run_item(scanner or Scanner(pack), pack, ITEM, "jsonl/1", batches, Parameters(), Reading())


def told(pack: Pack, found: ItemResult) -> tuple[dict[str, list[int]], set[str]]:
    titles = {rule.digest: rule.title for rule in pack.rules}
    rows: dict[str, list[int]] = {title: [] for title in titles.values()}
    for digest, row in found.matches:
        rows[titles[digest]].append(row)
    assert set(found.refused.values()) <= {effort.REFUSED}
    return rows, {titles[digest] for digest in found.refused}


def test_a_program_that_is_too_large_is_named() -> None:
    """One kilobyte of rule makes a program of 50,000 steps, ten times what any rule in use has."""
    beyond = "|".join(f"[ab]*a[ab]{{{n}}}c" for n in range(950, 1000))
    pack = compile_pack([rule_of("beyond", {"a|re": beyond}), rule_of("good", GOOD)])
    (unusable,) = pack.unusable
    assert unusable.reason.endswith("RE2 cannot run the regular expression: it needs more than 25000 steps")
    parts = [{f"f{n}|re": HARD} for n in range(30)]
    (unusable,) = compile_pack([rule_of("parts", *parts)]).unusable
    assert unusable.reason == "its expressions together need more than 25000 steps"


def test_a_filter_does_not_add_what_a_rule_may_not_have() -> None:
    """What a rule and its filters need together is bounded as one rule is."""
    half = "|".join(f"[ab]*a[ab]{{{n}}}c" for n in range(950, 966))
    source = f"""
title: rule
name: rule
logsource: {{product: app}}
detection: {{s: {{F|re: '{half}'}}, condition: s}}
---
title: filter
logsource: {{product: app}}
filter:
  rules: [rule]
  s: {{G|re: '{half}'}}
  condition: not s
"""
    (unusable,) = compile_pack([("r.yml", source.encode())]).unusable
    assert "its expressions together need more than 25000 steps" in unusable.reason


@pytest.mark.parametrize(
    "hard",
    [
        ({"F|re": MANY},),
        ({"G": "x"}, {"F|re": MANY}),
        ({"F|contains": "nowhere"}, {"F|re": MANY}),
        ({"F|re": [HARD, HARD + "d", HARD + "e"]}, {"F|contains": WILD}),
        ({"F|re|i": MANY},),
    ],
)
def test_a_long_row_refuses_the_rule_and_no_other(hard: tuple[dict[str, Any], ...]) -> None:
    """Whether a rule is refused follows from its expressions and the row alone: not from what else it asks
    for, nor from what would have been asked first."""
    pack = compile_pack([rule_of("hard", *hard), rule_of("good", GOOD)])
    text = "ab" * 500_000 + "evil"
    found = run(pack, [b'{"F":"evil"}', json.dumps({"F": text}).encode(), b'{"F":"evil"}'])
    rows, refused = told(pack, found)
    assert refused == {"hard"}
    assert rows == {"good": [1, 2, 3], "hard": []}
    assert found.not_asked == ()


def test_what_was_found_before_is_no_verdict_either() -> None:
    """A rule that is refused by one row names no other row of the item; that of another item is its own."""
    pack = compile_pack([rule_of("hard", {"F|re": MANY + "|evil"}), rule_of("good", GOOD)])
    scanner = Scanner(pack)
    long = json.dumps({"F": "ab" * 500_000}).encode()
    rows, refused = told(pack, run(pack, [b'{"F":"evil"}', long], scanner))
    assert (rows["hard"], refused) == ([], {"hard"})
    rows, refused = told(pack, run(pack, [b'{"F":"evil"}'], scanner))
    assert (rows["hard"], refused) == ([1], set())


def test_words_patterns_and_correlations_are_measured_too() -> None:
    """Keywords are asked of the row and of each value; a correlation is refused with its detection."""
    keyword = json.dumps(
        {
            "title": "word",
            "logsource": {"product": "app"},
            "detection": {"k": [f"*{WILD}*"], "condition": "k"},
        }
    )
    correlated = f"""
title: base
name: base
logsource: {{product: app}}
detection: {{s: {{F|re: '{MANY}|evil'}}, condition: s}}
---
title: many
correlation: {{type: event_count, rules: [base], group-by: [G], timespan: 1h, condition: {{gte: 1}}}}
"""
    pattern = f"[process:command_line MATCHES '{MANY}']"
    pack = compile_pack(
        [
            ("k.yml", keyword.encode()),
            ("c.yml", correlated.encode()),
            ("p.stix", pattern.encode()),
            rule_of("good", GOOD),
        ]
    )
    assert not pack.unusable
    row = {
        "F": "ab" * 500_000,
        "CommandLine": "ab" * 500_000,
        "G": "evil",
        "msg": "",
        "UtcTime": "2026-01-01 00:00:00",
    }
    found = run(pack, [json.dumps(row).encode(), b'{"F":"evil"}'])
    assert len(found.refused) == 3
    assert [row for _, row in found.matches] == [2]


def test_parts_of_a_file_are_refused_as_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Long rows are told apart row by row, so how a file is divided decides nothing."""
    monkeypatch.setattr(match, "BATCH", 1)
    pack = compile_pack([rule_of("hard", {"F|re": MANY}), rule_of("good", GOOD)])
    rows = [b'{"F":"evil"}', json.dumps({"F": "ab" * 500_000}).encode()]
    assert told(pack, run(pack, rows)) == ({"good": [1], "hard": []}, {"hard"})
    assert told(pack, run(pack, rows[:1])) == ({"good": [1], "hard": []}, set())


def test_rules_in_use_never_meet_the_limit() -> None:
    """The largest rule of the public set has 2,359 steps; over a text of 1 MiB it is far from the limit."""
    largest = 2_359 * (1 << 20)
    assert 1.7 * largest < effort.WORK
    assert measure_program("regex", HARD) > 900
    assert measure_program("glob", f"*{WILD}*") > 2_000


def test_patterns_are_made_ready_once_for_all_long_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    def count(node: Node) -> Test:
        made.append(node)
        return compile_test(node)

    monkeypatch.setattr(match, "compile_test", count)
    patterns = [f"[process:command_line MATCHES 'a{n}'] OR [file:name = 'x{n}']" for n in range(3)]
    pack = compile_pack((f"{n}.stix", each.encode()) for n, each in enumerate(patterns))
    assert not pack.unusable
    row = {
        "Channel": "Microsoft-Windows-Sysmon/Operational",
        "EventID": 1,
        "CommandLine": "a1" + "b" * 70_000,
    }
    found = run(pack, [json.dumps(row).encode()] * 5)
    assert {row for _, row in found.matches} == {1, 2, 3, 4, 5}
    assert len(made) == 6
