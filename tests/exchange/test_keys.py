"""Rotations and revocations between nodes: they travel, mark what is held already, and go on with time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from comity.adapters.key_files import KeyFiles
from comity.case.time import intervals
from comity.errors import Refused
from comity.exchange import acts, mirroring, working
from comity.exchange.founding import (
    change_recipient,
    draft_revocation,
    find_marked,
    proven_size,
    revoke,
    rotate,
)
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


def test_messages_go_to_the_newest_recipient_and_old_ones_still_open(world: World) -> None:
    a, b, c = world.nodes
    case = open_case(world)
    claim(a, case, "before")
    world.settle()
    # Sealed before the rotation, delivered after it.
    world.network.down.add("http://birch.example")
    claim(a, case, "on its way")
    signer = b.signer
    assert isinstance(signer, KeyFiles)
    first = signer.age_recipient()
    change_recipient(b, signer.prepare_recipient(), "yearly")
    world.network.down.clear()
    claim(b, case, "so that the others learn it")
    world.pass_time(3600)
    world.settle()
    second = signer.age_recipient()
    assert second != first
    assert [parties.recipient_of(n.parties()[b.party.id]) for n in (a, b, c)] == [second] * 3
    assert signer.recipients() == [first, second]
    claim(a, case, "after")
    world.settle()
    assert a.state(case).digest() == b.state(case).digest()
    again = KeyFiles(signer._folder)
    assert again.age_recipient() == second
    assert again.open_sealed(a.boxes.seal_to([first], b"old")) == b"old"


def test_a_recipient_that_nothing_can_be_sealed_to_is_not_learned(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A member that names one would otherwise stop every act of its cases."""
    a, b, _ = world.nodes
    case = open_case(world)
    world.settle()
    signer = b.signer
    assert isinstance(signer, KeyFiles)
    monkeypatch.setattr(signer, "adopt_recipient", lambda age: None)
    change_recipient(b, "age1" + "q" * 58)
    claim(b, case, "under a recipient that is none")
    for _ in range(3):
        world.pass_time(3600)
        failures = [f for node in world.nodes for f in working.tick(node, world.network).failures]
    assert any(error.code == "age.recipient" for _, error in failures)
    assert parties.recipient_of(a.parties()[b.party.id]) == b.party.card.age
    assert claim(a, case, "the others go on")
