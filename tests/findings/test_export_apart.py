"""Each reading of a row is asked by itself: no name that only another one has takes away what it matches."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from comity.dossier.rerun import moment_of
from comity.findings.asking import View, compile_test
from comity.findings.atoms import Atom
from comity.findings.explain import explain
from comity.findings.export_flat import has_data
from comity.findings.export_texts import Made
from comity.findings.exports import Exports
from comity.findings.match import Scanner
from comity.findings.pack import compile_pack
from comity.findings.rows import ItemInfo, Row, spell
from tests.findings import test_export_hosts as hosts
from tests.findings.test_export_inner import finds, rule
from tests.findings.test_export_together import MARKS, SYSMON, flat

ITEM = ItemInfo(ref="r", format="jsonl/1")
OUT = "C:\\Program Files\\lab.exe"
"""What a rule leaves out."""


def leaving(logsource: str, wanted: dict[str, str], *names: str) -> bytes:
    """A rule that leaves out rows in which one of some fields says ``OUT``."""
    out = [{name: OUT} for name in names]
    section = {"s": wanted, "f": out, "condition": "s and not f"}
    return f"title: t\nlogsource: {logsource}\ndetection: {json.dumps(section)}\n".encode()


ASKED_OF_STARTS = ("ParentImage", "CommandLine", "OriginalFileName", "User", "CurrentDirectory")
ASKED_OF_TRAILS = ("userAgent", "sourceIPAddress", "cs-user-agent", "c-ip", "r-dns", "cs-host")
ASKED_OF_ZEEK = ("rcode_name", "answers", "c-uri", "Image")
STARTED = leaving(
    "{product: windows, category: process_creation}", {"Image|endswith": "relay.exe"}, *ASKED_OF_STARTS
)
TRAILS = leaving("{product: aws, service: cloudtrail}", {"eventName": "DropKey"}, *ASKED_OF_TRAILS)
ZEEK = leaving("{product: zeek, service: dns}", {"query": "lab"}, *ASKED_OF_ZEEK)
DATA = {"Image": hosts.IMAGE}
TRAIL = {"eventVersion": "1", "eventSource": "x", "eventName": "DropKey", "awsRegion": "r"}
ASKED = {"ts": 1, "_path": "dns", "query": "lab"}
ROWS: dict[str, tuple[bytes, dict[str, Any]]] = {
    "below a name": (STARTED, {"_source": {"Channel": SYSMON, "EventID": 1, **DATA, "a": 1}}),
    "nested": (STARTED, {"Event": {"System": {"Channel": SYSMON, "EventID": 1}, "EventData": DATA}}),
    "winlogbeat": (STARTED, {"winlog": {"channel": SYSMON, "event_id": 1, "event_data": DATA}}),
    "Wazuh": (STARTED, {"data": {"win": {"system": {"channel": SYSMON, "eventID": 1}, "eventdata": DATA}}}),
    "a column": (STARTED, {"Channel": SYSMON, "EventID": 1, "Payload": json.dumps(DATA)}),
    **{name: (STARTED, row) for name, row in hosts.STARTS.items()},
    "a trail": (TRAILS, TRAIL),
    "a trail below a name": (TRAILS, {"_source": TRAIL}),
    "Zeek": (ZEEK, ASKED),
    "Zeek below a name": (ZEEK, {"_source": ASKED}),
}
TEXTS: dict[str, tuple[bytes, dict[str, Any]]] = {
    "a trail in a text": (TRAILS, {"message": json.dumps(TRAIL)}),
    "Zeek in a text": (ZEEK, {"message": json.dumps(ASKED)}),
    "an event in a text": (STARTED, {"message": json.dumps({"Channel": SYSMON, "EventID": 1, **DATA})}),
}
NAMES = {spell(name) for name in ("Image", *ASKED_OF_STARTS, *ASKED_OF_TRAILS, *ASKED_OF_ZEEK)}
_OTHERS = [mark for mark in MARKS if "winlog" not in mark]
"""Names of other readings. What winlogbeat says of an event is of the reading of such a row itself."""


def added_to(row: dict[str, Any], marks: dict[str, Any], place: int, first: bool) -> dict[str, Any]:
    """A row to which names of another reading are added, one of them with what a rule leaves out."""
    here = flat(row)
    added = {name: value for name, value in flat(marks).items() if name not in here}
    names = [name for name, value in added.items() if isinstance(value, str)]
    if names:
        added[names[place % len(names)]] = OUT
    return {**added, **here} if first else {**here, **added}


def names_an_event(fields: dict[str, Any]) -> bool:
    """Whether a row is an event of Windows by nested names, of which no text is read, or has data of one
    beside its message."""
    folded = " ".join(fields).lower()
    nested = "channel" in folded and not {"Channel", "EventID"} <= fields.keys()
    return nested or "event_data" in folded or has_data(tuple(fields))


@given(
    st.sampled_from(sorted({**ROWS, **TEXTS})), st.sampled_from(_OTHERS), st.integers(0, 20), st.booleans()
)
def test_no_name_of_another_reading_takes_a_match_away(
    name: str, marks: dict[str, Any], place: int, first: bool
) -> None:
    source, row = {**ROWS, **TEXTS}[name]
    # A name that a rule asks for, if in other letters, is one of the row itself.
    assume(NAMES.isdisjoint(spell(each.rpartition(".")[2]) for each in flat(marks)))
    assume(name not in TEXTS or not names_an_event(flat(marks)))
    assume(name != "an event in a text" or "Channel" not in marks)
    fields = added_to(row, marks, place, first)
    raw = json.dumps(fields)
    scanner = Scanner(compile_pack([("r.yml", source)]))
    rows = [Row(index=1, text=raw, fields=flat(row)), Row(index=2, text=raw, fields=fields)]
    assert [index for _, index in scanner.run(ITEM, rows).matches] == [1, 2]
    assert [index for index, (_, digests) in enumerate(scanner.scan(ITEM, rows), 1) if digests] == [1, 2]


@pytest.mark.parametrize("other", [OUT, "ProcessRollup2", "DnsRequest", ""])
def test_attack_a_sensors_event_is_named_twice(other: str) -> None:
    for name, added in (("#event_simpleName", "event_simpleName"), ("event_simpleName", "#event_simpleName")):
        event = dict(hosts.STARTS["LogScale"])
        event[name] = event.pop("#event_simpleName")
        assert finds(STARTED, event, {**event, added: other}, {added: other, **event}) == [1, 2, 3]


@pytest.mark.parametrize("name", sorted(ROWS))
def test_what_a_reading_itself_says_is_left_out(name: str) -> None:
    source, row = ROWS[name]
    assert finds(source, row) == [1]
    text = json.dumps(row).replace(json.dumps(hosts.PARENT), json.dumps(OUT))
    if text != json.dumps(row):
        assert finds(source, json.loads(text)) == []


def test_attack_a_column_of_data_beside_the_data_of_an_event() -> None:
    event = {"Channel": SYSMON, "EventID": 1, **DATA}
    for column in ("Payload", "EventData", "UserData"):
        for told in ({"Image": "x.exe"}, {"ParentImage": OUT}, {"CommandLine": OUT, "User": "y"}):
            assert finds(STARTED, event, {**event, column: json.dumps(told)}) == [1, 2]
    assert finds(STARTED, event, {**event, "Strings": ["a", "b"]}) == [1, 2]
    # And what stands beside a column of data takes nothing from it.
    kept = {"Channel": SYSMON, "EventID": 1, "Payload": json.dumps(DATA)}
    assert finds(STARTED, kept, {**kept, "ParentImage": OUT}) == [1, 2]
    assert finds(STARTED, {**kept, "Payload": json.dumps({**DATA, "ParentImage": OUT})}) == []


KEPT = (
    f"<Event><System><EventID>1</EventID><Channel>{SYSMON}</Channel></System>"
    f"<EventData><Data Name='Image'>{DATA['Image']}</Data></EventData></Event>"
)
LINES: dict[str, tuple[bytes, str]] = {
    "a web server's": (
        rule("{category: webserver}", **{"c-uri|contains": "/drop"}),
        '192.0.2.1 - - [04/Mar/2026:05:06:07 +0000] "GET /drop HTTP/1.1" 200 1 "-" "-"',
    ),
    "syslog": (
        b"title: t\nlogsource: {product: linux}\ndetection: {s: [lab-word], condition: s}\n",
        "<38>Mar  4 05:06:07 lab sshd[7]: lab-word",
    ),
    "a trail": (TRAILS, json.dumps(TRAIL)),
    "the audit": (
        rule("{product: linux, service: auditd}", type="EXECVE", a0="drop"),
        'type=EXECVE msg=audit(1772600767.123:3): argc=1 a0="drop"',
    ),
}


@pytest.mark.parametrize("line", sorted(LINES))
@pytest.mark.parametrize("name", ["message", "Message", "_raw", "log", "event.original"])
def test_attack_a_channel_and_a_number_are_added_to_a_line(name: str, line: str) -> None:
    source, text = LINES[line]
    beside = {"Channel": "Application", "EventID": 1000}
    assert finds(source, {name: text}, {**beside, name: text}, {name: text, **beside}) == [1, 2, 3]
    if name not in ("message", "Message"):
        data = {**beside, "SubjectUserName": OUT}
        assert finds(source, {**data, name: text}) == [1]


def test_the_message_of_an_event_adds_no_reading_of_it() -> None:
    event = {"Channel": SYSMON, "EventID": 1, **DATA}
    out = {"ParentImage": OUT}
    for name in ("_raw", "message", "Message"):
        assert finds(STARTED, {**event, **out, name: KEPT}) == []
        assert finds(STARTED, {**event, **out, name: json.dumps(event)}) == []
        assert finds(STARTED, {**event, **out, name: "Process Create:\r\nImage: relay.exe"}) == []


def test_attack_the_names_of_a_timeline_beside_the_data_of_an_event() -> None:
    event = {"Channel": SYSMON, "EventID": 1, **DATA}
    timeline = {"RuleTitle": "x", "AllFieldInfo": f"ParentImage: {OUT}"}
    assert finds(STARTED, event, {**event, **timeline}, {**timeline, **event}) == [1, 2, 3]
    told = {"RuleTitle": "x", "Channel": "Sysmon", "EventID": 1, "Details": "x"}
    text = " \u00a6 ".join(f"{name}: {value}" for name, value in DATA.items())
    assert finds(STARTED, {**told, "AllFieldInfo": text}, {**told, "AllFieldInfo": DATA}) == [1, 2]
    assert finds(STARTED, {**told, "AllFieldInfo": f"{text} \u00a6 ParentImage: {OUT}"}) == []


def test_attack_a_channel_in_other_letters() -> None:
    kept = {"Channel": SYSMON, "EventID": 1, "Payload": json.dumps(DATA)}
    assert finds(STARTED, {"channel": OUT, "eventid": 7, **kept}) == [1]


def test_a_rule_is_asked_under_the_names_of_each_log() -> None:
    # Zeek calls it ``uri``, where servers and proxies say ``c-uri``.
    asked = rule("{category: proxy}", **{"c-uri|contains": "/drop"})
    request = {"cs-method": "GET", "sc-status": "200", "cs-uri-stem": "/drop", "c-uri": "/drop"}
    zeek = {"ts": 2, "_path": "http", "uri": "/"}
    assert finds(asked, request, {**request, **zeek}, {**zeek, **request}, zeek) == [1, 2, 3]
    assert finds(asked, {**zeek, "uri": "/drop"}, {**request, "c-uri": "/", **zeek, "uri": "/drop"}) == [1, 2]


def test_a_journal_that_carries_zeek_is_asked_the_rules_of_zeek_alone() -> None:
    journal = {"_BOOT_ID": "b", "SYSLOG_IDENTIFIER": "zeek", "_HOSTNAME": "lab"}
    row = {**journal, "MESSAGE": json.dumps(ASKED)}
    assert finds(rule("{product: zeek, service: dns}", query="lab"), row) == [1]
    assert finds(rule("{product: linux}", query="lab"), row) == []
    assert finds(rule("{product: linux}", SYSLOG_IDENTIFIER="zeek"), row) == []
    assert finds(rule("{product: linux}", SYSLOG_IDENTIFIER="zeek"), {**journal, "MESSAGE": "x"}) == [1]


def test_of_two_readings_with_times_of_their_own_the_first_tells() -> None:
    told = flat({"Channel": SYSMON, "EventID": 1, **DATA, "TimeCreated": "2026-03-04T05:06:07Z"})
    other = {"System.Channel": "System", "System.EventID": 7, "System.TimeCreated.SystemTime": "2026-03-05"}
    read = Exports(()).read({**told, **flat(other)})
    assert isinstance(read["TimeCreated"], list)
    moment = moment_of("jsonl/1", told, None)
    assert moment is not None
    assert moment_of("jsonl/1", read, None) == moment


def test_words_are_looked_for_in_the_whole_row() -> None:
    source = b"title: t\nlogsource: {product: aws}\ndetection: {s: [lab-word], condition: s}\n"
    assert finds(source, {"message": json.dumps(TRAIL), "beside": "lab-word"}) == [1]


MANY = b"""\
title: Asked often
name: asked
logsource: {category: proxy}
detection: {s: {c-ip|startswith: "192"}, condition: s}
---
title: Often
correlation: {type: event_count, rules: [asked], group-by: [cs-host], timespan: 1h, condition: {gte: 2}}
"""


def test_a_value_in_quotes_is_of_the_group_of_the_same_without() -> None:
    item = ItemInfo(ref="r", format="w3c/1", logsource={"category": "proxy"})
    hosts_asked = ("lab.example", '"lab.example"', '"other.example"')
    rows = [
        Row(index=n, text="", fields={"c-ip": "192.0.2.1", "cs-host": host}, time=n)
        for n, host in enumerate(hosts_asked, 1)
    ]
    result = Scanner(compile_pack([("r.yml", MANY)])).run(item, rows)
    assert [row for _, row in result.matches] == [1, 2]


def test_a_row_without_a_time_is_told_once_however_often_it_is_read() -> None:
    event = {"Channel": SYSMON, "EventID": 1, **DATA, "Payload": json.dumps({**DATA, "User": "x"})}
    counted = STARTED.replace(b"title: t", b"title: t\nname: a") + (
        b"---\ntitle: c\ncorrelation: {type: event_count, rules: [a], timespan: 1h, condition: {gte: 1}}\n"
    )
    scanner = Scanner(compile_pack([("r.yml", counted)]))
    assert len(getattr(scanner.exports.read(flat(event)), "apart", ())) > 0
    result = scanner.run(ITEM, [Row(index=1, text="", fields=flat(event))])
    assert list(result.undated.values()) == [1]


def test_an_explanation_tells_of_the_reading_that_matches() -> None:
    pack = compile_pack([("r.yml", STARTED)])
    nested = {"Event": {"System": {"Channel": SYSMON, "EventID": 1}, "EventData": DATA}, "ParentImage": OUT}
    lines = explain(pack.rules[0], Row(index=1, text="", fields=flat(nested)), ITEM)
    assert any("relay.exe" in line for line in lines)


def test_what_many_readings_are_costs_their_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger writes a row that is below hundreds of names, one inside another: each reading is held
    against the others once."""
    row: dict[str, Any] = {"type": "v"}
    places = ("_source.", "result.", "document.data.", "data.aws.", "data.office365.", "data.github.")
    for number, place in enumerate(a + b + c for a in places for b in places for c in places):
        row |= {f"{place}Channel": SYSMON, f"{place}EventID": 1, f"{place}Image": f"C:\\{number}.exe"}
    looked: list[object] = []
    seen = Exports._seen

    def look(self: Exports, row: Any) -> object:
        looked.append(row)
        return seen(self, row)

    monkeypatch.setattr(Exports, "_seen", look)
    told = Exports(["Image"]).read(flat(row))
    assert isinstance(told, Made)
    assert len(told.apart) > 200
    assert len(looked) < 2 * len(told.apart)


def test_the_texts_of_a_row_are_put_together_once_for_all_rules_that_look_for_words() -> None:
    asked: list[int] = []

    def text() -> str:
        asked.append(1)
        return "a text"

    view = View(text, {"a": ["b", None, 3]})
    tests = [compile_test(Atom(field=None, kind="contains", value=word)) for word in ("lab", "b", "3", "tex")]
    assert [test(view) for test in tests] == [False, True, True, True]
    assert asked == [1]
