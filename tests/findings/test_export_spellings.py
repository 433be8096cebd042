"""Events whose channel or number is written in another way, or told by their data alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from comity.evidence.formats import FormatName
from comity.evidence.parse import fields_of
from comity.findings.explain import explain
from comity.findings.match import Scanner
from comity.findings.pack import compile_pack
from comity.findings.rows import ItemInfo, Row

SYSMON = "Microsoft-Windows-Sysmon"


def rule(logsource: str, **fields: Any) -> bytes:
    return (
        f"title: t\nlogsource: {logsource}\ndetection: {{s: {json.dumps(fields)}, condition: s}}\n".encode()
    )


STARTS = rule("{product: windows, category: process_creation}", **{"Image|endswith": "drop.exe"})
SERVICES = rule("{product: windows, service: system}", EventID=7045, ServiceName="lab")
WEB = rule("{category: proxy}", **{"c-useragent|startswith": "lab/"})
QUERY = rule("{category: webserver}", **{"cs-uri-query|contains": "../"})


def found_in(source: bytes, form: FormatName, raws: list[bytes], context: bytes = b"") -> list[int]:
    """The rows that a rule matches, by each of the ways in which rows are asked."""
    told = []
    for n, raw in enumerate(raws, 1):
        fields = fields_of(form, raw, context)
        assert isinstance(fields, dict)
        told.append(Row(index=n, text=raw.decode(), fields=fields))
    pack = compile_pack([("r.yml", source)])
    item = ItemInfo(ref="r", format=form)
    scanner = Scanner(pack)
    found = sorted(row for _, row in scanner.run(item, told).matches)
    assert found == sorted(row.index for row, digests in scanner.scan(item, told) if digests)
    assert found == [row.index for row in told if explain(pack.rules[0], row, item)]
    return found


def finds(source: bytes, *rows: Any) -> list[int]:
    return found_in(source, "jsonl/1", [json.dumps(row).encode() for row in rows])


@pytest.mark.parametrize(
    "row",
    [
        # A log's file as collectors name it: the stroke of the channel cannot stand there.
        {"Channel": f"{SYSMON}%4Operational", "EventID": 1},
        {"Channel": [f"{SYSMON}/Operational"], "EventID": ["1"]},
        {"Channel": f"{SYSMON}/Operational", "EventID": 1 << 30 | 1},
        {"UtcTime": "2026-03-04", "ProcessGuid": "{0}", "EventID": "1"},
        {"Level": "x", "Source": SYSMON, "Event ID": "1"},
        {"Ebene": "x", "Source": SYSMON, "Ereignis-ID": "1"},
    ],
)
def test_an_event_however_it_is_told(row: dict[str, Any]) -> None:
    image = ["c:\\drop.exe"] if isinstance(row.get("Channel"), list) else "c:\\drop.exe"
    assert finds(STARTS, {**row, "Image": image}) == [1]
    other = {"EventID": "2", "Event ID": "2", "Ereignis-ID": "2"}
    assert finds(STARTS, {**row, **{name: 2 for name in other if name in row}, "Image": image}) == []


def test_data_that_one_channel_has_tells_it_only_beside_a_number() -> None:
    audit = {"SubjectUserSid": "S-1-5-18", "NewProcessName": "c:\\drop.exe"}
    assert finds(STARTS, {**audit, "EventID": 4688}, {**audit, "id": 4688}, audit) == [1]
    assert finds(STARTS, {"EventID": 1, "Image": "c:\\drop.exe", "UtcTime": "x"}) == []


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (7045, [1]),
        ("7,045", [1]),
        (0x40001B85, [1]),
        (str(0xC0001B85), [1]),
        (7045.0, [1]),
        ("70,45", []),
        (str(0x40001B85 << 8), []),
        ("07,045", []),
        ("x1073748869", []),
    ],
)
def test_numbers_with_qualifiers_and_marks_of_thousands(number: Any, expected: list[int]) -> None:
    row = {"Channel": "System", "EventID": number, "ServiceName": "lab"}
    assert finds(SERVICES, row) == expected


def test_values_in_quotes_count_as_they_are_and_without() -> None:
    head = b"#Fields: date cs-uri-stem cs(User-Agent)"
    rows = [b'2026-03-04 /a "lab/1.0"', b"2026-03-04 /a lab/1.0", b'2026-03-04 /a "lab', b'2026-03-04 /a "']
    assert found_in(WEB, "w3c/1", rows, head) == [1, 2]
    quoted = rule("{category: proxy}", **{"c-useragent": '"lab/1.0"'})
    assert found_in(quoted, "w3c/1", rows, head) == [1]


def test_a_value_in_quotes_is_one_value_of_which_nothing_else_is_told() -> None:
    head = b"#Fields: date cs-uri-stem cs-uri-query cs-host"
    rows = [b'2026-03-04 "/lab/x.php" "f=1" "lab.example"', b"2026-03-04 /lab/x.php f=1 lab.example"]
    told = {
        "cs-uri-extension": "php",
        "c-uri": "/lab/x.php?f=1",
        "c-uri-query|startswith": "f=",
        "cs-host": "lab.example",
    }
    for name, value in told.items():
        asked = rule("{category: proxy}", **{name: value})
        assert found_in(asked, "w3c/1", rows, head) == [1, 2]
        denied = asked.replace(b"condition: s", b"condition: not s")
        assert found_in(denied, "w3c/1", rows, head) == []
    words = "title: t\nlogsource: {category: proxy}\ndetection: {w: [%s], condition: %s}\n"
    for word, expected in (("lab.example", {1, 2}), ("'\"lab.example\"'", {1}), ("'/lab/x.php\"'", {1})):
        assert found_in((words % (word, "w")).encode(), "w3c/1", rows, head) == sorted(expected)
        assert found_in((words % (word, "not w")).encode(), "w3c/1", rows, head) == sorted({1, 2} - expected)


def test_an_address_with_its_query_in_one_column() -> None:
    """As Windows' own server of requests logs errors."""
    head = b"#Fields: date cs-method cs-uri sc-status"
    rows = [b"2026-03-04 GET /a?f=../../b 400", b"2026-03-04 GET /../a 400", b"2026-03-04 GET - 400"]
    assert found_in(QUERY, "w3c/1", rows, head) == [1]
    stem = rule("{category: webserver}", **{"cs-uri-stem": "/a"})
    assert found_in(stem, "w3c/1", rows, head) == [1]


XML = (
    "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
    f"<Provider Name='{SYSMON}'/><EventID>1</EventID><Channel>{SYSMON}/Operational</Channel></System>"
    "<EventData><Data Name='Image'>c:\\drop.exe</Data></EventData></Event>"
)


@pytest.mark.parametrize(
    "row",
    [
        {"Computer": "lab", "Xml": XML},
        {"Computer": "lab", "EventXml": XML},
        {
            "System_Channel": f"{SYSMON}/Operational",
            "System_EventID": 1,
            "System_Provider_Name": SYSMON,
            "EventData_Image": "c:\\drop.exe",
        },
        {
            "_id": "1",
            "_index": "lab",
            "fields.winlog.channel": [f"{SYSMON}/Operational"],
            "fields.winlog.event_id": ["1"],
            "fields.winlog.event_data.Image": ["c:\\drop.exe"],
        },
    ],
)
def test_an_event_below_other_names(row: dict[str, Any]) -> None:
    assert finds(STARTS, row) == [1]


def test_chosen_columns_of_a_log_of_names_are_told() -> None:
    query = rule("{product: zeek, service: dns}", **{"query|endswith": ".lab"})
    head = b"ts,uid,id.orig_h,query,qtype_name,rejected"
    assert found_in(query, "csv/1", [b"1.5,C,192.0.2.1,a.lab,A,F"], head) == [1]
