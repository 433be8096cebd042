"""Rows that keep another row whole, as a text of JSON or below a name: they are asked as that row."""

from __future__ import annotations

import json
from typing import Any

import pytest

from comity.evidence.parse import Value, fields_of
from comity.findings.match import Scanner
from comity.findings.pack import compile_pack
from comity.findings.rows import ItemInfo, Row

TRAIL = {
    "eventVersion": "1.10",
    "eventSource": "keys.example",
    "eventName": "DropKey",
    "awsRegion": "lab-1",
    "userIdentity": {"type": "Root"},
    "n": 3,
}
UNIFIED = {"Operation": "Drop key.", "RecordType": 8, "Workload": "Lab", "UserKey": "k", "ResultStatus": "3"}
EVENT = {
    "Event": {
        "System": {"Provider": {"@Name": "Lab"}, "EventID": 4688, "Channel": "Security"},
        "EventData": {"NewProcessName": "C:\\lab\\drop.exe"},
    }
}
TEXT = json.dumps(TRAIL)
SYSMON = "Microsoft-Windows-Sysmon/Operational"


def rule(logsource: str, **fields: Any) -> bytes:
    return (
        f"title: t\nlogsource: {logsource}\ndetection: {{s: {json.dumps(fields)}, condition: s}}\n".encode()
    )


TRAILS = rule("{product: aws, service: cloudtrail}", eventName="DropKey", **{"userIdentity.type": "Root"})
OTHERS = rule("{product: okta, service: okta}", eventName="DropKey")


def finds(source: bytes, *rows: Any, form: Any = "jsonl/1", header: bytes = b"") -> list[int]:
    """The rows that a rule matches, by each of the ways in which rows are asked; ``header`` names columns."""
    raws = [json.dumps(row).encode() if not isinstance(row, bytes) else row for row in rows]
    told = []
    for n, raw in enumerate(raws, 1):
        fields = fields_of(form, raw, header)
        assert isinstance(fields, dict)
        told.append(Row(index=n, text=raw.decode(), fields=fields))
    scanner = Scanner(compile_pack([("r.yml", source)]))
    item = ItemInfo(ref="r", format=form)
    found = sorted(row for _, row in scanner.run(item, told).matches)
    assert found == sorted(row.index for row, digests in scanner.scan(item, told) if digests)
    return found


@pytest.mark.parametrize(
    "row",
    [
        {"EventId": "x", "EventName": "DropKey", "EventSource": "keys", "CloudTrailEvent": TEXT},
        {
            "preview": False,
            "result": {"_raw": TEXT, "sourcetype": "aws:cloudtrail", "host": "h", "source": "s"},
        },
        {"timestamp": 1, "message": TEXT, "id": "7", "logStreamName": "a"},
        {"time": 1, "sourcetype": "aws:cloudtrail", "event": TEXT},
        {"eventJson": TEXT},
        {"key": "k", "value": TEXT},
        {"TimeGenerated": "x", "log_s": TEXT, "Type": "AzureDiagnostics"},
        {"insertId": "x", "jsonPayload": {"message": TEXT}},
        {"@timestamp": "t", "@message": f" {TEXT}\n"},
        {"version": "0", "id": "x", "detail-type": "call", "source": "lab", "detail": TRAIL},
        {"_id": "1", "_source": {"event": {"action": "DropKey", "original": TEXT}, "ecs": {"version": "8"}}},
        {"time": 1, "host": "h", "sourcetype": "aws:cloudtrail", "event": TRAIL},
        {"time": 1, "event": "x", "log": json.dumps({"message": TEXT})},
    ],
)
def test_a_row_that_keeps_a_trail_is_asked_as_one(row: Any) -> None:
    assert finds(TRAILS, row) == [1]
    assert finds(OTHERS, row) == []


def test_the_fields_beside_are_asked_too() -> None:
    row = {"message": TEXT, "cluster": "lab-7", "n": 4}
    assert finds(rule("{product: aws}", cluster="lab-7", eventName="DropKey"), row) == [1]
    assert finds(rule("{product: aws}", n=3), row) == [1]
    assert finds(rule("{product: aws}", n=4), row) == []


def test_a_unified_audit_log_is_read_in_its_column() -> None:
    audit = rule("{product: m365, service: audit}", Operation="Drop key.", ResultStatus=3)
    assert finds(
        audit, {"CreationDate": "x", "Operations": "Drop key.", "AuditData": json.dumps(UNIFIED)}
    ) == [1]
    assert (
        finds(OTHERS, {"CreationDate": "x", "AuditData": json.dumps({**UNIFIED, "eventName": "DropKey"})})
        == []
    )


def test_an_event_of_windows_in_a_text_is_one() -> None:
    started = rule("{product: windows, category: process_creation}", **{"Image|endswith": "\\drop.exe"})
    row = {"id": 7, "source": "collector", "message": json.dumps(EVENT)}
    assert finds(started, row, {"message": "drop.exe"}) == [1]
    assert finds(rule("{product: linux}", **{"NewProcessName|contains": "drop"}), row) == []


@pytest.mark.parametrize(
    "text", ["{", "{}", "{x}", '{"a":1', "[" + TEXT + "]", "{" * 5000, '{"a":' * 500 + "1}"]
)
def test_a_text_that_is_no_object_stays_one(text: str) -> None:
    assert finds(rule("{product: aws}", message=text.replace("*", "\\*")), {"message": text}) == [1]


FLAT: dict[str, Value] = {
    "EventTime": "2026-03-04 05:06:07",
    "SourceName": "Microsoft-Windows-Security-Auditing",
    "NewProcessName": "C:\\lab\\drop.exe",
    "LogonType": 3,
}
STARTED = rule("{product: windows, category: process_creation}", **{"Image|endswith": "\\drop.exe"})
SECURITY = rule("{product: windows, service: security}", EventID=4688, LogonType=3)


@pytest.mark.parametrize("event", [4688, "4688", 4688.0, "4688.0"])
def test_a_number_of_a_column_with_gaps_is_the_whole_number(event: Any) -> None:
    row = {**FLAT, "Channel": "Security", "EventID": event}
    if not isinstance(event, int) and event != "4688":
        row["LogonType"] = "3.0"
    for source in (STARTED, SECURITY):
        assert finds(source, row, {**row, "EventID": 4689, "LogonType": 4}) == [1]
    assert finds(rule("{product: windows}", EventID="4688.0"), row) == ([1] if "." in str(event) else [])


@pytest.mark.parametrize("name", ["SourceName", "Provider_Name", "ProviderName"])
@pytest.mark.parametrize("channel", ["ForwardedEvents", "forwardedevents"])
def test_of_forwarded_events_the_provider_tells(channel: str, name: str) -> None:
    row = {**FLAT, "Channel": channel, "EventID": 4688}
    row[name] = row.pop("SourceName")
    other = {**row, name: "Microsoft-Windows-TaskScheduler"}
    assert finds(STARTED, row, other) == [1]
    assert finds(SECURITY, other, row) == [2]
    assert finds(rule("{product: windows, service: taskscheduler}", EventID=4688), row, other) == [2]
    assert finds(rule("{product: windows}", EventID=4688), row, other) == [1, 2]


def _detection(**beside: Any) -> dict[str, Any]:
    system = {"Provider": {"Name": "Lab"}, "EventID": {"Value": 13}, "Channel": SYSMON, "Computer": "alda"}
    data = {"Image": "C:\\lab\\drop.exe", "TargetObject": "HKLM\\lab", "Details": "quiet"}
    shown = {"Channel": SYSMON, "EID": 13, "Level": "high", "Title": "t", "Details": "Proc: loud"}
    return {**shown, "_Event": {"System": system, "EventData": data}, **beside}


def test_an_event_that_an_agent_keeps_with_what_it_found_there() -> None:
    where = "{product: windows, category: registry_set}"
    assert finds(rule(where, **{"Image|endswith": "drop.exe", "Details": "quiet"}), _detection()) == [1]
    # The summary beside it has a name that the event's data has.
    assert finds(rule(where, **{"Details|contains": "loud"}), _detection()) == []
    assert finds(rule(where, **{"Image|endswith": "other.exe"}), _detection()) == []


SEARCHED = {"Channel": "System", "EventID": "7", "EventCode": "7", "Name": "'Lab Service'", "Made": "a"}


def test_a_provider_in_the_quotes_of_the_text_that_a_search_took_it_from() -> None:
    told = rule("{product: windows, service: system}", Provider_Name="Lab Service", Made="a")
    assert finds(told, SEARCHED, {"result": SEARCHED}) == [1, 2]
    # A name without them may be of anything, and one beside a provider is not asked for it.
    assert finds(told, SEARCHED | {"Name": "Lab Service"}, SEARCHED | {"SourceName": "Other"}) == []
    assert finds(rule("{product: windows, service: system}", Name="'Lab Service'"), SEARCHED) == [1]
    assert finds(rule("{product: windows}", Name="''"), SEARCHED | {"Name": "''"}) == [1]
