"""Kinds of consultation on a text: an initiative in clauses, suggestions, positions, what became of each.

All of them are rules 2. Nothing is put to a vote: positions are listed, each with its reasons.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from comity.records.assertions import Support
from comity.records.kinds_of_statements import Language
from comity.records.wire import Id, Name, Text, Time, Value

ClauseId = Annotated[str, Meta(pattern=r"\A[a-z0-9]{1,16}(\.[a-z0-9]{1,16}){0,4}\Z")]
"""The name of a clause, for as long as the initiative lives: ``3``, ``3.a``."""


class Clause(Value, frozen=True):
    """One clause: its id stays when its number, place or text changes."""

    id: ClauseId
    text: Text
    heading: Name = ""


class Table(Value, frozen=True):
    """``initiative.table``: a text put to others, in clauses; a later version, or a translation.

    ``before`` is the version that this one follows; ``retired`` the ids of all clauses that earlier versions
    had and this one has not. ``translates`` is the version in the language that is authentic, and then this
    text has no say of its own. ``parties`` are asked for their views, by ``due``.
    """

    kind: ClassVar[str] = "initiative.table"
    introduced: ClassVar[int] = 2
    title: Name
    clauses: Annotated[tuple[Clause, ...], Meta(min_length=1, max_length=1000)]
    language: Language = "en"
    before: Id = ""
    retired: Annotated[tuple[ClauseId, ...], Meta(max_length=5000)] = ()
    translates: Id = ""
    parties: Annotated[tuple[Id, ...], Meta(max_length=200)] = ()
    due: Time = ""
    text: Text = ""


class Suggest(Value, frozen=True):
    """``suggestion.make``: ``old``, which stands once in the clause, becomes ``new``; with the reason.

    With ``adds`` a clause of that id is added behind ``clause``, with the text ``new``.
    """

    kind: ClassVar[str] = "suggestion.make"
    introduced: ClassVar[int] = 2
    initiative: Id
    clause: ClauseId
    reason: Text
    old: Text = ""
    new: Text = ""
    adds: ClauseId = ""
    supports: tuple[Support, ...] = ()


class TakePosition(Value, frozen=True):
    """``suggestion.position``: a party's position on a suggestion; a later one takes its place, both stay."""

    kind: ClassVar[str] = "suggestion.position"
    introduced: ClassVar[int] = 2
    suggestion: Id
    position: Literal["supports", "objects", "reserves", "no-view"]
    reasons: Text = ""
    supports: tuple[Support, ...] = ()


class Dispose(Value, frozen=True):
    """``suggestion.dispose``: what became of a suggestion, with the reason; by whoever tabled the initiative.

    ``version`` is the version that takes it up, where one is tabled.
    """

    kind: ClassVar[str] = "suggestion.dispose"
    introduced: ClassVar[int] = 2
    suggestion: Id
    outcome: Literal["adopted", "adopted-in-part", "declined", "deferred"]
    reason: Text
    version: Id = ""


Consultation = Table | Suggest | TakePosition | Dispose
CONSULTATION: tuple[type[Consultation], ...] = (Table, Suggest, TakePosition, Dispose)
