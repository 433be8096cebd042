"""The tree that rules compile to: atoms about one field, joined by and, or, not.

An atom is the smallest question a rule asks, and two rules that ask the same question share it.
``Atom.kind`` and ``Atom.value``:

==============  ====================================================================================
``equals``      the text (folded unless ``cased``)
``contains``    likewise; also ``startswith`` and ``endswith``
``any``         any value that is not null; the value is empty
``glob``        Sigma text with ``*`` and ``?``; literal ``*``, ``?`` and ``\\`` carry a backslash
``regex``       an RE2 expression with its flags in front, searched for anywhere
``cidr``        a network; the field reads as an address inside it
``lt lte gt gte``  a decimal number; the field reads as a number that compares so; also ``eq``
``among``       decimal numbers with commas between; the field reads as a number that is one of them
``differs``     another kind, a colon, its value: some element is there that is not so
``time``        unit, comparison and whole number with colons between (``hour:gte:22``); the field reads
                as a date whose minute, hour, day, ISO week, month or year compares so
``exists``      ``true`` or ``false``: the field is there, whatever its value
``null``        the field is missing, or null
``fieldref``    ``equals``, ``contains``, ``startswith`` or ``endswith``, a colon, the other field
==============  ====================================================================================

A field of ``None`` asks the whole row: its text, or any value in it (keywords).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from comity.findings.rows import fold
from comity.records.canonical import Json


@dataclass(frozen=True, slots=True)
class Atom:
    """One question about one field."""

    field: str | None
    kind: str
    value: str
    cased: bool = False


@dataclass(frozen=True, slots=True)
class And:
    """True when every part is."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """True when one part is."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """True when its part is not; there is no third value."""

    part: Node


Node: TypeAlias = Atom | And | Or | Not


class Wild(Enum):
    """The two wildcards of a Sigma text."""

    RUN = "*"
    ONE = "?"


Pattern: TypeAlias = tuple[str | Wild, ...]
"""A Sigma text split at its wildcards; literals are not empty and never adjoin."""


def parse_pattern(text: str) -> Pattern:
    """Split a Sigma text: a backslash makes a following ``*``, ``?`` or backslash plain.

    A backslash before any other character stands for itself, so ``C:\\Windows`` needs no doubling.
    """
    parts: list[str | Wild] = []
    literal: list[str] = []
    at = 0
    while at < len(text):
        char = text[at]
        if char == "\\" and text[at + 1 : at + 2] in ("*", "?", "\\"):
            literal.append(text[at + 1])
            at += 2
            continue
        if char in "*?":
            if literal:
                parts.append("".join(literal))
                literal = []
            parts.append(Wild(char))
        else:
            literal.append(char)
        at += 1
    if literal:
        parts.append("".join(literal))
    return tuple(parts)


def render_pattern(pattern: Pattern) -> str:
    """The one Sigma text of a pattern, with every plain ``*``, ``?`` and backslash escaped."""
    return "".join(
        part.value
        if isinstance(part, Wild)
        else part.replace("\\", "\\\\").replace("*", "\\*").replace("?", "\\?")
        for part in pattern
    )


def widen(pattern: Pattern, *, left: bool, right: bool) -> Pattern:
    """``pattern`` with a free run at the given ends."""
    head: Pattern = (Wild.RUN,) if left else ()
    tail: Pattern = (Wild.RUN,) if right else ()
    return head + pattern + tail


def atom_of(field: str | None, pattern: Pattern, *, cased: bool) -> Atom:
    """The simplest atom that asks for ``pattern``; runs of ``*`` count as one."""
    parts: list[str | Wild] = []
    for part in pattern:
        if part is Wild.RUN and parts and parts[-1] is Wild.RUN:
            continue
        parts.append(part if cased or isinstance(part, Wild) else fold(part))
    match parts:
        case []:
            return Atom(field, "equals", "", cased)
        case [str(text)]:
            return Atom(field, "equals", text, cased)
        case [Wild.RUN]:
            return Atom(field, "any", "")
        case [Wild.RUN, str(text), Wild.RUN]:
            return Atom(field, "contains", text, cased)
        case [str(text), Wild.RUN]:
            return Atom(field, "startswith", text, cased)
        case [Wild.RUN, str(text)]:
            return Atom(field, "endswith", text, cased)
    return Atom(field, "glob", render_pattern(tuple(parts)), cased)


def size_of(node: Node) -> int:
    """How many nodes the tree has when written out."""
    match node:
        case And(parts) | Or(parts):
            return 1 + sum(map(size_of, parts))
        case Not(part):
            return 1 + size_of(part)
    return 1


def iter_atoms(node: Node) -> Iterator[Atom]:
    """Every atom of the tree, as often as it is written, in its order."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Atom):
            yield one
        elif isinstance(one, Not):
            waiting.append(one.part)
        else:
            waiting += reversed(one.parts)


def rename(node: Node, names: Mapping[str, str]) -> Node:
    """``node`` asking for the fields under the names that a log gives them."""
    match node:
        case And(parts):
            return And(tuple(rename(part, names) for part in parts))
        case Or(parts):
            return Or(tuple(rename(part, names) for part in parts))
        case Not(part):
            return Not(rename(part, names))
    field = node.field if node.field is None else names.get(node.field, node.field)
    value = node.value
    if node.kind == "fieldref":
        place, _, other = value.partition(":")
        value = f"{place}:{names.get(other, other)}"
    return Atom(field, node.kind, value, node.cased)


def asks_fields(node: Node) -> bool:
    """Whether any part of the tree looks at a named field."""
    return any(atom.field is not None for atom in iter_atoms(node))


def to_json(node: Node) -> Json:
    """The tree as arrays: ``["and", …]``, ``["or", …]``, ``["not", x]``, ``["is", …]``."""
    match node:
        case And(parts):
            return ["and", *map(to_json, parts)]
        case Or(parts):
            return ["or", *map(to_json, parts)]
        case Not(part):
            return ["not", to_json(part)]
    name: list[Json] = [] if node.field is None else [node.field]
    return ["is", node.kind, node.value, node.cased, *name]
