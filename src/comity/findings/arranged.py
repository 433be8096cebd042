"""Trees arranged for asking: each part that asks one field alone stands as one question.

What a question says of a row follows from that field's value, so it can be remembered by the value, or by
what stands for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Final, TypeAlias, TypeVar

from comity.findings.asking import Test, View, all_of, any_of, cheap_first, compile_test, sole_field
from comity.findings.atoms import And, Atom, Node, Not, Or
from comity.findings.columns import Budget

_Asked = TypeVar("_Asked")
_NO_NAMES: Final[tuple[str, ...]] = ()
SHORT: Final = 256
"""Of longer texts it is not remembered what was said of them."""


class Question:
    """A part of a tree that is asked as one. ``name`` is the field that it asks alone, if it does, and
    ``names`` are all that it asks; none where it asks for words in whole rows. ``told`` is room for what it
    said, for whoever asks it by values or by what stands for them."""

    def __init__(self, name: str | None, node: Node) -> None:
        self.name = name
        self.node = node
        self.told: dict[int, bool] = {}

    @cached_property
    def test(self) -> Test:
        """What asks it of a row; made when it is first wanted, as most rows are refused before."""
        return compile_test(self.node)

    @property
    def names(self) -> tuple[str, ...]:
        """The fields that it asks."""
        if self.name is not None:
            return (self.name,)
        node = self.node
        if isinstance(node, Atom) and node.field is not None:
            return tuple(dict.fromkeys((node.field, node.value.partition(":")[2])))
        return _NO_NAMES


class Joined:
    """Questions joined by an ``and`` or an ``or``; or one that is turned round."""

    def __init__(self, how: type[And | Or | Not], parts: Sequence[Arranged]) -> None:
        self.how = how
        self.parts = parts


Arranged: TypeAlias = "Question | Joined"


def arrange(node: Node) -> Arranged:
    """A tree as questions."""
    name = sole_field(node)
    if name is not None:
        return Question(name, node)
    match node:
        case And(parts):
            return Joined(And, arrange_parts(And, parts))
        case Or(parts):
            return Joined(Or, arrange_parts(Or, parts))
        case Not(part):
            return Joined(Not, [arrange(part)])
    return Question(None, node)


def arrange_parts(joined: type[And | Or], parts: Iterable[Node]) -> list[Arranged]:
    """The parts of an and (or an or); those that ask the same field are one question."""
    by_field: dict[str, list[Node]] = {}
    others: list[Node] = []
    for part in parts:
        name = sole_field(part)
        if name is None:
            others.append(part)
        else:
            by_field.setdefault(name, []).append(part)
    alone: list[Arranged] = [
        Question(name, some[0] if len(some) == 1 else joined(tuple(some))) for name, some in by_field.items()
    ]
    return alone + [arrange(part) for part in cheap_first(others)]


def compile_arranged(
    arranged: Arranged, compile_question: Callable[[Question], Callable[[_Asked], bool]]
) -> Callable[[_Asked], bool]:
    """The whole as a function of what is asked, from functions of its questions."""
    if isinstance(arranged, Question):
        return compile_question(arranged)
    tests = [compile_arranged(part, compile_question) for part in arranged.parts]
    if arranged.how is And:
        return all_of(tests)
    if arranged.how is Or:
        return any_of(tests)
    (inner,) = tests
    return lambda asked: not inner(asked)


def name_of(arranged: Arranged) -> str | None:
    """The field that it asks alone, if it does."""
    return arranged.name if isinstance(arranged, Question) else None


class Memory:
    """What questions that ask one field alone have said of short texts, up to a budget."""

    def __init__(self, budget: Budget) -> None:
        self.memo: dict[tuple[int, str], bool] = {}
        self._budget = budget
        self._count = 0
        budget.columns.append(self)

    def compile(self, arranged: Arranged) -> Test:
        """A tree as a function of a row that remembers."""
        return compile_arranged(arranged, self._remember)

    def _remember(self, question: Question) -> Test:
        if question.name is None:
            return question.test
        self._count += 1
        number, name = self._count, question.name
        memo, take = self.memo, self._budget.take

        def ask(view: View) -> bool:
            value = view.fields.get(name)
            if value.__class__ is not str or len(value) > SHORT:
                return question.test(view)
            key = number, value
            known = memo.get(key)
            if known is None:
                known = question.test(view)
                take(200)
                memo[key] = known
            return known

        return ask
