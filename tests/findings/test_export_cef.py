"""Events of devices: the guide of the Common Event Format and its dictionary of extensions, LEEF 1.0 and
2.0, and the columns of Microsoft's table ``CommonSecurityLog``.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from comity.findings.export_cef import PAIRS, read_device
from tests.findings.test_export_inner import finds, rule
from tests.findings.test_export_web import in_lines

HEAD = "<189>Mar  4 05:06:07 lab CEF:0|{vendor}|{product}|1.0|{event}|lab|3|"
FORTIGATE = HEAD.format(vendor="Fortinet", product="Fortigate", event="44547")
PROXY = HEAD.format(vendor="Lab \\| Sons", product="Weblog", event="200")
WALL = HEAD.format(vendor="Lab", product="Wall", event="drop")
WINDOWS = HEAD.format(
    vendor="Microsoft", product="Microsoft Windows", event="Microsoft-Windows-Security-Auditing:4688"
)
ADMIN = rule("{product: fortigate, service: event}", action="Add", cfgpath="system.admin")
PAGE = rule(
    "{category: proxy}",
    **{"c-uri|contains": "/relay?a=b", "cs-host": "www.example", "c-useragent": "lab/7", "cs-method": "GET"},
)
PORT = rule("{category: firewall}", dst_port=23, action="accept", src_ip="192.0.2.9")
STARTED = rule(
    "{category: process_creation, product: windows}",
    CommandLine="relay.exe --to lab",
    **{"Image|endswith": "\\relay.exe"},
)
LINES = [
    FORTIGATE + "FTNTFGTlogid=0100044547 cat=event:system act=Add FTNTFGTcfgpath=system.admin",
    PROXY + "act=x src=192.0.2.9 requestMethod=GET request=http://www.example/relay?a\\=b "
    "requestClientApplication=lab/7 msg=a b c",
    WALL + "act=accept src=192.0.2.9 dst=192.0.2.1 spt=5 dpt=23 proto=TCP",
    WINDOWS + "eventId=1 externalId=4688 dproc=C:\\\\Tools\\\\relay.exe cs4=relay.exe --to lab "
    "cs4Label=Process Command Line",
]


def test_lines_of_devices_are_asked_the_rules_of_what_they_log() -> None:
    for n, source in enumerate((ADMIN, PAGE, PORT, STARTED), 1):
        assert in_lines(source, *LINES) == [n]
    words = rule("{product: cisco, service: aaa}").replace(b"s: {}", b"s: [add, accept, lab]")
    assert in_lines(words, *LINES) == []


def test_heads_that_collectors_write() -> None:
    event = PROXY.partition(" lab ")[2] + "requestMethod=GET request=http://www.example/relay?a\\=b "
    event += "requestClientApplication=lab/7"
    heads = (
        *("Mar  4 05:06:07 lab ", "Mar 4 05:06:07 lab ", "Mar 4 2026 05:06:07 lab relayd[9] "),
        "<9>Mar 14 05:06:07 lab relayd[9]: ",
    )
    assert in_lines(PAGE, *(head + event for head in heads)) == [1, 2, 3, 4]
    nameless = event.replace("Lab \\| Sons|Weblog|1.0|200", "|||")
    assert nameless != event
    assert in_lines(PAGE, "Mar 4 05:06:07 lab relayd[9] " + nameless) == [1]


def test_lines_of_the_other_format() -> None:
    leef = "Mar  4 05:06:07 lab LEEF:1.0|Microsoft|Windows|1|4688|"
    leef += "EventID=4688\tNew Process Name=C:\\Tools\\relay.exe\tProcess Command Line=relay.exe --to lab"
    assert in_lines(STARTED, leef) == [1]
    page = "LEEF:2.0|Lab|Weblog|1|200|^|src=192.0.2.9^method=GET^url=http://www.example/relay?a=b^userAgent=lab/7"
    assert in_lines(PAGE, page, page.replace("^|", "0x5e|"), page.replace("^|", "0xzz|")) == [1, 2]


def test_the_table_of_such_events() -> None:
    head = {"DeviceVendor": "Fortinet", "DeviceProduct": "Fortigate", "DeviceEventClassID": "44547"}
    row = {**head, "DeviceAction": "Add", "AdditionalExtensions": "FTNTFGTcfgpath=system.admin;cat=event:x"}
    assert finds(ADMIN, row) == [1]
    wall = {**head, "DeviceVendor": "Lab", "DestinationIP": "192.0.2.1", "DestinationPort": 23}
    assert finds(PORT, {**wall, "SourceIP": "192.0.2.9", "DeviceAction": "accept"}) == [1]
    assert finds(ADMIN, wall) == []


def test_a_device_does_not_say_that_it_is_of_another_kind() -> None:
    """Keys of an extension are written by whom a device logs: none makes its event one of Windows."""
    forged = WALL + "Channel=Security EventID=4688 CommandLine=relay.exe --to lab Image=C:\\relay.exe"
    assert in_lines(STARTED, forged) == []
    marked = WALL + "eventSource=a eventName=b awsRegion=c"
    assert in_lines(rule("{product: aws, service: cloudtrail}", eventName="b"), marked) == []


@given(st.text(alphabet="CEF:01LE|\\=n ^x\tab", max_size=80))
def test_what_only_looks_like_an_event_is_none(text: str) -> None:
    for head in ("", "CEF:0|", "LEEF:2.0|a|b|c|d|", FORTIGATE):
        found = read_device(head + text)
        assert found is None or len(found) <= 3 * PAIRS
