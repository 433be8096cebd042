"""The verbs of custody: hand over and receive, hold and release, erase (``spec/05-rules.md`` 60 to 65)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from comity.case.custody import KEPT, holds_of
from comity.case.verified import Verified
from comity.errors import Refused
from comity.exchange.acts import say
from comity.exchange.erasing import Carried, carry_out, is_held
from comity.exchange.evidence import sealed_at
from comity.exchange.node import Node
from comity.records import kinds
from comity.records.bundles import Record


def transfer(
    node: Node,
    case: str,
    seal: str,
    to: str,
    purpose: str,
    *,
    copy: Literal["evidentiary", "working"] = "working",
    means: str = "",
    container: str = "",
    readers: Sequence[str] = (),
) -> Verified[Record]:
    """State that an item is handed over to a party; the bytes go another way (``disclose_whole``, a disk)."""
    _, sealed = sealed_at(node, case, seal)
    content = kinds.Transfer(
        item=sealed.item, to=to, copy=copy, purpose=purpose, means=means, container=container
    )
    return say(node, case, content, [seal], to=sorted({*readers, to}) if readers else ())


def receive(
    node: Node,
    case: str,
    handed: str,
    condition: Literal["intact", "damaged", "not-accepted"],
    checked: Literal["root", "digest", "container", "nothing"],
    *,
    text: str = "",
) -> Verified[Record]:
    """Sign the receiving half of a transfer to this party."""
    record = node.state(case).accepted.get(handed)
    if record is None or not isinstance(record.content, kinds.Transfer):
        raise Refused("custody.transfer", handed[:12], "not an accepted transfer of this case")
    item = record.content.item
    content = kinds.Receive(transfer=handed, item=item, condition=condition, checked=checked, text=text)
    readers = {*record.frame.audience, record.author} - {node.party.id}
    return say(node, case, content, [handed], to=sorted(readers))


def hold(node: Node, case: str, seal: str, basis: str) -> Verified[Record]:
    """Keep an item from being erased at this node, whoever erases it, until released."""
    return _hold(node, case, seal, "held", basis)


def release(node: Node, case: str, seal: str, basis: str) -> tuple[Verified[Record], Carried]:
    """End a hold. What was declared erased meanwhile is destroyed now."""
    return _hold(node, case, seal, "released", basis), carry_out(node, case)


def _hold(
    node: Node, case: str, seal: str, state: Literal["held", "released"], basis: str
) -> Verified[Record]:
    _, sealed = sealed_at(node, case, seal)
    held = node.party.id in holds_of(node.state(case), sealed.item)
    if held == (state == "held"):
        raise Refused("custody.hold", seal[:12], f"this item is {'' if held else 'not '}held already")
    return say(node, case, kinds.Hold(item=sealed.item, state=state, basis=basis), [seal])


def erase_item(
    node: Node, case: str, seal: str, basis: str, *, copies: Literal["own", "all"] = "all"
) -> tuple[Verified[Record], Carried]:
    """Declare copies of an item erased, and destroy those of this node.

    ``Refused`` (``erase.held``) where this party holds the item. Declared first: were the machine to die in
    between, the destruction is carried out at its next turn.
    """
    _, sealed = sealed_at(node, case, seal)
    if is_held(node, sealed.item):
        raise Refused("erase.held", seal[:12], "a hold keeps this item; release it first")
    content = kinds.Erase(item=sealed.item, copies=copies, basis=basis)
    record = say(node, case, content, [seal])
    return record, carry_out(node, case)


def erase_record(
    node: Node, case: str, record: str, basis: str, *, anyway: bool = False
) -> tuple[Verified[Record], Carried]:
    """Declare the content of one of this party's records erased, and destroy it here.

    ``Refused``: another's record (``erase.author``), a kind that the case is judged by (``erase.kind``), a
    record that others build on, unless ``anyway`` (``erase.cited``: they would wait for it for ever), the
    seal of an item that this party holds (``erase.held``).
    """
    state = node.state(case)
    found = state.records.get(record)
    if found is None or found.value.envelope.iss != node.party.id:
        raise Refused("erase.author", record[:12], "not a record of this party in this case")
    frame, content = found.value.frame, found.value.content
    if frame is None or frame.kind in KEPT:
        raise Refused("erase.kind", record[:12], "the case is judged by records of this kind")
    if isinstance(content, kinds.Seal) and is_held(node, content.item):
        raise Refused("erase.held", record[:12], "a hold keeps the item of this seal; release it first")
    citing = sorted(r.id for r in state.accepted.values() if record in r.frame.references)
    if citing and not anyway:
        raise Refused(
            "erase.cited",
            record[:12],
            f"{len(citing)} records build on it ({citing[0][:12]} first), and could not be judged without it",
        )
    signed = say(node, case, kinds.EraseRecord(record=record, basis=basis), to=_told(node, case, record))
    return signed, carry_out(node, case)


def _told(node: Node, case: str, record: str) -> list[str]:
    """Everyone who could read what is erased, and the members."""
    state = node.state(case)
    readers = {*state.audiences.get(record, ()), *state.members} - {node.party.id}
    return [kinds.PUBLIC] if kinds.PUBLIC in readers else sorted(readers)
