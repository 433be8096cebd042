"""Kinds about how parties conduct themselves: two histories by one hand, and attempts to deliver.

Both carry their proof as bytes, so that whoever holds one such record needs nothing else to check it.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from comity.records.wire import Hex32, Id, Name, Value

Blob = Annotated[str, Meta(pattern=r"\A([0-9a-f]{2})+\Z", max_length=262_140)]
"""Bytes in hex: a bundle, an envelope, a signed note."""


class Prove(Value, frozen=True):
    """``equivocation.prove``: a party signed two things that exclude each other; both are here, and its card.

    ``chain``: two envelopes of one (iss, sub, seq). ``ledger``: two checkpoints of one ledger, of one size,
    or of two with the ``root`` that the larger one's tree has at the smaller size, and the consistency
    ``proof`` between them. ``keys`` are the key records up to those that the envelopes name; ``home`` are
    those of a guest's ledger.
    """

    kind: ClassVar[str] = "equivocation.prove"
    introduced: ClassVar[int] = 2
    party: Id
    of: Literal["chain", "ledger"]
    card: Blob
    first: Blob
    second: Blob
    keys: tuple[Blob, ...] = ()
    home: tuple[Blob, ...] = ()
    root: Hex32 = ""
    proof: Annotated[tuple[Hex32, ...], Meta(max_length=63)] = ()


class Attempt(Value, frozen=True):
    """``delivery.attempt``: a courier tried to hand a sealed notice to its addressee; how that ended.

    ``notice`` need not be readable to the courier, so it is no reference. ``card`` is the addressee's, which
    lists the ``address``, or its key records that follow, ``keys``, do; ``sent`` the SHA-256 of the sealed
    bytes. It proves the attempt, not any reading.
    """

    kind: ClassVar[str] = "delivery.attempt"
    introduced: ClassVar[int] = 2
    notice: Id
    to: Id
    card: Blob
    address: Name
    sent: Hex32
    result: Literal["reached", "refused", "no-answer"]
    keys: tuple[Blob, ...] = ()
