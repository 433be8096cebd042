"""How large the texts can become that a query puts together, told before it runs.

An engine makes texts by the vector of 2,048 rows, outside of what its own limit of memory counts: a
``replace`` in a ``replace`` multiplies, and a join repeats the longest row. So each part of a query has a
bound on its length, which follows from the lengths of what it is made of; and a query whose parts could
need more than :data:`ROOM` together gives no verdict, on any machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from comity.findings.reasons import RuleError

VECTOR: Final = 2048
"""So many rows are worked on together (duckdb's standard vector)."""
ROOM: Final = 512 << 20
"""How many bytes the texts that a query makes of one vector may need."""
MOST: Final = ROOM + 1
ROUNDS: Final = 100
TRIED: Final = 64
"""A query must fit rows whose values are this long, in bytes."""
_NUMBER: Final = 40
"""The longest text of a whole number or truth value."""

_JOINED: Final = frozenset(("||", "concat", "concat_ws"))
_TEXTS: Final = frozenset(
    (
        *("translate", "fold", "reverse", "trim", "ltrim", "rtrim", "substr", "substring", "left", "right"),
        *("split_part", "regexp_extract", "greatest", "least"),
    )
)
"""Functions that give no longer text than the longest they are given; characters count up to four bytes."""
_BESIDE: Final = {"reverse": 128}
"""How many bytes a function needs for each byte of its text, where that is not one: a text is turned round by
way of a list of its letters, of which the engine holds several."""
_PICKED: Final = frozenset(("min", "max", "lag", "lead", "first_value", "last_value"))

Lengths: TypeAlias = Callable[[str], int]
"""How long a field of the item can be, in bytes."""


class Lengthy:
    """How long the values of a column are, in bytes: the ``longest``, and all of a vector ``together``."""

    def __init__(self) -> None:
        self.longest = 0
        self._total = 0
        self._counts = [0] * 64

    def add(self, values: Iterable[Any]) -> None:
        """More values; what is no text counts for nothing."""
        for value in values:
            if value.__class__ is not str:
                continue
            size = len(value) if value.isascii() else len(value.encode("utf-8", "surrogatepass"))
            self._counts[size.bit_length()] += 1
            self._total += size
            if size > self.longest:
                self.longest = size

    @property
    def together(self) -> int:
        """No less than the longest values that can stand in one vector, one after another."""
        left, found = VECTOR, 0
        for bits in range(63, 0, -1):
            some = min(left, self._counts[bits])
            found += some * min(self.longest, (1 << bits) - 1)
            left -= some
        return min(found, self._total)


class Growth:
    """Bounds on what a parsed query makes. ``given`` are the names that it gives itself, in lower case."""

    def __init__(self, statement: Mapping[str, Any], given: frozenset[str]) -> None:
        self._given = given
        self._named: dict[str, list[Mapping[str, Any]]] = {}
        self._selected: list[Mapping[str, Any]] = []
        self._making: list[Mapping[str, Any]] = []
        self._columns: list[Mapping[str, Any]] = []
        self._loose = False
        scans = 0
        for part in iter_parts(statement):
            self._selected += part.get("select_list", ())
            for row in part.get("values", ()) if part.get("type") == "EXPRESSION_LIST" else ():
                self._selected += row
            if "class" in part:
                if isinstance(part.get("alias"), str):
                    self._named.setdefault(part["alias"].casefold(), []).append(part)
                if part["class"] == "COLUMN_REF":
                    self._columns.append(part)
                if part["class"] in ("FUNCTION", "WINDOW") or part.get("type") == "OPERATOR_COALESCE":
                    self._making.append(part)
            scans += part.get("type") == "BASE_TABLE"
            # Names that go by place may stand for anything that is selected.
            places = part.get("column_name_alias") or part.get("aliases")
            self._loose |= bool(places) or part.get("type") == "SET_OPERATION_NODE"
        self._once = scans <= 1
        self._definitions = self._find_definitions()

    def check(self) -> None:
        """``RuleError`` where texts could grow beyond all bounds, or where short rows would be too much."""
        if self._bytes(lambda _: TRIED, VECTOR) > ROOM:
            raise RuleError(
                f"the texts that it puts together could need more than {ROOM >> 20} MB"
                f" where values are {TRIED} bytes long"
            )

    @property
    def makes(self) -> bool:
        """Whether the query makes any text at all."""
        return bool(self._making)

    def needed(self, rows: int, columns: Mapping[str, Lengthy]) -> int:
        """How many bytes the texts of one vector can need, over an item of ``rows`` rows with these
        ``columns``, by their names in lower case."""
        longest = {name: column.longest for name, column in columns.items()}
        most = self._bytes(lambda name: longest.get(name.casefold(), 0), VECTOR)
        if not self._once or most <= ROOM:
            return most
        # Bounds are sums of products, so that of a sum is no less than the sum of those of its parts.
        together = {name: column.together for name, column in columns.items()}
        nothing = self._bytes(lambda _: 0, min(rows, VECTOR))
        return min(most, nothing + self._bytes(lambda name: together.get(name.casefold(), 0), 1))

    def _bytes(self, lengths: Lengths, rows: int) -> int:
        # What a query calls a name may be made of names; so they are worked out until nothing grows.
        known: dict[str, int] = {}
        for _ in range(ROUNDS):
            bounds = _Bounds(lengths, known)
            fresh = {name: max(map(bounds.of, parts), default=0) for name, parts in self._definitions.items()}
            if all(size <= known.get(name, 0) for name, size in fresh.items()):
                return rows * sum(map(bounds.needed_for, self._making))
            known = fresh
        grown = max(known, key=lambda name: known[name])
        raise RuleError(f"{grown!r} is made of {grown!r}, and longer: give what is made a name of its own")

    def _find_definitions(self) -> dict[str, list[Mapping[str, Any]]]:
        """What each name may stand for that is not only a field of the item."""
        found: dict[str, list[Mapping[str, Any]]] = {}
        for name in {str(part["column_names"][-1]) for part in self._columns}:
            folded = name.casefold()
            # A column without a name of its own is called as it is written, with its parentheses.
            if "(" in name or (folded in self._given and (self._loose or folded not in self._named)):
                found[folded] = self._selected
            elif folded in self._given:
                found[folded] = self._named[folded]
        return found


class _Bounds:
    def __init__(self, lengths: Lengths, named: Mapping[str, int]) -> None:
        self._lengths = lengths
        self._named = named
        self._known: dict[int, int] = {}

    def of(self, part: Mapping[str, Any]) -> int:
        """The longest text that an expression can give, in bytes."""
        known = self._known.get(id(part))
        if known is None:
            known = self._known[id(part)] = min(self._work_out(part), MOST)
        return known

    def needed_for(self, part: Mapping[str, Any]) -> int:
        """How many bytes the engine may need to make the text of an expression."""
        return min(self.of(part) * _BESIDE.get(str(part.get("function_name", "")).lower(), 1), MOST)

    def _work_out(self, part: Mapping[str, Any]) -> int:
        group, name = part.get("class"), str(part.get("function_name", "")).lower()
        if group == "COLUMN_REF":
            name = str(part["column_names"][-1])
            return max(self._lengths(name), self._named.get(name.casefold(), 0))
        if group == "CONSTANT":
            value = part.get("literal") or part.get("value") or {}
            return len(str(value.get("text", value.get("value", ""))).encode("utf-8", "surrogatepass"))
        inner = [self.of(each) for each in _inner(part)]
        if group in ("CASE", "SUBQUERY", "CAST", "OPERATOR") or name in _PICKED:
            return max((*inner, _NUMBER))
        if group not in ("FUNCTION", "WINDOW"):
            return _NUMBER
        if name in _JOINED:
            return sum(inner) + (len(inner) * inner[0] if name == "concat_ws" and inner else 0)
        if name in ("replace", "regexp_replace") and len(inner) >= 3:
            text, _, put = inner[:3]
            if name == "replace":
                return text * max(1, put)
            # Between any two characters something may be put, and what was found as often as it is named.
            return 2 * (text + 1) * (put + 1)
        if name in _TEXTS:
            return max((*inner, 0)) * (4 if name == "translate" else 1)
        return 2 * _NUMBER  # numbers, truth values and hashes


def iter_parts(part: Any) -> Iterator[dict[str, Any]]:
    """Every mapping of a parsed query, the outermost first."""
    if isinstance(part, list):
        for each in part:
            yield from iter_parts(each)
    elif isinstance(part, dict):
        yield part
        for each in part.values():
            yield from iter_parts(each)


def _inner(part: Any) -> Iterator[Mapping[str, Any]]:
    """The expressions directly inside of one; of a query inside of it what that selects."""
    for name, each in part.items():
        if name == "subquery":
            for inner in iter_parts(each):
                yield from inner.get("select_list", ())
        elif name not in ("alias", "literal", "value", "type_expr"):
            yield from _outermost(each)


def _outermost(part: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(part, list):
        for each in part:
            yield from _outermost(each)
    elif isinstance(part, dict):
        if "class" in part:
            yield part
        else:
            for each in part.values():
                yield from _outermost(each)
