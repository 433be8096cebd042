"""COSE Receipts that a node gave: scitt-cose and cwt check them, inclusion and consistency."""

from __future__ import annotations

import cbor2
import pytest
import scitt_cose
from cwt import COSE, COSEKey
from scitt_cose import cose_sign1

from comity.errors import Malformed, NotVerified, Refused
from comity.exchange import receipts
from comity.ledger.merkle import leaf_hash
from comity.ledger.receipt import ConsistencyFacts, open_consistency_receipt, open_receipt
from comity.records import ed25519
from tests.interop.published import SIZE, Published


def test_scitt_cose_verifies_the_receipt_of_every_record(
    published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Told that −19 is what it calls EdDSA; see test_statements.
    monkeypatch.setattr(cose_sign1, "COSE_ALG_EDDSA", -19)
    pem = published.public_pem("receipt")
    for index, raw in published.receipts.items():
        verdict = scitt_cose.verify_receipt(
            raw, leaf_entry_hex=published.entries[index].hex(), log_public_key_pem=pem
        )
        assert verdict.ok, verdict.errors
        assert (verdict.leaf_index, verdict.tree_size) == (index, index + 1)
        assert verdict.root == published.tree.root(index + 1).hex()
        other = published.entries[index - 1].hex()
        assert not scitt_cose.verify_receipt(raw, leaf_entry_hex=other, log_public_key_pem=pem).ok
    assert len(published.receipts) == SIZE - 1


def test_a_leaf_has_a_receipt_in_every_later_tree(
    published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cose_sign1, "COSE_ALG_EDDSA", -19)
    key = published.node.signer.public("receipt")
    for index, size in ((0, 2), (0, SIZE), (3, 256), (255, 256), (255, 257), (256, SIZE), (SIZE - 1, SIZE)):
        raw = receipts.inclusion_receipt(published.node, index, size)
        facts = open_receipt(raw, leaf_hash(published.entries[index]), key)
        assert (facts.index, facts.size, facts.root) == (index, size, published.tree.root(size))
        verdict = scitt_cose.verify_receipt(
            raw,
            leaf_entry_hex=published.entries[index].hex(),
            log_public_key_pem=published.public_pem("receipt"),
        )
        assert verdict.ok, verdict.errors


def test_two_readers_verify_consistency_receipts(published: Published) -> None:
    """No library here has a reader of −2 receipts, so two share it: scitt-cose takes the proof, cwt the
    signature over the root that the proof leads to."""
    seed_public = published.node.signer.public("receipt")
    kid = ed25519.thumbprint(seed_public)
    key = COSEKey.new({1: 1, 2: kid, 3: -19, -1: 6, -2: seed_public})
    for (old, new), raw in published.consistency.items():
        earlier, later = published.tree.root(old), published.tree.root(new)
        facts = open_consistency_receipt(raw, earlier, seed_public)
        assert facts == ConsistencyFacts(old_size=old, size=new, root=later)
        message = cbor2.loads(raw)
        assert (message.tag, message.value[2]) == (18, None)
        protected, unprotected, payload = COSE.new().decode_with_headers(raw, key, detached_payload=later)
        assert payload == later
        assert (protected[395], protected[-70002]) == (1, new)
        (proof,) = unprotected[396][-2]
        first, second, path = cbor2.loads(proof)
        assert (first, second) == (old, new)
        words = [node.hex() for node in path]
        assert scitt_cose.verify_consistency(earlier.hex(), later.hex(), old, new, words)
        data = [entry.hex() for entry in published.entries[:new]]
        assert words == scitt_cose.consistency_proof(data, old, new)
        with pytest.raises(NotVerified):
            open_consistency_receipt(raw, later, seed_public)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (0, 0, "receipt.size"),
        (0, SIZE, "receipt.size"),
        (SIZE, SIZE, "receipt.size"),
        (2, 1, "ledger.range"),
        (1, SIZE + 1, "ledger.range"),
        (-1, 4, "ledger.range"),
        (1, -4, "ledger.range"),
    ],
)
def test_no_consistency_receipt_without_a_path(published: Published, old: int, new: int, code: str) -> None:
    with pytest.raises(Refused, match=code.replace(".", r"\.")):
        receipts.consistency_receipt(published.node, old, new)


@pytest.mark.parametrize(
    ("index", "size", "code"),
    [
        (0, 0, "ledger.range"),
        (0, 1, "receipt.size"),
        (SIZE, SIZE, "ledger.range"),
        (0, SIZE + 1, "ledger.range"),
    ],
)
def test_no_receipt_for_a_place_that_is_not_there(
    published: Published, index: int, size: int, code: str
) -> None:
    with pytest.raises(Refused, match=code.replace(".", r"\.")):
        receipts.inclusion_receipt(published.node, index, size)


def test_a_receipt_of_one_kind_is_not_of_the_other(published: Published) -> None:
    key = published.node.signer.public("receipt")
    with pytest.raises(Malformed, match=r"receipt\.proof"):
        open_receipt(published.consistency[1, 2], leaf_hash(published.entries[1]), key)
    with pytest.raises(Malformed, match=r"receipt\.proof"):
        open_consistency_receipt(published.receipts[5], published.tree.root(4), key)
