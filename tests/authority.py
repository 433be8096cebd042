"""Timestamp authorities of invention: certificates and tokens that follow from a seed, honest or not."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from comity.ledger import der, stamps

FROM = datetime(2030, 1, 1, tzinfo=UTC)
ECDSA_SHA256 = der.write_oid("1.2.840.10045.4.3.2")
USAGE = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
NULL = der.write_element(der.NULL)
SHA256_ID = der.write_sequence([stamps.SHA256, NULL])


def key_of(*words: object) -> ec.EllipticCurvePrivateKey:
    """A P-256 key that follows from these words."""
    digest = hashlib.sha256("/".join(map(str, ("authority", *words))).encode()).digest()
    return ec.derive_private_key(int.from_bytes(digest[:31], "big"), ec.SECP256R1())


def name_of(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def certify(
    name: str,
    issuer: str = "",
    *,
    key: str = "",
    issuer_key: str = "",
    ca: bool | None = None,
    path_length: int | None = None,
    usage: x509.ExtendedKeyUsage | None = None,
    critical: bool = True,
    start: datetime = FROM,
    days: int = 3650,
    more: Sequence[tuple[x509.ExtensionType, bool]] = (),
) -> bytes:
    """The DER of a certificate for the key of ``name``, by the key of ``issuer`` (itself where empty)."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(name_of(name))
        .issuer_name(name_of(issuer or name))
        .public_key(key_of(key or name).public_key())
        .serial_number(1 + int.from_bytes(hashlib.sha256(name.encode()).digest()[:6], "big"))
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
    )
    if ca is not None:
        builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=path_length), critical=True)
    if usage is not None:
        builder = builder.add_extension(usage, critical=critical)
    for extension, marked in more:
        builder = builder.add_extension(extension, critical=marked)
    signed = builder.sign(key_of(issuer_key or issuer or name), hashes.SHA256(), ecdsa_deterministic=True)
    return signed.public_bytes(serialization.Encoding.DER)


def accuracy_of(seconds: int | None = None, millis: int | None = None, micros: int | None = None) -> bytes:
    """An Accuracy with these members."""
    parts = [] if seconds is None else [der.write_integer(seconds)]
    for tag, number in ((0x80, millis), (0x81, micros)):
        if number is not None:
            parts.append(bytes([tag]) + der.write_integer(number)[1:])
    return der.write_sequence(parts)


def info_of(
    imprint: bytes,
    at: str,
    *,
    accuracy: bytes = b"",
    nonce: int | None = None,
    tail: bytes = b"",
    digest: bytes = SHA256_ID,
    version: int = 1,
) -> bytes:
    """A TSTInfo; ``at`` is a GeneralizedTime, ``tail`` what follows the nonce."""
    return der.write_sequence(
        [
            der.write_integer(version),
            der.write_oid("1.2.3.4.1"),
            der.write_sequence([digest, der.write_element(der.OCTETS, imprint)]),
            der.write_integer(7),
            der.write_element(der.TIME, at.encode()),
            accuracy,
            b"" if nonce is None else der.write_integer(nonce),
            tail,
        ]
    )


def attribute(kind: bytes, *values: bytes) -> bytes:
    return der.write_sequence([kind, der.write_element(der.SET, *values)])


def named_certificate(certificate: bytes, digest: bytes = b"") -> bytes:
    """A SigningCertificateV2 for one certificate."""
    hashed = der.write_element(der.OCTETS, hashlib.sha256(certificate).digest())
    return der.write_sequence([der.write_sequence([der.write_sequence([digest, hashed])])])


def attributes_of(info: bytes, certificate: bytes) -> list[bytes]:
    """The signed attributes of an honest token."""
    return [
        attribute(stamps.CONTENT_TYPE, stamps.TST_INFO),
        attribute(stamps.MESSAGE_DIGEST, der.write_element(der.OCTETS, hashlib.sha256(info).digest())),
        attribute(stamps.SIGNING_CERTIFICATE, named_certificate(certificate)),
    ]


def identifier_of(certificate: bytes) -> bytes:
    loaded = x509.load_der_x509_certificate(certificate)
    return der.write_sequence([loaded.issuer.public_bytes(), der.write_integer(loaded.serial_number)])


def sign_token(
    info: bytes,
    certificate: bytes,
    key: str,
    *,
    attributes: Sequence[bytes] | None = None,
    inside: Sequence[bytes] = (),
    tail: bytes = b"",
    digests: bytes = SHA256_ID,
    version: int = 3,
    signers: int = 1,
    kind: bytes = stamps.TST_INFO,
    algorithm: bytes = ECDSA_SHA256,
    identifier: bytes = b"",
) -> bytes:
    """A token over a TSTInfo by the key of ``key``; ``tail`` are unsigned attributes."""
    signed = b"".join(attributes_of(info, certificate) if attributes is None else attributes)
    signature = key_of(key).sign(
        der.write_element(der.SET, signed), ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
    )
    signer = der.write_sequence(
        [
            der.write_integer(1),
            identifier or identifier_of(certificate),
            SHA256_ID,
            der.write_element(0xA0, signed),
            der.write_sequence([algorithm]),
            der.write_element(der.OCTETS, signature),
            tail,
        ]
    )
    body = der.write_sequence(
        [
            der.write_integer(version),
            der.write_element(der.SET, digests),
            der.write_sequence([kind, der.write_element(0xA0, der.write_element(der.OCTETS, info))]),
            der.write_element(0xA0, *inside) if inside else b"",
            der.write_element(der.SET, *[signer] * signers),
        ]
    )
    return der.write_sequence([stamps.SIGNED_DATA, der.write_element(0xA0, body)])


@dataclass(frozen=True, kw_only=True)
class TestAuthority:
    """A root, an issuer under it, and a signer under that."""

    __test__ = False

    name: str
    chain: tuple[bytes, ...]

    @property
    def anchor(self) -> str:
        """How a time policy names the root."""
        return stamps.certificate_id(self.chain[-1])

    def stamp(self, imprint: bytes, at: int, accuracy: bytes = b"", nonce: int | None = None) -> bytes:
        """An honest token, without certificates, at seconds since 1970 UTC."""
        text = datetime.fromtimestamp(at, UTC).strftime("%Y%m%d%H%M%SZ")
        info = info_of(imprint, text, accuracy=accuracy, nonce=nonce)
        return sign_token(info, self.chain[0], f"{self.name} signer")


def authority(name: str = "Invented Time") -> TestAuthority:
    """The authority of this name."""
    root, between, signer = (f"{name} {part}" for part in ("root", "issuer", "signer"))
    return TestAuthority(
        name=name,
        chain=(
            certify(signer, between, usage=USAGE),
            certify(between, root, ca=True, path_length=0),
            certify(root, ca=True),
        ),
    )
