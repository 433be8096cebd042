"""Ed25519 with one verdict everywhere: no torsion, no second spelling, S below the group order."""

from __future__ import annotations

import hashlib

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.errors import NotVerified
from comity.records import ed25519
from tests.test_vectors import VECTORS, load

REFUSED = load(VECTORS / "refused" / "key.json")
SEED = bytes(range(32))
KEY = ed25519.public_of(SEED)


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=40))
@settings(max_examples=30)
def test_what_is_signed_verifies(seed: bytes, message: bytes) -> None:
    key = ed25519.public_of(seed)
    ed25519.verify(key, ed25519.sign(seed, message), message)
    assert ed25519.sign(seed, message) == ed25519.sign(seed, message)


@pytest.mark.parametrize("vector", REFUSED, ids=lambda v: v["name"])
def test_weak_keys_are_refused_at_enrolment_and_at_verification(vector: dict[str, str]) -> None:
    key = bytes.fromhex(vector["key"])
    with pytest.raises(NotVerified):
        ed25519.load_public(key)
    with pytest.raises(NotVerified):
        ed25519.verify(key, key[:32].ljust(32, b"\0") + bytes(32), b"any message")


def test_the_library_alone_would_take_them() -> None:
    """The reason for the check: under the neutral element one signature covers every message."""
    neutral = bytes([1]) + bytes(31)
    for message in (b"one", b"two"):
        Ed25519PublicKey.from_public_bytes(neutral).verify(neutral + bytes(32), message)


@pytest.mark.parametrize("bit", range(0, 512, 7))
def test_a_flipped_bit_of_a_signature_is_refused(bit: int) -> None:
    signature = bytearray(ed25519.sign(SEED, b"message"))
    signature[bit // 8] ^= 1 << bit % 8
    with pytest.raises(NotVerified):
        ed25519.verify(KEY, bytes(signature), b"message")


def test_s_plus_the_order_is_refused() -> None:
    signature = ed25519.sign(SEED, b"message")
    high = int.from_bytes(signature[32:], "little") + ed25519.L
    with pytest.raises(NotVerified) as error:
        ed25519.verify(KEY, signature[:32] + high.to_bytes(32, "little"), b"message")
    assert error.value.code == "signature.malleable"


@given(st.binary(min_size=32, max_size=32))
@settings(max_examples=60)
def test_any_other_point_is_judged_as_the_order_says(raw: bytes) -> None:
    """A random canonical point has order L with probability 1/8; nothing else gets through."""
    try:
        ed25519.load_public(raw)
    except NotVerified:
        return
    assert int.from_bytes(raw, "little") & ((1 << 255) - 1) < ed25519.P


def test_the_thumbprint_is_that_of_the_cose_key() -> None:
    encoded = cbor2.dumps({1: 1, -1: 6, -2: KEY}, canonical=True)
    assert ed25519.thumbprint(KEY) == hashlib.sha256(encoded).digest()
