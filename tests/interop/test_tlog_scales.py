"""tlog-scales, a reader of C2SP tlog-tiles, reads what a node publishes."""

from __future__ import annotations

import pytest
from tlog_scales import signing, tiles, tlog
from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TilesReader

from comity.case.verified import attested_note
from comity.ledger import note
from comity.ledger.merkle import leaf_hash
from tests.interop.published import SIZE, Published


def test_tiles_entries_and_every_proof_made_from_them(published: Published) -> None:
    reader = TilesReader(LocalBackend(published.folder))
    head = reader.get_checkpoint()
    head.verify(signing.Vkey.from_string(published.vkey))
    assert (head.size, head.root_hash) == (SIZE, published.tree.root())
    assert reader.calculate_root_hash() == head.root_hash
    for index in range(SIZE):
        entry = reader.get_entry(index)
        assert entry == published.entries[index]
        proof = reader.get_inclusion_proof(index, SIZE)
        proof.check(tiles.leaf_hash(entry), head.root_hash)
        # Its proof is ours, and ours is one that it takes.
        assert proof.node_hashes == published.tree.inclusion(index)
    for size in range(1, SIZE, 7):
        made = reader.get_consistency_proof(size, SIZE)
        assert made.node_hashes == published.tree.consistency(size)
        made.check(published.tree.root(size), head.root_hash)


def test_every_older_checkpoint_and_the_way_between_any_two(published: Published) -> None:
    vkey = signing.Vkey.from_string(published.vkey)
    heads = [tlog.Checkpoint.from_text(text) for text in published.heads]
    for head in heads:
        head.verify(vkey)
    for old in heads:
        for new in heads:
            if old.size <= new.size:
                path = published.tree.consistency(old.size, new.size)
                tlog.ConsistencyProof(old.size, new.size, path).check(old.root_hash, new.root_hash)


def test_a_cosignature_and_its_time(published: Published) -> None:
    text = attested_note(published.attestation)
    head = tlog.Checkpoint.from_text(text)
    head.verify(signing.Vkey.from_string(published.vkey))
    vkey = signing.Vkey.from_string(published.witness)
    head.verify(vkey)
    (line,) = (s for s in head.signatures if vkey.match(s))
    said = signing.Ed25519CosignatureVerifier.get_timestamp(line.payload)
    assert said == note.verify_cosignature(text, note.Vkey.parse(published.witness))


def test_what_is_altered_is_refused(published: Published) -> None:
    reader = TilesReader(LocalBackend(published.folder))
    head = reader.get_checkpoint()
    with pytest.raises(Exception, match=r".*"):
        tlog.Checkpoint(head.origin, head.size + 1, head.root_hash, head.signatures).verify(
            signing.Vkey.from_string(published.vkey)
        )
    with pytest.raises(tlog.InclusionProofInvalid):
        reader.get_inclusion_proof(5, SIZE).check(leaf_hash(published.entries[6]), head.root_hash)
