"""What was asked and answered, who was told, and what else was said, as lines for a reader of a dossier."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from comity.case.actions import actions
from comity.case.clocks import Clock, NoticeFacts, clocks, notices
from comity.case.closings import closings
from comity.case.consultations import consultations
from comity.case.statements import statements
from comity.dossier.verify import Contents
from comity.phrases import count_of
from comity.records import bodies

STATUS_WORDS = {
    "open": "open",
    "in-time": "settled in time",
    "late": "settled late",
    "timing-unproven": "settled; timing unproven",
    "lapsed": "the agreed time has passed",
    "no-answer-by-time-asked": "no answer recorded by the time asked",
    "refused": "refused",
    "due-before-asked": "asked for an instant that had passed; no clock runs",
    "withdrawn": "withdrawn by who asked",
}
"""How a request stands, in words that admit nothing for anybody."""

_NOTICE = {
    "none": "no notice is shown here",
    "given": "notice given, no receipt",
    "delivery-attempted": "notice given, delivery attempted, no receipt",
    "received": "notice received",
    "received-by-name": "notice received by a party that merely bears that name",
    "acknowledged": "notice acknowledged, which concedes nothing",
    "acknowledged-by-name": "notice acknowledged by a party that merely bears that name",
}


def procedure_lines(
    contents: Contents, called: Callable[[str], str], escape: Callable[[str], str]
) -> list[str]:
    """Each request with its clock, whom each assertion names and whether it was told, each closing; and how
    much there is of what only ``--json`` tells."""
    state = contents.state
    as_of = bodies.parse_time(contents.manifest.as_of)
    lines = [_clock(clock, called, escape) for clock in clocks(state, as_of)]
    lines += [_notice(notice, called, escape) for notice in notices(state, contents.parties)]
    lines += [f"    {called(c.by)} says of the case: {c.outcome}" for c in closings(state)]
    lines += _others(contents)
    return lines


def _clock(clock: Clock, called: Callable[[str], str], escape: Callable[[str], str]) -> str:
    due = bodies.time_text(clock.due)
    basis = f"{clock.basis}: {escape(clock.instrument)}" if clock.instrument else clock.basis
    who = f"{called(clock.asked_by)} asks {called(clock.asked_of)}"
    words = STATUS_WORDS.get(clock.status, clock.status)
    return f"    {who} ({clock.type}, {clock.request[:12]}…), due {due} ({basis}): {words}"


def _notice(notice: NoticeFacts, called: Callable[[str], str], escape: Callable[[str], str]) -> str:
    whom = called(notice.to.party) if notice.to.party else escape(notice.to.name)
    place = f"{notice.target.record[:12]}…#{notice.target.n + 1}"
    return f"    {whom}, whom {place} names: {_NOTICE.get(notice.word, notice.word)}"


def _others(contents: Contents) -> Iterator[str]:
    counted = (
        (len(statements(contents.state)), "statement"),
        (len(actions(contents.state)), "proposed action"),
        (len(consultations(contents.state)), "consultation"),
    )
    told = ", ".join(count_of(number, noun) for number, noun in counted if number)
    if told:
        yield f"    also here, told by --json: {told}"
