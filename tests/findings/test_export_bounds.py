"""Rows made to be slow: what of them is asked is bounded, and the rest is told with row and reason."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.dossier.rerun import Reading, run_item
from comity.evidence.bulk import read_batches
from comity.evidence.parse import fields_of
from comity.findings.export_forms import find_reading
from comity.findings.export_texts import MORE, WHY_PARTLY, Made, readings_in
from comity.findings.exports import Exports
from comity.findings.finding import Parameters
from comity.findings.match import PARTLY, Scanner
from comity.findings.pack import compile_pack
from comity.findings.reference import asked_readings, room_of_readings
from comity.findings.rows import ItemInfo
from tests.findings.test_export_inside import BATCH, packed
from tests.findings.test_export_together import MARKS

EVENT = {"Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": 1, "CommandLine": "lab-word"}
EVERY: dict[str, Any] = {name: value for mark in MARKS for name, value in mark.items()} | EVENT
RULE = b"""\
title: Asked
name: asked
logsource: {product: windows, category: process_creation}
detection: {s: {CommandLine: lab-word}, condition: s}
"""
OFTEN = b"""\
---
title: Often
correlation: {type: event_count, rules: [asked], group-by: [Channel], timespan: 1h, condition: {gte: 1}}
"""


def flat(row: dict[str, Any]) -> dict[str, Any]:
    found = fields_of("jsonl/1", json.dumps(row).encode(), b"")
    assert isinstance(found, dict)
    return dict(found)


def ask(source: bytes, *rows: dict[str, Any]) -> tuple[Any, Reading]:
    pack = compile_pack([("r.yml", source)])
    raw = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    reading = Reading()
    item = ItemInfo(ref="r", format="jsonl/1")
    batches = read_batches("jsonl/1", [raw], "r", None)
    return run_item(Scanner(pack), pack, item, "jsonl/1", batches, Parameters(), reading), reading


def test_attack_a_row_with_the_names_of_every_product_is_asked_in_part_and_told() -> None:
    result, reading = ask(RULE, {"a": "b"}, EVERY, EVENT)
    assert [row for _, row in result.matches] == [2, 3]
    assert reading.partly == {WHY_PARTLY[id(MORE)]: (2,)}


def test_a_rule_that_needs_every_row_gives_no_verdict_where_one_is_asked_in_part() -> None:
    times = {"TimeCreated": "2026-03-04T05:06:07Z"}
    whole, _ = ask(RULE + OFTEN, EVENT | times)
    assert not whole.refused
    result, _ = ask(RULE + OFTEN, EVENT | times, EVERY)
    assert list(result.refused.values()) == [PARTLY]
    assert not result.matches


def test_attack_so_many_rows_in_one_that_a_batch_takes_minutes() -> None:
    lines = {**BATCH, "logEvents": [{"message": f"{number:x}"} for number in range(6000)]}
    row = {"kinesis": {"data": packed(lines)}}
    _, reading = ask(RULE, row)
    assert list(reading.partly or ()) == [why for key, why in WHY_PARTLY.items() if key != id(MORE)]
    made = Exports(()).read(flat(row))
    assert isinstance(made, Made)
    assert 1024 < len(list(made.inside)) < 6000


def test_the_same_line_of_a_batch_is_asked_once() -> None:
    lines = {**BATCH, "logEvents": [{"message": "lab"}] * 6000}
    made = Exports(()).read(flat({"kinesis": {"data": packed(lines)}}))
    assert isinstance(made, Made)
    assert len(list(made.inside)) == 1
    assert not made.partly


@given(st.lists(st.sampled_from(MARKS), max_size=12), st.integers(0, 300))
@settings(max_examples=60, deadline=None)
def test_the_obvious_matcher_says_the_same_readings_and_the_same_bound(
    marks: list[dict[str, Any]], more: int
) -> None:
    row = flat(EVENT | {name: value for mark in marks for name, value in mark.items()})
    row |= {f"n{number}": "v" for number in range(more)}
    reading = find_reading(tuple(row))
    made = reading(row) if reading is not None else row
    before = readings_in(made)[1:]
    read = Exports(()).read(row)
    expected, told = asked_readings(row, [each for each in before if each is not MORE])
    assert told is bool(getattr(read, "partly", "")) or MORE in before
    assert sum(16 + len(each) for each in expected) <= room_of_readings(row)
    kept = [dict(each) for each in expected]
    # What rules see the same of is asked once.
    assert all(any(each.items() >= one.items() for one in kept) for each in map(dict, readings_in(read)[1:]))


@pytest.mark.parametrize("count", [1, 2, 4])
def test_rows_as_collectors_write_them_are_asked_whole(count: int) -> None:
    names = {f"name_of_a_field_{number}": "value" for number in range(400)}
    row = flat(EVENT | names | {"winlog": {"channel": "Security", "event_id": 4688}})
    read = Exports(()).read(row)
    assert not getattr(read, "partly", "")
    assert len(readings_in(read)) <= 1 + 4 * count
