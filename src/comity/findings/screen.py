"""Which rows of a batch can hold one of some words at all, by one look at the bytes of all rows.

A word is looked for in a row's text and in each of its values. In a row of JSON a value stands in the
row's bytes with some characters escaped, so one expression for all words, which allows for escapes, finds
every row that may hold one. A row with a ``\\u`` escape is always let through.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import accumulate
from typing import Any, Final

import re2

from comity.findings.atoms import Atom, Wild, parse_pattern
from comity.findings.rows import Value, clean, elements, fold

_NUMBER: Final = re.compile(r"[0-9.e+\-]*", re.ASCII)
# A backslash that is not itself escaped, and u.
UNICODE_ESCAPE: Final = r"(?:^|[^\\])(?:\\\\)*\\u[0-9a-f]{4}"
_DIGITS: Final = re.compile(rb"[0-9A-Fa-f]{4}")
_PLAIN: Final = re.compile(r"[ !#-)+-.0-\[\]-~]+")
"""Characters that JSON never escapes but by number, without that for which a line feed is taken (``*``): what
spans two rows could hide what stands in the second."""
_SHORTEST: Final = 4
_CASE: Final = 0x20
_RAISED: Final = bytes(byte | _CASE for byte in range(256))
_WINDOW: Final = 1 << 18
_ARRAYS: Final = 1 << 20
"""For fewer bytes arrays are not worth their import, which takes as long as a search of many megabytes."""
_MEMORY: Final = 64 << 20


def _escaped(literal: str) -> str:
    """An expression for all ways in which JSON may write ``literal`` without ``\\u``."""
    parts = []
    for run in re.findall(r"\\+|.", literal, re.DOTALL):
        if run[0] == "\\":
            parts.append(rf"\\{{{len(run)},{2 * len(run)}}}" if len(run) < 100 else r"\\+")
        elif run in '"/':
            parts.append(rf"\\*{run}")
        elif run < " " or run == "\x7f":
            parts.append(r"(?:[\x00-\x1f\x7f]|\\+[bfnrt])")
        else:
            parts.append(run if run.isalnum() else rf"\x{{{ord(run):x}}}")
    return "".join(parts)


def compile_words(atoms: Iterable[Atom]) -> Any | None:
    """An expression that finds every row of which one of the atoms can hold, among others; None where
    there is none."""
    words = set()
    for atom in atoms:
        literal = _literal_of(atom)
        if literal is None:
            return None
        # A number's text is not always what stands in the bytes.
        if _NUMBER.fullmatch(literal):
            return None
        words.add(literal)
    expression = "|".join([UNICODE_ESCAPE, *map(_escaped, sorted(words))])
    try:
        return compile_expression(expression)
    except (re2.error, UnicodeEncodeError):
        return None


@lru_cache(maxsize=16)
def compile_expression(expression: str) -> Any:
    """An expression over bytes of UTF-8, letters of either case; ``re2.error`` where it cannot be run."""
    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    options.never_capture = True
    options.case_sensitive = False
    return re2.compile(expression.encode(), options)


def compile_bytes(expression: bytes) -> Any:
    """An expression over bytes as they are."""
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.never_capture = True
    return re2.compile(expression, options)


class Pieces:
    """Pieces of words, each as JSON writes it whatever it escapes but for an escape by number: a row in whose
    bytes none of them stands, in letters of either case, holds none of the words."""

    def __init__(self, pieces: Sequence[bytes], automaton: Any) -> None:
        self._longest = max(map(len, pieces))
        # One bit tells upper from lower case; marks that it takes for others let a row through, and no more.
        self._find = automaton(sorted({piece.translate(_RAISED) for piece in pieces})).find_matches_as_indexes

    def _find_places(self, text: bytes) -> Iterator[list[int]]:
        raise_text = _raiser_of(text)
        # By the window: a hostile text holds a piece at every turn.
        for begin in range(0, len(text), _WINDOW):
            hits = self._find(raise_text(begin, begin + _WINDOW + self._longest - 1))
            if hits:
                yield [begin + start for _, start, _ in hits]

    def find_rows(self, text: bytes, ends: Any) -> frozenset[int]:
        """The rows of a text in which a piece stands; a row ends at each of ``ends`` (an array)."""
        found: set[int] = set()
        for places in self._find_places(text):
            found.update(ends.searchsorted(places).tolist())
        return frozenset(found)

    def find_among(self, raws: Sequence[bytes]) -> set[int]:
        """The places of rows in which a piece stands, or an escape by number."""
        joined = b"\n".join(raws)
        found: set[int] = set()
        ends: list[int] = []
        for places in self._find_places(joined):
            ends = ends or list(accumulate(len(raw) + 1 for raw in raws))
            found.update(bisect_right(ends, place) for place in places)
        if b"\\u" in joined:
            found.update(at for at, raw in enumerate(raws) if has_escape(raw))
        return found


def has_escape(raw: bytes) -> bool:
    """Whether an escape by number stands in a row of JSON: of the backslashes before the u there is an odd
    number."""
    at = raw.find(b"\\u")
    while at >= 0:
        first = at
        while first and raw[first - 1] == 0x5C:
            first -= 1
        if (at - first) % 2 == 0 and _DIGITS.match(raw, at + 2):
            return True
        at = raw.find(b"\\u", at + 2)
    return False


def _arrays_pay(length: int) -> bool:
    return length >= _ARRAYS or "numpy" in sys.modules


def _raiser_of(text: bytes) -> Callable[[int, int], bytes]:
    """What gives a part of a text with the bit of lower case set in every byte."""
    if not _arrays_pay(len(text)):
        return lambda begin, end: text[begin:end].translate(_RAISED)
    try:
        import numpy as np
    except ImportError:
        return lambda begin, end: text[begin:end].translate(_RAISED)
    array = np.frombuffer(text, np.uint8)
    return lambda begin, end: (array[begin:end] | _CASE).tobytes()


def compile_pieces(atoms: Iterable[Atom]) -> Pieces | None:
    """A piece of each word that the atoms look for; None where one has none that is long enough, or where
    there is no library that looks for them."""
    pieces = set()
    for atom in atoms:
        literal = _literal_of(atom)
        if literal is None or _NUMBER.fullmatch(literal):
            return None
        piece = max(_PLAIN.findall(literal), key=len, default="")
        if len(piece) < _SHORTEST:
            return None
        pieces.add(piece.encode())
    return _make_pieces(tuple(sorted(pieces)))


@lru_cache(maxsize=64)
def _make_pieces(pieces: tuple[bytes, ...]) -> Pieces | None:
    # Kinds of rows share words, and so what is looked for.
    try:
        from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind
    except ImportError:
        return None
    made = partial(BytesAhoCorasick, matchkind=MatchKind.LeftmostFirst, implementation=Implementation.DFA)
    return Pieces(pieces, made)


def _literal_of(atom: Atom) -> str | None:
    """The longest text that an atom asks for as it stands, folded; None where there is none."""
    if atom.kind == "contains":
        return fold(atom.value)
    if atom.kind == "glob":
        parts = [part for part in parse_pattern(atom.value) if not isinstance(part, Wild)]
        return fold(max(parts, key=len, default=""))
    return None


class Screen:
    """The rows of one batch that words (:func:`compile_words`), or their pieces where there are any, let
    through."""

    def __init__(self, words: Any | None, pieces: Pieces | None, raws: Sequence[bytes] | None) -> None:
        self._rows: set[int] | None = None
        if words is not None and raws is not None:
            self._rows = find_rows(words, raws) if pieces is None else pieces.find_among(raws)

    def may_hold(self, at: int) -> bool:
        """Whether the row at this place of the batch may hold a word."""
        return self._rows is None or at in self._rows


def find_rows(words: Any, raws: Sequence[bytes]) -> set[int]:
    """The places of the rows in which the expression finds something."""
    joined = b"\n".join(raws)
    ends: list[int] | None = None
    found: set[int] = set()
    at = 0
    while (hit := words.search(joined, at)) is not None:
        if ends is None:
            ends = list(accumulate(len(raw) + 1 for raw in raws))
        # What spans two rows would make the first of them a candidate, and its end the second.
        row = bisect_right(ends, hit.start())
        found.update(range(row, bisect_right(ends, max(hit.end() - 1, hit.start())) + 1))
        at = ends[row]
        if at >= len(joined):
            break
    return found


def values_of(fields: Mapping[str, Value]) -> list[str | None]:
    """The texts of all values of a row."""
    found: list[str | None] = []
    for value in fields.values():
        if value.__class__ is str:
            found.append(value if value.isascii() else clean(value))
        else:
            found += elements(value)
    return found
