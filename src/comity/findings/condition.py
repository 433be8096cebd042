"""The condition language: ``and``, ``or``, ``not``, parentheses, ``1 of x*``, ``all of them``.

From loosest to tightest: ``or``, ``and``, ``not``, ``x of``. A wildcard in a name stands for any
characters. ``them``, and a name with wildcards that does not itself begin with an underscore, leave out
search identifiers that begin with one (Sigma rules specification, conditions).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from comity.findings.atoms import And, Node, Not, Or, size_of
from comity.findings.reasons import RuleError

DEPTH = 32
NODES = 100_000
TOKENS = 10_000

_TOKEN = re.compile(r"[()]|[^\s()]+")


class _Reader:
    def __init__(self, text: str, named: Mapping[str, Node]) -> None:
        self.tokens = _TOKEN.findall(text)
        self.at = 0
        self.named = named
        self.sizes = {name: size_of(node) for name, node in named.items()}
        self.size = 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self.at += 1
        return token

    def count(self, name: str) -> Node:
        """The node of a name; the tree's full size is what a hostile condition would grow."""
        self.size += self.sizes[name]
        if self.size > NODES:
            raise RuleError(f"the condition grows to more than {NODES} parts")
        return self.named[name]

    def either(self, depth: int) -> Node:
        parts = [self.both(depth)]
        while self.peek().lower() == "or":
            self.take()
            parts.append(self.both(depth))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def both(self, depth: int) -> Node:
        parts = [self.negated(depth)]
        while self.peek().lower() == "and":
            self.take()
            parts.append(self.negated(depth))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def negated(self, depth: int) -> Node:
        if depth > DEPTH:
            raise RuleError(f"the condition is nested deeper than {DEPTH}")
        if self.peek().lower() == "not" and "not" not in self.named:
            self.take()
            return Not(self.negated(depth + 1))
        if self.peek() == "(":
            self.take()
            node = self.either(depth + 1)
            if self.take() != ")":
                raise RuleError("a parenthesis of the condition is not closed")
            return node
        return self.term()

    def term(self) -> Node:
        token = self.take()
        if self.peek().lower() == "of":
            self.take()
            return self.quantified(token, self.take())
        if not token:
            raise RuleError("the condition ends where a search identifier is expected")
        if token not in self.named:
            raise RuleError(f"the condition names {token!r}, which the detection does not define")
        return self.count(token)

    def quantified(self, quantity: str, pattern: str) -> Node:
        if quantity.lower() not in ("1", "any", "all"):
            raise RuleError(f"'{quantity} of' is not a quantity of the condition language")
        pieces = ["", ""] if pattern == "them" else pattern.split("*")
        # What begins with an underscore is kept out, unless the pattern begins with one too.
        names = [
            name
            for name in self.named
            if (pattern.startswith("_") or not name.startswith("_")) and _fits(name, pieces)
        ]
        if not names:
            raise RuleError(f"'{quantity} of {pattern}' fits no search identifier")
        parts = tuple(self.count(name) for name in names)
        if len(parts) == 1:
            return parts[0]
        return And(parts) if quantity.lower() == "all" else Or(parts)


def _fits(name: str, pieces: list[str]) -> bool:
    """Whether ``name`` is the pieces in order with anything between; in time linear in ``name``."""
    first, *middle = pieces
    if not middle:
        return name == first
    last = middle.pop()
    if len(name) < len(first) + len(last) or not name.startswith(first) or not name.endswith(last):
        return False
    at, end = len(first), len(name) - len(last)
    for piece in middle:
        found = name.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def parse_condition(text: str, named: Mapping[str, Node]) -> Node:
    """The tree of ``text`` over the named search identifiers; ``RuleError`` with the reason."""
    if "|" in text:
        raise RuleError("a condition that counts (behind '|') is run where it is the only one of its rule")
    reader = _Reader(text, named)
    if len(reader.tokens) > TOKENS:
        raise RuleError(f"the condition has more than {TOKENS} words")
    node = reader.either(0)
    if reader.peek():
        raise RuleError(f"the condition goes on after its end, at {reader.peek()!r}")
    return node
