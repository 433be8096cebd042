"""Values without names, names without values, and rows that say too little: each is told right."""

from __future__ import annotations

import json
from typing import Any

import pytest

from comity.evidence.parse import Value, fields_of
from comity.findings import taxonomy_fields
from comity.findings.deriving import add_derived
from comity.findings.export_messages import read_timeline
from comity.findings.exports import Exports
from comity.findings.logsource import source_of
from comity.findings.match import Scanner
from comity.findings.pack import compile_pack
from comity.findings.rows import ItemInfo, Row
from comity.findings.taxonomy_fields import names_by_order

ITEM = ItemInfo(ref="r", format="jsonl/1")
AUDIT = "Microsoft-Windows-Security-Auditing"
STARTED = b"""\
title: Relay started
logsource: {product: windows, category: process_creation}
detection: {sel: {NewProcessName|endswith: '\\\\relay.exe', CommandLine|contains: ' --to '}, condition: sel}
"""
SPOKEN = b"""\
title: A word of another product
logsource: {product: cisco, service: aaa}
detection: {words: [username], condition: words}
"""
VALUES = ["S-1-5-18", "LAB$", "LAB", 999, 6712, "C:\\t\\relay.exe", "%%1936", 500, "relay --to x"]


def read(row: dict[str, Any]) -> dict[str, Value]:
    fields = fields_of("jsonl/1", json.dumps(row).encode(), None)
    assert isinstance(fields, dict)
    return dict(Exports(("Provider_Name", "Data")).read(fields))


def hits(rule: bytes, *rows: dict[str, Any]) -> list[int]:
    pack = compile_pack([("r.yml", rule)])
    assert not pack.unusable
    events = []
    for index, row in enumerate(rows, 1):
        raw = json.dumps(row).encode()
        fields = fields_of("jsonl/1", raw, None)
        assert isinstance(fields, dict)
        events.append(Row(index=index, text=raw.decode(), fields=fields))
    return sorted(row for _, row in Scanner(pack).run(ITEM, events).matches)


def from_a_shell(event: int, values: list[Any], **more: Any) -> dict[str, Any]:
    """What ``Get-WinEvent | ConvertTo-Json`` writes where Windows speaks another language."""
    return {
        "Id": event,
        "Version": 1,
        "ProviderName": AUDIT,
        "LogName": "Security",
        "ProcessId": 4,
        "MachineName": "lab",
        "UserId": None,
        "TimeCreated": "/Date(1772600767089)/",
        "Properties": [{"Value": value} for value in values],
        "Message": "Ein neuer Prozess wurde erstellt.",
        **more,
    }


def test_values_get_their_names_by_event_and_number() -> None:
    row = from_a_shell(4688, VALUES)
    fields = read(row)
    assert fields["NewProcessId"] == "0x1a38"
    assert fields["ProcessId"] == "0x1f4"
    assert fields["SubjectLogonId"] == "0x3e7"
    assert fields["CommandLine"] == "relay --to x"
    assert hits(STARTED, row, from_a_shell(4689, VALUES)) == [1]
    # A shell that is asked for more depth writes identifiers as objects.
    sid = {"BinaryLength": 12, "AccountDomainSid": None, "Value": "S-1-5-18"}
    assert read(from_a_shell(4688, [sid, *VALUES[1:]])) == fields
    # A later version has more of them; of a number that no version has, nothing is said.
    assert hits(STARTED, from_a_shell(4688, [*VALUES, "S-1", "-", "-", 0, "C:\\p.exe", "S-1-16-8192"])) == [1]
    assert read(from_a_shell(4688, VALUES[:-3]))["Data"] == VALUES[:6]
    assert hits(STARTED, from_a_shell(4688, [*VALUES, "x"])) == []


def test_data_of_the_network_is_decimal_also_in_the_audit() -> None:
    values = [4, "\\device\\a.exe", "%%14593", "10.0.0.1", "50000", "203.0.113.9", "443", 6, 0, "%%14611", 48]
    fields = read(from_a_shell(5156, [*values, "S-1-0-0", "S-1-0-0"]))
    assert (fields["ProcessID"], fields["DestPort"]) == (4, "443")
    derived = add_derived(source_of(ITEM, fields), fields)
    assert (derived["Initiated"], derived["Protocol (name)"]) == ("true", "tcp")


def test_no_two_versions_of_an_event_have_equally_many_names() -> None:
    lines = [line for line in taxonomy_fields._TABLE.replace("\n   ", " ").splitlines() if ": " in line]
    ends = sum(len(line.partition(": ")[0].split()) * (1 + line.count("|")) for line in lines)
    assert len(taxonomy_fields._table()) == ends
    assert names_by_order("microsoft-windows-sysmon", "1", 22) != names_by_order(
        "microsoft-windows-sysmon", "1", 23
    )
    assert names_by_order("microsoft-windows-windows defender", "5007", 4) == (
        *("Product Name", "Product Version", "Old Value", "New Value"),
    )
    assert names_by_order("microsoft-windows-sysmon", "1", 5) is None


TIMELINE = (
    "[4688 / 0x1250] Provider identifier: {54849625-5478-4994-a5ba-3e3b0328c30d} "
    f"Source Name: {AUDIT} Strings: ['S-1-5-18', 'LAB$', 'LAB', '0x3e7', '0x1a38', "
    "'C:\\\\t\\\\relay.exe', '%%1936', '0x1f4', \"relay --to 'x'\\n\"] "
    "Computer Name: lab Record Number: 77 Event Level: 0"
)


def test_timelines_give_strings_in_order() -> None:
    row = {"datetime": "2026-03-04T05:06:07+00:00", "source": "EVT", "message": TIMELINE, "tag": "-"}
    fields = read(row)
    assert (fields["Channel"], fields["EventID"], fields["EventRecordID"]) == ("Security", "4688", "77")
    assert fields["CommandLine"] == "relay --to 'x'\n"
    assert hits(STARTED, row, {**row, "message": TIMELINE.replace("4688 / 0x1250", "4689 / 0x1251")}) == [1]
    assert hits(STARTED, {"date": "03/04/2026", "short": "x", "desc": TIMELINE}) == [1]
    spread = {"event_identifier": 4688, "source_name": AUDIT, "strings": [str(value) for value in VALUES]}
    assert hits(STARTED, {"data_type": "windows:evtx:record", "timestamp": 1, **spread}) == [1]
    # An event of a provider that nothing is known of is one of Windows all the same.
    fields = read({"message": "[17 / 0x0011] Source Name: Relay Strings: ['a', 'b'] Computer Name: lab"})
    assert (fields["Channel"], fields["EventID"]) == ("", "17")


@pytest.mark.parametrize(
    "text",
    ["", "[1 / 0x1] Strings: ['a']", "[x / 0x1] Source Name: a Strings: []", "Source Name: a Strings: ['a']"],
)
def test_what_is_no_timeline_is_none(text: str) -> None:
    assert read_timeline(text) is None


def test_a_timeline_that_breaks_off_gives_what_stands_before() -> None:
    assert read_timeline("[1 / 0x1] Source Name: a Strings: ['b', 'c") == {
        "event_identifier": "1",
        "source_name": "a",
        "strings": ["b"],
    }
    odd = read_timeline(r"[1 / 0x1] Source Name: a Strings: ['\x41\u0042\U00000043\ud800\t\q', ''] x")
    assert odd is not None
    assert odd["strings"] == ["ABC\\ud800\tq", ""]


SYSTEM = {
    "Provider": {"@Name": AUDIT},
    "EventID": "4688",
    "Channel": "Security",
    "Computer": "lab",
}


@pytest.mark.parametrize(
    "data",
    [
        [{"@Name": "RuleName"}, {"@Name": "NewProcessName", "#text": "C:\\relay.exe"}],
        [{"-Name": "RuleName"}, {"-Name": "NewProcessName", "#text": "C:\\relay.exe"}],
        [{"$": {"Name": "RuleName"}}, {"$": {"Name": "NewProcessName"}, "_": "C:\\relay.exe"}],
        [
            {"#attributes": {"Name": "R"}},
            {"#attributes": {"Name": "NewProcessName"}, "#text": "C:\\relay.exe"},
        ],
        [{"Name": "RuleName", "Value": ""}, {"Name": "NewProcessName", "Value": "C:\\relay.exe"}],
        {"@Name": "NewProcessName", "#text": "C:\\relay.exe"},
    ],
)
def test_empty_data_of_xml_written_as_json_moves_no_name(data: Any) -> None:
    line = {"@Name": "CommandLine", "#text": "a --to b"}
    if isinstance(data, list):
        mark = next(iter(data[0]))
        lines: dict[str, dict[str, Any]] = {
            "@Name": line,
            "-Name": {"-Name": "CommandLine", "#text": "a --to b"},
            "$": {"$": {"Name": "CommandLine"}, "_": "a --to b"},
            "#attributes": {"#attributes": {"Name": "CommandLine"}, "#text": "a --to b"},
            "Name": {"Name": "CommandLine", "Value": "a --to b"},
        }
        data = [*data, lines[mark]]
    else:
        data = [data, line]
    row = {"Event": {"System": SYSTEM, "EventData": {"Data": data}}}
    assert hits(STARTED, row) == [1]
    fields = read(row)
    assert fields["Provider_Name"] == AUDIT
    # Alone, and with nothing in it.
    assert read({"Event": {"System": SYSTEM, "EventData": {"Data": {"@Name": "RuleName"}}}})["RuleName"] == ""


@pytest.mark.parametrize(
    "row",
    [
        {"EventId": 17, "Provider": "Relay", "Channel": "Relay/Operational", "Payload": "{}"},
        {"EventID": 6, "EventLog": "Microsoft-Windows-RPC/Debug", "Source": "Microsoft-Windows-RPC"},
        {"EventID": 6, "SourceName": "Microsoft-Windows-RPC"},
        {"winlog": {"channel": None, "event_id": "6", "provider_name": "Microsoft-Windows-RPC"}},
        {"data": {"win": {"system": {"eventID": "6", "providerName": "Microsoft-Windows-RPC"}}}},
    ],
)
def test_an_event_of_windows_is_asked_no_rule_of_another_product(row: dict[str, Any]) -> None:
    assert hits(SPOKEN, {"text": "username"}) == [1]
    assert hits(SPOKEN, {**row, "text": "username"}) == []


def test_a_collector_s_channel_says_nothing_of_an_event() -> None:
    row = {"EventCode": 4688, "LogName": "ForwardedEvents", "SourceName": AUDIT}
    started = {"NewProcessName": "C:\\relay.exe", "CommandLine": "x --to y"}
    assert hits(STARTED, {**row, **started}) == [1]
    assert hits(STARTED, {"EventCode": 4688, "source": "WinEventLog:ForwardedEvents", **started}) == []
    assert read({"EventID": 104, "SourceName": "Microsoft-Windows-Eventlog"})["Channel"] == "System"


RULE_OF_NETWORK = b"""\
title: Out
logsource: {product: windows, category: network_connection}
detection: {sel: {Initiated: 'true', DestinationPort: 443}, condition: sel}
"""


def test_what_is_derived_does_not_hang_on_letters_or_on_a_table_s_empty_cells() -> None:
    data = {"application": "a.exe", "direction": "%%14593", "protocol": "6", "destPort": "443"}
    system = {"channel": "Security", "eventID": "5156", "providerName": AUDIT}
    assert hits(RULE_OF_NETWORK, {"data": {"win": {"system": system, "eventdata": data}}}) == [1]
    upper = {name[0].upper() + name[1:]: value for name, value in data.items()}
    assert hits(RULE_OF_NETWORK, {"Channel": "Security", "EventID": 5156, "Initiated": "", **upper}) == [1]


@pytest.mark.parametrize(
    "row",
    [
        {
            "event": {"code": "4688", "provider": AUDIT},
            "process": {"executable": "C:\\relay.exe", "command_line": "a --to b"},
        },
        {
            "winlogbeat_winlog_channel": "Security",
            "winlogbeat_winlog_event_id": 4688,
            "winlogbeat_winlog_event_data_NewProcessName": "C:\\relay.exe",
            "winlogbeat_winlog_event_data_CommandLine": "a --to b",
            "message": "x",
        },
    ],
)
def test_other_spellings_of_a_shipper(row: dict[str, Any]) -> None:
    assert hits(STARTED, row) == [1]


def test_the_common_schema_of_another_product_is_not_windows() -> None:
    row = {"event": {"code": "4688", "provider": "relay"}, "process": {"executable": "C:\\relay.exe"}}
    assert read(row)["process.executable"] == "C:\\relay.exe"


HASHED = b"""\
title: A known file
logsource: {product: windows, category: process_creation}
detection: {sel: {Hashes|contains: ['IMPHASH=0123', 'MD5=abcd']}, condition: sel}
"""


@pytest.mark.parametrize(
    "row",
    [
        {
            "winlog": {
                "channel": "Microsoft-Windows-Sysmon/Operational",
                "event_id": "1",
                "event_data": {"a": "b"},
            },
            "process": {"hash": {"sha1": "ff", "md5": "abcd"}},
        },
        {
            "winlog": {
                "channel": "Microsoft-Windows-Sysmon/Operational",
                "event_id": "1",
                "event_data": {"a": "b"},
            },
            "process": {"pe": {"imphash": "0123"}, "hash": {"md5": "x"}},
        },
        {"Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": 1, "IMPHASH": "0123", "SHA256": "7"},
    ],
)
def test_hashes_in_fields_of_their_own_are_put_together(row: dict[str, Any]) -> None:
    assert hits(HASHED, row) == [1]
    # What stands beside an event that is nested takes nothing from it.
    assert hits(HASHED, {**row, "Hashes": "SHA1=ff"}) == ([1] if "winlog" in row else [])


def test_a_nested_event_without_a_channel_is_of_its_provider_s() -> None:
    system = {"Provider": {"#attributes": {"Name": AUDIT}}, "EventID": 4688}
    data = {"NewProcessName": "C:\\relay.exe", "CommandLine": "a --to b"}
    assert hits(STARTED, {"Event": {"System": system, "EventData": data}}) == [1]
    other = {"Provider": {"#attributes": {"Name": "Relay"}}, "EventID": 4688}
    assert hits(STARTED, {"Event": {"System": other, "EventData": data}}) == []
