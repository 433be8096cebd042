"""What waits for a word of this node's party, in one case or in all: the first thing that people look for.

The same things stand in the sections of a case for every party. Nobody has to answer, and only a time that
both sides agreed to can pass; the pages say so beside the list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from comity.case.awaiting import Awaited, What, awaited
from comity.exchange import evidence
from comity.records import kinds
from comity.web import words
from comity.web.phrases import count_of, phrase
from comity.web.reading import Reading, Ref, Who, rows_shown_here
from comity.web.spans import count_rows, spans_of
from comity.web.words import Label, label

RUNNING = frozenset(("open", "lapsed", "no-answer-by-time-asked", "due-before-asked"))
"""Of a clock: that its request has no answer."""

ANSWERS: dict[What, tuple[str, str]] = {
    "terms": (phrase("Accept its terms, or decline"), "accept-terms"),
    "package": (phrase("Open it, and say what came"), "open-shown"),
    "question": (phrase("Answer it"), "match-answer"),
    "transfer": (phrase("Say that it came"), "receive"),
    "more-time": (phrase("Answer the time proposed"), "answer-time"),
    "action": (phrase("Undertake it, or decline"), "answer-action"),
    "statement": (phrase("Join it, or decline"), "join"),
    "text": (phrase("Suggest other words"), "suggest"),
    "suggestion": (phrase("Say what became of it"), "dispose"),
}
"""The act that answers each, and its form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Something that ``by`` put to this party. ``due`` is in seconds since 1970 UTC, None where no time was
    named; ``basis`` says by whom it was set and ``state`` how the clock stands. ``act`` and ``link`` lead to
    the form that answers it, ``read`` to what was shown, "" where that is not here."""

    case: str
    case_title: str
    record: Ref
    by: Who
    what: str
    text: str = ""
    due: int | None = None
    basis: str = ""
    state: Label | None = None
    act: str = ""
    link: str = ""
    read: str = ""


def list_waits(readings: Iterable[Reading]) -> tuple[Wait, ...]:
    """All of them, those with the earliest time first, and those without one last."""
    found = [wait for reading in readings for wait in _waits(reading)]
    return tuple(sorted(found, key=lambda wait: (wait.due is None, wait.due or 0)))


def _waits(reading: Reading) -> Iterator[Wait]:
    own, case, title = reading.node.party.id, reading.case, reading.title
    for clock in reading.clocks:
        if clock.asked_of == own and clock.status in RUNNING:
            yield Wait(
                case=case,
                case_title=title,
                record=reading.ref(clock.request),
                by=reading.who(clock.asked_by),
                what=phrase("Request: {}", label(words.REQUESTS, clock.type).words),
                text=clock.text,
                due=clock.due,
                basis=label(words.CLOCK_BASES, clock.basis).words,
                state=label(words.CLOCKS, clock.status),
                act=phrase("Answer it"),
                link=f"/act/{case}/answer?about-record={clock.request}",
            )
    told = dict.fromkeys(
        facts.notice
        for facts in reading.notices
        if facts.to.party == own and facts.notice and not facts.acknowledged
    )
    for notice in told:
        yield Wait(
            case=case,
            case_title=title,
            record=reading.ref(notice),
            by=reading.who(reading.state.accepted[notice].author),
            what=phrase("Notice, not acknowledged"),
            act=phrase("Acknowledge it"),
            link=f"/act/{case}/acknowledge?about-record={notice}",
        )
    for one in awaited(reading.state, reading.clocks):
        if one.party == own:
            act, form = ANSWERS[one.what]
            yield Wait(
                case=case,
                case_title=title,
                record=reading.ref(one.record),
                by=reading.who(one.by),
                what=_name(reading, one),
                act=act,
                link=f"/act/{case}/{form}?about-record={one.record}",
                read=_where_read(reading, one.record) if one.what == "package" else "",
            )


def _name(reading: Reading, one: Awaited) -> str:
    """What is awaited; of a disclosure also how much of which item it shows."""
    what = label(words.AWAITED, one.what).words
    content = reading.state.accepted[one.record].content
    if not isinstance(content, kinds.Disclose):
        return what
    whole = content.level == "whole"
    rows = count_of(count_rows(spans_of([content.rows])), "row")
    shown = phrase("the whole item") if whole else rows
    return phrase("{}: {} of {}", what, shown, reading.item_name(content.item))


def _where_read(reading: Reading, record: str) -> str:
    """Where what a disclosure brought is read on this node, "" where it is not here."""
    content = reading.state.accepted[record].content
    if not isinstance(content, kinds.Disclose):
        return ""
    if content.level == "whole":
        held = content.item.root in evidence.held_items(reading.node)
        return f"/evidence/{content.item.root}" if held else ""
    return f"/shown/{record}" if rows_shown_here(reading, record) else ""
