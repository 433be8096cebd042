"""Rows that hold several rows: each is asked by itself, what cannot be taken apart is told. Names are those
of Loki's interface, of CloudWatch's subscriptions and queries, of SNS, SQS and Kinesis, of Microsoft's
workspaces, of Elasticsearch's, InfluxDB's, BigQuery's and Splunk's answers."""

from __future__ import annotations

import base64
import gzip
import json
import os
from collections.abc import Collection
from typing import Any

import pytest

from comity.evidence.parse import fields_of
from comity.findings.explain import explain
from comity.findings.export_inside import INSIDE
from comity.findings.exports import Exports, Made
from comity.findings.logsource import source_of
from comity.findings.match import Scanner
from comity.findings.pack import compile_pack
from comity.findings.rows import ItemInfo, Row
from comity.findings.sweep import PORTION, Rows, Sweep
from tests.findings.test_export_inner import TEXT, TRAIL, TRAILS, finds, rule
from tests.findings.test_export_together import STARTED

NAMES, CELLS = list(STARTED), list(STARTED.values())
OTHER = ["Security", 4688, None, "other", None][: len(CELLS)]
BEGUN = rule("{product: windows, category: process_creation}", CommandLine="drop --to lab", EventID=1)
LINES = {"job": "lab"}, [["1772600767000000000", "x"], ["1772600768000000000", TEXT]]
BATCH = {"messageType": "DATA_MESSAGE", "logGroup": "g", "logEvents": [{"id": "1", "message": TEXT}]}


def packed(value: Any, *, small: bool = True) -> str:
    raw = json.dumps(value).encode()
    return base64.b64encode(gzip.compress(raw) if small else raw).decode()


LAKE = [[{name: str(value)} for name, value in TRAIL.items() if name != "userIdentity"]]
LAKE[0].append({"userIdentity.type": "Root"})
OTHERS = [[dict.fromkeys(cell, "x") for cell in LAKE[0]]]


def answer(rows: list[Any], count: int | None = None) -> dict[str, Any]:
    """What the lake of AWS' trails answers."""
    told = {"ResultsCount": len(rows) if count is None else count, "TotalResultsCount": 9}
    return {"QueryStatus": "FINISHED", "QueryStatistics": told, "QueryResultRows": rows}


CARRIED: dict[str, Any] = {
    "a lake of trails": answer([*OTHERS, *LAKE]),
    "a lake of trails, one row": answer(LAKE),
    "a stream": {"stream": LINES[0], "values": LINES[1]},
    "a push": {"streams": [{"stream": LINES[0], "values": LINES[1]}]},
    "an answer": {"status": "success", "data": {"result": [{"stream": LINES[0], "values": LINES[1]}]}},
    "a topic": {"Sns": {"Type": "Notification", "Message": TEXT}},
    "a queue": {"Messages": [{"MessageId": "1", "Body": TEXT}, {"MessageId": "2", "Body": '{"a": 1}'}]},
    "a topic in a queue": {"Messages": [{"Body": json.dumps({"Type": "Notification", "Message": TEXT})}]},
    "a subscription": {"awslogs": {"data": packed(BATCH)}},
    "a shard": {
        "kinesis": {"data": packed(BATCH), "partitionKey": "k"},
        "eventSource": "aws:kinesis",
        "eventName": "aws:kinesis:record",
        "awsRegion": "lab-1",
    },
    "a shard as it is": {"Data": packed(TRAIL, small=False), "PartitionKey": "k"},
    "a delivery": {"recordId": "1", "data": packed(BATCH)},
    "a push of messages": {"message": {"data": packed(TRAIL, small=False), "messageId": "1"}},
    "a query": {"results": [[{"field": "@message", "value": TEXT}, {"field": "@ptr", "value": "p"}]] * 2},
}
TABLES: dict[str, Any] = {
    "a workspace": {"tables": [{"columns": [{"name": n} for n in NAMES], "rows": [OTHER, CELLS]}]},
    "a cluster": {"Tables": [{"Columns": [{"ColumnName": n} for n in NAMES], "Rows": [CELLS]}]},
    "columns and rows": {"columns": [{"name": n, "type": "text"} for n in NAMES], "rows": [CELLS, OTHER]},
    "columns and values": {"columns": [{"name": n, "type": "text"} for n in NAMES], "values": [CELLS]},
    "series": {"series": [{"columns": NAMES, "values": [CELLS]}]},
    "a warehouse": {
        "schema": {"fields": [{"name": n} for n in NAMES]},
        "rows": [{"f": [{"v": cell} for cell in CELLS]}],
    },
    "a search by rows": {"preview": False, "fields": NAMES, "rows": [CELLS, OTHER]},
    "a search by columns": {
        "fields": NAMES,
        "columns": [list(both) for both in zip(CELLS, OTHER, strict=False)],
    },
}


@pytest.mark.parametrize("name", CARRIED)
def test_messages_in_a_row_are_asked_each(name: str) -> None:
    assert finds(TRAILS, {"a": 1}, CARRIED[name]) == [2]


@pytest.mark.parametrize("name", TABLES)
def test_tables_in_a_row_are_asked_by_the_row(name: str) -> None:
    assert finds(BEGUN, {"a": 1}, TABLES[name]) == [2]
    # Never by cells of several rows together.
    both = rule("{product: windows}", CommandLine="drop --to lab", Channel="Security")
    assert finds(both, TABLES[name]) == []


def run(*rows: Any) -> Any:
    read = []
    for n, row in enumerate(rows, 1):
        raw = json.dumps(row)
        fields = fields_of("jsonl/1", raw.encode(), b"")
        assert isinstance(fields, dict)
        read.append(Row(index=n, text=raw, fields=fields))
    return Scanner(compile_pack([("r.yml", TRAILS)])).run(ItemInfo(ref="r", format="jsonl/1"), read)


@pytest.mark.parametrize(
    "row",
    [
        {"kinesis": {"data": "no base64"}, "eventSource": "x", "eventName": "y", "awsRegion": "z"},
        {"awslogs": {"data": packed(BATCH)[:-8]}},
        {"recordId": "1", "data": base64.b64encode(b"\xff\xfe\x00").decode()},
        {"columns": [{"name": "a"}, {"name": "b"}], "rows": [[1, 2], [3]]},
        {"stream": {"a": "b"}, "values": [["no time", "x"]]},
        {"Messages": [{"Body": "of no form"}]},
    ],
)
def test_what_cannot_be_taken_apart_is_told(row: Any) -> None:
    result = run(row)
    assert (result.untold_rows, list(result.matches)) == (1, [])


def test_rows_inside_that_tell_nothing_are_counted_with_the_row_that_holds_them() -> None:
    assert run(CARRIED["a stream"], CARRIED["a topic"]).untold_rows == 1
    assert run(CARRIED["a topic"]).untold_rows == 0


@pytest.mark.parametrize("marks", [*CARRIED.values(), *TABLES.values()])
def test_attack_a_text_beside_rows_inside(marks: dict[str, Any]) -> None:
    if "message" not in marks:
        assert finds(TRAILS, {"message": TEXT, **marks}) == [1]


def test_why_a_row_matched_is_told_of_the_row_inside() -> None:
    pack = compile_pack([("r.yml", TRAILS)])
    fields = fields_of("jsonl/1", json.dumps(CARRIED["a shard"]).encode(), b"")
    assert isinstance(fields, dict)
    lines = explain(pack.rules[0], Row(index=1, text="", fields=fields), ItemInfo(ref="r", format="jsonl/1"))
    assert any("DropKey" in line for line in lines)


def test_attack_what_unpacks_to_more_than_is_read() -> None:
    bomb = base64.b64encode(gzip.compress(b"[" + b" " * (17 << 20))).decode()
    assert run({"awslogs": {"data": bomb}}).untold_rows == 1
    row = {"stream": {"a": "b"}, "values": [["1", "x"]] * (INSIDE + 1)}
    assert run(row).untold_rows == 1
    assert list(run(row).partly.values()) == [(1,)]
    nested: Any = TRAIL
    for _ in range(8):
        nested = {"Sns": {"Message": json.dumps(nested)}}
    assert run(nested).untold_rows <= 1


@pytest.mark.parametrize("event", [4661, 4662])
def test_data_that_is_called_properties_is_no_list_of_values(event: int) -> None:
    names = (
        "Channel",
        "EventID",
        "SubjectUserSid",
        "ObjectType",
        "AccessMask",
        "Properties",
        "OperationType",
    )
    assert Exports(("AccessMask",)).parts_of(names) == ({}, ())
    row: dict[str, Any] = {
        "Channel": "Security",
        "EventID": event,
        "SubjectUserSid": "S-1",
        "Properties": "%%7688 {a}|{b}",
    }
    assert dict(Exports(("Data",)).read(row)) == row


def test_attack_texts_that_are_a_thousand_times_as_long_unpacked() -> None:
    bomb = packed({"a": "x" * (4 << 20)})
    row = Exports(()).read({"kinesis.data": [packed(TRAIL), *[bomb] * 20, packed(TRAIL)], "n": 1})
    assert isinstance(row, Made)
    unpacked = [str(part["message"]) for part in row.inside if "message" in part]
    assert unpacked[0] == unpacked[-1] == json.dumps(TRAIL)
    assert sum(map(len, unpacked)) <= 64 * (21 * len(bomb))
    # Each that is left is told as a row of its own, of which nothing tells whose it is.
    assert len(unpacked) + [part.get("data") for part in row.inside].count(bomb) == 22


def test_what_unpacks_as_logs_do_is_all_unpacked() -> None:
    batch = {**BATCH, "logEvents": [{"id": str(n), "message": f"{TEXT} {n}"} for n in range(3000)]}
    text = packed(batch)
    row = Exports(()).read({"kinesis.data": [text] * 9, "n": 1})
    assert isinstance(row, Made)
    assert len(list(row.inside)) == 9 * 3000


def test_what_rows_hold_is_asked_in_portions_and_found_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [*CARRIED.values(), *TABLES.values(), {"message": TEXT, **CARRIED["a stream"]}] * 2
    whole = run(*rows)
    monkeypatch.setattr("comity.findings.sweep.PORTION", 1)
    assert run(*rows) == whole
    assert 0 < whole.untold_rows <= len(rows)


def test_rows_that_are_packed_are_not_kept() -> None:
    """A batch of 8 MB held half a gigabyte, unpacked before any of it was asked."""
    packs: list[dict[str, Any]] = [
        {"kinesis.data": [packed(BATCH)] * 3, "n": 1},
        {"awslogs.data": packed(BATCH)},
    ]
    for row in packs:
        made = Exports(()).read(row)
        assert isinstance(made, Made)
        assert not isinstance(made.inside, Collection)
        assert list(made.inside) == list(made.inside) != []


def test_attack_many_rows_that_unpack_to_much_do_so_one_after_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    batch = {**BATCH, "logEvents": [{"message": os.urandom(2000).hex()} for _ in range(100)]}
    row = {"awslogs": {"data": packed(batch)}, "pad": "x"}
    portions: list[int] = []
    asked = Sweep._take_with_inside

    def see(sweep: Sweep, rows: Rows, deep: int) -> None:
        if deep:
            portions.append(sum(len(str(each)) for each in rows.fields))
        asked(sweep, rows, deep)

    monkeypatch.setattr(Sweep, "_take_with_inside", see)
    assert run(*[row] * 20).untold_rows == 20
    assert len(portions) > 1
    assert max(portions) < PORTION + (1 << 20)


def test_a_row_counts_once_as_one_of_no_known_log_whatever_kinds_of_rows_it_holds() -> None:
    lines = [json.dumps({f"a{n}": "b"}) for n in range(9)]
    held = {"stream": {"job": "lab"}, "values": [["1", line] for line in [*lines, "a text"]]}
    for rows in ([held], [held, held, {"b": 1}]):
        assert run(*rows).untold_rows == len(rows)
    # Of a row in which no text is kept, rules that look for words have not been asked.
    assert run({"rows": [[1]], "columns": [{"name": "a"}]}).wordless == 1


def test_attack_a_stream_whose_labels_each_of_its_lines_would_get() -> None:
    values = [["1", TEXT]] * 2
    many = {f"label{n}": "" for n in range(257)}
    assert run({"stream": many, "values": values}).untold_rows == 1
    few = dict(list(many.items())[:256])
    assert [row for _, row in run({"stream": few, "values": values}).matches] == [1]


def test_attack_a_text_that_unpacks_to_millions_of_values() -> None:
    """Each took up to a hundred bytes, all at once: sixteen megabytes were four hundred."""
    pad = base64.b64encode(os.urandom(12_000)).decode()
    for values, some in ((1_000_000, 1), (2_000, 200)):
        events = [{"message": TEXT}, *[{}] * (values - 2)]
        text = packed({"pad": pad * some, **BATCH, "logEvents": events})
        row = {"awslogs.data": [text, "A" * 100_000]}
        found = run(row)
        assert found.untold_rows == 1
        assert [number for _, number in found.matches] == ([] if values == 1_000_000 else [1])


def test_rows_in_a_row_that_a_text_keeps_are_asked() -> None:
    assert finds(TRAILS, {"message": json.dumps(CARRIED["a queue"])}) == [1]
    assert finds(
        TRAILS, {"message": json.dumps({"Messages": [{"Body": json.dumps(CARRIED["a queue"])}]})}
    ) == [1]


def test_what_is_packed_in_a_text_is_told_as_a_row_of_which_nothing_tells_whose_it_is() -> None:
    for row in (
        {"message": json.dumps(CARRIED["a shard as it is"])},
        {"kinesis.data": packed(CARRIED["a shard"])},
    ):
        made = Exports(()).read(row)
        inside = made.inside if isinstance(made, Made) and made.inside else [row]
        for part in inside:
            assert source_of(ItemInfo(ref="r", format="jsonl/1"), Exports(()).read(part)).untold


@pytest.mark.parametrize("count", [1, 3, -1, True, "2", None])
def test_attack_rows_of_an_answer_that_cannot_be_told_apart(count: Any) -> None:
    """A column that some row lacks would give its values to others."""
    short = [*OTHERS, [cell for cell in LAKE[0] if "eventName" not in cell], *LAKE]
    read = rule("{product: aws, service: cloudtrail}", eventName="DropKey")
    assert finds(read, answer([*OTHERS, *LAKE]), answer(short), answer(short, 2)) == [1]
    if count is not None:
        told = answer([*OTHERS, *LAKE])
        told["QueryStatistics"]["ResultsCount"] = count
        assert finds(read, told) == []
