"""Windows' own audit under the names of Sysmon: the registry, connections, processes, DNS, viruses."""

from __future__ import annotations

import json

import pytest

from comity.dossier import rerun
from comity.dossier.rerun import Reading, run_item
from comity.evidence.bulk import read_batches
from comity.findings.derived_events import DERIVED, derive_event
from comity.findings.finding import Parameters
from comity.findings.match import Scanner
from comity.findings.pack import compile_pack
from comity.findings.rows import ItemInfo, Row, Value

ITEM = ItemInfo(ref="r", format="jsonl/1")
VALUE: dict[str, Value] = {
    "Channel": "Security",
    "EventID": 4657,
    "SubjectUserName": "alda",
    "ObjectName": "\\REGISTRY\\MACHINE\\SYSTEM\\ControlSet001\\Services\\relay",
    "ObjectValueName": "Start",
    "OperationType": "%%1905",
    "OldValueType": "%%1876",
    "OldValue": "2",
    "NewValueType": "%%1876",
    "NewValue": "4",
    "ProcessName": "C:\\Tools\\relay.exe",
}
CONNECTION: dict[str, Value] = {
    "Channel": "Security",
    "EventID": "5156",
    "Application": "\\device\\harddiskvolume2\\tools\\relay.exe",
    "Direction": "%%14593",
    "SourceAddress": "192.0.2.7",
    "SourcePort": "50001",
    "DestAddress": "203.0.113.9",
    "DestPort": "4444",
    "Protocol": "6",
}


@pytest.fixture(autouse=True)
def walked(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few rows there are, they are walked by their shape where that can be."""
    monkeypatch.setattr(rerun, "WORTH", 0)


def found(rule: str, fields: dict[str, Value]) -> bool:
    """Whether a rule matches a row: by the batch, by itself, and as bytes of a file."""
    pack = compile_pack([("r.yml", rule.encode())])
    assert not pack.unusable, pack.unusable
    scanner = Scanner(pack)
    row = Row(index=1, text="", fields=fields)
    matched = bool(scanner.run(ITEM, [row]).matches)
    ((_, digests),) = scanner.scan(ITEM, [row])
    assert bool(digests) is matched
    lines = json.dumps(fields).encode()
    for count in (1, 40):
        batches = read_batches("jsonl/1", [b"\n".join([lines] * count)])
        result = run_item(Scanner(pack), pack, ITEM, "jsonl/1", batches, Parameters(), Reading())
        assert len(result.matches) == count * matched
    return matched


def rule(category: str, entries: str) -> str:
    source = "category: antivirus" if category == "antivirus" else f"product: windows, category: {category}"
    return f"logsource: {{{source}}}\ndetection: {{s: {{{entries}}}, condition: s}}\n"


@pytest.mark.parametrize(
    ("category", "entries", "yes"),
    [
        (
            "registry_set",
            "TargetObject|endswith: '\\Services\\relay\\Start', Details: DWORD (0x00000004)",
            True,
        ),
        ("registry_set", "TargetObject: 'HKLM\\System\\CurrentControlSet\\Services\\relay\\Start'", True),
        ("registry_event", "EventType: SetValue, Image|endswith: '\\relay.exe', User: alda", True),
        ("registry_event", "TargetObject|contains: ControlSet001", False),
        ("registry_delete", "TargetObject|endswith: '\\Start'", False),
        ("registry_add", "EventID: 4657", False),
        ("registry_rename", "EventID: 4657", False),
    ],
)
def test_a_value_of_the_registry(category: str, entries: str, yes: bool) -> None:
    assert found(rule(category, entries), VALUE) is yes


def test_a_value_that_was_deleted_is_no_value_that_was_set() -> None:
    gone: dict[str, Value] = {**VALUE, "OperationType": "%%1906", "NewValueType": "-", "NewValue": "-"}
    entries = "TargetObject|endswith: '\\Start'"
    assert found(rule("registry_delete", entries), gone)
    assert found(rule("registry_event", f"EventType: DeleteValue, {entries}"), gone)
    assert not found(rule("registry_set", entries), gone)


@pytest.mark.parametrize(
    ("changed", "name", "told"),
    [
        ({"NewValueType": "%%1883", "NewValue": "4294967298"}, "Details", "QWORD (0x00000001-0x00000002)"),
        ({"NewValueType": "%%1873", "NewValue": "7"}, "Details", "7"),
        ({"NewValue": "0x10"}, "Details", "DWORD (0x00000010)"),
        ({"NewValue": 4}, "Details", "DWORD (0x00000004)"),
        ({"NewValue": True}, "Details", True),
        ({"NewValue": "9" * 5000}, "Details", "9" * 5000),
        ({"NewValue": "\u0664"}, "Details", "\u0664"),
        ({"NewValue": None}, "Details", None),
        ({"ObjectName": "\\Registry\\User\\S-1-5-21"}, "TargetObject", "HKU\\S-1-5-21\\Start"),
        ({"ObjectName": "\\REGISTRY\\MACHINERY\\a"}, "TargetObject", "\\REGISTRY\\MACHINERY\\a\\Start"),
        ({"ObjectName": "\\REGISTRY\\MACHINE", "ObjectValueName": ""}, "TargetObject", "HKLM"),
        ({"ObjectName": None}, "TargetObject", None),
        ({"ObjectName": ["a"]}, "TargetObject", None),
        ({"OperationType": ["%%1905"]}, "EventType", None),
        ({"TargetObject": "own"}, "TargetObject", "own"),
    ],
)
def test_what_is_told_of_a_value(changed: dict[str, Value], name: str, told: Value) -> None:
    assert derive_event("4657", {**VALUE, **changed})[name] == told


def test_names_follow_from_names() -> None:
    """Rows with the same names get the same names, whatever stands in them: a batch reads them together."""
    for event, row in (("4657", VALUE), ("5156", CONNECTION)):
        names = list(derive_event(event, row))
        for value in (None, "", 7, ["x"], "\ud800", True):
            assert list(derive_event(event, dict.fromkeys(row, value))) == names
    for event in DERIVED:
        assert derive_event(event, {"Other": 1, "ObjectName": "a"}) == {"Other": 1, "ObjectName": "a"}


@pytest.mark.parametrize(
    ("entries", "yes"),
    [
        ("Initiated: 'true', DestinationPort: 4444, DestinationIp|cidr: 203.0.113.0/24", True),
        ("Image|endswith: '\\relay.exe', SourceIp: 192.0.2.7, SourcePort: 50001, Protocol: tcp", True),
        ("Initiated: 'false'", False),
        ("Protocol: udp", False),
    ],
)
def test_a_connection(entries: str, yes: bool) -> None:
    assert found(rule("network_connection", entries), CONNECTION) is yes
    assert found(rule("network_connection", entries), {**CONNECTION, "EventID": 5158}) is False


def test_a_process_that_ended_and_a_name_that_was_asked_for() -> None:
    ended: dict[str, Value] = {"Channel": "Security", "EventID": 4689, "ProcessName": "C:\\a.exe"}
    assert found(rule("process_termination", "Image|endswith: a.exe"), ended)
    for channel in (
        "Microsoft-Windows-DNS-Client/Operational",
        "Microsoft-Windows-DNS Client Events/Operational",
    ):
        asked: dict[str, Value] = {"Channel": channel, "EventID": 3008, "QueryName": "a.example"}
        assert found(rule("dns_query", "QueryName|endswith: .example"), asked)
        service = "logsource: {product: windows, service: dns-client}\n"
        assert found(service + "detection: {s: {QueryName: a.example}, condition: s}\n", asked)
        assert not found(rule("dns_query", "QueryName|endswith: .example"), {**asked, "EventID": 3020})


def test_what_defender_says_under_names_without_spaces() -> None:
    threat: dict[str, Value] = {
        "Channel": "Microsoft-Windows-Windows Defender/Operational",
        "Provider_Name": "Microsoft-Windows-Windows Defender",
        "EventID": 1116,
        "Threat Name": "HackTool:Win32/Relay",
        "Source Name": "AMSI",
        "New Value": "a = 0x1",
        "Path": "file:_C:\\Tools\\relay.ps1",
    }
    defender = "logsource: {product: windows, service: windefend}\ndetection: {s: {%s}, condition: s}\n"
    assert found(
        defender % "EventID: 1116, SourceName: AMSI, NewValue|contains: '0x1', Threat_Name|contains: Tool",
        threat,
    )
    assert not found(defender % "SourceName: Microsoft-Windows-Windows Defender", threat)
    assert found(rule("antivirus", "Signature|startswith: HackTool, Filename|endswith: .ps1"), threat)
    assert not found(rule("antivirus", "Signature|startswith: HackTool"), {**threat, "EventID": 5007})


def test_a_product_of_others_that_writes_into_a_channel_of_windows() -> None:
    call: dict[str, Value] = {"Channel": "RPCFW", "EventID": 3, "OpNum": 0, "InterfaceUuid": "1-2"}
    source = "logsource: {product: rpc_firewall, category: application}\n"
    detection = source + "detection: {s: {EventLog: RPCFW, EventID: 3, OpNum: 0}, condition: s}\n"
    assert found(detection, call)
    assert not found(detection, {**call, "Channel": "Security"})
