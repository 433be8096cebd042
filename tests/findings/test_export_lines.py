"""Lines that say whose log they are: rules of that log are asked of them, and of no other."""

from __future__ import annotations

import json
from typing import Any

import pytest

from comity.evidence.formats import FormatName
from comity.evidence.parse import fields_of
from comity.findings.exports import Exports
from comity.findings.logsource import source_of
from comity.findings.match import Scanner
from comity.findings.pack import compile_pack
from comity.findings.rows import ItemInfo, Row
from tests.findings.test_export_inner import finds, rule

SYSLOG = "Mar  4 05:06:07 lab "
LINES = {
    "sshd": SYSLOG + "sshd[101]: error: buffer_get_ret: trying to get more bytes",
    "sudo": "<38>2026-03-04T05:06:07.089Z lab sudo:   alda : user NOT in sudoers ; COMMAND=/bin/more",
    "cron": "<86>1 2026-03-04T05:06:07.089Z lab CRON 101 - - pam_unix(cron:session): more",
    "kernel": SYSLOG + "kernel: more",
    "web": '203.0.113.9 - - [04/Mar/2026:05:06:07 +0000] "GET /more HTTP/1.1" 200 5 "-" "x"',
    "proxy": "1772600767.089 110 10.0.0.1 TCP_MISS/200 5 GET http://example/more a DIRECT/203.0.113.9 x",
    "audit": 'type=EXECVE msg=audit(1772600767.089:1): argc=2 a0="more" a1="x"',
    "device": SYSLOG + "%SYS-5-CONFIG_I: more",
    "anything": "more of it",
}

LINUX = ("sshd", "sudo", "cron", "kernel")


def keyword(logsource: str) -> bytes:
    return f"title: t\nlogsource: {logsource}\ndetection: {{w: [more], condition: w}}\n".encode()


def asked(logsource: str, lines: dict[str, str]) -> set[str]:
    """The lines that a rule of ``logsource`` finds a word in that stands in all of them."""
    rows = [Row(index=n, text=line, fields={"message": line}) for n, line in enumerate(lines.values(), 1)]
    scanner = Scanner(compile_pack([("r.yml", keyword(logsource))]))
    item = ItemInfo(ref="r", format="lines/1")
    found = {row for _, row in scanner.run(item, rows).matches}
    assert found == {row.index for row, digests in scanner.scan(item, rows) if digests}
    return {name for n, name in enumerate(lines, 1) if n in found}


@pytest.mark.parametrize(
    ("logsource", "expected"),
    [
        ("{product: cisco, service: aaa}", {"device", "anything"}),
        ("{product: linux}", {*LINUX, "audit", "device", "anything"}),
        (
            "{product: linux, service: auditd}",
            {"sshd", "sudo", "cron", "kernel", "audit", "device", "anything"},
        ),
        ("{category: webserver}", {"web", "device", "anything"}),
        ("{category: proxy}", {"web", "proxy", "device", "anything"}),
        ("{service: nginx}", {"web", *LINUX, "device", "anything"}),
        ("{category: application, product: jvm}", {"device", "anything"}),
    ],
)
def test_a_line_is_asked_the_rules_of_its_log_alone(logsource: str, expected: set[str]) -> None:
    assert asked(logsource, LINES) == expected


def test_what_is_declared_goes_before_what_a_line_says() -> None:
    item = ItemInfo(ref="r", format="lines/1", logsource={"product": "cisco"})
    fields = Exports(()).read({"message": LINES["sshd"]})
    assert source_of(item, fields).product == "cisco"


def read(form: FormatName, raw: bytes) -> dict[str, Any]:
    fields = fields_of(form, raw, None)
    assert isinstance(fields, dict)
    return dict(Exports(("CommandLine", "Image")).read(fields))


def test_an_event_that_a_collector_wrote_behind_a_head_of_syslog() -> None:
    event = {"EventID": 1, "Channel": "Microsoft-Windows-Sysmon/Operational", "CommandLine": 'a "b"'}
    for head in (
        SYSLOG,
        "<14>" + SYSLOG,
        SYSLOG + "collector[7]: ",
        "<14>1 2026-03-04T05:06:07.1Z lab nx - - - ",
    ):
        fields = read("lines/1", (head + json.dumps(event)).encode())
        assert fields["CommandLine"] == 'a "b"', head
        assert fields["EventID"] == "1"
    nested = {"winlog": {"channel": "Security", "event_id": 1, "event_data": {"Image": "x"}}}
    assert read("lines/1", (SYSLOG + json.dumps(nested)).encode())["Image"] == "x"
    twice = (
        SYSLOG + '{"Channel": "Security", "EventID": 4688, "a": [1, {"b": "x"}], "Image": "y", "Image": null}'
    )
    fields = read("lines/1", twice.encode())
    assert (fields["a"], fields["a.b"], fields["Image"]) == ("1", "x", ["y", None])
    for odd in ("{]}", '{"a": ' * 3000 + "}" * 3000, "{}"):
        assert read("lines/1", (SYSLOG + odd).encode()) == {"message": SYSLOG + odd}
    # What breaks off is a line like any other.
    assert "Image" not in read("lines/1", (SYSLOG + json.dumps(nested)[:-1]).encode())


def test_records_of_one_event_of_the_audit_are_of_each_of_their_types() -> None:
    row = {
        "ID": "1772600767.089:1",
        "SYSCALL": {"syscall": "execve", "exe": "/usr/bin/chattr"},
        "EXECVE": {"argc": 3, "ARGV": ["chattr", "-i", "/etc/passwd"]},
    }
    fields = read("jsonl/1", json.dumps(row).encode())
    assert fields["type"] == ["SYSCALL", "EXECVE"]
    assert (fields["a0"], fields["a1"], fields["exe"]) == ("chattr", "-i", "/usr/bin/chattr")


def test_a_line_of_a_firewall_that_does_not_name_its_device() -> None:
    line = 'date=2026-03-04 time=05:06:07 logid="01" type="event" subtype="x" vd="root" action="Add" more=1'
    source = (
        b"title: t\nlogsource: {product: fortigate}\ndetection: {s: {action: Add, more: 1}, condition: s}\n"
    )
    scanner = Scanner(compile_pack([("r.yml", source)]))
    rows = [Row(index=1, text=line, fields={"message": line})]
    assert [row for _, row in scanner.run(ItemInfo(ref="r", format="lines/1"), rows).matches] == [1]
    assert asked("{product: linux}", {"firewall": line}) == set()


@pytest.mark.parametrize(
    "head",
    [
        "2026-03-04T05:06:07.000Z ",
        "2026-03-04T05:06:07.1Z stdout F ",
        "2026-03-04 05:06:07,089 INFO ",
        "trail\t",
        "17 INFO got ",
        "[1772600767.089] lab=",
        "05:06:07.089 [main] INFO  lab.Trail - ",
        "2026-03-04 05:06:07,089 [main] INFO  lab.Trail - ",
        'time="2026-03-04T05:06:07Z" level=info msg=',
        "ts=2026-03-04T05:06:07Z level=info trail=",
    ],
)
def test_an_object_behind_a_head_is_a_row_of_its_own(head: str) -> None:
    """`aws logs tail`, logs of containers (CRI), layouts of log4j and keys of Kafka write so."""
    trail = {"eventSource": "keys.example", "eventName": "DropKey", "awsRegion": "lab", "n": {"m": 3}}
    rule = "title: t\nlogsource: {product: %s}\ndetection: {s: {eventName: DropKey, n.m: 3}, condition: s}\n"
    for product, expected in (("aws", [1]), ("okta", [])):
        rows = [
            Row(index=n, text=line, fields={"message": line})
            for n, line in enumerate(
                (
                    head + json.dumps(trail),
                    head + json.dumps(trail) + " more",
                    head + "x" * 300 + " " + json.dumps(trail),
                    head + json.dumps(trail)[:-2] + ",}",
                ),
                1,
            )
        ]
        scanner = Scanner(compile_pack([("r.yml", (rule % product).encode())]))
        item = ItemInfo(ref="r", format="lines/1")
        assert [row for _, row in scanner.run(item, rows).matches] == expected
        assert [row.index for row, digests in scanner.scan(item, rows) if digests] == expected


@pytest.mark.parametrize(
    "head", ["Mar 4 05:06:07 lab ", "<38>Mar 4 05:06:07 lab ", "Mar  4 2026 05:06:07 lab "]
)
def test_days_and_years_of_heads(head: str) -> None:
    """Some write a day of one digit without a blank before it, some a year."""
    assert asked("{product: linux}", {"it": head + "sudo: more"}) == {"it"}
    assert asked("{product: macos}", {"it": head + "sudo: more"}) == set()
    event = head + "Microsoft-Windows-Security-Auditing: 4688: A new process has been created."
    assert read("lines/1", event.encode())["EventID"] == "4688"


def test_servers_of_mail_are_no_router() -> None:
    lines = {
        name: f"{SYSLOG}{name}[7]: copy of more"
        for name in ("postfix/smtpd", "dovecot", "sendmail", "dropbear")
    }
    assert asked("{product: cisco, service: aaa}", lines) == set()
    assert asked("{product: linux}", lines) == set(lines)


def test_rows_of_syslog_are_told_by_their_program() -> None:
    asked = rule("{product: linux}", short_message="door opened")
    gelf = {"version": "1.1", "host": "lab", "short_message": "door opened", "_application_name": "sshd"}
    assert finds(asked, gelf) == [1]
    assert finds(rule("{product: macos}", short_message="door opened"), gelf) == []
    plain = {"program": "/usr/sbin/cron[7]", "message": "x"}
    other = {"program": "relay", "message": "x"}
    assert finds(rule("{product: macos}", message="x"), plain, other, {"message": "x"}) == [2, 3]


@pytest.mark.parametrize(
    "told",
    [
        "CEF:0|a|b|c|d|e|f| src=1",
        "LEEF:1.0|a|b|c|d|",
        "x LogName=Security EventCode=1 y",
        "audit: type=1300 audit(1.2:3): msg=audit( a=b",
        "MSWinEventLog 1 Security 77 Mon Nov 23 09:10:11 2026 4688 Lab x",
        "y #011 AgentDevice=WindowsLog AgentLogFile=x",
    ],
)
def test_what_is_served_does_not_hide_a_request(told: str) -> None:
    asked = rule("{category: webserver}", **{"cs-uri-query|contains": "../lab"})
    line = f'192.0.2.9 - - [04/Mar/2026:05:06:07 +0000] "GET /x?f=../lab HTTP/1.1" 200 5 "-" "{told}"'
    assert finds(asked, {"message": line}) == [1]
    login = f"Mar  4 05:06:07 lab sshd[7]: Invalid user {told} from 192.0.2.9"
    read = Exports(()).read({"message": login})
    if "audit" not in told and "#011" not in told:
        assert read.get("@syslog") == "sshd"


_WORDS = (
    "type=SYSCALL msg=audit(1772600767.089:1): a0=x",
    "msg=audit(1.2:3): audit: type=1 audit(1.2:3):",
    " sshd[1]: Failed password for x",
    "CEF:0|a|b|1|c|d|e|src=1",
    "LEEF:1.0|a|b|c|d|x=y",
    "%ASA-6-302013: Built",
    '{"Channel": "Security", "EventID": "4688"}',
    "[4688] [4688 / 0x1250] Source Name: x Strings: ['a']",
    "2026-03-04 05:06:07 LogName=Security EventCode=4688",
    "<Event><System><Channel>Security</Channel><EventID>4688</EventID></System></Event>",
    "2026-03-04T05:06:07Z AgentDevice=WindowsLog",
    "MSWinEventLog 1 Security 77 Mon Nov 23 09:10:11 2026 4688 Lab x",
    "query[A] a.lab from 192.0.2.1",
    '[INFO] 192.0.2.1:5 - 1 "A IN a.lab. udp',
    'devname="x" devid="y" logid="0" type="traffic" vd="z"',
    "192.0.2.1, a, 03/04/26, 05:06:07, W3SVC1, b, c, 1, 2, 3, 200, 0, GET, /x, -, ",
    "1772600767.089 110 10.0.0.1 TCP_MISS/200 5 GET http://example/more a DIRECT/203.0.113.9 x",
)
_SERVED = {
    "combined": '192.0.2.9 - - [04/Mar/2026:05:06:07 +0000] "GET /x?f=%s HTTP/1.1" 200 5 "-" "%s"',
    "application balancer": "https 2026-03-04T05:06:07.1Z app/lab/1 192.0.2.9:5 10.0.0.1:80 1 1 1 200 200 1 2"
    ' "GET https://lab.example:443/x?f=%s HTTP/1.1" "%s" A B',
    "older balancer": "2026-03-04T05:06:07.1Z lab 192.0.2.9:5 10.0.0.1:80 0.1 0.1 0.1 200 200 1 2"
    ' "GET https://lab.example:443/x?f=%s HTTP/1.1" "%s" A B',
    "store": "7900 lab [04/Mar/2026:05:06:07 +0000] 192.0.2.9 - 3E REST.GET.OBJECT x"
    ' "GET /x?f=%s HTTP/1.1" 200 - 5 5 1 1 "-" "%s" -',
    "Envoy": '[2026-03-04T05:06:07.1Z] "GET /x?f=%s HTTP/1.1" 200 - 0 5 1 1 "192.0.2.9" "%s" "a" "lab" "b"',
    "Squid": "1772600767.089 110 192.0.2.9 TCP_MISS/200 5 GET http://lab/x?f=%s a DIRECT/192.0.2.1 x%.0s",
    "HAProxy": "haproxy[7]: 192.0.2.9:5 [04/Mar/2026:05:06:07.1] in out/a 0/0/1/2/3 200 5"
    ' - - ---- 1/1/0/0/0 0/0 "GET /x?f=%s HTTP/1.1"%.0s',
    "site": "192.0.2.9, -, 03/04/26, 05:06:07, W3SVC1, LAB, 10.0.0.1, 1, 2, 3, 200, 0, GET, /x, f=%s, %.0s",
}
_UNSERVED = {
    "W3C": "2026-03-04 05:06:07 10.0.0.1 GET /x f=%s 443 - 192.0.2.9 %s - 200 0 0 5",
    "nginx": '2026/03/04 05:06:07 [error] 7#7: *1 open() "/x?f=%s" failed, client: 192.0.2.9, request: "%s"',
}
_UNBROKEN = ("Squid", "W3C")
"""Lines in which what is asked holds no blanks."""


@pytest.mark.parametrize("told", _WORDS)
@pytest.mark.parametrize("form", [*_SERVED, *_UNSERVED])
def test_what_is_asked_of_a_server_does_not_hide_a_request(form: str, told: str) -> None:
    """Words of other logs, in the path and in the agent, in a line that keeps its own kind."""
    line = (_SERVED | _UNSERVED)[form]
    told = told.replace('"', "'" if form in _SERVED else '"')
    joined = told.replace(" ", "+").replace(",", ";" if form == "site" else ",")
    plain = Exports(()).read({"message": line % ("x", "x")})
    fields = Exports(()).read({"message": line % (joined, joined if form in _UNBROKEN else told)})
    assert fields.keys() == plain.keys()
    assert ("@web" in fields or "@proxy" in fields) is (form in _SERVED)


_REQUEST = 'cmd a [04/Mar/2026:05:06:07 +0000] "GET /x HTTP/1.1" 200 5'
_EVENT = "<Event xmlns='x'><System><Channel>Security</Channel><EventID>4688</EventID></System>"


@pytest.mark.parametrize(
    "line",
    [
        "03/04/2026 05:06:07 AM\nLogName=Security\nEventCode=4688\nMessage=%s",
        "03/04/2026 05:06:07 AM LogName=Security EventCode=4688 Message=%s",
        "LogName=Security EventCode=4688 Message=%s",
        _EVENT + "<EventData><Data Name='CommandLine'>%s</Data></EventData></Event>",
        "<?xml version='1.0'?>" + _EVENT + "<EventData><Data Name='a'>%s</Data></EventData></Event>",
        "CEF:0|a|b|1|c|d|5|msg=%s",
        "2026-03-04 05:06:07 lab CEF:0|a|b|1|c|d|5|msg=%s",
        "Mar  4 05:06:07 lab LEEF:1.0|a|b|1|c|msg=%s",
        "[4688 / 0x1250] Source Name: Microsoft-Windows-Security-Auditing Strings: ['a', '%s']",
        "<13>Mar  4 05:06:07 lab MSWinEventLog\t1\tSecurity\t7\tx\t4688\ta\tb\tc\td\te\tf\tg\t%s",
        "node=lab type=USER_CMD msg=audit(1.2:3): pid=7 cmd='%s'",
    ],
)
def test_a_request_in_what_an_event_tells_does_not_make_it_a_request(line: str) -> None:
    plain = Exports(()).read({"message": line % "x"})
    fields = Exports(()).read({"message": line % _REQUEST})
    assert len(plain) > 1
    assert fields.keys() == plain.keys()
    assert not {"@web", "@proxy"} & fields.keys()


@pytest.mark.parametrize(
    "told",
    [
        '# {"Channel": "Application", "EventID": "1"}',
        ': {"Channel": "Application", "EventID": "1"}',
        "#dnsmasq: query[A] a.lab from 192.0.2.1",
        '[INFO] 192.0.2.1:5 - 1 "A IN a.lab. udp',
        "pdns_recursor: 1 [1/1] question for 'a.lab|A' from 192.0.2.1",
        "pdns: Remote 192.0.2.1 wants 'a.lab|A', do = 0",
        "[2026-03-04 05:06:07 Local] [192.0.2.1:5] [UDP] QNAME: a.lab; QTYPE: A; ",
        "# type=EXECVE msg=audit(1.2:3): a0=x",
        "#MSWinEventLog 1 Security 77 Mon Nov 23 09:10:11 2026 4688 Lab x",
        "logid=1 devname=x",
    ],
)
@pytest.mark.parametrize(
    "start", ["", SYSLOG + "bash[12]: ", SYSLOG + "sudo:  bob : COMMAND=", SYSLOG + "sshd[12]: Invalid user "]
)
def test_words_within_a_line_do_not_make_it_another_log_s(start: str, told: str) -> None:
    line = f"{start}history -c; cat /etc/shadow {told}"
    fields = Exports(()).read({"message": line})
    assert set(fields) <= {"message", "@syslog"}
    assert ("@syslog" in fields) is ("sudo" in start or "sshd" in start)


def test_what_stands_behind_structured_data_is_the_message() -> None:
    start = '<38>1 2026-03-04T05:06:07.1Z lab nx 12 - [timeQuality tzKnown="1"]'
    said = ' x EventID="1" Channel="Application"'
    assert Exports(()).read({"message": start + said}) == {"message": start + said}
    event = '[Lab@1 EventID="7045" Channel="System" Note="a \\"b\\] c"] more EventID="1"'
    fields = Exports(()).read({"message": start + event})
    assert (fields["EventID"], fields["Channel"], fields["Note"]) == ("7045", "System", 'a "b] c')


def test_many_blanks_cost_their_number() -> None:
    for line in ("MSWinEventLog 1 " + " " * 60_000, "MSWinEventLog 1 " + "1 " * 30_000):
        assert Exports(()).read({"message": line}) == {"message": line}


def test_what_a_row_carries_does_not_make_it_an_event_of_windows() -> None:
    trail = {"eventSource": "keys.example", "eventName": "DropKey", "awsRegion": "lab"}
    asked = rule("{product: aws, service: cloudtrail}", eventName="DropKey")
    for place in ("", "body.", "requestParameters.tags."):
        assert finds(asked, {**trail, f"{place}event_id.id": "1", f"{place}provider.name": "x"}) == [1]
