"""Timestamp tokens for one's own heads, from the authorities that this node is set to ask (RFC 3161).

An authority that is down, declines or lies is passed over, and left in peace for a while.
"""

from __future__ import annotations

import contextlib

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from comity.case.party_keys import noted_key
from comity.case.time import stamped_by
from comity.case.verified import attested_chains, stamped_imprint
from comity.errors import ComityError, Malformed
from comity.exchange.node import Node
from comity.exchange.ports import Write
from comity.ledger import stamps
from comity.ledger.stamp_request import archive_token, format_request, read_response
from comity.records.kinds import Policy

CERTIFICATE = "authority/"
ASKED = "authority-asked/"
PAUSE = 60
"""Seconds before authorities are asked again for a case after one of them gave no token that counts."""


def read_certificates(raw: bytes, where: str) -> tuple[tuple[bytes, str], ...]:
    """Certificates in PEM, or one in DER: the DER of each, and what it calls itself ("" where nothing).
    ``Malformed`` (``case.authority``) where these bytes are no such thing."""
    try:
        pem = b"-----BEGIN" in raw
        found = x509.load_pem_x509_certificates(raw) if pem else [x509.load_der_x509_certificate(raw)]
        return tuple((c.public_bytes(Encoding.DER), _name(c)) for c in found)
    except (ValueError, x509.InvalidVersion):
        raise Malformed("case.authority", where, "not a certificate, in PEM or DER") from None


def _name(certificate: x509.Certificate) -> str:
    return "".join(c for c in certificate.subject.rfc4514_string() if c.isprintable())[:200]


def keep_certificate(node: Node, certificate: bytes) -> str:
    """Keep the certificate of an authority, in DER, that a case is to name; how the case names it."""
    stamps.load_certificate(certificate, "certificate")
    name = stamps.certificate_id(certificate)
    node.journal.write(Write(notes={CERTIFICATE + name: certificate}))
    return name


def can_stamp(node: Node, policy: Policy) -> int:
    """How many authorities of a policy this node may get tokens of, at most."""
    return min(len(node.stamps.addresses), len(policy.authorities)) if node.stamps else 0


def stamp_head(node: Node, case: str, policy: Policy, text: str) -> list[tuple[bytes, list[bytes]]]:
    """Tokens over a checkpoint of one's own, with their paths, one for each authority of the policy that
    gave one. Empty within ``PAUSE`` after an attempt that got fewer than it asked for."""
    now = node.effects.now()
    asked = node.journal.note(ASKED + case)
    if node.stamps is None or not policy.authorities or (asked and abs(now - int(asked)) < PAUSE):
        return []
    anchors = {authority.certificate for authority in policy.authorities}
    imprint = stamped_imprint(text, noted_key(text, node.party))
    known = _known_certificates(node, case)
    found: dict[str, tuple[bytes, list[bytes]]] = {}
    for address in node.stamps.addresses:
        nonce = node.effects.random(8)
        with contextlib.suppress(ComityError):
            answer = node.stamps.ask(address, format_request(imprint, nonce))
            token = read_response(answer, nonce, address)
            kept, chain, stamp = archive_token(token, imprint, known, anchors, address)
            for authority in stamped_by(policy, [stamp]):
                found.setdefault(authority, (kept, chain))
    if len(found) < can_stamp(node, policy):
        node.journal.write(Write(notes={ASKED + case: str(now).encode()}))
    return list(found.values())


def _known_certificates(node: Node, case: str) -> list[bytes]:
    """Certificates kept here, and those beside tokens in the case's attestations."""
    kept = list(node.journal.notes(CERTIFICATE).values())
    for _, raw in node.journal.attestations(case):
        kept += attested_chains(raw)
    return list(dict.fromkeys(kept))
