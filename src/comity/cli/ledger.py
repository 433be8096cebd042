"""``comity ledger``: the node's own ledger: receipts, recomputing from stored bytes, recovery."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from comity.cli.options import home_option, open_home
from comity.cli.output import Out, count, speaks
from comity.cli.receipts import confirm_command, receipt_command
from comity.errors import ComityError, NotVerified

if TYPE_CHECKING:
    from comity.exchange.node import Node

Step = tuple[str, Callable[[], int]]


@click.group(name="ledger")
def ledger_command() -> None:
    """Recompute this node's ledger from its stored bytes; receipts; recovery."""


ledger_command.add_command(receipt_command)
ledger_command.add_command(confirm_command)


@ledger_command.command(name="check")
@home_option
@speaks("step (name, count, ok) and fault (code, where, why); ledger (size, root, faults).")
def check_command(out: Out, home: Path | None) -> int:
    """Recompute everything from the stored bytes: every leaf, the tree, the published
    entries, tiles and checkpoint, every receipt, every record and attestation of
    every case, every stored item. Says what is wrong and where; then exits 1.
    """
    node = open_home(home).node
    faults = 0
    for name, run in _steps(node):
        out.progress(f"checking {name}")
        try:
            done = run()
        except ComityError as error:
            faults += 1
            out.line(f"WRONG  {name}: {error}")
            out.object("fault", step=name, code=error.code, where=error.where, why=error.why)
        else:
            out.line(f"ok     {name}: {done:,}")
            out.object("step", name=name, count=done, ok=True)
    with node.lock:
        tree = node.tree()
        size, root = tree.size, tree.root().hex() if tree.size else ""
    out.line(
        f"{count(size, 'leaf', 'leaves')}, root {root[:16]}: "
        f"{count(faults, 'fault') if faults else 'all holds'}."
    )
    out.object("ledger", size=size, root=root, faults=faults)
    return 1 if faults else 0


def check_node(node: Node) -> None:
    """All that ``comity ledger check`` checks; raises at the first fault."""
    for _, run in _steps(node):
        run()


def _steps(node: Node) -> Iterator[Step]:
    yield "leaves (id is the hash of the envelope)", lambda: _check_leaves(node)
    yield "published checkpoint, entries and tiles", lambda: _check_public(node)
    for case in node.cases():
        yield f"case {case[:12]} (signatures, receipts, states)", lambda case=case: _check_case(node, case)  # type: ignore[misc]
    yield "stored items (bytes, keys, roots)", lambda: _check_items(node)


def _check_leaves(node: Node) -> int:
    from comity.records.envelopes import open_envelope

    size = node.journal.size()
    for start in range(0, size, 1024):
        for at, leaf in enumerate(node.journal.leaves(start, start + 1024), start):
            where = f"leaf {at}"
            if leaf.index != at:
                raise NotVerified("ledger.gap", where, f"leaf {leaf.index} stands in its place")
            envelope = open_envelope(leaf.envelope, where)
            if envelope.id != leaf.id or envelope.seq != leaf.seq:
                raise NotVerified("ledger.leaf", where, "its envelope is not the one of its id")
    return size


def _check_public(node: Node) -> int:
    from comity.ledger import note, tiles
    from comity.ledger.merkle import leaf_hash

    def read(name: str) -> bytes:
        found = node.public.read(name)
        if found is None:
            raise NotVerified("ledger.public", name, "a published file is gone")
        return found

    head = note.verify_checkpoint(
        read("checkpoint").decode("utf-8", "replace"), note.Vkey.parse(node.party.card.checkpoint)
    )
    with node.lock:
        tree = node.tree()
        if head.size > tree.size:
            raise NotVerified(
                "ledger.ahead", "checkpoint", f"signs {head.size} leaves, and {tree.size} are stored"
            )
        if tree.root(head.size) != head.root:
            raise NotVerified("ledger.root", "checkpoint", "signs another root than the stored leaves have")
    if tiles.rebuild(read, head.size).root() != head.root:
        raise NotVerified("ledger.tiles", "tile", "the published tiles do not give the signed root")
    for index in range(-(-head.size // tiles.WIDTH)):
        width = min(tiles.WIDTH, head.size - index * tiles.WIDTH)
        name = tiles.entries_path(index, width)
        stored = node.journal.leaves(index * tiles.WIDTH, index * tiles.WIDTH + width)
        entries = tiles.decode_entries(read(name), name)
        if [leaf_hash(e).hex() for e in entries] != [leaf.id for leaf in stored]:
            raise NotVerified("ledger.entries", name, "the published entries are not the stored leaves")
    return head.size


def _check_case(node: Node, case: str) -> int:
    """The node keeps no state on disk: reading the case verifies every record of it again."""
    return len(node.state(case).records)


def _check_items(node: Node) -> int:
    from comity.evidence.disclose import WholeKey, check_whole
    from comity.exchange.evidence import held_items, item_bytes

    held = held_items(node)
    for root, item in held.items():
        private = item.private
        whole = WholeKey(
            size=private.size,
            root=bytes.fromhex(root),
            key=bytes.fromhex(private.key),
            metadata=private.metadata.encode(),
        )
        check_whole(whole, item_bytes(node, root), private.ref, f"item {root[:12]}")
    return len(held)


@ledger_command.command(name="recover")
@click.option(
    "--alone",
    is_flag=True,
    help="Go on although too few others answered: your word that nothing was signed since.",
)
@home_option
@speaks(
    "delivery (to, code, why) for each that did not answer; recovered (appended, records, closed, size, "
    "state)."
)
def recover_command(out: Out, alone: bool, home: Path | None) -> int:
    """Bring an old copy of this node up to what it has signed, and let it sign again.

    A node whose journal was put back from a backup, or copied, signs nothing: it
    would sign a second history. This asks the other parties, and the published
    files, what they hold of this ledger; appends exactly the entries that are
    missing, each checked up to a head that this node signed; and takes back the
    records of its cases. Before that, make sure that no other copy of this node runs.

    What nobody holds stays committed, and what it said is lost: the command names it.
    """
    from comity.exchange.recovery import recover

    where = open_home(home)
    where.node.inquire = None
    with where.peers() as peers:
        done = recover(where.node, peers, alone=alone)
    for party, error in done.failures:
        name = where.node.name_of(party) if len(party) == 64 else party
        out.warn(f"{name}: {error}")
        out.object("delivery", to=party, code=error.code, why=error.why)
    out.line(
        f"{count(done.appended, 'entry', 'entries')} and {count(done.records, 'record')} came back; the "
        f"ledger has {count(done.standing.size, 'leaf', 'leaves')}, and signing goes on."
    )
    if done.closed:
        shown = ", ".join(str(n) for n in done.closed[:12])
        out.line(
            f"Of {count(len(done.closed), 'leaf', 'leaves')} nobody gave back what it says: {shown}"
            f"{' …' if len(done.closed) > 12 else ''}. It stays committed; the words are lost here."
        )
    out.object(
        "recovered",
        appended=done.appended,
        records=done.records,
        closed=list(done.closed),
        size=done.standing.size,
        state=done.standing.state,
    )
    return 0
