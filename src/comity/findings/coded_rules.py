"""Rules asked of codes: what a part of a rule says of a field's value is remembered under the value's code.

A tree falls into parts that ask one field alone (and comparisons of two). What such a part says follows from
the field's value, so from its code, and so does what the tree says of a row: no row is read for it. Of a
field that rows of a shape lack, or that says the same in all of them, it is known at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Protocol, TypeAlias

from comity.findings.arranged import Arranged, Question, arrange_parts, compile_arranged, name_of
from comity.findings.asking import View
from comity.findings.atoms import And
from comity.findings.needs import conjuncts
from comity.findings.rows import Value
from comity.findings.sieve import Detection

CodedTest: TypeAlias = Callable[[Sequence[int]], bool]
"""Asks the codes of a row, by slot."""
CodedTree: TypeAlias = "Sequence[tuple[str | None, CodedTest]]"
"""Tests that must all hold, each with the field that it asks alone, if it does."""

Values: TypeAlias = Callable[[Sequence[int]], Sequence[Value]]


def _no_values(_: Sequence[int]) -> Sequence[Value]:
    raise AssertionError("nothing is made of these rows")


class UnreadError(Exception):
    """What a rule asks is not told by codes: words in whole rows."""


class Shaped(Protocol):
    """What rows of one shape have in common (:class:`comity.evidence.shapes.Shape`)."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the fields, in their order."""

    @property
    def slots(self) -> Mapping[str, int]:
        """At which place of a row's codes a field stands."""

    @property
    def constants(self) -> Mapping[str, Value]:
        """What a field without a code says in all such rows."""


class CodedFields:
    """The fields that rules ask for in rows of one shape, some by ``aliases``, their own names for them.
    ``spent`` counts what is remembered."""

    def __init__(self, shape: Shaped, aliases: Mapping[str, str], spent: list[int]) -> None:
        self._shape = shape
        self._names = frozenset(shape.names)
        self._aliases = aliases
        self.spent = spent
        self.asked: set[int] = set()
        """The slots that were asked for."""
        self.values: Values | None = None
        """What codes stand for, in the batch that is looked at."""
        self.made: Mapping[str, int] = {}
        """The slots of fields that are made, and what their codes stand for."""
        self.made_values: Values = _no_values

    def find(self, name: str) -> tuple[int | None, Mapping[str, Value]]:
        """The slot of a field, or, where it has none, the field as it stands in all rows, if it does.
        ``UnreadError`` for one that nobody asked to have a code."""
        own = name if name in self._names else self._aliases.get(name)
        slot = self.made.get(name) if own is None else self._shape.slots.get(own)
        if slot is not None:
            self.asked.add(slot)
        if own is None or slot is not None:
            return slot, {}
        if own in self._shape.constants:
            return None, {name: self._shape.constants[own]}
        raise UnreadError

    def read(self, slots: Sequence[int], codes: Sequence[int]) -> Sequence[Value]:
        """What the codes in these slots stand for."""
        assert self.values is not None
        self.spent[0] += 1
        if not self.made:
            return self.values(codes)
        made = frozenset(self.made.values())
        return [
            (self.made_values if slot in made else self.values)([code])[0]
            for slot, code in zip(slots, codes, strict=True)
        ]


class CodedTrees:
    """The trees of rules as questions, and what these said, under the codes of values: for all rows whose
    values have their codes from one reader."""

    def __init__(self) -> None:
        self._trees: dict[tuple[int, int], Sequence[Arranged]] = {}

    def compile_rule(self, rule: Detection, fields: CodedFields) -> CodedTree:
        """The tree of a rule for rows of one shape. ``UnreadError`` where codes do not tell."""
        key = rule.place, id(rule.names)
        tree = self._trees.get(key)
        if tree is None:
            tree = self._trees[key] = arrange_parts(And, conjuncts(rule.node()))
        return [(name_of(part), compile_arranged(part, partial(_ask_codes, fields))) for part in tree]

    def forget(self) -> None:
        """Let go of what was said."""
        self._trees.clear()


def _ask_codes(fields: CodedFields, question: Question) -> CodedTest:
    """A question as a function of the codes of a row."""
    if not question.names:
        raise UnreadError
    known: dict[str, Value] = {}
    asked: list[tuple[str, int]] = []
    for name in question.names:
        slot, constant = fields.find(name)
        known.update(constant)
        if slot is not None:
            asked.append((name, slot))
    read = fields.read
    if not asked:
        always: list[bool] = []

        def ask_once(_: Sequence[int]) -> bool:
            if not always:
                always.append(question.test(View(str, known)))
            return always[0]

        return ask_once
    if len(asked) > 1:
        return _ask_several(asked, question, read)
    ((name, slot),) = asked
    # What it says with something else that is the same in all rows of this shape alone is not for others, nor
    # what it says of codes that only these rows have.
    told: dict[int, bool] = {} if known or slot in fields.made.values() else question.told

    def ask(row: Sequence[int]) -> bool:
        code = row[slot]
        said = told.get(code)
        if said is None:
            (value,) = read((slot,), (code,))
            said = told[code] = question.test(View(str, {**known, name: value}))
        return said

    return ask


def _ask_several(
    asked: Sequence[tuple[str, int]],
    question: Question,
    read: Callable[[Sequence[int], Sequence[int]], Sequence[Value]],
) -> CodedTest:
    names = [name for name, _ in asked]
    slots = [slot for _, slot in asked]
    told: dict[tuple[int, ...], bool] = {}

    def ask(row: Sequence[int]) -> bool:
        codes = tuple([row[slot] for slot in slots])
        said = told.get(codes)
        if said is None:
            values = read(slots, codes)
            said = told[codes] = question.test(View(str, dict(zip(names, values, strict=True))))
        return said

    return ask
