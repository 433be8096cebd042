"""``comity status``: what waits for whom."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from comity.cli.awaiting import tell_awaited
from comity.cli.options import home_option, open_home
from comity.cli.output import Out, count, speaks
from comity.cli.procedure import tell_extensions

if TYPE_CHECKING:
    from comity.case.clocks import Clock
    from comity.exchange.node import Node

UNSETTLED = ("open", "lapsed", "no-answer-by-time-asked", "due-before-asked")


@click.command(name="status")
@home_option
@click.option("--all", "everything", is_flag=True, help="Settled requests too.")
@speaks(
    "node (party, name, ledger, cases); standing (state, held, size, head, why); room "
    "(where, free, floor, low), bytes of the disk; quota (kind, of, used, limit), bytes stored "
    "for others; unpublished (code, where, why); request (case, record, "
    "asked_by, asked_of, what, text, due, basis, instrument, proposed, status, settled, mine); "
    "notice (case, record, from, state); awaited (case, record, what, party, from, mine); "
    "undelivered (to, messages, error), "
    "refused and waiting (case, record, why); fork (case, party, seq); split (case, party, record); "
    "provable (case, party, of)."
)
def status_command(out: Out, home: Path | None, everything: bool) -> int:
    """List open requests with their clocks, notices to this party that nobody
    acknowledged, what else waits for its word (terms to accept, questions, transfers,
    proposals, texts) with the command for it, messages that wait to be delivered, and
    records that wait or were refused. Silence is never an admission, and only an
    agreed clock lapses.
    """
    from comity.case.clocks import clocks
    from comity.exchange.exposing import exposures

    node = open_home(home).node
    party = node.party
    out.line(f"{party.card.name}  {party.id[:16]}  ledger of {count(node.journal.size(), 'leaf', 'leaves')}")
    out.object(
        "node", party=party.id, name=party.card.name, ledger=node.journal.size(), cases=len(node.cases())
    )
    tell_standing(out, node)
    tell_quotas(out, node)
    if (late := node.unpublished) is not None:
        out.line(f"NOT PUBLISHED YET: what was signed last stands here, and not in the public files: {late}")
        out.object("unpublished", code=late.code, where=late.where, why=late.why)
    as_of = node.effects.now()
    for case in node.cases():
        state = node.state(case)
        from comity.exchange.acts import neutral_title

        out.line()
        out.line(f"{neutral_title(state)}  {count(len(state.accepted), 'record')}")
        running = clocks(state, as_of)
        for clock in running:
            if everything or clock.status in UNSETTLED:
                tell_clock(out, node, case, clock)
        _tell_notices(out, node, case)
        tell_awaited(out, node, state, running, mine=True)
        for record, refusal in sorted(state.refused.items()):
            out.line(f"refused  {record[:12]}  rule {refusal.rule}: {refusal.why}", 2)
            out.object("refused", case=case, record=record, rule=refusal.rule, why=refusal.why)
        for record, waiting in sorted(state.waiting.items()):
            needs = ", ".join(n[:12] for n in waiting.needs)
            out.line(f"waiting  {record[:12]}  for {needs}", 2)
            out.object("waiting", case=case, record=record, why=f"builds on {needs}")
        for author, seq in sorted(state.forks.items()):
            out.line(f"FORK     {node.name_of(author)} signed two records numbered {seq}", 2)
            out.object("fork", case=case, party=author, seq=seq)
        for owner, record in sorted(state.splits.items()):
            out.line(f"SPLIT    the ledger of {node.name_of(owner)} has two histories ({record[:12]})", 2)
            out.object("split", case=case, party=owner, record=record)
        for exposure in exposures(node, case):
            what = "two records of one number" if exposure.of == "chain" else "two histories of its ledger"
            name = node.name_of(exposure.party)
            out.line(f"PROVABLE {name} signed {what}: comity case prove-fork {exposure.party[:16]}", 2)
            out.object("provable", case=case, party=exposure.party, of=exposure.of)
    pending = node.journal.pending()
    out.line()
    if not pending:
        out.line("Everything that was sent has arrived.")
    errors = {message.to: message.error for message in pending}
    for address, number in sorted(Counter(message.to for message in pending).items()):
        why = errors[address]
        out.line(f"undelivered to {address}: {count(number, 'message')}{f' ({why})' if why else ''}")
        out.object("undelivered", to=address, messages=number, error=why)
    return 0


def tell_standing(out: Out, node: Node) -> None:
    """Whether signing is held, or space is low, why, and what to do."""
    from comity.exchange.continuity import low_words, standing

    found = standing(node)
    if found.held:
        out.line(f"SIGNING IS HELD: {found.why}.")
        out.line(f"Reading, serving and receiving go on; {found.advice}.")
    out.object(
        "standing", state=found.state, held=found.held, size=found.size, head=found.head, why=found.why
    )
    room = node.room() if node.room is not None else None
    if room is not None:
        if room.low:
            out.line(f"SPACE IS LOW: {low_words(room)}.")
            out.line(
                "Nothing new is signed, sealed or taken in. Reading, serving and sending go on. Make room."
            )
        out.object("room", where=room.where, free=room.free, floor=room.floor, low=room.low)


NEAR = 0.8
"""The part of a limit from which on people are told of it."""


def tell_quotas(out: Out, node: Node) -> None:
    """What others have had this node store, where it comes near a limit; all of it for scripts."""
    from comity.exchange.quotas import MEGABYTE, usage

    words = {
        "parties": "all other parties",
        "guests": "all guests of this node",
        "strangers": "cases in which you have said nothing",
    }
    for each in usage(node):
        if each.used >= NEAR * each.limit:
            whose = words.get(each.kind) or f"{each.kind} {node.name_of(each.of)}"
            full = f"{each.used // MEGABYTE:,} of {each.limit // MEGABYTE:,} MB"
            out.line(f"QUOTA  {whose}: {full} are stored here; beyond that nothing more is taken in.")
        out.object("quota", kind=each.kind, of=each.of, used=each.used, limit=each.limit)


def tell_clock(out: Out, node: Node, case: str, clock: Clock) -> None:
    """One request with its clock."""
    from comity.dossier.render_procedure import STATUS_WORDS
    from comity.records import bodies

    due = bodies.time_text(clock.due)
    mine = clock.asked_of == node.party.id
    words = STATUS_WORDS.get(clock.status, clock.status)
    told = f"{clock.basis}: {clock.instrument}" if clock.instrument else clock.basis
    who = f"{node.name_of(clock.asked_by)} asks {node.name_of(clock.asked_of)}"
    out.line(f"request  {clock.request[:12]}  {who}: {clock.type}, due {due} ({told}): {words}", 2)
    out.text(clock.text, 11)
    if clock.proposed is not None:
        out.line(f"proposed instead: {bodies.time_text(clock.proposed)}", 11)
    tell_extensions(out, node, clock)
    out.object(
        "request",
        case=case,
        record=clock.request,
        asked_by=clock.asked_by,
        asked_of=clock.asked_of,
        what=clock.type,
        text=clock.text,
        due=due,
        basis=clock.basis,
        instrument=clock.instrument,
        proposed=None if clock.proposed is None else bodies.time_text(clock.proposed),
        status=clock.status,
        settled=clock.settled,
        mine=mine,
    )


def _tell_notices(out: Out, node: Node, case: str) -> None:
    from comity.case.clocks import notices

    shown: set[str] = set()
    for notice in notices(node.state(case), node.parties()):
        mine = notice.to.party == node.party.id
        if not mine or notice.state == "acknowledged" or not notice.notice or notice.notice in shown:
            continue
        shown.add(notice.notice)
        out.line(f"notice   {notice.notice[:12]}  from {node.name_of(notice.author)}: not acknowledged", 2)
        out.object("notice", case=case, record=notice.notice, **{"from": notice.author}, state=notice.state)
