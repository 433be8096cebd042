"""Kinds about private matching (rules 2): what two parties share, without either showing its list.

Lists, questions and answers travel as packages beside these records, to the two parties only; the case sees
how many there were, what they hash to, and the proof. The function is VOPRF of RFC 9497."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from comity.records.wire import Count, Hex32, Id, Name, Text, Use, Value

Kind = Literal["ip", "domain", "hash", "email"]
Some = Annotated[int, Meta(ge=1, lt=2**53)]
# Elements under one proof are numbered in two bytes.
Batch = Annotated[int, Meta(ge=1, le=65_535)]
Proof = Annotated[str, Meta(pattern=r"\A[0-9a-f]{128}\Z")]


class Offer(Value, frozen=True):
    """``match.offer``: a committed list that the parties in ``to`` may ask against. ``count`` is at least the
    number of indicators (padding hides how many); ``key`` the public key, new for each version of a list.
    Each of ``to`` may ask ``quota`` indicators over all versions of the list. References: the offer that it
    ``replaces``, and the seals that the indicators were taken from, where the author names them."""

    kind: ClassVar[str] = "match.offer"
    introduced: ClassVar[int] = 2
    list: Name
    version: Some
    types: Annotated[tuple[Kind, ...], Meta(min_length=1)]
    suite: Literal["ristretto255-SHA512"]
    key: Hex32
    count: Some
    root: Hex32
    package: Hex32
    bytes: Some
    to: Annotated[tuple[Id, ...], Meta(min_length=1)]
    quota: Some
    use: Use
    purpose: Text
    replaces: Id = ""


class Ask(Value, frozen=True):
    """``match.ask``: blinded indicators, which say nothing of what they are. Reference: the offer."""

    kind: ClassVar[str] = "match.ask"
    introduced: ClassVar[int] = 2
    offer: Id
    count: Batch
    root: Hex32
    package: Hex32
    bytes: Some
    purpose: Text


class Matched(Value, frozen=True):
    """``match.answer``: the elements evaluated under the offer's key, with the proof of that; or why not.
    ``used`` is how many this party has had answered by then, over all versions of the list. Reference: the
    question."""

    kind: ClassVar[str] = "match.answer"
    introduced: ClassVar[int] = 2
    ask: Id
    outcome: Literal["answered", "refused"]
    used: Count
    root: Hex32 = ""
    package: Hex32 = ""
    bytes: Count = 0
    proof: Proof = ""
    ground: Literal["", "quota", "superseded", "form", "other"] = ""
    text: Text = ""
