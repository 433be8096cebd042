"""Who signed: what a reader knows from elsewhere, against the cards here (``spec/12-dossier.md`` §6).

A dossier proves that one holder of keys said all that a party id says. That this party is the office its
card names is not in the dossier: it comes from a *trust file*, made of fingerprints got by another way.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from comity.errors import ComityError, Malformed, Unavailable
from comity.records import ed25519
from comity.records.kinds import Bind
from comity.records.parties import Party, binding_text, keys_of

CheckBinding = Callable[[str, Bind], None]
"""Returns only if a binding holds for this text; raises a ``ComityError`` otherwise."""

CONFIRMED, NOT_CONFIRMED, CONTRADICTED = "confirmed", "not confirmed", "contradicted"
_HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trusted:
    """One line of a trust file: a party id or a key fingerprint (64 hex digits, or 40 of an OpenPGP key of
    version 4), and whose it is."""

    fingerprint: str
    name: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What is known of one party. ``name`` is its card's; ``code`` is set where the trust file contradicts:
    ``identity.name`` (the id is known under another name), ``identity.key`` (the name under another id); or
    where a binding to a key that the trust file knows does not hold: the code of that error.
    ``by`` is the OpenPGP fingerprint by which it was confirmed, if it was so."""

    party: str
    name: str
    result: str
    code: str = ""
    why: str = ""
    by: str = ""


def parse_trust(text: str, where: str = "trust") -> tuple[Trusted, ...]:
    """The lines ``<party id or key fingerprint> <name>`` of a trust file.

    A fingerprint is 64 (or 40) hex digits of either case, in groups by ``:`` or not; the name is the rest of
    the line. Empty lines and lines that begin with ``#`` say nothing. ``Malformed`` (``trust.line``,
    ``trust.duplicate``).
    """
    found: list[Trusted] = []
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        word, _, name = line.strip().partition(" ")
        fingerprint = word.replace(":", "").lower()
        if len(fingerprint) not in (40, 64) or not _HEX.issuperset(fingerprint) or not name.strip():
            why = "not a fingerprint of 64 or 40 hex digits, a space, and a name"
            raise Malformed("trust.line", f"{where}:{number}", why)
        if any(entry.fingerprint == fingerprint for entry in found):
            raise Malformed("trust.duplicate", f"{where}:{number}", "this fingerprint stands here twice")
        found.append(Trusted(fingerprint=fingerprint, name=name.strip(), line=number))
    return tuple(found)


def judge_identities(
    parties: Mapping[str, Party], trust: Sequence[Trusted] | None, check: CheckBinding | None = None
) -> tuple[Identity, ...]:
    """Each party against the trust file, by id; without one, nobody is confirmed.

    ``check`` checks a binding to an OpenPGP key; it is asked only of keys that the trust file names.
    """
    return tuple(_judge(parties[iss], trust or (), check) for iss in sorted(parties))


def _judge(party: Party, trust: Sequence[Trusted], check: CheckBinding | None) -> Identity:
    name = party.card.name
    marks = {party.id: ""}
    marks |= {ed25519.thumbprint(key).hex(): "" for key, _ in keys_of(party, "statement")}
    listed = {entry.fingerprint for entry in trust}
    failed: ComityError | None = None
    for fingerprint, binding in {b.fingerprint: b for b in party.bindings}.items():
        if fingerprint in listed:
            try:
                (check or _cannot_check)(binding_text(party), binding)
                marks[fingerprint] = fingerprint
            except ComityError as error:
                failed = error
    by_key = next((entry for entry in trust if entry.fingerprint in marks), None)
    if by_key is not None:
        if _plain(by_key.name) == _plain(name):
            by = marks[by_key.fingerprint]
            return Identity(party=party.id, name=name, result=CONFIRMED, by=by)
        why = f"line {by_key.line} of the trust file knows this key as {by_key.name!r}"
        return Identity(party=party.id, name=name, result=CONTRADICTED, code="identity.name", why=why)
    if failed is not None:
        why = f"its binding to an OpenPGP key is not shown to hold: {failed.why}"
        return Identity(party=party.id, name=name, result=NOT_CONFIRMED, code=failed.code, why=why)
    by_name = next((entry for entry in trust if _plain(entry.name) == _plain(name)), None)
    if by_name is not None:
        why = f"line {by_name.line} of the trust file knows another key by this name"
        return Identity(party=party.id, name=name, result=CONTRADICTED, code="identity.key", why=why)
    return Identity(party=party.id, name=name, result=NOT_CONFIRMED)


def _cannot_check(_: str, binding: Bind) -> None:
    raise Unavailable("identity.unchecked", binding.fingerprint, "OpenPGP keys are not checked here")


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
