"""Logs that OpenTelemetry's collector forwards are asked the rules of what they are logs of. The names are
those of its ``filelog``, ``windowseventlog`` and container receivers, with what its parsers put where."""

from __future__ import annotations

import json
from typing import Any

import pytest

from comity.evidence.otlp import read_records
from tests.findings.test_export_inner import finds, rule

WEB = '192.0.2.7 - - [04/Mar/2026:05:06:07 +0000] "GET /relay?x=1 HTTP/1.1" 200 12 "-" "curl/8"'
POD: dict[str, Any] = {
    "kind": "Event",
    "apiVersion": "audit.k8s.io/v1",
    "auditID": "x",
    "stage": "ResponseComplete",
}
POD |= {"verb": "create", "requestURI": "/r", "user": {"username": "u"}}
POD |= {"objectRef": {"resource": "pods", "namespace": "lab"}}
TRAIL: dict[str, Any] = {"eventVersion": "1.1", "eventSource": "iam.amazonaws.com", "eventName": "CreateUser"}
TRAIL |= {"awsRegion": "x", "userIdentity": {"type": "IAMUser"}}
EVENT = {
    "channel": "Security",
    "computer": "lab",
    "event_id": {"id": 4688, "qualifiers": 0},
    "provider": {"name": "Microsoft-Windows-Security-Auditing", "guid": "{x}"},
    "record_id": 7,
    "system_time": "2026-03-04T05:06:07.1Z",
    "event_data": {"NewProcessName": "C:\\Tools\\relay.exe", "CommandLine": "relay.exe --to lab"},
}
XML = (
    "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
    "<Provider Name='Microsoft-Windows-Security-Auditing'/><EventID>4688</EventID>"
    "<Channel>Security</Channel></System><EventData><Data Name='NewProcessName'>C:\\Tools\\relay.exe</Data>"
    "<Data Name='CommandLine'>relay.exe --to lab</Data></EventData></Event>"
)
WINDOWS = rule("{product: windows, category: process_creation}", **{"Image|endswith": "\\relay.exe"})
STARTED = rule("{product: windows, service: security}", EventID=4688)
AUDIT = rule("{product: kubernetes, service: audit}", verb="create", **{"objectRef.resource": "pods"})
CLOUD = rule("{product: aws, service: cloudtrail}", eventName="CreateUser")
PAGE = rule("{category: webserver}", **{"cs-uri-stem": "/relay"})


def put(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return {"kvlistValue": {"values": listed(value)}}
    if isinstance(value, list):
        return {"arrayValue": {"values": [put(each) for each in value]}}
    return {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}


def listed(held: dict[str, Any]) -> list[Any]:
    return [{"key": name, "value": put(value)} for name, value in held.items()]


def read(body: Any, attributes: dict[str, Any]) -> dict[str, Any]:
    record = {"timeUnixNano": "1772600767000000000", "observedTimeUnixNano": "1772600768000000000"}
    scoped = {"scope": {"name": "lab"}, "logRecords": [{**record, "attributes": listed(attributes)}]}
    if body is not None:
        scoped["logRecords"][0]["body"] = put(body)  # type: ignore[index]
    above = {"attributes": listed({"host.name": "lab-1", "service.name": "relay", "k8s.pod.name": "p"})}
    raw = json.dumps({"resourceLogs": [{"resource": above, "scopeLogs": [scoped]}]}).encode()
    (line,) = read_records([raw])
    found: dict[str, Any] = json.loads(line)
    return found


FILE = {"log.file.name": "a.log", "log.iostream": "stdout", "logtag": "F", "time": "2026-03-04T05:06:07Z"}


@pytest.mark.parametrize(
    ("body", "attributes", "source", "others"),
    [
        (EVENT, {}, WINDOWS, (AUDIT, PAGE, CLOUD)),
        (EVENT, FILE, STARTED, (AUDIT, PAGE, CLOUD)),
        (XML, {}, WINDOWS, (AUDIT, PAGE, CLOUD)),
        (XML, {"log.record.original": XML}, STARTED, (AUDIT,)),
        (WEB, FILE, PAGE, (AUDIT, STARTED, CLOUD)),
        (json.dumps(POD), FILE, AUDIT, (PAGE, STARTED, CLOUD)),
        (POD, FILE, AUDIT, (PAGE, STARTED, CLOUD)),
        (json.dumps(POD), {**FILE, **POD}, AUDIT, (PAGE, STARTED, CLOUD)),
        (None, {**FILE, **POD}, AUDIT, (PAGE, STARTED, CLOUD)),
        (TRAIL, FILE, CLOUD, (PAGE, STARTED, AUDIT)),
        (json.dumps(TRAIL), FILE, CLOUD, (PAGE, STARTED, AUDIT)),
        ("text", {"log.record.original": json.dumps(TRAIL)}, CLOUD, (PAGE, STARTED, AUDIT)),
    ],
)
def test_a_record_is_of_the_log_in_it(
    body: Any, attributes: dict[str, Any], source: bytes, others: tuple[bytes, ...]
) -> None:
    row = read(body, attributes)
    assert finds(source, row)
    assert not any(finds(other, row) for other in others)
