"""What a record says in its author's own words: every text that it holds, each under what it is.

The docket tells what a record does in one line; this gives the texts in it. Ids, digests and figures are not
words: the exact content holds them, and whatever a kind has that no page tells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from comity.records import kinds
from comity.records.kinds_of_consultation import Table
from comity.records.kinds_of_procedure import Amend
from comity.records.kinds_of_statements import Announce, Correct, Join
from comity.web import words
from comity.web.phrases import Phrase, joined, phrase
from comity.web.reading import Named, Reading, Ref, Who
from comity.web.words import label

TEXTS: Final[Mapping[str, Phrase]] = {
    "text": phrase("says"),
    "reason": phrase("reason"),
    "reasons": phrase("reasons"),
    "ground": phrase("ground"),
    "instrument": phrase("instrument cited"),
    "reservation": phrase("reservation"),
    "without_notice": phrase("published without notice, because"),
    "purpose": phrase("purpose"),
    "risks": phrase("risks named"),
    "old": phrase("words now"),
    "new": phrase("words proposed"),
    "note": phrase("note"),
    "origin": phrase("declared origin"),
    "means": phrase("means"),
    "container": phrase("container"),
    "question": phrase("question"),
    "due": phrase("by when"),
    "agrees": phrase("agrees to the time"),
    "done": phrase("done at"),
}
"""Members that hold words or an instant, with what each is called."""

INSTANTS: Final = ("due", "agrees", "done")
BASES: Final = ("evidence.hold", "evidence.erase", "record.erase", "evidence.disclose")
"""Kinds whose ``basis`` is a text; that of others is one of a few words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnWords:
    """One text of a record: what it is called, and the text; ``at`` instead where it is an instant.
    ``assertion`` leads to the assertion that it states or is about, ``about`` are the parties that it names,
    ``record`` is what it rests on, ``aside`` what stands beside it in words of this page."""

    called: str
    text: str = ""
    at: str = ""
    assertion: Named | None = None
    record: Ref | None = None
    about: tuple[Who, ...] = ()
    aside: str = ""


def own_words(reading: Reading, record: str, content: kinds.Content) -> tuple[OwnWords, ...]:
    """All of them, in the order in which a person would read them."""
    return tuple(_all(reading, record, content))


def _all(reading: Reading, record: str, content: kinds.Content) -> Iterator[OwnWords]:
    for name, called in TEXTS.items():
        value = getattr(content, name, "")
        if isinstance(value, str) and value:
            at = name in INSTANTS
            yield OwnWords(called=called, at=value if at else "", text="" if at else value)
    if content.kind in BASES and (basis := getattr(content, "basis", "")):
        yield OwnWords(called=phrase("basis"), text=basis)
    match content:
        case kinds.Response(target=target, positions=positions):
            for one in positions:
                yield OwnWords(
                    called=label(words.POSITIONS, one.position).words,
                    text=one.reasons,
                    assertion=reading.assertion(kinds.Target(record=target, n=one.n)),
                )
        case Announce(sentences=sentences):
            for n, sentence in enumerate(sentences, 1):
                yield OwnWords(called=phrase("sentence {}", str(n)), text=sentence.text)
        case Correct(corrections=corrections):
            for change in corrections:
                taken = phrase("sentence {}, taken back", str(change.n + 1))
                now = phrase("sentence {}, as it now reads", str(change.n + 1))
                yield OwnWords(called=now if change.text else taken, text=change.text)
        case Join(reservations=reservations):
            for held_back in reservations:
                number = str(held_back.n + 1)
                yield OwnWords(called=phrase("does not join sentence {}", number), text=held_back.text)
        case Table(clauses=clauses):
            for clause in clauses:
                yield OwnWords(called=phrase("clause {}", clause.id), text=clause.text)
    if isinstance(content, kinds.State | kinds.Response):
        for n, stated in enumerate(content.assertions):
            yield from _stated(reading, record, n, stated)
    if isinstance(content, Amend):
        for n, revision in enumerate(content.revisions):
            yield from _stated(reading, record, n, revision.assertion)


def _stated(reading: Reading, record: str, n: int, stated: kinds.Assertion) -> Iterator[OwnWords]:
    bears = [label(words.STANCES, stated.stance).words, label(words.LEVELS, stated.level).words]
    yield OwnWords(
        called="",
        text=stated.text,
        assertion=reading.assertion(kinds.Target(record=record, n=n)),
        about=tuple(reading.names.named(named) for named in stated.about),
        aside=joined(bears),
    )
    for support in stated.supports:
        rests = reading.ref(support.record) if support.record else None
        yield OwnWords(called=phrase("rests on"), text=support.inference, record=rests)
    if not stated.supports:
        yield OwnWords(called=phrase("rests on"), aside=phrase("nothing that it names"))
