"""Rules asked of rows whose values are known by codes, so that most rows are never read.

A shape of rows, and what the fields that route it say, decide which rules are asked. For each of the fields
that their sieve looks at, a code stands for the rules that its value leaves possible; a row leaves possible
what all its codes do. Only a row that leaves some is read, as any other row is, and asked in full; and what
was said of it is said of every row with the same codes in the fields that these rules ask for.

Where a part of a rule that asks one field alone is false of a value, the rule is no longer possible where
that value's code stands.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from operator import and_
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

from comity.findings.asking import View
from comity.findings.logsource import derivation_of, source_of
from comity.findings.rows import ItemInfo, Value
from comity.findings.screen import find_rows

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from comity.findings.finding import Hit
    from comity.findings.match import Asked, Scanner
    from comity.findings.sieve import Field, Sieve

GROUPS: Final = 4096
VERDICTS: Final = 1 << 16
FIRST: Final = 64
"""So many rows of a batch are asked before it is looked what they teach."""
MIXED: Final = 256
"""Rows of one shape that are routed in more ways than these, in one batch, are read one by one."""

_ROUTING: Final = ("Channel", "EventID", "_path", "@stream", "@proc")
_Key: TypeAlias = "tuple[int, ...]"


class Shaped(Protocol):
    """What rows of one shape have in common (:class:`comity.evidence.shapes.Shape`)."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the fields, in their order."""

    @property
    def slots(self) -> Mapping[str, int]:
        """At which place of a row's codes a field stands."""

    @property
    def constants(self) -> Mapping[str, Value]:
        """What a field without a code says in all such rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodedRows:
    """Rows of a batch: for each its place there, the number of its shape and its codes. Codes of another
    ``turn`` mean something else. ``values`` says what codes stand for, ``read`` what the fields of rows are,
    by their places; ``raws`` are the rows of the batch, ``joined`` its bytes, with a row's end at each of
    ``ends``; ``escaped`` are the places of rows with an escape by number."""

    places: npt.NDArray[np.int64]
    shapes: npt.NDArray[np.int64]
    codes: npt.NDArray[np.int32]
    kinds: Sequence[Shaped]
    turn: int
    values: Callable[[Sequence[int]], Sequence[Value]]
    read: Callable[[Sequence[int]], Sequence[Mapping[str, Value]]]
    text: Callable[[int], str]
    raws: Sequence[bytes]
    joined: bytes
    ends: npt.NDArray[np.int64]
    escaped: npt.NDArray[np.int64]


class _Table:
    """What each code of a field leaves possible."""

    def __init__(self, field: Field) -> None:
        self._field = field
        self.bits: dict[int, int] = {}

    def look_up(self, codes: Sequence[int], values: Callable[[Sequence[int]], Sequence[Value]]) -> list[int]:
        bits = self.bits
        try:
            return list(map(bits.__getitem__, codes))
        except KeyError:
            fresh = sorted(set(codes).difference(bits))
        said = values(fresh)
        texts = [str(value) if type(value) is int else value for value in said]
        learned = self._field.work_out({text for text in texts if type(text) is str})
        for code, value, text in zip(fresh, said, texts, strict=True):
            bits[code] = learned[text] if type(text) is str else self._field.bits_of(value)
        return list(map(bits.__getitem__, codes))


class _Group:
    """Rows of one shape and one kind of source."""

    def __init__(
        self,
        asked: Asked,
        shape: Shaped,
        aliases: Mapping[str, str],
        table_of: Callable[[Sieve, Field, str], _Table],
    ) -> None:
        self.asked = asked
        self.sieve = sieve = asked.sieve
        self.aliases = aliases
        self._slots = shape.slots
        self._by_name: dict[str, int] = {}
        self.columns: list[tuple[int, _Table]] = []
        self._taught: list[tuple[int, _Table]] = []
        self.base = sieve.base
        self._seen: dict[int, tuple[int, ...] | None] = {}
        self.verdicts: dict[_Key, tuple[str, ...]] = {}
        for name, field in sieve.fields.items():
            own = name if name in shape.names else aliases.get(str(name))
            if own is None:
                self.base &= field.absent
            elif own in shape.slots:
                self._by_name[str(name)] = len(self.columns)
                self.columns.append((shape.slots[own], table_of(sieve, field, own)))
            else:
                self.base &= field.bits_of(shape.constants[own])
        if sieve.keywords is not None:
            self.base &= sieve.keywords.nothing

    def sift(
        self, codes: Sequence[Sequence[int]], count: int, values: Callable[[Sequence[int]], Sequence[Value]]
    ) -> Sequence[int]:
        """The rules that each row leaves possible, as bits; ``codes`` by column."""
        left: Iterable[int] = [self.base] * count
        for slot, table in self.columns:
            left = map(and_, left, table.look_up(codes[slot], values))
        return self.sieve.possible_of(left)

    def narrow(self, left: int, row: Sequence[int]) -> int:
        """What a row leaves possible after all that was learned since."""
        for slot, table in self._taught:
            left &= table.bits[row[slot]]
        return left

    def forget(self) -> None:
        """Let go of what was asked before; it is asked again."""
        self.verdicts.clear()
        self._seen.clear()

    def key_of(self, left: int, row: Sequence[int]) -> _Key | None:
        """What decides of the rules left; None where that is not codes alone."""
        slots = self._seen.get(left, ())
        if left not in self._seen:
            slots = self._seen[left] = self._slots_of(left)
        return None if slots is None else (left, *[row[slot] for slot in slots])

    def _slots_of(self, left: int) -> tuple[int, ...] | None:
        slots: set[int] = set()
        for number in self.sieve.numbers_of(left):
            for name in self.sieve.fields_asked(number):
                if name is None:
                    return None
                own = self.aliases.get(name, name)
                if own in self._slots:
                    slots.add(self._slots[own])
        return tuple(sorted(slots))

    def ask(self, left: int, row: Sequence[int], view: View) -> tuple[str, ...]:
        """The digests of the rules that are true of a row, of those left; those that a field alone rules out
        are remembered at its code."""
        refused: dict[str, int] = {}
        digests = self.sieve.ask(left, view, refused)
        for name, bits in refused.items():
            at = self._by_name.get(name)
            if at is not None:
                slot, table = column = self.columns[at]
                table.bits[row[slot]] &= ~bits
                if column not in self._taught:
                    self._taught.append(column)
        return digests


class Coding:
    """What a scanner remembers of rows by codes: kinds of rows, tables, and verdicts."""

    def __init__(self, scanner: Scanner, item: ItemInfo) -> None:
        self._scanner = scanner
        self._item = item
        self._turn = 0
        self._groups: dict[_Key, _Group | None] = {}
        self._kept = 0
        self._tables: dict[tuple[int, str, str], _Table] = {}
        self._heard: dict[int, frozenset[int]] = {}

    def _table_of(self, sieve: Sieve, field: Field, own: str) -> _Table:
        key = id(sieve), field.name, own
        table = self._tables.get(key)
        if table is None:
            table = self._tables[key] = _Table(field)
        return table

    def take(
        self, rows: CodedRows, indexes: Sequence[int], asked: set[frozenset[str]]
    ) -> tuple[list[Hit], list[int]]:
        """What matches, and the places of rows that are to be read one by one after all."""
        if rows.turn != self._turn:
            self._turn = rows.turn
            self._groups.clear()
            self._tables.clear()
        self._heard.clear()
        found: list[Hit] = []
        others: list[int] = []
        order = rows.shapes.argsort(kind="stable")
        shapes = rows.shapes[order]
        begins = [0, *((shapes[1:] != shapes[:-1]).nonzero()[0] + 1).tolist(), len(shapes)]
        for begin, end in pairwise(begins):
            if begin == end:
                continue
            some = order[begin:end]
            number = int(shapes[begin])
            if number < 0:
                others += rows.places[some].tolist()
                continue
            shape = rows.kinds[number]
            codes = rows.codes[some][:, : len(shape.slots)]
            places = rows.places[some].tolist()
            columns = codes.T.tolist()
            for key, where in _routed(columns, shape, len(places)):
                if where is None:
                    others += places
                    break
                if len(where) == len(places):
                    theirs, those = columns, places
                else:
                    theirs = [[column[n] for n in where] for column in columns]
                    those = [places[n] for n in where]
                group = self._group_of((number, *key), shape, those[0], rows)
                if group is None:
                    others += those
                    continue
                asked.add(group.asked.digests)
                self._take_group(group, theirs, those, rows, indexes, found, others)
        others.sort()
        return found, others

    def _group_of(self, key: _Key, shape: Shaped, place: int, rows: CodedRows) -> _Group | None:
        """What is known of rows routed so; None where fields are derived from them row by row."""
        if key in self._groups:
            return self._groups[key]
        if len(self._groups) >= GROUPS:
            self._groups.clear()
        (fields,) = rows.read([place])
        source = source_of(self._item, fields)
        group: _Group | None = None
        if derivation_of(source) is None:
            _, aliases = self._scanner.exports.reading_of(shape.names)
            group = _Group(self._scanner.asked_of(source), shape, aliases, self._table_of)
        self._groups[key] = group
        return group

    def _take_group(
        self,
        group: _Group,
        codes: Sequence[Sequence[int]],
        places: Sequence[int],
        rows: CodedRows,
        indexes: Sequence[int],
        found: list[Hit],
        others: list[int],
    ) -> None:
        sieve = group.sieve
        spoken: Collection[int] = ()
        if sieve.keywords is not None:
            if sieve.words is None:
                others += places
                return
            spoken = self._spoken(sieve, places, rows)
            others += [places[n] for n in spoken]
        left = group.sift(codes, len(places), rows.values)
        waiting = [n for n, bits in enumerate(left) if bits and n not in spoken]
        # What the first teach rules out more for those after them.
        begin, size = 0, FIRST
        while begin < len(waiting):
            some = waiting[begin : begin + size]
            asked = [(places[n], left[n], [column[n] for column in codes]) for n in some]
            self._ask(group, asked, rows, indexes, found)
            begin, size = begin + size, 4 * size

    def _spoken(self, sieve: Sieve, places: Sequence[int], rows: CodedRows) -> Collection[int]:
        """Which of some rows may hold a word that rules look for in whole rows."""
        if sieve.pieces is None:
            return find_rows(sieve.words, [rows.raws[at] for at in places])
        spoken = self._heard.get(id(sieve.pieces))
        if spoken is None:
            spoken = sieve.pieces.find_rows(rows.joined, rows.ends).union(rows.escaped.tolist())
            self._heard[id(sieve.pieces)] = spoken
        return {n for n, at in enumerate(places) if at in spoken} if spoken else ()

    def _ask(
        self,
        group: _Group,
        asked: Sequence[tuple[int, int, list[int]]],
        rows: CodedRows,
        indexes: Sequence[int],
        found: list[Hit],
    ) -> None:
        """Add what is found in rows that leave something possible: place, bits, codes."""
        verdicts = group.verdicts
        if self._kept > VERDICTS:  # one limit for all groups, of which there may be thousands
            for each in self._groups.values():
                if each is not None:
                    each.forget()
            self._kept = 0
        unread: list[tuple[int, int, list[int], _Key | None]] = []
        again: list[tuple[int, _Key]] = []
        claimed: set[_Key] = set()
        for place, bits, row in asked:
            left = group.narrow(bits, row)
            if not left:
                continue
            key = group.key_of(left, row)
            if key is not None and key in verdicts:
                found += [(digest, indexes[place]) for digest in verdicts[key]]
            elif key is not None and key in claimed:
                again.append((place, key))
            else:
                unread.append((place, left, row, key))
                if key is not None:
                    claimed.add(key)
        self._kept += len(unread)
        for (place, left, row, key), fields in zip(
            unread, rows.read([each[0] for each in unread]), strict=True
        ):
            named = fields
            if group.aliases:
                named = {**fields, **{name: fields[own] for name, own in group.aliases.items()}}
            digests = group.ask(left, row, View(partial(rows.text, place), named))
            if key is not None:
                verdicts[key] = digests
            found += [(digest, indexes[place]) for digest in digests]
        for place, key in again:
            found += [(digest, indexes[place]) for digest in verdicts[key]]


def _routed(
    columns: Sequence[Sequence[int]], shape: Shaped, count: int
) -> Iterable[tuple[_Key, Sequence[int] | None]]:
    """The rows by what routes them: codes, and the rows that have them; None for too many ways."""
    routing = [columns[shape.slots[name]] for name in _ROUTING if name in shape.slots]
    if all(column.count(column[0]) == count for column in routing):
        return [(tuple(column[0] for column in routing), range(count))]
    ways: dict[_Key, list[int]] = {}
    for n, key in enumerate(zip(*routing, strict=True)):
        ways.setdefault(key, []).append(n)
    return ways.items() if len(ways) <= MIXED else [((), None)]


def names_that_matter(scanner: Scanner, names: tuple[str, ...]) -> Collection[str] | None:
    """Of the names of a shape those whose values rules look at; None where such rows are read by another
    reading first."""
    reading, aliases = scanner.exports.reading_of(names)
    if reading is not None:
        return None
    wanted: Any = scanner.exports.names
    return {name for name in names if name in wanted or name in _ROUTING} | set(aliases.values())
