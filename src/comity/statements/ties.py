"""Ties between sentences and assertions: how they are written, and what stands behind an assertion.

A tie stands in brackets in its sentence or right after it: ``[#2]`` for assertion 2 of the claim that the
statement goes with, ``[7d3e21ab#2]`` for assertion 2 of a record (its id, or the first six digits or more),
``[#1, #3-4]`` for several. A line ``[#2]: 7d3e21ab#1, 60–75 %, ICD 203`` says what ``[#2]`` stands for in
this text, and may declare its probability. Numbers are counted from 1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from comity.statements.blocks import Definition

_REFERENCE = r"[0-9a-f]{0,64}#[1-9]\d{0,3}(?:\s*[-–至]\s*[1-9]\d{0,3})?"
TIE: Final = re.compile(rf"[\[【]\s*(?P<refs>{_REFERENCE}(?:\s*[,;、,;]\s*{_REFERENCE})*)\s*[\]】]")
_ONE = re.compile(
    r"(?P<record>[0-9a-f]{0,64})#(?P<first>[1-9]\d{0,3})(?:\s*[-–至]\s*(?P<last>[1-9]\d{0,3}))?"
)

PERCENT: Final = re.compile(
    r"(?<![\d.,])(?P<low>\d{1,3}(?:[.,]\d+)?)(?:\s?(?:%|per ?cent|prosent|pst\.?))?"
    r"(?:\s?(?:to|and|til|og|–|-|—|~|至|到)\s?(?P<high>\d{1,3}(?:[.,]\d+)?))?"
    r"\s?(?:%|per ?cent\b|prosent\b|pst\b)"
    r"|百分之(?P<han>\d{1,3})(?:\s?(?:至|到)\s?(?:百分之)?(?P<han_high>\d{1,3}))?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lent:
    """What an assessment gives the cluster that it names, from – to in parts per million: its author's
    figure by its author's judgements, and nobody else's."""

    cluster: str
    low: int
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What stands behind one assertion, as far as a case tells it.

    ``supports`` counts its supports, ``agreed`` and ``differing`` the re-runs of others that count,
    ``contests`` the positions against it. ``lent`` is the figure of an assessment of the same thing;
    ``later`` names the versions in which its author says it otherwise since, as ties name them.
    """

    record: str
    n: int
    text: str = ""
    stance: str = "claims"
    level: str = ""
    supports: int = 0
    agreed: int = 0
    differing: int = 0
    contests: int = 0
    withdrawn: bool = False
    lent: Lent | None = None
    later: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As a tie names it."""
        return f"{self.record[:12]}#{self.n}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """The assertions that a statement may be tied to. ``whole`` says that no others exist, so that a tie to
    another is an error; ``record`` is the claim that a bare ``[#N]`` means. ``uncomputed`` assessments behind
    them were not computed again, so that their figures are held against nothing;
    ``false_reruns`` do not hold, and neither agree nor differ."""

    standings: tuple[Standing, ...] = ()
    whole: bool = False
    record: str = ""
    uncomputed: int = 0
    false_reruns: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """One reference: the record (or none, for a bare number) and the number of the assertion."""

    record: str
    n: int


@dataclass(slots=True)
class Resolver:
    """Looks ties up: first in the text's own definitions, then in what the case holds."""

    behind: Behind
    defined: Mapping[int, Tie | None] = field(default_factory=dict)
    declared: Mapping[int, tuple[int, int]] = field(default_factory=dict)

    def missing(self, tie: Tie) -> bool:
        """Whether it can be said that no such assertion is there."""
        if not tie.record:
            if self.defined:
                if tie.n not in self.defined:
                    return True
                target = self.defined[tie.n]
                return target is not None and self.missing(target)
            if not self.behind.record:
                return False
        return self.behind.whole and self.find(tie) is None

    def find(self, tie: Tie) -> Standing | None:
        """What stands behind a tie, if that is known."""
        if not tie.record and tie.n in self.defined:
            target = self.defined[tie.n]
            return self.find(target) if target is not None else None
        record = tie.record or self.behind.record
        if not record:
            return None
        found = [s for s in self.behind.standings if s.n == tie.n and s.record.startswith(record)]
        return found[0] if len(found) == 1 else None

    def probability(self, tie: Tie) -> tuple[int, int] | None:
        """The probability that the text itself declares for a tie."""
        return self.declared.get(tie.n) if not tie.record else None

    def lent(self, tie: Tie) -> Lent | None:
        """The figure that an assessment of the case gives what a tie names, where the text declares none."""
        if self.probability(tie):
            return None
        standing = self.find(tie)
        return standing.lent if standing is not None else None


def make_resolver(behind: Behind, definitions: Sequence[Definition]) -> Resolver:
    """A resolver for one text."""
    defined: dict[int, Tie | None] = {}
    declared: dict[int, tuple[int, int]] = {}
    for one in definitions:
        label = _ONE.fullmatch(one.label)
        if label is None or label["record"]:
            continue
        n = int(label["first"])
        target = _ONE.search(one.told)
        defined[n] = (
            Tie(record=target["record"], n=int(target["first"])) if target and target["record"] else None
        )
        if interval := read_percent(one.told):
            declared[n] = interval
    return Resolver(behind=behind, defined=defined, declared=declared)


def read_ties(text: str) -> list[tuple[int, int, list[Tie]]]:
    """Every tie of a sentence: from, to, and what it refers to."""
    found = []
    for match in TIE.finditer(text):
        ties: list[Tie] = []
        for one in _ONE.finditer(match["refs"]):
            first, last = int(one["first"]), int(one["last"] or one["first"])
            ties += [Tie(record=one["record"], n=n) for n in range(first, min(last, first + 99) + 1)]
        found.append((match.start(), match.end(), ties))
    return found


def read_percent(text: str) -> tuple[int, int] | None:
    """The first probability of a text, in parts per million; None where it gives none up to 100 %."""
    for match in PERCENT.finditer(text):
        low = float((match["low"] or match["han"]).replace(",", "."))
        upper = match["high"] or match["han_high"]
        high = float(upper.replace(",", ".")) if upper else low
        if low <= high <= 100:
            return round(low * 10_000), round(high * 10_000)
    return None


def closest(text: str, standings: Sequence[Standing]) -> tuple[Standing, float] | None:
    """The assertion whose sentence is most like ``text`` and how like it is, from 0 to 1, by the pairs of
    characters the two have in common (Dice)."""
    wanted = _pairs(text)
    best: tuple[Standing, float] | None = None
    for standing in standings:
        other = _pairs(standing.text)
        alike = 2 * len(wanted & other) / (len(wanted) + len(other)) if wanted and other else 0.0
        if best is None or alike > best[1]:
            best = standing, alike
    return best


def _pairs(text: str) -> frozenset[str]:
    plain = re.sub(r"\W+", " ", TIE.sub("", text)).lower().strip()
    return frozenset(plain[at : at + 2] for at in range(len(plain) - 1))
