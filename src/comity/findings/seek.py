"""Atoms of a field looked for in many texts at once by a compiled loop (extra ``fast``).

To ask Python for each text costs more than the search itself, and to make an automaton of thousands of
literals more than most logs take to read. Here literals are filed under pieces of theirs
(:mod:`comity.findings.seek_tables`), and all texts are looked through in one pass
(:mod:`comity.findings.seek_kernel`). What asks more than a literal is asked where its literal stands.

Texts beyond ASCII go to the column that needs no compiled loop, and all do where a hostile list puts too many
literals under one piece, or too much is found in a hostile text.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache
from itertools import compress
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from comity.findings.columns import Budget, Column
from comity.findings.literals import fits_glob
from comity.findings.regexes import fits_regex
from comity.findings.rows import fold
from comity.findings.seek_kernel import BEHIND, FULL, seek
from comity.findings.seek_tables import Tables
from comity.native.loops import address_of, compile_loop

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

FEW: Final = 64
"""More that are so asked get an automaton."""
ROOM: Final = 1024
"""For so many numbers there is room, and for half as many as the texts have bytes."""
_NOTHING: Final = ()

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


class SeekColumn:
    """The atoms of one field, as ``tables`` have them. ``other`` makes the column that needs no compiled
    loop, which has them all."""

    def __init__(self, tables: Tables, loop: Seek, other: Callable[[], _Searching]) -> None:
        self._loop = loop
        self._make_other = other
        self._made: _Searching | None = None
        self._more = tables.more
        self._others: list[Column] = []
        if tables.expressions:
            expressions = _Expressions((), Budget(0))
            expressions.expressions += tables.expressions
            self._others.append(expressions)
        if tables.rest:
            rest = (_Rest if len(tables.rest) < FEW else Column)((), Budget(0))
            rest.file(tables.rest)
            self._others.append(rest)
        # Addresses are asked once: it takes longer than to look at a short text.
        self._tables = [
            (
                *(table, address_of(table.heads), table.shift),
                *(address_of(table.filed), address_of(table.blob)),
            )
            for table in tables.tables
        ]

    @property
    def _other(self) -> _Searching:
        if self._made is None:
            self._made = self._make_other()
        return self._made

    def search_all(self, texts: Sequence[str]) -> Iterable[Collection[int]]:
        """For each text the numbers of the atoms that it satisfies (some twice)."""
        if not self._tables:
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
        stand: list[tuple[list[int], list[int]]] = []
        for table, heads, shift, filed, blob in self._tables:
            put = self._loop(
                *(data, address_of(ends), len(texts), heads, shift, filed, blob),
                *(address_of(found), len(found), table.piece, (1 << 8 * table.piece) - 1),
            )
            if put == FULL:
                return self._other.search_all(texts)
            if put:
                stand.append((found[:put:2].tolist(), table.numbers[found[1:put:2]].tolist()))
        told: list[Collection[int]] = [_NOTHING] * len(texts)
        for column in self._others:
            told = [
                [*before, *more] if before else more
                for before, more in zip(told, column.search_all(texts), strict=True)
            ]
        for places, numbers in stand:
            self._tell(told, places, numbers, texts)
        return told

    def _tell(
        self,
        told: list[Collection[int]],
        places: Sequence[int],
        numbers: Sequence[int],
        texts: Sequence[str],
    ) -> None:
        """Add what is found: the places of texts, and what stands in each."""
        held: dict[int, bool] = {}
        before = places[0]
        for text, number in zip(places, numbers, strict=True):
            if text != before:
                told[before] = _join(told[before], held)
                before, held = text, {}
            # What is asked of the whole text is asked once, however often the literal stands in it.
            if number >= 0:
                held[number] = True
            elif (number := -1 - number) not in held:
                held[number] = self._holds(number, texts[text])
        told[before] = _join(told[before], held)

    def _holds(self, number: int, text: str) -> bool:
        kind, value, cased = self._more[number]
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
