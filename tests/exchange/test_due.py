"""Open requests across cases, as a list and as a calendar that a second reader understands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar.testing import TestClient

from comity.case.clocks import Clock
from comity.exchange import acts
from comity.exchange.due import Due, due_within, fold_line, list_due, render_calendar
from comity.records import bodies, kinds
from comity.web.calendar import feed_path
from tests.exchange.network import World
from tests.web.stage import TOKEN, app_of

HOUR = 3600


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Two cases: in one Birch is asked for two things, in the other it asks for one."""
    world = World(tmp_path, ["alder", "birch"])
    for opener, asked, hours in ((0, 1, (5, 100)), (1, 0, (50,))):
        node, other = world.nodes[opener], world.nodes[asked]
        witness = kinds.Witness(vkey=node.party.card.witness, party=node.party.id)
        case = acts.open_case(node, "2026-10-05", kinds.Policy(quorum=1, witnesses=(witness,)))
        acts.invite(node, case, other.party.id)
        for n in hours:
            acts.request(
                node,
                case,
                kinds.Request(
                    to=other.party.id,
                    type="preserve",
                    text=f"Please, keep; the logs\\of\n{n} hours.",
                    due=acts.time_in(node, n * HOUR),
                    instrument="Treaty of Nowhere, article 29(7)" if n == 100 else "",
                ),
            )
    world.settle()
    return world


def test_requests_of_all_cases_stand_in_one_list(world: World) -> None:
    node = world.nodes[1]
    now = node.effects.now()
    found = list_due(node, now)
    assert [(d.mine, d.own, d.clock.basis) for d in found] == [
        (True, False, "asked"),
        (False, True, "asked"),
        (True, False, "instrument"),
    ]
    assert [len(due_within(found, now, h * HOUR)) for h in (1, 6, 72, 200)] == [0, 1, 2, 3]
    later = list_due(node, now + 7 * HOUR)
    assert [d.overdue for d in later] == [True, False, False]
    assert later[0].clock.status == "no-answer-by-time-asked"
    assert len(due_within(later, now + 7 * HOUR, 0)) == 1


def test_an_instrument_binds_nobody_until_it_is_agreed_to(world: World) -> None:
    node = world.nodes[1]
    (due,) = [d for d in list_due(node, node.effects.now()) if d.clock.basis == "instrument"]
    late = [d for d in list_due(node, due.clock.due + 1) if d.clock.request == due.clock.request]
    assert late[0].clock.status == "no-answer-by-time-asked"
    agreed = kinds.Answer(
        request=due.clock.request, disposition="accepted", agrees=bodies.time_text(due.clock.due)
    )
    acts.answer(node, due.case, agreed)
    after = [d for d in list_due(node, due.clock.due + 1) if d.clock.request == due.clock.request]
    assert (after[0].clock.basis, after[0].clock.status) == ("agreed", "lapsed")
    assert after[0].clock.instrument == "Treaty of Nowhere, article 29(7)"


def test_another_reader_understands_the_calendar(world: World) -> None:
    node = world.nodes[1]
    now = node.effects.now()
    found = list_due(node, now)
    raw = render_calendar(found, "Comity; Birch, Office", now)
    read = icalendar.Calendar.from_ical(raw)
    assert str(read["NAME"]).replace("\\", "") == "Comity; Birch, Office"
    events = read.walk("VEVENT")
    assert [e.decoded("DTSTART") for e in events] == [datetime.fromtimestamp(d.clock.due, UTC) for d in found]
    assert [str(e["UID"]) for e in events] == [f"{d.clock.request}@comity" for d in found]
    for event, due in zip(events, found, strict=True):
        assert due.clock.text in str(event["DESCRIPTION"])
        assert "never an admission" in str(event["DESCRIPTION"])
    assert not read.errors
    assert not any(e.errors for e in events)


def test_a_calendar_of_nothing_is_one_too() -> None:
    """RFC 5545 §3.4 wants a component; a strict reader refuses a calendar without."""
    read = icalendar.Calendar.from_ical(render_calendar([], "x", 1_790_000_000))
    assert not read.errors
    assert [each.name for each in read.subcomponents] == ["VTIMEZONE"]
    assert read.walk("VEVENT") == []


@given(st.text(max_size=300))
def test_lines_are_folded_within_75_octets_and_come_back_whole(text: str) -> None:
    clean = "".join(c for c in text if c not in "\r\n" and not 0xD800 <= ord(c) < 0xE000)
    raw = fold_line(clean)
    assert raw.endswith(b"\r\n")
    for line in raw[:-2].split(b"\r\n"):
        assert len(line) <= 75
        line.decode()
    assert raw[:-2].replace(b"\r\n ", b"").decode() == clean


WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=120)


@given(st.lists(st.tuples(WORDS, WORDS, WORDS), max_size=4))
def test_no_words_of_a_party_break_the_calendar(said: Sequence[tuple[str, str, str]]) -> None:
    found = [
        Due(
            case="c",
            title=title,
            asked_by=name,
            asked_of="Birch",
            mine=True,
            own=False,
            clock=Clock(
                request=f"{n:064x}",
                asked_by="a",
                asked_of="b",
                type="clarify",
                text=f"{text}\nEND:VEVENT\r\nBEGIN:VEVENT",
                due=1_790_000_000 + n,
                basis="asked",
                proposed=None,
                answers=(),
                settled="",
                disposition="",
                status="open",
                asked_due=1_790_000_000 + n,
            ),
        )
        for n, (title, name, text) in enumerate(said)
    ]
    read = icalendar.Calendar.from_ical(render_calendar(found, "x", 1_790_000_000))
    assert len(read.walk("VEVENT")) == len(found)
    for event, (title, name, text) in zip(read.walk("VEVENT"), said, strict=True):
        assert f"{text}\nEND:VEVENT\nBEGIN:VEVENT" in str(event["DESCRIPTION"])
        assert str(event["SUMMARY"]) == f"{title}: clarify, {name} asks Birch"


def test_the_feed_has_a_secret_address(world: World) -> None:
    node = world.nodes[1]
    with TestClient(app_of(node)) as client:
        answer = client.get(feed_path(TOKEN))
        assert answer.headers["content-type"].startswith("text/calendar")
        assert len(icalendar.Calendar.from_ical(answer.content).walk("VEVENT")) == 3
        for wrong in (feed_path("another token of 16"), "/calendar/x.ics", feed_path(TOKEN)[:-5] + "0.ics"):
            assert client.get(wrong).status_code == 404
        assert TOKEN not in feed_path(TOKEN)
