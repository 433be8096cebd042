"""Kinds about who has had an item of evidence, on what terms, and that it is gone.

An item is the (size, root) of its row tree. These records hold no row of it: what they commit to stays
checkable after the item itself was destroyed.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from comity.records.wire import Hex32, Id, Name, Text, Time, Value


class Item(Value, frozen=True):
    """A sealed item: the (size, root) of its row tree; size counts the metadata row."""

    root: Hex32
    size: Annotated[int, Meta(ge=1, lt=2**53)]


class Custody(Value, frozen=True):
    """How the item came to be held, as far as declared. Collectors and custodians are offices, not people.

    From ``what`` on the fields came with rules 2. ``what`` it is; ``location`` of the source system;
    ``version`` and ``config`` (a digest) of the tool; ``offset`` of the source's clock in seconds, behind UTC
    below zero, and ``offset_by``, who says so; ``changes`` that collecting caused, and why; ``copy``;
    ``custodian``, ``storage`` and ``container`` (the number on its physical seal); ``licence``;
    ``retention``, until when it is kept and why; ``address`` of online material.
    """

    by: Name = ""
    system: Name = ""
    method: Literal["", "live", "dead", "remote", "export"] = ""
    tool: Name = ""
    authority: Name = ""
    began: Time = ""
    ended: Time = ""
    what: Name = ""
    location: Name = ""
    version: Name = ""
    config: Hex32 = ""
    offset: Annotated[int, Meta(ge=-(2**31), lt=2**31)] = 0
    offset_by: Name = ""
    changes: Text = ""
    copy: Literal["", "evidentiary", "working"] = ""
    custodian: Name = ""
    storage: Name = ""
    container: Name = ""
    licence: Name = ""
    retention: Name = ""
    address: Text = ""

    @property
    def needs_rules_2(self) -> bool:
        """Whether a field stands that readers of the first rules do not know."""
        return any(getattr(self, name) for name in _LATER)


_LATER = Custody.__struct_fields__[Custody.__struct_fields__.index("what") :]


class Transfer(Value, frozen=True):
    """``evidence.transfer``: its author hands an item over to ``to``. Reference: a seal of the item.

    One half; the other is the receiver's ``evidence.receive``.
    """

    kind: ClassVar[str] = "evidence.transfer"
    introduced: ClassVar[int] = 2
    item: Item
    to: Id
    copy: Literal["evidentiary", "working"]
    purpose: Text
    means: Name = ""
    container: Name = ""


class Receive(Value, frozen=True):
    """``evidence.receive``: the receiver's half of a transfer, with what it found. Reference: the transfer.

    ``checked`` says how it knows that this is the item: it recomputed the root, compared a digest of the
    file, looked at the container's seal, or nothing.
    """

    kind: ClassVar[str] = "evidence.receive"
    introduced: ClassVar[int] = 2
    transfer: Id
    item: Item
    condition: Literal["intact", "damaged", "not-accepted"]
    checked: Literal["root", "digest", "container", "nothing"]
    text: Text = ""


class Hold(Value, frozen=True):
    """``evidence.hold``: its author keeps an item from being erased, or lets it go. Reference: a seal."""

    kind: ClassVar[str] = "evidence.hold"
    introduced: ClassVar[int] = 2
    item: Item
    state: Literal["held", "released"]
    basis: Text


class Erase(Value, frozen=True):
    """``evidence.erase``: bytes, salts and key of an item are destroyed. Reference: a seal of it.

    ``own``: its author's copies. ``all``: its author sealed it, and those who hold copies destroy theirs too.
    The seal stays, and with it what was proven against it.
    """

    kind: ClassVar[str] = "evidence.erase"
    introduced: ClassVar[int] = 2
    item: Item
    copies: Literal["own", "all"]
    basis: Text


class EraseRecord(Value, frozen=True):
    """``record.erase``: content and salt of an earlier record of its author are destroyed.

    No reference: the content is gone, so nothing could be judged by it. Envelope, frame and the content's
    commitment stay.
    """

    kind: ClassVar[str] = "record.erase"
    introduced: ClassVar[int] = 2
    record: Id
    basis: Text
