"""Envelopes: the public commitment to one signed act (``spec/01-envelope.md``).

A COSE_Sign1 (tag 18, RFC 9052) in deterministic CBOR, a SCITT Signed Statement (RFC 9943) whose
payload is a hash (RFC 9995). The protected header carries alg, kid (RFC 9679 thumbprint), CWT iss
and sub (RFC 9597) and, under one private label, the author's chain. Nothing in it is readable
as content, so it can stand in a public ledger for ever.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass

from comity.errors import Malformed, NotVerified
from comity.records import cbor, ed25519

CHAIN = -70001
CONTENT_TYPE = "application/vnd.comity.record"
SIZE_LIMIT = 65_535
NOTHING = bytes(32)

_ALG, _KID, _CWT, _HASH_ALG, _PREIMAGE = 1, 4, 15, 258, 259
_ED25519, _EDDSA = -19, -8
_SHA256 = -16
_ID = re.compile("[0-9a-f]{64}")
_LABELS = {_ALG, _KID, _CWT, _HASH_ALG, _PREIMAGE, CHAIN}

# What stands around the parts whose lengths never differ, each in its one spelling.
_SIG_HEAD = b"\x84\x6aSignature1"
_SIG_BEHIND = b"\x40\x58\x20"
_SIGN1_HEAD = b"\xd2\x84\x59"
_NO_HEADER = b"\xa0\x58\x20"
_SIGNED = b"\x58\x40"
_HASH = b"\x58\x20"
_AT = len(_SIGN1_HEAD) + 2
_BEGIN = 219
"""Bytes of a protected header up to ``seq``, where ``iss`` is an id."""
_SEQS = {1: (b"", 0), 2: (b"\x18", 24), 3: (b"\x19", 1 << 8), 5: (b"\x1a", 1 << 16), 9: (b"\x1b", 1 << 32)}
"""The head and the least value of a number, by the bytes it takes (RFC 8949 §3, §4.2.1)."""

_begun: dict[bytes, tuple[str, str, bytes]] = {}
"""Protected headers up to ``seq`` that were read, with iss, sub and kid: those of a chain begin alike."""
_BEGUN_KEPT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """An envelope in parsed form; ``raw`` are the exact signed bytes, ``id`` their RFC 6962 leaf hash.

    ``iss`` and ``sub`` are 64 hex digits (``iss`` is ``self`` in a card); ``prev`` and ``keys`` are hex ids,
    64 zeros where there is none.
    """

    raw: bytes
    id: str
    iss: str
    sub: str
    seq: int
    prev: str
    keys: str
    kid: bytes
    payload: bytes
    protected: bytes
    signature: bytes


def record_id(raw: bytes) -> str:
    """The id of a record: the RFC 6962 leaf hash of its exact envelope, in hex."""
    return hashlib.sha256(b"\x00" + raw).hexdigest()


def alias(case_key: bytes, iss: str) -> str:
    """``sub``: a party's name for a case in its public ledger; two parties' names cannot be linked
    without the case key."""
    return hmac.new(case_key, iss.encode(), hashlib.sha256).hexdigest()


def key_hash(case_key: bytes) -> str:
    """What ``case.open`` shows of the case key: enough to recognise it, not to use it."""
    return hashlib.sha256(b"comity/1/case-key\0" + case_key).hexdigest()


def case_id(hashed_key: str, opener: str) -> str:
    """The id of a case: binds its key (by ``key_hash``) and the one party that can open it."""
    return hashlib.sha256(b"comity/1/case\0" + bytes.fromhex(hashed_key) + bytes.fromhex(opener)).hexdigest()


def _to_sign(protected: bytes, payload: bytes) -> bytes:
    # Sig_structure, RFC 9052 §4.4, with empty external_aad: ["Signature1", protected, b"", payload].
    return b"".join((_SIG_HEAD, cbor.encode(protected), _SIG_BEHIND, payload))


def seal_envelope(
    seed: bytes, *, iss: str, sub: str, seq: int, prev: str, keys: str, payload: bytes
) -> Envelope:
    """Sign a commitment (32 bytes) with a 32-byte seed; the same input gives the same bytes."""
    kid = ed25519.thumbprint(ed25519.public_of(seed))
    protected = cbor.encode(
        {
            _ALG: _ED25519,
            _KID: kid,
            _CWT: {1: iss, 2: sub},
            _HASH_ALG: _SHA256,
            _PREIMAGE: CONTENT_TYPE,
            CHAIN: [1, seq, bytes.fromhex(prev), bytes.fromhex(keys)],
        }
    )
    signature = ed25519.sign(seed, _to_sign(protected, payload))
    return open_envelope(cbor.encode([protected, {}, payload, signature], tag=cbor.SIGN1))


def open_envelope(raw: bytes, where: str = "envelope") -> Envelope:
    """Parse one envelope; every other spelling of the same content is ``Malformed``. Checks no signature."""
    return _open_begun(raw) or _open_any(raw, where)


def _open_begun(raw: bytes) -> Envelope | None:
    """As ``_open_any`` for a further envelope of a chain that was met before; None for everything else.

    CBOR is read from the left, so the same bytes up to ``seq`` say the same again. Whatever does not stand
    where it has to is left to the reader that says why.
    """
    behind = _AT + int.from_bytes(raw[3:5], "big")
    begun = _begun.get(raw[_AT : _AT + _BEGIN])
    number = raw[_AT + _BEGIN : behind - 68]
    if (
        begun is None
        or len(number) not in _SEQS
        or raw[:3] != _SIGN1_HEAD
        or len(raw) != behind + 101
        or raw[behind - 68 : behind - 66] != _HASH
        or raw[behind - 34 : behind - 32] != _HASH
        or raw[behind : behind + 3] != _NO_HEADER
        or raw[behind + 35 : behind + 37] != _SIGNED
    ):
        return None
    head, least = _SEQS[len(number)]
    seq = int.from_bytes(number[len(head) :], "big")
    prev, keys = raw[behind - 66 : behind - 34], raw[behind - 32 : behind]
    if (
        not number.startswith(head)
        or not least <= seq < (2**53 if head else 24)
        or (seq == 0) != (prev == NOTHING)
        or keys == NOTHING
        or int.from_bytes(raw[behind + 69 :], "little") >= ed25519.L
    ):
        return None
    iss, sub, kid = begun
    return Envelope(
        raw=raw,
        id=record_id(raw),
        iss=iss,
        sub=sub,
        seq=seq,
        prev=prev.hex(),
        keys=keys.hex(),
        kid=kid,
        payload=raw[behind + 3 : behind + 35],
        protected=raw[_AT:behind],
        signature=raw[behind + 37 :],
    )


def _open_any(raw: bytes, where: str) -> Envelope:

    def fail(code: str, why: str) -> Malformed:
        return Malformed(code, where, why)

    if len(raw) > SIZE_LIMIT:
        raise fail("envelope.size", f"an envelope has at most {SIZE_LIMIT} bytes")
    match cbor.decode(raw, where, tag=cbor.SIGN1, other="envelope.form"):
        case [bytes() as protected, dict() as unprotected, bytes() as payload, bytes() as signature]:
            pass
        case _:
            raise fail("envelope.form", "not a COSE_Sign1 with an embedded payload")
    if unprotected:
        raise fail("envelope.unprotected", "the unprotected header is not empty")
    if len(payload) != 32:
        raise fail("envelope.payload", "the payload is not a 32-byte commitment")
    if len(signature) != 64:
        raise fail("envelope.signature", "the signature does not have 64 bytes")
    if int.from_bytes(signature[32:], "little") >= ed25519.L:
        raise fail("envelope.malleable", "the signature's S is not below the group order")
    # A label or a number of another type (1.0 or true for 1) would be equal, and other bytes.
    header = cbor.decode(protected, f"{where}.protected", other="envelope.spelling")
    if not isinstance(header, dict) or set(header) != _LABELS:
        raise fail("envelope.header", "the protected header does not hold exactly the six labels")
    if header[_ALG] not in (_ED25519, _EDDSA):
        raise fail("envelope.alg", f"algorithm {header[_ALG]!r} is not Ed25519")
    if header[_HASH_ALG] != _SHA256 or header[_PREIMAGE] != CONTENT_TYPE:
        raise fail("envelope.hash", "not a SHA-256 hash envelope of a Comity record")
    kid = header[_KID]
    if not isinstance(kid, bytes) or len(kid) != 32:
        raise fail("envelope.kid", "kid is not a 32-byte key thumbprint")
    match header[_CWT]:
        case {1: str() as iss, 2: str() as sub, **rest} if not rest:
            pass
        case _:
            raise fail("envelope.claims", "the CWT claims are not iss and sub")
    if not (iss == "self" or _is_id(iss)) or not _is_id(sub):
        raise fail("envelope.claims", "iss or sub is not an id")
    match header[CHAIN]:
        case [1, int() as seq, bytes() as prev, bytes() as keys]:
            pass
        case _:
            raise fail("envelope.chain", "the chain label is not [1, seq, prev, keys]")
    if not 0 <= seq < 2**53 or len(prev) != 32 or len(keys) != 32:
        raise fail("envelope.chain", "seq, prev or keys is out of range")
    if (seq == 0) != (prev == NOTHING):
        raise fail("envelope.chain", "prev is zero exactly where seq is 0")
    if (iss == "self") != (keys == NOTHING):
        raise fail("envelope.chain", "only a card names no earlier key record")
    if iss != "self":
        if len(_begun) >= _BEGUN_KEPT:
            _begun.clear()
        _begun[protected[:_BEGIN]] = iss, sub, kid
    return Envelope(
        raw=raw,
        id=record_id(raw),
        iss=iss,
        sub=sub,
        seq=seq,
        prev=prev.hex(),
        keys=keys.hex(),
        kid=kid,
        payload=payload,
        protected=protected,
        signature=signature,
    )


def verify_envelope(envelope: Envelope, key: bytes, where: str = "envelope") -> None:
    """Return only if ``key`` (32 raw bytes) signed this envelope and kid names it; else ``NotVerified``."""
    ed25519.verify(key, envelope.signature, _to_sign(envelope.protected, envelope.payload), where)
    if envelope.kid != ed25519.thumbprint(key):
        raise _other_kid(where)


def verify_each(
    signed: Sequence[tuple[Envelope, bytes]], where: str = "envelope"
) -> list[NotVerified | None]:
    """What ``verify_envelope`` raises for each envelope and key, None where it returns; see ``ed25519``."""
    outcomes = ed25519.verify_each(
        [(key, one.signature, _to_sign(one.protected, one.payload)) for one, key in signed], where
    )
    for at, (envelope, key) in enumerate(signed):
        if outcomes[at] is None and envelope.kid != ed25519.thumbprint(key):
            outcomes[at] = _other_kid(where)
    return outcomes


def _other_kid(where: str) -> NotVerified:
    return NotVerified("envelope.kid", where, "kid is not the thumbprint of the signing key")


def _is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None
