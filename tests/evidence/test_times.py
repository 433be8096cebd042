"""Times of rows, with and without an offset."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.evidence.formats import FormatName
from comity.evidence.parse import Value
from comity.evidence.times import read_time, read_zone, row_time

AT = 1_790_985_601_500_000  # 2026-10-03T00:00:01.5Z
SECOND = 1_000_000
HOUR = 3600 * SECOND


def test_the_constant() -> None:
    assert datetime.fromtimestamp(AT // SECOND, UTC) == datetime(2026, 10, 3, 0, 0, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2026-10-03T00:00:01.5Z", None, AT),
        ("2026-10-03 00:00:01.500", "+00:00", AT),
        ("2026-10-03 00:00:01,5 UTC", "+02:00", AT),
        ("2026/10/03 00:00:01.5", "+00:00", AT),
        ("2026-10-03T02:00:01.5000009+02:00", None, AT),
        ("2026-10-03 02:00:01.5", "+02:00", AT),
        ("2026-10-02 18:30:01.5 -0530", None, AT),
        ("2026-10-03T00:00:01.5", None, None),
        ("2026-10-02T23:59:60Z", None, AT - 1_500_000),
        ("2026-10-03T00:00Z", None, AT - 1_500_000),
        ("03/Oct/2026:00:00:01 +0000", None, AT - 500_000),
        ("03/Oct/2026:00:00:01", None, None),
        ("1790985601.5", None, AT),
        ("1790985601500", None, AT),
        ("1790985601500000", None, AT),
        ("1790985601500000999", None, AT),
        ("2026-02-30T00:00:00Z", None, None),
        ("2026-10-03T24:00:00Z", None, None),
        ("2026-10-03T00:00:61Z", None, None),
        ("2026-10-03T00:00:01+99:00", None, None),
        ("２０２６-10-03T00:00:01Z", None, None),
        ("10/3/2026 1:02:03 PM", "+00:00", None),
        ("", "+00:00", None),
        ("-", "+00:00", None),
    ],
)
def test_texts(text: str, zone: str | None, expected: int | None) -> None:
    assert read_time(text, zone) == expected


@given(
    st.datetimes(min_value=datetime(1, 1, 3), max_value=datetime(9999, 12, 29)),  # noqa: DTZ001
    st.integers(-14 * 60, 14 * 60),
)
def test_every_offset(naive: datetime, minutes: int) -> None:
    at = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    expected = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    assert read_time(at.isoformat(), None) == expected


@given(st.text(max_size=40))
def test_any_text_has_an_answer(text: str) -> None:
    read_time(text, "+01:00")
    read_time(text, None, anywhere=True)


@pytest.mark.parametrize(
    ("format_name", "fields", "zone", "expected"),
    [
        ("w3c/1", {"date": "2026-10-03", "time": "00:00:01.5"}, None, AT),
        ("w3c/1", {"date": "2026-10-03", "time": "02:00:01.5"}, "+02:00", AT),
        ("csv/1", {"time": "2026-10-03 00:00:01.5"}, None, None),
        ("csv/1", {"CreationTime": "2026-10-03 02:00:01.5"}, "+02:00", AT),
        ("csv/1", {"date": "2026-10-03", "time": "02:00:01.5"}, "+02:00", AT),
        ("jsonl/1", {"UtcTime": "2026-10-03 00:00:01.500"}, "+02:00", AT),
        ("jsonl/1", {"ts": 1790985601.5}, None, AT),
        ("jsonl/1", {"ts": True}, None, None),
        ("jsonl/1", {"time": 12, "@timestamp": "nonsense"}, None, None),
        ("jsonl/1", {"time": 10**25}, None, None),
        ("jsonl/1", {"timestamp": None, "time": "2026-10-03T00:00:01.5Z"}, None, AT),
        ("evtx-jsonl/1", {"TimeCreated": "2026-10-03T00:00:01.5Z"}, None, AT),
        ("lines/1", {"message": 'h - - [03/Oct/2026:02:00:01 +0200] "GET /"'}, None, AT - 500_000),
        ("lines/1", {"message": "2026-10-03 00:00:01.5 started"}, "+00:00", AT),
        ("lines/1", {"message": "Oct  3 00:00:01 host x"}, "+00:00", None),
        ("opaque/1", {}, "+00:00", None),
        ("csv/1", {}, "+00:00", None),
    ],
)
def test_rows(
    format_name: FormatName, fields: dict[str, Value], zone: str | None, expected: int | None
) -> None:
    assert row_time(format_name, fields, zone) == expected


def test_a_wrong_zone_moves_the_row_and_nothing_else() -> None:
    fields: dict[str, Value] = {"time": "2026-10-03 00:00:01.5"}
    right, wrong = row_time("csv/1", fields, "+02:00"), row_time("csv/1", fields, "+00:00")
    assert right is not None
    assert wrong is not None
    assert wrong - right == 2 * HOUR


def test_zones() -> None:
    assert read_zone("+02:00") == read_zone("+0200") == read_zone("+02") == 2 * HOUR
    assert read_zone("-05:30") == -(5 * HOUR + HOUR // 2)
    assert read_zone("Z") == 0
    for zone in ("", "02:00", "+2", "+24:00", "Europe/Paris"):
        assert read_zone(zone) is None
