"""A node that sees two histories lists what it can prove, and one act of an officer proves it to everyone."""

from __future__ import annotations

from pathlib import Path

import pytest

from comity.errors import NotVerified, Refused
from comity.exchange import acts, exposing, mirroring
from comity.ledger import note, witness
from comity.ledger.merkle import Tree, leaf_hash
from comity.records.kinds import Policy, Witness
from tests.exchange.network import World


def test_a_ledger_that_forks_is_seen_proven_once_and_known_to_all(tmp_path: Path) -> None:
    world = World(tmp_path, ["opener", "liar", "third"])
    opener, liar, third = world.nodes
    policy = Policy(quorum=1, witnesses=(Witness(vkey=third.party.card.witness, party=third.party.id),))
    case = acts.open_case(opener, "2031-03-01", policy, "")
    for node in (liar, third):
        acts.invite(opener, case, node.party.id)
    world.settle()
    mirroring.refresh(opener, world.network, liar.party.id)
    assert exposing.exposures(opener, case) == []
    # Another tree of the same ledger, longer than what was copied, signed by its own key and served whole.
    tree, _ = mirroring.mirrored(opener, liar.party.id)
    other = Tree(leaf_hash(bytes([n])) for n in range(tree.size + 3))
    key = note.Vkey.parse(liar.party.card.checkpoint)
    head = note.Checkpoint(origin=key.name, size=other.size, root=other.root())
    text = note.sign_checkpoint(head, liar.signer.seed("checkpoint"))
    liar.public.write("checkpoint", text.encode())
    for path, data in _tiles(other):
        liar.public.write(path, data)
    with pytest.raises(NotVerified, match="two histories"):
        mirroring.refresh(opener, world.network, liar.party.id)
    (found,) = exposing.exposures(opener, case)
    assert (found.party, found.of) == (liar.party.id, "ledger")
    assert isinstance(found.split, witness.Split)
    (proven,) = exposing.prove_fork(opener, case, liar.party.id)
    assert dict(opener.state(case).splits) == {liar.party.id: proven.value.id}
    assert exposing.exposures(opener, case) == []
    with pytest.raises(Refused, match="nothing unproven"):
        exposing.prove_fork(opener, case, liar.party.id)


def _tiles(tree: Tree) -> list[tuple[str, bytes]]:
    return [(f"tile/0/000.p/{tree.size}", b"".join(tree.node(0, n) for n in range(tree.size)))]
