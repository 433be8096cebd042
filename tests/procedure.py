"""Contents of the kinds of procedure, and one small case in which each of them is said and accepted."""

from __future__ import annotations

from typing import Any

import msgspec

from comity.case.judging import assertions_of
from comity.records import bodies, kinds
from comity.records.kinds_of_actions import Accept, Indicator, Propose, ReportAction
from comity.records.kinds_of_consultation import Clause, Dispose, Suggest, Table, TakePosition
from comity.records.kinds_of_procedure import (
    Amend,
    Close,
    Extend,
    Revision,
    WithdrawEndorsement,
    WithdrawRequest,
)
from comity.records.kinds_of_statements import (
    Announce,
    Correct,
    Correction,
    Join,
    Reservation,
    Sentence,
)
from tests import world as w
from tests.world import DAY, Said


def amended(of: Said, text: str = "The gateway was entered from a leased address.", **changes: Any) -> Amend:
    """A new version of the first assertion of a record."""
    assert of.value.content is not None
    stated = assertions_of(of.value.content)[0]
    revised = msgspec.structs.replace(stated, **({"text": text} | changes))
    return Amend(
        target=of.value.id, revisions=(Revision(n=0, assertion=revised),), reason="The lease is known now."
    )


def later(of: Said, days: int = 3) -> str:
    """An instant some days after the one that a request asks for."""
    content = of.value.content
    assert isinstance(content, kinds.Request)
    return bodies.time_text(bodies.parse_time(content.due) + days * DAY)


def announced(*tied: Said, **changes: Any) -> Announce:
    """A statement of two sentences, the first tied to the first assertions of these records."""
    sentences = (
        Sentence(text="The gateway was entered.", assertions=tuple(w.target(t) for t in tied)),
        Sentence(text="We regret the delay."),
    )
    return msgspec.structs.replace(
        Announce(title="On the gateway", status="final", sentences=sentences), **changes
    )


CLAUSES = (
    Clause(id="1", text="Each party names one point of contact.", heading="Contacts"),
    Clause(id="2", text="Requests are answered within five days, or declined with reasons."),
)


def tabled(**changes: Any) -> Table:
    """An initiative of two clauses."""
    return msgspec.structs.replace(Table(title="Answering each other", clauses=CLAUSES), **changes)


def translated(of: Said, **changes: Any) -> Table:
    """The same clauses in Norwegian."""
    clauses = (
        Clause(id="1", text="Hver part oppgir ett kontaktpunkt."),
        Clause(id="2", text="Anmodninger besvares innen fem dager, eller avslås med grunner."),
    )
    made = Table(title="Å svare hverandre", clauses=clauses, language="nb", translates=of.value.id)
    return msgspec.structs.replace(made, **changes)


def suggested(to: Said, **changes: Any) -> Suggest:
    """Seven days for five."""
    made = Suggest(
        initiative=to.value.id, clause="2", old="five days", new="seven days", reason="Five is too short."
    )
    return msgspec.structs.replace(made, **changes)


def play(s: Any) -> dict[str, Said]:
    """Every kind of procedure, said in a scene (``tests/rulebook.py``); all of it is accepted."""
    a, b, c = s.a, s.b, s.c
    said: dict[str, Said] = {}

    def say(name: str, actor: w.Actor, content: kinds.Content, *references: Said) -> Said:
        said[name] = s.say(actor, content, *references)
        return said[name]

    stated = s.claimed(a, b)
    amend = say("amend", a, amended(stated), stated)
    asked = s.asked(b, a)
    more = say(
        "extend",
        a,
        Extend(request=asked.value.id, step="proposes", due=later(asked), text="The office is moving."),
        asked,
    )
    say(
        "refuse-more",
        b,
        Extend(request=asked.value.id, step="refuses", proposal=more.value.id, text="It is urgent."),
        asked,
        more,
    )
    offer = say("offer", b, Extend(request=asked.value.id, step="proposes", due=later(asked, 1)), asked)
    say(
        "take-offer",
        a,
        Extend(request=asked.value.id, step="accepts", proposal=offer.value.id, due=later(asked, 1)),
        asked,
        offer,
    )
    again = s.asked(b, a)
    say("withdraw-request", b, WithdrawRequest(request=again.value.id, reason="Answered by mail."), again)
    endorsed = s.say(c, kinds.Endorse(target=w.target(stated), basis="trust"), stated)
    say("unendorse", c, WithdrawEndorsement(endorsement=endorsed.value.id, reason="Read again."), endorsed)
    draft = say("draft", a, announced(amend, status="draft", parties=(c.id,)), amend)
    say(
        "join",
        c,
        Join(
            statement=draft.value.id,
            answer="joins",
            basis="trust",
            reservations=(Reservation(n=1, text="We had no part in the delay."),),
        ),
        draft,
    )
    final = say("final", a, announced(amend, before=draft.value.id, parties=(c.id,)), draft, amend)
    say("decline", c, Join(statement=final.value.id, answer="declines", text="Changed since."), final)
    say(
        "correct",
        a,
        Correct(
            statement=final.value.id, corrections=(Correction(n=0, text="A gateway."),), reason="One of two."
        ),
        final,
    )
    action = say(
        "propose",
        a,
        Propose(
            to=tuple(sorted((b.id, c.id))),
            type="block",
            text="Block the address for a week.",
            risks="A mail relay shares it.",
            indicators=(Indicator(type="ipv4-addr:value", value="198.51.100.7", onward="ask"),),
            about=w.target(amend),
        ),
        amend,
    )
    say("undertake", b, Accept(action=action.value.id, answer="accepts"), action)
    say("decline-action", c, Accept(action=action.value.id, answer="declines", ground="not-ours"), action)
    done = bodies.time_text(s.world.now)
    say("report-action", b, ReportAction(action=action.value.id, status="done", done=done), action)
    text = say("table", a, tabled(parties=tuple(sorted((b.id, c.id)))))
    say("translate", c, translated(text), text)
    change = say("suggest", b, suggested(text), text)
    say(
        "position",
        c,
        TakePosition(suggestion=change.value.id, position="supports", reasons="Fits us."),
        change,
    )
    newer = (CLAUSES[0], Clause(id="2", text=CLAUSES[1].text.replace("five", "seven")))
    second = say("second", a, tabled(clauses=newer, before=text.value.id), text)
    say(
        "dispose",
        a,
        Dispose(suggestion=change.value.id, outcome="adopted", reason="Agreed.", version=second.value.id),
        change,
        text,
        second,
    )
    closed = say("close", a, Close(outcome="settled", text="Nothing is open between us."))
    say("reopen", a, Close(outcome="reopened", reopens=closed.value.id, text="A second log came."), closed)
    return said
