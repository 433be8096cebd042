"""Kinds that say which rules matched which rows of an item, and how a run by another compares."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from comity.records.kinds_of_custody import Item
from comity.records.wire import Hex32, Id, Name, Outcome, Ranges, Scope, Text, Time, Value, Zone


class Rule(Value, frozen=True):
    """A rule as run: the digest and exact text of its source, so that anyone can run it again."""

    digest: Hex32
    name: Name
    source: Annotated[str, Meta(max_length=200_000)]


class Parameters(Value, frozen=True):
    """What a run was told beside rules and rows: the item's time zone and a window of UTC instants."""

    zone: Zone = ""
    since: Time = ""
    until: Time = ""


class Match(Value, frozen=True):
    """The rows that one rule matched."""

    rule: Hex32
    rows: Ranges


class Report(Value, frozen=True):
    """``finding.report``: these rules over this item match these rows. Reference: the seal."""

    kind: ClassVar[str] = "finding.report"
    item: Item
    rules: tuple[Rule, ...]
    pack: Hex32
    semantics: Name
    inputs: Hex32
    matches: tuple[Match, ...]
    result: Hex32
    engine: Name
    parameters: Parameters = Parameters()
    logsource: tuple[tuple[Name, Name], ...] = ()


class Replicate(Value, frozen=True):
    """``finding.replicate``: its author ran a finding again. Reference: the finding.

    ``rows`` are the rows that were run in scope ``rows``, ``left_out`` the rules whose verdict on them needs
    others, ``item`` the author's own item where it ran over that (all three with rules 2)."""

    kind: ClassVar[str] = "finding.replicate"
    finding: Id
    scope: Scope
    verdict: Outcome
    inputs: Hex32
    result: Hex32
    engine: Name
    parameters: Parameters = Parameters()
    cause: Literal["", "identity", "parameters", "evidence", "engine"] = ""
    part: Name = ""
    note: Text = ""
    matches: tuple[Match, ...] = ()
    rows: Ranges = ()
    left_out: tuple[Hex32, ...] = ()
    item: Item | msgspec.UnsetType = msgspec.UNSET

    @property
    def needs_rules_2(self) -> bool:
        """Whether it says which rows or which item it speaks of."""
        return bool(self.rows or self.left_out) or isinstance(self.item, Item)
