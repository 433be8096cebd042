"""Timestamp tokens by authorities (RFC 3161, RFC 5816) over a checkpoint, with the chain that proves them.

A token is kept without certificates in it; they stand beside it as one path, from the signer to the
anchor. So every byte is either under a signature or compared with one that is, and what holds does not
depend on whom a reader trusts. Validity is judged at the token's own time; revocation is not looked at.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from comity.errors import Malformed, NotVerified
from comity.ledger import der
from comity.ledger.der import CODE, Element

CHAIN_LIMIT = 8
"""The most certificates from a signer to its anchor."""

TOKEN_LIMIT = 64 * 1024
"""The longest token or certificate read, in bytes."""

UNSTATED = 1_000_000
"""The accuracy of a token that states none, in microseconds."""

SIGNED_DATA = der.write_oid("1.2.840.113549.1.7.2")
TST_INFO = der.write_oid("1.2.840.113549.1.9.16.1.4")
CONTENT_TYPE = der.write_oid("1.2.840.113549.1.9.3")
MESSAGE_DIGEST = der.write_oid("1.2.840.113549.1.9.4")
SIGNING_CERTIFICATE = der.write_oid("1.2.840.113549.1.9.16.2.47")
SHA256 = der.write_oid("2.16.840.1.101.3.4.2.1")
_DIGESTS: dict[bytes, hashes.HashAlgorithm] = {
    SHA256: hashes.SHA256(),
    der.write_oid("2.16.840.1.101.3.4.2.2"): hashes.SHA384(),
    der.write_oid("2.16.840.1.101.3.4.2.3"): hashes.SHA512(),
}
_RSA = {
    der.write_oid("1.2.840.113549.1.1.1"): "",
    der.write_oid("1.2.840.113549.1.1.11"): "sha256",
    der.write_oid("1.2.840.113549.1.1.12"): "sha384",
    der.write_oid("1.2.840.113549.1.1.13"): "sha512",
}
_ECDSA = {
    der.write_oid("1.2.840.10045.4.3.2"): "sha256",
    der.write_oid("1.2.840.10045.4.3.3"): "sha384",
    der.write_oid("1.2.840.10045.4.3.4"): "sha512",
}
_TIME = re.compile(rb"([0-9]{14})(?:\.([0-9]{0,5}[1-9]))?Z")
_KNOWN = (x509.BasicConstraints, x509.KeyUsage, x509.ExtendedKeyUsage, x509.CertificatePolicies)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What one token proves: some bytes existed between these instants (seconds since 1970 UTC, both
    widened by the stated accuracy). ``chain`` are the SHA-256 of the certificates in hex, signer first."""

    chain: tuple[str, ...]
    earliest: int
    latest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signer:
    """The one SignerInfo (RFC 5652 §5.3)."""

    identifier: Element
    digest: hashes.HashAlgorithm
    attributes: Element
    algorithm: Element
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenInfo:
    """A TSTInfo (RFC 3161 §2.4.2): the SHA-256 imprint, genTime, accuracy in microseconds, the nonce."""

    imprint: bytes
    at: datetime
    accuracy: int
    nonce: int | None


def certificate_id(certificate: bytes) -> str:
    """How a time policy names a certificate: the SHA-256 of its DER, in hex."""
    return hashlib.sha256(certificate).hexdigest()


def verify_stamp(token: bytes, chain: Sequence[bytes], imprint: bytes, where: str = "token") -> Stamp:
    """What a token without certificates proves of the bytes whose SHA-256 is ``imprint``.

    ``chain`` are DER certificates, signer first, each issued by the next. ``Malformed`` or ``NotVerified``
    with ``attestation.token``: form, imprint, signature (RSA PKCS#1 v1.5 or ECDSA, SHA-2), the signing
    certificate named in the token (ESSCertIDv2, RFC 5816), its sole critical purpose, the path, and the
    validity of each certificate at genTime.
    """
    content, signer, certificates = _read_token(token, where)
    if certificates is not None:
        raise Malformed(CODE, where, "certificates inside the token; they belong beside it")
    info = read_info(content, f"{where}.info")
    if info.imprint != imprint:
        raise NotVerified(CODE, f"{where}.imprint", "the token is over something else")
    if not 1 <= len(chain) <= CHAIN_LIMIT:
        raise Malformed(CODE, f"{where}.chain", f"a chain has 1 to {CHAIN_LIMIT} certificates")
    path = [load_certificate(raw, f"{where}.chain[{n}]") for n, raw in enumerate(chain)]
    _verify_signer(signer, content, path[0], chain[0], where)
    for n, certificate in enumerate(path):
        at = f"{where}.chain[{n}]"
        if not certificate.not_valid_before_utc <= info.at <= certificate.not_valid_after_utc:
            raise NotVerified(CODE, at, "not valid at the time of the token")
        if n:
            verify_issued(path[n - 1], certificate, n - 1, at)
    low = info.at - timedelta(microseconds=info.accuracy)
    high = info.at + timedelta(microseconds=info.accuracy)
    return Stamp(
        chain=tuple(map(certificate_id, chain)),
        earliest=int(low.replace(microsecond=0).timestamp()),
        latest=int(high.replace(microsecond=0).timestamp()) + (high.microsecond > 0),
    )


def load_certificate(raw: bytes, where: str) -> x509.Certificate:
    """An X.509 certificate from DER; ``Malformed`` otherwise."""
    if len(raw) > TOKEN_LIMIT:
        raise Malformed(CODE, where, "too large for a certificate")
    _require_number(der.read_element(raw, der.SEQUENCE, where), where)
    try:
        certificate = x509.load_der_x509_certificate(raw)
        _ = certificate.subject, certificate.issuer, certificate.extensions
    except (
        ValueError,
        UnsupportedAlgorithm,
        x509.DuplicateExtension,
        x509.InvalidVersion,
        x509.UnsupportedGeneralNameType,
    ):
        raise Malformed(CODE, where, "not a certificate") from None
    return certificate


def _require_number(certificate: Element, where: str) -> None:
    """A serial number above zero (RFC 5280 §4.1.2.2), looked at before the library warns of it."""
    for outer in der.read_parts(certificate, where)[:1]:
        fields = der.read_parts(der.require_tag(outer, der.SEQUENCE, where), where)
        number = next((f for f in fields[:2] if f.tag != 0xA0), None)
        if number is not None and der.read_integer(number, where) > 0:
            return
    raise Malformed(CODE, where, "not a certificate with a number above zero")


def verify_issued(below: x509.Certificate, issuer: x509.Certificate, between: int, where: str) -> None:
    """That ``issuer`` may issue certificates and issued ``below``, with ``between`` issuers under it
    (RFC 5280 §6.1, without names, policies and revocation)."""
    try:
        basic = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        raise NotVerified(CODE, where, "not the certificate of an issuer") from None
    if not basic.ca or (basic.path_length is not None and basic.path_length < between):
        raise NotVerified(CODE, where, "may not issue the certificate below it")
    for extension in issuer.extensions:
        value = extension.value
        if extension.critical and not isinstance(value, _KNOWN):
            raise NotVerified(CODE, where, "a critical extension that is not known here")
        if isinstance(value, x509.KeyUsage) and not value.key_cert_sign:
            raise NotVerified(CODE, where, "its key may not sign certificates")
        if isinstance(value, x509.ExtendedKeyUsage) and not {
            ExtendedKeyUsageOID.TIME_STAMPING,
            ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
        } & set(value):
            raise NotVerified(CODE, where, "not for timestamps")
    try:
        weak = below.signature_hash_algorithm
        if weak is not None and weak.name not in ("sha256", "sha384", "sha512"):
            raise NotVerified(CODE, where, f"a certificate signed with {weak.name}")
        below.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm):
        raise NotVerified(CODE, where, "did not issue the certificate below it") from None


def split_token(token: bytes, where: str = "token") -> tuple[bytes, list[bytes]]:
    """A token as an authority sends it, as a token without certificates, and the certificates.

    The certificates of a SignedData are not signed (RFC 5652 §5.1), so nothing else changes.
    """
    _, _, certificates = _read_token(token, where)
    if certificates is None:
        return token, []
    outer = der.read_parts(der.read_element(token, der.SEQUENCE, where), where)
    signed = der.read_parts(der.read_element(outer[1].body, der.SEQUENCE, where), where)
    bare = der.write_sequence(part.raw for part in signed if part.tag != 0xA0)
    found = [part.raw for part in der.read_parts(certificates, where)]
    return der.write_sequence([outer[0].raw, der.write_element(0xA0, bare)]), found


def token_info(token: bytes, where: str = "token") -> TokenInfo:
    """What a token says, unchecked."""
    return read_info(_read_token(token, where)[0], f"{where}.info")


def signed_by(token: bytes, certificate: bytes, where: str = "token") -> bool:
    """Whether a token names this certificate as its signer's; the signature is not looked at."""
    _, signer, _ = _read_token(token, where)
    return signer.identifier.raw == _identifier(load_certificate(certificate, where))


def _read_token(token: bytes, where: str) -> tuple[bytes, _Signer, Element | None]:
    """ContentInfo → SignedData (RFC 5652 §3, §5.1) with one signer and nothing unsigned beside it:
    the DER TSTInfo, the signer, and the certificates where some are inside."""
    if len(token) > TOKEN_LIMIT:
        raise Malformed(CODE, where, "too large for a token")
    match der.read_parts(der.read_element(token, der.SEQUENCE, where), where):
        case [kind, Element(tag=0xA0) as wrapped] if kind.raw == SIGNED_DATA:
            signed = der.read_parts(der.read_element(wrapped.body, der.SEQUENCE, where), where)
        case _:
            raise Malformed(CODE, where, "not signed data")
    certificates = None
    if len(signed) == 5 and signed[3].tag == 0xA0:
        certificates = signed.pop(3)
    if len(signed) != 4:
        raise Malformed(CODE, where, "signed data of another form")
    version, digests, encapsulated, signers = signed
    if der.read_integer(version, where) != 3:
        raise Malformed(CODE, where, "signed data of another version")
    match der.read_parts(der.require_tag(encapsulated, der.SEQUENCE, where), where):
        case [kind, Element(tag=0xA0) as inside] if kind.raw == TST_INFO:
            content = der.read_element(inside.body, der.OCTETS, where).body
        case _:
            raise Malformed(CODE, where, "not a timestamp")
    match der.read_parts(der.require_tag(signers, der.SET, where), where):
        case [Element(tag=der.SEQUENCE) as only]:
            signer, algorithm = _read_signer(only, where)
        case _:
            raise Malformed(CODE, where, "a token has one signer")
    if der.require_tag(digests, der.SET, where).body != algorithm.raw:
        raise Malformed(CODE, where, "digest algorithms that are not the signer's")
    return content, signer, certificates


def _read_signer(element: Element, where: str) -> tuple[_Signer, Element]:
    match der.read_parts(element, where):
        case [
            version,
            Element(tag=der.SEQUENCE) as identifier,
            Element(tag=der.SEQUENCE) as digest,
            Element(tag=0xA0) as attributes,
            Element(tag=der.SEQUENCE) as algorithm,
            Element(tag=der.OCTETS) as signature,
        ] if der.read_integer(version, where) == 1:
            pass
        case _:
            raise Malformed(CODE, where, "a signer of another form")
    signer = _Signer(
        identifier=identifier,
        digest=_digest_of(digest, where),
        attributes=attributes,
        algorithm=algorithm,
        signature=signature.body,
    )
    return signer, digest


def _algorithm(element: Element, where: str) -> bytes:
    """The OID of an AlgorithmIdentifier whose parameters are NULL or absent."""
    match der.read_parts(der.require_tag(element, der.SEQUENCE, where), where):
        case [kind] | [kind, Element(tag=der.NULL, body=b"")]:
            return kind.raw
    raise Malformed(CODE, where, "an algorithm with parameters")


def _digest_of(element: Element, where: str) -> hashes.HashAlgorithm:
    found = _DIGESTS.get(_algorithm(element, where))
    if found is None:
        raise NotVerified(CODE, where, "a digest other than SHA-256, SHA-384 and SHA-512")
    return found


def read_info(content: bytes, where: str) -> TokenInfo:
    """A TSTInfo from its DER (RFC 3161 §2.4.2)."""
    parts = der.read_parts(der.read_element(content, der.SEQUENCE, where), where)
    if len(parts) < 5:
        raise Malformed(CODE, where, "cut short")
    version, policy, imprint, serial, at, *more = parts
    if der.read_integer(version, where) != 1:
        raise Malformed(CODE, where, "a timestamp of another version")
    der.require_tag(policy, der.OID, where)
    der.read_integer(serial, where)
    hashed = der.read_parts(der.require_tag(imprint, der.SEQUENCE, where), where)
    if len(hashed) != 2 or _algorithm(hashed[0], where) != SHA256:
        raise NotVerified(CODE, where, "the imprint is not a SHA-256")
    accuracy, nonce = UNSTATED, None
    # Optional members come in this order, each at most once.
    order = [der.SEQUENCE, der.BOOLEAN, der.INTEGER, 0xA0, 0xA1]
    last = -1
    for part in more:
        if part.tag not in order or order.index(part.tag) <= last:
            raise Malformed(CODE, where, "a member that has no place in a timestamp")
        last = order.index(part.tag)
        if part.tag == der.SEQUENCE:
            accuracy = _read_accuracy(part, where)
        elif part.tag == der.BOOLEAN and part.body != b"\xff":
            raise Malformed(CODE, where, "an ordering that is not true")
        elif part.tag == der.INTEGER:
            nonce = der.read_integer(part, where)
        elif part.tag == 0xA1:
            _refuse_critical(part, where)
    return TokenInfo(
        imprint=der.require_tag(hashed[1], der.OCTETS, where).body,
        at=_read_time(der.require_tag(at, der.TIME, where).body, where),
        accuracy=accuracy,
        nonce=nonce,
    )


def _read_time(raw: bytes, where: str) -> datetime:
    found = _TIME.fullmatch(raw)
    try:
        if found is None:
            raise ValueError
        whole = datetime.strptime(found[1].decode(), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        if not 1970 < whole.year < 9000:
            raise ValueError
    except ValueError:
        raise Malformed(CODE, where, "not a UTC time, to the microsecond at most") from None
    return whole + timedelta(microseconds=int((found[2] or b"").ljust(6, b"0")))


def _read_accuracy(element: Element, where: str) -> int:
    """Microseconds of an Accuracy: seconds, [0] milliseconds, [1] microseconds, each optional."""
    order = {der.INTEGER: (1_000_000, 0, 10**8), 0x80: (1000, 1, 999), 0x81: (1, 1, 999)}
    total, last = 0, -1
    for part in der.read_parts(element, where):
        place = list(order).index(part.tag) if part.tag in order else -1
        if place <= last:
            raise Malformed(CODE, where, "not an accuracy")
        last = place
        unit, least, most = order[part.tag]
        number = der.read_integer(part, where, part.tag)
        if not least <= number <= most:
            raise Malformed(CODE, where, "not an accuracy")
        total += number * unit
    return total


def _refuse_critical(element: Element, where: str) -> None:
    for extension in der.read_parts(element, where):
        fields = der.read_parts(der.require_tag(extension, der.SEQUENCE, where), where)
        if any(field.tag == der.BOOLEAN for field in fields):
            raise NotVerified(CODE, where, "a critical extension that is not known here")


def _verify_signer(
    signer: _Signer, content: bytes, certificate: x509.Certificate, raw: bytes, where: str
) -> None:
    """The signed attributes (RFC 5652 §11, RFC 5816), the certificate's purpose, the signature."""
    attributes: dict[bytes, Element] = {}
    for attribute in der.read_parts(signer.attributes, where):
        match der.read_parts(der.require_tag(attribute, der.SEQUENCE, where), where):
            case [Element(tag=der.OID) as kind, Element(tag=der.SET) as values] if kind.raw not in attributes:
                attributes[kind.raw] = values
            case _:
                raise Malformed(CODE, where, "a signed attribute of another form")
    if not {CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_CERTIFICATE} <= attributes.keys():
        raise NotVerified(CODE, where, "the token does not say what it signs, and with which certificate")
    digest = hashlib.new(signer.digest.name, content).digest()
    if (
        attributes[CONTENT_TYPE].body != TST_INFO
        or attributes[MESSAGE_DIGEST].body != der.write_element(der.OCTETS, digest)
        or signer.identifier.raw != _identifier(certificate)
    ):
        raise NotVerified(CODE, where, "the signature is over something else, or by another")
    _verify_named(attributes[SIGNING_CERTIFICATE], raw, where)
    _verify_purpose(certificate, where)
    _verify_signature(signer, certificate, where)


def _identifier(certificate: x509.Certificate) -> bytes:
    """IssuerAndSerialNumber, in DER (RFC 5652 §10.2.4)."""
    number = certificate.serial_number
    return der.write_sequence([certificate.issuer.public_bytes(), der.write_integer(number)])


def _verify_named(values: Element, certificate: bytes, where: str) -> None:
    """The first ESSCertIDv2 is the signing certificate's (RFC 5035 §4; SHA-256 where it names none)."""
    try:
        (outer,) = der.read_parts(values, where)
        listed = der.read_parts(der.require_tag(outer, der.SEQUENCE, where), where)[0]
        first = der.read_parts(der.require_tag(listed, der.SEQUENCE, where), where)[0]
        parts = der.read_parts(der.require_tag(first, der.SEQUENCE, where), where)
    except (ValueError, IndexError):
        raise Malformed(CODE, where, "no signing certificate is named") from None
    digest: hashes.HashAlgorithm = hashes.SHA256()
    if parts and parts[0].tag == der.SEQUENCE:
        digest = _digest_of(parts.pop(0), where)
    named = parts[0] if parts else Element(tag=0, body=b"", raw=b"")
    if named.tag != der.OCTETS or named.body != hashlib.new(digest.name, certificate).digest():
        raise NotVerified(CODE, where, "the token names another signing certificate")


def _verify_purpose(certificate: x509.Certificate, where: str) -> None:
    """RFC 3161 §2.3: one extended key usage, timeStamping, and critical."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound:
        raise NotVerified(CODE, where, "the certificate is not one for timestamps") from None
    if not usage.critical or list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise NotVerified(CODE, where, "the certificate is not one for timestamps alone")
    for extension in certificate.extensions:
        if extension.critical and not isinstance(extension.value, _KNOWN):
            raise NotVerified(CODE, where, "a critical extension that is not known here")
        value = extension.value
        if isinstance(value, x509.KeyUsage) and not (value.digital_signature or value.content_commitment):
            raise NotVerified(CODE, where, "its key may not sign")


def _verify_signature(signer: _Signer, certificate: x509.Certificate, where: str) -> None:
    # What is signed is the SET OF the attributes, not their implicit tag (RFC 5652 §5.4).
    signed = bytes([der.SET]) + signer.attributes.raw[1:]
    algorithm = _algorithm(signer.algorithm, where)
    try:
        key = certificate.public_key()
        if isinstance(key, rsa.RSAPublicKey) and _RSA.get(algorithm) in ("", signer.digest.name):
            if key.key_size < 2048:
                raise NotVerified(CODE, where, "an RSA key of fewer than 2048 bits")
            key.verify(signer.signature, signed, padding.PKCS1v15(), signer.digest)
            return
        if isinstance(key, ec.EllipticCurvePublicKey) and _ECDSA.get(algorithm) == signer.digest.name:
            if key.key_size < 256:
                raise NotVerified(CODE, where, "an elliptic curve of fewer than 256 bits")
            key.verify(signer.signature, signed, ec.ECDSA(signer.digest))
            return
    except (InvalidSignature, ValueError, UnsupportedAlgorithm):
        raise NotVerified(CODE, where, "the signature does not hold") from None
    raise NotVerified(CODE, where, "signed by an algorithm that is not read here")
