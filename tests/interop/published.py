"""One real ledger, written by the exchange and put on disk, for software that others wrote to read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from comity.adapters.public_files import PublicFiles
from comity.exchange import acts, receipts, stamping
from comity.exchange.authoring import checkpoint
from comity.exchange.node import Node
from comity.ledger.merkle import Tree
from comity.records import kinds
from tests.exchange.network import PublicMemory, World
from tests.exchange.test_stamping import Asked
from tests.openssl_authority import OpensslAuthority, openssl_authority

SIZE = 600
"""Two full tiles, a partial one, and a tile above them."""


@dataclass(frozen=True, kw_only=True)
class Published:
    """A node's public files under ``folder``, with what it gave others besides.

    ``heads`` are signed checkpoints of several sizes, oldest first; ``attestation`` is about one of them,
    by ``witness`` (a vkey) and ``authority``; ``consistency`` maps (old, new) to receipts.
    """

    node: Node
    folder: Path
    case: str
    vkey: str
    witness: str
    authority: OpensslAuthority
    heads: tuple[str, ...]
    entries: tuple[bytes, ...]
    receipts: dict[int, bytes]
    consistency: dict[tuple[int, int], bytes]
    attestation: bytes

    @property
    def tree(self) -> Tree:
        return self.node.tree()

    def public_pem(self, purpose: str) -> bytes:
        """A public key of the node's card, as PEM."""
        key = Ed25519PublicKey.from_public_bytes(self.node.signer.public(purpose))
        return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def publish(folder: Path) -> Published:
    """Two nodes and an ``openssl`` authority make a case; the first writes ``SIZE`` leaves, in steps."""
    authority = openssl_authority(folder / "tsa", "ec")
    world = World(folder, ["alder", "birch"])
    a, b = world.nodes
    anchor = stamping.keep_certificate(a, authority.root)
    a.stamps = Asked(answers={"http://tsa.example": authority.answer})
    policy = kinds.Policy(
        quorum=2,
        witnesses=(kinds.Witness(vkey=b.party.card.witness, party=b.party.id),),
        authorities=(kinds.Authority(certificate=anchor, name="Invented Time"),),
    )
    case = acts.open_case(a, "2026-10-05", policy)
    heads = [checkpoint(a)]
    acts.invite(a, case, b.party.id)
    _say(a, case, 4)
    world.settle()
    heads.append(checkpoint(a))
    (attestation,) = (raw for _, raw in a.journal.attestations(case))
    # The rest in a case of its own, so that no other node has to read it all.
    alone = acts.open_case(a, "2026-10-06", kinds.Policy(quorum=1, witnesses=policy.witnesses))
    for size in (255, 256, 257, 511, 513, SIZE):
        _say(a, alone, size - a.journal.size())
        heads.append(checkpoint(a))
    # On disk through the adapter that nodes use; all at once, since each of its files is synced.
    files = PublicFiles(folder / "public")
    assert isinstance(a.public, PublicMemory)
    for name, raw in a.public.files.items():
        files.write(name, raw)
    held = {a.journal.leaves(n, n + 1)[0].id: n for n in range(SIZE)}
    own = {held[h.id]: h.receipt for c in (case, alone) for _, h in a.journal.news(c, 0) if h.id in held}
    steps = [(1, 2), (1, SIZE), (2, 3), (255, 256), (256, 257), (256, 512), (300, SIZE), (SIZE - 1, SIZE)]
    return Published(
        node=a,
        folder=folder / "public",
        case=case,
        vkey=a.party.card.checkpoint,
        witness=b.party.card.witness,
        authority=authority,
        heads=tuple(heads),
        entries=tuple(leaf.envelope for leaf in a.journal.leaves(0, SIZE)),
        receipts={n: own[n] for n in sorted(own)},
        consistency={s: receipts.consistency_receipt(a, *s) for s in steps},
        attestation=attestation,
    )


def _say(node: Node, case: str, count: int) -> None:
    for n in range(count):
        said = kinds.Assertion(text=f"Number {n}.", level="tactical")
        acts.state_claim(node, case, "Said", [said])
