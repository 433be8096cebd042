"""Who signed: what a reader knows from elsewhere, against the cards here (``spec/12-dossier.md`` §6).

A dossier proves that one holder of keys said all that a party id says. That this party is the office its
card names is not in the dossier: it comes from a *trust file*, made of fingerprints got by another way.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from comity.errors import Malformed
from comity.records import ed25519
from comity.records.parties import Party

CONFIRMED, NOT_CONFIRMED, CONTRADICTED = "confirmed", "not confirmed", "contradicted"
_HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trusted:
    """One line of a trust file: a party id or key fingerprint (64 hex digits), and whose it is."""

    fingerprint: str
    name: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What is known of one party. ``name`` is its card's; ``code`` is set where the trust file contradicts:
    ``identity.name`` (the id is known under another name), ``identity.key`` (the name under another id)."""

    party: str
    name: str
    result: str
    code: str = ""
    why: str = ""


def parse_trust(text: str, where: str = "trust") -> tuple[Trusted, ...]:
    """The lines ``<party id or key fingerprint> <name>`` of a trust file.

    A fingerprint is 64 hex digits of either case, in groups by ``:`` or not; the name is the rest of the
    line. Empty lines and lines that begin with ``#`` say nothing. ``Malformed`` (``trust.line``,
    ``trust.duplicate``).
    """
    found: list[Trusted] = []
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        word, _, name = line.strip().partition(" ")
        fingerprint = word.replace(":", "").lower()
        if len(fingerprint) != 64 or not _HEX.issuperset(fingerprint) or not name.strip():
            why = "not a fingerprint of 64 hex digits, a space, and a name"
            raise Malformed("trust.line", f"{where}:{number}", why)
        if any(entry.fingerprint == fingerprint for entry in found):
            raise Malformed("trust.duplicate", f"{where}:{number}", "this fingerprint stands here twice")
        found.append(Trusted(fingerprint=fingerprint, name=name.strip(), line=number))
    return tuple(found)


def judge_identities(parties: Mapping[str, Party], trust: Sequence[Trusted] | None) -> tuple[Identity, ...]:
    """Each party against the trust file, by id; without one, nobody is confirmed."""
    return tuple(_judge(parties[iss], trust or ()) for iss in sorted(parties))


def _judge(party: Party, trust: Sequence[Trusted]) -> Identity:
    name = party.card.name
    marks = {party.id, *(ed25519.thumbprint(key.key).hex() for key in party.keys)}
    by_key = next((entry for entry in trust if entry.fingerprint in marks), None)
    if by_key is not None:
        if _plain(by_key.name) == _plain(name):
            return Identity(party=party.id, name=name, result=CONFIRMED)
        why = f"line {by_key.line} of the trust file knows this key as {by_key.name!r}"
        return Identity(party=party.id, name=name, result=CONTRADICTED, code="identity.name", why=why)
    by_name = next((entry for entry in trust if _plain(entry.name) == _plain(name)), None)
    if by_name is not None:
        why = f"line {by_name.line} of the trust file knows another key by this name"
        return Identity(party=party.id, name=name, result=CONTRADICTED, code="identity.key", why=why)
    return Identity(party=party.id, name=name, result=NOT_CONFIRMED)


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
