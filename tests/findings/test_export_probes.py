"""Probes of a kernel, and what tells of processes of macOS: rules of a category find what they tell."""

from __future__ import annotations

import json
from typing import Any

import pytest

from comity.findings.exports import Exports
from comity.findings.rows import Value
from tests.findings.test_export_inner import finds, rule


def tracee(event: str, *args: tuple[str, str, Any], **more: Any) -> dict[str, Any]:
    listed = [{"name": name, "type": kind, "value": value} for name, kind, value in args]
    return {
        "timestamp": 1772600767123456789,
        "processId": 7,
        "parentProcessId": 1,
        "processName": "sh",
        "executable": {"path": "/bin/sh"},
        "eventId": "715",
        "eventName": event,
        "args": listed,
        **more,
    }


EXEC = tracee(
    "sched_process_exec",
    ("cmdpath", "const char*", "/opt/relay"),
    ("pathname", "const char*", "/opt/relay"),
    ("dev", "dev_t", 1),
    ("argv", "const char**", ["relay", "--to", "203.0.113.9"]),
    ("interp", "const char*", "/lib64/ld"),
)
CALL = tracee(
    "execve",
    ("pathname", "const char*", "/opt/relay"),
    ("argv", "const char*const*", ["relay", "if=a", "--to", "203.0.113.9", "of=b"]),
    ("envp", "const char*const*", ["HOME=/root", "PATH=/bin"]),
)
ADDRESS = {"sa_family": "AF_INET", "sin_addr": "203.0.113.9", "sin_port": "4444"}
CONNECT = tracee(
    "security_socket_connect", ("sockfd", "int", 3), ("remote_addr", "struct sockaddr*", ADDRESS)
)
OPEN = tracee(
    "security_file_open", ("pathname", "string", "/etc/x.conf"), ("flags", "string", "O_WRONLY|O_CREAT")
)
READ = tracee("security_file_open", ("pathname", "string", "/etc/x.conf"), ("flags", "string", "O_RDONLY"))
UNLINK = tracee("security_inode_unlink", ("pathname", "string", "/etc/x.conf"), ("inode", "ulong", 1))
PROCESS = {"binary": "/opt/relay", "arguments": "--to 203.0.113.9", "pid": 7}
PARENT = {"binary": "/bin/sh", "arguments": ""}


def probe(function: str, *args: dict[str, Any]) -> dict[str, Any]:
    told = {"process": PROCESS, "parent": PARENT, "function_name": function, "args": list(args)}
    return {"process_kprobe": told, "node_name": "n", "time": "x"}


AUDIT = {
    "header": {"event_name": "AUE_EXECVE", "event_id": 23},
    "path": ["/opt/relay", "/opt/relay"],
    "exec_args": {"args_compiled": "relay,--to,203.0.113.9", "args": ["relay", "--to", "203.0.113.9"]},
    "subject": {"process_id": 7, "responsible_process_name": "/bin/zsh", "effective_user_name": "ann"},
}
COMPILED = {**AUDIT, "exec_args": {"args_compiled": "relay,--to,203.0.113.9"}}
NUMBERED = {**AUDIT, "exec_args": {"args": {"0": "relay", "1": "--to", "2": "203.0.113.9"}}}
SHELL = {"path": "/bin/zsh", "pid": 1, "args": ["/bin/zsh", "-l"]}
STARTED = {"path": "/opt/relay", "pid": 7, "args": ["relay", "--to", "203.0.113.9"]}
ALERT = {"input": {"eventType": "GPProcessEvent", "related": {"processes": [STARTED, SHELL]}}}
SANTA = (
    b"[2026-03-04T05:06:07.123Z] I santad: action=EXEC|decision=ALLOW|reason=BINARY|pid=7|user=ann|"
    b"path=/opt/relay|args=relay --to 203.0.113.9"
)
WRITTEN = b"[2026-03-04T05:06:07.123Z] I santad: action=WRITE|path=/etc/x.conf|pid=7|processpath=/opt/relay"
START = {"Image": "/opt/relay", "CommandLine|contains": "relay --to 203.0.113.9"}


def lines(*raws: bytes) -> dict[str, Any]:
    return {"form": "lines/1"} if all(isinstance(raw, bytes) for raw in raws) else {}


@pytest.mark.parametrize(
    ("product", "category", "row", "fields"),
    [
        ("linux", "process_creation", EXEC, {**START, "ProcessId": 7}),
        ("linux", "process_creation", CALL, {"CommandLine": "relay if=a --to 203.0.113.9 of=b"}),
        (
            "linux",
            "network_connection",
            CONNECT,
            {
                "DestinationIp": "203.0.113.9",
                "DestinationPort": 4444,
                "Initiated": "true",
                "Image": "/bin/sh",
            },
        ),
        ("linux", "file_event", OPEN, {"TargetFilename": "/etc/x.conf"}),
        ("linux", "file_delete", UNLINK, {"TargetFilename": "/etc/x.conf"}),
        (
            "linux",
            "network_connection",
            probe("tcp_connect", {"sock_arg": {"daddr": "203.0.113.9", "dport": 4444}}),
            {"DestinationIp": "203.0.113.9", "DestinationPort": 4444, "Image": "/opt/relay"},
        ),
        (
            "linux",
            "file_event",
            probe("security_file_permission", {"file_arg": {"path": "/etc/x.conf"}}, {"int_arg": 2}),
            {"TargetFilename": "/etc/x.conf", "ParentImage": "/bin/sh"},
        ),
        ("macos", "process_creation", AUDIT, {**START, "ParentImage": "/bin/zsh", "User": "ann"}),
        ("macos", "process_creation", COMPILED, START),
        ("macos", "process_creation", NUMBERED, START),
        (
            "macos",
            "process_creation",
            ALERT,
            {"Image": "/opt/relay", "CommandLine": "relay --to 203.0.113.9"},
        ),
        ("macos", "process_creation", SANTA, START),
        ("macos", "file_event", WRITTEN, {"TargetFilename": "/etc/x.conf", "Image": "/opt/relay"}),
    ],
)
def test_what_probes_tell(product: str, category: str, row: Any, fields: dict[str, Any]) -> None:
    form = "lines/1" if isinstance(row, bytes) else "jsonl/1"
    logsource = f"{{product: {product}, category: {category}}}"
    assert finds(rule(logsource, **fields), row, form=form) == [1]
    other = "windows" if product == "macos" else "macos"
    assert finds(rule(f"{{product: {other}, category: {category}}}", **fields), row, form=form) == []
    assert finds(rule(f"{{product: {product}, category: dns_query}}", **fields), row, form=form) == []


def test_a_log_of_a_collector_holds_them() -> None:
    made = rule("{product: linux, category: process_creation}", **START)
    assert finds(made, {"level": "info", "log": json.dumps(EXEC)}) == [1]


@pytest.mark.parametrize(
    "row",
    [
        READ,
        tracee("security_file_open", ("pathname", "string", "/etc/x.conf")),
        tracee("cgroup_attach_task", ("pid", "int", 1)),
        tracee("security_socket_connect", ("sockfd", "int", 3)),
        probe("security_file_permission", {"file_arg": {"path": "/etc/x.conf"}}, {"int_arg": 4}),
        probe("tcp_connect", {"int_arg": 4}),
        probe("commit_creds", {"int_arg": 4}),
        {**AUDIT, "header": {"event_name": "AUE_EXIT"}},
        {"input": {"eventType": "GPFSEvent", "related": {"processes": [STARTED]}}},
    ],
)
def test_what_is_no_such_call_is_left_as_it_is(row: Any) -> None:
    fields: dict[str, Value] = {}

    def flatten(value: Any, name: str) -> None:
        if isinstance(value, dict):
            for key, held in value.items():
                flatten(held, f"{name}.{key}" if name else key)
        elif isinstance(value, list):
            for held in value:
                flatten(held, name)
        else:
            before = fields.get(name)
            listed = before if isinstance(before, list) else [before]
            fields[name] = value if name not in fields else [*listed, value]

    flatten(row, "")
    assert not any(name.startswith("@") for name in Exports(["Image", "TargetFilename"]).read(fields))


@pytest.mark.parametrize(
    "line",
    [
        b"[2026-03-04T05:06:07.123Z] I santad: action=UNKNOWN|path=/opt/relay",
        b"sudo: ann : COMMAND=[2026-03-04T05:06:07.123Z] I santad: action=EXEC|path=/opt/relay|args=relay",
        b"[2026-03-04T05:06:07.123Z] I santad: action=EXEC",
    ],
)
def test_words_of_santa_are_its_own_lines_alone(line: bytes) -> None:
    asked = rule("{product: macos, category: process_creation}", **{"Image|contains": "relay"})
    assert finds(asked, line, form="lines/1") == []
