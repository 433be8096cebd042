"""Literals of a field, filed as a compiled loop looks for them (:mod:`comity.findings.seek`).

Each literal is filed under that of its pieces of up to three bytes which the fewest others have, all with a
few operations on arrays. Even so thousands take some ten milliseconds, so tables are kept with compiled rules
and are then nothing but bytes that are there. What is read is held to be in bounds, number by number, as the
loop checks none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from comity.findings.kept import read_kept
from comity.findings.pieces import Told, literal_of
from comity.findings.rows import fold
from comity.findings.seek_kernel import END, FACTOR, FILED, PIECE, START

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    _Numbers: TypeAlias = npt.NDArray[np.int32]
    _Bytes: TypeAlias = npt.NDArray[np.uint8]

ALIKE: Final = 2048
"""So many bytes may the literals have that are filed under one piece: they are what a place of a hostile text
can cost. (Those of thousands of rules in use: 1,033.)"""
TAIL: Final = 24
"""A literal is filed under a piece of its last so many bytes."""
LONG: Final = 512
"""Longer literals are asked one by one."""
LEAST: Final = 48
"""Of fewer atoms of a field it takes longer to put them in arrays than to look for them otherwise."""
_LEAST: Final = 8
_MOST: Final = 30
_ANCHORS: Final = {"startswith": START, "endswith": END, "equals": START | END}
_PLAIN: Final = ("contains", *_ANCHORS)
_FOUR: Final = 2**32 - 1
_NEVER: Final = 2**63 - 1


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Literals filed under pieces of one size. ``heads`` says by the place of a piece where those under it
    begin; ``filed``, for each, where its bytes are in ``blob``, how many, where in them its piece is, and how
    it is anchored; ``numbers`` the number of its atom, or below zero, from -1 on, that of one that asks more.
    """

    piece: int
    shift: int
    heads: _Numbers
    filed: _Numbers
    numbers: _Numbers
    blob: _Bytes


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """How the atoms of a field are looked for: literals in ``tables``, none where there are too many under
    one piece; ``more`` are the atoms that ask more where their literal stands; ``expressions`` have the
    number of their atom and the little that must stand where they match; ``rest`` are all others."""

    tables: Sequence[Table]
    more: Mapping[int, Told]
    expressions: Sequence[tuple[int, str, str]]
    rest: Sequence[tuple[int, Told]]


class _Literals:
    """Literals to be filed under pieces of one size, with the numbers of their atoms."""

    def __init__(self, piece: int) -> None:
        self.piece = piece
        self.literals: list[bytes] = []
        self.anchors: list[int] = []
        self.numbers: list[int] = []

    def file(self) -> Table | None:
        """Put literals under their pieces; None where there are too many under one."""
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
        numbers = np.asarray(self.numbers)[order].astype(np.int32)
        return Table(self.piece, shift, heads, filed, numbers, blob)


def make_tables(atoms: Sequence[Told]) -> Tables:
    """How atoms, by their numbers, are looked for; ``ImportError`` without numpy."""
    more: dict[int, Told] = {}
    expressions: list[tuple[int, str, str]] = []
    rest: list[tuple[int, Told]] = []
    by_size = {piece: _Literals(piece) for piece in range(1, PIECE + 1)}
    for number, told in enumerate(atoms):
        kind, value, cased = told
        plain = kind in _PLAIN
        text = fold(value) if plain else literal_of(told)
        if not text.isascii():
            continue  # it stands in no text that is looked at here
        literal = text.encode()
        if kind == "regex" and len(literal) < PIECE:
            expressions.append((number, text, value))
            continue
        if not 0 < len(literal) <= LONG:
            rest.append((number, told))
            continue
        filed = by_size[min(len(literal), PIECE)]
        filed.literals.append(literal)
        filed.anchors.append(_ANCHORS.get(kind, 0))
        filed.numbers.append(number if plain and not cased else -1 - number)
        if not plain or cased:
            more[number] = told
    made = [one.file() for one in by_size.values() if one.literals]
    tables = [one for one in made if one is not None]
    return Tables(tables if len(tables) == len(made) else (), more, expressions, rest)


def render_tables(tables: Tables) -> tuple[bytes, bytes]:
    """Tables as they are kept: a line of JSON, and the arrays that it tells of."""
    told = {
        "expressions": tables.expressions,
        "more": [[number, *one] for number, one in tables.more.items()],
        "rest": [[number, *one] for number, one in tables.rest],
        "tables": [[each.piece, each.shift, len(each.numbers), each.blob.nbytes] for each in tables.tables],
    }
    arrays = [
        array.astype("<i4" if array.itemsize == 4 else array.dtype).tobytes()
        for each in tables.tables
        for array in (each.heads, each.filed, each.numbers, each.blob)
    ]
    return json.dumps(told, separators=(",", ":")).encode(), b"".join(arrays)


def read_tables(line: bytes, arrays: bytes, atoms: int) -> Tables:
    """Tables as they were kept, of a field of so many atoms. ``ValueError``, ``TypeError`` or ``LookupError``
    where they are none that the loop may be given."""
    told = read_kept(line)
    more = {int(number): _told(*one) for number, *one in told["more"]}
    tables: list[Table] = []
    at = 0
    for piece, shift, count, size in told["tables"]:
        if not (1 <= piece <= PIECE and _LEAST <= 32 - shift <= _MOST and count > 0):
            raise ValueError
        heads, at = _take(arrays, at, "<i4", (1 << 32 - shift) + 1)
        filed, at = _take(arrays, at, "<i4", FILED * count)
        numbers, at = _take(arrays, at, "<i4", count)
        blob, at = _take(arrays, at, "u1", size)
        table = Table(piece, shift, heads, filed.reshape(count, FILED), numbers, blob)
        if not _is_sound(table, atoms) or not more.keys() >= {-1 - n for n in numbers[numbers < 0].tolist()}:
            raise ValueError
        tables.append(table)
    return Tables(
        tables,
        more,
        [(int(number), str(required), str(text)) for number, required, text in told["expressions"]],
        [(int(number), _told(*one)) for number, *one in told["rest"]],
    )


def _told(kind: str, value: str, cased: bool) -> Told:
    return str(kind), str(value), bool(cased)


def _take(arrays: bytes, at: int, kind: str, count: int) -> tuple[Any, int]:
    import numpy as np

    end = at + np.dtype(kind).itemsize * count
    # Bytes of their own lie as the processor likes its numbers to.
    found = np.frombuffer(arrays[at:end], kind, count)
    return found.astype(found.dtype.newbyteorder("="), copy=False), end


def _is_sound(table: Table, atoms: int) -> bool:
    """Whether the loop, which checks no bounds, can be given a table."""
    heads, count = table.heads, len(table.numbers)
    begins, lengths, places, anchors = (table.filed[:, n] for n in range(FILED))
    if heads[0] != 0 or heads[-1] != count or (heads[1:] < heads[:-1]).any():
        return False
    if begins.min() < 0 or lengths.min() < 1 or places.min() < 0 or lengths.max() > LONG:
        return False
    # Of numbers this small no sum is too large.
    if begins.max() > len(table.blob) or (begins + lengths).max() > len(table.blob):
        return False
    if places.max() > LONG or (places + table.piece > lengths).any():
        return False
    if anchors.min() < 0 or anchors.max() > START | END:
        return False
    return bool(table.numbers.max() < atoms and table.numbers.min() >= -atoms)
