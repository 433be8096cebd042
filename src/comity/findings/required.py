"""The text that must stand in whatever a regular expression matches, so that most texts need not be asked.

An expression is read as RE2 writes them (its syntax page), only as far as is certain: what stands outside of
sets, alternatives and parts that may be left out; a set of one letter in both cases is that letter. Whatever
is not known here ends the search for a text, and then none is required. Letters are folded
(:func:`comity.findings.rows.fold`); under the flag ``i`` RE2 also takes the Kelvin sign for k and the long s
for s, so there these two letters require nothing.
"""

from __future__ import annotations

import re
from typing import Final

from comity.findings.rows import fold

_LONGEST: Final = 4096
"""Longer expressions are not read."""
_DEEPEST: Final = 32
_CLASSES: Final = frozenset("dDwWsSvbBAzZ")
_CONTROLS: Final = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_NAMED: Final = re.compile(r"\?P?<\w{1,100}>|\?:", re.ASCII)
_FLAGS: Final = re.compile(r"\?[imsU-]{1,8}([:)])", re.ASCII)
_COUNT: Final = re.compile(r"\{([0-9]{1,4})(?:,[0-9]{0,4})?\}", re.ASCII)
_SET: Final = re.compile(r"\[\^?\]?(?:\\.|\[:\^?[a-z]{1,10}:\]|[^\]\\])*+\]", re.DOTALL)
_LETTER: Final = re.compile(r"\[([A-Za-z])([A-Za-z])\]", re.ASCII)
_ALIKE: Final = frozenset("kKsS")


class _Unknown(Exception):
    pass


def find_required(expression: str) -> str:
    """The longest text, folded, that is known to stand in every text that ``expression`` matches somewhere,
    likewise folded; empty where none is known."""
    if len(expression) > _LONGEST:
        return ""
    try:
        return fold(_Reader(expression).read())
    except _Unknown:
        return ""


class _Reader:
    def __init__(self, expression: str) -> None:
        self._text = expression
        self._at = 0
        # Wherever the flag is set, it counts everywhere.
        self._alike = any("i" in found[0] for found in _FLAGS.finditer(expression))

    def read(self) -> str:
        best = self._level(0)
        if self._at < len(self._text):
            raise _Unknown  # a parenthesis that opens nowhere
        return best

    def _level(self, depth: int) -> str:
        """What the expression up to the end of its group requires."""
        if depth > _DEEPEST:
            raise _Unknown
        best = run = ""
        several = False
        while self._at < len(self._text) and self._text[self._at] != ")":
            if self._text[self._at] == "|":
                self._at += 1
                several, run = True, ""
                continue
            part, single = self._atom(depth)
            least = self._least()
            if least == 0:
                run = ""
                continue
            run = run + part if single else part
            best = max(best, run, key=len)
            if least is not None or not single or not part:
                run = ""
        return "" if several else best

    def _atom(self, depth: int) -> tuple[str, bool]:
        """What one atom requires, and whether it is that one character and nothing else."""
        text, at = self._text, self._at
        first = text[at]
        if first == "(":
            return self._group(depth), False
        if first == "[":
            found = _SET.match(text, at)
            if found is None:
                raise _Unknown
            self._at = found.end()
            both = _LETTER.fullmatch(found[0])
            if both is None or both[1].lower() != both[2].lower() or (self._alike and both[1] in _ALIKE):
                return "", False
            return both[1], True
        self._at = at + 1
        if first in ".^$":
            return "", False
        if first == "\\":
            first = text[at + 1 : at + 2]
            self._at = at + 2
            if first in _CLASSES and first:
                return "", False
            if first in _CONTROLS:
                first = _CONTROLS[first]
            elif not first or first.isalnum() or not first.isascii():
                raise _Unknown
        elif first in "*+?":
            raise _Unknown
        if not first.isascii() or (self._alike and first in _ALIKE):
            return "", False
        return first, True

    def _group(self, depth: int) -> str:
        self._at += 1
        if self._text.startswith("?", self._at):
            if found := _FLAGS.match(self._text, self._at):
                self._at = found.end()
                if found[1] == ")":
                    return ""
            elif found := _NAMED.match(self._text, self._at):
                self._at = found.end()
            else:
                raise _Unknown
        best = self._level(depth + 1)
        if not self._text.startswith(")", self._at):
            raise _Unknown
        self._at += 1
        return best

    def _least(self) -> int | None:
        """How often at least what stands before is repeated; None where it stands once."""
        mark = self._text[self._at : self._at + 1]
        if mark and mark in "*+?":
            self._at += 1
            least = int(mark == "+")
        elif mark == "{" and (found := _COUNT.match(self._text, self._at)):
            self._at = found.end()
            least = int(found[1])
        else:
            return None
        if self._text.startswith("?", self._at):
            self._at += 1
        if self._text.startswith(("*", "+", "?"), self._at) or _COUNT.match(self._text, self._at):
            raise _Unknown  # repeated twice over
        return least
