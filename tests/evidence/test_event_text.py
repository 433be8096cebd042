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
        (b"words\n" + THREE.encode(), "text.form", "event 1"),
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
