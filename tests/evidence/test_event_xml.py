"""Windows events as XML: one line an event, in the shape of event logs, whatever the chunks."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import Malformed
from comity.evidence import event_xml
from comity.evidence.event_xml import read_events
from comity.evidence.parse import fields_of
from comity.evidence.times import row_time

NS = 'xmlns="http://schemas.microsoft.com/win/2004/08/events/event"'


def event(number: int, text: str = "C:\\a &amp; b") -> str:
    return (
        f"<Event {NS}><System><Provider Name='Invented-Sensor'/><EventID>{number}</EventID>"
        f"<TimeCreated SystemTime='2026-10-03T10:00:00.5Z'/><EventRecordID>{number + 40}</EventRecordID>"
        f"<Channel>Sensor/Operational</Channel></System><EventData><Data Name='Image'>{text}</Data>"
        f"<Data>one</Data><Data>two</Data></EventData></Event>"
    )


def lines(raw: bytes, every: int = 1 << 18) -> list[bytes]:
    return list(read_events(raw[at : at + every] for at in range(0, len(raw), every)))


@pytest.mark.parametrize(
    "raw",
    [
        (event(1) + "\r\n" + event(2)).encode(),
        ("\ufeff" + event(1) + event(2)).encode(),
        f"<?xml version='1.0' encoding='utf-8'?><Events>{event(1)} {event(2)}</Events>".encode(),
        "".join(f"Record {n}\n<?xml version='1.0'?>\n{event(n)}\n" for n in (1, 2)).encode(),
        f"<?xml version='1.0'?>{event(1)}<?xml version='1.0' encoding='utf-8'?>{event(2)}".encode(),
        f"<?xml version='1.0' encoding='UTF-16'?><Events>{event(1)}{event(2)}</Events>".encode("utf-16"),
    ],
)
@given(every=st.integers(1, 400))
def test_events_are_lines(raw: bytes, every: int) -> None:
    found = lines(raw, max(every, 64))
    assert [json.loads(line)["record"] for line in found] == [41, 42]
    fields = fields_of("evtx-jsonl/1", found[0], None)
    assert isinstance(fields, dict)
    assert fields["EventID"] == 1
    assert fields["Provider_Name"] == "Invented-Sensor"
    assert fields["Image"] == "C:\\a & b"
    assert fields["Data"] == ["one", "two"]
    assert row_time("evtx-jsonl/1", fields, None) == 1_791_021_600_500_000


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><Events/>", "xml.doctype"),
        (b"<Events>" + b"<a>" * 3, "xml.form"),
        (b"<Other/>", "xml.form"),
        (b"<Events><Event>&nbsp;</Event></Events>", "xml.form"),
        (b"<Events>" + b"<Event>" * (event_xml.DEPTH + 1), "xml.depth"),
        (b"<Events><Event>" + b"x" * (event_xml.EVENT_BYTES + (1 << 17)), "xml.event"),
        (b"", "xml.form"),
        (b"<Event a='b'>", "xml.form"),
    ],
)
def test_what_is_no_such_file_is_refused(raw: bytes, code: str) -> None:
    with pytest.raises(Malformed) as error:
        lines(raw)
    assert error.value.code == code


def test_a_name_that_stands_twice_hides_nothing() -> None:
    raw = f"<Event {NS}><EventData><Data Name='a'>1</Data><Data Name='a'>2</Data></EventData></Event>"
    (line,) = lines(raw.encode())
    assert fields_of("evtx-jsonl/1", line, None) == {"a": ["1", "2"]}
