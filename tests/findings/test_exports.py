"""One event in the forms that tools export it in: rules find it in each, and under the same names."""

from __future__ import annotations

import json
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.evidence.formats import FormatName
from comity.evidence.parse import Value, fields_of
from comity.evidence.times import row_time
from comity.findings.export_forms import _find_kept, find_reading
from comity.findings.exports import HELD, KNOWN, Exports
from comity.findings.logsource import source_of
from comity.findings.match import Scanner
from comity.findings.pack import compile_pack
from comity.findings.reference import matches
from comity.findings.rows import ItemInfo, Row
from comity.findings.telling import _told_kept, told_products, zeek_logs

SYSMON = "Microsoft-Windows-Sysmon/Operational"
DATA = {
    "UtcTime": "2026-03-04 05:06:07.089",
    "ProcessId": "0x1f4",
    "Image": "C:\\Tools\\relay.exe",
    "CommandLine": 'relay.exe --to "203.0.113.9" <x>',
    "User": "LAB\\alda",
}
XML = (
    "<Event><System><Provider Name=\"{provider}\" Guid='{{1}}'/><EventID>1</EventID><Version>5</Version>"
    '<TimeCreated SystemTime="2026-03-04T05:06:07.0890Z"/><EventRecordID>7</EventRecordID>'
    '<Channel>{channel}</Channel><Computer>lab</Computer><Security UserId="0"/></System><EventData>'
    '<Data Name="Image">C:\\Tools\\relay.exe</Data>'
    "<Data Name='CommandLine'>relay.exe --to &quot;203.0.113.9&quot; &#60;x&gt;</Data>"
    '<Data Name="ProcessId">0x1f4</Data><Data Name="User">LAB\\alda</Data></EventData></Event>'
)
SYSTEM = {
    "Provider": {"#attributes": {"Name": "Microsoft-Windows-Sysmon", "Guid": "{1}"}},
    "EventID": 1,
    "TimeCreated": {"#attributes": {"SystemTime": "2026-03-04T05:06:07.089Z"}},
    "Channel": SYSMON,
    "Computer": "lab",
}
MESSAGE = "Process Create:\r\n" + "".join(f"{name}: {value}\r\n" for name, value in DATA.items())
FORMS: dict[str, dict[str, Any]] = {
    "flat, as NXLog and data sets of emulations": {
        "EventID": 1,
        "Channel": SYSMON,
        "SourceName": "Microsoft-Windows-Sysmon",
        "Hostname": "lab",
        "@timestamp": "2026-03-04T05:06:07.089Z",
        **DATA,
    },
    "nested, as parsers of event logs": {"Event": {"System": SYSTEM, "EventData": DATA}},
    "nested, numbers with text": {
        "Event": {
            "#attributes": {"xmlns": "http://schemas.microsoft.com/win/2004/08/events/event"},
            "System": {**SYSTEM, "EventID": {"#text": 1, "#attributes": {"Qualifiers": 0}}},
            "EventData": {"#attributes": {"Name": "x"}, **DATA},
        }
    },
    "nested, attributes apart": {
        "Event": {
            "System": {
                "Provider_attributes": {"Name": "Microsoft-Windows-Sysmon"},
                "EventID": 1,
                "TimeCreated_attributes": {"SystemTime": "2026-03-04T05:06:07.089Z"},
                "Channel": SYSMON,
                "Computer": "lab",
            },
            "EventData": DATA,
        }
    },
    "XML turned into JSON": {
        "Event": {
            "System": {
                "Provider": {"@Name": "Microsoft-Windows-Sysmon"},
                "EventID": "1",
                "TimeCreated": {"@SystemTime": "2026-03-04T05:06:07.089Z"},
                "Channel": SYSMON,
                "Computer": "lab",
            },
            "EventData": {"Data": [{"@Name": name, "#text": value} for name, value in DATA.items()]},
        }
    },
    "Velociraptor": {
        "System": {
            "Provider": {"Name": "Microsoft-Windows-Sysmon", "Guid": "1"},
            "EventID": {"Value": 1},
            "TimeCreated": {"SystemTime": 1772600767.089},
            "Channel": SYSMON,
            "Computer": "lab",
        },
        "EventData": DATA,
        "Message": "Process Create",
    },
    "winlogbeat": {
        "@timestamp": "2026-03-04T05:06:07.089Z",
        "event": {"code": "1", "provider": "Microsoft-Windows-Sysmon"},
        "winlog": {
            "channel": SYSMON,
            "event_id": 1,
            "provider_name": "Microsoft-Windows-Sysmon",
            "computer_name": "lab",
            "event_data": DATA,
        },
    },
    "winlogbeat with the Elastic Common Schema": {
        "@timestamp": "2026-03-04T05:06:07.089Z",
        "event": {"code": "1", "provider": "Microsoft-Windows-Sysmon"},
        "host": {"name": "lab"},
        "winlog": {"channel": SYSMON, "event_data": {"ProcessId": "0x1f4", "User": "LAB\\alda"}},
        "process": {"executable": DATA["Image"], "command_line": DATA["CommandLine"], "pid": 500},
    },
    "a hit of Elasticsearch": {
        "_index": "logs",
        "_source": {
            "@timestamp": "2026-03-04T05:06:07.089Z",
            "winlog": {"channel": SYSMON, "event_id": "1", "computer_name": "lab", "event_data": DATA},
        },
    },
    "winlogbeat before 7": {
        "@timestamp": "2026-03-04T05:06:07.089Z",
        "log_name": SYSMON,
        "event_id": 1,
        "source_name": "Microsoft-Windows-Sysmon",
        "computer_name": "lab",
        "event_data": DATA,
    },
    "Wazuh": {
        "data": {
            "win": {
                "system": {
                    "channel": SYSMON,
                    "eventID": "1",
                    "providerName": "Microsoft-Windows-Sysmon",
                    "computer": "lab",
                    "systemTime": "2026-03-04T05:06:07.089Z",
                },
                "eventdata": {name[0].lower() + name[1:]: value for name, value in DATA.items()},
            }
        }
    },
    "EvtxECmd": {
        "EventId": 1,
        "Provider": "Microsoft-Windows-Sysmon",
        "Channel": SYSMON,
        "Computer": "lab",
        "TimeCreated": "2026-03-04T05:06:07.0890000+00:00",
        "Payload": json.dumps(
            {"EventData": {"Data": [{"@Name": name, "#text": value} for name, value in DATA.items()]}}
        ),
    },
    "flat, other names": {
        "EventCode": "1",
        "LogName": SYSMON,
        "ComputerName": "lab",
        "TimeGenerated": "2026-03-04 05:06:07.089Z",
        **DATA,
    },
    "flat, other letters": {
        "eventid": 1,
        "channel": SYSMON.upper(),
        "computer": "lab",
        "time": "2026-03-04 05:06:07.089Z",
        **{name.lower(): value for name, value in DATA.items()},
    },
    "flat, a provider alone": {
        "EventID": 1,
        "ProviderName": "Microsoft-Windows-Sysmon",
        "time": "2026-03-04 05:06:07.089Z",
        **DATA,
    },
    "a shell's, with the message": {
        "Id": 1,
        "LogName": SYSMON,
        "ProviderName": "Microsoft-Windows-Sysmon",
        "MachineName": "lab",
        "TimeCreated": "2026-03-04T05:06:07.089Z",
        "Message": MESSAGE,
    },
    "a finding of another detector, with its event": {
        "group": "Sigma",
        "document": {"kind": "evtx", "data": {"Event": {"System": SYSTEM, "EventData": DATA}}},
        "timestamp": "2026-03-04T05:06:07.089Z",
    },
    "a timeline with the XML": {
        "data_type": "windows:evtx:record",
        "event_identifier": 1,
        "source_name": "Microsoft-Windows-Sysmon",
        "xml_string": XML.format(provider="Microsoft-Windows-Sysmon", channel=SYSMON),
    },
    "a search with the channel in its source": {
        "EventCode": "1",
        "source": f"XmlWinEventLog:{SYSMON}",
        "_time": "2026-03-04T05:06:07.089+00:00",
        **DATA,
    },
    "a search with fields and the XML": {
        "result": {
            "EventID": "1",
            "Channel": SYSMON,
            "Image": "C:\\Tools\\relay.exe",
            "_time": "2026-03-04T05:06:07.089+00:00",
            "_raw": XML.format(provider="Microsoft-Windows-Sysmon", channel=SYSMON),
        }
    },
    "a table of a cloud, data as an object": {
        "TimeGenerated": "2026-03-04T05:06:07.089Z",
        "Provider": "Microsoft-Windows-Sysmon",
        "Channel": SYSMON,
        "EventID": 1,
        "EventData": DATA,
    },
    "a table of a cloud, data as JSON in a text": {
        "TimeGenerated": "2026-03-04T05:06:07.089Z",
        "Channel": SYSMON,
        "EventID": 1,
        "EventData": json.dumps(DATA),
    },
    "a table of a cloud, data as XML in a text": {
        "TimeGenerated": "2026-03-04T05:06:07.089Z",
        "Source": "Microsoft-Windows-Sysmon",
        "EventLog": SYSMON,
        "EventID": 1,
        "EventData": '<DataItem type="System.XmlData"><EventData xmlns="x">'
        + "".join(f'<Data Name="{name}">{escape(value)}</Data>' for name, value in DATA.items())
        + "</EventData></DataItem>",
    },
    "XML inside of JSON": {"_raw": XML.format(provider="Microsoft-Windows-Sysmon", channel=SYSMON)},
}
RULE = b"""\
title: Relay started
logsource: {product: windows, category: process_creation}
detection:
    sel: {EventID: 1, Image|endswith: '\\relay.exe', CommandLine|contains: '"203.0.113.9" <x>'}
    process: {ProcessId: 0x1f4}
    nobody: {User|exists: false}
    condition: sel and process and not nobody
"""
KEYWORD = b"""\
title: Relay spoken of
logsource: {product: windows}
detection: {words: ['--to "203.0.113.9" <x>'], condition: words}
"""


def hits(
    rule: bytes, raws: list[bytes], form: FormatName = "jsonl/1", context: bytes | None = None
) -> set[int]:
    """The rows that a rule finds, by the batch and one by one."""
    pack = compile_pack([("r.yml", rule)])
    assert not pack.unusable, pack.unusable
    item = ItemInfo(ref="r", format=form)
    rows = []
    for index, raw in enumerate(raws, 1):
        fields = fields_of(form, raw, context)
        assert isinstance(fields, dict), fields
        rows.append(Row(index=index, text=raw.decode(), fields=fields))
    scanner = Scanner(pack)
    found = {row for _, row in scanner.run(item, rows).matches}
    assert found == {row.index for row, digests in scanner.scan(item, rows) if digests}
    return found


@pytest.mark.parametrize("form", FORMS)
def test_a_windows_event_is_found_in_every_form(form: str) -> None:
    raw = json.dumps(FORMS[form]).encode()
    assert hits(RULE, [raw]) == {1}
    other = json.dumps(FORMS[form]).replace("relay.exe", "other.exe").encode()
    assert hits(RULE, [other, raw]) == {2}
    assert hits(KEYWORD, [other, raw]) >= {2}


@pytest.mark.parametrize("form", FORMS)
def test_a_form_has_the_time_of_its_event(form: str) -> None:
    fields = fields_of("jsonl/1", json.dumps(FORMS[form]).encode(), None)
    assert isinstance(fields, dict)
    assert row_time("jsonl/1", Exports(()).read(fields), None) == 1772600767_089000


def test_a_word_is_found_where_it_stands_escaped_twice() -> None:
    """What a payload inside of a text says does not stand in the row's bytes as it is."""
    for form in ("EvtxECmd", "XML inside of JSON", "a shell's, with the message"):
        assert hits(KEYWORD, [json.dumps(FORMS[form]).encode()]) == {1}


@pytest.mark.parametrize("separator", ["csv/1"])
def test_tables_of_events_are_read_as_rows(separator: FormatName) -> None:
    head = b"EventId,Provider,Channel,Payload"
    payload = FORMS["EvtxECmd"]["Payload"].replace('"', '""')
    row = f'1,Microsoft-Windows-Sysmon,{SYSMON},"{payload}"'.encode()
    assert hits(RULE, [row], separator, head) == {1}
    head = b'"Image","CommandLine","ProcessId","User","EventID","Channel"'
    row = f'"{DATA["Image"]}","relay.exe --to ""203.0.113.9"" <x>","0x1f4","a","1","{SYSMON}"'.encode()
    assert hits(RULE, [row], separator, head) == {1}


def test_data_does_not_take_the_place_of_what_the_system_says() -> None:
    """An event whose data is called like a part of its System keeps both apart."""
    row = {"Event": {"System": SYSTEM, "EventData": {"Channel": "Security", "EventID": 4688, **DATA}}}
    fields = Exports(()).read({"Event.System.Channel": "A", "Event.EventData.Channel": "B"})
    assert fields == {"Channel": "A", "EventData_Channel": "B"}
    assert hits(RULE, [json.dumps(row).encode()]) == {1}
    flat = {**FORMS["EvtxECmd"]}
    flat["Payload"] = flat["Payload"].replace("UtcTime", "Channel")
    assert hits(RULE, [json.dumps(flat).encode()]) == {1}
    # A text inside of an event of Windows is not an event.
    claim = {"Channel": "Security", "EventID": 4624, "message": FORMS["XML inside of JSON"]["_raw"]}
    assert hits(RULE, [json.dumps(claim).encode()]) == set()


def test_an_event_whose_names_have_a_prefix_is_one() -> None:
    xml = FORMS["XML inside of JSON"]["_raw"].lstrip()
    event = xml[xml.index("<Event") :].replace("</", "</n:").replace("<", "<n:").replace("<n:/n:", "</n:")
    event = event.replace("xmlns=", "xmlns:n=")
    assert event.startswith("<n:Event>")
    for name in ("_raw", "message"):
        assert hits(RULE, [json.dumps({name: event, "host": "lab"}).encode()]) == {1}


def test_one_event_below_the_names_of_many_is_one() -> None:
    row = {"Events": {"Event": {"System": SYSTEM, "EventData": DATA}}}
    assert hits(RULE, [json.dumps(row).encode()]) == {1}


def test_a_whole_event_beside_fields_of_it_says_what_they_lack() -> None:
    xml = XML.format(provider="p", channel="System").replace("<EventID>", "<EventID Qualifiers='16384'>")
    row: dict[str, Value] = {"Channel": "system", "EventID": "1", "User": "own", "_raw": xml}
    fields = Exports(()).read(row)
    assert fields["Provider_Name"] == "p"
    assert fields["User"] == "own"
    assert fields["ProcessId"] == "0x1f4"
    # Of another event it says nothing.
    for other in ({"Channel": "Security"}, {"EventID": 2}, {"EventID": None}, {"_raw": "<Event><System>"}):
        changed: dict[str, Value] = {**row, **other}
        assert Exports(()).read(changed) == changed


def test_an_event_inside_of_a_text_says_all_that_an_event_log_would() -> None:
    head = "<Event><System><EventID Qualifiers='0'>104</EventID><Channel>System</Channel></System>"
    user = "<Cleared xmlns='x'><SubjectUserName>alda</SubjectUserName><Channel>App</Channel><BackupPath/>"
    read = Exports(()).read({"_raw": f"{head}<UserData>{user}</Cleared></UserData></Event>"})
    assert (read["EventID"], read["Channel"]) == ("104", "System")
    assert (read["SubjectUserName"], read["EventData_Channel"]) == ("alda", "App")
    data = "<EventData><Data>one</Data><Data>two</Data><Data Name='Empty'/><Binary>00</Binary></EventData>"
    read = Exports(()).read({"_raw": f"{head}{data}</Event>"})
    assert (read["Data"], read["Empty"]) == (["one", "two"], "")


def test_a_column_of_the_exporter_makes_way_for_data() -> None:
    flat = {**FORMS["EvtxECmd"], "User": "mapped", "ProcessId": 4, "Level": "Info"}
    flat["Payload"] = flat["Payload"].replace("UtcTime", "Level")
    fields = Exports(()).read(flat)
    assert (fields["User"], fields["ProcessId"], fields["Level"]) == ("LAB\\alda", "0x1f4", "Info")
    assert hits(RULE, [json.dumps(flat).encode()]) == {1}


def test_rules_of_zeek_are_asked_of_zeek_alone() -> None:
    source = b"logsource: {product: zeek, service: rdp}\n"
    rule = source + b"detection: {s: {id.orig_h|exists: true}, condition: not s}\n"
    assert hits(rule, [b'{"eventName": "CreateUser"}', b'{"index": {}}']) == set()
    assert hits(rule, [b'{"_path": "rdp", "ts": 1.5, "cookie": "a"}']) == {1}


def test_user_data_gives_its_innermost_names() -> None:
    row = {
        "Event": {"System": SYSTEM, "UserData": {"Change": {"#attributes": {"xmlns": "x"}, "Param1": "a"}}}
    }
    fields = fields_of("jsonl/1", json.dumps(row).encode(), None)
    assert isinstance(fields, dict)
    assert Exports(()).read(fields)["Param1"] == "a"


def test_numbers_of_a_reader_are_written_as_windows_writes_them() -> None:
    row = json.loads(json.dumps(FORMS["Velociraptor"]))
    row["EventData"]["GrantedAccess"] = 0x1410
    fields = fields_of("jsonl/1", json.dumps(row).encode(), None)
    assert isinstance(fields, dict)
    assert Exports(()).read(fields)["GrantedAccess"] == "0x1410"


def test_an_export_without_a_channel_of_windows_stays_what_it_is() -> None:
    row: dict[str, Value] = {"EventCode": 1, "LogName": "ours", "source": "app", "id": 3}
    assert Exports(()).read(row) == row
    assert source_of(ItemInfo(ref="r", format="jsonl/1"), Exports(()).read(row)).platform == ""


LINUX = b"""\
logsource: {product: linux, category: process_creation}
detection: {sel: {Image|endswith: relay.exe, CommandLine|contains: '"203.0.113.9" <x>'}, condition: sel}
"""


def test_sysmon_for_linux_in_syslog() -> None:
    line = "Mar  4 05:06:07 lab sysmon: " + XML.format(
        provider="Linux-Sysmon", channel="Linux-Sysmon/Operational"
    )
    assert hits(LINUX, [line.encode(), b"Mar  4 05:06:07 lab sysmon: <Event><System>"], "lines/1") == {1}
    assert hits(RULE, [line.encode()], "lines/1") == set()


AUDIT = b"""\
logsource: {product: linux, service: auditd}
detection: {sel: {type: EXECVE, a0|endswith: relay, a1|contains: 'to 203.0.113.9'}, condition: sel}
"""


def test_the_audit_log_of_linux_as_text_and_json() -> None:
    text = b'type=EXECVE msg=audit(1772600767.089:42): argc=2 a0="/opt/relay" a1=746F203230332E302E3131332E39'
    assert hits(AUDIT, [text, b"type=EXECVE msg=audit(1.1:1): argc=1"], "lines/1") == {1}
    assert hits(AUDIT, [json.dumps({"host": "lab", "message": text.decode()}).encode()]) == {1}
    flat = {"type": "EXECVE", "a0": "/opt/relay", "a1": "to 203.0.113.9"}
    assert hits(AUDIT, [json.dumps(flat).encode()]) == {1}
    beat = {"auditd": {"message_type": "execve", "data": {"a0": "/opt/relay", "a1": "to 203.0.113.9"}}}
    assert hits(AUDIT, [json.dumps(beat).encode()]) == {1}
    nested = {"ID": "1", "SYSCALL": {"type": "EXECVE"}, "EXECVE": {"argv": ["/opt/relay", "to 203.0.113.9"]}}
    assert hits(AUDIT, [json.dumps(nested).encode()]) == {1}


WEB = b"""\
logsource: {category: webserver}
detection: {sel: {cs-method: GET, cs-uri-query|contains: '../', sc-status: 200}, condition: sel}
"""


def test_lines_of_a_web_server_that_nobody_declared() -> None:
    lines = [
        b'203.0.113.9 - - [04/Mar/2026:05:06:07 +0000] "GET /a?f=../b HTTP/1.1" 200 17 "-" "tool"',
        b'203.0.113.9 - - [04/Mar/2026:05:06:07 +0000] "GET /a?f=../b HTTP/1.1" 404 17 "-" "tool"',
        b"no line of a web server, HTTP/1.1 or not",
    ]
    assert hits(WEB, lines, "lines/1") == {1}
    wrapped = [json.dumps({"log": {"offset": 1}, "message": line.decode()}).encode() for line in lines]
    assert hits(WEB, wrapped) == {1}


DNS = b"""\
logsource: {category: dns}
detection: {sel: {query|endswith: .example, record_type: TXT}, condition: sel}
"""


def test_zeek_logs_that_do_not_name_themselves() -> None:
    row: dict[str, Value] = {
        "ts": 1.5,
        "uid": "C1",
        "id.orig_h": "192.0.2.1",
        "trans_id": 1,
        "rejected": False,
    }
    row |= {"query": "a.example", "qtype_name": "TXT"}
    assert zeek_logs(row) == ("dns",)
    assert hits(DNS, [json.dumps(row).encode()]) == {1}
    heads = b"#fields\tts\tuid\tid.orig_h\ttrans_id\trejected\tquery\tqtype_name"
    assert hits(DNS, [b"1.5\tC1\t192.0.2.1\t1\tF\ta.example\tTXT"], "zeek/1", heads) == {1}
    plain: dict[str, Value] = {"ts": 1.5, "query": "a.example", "qtype_name": "TXT"}
    assert zeek_logs(plain) == ()


CLOUD = b"""\
logsource: {product: aws, service: cloudtrail}
detection:
    sel: {eventSource: iam.amazonaws.com, eventName: CreateUser, requestParameters.userName|contains: relay}
    condition: sel
"""
DIRECTORY = b"""\
logsource: {product: azure, service: auditlogs}
detection: {sel: {properties.message: Add user, Resultdescription|contains: done}, condition: sel}
"""
IDENTITY = b"""\
logsource: {product: okta, service: okta}
detection: {sel: {eventtype: user.session.start, outcome.result: FAILURE}, condition: sel}
"""


def test_logs_of_clouds_and_directories() -> None:
    trail = {"eventSource": "iam.amazonaws.com", "eventName": "CreateUser"}
    trail["requestParameters"] = {"userName": "Relay-1"}  # type: ignore[assignment]
    assert hits(CLOUD, [json.dumps(trail).encode()]) == {1}
    audit = {"properties": {"message": "add user"}, "resultDescription": "All done"}
    assert hits(DIRECTORY, [json.dumps(audit).encode()]) == {1}
    session = {"eventType": "user.session.start", "outcome": {"result": "FAILURE"}}
    assert hits(IDENTITY, [json.dumps(session).encode()]) == {1}


LETTERS = b"""\
logsource: {product: test}
detection:
    sel: {fieldName: a, other|fieldref: FIELDNAME}
    none: {Gone|exists: true}
    condition: sel and not none
"""


def test_letters_of_a_field_do_not_matter_where_the_name_is_not_there() -> None:
    assert hits(LETTERS, [b'{"FieldName": "a", "OTHER": "A"}']) == {1}
    # The exact name goes first; of several others the first in the row.
    assert hits(LETTERS, [b'{"FIELDNAME": "a", "fieldName": "b", "other": "a"}']) == set()
    assert hits(LETTERS, [b'{"FieldName": "a", "Fieldname": "b", "other": "a"}']) == {1}
    assert hits(LETTERS, [b'{"FieldName": "a", "OTHER": "A", "GONE": null}']) == set()


def test_marks_between_letters_do_not_matter_where_no_name_has_the_same_letters() -> None:
    assert hits(LETTERS, [b'{"field-name": "a", "_OTHER": "A"}']) == {1}
    # Exact, then other letters, then other marks; of several the first in the row.
    assert hits(LETTERS, [b'{"field_name": "a", "FIELDNAME": "b", "other": "a"}']) == set()
    assert hits(LETTERS, [b'{"field name": "a", "field.name": "b", "other": "a"}']) == {1}
    assert hits(LETTERS, [b'{"fieldName": "a", "other": "a", "go-ne": null}']) == set()
    assert hits(LETTERS, ['{"fi\u00ebldName": "a", "other": "a"}'.encode()]) == set()
    # A name of nothing but marks is no name's other form.
    assert Exports(["--", "a"]).read({"__": 1, "A": 2}) == {"__": 1, "A": 2, "a": 2}


SPELLINGS = ("Data", "data", "DATA", "da-ta", "da_TA", "d a t a", "dat\u00e4", "-", "\u017f", "S", "s", "")


@given(
    st.sampled_from(SPELLINGS[:-1]),
    st.dictionaries(st.sampled_from(SPELLINGS), st.sampled_from("ab"), min_size=1),
)
def test_a_name_is_found_as_the_obvious_matcher_finds_it(wanted: str, row: dict[str, str]) -> None:
    rule = f'logsource: {{product: test}}\ndetection: {{s: {{"{wanted}": a}}, condition: s}}\n'.encode()
    found = hits(rule, [json.dumps(row).encode()])
    assert bool(found) is matches(rule, Row(index=1, text="", fields=row))


def test_hostile_names_are_remembered_within_bounds() -> None:
    exports = Exports(["Image"])
    for number in range(9000):
        exports.read({f"n{number}": 1, "image": "a"})
    assert len(exports._known) <= KNOWN
    find_reading(("Image",))
    kept = _find_kept.cache_info().currsize
    for number in range(30):
        exports.read({f"n{number}.{n}": 1 for n in range(20_000)})
        assert sum(map(len, exports._known)) <= HELD
    assert _find_kept.cache_info().currsize == kept
    deep: dict[str, Value] = {"Payload": '{"EventData":' + '{"a":' * 5000, "Channel": SYSMON, "EventId": 1}
    assert exports.read(deep)["EventID"] == 1


def test_attack_long_names_are_not_remembered() -> None:
    kept = told_products({"ts": 1}), _told_kept.cache_info().currsize, _find_kept.cache_info().currsize
    exports = Exports(())
    for n in range(20):
        row: dict[str, Value] = {f"{n} {m} {'x' * 100_000}": "v" for m in range(9)}
        exports.read(row)
        told_products(row)
        assert sum(len(name) for names in exports._known for name in names) <= HELD
    assert (_told_kept.cache_info().currsize, _find_kept.cache_info().currsize) == kept[1:]
