"""What the ``mutate`` campaign alters: valid artefacts of nine kinds, and how each is judged.

A judge holds one artefact against what its reader already knows (a leaf, a signed head, a key, a time)
and raises unless the bytes show exactly that. So another valid artefact, too, is refused in its place.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from campaigns import mutations
from comity.errors import Malformed, NotVerified
from comity.ledger import merkle, note, receipt, rowtree, stamps
from comity.ledger.merkle import Tree
from comity.records import ed25519, envelopes
from tests.authority import authority

SEED = hashlib.sha256(b"campaign key").digest()
KEY = ed25519.public_of(SEED)
KID = ed25519.thumbprint(KEY)
SIZES = (2, 3, 5, 8, 13, 64, 70, 255, 256, 257, 300)

Judge = Callable[[Any], None]
Alter = Callable[[random.Random, int], Any]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """Valid artefacts of one kind; ``judges[i]`` takes ``artefacts[i]`` and must take nothing else.

    ``share`` is its part of all mutations, in units that ``kinds`` adds up. ``passes`` gives alterations that
    must be accepted, where the format asks readers to pass over something.
    """

    name: str
    artefacts: Sequence[Any]
    judges: Sequence[Judge]
    alter: Alter
    share: int
    passes: Alter | None = field(default=None)


def _by_bytes(
    name: str, share: int, pairs: Sequence[tuple[bytes, Judge]], ways: Sequence[mutations.Mutate]
) -> Kind:
    artefacts = [raw for raw, _ in pairs]

    def alter(rng: random.Random, at: int) -> bytes:
        return rng.choice(ways)(rng, artefacts[at], artefacts)

    def passes(rng: random.Random, at: int) -> bytes:
        return mutations.add_foreign_line(rng, artefacts[at], artefacts)

    return Kind(
        name=name,
        artefacts=artefacts,
        judges=[judge for _, judge in pairs],
        alter=alter,
        share=share,
        passes=passes if ways is mutations.NOTE else None,
    )


def _require(held: bool, what: str) -> None:
    if not held:
        raise NotVerified("campaign.other", "", f"valid, and of another {what}")


def _as_bytes(raw: Any) -> bytes:
    assert isinstance(raw, bytes)
    return raw


def _text(raw: Any) -> str:
    try:
        return _as_bytes(raw).decode()
    except UnicodeDecodeError:
        raise Malformed("note.text", "", "not UTF-8") from None


# -- trees: a head (size, root) is signed elsewhere and known to the reader, so it is not altered -----


def _tree() -> Tree:
    return Tree(merkle.leaf_hash(b"leaf %d" % n) for n in range(max(SIZES)))


def _inclusion(tree: Tree) -> Kind:
    artefacts: list[Any] = []
    judges: list[Judge] = []
    for size in SIZES:
        for index in {0, 1, size // 2, size - 2, size - 1}:

            def judge(raw: Any, size: int = size) -> None:
                leaf, at, path = raw
                merkle.verify_inclusion(leaf, at, size, path, tree.root(size))

            artefacts.append((tree.node(0, index), index, tree.inclusion(index, size)))
            judges.append(judge)

    def alter(rng: random.Random, at: int) -> Any:
        leaf, index, path = artefacts[at]
        match rng.randrange(6):
            case 0:
                leaf = mutations.flip_bits(rng, leaf, ())
            case 1:
                index += rng.choice((-2, -1, 1, 2, 4, 256, 2**62, 2**63))
            case 2:
                # Another leaf of the tree with this proof, or this leaf with the proof of another.
                leaf = tree.node(0, (index + rng.randrange(1, tree.size)) % tree.size)
            case 3:
                size = len(tree.inclusion(0))
                path = tree.inclusion(rng.randrange(tree.size))[:size]
            case _:
                path = mutations.change_path(rng, path)
        return leaf, index, path

    return Kind(name="inclusion proof", artefacts=artefacts, judges=judges, alter=alter, share=12)


def _consistency(tree: Tree) -> Kind:
    artefacts: list[Any] = []
    judges: list[Judge] = []
    for n in SIZES:
        for m in {1, 2, n // 2, n - 1} - {0, n}:

            def judge(raw: Any, m: int = m, n: int = n) -> None:
                root_m, root_n, path = raw
                merkle.verify_consistency(m, n, root_m, root_n, path)

            artefacts.append((tree.root(m), tree.root(n), tree.consistency(m, n)))
            judges.append(judge)

    def alter(rng: random.Random, at: int) -> Any:
        root_m, root_n, path = artefacts[at]
        match rng.randrange(6):
            case 0:
                root_m = mutations.flip_bits(rng, root_m, ())
            case 1:
                root_n = mutations.flip_bits(rng, root_n, ())
            case 2:
                root_m, root_n = root_n, root_m
            case 3:
                n = rng.choice(SIZES)
                path = tree.consistency(rng.randrange(1, n), n)
            case _:
                path = mutations.change_path(rng, path)
        return root_m, root_n, path

    return Kind(name="consistency proof", artefacts=artefacts, judges=judges, alter=alter, share=12)


# -- receipts --------------------------------------------------------------------------------------


def _receipts(tree: Tree) -> Kind:
    pairs: list[tuple[bytes, Judge]] = []
    for size in SIZES:
        for index in {0, size // 2, size - 1}:
            leaf = tree.node(0, index)
            raw = receipt.issue_receipt(SEED, KID, size, index, tree.inclusion(index, size), tree.root(size))

            def judge(raw: Any, leaf: bytes = leaf, index: int = index, size: int = size) -> None:
                facts = receipt.open_receipt(_as_bytes(raw), leaf, KEY)
                # One leaf has a receipt at many sizes; here the reader asks for this one.
                _require((facts.index, facts.size, facts.root) == (index, size, tree.root(size)), "tree")

            pairs.append((raw, judge))
    return _by_bytes("receipt", 20, pairs, mutations.RECEIPT)


def _consistency_receipts(tree: Tree) -> Kind:
    pairs: list[tuple[bytes, Judge]] = []
    for size in SIZES:
        for old in {1, size // 2, size - 1} - {0}:
            path = tree.consistency(old, size)
            raw = receipt.issue_consistency_receipt(SEED, KID, old, size, path, tree.root(size))

            def judge(raw: Any, old: int = old, size: int = size) -> None:
                facts = receipt.open_consistency_receipt(_as_bytes(raw), tree.root(old), KEY)
                _require((facts.old_size, facts.size) == (old, size), "pair of trees")

            pairs.append((raw, judge))
    return _by_bytes("consistency receipt", 12, pairs, mutations.RECEIPT)


# -- notes -----------------------------------------------------------------------------------------

LOG = note.vkey_of("ledger.example/alder", KEY)
WITNESS = note.vkey_of("witness.example/elm", KEY, note.COSIGNATURE)


def _notes(tree: Tree) -> Kind:
    pairs: list[tuple[bytes, Judge]] = []
    for size in SIZES:
        head = note.Checkpoint(origin=LOG.name, size=size, root=tree.root(size))

        def judge(raw: Any, head: note.Checkpoint = head) -> None:
            _require(note.verify_checkpoint(_text(raw), LOG) == head, "head")

        pairs.append((note.sign_checkpoint(head, SEED).encode(), judge))
    return _by_bytes("checkpoint note", 14, pairs, mutations.NOTE)


def _cosignatures(tree: Tree) -> Kind:
    pairs: list[tuple[bytes, Judge]] = []
    for n, size in enumerate((*SIZES, *SIZES)):
        head = note.Checkpoint(origin=LOG.name, size=size, root=tree.root(size))
        # The same heads twice, at two times. The log's own line is left out: it is not asked about.
        time = 1_900_000_000 + n
        text = head.body() + "\n" + note.cosign(note.sign_checkpoint(head, SEED), WITNESS.name, SEED, time)

        def judge(raw: Any, head: note.Checkpoint = head, time: int = time) -> None:
            said = note.verify_cosignature(_text(raw), WITNESS)
            body, _ = note.open_note(_text(raw))
            _require((said, note.Checkpoint.parse(body)) == (time, head), "time or head")

        pairs.append((text.encode(), judge))
    return _by_bytes("cosignature", 12, pairs, mutations.NOTE)


# -- envelopes -------------------------------------------------------------------------------------


def _envelopes() -> Kind:
    pairs: list[tuple[bytes, Judge]] = []
    party, case = "ab" * 32, "cd" * 32
    for seq in range(12):
        payload = hashlib.sha256(b"%d" % seq).digest()
        prev = "00" * 32 if seq == 0 else hashlib.sha256(b"prev %d" % seq).hexdigest()
        made = envelopes.seal_envelope(
            SEED, iss=party, sub=case, seq=seq, prev=prev, keys="ef" * 32, payload=payload
        )

        def judge(raw: Any, payload: bytes = payload) -> None:
            read = envelopes.open_envelope(_as_bytes(raw))
            envelopes.verify_envelope(read, KEY)
            _require(read.payload == payload, "commitment")

        pairs.append((made.raw, judge))
    return _by_bytes("envelope", 16, pairs, mutations.ENVELOPE)


# -- rows ------------------------------------------------------------------------------------------


def _row_proofs() -> Kind:
    key = hashlib.sha256(b"item").digest()
    artefacts: list[Any] = []
    judges: list[Judge] = []
    for count in (1, 2, 7, 255, 300, 520):
        rows = [b"row %d" % n for n in range(1, count + 1)]
        sealer = rowtree.RowSealer(key)
        sealer.add_many(rows)
        tree = sealer.finish(b"metadata")
        stream = rowtree.salts(key, 0, tree.size)

        def leaves_of(
            subtree: int, all_rows: Sequence[bytes] = (b"metadata", *rows), s: bytes = stream
        ) -> list[bytes]:
            span = rowtree.subtree_span(len(all_rows), subtree)
            return [hashlib.sha256(b"\0" + s[16 * i : 16 * i + 16] + all_rows[i]).digest() for i in span]

        for shown in ({1}, {count}, {0, 1}, {1, count // 2 + 1, count}, set(range(1, min(count, 9) + 1))):
            indices = sorted(shown)
            whole = (b"metadata", *rows)
            entries = [(i, stream[16 * i : 16 * i + 16], whole[i]) for i in indices]
            proof = rowtree.prove_rows(tree, indices, leaves_of)

            def judge(raw: Any, size: int = tree.size, root: bytes = tree.root) -> None:
                told, path = raw
                rowtree.verify_rows(size, root, told, path)

            if (entries, proof) in artefacts:
                continue
            artefacts.append((entries, proof))
            judges.append(judge)

    def alter(rng: random.Random, at: int) -> Any:
        entries, proof = artefacts[at]
        entries = list(entries)
        n = rng.randrange(len(entries))
        index, salt, row = entries[n]
        match rng.randrange(9):
            case 0:
                entries[n] = (index, mutations.flip_bits(rng, salt, ()), row)
            case 1:
                entries[n] = (index, salt, mutations.flip_bits(rng, row, ()))
            case 2:
                entries[n] = (index + rng.choice((-2, -1, 1, 2, 256, 2**63)), salt, row)
            case 3:
                # Bytes moved between a salt and its row leave their joint hash as it was.
                entries[n] = (index, salt + row[:1], row[1:]) if row else (index, salt[:-1], salt[-1:])
            case 4:
                del entries[n]
            case 5:
                entries.insert(n, entries[n])
            case 6:
                other = rng.randrange(len(entries))
                entries[n], entries[other] = entries[other], entries[n]
            case _:
                proof = mutations.change_path(rng, proof)
        return entries, proof

    return Kind(name="row multiproof", artefacts=artefacts, judges=judges, alter=alter, share=12)


# -- timestamps ------------------------------------------------------------------------------------


def _tokens() -> Kind:
    made = [authority("Invented Clock"), authority("Invented Dial")]
    pairs: list[tuple[bytes, Judge]] = []
    for n in range(8):
        by = made[n % 2]
        imprint = hashlib.sha256(b"head %d" % (n // 4)).digest()
        at = 1_930_000_000 + n

        def judge(
            raw: Any, imprint: bytes = imprint, at: int = at, chain: tuple[bytes, ...] = by.chain
        ) -> None:
            stamp = stamps.verify_stamp(_as_bytes(raw), chain, imprint)
            _require((stamp.earliest, stamp.latest) == (at - 1, at + 1), "time")

        pairs.append((by.stamp(imprint, at), judge))
    return _by_bytes("timestamp token", 8, pairs, mutations.TOKEN)


def kinds() -> Mapping[str, Kind]:
    """All kinds, by name; the same in every process."""
    tree = _tree()
    made = (
        _inclusion(tree),
        _consistency(tree),
        _receipts(tree),
        _consistency_receipts(tree),
        _notes(tree),
        _cosignatures(tree),
        _envelopes(),
        _row_proofs(),
        _tokens(),
    )
    return {kind.name: kind for kind in made}
