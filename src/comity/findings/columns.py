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
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import Any, Final

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


class Budget:
    """How much all columns of a run may remember, in characters (with a fixed cost an entry)."""

    def __init__(self, limit: int = BUDGET) -> None:
        self.limit = limit
        self.used = 0
        self.columns: list[Column] = []

    def spend(self, text: str, atoms: int) -> None:
        """Account for one more remembered answer, and forget everything when it is too much."""
        self.used += len(text) + 150 + 60 * atoms
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
        literals: list[tuple[int, str, str, bool, Any]] = []
        expressions: list[tuple[int, str]] = []
        for number, atom in atoms:
            self._file(number, atom, literals, expressions)
        self._index_literals(literals)
        self.expressions = expressions
        self.searched = [(number, compile_regex(text)) for number, text in expressions]
        self.set = compile_set([text for _, text in expressions]) if len(expressions) > 1 else None

    def _file(
        self,
        number: int,
        atom: Atom,
        literals: list[tuple[int, str, str, bool, Any]],
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

    def _index_literals(self, literals: list[tuple[int, str, str, bool, Any]]) -> None:
        shared: Counter[str] = Counter()
        for _, folded, *_ in literals:
            shared.update({folded[i : i + PIECE] for i in range(len(folded) - PIECE + 1)})
        self.literals = literals
        self.free = [entry for entry in literals if not entry[1]]
        firsts: defaultdict[str, list[tuple[int, str, str, bool, Any]]] = defaultdict(list)
        for entry in literals:
            if 0 < len(entry[1]) < PIECE:
                firsts[entry[1][0]].append(entry)
        self.firsts = dict(firsts)
        self.first_letters = frozenset(firsts)
        pieces: defaultdict[str, list[tuple[int, str, str, bool, Any]]] = defaultdict(list)
        for entry in literals:
            folded = entry[1]
            if len(folded) >= PIECE:
                options = (folded[i : i + PIECE] for i in range(len(folded) - PIECE + 1))
                pieces[min(options, key=lambda piece: (shared[piece], piece))].append(entry)
        self.pieces = dict(pieces)
        self.piece_names = frozenset(pieces)

    def hits(self, text: str) -> frozenset[int]:
        """The numbers of the atoms that ``text`` satisfies."""
        known = self.memo.get(text)
        if known is None:
            known = frozenset(self._search(clean(text)))
            if self.differing:
                plain = {number for number in known if number >= 0}
                known = frozenset(plain.union(n for n in self.differing if -1 - n not in known))
            if len(text) <= REMEMBERED_LENGTH:
                self.budget.spend(text, len(known))
                self.memo[text] = known
        return known

    def _search(self, text: str) -> list[int]:
        found = list(self.any_value)
        folded = fold(text)
        for cased, form in ((False, folded), (True, text)):
            found += self.equal[cased].get(form, ())
            for length, table in self.starts[cased].items():
                found += table.get(form[:length], ())
            for length, table in self.ends[cased].items():
                if length <= len(form):
                    found += table.get(form[len(form) - length :], ())
        self._search_literals(text, folded, found)
        if self.expressions:
            self._search_expressions(text, found)
        if self.networks:
            self._search_networks(text, found)
        if self.orders and (value := _number(text)) is not None:
            found += [n for n, compares, bound in self.orders if compares(value, bound)]
        if self.clock and (units := read_clock(text)):
            found += [n for n, unit, compares, bound in self.clock if compares(units[unit], bound)]
        return found

    def _search_literals(self, text: str, folded: str, found: list[int]) -> None:
        size = len(folded)
        # Rough costs, in the same unit: looking for each literal against cutting the text up.
        if len(self.literals) * (64 + size // 8) <= 96 * size:
            candidates = self.literals
        else:
            candidates = list(self.free)
            if self.first_letters:
                for letter in self.first_letters.intersection(folded):
                    candidates += self.firsts[letter]
            if self.piece_names:
                present = {folded[i : i + PIECE] for i in range(size - PIECE + 1)}
                for piece in present & self.piece_names:
                    candidates += self.pieces[piece]
        for number, folded_literal, literal, cased, glob in candidates:
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
