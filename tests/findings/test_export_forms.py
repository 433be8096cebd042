"""Rows of sensors, firewalls, proxies and services: under the names of rules, and asked their own rules."""

from __future__ import annotations

import json
from typing import Any

import pytest

from comity.evidence.parse import fields_of
from comity.findings.exports import Exports
from comity.findings.match import Scanner
from comity.findings.pack import compile_pack
from comity.findings.reference import matches
from comity.findings.rows import ItemInfo, Row
from tests.findings.test_exports import hits

KEYED = b"""\
logsource: {product: fortigate, service: event}
detection: {sel: {action: Edit, cfgpath: system.admin, msg|contains: alda}, condition: sel}
"""
PROXY = b"""\
logsource: {category: proxy}
detection:
    sel: {cs-host|endswith: .example, cs-method: GET, c-uri|contains: '/a?b', sc-status: 200}
    condition: sel
"""


def test_lines_of_firewalls_and_of_proxies() -> None:
    line = 'date=2026-03-04 devname="f" logid="0100044547" action="Edit" cfgpath="system.admin" msg="by alda"'
    assert hits(KEYED, [b"<189>" + line.encode(), line.replace("Edit", "Add").encode()], "lines/1") == {1}
    lines = [
        b"1772600767.089   12 192.0.2.9 TCP_MISS/200 5 GET http://u@www.example:80/a?b=1 - DIRECT/1.2.3.4 -",
        b"1772600767.089  12 192.0.2.9 TCP_TUNNEL/200 512 CONNECT www.example:443 - DIRECT/1.2.3.4 -",
        b"1772600767.089 / no such line",
    ]
    assert hits(PROXY, lines, "lines/1") == {1}
    assert hits(PROXY.replace(b"GET, c-uri|contains: '/a?b'", b"CONNECT"), lines, "lines/1") == {2}


def test_what_the_audit_daemon_adds_for_people() -> None:
    rule = b"logsource: {product: linux, service: auditd}\n"
    rule += b"detection: {s: {type: SYSCALL, key: (null), SYSCALL: execve, AUID: alda}, condition: s}\n"
    line = (
        b'type=SYSCALL msg=audit(1.2:3): arch=c000003e key=(null)\x1dARCH=x86_64 SYSCALL=execve AUID="alda"'
    )
    assert hits(rule, [line], "lines/1") == {1}


def test_sensors_and_trails_under_the_names_of_rules() -> None:
    asked = b"logsource: {category: dns}\n"
    asked += b"detection: {s: {query|endswith: .example, record_type: A}, condition: s}\n"
    eve: dict[str, Any] = {"event_type": "dns", "flow_id": 1, "dns": {"rrname": "a.example", "rrtype": "A"}}
    assert hits(asked, [json.dumps(eve).encode()]) == {1}
    pages = b"logsource: {category: proxy}\n"
    pages += b"detection: {s: {c-uri: /a, c-useragent: tool, dst_ip: 192.0.2.1}, condition: s}\n"
    eve = {"event_type": "http", "flow_id": 1, "dest_ip": "192.0.2.1"}
    eve["http"] = {"url": "/a", "http_user_agent": "tool"}
    assert hits(pages, [json.dumps(eve).encode()]) == {1}
    grants = b"logsource: {product: gcp, service: gcp.audit}\n"
    grants += b"detection: {s: {gcp.audit.method_name: v1.a}, condition: s}\n"
    assert hits(grants, [b'{"logName": "l", "protoPayload": {"methodName": "v1.a"}}']) == {1}


def test_of_an_object_that_a_rule_asks_for_all_values_count() -> None:
    rule = b"logsource: {product: aws, service: cloudtrail}\n"
    asked = rule + b"detection:\n    s: {requestParameters|contains: Suspended}\n"
    asked += b"    n: {responseElements: null}\n    condition: s and n\n"
    row = {"requestParameters": {"Bucket": "b", "Versioning": {"Status": "Suspended"}}}
    assert hits(asked, [json.dumps(row).encode()]) == {1}
    assert matches(asked, Row(index=1, text="", fields={"requestParameters.Versioning.Status": "Suspended"}))
    exists = rule + b"detection: {s: {requestparameters|exists: true}, condition: s}\n"
    assert hits(exists, [json.dumps(row).encode()]) == {1}
    # An event log has no objects: what an exporter adds is not what a rule asks for.
    user = b"logsource: {product: windows}\ndetection: {s: {User: alda}, condition: s}\n"
    assert hits(user, [b'{"Channel": "Security", "EventID": 1, "user": {"name": "alda"}}']) == set()


def test_a_row_of_a_service_is_asked_no_rule_of_another() -> None:
    words = b"logsource: {product: cisco, service: aaa}\ndetection: {words: [delete], condition: words}\n"
    trail = {"eventSource": "s3", "eventName": "delete", "awsRegion": "x"}
    assert hits(words, [json.dumps(trail).encode(), b'{"text": "delete"}']) == {2}
    generic = b"logsource: {category: database}\ndetection: {words: [delete], condition: words}\n"
    assert hits(generic, [json.dumps(trail).encode(), b'{"text": "delete"}']) == {2}
    cluster = {"auditID": "1", "verb": "delete", "stage": "x"}
    application = b"logsource: {product: kubernetes, category: application}\n"
    application += b"detection: {s: {verb: delete}, condition: s}\n"
    assert hits(application, [json.dumps(cluster).encode()]) == {1}


def test_no_rule_decides_of_what_kind_a_row_is() -> None:
    """A rule that asks for a routing name in other letters does not make the row another kind for others."""
    windows = b"logsource: {product: windows}\ndetection: {s: {Image: a}, condition: s}\n"
    linux = b"logsource: {product: linux}\ndetection: {s: {Image: a}, condition: s}\n"
    trails = b"logsource: {product: aws}\ndetection: {s: {Image: a}, condition: s}\n"
    other = b"logsource: {product: other}\n"
    others = [
        other + b"detection: {s: {Channel: x, EventID: 1, _path: dns, ts: 1}, condition: s}\n",
        other + b"detection: {s: {eventSource: x, eventName: 1, awsRegion: y}, condition: s}\n",
    ]
    rows = [
        {"channel": "ours", "eventid": 1, "image": "a"},
        {"_PATH": "dns", "TS": 1, "image": "a"},
        {"EventSource": "x", "EventName": "1", "awsregion": "y", "image": "a"},
    ]
    item = ItemInfo(ref="r", format="jsonl/1")
    raws = [json.dumps(row).encode() for row in rows]
    # Names of a trail tell in any letters; those of Windows and Zeek only as they are written.
    for rule, expected in ((windows, set()), (linux, {1, 2}), (trails, {1, 2, 3})):
        alone = hits(rule, raws)
        pack = compile_pack([(f"{n}.yml", source) for n, source in enumerate([rule, *others])])
        told = [fields_of("jsonl/1", raw, None) for raw in raws]
        read = [Row(index=n, text="", fields=f) for n, f in enumerate(told, 1) if isinstance(f, dict)]
        digest = next(each.digest for each in pack.rules if each.source_name == "0.yml")
        result = Scanner(pack).run(item, read)
        assert {row for found, row in result.matches if found == digest} == alone
        assert alone == expected


@pytest.mark.parametrize(("wrapper", "beside"), [("event.", {"sourcetype": "a"}), ("_source.", {})])
def test_wrappers_in_wrappers_without_end(wrapper: str, beside: dict[str, str]) -> None:
    deep = {wrapper * 3000 + name: name for name in "abc"} | beside
    read = Exports(()).read(deep)
    assert {name.rpartition(".")[2] for name in read} == {*"abc", *beside}
    near = {wrapper * 2 + name: name for name in "abc"} | beside
    assert Exports(()).read(near) == {name: name for name in "abc"} | beside


@pytest.mark.parametrize(
    "beside",
    [
        {"event.category": "process", "process.executable": "a"},
        {"ActionType": "ProcessCreated", "InitiatingProcessFileName": "a"},
        {"request_method": "GET", "request_uri": "/"},
    ],
)
def test_an_event_that_says_its_channel_is_of_that_channel(beside: dict[str, str]) -> None:
    rule = b"logsource: {product: windows, service: security}\n"
    rule += b"detection: {s: {EventID: 4624, TargetUserName: alda}, condition: s}\n"
    row = {"Channel": "Security", "EventID": 4624, "TargetUserName": "alda", **beside}
    assert hits(rule, [json.dumps(row).encode()]) == {1}
