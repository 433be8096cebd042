"""Versions: which assertion amends which, and what differs between two texts, word by word.

An older version stays, with everything that was said of it; nothing is carried over to a newer one.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from comity.case.state import State
from comity.records.kinds import Target
from comity.records.kinds_of_procedure import Amend

_WORDS = re.compile(r"\s+|[^\s]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """``earlier``: (record, number) of an amended assertion → what it amends; ``later``: what amends it.

    Two records may amend one assertion: both are later versions of it, in causal order.
    """

    earlier: Mapping[tuple[str, int], Target]
    later: Mapping[tuple[str, int], tuple[Target, ...]]


def versions_of(state: State) -> Versions:
    """The versions of every assertion that was amended."""
    earlier: dict[tuple[str, int], Target] = {}
    later: dict[tuple[str, int], tuple[Target, ...]] = {}
    for record in state.of("claim.amend"):
        content = record.content
        if not isinstance(content, Amend):
            continue
        for n, revision in enumerate(content.revisions):
            earlier[record.id, n] = Target(record=content.target, n=revision.n)
            place = (content.target, revision.n)
            later[place] = (*later.get(place, ()), Target(record=record.id, n=n))
    return Versions(earlier=earlier, later=later)


def newest_of(versions: Versions, target: Target) -> tuple[Target, ...]:
    """The versions of an assertion that no other one amends: itself, where none does."""
    found: dict[tuple[str, int], Target] = {}
    work = [target]
    while work:  # an amendment references what it amends, so this ends
        one = work.pop()
        later = versions.later.get((one.record, one.n), ())
        work.extend(later)
        if not later:
            found.setdefault((one.record, one.n), one)
    return tuple(sorted(found.values(), key=lambda t: (t.record, t.n)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of a text: in both versions, only in the one before, or only in the one after."""

    of: Literal["both", "before", "after"]
    text: str


def compare_texts(before: str, after: str) -> tuple[Piece, ...]:
    """What was taken out of a text and what was put in, word by word, in reading order.

    The pieces of ``both`` and ``before`` join to the one text, those of ``both`` and ``after`` to the other.
    """
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    pieces = [("both", old[:start])]
    middle = old[start : len(old) - end], new[start : len(new) - end]
    # Words that are very frequent in a long text are no anchors; that bounds the work on any two texts.
    for what, a, b, c, d in difflib.SequenceMatcher(None, *middle, autojunk=True).get_opcodes():
        if what == "equal":
            pieces.append(("both", middle[0][a:b]))
        else:
            pieces += [("before", middle[0][a:b]), ("after", middle[1][c:d])]
    pieces.append(("both", old[len(old) - end :]))
    return _joined(pieces)


def _common(one: list[str], two: list[str]) -> int:
    count = 0
    for a, b in zip(one, two, strict=False):
        if a != b:
            break
        count += 1
    return count


def _joined(pieces: list[tuple[str, list[str]]]) -> tuple[Piece, ...]:
    made: list[Piece] = []
    for of, found in pieces:
        text = "".join(found)
        if not text:
            continue
        if made and made[-1].of == of:
            text = made.pop().text + text
        made.append(Piece(of=of, text=text))  # type: ignore[arg-type]  # one of the three above
    return tuple(made)
