"""Events of which an exporter kept the message alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from comity.evidence.parse import fields_of
from comity.evidence.times import row_time
from comity.findings.export_messages import read_head, read_labels
from comity.findings.exports import Exports
from tests.findings.test_exports import hits

STARTED = """A new process has been created.

Creator Subject:
\tSecurity ID:\t\tS-1-5-18
\tAccount Name:\t\talda
\tAccount Domain:\t\tLAB
\tLogon ID:\t\t0x3E7

Target Subject:
\tSecurity ID:\t\tS-1-0-0
\tAccount Name:\t\t-

Process Information:
\tNew Process ID:\t\t0x1f4
\tNew Process Name:\tC:\\Tools\\relay.exe
\tCreator Process Name:\tC:\\Windows\\explorer.exe
\tProcess Command Line:\trelay.exe --to: 203.0.113.9

Token Elevation Type indicates the type of token: which is told here.
"""
OLDER = (
    "03/04/2026 05:06:07 AM\nLogName=Security\nSourceName=Microsoft Windows security auditing.\n"
    "EventCode=4688\nComputerName=lab\nKeywords=Audit Success\nMessage=" + STARTED
)
RULE = b"""\
logsource: {product: windows, category: process_creation}
detection:
    s: {Image|endswith: '\\relay.exe', ParentImage|endswith: explorer.exe, User: alda}
    to: {CommandLine|contains: '--to: 203'}
    condition: s and to
"""
SHELL = {"Id": 4688, "LogName": "Security", "MachineName": "lab", "TimeCreated": "/Date(1772600767089)/"}


@pytest.mark.parametrize(
    "row",
    [
        {**SHELL, "Message": STARTED},
        {**SHELL, "Message": STARTED.replace("\n", "\r\n"), "TimeCreated": "\\/Date(1772600767089+0100)\\/"},
        {"_raw": OLDER, "host": "lab"},
        {"result": {"_raw": OLDER, "source": "WinEventLog:Security", "sourcetype": "WinEventLog"}},
        {
            "source": "WinEventLog:Security",
            "EventCode": "4688",
            "New_Process_Name": "C:\\relay.exe",
            "Creator_Process_Name": "C:\\explorer.exe",
            "Process_Command_Line": "a --to: 203",
            "SubjectUserName": "alda",
        },
    ],
)
def test_a_process_is_found_in_its_message(row: dict[str, Any]) -> None:
    raw = json.dumps(row).encode()
    assert hits(RULE, [raw, raw.replace(b"relay.exe", b"other.exe")]) == {1}
    if "TimeCreated" in row:
        fields = fields_of("jsonl/1", raw, None)
        assert isinstance(fields, dict)
        assert row_time("jsonl/1", Exports(()).read(fields), None) == 1772600767_089000


def test_labels_mean_what_their_heading_says() -> None:
    found = read_labels("4688", STARTED)
    assert (found["SubjectUserName"], found["TargetUserName"]) == ("alda", "-")
    assert (found["SubjectUserSid"], found["TargetUserSid"]) == ("S-1-5-18", "S-1-0-0")
    assert found["NewProcessId"] == "0x1f4"
    logon = "An account was logged on.\n\nSubject:\n\tAccount Name:\ta\n\nNew Logon:\n\tAccount Name:\tb\n\n"
    logon += "Network Information:\n\tSource Port:\t50001\n\tAccount Name:\tc\n"
    found = read_labels("4624", logon)
    assert (found["SubjectUserName"], found["TargetUserName"], found["IpPort"]) == ("a", "b", "50001")
    service = "A service was installed in the system.\n\nService Name:  r\nService File Name:  C:\\r.exe\n"
    assert read_labels("7045", service) == {"ServiceName": "r", "ImagePath": "C:\\r.exe"}
    assert read_labels("4697", service)["ServiceFileName"] == "C:\\r.exe"


def test_messages_of_the_shell() -> None:
    script = "Creating Scriptblock text (1 of 1):\r\niex $a\r\n\r\n$b\r\n\r\nScriptBlock ID: 1\r\nPath: \r\n"
    assert read_labels("4104", script) == {"ScriptBlockText": "iex $a\r\n\r\n$b"}
    module = "CommandInvocation(a): b\n\nContext:\n        Host = c\n"
    assert read_labels("4103", module) == {
        "Payload": "CommandInvocation(a): b",
        "ContextInfo": "        Host = c\n",
    }
    assert read_labels("400", "Engine\n\tHostApplication=a") == {"Data": "Engine\n\tHostApplication=a"}


@pytest.mark.parametrize(
    "text", ["", "\n", "a:\n" * 9000, ":" * 70_000, "Subject:\n" + "\t" * 70_000, "x\n\u00e9: a"]
)
def test_what_is_no_such_message_gives_nothing(text: str) -> None:
    assert read_labels("4688", text) == {}
    assert read_head(text) is None
    assert read_head("LogName=a\nEventCode=1") == {"LogName": "a", "EventCode": "1"}
