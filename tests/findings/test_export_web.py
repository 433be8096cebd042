"""Requests for pages and names, in the forms of servers and resolvers; events in one line of syslog."""

from __future__ import annotations

from typing import Any

import pytest

from comity.evidence.parse import fields_of
from comity.findings.export_messages import part_line
from comity.findings.export_syslog import read_collected
from comity.findings.exports import Exports
from comity.findings.match import Scanner
from comity.findings.pack import compile_pack
from comity.findings.rows import ItemInfo, Row
from tests.findings.test_export_inner import finds, rule

ASKED = {"cs-method": "GET", "cs-uri-query|contains": "x=../lab", "c-uri|contains": "/drop?"}
AGENT = {"cs-user-agent": "lab/7", "c-useragent": "lab/7"}
TARGET = "/drop?x=../lab"


def rows_of(*lines: str) -> list[Row]:
    return [Row(index=n, text=line, fields={"message": line}) for n, line in enumerate(lines, 1)]


def in_lines(source: bytes, *lines: str) -> list[int]:
    """The lines that a rule matches, by each of the ways in which rows are asked."""
    scanner = Scanner(compile_pack([("r.yml", source)]))
    item = ItemInfo(ref="r", format="lines/1")
    rows = rows_of(*lines)
    found = sorted(row for _, row in scanner.run(item, rows).matches)
    assert found == sorted(row.index for row, digests in scanner.scan(item, rows) if digests)
    return found


@pytest.mark.parametrize(
    ("row", "more"),
    [
        (
            {"request_method": "GET", "request_uri": TARGET, "status": "200", "http_user_agent": "lab/7"},
            AGENT,
        ),
        (
            {"remote_addr": "10.0.0.1", "request": f"GET {TARGET} HTTP/1.1", "status": 200},
            {"c-ip": "10.0.0.1"},
        ),
        ({"request": f'GET {TARGET}"> "b HTTP/1.1', "status": 200}, {"c-uri|endswith": '"> "b'}),
        (
            {
                "UrlHost": "h",
                "UrlStem": "/drop",
                "UrlQuery": "?x=../lab",
                "Method": "GET",
                "HttpStatus": "200",
                "UserAgent": "lab/7",
                "ClientIpAddress": "::1",
            },
            {**AGENT, "cs-host": "h", "sc-status": 200, "c-ip": "::1"},
        ),
        (
            {
                "request": {
                    "method": "GET",
                    "uri": TARGET,
                    "host": "h",
                    "headers": {"User-Agent": ["lab/7"]},
                },
                "status": 200,
            },
            {**AGENT, "cs-host": "h", "sc-status": 200},
        ),
        (
            {
                "RequestMethod": "GET",
                "RequestPath": TARGET,
                "DownstreamStatus": 404,
                "request_User-Agent": "lab/7",
            },
            {**AGENT, "sc-status": 404},
        ),
        (
            {"ClientRequestMethod": "GET", "ClientRequestURI": TARGET, "ClientRequestUserAgent": "lab/7"},
            AGENT,
        ),
        (
            {
                "httpRequest": {
                    "httpMethod": "GET",
                    "uri": "/drop",
                    "args": "x=../lab",
                    "clientIp": "10.0.0.1",
                    "headers": [{"name": "Host", "value": "h"}, {"name": "user-agent", "value": "lab/7"}],
                }
            },
            {**AGENT, "cs-host": "h"},
        ),
        (
            {
                "httpRequest": {
                    "requestMethod": "GET",
                    "requestUrl": f"https://h{TARGET}",
                    "userAgent": "lab/7",
                },
                "insertId": "i",
            },
            {**AGENT, "cs-host": "h"},
        ),
        (
            {
                "operationName": "Log",
                "category": "Access",
                "resourceId": "r",
                "properties": {
                    "httpMethod": "GET",
                    "requestUri": "/drop",
                    "requestQuery": "x=../lab",
                    "userAgent": "lab/7",
                },
            },
            AGENT,
        ),
        (
            {
                "http": {"request": {"method": "GET"}, "response": {"status_code": 200}},
                "url": {"original": TARGET},
                "user_agent": {"original": "lab/7"},
                "source": {"ip": "10.0.0.1"},
            },
            {**AGENT, "c-ip": "10.0.0.1"},
        ),
        (
            {
                "sourcetype": "proxy",
                "event": {"requestmethod": "GET", "url": f"h{TARGET}", "useragent": "lab/7", "status": "200"},
            },
            AGENT,
        ),
    ],
)
def test_requests_that_servers_write_as_json(row: Any, more: dict[str, Any]) -> None:
    for category in ("webserver", "proxy"):
        assert finds(rule(f"{{category: {category}}}", **ASKED, **more), row) == [1]
    assert finds(rule("{product: okta}", **{"c-uri|contains": "drop"}), row) == []
    assert finds(rule("{product: cisco}", **{"c-uri|contains": "drop"}), row) == []


@pytest.mark.parametrize(
    "row",
    [
        {"method": "GET", "url": TARGET},
        {"method": "GET", "path": TARGET, "event_type": "http", "flow_id": 1},
        {"request_method": "GET", "request_uri": 7, "status": 1},
        {"request": "no request", "status": 200},
        {"request": 7, "status": 200},
    ],
)
def test_what_is_no_request_stays_as_it_is(row: dict[str, Any]) -> None:
    assert "@web" not in Exports(()).read(row)


LINES = (
    (
        f'https 2026-03-04T05:06:07.000000Z app/lab/1 10.0.0.1:50000 10.0.0.2:80 0 0 0 200 200 3 5 "GET '
        f'https://h:443{TARGET} HTTP/1.1" "lab/7" ECDHE TLSv1.2 arn "Root=1" "h" "-" 0'
    ),
    (
        f"00abcdef lab [04/Mar/2026:05:06:07 +0000] 10.0.0.1 - 3E5 REST.GET.OBJECT drop "
        f'"GET {TARGET} HTTP/1.1" 200 - 113 - 7 - "-" "lab/7" - x'
    ),
    (
        f"Mar  4 05:06:07 lab haproxy[9]: 10.0.0.1:50000 [04/Mar/2026:05:06:07.089] in static/s "
        f'10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {{h}} {{}} "GET {TARGET} HTTP/1.1"'
    ),
)


@pytest.mark.parametrize("line", LINES)
def test_requests_in_lines_of_balancers_and_stores(line: str) -> None:
    asked = {**ASKED, "c-ip": "10.0.0.1", "sc-status": 200}
    if "lab/7" in line:
        asked |= AGENT
    for category in ("webserver", "proxy"):
        source = rule(f"{{category: {category}}}", **asked)
        assert in_lines(source, line, line.replace("drop?", "else?")) == [1]
    assert in_lines(rule("{product: linux}", **{"message|contains": "drop"}), line) == []


QUESTIONS = (
    "04-Mar-2026 05:06:07.089 client @0x7f2 10.0.0.1#53 (drop.example): query: drop.example IN A +E(0) (x)",
    "Mar  4 05:06:07 lab dnsmasq[9]: query[A] drop.example from 10.0.0.1",
    "[1772600767] unbound[9:0] info: 10.0.0.1 drop.example. A IN",
    '[INFO] 10.0.0.1:5353 - 7 "A IN drop.example. udp 41 false 512" NOERROR qr 60 0.01s',
    "Mar  4 05:06:07 lab pdns_recursor[9]: 3 [7/1] question for 'drop.example|A' from 10.0.0.1:5353",
    "Mar  4 05:06:07 lab pdns-recursor[9]: 3 [7/1/1] TCP question for 'drop.example|A' from 10.0.0.1",
    "Mar  4 05:06:07 lab pdns_server[9]: Remote 10.0.0.1 wants 'drop.example|A', do = 0: packetcache MISS",
    "[2026-03-04 05:06:07 Local] [10.0.0.1:5353] [UDP] QNAME: drop.example; QTYPE: A; QCLASS: IN; RCODE: X",
    (
        "3/4/2026 5:06:07 AM 0A1C PACKET  000001D4 UDP Rcv 10.0.0.1        b8d1   Q [0001   D   NOERROR] "
        "A      (4)drop(7)example(0)"
    ),
)


@pytest.mark.parametrize("line", QUESTIONS)
def test_names_that_resolvers_are_asked_for(line: str) -> None:
    asked = {"query|endswith": "drop.example", "record_type": "A", "src_ip": "10.0.0.1"}
    other = line.replace("drop.", "else.").replace("(4)drop", "(4)else")
    assert in_lines(rule("{category: dns}", **asked), line, other) == [1]


def test_questions_over_ipv6() -> None:
    for line in (
        "Mar  4 05:06:07 lab pdns_recursor[9]: 3 [7/1] question for 'a.example|AAAA' from [2001:db8::1]:5353",
        "[2026-03-04 05:06:07 UTC] [[2001:db8::1]:5353] [TLS] QNAME: a.example; QTYPE: AAAA; QCLASS: IN; ",
    ):
        asked = {"query": "a.example", "record_type": "AAAA", "src_ip": "2001:db8::1"}
        assert in_lines(rule("{category: dns}", **asked), line) == [1]


def test_questions_that_technitium_exports() -> None:
    row = {"QNAME": "drop.example", "QTYPE": "A", "QCLASS": "IN", "ClientIpAddress": "10.0.0.1"}
    asked = {"query|endswith": "drop.example", "record_type": "A", "src_ip": "10.0.0.1"}
    assert finds(rule("{category: dns}", **asked), row) == [1]


def test_questions_as_json() -> None:
    row = {"query_name": "drop.example.", "query_type": "A", "answers": [{"Rdata": "10.0.0.9", "Type": "A"}]}
    asked = {"query|endswith": "drop.example", "record_type": "A", "answer": "10.0.0.9"}
    assert finds(rule("{category: dns}", **asked), row) == [1]
    assert finds(rule("{product: aws}", query="drop.example."), row) == []


def test_a_proxy_that_writes_each_part_of_an_address_by_itself() -> None:
    names = b"#Fields: cs-method sc-status cs-uri-scheme cs-host cs-uri-path cs-uri-query cs(User-Agent)"
    fields = fields_of("w3c/1", b"GET 200 https h.example /lab/drop.exe ?x=../lab lab/7", names)
    assert isinstance(fields, dict)
    asked = {
        "c-uri": "https://h.example/lab/drop.exe?x=../lab",
        "c-uri-extension": "exe",
        "cs-host": "h.example",
        "c-uri-query|contains": "x=../lab",
        "c-useragent": "lab/7",
    }
    scanner = Scanner(compile_pack([("r.yml", rule("{category: proxy}", **asked))]))
    found = scanner.run(ItemInfo(ref="r", format="w3c/1"), [Row(index=1, text="", fields=fields)])
    assert [row for _, row in found.matches] == [1]


SYSMON = (
    "Process Create: RuleName: - UtcTime: 2026-03-04 05:06:07.089 ProcessGuid: {a} Image: C:\\lab\\drop.exe "
    "OriginalFileName: real.exe CommandLine: drop x: y CurrentDirectory: C:\\ User: LAB\\ann"
)
LOGON = (
    "An account was successfully logged on.  Subject:  Security ID:  S-1-5-18  Account Name:  LAB$  "
    "Logon ID:  0x3E7  Logon Type:   3  New Logon:  Security ID:  S-1-5-21  Account Name:  ann  "
    "Network Information:  Workstation Name: WS1  Source Network Address: 203.0.113.9  Source Port: 50000"
)


def collected(log: str, source: str, event: int, message: str) -> tuple[str, str, str]:
    pairs = [
        *(
            "AgentDevice=WindowsLog",
            f"AgentLogFile={log}",
            f"Source={source}",
            "Computer=LAB",
            f"EventID={event}",
        ),
        *(f"EventIDCode={event}", "Opcode=Info", f"Message={message}"),
    ]
    columns = [
        "MSWinEventLog",
        "1",
        log,
        "9",
        "Wed Mar 04 05:06:07 2026",
        str(event),
        source,
        "ann",
        "User",
        "-",
    ]
    columns += ["LAB", "Task", "", message]
    return (
        "<13>Mar 04 05:06:07 lab " + "\t".join(pairs),
        "Mar 04 05:06:07 lab " + "\t".join(columns),
        "Mar 04 05:06:07 lab " + "#011".join(columns),
    )


@pytest.mark.parametrize("form", [0, 1, 2])
def test_events_in_one_line_of_syslog(form: int) -> None:
    started = collected("Microsoft-Windows-Sysmon/Operational", "Microsoft-Windows-Sysmon", 1, SYSMON)[form]
    logon = collected("Security", "Microsoft-Windows-Security-Auditing", 4624, LOGON)[form]
    asked: dict[str, Any] = {
        "Image|endswith": "\\drop.exe",
        "CommandLine": "drop x: y",
        "OriginalFileName": "real.exe",
        "User": "LAB\\ann",
    }
    assert in_lines(rule("{product: windows, category: process_creation}", **asked), started, logon) == [1]
    asked = {
        "EventID": 4624,
        "LogonType": 3,
        "TargetUserName": "ann",
        "IpAddress": "203.0.113.9",
        "SubjectUserName": "LAB$",
        "WorkstationName": "WS1",
    }
    assert in_lines(rule("{product: windows, service: security}", **asked), started, logon) == [2]
    assert in_lines(rule("{product: linux}", **{"message|contains": "lab"}), started, logon) == []
    assert finds(
        rule("{product: windows, service: security}", **asked), {"utf8_payload": logon, "qid": 1}
    ) == [1]


@pytest.mark.parametrize(
    "line",
    [
        "AgentDevice=WindowsLog",
        "AgentDevice=WindowsLog\tEventID=1",
        "MSWinEventLog\t1\tSecurity",
        "MSWinEventLog" + "\tx" * 20,
        "PACKET " * 600,
        "client 10.0.0.1#1 " * 300 + "query",
        '[INFO] 1:2 - 3 "A IN ' * 200,
        "http " + "x " * 2000 + ' HTTP/"',
        '"GET ' * 2000 + "HTTP/1.1",
    ],
)
def test_lines_that_only_begin_alike_are_lines(line: str) -> None:
    assert dict(Exports(()).read({"message": line})) == {"message": line}


def test_blanks_in_a_line_cost_their_length() -> None:
    """In time of the square of the blanks this would take minutes."""
    blanks = " " * 100_000
    columns = ["MSWinEventLog", "1", "Security", "1", "Mon", "4688", "Audit", "", "", "", "lab", "", ""]
    for source in ("Audit", "Microsoft-Windows-Sysmon"):
        columns[6] = source
        read = read_collected("\t".join([*columns, f"a{blanks}b"]))
        assert read is not None
        assert read["Message"] == f"a{blanks}b"
    assert part_line(f"a{blanks}Image: b   User: c", sysmon=True) == "a\nImage: b\nUser: c"
    assert part_line(f"a{blanks}b", sysmon=False) == f"a{blanks}b"


DOOR = rule("{category: webserver}", **{"cs-uri-query|contains": "x=../lab", "cs-method": "GET"})
THERE = rule("{category: proxy}", **{"cs-host": "lab.example", "c-uri|contains": "/drop"})
ASKS = rule("{category: dns}", query="lab.example", record_type="A")
AT = "04/Mar/2026:05:06:07 +0000"


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (DOOR, f'web_1  | 192.0.2.9 - - [{AT}] "GET {TARGET} HTTP/1.1" 200 5 "-" "lab/7"'),
        (
            DOOR,
            f'[2026-03-04T05:06:07.089Z] "GET {TARGET} HTTP/1.1" 200 - 0 5 3 2 "-" "lab/7" "i" "h" "u"',
        ),
        (
            DOOR,
            (
                f'[2026-03-04T05:06:07.089Z] "GET {TARGET} HTTP/1.1" 200 - via_u - "-" 0 5 3 2 "-" "l" '
                '"i" "lab.example" "192.0.2.1:80" inbound|80||'
            ),
        ),
        (
            DOOR,
            (
                "2026-03-04T05:06:07.089123Z lab 192.0.2.9:4444 192.0.2.1:80 0.0 0.1 0.0 200 200 0 5 "
                f'"GET http://lab.example:80{TARGET} HTTP/1.1" "lab/7" - -'
            ),
        ),
        (
            DOOR,
            "192.0.2.9, -, 3/4/2026, 5:06:07, W3SVC1, L, 192.0.2.1, 1, 5, 9, 200, 0, GET, /d, x=../lab,",
        ),
        (THERE, f'192.0.2.9 - - [{AT}] "GET http://lab.example/drop HTTP/1.1" 200 5 "-" "x" TCP_MISS:NONE'),
        (
            THERE,
            (
                "Mar  4 05:06:07 lab squid[7]: 1772600767.089   12 192.0.2.9 TCP_MISS/200 5 GET "
                "http://lab.example/drop - DIRECT/192.0.2.1 -"
            ),
        ),
        (THERE, f"{AT}   12 192.0.2.9 TCP_MISS/200 5 GET http://lab.example/drop - DIRECT/192.0.2.1 -"),
        (DOOR, f'Mar  4 05:06:07 web nginx: 192.0.2.9 - - [{AT}] "GET {TARGET} HTTP/1.1" 200 5 "-" "x"'),
        (DOOR, f'<190>Mar 14 05:06:07 web httpd[7]: 192.0.2.9 - - [{AT}] "GET {TARGET} HTTP/1.1" 200 5'),
        (
            THERE,
            f'[{AT}] "ann" 192.0.2.9 200 "GET http://lab.example/drop HTTP/1.1" "x" "-" "text/html" 1 "l" ""',
        ),
        (
            THERE,
            (
                "2026-03-04 05:06:07\treason=Allowed\trequestmethod=GET\turl=lab.example/drop\tstatus=200\t"
                "hostname=lab.example\tuseragent=a b"
            ),
        ),
        (
            ASKS,
            (
                "Mar  4 05:06:07 ns named[12]: 04-Mar-2026 05:06:07.123 client 192.0.2.9#1234: UDP: query: "
                "lab.example IN A response: NOERROR A lab.example. 5 IN A 192.0.2.1;"
            ),
        ),
        (DOOR, f'192.0.2.9 - - [{AT}] "GET {TARGET}"b" HTTP/1.1" 404 5'),
        (DOOR, f'lab.example:443 192.0.2.9 - - [{AT}] "GET {TARGET}&c=("d") e HTTP/1.0" 404 5 "-" "x"'),
        (
            DOOR,
            f"[{AT}] 192.0.2.8 ann http-nio-6 192.0.2.9 GET {TARGET} HTTP/1.1 200 12ms 5 - Lab/7 (x; y)",
        ),
        (DOOR, f'[{AT}] - http-nio-80-exec-6 0:0:0:0:0:0:0:1 GET {TARGET}"b HTTP/1.1 200 12ms - - -'),
        (
            DOOR,
            (
                "192.0.2.9,192.0.2.1 | https | o@1x2x3 | ann | 2026-03-04 05:06:07,089 | "
                f'"GET {TARGET} HTTP/1.1" | "" "lab/7" | 200 | 5 | 6 | - | 7 | u |'
            ),
        ),
        (ASKS, "Mar  4 05:06:07: query[A] lab.example from 192.0.2.9"),
        (ASKS, "1.0 2026-03-04T05:06:07Z Z123LAB lab.example A NOERROR UDP LAB1 192.0.2.9 -"),
    ],
)
def test_more_lines_of_servers_proxies_and_resolvers(source: bytes, line: str) -> None:
    """Envoy's and Istio's own format, Classic Load Balancers, IIS' own format, Docker's services, Squid's
    ``access_log`` through syslog and with ``%tl``, servers behind a head of syslog, McAfee's gateway,
    Zscaler's feed, Infoblox, quotes that a server did not escape, Confluence and Jira, Bitbucket, Pi-hole's
    log, public zones of Route 53."""
    assert in_lines(source, line) == [1]
    other = "{product: cisco, service: aaa}"
    assert in_lines(rule(other).replace(b"s: {}", b"s: [lab, drop]"), line) == []
    assert in_lines(source, line.replace("lab.example", "x.example").replace("x=../lab", "y")) == []


def test_a_head_is_no_part_of_a_request() -> None:
    by = rule("{category: webserver}", **{"c-ip": "192.0.2.9", "cs-user-agent": "lab/7"})
    line = f'192.0.2.9 - - [{AT}] "GET {TARGET} HTTP/1.1" 200 5 "-" "lab/7"'
    heads = ("", "Mar 14 05:06:07 web nginx: ", "<190>1 2026-03-04T05:06:07Z web nginx 12 - - ")
    more = ("web_1  | ", "2026-03-04T05:06:07.123456789Z stdout F ")
    lines = [f"{head}{line}" for head in (*heads, *more)]
    assert in_lines(by, *lines) == [*range(1, len(lines) + 1)]


@pytest.mark.parametrize(
    "line",
    [
        "2026-03-04 05:06:07\treason=Allowed\trequestmethod=GET\turl",
        "2026-03-04 05:06:07\trequestmethod=GET\treason=x",
        "somebody said: so it is\trequestmethod=GET\turl=lab.example/drop\tstatus=200\thostname=lab.example",
    ],
)
def test_words_between_tabs_are_no_request(line: str) -> None:
    assert in_lines(rule("{product: linux}").replace(b"s: {}", b"s: [requestmethod]"), line) == [1]


@pytest.mark.parametrize(
    ("source", "row"),
    [
        (DOOR, {"method": "GET", "request": "/drop", "query": "?x=../lab", "status": "200", "host": "h"}),
        (DOOR, {"method": "GET", "request": f"GET {TARGET} HTTP/1.1", "status": "200"}),
        (
            DOOR,
            {"transaction": {"request": {"method": "GET", "uri": TARGET}, "response": {"http_code": 200}}},
        ),
        (DOOR, {"event_type": "http", "flow_id": 1, "http": {"url": TARGET, "http_method": "GET"}}),
        (
            ASKS,
            {
                "event_type": "dns",
                "flow_id": 1,
                "dns": {"version": 3, "queries": [{"rrname": "lab.example", "rrtype": "A"}]},
            },
        ),
        (ASKS, {"T": "x", "QH": "lab.example", "QT": "A", "QC": "IN", "IP": "192.0.2.9"}),
        (ASKS, {"EventSchema": "Dns", "DnsQuery": "lab.example", "DnsQueryTypeName": "A"}),
        (ASKS, {"Name": "lab.example", "QueryType": "A", "SubType": "LookupQuery", "EventId": 257}),
        (ASKS, {"QueryName": "lab.example", "QueryTypeName": "A", "SrcIP": "192.0.2.9", "Policy": ""}),
        (ASKS, {"QueryName": "lab.example.", "QueryType": "A", "SourceIp": "192.0.2.9", "Protocol": "udp"}),
        (ASKS, {"domain": "lab.example", "query_type": "A", "client_ip": "192.0.2.9", "status": ""}),
        (
            DOOR,
            {"reqMethod": "GET", "reqPath": "/drop", "queryStr": "x=../lab", "statusCode": "200", "UA": "x"},
        ),
    ],
)
def test_more_rows_of_servers_and_resolvers(source: bytes, row: dict[str, Any]) -> None:
    """Apache's ``LogFormat`` as its users write it, ModSecurity's audit log, EVE 6 and 8, AdGuard Home,
    Microsoft's normalized table and ``DnsEvents``, Cloudflare's gateway, Azure's firewall, NextDNS and
    Akamai."""
    assert finds(source, row) == [1]
    assert finds(rule("{product: cisco, service: aaa}").replace(b"s: {}", b"s: [lab, GET]"), row) == []
