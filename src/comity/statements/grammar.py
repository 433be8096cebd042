"""What one language gives to the rules: its word families and constructions, as patterns over folded text."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Final

from comity.statements.flags import Language

NAME: Final = (
    r"(?-i:[A-ZÆØÅÄÖÜ][\w&'-]*(?: (?:of|the|and|og|av|i|for)(?= [A-ZÆØÅ]))*(?: [A-ZÆØÅÄÖÜ][\w&'-]*){0,4})"
)
"""A proper name in a language with capitals: one to five capitalised words."""


def compile_any(*parts: str) -> re.Pattern[str]:
    """One pattern of several, letters of either case. A group name used more than once gets a number, and
    :func:`groups` finds them all."""
    used: Counter[str] = Counter()

    def number(found: re.Match[str]) -> str:
        used[found[1]] += 1
        return f"(?P<{found[1]}_{used[found[1]]}>"

    return re.compile(re.sub(r"\(\?P<([a-z]+)>", number, "|".join(parts)), re.IGNORECASE)


def groups(found: re.Match[str], name: str) -> list[tuple[int, int]]:
    """Where the groups of a name stand that took part in a match."""
    return [
        found.span(key)
        for key in found.re.groupindex
        if key.startswith(name + "_") and found[key] is not None
    ]


def words(families: str) -> str:
    """Word families: each token is a word, and ``-`` at its end stands for any ending."""
    made = []
    for token in families.split():
        stem, ending = (token[:-1], r"\w*") if token.endswith("-") else (token, "")
        made.append(re.escape(stem).replace("_", r"[\s-]+") + ending)
    return rf"\b(?:{'|'.join(made)})\b"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """One construction that a rule flags. ``bounded`` patterns are let pass where the sentence says what was
    searched or over which time; ``narrower`` words replace the rule's own suggestion."""

    rule: str
    find: re.Pattern[str]
    bounded: bool = False
    suggestion: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Likelihood:
    """A word of likelihood: which way it points (1 likelier than not, −1 less likely, 0 about even)."""

    find: re.Pattern[str]
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """Everything that the rules know of one language.

    ``benign``: constructions in which a flagged word means something plain. ``scope``: a bounded search
    or time. ``speech``: group ``rest`` is what another, named party said. ``idle``: sentences that state
    no fact (questions, requests, thanks, plans, definitions, limits of knowledge). ``attribution``: an
    act laid to somebody named; ``basis``: a reason given for it. ``passive`` and ``judged``: passives of
    acts and of judgements, group ``rest`` holding what follows; ``agent``: who did it, in what follows.
    ``number``: a figure; ``vague``: a quantity in words that nobody counted; ``harm``: what was done to
    somebody, beside which a figure needs its source; ``norm``: commands, duties and definitions, in which
    "never" and "all" state no fact; ``unnumbered``: figures that count nothing (dates, addresses,
    sections). ``sourced``: a source named in the sentence. ``strong``: verbs that claim to have shown;
    ``confirmed``: claims of independent confirmation. ``scare``: words that quotation marks turn into
    doubt. ``saying``: somebody says something.
    """

    language: Language
    patterns: tuple[Pattern, ...]
    benign: re.Pattern[str]
    scope: re.Pattern[str]
    speech: re.Pattern[str]
    idle: re.Pattern[str]
    likelihood: tuple[Likelihood, ...]
    confidence: re.Pattern[str]
    explained: re.Pattern[str]
    reasoned: re.Pattern[str]
    attribution: re.Pattern[str]
    basis: re.Pattern[str]
    passive: re.Pattern[str]
    judged: re.Pattern[str]
    agent: re.Pattern[str]
    judge: re.Pattern[str]
    unknown: re.Pattern[str]
    number: re.Pattern[str]
    vague: re.Pattern[str]
    harm: re.Pattern[str]
    norm: re.Pattern[str]
    unnumbered: re.Pattern[str]
    sourced: re.Pattern[str]
    strong: re.Pattern[str]
    confirmed: re.Pattern[str]
    scare: re.Pattern[str]
    saying: re.Pattern[str]
