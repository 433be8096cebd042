"""Kinds that move a case along: closing, amending, more time, and taking back a request or an endorsement.

All of them are rules 2. None removes what was said before: each adds a record beside it.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from comity.records.assertions import Assertion
from comity.records.wire import Id, Text, Time, Value


class Close(Value, frozen=True):
    """``case.close``: one party says that it considers the case closed, or takes it up again; blocks nothing.

    ``reopens`` names an earlier closing of its own, exactly where ``outcome`` is ``reopened``; ``moved`` is
    the case in which it goes on, exactly where that is the outcome.
    """

    kind: ClassVar[str] = "case.close"
    introduced: ClassVar[int] = 2
    outcome: Literal["settled", "not-settled", "moved", "reopened"]
    text: Text
    moved: Id = ""
    reopens: Id = ""


class Revision(Value, frozen=True):
    """A new version of assertion ``n`` of the record amended; the old version stays."""

    n: Annotated[int, Meta(ge=0, le=999)]
    assertion: Assertion


class Amend(Value, frozen=True):
    """``claim.amend``: new versions of own assertions, with the reason. What was said of one stays with it.

    A revision states an assertion of its own, numbered by its place in ``revisions`` from 0.
    """

    kind: ClassVar[str] = "claim.amend"
    introduced: ClassVar[int] = 2
    target: Id
    revisions: Annotated[tuple[Revision, ...], Meta(min_length=1, max_length=100)]
    reason: Text


class Extend(Value, frozen=True):
    """``request.extend``: more time for a request. Either side proposes an instant, the other one answers.

    An answer names the ``proposal`` (such a record, or a ``request.answer`` that proposed an instant); one
    that accepts repeats its instant.
    """

    kind: ClassVar[str] = "request.extend"
    introduced: ClassVar[int] = 2
    request: Id
    step: Literal["proposes", "accepts", "refuses"]
    due: Time = ""
    proposal: Id = ""
    text: Text = ""


class WithdrawRequest(Value, frozen=True):
    """``request.withdraw``: its author no longer asks. What was answered stays."""

    kind: ClassVar[str] = "request.withdraw"
    introduced: ClassVar[int] = 2
    request: Id
    reason: Text


class WithdrawEndorsement(Value, frozen=True):
    """``endorsement.withdraw``: its author takes an endorsement back. That it was given stays."""

    kind: ClassVar[str] = "endorsement.withdraw"
    introduced: ClassVar[int] = 2
    endorsement: Id
    reason: Text


Procedure = Close | Amend | Extend | WithdrawRequest | WithdrawEndorsement
PROCEDURE: tuple[type[Procedure], ...] = (Close, Amend, Extend, WithdrawRequest, WithdrawEndorsement)
