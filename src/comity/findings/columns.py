"""All atoms about one field, answered together and once for each distinct text.

Equality, prefixes and suffixes are table look-ups. A text is searched for literals by its distinct
three-letter pieces: each literal is filed under the piece that the fewest others share (a shorter one
under its first letter), and looked for only where that piece occurs. Regular expressions run as one
RE2 set. Answers are remembered up to a budget, then forgotten as a whole, so memory does not grow
with the log.
"""

from __future__ import annotations

import ipaddress
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, MutableMapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache, cached_property
from typing import Any, Final, Protocol, TypeAlias

from comity.findings.atoms import Atom, Wild, parse_pattern
from comity.findings.regexes import compile_regex, compile_set, glob_expression
from comity.findings.rows import clean, fold

PIECE = 3
REMEMBERED_LENGTH = 1024
BUDGET = 32 << 20

_NUMBER = re.compile(r"[+-]?[0-9]{1,400}(?:\.[0-9]{1,400})?(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
_DATE = re.compile(
    r"([0-9]{4})[-/]([0-9]{2})[-/]([0-9]{2})(?:[T _]([01][0-9]|2[0-3]):([0-5][0-9])(?![0-9])|(?![T _0-9]))",
    re.ASCII,
)
_NOTHING: Final[frozenset[int]] = frozenset()

Literal: TypeAlias = "tuple[int, str, str, bool, Any]"
"""A literal to find inside a text: the atom's number, the literal folded, the literal, whether case counts,
and the expression that must fit as well, if any."""


class Remembering(Protocol):
    """What a budget may make forget: answers by text."""

    @property
    def memo(self) -> MutableMapping[str, Any]:
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
    """The units of a date text ``YYYY-MM-DD``, with ``HH:MM`` or without, as written: no zone is applied
    (Sigma, time modifiers). ``None`` where the text does not begin with a date."""
    found = _DATE.match(text)
    if found is None:
        return None
    year, month, day, hour, minute = (int(part or 0) for part in found.groups())
    try:
        week = date(year, month, day).isocalendar().week
    except ValueError:
        return None
    units = {"year": year, "month": month, "week": week, "day": day, "hour": hour, "minute": minute}
    return {name: Decimal(number) for name, number in units.items()}


class LiteralIndex:
    """Literals filed under the piece of theirs that the fewest others share."""

    def __init__(self, literals: Sequence[Literal]) -> None:
        shared: Counter[str] = Counter()
        for _, folded, *_ in literals:
            shared.update({folded[i : i + PIECE] for i in range(len(folded) - PIECE + 1)})
        self.free = [entry for entry in literals if not entry[1]]
        firsts: defaultdict[str, list[Literal]] = defaultdict(list)
        pieces: defaultdict[str, list[Literal]] = defaultdict(list)
        for entry in literals:
            folded = entry[1]
            if len(folded) >= PIECE:
                options = (folded[i : i + PIECE] for i in range(len(folded) - PIECE + 1))
                pieces[min(options, key=lambda piece: (shared[piece], piece))].append(entry)
            elif folded:
                firsts[folded[0]].append(entry)
        self.firsts = dict(firsts)
        self.first_letters = frozenset(firsts)
        self.pieces = dict(pieces)
        self.piece_names = frozenset(pieces)

    def candidates(self, folded: str) -> list[Literal]:
        """The literals that may stand in a folded text, among others."""
        found = list(self.free)
        if self.first_letters:
            for letter in self.first_letters.intersection(folded):
                found += self.firsts[letter]
        if self.piece_names:
            present = {folded[i : i + PIECE] for i in range(len(folded) - PIECE + 1)}
            for piece in present & self.piece_names:
                found += self.pieces[piece]
        return found


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
        self.orders: list[tuple[int, Callable[[Decimal, Decimal], bool], Decimal]] = []
        self.differing: list[int] = []
        self.clock: list[tuple[int, str, Callable[[Decimal, Decimal], bool], Decimal]] = []
        self.literals: list[Literal] = []
        expressions: list[tuple[int, str]] = []
        for number, atom in atoms:
            self._file(number, atom, self.literals, expressions)
        self.expressions = expressions
        self.searched = [(number, compile_regex(text)) for number, text in expressions]
        self.set = compile_set([text for _, text in expressions]) if len(expressions) > 1 else None

    def _file(
        self,
        number: int,
        atom: Atom,
        literals: list[Literal],
        expressions: list[tuple[int, str]],
    ) -> None:
        text, cased = atom.value, atom.cased
        match atom.kind:
            case "null":
                self.null |= {number}
            case "any":
                self.any_value.append(number)
            case "equals":
                self.equal[cased].setdefault(text, []).append(number)
            case "startswith" | "endswith":
                table = (self.starts if atom.kind == "startswith" else self.ends)[cased]
                table.setdefault(len(text), {}).setdefault(text, []).append(number)
            case "contains":
                literals.append((number, fold(text), text, cased, None))
            case "glob":
                parts = [part for part in parse_pattern(text) if not isinstance(part, Wild)]
                longest = max(parts, key=len, default="")
                glob = compile_regex(glob_expression(text))
                literals.append((number, fold(longest), longest, cased, glob))
            case "regex":
                expressions.append((number, text))
            case "cidr":
                self.networks.append((number, ipaddress.ip_network(text)))
            case "time":
                unit, order, bound = text.split(":")
                self.clock.append((number, unit, _ORDER[order], Decimal(bound)))
            case "differs":
                # The question underneath is filed under a number below zero, and turned round at the end.
                kind, _, inner = text.partition(":")
                self.differing.append(number)
                self._file(-1 - number, Atom(atom.field, kind, inner, cased), literals, expressions)
            case "eq" | "lt" | "lte" | "gt" | "gte":
                self.orders.append((number, _ORDER[atom.kind], Decimal(text)))
            case other:
                raise ValueError(f"no column answers the atom {other!r}")

    @cached_property
    def index(self) -> LiteralIndex:
        """The literals, filed by pieces of them."""
        return LiteralIndex(self.literals)

    def hits(self, text: str) -> frozenset[int]:
        """The numbers of the atoms that ``text`` satisfies."""
        known = self.memo.get(text)
        if known is None:
            known = frozenset(self._search_one(clean(text)))
            if self.differing:
                plain = {number for number in known if number >= 0}
                known = frozenset(plain.union(n for n in self.differing if -1 - n not in known))
            if len(text) <= REMEMBERED_LENGTH:
                self.budget.spend(text, len(known))
                self.memo[text] = known
        return known

    def _search_one(self, text: str) -> list[int]:
        return self._search(text, fold(text))

    def search_all(self, texts: Sequence[str]) -> list[list[int]]:
        """For each text the numbers of the atoms that it satisfies (some twice); nothing is remembered."""
        if self.differing:
            return [list(self.hits(text)) for text in texts]
        cleaned = [clean(text) for text in texts]
        folded = [fold(text) for text in cleaned]
        if self.patterns and len(texts) * _SEARCH_COST > len(self.patterns) + _SEARCH_START:
            library = _find_library()
            if library is not None and self.nested <= _NESTED:
                return self._search_together(cleaned, folded, library)
        return [self._search(text, form) for text, form in zip(cleaned, folded, strict=True)]

    @cached_property
    def patterns(self) -> dict[str, list[tuple[int, str, bool, str, Any]]]:
        """All that is looked for as text, by its folded literal: what stands inside, at an end, or is all."""
        found: defaultdict[str, list[tuple[int, str, bool, str, Any]]] = defaultdict(list)
        for number, folded, literal, cased, glob in self.literals:
            found[folded].append((number, "contains", cased, literal, glob))
        for kind, tables in (("startswith", self.starts), ("endswith", self.ends)):
            for cased, by_length in tables.items():
                for table in by_length.values():
                    for literal, numbers in table.items():
                        found[fold(literal)] += [(number, kind, cased, literal, None) for number in numbers]
        found.pop("", None)
        return dict(found)

    def _search_together(self, texts: list[str], folded: list[str], library: Any) -> list[list[int]]:
        """The same by one automaton over all literals and all texts."""
        free = [entry for entry in self.literals if not entry[1]]
        patterns = self.patterns
        more = bool(self.expressions or self.networks or self.orders or self.clock)
        answers: list[list[int]] = []
        for text, form, present in zip(texts, folded, self._find_literals(folded, library), strict=True):
            if present is None:
                answers.append(self._search(text, form))
                continue
            found = list(self.any_value)
            self._search_whole(text, form, found)
            for number, _, _, cased, glob in free:
                if glob is None or glob.search((text if cased else form).encode()) is not None:
                    found.append(number)
            if present:
                for literal in set(present):
                    for number, kind, cased, exact, glob in patterns[literal]:
                        if _fits(kind, exact, text if cased else form, glob, cased):
                            found.append(number)
            if more:
                self._search_rest(text, found)
            answers.append(found)
        return answers

    def _find_literals(self, folded: list[str], library: Any) -> Iterator[Sequence[str] | None]:
        """The literals that stand in each text, some twice; None for a text too long to ask for."""
        names = list(self.patterns)
        # Every place of every literal is told, so what is asked at once is bounded by how many can end at
        # one place.
        most = _PLACES // self.nested
        start = 0
        while start < len(folded):
            end, size = start, 0
            while end < len(folded) and (size := size + min(len(folded[end]), _LONG)) <= most:
                end += 1
            end = max(end, start + 1)
            part = [form if len(form) <= _LONG else None for form in folded[start:end]]
            series = library.Series(part, dtype=library.String)
            yield from series.str.extract_many(names, overlapping=True).to_list()
            start = end

    @cached_property
    def nested(self) -> int:
        """How many literals can end at one place of a text, at most."""
        ends: dict[str, int] = {}
        for literal in sorted(self.patterns, key=len):
            inner = (ends.get(literal[at:], 0) for at in range(1, len(literal)))
            ends[literal] = 1 + max(inner, default=0)
        return max(ends.values(), default=1)

    def _search(self, text: str, folded: str) -> list[int]:
        found = list(self.any_value)
        self._search_whole(text, folded, found)
        for cased, form in ((False, folded), (True, text)):
            for length, table in self.starts[cased].items():
                found += table.get(form[:length], ())
            for length, table in self.ends[cased].items():
                if length <= len(form):
                    found += table.get(form[len(form) - length :], ())
        self._search_literals(text, folded, found)
        self._search_rest(text, found)
        return found

    def _search_whole(self, text: str, folded: str, found: list[int]) -> None:
        found += self.equal[False].get(folded, ())
        if self.equal[True]:
            found += self.equal[True].get(text, ())

    def _search_rest(self, text: str, found: list[int]) -> None:
        if self.expressions:
            self._search_expressions(text, found)
        if self.networks:
            self._search_networks(text, found)
        if self.orders and (value := _number(text)) is not None:
            found += [n for n, compares, bound in self.orders if compares(value, bound)]
        if self.clock and (units := read_clock(text)):
            found += [n for n, unit, compares, bound in self.clock if compares(units[unit], bound)]

    def _search_literals(self, text: str, folded: str, found: list[int]) -> None:
        size = len(folded)
        # Rough costs, in the same unit: looking for each literal against cutting the text up.
        few = len(self.literals) * (64 + size // 8) <= 96 * size
        for number, folded_literal, literal, cased, glob in (
            self.literals if few else self.index.candidates(folded)
        ):
            if (literal in text) if cased else (folded_literal in folded):
                if glob is not None:
                    form = text if cased else folded
                    if glob.search(form.encode()) is None:
                        continue
                found.append(number)

    def _search_expressions(self, text: str, found: list[int]) -> None:
        raw = text.encode()
        if self.set is not None:
            answer = self.set.Match(raw)
            if len(self.expressions) in answer:
                found += [self.expressions[i][0] for i in answer if i < len(self.expressions)]
                return
        found += [number for number, regex in self.searched if regex.search(raw) is not None]

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


def _fits(kind: str, literal: str, text: str, glob: Any, cased: bool) -> bool:
    """Whether a literal that stands in the folded text does so as it is asked to."""
    if kind == "startswith":
        return text.startswith(literal)
    if kind == "endswith":
        return text.endswith(literal)
    if cased and literal not in text:
        return False
    return glob is None or glob.search(text.encode()) is not None


# Where an automaton for all texts together is sooner done: making it costs about as much for each literal
# as a tenth of a search for one text by pieces.
_SEARCH_COST: Final = 12
_SEARCH_START: Final = 4_000
_LONG: Final = 4096
_PLACES: Final = 1 << 22
_NESTED: Final = 8
"""Rules of more literals that end alike could make a text tell of more places than it has characters, many
times over; they are looked for one by one. (Those of thousands of rules in use: five.)"""


@cache
def _find_library() -> Any | None:
    try:
        import polars
    except ImportError:
        return None
    return polars
