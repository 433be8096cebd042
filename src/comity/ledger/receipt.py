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

from collections.abc import Sequence
from dataclasses import dataclass

import cbor2

from comity.errors import Malformed, NotVerified, Refused
from comity.ledger.merkle import (
    HASH_SIZE,
    SIZE_LIMIT,
    root_from_consistency,
    root_from_inclusion,
)
from comity.records import ed25519

ALG, KID, VDS, VDP = 1, 4, 395, 396
RFC9162_SHA256 = 1
INCLUSION, CONSISTENCY = -1, -2
TREE_SIZE = -70002
"""Protected label of the size, in leaves, of the tree whose root is signed (private use)."""

ED25519_ALG, EDDSA_ALG = -19, -8
"""Ed25519 (RFC 9864) is written; EdDSA (RFC 9053) is also read, always with an Ed25519 key."""

RECEIPT_LIMIT = 8_192
"""The longest receipt read, in bytes; a path of 63 hashes fits in half of it."""

_SIGN1_TAG = 18
_DEPTH = 6


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
        header = {ALG: self.alg, KID: self.kid, VDS: RFC9162_SHA256, TREE_SIZE: self.size}
        return _encode(header)

    def signed(self, root: bytes) -> bytes:
        # Sig_structure, RFC 9052 §4.4, without external data.
        return _encode(["Signature1", self.protected(), b"", root])

    def render(self) -> bytes:
        proof = _encode([*self.numbers, list(self.path)])
        unprotected = {VDP: {self.kind: [proof]}}
        return _encode(cbor2.CBORTag(_SIGN1_TAG, [self.protected(), unprotected, None, self.signature]))


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


def _read(raw: bytes, kind: int, where: str) -> _Receipt:
    if len(raw) > RECEIPT_LIMIT:
        raise Malformed("receipt.length", where, f"a receipt of more than {RECEIPT_LIMIT} bytes")
    outer = _decode(raw, where)
    if not isinstance(outer, _Tagged) or outer.tag != _SIGN1_TAG:
        raise Malformed("receipt.form", where, "not a tagged COSE_Sign1")
    protected, unprotected, payload, signature = _array(outer.value, 4, where)
    if payload is not None:
        raise Malformed("receipt.payload", where, "the root must not travel in a receipt")
    header = _mapping(_decode(_bytes(protected, where), where), where)
    if set(header) != {ALG, KID, VDS, TREE_SIZE}:
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
    first, second, path = _array(_decode(_bytes(proof, where), where), 3, where)
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
    if read.render() != raw:
        raise Malformed("receipt.form", where, "not in the one deterministic encoding")
    return read


def _encode(value: object) -> bytes:
    return cbor2.dumps(value, canonical=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tagged:
    tag: int
    value: object


def _decode(raw: bytes, where: str) -> object:
    # Only what a receipt is made of. A general reader acts on tags (it compiles patterns, builds
    # dates); nothing a stranger sends is worth that.
    value, end = _item(raw, 0, 0, where)
    if end != len(raw):
        raise Malformed("receipt.form", where, "bytes follow the receipt")
    return value


def _item(raw: bytes, at: int, depth: int, where: str) -> tuple[object, int]:
    # One data item at offset `at` and the offset behind it (RFC 8949 §3).
    if depth > _DEPTH:
        raise Malformed("receipt.form", where, "nested too deep")
    if raw[at : at + 1] == b"\xf6":
        return None, at + 1
    major, number, at = _head(raw, at, where)
    if major == 0:
        return number, at
    if major == 1:
        return -1 - number, at
    if major == 2:
        if number > len(raw) - at:
            raise Malformed("receipt.form", where, "cut short")
        return raw[at : at + number], at + number
    if major == 6:
        value, at = _item(raw, at, depth + 1, where)
        return _Tagged(tag=number, value=value), at
    if number > len(raw) - at:
        # Each element takes at least a byte.
        raise Malformed("receipt.form", where, "cut short")
    if major == 4:
        items: list[object] = []
        for _ in range(number):
            item, at = _item(raw, at, depth + 1, where)
            items.append(item)
        return items, at
    if major != 5:
        raise Malformed("receipt.form", where, "a kind of value that no receipt has")
    mapping: dict[int, object] = {}
    for _ in range(number):
        key, at = _item(raw, at, depth + 1, where)
        if not isinstance(key, int) or key in mapping:
            raise Malformed("receipt.form", where, "labels are distinct integers")
        mapping[key], at = _item(raw, at, depth + 1, where)
    return mapping, at


def _head(raw: bytes, at: int, where: str) -> tuple[int, int, int]:
    # Major type, argument, offset behind the head; only definite lengths.
    if at >= len(raw):
        raise Malformed("receipt.form", where, "cut short")
    major, info = raw[at] >> 5, raw[at] & 31
    if info < 24:
        return major, info, at + 1
    end = at + 1 + (1 << info - 24)
    if info > 27 or end > len(raw):
        raise Malformed("receipt.form", where, "cut short or of open length")
    return major, int.from_bytes(raw[at + 1 : end], "big"), end


def _mapping(value: object, where: str) -> dict[int, object]:
    if not isinstance(value, dict):
        raise Malformed("receipt.form", where, "a map is missing")
    return value


def _array(value: object, length: int | None, where: str) -> Sequence[object]:
    if not isinstance(value, list) or length not in (None, len(value)):
        raise Malformed("receipt.form", where, "an array is missing or of another length")
    return value


def _bytes(value: object, where: str) -> bytes:
    if not isinstance(value, bytes):
        raise Malformed("receipt.form", where, "a byte string is missing")
    return value


def _size(value: object, where: str) -> int:
    if not isinstance(value, int) or not 0 <= value < SIZE_LIMIT:
        raise Malformed("receipt.form", where, "a size or an index is missing")
    return value
