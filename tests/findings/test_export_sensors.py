"""What sensors on machines tell: rules of a category find it, of the machine's system alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from comity.findings.exports import Exports
from tests.findings.test_export_inner import finds, rule

DEFENDER: dict[str, Any] = {
    "DeviceName": "lab",
    "InitiatingProcessFileName": "shell.exe",
    "InitiatingProcessFolderPath": "c:\\lab\\shell.exe",
    "InitiatingProcessCommandLine": "shell /c",
    "InitiatingProcessParentFileName": "office.exe",
    "InitiatingProcessAccountDomain": "lab",
    "InitiatingProcessAccountName": "ann",
}
DNS = '{"DnsQueryString":"drop.example"}'
SENSED: tuple[tuple[str, dict[str, Any], dict[str, Any]], ...] = (
    (
        "process_creation",
        {
            "ActionType": "ProcessCreated",
            "FolderPath": "C:\\lab",
            "FileName": "drop.exe",
            "ProcessCommandLine": "drop x",
            "ProcessVersionInfoOriginalFileName": "real.exe",
            "SHA1": "ab",
            "AccountDomain": "lab",
            "AccountName": "eve",
            "ProcessIntegrityLevel": "High",
        },
        {
            "Image|endswith": "\\drop.exe",
            "CommandLine": "drop x",
            "OriginalFileName": "real.exe",
            "ParentImage": "c:\\lab\\shell.exe",
            "User": "lab\\eve",
            "Hashes|contains": "SHA1=ab",
        },
    ),
    (
        "file_event",
        {"ActionType": "FileCreated", "FolderPath": "C:\\lab\\drop.dll", "FileName": "drop.dll"},
        {
            "TargetFilename": "C:\\lab\\drop.dll",
            "Image|endswith": "\\shell.exe",
            "ParentImage": "\\office.exe",
        },
    ),
    ("file_delete", {"ActionType": "FileDeleted", "FolderPath": "C:\\a"}, {"TargetFilename": "C:\\a"}),
    ("image_load", {"ActionType": "ImageLoaded", "FolderPath": "C:\\a.dll"}, {"ImageLoaded": "C:\\a.dll"}),
    (
        "registry_set",
        {
            "ActionType": "RegistryValueSet",
            "RegistryKey": "HKEY_LOCAL_MACHINE\\SYSTEM\\ControlSet001\\Drop",
            "RegistryValueName": "Start",
            "RegistryValueType": "Dword",
            "RegistryValueData": "4",
        },
        {
            "TargetObject": "HKLM\\System\\CurrentControlSet\\Drop\\Start",
            "Details": "DWORD (0x00000004)",
            "EventType": "SetValue",
        },
    ),
    (
        "registry_event",
        {"ActionType": "RegistryKeyCreated", "RegistryKey": "HKEY_USERS\\S"},
        {"TargetObject": "HKU\\S"},
    ),
    (
        "network_connection",
        {
            "ActionType": "ConnectionSuccess",
            "RemoteIP": "203.0.113.9",
            "RemotePort": 4444,
            "Protocol": "Tcp",
            "LocalIP": "10.0.0.1",
            "LocalPort": 50000,
            "RemoteUrl": "drop.example",
        },
        {"DestinationIp": "203.0.113.9", "DestinationPort": 4444, "Initiated": "true", "Protocol": "tcp"},
    ),
    (
        "network_connection",
        {"ActionType": "InboundConnectionAccepted", "RemoteIP": "203.0.113.9", "LocalPort": 22},
        {"SourceIp": "203.0.113.9", "DestinationPort": 22, "Initiated": "false"},
    ),
    ("dns_query", {"ActionType": "DnsQueryResponse", "AdditionalFields": DNS}, {"QueryName": "drop.example"}),
    (
        "dns_query",
        {"ActionType": "DnsConnectionInspected", "AdditionalFields": {"query": "a"}},
        {"QueryName": "a"},
    ),
    (
        "create_remote_thread",
        {"ActionType": "CreateRemoteThreadApiCall", "FolderPath": "C:\\a.exe"},
        {"TargetImage": "C:\\a.exe", "SourceImage|endswith": "shell.exe"},
    ),
    (
        "pipe_created",
        {
            "ActionType": "NamedPipeEvent",
            "AdditionalFields": '{"PipeName":"\\\\Device\\\\NamedPipe\\\\drop"}',
        },
        {"PipeName": "\\drop"},
    ),
    (
        "antivirus",
        {"ActionType": "AntivirusDetection", "FileName": "a", "AdditionalFields": '{"ThreatName":"Drop"}'},
        {"Signature": "Drop", "Filename": "a"},
    ),
    (
        "ps_script",
        {"ActionType": "PowerShellCommand", "AdditionalFields": '{"Command":"drop"}'},
        {"ScriptBlockText": "drop"},
    ),
)


def test_the_page_of_a_machine_offers_the_same_with_blanks() -> None:
    row = {
        "Event Time": "x",
        "Computer Name": "lab",
        "Action Type": "ProcessCreated",
        "File Name": "drop.exe",
        "Folder Path": "C:\\lab",
        "Process Command Line": "drop x",
        "Initiating Process Folder Path": "c:\\lab\\shell.exe",
    }
    asked = {"Image": "C:\\lab\\drop.exe", "CommandLine": "drop x", "ParentImage": "c:\\lab\\shell.exe"}
    assert finds(rule("{product: windows, category: process_creation}", **asked), row) == [1]
    assert finds(rule("{product: linux}", CommandLine="drop x"), row) == []


@pytest.mark.parametrize(("category", "told", "asked"), SENSED)
def test_tables_of_hunting_are_asked_by_category(
    category: str, told: dict[str, Any], asked: dict[str, Any]
) -> None:
    row = {**DEFENDER, **told}
    streamed = {
        "Tenant": "t",
        "category": "Hunting",
        "operationName": "Publish",
        "tenantId": "x",
        "properties": row,
    }
    source = rule(f"{{product: windows, category: {category}}}", **asked)
    assert finds(source, row, streamed, {**row, "ActionType": "LogonSuccess"}) == [1, 2]
    for other in ("process_access", "clipboard_capture", "process_termination"):
        assert finds(rule(f"{{product: windows, category: {other}}}", DeviceName="lab"), row) == []
    for logsource in ("{product: azure}", "{product: windows, service: sysmon}", "{product: linux}"):
        assert finds(rule(logsource, DeviceName="lab"), row) == []


def test_a_machine_without_windows_is_told_by_its_paths() -> None:
    row = {
        "ActionType": "ProcessCreated",
        "FolderPath": "/lab/bin/drop",
        "FileName": "drop",
        "InitiatingProcessFileName": "sh",
        "InitiatingProcessFolderPath": "/bin/sh",
    }
    for product in ("linux", "macos"):
        assert finds(
            rule(f"{{product: {product}, category: process_creation}}", Image="/lab/bin/drop"), row
        ) == [1]
        assert finds(rule(f"{{product: {product}, category: file_event}}", Image="/lab/bin/drop"), row) == []
    assert finds(rule("{product: windows, category: process_creation}", Image="/lab/bin/drop"), row) == []


FALCON: tuple[tuple[str, dict[str, Any], dict[str, Any]], ...] = (
    (
        "process_creation",
        {
            "event_simpleName": "ProcessRollup2",
            "ImageFileName": "\\Device\\HarddiskVolume3\\lab\\drop.exe",
            "CommandLine": "drop x",
            "ParentBaseFileName": "shell.exe",
        },
        {"Image|endswith": "\\drop.exe", "CommandLine": "drop x", "ParentImage|endswith": "\\shell.exe"},
    ),
    (
        "network_connection",
        {"event_simpleName": "NetworkConnectIP6", "RemoteAddressIP6": "2001:db8::1", "RemotePort": "22"},
        {"DestinationIp": "2001:db8::1", "DestinationPort": 22, "Initiated": "true"},
    ),
    ("dns_query", {"event_simpleName": "DnsRequest", "DomainName": "a"}, {"QueryName": "a"}),
    (
        "file_event",
        {"event_simpleName": "NewScriptWritten", "TargetFileName": "\\a"},
        {"TargetFilename": "\\a"},
    ),
    (
        "registry_set",
        {
            "event_simpleName": "AsepValueUpdate",
            "RegObjectName": "\\REGISTRY\\MACHINE\\S",
            "RegValueName": "v",
        },
        {"TargetObject": "HKLM\\S\\v"},
    ),
    (
        "image_load",
        {
            "event_simpleName": "ClassifiedModuleLoad",
            "ImageFileName": "\\a.dll",
            "TargetImageFileName": "\\b.exe",
        },
        {"ImageLoaded": "\\a.dll", "Image": "\\b.exe"},
    ),
)


@pytest.mark.parametrize(("category", "told", "asked"), FALCON)
def test_events_of_a_sensor_with_simple_names(
    category: str, told: dict[str, Any], asked: dict[str, Any]
) -> None:
    row = {"event_platform": "Win", "aid": "a", **told}
    kept = {"event.dataset": "x", "event": {"original": json.dumps(row)}}
    source = rule(f"{{product: windows, category: {category}}}", **asked)
    assert finds(source, row, kept, {**row, "event_platform": "Mac"}, {**row, "event_simpleName": "X"}) == [
        1,
        2,
    ]


COMMON: dict[str, Any] = {
    "process": {
        "executable": "C:\\lab\\drop.exe",
        "args": ["drop", "x"],
        "pid": 7,
        "parent": {"executable": "C:\\lab\\shell.exe"},
    },
    "user": {"name": "ann", "domain": "LAB"},
    "host": {"os": {"type": "windows"}},
}
COMMONS: tuple[tuple[str, dict[str, Any], dict[str, Any]], ...] = (
    (
        "process_creation",
        {"category": ["process"], "type": ["start"]},
        {"CommandLine": "drop x", "User": "LAB\\ann"},
    ),
    ("process_termination", {"category": "process", "type": "end"}, {"Image|endswith": "\\drop.exe"}),
    ("file_event", {"category": "file", "action": "creation"}, {"TargetFilename": "C:\\a"}),
    ("file_delete", {"category": "file", "action": "deletion"}, {"TargetFilename": "C:\\a"}),
    ("network_connection", {"category": ["network"], "type": ["start"]}, {"DestinationPort": 22}),
    (
        "registry_set",
        {"category": "registry", "action": "modification"},
        {"TargetObject": "HKLM\\S", "Details": "d"},
    ),
    ("image_load", {"category": "library", "type": "start"}, {"ImageLoaded": "C:\\a.dll"}),
)


@pytest.mark.parametrize(("category", "event", "asked"), COMMONS)
def test_the_common_schema_tells_of_machines(
    category: str, event: dict[str, Any], asked: dict[str, Any]
) -> None:
    row = {
        **COMMON,
        "event": event,
        "destination": {"port": 22},
        "registry": {"path": "HKEY_LOCAL_MACHINE\\S", "data": {"strings": ["d"]}},
    }
    row |= {"dll": {"path": "C:\\a.dll"}} if category == "image_load" else {"file": {"path": "C:\\a"}}
    source = rule(f"{{product: windows, category: {category}}}", **asked)
    linux = {**row, "host": {"os": {"family": "debian"}}}
    assert finds(source, row, linux) == [1]
    if category in ("process_creation", "file_event", "network_connection"):
        assert finds(rule(f"{{product: linux, category: {category}}}", **asked), row, linux) == [2]


def test_programs_of_macos_as_its_own_logger_tells_them() -> None:
    started = {
        "process": {"executable": {"path": "/bin/sh"}, "audit_token": {"pid": 1}},
        "event": {"exec": {"target": {"executable": {"path": "/lab/drop"}}, "args": ["drop", "-x"]}},
    }
    asked = {"Image": "/lab/drop", "CommandLine": "drop -x", "ParentImage|endswith": "/sh"}
    assert finds(rule("{product: macos, category: process_creation}", **asked), started) == [1]
    assert finds(rule("{product: linux, category: process_creation}", **asked), started) == []
    path = {"dir": {"path": "/lab"}, "filename": "drop"}
    written = {
        "process": {"executable": {"path": "/bin/sh"}},
        "event": {"create": {"destination": {"new_path": path}}},
    }
    assert finds(rule("{product: macos, category: file_event}", TargetFilename="/lab/drop"), written) == [1]


@pytest.mark.parametrize(
    "row",
    [
        {"ActionType": None, "InitiatingProcessFileName": ["a", 1]},
        {
            "ActionType": "RegistryValueSet",
            "InitiatingProcessId": 1,
            "RegistryKey": 7,
            "AdditionalFields": "{",
        },
        {"ActionType": "DnsQueryResponse", "InitiatingProcessId": 1, "AdditionalFields": 7},
        {"event_simpleName": 7},
        {"event_simpleName": "AsepValueUpdate", "RegObjectName": None},
        {"process.executable": 7, "event.category": [None, 1], "process.args": [7, None]},
        {"process.executable.path": None, "event.create.destination.new_path.filename": ["a"]},
    ],
)
def test_odd_values_give_a_row_all_the_same(row: Any) -> None:
    assert row.items() <= dict(Exports(()).read(row)).items()


@pytest.mark.parametrize(
    ("folder", "name", "whole"),
    [
        ("/etc/cron.d", "d", "/etc/cron.d/d"),
        ("/lab/drop", "drop", "/lab/drop"),
        ("C:\\lab.exe", "exe", "C:\\lab.exe\\exe"),
        ("C:\\Lab\\Drop.EXE", "drop.exe", "C:\\Lab\\Drop.EXE"),
        ("C:/lab/drop", "drop", "C:/lab/drop"),
        ("drop.exe", "drop.exe", "drop.exe"),
    ],
)
def test_a_folder_that_ends_like_the_name_in_it(folder: str, name: str, whole: str) -> None:
    row: dict[str, Any] = {
        "ActionType": "FileCreated",
        "FolderPath": folder,
        "FileName": name,
        "InitiatingProcessId": 1,
    }
    assert Exports(()).read(row)["TargetFilename"] == whole


def test_a_file_called_as_its_folder() -> None:
    made = "event.create.destination.new_path."
    row = {"process.executable.path": "/bin/sh", f"{made}dir.path": "/lab/d", f"{made}filename": "d"}
    assert Exports(()).read(row)["TargetFilename"] == "/lab/d/d"
