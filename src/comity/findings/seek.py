"""Atoms of a field looked for in many texts at once by a compiled loop (extra ``fast``).

To ask Python for each text costs more than the search itself, and to make an automaton of thousands of
literals more than most logs take to read. Here each literal is filed under that of its pieces of three bytes
which the fewest others have, all with a few operations on arrays, and all texts are looked through in one
pass (:mod:`comity.findings.seek_kernel`). What asks more than a literal is asked where its literal stands.

Texts beyond ASCII go to the column that needs no compiled loop, and all do where a hostile list puts too many
literals under one piece, or too much is found in a hostile text.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache
from itertools import compress
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

from comity.findings.columns import Budget, Column
from comity.findings.literals import fits_glob
from comity.findings.pieces import Told, literal_of
from comity.findings.regexes import fits_regex
from comity.findings.rows import fold
from comity.findings.seek_kernel import BEHIND, END, FACTOR, FULL, PIECE, START, seek
from comity.native.loops import address_of, compile_loop

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

ALIKE: Final = 2048
"""So many bytes may the literals have that are filed under one piece: they are what a place of a hostile text
can cost. (Those of thousands of rules in use: 1,033.)"""
TAIL: Final = 24
"""A literal is filed under a piece of its last so many bytes."""
LONG: Final = 512
"""Longer literals are asked one by one."""
FEW: Final = 64
"""More that are so asked get an automaton."""
LEAST: Final = 48
"""Of fewer atoms of a field it takes longer to put them in arrays than to look for them otherwise."""
ROOM: Final = 1024
"""For so many numbers there is room, and for half as many as the texts have bytes."""
_LEAST: Final = 8
_ANCHORS: Final = {"startswith": START, "endswith": END, "equals": START | END}
_PLAIN: Final = ("contains", *_ANCHORS)
_NOTHING: Final = ()
_FOUR: Final = 2**32 - 1
_NEVER: Final = 2**63 - 1

Seek: TypeAlias = Callable[..., int]


class _Searching(Protocol):
    """A column of atoms."""

    def search_all(self, texts: Sequence[str]) -> Iterable[Collection[int]]:
        """For each text the numbers of the atoms that it satisfies (some twice)."""


@cache
def load_seek() -> Seek | None:
    """The compiled loop, or None where it cannot be had."""
    try:
        import numpy as np  # noqa: F401

        return compile_loop(seek)
    except (ImportError, OSError, RuntimeError, ValueError):
        return None


class _Rest(Column):
    """The few atoms that have no literal, or a long one: asked one by one."""

    automaton = None


class _Expressions(Column):
    """Expressions of which little must stand in a text, asked together."""

    def search_all(self, texts: Sequence[str]) -> Iterable[Collection[int]]:
        """For each text of ASCII the numbers of the atoms that it satisfies (some twice)."""
        for text in texts:
            held: list[int] = []
            self._search_expressions(text, text.lower(), held)
            yield held or _NOTHING


class _Literals:
    """Literals filed under pieces of one size, with the numbers of their atoms."""

    def __init__(self, piece: int) -> None:
        self.piece = piece
        self.literals: list[bytes] = []
        self.anchors: list[int] = []
        self.numbers: list[int] = []
        """By literal the number of its atom, or below zero, from -1 on, that of one that asks more."""

    def file(self) -> tuple[Any, ...] | None:
        """Put literals under their pieces: the arrays that the loop asks for, how far it shifts, and what it
        is told of pieces; None where there are too many under one."""
        import numpy as np

        count = len(self.literals)
        bits = max(_LEAST, (4 * count).bit_length())
        shift = 32 - bits
        blob = np.frombuffer(b"".join(self.literals), np.uint8)
        lengths = np.fromiter(map(len, self.literals), np.int64, count)
        # Literals of one field begin alike more often than they end alike.
        tails = np.minimum(lengths, TAIL)
        first = np.cumsum(tails) - tails
        tail = np.frombuffer(b"".join([one[-TAIL:] for one in self.literals]) + bytes(self.piece), np.uint8)
        pieces = tail[: -self.piece].astype(np.int64)
        for n in range(1, self.piece):
            pieces |= tail[n : len(tail) - self.piece + n].astype(np.int64) << 8 * n
        places = (pieces * FACTOR & _FOUR) >> shift
        within = np.arange(len(places)) - np.repeat(first, tails)
        inside = within + self.piece <= np.repeat(tails, tails)
        weighed = np.bincount(places[inside], minlength=1 << bits)[places] << 32 | within
        weighed[~inside] = _NEVER
        at = np.minimum.reduceat(weighed, first) & _FOUR
        under = places[first + at]
        filed_under = np.bincount(under, minlength=1 << bits)
        if np.bincount(under, weights=lengths).max() > ALIKE:
            return None
        order = under.argsort(kind="stable")
        heads = np.zeros((1 << bits) + 1, np.int32)
        np.cumsum(filed_under, out=heads[1:])
        told = [np.cumsum(lengths) - lengths, lengths, lengths - tails + at, np.asarray(self.anchors)]
        filed = np.stack(told, axis=1)[order].astype(np.int32)
        self.numbers = np.asarray(self.numbers)[order].tolist()
        self._kept = heads, filed, blob  # for as long as their addresses are asked
        return address_of(heads), shift, address_of(filed), address_of(blob)


class SeekColumn:
    """The atoms of one field. ``other`` makes the column that needs no compiled loop, which has them all."""

    def __init__(self, atoms: Sequence[Told], loop: Seek, other: Callable[[], _Searching]) -> None:
        self._loop = loop
        self._make_other = other
        self._made: _Searching | None = None
        self._atoms = atoms
        rest: list[tuple[int, Told]] = []
        expressions: list[tuple[int, Told]] = []
        by_size = {piece: _Literals(piece) for piece in range(1, PIECE + 1)}
        for number, told in enumerate(atoms):
            kind, value, cased = told
            plain = kind in _PLAIN
            text = fold(value) if plain else literal_of(told)
            if not text.isascii():
                continue  # it stands in no text that is looked at here
            literal = text.encode()
            if kind == "regex" and len(literal) < PIECE:
                expressions.append((number, told))
                continue
            if not 0 < len(literal) <= LONG:
                rest.append((number, told))
                continue
            filed = by_size[min(len(literal), PIECE)]
            filed.literals.append(literal)
            filed.anchors.append(_ANCHORS.get(kind, 0))
            filed.numbers.append(number if plain and not cased else -1 - number)
        others = (_Expressions, expressions), (_Rest if len(rest) < FEW else Column, rest)
        self._others: list[Column] = []
        for kind_of_column, some in others:
            if some:
                self._others.append(kind_of_column((), Budget(0)))
                self._others[-1].file(some)
        filed_by_size = [(one, one.file()) for one in by_size.values() if one.literals]
        self._tables = [(one, table) for one, table in filed_by_size if table is not None]
        self._usable = len(self._tables) == len(filed_by_size) > 0

    @property
    def _other(self) -> _Searching:
        if self._made is None:
            self._made = self._make_other()
        return self._made

    def search_all(self, texts: Sequence[str]) -> Iterable[Collection[int]]:
        """For each text the numbers of the atoms that it satisfies (some twice)."""
        if not self._usable:
            return self._other.search_all(texts)
        joined = "\n".join(texts)
        if joined.isascii():
            return self._search(texts, joined)
        plain = [text.isascii() for text in texts]
        some = list(compress(texts, plain))
        found = iter(self._search(some, "\n".join(some)))
        others = iter(self._other.search_all([text for text in texts if not text.isascii()]))
        return [next(found if is_plain else others) for is_plain in plain]

    def _search(self, texts: Sequence[str], joined: str) -> Iterable[Collection[int]]:
        """The same for texts of ASCII; they are also there ``joined`` by line breaks."""
        import numpy as np

        ends = np.fromiter(map(len, texts), np.int64, len(texts))
        ends += 1
        np.cumsum(ends, out=ends)
        data = joined.lower().encode() + bytes(BEHIND)
        found: npt.NDArray[np.int32] = np.empty(ROOM + len(data) // 2, np.int32)
        stand: list[tuple[Sequence[int], list[int]]] = []
        for filed, (heads, shift, literals, blob) in self._tables:
            put = self._loop(
                *(data, address_of(ends), len(texts), heads, shift, literals, blob),
                *(address_of(found), len(found), filed.piece, (1 << 8 * filed.piece) - 1),
            )
            if put == FULL:
                return self._other.search_all(texts)
            if put:
                stand.append((filed.numbers, found[:put].tolist()))
        told: list[Collection[int]] = [_NOTHING] * len(texts)
        for column in self._others:
            told = [
                [*before, *more] if before else more
                for before, more in zip(told, column.search_all(texts), strict=True)
            ]
        for numbers, some in stand:
            self._tell(told, numbers, some, texts)
        return told

    def _tell(
        self,
        told: list[Collection[int]],
        numbers: Sequence[int],
        found: Sequence[int],
        texts: Sequence[str],
    ) -> None:
        """Add what is found, by pairs of a text and a literal."""
        held: dict[int, bool] = {}
        before = found[0]
        for text, literal in zip(found[::2], found[1::2], strict=True):
            if text != before:
                told[before] = _join(told[before], held)
                before, held = text, {}
            number = numbers[literal]
            # What is asked of the whole text is asked once, however often the literal stands in it.
            if number >= 0:
                held[number] = True
            elif (number := -1 - number) not in held:
                held[number] = self._holds(number, texts[text])
        told[before] = _join(told[before], held)

    def _holds(self, number: int, text: str) -> bool:
        kind, value, cased = self._atoms[number]
        if kind == "regex":
            return fits_regex(value, text)
        form = text if cased else fold(text)
        if kind == "glob":
            return fits_glob(value, form)
        if kind == "contains":
            return value in form
        if kind == "startswith":
            return form.startswith(value)
        return form.endswith(value) if kind == "endswith" else form == value


def _join(others: Collection[int], numbers: dict[int, bool]) -> Collection[int]:
    held = [number for number, holds in numbers.items() if holds]
    return [*others, *held] if others else held
