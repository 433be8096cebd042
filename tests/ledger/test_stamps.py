"""Timestamp tokens: what holds, by two makes of authority, and every lie that does not."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.errors import ComityError, Malformed, NotVerified, Refused
from comity.ledger import der, stamps
from comity.ledger.stamp_request import archive_token, format_request, read_response
from comity.ledger.stamps import certificate_id, split_token, verify_stamp
from tests.authority import (
    NULL,
    SHA256_ID,
    USAGE,
    accuracy_of,
    attribute,
    attributes_of,
    authority,
    certify,
    info_of,
    named_certificate,
    sign_token,
)
from tests.openssl_authority import openssl_authority

HONEST = authority()
IMPRINT = hashlib.sha256(b"a checkpoint").digest()
AT = 1_930_000_000
TEXT = "20310227230640Z"
SIGNER, ISSUER, ROOT = HONEST.chain
KEY = "Invented Time signer"
TOKEN = HONEST.stamp(IMPRINT, AT)
NONCE = bytes(range(200, 208))


def signed(info: bytes, **how: object) -> bytes:
    return sign_token(info, SIGNER, KEY, **how)  # type: ignore[arg-type]


def test_an_honest_token_proves_its_time_within_one_second() -> None:
    found = verify_stamp(TOKEN, HONEST.chain, IMPRINT)
    assert (found.earliest, found.latest) == (AT - 1, AT + 1)
    assert found.chain == tuple(certificate_id(c) for c in HONEST.chain)


@pytest.mark.parametrize(
    ("at", "accuracy", "low", "high"),
    [
        (TEXT, accuracy_of(5), -5, 5),
        (TEXT, accuracy_of(0), 0, 0),
        (TEXT, accuracy_of(2, 500), -3, 3),
        (TEXT, accuracy_of(None, None, 1), -1, 1),
        ("20310227230640.5Z", accuracy_of(0), 0, 1),
        ("20310227230640.25Z", accuracy_of(1, 250), -1, 2),
    ],
)
def test_bounds_are_widened_by_the_accuracy_to_whole_seconds(
    at: str, accuracy: bytes, low: int, high: int
) -> None:
    found = verify_stamp(signed(info_of(IMPRINT, at, accuracy=accuracy)), HONEST.chain, IMPRINT)
    assert (found.earliest - AT, found.latest - AT) == (low, high)


def test_the_chain_may_be_the_signer_alone() -> None:
    assert verify_stamp(TOKEN, [SIGNER], IMPRINT).chain == (certificate_id(SIGNER),)


def _flip(raw: bytes, bit: int) -> bytes:
    changed = bytearray(raw)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def _require_counted(found: stamps.Stamp) -> None:
    if HONEST.anchor not in found.chain:
        raise NotVerified("attestation.token", "", "leads elsewhere")


@settings(max_examples=400, deadline=None)
@given(st.integers(0, 3), st.integers(0, 2**20))
def test_a_flipped_bit_is_never_accepted(part: int, bit: int) -> None:
    """Counted is what leads to the anchor that a policy names."""
    whole = [TOKEN, *HONEST.chain]
    whole[part] = _flip(whole[part], bit % (8 * len(whole[part])))
    with pytest.raises((Malformed, NotVerified), match=r"attestation\.token"):
        _require_counted(verify_stamp(whole[0], whole[1:], IMPRINT))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), st.integers(0, len(TOKEN)))
def test_other_bytes_are_never_accepted(noise: bytes, at: int) -> None:
    for raw in {noise, TOKEN[:at] + noise + TOKEN[at + len(noise) + 1 :]} - {TOKEN}:
        with pytest.raises((Malformed, NotVerified)):
            verify_stamp(raw, HONEST.chain, IMPRINT)


GOOD = info_of(IMPRINT, TEXT)
OTHER = hashlib.sha256(b"something else").digest()
SHA1_ID = der.write_sequence([der.write_oid("1.3.14.3.2.26"), NULL])
CRITICAL = der.write_sequence(
    [der.write_oid("1.2.3.4.5"), der.write_element(der.BOOLEAN, b"\xff"), der.write_element(der.OCTETS, b"x")]
)


def _attributes_without(n: int) -> list[bytes]:
    return [a for k, a in enumerate(attributes_of(GOOD, SIGNER)) if k != n]


LIES: dict[str, Callable[[], bytes]] = {
    "over something else": lambda: signed(info_of(OTHER, TEXT)),
    "an imprint by SHA-1": lambda: signed(info_of(IMPRINT[:20], TEXT, digest=SHA1_ID)),
    "an imprint said to be another digest": lambda: signed(info_of(IMPRINT, TEXT, digest=SHA1_ID)),
    "signed by another key": lambda: sign_token(GOOD, SIGNER, "somebody"),
    "attributes of another timestamp": lambda: signed(
        GOOD, attributes=attributes_of(info_of(OTHER, TEXT), SIGNER)
    ),
    "no content type": lambda: signed(GOOD, attributes=_attributes_without(0)),
    "no digest": lambda: signed(GOOD, attributes=_attributes_without(1)),
    "no signing certificate": lambda: signed(GOOD, attributes=_attributes_without(2)),
    "another signing certificate": lambda: signed(GOOD, attributes=attributes_of(GOOD, ISSUER)),
    "a signing certificate by SHA-1": lambda: signed(
        GOOD,
        attributes=[
            *_attributes_without(2),
            attribute(stamps.SIGNING_CERTIFICATE, named_certificate(SIGNER, SHA1_ID)),
        ],
    ),
    "an empty list of signing certificates": lambda: signed(
        GOOD,
        attributes=[
            *_attributes_without(2),
            attribute(stamps.SIGNING_CERTIFICATE, der.write_sequence([der.write_sequence([])])),
        ],
    ),
    "an attribute twice": lambda: signed(GOOD, attributes=[*attributes_of(GOOD, SIGNER)] * 2),
    "another content type": lambda: signed(GOOD, kind=der.write_oid("1.2.840.113549.1.7.1")),
    "named by another issuer and number": lambda: signed(
        GOOD, identifier=der.write_sequence([der.write_sequence([]), der.write_integer(1)])
    ),
    "certificates inside": lambda: signed(GOOD, inside=[SIGNER]),
    "unsigned attributes": lambda: signed(
        GOOD, tail=der.write_element(0xA1, attribute(der.write_oid("1.2.3"), NULL))
    ),
    "two signers": lambda: signed(GOOD, signers=2),
    "no signer": lambda: signed(GOOD, signers=0),
    "another version": lambda: signed(GOOD, version=1),
    "another digest algorithm": lambda: signed(GOOD, digests=SHA1_ID),
    "two digest algorithms": lambda: signed(GOOD, digests=SHA256_ID * 2),
    "another signature algorithm": lambda: signed(GOOD, algorithm=der.write_oid("1.2.840.10045.4.3.3")),
    "a timestamp of another version": lambda: signed(info_of(IMPRINT, TEXT, version=2)),
    "a time without Z": lambda: signed(info_of(IMPRINT, TEXT[:-1])),
    "a time with an offset": lambda: signed(info_of(IMPRINT, TEXT[:-1] + "+0100")),
    "a leap second": lambda: signed(info_of(IMPRINT, "20310227235960Z")),
    "a fraction that ends in zero": lambda: signed(info_of(IMPRINT, "20310227230640.50Z")),
    "a day that is none": lambda: signed(info_of(IMPRINT, "20310230110640Z")),
    "an accuracy of 1000 milliseconds": lambda: signed(info_of(IMPRINT, TEXT, accuracy=accuracy_of(0, 1000))),
    "an accuracy below zero": lambda: signed(
        info_of(IMPRINT, TEXT, accuracy=der.write_sequence([der.write_element(der.INTEGER, b"\xff")]))
    ),
    "members out of order": lambda: signed(info_of(IMPRINT, TEXT, nonce=1, tail=accuracy_of(1))),
    "an ordering of false": lambda: signed(
        info_of(IMPRINT, TEXT, tail=der.write_element(der.BOOLEAN, b"\0"))
    ),
    "a critical extension": lambda: signed(info_of(IMPRINT, TEXT, tail=der.write_element(0xA1, CRITICAL))),
    "before its certificate": lambda: signed(info_of(IMPRINT, "20291231235959Z")),
    "after its certificate": lambda: signed(info_of(IMPRINT, "20400101000000Z")),
    "too large": lambda: bytes(stamps.TOKEN_LIMIT + 1),
    "nothing": lambda: b"",
    "bytes behind the end": lambda: TOKEN + b"\0",
    "a length in a longer form": lambda: b"\x30\x83\0" + TOKEN[2:],
    "an open length": lambda: b"\x30\x80" + TOKEN[4:] + b"\0\0",
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_refused(lie: str) -> None:
    with pytest.raises((Malformed, NotVerified)) as caught:
        verify_stamp(LIES[lie](), HONEST.chain, IMPRINT)
    assert caught.value.code == "attestation.token"


def test_what_may_be_there_is_accepted() -> None:
    extension = der.write_sequence([der.write_oid("1.2.3.4.5"), der.write_element(der.OCTETS, b"x")])
    ordered = der.write_element(der.BOOLEAN, b"\xff")
    tail = ordered + der.write_integer(5) + der.write_element(0xA0, NULL) + der.write_element(0xA1, extension)
    assert verify_stamp(signed(info_of(IMPRINT, TEXT, tail=tail)), HONEST.chain, IMPRINT).latest == AT + 1
    named = named_certificate(SIGNER, SHA256_ID)
    listed = [*_attributes_without(2), attribute(stamps.SIGNING_CERTIFICATE, named)]
    assert verify_stamp(signed(GOOD, attributes=listed), HONEST.chain, IMPRINT).latest == AT + 1


def _chain_with(signer: bytes = b"", issuer: bytes = b"", root: bytes = b"") -> list[bytes]:
    return [signer or SIGNER, issuer or ISSUER, root or ROOT]


NAMES = ("Invented Time signer", "Invented Time issuer", "Invented Time root")
TWO_USES = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.CODE_SIGNING])
CODE = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING])
CONSTRAINTS = x509.NameConstraints(permitted_subtrees=[x509.DNSName("a.example")], excluded_subtrees=None)


def _usage(**on: bool) -> x509.KeyUsage:
    words = (
        "digital_signature content_commitment key_encipherment data_encipherment key_agreement "
        "key_cert_sign crl_sign encipher_only decipher_only"
    )
    return x509.KeyUsage(**{word: on.get(word, False) for word in words.split()})


SIGNERS = {
    "without a purpose": certify(NAMES[0], NAMES[1]),
    "with two purposes": certify(NAMES[0], NAMES[1], usage=TWO_USES),
    "for code": certify(NAMES[0], NAMES[1], usage=CODE),
    "with a purpose that is not critical": certify(NAMES[0], NAMES[1], usage=USAGE, critical=False),
    "expired": certify(NAMES[0], NAMES[1], usage=USAGE, days=30),
    "of another issuer by name": certify(NAMES[0], NAMES[2], usage=USAGE, issuer_key=NAMES[1]),
    "of another issuer by key": certify(NAMES[0], NAMES[1], usage=USAGE, issuer_key="somebody"),
    "that may not sign": certify(NAMES[0], NAMES[1], usage=USAGE, more=[(_usage(key_cert_sign=True), True)]),
    "with names constrained": certify(NAMES[0], NAMES[1], usage=USAGE, more=[(CONSTRAINTS, True)]),
}


@pytest.mark.parametrize("which", SIGNERS)
def test_a_signer_is_refused(which: str) -> None:
    with pytest.raises(NotVerified, match=r"attestation\.token"):
        verify_stamp(sign_token(GOOD, SIGNERS[which], KEY), _chain_with(SIGNERS[which]), IMPRINT)


CHAINS = {
    "an issuer that may not issue": _chain_with(issuer=certify(NAMES[1], NAMES[2], ca=False)),
    "an issuer that does not say so": _chain_with(issuer=certify(NAMES[1], NAMES[2])),
    "an issuer whose key may not": _chain_with(
        issuer=certify(NAMES[1], NAMES[2], ca=True, more=[(_usage(digital_signature=True), True)])
    ),
    "an issuer for code": _chain_with(issuer=certify(NAMES[1], NAMES[2], ca=True, usage=CODE)),
    "an issuer expired": _chain_with(issuer=certify(NAMES[1], NAMES[2], ca=True, days=30)),
    "an issuer with names constrained": _chain_with(
        issuer=certify(NAMES[1], NAMES[2], ca=True, more=[(CONSTRAINTS, True)])
    ),
    "a root for no issuer below it": _chain_with(root=certify(NAMES[2], ca=True, path_length=0)),
    "a root expired": _chain_with(root=certify(NAMES[2], ca=True, days=30)),
    "a root of the same name": _chain_with(
        root=certify(NAMES[2], key="somebody", issuer_key="somebody", ca=True)
    ),
    "a gap": [SIGNER, ROOT],
    "the wrong way round": [SIGNER, ROOT, ISSUER],
    "the signer twice": [SIGNER, SIGNER],
    "nothing": [],
    "too long": [SIGNER, ISSUER, *[ROOT] * 7],
    "no certificate": [b"\x30\x00"],
    "bytes behind a certificate": [SIGNER + b"\0", ISSUER, ROOT],
    "the issuer first": [ISSUER, SIGNER, ROOT],
}


@pytest.mark.parametrize("which", CHAINS)
def test_a_chain_is_refused(which: str) -> None:
    with pytest.raises((Malformed, NotVerified), match=r"attestation\.token"):
        verify_stamp(TOKEN, CHAINS[which], IMPRINT)


def test_a_liar_with_its_own_root_does_not_lead_to_the_anchor() -> None:
    """A self-made authority of the very same names, with the true anchor's certificate put on top."""
    fake_root = certify(NAMES[2], key="liar", issuer_key="liar", ca=True)
    fake = certify(NAMES[0], NAMES[2], key="liar signer", issuer_key="liar", usage=USAGE)
    token = sign_token(GOOD, fake, "liar signer")
    assert HONEST.anchor not in verify_stamp(token, [fake, fake_root], IMPRINT).chain
    with pytest.raises(NotVerified):
        verify_stamp(token, [fake, fake_root, ROOT], IMPRINT)
    with pytest.raises(NotVerified):
        archive_token(token, IMPRINT, [fake, fake_root, *HONEST.chain], {HONEST.anchor})


# -- asking ---------------------------------------------------------------------------------------


def answer(token: bytes = b"", status: int = 0) -> bytes:
    return der.write_sequence([der.write_sequence([der.write_integer(status)]), token])


def test_an_answer_is_kept_with_the_path_it_needs() -> None:
    inside = [ROOT, certify("a bystander", ca=True), ISSUER, SIGNER]
    info = info_of(IMPRINT, TEXT, nonce=int.from_bytes(NONCE, "big"))
    token = read_response(answer(signed(info, inside=inside)), NONCE)
    bare, chain, found = archive_token(token, IMPRINT, [], {HONEST.anchor})
    assert (tuple(chain), found.chain[-1]) == (HONEST.chain, HONEST.anchor)
    assert verify_stamp(bare, chain, IMPRINT) == found
    # An anchor below the root ends the path sooner; one that was sent along by nobody is known already.
    assert archive_token(token, IMPRINT, [], {certificate_id(ISSUER)})[1] == [SIGNER, ISSUER]
    without = read_response(answer(signed(info, inside=[SIGNER])), NONCE)
    assert archive_token(without, IMPRINT, [ROOT, ISSUER], {HONEST.anchor})[1] == chain
    with pytest.raises(NotVerified):
        archive_token(without, IMPRINT, [ROOT], {HONEST.anchor})


@pytest.mark.parametrize("status", [2, 3, 4, 5])
def test_an_authority_that_declines(status: int) -> None:
    with pytest.raises(Refused, match=r"authority\.declined"):
        read_response(answer(status=status), NONCE)


@pytest.mark.parametrize(
    "raw", [b"", b"\x30\x00", b"<html>", answer(TOKEN), answer(b"\x30\x00"), b"\x30\x02\x30\x00"]
)
def test_an_answer_that_is_none(raw: bytes) -> None:
    with pytest.raises(ComityError, match=r"attestation\.token"):
        read_response(raw, NONCE)


@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_openssl_makes_what_we_accept_and_accepts_what_we_keep(
    tmp_path: Path, kind: Literal["rsa", "ec"]
) -> None:
    made = openssl_authority(tmp_path / "tsa", kind)
    anchor = certificate_id(made.root)
    token = read_response(made.answer(format_request(IMPRINT, NONCE)), NONCE)
    bare, chain, found = archive_token(token, IMPRINT, [made.root], {anchor})
    assert len(split_token(token)[1]) == 2
    assert found.chain[-1] == anchor
    # 2.5 seconds to either side.
    assert found.latest - found.earliest == 6
    assert made.verify(bare, IMPRINT, chain)
    assert not made.verify(bare, OTHER, chain)
    with pytest.raises(NotVerified):
        verify_stamp(bare, chain, OTHER)
    with pytest.raises(NotVerified):
        archive_token(token, IMPRINT, [made.root], {HONEST.anchor})
    for bit in range(0, 8 * len(bare), 8 * len(bare) // 150 | 1):
        with pytest.raises((Malformed, NotVerified)):
            verify_stamp(_flip(bare, bit), chain, IMPRINT)


def test_openssl_reads_an_invented_authority_too(tmp_path: Path) -> None:
    """What the tests' own authority makes is no dialect of ours."""
    made = openssl_authority(tmp_path / "tsa", "ec")
    (made.folder / "invented.der").write_bytes(TOKEN)
    words = "ts -reply -token_in -token_out -text -in invented.der"
    assert "Feb 27 23:06:40 2031 GMT" in made.run(*words.split()).decode()
