"""Looking for thousands of literals in a text.

Where ``ahocorasick_rs`` is installed, one automaton over all literals of a field tells of every place where
one stands. A text tells of as many places as it has characters, times the number of literals that can end at
one place; so texts that are long, and literals that end alike more than eight deep, are searched the other
way: by the distinct three-letter pieces of the text. Each literal is filed under the piece that the fewest
others share (a shorter one under its first letter), and looked for only where that piece occurs.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, TypeAlias

from comity.findings.regexes import fits_regex, glob_expression

PIECE: Final = 3
FEW: Final = 8
"""Of fewer literals than these each is looked for by itself."""
LONGEST: Final = 4096
"""The longest text, in characters, that the automaton is asked about."""
NESTED: Final = 8
"""How many literals may end at one place of a text. (Those of thousands of rules in use: five.)"""

Literal: TypeAlias = "tuple[int, str, str, bool, str | None]"
"""A literal to find inside a text: the atom's number, the literal folded, the literal, whether case counts,
and the Sigma text with wildcards that must fit as well, if any."""
End: TypeAlias = "tuple[int, str, str, str, bool]"
"""A literal at an end of a text: the atom's number, ``startswith`` or ``endswith``, the literal folded, the
literal, whether case counts. Or one that must stand where an expression matches: the atom's number,
``regex``, the literal folded, the expression."""

_Asked: TypeAlias = "tuple[int, str, str, bool, str | None]"
_OF_THE_TEXT: Final = ("contains", "regex")


_expression_of = lru_cache(maxsize=4096)(glob_expression)


def fits_glob(glob: str, text: str) -> bool:
    """Whether the whole of ``text`` fits a Sigma text with wildcards."""
    return fits_regex(_expression_of(glob), text)


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


class Automaton:
    """All literals of a field, looked for in one pass. Make it with :func:`make_automaton`.

    ``plain`` are, for each literal, the atoms that hold where it stands; ``checked`` those that ask more:
    a place, a case or a whole text with wildcards. ``free`` are those without a literal.
    """

    def __init__(
        self,
        made: Any,
        plain: Sequence[Sequence[int]],
        checked: Mapping[int, Sequence[_Asked]],
        free: Sequence[Literal],
    ) -> None:
        self._find = made.find_matches_as_indexes
        self._plain = plain
        self._checked = checked
        self._free = free

    def search(self, text: str, folded: str, found: list[int]) -> None:
        """Add the numbers of the atoms that ``text`` satisfies, some perhaps twice."""
        found += self.found_in(text, folded)

    def found_in(self, text: str, folded: str) -> Sequence[int]:
        """The numbers of the atoms that ``text`` satisfies, some perhaps twice."""
        hits = self._find(folded, overlapping=True)
        if not hits and not self._free:
            return ()
        found: list[int] = []
        tried: set[_Asked] = set()
        plain, checked = self._plain, self._checked
        for literal, start, end in hits:
            found += plain[literal]
            if literal not in checked:
                continue
            for asked in checked[literal]:
                number, kind, exact, cased, glob = asked
                if kind in _OF_THE_TEXT:
                    # What is asked of the whole text is asked once, however often the literal stands in it.
                    if asked in tried:
                        continue
                    tried.add(asked)
                if kind == "startswith":
                    holds = start == 0 and (not cased or text.startswith(exact))
                elif kind == "regex":
                    holds = fits_regex(exact, text)
                elif kind == "endswith":
                    holds = end == len(folded) and (not cased or text.endswith(exact))
                else:
                    holds = (not cased or exact in text) and (
                        glob is None or fits_glob(glob, text if cased else folded)
                    )
                if holds:
                    found.append(number)
        for number, _, _, cased, glob in self._free:
            if glob is None or fits_glob(glob, text if cased else folded):
                found.append(number)
        return found


def make_automaton(literals: Sequence[Literal], ends: Sequence[End]) -> Automaton | None:
    """One automaton for all of them; None where there is no such library, or where it could be made to tell
    of too many places."""
    try:
        from ahocorasick_rs import AhoCorasick, Implementation
    except ImportError:
        return None
    places: dict[str, int] = {}
    plain: list[tuple[int, ...]] = []
    checked: defaultdict[int, list[_Asked]] = defaultdict(list)
    free: list[Literal] = []

    def place(folded: str) -> int:
        at = places.setdefault(folded, len(plain))
        if at == len(plain):
            plain.append(())
        return at

    for one in literals:
        number, folded, literal, cased, glob = one
        if not folded:
            free.append(one)
        elif cased or glob is not None:
            checked[place(folded)].append((number, "contains", literal, cased, glob))
        else:
            plain[place(folded)] += (number,)
    for number, kind, folded, literal, cased in ends:
        if not folded:
            return None
        checked[place(folded)].append((number, kind, literal, cased, None))
    if count_nested(places) > NESTED:
        return None
    try:
        made = AhoCorasick(places, implementation=Implementation.ContiguousNFA)
    except UnicodeEncodeError:  # a lone surrogate, which stands in no text either
        return None
    return Automaton(made, plain, dict(checked), free)


def count_nested(literals: Iterable[str]) -> int:
    """How many of the literals can end at one place of a text, at most."""
    # Turned round, what ends alike begins alike, and stands together in order.
    most = 0
    inside: list[str] = []
    for turned in sorted(literal[::-1] for literal in literals):
        while inside and not turned.startswith(inside[-1]):
            inside.pop()
        inside.append(turned)
        most = max(most, len(inside))
    return most
