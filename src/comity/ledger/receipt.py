"""COSE Receipts (RFC 9942) over the RFC 9162 SHA-256 tree: proofs that travel with a statement.

A receipt is a COSE_Sign1 (RFC 9052 §4.2, tag 18) by the log over a tree root that is not sent: the
reader rebuilds it from the leaf and the path. Protected header: alg (1), kid (4), vds (395) = 1 and
the tree size (-70002). Unprotected header: vdp (396) with one inclusion (-1) or consistency (-2)
proof, and nothing else. Reading re-encodes what was read; other bytes for the same content are
``Malformed``.

Why the size is signed: RFC 9942 signs the root alone, and a root does not fix a size. One path can
fit several shapes (the last leaf of 5 and the last of 2 both have a path of one hash), so anyone
could restate a receipt's index without breaking its signature. With (size, root) signed, a leaf and
its path have one index.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from comity.errors import Malformed, NotVerified, Refused
from comity.ledger.merkle import (
    HASH_SIZE,
    SIZE_LIMIT,
    root_from_consistency,
    root_from_inclusion,
)
from comity.records import cbor, ed25519

ALG, KID, VDS, VDP = 1, 4, 395, 396
RFC9162_SHA256 = 1
INCLUSION, CONSISTENCY = -1, -2
TREE_SIZE = -70002
"""Protected label of the size, in leaves, of the tree whose root is signed (private use)."""

ED25519_ALG, EDDSA_ALG = -19, -8
"""Ed25519 (RFC 9864) is written; EdDSA (RFC 9053) is also read, always with an Ed25519 key."""

RECEIPT_LIMIT = 8_192
"""The longest receipt read, in bytes; a path of 63 hashes fits in half of it."""

_HEADER = {ALG, KID, VDS, TREE_SIZE}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptFacts:
    """A leaf is at ``index`` of the tree (``size``, ``root``) that the log signed."""

    index: int
    size: int
    root: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsistencyFacts:
    """The head of ``old_size`` is a prefix of the tree (``size``, ``root``) that the log signed."""

    old_size: int
    size: int
    root: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Receipt:
    alg: int
    kid: bytes
    kind: int
    numbers: tuple[int, int]
    path: tuple[bytes, ...]
    signature: bytes

    @property
    def size(self) -> int:
        # An inclusion proof leads with its tree size, a consistency proof with the old one.
        return self.numbers[0 if self.kind == INCLUSION else 1]

    def protected(self) -> bytes:
        return cbor.encode({ALG: self.alg, KID: self.kid, VDS: RFC9162_SHA256, TREE_SIZE: self.size})

    def signed(self, root: bytes) -> bytes:
        # Sig_structure, RFC 9052 §4.4, without external data.
        return cbor.encode(["Signature1", self.protected(), b"", root])

    def render(self) -> bytes:
        proof = cbor.encode([*self.numbers, list(self.path)])
        unprotected = {VDP: {self.kind: [proof]}}
        return cbor.encode([self.protected(), unprotected, None, self.signature], tag=cbor.SIGN1)


def issue_receipt(
    seed: bytes, kid: bytes, size: int, index: int, path: Sequence[bytes], root: bytes
) -> bytes:
    """The receipt that the leaf at ``index`` is in the tree (``size``, ``root``); RFC 9942 §5.2.

    ``path`` as ``Tree.inclusion`` gives it. A tree of one leaf has an empty path, for which the format
    has no room: ``Refused`` ("receipt.size").
    """
    if size < 2 or not path:
        raise Refused("receipt.size", "", "a receipt needs a tree of at least two leaves")
    return _issue(seed, kid, INCLUSION, (size, index), path, root)


def issue_receipts(
    seed: bytes, kid: bytes, size: int, root: bytes, places: Iterable[tuple[int, Sequence[bytes]]]
) -> list[bytes]:
    """Receipts for several leaves, (index, path) each, of one tree (``size``, ``root``).

    What is signed, size and root, is the same for all, and the path is not signed: one signature serves
    them, and each receipt has the bytes that ``issue_receipt`` would give it (Ed25519 is deterministic).
    """
    if size < 2:
        raise Refused("receipt.size", "", "a receipt needs a tree of at least two leaves")
    if len(root) != HASH_SIZE:
        raise ValueError("a root has 32 bytes")
    blank = _Receipt(alg=ED25519_ALG, kid=kid, kind=INCLUSION, numbers=(size, 0), path=(), signature=b"")
    # Only the proof differs, so what stands before and behind it is encoded once.
    made = blank.protected(), ed25519.sign(seed, blank.signed(root))
    parts = [made[0], {VDP: {INCLUSION: [_PROOF]}}, None, made[1]]
    before, _, behind = cbor.encode(parts, tag=cbor.SIGN1).partition(cbor.encode(_PROOF))
    first = cbor.encode([size, 0, []])[:-2]
    return [before + cbor.encode(_render_proof(first, *place)) + behind for place in places]


_PROOF = b"a proof"
_NODE = b"\x58\x20"


def _render_proof(first: bytes, index: int, path: Sequence[bytes]) -> bytes:
    # A path has at most 63 hashes, each behind the head 0x58 0x20 of a string of 32 bytes.
    count = len(path)
    head = bytes((0x80 | count,)) if count < 24 else bytes((0x98, count))
    return b"".join((first, cbor.encode(index), head, _NODE, _NODE.join(path)))


def issue_consistency_receipt(
    seed: bytes, kid: bytes, old_size: int, size: int, path: Sequence[bytes], root: bytes
) -> bytes:
    """The receipt that the tree of ``old_size`` is a prefix of (``size``, ``root``); RFC 9942 §5.3.

    ``path`` as ``Tree.consistency`` gives it; 0 < old_size < size, else ``Refused`` ("receipt.size").
    """
    if not 0 < old_size < size or not path:
        raise Refused("receipt.size", "", "a consistency receipt needs 0 < old size < new size")
    return _issue(seed, kid, CONSISTENCY, (old_size, size), path, root)


def _issue(
    seed: bytes,
    kid: bytes,
    kind: int,
    numbers: tuple[int, int],
    path: Sequence[bytes],
    root: bytes,
) -> bytes:
    if len(root) != HASH_SIZE:
        raise ValueError("a root has 32 bytes")
    blank = _Receipt(alg=ED25519_ALG, kid=kid, kind=kind, numbers=numbers, path=tuple(path), signature=b"")
    signature = ed25519.sign(seed, blank.signed(root))
    return _Receipt(
        alg=blank.alg,
        kid=kid,
        kind=kind,
        numbers=numbers,
        path=blank.path,
        signature=signature,
    ).render()


def open_receipt(receipt: bytes, leaf: bytes, public_key: bytes, where: str = "receipt") -> ReceiptFacts:
    """What a receipt proves of the leaf hash ``leaf`` (32 bytes) under the log's ``public_key``.

    ``Malformed`` ("receipt.*") for the form; ``NotVerified`` if the proof is not for the signed size
    ("receipt.tree-size"), the path fits no tree of that size, or the signature does not cover the
    root it leads to.
    """
    read = _read(receipt, INCLUSION, where)
    size, index = read.numbers
    if size < 2:
        raise Malformed("receipt.size", where, "a receipt needs a tree of at least two leaves")
    root = root_from_inclusion(leaf, index, size, read.path, where)
    ed25519.verify(public_key, read.signature, read.signed(root), where)
    return ReceiptFacts(index=index, size=size, root=root)


def open_consistency_receipt(
    receipt: bytes, old_root: bytes, public_key: bytes, where: str = "receipt"
) -> ConsistencyFacts:
    """What a receipt proves of the earlier root ``old_root`` (32 bytes); errors as ``open_receipt``."""
    read = _read(receipt, CONSISTENCY, where)
    old_size, size = read.numbers
    if not 0 < old_size < size:
        raise Malformed("receipt.size", where, "sizes run 0 < old < new")
    root = root_from_consistency(old_size, size, old_root, read.path, where)
    ed25519.verify(public_key, read.signature, read.signed(root), where)
    return ConsistencyFacts(old_size=old_size, size=size, root=root)


def peek_receipt(receipt: bytes, where: str = "receipt") -> tuple[int, int, tuple[bytes, ...]]:
    """Index, tree size and path of an inclusion receipt; only its form is checked (``receipt.*``)."""
    read = _read(receipt, INCLUSION, where)
    size, index = read.numbers
    return index, size, read.path


def peek_consistency(receipt: bytes, where: str = "receipt") -> int:
    """The later tree size of a consistency receipt; only its form is checked (``receipt.*``)."""
    return _read(receipt, CONSISTENCY, where).size


def _read(raw: bytes, kind: int, where: str) -> _Receipt:
    if len(raw) > RECEIPT_LIMIT:
        raise Malformed("receipt.length", where, f"a receipt of more than {RECEIPT_LIMIT} bytes")
    outer = cbor.decode(raw, where, tag=cbor.SIGN1, code="receipt.form")
    protected, unprotected, payload, signature = _array(outer, 4, where)
    if payload is not None:
        raise Malformed("receipt.payload", where, "the root must not travel in a receipt")
    header = _mapping(_nested(protected, where), where)
    if set(header) != _HEADER:
        why = "the protected header has alg, kid, vds and the tree size only"
        raise Malformed("receipt.header", where, why)
    alg, vds = header[ALG], header[VDS]
    if not isinstance(alg, int) or alg not in (ED25519_ALG, EDDSA_ALG):
        raise Malformed("receipt.alg", where, "a receipt is signed with Ed25519")
    if vds != RFC9162_SHA256:
        raise Malformed("receipt.vds", where, "not a proof for the RFC 9162 SHA-256 tree")
    outside = _mapping(unprotected, where)
    if set(outside) != {VDP}:
        raise Malformed("receipt.header", where, "the unprotected header has vdp only")
    proofs = _mapping(outside[VDP], where)
    if set(proofs) != {kind}:
        raise Malformed("receipt.proof", where, "not a proof of the kind asked for")
    (proof,) = _array(proofs[kind], 1, where)
    first, second, path = _array(_nested(proof, where), 3, where)
    read = _Receipt(
        alg=alg,
        kid=_bytes(header[KID], where),
        kind=kind,
        numbers=(_size(first, where), _size(second, where)),
        path=tuple(_bytes(node, where) for node in _array(path, None, where)),
        signature=_bytes(signature, where),
    )
    if header[TREE_SIZE] != read.size:
        why = "the proof is for another tree size than the one signed"
        raise NotVerified("receipt.tree-size", where, why)
    return read


def _nested(value: cbor.Value, where: str) -> cbor.Value:
    return cbor.decode(_bytes(value, where), where, code="receipt.form")


def _mapping(value: cbor.Value, where: str) -> dict[int, cbor.Value]:
    if not isinstance(value, dict):
        raise Malformed("receipt.form", where, "a map is missing")
    return value


def _array(value: cbor.Value, length: int | None, where: str) -> list[cbor.Value]:
    if not isinstance(value, list) or length not in (None, len(value)):
        raise Malformed("receipt.form", where, "an array is missing or of another length")
    return value


def _bytes(value: cbor.Value, where: str) -> bytes:
    if not isinstance(value, bytes):
        raise Malformed("receipt.form", where, "a byte string is missing")
    return value


def _size(value: cbor.Value, where: str) -> int:
    if not isinstance(value, int) or not 0 <= value < SIZE_LIMIT:
        raise Malformed("receipt.form", where, "a size or an index is missing")
    return value
