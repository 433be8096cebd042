"""How an event becomes a line, and what the chunk headers tell of losses."""

from __future__ import annotations

import io
import json
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import Malformed
from comity.evidence.evtx import (
    CHUNK_BYTES,
    HEADER_BYTES,
    conclude,
    survey_log,
)
from comity.evidence.evtx_lines import render_broken, render_record, render_records
from comity.evidence.parse import fields_of


def log(*chunks: bytes, said: int | None = None) -> bytes:
    header = b"ElfFile\0" + bytes(34) + pack("<H", len(chunks) if said is None else said)
    body = b"".join(chunk.ljust(CHUNK_BYTES, b"\0") for chunk in chunks)
    return header.ljust(HEADER_BYTES, b"\0") + body


def chunk(first: int, last: int) -> bytes:
    return b"ElfChnk\0" + pack("<4Q", first, last, first, last)


def test_a_record_is_one_line_with_both_its_numbers() -> None:
    line = render_record(7, "2026-10-03T00:00:01.5Z UTC", '{"Event":{"System":{"EventID":1}}}')
    assert line == b'{"record":7,"written":"2026-10-03T00:00:01.5Z","Event":{"System":{"EventID":1}}}'
    assert fields_of("evtx-jsonl/1", line, None) == {"EventID": 1}


@pytest.mark.parametrize("data", ["", "{}", '{"Event":{\n}}', '{"Event":{"a":"\ud800"}}'])
def test_an_unexpected_text_is_named(data: str) -> None:
    with pytest.raises(Malformed) as caught:
        render_record(7, "t", data)
    assert (caught.value.code, caught.value.where) == ("evtx.record", "record 7")


@given(st.text())
def test_a_broken_line_is_one_line(why: str) -> None:
    line = render_broken(why)
    assert b"\n" not in line
    assert json.loads(line) == {"broken": why[:500]}


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["t UTC", 'a"\\', "ø"]), st.text())))
def test_records_together_are_the_records_one_by_one(told: list[tuple[int, str, str]]) -> None:
    found = [{"event_record_id": n, "timestamp": at, "data": '{"Event":' + text} for n, at, text in told]
    try:
        lines = [render_record(n, at, '{"Event":' + text) for n, at, text in told]
    except Malformed:
        assert render_records(found) is None
    else:
        assert render_records(found) == b"".join(line + b"\n" for line in lines)
    assert render_records([*found, {"event_record_id": 1, "timestamp": "t", "data": "[]"}]) is None


def test_the_summary_counts_all_and_names_a_hundred() -> None:
    survey = survey_log(io.BytesIO(log(chunk(1, 7))[:-1]))
    lines, done = conclude(survey, 5, 150, [f"problem {n}" for n in range(99)])
    assert (done.records, done.broken, len(done.problems)) == (5, 152, 100)
    assert done.parser == "evtx 0.14.0"
    assert lines.count(b"\n") == 2
    assert "cut short" in done.problems[-1]


def test_survey() -> None:
    told = survey_log(io.BytesIO(log(chunk(1, 44), chunk(45, 50))))
    assert (told.announced, told.problems) == (50, ())


def test_an_even_log_is_nothing_but_chunks() -> None:
    """Space at the end was kept for more; between chunks it is no plain matter where the log ends."""
    one, two, empty = chunk(1, 44), chunk(45, 50), bytes(40)
    for raw, even in (
        (log(one, two), True),
        (log(one, two, empty, said=2), True),
        (log(one, empty, two, said=2), False),
        (log(one, two, said=1), False),
        (log(one, two, said=3), False),
        (log(one, b"XXXXXXXX"), False),
        (log(one, two)[:-1], False),
    ):
        assert survey_log(io.BytesIO(raw)).even is even


def test_of_a_part_the_chunks_are_not_counted() -> None:
    raw = log(chunk(1, 44), said=9)
    assert survey_log(io.BytesIO(raw)).problems
    assert survey_log(io.BytesIO(raw), part=True).problems == ()


@pytest.mark.parametrize(
    ("raw", "announced", "words"),
    [
        (log(chunk(1, 44), chunk(45, 50))[:-1], 44, ["cut short", "announces 2 chunks"]),
        (log(chunk(1, 44), b"XXXXXXXX"), 44, ["no chunk header", "announces 2 chunks"]),
        (log(chunk(1, 44), b"", said=2), 44, ["announces 2 chunks, and 1"]),
        (log(chunk(9, 3)), 0, ["records 9 to 3"]),
        (log(chunk(1, 2**60)), 0, ["announces records"]),
    ],
)
def test_losses_are_named(raw: bytes, announced: int, words: list[str]) -> None:
    told = survey_log(io.BytesIO(raw))
    assert told.announced == announced
    assert len(told.problems) == len(words)
    for problem, word in zip(told.problems, words, strict=True):
        assert word in problem


def test_unused_and_empty_chunks_lose_nothing() -> None:
    raw = log(chunk(1, 2), b"", said=1)
    assert survey_log(io.BytesIO(raw)).problems == ()
    assert survey_log(io.BytesIO(log(chunk(1, 0)))).problems == ()
    assert survey_log(io.BytesIO(log(chunk(2**64 - 1, 2**64 - 1)))).problems == ()


@pytest.mark.parametrize("raw", [b"", b"ElfFile\0", b"PK" + bytes(5000), log()[:4000]])
def test_what_is_no_log_is_malformed(raw: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        survey_log(io.BytesIO(raw))
    assert caught.value.code == "evtx.header"
