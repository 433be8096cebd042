"""``comity ledger receipt`` and ``confirm``: COSE Receipts for others, and what one of theirs proves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from comity.cli.inputs import read_file
from comity.cli.options import home_option, open_home
from comity.cli.output import Out, speaks
from comity.errors import Malformed

if TYPE_CHECKING:
    from comity.records.parties import Party


@click.command(name="receipt")
@click.argument("target", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--leaf", type=click.IntRange(0), metavar="N", help="That leaf N is in the tree.")
@click.option(
    "--since", type=click.IntRange(0), metavar="SIZE", help="That the tree of SIZE is its beginning."
)
@click.option("--size", type=click.IntRange(0), metavar="SIZE", help="Of the tree of SIZE (default: all).")
@home_option
@speaks("receipt (kind, leaf, since, size, root, leaf_hash or old_root, file).")
def receipt_command(
    out: Out, target: Path, leaf: int | None, since: int | None, size: int | None, home: Path | None
) -> int:
    """Write a COSE Receipt (RFC 9942) about this node's ledger to FILE: that a leaf is in
    it (--leaf), or that an earlier tree is its beginning (--since), so that nothing was
    taken out or changed between the two. Any COSE library reads it.
    """
    from comity.exchange.receipts import consistency_receipt, inclusion_receipt

    if (leaf is None) == (since is None):
        raise click.UsageError("Name either --leaf or --since.")
    node = open_home(home).node
    with node.lock:
        if leaf is not None:
            raw = inclusion_receipt(node, leaf, size)
        else:
            assert since is not None
            raw = consistency_receipt(node, since, size)
        tree = node.tree()
        whole = tree.size if size is None else size
        root = tree.root(whole).hex()
        about = (
            {"kind": "inclusion", "leaf": leaf, "leaf_hash": tree.node(0, leaf).hex()}
            if leaf is not None
            else {"kind": "consistency", "since": since, "old_root": tree.root(since).hex()}
        )
    target.write_bytes(raw)
    what = f"leaf {leaf:,} is in" if leaf is not None else f"the tree of {since:,} leaves begins"
    out.line(f"{target}: {what} the tree of {whole:,} leaves, root {root}")
    out.object("receipt", **about, size=whole, root=root, file=str(target))
    return 0


@click.command(name="confirm")
@click.argument("receipt", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--by", "party", required=True, metavar="PARTY", help="Whose ledger: a party known here.")
@click.option("--leaf-hash", default="", metavar="HEX", help="The record id whose place it proves.")
@click.option(
    "--old-root", default="", metavar="HEX", help="The earlier root that it proves to be the beginning."
)
@home_option
@speaks("confirmed (kind, leaf, since, size, root), key (suspect, known_to).")
def confirm_command(
    out: Out, receipt: Path, party: str, leaf_hash: str, old_root: str, home: Path | None
) -> int:
    """Check a COSE Receipt by a known party's ledger: with --leaf-hash that a record is in
    it, with --old-root that an earlier root is its beginning. Says of which tree; a
    receipt does not say that the party showed everyone the same one.
    """
    from comity.ledger.receipt import (
        RECEIPT_LIMIT,
        open_consistency_receipt,
        open_receipt,
        peek_consistency,
        peek_receipt,
    )
    from comity.records.parties import key_at

    if bool(leaf_hash) == bool(old_root):
        raise click.UsageError("Name either --leaf-hash or --old-root.")
    wanted = _read_hash(leaf_hash or old_root, "--leaf-hash" if leaf_hash else "--old-root")
    node = open_home(home).node
    ledger = node.find_party(party)
    raw = read_file(receipt, RECEIPT_LIMIT)
    if leaf_hash:
        _, size, _ = peek_receipt(raw, str(receipt))
        key = key_at(ledger, "receipt", size, str(receipt))
        place = open_receipt(raw, wanted, key, str(receipt))
        size = place.size
        out.line(f"Leaf {place.index:,} of the tree of {place.size:,} leaves, root {place.root.hex()}.")
        out.object("confirmed", kind="inclusion", leaf=place.index, size=place.size, root=place.root.hex())
    else:
        size = peek_consistency(raw, str(receipt))
        key = key_at(ledger, "receipt", size, str(receipt))
        grown = open_consistency_receipt(raw, wanted, key, str(receipt))
        out.line(
            f"The tree of {grown.old_size:,} leaves is the beginning of the tree of {grown.size:,} leaves, "
            f"root {grown.root.hex()}."
        )
        out.object(
            "confirmed", kind="consistency", since=grown.old_size, size=grown.size, root=grown.root.hex()
        )
    _tell_key(out, ledger, size)
    return 0


def _tell_key(out: Out, ledger: Party, size: int) -> None:
    """Whether the key that signed a receipt is suspect, and how far its ledger's key records are known."""
    from comity.records.parties import suspect_tree

    name = ledger.card.name
    suspect = suspect_tree(ledger, size)
    if suspect:
        out.line(f"SUSPECT: {name} revoked the key that signed this, from a leaf of this tree on.")
        out.line("Whoever had stolen it can have signed this; another receipt of that leaf may show more.")
    out.line(
        f"Later revocation not excluded: of the key records of {name}, those up to leaf "
        f"{ledger.newest.index:,} are known here."
    )
    out.object("key", suspect=suspect, known_to=ledger.newest.index)


def _read_hash(text: str, where: str) -> bytes:
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        raw = b""
    if len(raw) != 32:
        raise Malformed("ledger.hash", where, "a hash has 64 hex digits")
    return raw
