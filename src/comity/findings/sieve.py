"""Which rules of a plan a row can satisfy, told from the value of each field alone.

What a rule needs of single fields (:mod:`comity.findings.needs`) makes conditions on their values. So each
value of a field stands for a set of rules that it leaves possible, as the bits of one number; a row leaves
possible what all of its values do. A need that spreads over several fields must be met by some value of the
row.

What remains is a handful of rules for a row, mostly none, and these are asked in full
(:mod:`comity.findings.asking`). The sieve never decides a match: it lets through every rule that is true.
A value's bits are worked out once and remembered, up to a budget that all columns share. Rules' trees are
read only when they are asked.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import count, repeat
from operator import and_, itemgetter
from typing import Any, Final, NamedTuple, TypeAlias, cast

from comity.findings.arranged import Memory, arrange_parts, name_of
from comity.findings.asking import Test, View, compile_test, sole_field
from comity.findings.atoms import And, Atom, Node, rename
from comity.findings.columns import REMEMBERED_LENGTH, Budget, Column
from comity.findings.grouped import SPREAD, Group
from comity.findings.needs import Needs, conjuncts
from comity.findings.pieces import PieceColumn
from comity.findings.rows import Value, elements
from comity.findings.screen import compile_pieces, compile_words
from comity.findings.seek import Seek, SeekColumn, load_seek
from comity.findings.seek_tables import LEAST, Tables, make_tables
from comity.findings.sigma import Part, Rule
from comity.findings.taxonomy import Renames

_Tree: TypeAlias = "Sequence[tuple[str | None, Test]]"
_Laid: TypeAlias = "tuple[int, list[Field], list[str]]"
"""For rows with the same fields: what they leave possible by the fields that they lack, the fields that they
have and under which names."""
LONG_TEXTS: Final = 4 << 20
"""How much of long texts it is remembered what they satisfy, in characters."""
_LAYOUTS: Final = 1024
_TOGETHER: Final = 4096
_FEW: Final = 32
"""Of how many sets of atoms of a field it is remembered what they meet together, and of how many atoms these
are at most."""
_NO_ALIASES: Final[Mapping[str, str]] = {}
_TEXTS: Final = {str}
_NUMBERS: Final = {int}


PlacedPart: TypeAlias = "tuple[Rule, int, Part]"
"""A detection: its rule, its number there, and itself."""


def name_at(placed: PlacedPart, whole: bool) -> str:
    """Under which name a detection is asked: the digest of its rule, with a colon and its number where it is
    asked for what its rule sets aside."""
    rule, number, _ = placed
    return f"{rule.digest}:{number}" if whole else rule.digest


class Block(NamedTuple):
    """Detections that are asked together: a group of the pack, and the names of the log for the fields that
    they ask for. ``whole`` are asked for what rules that need more rows set aside, under names of their
    own; those alone, or else those that are shown, are ``active``, as bits of the group."""

    group: Group
    names: Renames
    whole: bool
    active: int


class Detection(NamedTuple):
    """One detection that is asked: under which name, its place in the pack, and the names of the log for the
    fields that it asks for."""

    name: str
    place: int
    names: Renames
    part: Part

    def node(self) -> Node:
        """Its tree, asking under the names of the log."""
        return rename(self.part.node, self.names) if self.names else self.part.node


class Columns:
    """What looks for the atoms of each field in a text, made when a field is first met; all kinds of rows
    share it."""

    def __init__(self, needs: Needs) -> None:
        self.needs = needs
        self._made: dict[int, Column | PieceColumn | SeekColumn] = {}
        self._loop: Seek | None = None
        self._long: dict[tuple[int, str], Collection[int]] = {}
        self._held = 0

    def compile(self) -> None:
        """From now on look by a compiled loop, where one can be had."""
        if self._loop is None:
            self._loop = load_seek()
            self._made.clear()

    def column_of(self, field: int) -> Column | PieceColumn | SeekColumn:
        """The column of a field, by its number among the needs."""
        made = self._made.get(field)
        if made is None:
            make = partial(self._make, field)
            loop = self._loop
            tables = self._tables_of(field) if loop is not None else None
            made = make() if loop is None or tables is None else SeekColumn(tables, loop, make)
            self._made[field] = made
        return made

    def search_all(self, field: int, texts: Sequence[str]) -> Iterable[Collection[int]]:
        """For each text the numbers of the atoms of a field that it satisfies. What a long one satisfies is
        remembered for a while: each reading of a row has it, and each kind of rows is asked apart."""
        column, known = self.column_of(field), self._long
        if max(map(len, texts), default=0) <= REMEMBERED_LENGTH:
            return column.search_all(texts)
        fresh = [text for text in texts if (field, text) not in known]
        told = dict(zip(fresh, map(tuple, column.search_all(fresh)), strict=True))
        found = [told[text] if text in told else known[field, text] for text in texts]
        for text, numbers in told.items():
            if len(text) > REMEMBERED_LENGTH:
                self._held += len(text) + 8 * len(numbers)
                if self._held > LONG_TEXTS:
                    known.clear()
                    self._held = len(text)
                known[field, text] = numbers
        return found

    def _tables_of(self, field: int) -> Tables | None:
        tables = self.needs.tables_of(field)
        if tables is None and len(atoms := self.needs.atoms_of(field)) >= LEAST:
            return make_tables(atoms)
        return tables

    def _make(self, field: int) -> Column | PieceColumn:
        atoms, filed = self.needs.atoms_of(field), self.needs.filed_of(field)
        if filed is not None:
            return PieceColumn(atoms, filed)
        made = Column((), Budget(0))
        made.file(enumerate(atoms))
        return made


def _columns_of(rows: Sequence[Mapping[str, Value]], names: Sequence[str]) -> Iterable[Sequence[Value]]:
    if len(names) < 2:
        return [[row[name] for row in rows] for name in names]
    take = itemgetter(*names)
    columns: list[list[Value]] = [[] for _ in names]
    # A few rows at a time, while they are at hand to the processor.
    for start in range(0, len(rows), 256):
        for column, values in zip(
            columns, zip(*map(take, rows[start : start + 256]), strict=True), strict=True
        ):
            column += values
    return columns


class Field:
    """The needs of one field. ``free`` are the rules that need nothing of it.

    What a value says of ``size`` rules is one number: the lower bits are the rules that it leaves possible,
    the upper bits those whose spread need it does *not* meet. So a row is the ``and`` of its values.
    """

    def __init__(self, name: str | None, size: int, spread: int, columns: Columns, budget: Budget) -> None:
        self.name = name or ""
        self.size = size
        self.everything = (1 << size) - 1
        self._spread = spread
        self.missed = spread << size
        self._columns = columns
        self._needing = 0
        self._direct: list[tuple[int, Node]] = []
        self._asking: dict[int, list[Mapping[int, int]]] = {}
        self._met: dict[tuple[int, int], int] = {}
        self.memo: dict[str, int] = {}
        self._together: dict[tuple[int, ...], int] = {}
        self.budget = budget

    def need(self, field: int, asking: Mapping[int, int], keep: int) -> None:
        """File that rules, whose numbers ``asking`` has by their places in the pack, look for atoms of
        ``field`` here, and that those of ``keep`` need one of them."""
        known = self._asking.setdefault(field, [])
        if not any(each is asking for each in known):
            known.append(asking)
        self._needing |= keep

    def _meet(self, field: int, atom: int) -> int:
        """What an atom meets; put together when it first holds of a value, as few atoms do."""
        bits = 0
        for told in self._columns.needs.users_of(field).of(atom):
            spread = self.size if told & SPREAD else 0
            for asking in self._asking[field]:
                number = asking.get(told >> 1)
                if number is not None:
                    bits |= 1 << number + spread
        self._met[field, atom] = bits
        return bits

    def ask_direct(self, bit: int, node: Node) -> None:
        """File that the rule ``bit`` is true only where a tree that asks this field alone is."""
        self._direct.append((bit, node))

    def close(self) -> None:
        """All needs are filed."""
        self.direct = [(bit, compile_test(node)) for bit, node in self._direct]
        self.free = self.everything & ~self._needing
        self.nothing = self.free | self.missed
        self.absent = self.nothing & ~self._refused({})
        self.budget.columns.append(self)

    def atoms(self) -> list[Atom]:
        """The atoms that are filed."""
        needs = self._columns.needs
        found = []
        for field, asking in self._asking.items():
            places = frozenset[int]().union(*asking)
            numbers = needs.users_of(field).atoms_of(places)
            atoms = needs.atoms_of(field)
            found += [Atom(needs.names[field], *atoms[number]) for number in numbers]
        return found

    def _refused(self, fields: Mapping[str, Value]) -> int:
        view = View(str, fields)
        refused = 0
        for bit, test in self.direct:
            if not refused & bit and not test(view):
                refused |= bit
        return refused

    def bits_of(self, value: Value) -> int:
        """What a value says, one text or many."""
        texts = {text for text in elements(value) if text is not None}
        found = [self.memo.get(text) for text in texts]
        if None in found:
            learned = self.learn(texts)
            found = [learned[text] for text in texts]
        keep, missed = self.free, self._spread
        for bits in found:
            assert bits is not None
            keep |= bits & self.everything
            missed &= bits >> self.size
        if self.direct:
            # What a tree says of several values does not follow from what it says of each.
            keep = (keep | self.free) & ~self._refused({self.name: value})
        return keep | missed << self.size

    def bits_of_all(self, values: Sequence[Value]) -> Sequence[int] | None:
        """The same for many values; None where no value meets any need."""
        memo = self.memo
        try:
            # Whatever is no text is no key.
            told = [memo[value] for value in values]  # type: ignore[index]
        except (KeyError, TypeError):
            told = self._bits_of_fresh(values)
        return None if told.count(self.nothing) == len(told) else told

    def _bits_of_fresh(self, values: Sequence[Value]) -> list[int]:
        try:
            distinct = set(values)
        except TypeError:  # a list among them
            return list(map(self.bits_of, values))
        known: Any
        if set(map(type, distinct)) == _TEXTS:
            known = self._look_up(cast("set[str]", distinct))
        elif set(map(type, values)) == _NUMBERS:
            texts = self._look_up(set(map(str, distinct)))
            known = {value: texts[str(value)] for value in distinct}
        else:
            return list(map(self.bits_of, values))
        return list(map(known.__getitem__, values))

    def _look_up(self, texts: set[str]) -> Mapping[str, int]:
        memo = self.memo
        fresh = texts.difference(memo)
        if not fresh:
            return memo
        # Learning may make the memo forget.
        known = {text: memo[text] for text in texts.difference(fresh)}
        known |= self.learn(fresh)
        return known

    def learn(self, texts: Iterable[str]) -> dict[str, int]:
        """Work out the bits of texts, and remember them if the budget allows."""
        asked = list(texts)
        learned = dict.fromkeys(asked, self.nothing)
        telling = self.work_out(asked)
        learned.update(telling)
        self.memo.update(learned)
        spent = 150 * len(learned) + 400 * len(telling)
        for text in asked:
            spent += len(text)
            if len(text) > REMEMBERED_LENGTH:
                del self.memo[text]
        self.budget.take(spent)
        return learned

    def work_out(self, texts: Sequence[str]) -> dict[str, int]:
        """The bits of those texts, of different ones, that say anything; nothing is remembered of a text."""
        telling: dict[str, int] = {}
        nothing, missed = self.nothing, self.missed
        met, meet = self._met, self._meet
        for field in self._asking:
            together = self._together
            for text, numbers in zip(texts, self._columns.search_all(field, texts), strict=True):
                if not numbers:
                    continue
                # Most texts of which anything holds are of few kinds.
                found = field, *numbers
                bits = together.get(found)
                if bits is None:
                    bits = 0
                    for number in numbers:
                        known = met.get((field, number))
                        bits |= meet(field, number) if known is None else known
                    if len(numbers) <= _FEW:
                        if len(together) >= _TOGETHER:
                            together.clear()
                        together[found] = bits
                if bits:
                    # Where two names are one in this log, a text may have met something before.
                    telling[text] = ((telling.get(text, nothing) ^ missed) | bits) ^ missed
        if self.direct:
            for text in texts:
                if refused := self._refused({self.name: text}):
                    telling[text] = telling.get(text, nothing) & ~refused
        return telling


class Sieve:
    """The rules of one plan."""

    def __init__(
        self, blocks: Sequence[Block], parts: Sequence[PlacedPart], columns: Columns, budget: Budget
    ) -> None:
        self._parts = parts
        self._names: dict[int, str] = {}
        self._trees: dict[int, _Tree] = {}
        self._memory = Memory(budget)
        self._layouts: dict[tuple[Any, ...], _Laid] = {}
        self.size = size = sum(len(block.group.places) for block in blocks)
        spread = sum(block.group.spread for block in blocks)
        self._spread = (1 << spread) - 1
        self._everything = 0
        fields: dict[str | None, Field] = {}
        known: dict[tuple[int, int], Field] = {}

        def field_of(name: str | None) -> Field:
            field = fields.get(name)
            if field is None:
                field = fields[name] = Field(name, size, self._spread, columns, budget)
            return field

        def renamed(number: int, renames: Renames) -> Field:
            field = known.get((number, id(renames)))
            if field is None:
                name = columns.needs.names[number]
                field = field_of(None if name is None else renames.get(name, name))
                known[number, id(renames)] = field
            return field

        # Those that spread come first, so that what is said of them needs few bits.
        low, high = 0, spread
        self._blocks: list[tuple[int, Block]] = []
        others: list[tuple[int, Block]] = []
        direct: list[int] = []
        numbers: dict[tuple[int, bool], dict[int, int]] = {}
        for block in blocks:
            group, names = block.group, block.names
            first = group.spread
            below = (1 << first) - 1
            asking = numbers.setdefault((id(names), block.whole), {})
            asking.update(zip(group.places, range(low, low + first), strict=False))
            asking.update(zip(group.places[first:], count(high), strict=False))
            for field, bits in group.fields:
                renamed(field, names).need(field, asking, (bits & below) << low | bits >> first << high)
            self._everything |= (block.active & below) << low | block.active >> first << high
            direct += [high + number - first for number in group.direct if block.active >> number & 1]
            self._blocks.append((low, block))
            others.append((high - first, block))
            low += first
            high += len(group.places) - first
        self._blocks += others
        self._begins = [begin for begin, _ in self._blocks[: len(blocks)]]
        self._begins += [begin + block.group.spread for begin, block in others]
        for number in direct:
            # Nothing to look for: what it asks of one field alone is decided value by value.
            for part in conjuncts(self.node_of(number)):
                name = sole_field(part)
                if name is not None:
                    field_of(name).ask_direct(1 << number, part)
        for each in fields.values():
            each.close()
        self.keywords = fields.pop(None, None)
        self.fields: dict[str, Field] = cast("dict[str, Field]", fields)
        words = None if self.keywords is None else self.keywords.atoms()
        self.words = None if words is None else compile_words(words)
        self.pieces = None if words is None else compile_pieces(words)

    def _lay_out(self, names: Mapping[str, Value], aliases: Mapping[str, str]) -> _Laid:
        key = tuple(names), tuple(aliases.items())
        known = self._layouts.get(key)
        if known is None:
            base, here, own = self.base, [], []
            for name, field in self.fields.items():
                if name in names:
                    here.append(field)
                    own.append(name)
                elif name in aliases:
                    here.append(field)
                    own.append(aliases[name])
                else:
                    base &= field.absent
            if len(self._layouts) >= _LAYOUTS:
                self._layouts.clear()
            known = self._layouts[key] = base, here, own
        return known

    def sift(
        self,
        rows: Sequence[Mapping[str, Value]],
        words: Mapping[int, int] | None = None,
        aliases: Mapping[str, str] = _NO_ALIASES,
    ) -> Sequence[int]:
        """For rows with the same fields, the rules that each leaves possible, as bits.

        ``words`` are the bits of the words found in whole rows, by position; a row that is not there
        holds none. ``aliases`` are the rows' own names for fields that they have under other names.
        """
        base, here, own = self._lay_out(rows[0], aliases)
        columns: list[Sequence[int]] = []
        for field, values in zip(here, _columns_of(rows, own), strict=True):
            bits = field.bits_of_all(values)
            if bits is None:
                base &= field.nothing
            else:
                columns.append(bits)
        if self.keywords is not None:
            none = self.keywords.nothing
            if words:
                columns.append([words.get(at, none) for at in range(len(rows))])
            else:
                base &= none
        if not base & self._everything:
            return [0] * len(rows)
        left: Iterable[int] = repeat(base, len(rows))
        for column in columns:
            left = map(and_, left, column)
        return self.possible_of(left)

    def possible_of(self, left: Iterable[int]) -> list[int]:
        """The rules that rows leave possible, of what their values say together."""
        everything, unspread, size = self._everything, ~self._spread, self.size
        if not self._spread:
            return [bits & everything for bits in left]
        return [bits & everything & (unspread | ~(bits >> size)) for bits in left]

    @property
    def base(self) -> int:
        """What a row leaves possible before any value is looked at."""
        return self._everything | self._spread << self.size

    def _compile(self, number: int) -> _Tree:
        """A rule's tree: tests that must all hold, each with the field that it asks alone, if it does."""
        parts = arrange_parts(And, conjuncts(self.node_of(number)))
        return [(name_of(part), self._memory.compile(part)) for part in parts]

    def refusal_of(self, number: int, view: View) -> str | None:
        """None where a rule is true of a row; else the field by which alone it is not, or an empty text."""
        tree = self._trees.get(number)
        if tree is None:
            tree = self._trees[number] = self._compile(number)
        for name, test in tree:
            if not test(view):
                return name or ""
        return None

    def ask(self, possible: int, view: View) -> tuple[str, ...]:
        """The names of the rules that are true of a row, of those that it leaves possible; sorted."""
        found = [
            self.name_of(number)
            for number in self.numbers_of(possible)
            if self.refusal_of(number, view) is None
        ]
        return tuple(sorted(set(found))) if len(found) > 1 else tuple(found)

    def numbers_of(self, possible: int) -> Iterator[int]:
        """The rules that bits stand for, by their numbers."""
        while possible:
            low = possible & -possible
            possible ^= low
            yield low.bit_length() - 1

    @cached_property
    def asked(self) -> Sequence[int]:
        """The rules that are asked, by their numbers."""
        return list(self.numbers_of(self._everything))

    def asked_at(self, number: int) -> tuple[int, Block]:
        """The place of a rule's detection in the pack, and with what it is asked, by its number."""
        # Of blocks that begin at the same number the last is not empty.
        begin, block = self._blocks[bisect_right(self._begins, number) - 1]
        return block.group.places[number - begin], block

    def detection_of(self, number: int) -> Detection:
        """The detection of a rule, by its number."""
        place, block = self.asked_at(number)
        placed = self._parts[place]
        return Detection(name_at(placed, block.whole), place, block.names, placed[2])

    def name_of(self, number: int) -> str:
        """Under which name a rule is asked, by its number."""
        known = self._names.get(number)
        if known is None:
            known = self._names[number] = self.detection_of(number).name
        return known

    def node_of(self, number: int) -> Node:
        """The tree of a rule, by its number."""
        return self.detection_of(number).node()
