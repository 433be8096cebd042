"""Atoms of a field looked for by pieces that were chosen when their rules were compiled.

To look for thousands of literals in one pass (:mod:`comity.findings.literals`) takes an automaton, and to
make one takes longer than a small log takes to read. So with compiled rules it is kept under which piece of
four letters each literal is filed, one that few others share: a text is cut into its pieces, and only
literals whose piece is among them are looked for. That costs nothing to make ready and more for each text; so
once the texts of a field have cost about what its automaton does, the automaton is made after all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final, TypeAlias

from comity.findings.atoms import Wild, parse_pattern
from comity.findings.columns import Budget, Column
from comity.findings.literals import LONGEST, fits_glob
from comity.findings.regexes import fits_regex
from comity.findings.required import find_required
from comity.findings.rows import clean, fold

PIECE: Final = 4
WORTH: Final = 9
"""So many characters of text for each literal cost about half of what it costs to make the automaton."""

Told: TypeAlias = "tuple[str, str, bool]"
"""An atom of a field that is known: kind, value, and whether letters count."""
Filed: TypeAlias = "tuple[Mapping[str, int], Mapping[str, Sequence[int]], Sequence[int]]"
"""By piece the number of its only atom, or of its several; and the atoms that are filed under none."""


def literal_of(atom: Told) -> str:
    """The longest text that must stand in a text for an atom to hold of it, folded; empty where there is
    none."""
    kind, value, _ = atom
    if kind in ("contains", "startswith", "endswith"):
        return fold(value)
    if kind == "regex":
        return find_required(value)
    if kind == "glob":
        return fold(
            max((part for part in parse_pattern(value) if not isinstance(part, Wild)), key=len, default="")
        )
    return ""


def file_pieces(atoms: Sequence[Told]) -> Filed:
    """Each atom under one of its pieces: one that no other has taken, and that the fewest others have."""
    literals = [literal_of(atom) for atom in atoms]
    pieces = [
        sorted({literal[at : at + PIECE] for at in range(len(literal) - PIECE + 1)}) for literal in literals
    ]
    shared = Counter(piece for some in pieces for piece in some)
    filed: dict[str, list[int]] = {}
    rest = []
    for number, some in enumerate(pieces):
        if some:
            best = min(some, key=lambda piece: (len(filed.get(piece, ())), shared[piece]))
            filed.setdefault(best, []).append(number)
        else:
            rest.append(number)
    one = {piece: numbers[0] for piece, numbers in filed.items() if len(numbers) == 1}
    return one, {piece: numbers for piece, numbers in filed.items() if len(numbers) > 1}, rest


class PieceColumn:
    """The atoms of one field, looked for by their pieces until that has cost too much."""

    def __init__(self, atoms: Sequence[Told], filed: Filed) -> None:
        self._atoms = atoms
        self._one, self._more, rest = filed
        self._names = frozenset((*self._one, *self._more))
        self._rest = Column((), Budget(0))
        self._rest.file((number, atoms[number]) for number in rest)
        self._left = WORTH * (len(atoms) - len(rest))

    @cached_property
    def _whole(self) -> Column:
        column = Column((), Budget(0))
        column.file(enumerate(self._atoms))
        return column

    def search_all(self, texts: Sequence[str]) -> Iterable[Collection[int]]:
        """For each text the numbers of the atoms that it satisfies (some twice)."""
        self._left -= sum(map(len, texts))
        if self._left < 0 or max(map(len, texts), default=0) > LONGEST:
            return self._whole.search_all(texts)
        return self._search_each(list(map(clean, texts)))

    def _search_each(self, texts: Sequence[str]) -> Iterator[Collection[int]]:
        names, one, more = self._names, self._one, self._more
        for text, rest in zip(texts, self._rest.search_all(texts), strict=True):
            low = fold(text)
            found = names.intersection([low[at : at + PIECE] for at in range(len(low) - PIECE + 1)])
            if not found:
                yield rest
                continue
            numbers = list(rest)
            for piece in found:
                if piece in one:
                    if self._holds(one[piece], text, low):
                        numbers.append(one[piece])
                else:
                    # What lists of literals alike cost counts too.
                    self._left -= len(more[piece])
                    numbers += [number for number in more[piece] if self._holds(number, text, low)]
            yield numbers

    def _holds(self, number: int, text: str, low: str) -> bool:
        kind, value, cased = self._atoms[number]
        form = text if cased else low
        if kind == "contains":
            return value in form
        if kind == "startswith":
            return form.startswith(value)
        if kind == "endswith":
            return form.endswith(value)
        if kind == "regex":
            return fits_regex(value, text)
        return fits_glob(value, form)
