"""How far a file is sealed, as bytes that are kept until it is sealed whole. They can open its rows."""

from __future__ import annotations

from dataclasses import astuple
from hashlib import sha256
from typing import Final

from comity.errors import Malformed
from comity.evidence.hashing import Partial
from comity.ledger.rowtree import RowsSoFar
from comity.records import cbor

_KIND: Final = "comity/1/partial"
_DIGEST: Final = 32


def render_partial(partial: Partial) -> bytes:
    """Deterministic CBOR, and its SHA-256 behind it: one damaged bit would be sealed for good."""
    rows = partial.rows
    told = cbor.encode(
        [
            *(_KIND, partial.read, partial.sha256, partial.offset, partial.delimiter),
            *(list(partial.headers), partial.header_count),
            *astuple(rows),
        ]
    )
    return told + sha256(told).digest()


def parse_partial(raw: bytes, where: str = "") -> Partial:
    """What :func:`render_partial` wrote; ``Malformed`` (``resume.form``) for anything else."""
    told, digest = raw[:-_DIGEST], raw[-_DIGEST:]
    if sha256(told).digest() != digest:
        raise Malformed("resume.form", where, "what was kept of an interrupted seal is damaged")
    match cbor.decode(told, where, code="resume.form"):
        case [
            str() as kind, int() as read, str() as sha, int() as offset, bytes() as delimiter,
            [*headers], int() as header_count,
            int() as count, bytes() as first, bytes() as rest, bytes() as roots,
        ] if kind == _KIND:  # fmt: skip
            return Partial(
                read=read,
                sha256=sha,
                offset=offset,
                rows=RowsSoFar(count=count, first=first, rest=rest, roots=roots),
                delimiter=delimiter,
                headers=tuple(n for n in headers if isinstance(n, int)),
                header_count=header_count,
            )
    raise Malformed("resume.form", where, "not what is kept of an interrupted seal")
