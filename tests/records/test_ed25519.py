"""Ed25519 with one verdict everywhere: no torsion, no second spelling, S below the group order."""

from __future__ import annotations

import hashlib

import cbor2
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.errors import NotVerified
from comity.records import ed25519
from tests.test_vectors import VECTORS, load

REFUSED = load(VECTORS / "refused" / "key.json")
SIGNATURES = load(VECTORS / "accepted" / "signature.json") + load(VECTORS / "refused" / "signature.json")
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


def by_openssl(key: bytes, signature: bytes, message: bytes) -> bool:
    """OpenSSL's verdict, with the rules that it leaves out."""
    try:
        ed25519.load_public(key)
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (NotVerified, InvalidSignature):
        return False
    return signature[:32] not in ed25519.SMALL


def by_definition(key: bytes, signature: bytes, message: bytes) -> bool:
    """The verdict of ``spec/01`` rule 6 by plain arithmetic: with the cofactor and without it."""
    a, r = ed25519._decode(key), ed25519._decode(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or s >= ed25519.L or not (a and r and is_prime_order(a) and is_prime_order(r)):
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ed25519.L
    difference = ed25519._add(times(s, BASE), negative(ed25519._add(r, times(h, a))))
    plain, cleared = is_neutral(difference), is_neutral(times(8, difference))
    assert plain == cleared
    return plain


Point = tuple[int, int, int, int]
_y = 4 * pow(5, -1, ed25519.P) % ed25519.P
BASE = ed25519._decode(_y.to_bytes(32, "little"))


def times(n: int, point: Point | None) -> Point:
    assert point
    total = ed25519._IDENTITY
    while n:
        total = ed25519._add(total, point) if n & 1 else total
        point, n = ed25519._add(point, point), n >> 1
    return total


def negative(point: Point) -> Point:
    x, y, z, t = point
    return -x % ed25519.P, y, z, -t % ed25519.P


def is_neutral(point: Point) -> bool:
    return point[0] % ed25519.P == 0 and (point[1] - point[2]) % ed25519.P == 0


def is_prime_order(point: Point) -> bool:
    return is_neutral(ed25519._times_l(point)) and not is_neutral(point)


def verdict(key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        ed25519.verify(key, signature, message)
    except NotVerified:
        return False
    return True


def encoded(point: Point) -> bytes:
    over = pow(point[2], -1, ed25519.P)
    x, y = point[0] * over % ed25519.P, point[1] * over % ed25519.P
    return (y | (x & 1) << 255).to_bytes(32, "little")


TORSION = sorted(ed25519.SMALL)


@given(
    seed=st.binary(min_size=32, max_size=32),
    message=st.binary(max_size=20),
    at_key=st.sampled_from(TORSION),
    at_r=st.sampled_from(TORSION),
    r=st.integers(0, 3),
    high=st.booleans(),
    flip=st.none() | st.integers(0, 511),
)
@settings(max_examples=120, deadline=None)
def test_one_verdict_by_this_by_openssl_and_by_arithmetic(
    seed: bytes, message: bytes, at_key: bytes, at_r: bytes, r: int, high: bool, flip: int | None
) -> None:
    """Whatever a holder of the key makes: small points in A and in R, S too high, bits flipped."""
    low = int.from_bytes(hashlib.sha512(seed).digest()[:32], "little")
    scalar = low & ((1 << 254) - 8) | 1 << 254
    small = {point: ed25519._decode(point) for point in TORSION}
    key = encoded(ed25519._add(times(scalar, BASE), small[at_key] or ed25519._IDENTITY))
    first = encoded(ed25519._add(times(r, BASE), small[at_r] or ed25519._IDENTITY))
    h = int.from_bytes(hashlib.sha512(first + key + message).digest(), "little")
    s = (r + h * scalar) % ed25519.L + high * ed25519.L
    signature = bytearray(first + s.to_bytes(32, "little"))
    if flip is not None:
        signature[flip // 8] ^= 1 << flip % 8
    raw = bytes(signature)
    assert verdict(key, raw, message) == by_openssl(key, raw, message) == by_definition(key, raw, message)


@pytest.mark.parametrize("vector", SIGNATURES, ids=lambda v: v["name"])
def test_every_vector_has_that_one_verdict(vector: dict[str, str]) -> None:
    key, signature, message = (bytes.fromhex(vector[name]) for name in ("key", "signature", "message"))
    expected = "error" not in vector
    if len(signature) == 64:
        assert by_definition(key, signature, message) is expected
        assert by_openssl(key, signature, message) is expected
    assert verdict(key, signature, message) is expected


def test_the_equation_with_the_cofactor_alone_holds_for_the_mixed_one() -> None:
    """What a library that multiplies by the cofactor would take; by such a library too it is refused."""
    key, signature, message = ed25519.MIXED
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little")
    whole = ed25519._add(ed25519._decode(signature[:32]) or (), times(h, ed25519._decode(key)))  # type: ignore[arg-type]
    s = int.from_bytes(signature[32:], "little")
    difference = ed25519._add(times(s, BASE), negative(whole))
    assert not is_neutral(difference)
    assert is_neutral(times(8, difference))


def test_a_library_with_the_cofactor_takes_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ed25519, "_COFACTORED", True)
    monkeypatch.setattr(ed25519, "_holds", lambda *_: True)
    with pytest.raises(NotVerified, match="does not cover"):
        ed25519.verify(*ed25519.MIXED)
    signature = ed25519.sign(SEED, b"message")
    ed25519.verify(KEY, signature, b"message")
