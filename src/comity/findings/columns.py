"""All atoms about one field, answered together and once for each distinct text.

Equality is a table look-up; all other texts are looked for together (:mod:`comity.findings.literals`);
regular expressions run as one RE2 set. Answers are remembered up to a budget, then forgotten as a whole, so
memory does not grow with the log.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Collection, Iterable, Iterator, MutableMapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, Final, Protocol

from comity.findings.atoms import Atom, Wild, parse_pattern
from comity.findings.literals import FEW, LONGEST, Automaton, Literal, LiteralIndex, fits_glob, make_automaton
from comity.findings.regexes import compile_set, fits_regex
from comity.findings.required import find_required
from comity.findings.rows import clean, fold

REMEMBERED_LENGTH = 1024
BUDGET = 32 << 20
REQUIRED: Final = 4
"""So many letters must be known to stand where an expression matches, to look for these with other texts."""
ALONE: Final = 8
"""So often, for each that a field has, expressions are searched for one by one before all are compiled as
one. (To compile 18 takes 2 ms, to search a text for them 2 µs together and 17 one by one.)"""

_NUMBER = re.compile(r"[+-]?[0-9]{1,400}(?:\.[0-9]{1,400})?(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
_DATE = re.compile(r"([0-9]{4})[-/]([0-9]{2})[-/]([0-9]{2})(?![0-9])", re.ASCII)
# RFC 3339, section 5.6, with the letters of either case and what others write for them. A clock of twelve
# hours is none that can be read.
_CLOCK = re.compile(
    r"[Tt _]([01][0-9]|2[0-3]):([0-5][0-9])(?![0-9])"
    r"(?!(?::[0-9]{2}(?:[.,][0-9]*)?)? *[AaPp]\.?[Mm](?![0-9A-Za-z]))",
    re.ASCII,
)
_NOTHING: Final[frozenset[int]] = frozenset()


class Remembering(Protocol):
    """What a budget may make forget: answers by text."""

    @property
    def memo(self) -> MutableMapping[Any, Any]:
        """The answers remembered."""


class Budget:
    """How much all columns of a run may remember, in characters (with a fixed cost an entry)."""

    def __init__(self, limit: int = BUDGET) -> None:
        self.limit = limit
        self.used = 0
        self.columns: list[Remembering] = []

    def spend(self, text: str, atoms: int) -> None:
        """Account for one more remembered answer, and forget everything when it is too much."""
        self.take(len(text) + 150 + 60 * atoms)

    def take(self, amount: int) -> None:
        """The same, for an amount that the caller has worked out."""
        self.used += amount
        if self.used > self.limit:
            self.used = 0
            for column in self.columns:
                column.memo.clear()


def _number(text: str) -> Decimal | None:
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


_ORDER: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "eq": Decimal.__eq__,
    "lt": Decimal.__lt__,
    "lte": Decimal.__le__,
    "gt": Decimal.__gt__,
    "gte": Decimal.__ge__,
}


def read_clock(text: str) -> dict[str, Decimal] | None:
    """The units of a text that begins with a date ``YYYY-MM-DD``, as written: no zone is applied (Sigma, time
    modifiers; spec 11, clause 37). ``None`` where it begins with none; ``hour`` and ``minute`` are missing
    where no time of day stands behind the date."""
    found = _DATE.match(text)
    if found is None:
        return None
    year, month, day = map(int, found.groups())
    try:
        week = date(year, month, day).isocalendar().week
    except ValueError:
        return None
    units = {"year": year, "month": month, "week": week, "day": day}
    told = _CLOCK.match(text, found.end())
    if told is not None:
        units |= {"hour": int(told[1]), "minute": int(told[2])}
    return {name: Decimal(number) for name, number in units.items()}


class Column:
    """The atoms of one field, numbered by the caller. ``hits`` answers for one text."""

    def __init__(self, atoms: Iterable[tuple[int, Atom]], budget: Budget) -> None:
        self.memo: dict[str, frozenset[int]] = {}
        self.budget = budget
        budget.columns.append(self)
        self.null: frozenset[int] = _NOTHING
        self.any_value: list[int] = []
        self.equal: dict[bool, dict[str, list[int]]] = {False: {}, True: {}}
        self.starts: dict[bool, dict[int, dict[str, list[int]]]] = {False: {}, True: {}}
        self.ends: dict[bool, dict[int, dict[str, list[int]]]] = {False: {}, True: {}}
        self.networks: list[tuple[int, ipaddress.IPv4Network | ipaddress.IPv6Network]] = []
        self.orders: list[tuple[int, Callable[[Decimal, Any], bool], Any]] = []
        self.differing: list[int] = []
        self.clock: list[tuple[int, str, Callable[[Decimal, Decimal], bool], Decimal]] = []
        self.literals: list[Literal] = []
        self.expressions: list[tuple[int, str, str]] = []
        self.patterned: list[tuple[int, str, str]] = []
        self._asked = 0
        for number, atom in atoms:
            self._file(number, atom.kind, atom.value, atom.cased)
        self.more = bool(self.expressions or self.networks or self.orders or self.clock)

    def file(self, atoms: Iterable[tuple[int, tuple[str, str, bool]]]) -> None:
        """More atoms, by number, each as kind, value and case."""
        equal, literals = self.equal[False], self.literals
        for number, (kind, text, cased) in atoms:
            if cased:
                self._file(number, kind, text, cased)
            elif kind == "contains":
                literals.append((number, fold(text), text, False, None))
            elif kind == "equals":
                equal.setdefault(text, []).append(number)
            else:
                self._file(number, kind, text, cased)
        self.more = bool(self.expressions or self.networks or self.orders or self.clock)

    def _file(self, number: int, kind: str, text: str, cased: bool) -> None:
        match kind:
            case "null":
                self.null |= {number}
            case "any":
                self.any_value.append(number)
            case "equals":
                self.equal[cased].setdefault(text, []).append(number)
            case "startswith" | "endswith":
                table = (self.starts if kind == "startswith" else self.ends)[cased]
                table.setdefault(len(text), {}).setdefault(text, []).append(number)
            case "contains":
                self.literals.append((number, fold(text), text, cased, None))
            case "glob":
                parts = [part for part in parse_pattern(text) if not isinstance(part, Wild)]
                longest = max(parts, key=len, default="")
                self.literals.append((number, fold(longest), longest, cased, text))
            case "regex":
                # What must stand where it matches is looked for first, with other texts if it is long enough.
                required = find_required(text)
                (self.patterned if len(required) >= REQUIRED else self.expressions).append(
                    (number, required, text)
                )
            case "cidr":
                self.networks.append((number, ipaddress.ip_network(text)))
            case "time":
                unit, order, bound = text.split(":")
                self.clock.append((number, unit, _ORDER[order], Decimal(bound)))
            case "differs":
                # The question underneath is filed under a number below zero, and turned round at the end.
                turned, _, inner = text.partition(":")
                self.differing.append(number)
                self._file(-1 - number, turned, inner, cased)
            case "among":
                numbers = frozenset(map(Decimal, text.split(",")))
                self.orders.append((number, lambda value, among: value in among, numbers))
            case "eq" | "lt" | "lte" | "gt" | "gte":
                self.orders.append((number, _ORDER[kind], Decimal(text)))
            case other:
                raise ValueError(f"no column answers the atom {other!r}")

    @cached_property
    def set(self) -> Any | None:
        """Expressions of which little must stand in a text, compiled as one."""
        return compile_set([text for _, _, text in self.expressions])

    @cached_property
    def index(self) -> LiteralIndex:
        """The literals, filed by pieces of them."""
        return LiteralIndex(self.literals)

    def hits(self, text: str) -> frozenset[int]:
        """The numbers of the atoms that ``text`` satisfies."""
        known = self.memo.get(text)
        if known is None:
            known = self.find(text)
            if len(text) <= REMEMBERED_LENGTH:
                self.budget.spend(text, len(known))
                self.memo[text] = known
        return known

    def find(self, text: str) -> frozenset[int]:
        """The same; nothing is remembered."""
        found = self._search_one(clean(text))
        if self.differing:
            held = set(found)
            found = [number for number in held if number >= 0]
            found += [number for number in self.differing if -1 - number not in held]
        # An empty set made anew for each text would be most of what is remembered.
        return frozenset(found) if found else _NOTHING

    def _search_one(self, text: str) -> list[int]:
        return self._search(text, fold(text))

    def search_all(self, texts: Sequence[str]) -> Iterable[Collection[int]]:
        """For each text the numbers of the atoms that it satisfies (some twice); nothing is remembered."""
        if self.differing:
            return [self.hits(text) for text in texts]
        if "".join(texts).isascii():
            return self._search_each(texts, list(map(str.lower, texts)))
        cleaned = [clean(text) for text in texts]
        return self._search_each(cleaned, list(map(fold, cleaned)))

    def _search_each(self, texts: Sequence[str], folded: Sequence[str]) -> Iterator[Collection[int]]:
        """:meth:`_search` of each, with what they have in common done once."""
        automaton = self.automaton
        if automaton is None:
            if (literals := self._plain_literals) is None:
                yield from map(self._search, texts, folded)
                return
            whole = self.equal[False]
            for low in folded:
                held = [number for number, literal in literals if literal in low]
                yield [*held, *whole[low]] if low in whole else held
            return
        equal, cased, more, always = self.equal[False], self.equal[True], self.more, self.any_value
        for text, low in zip(texts, folded, strict=True):
            if len(low) > LONGEST:
                yield self._search(text, low)
                continue
            found = automaton.found_in(text, low)
            if low in equal:
                found = [*found, *equal[low]]
            if text in cased:
                found = [*found, *cased[text]]
            if always:
                found = [*found, *always]
            if more:
                found = list(found)
                self._search_rest(text, low, found)
            yield found

    @cached_property
    def automaton(self) -> Automaton | None:
        """All that is looked for as text, if one pass can look for it."""
        ends = [
            (number, kind, fold(literal), literal, cased)
            for kind, tables in (("startswith", self.starts), ("endswith", self.ends))
            for cased, by_length in tables.items()
            for table in by_length.values()
            for literal, numbers in table.items()
            for number in numbers
        ]
        ends += [(number, "regex", required, text, True) for number, required, text in self.patterned]
        if len(self.literals) + len(ends) < FEW:
            return None
        return make_automaton(self.literals, ends)

    @cached_property
    def _plain_literals(self) -> list[tuple[int, str]] | None:
        """The few literals of a column that looks for nothing but these, and for whole texts, in any case."""
        others = self.any_value or self.equal[True] or self.patterned or self.more
        if others or any(self.starts.values()) or any(self.ends.values()):
            return None
        if any(cased or glob is not None for *_, cased, glob in self.literals):
            return None
        return [(number, folded) for number, folded, *_ in self.literals]

    def _search(self, text: str, folded: str) -> list[int]:
        found = self.any_value.copy()
        self._search_whole(text, folded, found)
        automaton = self.automaton
        if automaton is not None and len(folded) <= LONGEST:
            automaton.search(text, folded, found)
        else:
            for cased, form in ((False, folded), (True, text)):
                for length, table in self.starts[cased].items():
                    found += table.get(form[:length], ())
                for length, table in self.ends[cased].items():
                    if length <= len(form):
                        found += table.get(form[len(form) - length :], ())
            self._search_literals(text, folded, found)
            for number, required, expression in self.patterned:
                if required in folded and fits_regex(expression, text):
                    found.append(number)
        if self.more:
            self._search_rest(text, folded, found)
        return found

    def _search_whole(self, text: str, folded: str, found: list[int]) -> None:
        found += self.equal[False].get(folded, ())
        if self.equal[True]:
            found += self.equal[True].get(text, ())

    def _search_rest(self, text: str, folded: str, found: list[int]) -> None:
        if self.expressions:
            self._search_expressions(text, folded, found)
        if self.networks:
            self._search_networks(text, found)
        if self.orders and (value := _number(text)) is not None:
            found += [n for n, compares, bound in self.orders if compares(value, bound)]
        if self.clock and (units := read_clock(text)):
            found += [
                n for n, unit, compares, bound in self.clock if unit in units and compares(units[unit], bound)
            ]

    def _search_literals(self, text: str, folded: str, found: list[int]) -> None:
        size = len(folded)
        # Rough costs, in the same unit: looking for each literal against cutting the text up.
        few = len(self.literals) * (64 + size // 8) <= 96 * size
        for number, folded_literal, literal, cased, glob in (
            self.literals if few else self.index.candidates(folded)
        ):
            stands = (literal in text) if cased else (folded_literal in folded)
            if stands and (glob is None or fits_glob(glob, text if cased else folded)):
                found.append(number)

    def _search_expressions(self, text: str, folded: str, found: list[int]) -> None:
        # A set never gives up its automaton for want of memory, however much it is made anew.
        many = len(self.expressions) > 1 and self._asked > ALONE * len(self.expressions)
        fits = many and len(folded) <= LONGEST
        if fits and self.set is not None:
            answer = self.set.Match(text.encode())
            if len(self.expressions) in answer:
                if len(answer) > 1:
                    found += [self.expressions[i][0] for i in answer if i < len(self.expressions)]
                return
        for number, required, expression in self.expressions:
            if required in folded:
                self._asked += 1
                if fits_regex(expression, text):
                    found.append(number)

    def _search_networks(self, text: str, found: list[int]) -> None:
        address = _address(text)
        if address is None:
            return
        forms = [address]
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
            forms.append(address.ipv4_mapped)
        found += [
            number
            for number, network in self.networks
            if any(form.version == network.version and form in network for form in forms)
        ]


def texts_of_row(text: str, values: Iterable[str | None]) -> set[str]:
    """Every text in which a keyword is looked for: the whole row's, and that of each value."""
    return {clean(text), *(value for value in values if value is not None)}
