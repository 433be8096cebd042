"""Receipts that a node gives on request: a leaf is in the tree, an earlier head is a prefix of a later one.

Both are statements about a tree that this node recomputed from its stored leaves; nothing else is signed.
"""

from __future__ import annotations

from comity.errors import Refused
from comity.exchange.node import Node
from comity.ledger import receipt
from comity.ledger.merkle import Tree
from comity.records import ed25519, parties


def inclusion_receipt(node: Node, index: int, size: int | None = None) -> bytes:
    """The receipt that leaf ``index`` is in this ledger at ``size`` (the newest by default), RFC 9942 §5.2.

    ``Refused`` for a place that is not there ("ledger.range") and for size 1 ("receipt.size").
    """
    with node.lock:
        tree, size = _sized(node, size)
        path = tree.inclusion(index, size)
        return receipt.issue_receipt(*_key(node, size), size, index, path, tree.root(size))


def consistency_receipt(node: Node, old: int, size: int | None = None) -> bytes:
    """The receipt that this ledger at size ``old`` is a prefix of it at ``size`` (the newest by default),
    RFC 9942 §5.3. ``Refused`` for a size that is not there ("ledger.range"), and unless 0 < old < size
    ("receipt.size"): the format has no room for an empty path.
    """
    with node.lock:
        tree, size = _sized(node, size)
        path = tree.consistency(old, size)
        return receipt.issue_consistency_receipt(*_key(node, size), old, size, path, tree.root(size))


def _sized(node: Node, size: int | None) -> tuple[Tree, int]:
    tree = node.tree()
    wanted = tree.size if size is None else size
    if not 0 <= wanted <= tree.size:
        raise Refused("ledger.range", "", f"this ledger has {tree.size} leaves, not {wanted}")
    return tree, wanted


def _key(node: Node, size: int) -> tuple[bytes, bytes]:
    if not size:
        raise Refused("receipt.size", "", "an empty ledger has no receipt")
    seed = node.seed("receipt")
    public = ed25519.public_of(seed)
    if parties.key_at(node.party, "receipt", size) != public:
        first = parties.keys_of(node.party, "receipt")[-1][1] + 1
        why = f"the receipt key of this ledger signs sizes from {first} on; ask for one of those"
        raise Refused("receipt.range", "", why)
    return seed, ed25519.thumbprint(public)
