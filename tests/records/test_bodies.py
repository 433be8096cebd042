"""Frames, contents and their commitments."""

from __future__ import annotations

import hashlib
import re
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import Malformed
from comity.records import bodies, canonical, kinds
from tests.world import full_case

STORY = full_case("bodies")
OPENINGS = [b.opening for b in STORY.world.bundles.values() if b.opening is not None and b.opening.content]
FRAME = bodies.parse_frame(OPENINGS[-1].frame)


def test_every_body_of_the_story_reads_back_as_its_bytes() -> None:
    for opening in OPENINGS:
        frame = bodies.parse_frame(opening.frame)
        assert bodies.render(frame) == opening.frame
        assert opening.content is not None
        assert bodies.render(bodies.parse_content(frame.kind, opening.content)) == opening.content


def test_every_kind_states_its_own_name() -> None:
    assert {content.kind: content for content in kinds.KINDS.values()} == kinds.KINDS
    assert set(kinds.Content.__args__) == set(kinds.KINDS.values())


def test_commitments_are_those_of_the_specification() -> None:
    cf = hashlib.sha256(b"comity/1/frame\0" + bytes(32) + b"{}").digest()
    cc = hashlib.sha256(b"comity/1/content\0" + bytes(32) + b"{}").digest()
    assert bodies.commit_frame(bytes(32), b"{}") == cf
    assert bodies.commit_content(bytes(32), b"{}") == cc
    assert bodies.commit_record(cf, cc) == hashlib.sha256(b"comity/1/record\0" + cf + cc).digest()


@given(st.integers(-62135596800, 253402300799))
def test_an_instant_has_one_text(seconds: int) -> None:
    text = bodies.time_text(seconds)
    if len(text) == 20:
        assert bodies.parse_time(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "2031-02-29T00:00:00Z",
        "2031-13-01T00:00:00Z",
        "2031-01-01T24:00:00Z",
        "2031-06-30T23:59:60Z",
        "0000-01-01T00:00:00Z",
    ],
)
def test_an_instant_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(Malformed) as error:
        bodies.parse_time(text)
    assert error.value.code == "time.calendar"


def test_a_leap_day_exists() -> None:
    assert bodies.time_text(bodies.parse_time("2032-02-29T00:00:00Z")) == "2032-02-29T00:00:00Z"


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("kind", "claim.shout", "frame.kind"),
        ("audience", ["b" * 64, "a" * 64], "frame.order"),
        ("audience", ["a" * 64, "public"], "frame.audience"),
        ("seen", ["a" * 64, "a" * 64], "frame.order"),
        ("rules", 3, "frame.form"),
        ("at", "2031-03-01 08:00:00", "frame.form"),
        ("author", "alder", "frame.form"),
    ],
)
def test_a_frame_that_is_wrong_is_refused(field: str, value: object, code: str) -> None:
    plain = msgspec.to_builtins(FRAME) | {field: value}
    with pytest.raises(Malformed) as error:
        bodies.parse_frame(canonical.render(plain))
    assert error.value.code == code
    assert error.value.where.startswith("frame")


def test_what_cannot_be_read_is_not_rendered() -> None:
    with pytest.raises(ValueError, match="control"):
        bodies.render(kinds.Give(to=kinds.Named(name="a\x00"), target="a" * 64, assertions=(0,), text="x"))
    with pytest.raises(ValueError, match="such instant"):
        bodies.render(msgspec.structs.replace(FRAME, at="2031-02-30T00:00:00Z"))


def test_sizes_are_bounded() -> None:
    with pytest.raises(Malformed) as error:
        bodies.parse_frame(b" " * (bodies.FRAME_LIMIT + 1))
    assert error.value.code == "frame.size"
    with pytest.raises(Malformed) as error:
        bodies.parse_content("claim.state", b" " * (bodies.CONTENT_LIMIT + 1))
    assert error.value.code == "content.size"


@given(st.sets(st.integers(1, 60)))
def test_rows_and_ranges_are_two_forms_of_one_set(rows: set[int]) -> None:
    ranges = kinds.ranges_of(list(rows))
    assert kinds.rows_of(ranges) == sorted(rows)
    assert all(a + n < b for (a, n), (b, _) in pairwise(ranges))


@pytest.mark.parametrize("text", ["a\x00", "\x1b[31m", "\x7f", "\x85", "\x9b31m", "\r"])
def test_terminal_escapes_are_control(text: str) -> None:
    assert kinds.has_control(text)


@pytest.mark.parametrize("text", ["a\tb\nc", "é", "😀", "\u202e"])
def test_other_text_is_left_alone(text: str) -> None:
    assert not kinds.has_control(text)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            kinds.Withdraw(target="0" * 64, assertions=(0,), reason="r" * 20_001),
            "reason: at most 20,000 characters, and this has 20,001",
        ),
        (
            kinds.Withdraw(target="0" * 64, assertions=(), reason="r"),
            "assertions: at least 1 entry, and this has 0",
        ),
        (
            kinds.State(title="t", assertions=(kinds.Assertion(text="", level="tactical"),)),
            "assertions, entry 1, text: at least 1 character, and this has 0",
        ),
    ],
)
def test_what_is_too_long_or_too_short_is_told_in_numbers(content: kinds.Content, told: str) -> None:
    with pytest.raises(ValueError, match=re.escape(told)):
        bodies.render(content)
