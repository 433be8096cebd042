"""What was put to a party and has no answer of it on record, other than requests, which have clocks.

The same for every party, whichever side it is on. That nothing is recorded says nothing: nobody has to answer
what is listed here, and only an agreed clock lapses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from comity.case.actions import actions
from comity.case.clocks import Clock
from comity.case.consultations import consultations
from comity.case.disclosures import disclosures
from comity.case.extensions import extensions
from comity.case.matching import offers
from comity.case.state import State
from comity.case.statements import statements
from comity.records import kinds

What = Literal[
    "terms", "package", "question", "transfer", "more-time", "action", "statement", "text", "suggestion"
]

_RUNNING: Final = frozenset(("open", "lapsed", "no-answer-by-time-asked"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """``party`` has said nothing yet to ``record``, which ``by`` signed.

    ``what``: the *terms* of a disclosure, which it neither accepted nor declined; a *package* that it has and
    says nothing of; a *question* against its list of indicators; a *transfer* whose other half is its own;
    *more-time* proposed for a request; an *action* proposed to it; a *statement* it was asked to join; a
    *text* it was consulted on; a *suggestion* to its text without a disposition.
    """

    what: What
    party: str
    by: str
    record: str


def awaited(state: State, clocks: Iterable[Clock]) -> tuple[Awaited, ...]:
    """Everything of that kind in a case, in causal order of what waits, parties in the order of the case.

    ``clocks`` are those of the case (``case.clocks.clocks``), at whichever instant the reader asks of: more
    time is waited for where a clock still runs.
    """
    places = {party: n for n, party in enumerate(state.members)}
    order = {record.id: n for n, record in enumerate(state.ordered)}
    found = [one for one in _all(state, clocks) if one.party in places and one.party != one.by]
    return tuple(sorted(found, key=lambda one: (order[one.record], places[one.party])))


def _all(state: State, clocks: Iterable[Clock]) -> Iterator[Awaited]:
    for shown in disclosures(state):
        for to in shown.to:
            if to.standing in ("awaits", "sent", "accepted"):
                what: What = "terms" if to.standing == "awaits" else "package"
                yield Awaited(what=what, party=to.to, by=shown.author, record=shown.record)
    for offer in offers(state):
        for ask in offer.asks:
            if ask.outcome == "open":
                yield Awaited(what="question", party=offer.author, by=ask.by, record=ask.record)
    received = {
        r.content.transfer for r in state.of("evidence.receive") if isinstance(r.content, kinds.Receive)
    }
    for record in state.of("evidence.transfer"):
        if isinstance(record.content, kinds.Transfer) and record.id not in received:
            yield Awaited(what="transfer", party=record.content.to, by=record.author, record=record.id)
    proposals = extensions(state)
    for clock in clocks if proposals else ():
        for proposal in proposals.get(clock.request, ()):
            if proposal.answer == "open" and clock.status in _RUNNING:
                other = clock.asked_by if proposal.by == clock.asked_of else clock.asked_of
                yield Awaited(what="more-time", party=other, by=proposal.by, record=proposal.record)
    for action in actions(state):
        for part in action.parts:
            if not part.answer:
                yield Awaited(what="action", party=part.party, by=action.by, record=action.record)
    for statement in statements(state):
        if not statement.later:
            for party in statement.silent:
                yield Awaited(what="statement", party=party, by=statement.by, record=statement.record)
    for consultation in consultations(state):
        for party in consultation.silent:
            newest = consultation.versions[-1].record
            yield Awaited(what="text", party=party, by=consultation.by, record=newest)
        for suggestion in consultation.suggestions:
            if not suggestion.dispositions:
                yield Awaited(
                    what="suggestion", party=consultation.by, by=suggestion.by, record=suggestion.record
                )
