"""What every value on the wire is made of: its types, its base, and the frame (``spec/03-kinds.md``)."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct

RULES = 2
"""The newest version of the rules. ``case.open`` pins a case's; a record says which one it needs (rule 7)."""

PUBLIC = "public"
NO_CASE = "0" * 64
SELF = "self"

Id = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
Hex32 = Id
# One time form: UTC, whole seconds. Calendar sense is checked in ``bodies.py``.
Time = Annotated[str, Meta(pattern=r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\Z")]
Zone = Annotated[str, Meta(pattern=r"\A[+-][0-9]{2}:[0-9]{2}\Z")]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Text = Annotated[str, Meta(min_length=1, max_length=20_000)]
Count = Annotated[int, Meta(ge=0, lt=2**53)]
# An audience member is a party or the word "public".
Member = Annotated[str, Meta(pattern=r"\A([0-9a-f]{64}|public)\Z")]
# A reference is a record id, or "t:" and the id of an attestation (which bears on time only).
Reference = Annotated[str, Meta(pattern=r"\A(t:)?[0-9a-f]{64}\Z")]
Marking = Literal["TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"]
Use = Literal["information", "defence", "proceedings"]
Onward = Literal["no", "ask", "yes"]
Level = Literal["rows", "whole"]
Stand = Literal["accepts", "disputes", "disputes-in-part", "cannot-confirm", "needs-evidence", "mitigated"]
Basis = Literal["own-evidence", "reviewed", "trust", "undeclared"]
Scope = Literal["whole", "rows"]
Outcome = Literal["same", "shown-rows-match", "different", "not-possible"]
# Rows as sorted, disjoint, non-adjacent [first, count] pairs; row 1 is an item's first row.
Range = tuple[Annotated[int, Meta(ge=1, lt=2**53)], Annotated[int, Meta(ge=1, lt=2**53)]]
Ranges = tuple[Range, ...]


_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Value(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """Base of every value on the wire: immutable, no unknown fields, unset fields absent.

    ``introduced`` is the first version of the rules that knows a kind.
    """

    introduced: ClassVar[int] = 1


class Frame(Value, frozen=True):
    """The part of a body that rules may read of any record: ids and enumerations, no free text.

    ``author`` is the party id (``self`` in a party's card); ``seen`` names the newest record of each other
    author that this author held (never transitive, see ``spec/05-rules.md``); ``references`` what the
    record is about; ``at`` is the author's own clock and decides nothing.
    """

    kind: str
    author: Annotated[str, Meta(pattern=r"\A([0-9a-f]{64}|self)\Z")]
    case: Id
    at: Time
    marking: Marking
    audience: tuple[Member, ...]
    rules: Annotated[int, Meta(ge=1, le=2)]
    seen: tuple[Id, ...] = ()
    references: tuple[Reference, ...] = ()


class Target(Value, frozen=True):
    """One assertion: the record that states it and its number there, from 0."""

    record: Id
    n: Annotated[int, Meta(ge=0, le=999)]


def ranges_of(rows: list[int] | tuple[int, ...]) -> Ranges:
    """Sorted distinct row numbers as [first, count] pairs."""
    out: list[tuple[int, int]] = []
    for row in sorted(set(rows)):
        if out and out[-1][0] + out[-1][1] == row:
            out[-1] = (out[-1][0], out[-1][1] + 1)
        else:
            out.append((row, 1))
    return tuple(out)


def rows_of(ranges: Ranges) -> list[int]:
    """The row numbers of [first, count] pairs."""
    return [row for first, count in ranges for row in range(first, first + count)]


def has_control(text: str) -> bool:
    """Whether a text holds control characters other than tab and line feed."""
    return _CONTROL.search(text) is not None
