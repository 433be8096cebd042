"""What a row must have for a rule to be true of it, as far as single fields tell.

From a rule's tree follow *needs*: sets of atoms of which one must hold. A need whose atoms all ask one
field makes a condition on that field's value. Of the needs that spread over several fields one is kept for
each rule, and a row must meet it by some value.

The needs of all detections of a pack are worked out once, over atoms that stand once for each field, and kept
with the compiled pack (:mod:`comity.findings.pack_cache`): they are much of what it takes to make rules
ready.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias, cast, overload

from comity.errors import Malformed
from comity.findings.atoms import And, Atom, Node, Not, Or, asks_fields
from comity.findings.grouped import Group, Need, Users, make_groups, make_users, read_users
from comity.findings.kept import read_kept
from comity.findings.pieces import Filed, Told, file_pieces
from comity.findings.seek_tables import LEAST, Tables, make_tables, read_tables, render_tables

if TYPE_CHECKING:
    from comity.findings.logsource import Logsource
    from comity.findings.sigma import Part

KINDS: Final = (
    *("equals", "contains", "startswith", "endswith", "glob", "regex", "cidr"),
    *("eq", "lt", "lte", "gt", "gte", "time"),
)
"""Kinds of atom that hold of some text that is there, and of few; what is kept names them by their place."""
SIEVED: Final = frozenset(KINDS)

Guard: TypeAlias = frozenset[Atom]
_Weighed: TypeAlias = "tuple[float, tuple[Atom, ...]]"
_LITERAL: Final = frozenset(("equals", "contains", "startswith", "endswith", "glob"))
_PRESENCE: Final = frozenset(("exists", "null", "any"))
_USELESS: Final = 1e9


def weigh_guard(guard: Guard) -> tuple[float, int]:
    """How often a guard is likely to hold, roughly: short questions hold often."""
    return sum(map(_weigh_atom, guard)), len(guard)


def _weigh_atom(atom: Atom) -> float:
    if atom.kind in _LITERAL:
        return 1 / (1 + len(atom.value)) ** 2
    return 1.0 if atom.kind in _PRESENCE else 0.25


def conjuncts(node: Node) -> Iterable[Node]:
    """The parts of a tree that must all be true."""
    if isinstance(node, And):
        for part in node.parts:
            yield from conjuncts(part)
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
    for part in conjuncts(node):
        best, fields = _guards_of(part)
        if best is None:
            continue
        for name, guard in fields.items():
            if name not in alone or guard[0] < alone[name][0]:
                alone[name] = guard
        if best[0] < spread[0] and 2 * best[0] < min((each[0] for each in fields.values()), default=_USELESS):
            spread = best
    return {name: guard[1] for name, guard in alone.items()}, spread[1]


class Needs(Protocol):
    """The needs of the detections of a pack: rules in their order, of each its parts in theirs."""

    @property
    def names(self) -> Sequence[str | None]:
        """The fields, by their numbers; None stands for words in whole rows."""

    @property
    def groups(self) -> Sequence[Group]:
        """The detections, by log source."""

    def users_of(self, field: int) -> Users:
        """What the atoms of a field matter to."""

    def atoms_of(self, field: int) -> Sequence[Told]:
        """The atoms of a field, by their numbers."""

    def filed_of(self, field: int) -> Filed | None:
        """Under which pieces they are filed, where that was worked out before."""

    def tables_of(self, field: int) -> Tables | None:
        """How a compiled loop looks for them, where that was worked out before."""


class MadeNeeds:
    """Needs as they follow from trees."""

    def __init__(self, parts: Iterable[Part]) -> None:
        self.names: list[str | None] = []
        self._parts: list[Need] = []
        self._logsources: list[Logsource] = []
        self._atoms: list[dict[Told, int]] = []
        fields: dict[str | None, int] = {}

        def number_of(atom: Atom) -> tuple[int, int]:
            field = fields.setdefault(atom.field, len(fields))
            if field == len(self.names):
                self.names.append(atom.field)
                self._atoms.append({})
            atoms = self._atoms[field]
            # An atom's own hash and comparison are slow, and there are tens of thousands.
            return field, atoms.setdefault((atom.kind, atom.value, atom.cased), len(atoms))

        for part in parts:
            node = part.node
            alone, spread = find_needs(node)
            told = []
            for guard in alone.values():
                pairs = [number_of(atom) for atom in guard]
                told.append((pairs[0][0], sorted({number for _, number in pairs})))
            self._parts.append((told, sorted({number_of(atom) for atom in spread}), asks_fields(node)))
            self._logsources.append(part.logsource)

    @cached_property
    def groups(self) -> Sequence[Group]:
        """The detections, by log source."""
        return make_groups(self._parts, self._logsources)

    @cached_property
    def _users(self) -> Sequence[Users]:
        return make_users(self._parts, list(map(len, self._atoms)))

    def users_of(self, field: int) -> Users:
        """What the atoms of a field matter to."""
        return self._users[field]

    def atoms_of(self, field: int) -> Sequence[Told]:
        """The atoms of a field, by their numbers."""
        return tuple(self._atoms[field])

    def filed_of(self, field: int) -> None:
        """Nothing: to file atoms under pieces takes longer than to make an automaton of them."""

    def tables_of(self, field: int) -> None:
        """Nothing: tables are made where a field is met."""


def render_needs(needs: Needs) -> tuple[bytes, bytes, bytes]:
    """Needs as they are kept: detections by log source; the atoms, of each field by themselves; and in arrays
    what atoms matter to and how a compiled loop looks for them."""
    texts, arrays = _Pieces(), _Pieces()
    atoms, tables, users = list[list[int]](), list[list[int] | None](), list[list[int]]()
    for field in range(len(needs.names)):
        asked = needs.atoms_of(field)
        told = [
            [value for _, value, _ in asked],
            [KINDS.index(kind) for kind, _, _ in asked],
            [number for number, (_, _, cased) in enumerate(asked) if cased],
            file_pieces(asked),
        ]
        atoms.append(texts.put(json.dumps(told, separators=(",", ":")).encode()))
        users.append(arrays.put(needs.users_of(field).render()))
        made = _tables_of(needs, field)
        tables.append(None if made is None else [*arrays.put(*render_tables(made)), len(asked)])
    line = {
        "atoms": atoms,
        # Bits of so many detections are no numbers for readers of JSON.
        "groups": [
            [*each[:3], [[field, f"{bits:x}"] for field, bits in each.fields], each.direct]
            for each in needs.groups
        ],
        "names": list(needs.names),
        "tables": tables,
        "users": users,
    }
    said = json.dumps(line, separators=(",", ":")).encode() + b"\n"
    return said, b"".join(texts.pieces), b"".join(arrays.pieces)


class _Pieces:
    """Pieces put one behind the other."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self._size = 0

    def put(self, *some: bytes) -> list[int]:
        """Where these begin and end."""
        places = [self._size]
        for each in some:
            self.pieces.append(each)
            self._size += len(each)
            places.append(self._size)
        return places


def _tables_of(needs: Needs, field: int) -> Tables | None:
    """Tables to be kept; None where a field has few atoms, or there is no numpy to make them with."""
    known = needs.tables_of(field)
    if known is None and len(atoms := needs.atoms_of(field)) >= LEAST:
        with suppress(ImportError):
            return make_tables(atoms)
    return known


class _KeptAtoms(Sequence[Told]):
    """Atoms as they are kept, put together when they are asked for: of thousands a small log asks for few."""

    __slots__ = ("_kinds", "_marked", "_values")

    def __init__(self, values: Sequence[str], kinds: Sequence[int], marked: Iterable[int]) -> None:
        if len(values) != len(kinds):
            raise ValueError
        self._values = values
        self._kinds = [KINDS[kind] for kind in kinds]
        self._marked = frozenset(marked)

    def __len__(self) -> int:
        return len(self._values)

    @overload
    def __getitem__(self, at: int) -> Told: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Told]: ...

    def __getitem__(self, at: int | slice) -> Told | Sequence[Told]:
        if isinstance(at, slice):
            return list(self)[at]
        return self._kinds[at], self._values[at], at in self._marked

    def __iter__(self) -> Iterator[Told]:
        marked = map(self._marked.__contains__, range(len(self._values)))
        return zip(self._kinds, self._values, marked, strict=True)


class KeptNeeds:
    """Needs as they were kept, each piece read when it is first asked for. ``Malformed`` (``pack.cache``)
    where a piece is none."""

    __slots__ = ("_arrays", "_atoms", "_groups", "_line", "_read", "_tables", "_texts", "_users", "_where")

    def __init__(self, line: bytes, texts: bytes, arrays: bytes, where: str) -> None:
        self._line = line
        self._texts = texts
        self._arrays = arrays
        self._where = where
        self._read: dict[str, Any] | None = None
        self._atoms: dict[int, tuple[Sequence[Told], Filed]] = {}
        self._tables: dict[int, Tables] = {}
        self._groups: Sequence[Group] | None = None
        self._users: dict[int, Users] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return KeptNeeds, (self._line, self._texts, self._arrays, self._where)

    def _told(self) -> dict[str, Any]:
        if self._read is None:
            try:
                told = read_kept(self._line)
                self._read = {name: told[name] for name in ("atoms", "groups", "names", "tables", "users")}
            except (ValueError, TypeError, LookupError, RecursionError):
                raise self._malformed() from None
        return self._read

    def _malformed(self) -> Malformed:
        why = "not what compiled rules need; without this file they are compiled again"
        return Malformed("pack.cache", self._where, why)

    @property
    def names(self) -> Sequence[str | None]:
        """The fields, by their numbers."""
        return cast("Sequence[str | None]", self._told()["names"])

    @property
    def groups(self) -> Sequence[Group]:
        """The detections, by log source."""
        if self._groups is None:
            try:
                self._groups = [
                    Group(places, spread, reads, [(field, int(bits, 16)) for field, bits in fields], direct)
                    for places, spread, reads, fields, direct in self._told()["groups"]
                ]
            except (ValueError, TypeError):
                raise self._malformed() from None
        return self._groups

    def users_of(self, field: int) -> Users:
        """What the atoms of a field matter to."""
        made = self._users.get(field)
        if made is None:
            try:
                first, end = self._told()["users"][field]
                made = self._users[field] = read_users(self._arrays[first:end])
            except (ValueError, TypeError, LookupError, OverflowError):
                raise self._malformed() from None
        return made

    def atoms_of(self, field: int) -> Sequence[Told]:
        """The atoms of a field, by their numbers."""
        return self._read_atoms(field)[0]

    def filed_of(self, field: int) -> Filed:
        """Under which pieces they are filed."""
        return self._read_atoms(field)[1]

    def _read_atoms(self, field: int) -> tuple[Sequence[Told], Filed]:
        made = self._atoms.get(field)
        if made is None:
            try:
                first, end = self._told()["atoms"][field]
                values, kinds, marked, (one, more, rest) = read_kept(self._texts[first:end])
                atoms = _KeptAtoms(values, kinds, marked)
                if not (isinstance(one, dict) and isinstance(more, dict) and isinstance(rest, list)):
                    raise TypeError
            except (ValueError, TypeError, LookupError, RecursionError):
                raise self._malformed() from None
            made = self._atoms[field] = atoms, (one, more, rest)
        return made

    def tables_of(self, field: int) -> Tables | None:
        """How a compiled loop looks for them; None where that was not kept."""
        made = self._tables.get(field)
        if made is None:
            try:
                place = self._told()["tables"][field]
                if place is None:
                    return None
                first, middle, end, count = place
                made = read_tables(self._arrays[first:middle], self._arrays[middle:end], count)
            except (ValueError, TypeError, LookupError, OverflowError, RecursionError):
                raise self._malformed() from None
            self._tables[field] = made
        return made
