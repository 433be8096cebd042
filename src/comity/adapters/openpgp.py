"""OpenPGP bindings by Sequoia (RFC 9580; the ``openpgp`` extra): who signs, never that anything is intact.

The office signs a short text (``parties.binding_text``) with its published key. The signature must hold
under the certificate beside it by Sequoia's standard policy, which refuses SHA-1 and other weak
algorithms, at the time of the signature; the certificate must not be revoked, and neither be expired now.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from comity.errors import Malformed, NotVerified, Unavailable
from comity.records.kinds import Bind
from comity.records.parties import Party

if TYPE_CHECKING:
    from types import ModuleType

TEXT_LIMIT = 20_000
SKEW = 300
"""Seconds by which a signature may be ahead of this clock."""


def read_binding(signature: bytes, certificate: bytes, where: str = "openpgp") -> Bind:
    """The binding of a detached signature and a certificate, armoured or not; no secret key is taken over.

    ``Malformed`` ("openpgp.form", "openpgp.size") where they are none, or too long for a record.
    """
    pgp = _library()
    cert, sig = _certificate(certificate, where), _signature(signature, where)
    texts = [
        str(pgp.armor(bytes(sig), pgp.ArmorKind.Signature)).replace("\r\n", "\n"),
        str(pgp.armor(bytes(cert), pgp.ArmorKind.PublicKey)).replace("\r\n", "\n"),
    ]
    if max(map(len, texts)) > TEXT_LIMIT:
        why = f"a certificate or signature of more than {TEXT_LIMIT} characters; export it minimal"
        raise Malformed("openpgp.size", where, why)
    return Bind(
        scheme="openpgp", fingerprint=str(cert.fingerprint).lower(), signature=texts[0], certificate=texts[1]
    )


def check_binding(text: str, binding: Bind, now: int, where: str = "openpgp") -> None:
    """Return only if a binding holds for this text at an instant (seconds since 1970 UTC).

    ``NotVerified``: "openpgp.fingerprint", "openpgp.revoked", "openpgp.expired", "openpgp.signature".
    """
    pgp = _library()
    cert = _certificate(binding.certificate.encode(), where)
    sig = _signature(binding.signature.encode(), where)
    if str(cert.fingerprint).lower() != binding.fingerprint:
        raise NotVerified("openpgp.fingerprint", where, "the certificate has another fingerprint")
    if cert.is_revoked:
        raise NotVerified("openpgp.revoked", where, "the certificate is revoked")
    try:
        ends, ended = cert.expiration, sig.expiration
    except Exception:  # the library's own type for a certificate that its policy does not accept at all
        why = "the certificate is not valid under today's policy"
        raise NotVerified("openpgp.signature", where, why) from None
    for what, instant in (("certificate", ends), ("signature", ended)):
        if instant is not None and _seconds(instant) <= now:
            raise NotVerified("openpgp.expired", where, f"the {what} expired at {instant:%Y-%m-%d}")
    if sig.created is None or _seconds(sig.created) > now + SKEW:
        raise NotVerified("openpgp.signature", where, "the signature is from the future")
    try:
        found = pgp.verify(bytes=text.encode(), store=lambda _: [cert], signature=sig)
    except Exception:  # Sequoia raises RuntimeError; whatever it says, the signature is not shown to hold
        why = "not a good signature of this party's text by that certificate, under today's policy"
        raise NotVerified("openpgp.signature", where, why) from None
    if binding.fingerprint not in {str(s.certificate).lower() for s in found.valid_sigs}:
        raise NotVerified("openpgp.signature", where, "signed by another certificate")


def _seconds(instant: datetime.datetime) -> int:
    return int(instant.timestamp())


def _certificate(raw: bytes, where: str) -> Any:
    cert = _library().Cert
    try:
        found = cert.split_bytes(raw)
    except Exception:
        raise Malformed("openpgp.form", f"{where}.certificate", "not an OpenPGP certificate") from None
    if len(found) != 1:
        why = f"{len(found)} certificates, where one is wanted"
        raise Malformed("openpgp.form", f"{where}.certificate", why)
    return found[0]


def _signature(raw: bytes, where: str) -> Any:
    try:
        return _library().Sig.from_bytes(raw)
    except Exception:
        why = "not a detached OpenPGP signature"
        raise Malformed("openpgp.form", f"{where}.signature", why) from None


def _library() -> ModuleType:
    try:
        import pysequoia
    except ImportError:
        raise Unavailable(
            "extra.openpgp",
            "openpgp",
            "checking OpenPGP keys needs more: pip install '.[openpgp]' in a copy of the source",
        ) from None
    module: ModuleType = pysequoia
    return module


def sign_clear(text: bytes, secret: bytes, where: str = "openpgp") -> bytes:
    """A text signed in the clear (RFC 9580 §7) by a secret key without passphrase; for ``gpg --verify``.

    ``Malformed`` ("openpgp.secret") where that is no such key.
    """
    pgp = _library()
    try:
        signer = pgp.Tsk.from_bytes(secret).signer()
        signed = pgp.sign(signer, text, mode=pgp.SignatureMode.CLEAR)
    except Exception:  # the library's own types; never a word of what is in the file
        raise Malformed("openpgp.secret", where, "not an OpenPGP secret key that can sign here") from None
    return bytes(signed).replace(b"\r\n", b"\n")


def check_clear(raw: bytes, party: Party, where: str = "openpgp") -> str:
    """The fingerprint of the key, bound by this party's own records, that signed a text in the clear.

    "" where the party binds no OpenPGP key: nothing is checked then. ``NotVerified`` ("openpgp.signature")
    where none of those that it binds signed this.
    """
    if not party.bindings:
        return ""
    pgp = _library()
    certs = {b.fingerprint: _certificate(b.certificate.encode(), where) for b in party.bindings}
    try:
        found = pgp.verify(bytes=raw, store=lambda _: list(certs.values()))
    except Exception:
        raise NotVerified("openpgp.signature", where, "not signed by a key that its sender bound") from None
    for signature in found.valid_sigs:
        fingerprint = str(signature.certificate).lower()
        if fingerprint in certs and not certs[fingerprint].is_revoked:
            return fingerprint
    raise NotVerified("openpgp.signature", where, "not signed by a key that its sender bound")
