"""An assertion and what it is made of: the one checkable sentence that everything else is about.

Claims, responses and amendments state assertions; what follows from one is in ``case/support.py``.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from comity.records.wire import Id, Name, Target, Text, Value


class Named(Value, frozen=True):
    """A party an assertion names: by id, or by words where it has no key yet."""

    name: Name
    party: Id = ""


class Support(Value, frozen=True):
    """What an author rests an assertion on, and the inference that links them (signed, in words)."""

    kind: Literal["finding", "item", "citation"]
    inference: Text
    record: Id = ""
    cite: Text = ""


class LegalElement(Value, frozen=True):
    """A provision and the element of it that the author says the assertion bears on."""

    provision: Name
    element: Name


Proposition = Literal["", "event", "conduct", "infrastructure", "person", "state-link", "breach"]


class Assertion(Value, frozen=True):
    """One checkable sentence. ``stance`` says whether it claims, denies or counter-claims ``against``.

    ``proposition`` is the kind of thing that its author says it states (rules 2), ``standard`` the standard
    of proof that the author declares for that. Neither is ever computed, ranked or compared."""

    text: Text
    level: Literal["tactical", "operational", "strategic"]
    stance: Literal["claims", "denies", "counters"] = "claims"
    against: Target | msgspec.UnsetType = msgspec.UNSET
    about: tuple[Named, ...] = ()
    supports: tuple[Support, ...] = ()
    standard: Name = ""
    proposition: Proposition = ""
    law: tuple[LegalElement, ...] = ()
