"""Ed25519, strictly: one key, one signature, one verdict everywhere (RFC 8032 §5.1, ``spec/01`` rule 6).

Ordinary libraries accept public keys of small order; under such a key one signature "verifies" for
every message, so its owner can later deny any of them. A key is refused here unless it is the one
canonical encoding of a point of order L, and a signature unless S < L and R is such a point too. Then the
equation with the cofactor and the one without it say the same, and so do all libraries.

libsodium verifies, because it lets other threads run meanwhile; OpenSSL signs.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nacl.bindings import crypto_core_ed25519_is_valid_point as is_of_order_l
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from comity.errors import NotVerified
from comity.records.ed25519_native import Signed, loaded_loop

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, P - 2, P) % P
_SQRT_M1 = pow(2, (P - 1) // 4, P)

_Point = tuple[int, int, int, int]
_IDENTITY: _Point = (0, 1, 1, 0)


def _add(p: _Point, q: _Point) -> _Point:
    # Unified addition in extended coordinates, RFC 8032 §5.1.4.
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * _D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def _decode(raw: bytes) -> _Point | None:
    # RFC 8032 §5.1.3, with y >= p refused (a second spelling of the same point).
    y = int.from_bytes(raw, "little")
    sign = y >> 255
    y &= (1 << 255) - 1
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(_D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * _SQRT_M1 % P
    if (x * x - x2) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


def _times_l(p: _Point) -> _Point:
    total, n = _IDENTITY, L
    while n:
        if n & 1:
            total = _add(total, p)
        p = _add(p, p)
        n >>= 1
    return total


SMALL = frozenset(
    bytes.fromhex(point)
    for point in (
        "01" + "00" * 31,
        "ec" + "ff" * 30 + "7f",
        "00" * 32,
        "00" * 31 + "80",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    )
)
"""The canonical encodings of the eight points of small order."""

MIXED = (
    bytes.fromhex("03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"),
    bytes.fromhex(
        "d0c519a064dbe995f089cbfe47630628e8f96444c1abd99b7858108e83343279"
        "605a8a8cabf71b0a060c19ee3436d5ffd0e6196e00dfd72e66c1122e1f358c0d"
    ),
    b"mixed",
)
"""Key, signature and message such that the equation holds only with the cofactor: R is of mixed order."""

_known: dict[bytes, VerifyKey] = {}


def load_public(raw: bytes, where: str = "key") -> VerifyKey:
    """The key for 32 raw bytes; ``NotVerified`` unless it is a canonical point of prime order."""
    key = _known.get(raw)
    if key is not None:
        return key
    if len(raw) != 32:
        raise NotVerified("key.length", where, f"an Ed25519 key has 32 bytes, not {len(raw)}")
    point = _decode(raw)
    if point is None:
        raise NotVerified("key.encoding", where, "not a canonical Ed25519 point")
    x, y, z, _ = _times_l(point)
    # A point of order exactly L: L·A is the identity and A itself is not.
    if x % P or (y - z) % P or point[:2] == (0, 1):
        raise NotVerified("key.weak", where, "a key of small or mixed order; its signatures prove nothing")
    key = VerifyKey(raw)
    if len(_known) < 10_000:
        _known[raw] = key
    return key


def verify(raw_key: bytes, signature: bytes, message: bytes, where: str = "signature") -> None:
    """Return only if ``signature`` (64 bytes) by ``raw_key`` (32 bytes) covers ``message``.

    ``NotVerified``: what ``load_public`` says of the key; ``signature.length``; ``signature.malleable`` where
    S is not below L; ``signature.weak`` where R is of small order, which a holder of the key can bring about;
    ``signature.invalid`` for all else, so for an R that is no canonical point or of mixed order.
    """
    key = _require_form(raw_key, signature, where)
    _require_held(_holds(key, signature, message), signature, where)


def verify_each(signed: Sequence[Signed], where: str = "signature") -> list[NotVerified | None]:
    """What ``verify`` raises for each (key, signature, message), None where it returns.

    In one call that holds up no other thread, where this process has loaded the loop for that
    (``ed25519_native``).
    """
    outcomes: list[NotVerified | None] = [None] * len(signed)
    sound = []
    for at, (raw_key, signature, _) in enumerate(signed):
        try:
            _require_form(raw_key, signature, where)
            sound.append(at)
        except NotVerified as error:
            outcomes[at] = error
    loop = loaded_loop()
    if loop is not None:
        held = [bool(one) for one in loop([signed[at] for at in sound])]
    else:
        held = [
            _holds(load_public(key), signature, message)
            for key, signature, message in map(signed.__getitem__, sound)
        ]
    for at, holds in zip(sound, held, strict=True):
        try:
            _require_held(holds, signed[at][1], where)
        except NotVerified as error:
            outcomes[at] = error
    return outcomes


def _require_form(raw_key: bytes, signature: bytes, where: str) -> VerifyKey:
    key = load_public(raw_key, where)
    if len(signature) != 64:
        raise NotVerified("signature.length", where, "an Ed25519 signature has 64 bytes")
    if int.from_bytes(signature[32:], "little") >= L:
        raise NotVerified("signature.malleable", where, "S is not below the group order")
    if signature[:32] in SMALL:
        raise NotVerified("signature.weak", where, "R is a point of small order")
    return key


def _require_held(holds: bool, signature: bytes, where: str) -> None:
    if not holds or (_COFACTORED and not is_of_order_l(signature[:32])):
        raise NotVerified("signature.invalid", where, "the signature does not cover these bytes")


def _holds(key: VerifyKey, signature: bytes, message: bytes) -> bool:
    try:
        key.verify(message, signature)
    except BadSignatureError:
        return False
    return True


# libsodium compares R by its bytes, which is the equation without the cofactor. A release that multiplies by
# it would take what others refuse, so the one that is here is asked, once.
_COFACTORED = _holds(VerifyKey(MIXED[0]), MIXED[1], MIXED[2])


# A node signs with few keys, and its signer holds their seeds anyway; to derive costs as much as to sign.
_KEYS_KEPT = 16


@functools.lru_cache(_KEYS_KEPT)
def _private(seed: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(seed)


@functools.lru_cache(_KEYS_KEPT)
def public_of(seed: bytes) -> bytes:
    """The 32 public bytes of a 32-byte private seed."""
    return _private(seed).public_key().public_bytes_raw()


def sign(seed: bytes, message: bytes) -> bytes:
    """Sign with a 32-byte private seed; deterministic (RFC 8032)."""
    return _private(seed).sign(message)


@functools.lru_cache(1024)
def thumbprint(raw_key: bytes) -> bytes:
    """COSE Key Thumbprint of an Ed25519 key (RFC 9679 §3): 32 bytes."""
    # {1: 1 (OKP), -1: 6 (Ed25519), -2: x}, in the bytewise key order of RFC 8949 §4.2.1.
    return hashlib.sha256(b"\xa3\x01\x01\x20\x06\x21\x58\x20" + raw_key).digest()
