"""Whoever stole a ledger key signs a head of it that never was: its owner is held, revokes, and goes on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from comity.adapters.key_files import KeyFiles
from comity.errors import NotVerified, Refused
from comity.exchange import continuity, witnessing
from comity.exchange.checking import steps
from comity.exchange.founding import revoke, rotate
from comity.exchange.node import Node
from comity.ledger import merkle, note, witness
from comity.ledger.receipt import issue_receipt
from comity.records import ed25519
from comity.records.kinds import Purpose
from tests.exchange.network import World, recovery_of
from tests.exchange.test_keys import claim
from tests.exchange.test_story import open_case


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, ["alder", "birch", "cedar"])


def prepared(node: Node, purpose: Purpose) -> dict[Purpose, bytes]:
    assert isinstance(node.signer, KeyFiles)
    return node.signer.prepare([purpose])


def forged_head(node: Node, size: int, seed: bytes) -> str:
    origin = note.Vkey.parse(node.party.card.checkpoint).name
    return note.sign_checkpoint(note.Checkpoint(origin=origin, size=size, root=bytes(32)), seed)


def by_checkpoint(node: Node, size: int) -> Callable[[], object]:
    text = forged_head(node, size, node.signer.seed("checkpoint"))
    return lambda: continuity.take_checkpoint(node, text)


def by_receipt(node: Node, size: int) -> Callable[[], object]:
    seed, leaf = node.signer.seed("receipt"), bytes(32)
    # A path of its own making: the root that it gives is the one that is signed.
    path = [bytes([n]) * 32 for n in range((size - 1).bit_length())]
    root = merkle.root_from_inclusion(leaf, 0, size, path)
    raw = issue_receipt(seed, ed25519.thumbprint(ed25519.public_of(seed)), size, 0, path, root)
    return lambda: continuity.take_receipt(node, leaf, raw)


FORGERS: dict[Purpose, Callable[[Node, int], Callable[[], object]]] = {
    "checkpoint": by_checkpoint,
    "receipt": by_receipt,
}


@pytest.mark.parametrize("purpose", FORGERS)
@pytest.mark.parametrize("longer", [True, False], ids=["of more leaves", "of another history"])
def test_a_head_by_a_stolen_key_holds_its_owner_until_it_is_revoked(
    world: World, purpose: Purpose, longer: bool
) -> None:
    a, b, _ = world.nodes
    case = open_case(world)
    first = claim(a, case, "before")
    world.settle()
    size = a.journal.size()
    show = FORGERS[purpose](a, size + 1000 if longer else size)
    show()
    assert continuity.standing(a).state == ("behind" if longer else "forked")
    with pytest.raises(Refused, match="comity party revoke"):
        claim(a, case, "held")
    # A rotation is signed by keys that may be stolen too, and so is no way out.
    with pytest.raises(Refused, match=r"journal\."):
        rotate(a, prepared(a, purpose))
    revoke(a, recovery_of("alder"), purpose, size - 1, prepared(a, purpose), "It was copied.")
    assert continuity.standing(a).state == "current"
    # However often it is shown again, it holds nothing up, and proves nothing.
    show()
    assert continuity.standing(a).state == "current"
    assert [str(found) for step in steps(a) for found in step.run() if found is not None] == []
    second = claim(a, case, "after")
    world.settle()
    assert {first, second} <= set(b.state(case).accepted)


def test_a_revocation_of_one_key_frees_nobody_of_anothers_proof(world: World) -> None:
    """A node put back to an old copy is behind by a head of its own; revoking another key changes nothing."""
    a = world.nodes[0]
    size = a.journal.size()
    by_checkpoint(a, size + 5)()
    with pytest.raises(Refused, match=r"journal\.behind"):
        revoke(a, recovery_of("alder"), "receipt", size, prepared(a, "receipt"))
    # Nor does a revocation from behind that head: up to there the key was its owner's.
    with pytest.raises(Refused, match=r"journal\.behind"):
        revoke(a, recovery_of("alder"), "checkpoint", size + 5, prepared(a, "checkpoint"))
    assert continuity.standing(a).state == "behind"
    assert len(a.party.keys) == 1


def test_a_contradiction_that_stands_is_not_covered_by_a_later_forgery(world: World) -> None:
    a = world.nodes[0]
    open_case(world)
    by_receipt(a, a.journal.size())()
    by_checkpoint(a, a.journal.size())()
    with pytest.raises(Refused, match=r"journal\.forked"):
        revoke(a, recovery_of("alder"), "checkpoint", 0, prepared(a, "checkpoint"))
    revoke(a, recovery_of("alder"), "receipt", 0, prepared(a, "receipt"))
    assert continuity.standing(a).state == "current"


def test_a_witness_is_not_bound_to_what_a_thief_had_it_cosign(world: World) -> None:
    """A thief extends the public ledger with leaves of its own, and has a peer cosign that. The owner revokes
    the key; its next one begins anew there, and the thief's gets nothing more cosigned."""
    a, b, _ = world.nodes
    case = open_case(world)
    claim(a, case, "before")
    world.settle()
    size, stolen = a.journal.size(), a.signer.seed("checkpoint")
    with a.lock:
        tree = merkle.Tree(a.tree().nodes(0, 0, size))
    for n in range(7):
        tree.append(bytes([n]) * 32)
    origin = note.Vkey.parse(a.party.card.checkpoint).name

    def ask(upto: int, old: int) -> str:
        head = note.Checkpoint(origin=origin, size=upto, root=tree.root(upto))
        text = note.sign_checkpoint(head, stolen)
        return witnessing.cosign(b, witness.format_add_checkpoint(old, tree.consistency(old, upto), text))

    with pytest.raises(witness.Conflict) as caught:
        ask(size + 5, 0)
    assert ask(size + 5, caught.value.size)
    revoke(a, recovery_of("alder"), "checkpoint", size, prepared(a, "checkpoint"))
    claim(a, case, "after")
    world.settle()
    newest = a.state(case).ordered[-1].id
    assert any(
        newest in fact.value.records and fact.value.seen_by for fact in b.state(case).attestations.values()
    )
    with pytest.raises(NotVerified, match=r"note\.unsigned"):
        ask(size + 7, size + 5)
