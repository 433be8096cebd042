"""Rules asked of rows whose values are known by codes, so that most rows are never read.

A shape of rows, and what the fields that route it say, decide which rules are asked. For each of the fields
that their sieve looks at, a code stands for the rules that its value leaves possible; a row leaves possible
what all its codes do. Rules that a row leaves possible are asked of its codes
(:mod:`comity.findings.coded_rules`); only where they ask for words in whole rows is it read, as any other is.

Where a part of a rule that asks one field alone is false of a value, the rule is no longer possible where
that value's code stands.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from operator import and_, itemgetter
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from comity.findings.asking import View
from comity.findings.coded_made import MadeFields, inputs_of, made_of
from comity.findings.coded_rules import CodedFields, CodedTree, CodedTrees, Shaped, UnreadError
from comity.findings.deriving import derivation_of
from comity.findings.effort import LONG
from comity.findings.logsource import source_of
from comity.findings.rows import ItemInfo, Value
from comity.findings.screen import find_rows
from comity.findings.states import ROOM, Codes, States, Table
from comity.findings.telling import is_forwarded

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from comity.findings.finding import Hit
    from comity.findings.match import Asked, Scanner
    from comity.findings.sieve import Field, Sieve
    from comity.findings.sweep import Untold

GROUPS: Final = 4096
VERDICTS: Final = 1 << 16
FIRST: Final = 64
"""So many rows of a group are asked before it is looked what they teach; then four times as many."""
MOST: Final = 1 << 20
FEW: Final = 64
"""So many rows are sifted without arrays."""
MADE: Final = 1 << 17
"""So many codes of a field that is made may stand in an array."""
MIXED: Final = 256
"""Rows of one shape that are routed in more ways than these, in one batch, are read one by one."""

_ROUTING: Final = ("Channel", "EventID", "_path", "@stream", "@proc")
_Key: TypeAlias = "tuple[int, ...]"


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


class _Left:
    """The rules that rows leave possible, by number, each as a tree over codes, or None where it asks for
    words; and, by the codes in those ``slots`` that they ask, the names of those that are true."""

    def __init__(self, rules: Sequence[tuple[int, CodedTree | None]], slots: Collection[int]) -> None:
        self.rules = [(number, tree) for number, tree in rules if tree is not None]
        self.unknown = [number for number, tree in rules if tree is None]
        self.codes_of: Callable[[Sequence[int]], object] = itemgetter(*sorted(slots)) if slots else _no_codes
        self.held: dict[object, Sequence[str]] = {}


def _no_codes(_: Sequence[int]) -> None:
    """Nothing is asked of the codes of a row."""


class _Group:
    """Rows of one shape and one kind of source."""

    def __init__(
        self,
        asked: Asked,
        shape: Shaped,
        aliases: Mapping[str, str],
        table_of: Callable[[Sieve, Field, str], Table],
        trees: CodedTrees,
        spent: list[int],
        made: MadeFields | None = None,
    ) -> None:
        self.asked = asked
        self.untold: Untold | None = None
        self.sieve = sieve = asked.sieve
        self.aliases = aliases
        self.fields = CodedFields(shape, aliases, spent)
        self.made = made
        self._made_columns: list[int] = []
        if made is not None:
            self.fields.made = {name: made.first + n for n, name in enumerate(made.names)}
            self.fields.made_values = made.values
        self._arranged = trees
        self._by_name: dict[str, int] = {}
        self.columns: list[tuple[int, Table]] = []
        base = sieve.base
        self.reach = FIRST
        """How many rows are sifted before those that remain are asked."""
        self._trees: dict[int, tuple[CodedTree | None, frozenset[int]]] = {}
        self._left: dict[int, _Left] = {}
        for name, field in sieve.fields.items():
            own = name if name in shape.names else aliases.get(str(name))
            if own is None and name in self.fields.made:
                self._by_name[str(name)] = len(self.columns)
                self._made_columns.append(len(self.columns))
                self.columns.append((self.fields.made[name], Table(field, [MADE])))
            elif own is None:
                base &= field.absent
            elif own in shape.slots:
                self._by_name[str(name)] = len(self.columns)
                self.columns.append((shape.slots[own], table_of(sieve, field, own)))
            else:
                base &= field.bits_of(shape.constants[own])
        if sieve.keywords is not None:
            base &= sieve.keywords.nothing
        self._base = base
        self._states = States(base, sieve.size, len(self.columns))

    def sift(
        self, codes: Codes, values: Callable[[Sequence[int]], Sequence[Value]]
    ) -> Iterable[tuple[int, int, list[int]]]:
        """The rows that leave something possible: which it is, the rules that it leaves possible as bits, and
        its codes; ``codes`` are of all rows, by slot."""
        import numpy as np

        count = codes.shape[1]
        taken = [values] * len(self.columns)
        if self.made is not None:
            taken = [self.made.values if slot >= self.made.first else values for slot, _ in self.columns]
        if count <= FEW:
            listed = codes.tolist()
            left = [self._base] * count
            for (slot, table), told in zip(self.columns, taken, strict=True):
                left = list(map(and_, left, table.look_up_few(listed[slot], told)))
            possible_of = self.sieve.possible_of(left)
            return [(n, bits, [column[n] for column in listed]) for n, bits in enumerate(possible_of) if bits]
        columns = [
            (table.look_up(codes[slot], told), table.bits)
            for (slot, table), told in zip(self.columns, taken, strict=True)
        ]
        states, meant = self._states.take(columns, count)
        met = np.bincount(states).nonzero()[0].tolist()
        known = dict(zip(met, self.sieve.possible_of([meant[number] for number in met]), strict=True))
        possible = np.zeros(len(meant), np.bool_)
        possible[[number for number in met if known[number]]] = True
        some = possible[states].nonzero()[0]
        rows = codes[:, some].T.tolist()
        left = [known[number] for number in states[some].tolist()]
        return zip(some.tolist(), left, rows, strict=True)

    def widen(
        self, codes: Codes, values: Callable[[Sequence[int]], Sequence[Value]]
    ) -> tuple[Codes, Collection[int]]:
        """The codes of rows with those of what is made of them; and the rows of which something is derived
        that holds a word which rules look for in whole rows."""
        if self.made is None:
            return codes, ()
        if self.made.full:
            self._forget_made(self.made)
        return self.made.widen(codes, values, self._speaking)

    def _speaking(self, texts: Collection[str]) -> Collection[str]:
        words = self.sieve.keywords
        return words.work_out(sorted(texts)) if words is not None and texts else ()

    def _forget_made(self, made: MadeFields) -> None:
        made.forget()
        self.forget()
        for at in self._made_columns:
            slot, table = self.columns[at]
            self.columns[at] = slot, Table(table.field, [MADE])

    def forget(self) -> None:
        """Let go of what was asked before; it is asked again."""
        self._trees.clear()
        self._left.clear()

    def rules_of(self, left: int) -> _Left:
        """The rules left."""
        known = self._left.get(left)
        if known is None:
            self.fields.spent[0] += 1
            rules, slots = [], set[int]()
            for number in self.sieve.numbers_of(left):
                tree, asked = self._tree_of(number)
                rules.append((number, tree))
                slots |= asked
            known = self._left[left] = _Left(rules, slots)
        return known

    def _tree_of(self, number: int) -> tuple[CodedTree | None, frozenset[int]]:
        known = self._trees.get(number)
        if known is None:
            fields = self.fields
            fields.spent[0] += 1
            fields.asked.clear()
            rule = self.sieve.detection_of(number)
            try:
                known = self._arranged.compile_rule(rule, fields), frozenset(fields.asked)
            except UnreadError:
                known = None, frozenset()
            self._trees[number] = known
        return known

    def held(self, left: _Left, row: Sequence[int]) -> Sequence[str]:
        """The names of the rules left that are true of a row, told by its codes."""
        codes = left.codes_of(row)
        held = left.held.get(codes)
        if held is None:
            self.fields.spent[0] += 1
            name_of = self.sieve.name_of
            held = left.held[codes] = [
                name_of(number) for number, tree in left.rules if self.holds(number, tree, row)
            ]
        return held

    def holds(self, number: int, tree: CodedTree, row: Sequence[int]) -> bool:
        """Whether a rule is true of a row, told by its codes."""
        for name, test in tree:
            if not test(row):
                self._teach(number, row, name)
                return False
        return True

    def holds_of(self, number: int, row: Sequence[int], view: View) -> bool:
        """The same, told by the row."""
        refused = self.sieve.refusal_of(number, view)
        self._teach(number, row, refused)
        return refused is None

    def _teach(self, number: int, row: Sequence[int], refused: str | None) -> None:
        """Where a field alone rules a rule out, that is remembered at its code."""
        at = self._by_name.get(refused or "")
        if at is not None:
            slot, table = self.columns[at]
            table.teach(row[slot], 1 << number)


class Coding:
    """What a scanner remembers of rows by codes: kinds of rows, tables, and verdicts."""

    def __init__(self, scanner: Scanner, item: ItemInfo) -> None:
        self._scanner = scanner
        self._item = item
        self._turn = 0
        self._groups: dict[_Key, _Group | None] = {}
        self._spent = [0]
        self._trees = CodedTrees()
        self._tables: dict[tuple[int, str, str], Table] = {}
        self._heard: dict[int, frozenset[int]] = {}
        self._room = [ROOM]

    def _table_of(self, sieve: Sieve, field: Field, own: str) -> Table:
        key = id(sieve), field.name, own
        table = self._tables.get(key)
        if table is None:
            table = self._tables[key] = Table(field, self._room)
        return table

    def take(
        self,
        rows: CodedRows,
        indexes: Sequence[int],
        asked: set[frozenset[str]],
        untold: dict[Untold, int],
    ) -> tuple[list[Hit], list[int]]:
        """What matches, and the places of rows that are to be read one by one after all."""
        import numpy as np

        if rows.turn != self._turn:
            self._turn = rows.turn
            self._groups.clear()
            self._tables.clear()
            self._trees.forget()
            self._room = [ROOM]
        self._heard.clear()
        found: list[Hit] = []
        # What a long row may cost is told before its rules are asked, one by one.
        long = np.diff(rows.ends, prepend=-1)[rows.places] > LONG + 1
        others: list[int] = rows.places[long].tolist()
        if others:
            rows = _only(rows, ~long)
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
            codes = np.ascontiguousarray(rows.codes[some][:, : len(shape.slots)].T)
            places = rows.places[some].tolist()
            for key, where in _routed(codes, shape):
                if where is None:
                    others += places
                    break
                if len(where) == len(places):
                    theirs, those = codes, places
                else:
                    theirs, those = codes[:, where], [places[n] for n in where]
                group = self._group_of((number, *key), shape, those[0], rows)
                if group is None:
                    others += those
                    continue
                asked.add(group.asked.digests)
                before = len(others)
                self._take_group(group, theirs, those, rows, indexes, found, others)
                if group.untold is not None:
                    # What is to be read after all is counted there.
                    told = len(those) - (len(others) - before)
                    untold[group.untold] = untold.get(group.untold, 0) + told
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
        channel = fields.get("Channel")
        told = not isinstance(channel, str) or not is_forwarded(channel)
        read = self._scanner.exports.parts_of(shape.names)
        if told and read is not None:
            aliases, parts = read
            with suppress(LookupError):
                made = made_of(shape, aliases, parts, derivation_of(source))
                asked = self._scanner.asked_of(source)
                group = _Group(asked, shape, aliases, self._table_of, self._trees, self._spent, made)
                if source.untold:
                    group.untold = asked.digests, source.worded
        self._groups[key] = group
        return group

    def _take_group(
        self,
        group: _Group,
        codes: Codes,
        places: Sequence[int],
        rows: CodedRows,
        indexes: Sequence[int],
        found: list[Hit],
        others: list[int],
    ) -> None:
        sieve = group.sieve
        codes, derived = group.widen(codes, rows.values)
        spoken: Collection[int] = ()
        if sieve.keywords is not None:
            if sieve.words is None:
                others += places
                return
            spoken = {*self._spoken(sieve, places, rows), *derived}
            others += [places[n] for n in spoken]
        # What the first rows teach rules out more for those after them.
        begin, count = 0, len(places)
        while begin < count:
            end = min(begin + group.reach, count)
            group.reach = min(4 * group.reach, MOST)
            sifted = group.sift(codes[:, begin:end], rows.values)
            asked = [(places[begin + n], left, row) for n, left, row in sifted if begin + n not in spoken]
            self._ask(group, asked, rows, indexes, found, others)
            begin = end

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
        others: list[int],
    ) -> None:
        """Add what is found in rows that leave something possible: place, bits, codes. ``others`` get those
        that are to be read after all."""
        if self._spent[0] > VERDICTS:  # one limit for all groups, of which there may be thousands
            for each in self._groups.values():
                if each is not None:
                    each.forget()
            self._trees.forget()
            self._spent[0] = 0
        group.fields.values = rows.values
        name_of, rules_of = group.sieve.name_of, group.rules_of
        unread: list[tuple[int, list[int], Sequence[int], Sequence[str]]] = []
        for place, bits, row in asked:
            left = rules_of(bits)
            held = group.held(left, row)
            if left.unknown and group.made is not None:
                others.append(place)  # what is made of it is read with it
            elif left.unknown:
                unread.append((place, row, left.unknown, held))
            elif held:
                found += [(name, indexes[place]) for name in dict.fromkeys(held)]
        read = rows.read([each[0] for each in unread])
        for (place, row, unknown, held), fields in zip(unread, read, strict=True):
            named = fields
            if group.aliases:
                named = {**fields, **{name: fields[own] for name, own in group.aliases.items()}}
            view = View(partial(rows.text, place), named)
            more = [name_of(number) for number in unknown if group.holds_of(number, row, view)]
            found += [(name, indexes[place]) for name in dict.fromkeys((*held, *more))]


def _only(rows: CodedRows, kept: npt.NDArray[np.bool_]) -> CodedRows:
    """Some of the rows."""
    return replace(rows, places=rows.places[kept], shapes=rows.shapes[kept], codes=rows.codes[kept])


def _routed(codes: Codes, shape: Shaped) -> Iterable[tuple[_Key, Sequence[int] | None]]:
    """The rows by what routes them: codes, and the rows that have them; None for too many ways."""
    routing = [codes[shape.slots[name]] for name in _ROUTING if name in shape.slots]
    if all((column == column[0]).all() for column in routing):
        return [(tuple(int(column[0]) for column in routing), range(codes.shape[1]))]
    ways: dict[_Key, list[int]] = {}
    for n, key in enumerate(zip(*(column.tolist() for column in routing), strict=True)):
        ways.setdefault(key, []).append(n)
    return ways.items() if len(ways) <= MIXED else [((), None)]


def names_that_matter(scanner: Scanner, names: tuple[str, ...]) -> Collection[str] | None:
    """Of the names of a shape those whose values rules look at; None where such rows are read by another
    reading first."""
    read = scanner.exports.parts_of(names)
    if read is None:
        return None
    aliases, parts = read
    wanted: Any = scanner.exports.names
    asked = {name for name in names if name in wanted or name in _ROUTING}
    return asked | set(aliases.values()) | inputs_of(names, parts, aliases)
