"""One rule asked of one row: a compiled tree that looks at no more than it must.

The columns of :mod:`comity.findings.columns` answer for all atoms of a field at once, which pays where
many rules are asked of a value. Where a sieve has left a handful of rules for a row, asking these alone
is cheaper. What an atom means is the same here and there; the tests hold both to the reference matcher.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import islice
from typing import Final, TypeAlias, TypeVar

from comity.findings.atoms import And, Atom, Node, Not, Or, iter_atoms
from comity.findings.columns import Budget, Column, texts_of_row
from comity.findings.rows import Value, elements, fold

_Asked = TypeVar("_Asked")
_NO_TEXTS: Final[tuple[str, ...]] = ()
MANY: Final = 8
"""So many texts of a field are looked through as one."""
_BETWEEN: Final = "\udfff"
"""What stands between them: a lone surrogate, which no text of a row holds."""
COMPARED: Final = 256
"""``fieldref`` compares every element of two lists, so it looks at this many of each and no more."""

_TEXT_KINDS: Final = ("equals", "contains", "startswith", "endswith")


class View:
    """A row while rules are asked of it: its fields, and the folded texts of those already looked at."""

    __slots__ = ("_every", "_folded", "_joined", "_plain", "_sets", "_words", "fields", "text")

    def __init__(self, text: Callable[[], str], fields: Mapping[str, Value]) -> None:
        self.text = text
        self.fields = fields
        self._folded: dict[str, Sequence[str]] = {}
        self._plain: dict[str, Sequence[str]] = {}
        self._every: Collection[str] | None = None
        self._words: dict[bool, str] = {}
        self._joined: dict[tuple[str, bool], str] = {}
        self._sets: dict[tuple[str, bool], frozenset[str]] = {}

    def every(self) -> Collection[str]:
        """Every text in which a keyword is looked for, put together once, however many rules ask."""
        if self._every is None:
            values: list[str | None] = []
            for value in self.fields.values():
                if value.__class__ is str and value.isascii():
                    values.append(value)
                else:
                    values += elements(value)
            self._every = texts_of_row(self.text(), values)
        return self._every

    def words(self, cased: bool) -> str:
        """The same texts as they are, or folded, as one."""
        known = self._words.get(cased)
        if known is None:
            texts = self.every() if cased else map(fold, self.every())
            known = self._words[cased] = _BETWEEN.join(texts)
        return known

    def texts(self, field: str) -> Sequence[str]:
        """The texts of a field's elements, nulls left out."""
        known = self._plain.get(field)
        if known is None:
            known = _NO_TEXTS
            if field in self.fields:
                known = [text for text in elements(self.fields[field]) if text is not None]
            self._plain[field] = known
        return known

    def folded(self, field: str) -> Sequence[str]:
        """The same texts, folded."""
        known = self._folded.get(field)
        if known is None:
            known = self._folded[field] = [fold(text) for text in self.texts(field)]
        return known

    def forms(self, field: str, cased: bool) -> Sequence[str]:
        """The texts of a field as they are, or folded."""
        return self.texts(field) if cased else self.folded(field)

    def joined(self, field: str, cased: bool) -> str:
        """The same as one text, with what no text holds before and behind each: put together once, however
        many rules ask."""
        known = self._joined.get((field, cased))
        if known is None:
            told = _BETWEEN.join(self.forms(field, cased))
            known = self._joined[field, cased] = f"{_BETWEEN}{told}{_BETWEEN}"
        return known

    def distinct(self, field: str, cased: bool) -> frozenset[str]:
        """The different ones of them."""
        known = self._sets.get((field, cased))
        if known is None:
            known = self._sets[field, cased] = frozenset(self.forms(field, cased))
        return known


Test: TypeAlias = Callable[[View], bool]


def compile_test(node: Node) -> Test:
    """The tree as a function of a row."""
    match node:
        case And(parts):
            return all_of([compile_test(part) for part in cheap_first(parts)])
        case Or(parts):
            return any_of(_group(parts))
        case Not(part):
            inner = compile_test(part)
            return lambda view: not inner(view)
    return _group((node,))[0]


def sole_field(node: Node) -> str | None:
    """The one field that a tree asks and nothing else; None where there is none."""
    name: str | None = None
    for atom in iter_atoms(node):
        if atom.field is None or atom.kind == "fieldref" or (name is not None and name != atom.field):
            return None
        name = atom.field
    return name


def cheap_first(parts: Sequence[Node]) -> list[Node]:
    """The parts of a conjunction in an order in which they cost least."""
    # The order of a conjunction decides nothing but its cost.
    return sorted(parts, key=_weight)


def _weight(node: Node) -> int:
    match node:
        case And(parts) | Or(parts):
            return sum(map(_weight, parts))
        case Not(part):
            return 50 + _weight(part)
    return 1 if node.kind in _TEXT_KINDS and node.field is not None else 20


def all_of(tests: Sequence[Callable[[_Asked], bool]]) -> Callable[[_Asked], bool]:
    """Whether all are true."""

    def test(asked: _Asked) -> bool:
        for each in tests:  # noqa: SIM110 - a generator would cost more than the tests
            if not each(asked):
                return False
        return True

    return test


def any_of(tests: Sequence[Callable[[_Asked], bool]]) -> Callable[[_Asked], bool]:
    """Whether one is true."""
    if len(tests) == 1:
        return tests[0]

    def test(asked: _Asked) -> bool:
        for each in tests:  # noqa: SIM110
            if each(asked):
                return True
        return False

    return test


def _group(parts: Sequence[Node]) -> list[Test]:
    """Tests of which one must be true; texts asked of one field in one way are one test."""
    texts: defaultdict[tuple[str, str, bool], list[str]] = defaultdict(list)
    others: list[Test] = []
    for part in parts:
        if not isinstance(part, Atom):
            others.append(compile_test(part))
        elif part.field is not None and part.kind in _TEXT_KINDS:
            texts[part.field, part.kind, part.cased].append(part.value)
        else:
            others.append(_test_atom(part))
    return [_test_texts(*asked, found) for asked, found in texts.items()] + others


def _test_texts(field: str, kind: str, cased: bool, wanted: list[str]) -> Test:
    few = _test_few(kind, View.texts if cased else View.folded, field, wanted)
    if any(_BETWEEN in each for each in wanted):
        return few
    known = frozenset(wanted)
    begins, ends = "" if kind != "startswith" else _BETWEEN, "" if kind != "endswith" else _BETWEEN
    sought = [f"{begins}{each}{ends}" for each in wanted]

    def test(view: View) -> bool:
        value = view.fields.get(field)
        if value.__class__ is str or len(view.texts(field)) <= MANY:
            return few(view)
        if kind == "equals":
            return not known.isdisjoint(view.distinct(field, cased))
        joined = view.joined(field, cased)
        return any(each in joined for each in sought)

    return test


def _test_few(
    kind: str, forms: Callable[[View, str], Sequence[str]], field: str, wanted: Sequence[str]
) -> Test:
    """The same, text by text."""
    if kind == "equals":
        known = frozenset(wanted)
        return lambda view: not known.isdisjoint(forms(view, field))
    if kind == "contains":

        def test(view: View) -> bool:
            for text in forms(view, field):
                for literal in wanted:
                    if literal in text:
                        return True
            return False

        return test
    ends = tuple(wanted)
    if kind == "startswith":
        return lambda view: any(text.startswith(ends) for text in forms(view, field))
    return lambda view: any(text.endswith(ends) for text in forms(view, field))


def _test_atom(atom: Atom) -> Test:
    field = atom.field
    if atom.kind == "fieldref":
        assert field is not None
        place, _, other = atom.value.partition(":")
        name = field
        return lambda view: compare_fields(view.fields, name, place, other, atom.cased)
    if atom.kind == "exists":
        wanted = atom.value == "true"
        return lambda view: (field in view.fields) is wanted
    if atom.kind == "null":
        return lambda view: (
            field not in view.fields or any(text is None for text in elements(view.fields[str(field)]))
        )
    if field is None and atom.kind == "contains" and _BETWEEN not in atom.value:
        cased, literal = atom.cased, atom.value if atom.cased else fold(atom.value)
        return lambda view: literal in view.words(cased)
    # There are as many of these as atoms, so none remembers: a row of many values would fill them all.
    find = Column([(0, atom)], Budget(0)).find
    if field is None:
        return lambda view: any(map(find, view.every()))
    name = field
    return lambda view: any(map(find, view.texts(name)))


def compare_fields(fields: Mapping[str, Value], field: str, place: str, other: str, cased: bool) -> bool:
    """Whether an element of ``field`` stands to one of ``other`` as ``place`` says (``fieldref``)."""
    if field not in fields or other not in fields:
        return False
    theirs, mine = _first(fields[other], cased), _first(fields[field], cased)
    return any(_stands(place, a, b) for a in mine for b in theirs)


def _first(value: Value, cased: bool) -> list[str]:
    """The texts of a field that another is compared with, folded unless letters count, up to ``COMPARED``
    elements."""
    texts = [text for text in islice(elements(value), COMPARED) if text is not None]
    return texts if cased else list(map(fold, texts))


def _stands(place: str, text: str, other: str) -> bool:
    match place:
        case "contains":
            return other in text
        case "startswith":
            return text.startswith(other)
        case "endswith":
            return text.endswith(other)
    return text == other
