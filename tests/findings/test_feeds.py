"""Feeds as people hand them over: what becomes a list, and what is named instead, with the reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.cli.sources import is_rule, load_rules
from comity.findings import feeds
from comity.findings.feed_json import _TOKEN
from comity.findings.feeds import LISTED, form_of, read_feed
from comity.findings.indicators import IndicatorList, classify
from comity.findings.link import link
from comity.findings.parting import looks_like_stix, part_sources
from tests.cli.running import run

A, B, C = "a" * 32, "b" * 40, "c" * 64


def listed(name: str, raw: bytes | str) -> list[str]:
    """The lines of the list that a feed becomes."""
    feed = read_feed(name, raw.encode() if isinstance(raw, str) else raw)
    assert feed is not None
    return dict(feed.sources).get(name + LISTED, b"").decode().splitlines()


def failed(name: str, raw: bytes | str) -> dict[str, str]:
    feed = read_feed(name, raw.encode() if isinstance(raw, str) else raw)
    assert feed is not None
    return dict(feed.failed)


def attribute(kind: str, value: str, **more: Any) -> dict[str, Any]:
    return {
        "uuid": "5f2d",
        "type": kind,
        "category": "Network activity",
        "to_ids": True,
        "value": value,
        **more,
    }


ATTRIBUTES = [
    attribute("ip-dst", "192.0.2.7"),
    attribute("ip-dst|port", "198.51.100.9|8443"),
    attribute("domain|ip", "drop.example|203.0.113.5"),
    attribute("hostname", "c2.drop.example"),
    attribute("url", "hxxp://drop[.]example/a?b=1"),
    attribute("filename|sha256", f"invoice.exe|{C}"),
    attribute("md5", A),
    attribute("sha512", "d" * 128),
    attribute("email-src", "billing@drop.example"),
    attribute("filename", "svchost.exe"),
    attribute("yara", "rule x { condition: true }"),
    attribute("regkey", "HKLM\\Software\\Run"),
    attribute("ip-src", "not an address"),
    attribute("domain", "benign.example", to_ids=False),
    attribute("domain", "gone.example", deleted=True),
]
EXPECTED = sorted(
    [
        "192.0.2.7",
        "198.51.100.9",
        "drop.example",
        "203.0.113.5",
        "c2.drop.example",
        "hxxp://drop[.]example/a?b=1",
        *(C, A, "d" * 128, "billing@drop.example"),
    ]
)
EVENT = {"Event": {"uuid": "1", "info": "A phishing wave", "threat_level_id": "2", "Attribute": ATTRIBUTES}}


@pytest.mark.parametrize(
    "body",
    [
        EVENT,
        {"response": [EVENT]},
        [EVENT],
        {"response": {"Attribute": ATTRIBUTES}},
        ATTRIBUTES,
        {
            "Event": {
                "Orgc": {"name": "x"},
                "Attribute": ATTRIBUTES[:5],
                "Object": [{"name": "file", "Attribute": ATTRIBUTES[5:]}],
            }
        },
    ],
)
def test_an_event_of_misp_is_a_list_and_what_is_not_is_named(body: Any) -> None:
    raw = json.dumps(body).encode()
    assert listed("event.json", raw) == EXPECTED
    aside = failed("event.json", raw)
    assert set(aside) == {f"event.json!{kind}" for kind in ("filename", "yara", "regkey", "ip-src")}
    assert aside["event.json!filename"].startswith("1 indicator: a list of indicators has no boundary for it")
    assert "attribute 13: 'not an address'" in aside["event.json!ip-src"]
    feed = read_feed("event.json", raw)
    assert feed is not None
    assert sorted(why.partition(";")[0] for _, why in feed.withdrawn) == [
        "1 indicator: deleted by its maker",
        "1 indicator: its maker does not mean it for detection (to_ids)",
    ]


def test_a_pulse_of_otx_is_a_list() -> None:
    indicators = [
        {"id": 1, "indicator": "192.0.2.7", "type": "IPv4", "is_active": 1},
        {"id": 2, "indicator": "drop.example", "type": "domain"},
        {"id": 3, "indicator": C, "type": "FileHash-SHA256"},
        {"id": 4, "indicator": "http://drop.example/x", "type": "URL"},
        {"id": 5, "indicator": "CVE-2026-0001", "type": "CVE"},
        {"id": 6, "indicator": "old.example", "type": "hostname", "is_active": 0},
        {"id": 7, "indicator": "198.51.100.0/24", "type": "CIDR"},
    ]
    pulse = {"id": "p", "name": "Wave", "tags": ["x"], "indicators": indicators}
    for body in (pulse, {"results": [pulse], "count": 1}):
        raw = json.dumps(body)
        assert listed("p.json", raw) == sorted(
            ["192.0.2.7", "drop.example", C, "http://drop.example/x", "198.51.100.0/24"]
        )
        assert list(failed("p.json", raw)) == ["p.json!CVE"]


URLHAUS = """\
################################################################
# abuse.ch URLhaus Database Dump (CSV - recent URLs only)      #
################################################################
#
# id,dateadded,url,url_status,last_online,threat,tags,urlhaus_link,reporter
"1","2026-11-01 10:00:00","http://192.0.2.7:80/bin.sh","online","2026-11-01","malware_download","elf,mozi","https://urlhaus.example/1/","x"
"2","2026-11-01 10:01:00","https://drop.example/a","offline","","malware_download","","https://urlhaus.example/2/","x"
"""
THREATFOX = """\
# "first_seen_utc","ioc_id","ioc_value","ioc_type","threat_type","malware","reference","tags","reporter"
"2026-11-01 10:00:00", "1", "192.0.2.7:4444", "ip:port", "botnet_cc", "win.x", "None", "", "x"
"2026-11-01 10:00:00", "2", "drop.example", "domain", "botnet_cc", "win.x", "None", "", "x"
"2026-11-01 10:00:00", "3", "%s", "sha256_hash", "payload", "win.x", "None", "", "x"
# Number of entries: 3
""".replace("%s", C)
BAZAAR = f"""\
# "first_seen_utc","sha256_hash","md5_hash","sha1_hash","reporter","file_name","file_type_guess","signature"
"2026-11-01 10:00:00", "{C}", "{A}", "{B}", "x", "a, b.exe", "exe", "n/a"
"""
FEODO = """\
# Feodo Tracker
"first_seen_utc","dst_ip","dst_port","c2_status","last_online","malware"
"2026-11-01 10:00:00","192.0.2.7","443","online","2026-11-02","X"
# END (1) entries
"""
MISP_CSV = """\
uuid,event_id,category,type,value,comment,to_ids,date
5f,1,"Network activity","ip-dst","192.0.2.7","a, b",1,20261101
5f,1,"Network activity","domain","benign.example","",0,20261101
5f,1,"Payload delivery","filename","a.exe","two
lines",1,20261101
"""
OTX_CSV = "Indicator type,Indicator,Description\nIPv4,192.0.2.7,\nhostname,c2.drop.example,x\n"


@pytest.mark.parametrize(
    ("raw", "lines", "aside"),
    [
        (URLHAUS, ["http://192.0.2.7:80/bin.sh", "https://drop.example/a"], []),
        (THREATFOX, sorted(["192.0.2.7", "drop.example", C]), []),
        (BAZAAR, sorted([A, B, C]), []),
        (FEODO, ["192.0.2.7"], []),
        (MISP_CSV, ["192.0.2.7"], ["filename"]),
        (OTX_CSV, ["192.0.2.7", "c2.drop.example"], []),
        ("indicator,type\r\n192.0.2.7,ip\r\nx,mutex\r\nshort\r\n", ["192.0.2.7"], ["mutex", "rows"]),
    ],
)
@pytest.mark.parametrize("name", ["feed.csv", "feed.txt", "feed.ioc"])
def test_a_table_with_a_header_is_a_list(name: str, raw: str, lines: list[str], aside: list[str]) -> None:
    assert listed(name, raw) == sorted(lines)
    assert list(failed(name, raw)) == [f"{name}!{kind}" for kind in aside]
    assert listed(name, b"\xef\xbb\xbf" + raw.replace("\n", "\r\n").replace("\r\r", "\r").encode()) == sorted(
        lines
    )


OPENIOC = """\
<?xml version="1.0" encoding="us-ascii"?>
<ioc xmlns="http://schemas.mandiant.com/2010/ioc" id="x"><definition>
<Indicator operator="OR" id="1">
 <IndicatorItem id="a" condition="is"><Context document="FileItem" search="FileItem/Md5sum" type="mir"/>
  <Content type="md5">{a}</Content></IndicatorItem>
 <IndicatorItem id="b" condition="contains"><Context document="Network" search="Network/DNS" type="mir"/>
  <Content type="string">drop.example</Content></IndicatorItem>
 <IndicatorItem id="c" condition="is"><Context document="FileItem" search="FileItem/FileName" type="mir"/>
  <Content type="string">a.exe</Content></IndicatorItem>
 <IndicatorItem id="d" condition="isnot"><Context document="PortItem" search="PortItem/remoteIP" type="mir"/>
  <Content type="IP">192.0.2.1</Content></IndicatorItem>
 <Indicator operator="AND" id="2">
  <IndicatorItem id="e" condition="is"><Context document="PortItem" search="PortItem/remoteIP" type="mir"/>
   <Content type="IP">192.0.2.9</Content></IndicatorItem>
 </Indicator>
</Indicator></definition></ioc>
""".replace("{a}", A)


@pytest.mark.parametrize("name", ["x.ioc", "x.xml"])
def test_openioc_is_read_in_terms_that_stand_for_themselves(name: str) -> None:
    assert listed(name, OPENIOC) == sorted([A, "drop.example", "*.drop.example"])
    assert listed(name, OPENIOC.replace("contains", "is")) == sorted([A, "drop.example"])
    part = listed(name, OPENIOC.replace(">drop.example<", ">192.0.2.1<"))
    assert part == sorted([A, "192.0.2.1"])
    aside = failed(name, OPENIOC)
    assert "a list of indicators has no boundary for it" in aside[f"{name}!FileItem/FileName"]
    assert sorted(why.partition(";")[0] for key, why in aside.items() if "remoteIP" in key) == [
        "1 indicator: it counts only together with other terms",
        "1 indicator: it counts where it is not found, which a list does not ask",
    ]


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (
            '<!DOCTYPE ioc [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><ioc><Content>&c;</Content></ioc>',
            "no DOCTYPE",
        ),
        ('<?xml version="1.0"?><ioc>' + "<a>" * 100, "nested deeper than 64"),
        ('<?xml version="1.0"?><ioc><a', "not XML"),
        ("<ioc><Indicator><IndicatorItem><Content>" + "x" * 70_000, "longer than 65536 characters"),
        ("<ioc><definition/></ioc>", "holds no indicator"),
    ],
)
def test_hostile_xml_is_named_and_makes_nothing(raw: str, why: str) -> None:
    linked = link([("x.ioc", raw.encode())])
    assert why in linked.failed["x.ioc"]


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("x.json", '{"Event": {"System": {"EventID": 4688}, "EventData": {"type": "x"}}}'),
        ("x.json", '{"Event": {"Attribute": []}}\n{"Event": {"Attribute": []}}\n'),
        ("x.csv", "time,url,status\n2026,http://a.example/,200\n"),
        ("x.txt", "# domain, description of it\n192.0.2.1\ndrop.example\n"),
        ("x.yml", '{"Event": {"Attribute": []}}'),
        ("x.csv", ""),
        ("x.txt", "192.0.2.1\n"),
    ],
)
def test_what_is_no_feed_is_left_as_it_is(name: str, raw: str) -> None:
    assert read_feed(name, raw.encode()) is None


@pytest.mark.parametrize(
    ("name", "raw", "why"),
    [
        ("x.json", '{"Event": {"Orgc": {}, "Attribute": [1]}}', "begins as a feed of MISP and is none"),
        ("x.json", '{"Event": {"Orgc": {}, "Attribute": []}}', "holds no indicator"),
        (
            "x.json",
            '{"Event": {"Orgc": {}, "Attribute": [' + "[" * 100_000,
            "begins as a feed of MISP and is none",
        ),
        ("x.csv", "type,indicator\nip,\xff", "not UTF-8"),
        ("x.csv", 'type,indicator\nip,"' + "x" * 140_000, "longer than"),
        (
            "x.csv",
            'ip,description\n192.0.2.1,x\n192.0.2.2,"x\n192.0.2.3,x\n',
            "the row that begins in line 3: unexpected end",
        ),
        (
            "x.csv",
            'ip,description\n192.0.2.1,"x\n192.0.2.2,x\n192.0.2.3,"x\n',
            "the row that begins in line 2: ",
        ),
        (
            "x.json",
            '[{"Event": {"Orgc": {}, "Attribute": []}}, {"Event": {"Attribute": [1]}}]',
            "begins as a feed of MISP and is none",
        ),
    ],
)
def test_a_feed_that_cannot_be_read_is_named(name: str, raw: str, why: str) -> None:
    linked = link([(name, raw.encode("latin-1"))])
    assert why in linked.failed[name]


@pytest.mark.parametrize("name", ["x.csv", "x.txt", "x.ioc"])
@pytest.mark.parametrize("raw", ["ip,description\r192.0.2.1,x\r", "# a,b\rc\n192.0.2.1\n", "ip,\0,tags\nx\n"])
def test_a_beginning_that_no_table_has_ends_nothing(name: str, raw: str) -> None:
    assert read_feed(name, raw.encode()) is None


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("192.0.2.1:80", "192.0.2.1"),
        ("192.0.2.1|80", "192.0.2.1"),
        ("192.0.2.1", "192.0.2.1"),
        ("[2001:db8::1]:80", "2001:db8::1"),
        ("[2001:db8::1]|80", "2001:db8::1"),
        ("2001:db8::1|80", "2001:db8::1"),
        ("2001:db8::beef", "2001:db8::beef"),
        ("2001:db8::5:80", ""),
        ("2001:db8::80", ""),
    ],
)
def test_what_may_be_a_port_or_the_end_of_an_address_is_asked_as_neither(value: str, line: str) -> None:
    raw = f"indicator,type\n{value},ip:port\n"
    assert listed("x.csv", raw) == [line] * bool(line)
    assert bool(failed("x.csv", raw)) is not bool(line)


@pytest.mark.parametrize("kind", ["url", "uri", "link"])
@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("https://drop.example/a", "https://drop.example/a"),
        ("hxxps://drop[.]example/a", "hxxps://drop[.]example/a"),
        ("drop.example/a?b=1", "drop.example/a?b=1"),
        ("drop[.]example/a", "drop.example/a"),
        ("drop.example:8080/a", "drop.example:8080/a"),
        ("192.0.2.7/a.sh", "192.0.2.7/a.sh"),
        ("192[.]0[.]2[.]7:80/a", "192.0.2.7:80/a"),
        ("drop.example", "drop.example"),
        ("192.0.2.7", "192.0.2.7"),
        # A path alone stands on any host, and an address with a number is no network here.
        ("/", ""),
        ("/gate.php", ""),
        ("//drop", ""),
        ("a/b", ""),
        (":80/a", ""),
        ("192.0.2.7/24", ""),
    ],
)
def test_a_location_without_a_scheme_begins_with_a_host(kind: str, value: str, line: str) -> None:
    raw = json.dumps({"Event": {"Orgc": {}, "Attribute": [attribute(kind, value)]}})
    assert listed("x.json", raw) == [line] * bool(line)
    assert bool(failed("x.json", raw)) is not bool(line)


def test_an_attribute_that_quotes_its_event_is_one() -> None:
    quoting = attribute("ip-dst", "192.0.2.7", Event={"id": "1", "info": "x"}, Object={"id": "2"})
    for body in ([quoting], {"response": {"Attribute": [quoting]}}):
        assert listed("x.json", json.dumps(body)) == ["192.0.2.7"]


def test_a_list_that_is_null_hides_no_other() -> None:
    empty = {"Event": {"Attribute": None, "Object": [{"Attribute": None}]}}
    assert listed("x.json", json.dumps([EVENT, empty])) == EXPECTED


def test_comments_before_a_document_are_passed_over_once() -> None:
    """Each of so many could end at any later one: to try that out takes longer than anybody waits."""
    comments = b"<!-- a -->\n" * 2_000
    assert form_of("x.xml", b"<?xml version='1.0'?>" + comments + b"<other>") == ""
    assert form_of("x.xml", b"<?xml version='1.0'?>" + comments + b"<ioc>") == "OpenIOC"


def test_a_text_without_an_end_is_read_once() -> None:
    """It was read again from each of its quotes, which took seconds for a file of 64 KB."""
    keys = [b'{"a": 1, "Event": {"Attribute": "' + b'\\"' * n for n in (0, 3)]
    for head in keys:
        for end in (b"", b"\\", b'\\"', b"\\\n"):
            assert form_of("x.json", head + end) == "MISP"
    assert len(list(_TOKEN.finditer(b'{"' + b'\\"' * 30_000))) == 2


def test_a_term_without_content_is_named() -> None:
    raw = OPENIOC.replace('<Content type="string">a.exe</Content>', "")
    assert "it has no content" in failed("x.ioc", raw)["x.ioc!FileItem/FileName"]


def test_very_many_small_objects_are_not_built(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two bytes each in a file became seventy in memory."""
    monkeypatch.setattr("comity.findings.feed_json.OBJECTS", 10)
    assert "more than the 10" in failed("x.json", json.dumps(EVENT))["x.json"]
    monkeypatch.undo()
    nested = {"Event": {"Orgc": {}, "Attribute": [attribute("domain", "x") | {"value": [[]]}]}}
    assert "is none: Expected" in failed("x.json", json.dumps(nested))["x.json"]


def test_too_long_a_feed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "LIMIT", 10)
    assert "more than the 10" in failed("x.json", json.dumps(EVENT))["x.json"]


def test_an_envelope_of_taxii_is_parted_as_a_bundle() -> None:
    objects = [
        {"type": "identity", "spec_version": "2.1", "id": "identity--00000000-0000-4000-8000-000000000000"},
        {
            "type": "indicator",
            "spec_version": "2.1",
            "id": "indicator--00000000-0000-4000-8000-000000000001",
            "pattern_type": "stix",
            "pattern": "[ipv4-addr:value = '192.0.2.7']",
            "valid_from": "2026-01-01T00:00:00Z",
        },
    ]
    raw = json.dumps({"more": False, "objects": objects}).encode()
    assert looks_like_stix(raw)
    parted = part_sources([("page.json", raw)])
    assert [name for name, _ in parted.sources] == [
        "page.json!indicator--00000000-0000-4000-8000-000000000001.stix"
    ]
    assert not looks_like_stix(b'{"objects": [{"id": "x", "type": "row"}]}')


def test_an_answer_of_which_the_server_has_more_says_so() -> None:
    """One page of several, taken for the whole, leaves out what nobody then looks for."""
    indicator = {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{'0' * 8}-0000-4000-8000-{'0' * 12}",
    }
    told = {
        "pattern_type": "stix",
        "pattern": "[ipv4-addr:value = '192.0.2.7']",
        "valid_from": "2026-01-01T00:00:00Z",
    }
    pulse = {"indicators": [{"indicator": "192.0.2.7", "type": "IPv4"}]}
    for last, more in (
        ({"more": False, "objects": [indicator | told]}, {"more": True, "objects": [indicator | told]}),
        ({"results": [pulse], "next": None}, {"results": [pulse], "next": "https://otx.example/?page=2"}),
    ):
        assert part_sources([("x.json", json.dumps(last).encode())]).withdrawn == ()
        assert part_sources([("x.json", json.dumps(more).encode())]).withdrawn == (
            ("x.json!more", feeds.MORE),
        )


def test_a_type_is_called_by_what_can_be_typed() -> None:
    """Whoever signs a finding leaves it out by that name."""
    attributes = [attribute("a\0b\u202e  c", "x")]
    raw = json.dumps({"Event": {"Orgc": {}, "Attribute": attributes}})
    assert list(failed("x.json", raw)) == ["x.json!a_b_ c"]


def test_no_reason_of_a_type_takes_the_name_of_another() -> None:
    """What is left out is named by it; of two of one name the reason of one was lost."""
    attributes = [attribute(kind, "x") for kind in ("a\0b", "a\1b", "a\2b", "a_b")]
    linked = link([("x.json", json.dumps({"Event": {"Orgc": {}, "Attribute": attributes}}).encode())])
    assert sorted(linked.failed) == [
        "x.json!a_b",
        "x.json!a_b, 3",
        "x.json!a_b, 4",
        "x.json!a_b, of another form",
    ]


def test_very_many_types_are_told_together() -> None:
    attributes = [attribute(f"type-{n}", "x") for n in range(200)]
    raw = json.dumps({"Event": {"Orgc": {}, "Attribute": attributes}})
    aside = failed("x.json", raw)
    assert len(aside) == 41
    assert aside["x.json!other types"].startswith("160 indicators")


def test_the_list_does_not_depend_on_the_order_of_the_feed() -> None:
    turned = {"Event": {**EVENT["Event"], "Attribute": ATTRIBUTES[::-1]}}
    assert listed("x.json", json.dumps(turned)) == EXPECTED


KINDS = ("ip-dst", "domain", "url", "md5", "email-src", "ip-dst|port", "filename|md5", "domain|ip", "sha512")


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.text(max_size=40)), max_size=20))
def test_whatever_a_feed_says_each_line_is_one_indicator_of_a_type(said: list[tuple[str, str]]) -> None:
    """No value becomes a comment, several lines, or words that would be looked for anywhere."""
    raw = json.dumps({"Event": {"Orgc": {}, "Attribute": [attribute(k, v) for k, v in said]}})
    for line in listed("x.json", raw):
        assert line == line.strip()
        assert not line.startswith("#")
        kind, _ = classify(line)
        assert kind != "text" or "/" in line or len(line) in (56, 64, 96, 128)


def test_check_and_find_take_feeds(tmp_path: Path) -> None:
    event, table = tmp_path / "event.json", tmp_path / "feed.csv"
    event.write_text(json.dumps(EVENT))
    table.write_text(URLHAUS)
    assert is_rule(event)
    assert not is_rule(table)  # a table may be evidence: who means a feed says --rules
    checked = run("rules", "check", event, table, "--json")
    assert checked.code == 2
    told = {each["source"].rpartition("/")[2]: each["status"] for each in checked.of("rule")}
    assert told["event.json!indicators.ioc"] == told["feed.csv!indicators.ioc"] == "ready"
    assert told["event.json!yara"] == "unusable"
    assert "withdrawn" in told.values()
    log = tmp_path / "log.txt.log"
    log.write_text("GET http://192.0.2.7:80/bin.sh\nfrom 198.51.100.9 to c2.drop.example\nbenign.example\n")
    found = run("find", log, "--rules", event, "--rules", table, "--json")
    assert found.code == 2
    assert {(each["title"].rpartition("/")[2], each["count"]) for each in found.of("finding")} == {
        ("event.json!indicators.ioc", 2),
        ("feed.csv!indicators.ioc", 1),
    }
    loaded = load_rules([event, table])
    assert all(isinstance(rule, IndicatorList) for rule in loaded.pack.rules)


def test_many_values_are_sorted_by_the_run_and_stand_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comity.findings.feed_types._RUN", 7)
    names = [f"h{n * 7919 % 100}.example.org" for n in range(200)] + ["ünder.example.org"]
    raw = "type,indicator\n" + "".join(f"domain,{name}\n" for name in names)
    feed = read_feed("f.csv", raw.encode())
    assert feed is not None
    assert feed.sources == (
        ("f.csv!indicators.ioc", "".join(f"{name}\n" for name in sorted(set(names))).encode()),
    )
