"""Ed25519, strictly: one key, one signature, one verdict everywhere (RFC 8032 §5.1).

Ordinary libraries accept public keys of small order; under such a key one signature "verifies" for
every message, so its owner can later deny any of them. A key is refused here unless it is the one
canonical encoding of a point of order L, and a signature is refused unless S < L.
"""

from __future__ import annotations

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from comity.errors import NotVerified

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


_known: dict[bytes, Ed25519PublicKey] = {}


def load_public(raw: bytes, where: str = "key") -> Ed25519PublicKey:
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
    key = Ed25519PublicKey.from_public_bytes(raw)
    if len(_known) < 10_000:
        _known[raw] = key
    return key


def verify(raw_key: bytes, signature: bytes, message: bytes, where: str = "signature") -> None:
    """Return only if ``signature`` (64 bytes, S < L) by ``raw_key`` (32 bytes) covers ``message``."""
    key = load_public(raw_key, where)
    if len(signature) != 64:
        raise NotVerified("signature.length", where, "an Ed25519 signature has 64 bytes")
    if int.from_bytes(signature[32:], "little") >= L:
        raise NotVerified("signature.malleable", where, "S is not below the group order")
    try:
        key.verify(signature, message)
    except InvalidSignature:
        raise NotVerified("signature.invalid", where, "the signature does not cover these bytes") from None


def public_of(seed: bytes) -> bytes:
    """The 32 public bytes of a 32-byte private seed."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def sign(seed: bytes, message: bytes) -> bytes:
    """Sign with a 32-byte private seed; deterministic (RFC 8032)."""
    return Ed25519PrivateKey.from_private_bytes(seed).sign(message)


def thumbprint(raw_key: bytes) -> bytes:
    """COSE Key Thumbprint of an Ed25519 key (RFC 9679 §3): 32 bytes."""
    # {1: 1 (OKP), -1: 6 (Ed25519), -2: x}, in the bytewise key order of RFC 8949 §4.2.1.
    return hashlib.sha256(b"\xa3\x01\x01\x20\x06\x21\x58\x20" + raw_key).digest()
