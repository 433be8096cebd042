"""Whether this node's journal is the whole of what it signed (``spec/08-ledger.md`` §9).

An honest node that is put back to an old copy of itself would sign a second history. So nothing is signed
while anything shows that this ledger was longer once, or while it cannot be told: a head or receipt that
this party's own keys signed, or the mark that is kept beside the journal. Reading, serving and receiving
go on.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from comity.case.party_keys import checkpoint_keys, noted_key, read_checkpoint
from comity.errors import ComityError, Malformed, NotVerified, Refused
from comity.exchange.ports import Mark, Room, Write
from comity.ledger import note
from comity.ledger.merkle import HASH_SIZE, Tree
from comity.ledger.receipt import ReceiptFacts, open_receipt, peek_receipt
from comity.phrases import phrase
from comity.records import cbor, kinds, parties

if TYPE_CHECKING:
    from comity.exchange.node import Node

PROOF = "continuity/proof"
"""Where the longest history is kept that something showed this ledger to have."""

CONTRADICTION = "continuity/contradiction"
"""Where the first head is kept that no growth of this journal can lead to."""

State = Literal["current", "restarted", "unsure", "behind", "forked", "twin"]

_WHY = {
    "forked": phrase("this ledger signed another history than the journal holds"),
    "twin": phrase("another copy of this node answers at its address"),
}
_DO = {
    "behind": phrase(
        "nothing is signed until the missing entries are back: comity ledger recover (or, if somebody "
        "else signed it with a stolen key: comity party revoke --key checkpoint, or --key receipt)"
    ),
    "forked": phrase(
        "nothing more is signed with these keys; keep both copies, and found a new party (or, if "
        "somebody else signed it with a stolen key: comity party revoke --key checkpoint, or --key receipt)"
    ),
    "twin": phrase("stop one of the two, then: comity ledger recover"),
    "unsure": phrase("nothing is signed until others were asked what they hold of it: comity ledger recover"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where the journal stands against what this ledger is known to have signed.

    ``size`` is the journal's, ``head`` the largest size that is proven. *current* and *restarted* may sign;
    *restarted* means that the machine started since the last signature, so that others are to be asked
    first, and that their silence is no obstacle.
    """

    state: State
    size: int
    head: int
    why: str = ""

    @property
    def held(self) -> bool:
        """Whether signing is held."""
        return self.state not in ("current", "restarted")

    @property
    def advice(self) -> str:
        """What to do about it, in words; "" where nothing is to be done."""
        return _DO.get(self.state, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A tree head of this ledger, with the bytes that prove that this ledger signed it."""

    size: int
    root: bytes
    proof: bytes

    def render(self) -> bytes:
        """Deterministic CBOR ``[size, root, proof]``."""
        return cbor.encode([self.size, self.root, self.proof])


def parse_head(raw: bytes, where: str) -> Head:
    """Read what ``Head.render`` wrote; ``Malformed`` otherwise."""
    match cbor.decode(raw, where, other="continuity.form"):
        case [int() as size, bytes() as root, bytes() as proof] if size >= 0 and len(root) == HASH_SIZE:
            return Head(size=size, root=root, proof=proof)
    raise Malformed("continuity.form", where, "not a head that was kept")


def standing(node: Node) -> Standing:
    """Where this node stands now. Asks nobody; reads the journal and the mark."""
    with node.lock:
        tree = node.tree()
        size = tree.size
        proven = known_head(node)
        head = max(size, proven.size) if proven else size
        if _kept(node, CONTRADICTION) is not None:
            return _stands("forked", size, head)
        if proven is not None and not _agrees(tree, proven):
            return _stands("behind" if proven.size > size else "forked", size, head)
        if node.twin:
            return _stands("twin", size, head)
        if node.keys_ahead and any(
            parties.keys_of(node.party, purpose)[-1][0] != node.signer.public(purpose)
            for purpose in kinds.PURPOSES
        ):
            why = phrase("the keys here are newer than the journal, so it is an old copy of itself")
            return Standing(state="behind", size=size, head=head, why=why)
        if node.continuity is None or not size:
            return _stands("current", size, head)
        kept = node.continuity.read()
        mark = kept.mark
        if mark is not None and mark.size > size:
            return _stands("behind", size, max(head, mark.size))
        if mark is not None and tree.root(mark.size) != mark.root:
            return _stands("forked", size, head)
        if mark is None or kept.doubt:
            return Standing(state="unsure", size=size, head=head, why=kept.doubt)
        return _stands("restarted" if kept.restarted else "current", size, head)


def low_words(room: Room) -> str:
    """How much is free, and how much has to be."""
    free, floor = room.free // 1_000_000, room.floor // 1_000_000
    return phrase("{} MB are free at {}, and {} MB have to be", f"{free:,}", room.where, f"{floor:,}")


def _stands(state: State, size: int, head: int) -> Standing:
    behind = phrase(
        "this ledger signed {} leaves and the journal holds {}, so it is an old copy of itself",
        str(head),
        str(size),
    )
    why = behind if state == "behind" else _WHY.get(state, "")
    return Standing(state=state, size=size, head=head, why=why)


def _agrees(tree: Tree, head: Head) -> bool:
    return head.size <= tree.size and tree.root(head.size) == head.root


def known_head(node: Node) -> Head | None:
    """The longest head of this ledger that was proven to this node, if any was that it kept."""
    return _kept(node, PROOF)


def _kept(node: Node, name: str) -> Head | None:
    raw = node.journal.note(name)
    head = parse_head(raw, name) if raw else None
    return None if head is None or is_disowned(node, head) else head


def is_disowned(node: Node, head: Head) -> bool:
    """Whether a key signed this head that the party has revoked from a leaf on that the head's tree holds:
    then its thief signed it, and it says nothing of what this ledger is. What does not verify under any
    key that this party had is not disowned, it is judged where it is read."""
    found = _signed_by(node, head)
    if found is None:
        return False
    since = {**parties.suspect_keys(node.party), **node.disowning}.get(found)
    return since is not None and head.size > since


def _signed_by(node: Node, head: Head) -> tuple[kinds.Purpose, bytes] | None:
    """The key of this party that signed a head, of whatever range, and whether as checkpoint or receipt."""
    try:
        text = head.proof.decode()
        note.open_note(text)
    except (ComityError, UnicodeDecodeError):
        return _receipted_by(node, head)
    for vkey in checkpoint_keys(node.party):
        try:
            note.verify_checkpoint(text, vkey)
        except ComityError:
            continue
        return "checkpoint", vkey.key
    return None


def _receipted_by(node: Node, head: Head) -> tuple[kinds.Purpose, bytes] | None:
    match cbor.decode(head.proof, "continuity", other="continuity.form"):
        case [bytes() as leaf, bytes() as receipt]:
            pass
        case _:
            return None
    for key, _ in parties.keys_of(node.party, "receipt"):
        try:
            open_receipt(receipt, leaf, key)
        except ComityError:
            continue
        return "receipt", key
    return None


def forget_disowned(node: Node) -> None:
    """Drop what was kept of heads that the party has disowned since."""
    with node.lock:
        for name in (PROOF, CONTRADICTION):
            if node.journal.note(name) is not None and _kept(node, name) is None:
                node.journal.forget(name)


def settle(node: Node) -> None:
    """Ask others what they hold of this ledger, once, if that has to be done before the first signature.

    Called before the lock is taken, so that a peer which answers slowly stops nobody's act but this one.
    """
    if node.inquire is not None and standing(node).state in ("unsure", "restarted"):
        inquire, node.inquire = node.inquire, None
        if inquire is not None:  # another thread may have come first
            inquire()


def require_current(node: Node) -> None:
    """Return only if this node may sign; ``Refused`` ``journal.behind``, ``journal.forked``,
    ``journal.twin`` or ``journal.unsure`` otherwise.

    Where it cannot be told, or the machine started since, others are asked, once, by what the node was
    given for that (``Node.inquire``).
    """
    settle(node)
    found = standing(node)
    if found.held:
        raise Refused(f"journal.{found.state}", "journal", f"{found.why}; {found.advice}")


def take_checkpoint(node: Node, text: str, where: str = "checkpoint") -> Head:
    """Take in a head of this node's own ledger, from whomever it comes; ``NotVerified`` unless this
    party's checkpoint key signed it. What it shows is kept where the journal does not have it."""
    body, _ = note.open_note(text, where)
    said = note.Checkpoint.parse(body, where)
    head = Head(size=said.size, root=said.root, proof=text.encode())
    if is_disowned(node, head):
        return head
    _own_checkpoint(node, text, where)
    return _take(node, head)


def take_receipt(node: Node, leaf: bytes, receipt: bytes, where: str = "receipt") -> Head:
    """As ``take_checkpoint``, for a receipt of this ledger for the record with hash ``leaf``."""
    proof = cbor.encode([leaf, receipt])
    for key, _ in parties.keys_of(node.party, "receipt"):
        with contextlib.suppress(ComityError):
            facts = open_receipt(receipt, leaf, key, where)
            head = Head(size=facts.size, root=facts.root, proof=proof)
            if is_disowned(node, head):
                return head
    facts = own_receipt(node, leaf, receipt, where)
    return _take(node, Head(size=facts.size, root=facts.root, proof=proof))


def _own_checkpoint(node: Node, text: str, where: str) -> note.Checkpoint:
    """A head that this party signed, with the key of its range; or with the newest key at hand, which an old
    journal may not know to have been taken up."""
    try:
        return read_checkpoint(text, node.party, where)
    except NotVerified:
        newest = note.vkey_of(noted_key(text, node.party).name, node.signer.public("checkpoint"))
        if newest in checkpoint_keys(node.party):
            raise
        return note.verify_checkpoint(text, newest, where)


def own_receipt(node: Node, leaf: bytes, receipt: bytes, where: str = "receipt") -> ReceiptFacts:
    """What a receipt of this party's ledger proves, under the keys that ``take_checkpoint`` accepts."""
    _, size, _ = peek_receipt(receipt, where)
    newest = node.signer.public("receipt")
    try:
        return open_receipt(receipt, leaf, parties.key_at(node.party, "receipt", size), where)
    except NotVerified:
        if newest in dict(parties.keys_of(node.party, "receipt")):
            raise
        return open_receipt(receipt, leaf, newest, where)


def _take(node: Node, head: Head) -> Head:
    with node.lock:
        tree = node.tree()
        known = known_head(node)
        if _agrees(tree, head):
            return head
        if head.size <= tree.size or (known and head.size == known.size and head.root != known.root):
            # The first one proves as much as all, and a later one may come to be disowned.
            if _kept(node, CONTRADICTION) is None:
                node.journal.write(Write(notes={CONTRADICTION: head.render()}))
        elif known is None or head.size > known.size:
            node.journal.write(Write(notes={PROOF: head.render()}))
        return head


def remember(node: Node) -> None:
    """Move the mark up to the journal. Called after the journal is durable and before anything that was
    signed leaves this node; callers hold the lock, and have found the node current."""
    if node.continuity is not None:
        tree = node.tree()
        kept = node.continuity.read()
        if kept.restarted or kept.mark is None or kept.mark.size != tree.size:
            node.continuity.write(Mark(size=tree.size, root=tree.root()))


def go_on(node: Node) -> None:
    """Begin a new mark where the journal stands: signing goes on from here.

    ``Refused`` where something proves that the journal is behind, or contradicts it: no officer's word
    changes that.
    """
    with node.lock:
        found = standing(node)
        if found.state in ("behind", "forked", "twin"):
            raise Refused(f"journal.{found.state}", "journal", f"{found.why}; {found.advice}")
        if node.continuity is not None:
            tree = node.tree()
            node.continuity.begin(Mark(size=tree.size, root=tree.root()))


def check_proofs(node: Node) -> int:
    """Check again the proofs kept of this ledger's own heads: how many; raises what is wrong with one."""
    done = 0
    for name in (PROOF, CONTRADICTION):
        raw = node.journal.note(name)
        if not raw:
            continue
        head = parse_head(raw, name)
        if is_disowned(node, head):
            continue
        try:
            signed = _own_checkpoint(node, head.proof.decode(), name)
            proven = signed.size, signed.root
        except (ComityError, UnicodeDecodeError):
            match cbor.decode(head.proof, name, other="continuity.form"):
                case [bytes() as leaf, bytes() as receipt]:
                    facts = own_receipt(node, leaf, receipt, name)
                    proven = facts.size, facts.root
                case _:
                    raise Malformed("continuity.form", name, "not a proof that was kept") from None
        if proven != (head.size, head.root):
            raise NotVerified("continuity.proof", name, "the kept head is not the one that its proof signs")
        done += 1
    return done
