"""From observations to cases, and what was known before each (``spec/13-weighing.md`` §10).

A case is one actor in one report, with at least five items. A report is dated by the day on which the last of
its items was first told. What was known before a case comes from reports dated before it, never from its own.
"""

from __future__ import annotations

import calendar
import datetime
import itertools
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from comity.errors import Malformed
from comity.weighing.knowledge import Observation, split_lines
from comity.weighing.table import Floats

LEAST = 5
"""A report of an actor is a case from so many items on."""
FIELDS = ("actor", "item", "kind", "report", "report_date")
YEAR = 365.25
CELLS_LIMIT = 2_000_000_000
"""Reports by items that are held at a time, a byte each."""
MOST_CASES = 2_000
"""Of each part, so many cases at most."""
LEAST_CASES = 100
"""And never fewer for the sake of time."""
WORK = 1_000_000_000
"""The most cases by actors by items that are taken unasked: time is bounded, whatever the file."""
_MONTH = re.compile(r"[0-9]{4}(-[0-9]{2})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One actor in one report, with its items, sorted."""

    actor: str
    report: str
    date: str
    items: tuple[str, ...]

    @property
    def told(self) -> tuple[str, ...]:
        """What it is without its label: its day, its report and its items."""
        return (self.date, self.report, *self.items)


@dataclass(frozen=True, slots=True, weakref_slot=True, kw_only=True, eq=False)
class Past:
    """What was known before a case.

    ``actors`` and ``items`` name lines and columns. ``counts``: reports of each actor that mention each
    item. ``reports``: of each actor; ``mentions``: of each actor, all items together; ``mentioned``: of each
    item. ``last``: years since each actor's last report. ``told`` has a line for each report and a column
    for each item, ``teller`` the report's actor and ``place`` its place among all reports, the same for those
    that differ in nothing but the actor; ``line`` and ``column`` are the places in it where something
    is told, in order. ``software`` marks the items of that kind.
    """

    actors: tuple[str, ...]
    items: tuple[str, ...]
    counts: Floats
    reports: Floats
    mentions: Floats
    mentioned: Floats
    last: Floats
    told: npt.NDArray[np.bool_]
    teller: npt.NDArray[np.int64]
    place: npt.NDArray[np.int64]
    line: npt.NDArray[np.int64]
    column: npt.NDArray[np.int64]
    software: npt.NDArray[np.bool_]

    def sum_told(self, values: Floats) -> Floats:
        """Of each report, the sum of a value over the items that it tells."""
        weights = values[self.column]
        return np.bincount(self.line, weights=weights, minlength=len(self.told)).astype(np.float64)


def parse_observations(raw: bytes, where: str = "") -> tuple[Observation, ...]:
    """The observations of a file of JSON lines, sorted, each once; ``Malformed`` names the line that is not
    one."""
    found: set[tuple[str, ...]] = set()
    for number, line in enumerate(split_lines(raw, where, "trial.line"), 1):
        if not line.strip():
            continue
        at = f"{where}:{number}"
        try:
            said = json.loads(line, object_pairs_hook=_once)
            values = tuple(said[name] for name in FIELDS)
            for value in values:
                if isinstance(value, str):
                    value.encode()
        except UnicodeEncodeError:
            raise Malformed("trial.line", at, "half of a surrogate pair, which is no text") from None
        except _Doubled as error:
            raise Malformed("trial.line", at, f"{error.args[0][:40]!r} stands twice in it") from None
        except KeyError as error:
            why = f"has no {error.args[0]!r}; a line has the texts {', '.join(FIELDS)}"
            raise Malformed("trial.line", at, why) from None
        except (ValueError, RecursionError, TypeError):
            raise Malformed("trial.line", at, f"not an object with the texts {', '.join(FIELDS)}") from None
        if not all(isinstance(value, str) and value for value in values):
            raise Malformed("trial.line", at, f"one of {', '.join(FIELDS)} is empty or not a text")
        found.add((*values[:4], last_day(values[4], at)))
    if not found:
        raise Malformed("trial.empty", where, "no observation in this file")
    return tuple(
        Observation(actor=actor, item=item, kind=kind, report=report, date=date)
        for actor, item, kind, report, date in sorted(found)
    )


class _Doubled(Exception):
    """A member that an object has twice: which of them is meant, nobody knows."""


def _once(members: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(members)
    if len(found) < len(members):
        raise _Doubled(Counter(name for name, _ in members).most_common(1)[0][0])
    return found


def parse_date(text: str, where: str) -> int:
    """The day number of an ISO date; ``Malformed`` for anything else."""
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise Malformed("trial.date", where, f"{text!r} is not a date such as 2019-07-01")
    return day.toordinal()


def last_day(text: str, where: str) -> str:
    """An ISO date; of a month or a year alone its last day. ``Malformed`` for anything else."""
    if _MONTH.fullmatch(text):
        year, month = int(text[:4]), int(text[5:7] or 12)
        if year and 1 <= month <= 12:
            return f"{text[:4]}-{month:02d}-{calendar.monthrange(year, month)[1]}"
    parse_date(text, where)
    return text


class History:
    """All reports of a file; :meth:`before` gives what was known before one of them."""

    def __init__(self, observations: Iterable[Observation]) -> None:
        taken = sorted({(o.actor, o.item, o.kind, o.report, o.date) for o in observations})
        items: dict[tuple[str, str], dict[str, str]] = {}
        kinds: dict[str, tuple[str, str]] = {}
        for actor, item, kind, report, date in taken:
            said = items.setdefault((actor, report), {})
            said[item] = min(date, said.get(item, date))
            # What a later line calls it must not reach what was read before.
            first, called = kinds.get(item, (date, ""))
            if date < first or (date == first and kind > called):
                kinds[item] = date, kind
        self.kinds = {item: kind for item, (_, kind) in kinds.items()}
        self.reports = sorted(
            # A report is known once it is whole: what it told first must not bring along what it told later.
            (
                Case(actor=a, report=r, date=max(said.values()), items=tuple(sorted(said)))
                for (a, r), said in items.items()
            ),
            # By what they are before whose: other labels must leave them in the same order.
            key=lambda one: (one.told, one.actor),
        )
        self.items = tuple(sorted(self.kinds))
        self.column = {item: n for n, item in enumerate(self.items)}
        if len(self.reports) * len(self.items) > CELLS_LIMIT:
            why = (
                f"{len(self.reports):,} reports by {len(self.items):,} items are more than is held at a time "
                f"({CELLS_LIMIT:,}): leave out what was mentioned once, or take fewer years"
            )
            raise Malformed("trial.large", "observations", why)
        self._ends = np.cumsum([0, *(len(one.items) for one in self.reports)])
        self._column = np.array([self.column[i] for one in self.reports for i in one.items], dtype=np.int64)
        self._line = np.repeat(np.arange(len(self.reports)), np.diff(self._ends))
        self._told = np.zeros((len(self.reports), len(self.items)), dtype=np.bool_)
        self._told[self._line, self._column] = True
        actors = [one.actor for one in self.reports]
        # No array of texts: each of them would be as wide as the longest.
        self._actors = sorted(set(actors))
        number = {actor: n for n, actor in enumerate(self._actors)}
        self._teller = np.array([number[actor] for actor in actors], dtype=np.int64)
        fresh = [one.told != other.told for one, other in itertools.pairwise(self.reports)]
        self._place = np.cumsum([0, *fresh])
        self._same: dict[str, list[int]] = {}
        for n, one in enumerate(self.reports):
            self._same.setdefault(one.report, []).append(n)
        self._day = np.array([parse_date(one.date, one.report) for one in self.reports])
        self._software = np.array([self.kinds[item] == "software" for item in self.items])

    def cases(self) -> tuple[Case, ...]:
        """Every report of an actor with enough items, by date."""
        return tuple(one for one in self.reports if len(one.items) >= LEAST)

    def most_cases(self) -> int:
        """How many cases of a part are taken where nobody says how many."""
        return min(MOST_CASES, max(LEAST_CASES, WORK // max(len(self._actors) * len(self.items), 1)))

    def known_before(self, case: Case) -> int:
        """How many actors were known before a case, without reading what was."""
        until, own = self._until(case)
        tellers = np.delete(self._teller[:until], own) if own else self._teller[:until]
        return len(np.unique(tellers))

    def _until(self, case: Case) -> tuple[int, list[int]]:
        """How many reports are dated before its day, and which of them are its own, by other actors."""
        day = parse_date(case.date, case.report)
        until = int(np.searchsorted(self._day, day, side="left"))
        return until, [n for n in self._same.get(case.report, ()) if n < until]

    def before(self, case: Case) -> Past:
        """What was known before a case: reports dated before its day, its own left out for every actor."""
        day = parse_date(case.date, case.report)
        until, own = self._until(case)
        line, column = self._line[: self._ends[until]], self._column[: self._ends[until]]
        told, teller, days = self._told[:until], self._teller[:until], self._day[:until]
        among = self._place[:until]
        if own:  # the same report of another actor, under an earlier day
            kept = np.ones(until, dtype=np.bool_)
            kept[own] = False
            place = np.cumsum(kept) - 1
            column, line = column[kept[line]], place[line[kept[line]]]
            told, teller, days, among = told[kept], teller[kept], days[kept], among[kept]
        present, teller = np.unique(teller, return_inverse=True)
        actors = tuple(self._actors[n] for n in present.tolist())
        cells = teller[line] * len(self.items) + column
        counts = np.bincount(cells, minlength=len(actors) * len(self.items)).astype(np.float64)
        counts = counts.reshape(len(actors), len(self.items))
        last = np.full(len(actors), np.inf)
        np.minimum.at(last, teller, (day - days) / YEAR)
        return Past(
            actors=actors,
            items=self.items,
            counts=counts,
            reports=np.bincount(teller, minlength=len(actors)).astype(np.float64),
            mentions=counts.sum(axis=1),
            mentioned=counts.sum(axis=0),
            last=last,
            told=told,
            teller=teller,
            place=among,
            line=line,
            column=column,
            software=self._software,
        )

    def columns(self, items: Iterable[str]) -> npt.NDArray[np.int64]:
        """The columns of items, in order."""
        return np.array(sorted(self.column[item] for item in items), dtype=np.int64)
