"""Every proof of every tree to 256 leaves, against three trees that others wrote.

pymerkle makes the roots and the inclusion paths; scitt-cose and tlog-scales check the consistency proofs.
(pymerkle's own consistency proofs list other subtrees than RFC 9162 does, so they are not comparable.)
"""

from __future__ import annotations

from collections.abc import Callable

import pymerkle
import pytest
import scitt_cose.merkle as scitt
from tlog_scales import tlog

from comity.errors import NotVerified
from comity.ledger.merkle import EMPTY_ROOT, Tree, leaf_hash, verify_consistency, verify_inclusion

LIMIT = 256
DATA = [b"leaf %d" % n for n in range(LIMIT)]
LEAVES = [leaf_hash(d) for d in DATA]
PAIRS = LIMIT * (LIMIT + 1) // 2


@pytest.fixture(scope="module")
def ours() -> Tree:
    return Tree(LEAVES)


@pytest.fixture(scope="module")
def theirs() -> pymerkle.InmemoryTree:
    tree = pymerkle.InmemoryTree()
    tree.append_entries(DATA)
    return tree


def test_every_inclusion_path_is_the_one_that_pymerkle_makes(
    ours: Tree, theirs: pymerkle.InmemoryTree
) -> None:
    done = 0
    for size in range(1, LIMIT + 1):
        root = theirs.get_root(size)
        assert ours.root(size) == root
        for index in range(size):
            proof = theirs.prove_inclusion(index + 1, size)
            assert proof.path == [LEAVES[index], *ours.inclusion(index, size)]
            verify_inclusion(LEAVES[index], index, size, proof.path[1:], root)
            done += 1
    assert done == PAIRS


def test_every_consistency_proof_holds_for_two_other_readers(
    ours: Tree, theirs: pymerkle.InmemoryTree
) -> None:
    roots = [EMPTY_ROOT, *(theirs.get_root(size) for size in range(1, LIMIT + 1))]
    hexed = [root.hex() for root in roots]
    done = 0
    for n in range(1, LIMIT + 1):
        for m in range(1, n + 1):
            path = ours.consistency(m, n)
            verify_consistency(m, n, roots[m], roots[n], path)
            assert scitt.verify_consistency(hexed[m], hexed[n], m, n, [p.hex() for p in path])
            tlog.ConsistencyProof(m, n, path).check(roots[m], roots[n])
            done += 1
    assert done == PAIRS


def _holds(check: Callable[[], object], *refusals: type[Exception]) -> bool:
    try:
        return check() is not False
    except refusals:
        return False


def test_readers_agree_on_what_is_refused(ours: Tree) -> None:
    """A proof for one pair of sizes, told to be for another: the same verdict everywhere."""
    limit = 14
    hexed = [ours.root(size).hex() for size in range(limit + 1)]
    accepted = 0
    for n in range(1, limit):
        for m in range(1, n + 1):
            path = ours.consistency(m, n)
            words = [p.hex() for p in path]
            for b in range(1, limit):
                for a in range(1, b + 1):
                    here = _holds(
                        lambda a=a, b=b, p=path: verify_consistency(a, b, ours.root(a), ours.root(b), p),  # type: ignore[misc]
                        NotVerified,
                    )
                    there = scitt.verify_consistency(hexed[a], hexed[b], a, b, words)
                    also = _holds(
                        lambda a=a, b=b, p=path: tlog.ConsistencyProof(a, b, p).check(  # type: ignore[misc]
                            ours.root(a), ours.root(b)
                        ),
                        tlog.ConsistencyProofInvalid,
                    )
                    assert here == there == also == (path == ours.consistency(a, b)), (m, n, a, b)
                    accepted += here
    assert accepted > limit * (limit - 1) // 2 - 1


def test_where_readers_differ_about_size_zero() -> None:
    """RFC 9162 defines no proof from size 0; C2SP tlog-witness needs one. Ours has one form, and no other."""
    some = leaf_hash(b"some")
    verify_consistency(0, 0, EMPTY_ROOT, EMPTY_ROOT, [])
    verify_consistency(0, 7, EMPTY_ROOT, some, [])
    # scitt-cose takes any two equal roots of size 0, and an earlier root that no empty tree has.
    assert scitt.verify_consistency(some.hex(), some.hex(), 0, 0, [])
    for size, old, new, path in (
        (0, some, some, []),
        (0, EMPTY_ROOT, some, []),
        (7, some, some, []),
        (7, EMPTY_ROOT, some, [some]),
    ):
        with pytest.raises(NotVerified, match=r"ledger\.consistency"):
            verify_consistency(0, size, old, new, path)
    with pytest.raises(NotVerified, match=r"ledger\.inclusion"):
        verify_inclusion(some, 0, 0, [], EMPTY_ROOT)
