"""Rotations and revocations between nodes: they travel, mark what is held already, and go on with time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from comity.adapters.key_files import KeyFiles
from comity.case.time import intervals
from comity.errors import Refused
from comity.exchange import acts, mirroring
from comity.exchange.founding import draft_revocation, find_marked, proven_size, revoke, rotate
from comity.exchange.node import Node
from comity.exchange.receipts import inclusion_receipt
from comity.records import parties
from comity.records.kinds import PURPOSES, Assertion, Purpose
from tests.exchange.network import World, recovery_of
from tests.exchange.test_story import open_case


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, ["alder", "birch", "cedar"])


def prepared(node: Node, purposes: Sequence[Purpose]) -> dict[Purpose, bytes]:
    assert isinstance(node.signer, KeyFiles)
    return node.signer.prepare(purposes)


def claim(node: Node, case: str, text: str) -> str:
    said = acts.state_claim(node, case, "t", [Assertion(text=text, level="tactical")])
    return said.value.id


def test_a_revocation_marks_what_others_hold_already(world: World) -> None:
    a, b, _ = world.nodes
    case = open_case(world)
    before, stolen = (claim(a, case, text) for text in ("honest", "by the thief"))
    world.settle()
    assert not b.state(case).records[stolen].suspect
    since = a.state(case).records[stolen].index
    seed = recovery_of("alder")
    draft = draft_revocation(a.party, seed, "statement", since, {})
    assert find_marked(a, draft)[0][1:] == (stolen, "claim.state", since)
    revoke(a, seed, "statement", since, prepared(a, ["statement"]), "The key was copied.")
    after = claim(a, case, "with the new key")
    world.settle()
    for node in world.nodes:
        records = node.state(case).records
        assert [records[r].suspect for r in (before, stolen, after)] == [False, True, False]
        assert stolen in node.state(case).accepted
    digests = {node.state(case).digest() for node in (a, b)}
    assert len(digests) == 1


def test_only_the_cards_recovery_key_is_taken(world: World) -> None:
    a = world.nodes[0]
    with pytest.raises(Refused, match=r"party\.recovery"):
        revoke(a, recovery_of("birch"), "statement", 0, {})
    assert len(a.party.keys) == 1


def test_a_case_goes_on_when_every_key_of_everyone_changes(world: World) -> None:
    """Receipts, checkpoints, mirrors, witnesses and a dossier, each under the key of its range."""
    a, b, c = world.nodes
    case = open_case(world)
    first = claim(a, case, "before")
    world.settle()
    assert intervals(a.state(case))[first].not_after is not None
    for node in world.nodes:
        rotate(node, prepared(node, PURPOSES), "yearly")
    # What the others learn of a key they learn with a record.
    for node in world.nodes:
        claim(node, case, f"after, by {node.party.card.name}")
    world.settle()
    last = claim(a, case, "and on")
    world.settle()
    for node in world.nodes:
        for other in world.nodes:
            if node is not other:
                mirroring.refresh(node, world.network, other.party.id)
        found = node.state(case)
        assert not any(fact.key_suspect for fact in found.records.values())
        assert intervals(found)[last].not_after is not None
    assert c.party.id
    with pytest.raises(Refused, match=r"receipt\.range"):
        inclusion_receipt(a, 1, 2)
    assert inclusion_receipt(a, 1)
    world.pass_time(3600)
    assert proven_size(a, world.clocks[0].time) is not None
    assert proven_size(a, 0) is None
    assert b.party.newest.index > 0
    assert parties.keys_of(b.parties()[a.party.id], "checkpoint")[-1][0] == a.signer.public("checkpoint")


def test_a_witness_that_rotates_forgets_nothing(world: World) -> None:
    """A ledger's new checkpoint key carries on what was cosigned under the one before."""
    a, b, _ = world.nodes
    case = open_case(world)
    claim(a, case, "one")
    world.settle()
    rotate(a, prepared(a, ["checkpoint"]))
    claim(a, case, "two")
    world.settle()
    kept = [name for name in b.journal.notes("witness/") if a.party.card.checkpoint.split("+")[0] in name]
    assert len(kept) == 2
