"""Which rows of a batch can hold one of some words at all, by one look at the bytes of all rows.

A word is looked for in a row's text and in each of its values. In a row of JSON a value stands in the
row's bytes with some characters escaped, so one expression for all words, which allows for escapes, finds
every row that may hold one. A row with a ``\\u`` escape is always let through.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Any, Final

import re2

from comity.findings.atoms import Atom, Wild, parse_pattern
from comity.findings.rows import Value, elements, fold

_NUMBER: Final = re.compile(r"[0-9.e+\-]*", re.ASCII)
# A backslash that is not itself escaped, and u.
UNICODE_ESCAPE: Final = r"(?:^|[^\\])(?:\\\\)*\\u[0-9a-f]{4}"
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
        if atom.kind == "contains":
            literal = fold(atom.value)
        elif atom.kind == "glob":
            parts = [part for part in parse_pattern(atom.value) if not isinstance(part, Wild)]
            literal = fold(max(parts, key=len, default=""))
        else:
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


class Screen:
    """The rows of one batch that ``words`` (:func:`compile_words`) lets through."""

    def __init__(self, words: Any | None, raws: Sequence[bytes] | None) -> None:
        self._words = words
        self._rows: set[int] | None = None
        if words is not None and raws is not None:
            self._rows = find_rows(words, raws)

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


def values_of(fields: Mapping[str, Value]) -> Iterable[str | None]:
    """The texts of all values of a row."""
    return (text for value in fields.values() for text in elements(value))
