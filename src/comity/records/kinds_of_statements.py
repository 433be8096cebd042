"""Kinds of what a party says to everybody: statements in versions, by one or several, and their corrections.

All of them are rules 2. A sentence may be tied to assertions, so that a reader finds what stands behind it.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from comity.records.assertions import Support
from comity.records.wire import Basis, Id, Name, Target, Text, Value

Language = Annotated[str, Meta(pattern=r"\A[a-z]{2,3}\Z")]
"""A language as its ISO 639 code."""


class Sentence(Value, frozen=True):
    """One sentence, and the assertions that it rests on (none: tied to nothing)."""

    text: Text
    assertions: Annotated[tuple[Target, ...], Meta(max_length=100)] = ()


class Announce(Value, frozen=True):
    """``statement.publish``: a text, sentence by sentence; a draft for others to join, or final.

    ``before`` is the version that this one follows; ``parties`` are asked to join a joint statement.
    ``without_notice`` is the author's reason, where a party that it names was not told before.
    """

    kind: ClassVar[str] = "statement.publish"
    introduced: ClassVar[int] = 2
    title: Name
    status: Literal["draft", "final"]
    sentences: Annotated[tuple[Sentence, ...], Meta(min_length=1, max_length=1000)]
    language: Language = "en"
    before: Id = ""
    parties: Annotated[tuple[Id, ...], Meta(max_length=200)] = ()
    without_notice: Text = ""


class Reservation(Value, frozen=True):
    """What a party does not join: sentence ``n``, and why."""

    n: Annotated[int, Meta(ge=0, le=999)]
    text: Text


class Join(Value, frozen=True):
    """``statement.join``: a party joins one version of a joint statement, on its own basis, or declines to.

    ``text`` is the reason of one that declines.
    """

    kind: ClassVar[str] = "statement.join"
    introduced: ClassVar[int] = 2
    statement: Id
    answer: Literal["joins", "declines"]
    basis: Basis = "undeclared"
    supports: tuple[Support, ...] = ()
    reservations: Annotated[tuple[Reservation, ...], Meta(max_length=1000)] = ()
    text: Text = ""


class Correction(Value, frozen=True):
    """Sentence ``n`` as it now reads; without ``text`` it is taken back."""

    n: Annotated[int, Meta(ge=0, le=999)]
    text: Text = ""


class Correct(Value, frozen=True):
    """``statement.correct``: its author corrects sentences of a statement, and says why. Both texts stay."""

    kind: ClassVar[str] = "statement.correct"
    introduced: ClassVar[int] = 2
    statement: Id
    corrections: Annotated[tuple[Correction, ...], Meta(min_length=1, max_length=1000)]
    reason: Text


Statement = Announce | Join | Correct
STATEMENTS: tuple[type[Statement], ...] = (Announce, Join, Correct)
