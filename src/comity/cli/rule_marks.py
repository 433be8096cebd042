"""Some rules of a pack as a byte for each, and back: results of thousands of files name the same few sets."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress
from typing import Final

KNOWN: Final = 256
"""So many sets are remembered."""


class RuleMarks:
    """Sets of these rules."""

    def __init__(self, rules: Sequence[str]) -> None:
        self._rules = rules
        self._places = {digest: at for at, digest in enumerate(rules)}
        self._marks: dict[tuple[str, ...], bytes] = {}
        self._chosen: dict[bytes, tuple[str, ...]] = {}

    def mark(self, some: tuple[str, ...]) -> bytes:
        """Of each rule, whether it is among some; ``KeyError`` where one of these is none of them."""
        known = self._marks.get(some)
        if known is None:
            marks = bytearray(len(self._rules))
            for at in map(self._places.__getitem__, some):
                marks[at] = 1
            if len(self._marks) >= KNOWN:
                self._marks.clear()
            known = self._marks[some] = bytes(marks)
        return known

    def choose(self, marks: bytes) -> tuple[str, ...]:
        """The rules that are marked, in their order; ``IndexError`` where these are no marks of theirs."""
        known = self._chosen.get(marks)
        if known is None:
            if len(marks) != len(self._rules):
                raise IndexError
            if len(self._chosen) >= KNOWN:
                self._chosen.clear()
            known = self._chosen[marks] = tuple(compress(self._rules, marks))
        return known
