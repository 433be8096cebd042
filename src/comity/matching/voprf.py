"""The verifiable oblivious pseudorandom function of RFC 9497, suite ``ristretto255-SHA512``, mode VOPRF (1).

A *key holder* computes ``F(k, x)`` for an input that it does not see; the *asker* learns ``F(k, x)`` and
nothing of ``k``, and a proof shows that all answers were made with the one key that was committed to before.
Elements are 32 bytes (RFC 9496), scalars 32 bytes little-endian, outputs 64 bytes. Chance comes in as bytes.

The group itself is libsodium's, through ``rbcl`` (the extra ``match``). libsodium refuses every result that
is the identity, so no element here is ever that. A key holder's own list, which is most of the work, is
computed by ``voprf`` (of the same extra; in Rust, over curve25519-dalek), held to libsodium by its first."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from itertools import accumulate
from types import ModuleType
from typing import Final

from comity.errors import Malformed, NotVerified, Unavailable

ELEMENT_BYTES: Final = 32
SCALAR_BYTES: Final = 32
OUTPUT_BYTES: Final = 64
PROOF_BYTES: Final = 64
CHANCE_BYTES: Final = 64
"""How much chance one scalar takes, so that it is uniform."""
MAX_BATCH: Final = 65_535
"""Elements under one proof: each is numbered in two bytes (RFC 9497 §2.2.1)."""
MAX_INPUT: Final = 65_535

_CONTEXT: Final = b"OPRFV1-\x01-ristretto255-SHA512"
_BLOCK: Final = 128
_BEGUN: Final = hashlib.sha512(bytes(_BLOCK))
_GROUP_ORDER: Final = 2**252 + 27742317777372353535851937790883648493
_ONE: Final = b"\1" + bytes(31)
_BASE: Final = bytes.fromhex("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76")


@functools.cache
def _sodium() -> ModuleType:
    """libsodium's ristretto255; ``Unavailable`` (``match.library``) without the extra."""
    try:
        import rbcl
    except ImportError:
        why = (
            "private matching needs libsodium's ristretto255: pip install '.[match]' in a copy of the source"
        )
        raise Unavailable("match.library", "rbcl", why) from None
    found: ModuleType = rbcl
    return found


def require_library() -> None:
    """Return if the group is there; ``Unavailable`` (``match.library``) if it is not."""
    _sodium()


def _xmd(parts: tuple[bytes, ...], tag: bytes) -> bytes:
    """``expand_message_xmd`` of RFC 9380 §5.3.1 for SHA-512 and 64 bytes: one block."""
    dst = tag + bytes([len(tag)])
    first = _BEGUN.copy()
    for part in parts:
        first.update(part)
    first.update(b"\x00\x40\x00" + dst)
    return hashlib.sha512(first.digest() + b"\x01" + dst).digest()


def _to_group(data: bytes) -> bytes:
    element: bytes = _sodium().crypto_core_ristretto255_from_hash(_xmd((data,), b"HashToGroup-" + _CONTEXT))
    return element


def _to_scalar(parts: tuple[bytes, ...], tag: bytes = b"HashToScalar-") -> bytes:
    scalar: bytes = _sodium().crypto_core_ristretto255_scalar_reduce(_xmd(parts, tag + _CONTEXT))
    return scalar


def _multiply(scalar: bytes, element: bytes, where: str, number: int = -1) -> bytes:
    """``scalar · element``; ``Malformed`` (``match.element``) for what is no element, or gives the
    identity, at ``where[number]``. With a scalar other than 0 the identity alone gives the identity, so this
    checks an element as :func:`read_element` does."""
    try:
        product: bytes = _sodium().crypto_scalarmult_ristretto255(scalar, element)
    except (RuntimeError, ValueError):
        place = f"{where}[{number}]" if number >= 0 else where
        raise Malformed("match.element", place, "no element of ristretto255, or the identity") from None
    return product


def read_element(raw: bytes, where: str = "") -> bytes:
    """The canonical encoding of an element that is not the identity; ``Malformed`` (``match.element``)."""
    if (
        len(raw) != ELEMENT_BYTES
        or not any(raw)
        or not _sodium().crypto_core_ristretto255_is_valid_point(raw)
    ):
        raise Malformed("match.element", where, "no element of ristretto255, or the identity")
    return raw


def _read_scalar(raw: bytes, where: str) -> bytes:
    if len(raw) != SCALAR_BYTES or int.from_bytes(raw, "little") >= _GROUP_ORDER:
        raise Malformed("match.scalar", where, "no canonical scalar")
    return raw


def make_scalar(chance: bytes) -> bytes:
    """A uniform scalar other than 0 from 64 bytes of chance."""
    if len(chance) != CHANCE_BYTES:
        raise ValueError(f"a scalar takes {CHANCE_BYTES} bytes of chance")
    scalar: bytes = _sodium().crypto_core_ristretto255_scalar_reduce(chance)
    if not any(scalar):
        raise ValueError("this chance gives 0, which no source of chance does")
    return scalar


def derive_key(seed: bytes, info: bytes = b"") -> bytes:
    """The private key of a 32-byte seed (``DeriveKeyPair``, RFC 9497 §3.2.1)."""
    if len(seed) != 32 or len(info) > MAX_INPUT:
        raise ValueError("a seed has 32 bytes, and its information at most 65,535")
    for counter in range(256):
        parts = (seed, len(info).to_bytes(2, "big"), info, bytes([counter]))
        key = _to_scalar(parts, b"DeriveKeyPair")
        if any(key):
            return key
    raise ValueError("no key follows from this seed")


def public_of(key: bytes) -> bytes:
    """The public key of a private key."""
    public: bytes = _sodium().crypto_scalarmult_ristretto255_base(key)
    return public


def blind(data: bytes, scalar: bytes) -> bytes:
    """An input hidden under a blind (``Blind``): as good as any other element to whoever has no blind."""
    if len(data) > MAX_INPUT:
        raise ValueError(f"an input has at most {MAX_INPUT} bytes")
    return _multiply(scalar, _to_group(data), "")


def evaluate(key: bytes, data: bytes) -> bytes:
    """``F(key, data)``: what the key holder computes of an input of its own (``Evaluate``)."""
    return _output(data, _multiply(key, _to_group(data), ""))


def evaluate_all(seed: bytes, info: bytes, inputs: Sequence[bytes]) -> list[bytes]:
    """:func:`evaluate` of many inputs under the key of a seed (:func:`derive_key`), as for a whole list."""
    key = derive_key(seed, info)
    try:
        from voprf import ristretto
    except ImportError:
        return [evaluate(key, data) for data in inputs]
    holder = ristretto.Evaluator.from_seed(seed, info)
    found = list(map(holder.evaluate_known_input, inputs))
    if holder.public_key.serialize() != public_of(key) or found[:1] != [
        evaluate(key, data) for data in inputs[:1]
    ]:
        raise Unavailable("match.library", "voprf", "voprf and libsodium do not agree; mend the installation")
    return found


def _output(data: bytes, element: bytes) -> bytes:
    head = len(data).to_bytes(2, "big") + data
    return hashlib.sha512(head + ELEMENT_BYTES.to_bytes(2, "big") + element + b"Finalize").digest()


def evaluate_blinded(
    key: bytes, blinded: Sequence[bytes], chance: bytes, where: str = ""
) -> tuple[list[bytes], bytes]:
    """Answer blinded elements, with one proof for all of them (``BlindEvaluate``).

    ``chance`` (64 bytes) must be new each time: with a second proof under the same, the key is known. Raises
    ``Malformed`` (``match.element``) for what is no element.
    """
    _require_batch(len(blinded))
    if any(key) and len(chance) == CHANCE_BYTES:
        return answer_with(key, blinded, make_scalar(chance), where)
    raise ValueError("a key is not 0, and a proof takes 64 bytes of chance")


def answer_with(
    key: bytes, blinded: Sequence[bytes], random: bytes, where: str = ""
) -> tuple[list[bytes], bytes]:
    """As :func:`evaluate_blinded`, with the proof's random scalar given (for the RFC's own vectors)."""
    evaluated = [_multiply(key, element, where, n) for n, element in enumerate(blinded)]
    public = public_of(key)
    m = _composite(_weights(public, blinded, evaluated), blinded, where)
    z = _multiply(key, m, where)
    sodium = _sodium()
    t2: bytes = sodium.crypto_scalarmult_ristretto255_base(random)
    t3 = _multiply(random, m, where)
    c = _challenge(public, m, z, t2, t3)
    s: bytes = sodium.crypto_core_ristretto255_scalar_sub(
        random, sodium.crypto_core_ristretto255_scalar_mul(c, key)
    )
    return evaluated, c + s


def verify_evaluation(
    public: bytes, blinded: Sequence[bytes], evaluated: Sequence[bytes], proof: bytes, where: str = ""
) -> None:
    """Return if every answer was made with the private key of ``public`` (``VerifyProof``, RFC 9497 §2.2.2).

    Anyone who has the elements can check it; it takes no blind. Raises ``Malformed`` (``match.element``,
    ``match.scalar``) for what is not in form, ``NotVerified`` ``match.proof`` where the proof does not hold.
    """
    _require_batch(len(blinded))
    if len(evaluated) != len(blinded):
        raise NotVerified("match.proof", where, f"{len(evaluated)} answers to {len(blinded)} elements")
    if len(proof) != PROOF_BYTES:
        raise Malformed("match.scalar", where, f"a proof has {PROOF_BYTES} bytes")
    read_element(public, f"{where}.key" if where else "key")
    c, s = (_read_scalar(half, where) for half in (proof[:SCALAR_BYTES], proof[SCALAR_BYTES:]))
    weights = _weights(public, blinded, evaluated)
    m = _composite(weights, blinded, f"{where}.blinded")
    z = _composite(weights, evaluated, f"{where}.evaluated")
    t2 = _sum(_scaled(s, _BASE), _scaled(c, public))
    t3 = _sum(_scaled(s, m), _scaled(c, z))
    if _challenge(public, m, z, t2, t3) != c:
        raise NotVerified("match.proof", where, "the answers were not all made with the committed key")


def finalize(
    data: Sequence[bytes], blinds: Sequence[bytes], evaluated: Sequence[bytes], where: str = ""
) -> list[bytes]:
    """The outputs ``F(k, x)`` of one's own inputs, from answers that were verified (``Finalize``)."""
    inverses = _invert_all(blinds)
    return [
        _output(one, _multiply(inverse, element, where, n))
        for n, (one, inverse, element) in enumerate(zip(data, inverses, evaluated, strict=True))
    ]


def _invert_all(scalars: Sequence[bytes]) -> list[bytes]:
    """The inverses of scalars, none of them 0, by inverting their product alone (Montgomery)."""
    sodium = _sodium()
    product = sodium.crypto_core_ristretto255_scalar_mul
    before = list(accumulate(scalars, product, initial=_ONE))
    rest: bytes = sodium.crypto_core_ristretto255_scalar_invert(before.pop())
    found: list[bytes] = []
    for scalar, ahead in zip(reversed(scalars), reversed(before), strict=True):
        found.append(product(rest, ahead))
        rest = product(rest, scalar)
    return found[::-1]


def _require_batch(count: int) -> None:
    if not 1 <= count <= MAX_BATCH:
        raise ValueError(f"a batch has 1 to {MAX_BATCH} elements")


def _weights(public: bytes, blinded: Sequence[bytes], evaluated: Sequence[bytes]) -> list[bytes]:
    """The scalars that join a batch into one statement (``ComputeComposites``, RFC 9497 §2.2.1)."""
    tag = b"Seed-" + _CONTEXT
    size = ELEMENT_BYTES.to_bytes(2, "big")
    seed = hashlib.sha512(size + public + len(tag).to_bytes(2, "big") + tag).digest()
    head = len(seed).to_bytes(2, "big") + seed
    return [
        _to_scalar((head, n.to_bytes(2, "big"), size, c, size, d, b"Composite"))
        for n, (c, d) in enumerate(zip(blinded, evaluated, strict=True))
    ]


def _composite(weights: Sequence[bytes], elements: Sequence[bytes], where: str) -> bytes:
    found = b""
    for n, (weight, element) in enumerate(zip(weights, elements, strict=True)):
        found = _sum(found, _multiply(weight, element, where, n))
    if not found:
        raise NotVerified("match.proof", where, "the elements add up to the identity")
    return found


def _scaled(scalar: bytes, element: bytes) -> bytes:
    """``scalar · element``, with b"" for the identity."""
    return _multiply(scalar, element, "") if any(scalar) else b""


def _sum(a: bytes, b: bytes) -> bytes:
    """``a + b``, with b"" for the identity."""
    if not a or not b:
        return a or b
    found: bytes = _sodium().crypto_core_ristretto255_add(a, b)
    return found if any(found) else b""


def _challenge(public: bytes, m: bytes, z: bytes, t2: bytes, t3: bytes) -> bytes:
    size = ELEMENT_BYTES.to_bytes(2, "big")
    parts: list[bytes] = []
    for element in (public, m, z, t2, t3):
        # The identity is encoded as 32 zero bytes (RFC 9496 §4.3.2).
        parts += [size, element or bytes(ELEMENT_BYTES)]
    return _to_scalar((*parts, b"Challenge"))
