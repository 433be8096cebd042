"""Asking an authority for a timestamp token, and making of its answer what is kept (RFC 3161 §2.4)."""

from __future__ import annotations

from collections.abc import Iterable, Set

from cryptography import x509

from comity.errors import Malformed, NotVerified, Refused
from comity.ledger import der, stamps
from comity.ledger.der import CODE
from comity.ledger.stamps import Stamp

CERTIFICATE_LIMIT = 64
"""The most certificates looked through for a path."""


def format_request(imprint: bytes, nonce: bytes) -> bytes:
    """A TimeStampReq for a SHA-256, with a nonce, that asks for the certificates too."""
    hashed = der.write_sequence([_sha256(), der.write_element(der.OCTETS, imprint)])
    number = der.write_integer(int.from_bytes(nonce, "big"))
    wanted = der.write_element(der.BOOLEAN, b"\xff")
    return der.write_sequence([der.write_integer(1), hashed, number, wanted])


def _sha256() -> bytes:
    return der.write_sequence([stamps.SHA256, der.write_element(der.NULL)])


def read_response(raw: bytes, nonce: bytes, where: str = "authority") -> bytes:
    """The token in a TimeStampResp, with the nonce that was asked for; the token itself is not checked.

    ``Refused`` (``authority.declined``) where the authority grants none.
    """
    parts = der.read_parts(der.read_element(raw, der.SEQUENCE, where), where)
    status = der.read_parts(parts[0], where) if parts else []
    if not status:
        raise Malformed(CODE, where, "no answer of an authority")
    number = der.read_integer(status[0], where)
    if number not in (0, 1) or len(parts) != 2:
        raise Refused("authority.declined", where, f"the authority grants no token (status {number})")
    if stamps.token_info(parts[1].raw, where).nonce != int.from_bytes(nonce, "big"):
        raise NotVerified(CODE, where, "an answer to another request")
    return parts[1].raw


def archive_token(
    token: bytes, imprint: bytes, known: Iterable[bytes], anchors: Set[str], where: str = "authority"
) -> tuple[bytes, list[bytes], Stamp]:
    """A token as it is kept: without certificates, beside its path to one of ``anchors``
    (``stamps.certificate_id``), and what both prove.

    The path is made of the token's own certificates and ``known`` ones. ``NotVerified`` where none leads
    to an anchor, or where the whole does not hold.
    """
    bare, inside = stamps.split_token(token, where)
    at = stamps.token_info(bare, where).at
    loaded: dict[bytes, x509.Certificate] = {}
    for n, raw in enumerate(dict.fromkeys([*inside, *known])):
        if n == CERTIFICATE_LIMIT:
            break
        certificate = stamps.load_certificate(raw, f"{where}.certificates[{n}]")
        if certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
            loaded[raw] = certificate
    for raw in loaded:
        if stamps.signed_by(bare, raw, where):
            chain = _climb([raw], loaded, anchors, {raw})
            if chain:
                return bare, chain, stamps.verify_stamp(bare, chain, imprint, where)
    raise NotVerified(CODE, where, "no path of certificates leads to an authority that the case names")


def _climb(
    chain: list[bytes], loaded: dict[bytes, x509.Certificate], anchors: Set[str], tried: set[bytes]
) -> list[bytes]:
    """The chain continued up to an anchor; empty where there is no way. Tries each certificate once."""
    if stamps.certificate_id(chain[-1]) in anchors:
        return chain
    below = loaded[chain[-1]]
    for raw, issuer in loaded.items() if len(chain) < stamps.CHAIN_LIMIT else ():
        if raw in tried or issuer.subject != below.issuer:
            continue
        try:
            stamps.verify_issued(below, issuer, len(chain) - 1, "authority")
        except NotVerified:
            continue
        tried.add(raw)
        if whole := _climb([*chain, raw], loaded, anchors, tried):
            return whole
    return []
