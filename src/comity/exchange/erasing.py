"""Carrying out what was declared erased: contents out of the journal, items and packages out of the store
(``spec/07-facts.md`` §12).

A node complies by itself: with its own erasures, and with those of others that reach it. What it holds
against erasure (``evidence.hold``) stays. What is under way to others is sealed to them, and stays under way.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from comity.case.custody import erased_records, holds_of, must_erase
from comity.case.state import State
from comity.errors import ComityError, Malformed
from comity.exchange.node import Node
from comity.records import cbor, kinds
from comity.records.kinds import Item

ITEM = "item/"
"""Notes of items that this node holds whole: name and root."""
SEALING = "sealing/"
"""Notes of files that are being sealed: name, digest of the place that the caller knows them by."""
PROPOSED = "proposal/"
"""Notes of disclosures that wait for approvals: name, root of the item, and digest of what is approved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What was destroyed now, what a hold keeps here, and what the store would not let go."""

    records: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    kept: tuple[Item, ...] = ()
    failures: tuple[tuple[str, ComityError], ...] = ()


def carry_out(node: Node, case: str) -> Carried:
    """Destroy what a case says is erased and this node still has. Done again, it changes nothing."""
    with node.lock:
        state = node.state(case)
        if not state.of("record.erase") and not state.of("evidence.erase"):
            return Carried()
        failures: list[tuple[str, ComityError]] = []
        records = []
        for record in erased_records(state):
            held = node.journal.held_record(record)
            if held is not None and held.opening is not None and held.opening.content is not None:
                node.journal.erase(record)
                records.append(record)
        items, kept = [], []
        for item in must_erase(state, node.party.id):
            if is_held(node, item):
                kept.append(item)
                continue
            try:
                if _destroy(node, state, item):
                    items.append(item)
            except ComityError as error:
                failures.append((item.root[:12], error))
        if records:
            node.read_anew(case)
        return Carried(records=tuple(records), items=tuple(items), kept=tuple(kept), failures=tuple(failures))


def is_held(node: Node, item: Item) -> bool:
    """Whether this node holds an item against erasure, in any of its cases."""
    return any(node.party.id in holds_of(node.state(case), item) for case in node.cases())


def is_erased(node: Node, root: str) -> bool:
    """Whether some case says that this node's copies of an item are erased."""
    me = node.party.id
    return any(item.root == root for case in node.cases() for item in must_erase(node.state(case), me))


def keeps_package(node: Node, state: State, item: Item) -> bool:
    """Whether packages of this item may be stored here: not once it was erased."""
    return item not in must_erase(state, node.party.id) or is_held(node, item)


def _destroy(node: Node, state: State, item: Item) -> bool:
    """The item's key first: without it and the file, what might be left opens nothing."""
    note = node.journal.note(ITEM + item.root)
    packages = _packages(state, item)
    blobs = {digest for digest in packages if node.blobs.has(digest)}
    if note is not None:
        blob = blob_of(note, ITEM + item.root)
        blobs.add(blob)
        node.journal.forget(ITEM + item.root)
        # A seal that was cut off after it was signed left the key with what it would go on with.
        for name, raw in node.journal.notes(SEALING).items():
            if (begun := parse_begun(raw, name)) and begun[1] == blob:
                node.journal.forget(name)
    # What was only proposed of it goes too.
    for name, raw in node.journal.notes(f"{PROPOSED}{item.root}/").items():
        blobs.add(_package_of(raw, name))
        node.journal.forget(name)
    for digest in sorted(blobs - needed_blobs(node, item)):
        node.blobs.erase(digest)
    return bool(blobs)


def needed_blobs(node: Node, but: Item | None = None) -> set[str]:
    """What items, proposals and disclosures (but those of one item) still need: the same bytes may be several
    items, or the package of another one's disclosure. A file that only waits to be sealed keeps nothing back
    from an erasure of the same bytes."""
    needed = {blob_of(raw, name) for name, raw in node.journal.notes(ITEM).items()}
    needed |= {_package_of(raw, name) for name, raw in node.journal.notes(PROPOSED).items()}
    for case in node.cases():
        for record in node.state(case).of("evidence.disclose"):
            if isinstance(record.content, kinds.Disclose) and record.content.item != but:
                needed.add(record.content.package)
    return needed


def parse_begun(note: bytes, name: str) -> tuple[str, str, bytes, bytes] | None:
    """Of a seal that was begun: what says that the file is the same still, its blob, the key and the rows so
    far. None where the note is damaged, which nobody goes on with."""
    with suppress(Malformed):
        match cbor.decode(note, name, code="resume.form"):
            case [str() as identity, bytes() as blob, bytes() as key, bytes() as partial]:
                return identity, blob.hex(), key, partial
    return None


def _packages(state: State, item: Item) -> set[str]:
    return {
        r.content.package
        for r in state.of("evidence.disclose")
        if isinstance(r.content, kinds.Disclose) and r.content.item == item
    }


def _package_of(note: bytes, name: str) -> str:
    match cbor.decode(note, name, code="proposal.note"):
        case [str() as package, bytes()]:
            return package
    raise Malformed("proposal.note", name, "the note of a proposal is damaged")


def blob_of(note: bytes, name: str) -> str:
    """The blob that the note of an item names."""
    match cbor.decode(note, name, code="item.note"):
        case [bytes(), bytes() as blob, str()]:
            return blob.hex()
    raise Malformed("item.note", name, "the note of an item is damaged")
