"""What a publisher brings: records as held, and proofs from the ledgers they stand in.

The proofs come from public ledgers. ``plan_proofs`` says which are needed, ``view_ledger`` takes them
from a tree at hand (built from tiles, or the node's own).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from comity.case.party_keys import witness_keys
from comity.case.verified import attested_note
from comity.dossier.layout import LeafPath
from comity.errors import NotVerified
from comity.ledger import merkle, note
from comity.ledger.receipt import peek_receipt
from comity.records import bundles, envelopes, kinds, parties
from comity.records.bundles import Bundle
from comity.records.kinds import Card
from comity.records.parties import Party


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyChain:
    """A party as its signed key records: the card, and every rotation in order."""

    card: Bundle
    rotations: tuple[Bundle, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerView:
    """One ledger at one size: its signed checkpoint (with any cosignatures), the place and path of each
    record by id, and by earlier size the proof that the tree of that size is a prefix."""

    checkpoint: str
    paths: Mapping[str, LeafPath]
    consistency: Mapping[int, tuple[bytes, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Everything a dossier is made of.

    ``records`` are all the publisher holds of the case, opened as far as it holds them; ``key_chains`` hold
    every author, home and publisher; ``disclosures`` are row disclosure packages it may publish;
    ``ledgers`` is by home. What the public may read is opened; ``release`` names more records to open:
    the publisher's own, or another's, which is then labelled. ``as_of``: seconds since 1970 UTC.
    """

    case: str
    publisher: str
    as_of: int
    records: tuple[Bundle, ...]
    key_chains: tuple[KeyChain, ...]
    attestations: tuple[bytes, ...] = ()
    disclosures: tuple[bytes, ...] = ()
    ledgers: Mapping[str, LedgerView] = field(default_factory=dict)
    release: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """What a dossier needs of one ledger: paths of these records (id → leaf index), and consistency from
    these sizes to the checkpoint, whose size is at least the largest of them."""

    records: Mapping[str, int]
    sizes: frozenset[int]


def plan_proofs(material: Material) -> dict[str, Needed]:
    """The proofs that a dossier of this material needs, by home; reads receipts without checking them."""
    found: dict[str, tuple[dict[str, int], set[int]]] = {}
    homes: dict[str, str] = {}
    origins: dict[str, str] = {}

    def want(home: str, record: str, index: int, size: int) -> None:
        records, sizes = found.setdefault(home, ({}, set()))
        records[record] = index
        if size:
            sizes.add(size)

    for chain in material.key_chains:
        card = bundles.read_bundle(chain.card, "card")
        if not isinstance(card.content, Card) or card.opening is None or card.opening.content is None:
            raise NotVerified("party.card", "card", "not an opened card")
        iss = parties.party_id(card.opening.frame, card.opening.content)
        homes[iss] = card.content.home or iss
        if card.content.checkpoint:
            origins[note.Vkey.parse(card.content.checkpoint).name] = iss
        if card.content.home:
            head = receipt_head(chain.card.receipt, card.id, "card")
            want(card.content.home, card.id, head.index, head.size)
        else:
            want(iss, card.id, 0, 0)
        for bundle in chain.rotations:
            _want_bundle(want, homes[iss], bundle)
    for bundle in material.records:
        iss = envelopes.open_envelope(bundle.envelope).iss
        if iss not in homes:
            raise NotVerified(
                "dossier.party-missing", f"parties/{iss}.card", "the card of an author is missing"
            )
        _want_bundle(want, homes[iss], bundle)
    for raw in material.attestations:
        origin, size = attested_head(raw)
        if origin in origins:
            found.setdefault(origins[origin], ({}, set()))[1].add(size)
    return {home: Needed(records=r, sizes=frozenset(s)) for home, (r, s) in found.items()}


def _want_bundle(want: Callable[[str, str, int, int], None], home: str, bundle: Bundle) -> None:
    record = envelopes.record_id(bundle.envelope)
    head = receipt_head(bundle.receipt, record, f"records/{record}.record")
    want(home, record, head.index, head.size)


def view_ledger(tree: merkle.Tree, checkpoint: str, needed: Needed) -> LedgerView:
    """These proofs, from a tree at least as large as the checkpoint."""
    body, _ = note.open_note(checkpoint)
    size = note.Checkpoint.parse(body).size
    return LedgerView(
        checkpoint=checkpoint,
        paths={
            record: LeafPath(index=index, path=tuple(tree.inclusion(index, size)))
            for record, index in needed.records.items()
        },
        consistency={m: tuple(tree.consistency(m, size)) for m in needed.sizes if m < size},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptHead:
    """The tree that a receipt speaks of, and the leaf's place in it."""

    index: int
    size: int
    root: bytes


def receipt_head(receipt: bytes, record: str, where: str) -> ReceiptHead:
    """The head (size, root) that a receipt leads to, for a record id. Checks no signature."""
    index, size, path = peek_receipt(receipt, where)
    root = merkle.root_from_inclusion(bytes.fromhex(record), index, size, path, where)
    return ReceiptHead(index=index, size=size, root=root)


def attested_head(raw: bytes, where: str = "attestation") -> tuple[str, int]:
    """Origin and size of the checkpoint inside an attestation. Checks no signature."""
    body, _ = note.open_note(attested_note(raw, where), f"{where}.note")
    head = note.Checkpoint.parse(body, f"{where}.note")
    return head.origin, head.size


def known_lines(text: str, vkeys: frozenset[str]) -> str:
    """A note with the signature lines of these keys only: a line nobody can check is not published."""
    body, lines = note.open_note(text)
    keys = {(v.name, v.key_hash) for v in map(note.Vkey.parse, vkeys)}
    return body + "\n" + "".join(str(line) for line in lines if (line.name, line.key_hash) in keys)


def all_witness_keys(known: Iterable[Party], policies: tuple[kinds.Policy, ...]) -> frozenset[str]:
    """Every witness key known here: those of parties, and those that the case's time policy names."""
    found = {vkey for party in known for vkey in witness_keys(party)}
    return frozenset(found | {w.vkey for policy in policies for w in policy.witnesses})
