"""What a node does by itself, one turn at a time: confirm receipt, have heads cosigned, send what is due.

A turn never blocks on a peer that is not there: what could not be sent stays queued, in order.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from comity.errors import ComityError, Refused, Unavailable
from comity.exchange import (
    acts,
    continuity,
    couriering,
    delivery,
    erasing,
    guests,
    mirroring,
    pruning,
    recovery,
    witnessing,
)
from comity.exchange.authoring import publish_soon
from comity.exchange.node import Node
from comity.exchange.ports import Peers

WATCHING = 60
"""Seconds between two times of looking whether another copy of this node answers at its address."""

ASKING = 30
"""Seconds between two times of asking others what they hold of this ledger, while signing is held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """What one turn did. ``failures`` are (address or case, error)."""

    sent: int = 0
    attested: int = 0
    failures: tuple[tuple[str, ComityError], ...] = field(default=())


def tick(node: Node, peers: Peers) -> Tick:
    """One turn of the background work. Errors are returned, not raised: the next turn tries again."""
    failures: list[tuple[str, ComityError]] = []
    attested = 0
    try:
        held = _ask_again(node, peers)
    except ComityError as error:
        held = error
    if held is not None:
        # What was signed before goes out with the bytes that it has; nothing new is signed.
        sent, undelivered = delivery.send_due(node, peers)
        return Tick(sent=sent, failures=(("journal", held), *undelivered))
    failures += receipt_what_arrived(node)[1]
    # What could not be published when it was signed (a full disk, a store that was away) is, once it can be.
    version = node.journal.version()
    if version != node.published:
        try:
            late: ComityError | None = publish_soon(node)
        except Unavailable as error:
            # The mark could not move: what was signed since stays here until it can.
            return Tick(failures=(*failures, ("ledger", error)))
        except ComityError as error:
            late = error
        if late is None:
            node.published = version
            failures += _tidy(node)
        else:
            failures.append(("ledger", late))
    for case in node.cases():
        # What is wrong with one case stops no other.
        try:
            failures += erasing.carry_out(node, case).failures
            attested += witnessing.attest(node, case, peers)
        except ComityError as error:
            failures.append((case[:12], error))
        try:
            failures += mirroring.refresh_for(node, peers, case)
        except ComityError as error:
            failures.append((case[:12], error))
    failures += couriering.pass_on_due(node, peers)
    failures += couriering.carry(node, peers)
    failures += couriering.pass_on_due(node, peers)
    failures += couriering.carry(node, peers)
    sent, undelivered = delivery.send_due(node, peers)
    return Tick(sent=sent, attested=attested, failures=(*failures, *undelivered))


def _tidy(node: Node) -> list[tuple[str, ComityError]]:
    try:
        pruning.drop_partials(node)
    except ComityError as error:
        return [("ledger", error)]
    return []


def _ask_again(node: Node, peers: Peers) -> ComityError | None:
    """Why signing is held, after asking others once more where that can help; None where it is not."""
    found = continuity.standing(node)
    now = node.effects.now()
    if node.served and not 0 <= now - node.watched < WATCHING:
        node.watched = now
        recovery.watch_twin(node, peers)
        found = continuity.standing(node)
    cause = found.held or found.state == "restarted" or node.doubted
    if cause and now >= node.asked + ASKING:
        node.asked, node.doubted = now, False
        found = recovery.inquire(node, peers).standing
    return (
        Refused(f"journal.{found.state}", "journal", f"{found.why}; {found.advice}") if found.held else None
    )


def receive_and_receipt(node: Node, sealed: bytes) -> list[str]:
    """Take one message in, and sign ``record.received`` for what in it is addressed to this party.

    The receipt says that bytes arrived. It is automatic, and no officer has read anything by it.
    """
    continuity.settle(node)
    with node.lock:
        fresh = delivery.receive(node, sealed)
        # What arrived is stored; a receipt that cannot be signed now is owed, and the next turn tries again.
        receipt_what_arrived(node)
        return fresh


def receipt_what_arrived(node: Node) -> tuple[int, list[tuple[str, ComityError]]]:
    """Sign the receipts still owed for records addressed to this party: how many, and what prevented others.

    Looks at the whole case, so a record that waited for another, or a crash in between, is made good.
    """
    me = node.party.id
    done = 0
    failures: list[tuple[str, ComityError]] = []
    for case in node.cases():
        try:
            state = node.state(case)
        except ComityError as error:
            failures.append((case[:12], error))
            continue
        receipted = {getattr(r.content, "record", "") for r in state.of("record.received") if r.author == me}
        for record in delivery.needs_receipt(state, me, [r.id for r in state.ordered]):
            if record in receipted:
                continue
            try:
                acts.receipt(node, case, record)
                done += 1
            except ComityError as error:
                failures.append((case[:12], error))
    return done, failures


def take_guest_reply(node: Node, raw: bytes) -> list[str]:
    """Register a guest's reply file and confirm to it what is addressed to this party."""
    continuity.settle(node)
    with node.lock:
        records = guests.take_reply(node, raw)
        receipt_what_arrived(node)
        return records
