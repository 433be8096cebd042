"""Honest records of the kinds of procedure for generated cases; each draws on what its actor was given."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import msgspec

from comity.records import bodies, kinds
from comity.records.kinds_of_actions import Accept, Indicator, Propose, ReportAction
from comity.records.kinds_of_consultation import Clause, Dispose, Suggest, Table, TakePosition
from comity.records.kinds_of_procedure import Close, Extend, WithdrawEndorsement, WithdrawRequest
from comity.records.kinds_of_statements import Announce, Correct, Correction, Join, Reservation
from tests import world as w
from tests.procedure import CLAUSES, amended, announced, later, suggested, tabled, translated
from tests.world import DAY, HOUR, Actor, Said

if TYPE_CHECKING:
    from tests.generated import Generator


def go_on(g: Generator, count: int) -> None:
    """About ``count`` records of procedure, by turns of chance."""
    for _ in range(count):
        g.world.now += g.rng.randint(1, 12) * HOUR
        actor = g.rng.choice(g.actors)
        g.rng.choice(ACTS)(g, actor)
        if g.rng.random() < 0.15:
            g.attest()
        g.deliver(0.7)
    g.attest()


def _one(g: Generator, actor: Actor, *kind: str, own: bool | None = None) -> Said | None:
    return g.pick(g.find(actor, frozenset(), *kind, own=own))


def _some(g: Generator, actor: Actor, audience: Iterable[str]) -> tuple[str, ...]:
    able = [a.id for a in g.actors if a is not actor and (a.id in audience or kinds.PUBLIC in audience)]
    return tuple(sorted(g.rng.sample(able, g.rng.randint(0, len(able)))))


def close(g: Generator, actor: Actor) -> None:
    own = [r for r in g.held[actor.id] if isinstance(r.value.content, Close) and _by(r) == actor.id]
    before = own[-1] if own else None
    audience = g.some_audience(actor)
    if before is not None and isinstance(before.value.content, Close):
        if before.value.content.outcome == "reopened" or not audience <= g.reach(actor, before):
            return
        content = Close(outcome="reopened", reopens=before.value.id, text="There is more.")
        g.honestly(actor, content, audience, before)
    else:
        outcome = g.rng.choice(["settled", "not-settled"])
        content = Close(outcome=outcome, text="So far.")  # type: ignore[arg-type]  # one of two
        g.honestly(actor, content, audience)


def _by(record: Said) -> str:
    return record.value.envelope.iss


def amend(g: Generator, actor: Actor) -> None:
    stated = _one(g, actor, "claim.state", "claim.amend", own=True)
    if stated is not None:
        content = amended(stated, f"In other words, {len(g.made.records)}.", supports=())
        references = [stated]
        against = content.revisions[0].assertion.against
        if isinstance(against, kinds.Target):
            found = [r for r in g.held[actor.id] if r.value.id == against.record]
            if not found or not g.reach(actor, stated) <= g.reach(actor, found[0]) | {_by(found[0])}:
                return
            references += found
        g.honestly(actor, content, g.reach(actor, stated), *references)


def extend(g: Generator, actor: Actor) -> None:
    request = _one(g, actor, "request.make")
    if request is None or not isinstance(asked := request.value.content, kinds.Request):
        return
    sides = {asked.to, _by(request)}
    if actor.id in sides:
        due = later(request, g.rng.randint(1, 9))
        content = Extend(request=request.value.id, step="proposes", due=due, text="A little more.")
        g.honestly(actor, content, frozenset(sides - {actor.id}), request)


def answer_extension(g: Generator, actor: Actor) -> None:
    proposal = _one(g, actor, "request.extend", "request.answer", own=False)
    if proposal is None:
        return
    said = proposal.value.content
    assert isinstance(said, Extend | kinds.Answer)
    request = next((r for r in g.held[actor.id] if r.value.id == said.request), None)
    if request is None or not said.due or (isinstance(said, Extend) and said.step != "proposes"):
        return
    assert isinstance(request.value.content, kinds.Request)
    if actor.id in (_by(request), request.value.content.to):
        accept = g.rng.random() < 0.5
        content = Extend(
            request=said.request,
            step="accepts" if accept else "refuses",
            proposal=proposal.value.id,
            due=said.due if accept else "",
            text="It is urgent.",
        )
        g.honestly(actor, content, frozenset({_by(proposal)}), request, proposal)


def unask(g: Generator, actor: Actor) -> None:
    request = _one(g, actor, "request.make", own=True)
    if request is not None and isinstance(request.value.content, kinds.Request):
        content = WithdrawRequest(request=request.value.id, reason="No longer needed.")
        g.honestly(actor, content, frozenset({request.value.content.to}), request)


def unendorse(g: Generator, actor: Actor) -> None:
    voice = _one(g, actor, "endorsement.make", own=True)
    if voice is not None:
        content = WithdrawEndorsement(endorsement=voice.value.id, reason="Read again.")
        g.honestly(actor, content, g.reach(actor, voice), voice)


def lend(g: Generator, actor: Actor) -> None:
    """An endorsement on another's word alone, as circles are made of."""
    stated = _one(g, actor, "claim.state", "claim.amend", own=False)
    if stated is not None:
        basis = g.rng.choice(["trust", "reviewed", "undeclared"])
        content = kinds.Endorse(target=w.target(stated), basis=basis)  # type: ignore[arg-type]  # as above
        g.honestly(actor, content, g.reach(actor, stated), stated)


def announce(g: Generator, actor: Actor) -> None:
    audience = g.some_audience(actor)
    tied = g.find(actor, audience, "claim.state", "claim.amend")[:2]
    before = [r for r in g.find(actor, audience, "statement.publish", own=True) if g.rng.random() < 0.5][:1]
    content = announced(*tied, parties=_some(g, actor, audience), before=before[0].value.id if before else "")
    g.honestly(actor, content, audience, *tied, *before)


def join(g: Generator, actor: Actor) -> None:
    text = _one(g, actor, "statement.publish")
    if text is None or not isinstance(said := text.value.content, Announce):
        return
    if actor.id in said.parties or actor.id == _by(text):
        declines = actor.id != _by(text) and g.rng.random() < 0.3
        content = Join(
            statement=text.value.id,
            answer="declines" if declines else "joins",
            basis="undeclared" if declines else g.rng.choice(["trust", "reviewed"]),
            reservations=() if declines else (Reservation(n=1, text="Not this one."),),
            text="Too early." if declines else "",
        )
        g.honestly(actor, content, g.reach(actor, text), text)


def correct(g: Generator, actor: Actor) -> None:
    text = _one(g, actor, "statement.publish", own=True)
    if text is not None:
        correction = Correction(n=g.rng.randint(0, 1), text=g.rng.choice(["", "In part."]))
        content = Correct(statement=text.value.id, corrections=(correction,), reason="A mistake.")
        g.honestly(actor, content, g.reach(actor, text), text)


def propose(g: Generator, actor: Actor) -> None:
    audience = g.some_audience(actor)
    to = _some(g, actor, audience)
    about = g.pick(g.find(actor, audience, "claim.state", "claim.amend"))
    if to:
        shown = (Indicator(type="domain-name:value", value="relay.example"),)
        content = Propose(to=to, type="block", text="Close the port.", indicators=shown)
        if about is not None:
            content = msgspec.structs.replace(content, about=w.target(about))
        g.honestly(actor, content, audience, *([about] if about else []))


def undertake(g: Generator, actor: Actor) -> None:
    action = _one(g, actor, "action.propose", own=False)
    if action is not None and isinstance(said := action.value.content, Propose) and actor.id in said.to:
        declines = g.rng.random() < 0.3
        content = Accept(
            action=action.value.id,
            answer="declines" if declines else "accepts",
            ground="law" if declines else "",
        )
        g.honestly(actor, content, frozenset({_by(action)}), action)


def report(g: Generator, actor: Actor) -> None:
    action = _one(g, actor, "action.propose")
    if action is None or not isinstance(said := action.value.content, Propose):
        return
    if actor.id in said.to or actor.id == _by(action):
        status = g.rng.choice(["done", "failed", "under-way"])
        done = bodies.time_text(g.world.now - DAY) if status == "done" else ""
        content = ReportAction(action=action.value.id, status=status, done=done)  # type: ignore[arg-type]
        g.honestly(actor, content, g.reach(actor, action), action)


def table(g: Generator, actor: Actor) -> None:
    audience = g.some_audience(actor)
    own = g.find(actor, audience, "initiative.table", own=True)
    before = g.pick([r for r in own if isinstance(r.value.content, Table) and not r.value.content.translates])
    if before is None:
        g.honestly(actor, tabled(parties=_some(g, actor, audience)), audience)
        return
    said = before.value.content
    assert isinstance(said, Table)
    used = {c.id for c in said.clauses} | set(said.retired)
    clauses = (*said.clauses[1:], Clause(id=str(len(used) + 1), text="Nobody is named in a heading."))
    content = tabled(
        clauses=clauses, before=before.value.id, retired=tuple(sorted(used - {c.id for c in clauses}))
    )
    g.honestly(actor, content, audience, before)


def translate(g: Generator, actor: Actor) -> None:
    text = _one(g, actor, "initiative.table")
    if text is not None and isinstance(said := text.value.content, Table) and said.clauses == CLAUSES:
        g.honestly(actor, translated(text), g.reach(actor, text), text)


def suggest(g: Generator, actor: Actor) -> None:
    text = _one(g, actor, "initiative.table")
    if text is None or not isinstance(said := text.value.content, Table) or said.translates:
        return
    if CLAUSES[1] in said.clauses and g.rng.random() < 0.6:
        content = suggested(text)
    else:
        content = suggested(text, clause=said.clauses[0].id, adds="90", old="", new="One more.")
    g.honestly(actor, content, g.reach(actor, text), text)


def position(g: Generator, actor: Actor) -> None:
    change = _one(g, actor, "suggestion.make", own=False)
    if change is not None:
        chosen = g.rng.choice(["supports", "objects", "reserves", "no-view"])
        content = TakePosition(suggestion=change.value.id, position=chosen)  # type: ignore[arg-type]
        g.honestly(actor, content, g.reach(actor, change), change)


def dispose(g: Generator, actor: Actor) -> None:
    change = _one(g, actor, "suggestion.make")
    if change is None or not isinstance(said := change.value.content, Suggest):
        return
    text = next((r for r in g.held[actor.id] if r.value.id == said.initiative), None)
    if text is not None and _by(text) == actor.id:
        outcome = g.rng.choice(["adopted", "adopted-in-part", "declined", "deferred"])
        content = Dispose(suggestion=change.value.id, outcome=outcome, reason="No.")  # type: ignore[arg-type]
        g.honestly(actor, content, g.reach(actor, change), change, text)


ACTS: list[Callable[[Generator, Actor], None]] = [
    close, amend, amend, extend, extend, answer_extension, answer_extension, unask, unendorse, lend, lend,
    announce, join, join, correct, propose, undertake, report, table, table, translate, suggest, suggest,
    position, dispose,
]  # fmt: skip
