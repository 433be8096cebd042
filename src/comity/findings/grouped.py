"""Detections filed together: those of one log source are asked of the same rows, so what they need of fields
is put together once for all kinds of rows, as bits of one number for each field.

Which of them an atom matters to is looked up when the atom holds of a value: of tens of thousands few do.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_right
from collections.abc import Container, Iterable, Sequence
from typing import Final, NamedTuple, TypeAlias

from comity.findings.logsource import Logsource

Need: TypeAlias = "tuple[Sequence[tuple[int, Sequence[int]]], Sequence[tuple[int, int]], bool]"
"""What one detection needs: for a field, by its number, numbers of its atoms of which one must hold; atoms,
as (field, atom), of which one must hold, where there are any; and whether it asks for any field at all."""
SPREAD: Final = 1
"""Of what an atom matters to: it meets a need that spreads over several fields."""


class Group(NamedTuple):
    """Detections of one log source that all ask for some field, or none of which does (``reads``), by their
    ``places`` in the pack. The first ``spread`` of them have a need that spreads over several fields.
    ``fields``: of each field that is looked at, by its number, which of them, as bits, need something of it
    alone. Of the ``direct`` ones, by their numbers here, nothing is looked for."""

    places: Sequence[int]
    spread: int
    reads: bool
    fields: Sequence[tuple[int, int]]
    direct: Sequence[int]


class Users:
    """What the atoms of a field matter to: a detection's place doubled, and :data:`SPREAD` added where it is
    its need that spreads."""

    __slots__ = ("_heads", "_told")

    def __init__(self, heads: array[int], told: array[int]) -> None:
        if not heads or heads[0] != 0 or heads[-1] != len(told):
            raise ValueError
        self._heads = heads
        self._told = told

    def of(self, atom: int) -> Sequence[int]:
        """That of one atom."""
        return self._told[self._heads[atom] : self._heads[atom + 1]]

    def atoms_of(self, places: Container[int]) -> list[int]:
        """The atoms that matter to detections in these places."""
        heads = self._heads
        found = (bisect_right(heads, at) - 1 for at, told in enumerate(self._told) if told >> 1 in places)
        return list(dict.fromkeys(found))

    def render(self) -> bytes:
        """As it is kept: first how many numbers tell where those of an atom begin, then these, then all."""
        count = array("i", [len(self._heads)])
        return b"".join(_plain(each).tobytes() for each in (count, self._heads, self._told))


def read_users(raw: bytes) -> Users:
    """What atoms matter to, as it was kept. ``ValueError`` or ``LookupError`` where it is none."""
    told = array("i")
    told.frombytes(raw)
    told = _plain(told)
    middle = 1 + told[0]
    return Users(told[1:middle], told[middle:])


def _plain(numbers: array[int]) -> array[int]:
    """Numbers as all machines keep them."""
    if sys.byteorder == "big":
        numbers = numbers[:]
        numbers.byteswap()
    return numbers


def make_groups(needs: Sequence[Need], logsources: Iterable[Logsource]) -> list[Group]:
    """Detections, by what they need and ask of, in groups."""
    together: dict[tuple[Logsource, bool], list[int]] = {}
    for place, logsource in enumerate(logsources):
        together.setdefault((logsource, needs[place][2]), []).append(place)
    groups = []
    for (_, reads), places in together.items():
        places.sort(key=lambda place: not needs[place][1])
        fields: dict[int, int] = {}
        direct = []
        spread = 0
        for number, place in enumerate(places):
            alone, others, _ = needs[place]
            spread += bool(others)
            for field, _ in alone:
                fields[field] = fields.get(field, 0) | 1 << number
            for field, _ in others:
                fields.setdefault(field, 0)
            if not alone and not others:
                direct.append(number)
        groups.append(Group(places, spread, reads, sorted(fields.items()), direct))
    return groups


def make_users(needs: Sequence[Need], atoms: Sequence[int]) -> list[Users]:
    """What the atoms of each field matter to; ``atoms`` are how many each has."""
    used: list[list[list[int]]] = [[[] for _ in range(count)] for count in atoms]
    for place, (alone, others, _) in enumerate(needs):
        for field, guard in alone:
            for atom in guard:
                used[field][atom].append(2 * place)
        for field, atom in others:
            used[field][atom].append(2 * place + SPREAD)
    made = []
    for each in used:
        heads, told = array("i", [0]), array("i")
        for some in each:
            told.extend(some)
            heads.append(len(told))
        made.append(Users(heads, told))
    return made
