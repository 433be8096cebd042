"""Statements, actions, consultations and closings on the page of a case, in the same lines for everybody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from comity.case.actions import ActionFacts, actions
from comity.case.closings import closings
from comity.case.consultations import ConsultationFacts, SuggestionFacts, consultations
from comity.case.statements import SentenceFacts, StatementFacts, statements
from comity.case.versions import Piece
from comity.web import words
from comity.web.phrases import count_of, phrase
from comity.web.reading import Reading, Ref, Who
from comity.web.telling import Part, assertion, quote, quoted, ref, say, who
from comity.web.words import label


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line below an entry; ``pieces`` are a difference between two texts, shown word by word."""

    parts: tuple[Part, ...]
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One statement, action, initiative or closing: who, what, and everything said of it."""

    record: Ref
    by: Who
    head: tuple[Part, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """A section of the page; ``id`` is its anchor."""

    id: str
    title: str
    legend: str
    entries: tuple[Told, ...]


def view_procedure(reading: Reading) -> tuple[Chapter, ...]:
    """The sections that have anything in them, in a fixed order."""
    state = reading.state
    made = (
        Chapter(
            id="statements",
            title=phrase("Statements"),
            legend=phrase(
                "What was said first stays beside every correction; corrections are counted nowhere."
            ),
            entries=tuple(_statement(reading, s) for s in statements(state)),
        ),
        Chapter(
            id="actions",
            title=phrase("Acting together"),
            legend=phrase(
                "To undertake an action admits nothing; no answer is none. Indicators are for defence."
            ),
            entries=tuple(_action(reading, a) for a in actions(state)),
        ),
        Chapter(
            id="consultations",
            title=phrase("Consultations"),
            legend=phrase(
                "Everything is listed and nothing put to a vote. Only the authentic text can be changed."
            ),
            entries=tuple(_consultation(reading, c) for c in consultations(state)),
        ),
        Chapter(
            id="closings",
            title=phrase("Closed, as some see it"),
            legend=phrase("A closing is one party's word: it stops no clock and refuses no record."),
            entries=tuple(
                Told(
                    record=reading.ref(c.record),
                    by=reading.who(c.by),
                    head=(say(label(words.CLOSINGS, c.outcome).words), quoted(c.text)),
                    lines=_since(c.own_after, c.others_after),
                )
                for c in closings(state)
            ),
        ),
    )
    return tuple(chapter for chapter in made if chapter.entries)


def _since(own: int, others: int) -> tuple[Line, ...]:
    return _lines(
        [say(phrase("{} since, {} its own", count_of(own + others, "record"), own))] if own + others else []
    )


def _lines(*lines: Iterable[Part]) -> tuple[Line, ...]:
    return tuple(Line(parts=made) for line in lines if (made := tuple(line)))


def _statement(reading: Reading, facts: StatementFacts) -> Told:
    lines: list[Line] = []
    for sentence in facts.sentences:
        lines += _sentence(reading, sentence)
    for joined in facts.joined:
        basis = label(words.BASES, joined.basis).words
        said = (
            [say(phrase("joins on the basis: {}", basis))]
            if joined.answer == "joins"
            else [say("declines to join:")]
        )
        if joined.counts:
            said.append(say("(its author signed two histories: not counted)"))
        lines += _lines([who(reading, joined.by), *said, *quote(joined.text), ref(reading, joined.record)])
        if joined.unheard and joined.answer == "joins":
            numbers = ", ".join(str(n + 1) for n in joined.unheard)
            lines += _lines([say(phrase("joined sentence {} as it was before a correction", numbers))])
        for reservation in joined.reservations:
            lines += _lines([say(phrase("except sentence {}:", reservation.n + 1)), quoted(reservation.text)])
    for party in sorted(facts.silent, key=reading.place):
        lines += _lines([who(reading, party), say("was asked to join; no answer recorded")])
    follows = [say("after"), ref(reading, facts.before)] if facts.before else []
    later = [say("; followed by"), *(ref(reading, r) for r in facts.later)] if facts.later else []
    what = phrase("puts forward a draft") if facts.status == "draft" else phrase("publishes")
    return Told(
        record=reading.ref(facts.record),
        by=reading.who(facts.by),
        head=(say(what), quoted(facts.title), *follows, *later),
        lines=tuple(lines),
    )


def _sentence(reading: Reading, facts: SentenceFacts) -> tuple[Line, ...]:
    tied = [say("rests on"), *(assertion(reading, t) for t in facts.assertions)]
    if not facts.assertions:
        tied = [say("is tied to nothing")]
    elif facts.origins or facts.undeclared:
        origins = count_of(len(facts.origins), "declared origin")
        tied.append(say(phrase("({}, {} undeclared)", origins, facts.undeclared)))
    stands = sorted(facts.newest, key=lambda t: reading.assertion(t).number)
    newer = [say("a newer version stands:"), *(assertion(reading, t) for t in stands)] if stands else []
    gone = [say("withdrawn:"), *(assertion(reading, t) for t in facts.withdrawn)] if facts.withdrawn else []
    corrected = (
        [
            say(phrase("corrected to") if c.text else phrase("taken back")),
            *quote(c.text),
            say("because"),
            quoted(c.reason),
            ref(reading, c.record),
        ]
        for c in facts.corrections
    )
    return _lines([say(f"{facts.n + 1}."), quoted(facts.text), *tied], newer, gone, *corrected)


def _action(reading: Reading, facts: ActionFacts) -> Told:
    lines = list(_lines([say("Risks:"), quoted(facts.risks)] if facts.risks else []))
    for indicator in facts.indicators[:50]:
        onward = {
            "no": phrase("not to be passed on"),
            "ask": phrase("passed on when asked"),
            "yes": phrase("may be passed on"),
        }
        lines += _lines(
            [say("indicator"), quoted(f"{indicator.type} {indicator.value}"), say(onward[indicator.onward])]
        )
    if len(facts.indicators) > 50:
        lines += _lines([say(phrase("and {} indicators more, in the record", len(facts.indicators) - 50))])
    for part in sorted(facts.parts, key=lambda part: reading.place(part.party)):
        said = label(words.UNDERTAKINGS, part.answer or "none").words
        ground = [say("on the ground"), quoted(part.ground)] if part.ground else []
        report = []
        if part.status:
            shown = phrase("and rests it on records") if part.shown else phrase("as it says")
            report = [
                say(
                    phrase("; reports: {} {}, {}", label(words.PROGRESS, part.status).words, part.done, shown)
                )
            ]
        lines += _lines([who(reading, part.party), say(said), *ground, *report])
    about = [say("about"), assertion(reading, facts.about)] if facts.about else []
    due = [say(phrase("by {}", facts.due))] if facts.due else []
    return Told(
        record=reading.ref(facts.record),
        by=reading.who(facts.by),
        head=(
            say(phrase("proposes to {}", label(words.ACTIONS, facts.type).words)),
            *about,
            *due,
            quoted(facts.text),
        ),
        lines=tuple(lines),
    )


def _consultation(reading: Reading, facts: ConsultationFacts) -> Told:
    lines: list[Line] = []
    for number, version in enumerate(facts.versions, 1):
        lines += _lines([say(phrase("Version {}", number)), ref(reading, version.record)])
        lines += [
            Line(
                parts=(say(phrase("clause {} {}:", c.id, label(words.CHANGES, c.change).words)),),
                pieces=c.pieces,
            )
            for c in version.changes
            if c.change != "as-before"
        ]
        for record, by, language in version.translations:
            lines += _lines(
                [say(phrase("translated into {} by", language)), who(reading, by), ref(reading, record)]
            )
    for suggestion in facts.suggestions:
        lines += _suggestion(reading, suggestion)
    for party in sorted(facts.silent, key=reading.place):
        lines += _lines([who(reading, party), say("was asked, and has not answered")])
    return Told(
        record=reading.ref(facts.record),
        by=reading.who(facts.by),
        head=(say("tables"), quoted(facts.title)),
        lines=tuple(lines),
    )


def _suggestion(reading: Reading, facts: SuggestionFacts) -> list[Line]:
    place = (
        phrase("suggests clause {}:", facts.adds)
        if facts.adds
        else phrase("suggests for clause {}:", facts.clause)
    )
    lines = [
        Line(parts=(who(reading, facts.by), say(place), ref(reading, facts.record)), pieces=facts.pieces),
        *_lines([say("because"), quoted(facts.reason)]),
    ]
    for position in facts.positions:
        reasons = quote(position.reasons) or [say("without reasons")]
        view = label(words.VIEWS, position.position).words
        lines += _lines([who(reading, position.by), say(view), *reasons, ref(reading, position.record)])
    for disposed in facts.dispositions:
        said = label(words.DISPOSALS, disposed.outcome).words
        lines += _lines([say(phrase("{}:", said)), quoted(disposed.reason), ref(reading, disposed.record)])
    if not facts.dispositions:
        lines += _lines([say("no disposition recorded")])
    return lines
