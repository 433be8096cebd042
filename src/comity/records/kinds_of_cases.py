"""Kinds that open a case and say who takes part in it, and what makes an instant in it proven."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta

from comity.records.wire import Hex32, Id, Member, Name, Value


class Witness(Value, frozen=True):
    """A witness the time policy counts: its party id if it is a party, and its cosignature vkey.

    ``url`` is where one that is no party takes checkpoints (rules 2)."""

    vkey: Name
    party: Id = ""
    url: Name = ""


class Authority(Value, frozen=True):
    """A timestamp authority (RFC 3161) the time policy counts: the SHA-256 of a certificate, in DER, that
    its tokens lead to (an anchor, or the signer's own), and what the opener calls it."""

    certificate: Hex32
    name: Name


class Policy(Value, frozen=True):
    """Which witnesses and authorities, and how many of them, make an instant proven. ``couriers`` are parties
    whose attempts to deliver a notice count in this case, ``approvals`` how many each disclosure bears (rules
    2)."""

    quorum: Annotated[int, Meta(ge=1, le=64)]
    witnesses: tuple[Witness, ...]
    authorities: tuple[Authority, ...] = ()
    couriers: tuple[Id, ...] = ()
    approvals: Annotated[int, Meta(ge=0, le=8)] = 0


class Open(Value, frozen=True):
    """``case.open``: fixes rules version and time policy; ``title`` is the author's own, attributed."""

    kind: ClassVar[str] = "case.open"
    key_hash: Hex32
    date: Annotated[str, Meta(pattern=r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")]
    policy: Policy
    title: Name = ""


class Invite(Value, frozen=True):
    """``case.invite``: brings a party in; the case key travels sealed to its age key."""

    kind: ClassVar[str] = "case.invite"
    to: Id
    sealed_key: Annotated[str, Meta(max_length=4000)] = ""


class Grant(Value, frozen=True):
    """``case.grant``: lets more readers open the grantor's own records (those in ``references``)."""

    kind: ClassVar[str] = "case.grant"
    to: tuple[Member, ...]
