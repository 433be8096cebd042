"""The pass over one item, by the batch: rows sorted by kind, fields asked column by column.

Rows of one kind of source that have the same fields are asked together. What each row leaves possible is
told by a sieve (:mod:`comity.findings.sieve`); only rules left possible are asked of a row by itself. The
result is that of asking every rule of every row in turn (:meth:`comity.findings.match.Scanner.scan`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial, reduce
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from comity.findings.asking import View
from comity.findings.coded import CodedRows
from comity.findings.columns import texts_of_row
from comity.findings.deriving import derivation_of
from comity.findings.effort import LONG, REFUSED, Effort
from comity.findings.exports import Made, Reading
from comity.findings.finding import Hit
from comity.findings.gather import Gathering
from comity.findings.logsource import NAMED, Source, source_of
from comity.findings.rows import ItemInfo, Row, Value
from comity.findings.screen import Screen, values_of
from comity.findings.telling import is_forwarded, mark_of

if TYPE_CHECKING:
    from comity.findings.match import Asked, Scanner

_ZEEK_MARKS = frozenset(("_path", "@stream", "id_orig_h"))
_MARKS = _ZEEK_MARKS | {"Channel", "EventID"}
_Shape: TypeAlias = "tuple[int, bool, bool, Reading | None, Mapping[str, str]]"
"""A set of names: its number, whether a name tells of the kind of row, whether one of Zeek's does, how such
rows are read, and their own names for fields that rules ask for."""
Untold: TypeAlias = "tuple[frozenset[str], bool]"
_KINDS = 4096
DEEP: Final = 3
"""So deep rows are read that others hold."""
PORTION: Final = 4 << 20
"""Rows that others hold are asked together up to so much text of theirs, in characters."""
_ROW: Final = 400
_FIELD: Final = 100
"""What counts for a row and for each of its fields beside the text."""
_DERIVED = ("w3c/1", "lines/1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows to sweep: numbers, fields, times where they are asked for, and text, made when it is needed.

    ``raws`` are their bytes where these are UTF-8, and ``written`` tells how values stand in them: ``json``
    with escapes, ``lines`` as they are, ``cells`` perhaps in quotes. Without ``raws`` nothing is known.
    ``joined`` are the same with a line feed between each and the next, where they lie so.
    """

    indexes: Sequence[int]
    fields: Sequence[Mapping[str, Value]]
    times: Sequence[int | None] | None
    text: Callable[[int], str]
    raws: Sequence[bytes] | None = None
    written: Literal["json", "lines", "cells"] = "json"
    joined: bytes | None = None

    def each(self) -> Iterator[Row]:
        """The rows one by one."""
        for at, index in enumerate(self.indexes):
            time = self.times[at] if self.times is not None else None
            yield Row(index=index, text=self.text(at), fields=self.fields[at], time=time)


def rows_of(rows: Sequence[Row]) -> Rows:
    """Rows that are there one by one."""
    return Rows(
        indexes=[row.index for row in rows],
        fields=[row.fields for row in rows],
        times=[row.time for row in rows],
        text=lambda at: rows[at].text,
    )


def _portions(
    held: Iterable[tuple[int, Iterable[Mapping[str, Value]]]],
) -> Iterator[list[tuple[int, Mapping[str, Value]]]]:
    """The rows that others hold, each with the place of that, so many at a time as a memory holds."""
    some: list[tuple[int, Mapping[str, Value]]] = []
    size = 0
    for at, inside in held:
        for part in inside:
            some.append((at, part))
            size += _ROW + _FIELD * len(part)
            for value in part.values():
                if value.__class__ is str:
                    size += len(value)
            if size >= PORTION:
                yield some
                some, size = [], 0
    if some:
        yield some


class Sweep:
    """A run of a scanner over one item: batches in, then what was found."""

    def __init__(self, scanner: Scanner, item: ItemInfo) -> None:
        self._scanner = scanner
        self.item = item
        self._sources: dict[tuple[object, ...], Source] = {}
        self._units: dict[int, tuple[Source, Sequence[Source]]] = {}
        self._tables: dict[tuple[Source, int], Source] = {}
        self.rows = 0
        self.matches: list[Hit] = []
        self.asked: set[frozenset[str]] = set()
        self.untold: dict[Untold, int] = {}
        """Of these, what was asked of rows of which nothing tells what they are a log of (whether as text),
        and of how many."""
        self.aside: dict[str, Gathering] = {}
        self.partly: dict[str, set[int]] = {}
        """The rows of which not all is asked, by why."""
        self.refused: dict[str, str] = {}
        """The rules that would need too much over some row, with the reason."""

    def take(self, rows: Rows) -> None:
        """One batch."""
        self.rows += len(rows.indexes)
        self._told: dict[int, Untold] = {}
        self._take_with_inside(rows, 0)
        for untold in self._told.values():
            self.untold[untold] += 1

    def _take_with_inside(self, rows: Rows, deep: int) -> None:
        """Rows so deep in others, and then those that they hold, a portion at a time."""
        begun = len(self.matches)
        self._inside: list[tuple[int, Iterable[Mapping[str, Value]]]] = []
        self._apart: list[tuple[int, Mapping[str, Value]]] = []
        self._take(rows)
        apart, inside, times = self._apart, self._inside, rows.times
        if apart:
            self._take_apart(rows, apart)
        # Rows that these hold are asked as rows with their numbers.
        for some in _portions(inside) if deep < DEEP else ():
            held = Rows(
                indexes=[rows.indexes[at] for at, _ in some],
                fields=[fields for _, fields in some],
                times=None if times is None else [times[at] for at, _ in some],
                text=_no_text,
            )
            self._take_with_inside(held, deep + 1)
        if deep or apart or inside:
            self.matches[begun:] = dict.fromkeys(self.matches[begun:])

    def _take_apart(self, held: Rows, apart: Sequence[tuple[int, Mapping[str, Value]]]) -> None:
        """Each of several readings of a row, by itself: what it matches is a match of the row. Words are
        looked for in the whole row."""
        times = held.times
        rows = Rows(
            indexes=[held.indexes[at] for at, _ in apart],
            fields=[fields for _, fields in apart],
            times=None if times is None else [times[at] for at, _ in apart],
            text=lambda n: held.text(apart[n][0]),
        )
        self._take(rows, read=True)

    def _take(self, rows: Rows, *, read: bool = False) -> None:
        """Ask rows; ``read``: they are readings, of rows that were asked before."""
        screens: dict[int, Screen] = {}
        self._found: list[tuple[int, Source, tuple[str, ...], Mapping[str, Value]]] = []
        told = [] if self._scanner.lists_alone else list(rows.fields)
        long = _find_long(rows) if told else frozenset()
        for source, places, aliases in self._sort(rows, told, read):
            derive = derivation_of(source)
            fields = [told[at] if derive is None else derive(told[at]) for at in places]
            for unit in self._units_of(source):
                asked = self._scanner.asked_of(unit)
                self.asked.add(asked.digests)
                if source.untold and not read:
                    # A row that could not be read is told as that.
                    self._tell_untold((asked.digests, source.worded), rows, places if source.readable else ())
                some, left = fields, places
                if long and not long.isdisjoint(places):
                    costly = {
                        at
                        for at, each in zip(places, fields, strict=True)
                        if at in long and self._take_costly(rows, at, source, asked, each, aliases)
                    }
                    if costly:
                        some = [each for each, at in zip(fields, places, strict=True) if at not in costly]
                        left = [at for at in places if at not in costly]
                for group in (
                    _alike(some) if source.format in _DERIVED else [range(len(some))] if some else ()
                ):
                    alike = [some[n] for n in group], [left[n] for n in group]
                    self._take_alike(rows, source, derive is not None, asked, *alike, aliases, screens)
        # What is set aside goes in the order of rows.
        for at, source, digests, named in _joined(self._found):
            index = rows.indexes[at]
            if self._scanner.timed:
                time = rows.times[at] if rows.times is not None else None
                row = Row(index=index, text="", fields={}, time=time)
                digests = self._scanner.set_aside(digests, self.aside, source, row, named)
            self.matches += [(digest, index) for digest in digests]
        for digest, lookup in () if read else self._scanner.lists:
            self.matches += [(digest, rows.indexes[at]) for at in lookup.find_rows(rows)]

    def _units_of(self, source: Source) -> Sequence[Source]:
        """The kinds that rows are asked as, one after another: all that they are, each by itself, so that
        there are no more of them than the tables have; but as one where they are of all that a table has."""
        if source.also is None:
            return (source,)
        known = self._units.get(id(source))
        if known is not None:
            return known[1]
        by_platform: dict[str, list[Source]] = {}
        kind: Source | None = source
        while kind is not None:
            by_platform.setdefault(kind.platform, []).append(replace(kind, also=None))
            kind = kind.also
        units: list[Source] = []
        for platform, kinds in by_platform.items():
            if len(kinds) <= NAMED or platform in ("windows", "linux"):
                units += kinds
                continue
            key = kinds[0], len(kinds)
            if key not in self._tables:
                self._tables[key] = reduce(
                    lambda also, kind: replace(kind, also=also), kinds[-2::-1], kinds[-1]
                )
            units.append(self._tables[key])
        if len(self._units) > _KINDS:
            self._units.clear()
        self._units[id(source)] = source, units
        return units

    def _tell_untold(self, untold: Untold, rows: Rows, places: Iterable[int]) -> None:
        """A row counts once, with all that it holds, and as one without words where one of these is."""
        self.untold.setdefault(untold, 0)
        for at in places:
            if untold[1]:
                self._told.setdefault(rows.indexes[at], untold)
            else:
                self._told[rows.indexes[at]] = untold

    def take_coded(self, rows: CodedRows, indexes: Sequence[int]) -> list[int]:
        """A part of a batch whose values are known by codes; the places of its rows that are to be taken one
        by one after all."""
        found, others = self._scanner.coding_of(self.item).take(rows, indexes, self.asked, self.untold)
        self.matches += found
        self.rows += len(rows.places) - len(others)
        return others

    def _sort(
        self, rows: Rows, told: list[Mapping[str, Value]], are_read: bool
    ) -> Iterable[tuple[Source, Sequence[int], Mapping[str, str]]]:
        """Places of rows, by kind of source and names of fields, and the rows' own names for fields that
        rules ask for. Rows that other tools exported are put in ``told`` as rules see them, unless they are
        read."""
        shapes: dict[tuple[str, ...], _Shape] = {}
        read: dict[tuple[str, ...], _Shape] = {}
        groups: dict[tuple[object, ...], list[int]] = {}
        shape_of: dict[tuple[object, ...], _Shape] = {}
        for at, row in enumerate(told):
            names = tuple(row)
            shape = shapes.get(names)
            if shape is None:
                reading, aliases = (None, {}) if are_read else self._scanner.exports.reading_of(names)
                if aliases and (self._scanner.patterns or self.item.format in _DERIVED):
                    reading, aliases = self._scanner.exports.read, {}
                shape = shapes[names] = _shape_of(names, len(shapes) + len(read), reading, aliases)
            if shape[3] is not None:
                row = told[at] = shape[3](row)
                if row.__class__ is Made:
                    if row.inside:
                        self._inside.append((at, row.inside))
                    self._apart += ((at, part) for part in row.apart)
                    if row.partly:
                        self.partly.setdefault(row.partly, set()).add(rows.indexes[at])
                names = tuple(row)
                shape = read.get(names)
                if shape is None:
                    shape = read[names] = _shape_of(names, len(shapes) + len(read), None, {})
            number, marked, zeek, _, _ = shape
            key: tuple[object, ...] = (number,)
            if isinstance(row, Made) and row.own is not None:
                key = (number, mark_of(row))
            elif marked:
                channel, event = row.get("Channel"), row.get("EventID")
                kind = event.__class__
                # Of such rows this is all that the mark is made of.
                plain = channel.__class__ is str and not is_forwarded(channel)
                if not zeek and plain and (kind is int or kind is str):
                    key = (number, channel, event, kind)
                else:
                    key = (number, mark_of(row))
            group = groups.get(key)
            if group is None:
                groups[key] = [at]
                shape_of[key] = shape
            else:
                group.append(at)
        for key, places in groups.items():
            row = told[places[0]]
            mark = mark_of(row)
            source = self._sources.get(mark)
            if source is None:
                if len(self._sources) > _KINDS:
                    self._sources.clear()
                source = self._sources[mark] = source_of(self.item, row)
            yield source, places, shape_of[key][4]

    def _take_alike(
        self,
        rows: Rows,
        source: Source,
        derived: bool,
        asked: Asked,
        fields: Sequence[Mapping[str, Value]],
        places: Sequence[int],
        aliases: Mapping[str, str],
        screens: dict[int, Screen],
    ) -> None:
        sieve = asked.sieve
        words = None
        if sieve.keywords is not None:
            # Kinds of rows share words, and so what is looked for.
            key = id(sieve.pieces or sieve.words)
            screen = screens.get(key)
            if screen is None:
                raws = rows.raws if rows.written == "json" else None
                screen = screens[key] = Screen(sieve.words, sieve.pieces, raws)
            words = {
                n: sieve.keywords.bits_of(sorted(texts_of_row(rows.text(at), values_of(fields[n]))))
                for n, at in enumerate(places)
                # What is derived stands in no row's bytes.
                if derived or screen.may_hold(at) or fields[n].__class__ is Made
            }
        for n, left in enumerate(sieve.sift(fields, words, aliases)):
            if left:
                at, named = places[n], fields[n]
                if aliases:
                    named = {**named, **{asked_for: named[own] for asked_for, own in aliases.items()}}
                view = View(partial(rows.text, at), named)
                if digests := sieve.ask(left, view):
                    self._found.append((at, source, digests, named))
        if self._scanner.patterns:
            for n, at in enumerate(places):
                digests, together = self._scanner.observe(fields[n], (), asked.digests)
                self.asked.add(together)
                if digests:
                    self._found.append((at, source, digests, fields[n]))

    def _take_costly(
        self,
        rows: Rows,
        at: int,
        source: Source,
        asked: Asked,
        fields: Mapping[str, Value],
        aliases: Mapping[str, str],
    ) -> bool:
        """Ask a row that is long, if some rule would need too much for it, of all other rules; whether that
        is so. Any other long row is asked as all are."""
        named = {**fields, **{wanted: fields[own] for wanted, own in aliases.items()}}
        view = View(partial(rows.text, at), named)
        refused, effort = self.refused, Effort(view)
        costly = {digest: weights for _, digest, weights in asked.weights if effort.is_too_much(weights)}
        here = set(costly)
        objects = self._scanner.weigh_objects(fields)
        here |= objects
        if not here:
            return False
        refused.update(dict.fromkeys(sorted(here), REFUSED))
        # Rules that need little are asked together, the others one by one where they may be.
        least = min((sum(weights.values()) for weights in costly.values()), default=0)
        light, heavy = asked.part(least) if least else (asked, ())
        sieve = light.sieve
        words = None
        if sieve.keywords is not None:
            words = {0: sieve.keywords.bits_of(sorted(view.every()))}
        (left,) = sieve.sift([named], words)
        more = [
            asked.sieve.name_of(number)
            for number, digest in heavy
            if digest not in refused and asked.sieve.refusal_of(number, view) is None
        ]
        if digests := tuple(sorted({*sieve.ask(left, view), *more})):
            self._found.append((at, source, digests, named))
        if self._scanner.patterns:
            digests, together = self._scanner.observe_long(fields, refused)
            self.asked.add(asked.digests | together)
            if digests:
                self._found.append((at, source, digests, fields))
        return True


def _joined(
    found: Iterable[tuple[int, Source, tuple[str, ...], Mapping[str, Value]]],
) -> Iterator[tuple[int, Source, tuple[str, ...], Mapping[str, Value]]]:
    """What was found, in the order of rows; of one row together, once."""
    by_row: dict[int, list[tuple[int, Source, tuple[str, ...], Mapping[str, Value]]]] = {}
    for one in found:
        by_row.setdefault(one[0], []).append(one)
    for at, some in sorted(by_row.items()):
        digests = some[0][2]
        if len(some) > 1:
            digests = tuple(sorted({digest for one in some for digest in one[2]}))
        yield at, some[0][1], digests, some[0][3]


def _no_text(_at: int) -> str:
    return ""


def _find_long(rows: Rows) -> frozenset[int]:
    """The places of the rows that are long."""
    places: Iterable[int] = range(len(rows.indexes))
    if rows.raws is not None:
        # A character is a byte at least.
        places = [at for at, raw in enumerate(rows.raws) if len(raw) > LONG]
    return frozenset(at for at in places if len(rows.text(at)) > LONG)


def _shape_of(
    names: tuple[str, ...], number: int, reading: Reading | None, aliases: Mapping[str, str]
) -> _Shape:
    marked, zeek = not _MARKS.isdisjoint(names), not _ZEEK_MARKS.isdisjoint(names)
    return number, marked, zeek, reading, aliases


def _alike(fields: Sequence[Mapping[str, Value]]) -> Iterable[Sequence[int]]:
    """Places of rows that have the same fields."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for at, row in enumerate(fields):
        groups.setdefault(tuple(row), []).append(at)
    return groups.values()
