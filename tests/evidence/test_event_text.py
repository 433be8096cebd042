"""Windows events as text of several lines: one line an event, whatever the chunks."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import Malformed
from comity.evidence import event_text
from comity.evidence.detecting import explain_format
from comity.evidence.event_text import read_events
from comity.evidence.parse import fields_of
from comity.evidence.times import row_time
from comity.findings.exports import Exports

ONE = """\
03/04/2026 01:06:07.089 PM
LogName=Security
EventCode=4688
ComputerName=lab
SourceName=Microsoft Windows security auditing.
RecordNumber=7
Message=A new process has been created.

Subject:
\tAccount Name:\t\talda

Process Information:
\tNew Process Name:\tC:\\relay.exe
\tProcess Command Line:\trelay --to x=y
"""
TWO = """\
03/04/2026 12:06:08 AM
LogName=System
SourceName=Service Control Manager
EventCode=7045
Message=A service was installed.
LogName=in the text
"""
THREE = "LogName=Application\nEventCode=1\nMessage=ü"


def lines(raw: bytes, every: int = 1 << 18) -> list[bytes]:
    return list(read_events(raw[at : at + every] for at in range(0, len(raw), every)))


@pytest.mark.parametrize("parting", ["", "\n"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@given(every=st.integers(1, 400))
def test_events_are_lines(parting: str, ending: str, every: int) -> None:
    raw = ("\ufeff" + parting.join((ONE, TWO, THREE))).replace("\n", ending).encode()
    assert explain_format("x", raw).unpack == "event-text"
    found = [json.loads(line) for line in lines(raw, every)]
    assert [each["LogName"] for each in found] == ["Security", "System", "Application"]
    assert found[0]["TimeGenerated"] == "2026-03-04 13:06:07.089"
    assert found[1]["TimeGenerated"] == "2026-03-04 00:06:08"
    assert found[1]["Message"] == "A service was installed.\nLogName=in the text"
    assert found[2] == {"LogName": "Application", "EventCode": "1", "Message": "ü"}


LISTED = """\
Event[0]:
  Log Name: Microsoft-Windows-Sysmon/Operational
  Source: Microsoft-Windows-Sysmon
  Date: 2026-03-04T05:06:07.123
  Event ID: 1
  Task: Process Create (rule: ProcessCreate)
  User Name: NT AUTHORITY\\SYSTEM
  Computer: lab
  Description:
Process Create:
Image: C:\\relay.exe
CommandLine: relay --to x

Event[1]
  Log Name: System
  Source: Service Control Manager
  Date: 2026-03-04T05:06:08.5000000Z
  Event ID: 7045
  Computer: lab
  Description:
A service was installed in the system.

Service Name:  r
Service File Name:  C:\\r.exe

"""


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@given(every=st.integers(1, 400))
def test_events_of_a_tool_of_windows_are_lines(ending: str, every: int) -> None:
    raw = LISTED.replace("\n", ending).encode()
    assert explain_format("x.txt", raw).unpack == "event-text"
    found = [json.loads(line) for line in lines(raw, every)]
    assert [each["EventID"] for each in found] == ["1", "7045"]
    assert (found[0]["TimeGenerated"], found[0]["UserName"]) == (
        "2026-03-04T05:06:07.123",
        "NT AUTHORITY\\SYSTEM",
    )
    assert found[0]["Message"] == "Process Create:\nImage: C:\\relay.exe\nCommandLine: relay --to x"
    first, second = (Exports(()).read(each) for each in found)
    assert (first["Image"], first["Channel"]) == ("C:\\relay.exe", "Microsoft-Windows-Sysmon/Operational")
    assert (second["ImagePath"], second["Channel"], second["Computer"]) == ("C:\\r.exe", "System", "lab")


@pytest.mark.parametrize(
    ("when", "told"),
    [
        ("03/04/2026 01:06:07 PM", "2026-03-04 13:06:07"),
        ("2026-03-04 05:06:07", "2026-03-04 05:06:07"),
        ("2026-03-04T05:06:07.123Z", "2026-03-04T05:06:07.123Z"),
        ("2026-03-04 05:06:07 +0100", "2026-03-04 05:06:07 +0100"),
        ("20260304050607.000000", "2026-03-04 05:06:07.000000"),
        ("20260304050607.000000-090", "2026-03-04 05:06:07.000000-01:30"),
    ],
)
def test_times_before_an_event(when: str, told: str) -> None:
    (line,) = lines(f"{when}\n{THREE}".encode())
    assert json.loads(line)["TimeGenerated"] == told
    first = list(read_events([f"{THREE}\n{when}\n{THREE}".encode()], version="1"))
    assert len(first) == 2
    assert ("TimeGenerated" in json.loads(first[1])) is when.endswith("PM")


def test_rules_find_what_the_event_says() -> None:
    (line,) = lines(ONE.encode())
    fields = fields_of("jsonl/1", line, None)
    assert isinstance(fields, dict)
    read = Exports(()).read(fields)
    assert (read["Channel"], read["EventID"], read["Computer"]) == ("Security", "4688", "lab")
    assert (read["NewProcessName"], read["CommandLine"]) == ("C:\\relay.exe", "relay --to x=y")
    assert read["SubjectUserName"] == "alda"
    assert row_time("jsonl/1", read, "+00:00") == 1_772_629_567_089_000


@pytest.mark.parametrize(
    ("raw", "code", "where"),
    [
        (b"LogName=a\nMessage=b\n", "text.form", "event 1"),
        (b"words\n" * 9 + THREE.encode(), "text.form", "event 1"),
        (THREE.encode() + b"x" * (event_text.EVENT_BYTES + 1), "text.event", "event 1"),
    ],
)
def test_what_is_no_such_file_is_refused(raw: bytes, code: str, where: str) -> None:
    with pytest.raises(Malformed) as refused:
        lines(raw)
    assert (refused.value.code, refused.value.where) == (code, where)


def test_an_empty_file_has_no_events_and_stray_bytes_stay_visible() -> None:
    assert lines(b"\r\n") == []
    (line,) = lines(b"LogName=a\nEventCode=1\nMessage=\xff\n")
    assert json.loads(line)["Message"] == "\\xff"
