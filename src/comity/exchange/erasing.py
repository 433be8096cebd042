"""Carrying out what was declared erased: contents out of the journal, items and packages out of the store
(``spec/07-facts.md`` §12).

A node complies by itself: with its own erasures, and with those of others that reach it. What it holds
against erasure (``evidence.hold``) stays. What is under way to others is sealed to them, and stays under way.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass

from comity.case.custody import erased_records, holds_of, kin_of, sealed_first
from comity.case.state import State
from comity.errors import ComityError, Malformed, Unavailable
from comity.exchange.node import Node
from comity.exchange.packages import CARRIERS, package_of
from comity.exchange.ports import Write
from comity.records import cbor, kinds
from comity.records.kinds import Item

ITEM = "item/"
"""Notes of items that this node holds whole: name and root."""
SEALING = "sealing/"
"""Notes of files that are being sealed: name, digest of the place that the caller knows them by."""
PROPOSED = "proposal/"
"""Notes of disclosures that wait for approvals: name, root of the item, and digest of what is approved."""


LOOSE = "package/"
"""Notes of packages that no record here names (any more): name, root of the item and digest; and as bytes,
who showed them."""
ERASING = "erasing/"
"""Notes of what is being destroyed, until all of it is: name and root of the item, with the digests of blobs;
or name, ``record/`` and a record."""
_OF_RECORD = f"{ERASING}record/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What was destroyed now, what a hold keeps here, and what the store would not let go. ``shared`` are
    items among the destroyed of which the file stays, because another item here has the same bytes."""

    records: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    kept: tuple[Item, ...] = ()
    shared: tuple[Item, ...] = ()
    failures: tuple[tuple[str, ComityError], ...] = ()


def carry_out(node: Node, case: str) -> Carried:
    """Destroy what a case says is erased and this node still has. Done again, it changes nothing."""
    with node.lock:
        state = node.state(case)
        if not state.of("record.erase") and not state.of("evidence.erase"):
            return Carried()
        records, failures = _carry_out_records(node, state)
        if records or failures:
            node.read_anew(case)
        items, kept, shared = [], [], []
        for item in _named(node.state(case), node.party.id):
            if is_held(node, item):
                kept.append(item)
                continue
            try:
                done = _destroy(node, item)
            except ComityError as error:
                failures.append((item.root[:12], error))
                continue
            if done is not None:
                items.append(item)
                if done:
                    shared.append(item)
        return Carried(
            records=tuple(records),
            items=tuple(items),
            kept=tuple(kept),
            shared=tuple(shared),
            failures=tuple(failures),
        )


def _carry_out_records(node: Node, state: State) -> tuple[list[str], list[tuple[str, ComityError]]]:
    """The contents of erased records, with the packages that only they name."""
    unfinished = node.journal.notes(_OF_RECORD)
    records: list[str] = []
    failures: list[tuple[str, ComityError]] = []
    for record in erased_records(state):
        held = node.journal.held_record(record)
        whole = held is not None and held.opening is not None and held.opening.content is not None
        if not whole and _OF_RECORD + record not in unfinished:
            continue
        try:
            if whole:
                _let_package_go(node, state, record)
            node.journal.erase(record)
            if _OF_RECORD + record in unfinished:
                node.journal.forget(_OF_RECORD + record)
        except ComityError as error:
            failures.append((record[:12], error))
            node.journal.write(Write(notes={_OF_RECORD + record: b"again"}))
        else:
            records.append(record)
    return records, failures


def _let_package_go(node: Node, state: State, record: str) -> None:
    """Destroy what a record brought before its content goes, which alone says what that is. Where a hold
    keeps the item, note it for when the hold ends."""
    accepted = state.accepted.get(record)
    package = package_of(accepted.content) if accepted else ""
    if accepted is None or not package or not node.blobs.has(package):
        return
    content = accepted.content
    if isinstance(content, kinds.Disclose) and is_held(node, content.item):
        name = f"{LOOSE}{content.item.root}/{package}"
        node.journal.write(Write(notes={name: accepted.author.encode()}))
    elif package not in needed_blobs(node, {record}) and _is_package(node, package):
        node.blobs.erase(package)


def note_draft(node: Node, item: Item, package: str) -> None:
    """Remember a package that no record names yet, so that an erasure of its item finds it."""
    node.journal.write(Write(notes={f"{LOOSE}{item.root}/{package}": node.party.id.encode()}))


def is_held(node: Node, item: Item) -> bool:
    """Whether this node holds an item against erasure, in any of its cases."""
    return any(node.party.id in holds_of(node.state(case), item) for case in node.cases())


def is_erased(node: Node, root: str, shown_by: str = "") -> bool:
    """Whether this node's copies of an item are erased, or those that a party showed it."""
    found = {i for case in node.cases() for i in _named(node.state(case), node.party.id) if i.root == root}
    return any(_reach(node, item)(shown_by) for item in found)


def kin_held(node: Node, item: Item) -> tuple[Item, ...]:
    """Items held whole here that were made from an item, or it from them, in any case: to destroy one leaves
    what the others tell."""
    found = dict.fromkeys(kin for case in node.cases() for kin in kin_of(node.state(case), item))
    return tuple(kin for kin in found if node.journal.note(ITEM + kin.root) is not None)


def keeps_package(node: Node, item: Item, author: str) -> bool:
    """Whether packages of this item by this party may be stored here: not once they were erased."""
    return not _reach(node, item)(author) or is_held(node, item)


def _named(state: State, party: str) -> list[Item]:
    """The items that erasures are of: this party's own, and those for all copies."""
    return list(
        dict.fromkeys(
            r.content.item
            for r in state.of("evidence.erase")
            if isinstance(r.content, kinds.Erase) and (r.content.copies == "all" or r.author == party)
        )
    )


def _reach(node: Node, item: Item) -> Callable[[str], bool]:
    """Of whose copies of an item this node is to destroy its own: of everyone's on its own word, or on that
    of who sealed it first, in every case here in which it was sealed. Another one's word for all reaches what
    that one showed, and no more: a root is no secret, and who seals what others sealed could destroy it."""
    me = node.party.id
    states = [node.state(case) for case in node.cases()]
    asking = {
        r.author
        for state in states
        for r in state.of("evidence.erase")
        if isinstance(r.content, kinds.Erase)
        and r.content.item == item
        and (r.content.copies == "all" or r.author == me)
    }
    sealed = [
        state
        for state in states
        if any(
            isinstance(r.content, kinds.Seal) and r.content.item == item for r in state.of("evidence.seal")
        )
    ]
    whole = me in asking or any(all(sealed_first(state, item, a) for state in sealed) for a in asking)
    return lambda author: whole or author in asking


def _destroy(node: Node, item: Item) -> bool | None:
    """Destroy copies of an item: None where there was nothing to do, True where its file stays, because
    another item has it. The item's key goes first, and with it whoever could still read it here; what the
    store does not let go at once is noted, and tried again."""
    reaches = _reach(node, item)
    marker = ERASING + item.root
    begun = node.journal.note(marker)
    blobs = set(begun.decode().split()) if begun else set()
    # Forgotten once more where it was begun: the journal may not have let go of the bytes.
    names = {ITEM + item.root} if begun else set()
    going = set()
    for case in node.cases():
        for record in node.state(case).of("evidence.disclose"):
            content = record.content
            if isinstance(content, kinds.Disclose) and content.item == item and reaches(record.author):
                going.add(record.id)
                if node.blobs.has(content.package) and _is_package(node, content.package):
                    blobs.add(content.package)
    for name, raw in node.journal.notes(f"{LOOSE}{item.root}/").items():
        if reaches(raw.decode()):
            names.add(name)
            blobs.add(name.rpartition("/")[2])
    note = node.journal.note(ITEM + item.root)
    if note is not None and reaches(_whose(node, note)):
        blob = blob_of(note, ITEM + item.root)
        names.add(ITEM + item.root)
        blobs.add(blob)
        # A seal that was cut off after it was signed left the key with what it would go on with.
        for name, raw in node.journal.notes(SEALING).items():
            if (told := parse_begun(raw, name)) and told[1] == blob:
                names.add(name)
        # What was only proposed of it goes too.
        for name, raw in node.journal.notes(f"{PROPOSED}{item.root}/").items():
            names.add(name)
            blobs.add(_package_of(raw, name))
    if not blobs and not names:
        return None
    own = kept_to_itself(node, names)
    # A record of another party may name whatever it likes as its package, and would keep any file.
    needed = {d for d in needed_blobs(node, going, names) & blobs if d in own or _is_package(node, d)}
    node.journal.write(Write(notes={marker: " ".join(sorted(blobs)).encode()}))
    failures = []
    for let_go, each in (
        *((node.journal.forget, name) for name in sorted(names)),
        *((node.blobs.erase, digest) for digest in sorted(blobs - needed)),
    ):
        try:
            let_go(each)
        except ComityError as error:
            failures.append(error)
    if failures:
        raise failures[0]
    with suppress(Unavailable):  # nothing but digests is left in the journal's log
        node.journal.forget(marker)
    return bool(needed)


def _is_package(node: Node, digest: str) -> bool:
    """Whether a blob begins as the packages of this exchange do, and is no file that a record only names so.
    One that cannot be read is taken for one."""
    try:
        return b"comity/1/" in next(iter(node.blobs.open_stream(digest)), b"")[:40]
    except ComityError:
        return True


def _whose(node: Node, note: bytes) -> str:
    """Under whose seal this node holds an item whole: its own, where none is noted."""
    match cbor.decode(note, ITEM, code="item.note"):
        case [bytes(), bytes(), str() as seal] if seal:
            for case in node.cases():
                record = node.state(case).accepted.get(seal)
                if record is not None:
                    return record.author
    return node.party.id


def needed_blobs(node: Node, going: Collection[str] = (), names: Collection[str] = ()) -> set[str]:
    """What items, proposals and records with packages (but these records, and these notes) still need: the
    same bytes may be several items, or the package of another one's disclosure. A file that only waits to be
    sealed keeps nothing back from an erasure of the same bytes."""
    needed = kept_to_itself(node, names)
    for case in node.cases():
        state = node.state(case)
        for kind in CARRIERS:
            needed |= {package_of(r.content) for r in state.of(kind) if r.id not in going}
    return needed


def kept_to_itself(node: Node, but: Collection[str] = ()) -> set[str]:
    """The blobs of items and of proposals (but of these notes), which no record hands to anyone."""
    notes = node.journal.notes
    found = {blob_of(raw, name) for name, raw in notes(ITEM).items() if name not in but}
    return found | {_package_of(raw, name) for name, raw in notes(PROPOSED).items() if name not in but}


def parse_begun(note: bytes, name: str) -> tuple[str, str, bytes, bytes] | None:
    """Of a seal that was begun: what says that the file is the same still, its blob, the key and the rows so
    far. None where the note is damaged, which nobody goes on with."""
    with suppress(Malformed):
        match cbor.decode(note, name, code="resume.form"):
            case [str() as identity, bytes() as blob, bytes() as key, bytes() as partial]:
                return identity, blob.hex(), key, partial
    return None


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
