"""Kinds of acting together: what one party proposes to others, what they undertake, and what was done.

All of them are rules 2. To accept an action admits nothing of what it is about.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from comity.records.assertions import Support
from comity.records.wire import Id, Name, Onward, Target, Text, Time, Value


class Indicator(Value, frozen=True):
    """Something to look for, released for defence: its type in the words of its source (a STIX object path
    such as ``domain-name:value``), its value, and whether it may be passed on."""

    type: Name
    value: Text
    onward: Onward = "no"


class Propose(Value, frozen=True):
    """``action.propose``: asks parties to do something against harm. ``risks`` says what it may do to others.

    Indicators are for defence only, whatever else their readers may do with the record.
    """

    kind: ClassVar[str] = "action.propose"
    introduced: ClassVar[int] = 2
    to: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=200)]
    type: Literal["mitigate", "block", "takedown", "warn", "watch", "restore"]
    text: Text
    risks: Text = ""
    due: Time = ""
    about: Target | msgspec.UnsetType = msgspec.UNSET
    items: Annotated[tuple[Id, ...], Meta(max_length=200)] = ()
    indicators: Annotated[tuple[Indicator, ...], Meta(max_length=20_000)] = ()


class Accept(Value, frozen=True):
    """``action.accept``: who was asked undertakes an action or a part of it, or declines on a ground."""

    kind: ClassVar[str] = "action.accept"
    introduced: ClassVar[int] = 2
    action: Id
    answer: Literal["accepts", "accepts-in-part", "declines"]
    text: Text = ""
    ground: Name = ""
    due: Time = ""


class ReportAction(Value, frozen=True):
    """``action.report``: what was done, as its author says and as far as it shows it."""

    kind: ClassVar[str] = "action.report"
    introduced: ClassVar[int] = 2
    action: Id
    status: Literal["under-way", "done", "done-in-part", "failed", "stopped"]
    text: Text = ""
    done: Time = ""
    supports: tuple[Support, ...] = ()


Action = Propose | Accept | ReportAction
ACTIONS: tuple[type[Action], ...] = (Propose, Accept, ReportAction)
