"""Receipts: another implementation reads them, and nothing altered is read at all."""

from __future__ import annotations

import random
from dataclasses import replace

import cbor2
import pytest
import scitt_cose
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from scitt_cose import cose_sign1

from comity.errors import Malformed, NotVerified, Refused
from comity.ledger import merkle
from comity.ledger import receipt as receipts
from comity.ledger.merkle import Tree, leaf_hash
from comity.ledger.receipt import (
    ConsistencyFacts,
    ReceiptFacts,
    issue_consistency_receipt,
    issue_receipt,
    open_consistency_receipt,
    open_receipt,
)
from comity.records import ed25519

SEED = b"\x05" * 32
KEY = ed25519.public_of(SEED)
KID = ed25519.thumbprint(KEY)
DATA = [b"entry %d" % n for n in range(70)]
LEAVES = [leaf_hash(d) for d in DATA]
TREE = Tree(LEAVES)
WEAK = bytes([1] + [0] * 31)


def _issue(index: int, size: int) -> bytes:
    return issue_receipt(SEED, KID, size, index, TREE.inclusion(index, size), TREE.root(size))


def _issue_consistency(old: int, size: int) -> bytes:
    path = TREE.consistency(old, size)
    return issue_consistency_receipt(SEED, KID, old, size, path, TREE.root(size))


def _public_pem() -> bytes:
    key = Ed25519PrivateKey.from_private_bytes(SEED).public_key()
    kind = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_bytes(serialization.Encoding.PEM, kind)


def _private_pem() -> bytes:
    return Ed25519PrivateKey.from_private_bytes(SEED).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


@given(st.data())
def test_a_receipt_proves_its_leaf(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 70))
    index = data.draw(st.integers(0, size - 1))
    raw = _issue(index, size)
    facts = ReceiptFacts(index=index, size=size, root=TREE.root(size))
    assert open_receipt(raw, LEAVES[index], KEY) == facts
    other = data.draw(st.integers(0, 69).filter(lambda n: n != index))
    with pytest.raises(NotVerified, match=r"^dossier/r1: .*signature\.invalid"):
        open_receipt(raw, LEAVES[other], KEY, "dossier/r1")


@given(st.data())
def test_a_consistency_receipt_proves_the_earlier_head(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 70))
    old = data.draw(st.integers(1, size - 1))
    raw = _issue_consistency(old, size)
    facts = ConsistencyFacts(old_size=old, size=size, root=TREE.root(size))
    assert open_consistency_receipt(raw, TREE.root(old), KEY) == facts
    with pytest.raises(NotVerified):
        open_consistency_receipt(raw, TREE.root(old - 1), KEY)


def test_another_implementation_reads_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    # It knows EdDSA as -8 alone; told the number of RFC 9864 for the same algorithm, it reads ours.
    monkeypatch.setattr(cose_sign1, "COSE_ALG_EDDSA", -19)
    for size in (2, 3, 8, 13, 70):
        for index in range(size):
            verdict = scitt_cose.verify_receipt(
                _issue(index, size),
                leaf_entry_hex=DATA[index].hex(),
                log_public_key_pem=_public_pem(),
            )
            assert verdict.ok, verdict.errors
            assert (verdict.tree_size, verdict.leaf_index) == (size, index)
            assert verdict.root == TREE.root(size).hex()
            assert verdict.protected_header_ext == {4: KID, -70002: size}


def test_receipts_signed_by_another_implementation_are_read() -> None:
    for size in (2, 5, 8):
        data = [d.hex() for d in DATA[:size]]
        root = bytes.fromhex(scitt_cose.merkle_root(data))
        for index in range(size):
            path = [bytes.fromhex(p) for p in scitt_cose.inclusion_proof(data, index)]
            raw = scitt_cose.sign_sign1(
                root,
                alg="EdDSA",
                private_key_pem=_private_pem(),
                protected={1: -8, 4: KID, 395: 1, -70002: size},
                unprotected={396: {-1: [cbor2.dumps([size, index, path])]}},
                detached=True,
            )
            facts = open_receipt(raw, LEAVES[index], KEY)
            assert facts == ReceiptFacts(index=index, size=size, root=TREE.root(size))
    # Its own builder signs no size, without which a root fixes no index, and leaves its labels unordered.
    unsized = scitt_cose.build_receipt(
        leaf_entry_hex=data[1],
        leaf_index=1,
        tree_entries_hex=data,
        alg="EdDSA",
        log_private_key_pem=_private_pem(),
        kid=KID,
    )
    with pytest.raises(Malformed, match=r"receipt\.form"):
        open_receipt(unsized, LEAVES[1], KEY)


def _renumber(raw: bytes, kind: int, first: int, second: int) -> bytes:
    # Another claim about the same path, in correct form, under the same signature.
    protected, outside, _, signature = cbor2.loads(raw).value
    path = cbor2.loads(outside[396][kind][0])[2]
    proofs = {396: {kind: [cbor2.dumps([first, second, path])]}}
    return cbor2.dumps(cbor2.CBORTag(18, [protected, proofs, None, signature]), canonical=True)


def test_a_receipt_cannot_be_restated_for_another_position() -> None:
    # The last leaf of 5 and the last of 2 have paths of one hash: the same root, another index.
    path = TREE.inclusion(4, 5)
    assert merkle.root_from_inclusion(LEAVES[4], 1, 2, path) == TREE.root(5)
    with pytest.raises(NotVerified, match=r"receipt\.tree-size"):
        open_receipt(_renumber(_issue(4, 5), -1, 2, 1), LEAVES[4], KEY)
    for size in range(2, 12):
        for index in range(size):
            raw = _issue(index, size)
            assert _renumber(raw, -1, size, index) == raw
            for other in range(20):
                for claimed in range(20):
                    if (other, claimed) == (size, index):
                        continue
                    with pytest.raises((Malformed, NotVerified)):
                        open_receipt(_renumber(raw, -1, other, claimed), LEAVES[index], KEY)


def test_a_consistency_receipt_cannot_be_restated_for_other_sizes() -> None:
    for size in range(2, 12):
        for old in range(1, size):
            raw = _issue_consistency(old, size)
            for other in range(20):
                for claimed in range(20):
                    if (other, claimed) == (old, size):
                        continue
                    with pytest.raises((Malformed, NotVerified)):
                        open_consistency_receipt(_renumber(raw, -2, other, claimed), TREE.root(old), KEY)


def test_both_names_of_the_algorithm_are_read() -> None:
    path = TREE.inclusion(1, 5)
    blank = receipts._Receipt(alg=-8, kid=KID, kind=-1, numbers=(5, 1), path=tuple(path), signature=b"")
    for alg, good in ((-8, True), (-19, True), (-7, False), (-50, False), (1, False)):
        unsigned = replace(blank, alg=alg)
        raw = replace(unsigned, signature=ed25519.sign(SEED, unsigned.signed(TREE.root(5)))).render()
        if good:
            assert open_receipt(raw, LEAVES[1], KEY).index == 1
        else:
            with pytest.raises(Malformed, match=r"receipt\.alg"):
                open_receipt(raw, LEAVES[1], KEY)


def test_one_leaf_has_no_receipt() -> None:
    root = TREE.root(1)
    with pytest.raises(Refused, match=r"receipt\.size"):
        issue_receipt(SEED, KID, 1, 0, [], root)
    for old, size in ((0, 5), (5, 5), (6, 5)):
        with pytest.raises(Refused, match=r"receipt\.size"):
            issue_consistency_receipt(SEED, KID, old, size, [root], root)
    with pytest.raises(ValueError, match="32 bytes"):
        issue_receipt(SEED, KID, 2, 0, [root], b"root")
    blank = receipts._Receipt(alg=-19, kid=KID, kind=-1, numbers=(1, 0), path=(), signature=b"")
    raw = replace(blank, signature=ed25519.sign(SEED, blank.signed(root))).render()
    with pytest.raises(Malformed, match=r"receipt\.size"):
        open_receipt(raw, LEAVES[0], KEY)
    same = replace(blank, kind=-2, numbers=(5, 5))
    raw = replace(same, signature=ed25519.sign(SEED, same.signed(TREE.root(5)))).render()
    with pytest.raises(Malformed, match=r"receipt\.size"):
        open_consistency_receipt(raw, TREE.root(5), KEY)


def test_one_kind_of_receipt_does_not_pass_for_the_other() -> None:
    with pytest.raises(Malformed, match=r"receipt\.proof"):
        open_consistency_receipt(_issue(2, 9), TREE.root(2), KEY)
    with pytest.raises(Malformed, match=r"receipt\.proof"):
        open_receipt(_issue_consistency(2, 9), LEAVES[2], KEY)


def test_wrong_and_weak_keys_are_refused() -> None:
    raw = _issue(3, 9)
    with pytest.raises(NotVerified, match=r"signature\.invalid"):
        open_receipt(raw, LEAVES[3], ed25519.public_of(b"\x06" * 32))
    with pytest.raises(NotVerified, match=r"key\.weak"):
        open_receipt(raw, LEAVES[3], WEAK)
    with pytest.raises(NotVerified, match=r"key\.length"):
        open_receipt(raw, LEAVES[3], b"")


def _parts(raw: bytes) -> tuple[bytes, bytes, bytes]:
    protected, unprotected, _, signature = cbor2.loads(raw).value
    return protected, unprotected[396][-1][0], signature


def _wrap(protected: object, proofs: object, payload: object, signature: object) -> bytes:
    value = [protected, {396: {-1: proofs}}, payload, signature]
    return cbor2.dumps(cbor2.CBORTag(18, value), canonical=True)


def test_other_forms_of_the_same_content_are_malformed() -> None:
    raw = _issue(3, 9)
    protected, proof, signature = _parts(raw)
    assert _wrap(protected, [proof], None, signature) == raw
    header = {1: -19, 4: KID, 395: 1, -70002: 9}
    size, index, path = cbor2.loads(proof)
    encode = cbor2.dumps
    altered = {
        "untagged": raw[1:],
        "another tag": b"\xd1" + raw[1:],
        "two tags": b"\xd2" + raw,
        "trailing": raw + b"\0",
        "cut": raw[:-1],
        "long": raw + b"\0" * 9_000,
        "empty": b"",
        "attached root": _wrap(protected, [proof], TREE.root(9), signature),
        "two proofs": _wrap(protected, [proof, proof], None, signature),
        "no proof": _wrap(protected, [], None, signature),
        "long tag": b"\xd8\x12" + raw[1:],
        "open array": raw[:1] + b"\x9f" + raw[2:] + b"\xff",
        "text for bytes": _wrap(protected, [proof], None, "s" * 64),
        "header order": _wrap(
            b"\xa4" + encode(dict(reversed(header.items())))[1:],
            [proof],
            None,
            signature,
        ),
        "no kid": _wrap(encode({1: -19, 395: 1, -70002: 9}), [proof], None, signature),
        "no size": _wrap(encode({1: -19, 4: KID, 395: 1}), [proof], None, signature),
        "signed size float": _wrap(encode(header | {-70002: 9.0}), [proof], None, signature),
        "crit": _wrap(encode(header | {2: [395]}), [proof], None, signature),
        "vds 2": _wrap(encode(header | {395: 2}), [proof], None, signature),
        "vds true": _wrap(encode(header | {395: True}), [proof], None, signature),
        "alg float": _wrap(encode(header | {1: -19.0}), [proof], None, signature),
        "array header": _wrap(encode([1]), [proof], None, signature),
        "size true": _wrap(protected, [encode([True, index, path])], None, signature),
        "size float": _wrap(protected, [encode([9.0, index, path])], None, signature),
        "size negative": _wrap(protected, [encode([-9, index, path])], None, signature),
        "size 2**63": _wrap(protected, [encode([2**63, index, path])], None, signature),
        "long size": _wrap(protected, [b"\x83\x18\x09" + proof[2:]], None, signature),
        "open path": _wrap(protected, [proof[:3] + b"\x9f" + proof[4:] + b"\xff"], None, signature),
        "path of text": _wrap(protected, [encode([size, index, ["a"]])], None, signature),
        "four numbers": _wrap(protected, [encode([size, index, path, 1])], None, signature),
        "same label twice": b"\xd2\x84" + encode(protected) + b"\xa2" + encode(396) + b"\xa0" * 2,
        "nested": b"\xd2" + b"\x81" * 3_000 + b"\xf6",
        "pattern": b"\xd2\x84\xd8\x23\x61(\xa0\xf6\x40",
        "claimed length": b"\xd2\x9b" + b"\x7f" * 8,
        "claimed map": b"\xd2\xbb" + b"\x7f" * 8,
        "claimed bytes": b"\xd2\x84\x5b" + b"\x7f" * 8,
    }
    unprotected = {396: {-1: [proof]}, 4: KID}
    altered["second unprotected label"] = encode(
        cbor2.CBORTag(18, [protected, unprotected, None, signature]), canonical=True
    )
    for form in altered.values():
        with pytest.raises(Malformed, match=r"receipt\."):
            open_receipt(form, LEAVES[3], KEY)


def test_mutated_receipts_none_accepted() -> None:
    rng = random.Random(9942)
    good = [_issue(n, n + 20) for n in range(0, 50, 7)]
    for _ in range(6_000):
        n = rng.randrange(len(good))
        raw = good[n]
        altered = bytearray(raw)
        at = rng.randrange(len(raw))
        match rng.randrange(4):
            case 0:
                altered[at] ^= 1 << rng.randrange(8)
            case 1:
                del altered[at]
            case 2:
                altered.insert(at, rng.randrange(256))
            case _:
                altered[at] = rng.randrange(256)
        if altered == raw:
            continue
        with pytest.raises((Malformed, NotVerified)):
            open_receipt(bytes(altered), LEAVES[n * 7], KEY)


@given(st.binary(max_size=200), st.integers(0, 120))
def test_arbitrary_bytes_give_a_verdict(raw: bytes, cut: int) -> None:
    good = _issue(3, 9)
    for candidate in (raw, good[:cut] + raw, b"\xd2\x84" + raw):
        if candidate == good:
            continue
        with pytest.raises((Malformed, NotVerified)):
            open_receipt(candidate, LEAVES[3], KEY)


def test_one_signature_serves_the_receipts_of_a_batch() -> None:
    seed = bytes(range(32))
    kid = ed25519.thumbprint(ed25519.public_of(seed))
    tree = merkle.Tree(merkle.leaf_hash(bytes([n])) for n in range(9))
    places = [(n, tree.inclusion(n)) for n in range(9)]
    made = receipts.issue_receipts(seed, kid, 9, tree.root(), places)
    assert made == [issue_receipt(seed, kid, 9, n, path, tree.root()) for n, path in places]
    assert receipts.issue_receipts(seed, kid, 9, tree.root(), []) == []
    with pytest.raises(Refused):
        receipts.issue_receipts(seed, kid, 1, tree.root(1), [(0, [])])
