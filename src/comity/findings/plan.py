"""A plan: the rules asked of rows of one kind, compiled together.

Equal atoms are merged and sorted by field. A row is reduced to the set of atoms that hold, and what a rule
says is a function of that set alone, so equal sets are judged once. A rule is looked at only when one of its
*guards* holds: a set of atoms of which at least one must hold for the rule to be true.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TypeAlias

from comity.findings.asking import compare_fields
from comity.findings.atoms import And, Atom, Node, Not, Or
from comity.findings.columns import Budget, Column, texts_of_row
from comity.findings.needs import weigh_guard
from comity.findings.rows import Value, elements

VERDICTS = 8192
"""For how many sets of atoms the verdict is remembered."""

Held: TypeAlias = frozenset[int]
# A compiled tree: an atom's number, or an operator in front of its parts.
Tree: TypeAlias = "int | tuple[str, tuple[Tree, ...]]"


def holds(tree: Tree, held: Held) -> bool:
    """Whether a compiled tree is true where exactly the atoms ``held`` are."""
    if isinstance(tree, int):
        return tree in held
    operator, parts = tree
    if operator == "and":
        return all(holds(part, held) for part in parts)
    if operator == "or":
        return any(holds(part, held) for part in parts)
    return not holds(parts[0], held)


class Plan:
    """The rules asked of one kind of row, compiled together."""

    def __init__(self, asked: list[tuple[str, Node]], budget: Budget | None = None) -> None:
        self.numbers: dict[Atom, int] = {}
        self.atoms: list[Atom] = []
        self.guarded: defaultdict[int, list[tuple[str, Tree]]] = defaultdict(list)
        self.unguarded: list[tuple[str, Tree]] = []
        for digest, node in asked:
            tree = self._compile(node)
            guard = self._guard(node)
            if guard is None:
                self.unguarded.append((digest, tree))
            else:
                for atom in guard:
                    self.guarded[self.numbers[atom]].append((digest, tree))
        self.verdicts: dict[Held, tuple[str, ...]] = {}
        self._sort_atoms(budget or Budget())

    def _compile(self, node: Node) -> Tree:
        match node:
            case And(parts):
                return "and", tuple(map(self._compile, parts))
            case Or(parts):
                return "or", tuple(map(self._compile, parts))
            case Not(part):
                return "not", (self._compile(part),)
        number = self.numbers.setdefault(node, len(self.atoms))
        if number == len(self.atoms):
            self.atoms.append(node)
        return number

    def _guard(self, node: Node) -> frozenset[Atom] | None:
        """Atoms of which one must hold; ``None`` where the rule can be true without any."""
        match node:
            case And(parts):
                guards = [guard for part in parts if (guard := self._guard(part)) is not None]
                return min(guards, key=weigh_guard, default=None)
            case Or(parts):
                together: frozenset[Atom] = frozenset()
                for part in parts:
                    guard = self._guard(part)
                    if guard is None:
                        return None
                    together |= guard
                return together
            case Not():
                return None
        return frozenset((node,))

    def _sort_atoms(self, budget: Budget) -> None:
        by_field: defaultdict[str, list[tuple[int, Atom]]] = defaultdict(list)
        keywords: list[tuple[int, Atom]] = []
        exists: defaultdict[str, list[int]] = defaultdict(list)
        absent: defaultdict[str, list[int]] = defaultdict(list)
        self.references: list[tuple[int, str, str, str, bool]] = []
        for number, atom in enumerate(self.atoms):
            if atom.field is None:
                keywords.append((number, atom))
            elif atom.kind == "fieldref":
                place, _, other = atom.value.partition(":")
                self.references.append((number, atom.field, place, other, atom.cased))
            elif atom.kind == "exists":
                (exists if atom.value == "true" else absent)[atom.field].append(number)
            else:
                by_field[atom.field].append((number, atom))
                if atom.kind == "null":
                    absent[atom.field].append(number)
        for field in exists:
            by_field.setdefault(field, [])
        self.columns = {
            field: (Column(atoms, budget), frozenset(exists[field])) for field, atoms in by_field.items()
        }
        self.absent = {field: frozenset(numbers) for field, numbers in absent.items()}
        self.keywords = Column(keywords, budget) if keywords else None

    def atoms_held(self, text: str, fields: Mapping[str, Value]) -> Held:
        """The numbers of the atoms that hold of a row."""
        found: list[frozenset[int]] = []
        columns = self.columns
        for field, value in fields.items():
            entry = columns.get(field)
            if entry is None:
                continue
            column, exists = entry
            if exists:
                found.append(exists)
            for element in (value,) if value.__class__ is str else elements(value):
                if element is None:
                    found.append(column.null)
                else:
                    hits = column.memo.get(element)
                    found.append(column.hits(element) if hits is None else hits)
        for field, numbers in self.absent.items():
            if field not in fields:
                found.append(numbers)
        if self.references:
            found.append(self._references_held(fields))
        if self.keywords is not None:
            values = (element for value in fields.values() for element in elements(value))
            found.extend(map(self.keywords.hits, texts_of_row(text, values)))
        return frozenset().union(*found)

    def _references_held(self, fields: Mapping[str, Value]) -> frozenset[int]:
        return frozenset(
            number
            for number, field, place, other, cased in self.references
            if compare_fields(fields, field, place, other, cased)
        )

    def verdict(self, held: Held) -> tuple[str, ...]:
        """The digests of the rules that are true where exactly ``held`` holds."""
        known = self.verdicts.get(held)
        if known is None:
            matched = {digest for digest, tree in self.unguarded if holds(tree, held)}
            for number in held:
                for digest, tree in self.guarded.get(number, ()):
                    if digest not in matched and holds(tree, held):
                        matched.add(digest)
            known = tuple(sorted(matched))
            if len(self.verdicts) >= VERDICTS:
                self.verdicts.clear()
            self.verdicts[held] = known
        return known
