"""Connections that a firewall or a cloud's network tells of: rules of firewalls find them, and no others."""

from __future__ import annotations

import json
from typing import Any

import pytest

from comity.evidence.parse import fields_of
from comity.findings.export_flows import read_flow, read_palo_alto
from comity.findings.match import Scanner
from comity.findings.pack import compile_pack
from comity.findings.rows import ItemInfo, Row
from tests.findings.test_export_inner import finds, rule

ENDS = {"src_ip": "10.0.0.1", "dst_ip": "10.0.0.2", "src_port": 20641, "dst_port": 23}
FLOW = b"2 123456789010 eni-1235b8ca 10.0.0.1 10.0.0.2 20641 23 6 20 4249 1418530010 1418530070 ACCEPT OK"
LATER = (
    b"5 vpc-abcdefab012345678 subnet-aaaaaaaa012345678 i-01234567890123456 eni-1235b8ca 123456789010 "
    b"IPv4 10.0.0.1 10.0.0.2 20641 23 10.0.0.1 10.0.0.2 6 568 8 1566848875 1566848933 ACCEPT 2 OK"
)
TRAFFIC = (
    b"<14>Mar  4 05:06:07 fw 1,2026/03/04 05:06:07,0018,TRAFFIC,end,2305,2026/03/04 05:06:07,10.0.0.1,"
    b"10.0.0.2,0.0.0.0,0.0.0.0,rule1,,,telnet,vsys1,trust,untrust,ethernet1/1,ethernet1/2,default,"
    b"2026/03/04 05:06:07,123,1,20641,23,0,0,0x19,tcp,allow,500,300,200,5"
)
REQUEST = (
    b"1,2026/03/04 05:06:07,0018,THREAT,url,2305,2026/03/04 05:06:07,10.0.0.1,10.0.0.2,0.0.0.0,0.0.0.0,"
    b"rule1,,,web-browsing,vsys1,trust,untrust,ethernet1/1,ethernet1/2,default,2026/03/04 05:06:07,123,1,"
    b"20641,"
    b'80,0,0,0x19,tcp,alert,"lab.example/drop.ps1?a=b,c",(9999),any,informational,client-to-server,77,0x0,'
    b'10.0.0.0,NO,0,text/html,0,,,1,"Relay/1.0 (a, b)",,,"https://lab.example/",' + b"," * 13 + b"get,"
)
BUILT = (
    b"Mar  4 05:06:07 fw : %ASA-6-302013: Built outbound TCP connection 7 for outside:10.0.0.2/23 "
    b"(10.0.0.2/23) to inside:10.0.0.1/20641 (10.0.0.1/20641)"
)
INBOUND = (
    b"Mar 04 2026 05:06:07: %ASA-6-302015: Built inbound UDP connection 7 for outside:10.0.0.1/20641 "
    b"(10.0.0.1/20641) to inside:10.0.0.2/23 (10.0.0.2/23)"
)
LISTED = (
    b"<166>Mar 04 2026 05:06:07 fw : %ASA-6-106100: access-list x permitted tcp inside/10.0.0.1(20641) -> "
    b"outside/10.0.0.2(23) hit-cnt 1 first hit"
)
OPEN = {
    "class_uid": 4001,
    "action": "Allowed",
    "src_endpoint": {"ip": "10.0.0.1", "port": 20641},
    "dst_endpoint": {"ip": "10.0.0.2", "port": 23},
    "connection_info": {"protocol_num": 6},
}
GOOGLE = {
    "insertId": "x",
    "jsonPayload": {
        "connection": {
            "src_ip": "10.0.0.1",
            "src_port": 20641,
            "dest_ip": "10.0.0.2",
            "dest_port": 23,
            "protocol": 6,
        },
        "disposition": "ALLOWED",
    },
    "logName": "x",
}
TUPLE = "1772600767,10.0.0.1,10.0.0.2,20641,23,T,O,A,B,,,,"
AZURE = {
    "category": "NetworkSecurityGroupFlowEvent",
    "properties": {"Version": 2, "flows": [{"rule": "r", "flows": [{"mac": "a", "flowTuples": [TUPLE]}]}]},
}
VIRTUAL = {"flowRecords": {"flows": [{"flowGroups": [{"flowTuples": [TUPLE.replace(",A,", ",B,")]}]}]}}
PASSED = rule("{category: firewall}", **ENDS, blocked="false")
ALL: tuple[Any, ...] = (FLOW, LATER, TRAFFIC, BUILT, INBOUND, LISTED, OPEN, GOOGLE, AZURE, VIRTUAL)


def form(row: Any) -> str:
    return "lines/1" if isinstance(row, bytes) else "jsonl/1"


@pytest.mark.parametrize("row", ALL)
def test_what_was_let_through(row: Any) -> None:
    assert finds(PASSED, row, form=form(row)) == [1]
    for other in ("{product: linux}", "{category: proxy}", "{product: aws, service: cloudtrail}"):
        assert finds(rule(other, **ENDS), row, form=form(row)) == []


@pytest.mark.parametrize(
    "row",
    [
        FLOW.replace(b"ACCEPT", b"REJECT"),
        TRAFFIC.replace(b",allow,", b",deny,"),
        LISTED.replace(b"permitted", b"denied"),
        {**OPEN, "action": "Denied"},
    ],
)
def test_what_was_refused(row: Any) -> None:
    assert finds(PASSED, row, form=form(row)) == []
    assert finds(rule("{category: firewall}", **ENDS, blocked="true"), row, form=form(row)) == [1]


def test_flows_are_read_where_collectors_keep_lines() -> None:
    assert finds(PASSED, {"timestamp": 1, "message": FLOW.decode(), "ingestionTime": 2}) == [1]
    assert finds(PASSED, b"2026-03-04T05:06:07.000Z " + FLOW + b"\r", form="lines/1") == [1]
    tuples = {"flowTuples": [TUPLE, TUPLE.replace(",23,", ",80,")]}
    assert finds(PASSED, {"properties": {"flows": [{"flows": [tuples]}]}}) == [1]


@pytest.mark.parametrize(("action", "blocked"), [("ALLOW", "false"), ("DROP", "true")])
def test_the_log_of_windows_firewall(action: str, blocked: str) -> None:
    header = b"#Fields: date time action protocol src-ip dst-ip src-port dst-port size path"
    raw = f"2026-03-04 05:06:07 {action} TCP 10.0.0.1 10.0.0.2 20641 23 0 SEND".encode()
    asked = rule("{category: firewall}", **ENDS, blocked=blocked)
    assert finds(asked, raw, form="w3c/1", header=header) == [1]


def test_a_request_that_a_firewall_saw() -> None:
    told = {
        "c-uri": "lab.example/drop.ps1?a=b,c",
        "cs-host": "lab.example",
        "c-useragent": "Relay/1.0 (a, b)",
    }
    told |= {"cs-method": "GET", "cs-referer": "https://lab.example/", "c-uri-extension": "ps1"}
    assert finds(rule("{category: proxy}", **told), REQUEST, form="lines/1") == [1]


@pytest.mark.parametrize(
    "line",
    [
        b"2 123456789010 eni-1235b8ca123456789 - - - - - - - 1418530010 1418530070 - NODATA",
        b"Mar  4 05:06:07 h app: 2 1 eni-1 10.0.0.1 10.0.0.2 20641 23 6 20 4249 1 2 ACCEPT OK",
        b'2 1 eni-1 10.0.0.1 10.0.0.2 20641 23 6 20 4249 "1" 2 ACCEPT OK',
        BUILT.replace(b"fw : %", b"h app: somebody wrote %"),
        b"Mar  4 05:06:07 h app: a %ASA-6-302014: Teardown TCP connection 7",
        b'who asks for "1,2026/03/04 05:06:07,1,TRAFFIC,end,"',
    ],
)
def test_what_no_firewall_wrote_stays_what_it_is(line: bytes) -> None:
    assert finds(PASSED, line, form="lines/1") == []
    # Rules of another product are asked of it still.
    assert finds(b"logsource: {product: linux}\ndetection: {k: [a, '1'], condition: k}", line, form="lines/1")


def test_odd_rows_stay_what_they_are() -> None:
    assert read_palo_alto('1,2026/03/04 05:06:07,0,TRAFFIC,end,"' + "a\r" * 9) is not None
    assert read_flow("2 " * 5000) is None
    for odd in ([7, 8], ["a", "a,b"], "x"):
        row = {"properties": {"flows": [{"flows": [{"flowTuples": odd}]}]}, "a": "b"}
        assert finds(rule("{category: firewall}", a="b"), row) == [1]
    assert finds(rule("{category: firewall}", a="b"), {"flowTuple": "x", "a": "b"}) == [1]


FLOWING = "10.0.0.1/20641 to 10.0.0.2/23"
SIDES = "src outside:10.0.0.1/20641 dst inside:10.0.0.2/23"


@pytest.mark.parametrize(
    ("message", "protocol"),
    [
        (f"2-106001: Inbound TCP connection denied from {FLOWING} flags SYN on interface outside", "tcp"),
        (f"2-106006: Deny inbound UDP from {FLOWING} on interface outside", "udp"),
        (f"2-106007: Deny inbound UDP from {FLOWING} due to DNS Query", "udp"),
        (f"3-106010: Deny inbound tcp {SIDES}", "tcp"),
        (f"3-106010: Deny inbound protocol 47 {SIDES}", "47"),
        (f"3-106014: Deny inbound tcp {SIDES} (type 8, code 0)", "tcp"),
        (f"6-106015: Deny TCP (no connection) from {FLOWING} flags RST  on interface outside", "tcp"),
        (f'4-106023: Deny tcp {SIDES} by access-group "x" [0x0, 0x0]', "tcp"),
        (f'4-106023: Deny tcp {SIDES.replace(" dst", "(LAB, a) dst")} by access-group "x"', "tcp"),
        (
            "6-106100: access-list x denied tcp inside/10.0.0.1(20641) -> outside/10.0.0.2(23) hit-cnt 1",
            "tcp",
        ),
        (f"3-710003: TCP access denied by ACL from {FLOWING.replace('to ', 'to outside:')}", "tcp"),
        (f"7-710005: UDP request discarded from {FLOWING.replace('to ', 'to outside:')}", "udp"),
    ],
)
def test_what_an_asa_refuses(message: str, protocol: str) -> None:
    line = f"<166>Mar 04 2026 05:06:07 fw : %ASA-{message}".encode()
    refused = {**ENDS, "protocol": protocol, "blocked": "true"}
    assert finds(rule("{category: firewall}", **refused), line, form="lines/1") == [1]
    assert finds(PASSED, line, form="lines/1") == []


def test_what_an_asa_says_of_addresses_without_ports() -> None:
    head = b"Mar  4 05:06:07 fw : %ASA-"
    pinged = rule("{category: firewall}", src_ip="10.0.0.1", protocol="icmp", blocked="true")
    for line in (
        b"3-106014: Deny inbound icmp src outside:10.0.0.1 dst inside:10.0.0.2 (type 8, code 0)",
        b'4-106023: Deny icmp src outside:10.0.0.1 dst inside:10.0.0.2 (type 8, code 0) by access-group "x"',
        b"3-313001: Denied ICMP type=8, code=0 from 10.0.0.1 on interface outside",
    ):
        assert finds(pinged, head + line, form="lines/1") == [1]
    allowed = head + b"7-710002: TCP access permitted from 10.0.0.1/20641 to outside:10.0.0.2/23"
    assert finds(PASSED, allowed, form="lines/1") == [1]


@pytest.mark.parametrize("broken", ["a,b", "", 7, None, TUPLE.rpartition(",O")[0]])
def test_attack_a_broken_tuple_among_those_of_a_flow(broken: Any) -> None:
    """It takes none of the others away, and is told."""
    row = {"properties": {"flows": [{"flows": [{"flowTuples": [broken, TUPLE]}]}]}}
    assert finds(PASSED, row) == [1]
    raw = json.dumps(row)
    fields = fields_of("jsonl/1", raw.encode(), b"")
    assert isinstance(fields, dict)
    scanner = Scanner(compile_pack([("r.yml", PASSED)]))
    found = scanner.run(ItemInfo(ref="r", format="jsonl/1"), [Row(index=1, text=raw, fields=fields)])
    assert found.untold_rows == 1
