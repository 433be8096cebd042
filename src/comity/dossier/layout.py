"""The files of a dossier: their names, and the forms that no other page defines (``spec/12-dossier.md`` §2).

Proof files are deterministic CBOR; ``manifest.json`` is canonical JSON. As everywhere, one content has
one spelling, and any other is ``Malformed``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from comity.errors import Malformed
from comity.ledger.merkle import HASH_SIZE, SIZE_LIMIT
from comity.records import canonical, cbor
from comity.records.kinds import Count, Hex32, Id, Time

MANIFEST, FACTS = "manifest.json", "facts.json"
PUBLISH_RECORD, PUBLISH_PATH, PUBLISH_NOTE = "publish/record", "publish/path", "publish/note"
PUBLISHED = (PUBLISH_RECORD, PUBLISH_PATH, PUBLISH_NOTE)
PATH_LIMIT = 63
"""The most hashes in a path or a consistency proof."""


def card_name(iss: str) -> str:
    """The file of a party's card."""
    return f"parties/{iss}.card"


def rotate_name(iss: str, number: int) -> str:
    """The file of a party's key record ``number``, from 1."""
    return f"parties/{iss}.rotate.{number}"


def record_name(record: str) -> str:
    """The file of a record's bundle."""
    return f"records/{record}.record"


def checkpoint_name(home: str) -> str:
    """The file of the one checkpoint of a ledger."""
    return f"checkpoints/{home}.note"


def path_name(record: str) -> str:
    """The file of a record's inclusion path in that checkpoint."""
    return f"proofs/{record}.path"


def consistency_name(home: str, size: int) -> str:
    """The file of the proof that a ledger's tree of ``size`` is a prefix of that checkpoint's."""
    return f"proofs/{home}.{size}.consistency"


def attestation_name(attestation: str) -> str:
    """The file of an attestation."""
    return f"attestations/{attestation}.attestation"


def disclosure_name(digest: str) -> str:
    """The file of a row disclosure, by the SHA-256 of its bytes."""
    return f"disclosures/{digest}.rows"


class _Form(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of the manifest's parts: immutable, every field present, no others."""


class Chain(_Form, frozen=True):
    """How far one author's records of the case go: the newest seq, and how many envelopes are here."""

    newest: Count
    count: Annotated[int, Meta(ge=1, lt=2**53)]


class Manifest(_Form, frozen=True):
    """What a dossier holds: the SHA-256 of every file but itself and ``publish/``, the chains of each author
    by its alias in the case, the digest of the folded state, and the instant clocks were computed for."""

    version: Literal[1]
    case: Id
    publisher: Id
    as_of: Time
    state: Hex32
    authors: dict[Id, dict[Id, Chain]]
    files: dict[str, Hex32]


def render_manifest(manifest: Manifest) -> bytes:
    """The canonical bytes of a manifest."""
    return canonical.render(msgspec.to_builtins(manifest))


def parse_manifest(raw: bytes, where: str = MANIFEST) -> Manifest:
    """The manifest of these bytes; ``Malformed`` (``json.*``, ``manifest.form``)."""
    plain = canonical.parse(raw, where)
    try:
        return msgspec.convert(plain, Manifest, strict=True)
    except msgspec.ValidationError as error:
        raise Malformed("manifest.form", where, str(error)) from None


def digest_of(raw: bytes) -> str:
    """SHA-256 in hex: what the manifest lists for a file, and what ``dossier.publish`` commits of it."""
    return hashlib.sha256(raw).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafPath:
    """The place of a leaf in a checkpoint, with its inclusion path (RFC 9162 §2.1.3)."""

    index: int
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishPath:
    """Where the publication stands in ``publish/note``, and that this note extends what came before.

    ``checkpoint`` leads from the publisher's home checkpoint in the dossier to the note, ``receipt`` from
    the tree of the publication's receipt to the note (RFC 9162 §2.1.4); both empty where the sizes are equal.
    """

    leaf: LeafPath
    checkpoint: tuple[bytes, ...]
    receipt: tuple[bytes, ...]


def render_path(leaf: LeafPath) -> bytes:
    """Deterministic CBOR ``[index, [hash…]]``."""
    return cbor.encode([leaf.index, leaf.path])


def parse_path(raw: bytes, where: str) -> LeafPath:
    """The path of these bytes; ``Malformed`` (``proof.form``)."""
    return _leaf(_decode(raw, where), where)


def render_consistency(path: Sequence[bytes]) -> bytes:
    """Deterministic CBOR ``[hash…]``."""
    return cbor.encode(path)


def parse_consistency(raw: bytes, where: str) -> tuple[bytes, ...]:
    """The consistency proof of these bytes; ``Malformed`` (``proof.form``)."""
    return _hashes(_decode(raw, where), where)


def render_publish_path(path: PublishPath) -> bytes:
    """Deterministic CBOR ``[[index, [hash…]], [hash…], [hash…]]``."""
    return cbor.encode([[path.leaf.index, path.leaf.path], path.checkpoint, path.receipt])


def parse_publish_path(raw: bytes, where: str = PUBLISH_PATH) -> PublishPath:
    """The proof of these bytes; ``Malformed`` (``proof.form``)."""
    value = _decode(raw, where)
    if not isinstance(value, list) or len(value) != 3:
        raise Malformed("proof.form", where, "not [leaf, checkpoint proof, receipt proof]")
    return PublishPath(
        leaf=_leaf(value[0], where), checkpoint=_hashes(value[1], where), receipt=_hashes(value[2], where)
    )


def _decode(raw: bytes, where: str) -> cbor.Value:
    return cbor.decode(raw, where, code="proof.form")


def _leaf(value: cbor.Value, where: str) -> LeafPath:
    if not isinstance(value, list) or len(value) != 2:
        raise Malformed("proof.form", where, "not [index, path]")
    index, path = value
    if not isinstance(index, int) or not 0 <= index < SIZE_LIMIT:
        raise Malformed("proof.form", where, "the index is not a position in a ledger")
    return LeafPath(index=index, path=_hashes(path, where))


def _hashes(value: cbor.Value, where: str) -> tuple[bytes, ...]:
    if not isinstance(value, list) or len(value) > PATH_LIMIT:
        raise Malformed("proof.form", where, f"not a list of at most {PATH_LIMIT} hashes")
    found: list[bytes] = []
    for node in value:
        if not isinstance(node, bytes) or len(node) != HASH_SIZE:
            raise Malformed("proof.form", where, "a hash has 32 bytes")
        found.append(node)
    return tuple(found)
