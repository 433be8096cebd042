"""Which rules of a plan a row can satisfy, told from the value of each field alone.

From a rule's tree follow *needs*: sets of atoms of which one must hold. A need whose atoms all ask one
field makes a condition on that field's value. So each value of a field stands for a set of rules that it
leaves possible, as the bits of one number; a row leaves possible what all of its values do. Of the needs
that spread over several fields one is kept for each rule, and a row must meet it by some value.

What remains is a handful of rules for a row, mostly none, and these are asked in full
(:mod:`comity.findings.asking`). The sieve never decides a match: it lets through every rule that is true.
A value's bits are worked out once and remembered, up to a budget that all columns share.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from operator import and_, itemgetter
from typing import Any, Final, TypeAlias, cast

from comity.findings.asking import Test, View, cheap_first, compile_test
from comity.findings.atoms import And, Atom, Node, Not, Or, iter_atoms
from comity.findings.columns import REMEMBERED_LENGTH, Budget, Column
from comity.findings.rows import Value, elements
from comity.findings.screen import compile_pieces, compile_words

SIEVED: Final = frozenset(
    (
        *("equals", "contains", "startswith", "endswith", "glob", "regex", "cidr"),
        *("eq", "lt", "lte", "gt", "gte", "time"),
    )
)
"""Kinds of atom that hold of some text that is there, and of few."""

Guard: TypeAlias = frozenset[Atom]
_Weighed: TypeAlias = "tuple[float, tuple[Atom, ...]]"
_Tree: TypeAlias = "tuple[list[tuple[str, int, Test]], Test | None]"
"""A rule's tree: parts that ask one field alone, each with a number of its own, and the rest."""
_LITERAL: Final = frozenset(("equals", "contains", "startswith", "endswith", "glob"))
_PRESENCE: Final = frozenset(("exists", "null", "any"))
_USELESS: Final = 1e9
_SHORT: Final = 256
_NO_ALIASES: Final[Mapping[str, str]] = {}
_TEXTS: Final = {str}
_NUMBERS: Final = {int}


def weigh_guard(guard: Guard) -> tuple[float, int]:
    """How often a guard is likely to hold, roughly: short questions hold often."""
    return sum(map(_weigh_atom, guard)), len(guard)


def _weigh_atom(atom: Atom) -> float:
    if atom.kind in _LITERAL:
        return 1 / (1 + len(atom.value)) ** 2
    return 1.0 if atom.kind in _PRESENCE else 0.25


def _conjuncts(node: Node) -> Iterable[Node]:
    if isinstance(node, And):
        for part in node.parts:
            yield from _conjuncts(part)
    else:
        yield node


def _guards_of(node: Node) -> tuple[_Weighed | None, dict[str | None, _Weighed]]:
    """Atoms that a sieve can look for, of which one must hold: the best over all fields, and the best of
    each field of which all ask it; with how often they are likely to hold."""
    if isinstance(node, Atom):
        if node.kind not in SIEVED:
            return None, {}
        alone = _weigh_atom(node), (node,)
        return alone, {node.field: alone}
    if isinstance(node, Not):
        return None, {}
    if isinstance(node, Or):
        return _guards_of_any(node.parts)
    best: _Weighed | None = None
    fields: dict[str | None, _Weighed] = {}
    for part in node.parts:
        one, by_field = _guards_of(part)
        if one is not None and (best is None or one[0] < best[0]):
            best = one
        for name, guard in by_field.items():
            if name not in fields or guard[0] < fields[name][0]:
                fields[name] = guard
    return best, fields


def _guards_of_any(parts: Sequence[Node]) -> tuple[_Weighed | None, dict[str | None, _Weighed]]:
    alike = _texts_of_one_field(parts)
    if alike is not None:
        weighed = sum(map(_weigh_atom, alike)), alike
        return weighed, {alike[0].field: weighed}
    chance = 0.0
    atoms: list[Atom] = []
    fields: dict[str | None, tuple[float, list[Atom]]] | None = None
    everywhere = True
    for part in parts:
        one, by_field = _guards_of(part)
        if one is None:
            everywhere = False
        else:
            chance += one[0]
            atoms += one[1]
        if fields is None:
            fields = {name: (weight, list(guard)) for name, (weight, guard) in by_field.items()}
            continue
        for name, (weight, held) in list(fields.items()):
            theirs = by_field.get(name)
            if theirs is None:
                del fields[name]
            else:
                held += theirs[1]
                fields[name] = weight + theirs[0], held
        if not everywhere and not fields:
            break
    told = {name: (weight, tuple(held)) for name, (weight, held) in (fields or {}).items()}
    return (chance, tuple(atoms)) if everywhere and atoms else None, told


def _texts_of_one_field(parts: Sequence[Node]) -> tuple[Atom, ...] | None:
    """The parts, where all are atoms that a sieve can look for in one field: the usual list of values."""
    first = parts[0]
    if first.__class__ is not Atom:
        return None
    name = first.field
    for part in parts:
        if part.__class__ is not Atom or part.kind not in SIEVED or part.field != name:
            return None
    return cast("tuple[Atom, ...]", tuple(parts))


def find_needs(node: Node) -> tuple[dict[str | None, Sequence[Atom]], Sequence[Atom]]:
    """The guards of a tree: for each field one whose atoms all ask it, where there is one, and one that
    spreads over several fields, where that tells more. Of the atoms of a guard one must hold."""
    alone: dict[str | None, _Weighed] = {}
    spread: _Weighed = _USELESS, ()
    for part in _conjuncts(node):
        best, fields = _guards_of(part)
        if best is None:
            continue
        for name, guard in fields.items():
            if name not in alone or guard[0] < alone[name][0]:
                alone[name] = guard
        if best[0] < spread[0] and 2 * best[0] < min((each[0] for each in fields.values()), default=_USELESS):
            spread = best
    return {name: guard[1] for name, guard in alone.items()}, spread[1]


def _refers(node: Node) -> bool:
    return any(atom.kind == "fieldref" for atom in iter_atoms(node))


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

    def __init__(self, name: str | None, size: int, budget: Budget) -> None:
        self.name = name or ""
        self.size = size
        self.everything = (1 << size) - 1
        self.free = self.everything
        self.direct: list[tuple[int, Test]] = []
        self.nothing = 0
        self.atoms: list[Atom] = []
        self._numbers: dict[tuple[str, str, bool], int] = {}
        self.met: list[int] = []
        self.memo: dict[str, int] = {}
        self.budget = budget

    def need(self, guard: Iterable[Atom], keep: int, offer: int) -> None:
        """File that each of ``guard`` meets the needs of the rules ``keep``, and offers that of ``offer``."""
        bits = keep | offer << self.size
        numbers, met = self._numbers, self.met
        for atom in guard:
            # An atom's own hash and comparison are slow, and there are tens of thousands.
            key = atom.kind, atom.value, atom.cased
            number = numbers.get(key)
            if number is None:
                numbers[key] = len(met)
                met.append(bits)
                self.atoms.append(atom)
            else:
                met[number] |= bits
        self.free &= ~keep

    def ask_direct(self, bit: int, node: Node) -> None:
        """File that the rule ``bit`` is true only where a tree that asks this field alone is."""
        self.direct.append((bit, compile_test(node)))

    def close(self) -> None:
        """All needs are filed."""
        self.missed = self.everything << self.size
        self.nothing = self.free | self.missed
        self.absent = self.nothing & ~self._refused({})
        self._numbers.clear()
        self.column = Column(enumerate(self.atoms), Budget(0))
        self.budget.columns.append(self)

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
        keep, missed = self.free, self.everything
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
        told = list(map(known.__getitem__, values))
        return None if told.count(self.nothing) == len(told) else told

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
        learned = self.work_out(texts)
        self.memo.update(learned)
        spent = 150 * len(learned)
        for text, bits in learned.items():
            spent += len(text) + 400 * (bits != self.nothing)
            if len(text) > REMEMBERED_LENGTH:
                del self.memo[text]
        self.budget.take(spent)
        return learned

    def work_out(self, texts: Iterable[str]) -> dict[str, int]:
        """The bits of texts; nothing is remembered."""
        asked = list(texts)
        learned: dict[str, int] = dict.fromkeys(asked, self.nothing)
        met, free, missed, direct = self.met, self.free, self.missed, self.direct
        for text, numbers in zip(asked, self.column.search_all(asked), strict=True):
            if numbers:
                bits = free
                for number in numbers:
                    bits |= met[number]
                learned[text] = bits ^ missed
            if direct and (refused := self._refused({self.name: text})):
                learned[text] &= ~refused
        return learned


class Sieve:
    """The rules of one plan, by (name, tree)."""

    def __init__(self, asked: Sequence[tuple[str, Node]], budget: Budget) -> None:
        self.names = [name for name, _ in asked]
        self._nodes = [node for _, node in asked]
        self._trees: dict[int, _Tree] = {}
        self._asked_for: dict[int, frozenset[str | None]] = {}
        self.memo: dict[Any, bool] = {}
        self._remembered = 0
        self._budget = budget
        budget.columns.append(self)
        self._size = len(asked)
        self._everything = (1 << self._size) - 1
        self.fields: dict[str | None, Field] = {}
        self.unspread = self._everything

        def field_of(name: str | None) -> Field:
            field = self.fields.get(name)
            if field is None:
                field = self.fields[name] = Field(name, self._size, budget)
            return field

        for number, node in enumerate(self._nodes):
            bit = 1 << number
            alone, spread = find_needs(node)
            for name, guard in alone.items():
                field_of(name).need(guard, bit, 0)
            if not spread and not alone:
                # Nothing to look for: what it asks of one field alone is decided value by value.
                for part in _conjuncts(node):
                    asked_fields = {atom.field for atom in iter_atoms(part)}
                    if len(asked_fields) == 1 and None not in asked_fields and not _refers(part):
                        (name,) = asked_fields
                        field_of(name).ask_direct(bit, part)
            if spread:
                self.unspread &= ~bit
                for atom in spread:
                    field_of(atom.field).need((atom,), 0, bit)
        for field in self.fields.values():
            field.close()
        self.keywords = self.fields.pop(None, None)
        self.words = None if self.keywords is None else compile_words(self.keywords.atoms)
        self.pieces = None if self.keywords is None else compile_pieces(self.keywords.atoms)

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
        base = self.base
        here: list[Field] = []
        own: list[str] = []
        names = rows[0]
        for name, field in self.fields.items():
            if name in names:
                here.append(field)
                own.append(field.name)
            elif name in aliases:
                here.append(field)
                own.append(aliases[field.name])
            else:
                base &= field.absent
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
        everything, unspread, size = self._everything, self.unspread, self._size
        if unspread == everything:
            return [bits & everything for bits in left]
        return [bits & everything & (unspread | ~(bits >> size)) for bits in left]

    @property
    def base(self) -> int:
        """What a row leaves possible before any value is looked at."""
        return self._everything | self._everything << self._size

    def _compile(self, node: Node) -> _Tree:
        """The whole tree as tests. What a part of it says of a field that it asks alone is remembered."""
        alone: list[tuple[str, int, Test]] = []
        others: list[Node] = []
        for part in cheap_first(tuple(_conjuncts(node))):
            fields = {atom.field for atom in iter_atoms(part)}
            (name,) = fields if len(fields) == 1 else (None,)
            if name is None or _refers(part):
                others.append(part)
            else:
                self._remembered += 1
                alone.append((name, self._remembered, compile_test(part)))
        return alone, compile_test(And(tuple(others))) if others else None

    def _holds(self, tree: _Tree, view: View) -> str | bool:
        """Whether a tree is true of a row; the field by which alone it is not, where there is one."""
        alone, rest = tree
        fields, memo = view.fields, self.memo
        for name, number, part in alone:
            value = fields.get(name)
            if value.__class__ is not str or len(value) > _SHORT:
                holds = part(view)
            else:
                key = number, value
                known = memo.get(key)
                if known is None:
                    known = memo[key] = part(view)
                    self._budget.take(200)
                holds = known
            if not holds:
                return name
        return rest is None or rest(view)

    def ask(self, possible: int, view: View, refused: dict[str, int] | None = None) -> tuple[str, ...]:
        """The names of the rules that are true of a row, of those that it leaves possible; sorted.
        ``refused`` is told, as bits by field, the rules that are false by what one field says."""
        found = []
        for number in self.numbers_of(possible):
            tree = self._trees.get(number)
            if tree is None:
                tree = self._trees[number] = self._compile(self._nodes[number])
            holds = self._holds(tree, view)
            if holds is True:
                found.append(self.names[number])
            elif refused is not None and holds:
                refused[holds] = refused.get(holds, 0) | 1 << number
        return tuple(sorted(set(found)))

    def numbers_of(self, possible: int) -> Iterator[int]:
        """The rules that bits stand for, by their numbers."""
        while possible:
            low = possible & -possible
            possible ^= low
            yield low.bit_length() - 1

    def fields_asked(self, number: int) -> frozenset[str | None]:
        """The fields that the tree of a rule asks for; None among them where it asks for words."""
        known = self._asked_for.get(number)
        if known is None:
            atoms = list(iter_atoms(self._nodes[number]))
            others = {atom.value.partition(":")[2] for atom in atoms if atom.kind == "fieldref"}
            known = self._asked_for[number] = frozenset({atom.field for atom in atoms} | others)
        return known
