"""Sensors that are told by tables: a start of a process, and what it did, in the forms of each."""

from __future__ import annotations

from typing import Any

import pytest

from comity.findings.taxonomy_hosts import SENSORS
from tests.findings.test_export_inner import finds, rule

IMAGE, COMMAND, PARENT = "C:\\Tools\\relay.exe", "relay --to lab", "C:\\Windows\\shell.exe"
STARTS: dict[str, dict[str, Any]] = {
    "SentinelOne": {
        "event.type": "Process Creation",
        "endpoint.os": "windows",
        "tgt.process.image.path": IMAGE,
        "tgt.process.cmdline": COMMAND,
        "src.process.image.path": PARENT,
    },
    "SentinelOne, as it wrote before": {
        "eventType": "Process Creation",
        "endpointOs": "windows",
        "tgtProcImagePath": IMAGE,
        "tgtProcCmdLine": COMMAND,
        "srcProcImagePath": PARENT,
    },
    "LimaCharlie": {
        "event": {"FILE_PATH": IMAGE, "COMMAND_LINE": COMMAND, "PARENT": {"FILE_PATH": PARENT}},
        "routing": {"event_type": "NEW_PROCESS", "hostname": "lab"},
    },
    "LogScale": {
        "#event_simpleName": "ProcessRollup2",
        "event_platform": "Win",
        "ImageFileName": IMAGE,
        "CommandLine": COMMAND,
        "ParentBaseFileName": "shell.exe",
    },
    "Cortex XDR": {
        "event_type": "ENUM.PROCESS",
        "event_sub_type": "PROCESS_START",
        "agent_os_type": "AGENT_OS_WINDOWS",
        "action_process_image_path": IMAGE,
        "action_process_image_command_line": COMMAND,
        "actor_process_image_path": PARENT,
    },
    "Carbon Black": {
        "type": "endpoint.event.procstart",
        "device_os": "WINDOWS",
        "childproc_name": IMAGE,
        "target_cmdline": COMMAND,
        "process_path": PARENT,
    },
    "Chronicle": {
        "metadata": {"event_type": "PROCESS_LAUNCH"},
        "principal": {"process": {"file": {"full_path": PARENT}}},
        "target": {"process": {"file": {"full_path": IMAGE}, "command_line": COMMAND}},
    },
    "OCSF": {
        "class_uid": 1007,
        "device": {"os": {"type": "Windows"}},
        "process": {"cmd_line": COMMAND, "file": {"path": IMAGE}},
        "actor": {"process": {"file": {"path": PARENT}}},
    },
    "ASIM": {
        "EventSchema": "ProcessEvent",
        "EventType": "ProcessCreated",
        "TargetProcessName": IMAGE,
        "TargetProcessCommandLine": COMMAND,
        "ActingProcessName": PARENT,
    },
}
UNIX: dict[str, tuple[str, dict[str, Any]]] = {
    "osquery's audit": (
        "linux",
        {
            "hostIdentifier": "lab",
            "columns": {"path": "/opt/relay", "cmdline": COMMAND, "parent": "1", "syscall": "execve"},
        },
    ),
    "osquery's endpoint security": (
        "macos",
        {
            "hostIdentifier": "lab",
            "columns": {"path": "/opt/relay", "cmdline": COMMAND, "parent": "1", "event_type": "exec"},
        },
    ),
    "Tetragon": (
        "linux",
        {"process_exec": {"process": {"binary": "/opt/relay", "arguments": "--to lab"}, "parent": {}}},
    ),
    "Falco": (
        "linux",
        {
            "rule": "x",
            "output_fields": {
                "evt.type": "execve",
                "proc.cmdline": COMMAND,
                "proc.exepath": "/opt/relay",
            },
        },
    ),
}
STARTED = {"Image|endswith": "relay.exe", "CommandLine": COMMAND, "ParentImage|endswith": "shell.exe"}


@pytest.mark.parametrize("name", STARTS)
def test_a_start_that_a_sensor_tells_of(name: str) -> None:
    row = STARTS[name]
    assert finds(rule("{product: windows, category: process_creation}", **STARTED), row) == [1]
    for other in ("{product: linux, category: process_creation}", "{product: windows, service: security}"):
        assert finds(rule(other, **STARTED), row) == []


@pytest.mark.parametrize("name", UNIX)
def test_a_start_on_a_machine_without_windows(name: str) -> None:
    machine, row = UNIX[name]
    asked: dict[str, Any] = {"Image|endswith": "/relay", "CommandLine|endswith": "--to lab"}
    found = {
        product: finds(rule(f"{{product: {product}, category: process_creation}}", **asked), row)
        for product in ("linux", "macos", "windows")
    }
    assert found == {"linux": [], "macos": [], "windows": [], machine: [1]}


def test_what_else_sensors_tell_of() -> None:
    key = {"event.type": "Registry Value Modified", "endpoint.os": "windows", "src.process.image.path": IMAGE}
    key |= {"registry.keyPath": "HKEY_LOCAL_MACHINE\\SOFTWARE\\Lab\\x", "registry.value": "1"}
    asked = {"TargetObject|startswith": "HKLM\\SOFTWARE\\Lab", "EventType": "SetValue", "Image": IMAGE}
    assert finds(rule("{product: windows, category: registry_set}", **asked), key) == [1]
    name = {"class_uid": 4003, "device": {"os": {"type": "Windows"}}, "query": {"hostname": "lab.example"}}
    name["actor"] = {"process": {"file": {"path": IMAGE}}}
    assert finds(rule("{product: windows, category: dns_query}", QueryName="lab.example"), name) == [1]
    wire = {"type": "endpoint.event.netconn", "device_os": "LINUX", "process_path": "/opt/relay"}
    asked = {"DestinationIp": "192.0.2.1", "Image|endswith": "/relay"}
    linked = rule("{product: linux, category: network_connection}", **asked)
    assert finds(linked, {**wire, "remote_ip": "192.0.2.1"}) == [1]


def test_a_list_of_processes_tells_of_no_start() -> None:
    row = {
        "hostIdentifier": "lab",
        "columns": {"pid": "1", "path": "/opt/relay", "cmdline": "x", "parent": "0"},
    }
    assert finds(rule("{product: linux, category: process_creation}", CommandLine="x"), row) == []
    assert len({sensor.marks for sensor in SENSORS}) == len(SENSORS)
