"""How an assessment calls what others wrote: labels, names, items and origins stand between quotation marks,
and a hypothesis is always called a cluster (``spec/14-assessments.md`` §4).

What an author writes into a label is the author's: beside a figure it could otherwise be read as said here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from comity.phrases import Phrase, joined, phrase
from comity.weighing import UNKNOWN

LISTED: Final = 6
"""So many ids are listed; the rest is counted."""
# Marks of direction reorder the words around them; a quotation mark inside would end the quotation.
_DIRECTIONS: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_MARKS: Final = re.compile('["\u00ab\u00bb\u201c-\u201f\u300c-\u300f\uff02]')


def quoted(text: str) -> Phrase:
    """Words of somebody else on one line, between quotation marks that nothing within them closes."""
    plain = " ".join(_DIRECTIONS.sub("", text).split())
    return phrase("“{}”", _MARKS.sub("’", plain))


def called(hypothesis: str, names: Mapping[str, str], begins: bool = False) -> str:
    """What a hypothesis is called: a cluster by its label, with its author's name for it where there is one;
    ``begins`` where a sentence begins with it."""
    if hypothesis == UNKNOWN:
        return (
            phrase("An actor that is none of these") if begins else phrase("an actor that is none of these")
        )
    label, name = quoted(hypothesis), names.get(hypothesis, "")
    if name and name != hypothesis:
        if begins:
            return phrase("Cluster {} ({})", label, quoted(name))
        return phrase("cluster {} ({})", label, quoted(name))
    return phrase("Cluster {}", label) if begins else phrase("cluster {}", label)


def introduced(hypothesis: str, name: str) -> Phrase:
    """The same where it is the answer: whose word the name is stands with it."""
    if name and name != hypothesis:
        return phrase("Cluster {}, its author’s name for it: {}", quoted(hypothesis), quoted(name))
    return phrase("Cluster {}", quoted(hypothesis))


def listed(names: Iterable[str]) -> Phrase:
    """Some names as they are, cut after a few, with ``and`` before the last."""
    taken = list(names)
    if len(taken) > LISTED:
        return phrase("{} and {} more", joined(taken[:LISTED]), f"{len(taken) - LISTED:,}")
    return phrase("{} and {}", joined(taken[:-1]), taken[-1]) if taken[1:] else joined(taken)


def quoted_list(names: Iterable[str]) -> Phrase:
    """The same of what others wrote, each quoted."""
    return listed(quoted(one) for one in names)
