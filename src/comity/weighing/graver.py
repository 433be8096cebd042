"""In which order cautions are told: of each subject the gravest first, then what else is to say of it
(``spec/14-assessments.md`` §4, rule 13)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from enum import IntEnum

from comity.phrases import Phrase, phrase


class Subject(IntEnum):
    """What a caution is about, the graver subject first."""

    FIGURES = 1
    """Figures that contradict each other, or an older method."""
    STATES = 2
    """Labels that make a reader think of a state or a party."""
    BEFOREHAND = 3
    """What its author set, and what decides an answer before any evidence."""
    RECORDS = 4
    """What has become of the records that it rests on, and what its author answered before."""
    DECLARED = 5
    """What is several by its author's word alone."""
    CARRIES = 6
    """What carries the answer, and what it was held against."""
    AGAIN = 7
    """What may be counted several times."""
    LABELS = 8
    """Labels otherwise."""
    REPORTS = 9
    """Reports that are said to have answered."""
    REST = 10


class Caution(Phrase):
    """A caution with its subject."""

    __slots__ = ("subject",)
    subject: Subject


def of_subject(subject: Subject, lines: Iterable[str]) -> Iterator[Caution]:
    """Cautions of one subject, in their order."""
    for line in lines:
        told = phrase(line)
        made = Caution(told)
        made.message, made.parts, made.subject = told.message, told.parts, subject
        yield made


def graver_first(lines: Iterable[str]) -> tuple[str, ...]:
    """Each once: the first of every subject, the graver subject before the other, then the rest likewise.
    Lines without a subject come last."""
    seen: Counter[Subject] = Counter()
    placed = []
    for line in dict.fromkeys(lines):
        subject = line.subject if isinstance(line, Caution) else Subject.REST
        placed.append(((seen[subject] > 0, subject), line))
        seen[subject] += 1
    return tuple(line for _, line in sorted(placed, key=lambda one: one[0]))
