"""The salted row tree: the same root as RFC 6962, the smallest proof, and nothing else accepted."""

from __future__ import annotations

from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import NotVerified
from comity.ledger.merkle import leaf_hash, root_of
from comity.ledger.rowtree import (
    SUBTREE,
    RowSealer,
    RowTree,
    leaf_hashes,
    prove_rows,
    salts,
    subtree_span,
    verify_rows,
)

KEY = bytes(range(32))
META = b'{"kind":"comity/1/item"}'
SIZES = [1, 2, 3, 4, 7, 8, 255, 256, 257, 511, 512, 513, 700, 1025]


def rows_of(count: int) -> list[bytes]:
    return [b"row %d" % n for n in range(1, count + 1)]


def seal(rows: list[bytes]) -> RowTree:
    sealer = RowSealer(KEY)
    sealer.add_many(rows)
    return sealer.finish(META)


def leaves_from(rows: list[bytes]) -> list[bytes]:
    return leaf_hashes(KEY, 0, [META, *rows])


def prove(tree: RowTree, rows: list[bytes], indices: list[int]) -> list[bytes]:
    leaves = leaves_from(rows)

    def of(subtree: int) -> list[bytes]:
        span = subtree_span(tree.size, subtree)
        return leaves[span.start : span.stop]

    return prove_rows(tree, indices, of)


def entries(rows: list[bytes], indices: list[int]) -> list[tuple[int, bytes, bytes]]:
    everything = [META, *rows]
    return [(i, salts(KEY, i, 1), everything[i]) for i in indices]


def code_of(size: int, root: bytes, shown: list[tuple[int, bytes, bytes]], proof: list[bytes]) -> str:
    with pytest.raises(NotVerified) as caught:
        verify_rows(size, root, shown, proof, "here")
    assert caught.value.where == "here"
    return caught.value.code


def test_salts_are_the_keystream_of_aes_256_ctr() -> None:
    stream = Cipher(AES(KEY), CTR(bytes(16))).encryptor().update(bytes(16 * 300))
    assert salts(KEY, 0, 300) == stream
    assert salts(KEY, 299, 1) == stream[-16:]


def test_a_salt_says_nothing_about_its_neighbour() -> None:
    # Each is one block of a permutation: equal blocks would need equal counters.
    stream = salts(KEY, 0, 5000)
    assert len({stream[i : i + 16] for i in range(0, len(stream), 16)}) == 5000


@pytest.mark.parametrize("size", SIZES)
def test_the_root_is_that_of_rfc_6962(size: int) -> None:
    rows = rows_of(size - 1)
    tree = seal(rows)
    salted = [salts(KEY, i, 1) + row for i, row in enumerate([META, *rows])]
    assert (tree.size, tree.root) == (size, root_of([leaf_hash(entry) for entry in salted]))
    assert len(tree.subtree_roots) == 32 * -(-size // SUBTREE)


@given(st.lists(st.integers(0, 300), max_size=6))
def test_the_tree_does_not_depend_on_how_rows_come(cuts: list[int]) -> None:
    rows = rows_of(900)
    sealer = RowSealer(KEY)
    at = 0
    for cut in cuts:
        sealer.add_many(rows[at : at + cut])
        at = min(len(rows), at + cut)
        if at < len(rows):
            sealer.add(rows[at])
            at += 1
        if at < len(rows):
            row = sealer.open_row()
            row.update(rows[at][:3])
            row.update(rows[at][3:])
            sealer.close_row(row)
            at += 1
    sealer.add_many(iter(rows[at:]))
    assert sealer.rows == 900
    assert sealer.finish(META) == seal(rows)


@given(
    st.integers(1, 700).flatmap(lambda n: st.tuples(st.just(n), st.sets(st.integers(0, n - 1), min_size=1)))
)
def test_any_rows_can_be_proven(case: tuple[int, set[int]]) -> None:
    size, chosen = case
    rows = rows_of(size - 1)
    tree = seal(rows)
    indices = sorted(chosen)
    proof = prove(tree, rows, indices)
    verify_rows(size, tree.root, entries(rows, indices), proof)


def test_one_row_costs_its_rfc_6962_path() -> None:
    rows = rows_of(699)
    tree = seal(rows)
    proof = prove(tree, rows, [300])
    level = leaves_from(rows)
    at, path = 300, []
    while len(level) > 1:
        if at ^ 1 < len(level):
            path.append(level[at ^ 1])
        level = [
            sha256(b"\1" + level[i] + level[i + 1]).digest() if i + 1 < len(level) else level[i]
            for i in range(0, len(level), 2)
        ]
        at //= 2
    assert sorted(proof) == sorted(path)


def test_ten_thousand_rows_in_a_run_of_ten_million_prove_in_a_kibibyte() -> None:
    # The roots of the closed subtrees need no rows, so ten million are not hashed for this.
    size, low, high = 10_000_001, 4_321_000, 4_331_000
    shown = range(low, high)
    roots = bytearray(sha256(b"closed").digest() * -(-size // SUBTREE))
    opened: dict[int, list[bytes]] = {}
    for subtree in range(low // SUBTREE, (high - 1) // SUBTREE + 1):
        span = subtree_span(size, subtree)
        opened[subtree] = leaf_hashes(KEY, span.start, [b"r%d" % i for i in span])
        roots[subtree * 32 : subtree * 32 + 32] = root_of(opened[subtree])
    root = root_of([bytes(roots[i : i + 32]) for i in range(0, len(roots), 32)])
    tree = RowTree(size=size, root=root, subtree_roots=bytes(roots))
    proof = prove_rows(tree, shown, opened.__getitem__)
    assert 32 * len(proof) <= 1024
    stream = salts(KEY, low, len(shown))
    verify_rows(
        size,
        root,
        [(i, stream[16 * n : 16 * n + 16], b"r%d" % i) for n, i in enumerate(shown)],
        proof,
    )


@given(st.data())
def test_no_changed_proof_is_accepted(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 600))
    rows = rows_of(size - 1)
    tree = seal(rows)
    indices = sorted(data.draw(st.sets(st.integers(0, size - 1), min_size=1, max_size=5)))
    proof, shown = prove(tree, rows, indices), entries(rows, indices)
    which = data.draw(st.integers(0, len(shown) - 1))
    index, salt, row = shown[which]
    changes: list[tuple[list[tuple[int, bytes, bytes]], list[bytes]]] = [
        ([*shown[:which], (index, salt, row + b"!"), *shown[which + 1 :]], proof),
        ([*shown[:which], (index, bytes(16), row), *shown[which + 1 :]], proof),
        # The entry is salt ‖ row: a byte moved across the seam is caught by the salt's length.
        ([*shown[:which], (index, salt[:-1], salt[-1:] + row), *shown[which + 1 :]], proof),
        (shown, [*proof, bytes(32)]),
        (shown[:which] + shown[which + 1 :], proof),
    ]
    if proof:
        cut = data.draw(st.integers(0, len(proof) - 1))
        bit = bytearray(proof[cut])
        bit[data.draw(st.integers(0, 31))] ^= 1 << data.draw(st.integers(0, 7))
        changes += [
            (shown, proof[:cut] + proof[cut + 1 :]),
            (shown, [*proof[:cut], bytes(bit), *proof[cut + 1 :]]),
        ]
    for bad_shown, bad_proof in changes:
        assert code_of(size, tree.root, bad_shown, bad_proof) in ("row.proof", "row.range")


def test_moved_repeated_and_foreign_rows_have_names_of_their_own() -> None:
    rows = rows_of(20)
    tree = seal(rows)
    proof, shown = prove(tree, rows, [3, 9]), entries(rows, [3, 9])
    assert code_of(21, tree.root, [shown[1], shown[0]], proof) == "row.order"
    assert code_of(21, tree.root, [shown[0], shown[0]], proof) == "row.order"
    assert code_of(21, tree.root, [shown[0], (21, *shown[1][1:])], proof) == "row.range"
    assert code_of(21, tree.root, [(-1, *shown[0][1:]), shown[1]], proof) == "row.range"
    assert code_of(21, tree.root, [], [tree.root]) == "row.range"
    assert code_of(0, tree.root, shown, proof) == "row.range"
    assert code_of(2**70, tree.root, shown, proof) == "row.range"
    assert code_of(21, tree.root, [(4, *shown[0][1:]), shown[1]], proof) == "row.proof"
    assert code_of(21, tree.root[:-1], shown, proof) == "row.proof"
    assert code_of(21, tree.root, shown, [node[:-1] for node in proof]) == "row.proof"
    assert code_of(2**62, tree.root, shown, proof) == "row.proof"


def test_rows_changed_since_the_seal_give_no_proof() -> None:
    rows = rows_of(600)
    tree = seal(rows)
    with pytest.raises(NotVerified) as caught:
        prove(tree, [*rows[:299], b"other", *rows[300:]], [310])
    assert (caught.value.code, caught.value.where) == ("row.subtree", "rows 256 to 511")
    # A run that needs no neighbour still rehashes what it shows.
    with pytest.raises(NotVerified):
        prove(tree, [*rows[:299], b"other", *rows[300:]], list(range(256, 512)))
    with pytest.raises(NotVerified):
        prove_rows(tree, [310], lambda _: [])


def test_a_guess_of_a_hidden_row_cannot_be_tested() -> None:
    # An address has few spellings. With the tree and a neighbour's disclosure, and no key, each of
    # them fits some salt, and none fits any salt that was shown.
    hidden, rows = b"client 192.0.2.77", [b"client 192.0.2.%d" % n for n in (5, 77, 9, 200)]
    tree = seal(rows)
    proof, shown = prove(tree, rows, [1, 3]), entries(rows, [1, 3])
    known = {salt for _, salt, _ in shown} | {bytes(16), b""}
    for last in range(256):
        guess = b"client 192.0.2.%d" % last
        assert not {sha256(b"\0" + salt + guess).digest() for salt in known} & set(proof)
    assert sha256(b"\0" + salts(KEY, 2, 1) + hidden).digest() in proof


def test_misuse_is_a_value_error() -> None:
    tree = seal(rows_of(5))
    for indices in ([], [6], [-1], [2, 2], [3, 1]):
        with pytest.raises(ValueError, match="indices"):
            prove_rows(tree, indices, lambda _: [])
    with pytest.raises(ValueError, match="32 bytes"):
        RowSealer(b"short")
    with pytest.raises(ValueError, match="leaf 0"):
        salts(KEY, -1, 1)
    sealer = RowSealer(KEY)
    sealer.finish(META)
    with pytest.raises(ValueError, match="finished"):
        sealer.finish(META)
    with pytest.raises(ValueError, match="finished"):
        sealer.add(b"late")
