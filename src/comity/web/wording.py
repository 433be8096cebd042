"""What the rules of wording flag in sentences that a person is about to sign, told beside them.

The rules are those of ``comity lint``, the same for a claim and for a denial. A flag is advice: it stops
nothing, changes nothing that is signed, and is kept and sent nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from comity.records.kinds import Assertion
from comity.statements.flags import LANGUAGES, Flag
from comity.statements.lint import lint_sentences

SHOWN: Final = 50
"""Flags listed at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """Sentences that an act would sign, each with its name. ``language`` is that which they are said to
    be in, "" where nothing is said of it."""

    sentences: tuple[tuple[str, str], ...]
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flagged:
    """What a review shows: flags with the name of the sentence of each, and how many ``more`` there are.
    ``read`` is false where there are no rules for the language of the sentences."""

    flags: tuple[tuple[str, Flag], ...] = ()
    more: int = 0
    read: bool = True


def word_assertions(assertions: Iterable[Assertion]) -> Wording | None:
    """The sentences of assertions, of whichever stance; none where there are none."""
    found = tuple((f"assertion {n}", each.text) for n, each in enumerate(assertions, 1))
    return Wording(sentences=found) if found else None


def flag_wording(wording: Wording) -> Flagged:
    """The flags of sentences, in their order."""
    if wording.language and wording.language not in LANGUAGES:
        return Flagged(read=False)
    found = lint_sentences(wording.sentences, wording.language)
    return Flagged(flags=found[:SHOWN], more=len(found) - len(found[:SHOWN]))
