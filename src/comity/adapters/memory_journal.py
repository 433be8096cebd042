"""A journal in memory: every promise of ``exchange.ports.Journal`` but durability.

For packs that one party makes without a node, and for tests.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from comity.exchange.ports import Conflict, Held, Leaf, Message, Write, wait_after
from comity.records.bundles import Opening
from comity.records.kinds import NO_CASE, SELF


@dataclass(slots=True)
class _State:
    leaves: list[Leaf] = field(default_factory=list)
    by_id: dict[str, Leaf] = field(default_factory=dict)
    last: dict[tuple[str, str], Leaf] = field(default_factory=dict)
    chain: set[tuple[str, str, int]] = field(default_factory=set)
    held: dict[str, Held] = field(default_factory=dict)
    # Case → record → the mark of its last change, in the order of the marks.
    marks: dict[str, dict[str, int]] = field(default_factory=dict)
    marked: int = 0
    attested: dict[str, dict[str, bytes]] = field(default_factory=dict)
    outbox: dict[int, tuple[Message, int]] = field(default_factory=dict)
    notes: dict[str, bytes] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)
    messages: int = 0
    version: int = 0


def fuller(have: Opening | None, new: Opening | None) -> Opening | None:
    """The one of two openings of one record that shows more; the first where they show the same."""
    if have is None or (new is not None and have.content is None and new.content is not None):
        return new
    return have


class MemoryJournal:
    """``exchange.ports.Journal`` in this process's memory."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._state = _State()

    def write(self, write: Write) -> None:
        with self._lock:
            self._check(write)
            self._apply(write)

    def _check(self, write: Write) -> None:
        state = self._state
        if write.leaves and write.expected is None:
            raise ValueError("an append names the size it was computed against")
        if write.expected is not None and write.expected != len(state.leaves):
            raise Conflict(
                "journal.moved",
                "journal",
                f"the ledger has {len(state.leaves)} leaves, not {write.expected}",
            )
        ids: set[str] = set()
        chain: set[tuple[str, str, int]] = set()
        for index, leaf in enumerate(write.leaves, len(state.leaves)):
            where = f"journal/leaf {leaf.index}"
            if leaf.index != index:
                raise Conflict("journal.index", where, f"the next leaf is {index}")
            if leaf.id in state.by_id or leaf.id in ids:
                raise Conflict("journal.leaf", where, "this record is in the ledger already")
            link = (leaf.iss, leaf.sub, leaf.seq)
            if leaf.iss != SELF and (link in state.chain or link in chain):
                raise Conflict("journal.seq", where, "another record of this author has this number")
            ids.add(leaf.id)
            chain.add(link)
        envelopes: dict[str, bytes] = {}
        for held in write.held:
            have = state.held.get(held.id)
            first = have.envelope if have is not None else envelopes.setdefault(held.id, held.envelope)
            if first != held.envelope:
                raise Conflict("journal.held", f"journal/{held.id}", "held with another envelope")
        attested: dict[tuple[str, str], bytes] = {}
        for case, name, raw in write.attestations:
            known = state.attested.get(case, {}).get(name)
            if (attested.setdefault((case, name), raw) if known is None else known) != raw:
                raise Conflict("journal.attestation", f"journal/{name}", "held with other bytes")

    def _apply(self, write: Write) -> None:
        state = self._state
        for leaf in write.leaves:
            state.leaves.append(leaf)
            state.by_id[leaf.id] = leaf
            state.chain.add((leaf.iss, leaf.sub, leaf.seq))
            last = state.last.get((leaf.iss, leaf.sub))
            if last is None or leaf.seq >= last.seq:
                state.last[leaf.iss, leaf.sub] = leaf
        for new in write.held:
            opening = new.opening
            if opening is not None and new.id in state.erased:
                opening = opening.without_content()
            have = state.held.get(new.id)
            if have is None:
                now = replace(new, opening=opening)
            else:
                now = replace(
                    have, opening=fuller(have.opening, opening), receipt=have.receipt or new.receipt
                )
            if now != have:
                state.held[new.id] = now
                state.marked += 1
                marks = state.marks.setdefault(now.case, {})
                marks.pop(new.id, None)
                marks[new.id] = state.marked
        for case, name, raw in write.attestations:
            state.attested.setdefault(case, {}).setdefault(name, raw)
        for message in write.outbox:
            state.messages += 1
            state.outbox[state.messages] = (replace(message, id=state.messages, tries=0, error=""), 0)
        state.notes.update(write.notes)
        state.version += 1

    def size(self) -> int:
        return len(self._state.leaves)

    def leaves(self, start: int, stop: int) -> list[Leaf]:
        with self._lock:
            return self._state.leaves[max(start, 0) : max(stop, 0)]

    def envelopes(self, start: int, stop: int) -> list[bytes]:
        return [leaf.envelope for leaf in self.leaves(start, stop)]

    def leaf_of(self, record: str) -> Leaf | None:
        return self._state.by_id.get(record)

    def last_of(self, iss: str, sub: str) -> Leaf | None:
        return self._state.last.get((iss, sub))

    def indexes_of(self, records: Iterable[str]) -> dict[str, int]:
        with self._lock:
            found = {record: self._state.by_id.get(record) for record in records}
        return {record: leaf.index for record, leaf in found.items() if leaf is not None}

    def tips_of(self, chains: Iterable[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, str]]:
        with self._lock:
            found = {chain: self._state.last.get(chain) for chain in chains}
        return {chain: (leaf.seq, leaf.id) for chain, leaf in found.items() if leaf is not None}

    def held(self, case: str) -> Iterator[Held]:
        with self._lock:
            return iter([held for held in self._state.held.values() if held.case == case])

    def held_record(self, record: str) -> Held | None:
        return self._state.held.get(record)

    def news(self, case: str, after: int) -> Iterator[tuple[int, Held]]:
        with self._lock:
            found = []
            for record, mark in reversed(self._state.marks.get(case, {}).items()):
                if mark <= after:
                    break
                found.append((mark, self._state.held[record]))
        return reversed(found)

    def cases(self) -> list[str]:
        with self._lock:
            seen = dict.fromkeys(held.case for held in self._state.held.values())
        seen.pop(NO_CASE, None)
        return list(seen)

    def attestations(self, case: str, skip: int = 0) -> list[tuple[str, bytes]]:
        with self._lock:
            return list(self._state.attested.get(case, {}).items())[skip:]

    def note(self, name: str) -> bytes | None:
        return self._state.notes.get(name)

    def notes(self, prefix: str) -> dict[str, bytes]:
        with self._lock:
            return {name: raw for name, raw in sorted(self._state.notes.items()) if name.startswith(prefix)}

    def version(self) -> int:
        return self._state.version

    def due(self, now: int, limit: int = 100) -> list[Message]:
        with self._lock:
            turns: dict[str, int] = {}
            ready: list[tuple[int, int, Message]] = []
            for message, at in self._state.outbox.values():
                if at <= now:
                    turns[message.to] = turns.get(message.to, 0) + 1
                    ready.append((turns[message.to], message.id, message))
        return [message for _, _, message in sorted(ready, key=lambda r: r[:2])[: max(limit, 0)]]

    def delivered(self, message: int) -> None:
        with self._lock:
            if self._state.outbox.pop(message, None) is not None:
                self._state.version += 1

    def failed(self, message: int, now: int, error: str) -> None:
        with self._lock:
            found = self._state.outbox.get(message)
            if found is not None:
                tried = replace(found[0], tries=found[0].tries + 1, error=error)
                self._state.outbox[message] = (tried, now + wait_after(tried.tries))
                self._state.version += 1

    def pending(self) -> list[Message]:
        with self._lock:
            return [message for message, _ in self._state.outbox.values()]

    def erase(self, record: str) -> None:
        with self._lock:
            self._state.erased.add(record)
            have = self._state.held.get(record)
            if have is not None and have.opening is not None:
                self._state.held[record] = replace(have, opening=have.opening.without_content())
            self._state.version += 1

    def forget(self, name: str) -> None:
        with self._lock:
            self._state.notes.pop(name, None)
            self._state.version += 1

    def close(self) -> None:
        """Nothing to give back; the journal is gone when nobody holds it."""
