"""What is owed by when, across all cases of a node, and the same as a calendar (iCalendar, RFC 5545).

A calendar shows instants and decides nothing: only an agreed clock lapses, and not answering is never an
admission. Its entries say so, since they are read far from the case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from comity.case.clocks import Clock, clocks
from comity.exchange.acts import neutral_title
from comity.exchange.node import Node
from comity.records import bodies

WAITING = ("open", "lapsed", "no-answer-by-time-asked", "due-before-asked")
PRODUCT = "-//Comity//Clocks of cases//EN"
BASES = {"asked": "asked by one side", "agreed": "agreed by both", "instrument": "said to follow from"}
CAUTION = "Only a time that both sides agreed to lapses. No answer is never an admission."


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One open request with its clock. ``mine``: this node's party was asked; else it asks, or looks on."""

    case: str
    title: str
    asked_by: str
    asked_of: str
    mine: bool
    own: bool
    clock: Clock

    @property
    def overdue(self) -> bool:
        return self.clock.status in ("lapsed", "no-answer-by-time-asked")


def list_due(node: Node, as_of: int) -> tuple[Due, ...]:
    """Every open request of every case here, the earliest first. ``as_of`` in seconds since 1970 UTC."""
    me = node.party.id
    found = []
    for case in node.cases():
        state = node.state(case)
        found += [
            Due(
                case=case,
                title=neutral_title(state),
                asked_by=node.name_of(clock.asked_by),
                asked_of=node.name_of(clock.asked_of),
                mine=clock.asked_of == me,
                own=clock.asked_by == me,
                clock=clock,
            )
            for clock in clocks(state, as_of)
            if clock.status in WAITING
        ]
    return tuple(sorted(found, key=lambda d: (d.clock.due, d.clock.request)))


def due_within(found: Iterable[Due], as_of: int, seconds: int) -> tuple[Due, ...]:
    """What is due from ``as_of`` on within so many seconds, and what is overdue."""
    return tuple(
        d for d in found if d.overdue or (d.clock.status == "open" and d.clock.due <= as_of + seconds)
    )


_NOTHING = [
    *("BEGIN:VTIMEZONE", "TZID:UTC", "BEGIN:STANDARD", "DTSTART:19700101T000000"),
    *("TZOFFSETFROM:+0000", "TZOFFSETTO:+0000", "END:STANDARD", "END:VTIMEZONE"),
]
"""A calendar holds one component at least (RFC 5545 §3.4): where nothing is open, the zone that it is in."""


def render_calendar(found: Iterable[Due], name: str, as_of: int) -> bytes:
    """The calendar: an event without length at each due instant, in UTC, with an alarm a day before.

    RFC 5545: lines end in CR LF and are folded at 75 octets, never within a character (§3.1); texts are
    escaped (§3.3.11).
    """
    lines = [
        *("BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"),
        f"NAME:{escape_text(name)}",
        f"X-WR-CALNAME:{escape_text(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
    ]
    events = [line for due in found for line in _event(due, as_of)]
    lines += [*(events or _NOTHING), "END:VCALENDAR"]
    return b"".join(fold_line(line) for line in lines)


def _event(due: Due, as_of: int) -> list[str]:
    clock = due.clock
    basis = BASES[clock.basis] + (f" {clock.instrument}" if clock.basis == "instrument" else "")
    who = f"{due.asked_by} asks {due.asked_of}"
    told = [who, f"{clock.type}: {clock.text}", f"Clock: {basis}. Status: {clock.status}.", CAUTION]
    if clock.proposed is not None:
        told.insert(3, f"Another time was proposed: {bodies.time_text(clock.proposed)}.")
    return [
        "BEGIN:VEVENT",
        f"UID:{clock.request}@comity",
        f"DTSTAMP:{_instant(as_of)}",
        f"DTSTART:{_instant(clock.due)}",
        f"SUMMARY:{escape_text(f'{due.title}: {clock.type}, {who}')}",
        f"DESCRIPTION:{escape_text(chr(10).join(told))}",
        f"CATEGORIES:{escape_text(clock.basis)},{'mine' if due.mine else 'theirs'}",
        *("CLASS:CONFIDENTIAL", "TRANSP:TRANSPARENT", "BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-P1D"),
        f"DESCRIPTION:{escape_text(f'{due.title}: due in a day')}",
        *("END:VALARM", "END:VEVENT"),
    ]


def _instant(seconds: int) -> str:
    return re.sub("[-:]", "", bodies.time_text(seconds))


def escape_text(text: str) -> str:
    """A TEXT value (§3.3.11); control characters, which it cannot hold, are left out."""
    clean = "".join(c for c in text.replace("\r\n", "\n") if c == "\n" or (ord(c) >= 32 and ord(c) != 127))
    for old, new in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        clean = clean.replace(old, new)
    return clean


def fold_line(line: str) -> bytes:
    """One content line, folded (§3.1): at most 75 octets before each CR LF, and characters whole."""
    out: list[bytes] = []
    part = b""
    for char in line:
        octets = char.encode("utf-8", "replace")
        # A line that goes on begins with a space, which counts.
        if len(part) + len(octets) > (75 if not out else 74):
            out.append(part)
            part = b""
        part += octets
    return b"\r\n ".join([*out, part]) + b"\r\n"
