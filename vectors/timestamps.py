"""Attestations with timestamp tokens, honest and not, by authorities of invention."""

from __future__ import annotations

from typing import Any

import cbor2

from comity.case.verified import stamped_imprint
from comity.ledger import der, note
from tests import world as w
from tests.authority import (
    USAGE,
    accuracy_of,
    attribute,
    attributes_of,
    authority,
    certify,
    info_of,
    sign_token,
)
from vectors.story import STORY, A

CLOCK = authority("Invented Time")
SIGNER, ISSUER, ROOT = CLOCK.chain
CLOCK_KEY = "Invented Time signer"
STAMPED_AT = "20310301080000Z"


def _stamped(*tokens: tuple[bytes, list[bytes]]) -> bytes:
    """The story's attestation with these tokens beside it, in the order given."""
    _, text, rows = cbor2.loads(STORY.attestations[0].value.raw)
    return cbor2.dumps([2, text, [list(t) for t in tokens], rows], canonical=True)


def _imprint() -> bytes:
    _, text, _ = cbor2.loads(STORY.attestations[0].value.raw)
    return stamped_imprint(text, note.Vkey.parse(A.party.card.checkpoint))


def _token(info: bytes = b"", certificate: bytes = SIGNER, key: str = CLOCK_KEY, **how: Any) -> bytes:
    return sign_token(info or info_of(_imprint(), STAMPED_AT), certificate, key, **how)


def stamped_accepted() -> dict[str, bytes]:
    """Attestations with tokens that hold, by name."""
    chain = list(CLOCK.chain)
    exact = _token(info_of(_imprint(), "20310301080000.25Z", accuracy=accuracy_of(0, 500), nonce=7))
    other = authority("Invented Dial")
    both = sorted([(_token(), chain), (other.stamp(_imprint(), w.START), list(other.chain))])
    return {
        "with a timestamp": _stamped((_token(), chain)),
        "with a timestamp to the half second": _stamped((exact, chain)),
        "with a path that ends below the root": _stamped((_token(), chain[:2])),
        "with the signer's certificate alone": _stamped((_token(), chain[:1])),
        "with timestamps by two authorities": _stamped(*both),
    }


def stamped_refused() -> dict[str, bytes]:
    """Attestations with tokens, or paths, that do not hold, by name."""
    chain = list(CLOCK.chain)
    good = _token()
    names = ("Invented Time signer", "Invented Time issuer", "Invented Time root")
    info = info_of(_imprint(), STAMPED_AT)
    said = attributes_of(info, SIGNER)
    plain = certify(names[0], names[1])
    expired = certify(names[0], names[1], usage=USAGE, days=30)
    no_issuer = certify(names[1], names[2], ca=False)
    flipped = good[:-1] + bytes([good[-1] ^ 1])
    unsigned = der.write_element(0xA1, attribute(der.write_oid("1.2.3"), der.write_element(der.NULL)))
    cases: dict[str, tuple[bytes, list[bytes]]] = {
        "a timestamp over something else": (_token(info_of(bytes(32), STAMPED_AT)), chain),
        "a timestamp with a flipped bit": (flipped, chain),
        "a timestamp signed by another": (_token(key="somebody"), chain),
        "a timestamp by an expired certificate": (_token(certificate=expired), [expired, *chain[1:]]),
        "a timestamp before its certificate": (_token(info_of(_imprint(), "20291231235959Z")), chain),
        "a timestamp by a certificate for anything": (_token(certificate=plain), [plain, *chain[1:]]),
        "a timestamp that names no certificate": (_token(attributes=said[:2]), chain),
        "a timestamp that names another certificate": (
            _token(attributes=attributes_of(info, ISSUER)),
            chain,
        ),
        "a timestamp with certificates inside": (_token(inside=[SIGNER]), chain),
        "a timestamp with unsigned attributes": (_token(tail=unsigned), chain),
        "a timestamp by two signers": (_token(signers=2), chain),
        "a timestamp of another accuracy form": (
            _token(info_of(_imprint(), STAMPED_AT, accuracy=accuracy_of(0, 1000))),
            chain,
        ),
        "a timestamp in an open length": (b"\x30\x80" + good[4:] + b"\0\0", chain),
        "a path with a gap": (good, [SIGNER, ROOT]),
        "a path by an issuer that may not": (good, [SIGNER, no_issuer, ROOT]),
        "a path with a certificate more": (good, [*chain, ISSUER]),
        "no path": (good, []),
    }
    found = {name: _stamped(case) for name, case in cases.items()}
    found["no timestamp in the form for some"] = _stamped()
    found["a timestamp twice"] = _stamped((good, chain), (good, chain))
    return found
