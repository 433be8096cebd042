"""What a party says of itself: its card, its keys, and what binds them (``spec/04-parties.md``).

These kinds are public and stand outside every case, in the one chain of a party's key records.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from comity.records.wire import Count, Hex32, Id, Name, Text, Value

Purpose = Literal["statement", "receipt", "checkpoint", "witness"]
"""What a signing key is for; no key serves two purposes."""

PURPOSES: tuple[Purpose, ...] = ("statement", "receipt", "checkpoint", "witness")

Signature = Annotated[str, Meta(pattern=r"\A[0-9a-f]{128}\Z")]
AgeRecipient = Annotated[str, Meta(pattern=r"\Aage1[02-9ac-hj-np-z]{58}\Z")]
Fingerprint = Annotated[str, Meta(pattern=r"\A([0-9a-f]{40}|[0-9a-f]{64})\Z")]


class Contact(Value, frozen=True):
    """A way to reach an office: kind and address, as the party itself states them.

    The address of a ``courier`` is the id of a party whose attempts to deliver count (rule 28)."""

    kind: Literal["mail", "web", "phone", "node", "courier"]
    address: Name


class Keys(Value, frozen=True):
    """Public keys by purpose. Ed25519 keys are raw hex; ``age`` is an age recipient."""

    statement: Hex32
    receipt: Hex32
    checkpoint: Name
    witness: Name
    age: Name


class Card(Value, frozen=True):
    """``party.card``: who signs here. A guest has only a statement key and names its home ledger.

    ``recovery`` is the public half of a key kept offline: it alone signs ``party.revoke``.
    """

    kind: ClassVar[str] = "party.card"
    name: Name
    statement: Hex32
    contacts: tuple[Contact, ...] = ()
    home: Id = ""
    receipt: Hex32 = ""
    checkpoint: Name = ""
    witness: Name = ""
    age: Name = ""
    recovery: Hex32 = ""


class Taken(Value, frozen=True):
    """A new key for a purpose, and its own signature over what it takes up (``spec/04-parties.md`` §3)."""

    purpose: Purpose
    key: Hex32
    proof: Signature


class Rotate(Value, frozen=True):
    """``party.rotate``: new keys, signed by the statement key before (the envelope) and by each new one.

    Under rules 1 a new statement key, with ``proof``. Under rules 2 also keys for other purposes,
    ``taken``, with or without a statement key.
    """

    kind: ClassVar[str] = "party.rotate"
    statement: Hex32 = ""
    proof: Signature = ""
    reason: Text = ""
    taken: Annotated[tuple[Taken, ...], Meta(max_length=4)] = ()


class Revoke(Value, frozen=True):
    """``party.revoke``: what this key signed at or after a leaf index is suspect. Signed by the recovery key.

    ``key`` is the raw public key that the party used for ``purpose``; ``suspect_from`` an index in the
    ledger that registers the party. ``taken`` are the keys that take its place, if any.
    """

    kind: ClassVar[str] = "party.revoke"
    introduced: ClassVar[int] = 2
    purpose: Purpose
    key: Hex32
    suspect_from: Count
    reason: Text = ""
    taken: Annotated[tuple[Taken, ...], Meta(max_length=4)] = ()


class Reach(Value, frozen=True):
    """``party.contact``: the contacts of this party from here on, all of them; its card's no longer count."""

    kind: ClassVar[str] = "party.contact"
    introduced: ClassVar[int] = 2
    contacts: Annotated[tuple[Contact, ...], Meta(max_length=50)] = ()
    reason: Text = ""


class Recipient(Value, frozen=True):
    """``party.recipient``: what is for this party's eyes is sealed to this age recipient from here on.

    The one before it, the card's at first, is kept by the party for reading what was sealed to it.
    """

    kind: ClassVar[str] = "party.recipient"
    introduced: ClassVar[int] = 2
    age: AgeRecipient
    reason: Text = ""


class Bind(Value, frozen=True):
    """``party.bind``: a published OpenPGP key of this office signed the id of this party.

    ``signature`` is a detached signature, ``certificate`` the certificate it verifies under (RFC 9580, both
    ASCII-armoured), ``fingerprint`` that of its primary key. It says who, never that anything is intact.
    """

    kind: ClassVar[str] = "party.bind"
    introduced: ClassVar[int] = 2
    scheme: Literal["openpgp"]
    fingerprint: Fingerprint
    signature: Text
    certificate: Text
