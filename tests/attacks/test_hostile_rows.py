"""Hostile rules and rows: bounded, named, and the rest goes on."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from comity.dossier.rerun import Reading, run_item
from comity.evidence.bulk import read_batches
from comity.evidence.detecting import explain_format
from comity.evidence.formats import HEAD_BYTES
from comity.findings import columns
from comity.findings.finding import Parameters
from comity.findings.match import ItemResult, Scanner
from comity.findings.pack import compile_pack
from comity.findings.rows import ItemInfo
from comity.findings.sigma import Rule

ITEM = ItemInfo(ref="r", format="jsonl/1")
GOOD = (
    "good.yml",
    b"title: good\nlogsource: {product: app}\ndetection: {s: {F|contains: evil}, condition: s}\n",
)


def rule_of(name: str, detection: dict[str, Any]) -> tuple[str, bytes]:
    body = {"title": name, "logsource": {"product": "app"}, "detection": {"s": detection, "condition": "s"}}
    return f"{name}.yml", json.dumps(body, separators=(",", ":")).encode()


def sweep(sources: list[tuple[str, bytes]], rows: list[bytes]) -> tuple[ItemResult, Reading, dict[str, str]]:
    pack = compile_pack(sources)
    reading = Reading()
    batches = read_batches("jsonl/1", [b"\n".join(rows) + b"\n"])
    found = run_item(Scanner(pack), pack, ITEM, "jsonl/1", batches, Parameters(), reading)
    return found, reading, {rule.digest: rule.title for rule in pack.rules}


def rows_of(found: ItemResult, titles: dict[str, str], title: str) -> list[int]:
    return [row for digest, row in found.matches if titles[digest] == title]


REDOS = ("(a+)+$", "(a|a)*b", "(a|aa)+c", "^(([a-z])+.)+[A-Z]([a-z])+$", "(.*a){20}b")


def test_an_expression_that_runs_away_elsewhere_does_not_here() -> None:
    rules = [rule_of(f"redos{n}", {"F|re": expression}) for n, expression in enumerate(REDOS)]
    row = json.dumps({"F": "a" * 50_000 + "!evil"}).encode()
    found, _, titles = sweep([*rules, GOOD], [row, b'{"F":"evil"}'])
    assert rows_of(found, titles, "good") == [1, 2]


@pytest.mark.parametrize("expression", ["(a)\\1", "(?=a)b", "(?<!x)a", "((a{1,100}){1,100}){1,100}", "["])
def test_an_expression_that_cannot_be_run_is_named(expression: str) -> None:
    pack = compile_pack([rule_of("bad", {"F|re": expression}), GOOD])
    (unusable,) = pack.unusable
    assert unusable.source_name == "bad.yml"
    assert "regular expression" in unusable.reason
    assert len(pack.rules) == 1


def test_a_list_of_a_hundred_thousand_values_is_looked_up() -> None:
    listed = [f"v{n}e" for n in range(99_000)]
    rules = [rule_of("contains", {"F|contains": listed}), rule_of("equals", {"F": listed}), GOOD]
    beyond = rule_of("beyond", {"F": [f"v{n}e" for n in range(100_000)]})
    assert "more than 100000 parts" in compile_pack([beyond]).unusable[0].reason
    rows = [b'{"F":"x v%de"}' % n for n in (0, 98_999, 99_000)] + [
        b'{"F":"V5E"}',
        b'{"F":"evil"}',
    ]
    found, _, titles = sweep(rules, rows)
    assert rows_of(found, titles, "contains") == [1, 2, 4]
    assert rows_of(found, titles, "equals") == [4]
    assert rows_of(found, titles, "good") == [5]


def test_a_field_of_a_megabyte_is_searched_and_not_remembered() -> None:
    def hold(count: int) -> int:
        """How much memory a scan of so many long fields leaves held, while its scanner lives."""
        rows = [json.dumps({"F": f"{n}{long}evil{n}"}).encode() for n in range(count)]
        scanner = Scanner(pack)
        tracemalloc.start()
        batches = read_batches("jsonl/1", (row + b"\n" for row in rows))
        found = run_item(scanner, pack, ITEM, "jsonl/1", batches, Parameters(), Reading())
        held, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert len(found.matches) == count + 1
        return held

    long = "x" * 1_000_000
    pack = compile_pack([GOOD, rule_of("end", {"F|endswith": "evil7"})])
    # Where rows are walked by their shape, tables of a fixed size (34 MB at first) stand ready; more rows add
    # nothing.
    few, more = hold(24), hold(48)
    assert more < 36_000_000
    assert more - few < 1_000_000


def test_the_values_of_a_list_are_not_remembered_by_each_rule() -> None:
    row = json.dumps({"F": [f"v{n} a" for n in range(10_000)]}).encode() + b"\n"
    # What the first part asks holds, so that all are asked the second.
    rules = [rule_of(f"odd{n}", {"F|contains": " a", "F|re": f"[x-z]{{{n + 1}}}"}) for n in range(30)]
    pack = compile_pack([GOOD, *rules])
    scanner = Scanner(pack)
    tracemalloc.start()
    run_item(scanner, pack, ITEM, "jsonl/1", read_batches("jsonl/1", [row]), Parameters(), Reading())
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 30_000_000


@pytest.mark.parametrize("few", [0, 10**9])
def test_literals_that_overlap_without_end_do_not_fill_memory(
    few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(columns, "FEW", few)
    listed = ["a" * n for n in range(3, 120)]
    rows = [json.dumps({"F": "a" * 4000 + str(n)}).encode() for n in range(100)]
    found, _, titles = sweep([rule_of("nested", {"F|contains": listed})], rows)
    assert len(rows_of(found, titles, "nested")) == 100


def test_rows_that_cannot_be_read_are_counted_with_their_reasons() -> None:
    rows = [
        b'{"F":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"a":' * 200 + b"1" + b"}" * 200,
        b'{"F":"ev\xffil"}',
        b'{"F":"\\u0000evil"}',
        b'\0{"F":"evil"}',
        b'{"F":Nan}',
        b'{"F":"evil","F":"x"}',
        b'{"F":"x","F":"evil"}',
        b"{" + b",".join(b'"k%d":1' % n for n in range(20_000)) + b',"F":"evil"}',
        b'{"F":"evil"}',
    ]
    found, reading, titles = sweep([GOOD], rows)
    assert rows_of(found, titles, "good") == [4, 7, 8, 9, 10]
    assert reading.rows == 10
    assert sum((reading.unparsed or {}).values()) == 5
    reasons = " ".join(reading.unparsed or {})
    assert "nested too deeply" in reasons
    assert "not UTF-8 at byte" in reasons


def test_rows_with_names_of_their_own_cost_no_more_than_themselves() -> None:
    rows = [b'{"n%d":1,"F":"evil"}' % n for n in range(3000)]
    found, _, titles = sweep([GOOD], rows)
    assert len(rows_of(found, titles, "good")) == 3000


def test_a_modifier_nobody_knows_makes_its_rule_unusable_and_no_other() -> None:
    pack = compile_pack([rule_of("odd", {"F|entropy": 5}), rule_of("both", {"F|re|cidr": "x"}), GOOD])
    assert [each.source_name for each in pack.unusable] == ["both.yml", "odd.yml"]
    assert "modifier 'entropy' is not run" in pack.unusable[1].reason
    (kept,) = pack.rules
    assert isinstance(kept, Rule)
    assert kept.title == "good"


def test_a_log_made_to_look_like_locations_and_addresses_is_passed_over(tmp_path: Path) -> None:
    listed = b"http://bad.example/x\n*.bad.example\n10.0.0.0/8\n2001:db8::1\na@b.example\n"
    pack = compile_pack([("i.txt", listed)])
    raw = b"\n".join(
        [b"://" * 100_000, b"a." * 100_000, b"1." * 100_000, b"::" * 50_000, b"@" * 100_000, b"10.1.2.3"]
    )
    item = ItemInfo(ref="r", format="lines/1")
    batches = read_batches("lines/1", [raw])
    found = run_item(Scanner(pack), pack, item, "lines/1", batches, Parameters(), Reading())
    assert [row for _, row in found.matches] == [6]


@pytest.mark.parametrize(
    "line",
    [
        b"a" * 300 + b'={"' + b"x" * 60_000,
        b'"a" : {"a" : {"' * 4000 + b"}} } } x",
        b'{"a":' + b'{"a":{},"a" : ' * 4000,
        b" =" * 30_000 + b"{",
    ],
)
def test_what_a_file_is_shows_in_one_look_at_its_head(line: bytes) -> None:
    assert explain_format("app.log", (b"words\n" + line)[:HEAD_BYTES]).format == "lines/1"
