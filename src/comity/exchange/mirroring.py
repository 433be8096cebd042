"""Keeping a copy of other parties' public ledgers, and noticing when one of them forks.

The copy is the leaf hashes and the newest signed head. It lets this node prove, later and without asking
anyone, where a record stands; and a head that does not extend the copy is evidence against its signer, kept.
"""

from __future__ import annotations

from functools import partial

from comity.case.party_keys import checkpoint_key, read_checkpoint
from comity.errors import ComityError, Malformed, NotVerified, Refused, Unavailable
from comity.exchange.authoring import checkpoint
from comity.exchange.delivery import address_of
from comity.exchange.node import Node
from comity.exchange.ports import Peers, Write
from comity.ledger import tiles, witness
from comity.ledger.merkle import HASH_SIZE, Tree
from comity.ledger.witness import Split
from comity.records import cbor

LEDGER_LIMIT = 1 << 20
"""The most leaves of another's ledger that are copied: its size is its own word."""

CHECKPOINT_LIMIT, TILE_LIMIT = 64 * 1024, 256 * HASH_SIZE

LEAVES, HEAD, FORK = "mirror/leaves/", "mirror/head/", "mirror/fork/"


def mirrored(node: Node, home: str) -> tuple[Tree, str]:
    """The copy of a ledger: its tree and the signed head it agrees with; ``Unavailable`` if there is none."""
    if home == node.party.id:
        with node.lock:
            return node.tree(), checkpoint(node)
    raw, head = node.journal.note(LEAVES + home), node.journal.note(HEAD + home)
    if raw is None or head is None:
        raise Unavailable("ledger.no-copy", home[:12], "no copy of this party's ledger was fetched yet")
    leaves = (raw[at : at + HASH_SIZE] for at in range(0, len(raw), HASH_SIZE))
    return Tree(leaves), head.decode("utf-8", "replace")


def refresh(node: Node, peers: Peers, home: str) -> bool:
    """Bring the copy of a ledger up to its published head; whether it grew.

    ``NotVerified`` ("ledger.fork") where the head is signed and yet does not extend the copy: both heads
    are then kept under ``forks``. ``Unavailable`` where the party does not answer.
    """
    party = node.author(home)
    base = address_of(node, home)
    if not base or home == node.party.id:
        return False
    text = peers.get(base, "/checkpoint", CHECKPOINT_LIMIT).decode("utf-8", "replace")
    head = read_checkpoint(text, party, f"{home[:12]}/checkpoint")
    if head.size > LEDGER_LIMIT:
        raise Refused(
            "ledger.size", home[:12], f"it says it has {head.size} leaves; {LEDGER_LIMIT} are copied"
        )
    try:
        tree, known = mirrored(node, home)
    except Unavailable:
        tree, known = Tree(), ""
    if known and head.size <= tree.size:
        # An old head is what a cache may serve; only a contradiction is evidence.
        if tree.root(head.size) != head.root:
            _keep_fork(node, home, (text, known), tree, head.size)
        return False
    fresh = tiles.rebuild(lambda path: peers.get(base, f"/{path}", TILE_LIMIT), head.size, home[:12])
    if fresh.root() != head.root:
        raise NotVerified("ledger.tiles", home[:12], "its tiles do not give the root that it signed")
    if fresh.root(tree.size) != tree.root():
        _keep_fork(node, home, (known, text), fresh, tree.size)
    if head.size == tree.size:
        return False
    leaves = b"".join(fresh.node(0, n) for n in range(head.size))
    node.journal.write(Write(notes={LEAVES + home: leaves, HEAD + home: text.encode()}))
    return True


def _keep_fork(node: Node, home: str, notes: tuple[str, str], tree: Tree, size: int) -> None:
    """Keep what proves the fork: the note of ``size``, the other, and what the other's ``tree`` says."""
    party = node.author(home)
    differ = tree.size != size
    split = witness.prove_split(
        *notes,
        partial(checkpoint_key, party),
        root=tree.root(size) if differ else b"",
        proof=tree.consistency(size, tree.size) if differ else (),
    )
    keep_split(node, home, split)
    raise NotVerified("ledger.fork", home[:12], "has signed two histories; both heads are kept as evidence")


def keep_split(node: Node, home: str, split: Split) -> None:
    """Keep the proof that a party's ledger has two histories; the first one found is enough."""
    if node.journal.note(FORK + home) is None:
        raw = cbor.encode([1, *split.notes, split.root, list(split.proof)])
        node.journal.write(Write(notes={FORK + home: raw}))


def forks(node: Node) -> dict[str, Split]:
    """Parties whose ledger was seen to fork, with what proves it, checked again from the stored bytes."""
    found = {}
    for name, raw in node.journal.notes(FORK).items():
        home = name.removeprefix(FORK)
        notes, root, proof = read_fork(raw, name)
        key_at = partial(checkpoint_key, node.author(home))
        found[home] = witness.prove_split(*notes, key_at, root=root, proof=proof)
    return found


def read_fork(raw: bytes, where: str) -> tuple[tuple[str, str], bytes, list[bytes]]:
    """What was kept of a fork, unchecked: both notes, the root and proof between them; else ``Malformed``."""
    match cbor.decode(raw, where, code="mirror.fork"):
        case [1, str() as first, str() as second, bytes() as root, [*proof]] if cbor.all_bytes(proof):
            return (first, second), root, proof
    raise Malformed("mirror.fork", where, "what was kept of a fork is damaged")


def refresh_for(node: Node, peers: Peers, case: str) -> list[tuple[str, ComityError]]:
    """Refresh the copies that this case's records need and lack; what went wrong, by party."""
    state = node.state(case)
    needed: dict[str, int] = {}
    for fact in state.records.values():
        needed[fact.home] = max(needed.get(fact.home, 0), fact.index + 1)
    failures: list[tuple[str, ComityError]] = []
    for home, size in sorted(needed.items()):
        try:
            tree, _ = mirrored(node, home)
            if tree.size >= size:
                continue
        except Unavailable:
            pass
        try:
            refresh(node, peers, home)
        except ComityError as error:
            failures.append((home, error))
    return failures


def require(node: Node, home: str, size: int) -> tuple[Tree, str]:
    """The copy of a ledger with at least ``size`` leaves; ``Refused`` where it does not reach so far."""
    tree, head = mirrored(node, home)
    if tree.size < size:
        raise Refused(
            "ledger.behind", home[:12], f"the copy holds {tree.size} leaves, {size} are needed; sync first"
        )
    return tree, head
