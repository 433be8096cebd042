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

from collections.abc import Iterable, Mapping, Sequence
from operator import and_, or_
from typing import Final, TypeAlias

from comity.findings.asking import Test, View, compile_test
from comity.findings.atoms import And, Atom, Node, Not, Or, iter_atoms
from comity.findings.columns import REMEMBERED_LENGTH, Budget, Column
from comity.findings.rows import Value, elements
from comity.findings.screen import compile_words

SIEVED: Final = frozenset(
    (
        *("equals", "contains", "startswith", "endswith", "glob", "regex", "cidr"),
        *("eq", "lt", "lte", "gt", "gte", "time"),
    )
)
"""Kinds of atom that hold of some text that is there, and of few."""

Guard: TypeAlias = frozenset[Atom]
_Bits: TypeAlias = tuple[int, int]


def weigh_guard(guard: Guard) -> tuple[float, int]:
    """How often a guard is likely to hold, roughly: short questions hold often."""
    chance = 0.0
    for atom in guard:
        if atom.kind in ("equals", "contains", "startswith", "endswith", "glob"):
            chance += 1 / (1 + len(atom.value)) ** 2
        else:
            chance += 1.0 if atom.kind in ("exists", "null", "any") else 0.25
    return chance, len(guard)


def find_guard(node: Node) -> Guard | None:
    """Atoms that a sieve can look for, of which one must hold; None where there are none such."""
    match node:
        case And(parts):
            guards = [guard for part in parts if (guard := find_guard(part)) is not None]
            return min(guards, key=weigh_guard, default=None)
        case Or(parts):
            together: set[Atom] = set()
            for part in parts:
                guard = find_guard(part)
                if guard is None:
                    return None
                together |= guard
            return frozenset(together)
        case Not():
            return None
    return frozenset((node,)) if node.kind in SIEVED else None


def _conjuncts(node: Node) -> Iterable[Node]:
    if isinstance(node, And):
        for part in node.parts:
            yield from _conjuncts(part)
    else:
        yield node


def _refers(node: Node) -> bool:
    return any(atom.kind == "fieldref" for atom in iter_atoms(node))


class _Field:
    """The needs of one field. ``free`` are the rules that need nothing of it."""

    def __init__(self, name: str | None, everything: int, budget: Budget) -> None:
        self.name = name or ""
        self.free = everything
        self.direct: list[tuple[int, Test]] = []
        self.offers = False
        self.nothing: _Bits = (everything, 0)
        self.numbers: dict[Atom, int] = {}
        self.keeps: list[int] = []
        self.offered: list[int] = []
        self.memo: dict[str, _Bits] = {}
        self.budget = budget

    def need(self, atom: Atom, keep: int, offer: int) -> None:
        """File that ``atom`` meets the needs of the rules ``keep``, and offers that of ``offer``."""
        number = self.numbers.setdefault(atom, len(self.keeps))
        if number == len(self.keeps):
            self.keeps.append(0)
            self.offered.append(0)
        self.keeps[number] |= keep
        self.offered[number] |= offer
        self.free &= ~keep
        self.offers = self.offers or bool(offer)

    def ask_direct(self, bit: int, node: Node) -> None:
        """File that the rule ``bit`` is true only where a tree that asks this field alone is."""
        self.direct.append((bit, compile_test(node)))

    def close(self) -> None:
        """All needs are filed."""
        self.nothing = (self.free, 0)
        self.absent = self.free & ~self._refused({})
        self.column = Column([(number, atom) for atom, number in self.numbers.items()], Budget(0))
        self.budget.columns.append(self)

    def _refused(self, fields: Mapping[str, Value]) -> int:
        view = View(str, fields)
        refused = 0
        for bit, test in self.direct:
            if not refused & bit and not test(view):
                refused |= bit
        return refused

    def bits_of(self, value: Value) -> _Bits:
        """The rules that a value leaves possible, and those whose spread need it meets."""
        texts = {text for text in elements(value) if text is not None}
        found = [self.memo.get(text) for text in texts]
        if None in found:
            learned = self.learn(texts)
            found = [learned[text] for text in texts]
        keep, offer = self.nothing
        for bits in found:
            assert bits is not None
            keep |= bits[0]
            offer |= bits[1]
        if self.direct:
            # What a tree says of several values does not follow from what it says of each.
            keep = (keep | self.free) & ~self._refused({self.name: value})
        return keep, offer

    def bits_of_all(self, values: Sequence[Value]) -> Sequence[_Bits] | None:
        """The same for many values; None where no value meets any need."""
        kinds = set(map(type, values))
        if kinds == {int}:
            texts = list(map(repr, values))
        elif kinds == {str}:
            texts = values  # type: ignore[assignment]
        else:
            return list(map(self.bits_of, values))
        distinct = set(texts)
        fresh = distinct.difference(self.memo)
        known: Mapping[str, _Bits] = self.memo
        if fresh:
            learned = self.learn(fresh)
            known = learned if len(fresh) == len(distinct) else {**learned, **_some(known, distinct - fresh)}
        nothing = self.nothing
        for text in distinct:
            if known[text] is not nothing:
                return [known[text] for text in texts]
        return None

    def learn(self, texts: Iterable[str]) -> dict[str, _Bits]:
        """Work out the bits of texts, and remember them if the budget allows."""
        asked = list(texts)
        learned: dict[str, _Bits] = {}
        keeps, offered, nothing = self.keeps, self.offered, self.nothing
        spent = 0
        for text, numbers in zip(asked, self.column.search_all(asked), strict=True):
            bits = nothing
            refused = self._refused({self.name: text}) if self.direct else 0
            if numbers or refused:
                keep, offer = nothing
                for number in numbers:
                    keep |= keeps[number]
                    offer |= offered[number]
                bits = (keep & ~refused, offer)
                spent += 400
            learned[text] = bits
            spent += len(text) + 150
        self.memo.update(learned)
        for text in asked:
            if len(text) > REMEMBERED_LENGTH:
                del self.memo[text]
        self.budget.take(spent)
        return learned


def _some(known: Mapping[str, _Bits], texts: Iterable[str]) -> dict[str, _Bits]:
    return {text: known[text] for text in texts}


class Sieve:
    """The rules of one plan, by (name, tree)."""

    def __init__(self, asked: Sequence[tuple[str, Node]], budget: Budget) -> None:
        self.names = [name for name, _ in asked]
        self._nodes = [node for _, node in asked]
        self._tests: dict[int, Test] = {}
        everything = (1 << len(asked)) - 1
        self.fields: dict[str | None, _Field] = {}
        self.unspread = everything

        def field_of(name: str | None) -> _Field:
            return self.fields.setdefault(name, _Field(name, everything, budget))

        for number, node in enumerate(self._nodes):
            bit = 1 << number
            alone: dict[str | None, Guard] = {}
            spread: Guard | None = None
            for part in _conjuncts(node):
                guard = find_guard(part)
                if guard is None:
                    continue
                names = {atom.field for atom in guard}
                if len(names) > 1:
                    spread = guard if spread is None else min(spread, guard, key=weigh_guard)
                else:
                    (name,) = names
                    alone[name] = min(alone.get(name, guard), guard, key=weigh_guard)
            for name, guard in alone.items():
                for atom in guard:
                    field_of(name).need(atom, bit, 0)
            if spread is None and not alone:
                # Nothing to look for: what it asks of one field alone is decided value by value.
                for part in _conjuncts(node):
                    asked_fields = {atom.field for atom in iter_atoms(part)}
                    if len(asked_fields) == 1 and None not in asked_fields and not _refers(part):
                        (name,) = asked_fields
                        field_of(name).ask_direct(bit, part)
            if spread is not None:
                self.unspread &= ~bit
                for atom in spread:
                    field_of(atom.field).need(atom, 0, bit)
        for field in self.fields.values():
            field.close()
        self.keywords = self.fields.pop(None, None)
        self.words = None if self.keywords is None else compile_words(self.keywords.numbers)

    def sift(
        self, rows: Sequence[Mapping[str, Value]], words: Mapping[int, _Bits] | None = None
    ) -> list[int]:
        """For rows with the same fields, the rules that each leaves possible, as bits.

        ``words`` are the bits of the words found in whole rows, by position; a row that is not there
        holds none.
        """
        base = (1 << len(self.names)) - 1
        keeps: list[list[int]] = []
        offers: list[list[int]] = []
        names = rows[0].keys()
        for name, field in self.fields.items():
            if name not in names:
                base &= field.absent
                continue
            bits = field.bits_of_all([row[name] for row in rows])
            if bits is None:
                base &= field.free
                continue
            keeps.append([each[0] for each in bits])
            if field.offers:
                offers.append([each[1] for each in bits])
        if self.keywords is not None:
            if words:
                none = self.keywords.nothing
                found = [words.get(at, none) for at in range(len(rows))]
                keeps.append([each[0] for each in found])
                offers.append([each[1] for each in found])
            else:
                base &= self.keywords.free
        if not base:
            return [0] * len(rows)
        left: Iterable[int] = [base] * len(rows)
        for column in keeps:
            left = map(and_, left, column)
        if self.unspread & base == base:
            return list(left)
        offered: Iterable[int] = [self.unspread] * len(rows)
        for column in offers:
            offered = map(or_, offered, column)
        return list(map(and_, left, offered))

    def ask(self, possible: int, view: View) -> tuple[str, ...]:
        """The names of the rules that are true of a row, of those that it leaves possible; sorted."""
        found = []
        while possible:
            low = possible & -possible
            possible ^= low
            number = low.bit_length() - 1
            test = self._tests.get(number)
            if test is None:
                test = self._tests[number] = compile_test(self._nodes[number])
            if test(view):
                found.append(self.names[number])
        return tuple(sorted(set(found)))
