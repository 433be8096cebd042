"""Events as PowerShell lists their properties."""

from __future__ import annotations

import json
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import Malformed
from comity.evidence.detecting import explain_format
from comity.evidence.event_text import read_events
from comity.findings.exports import Exports

MESSAGE = (
    "Process Create:\nRuleName: -\nUtcTime: 2026-03-04 05:06:07.123\nImage: C:\\lab\\drop.exe"
    "\nCommandLine: drop"
    + " --to lab" * 20
    + "\nHashes: SHA256="
    + "0123456789ABCDEF" * 8
    + "\n\nUser: LAB\\alda"
)
EVENT = {
    "TimeCreated": "3/4/2026 5:06:07 AM",
    "ProviderName": "Microsoft-Windows-Sysmon",
    "Id": "1",
    "Qualifiers": "",
    "Message": MESSAGE,
}
LONG = {
    "Message": MESSAGE,
    "Id": "1",
    "ProviderName": "Microsoft-Windows-Sysmon",
    "LogName": "Microsoft-Windows-Sysmon/Operational",
    "MachineName": "lab",
    "LevelDisplayName": "Information",
}


def wrapped(text: str, width: int) -> list[str]:
    lines: list[str] = []
    for line in text.split("\n"):
        lines += textwrap.wrap(line, width, break_on_hyphens=False) or [""]
    return lines


def listed(events: list[dict[str, str]], width: int = 80, end: str = "\r\n") -> str:
    out = ["", ""]
    for event in events:
        column = max(map(len, event))
        for name, value in event.items():
            first, *more = wrapped(value, width - column - 3)
            out += [f"{name:{column}} : {first}".rstrip() if not first else f"{name:{column}} : {first}"]
            out += [" " * (column + 3) + line for line in more]
        out.append("")
    return end.join([*out, ""])


def read(text: str, size: int = 1 << 18) -> list[dict[str, str]]:
    raw = text.encode()
    lines = read_events(raw[at : at + size] for at in range(0, len(raw), size))
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("event", [EVENT, LONG])
@pytest.mark.parametrize("width", [60, 80, 120, 400])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_a_console_broke_is_whole(event: dict[str, str], width: int, end: str) -> None:
    text = listed([event, event], width, end)
    assert explain_format("a.txt", text.encode()).unpack == "event-text"
    for size in (7, 1 << 18):
        assert read(text, size) == [event, event]
    row = Exports(("Image", "CommandLine")).read(dict(read(text)[0]))
    assert row["Image"] == "C:\\lab\\drop.exe"
    assert row["Channel"] == "Microsoft-Windows-Sysmon/Operational"
    assert str(row["CommandLine"]).count("--to lab") == 20


@given(
    st.lists(st.text(st.sampled_from("ab :.-\u00e9"), max_size=30), min_size=1, max_size=6),
    st.integers(1, 50),
)
def test_the_size_of_pieces_decides_nothing(words: list[str], size: int) -> None:
    event = {**EVENT, "Message": "\n".join(words)}
    text = listed([event, EVENT])
    assert read(text, size) == read(text)
    assert len(read(text)) == 2


def test_lines_before_the_first_event_are_lines() -> None:
    for text in (listed([EVENT]), "Event[0]:\n  Log Name: a\n  Event ID: 1\n", "LogName=a\nEventCode=1\n"):
        raw = ("PS C:\\> Get-WinEvent | Format-List\r\nread by lab\n" + text).encode()
        assert explain_format("a.txt", raw).unpack == "event-text"
        ahead, other, event = read_events([raw])
        assert (ahead, other) == (b"PS C:\\> Get-WinEvent | Format-List", b"read by lab")
        assert json.loads(event)
        with pytest.raises(Malformed):
            list(read_events([raw], "2"))


def test_other_lists_are_no_events() -> None:
    services = "\n\nName        : lab\nDisplayName : Lab\nStatus      : Running\n\n"
    for text in (services, "Id : 1\nProviderName : x\n", "Note : a\nwords : b\n"):
        assert explain_format("a.txt", text.encode()).unpack is None


def test_what_format_table_shows_is_named() -> None:
    text = (
        "\n\n   ProviderName: Microsoft-Windows-Sysmon\n\n"
        "TimeCreated                     Id LevelDisplayName Message\n"
        "-----------                     -- ---------------- -------\n"
        "3/4/2026 5:06:07 AM              1 Information      Process Create:...\n"
    )
    found = explain_format("a.txt", text.encode())
    assert (found.format, "Format-Table" in found.doubt) == ("lines/1", True)


@pytest.mark.parametrize("line", ["Id           : 4688", "Message      : more", "Message      :more"])
def test_a_line_that_names_a_property_again_is_not_lost(line: str) -> None:
    listed = f"TimeCreated  : now\nId           : 1\nProviderName : Maker\nMessage      : words\n{line}\n"
    (row,) = map(json.loads, read_events([listed.encode()]))
    assert row == {"TimeCreated": "now", "Id": "1", "ProviderName": "Maker", "Message": f"words\n{line}"}
