"""``openssl ts`` verifies the tokens that a node archived, from what an attestation holds and an anchor."""

from __future__ import annotations

import subprocess

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from comity.case.verified import attested_note, stamped_imprint, verify_attestation
from comity.ledger import note
from comity.ledger.stamps import certificate_id
from tests.interop.published import Published


def test_openssl_verifies_the_archived_token(published: Published) -> None:
    _, text, tokens, _ = cbor2.loads(published.attestation)
    ((token, chain),) = tokens
    imprint = stamped_imprint(text, note.Vkey.parse(published.vkey))
    assert published.authority.verify(token, imprint, chain)
    # The path ends at the certificate that the case names, so nothing has to be looked up.
    assert certificate_id(chain[-1]) == certificate_id(published.authority.root)
    assert not published.authority.verify(token, bytes(32), chain)
    broken = token[:-1] + bytes([token[-1] ^ 1])
    assert not published.authority.verify(broken, imprint, chain)


def test_openssl_hashes_the_very_file_that_was_stamped(published: Published) -> None:
    """``-data`` instead of a digest: the checkpoint with the ledger's own signature, as a file."""
    _, text, tokens, _ = cbor2.loads(published.attestation)
    ((token, chain),) = tokens
    body, lines = note.open_note(text)
    vkey = note.Vkey.parse(published.vkey)
    (own,) = (str(s) for s in lines if (s.name, s.key_hash) == (vkey.name, vkey.key_hash))
    folder = published.authority.folder
    (folder / "head.txt").write_text(f"{body}\n{own}")
    (folder / "head.der").write_bytes(token)
    pem = (x509.load_der_x509_certificate(c).public_bytes(Encoding.PEM) for c in chain)
    (folder / "head.pem").write_bytes(b"".join(pem))
    command = "ts -verify -data head.txt -token_in -in head.der -CAfile root.pem -untrusted head.pem"
    said = subprocess.run(["openssl", *command.split()], cwd=folder, capture_output=True, text=True)
    assert said.returncode == 0, said.stderr


def test_the_attestation_holds_for_us_too(published: Published) -> None:
    party = published.node.party
    fact = verify_attestation(published.attestation, party, (published.witness,), "attestation")
    assert attested_note(published.attestation).split("\n", 1)[0] == note.Vkey.parse(published.vkey).name
    assert len(fact.value.seen_by) == len(fact.value.stamps) == 1
