"""Registering envelopes in this node's ledger, many at a time (``spec/08-ledger.md`` §7).

The ledger is opaque: it asks who signed, and where in its author's chain the envelope stands, never what
it commits to. Only this party and its guests may append. For a batch there is one journal write, then one
publication, then one signature over the receipts of all; what is wrong with one envelope refuses that one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from comity.case.fold import fold
from comity.case.verified import verify_read
from comity.errors import ComityError, NotVerified, Refused
from comity.exchange import continuity, delivery
from comity.exchange.authoring import RETRIES, leaf_of, publish_head
from comity.exchange.node import Node
from comity.exchange.ports import Conflict, Held, Leaf, Write
from comity.ledger.merkle import Tree
from comity.ledger.receipt import issue_receipts
from comity.records import ed25519, envelopes, kinds, parties
from comity.records.bundles import Record
from comity.records.envelopes import Envelope
from comity.records.parties import Party


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An envelope that asks to be registered.

    ``signed`` is the author against whose keys the signature was checked, None where that is still to be
    done: its author, or the key that it names, was not known to whoever read it.
    """

    envelope: Envelope
    signed: Party | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """An envelope is leaf ``index``, durably and in the published head; ``fresh`` where it was not before.

    ``receipt`` is a COSE Receipt at the size of that head.
    """

    index: int
    receipt: bytes
    fresh: bool


Outcome = Registered | ComityError
"""What became of one entry of a batch."""


def read_entry(node: Node, raw: bytes, where: str = "entry") -> Entry:
    """Parse an envelope and check its signature, as far as that can be done without waiting for the node.

    ``Malformed`` for its form; ``Refused`` for a card or a key record (``entry.key``: those have their own
    way in) and for an author known to be enrolled elsewhere (``entry.author``); ``NotVerified`` for a
    signature that does not hold.
    """
    entry = _open_entry(node, raw, where)
    if entry.signed is not None:
        parties.verify_author(entry.signed, entry.envelope, where)
    return entry


def read_entries(node: Node, raws: Sequence[bytes], where: str = "entry") -> list[Entry | ComityError]:
    """As ``read_entry`` for each, with the error in the place of what is wrong; their signatures are checked
    together, which holds up other threads less (``ed25519.verify_each``)."""
    opened: list[Entry | ComityError] = []
    asked: list[int] = []
    signed: list[tuple[Envelope, bytes]] = []
    for at, raw in enumerate(raws):
        try:
            entry = _open_entry(node, raw, where)
        except ComityError as error:
            opened.append(error)
            continue
        opened.append(entry)
        if entry.signed is not None:
            asked.append(at)
            signed.append((entry.envelope, parties.named_key(entry.signed, entry.envelope, where)))
    for at, wrong in zip(asked, envelopes.verify_each(signed, where), strict=True):
        if wrong is not None:
            opened[at] = wrong
    return opened


def _open_entry(node: Node, raw: bytes, where: str) -> Entry:
    """The form of an entry; ``signed`` is whose signature on it is still to be checked, with a known key."""
    envelope = envelopes.open_envelope(raw, where)
    if envelope.iss == kinds.SELF or envelope.sub == kinds.NO_CASE:
        raise Refused("entry.key", where, "a card or a key record is not registered in this way")
    author = node.known_party(envelope.iss)
    if author is None:
        return Entry(envelope=envelope)
    _require_enrolled(node, author, where)
    if all(key.record != envelope.keys for key in author.keys):
        # The author may have taken up a key that another process was told of.
        return Entry(envelope=envelope)
    return Entry(envelope=envelope, signed=author)


def register_entries(node: Node, entries: Sequence[Entry], where: str = "entry") -> list[Outcome]:
    """Register what may be registered; for each entry its place and receipt, or the error that refused it.

    Exact and atomic: an envelope that is there already keeps its index, however often and by whomever it
    comes, and another one with its number in its author's chain is a ``Conflict`` (``entry.taken``). On
    return everything registered is durable and published. ``Unavailable`` where that cannot be had; an
    entry may then be registered all the same, and will be found so when it comes again. ``Refused``
    (``journal.busy``) where another process keeps writing.
    """
    continuity.settle(node)
    with node.lock:
        for _ in range(RETRIES):
            try:
                return _register(node, entries, where)
            except Conflict:
                continue  # another process wrote in between; places are found anew
        raise Refused("journal.busy", where, "another process keeps writing; try again")


def _register(node: Node, entries: Sequence[Entry], where: str) -> list[Outcome]:
    continuity.require_current(node)
    tree = node.tree()
    base = tree.size
    known = node.journal.indexes_of({e.envelope.id for e in entries})
    tips = node.journal.tips_of({(e.envelope.iss, e.envelope.sub) for e in entries})
    enrolled = node.parties()
    leaves: list[Leaf] = []
    places: list[tuple[int, bool] | ComityError] = []
    for entry in entries:
        envelope = entry.envelope
        index = known.get(envelope.id)
        if index is not None:
            places.append((index, False))
            continue
        try:
            _admit(node, entry, enrolled.get(envelope.iss), base + len(leaves), where)
            _follow(envelope, tips.get((envelope.iss, envelope.sub)), where)
        except ComityError as error:
            places.append(error)
            continue
        index = known[envelope.id] = base + len(leaves)
        tips[envelope.iss, envelope.sub] = (envelope.seq, envelope.id)
        leaves.append(leaf_of(envelope, index))
        places.append((index, True))
    if leaves:
        node.journal.write(Write(expected=base, leaves=leaves))
        tree.extend(bytes.fromhex(leaf.id) for leaf in leaves)
    publish_head(node)
    wanted = sorted({place[0] for place in places if isinstance(place, tuple)})
    receipts = dict(zip(wanted, receipts_of(node, wanted), strict=True))
    return [
        Registered(index=place[0], receipt=receipts[place[0]], fresh=place[1])
        if isinstance(place, tuple)
        else place
        for place in places
    ]


def register_said(node: Node, case: str, guest: Party, records: Sequence[Record]) -> None:
    """Register what a guest said in a case, hold it, and queue it for the members: all of it, or nothing.

    ``records`` are opened, by ``guest``, which names this node as its home, under its alias; one that this
    ledger has already, as a bare envelope, keeps its place. ``Refused`` where the rules of the case forbid
    one; ``Conflict`` as in ``register_entries``.
    """
    with node.lock:
        for _ in range(RETRIES):
            tree = node.tree()
            base = tree.size
            try:
                write = _said(node, case, guest, records)
                node.journal.write(write)
            except BaseException as error:
                tree.truncate(base)
                if isinstance(error, Conflict) and error.code == "journal.moved":
                    continue
                raise
            publish_head(node)
            return
        raise Refused("journal.busy", case, "another process keeps writing; try again")


def _said(node: Node, case: str, guest: Party, records: Sequence[Record]) -> Write:
    seed = node.seed("receipt")
    # The tree grows in advance, because the receipts are stored in the same write; the caller takes it back.
    tree = node.tree()
    base = tree.size
    places = node.journal.indexes_of(r.id for r in records)
    tips = node.journal.tips_of({(guest.id, r.envelope.sub) for r in records})
    leaves = []
    for record in records:
        if record.id not in places:
            envelope = record.envelope
            _follow(envelope, tips.get((guest.id, envelope.sub)), record.id[:12])
            tips[guest.id, envelope.sub] = (envelope.seq, envelope.id)
            places[record.id] = tree.append(bytes.fromhex(record.id))
            leaves.append(leaf_of(envelope, places[record.id]))
    receipts = _receipts_at(seed, tree, [places[r.id] for r in records])
    state = node.state(case)
    held = []
    for record, receipt in zip(records, receipts, strict=True):
        state = fold([verify_read(record, receipt, guest, node.party)], state)
        if record.id in state.refused:
            refusal = state.refused[record.id]
            raise Refused(f"rule.{refusal.rule}", record.id[:12], refusal.why)
        held.append(
            Held(
                id=record.id,
                case=case,
                iss=guest.id,
                sub=record.envelope.sub,
                seq=record.envelope.seq,
                home=node.party.id,
                envelope=record.envelope.raw,
                receipt=receipt,
                opening=record.opening,
            )
        )
    return Write(expected=base, leaves=leaves, held=held, outbox=delivery.messages_for(node, state, held))


def receipts_of(node: Node, indexes: Sequence[int]) -> list[bytes]:
    """Receipts for these leaves, all at the size that the ledger now has. Callers hold the lock."""
    return _receipts_at(node.seed("receipt"), node.tree(), indexes) if indexes else []


def _receipts_at(seed: bytes, tree: Tree, indexes: Sequence[int]) -> list[bytes]:
    if not indexes:
        return []
    kid = ed25519.thumbprint(ed25519.public_of(seed))
    return issue_receipts(seed, kid, tree.size, tree.root(), [(i, tree.inclusion(i)) for i in indexes])


def _require_enrolled(node: Node, author: Party, where: str) -> None:
    if author.home != node.id:
        raise Refused("entry.author", where, "its author has another home than this ledger")


def _admit(node: Node, entry: Entry, author: Party | None, index: int, where: str) -> None:
    """Return only if this author may register this entry, as leaf ``index``."""
    if author is None:
        raise Refused("entry.author", where, "its author is not enrolled here")
    _require_enrolled(node, author, where)
    if author.guest and node.journal.note(f"guest/closed/{author.id}") is not None:
        raise Refused("guest.closed", where, "this node registers nothing more under this guest's key")
    if entry.signed is None:
        parties.verify_author(author, entry.envelope, where)
    if entry.envelope.keys != author.newest.record or parties.suspect_at(author, entry.envelope, index):
        # What a superseded key signed counts by its place; whoever stole it gets no new one.
        raise NotVerified(
            "entry.superseded", where, "signed with a key that its author has replaced or revoked"
        )


def _follow(envelope: Envelope, tip: tuple[int, str] | None, where: str) -> None:
    """``Conflict`` unless the envelope is the next of its author's chain in this ledger."""
    seq, prev = (tip[0] + 1, tip[1]) if tip else (0, kinds.NO_CASE)
    if envelope.seq < seq:
        raise Conflict("entry.taken", where, f"another record of this author has number {envelope.seq}")
    if envelope.seq > seq:
        raise Conflict("entry.gap", where, f"the next number in this chain of its author is {seq}")
    if envelope.prev != prev:
        raise Conflict("entry.fork", where, "follows another record than the last of this chain here")
