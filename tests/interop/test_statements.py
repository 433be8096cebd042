"""Envelopes are SCITT Signed Statements: cwt and scitt-cose read their signatures and claims."""

from __future__ import annotations

import cbor2
import pytest
import scitt_cose
from cwt import COSE, COSEKey
from cwt.cose_key_interface import COSEKeyInterface
from cwt.exceptions import VerifyError
from scitt_cose import cose_sign1

from comity.ledger.merkle import leaf_hash
from comity.records.envelopes import CONTENT_TYPE, open_envelope
from tests.interop.published import SIZE, Published


def _key(published: Published, alg: int) -> COSEKeyInterface:
    """The statement key as a COSE_Key (RFC 9052 §7), for one algorithm."""
    kid = open_envelope(published.entries[0]).kid
    return COSEKey.new({1: 1, 2: kid, 3: alg, -1: 6, -2: published.node.signer.public("statement")})


def test_cwt_verifies_every_statement_and_reads_its_claims(published: Published) -> None:
    """It knows Ed25519 by its own number, −19 (RFC 9864)."""
    reader, key = COSE.new(), _key(published, -19)
    for index, raw in enumerate(published.entries):
        protected, unprotected, payload = reader.decode_with_headers(raw, key)
        ours = open_envelope(raw)
        assert (payload, unprotected) == (ours.payload, {})
        assert protected[15] == {1: ours.iss, 2: ours.sub}
        assert (protected[1], protected[4], protected[258]) == (-19, ours.kid, -16)
        assert protected[259] == CONTENT_TYPE
        assert 3 not in protected  # RFC 9995: the content type of the payload is that of a hash
        assert ours.iss == ("self" if index == 0 else published.node.party.id)


def test_cwt_refuses_every_altered_statement(published: Published) -> None:
    reader, key = COSE.new(), _key(published, -19)
    for raw in published.entries[:40]:
        read = cbor2.loads(raw)
        protected, _, payload, signature = read.value
        for changed in (
            [protected, {}, bytes([payload[0] ^ 1]) + payload[1:], signature],
            [protected, {}, payload, signature[:-1] + bytes([signature[-1] ^ 1])],
            [protected.replace(b"\x32", b"\x27", 1), {}, payload, signature],
        ):
            with pytest.raises((VerifyError, ValueError)):
                reader.decode(cbor2.dumps(cbor2.CBORTag(18, changed)), key)


def test_scitt_cose_parses_every_statement(published: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    pem = published.public_pem("statement")
    # It knows EdDSA as −8 alone and refuses −19 unread. The two are one algorithm for an Ed25519 key
    # (RFC 9864 §2.2), so, told the number, it checks the same bytes and finds them signed.
    told = scitt_cose.parse_signed_statement(published.entries[1], public_key_pem=pem)
    assert told["signature_verified"] is False
    monkeypatch.setattr(cose_sign1, "COSE_ALG_EDDSA", -19)
    for raw in published.entries:
        ours = open_envelope(raw)
        told = scitt_cose.parse_signed_statement(raw, public_key_pem=pem)
        assert told["signature_verified"] is True
        assert (told["issuer"], told["subject"], told["payload"]) == (ours.iss, ours.sub, ours.payload)


def test_a_transparent_statement_is_one_file(published: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 9943: with its receipt under label 394 the statement carries its own proof of registration."""
    monkeypatch.setattr(cose_sign1, "COSE_ALG_EDDSA", -19)
    for index in range(1, SIZE, 23):
        raw = published.entries[index]
        whole = scitt_cose.attach_receipts(raw, [published.receipts[index]])
        statement = scitt_cose.parse_signed_statement(whole, public_key_pem=published.public_pem("statement"))
        assert statement["signature_verified"] is True
        (receipt,) = scitt_cose.extract_receipts(whole)
        assert receipt == published.receipts[index]
        # The leaf is the statement as registered, without what was attached since.
        verdict = scitt_cose.verify_receipt(
            receipt, leaf_entry_hex=raw.hex(), log_public_key_pem=published.public_pem("receipt")
        )
        assert verdict.ok, verdict.errors
        assert verdict.leaf_index == index
        assert leaf_hash(raw).hex() == open_envelope(raw).id
