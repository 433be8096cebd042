"""What a case says of the custody of an item, and of what was erased: projections of the state.

An erasure is a statement; whether bytes are gone somewhere no record can prove. So this says what was
*declared* erased, by whom and on what basis, and readers are told "committed, erased" instead of content.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from comity.case.state import Accepted, State
from comity.records import kinds
from comity.records.kinds_of_custody import Item

KEPT: Final = frozenset(
    {"case.open", "case.invite", "case.grant", "evidence.erase", "record.erase", "equivocation.prove"}
)
"""Kinds whose content is never erased: others are judged by it, or it says what was erased."""


def erased_records(state: State) -> Mapping[str, str]:
    """Records whose content their author declared erased, each with the first record that says so.

    Only the author's own count, and none of :data:`KEPT` or of a key record. The record need not be held
    opened: its envelope says whose it is.
    """
    found: dict[str, str] = {}
    for erasing in state.of("record.erase"):
        assert isinstance(erasing.content, kinds.EraseRecord)
        target = state.records.get(erasing.content.record)
        if target is None or target.value.envelope.iss != erasing.author:
            continue
        frame = target.value.frame
        if frame is not None and (frame.kind in KEPT or frame.kind in kinds.PARTY_KINDS):
            continue
        found.setdefault(erasing.content.record, erasing.id)
    return found


def erasures_of(state: State, item: Item) -> tuple[Accepted, ...]:
    """The records that declare copies of this item erased, causes first."""
    return tuple(
        r for r in state.of("evidence.erase") if isinstance(r.content, kinds.Erase) and r.content.item == item
    )


def reaches_others(state: State, erasing: Accepted) -> bool:
    """Whether an erasure asks others to destroy their copies, and they do: it is for all, by who sealed the
    item first."""
    content = erasing.content
    return (
        isinstance(content, kinds.Erase)
        and content.copies == "all"
        and sealed_first(state, content.item, erasing.author)
    )


def sealed_first(state: State, item: Item, party: str) -> bool:
    """Whether a party sealed an item before everyone else who did: every other's seal had seen one of its.

    A root is chance until it is sealed, so who seals one that others sealed already has it from them.
    """
    seals = [r for r in state.of("evidence.seal") if isinstance(r.content, kinds.Seal)]
    seals = [r for r in seals if isinstance(r.content, kinds.Seal) and r.content.item == item]
    own = [r.seq for r in seals if r.author == party]
    return bool(own) and all(r.author == party or newest_seen_of(state, r, party) >= min(own) for r in seals)


def newest_seen_of(state: State, record: Accepted, party: str) -> int:
    """How far of a party's chain a record had seen; -1 for nothing of it."""
    seen = (state.records[s].value.envelope for s in record.frame.seen if s in state.records)
    return max((envelope.seq for envelope in seen if envelope.iss == party), default=-1)


def holds_of(state: State, item: Item) -> Mapping[str, Accepted]:
    """By party, its hold on this item that it has not released: the newest word of its chain counts."""
    newest: dict[str, Accepted] = {}
    for record in state.of("evidence.hold"):
        if isinstance(record.content, kinds.Hold) and record.content.item == item:
            known = newest.get(record.author)
            if known is None or known.seq < record.seq:
                newest[record.author] = record
    return {
        party: record
        for party, record in newest.items()
        if isinstance(record.content, kinds.Hold) and record.content.state == "held"
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that befell an item. ``answer`` is the receiver's half of a transfer (None: signed by one
    side only)."""

    record: Accepted
    what: str
    answer: Accepted | None = None


def steps_of(state: State, item: Item) -> tuple[Step, ...]:
    """The custody of an item as the case's records tell it, causes first: sealed, derived, disclosed whole
    or by rows, transferred and received, held, released, erased."""
    received = {
        r.content.transfer: r for r in state.of("evidence.receive") if isinstance(r.content, kinds.Receive)
    }
    return tuple(
        Step(record=record, what=what, answer=received.get(record.id))
        for record in state.ordered
        if (what := _befell(record, item))
    )


def _befell(record: Accepted, item: Item) -> str:
    match record.content:
        case kinds.Seal(item=found) if found == item:
            return "sealed"
        case kinds.Derive(result=found) if found == item:
            return "derived"
        case kinds.Derive(source=found) if found == item:
            return "derived from"
        case kinds.Disclose(item=found, level=level) if found == item:
            return "shown whole" if level == "whole" else "rows shown"
        case kinds.Transfer(item=found) if found == item:
            return "handed over"
        case kinds.Hold(item=found, state=state) if found == item:
            return state
        case kinds.Erase(item=found) if found == item:
            return "erased"
    return ""


def parents_of(state: State, item: Item) -> Iterator[tuple[Item, Accepted]]:
    """The items that this one was derived from, each with the record that says so."""
    for record in state.of("evidence.derive"):
        if isinstance(record.content, kinds.Derive) and record.content.result == item:
            yield record.content.source, record


def kin_of(state: State, item: Item) -> tuple[Item, ...]:
    """The items that tell what this one tells: what it was derived from, what was derived from it, and so on
    from these, but not itself."""
    found = [item]
    for known in found:
        for record in state.of("evidence.derive"):
            if isinstance(record.content, kinds.Derive):
                pair = (record.content.source, record.content.result)
                if known in pair:
                    found += [each for each in pair if each not in found]
    return tuple(found[1:])
