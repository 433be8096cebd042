"""The page of two assessments side by side: on which judgement they differ, and what it alone would change.

Neither is right by it. The figures of both stand above their limits.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias

from comity.case.state import Accepted
from comity.errors import ComityError, Refused
from comity.exchange.node import Node
from comity.records.kinds import Assess
from comity.web.cases import Head, view_head
from comity.web.phrases import phrase
from comity.web.reading import Reading, Ref, Who, tell_number
from comity.web.rechecking import check_once
from comity.weighing.differing import by_effect, tell_effect, tell_sides, tell_thing
from comity.weighing.effort import SHOWN, effort_beside
from comity.weighing.in_the_case import show_in_case
from comity.weighing.shown import Assessed

LISTED: Final = 100
COMPARED_LIMIT: Final = 16
"""So many comparisons are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two, with its answer and its limits."""

    record: Ref
    by: Who
    at: str
    shown: Assessed


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """One thing on which they differ: what each says (only one of them may have it), and what the leader of
    the first would have if the first took it over alone."""

    what: str
    first: str
    second: str
    effect: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonView:
    """The whole page. ``why_not`` says why nothing was compared, if so; ``limits`` are those of both."""

    head: Head
    first: Side
    second: Side
    apart: tuple[Apart, ...]
    more: int
    why_not: str
    limits: tuple[str, ...]


_Compared: TypeAlias = tuple[tuple[Apart, ...], int, str]
_COMPARED: dict[tuple[str, str], _Compared] = {}


def view_comparison(node: Node, first: str, second: str) -> ComparisonView:
    """The page; ``Refused`` where no case here holds both as assessments."""
    held = node.journal.held_record(first)
    reading = Reading(node, held.case) if held is not None and held.case in node.cases() else None
    contents = []
    sides = []
    for record in (first, second):
        accepted = reading.state.accepted.get(record) if reading else None
        if reading is None or accepted is None or not isinstance(accepted.content, Assess):
            raise Refused("record.unknown", record[:12], "no case here holds both of these as assessments")
        contents.append(accepted.content)
        sides.append(_side(reading, record, accepted, accepted.content))
    assert reading is not None
    apart, more, why_not = _compare_once(first, second, *contents)
    return ComparisonView(
        head=view_head(reading),
        first=sides[0],
        second=sides[1],
        apart=apart,
        more=more,
        why_not=why_not,
        limits=_limits(*(side.shown.limits for side in sides)),
    )


def _limits(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    """Those of both, then those of one of them."""
    return (
        *(line for line in first if line in second),
        *(phrase("The first: {}", line) for line in first if line not in second),
        *(phrase("The second: {}", line) for line in second if line not in first),
    )


def others_to_compare(reading: Reading, record: str) -> tuple[tuple[Ref, Who], ...]:
    """The other assessments of the case, in its order."""
    return tuple(
        (reading.ref(one.id), reading.who(one.author))
        for one in reading.state.of("assessment.make")
        if one.id != record and isinstance(one.content, Assess)
    )


def _side(reading: Reading, record: str, accepted: Accepted, content: Assess) -> Side:
    return Side(
        record=reading.ref(record),
        by=reading.who(accepted.author),
        at=accepted.frame.at,
        shown=show_in_case(
            content,
            check_once(record, content),
            reading.state,
            accepted.author,
            partial(tell_number, reading),
            record=record,
            parties=reading.member_names(),
        ),
    )


def _compare_once(record: str, other: str, first: Assess, second: Assess) -> _Compared:
    """Records do not change, so that what was compared holds."""
    if (kept := _COMPARED.get((record, other))) is not None:
        return kept
    found = _compare(first, second)
    if len(_COMPARED) >= COMPARED_LIMIT:
        _COMPARED.clear()
    _COMPARED[record, other] = found
    return found


def _compare(first: Assess, second: Assess) -> _Compared:
    """What is listed, how many more there are, and why nothing was compared, if so."""
    if effort_beside(first, second) > SHOWN:
        return (), 0, phrase("too large for a page: comity weigh compare does it")
    try:
        from comity.weighing.recompute import compare_records

        found = compare_records(first, second)
    except ImportError:
        return (), 0, phrase("this node runs without the extra for weighing")
    except ComityError as error:
        return (), 0, error.why
    lines = []
    for each in by_effect(found)[:LISTED]:
        here, there = tell_sides(each, first, second)
        lines.append(Apart(what=tell_thing(each), first=here, second=there, effect=tell_effect(each)))
    return tuple(lines), max(len(found) - LISTED, 0), ""
