"""Telling a party before anything is published, confirming that one was told, and publishing."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from functools import partial

from comity.case.verified import Verified
from comity.errors import Refused
from comity.exchange import acts, publishing
from comity.exchange.node import Node
from comity.records import kinds
from comity.records.bundles import Record
from comity.records.kinds import Named
from comity.web.desk import Desk, Said
from comity.web.docket import write_out
from comity.web.forms import (
    ActForm,
    Choice,
    Form,
    Making,
    Quoted,
    Section,
    checks,
    pick,
    radio,
    short,
)
from comity.web.forms import text as text_field
from comity.web.phrases import count_of, joined, phrase
from comity.web.reasons import explain
from comity.web.typed import Checking, Typed

LANGUAGES = {
    "en": "English",
    "nb": "Norsk bokmål",
    "zh": "中文",
    "fr": "Français",
    "es": "Español",
    "ar": "العربية",
    "ru": "Русский",
}


TWO_RECORDS = (
    "Two records are signed: first the case.grant to everyone that is shown below, then the dossier.publish "
    "that commits the dossier as it is at that moment."
)


# -- notice.give -----------------------------------------------------------------------------------


def _own_claim(desk: Desk, typed: Typed) -> tuple[Said, ...]:
    record = typed.one("target")
    stated = desk.said_in(record)
    if stated[0].by.id != desk.own:
        raise Refused("notice.author", record[:12], "notice is given by whoever states the assertion")
    return stated


def _named_by(stated: tuple[Said, ...]) -> dict[str, Named]:
    """Whom these assertions name, by what a form sends for each."""
    found: dict[str, Named] = {}
    for said in stated:
        for named in said.about:
            found.setdefault(named.party or f"name:{named.name}", named)
    return found


def _notice_form(desk: Desk, typed: Typed) -> Form:
    stated = _own_claim(desk, typed)
    named = _named_by(stated)
    choices = [
        Choice(
            value=v, words=n.name, aside="" if n.party else phrase("has no key here: gets a file or a link")
        )
        for v, n in named.items()
    ]
    return Form(
        title="Give notice",
        lead="Tell a party of assertions that name it, before anything is published.",
        about=tuple(
            Quoted(
                by=s.by,
                what=phrase("in assertion {}", s.number),
                text=s.text,
                link=f"/case/{desk.case}#a{s.number}",
            )
            for s in stated
            if s.about
        ),
        effect=(
            "Its node confirms that it arrived. Only an officer there acknowledges it, conceding nothing.",
            "It says nothing about whether the assertion is true.",
        ),
        sections=(
            Section(
                title="Whom you tell, and what",
                fields=(
                    radio(typed, "to", "Party", choices, choices[0].value if choices else "", required=True),
                    text_field(
                        typed,
                        "text",
                        "What you tell it",
                        required=True,
                        rows=6,
                        hint="What you are about to publish, when, and how it can answer before that.",
                    ),
                    pick(
                        typed,
                        "language",
                        "Language of the text",
                        [Choice(value=v, words=w) for v, w in LANGUAGES.items()],
                        "en",
                    ),
                ),
            ),
        ),
    )


def _take_notice(desk: Desk, typed: Typed) -> Making:
    stated = _own_claim(desk, typed)
    named = _named_by(stated)
    check = Checking(typed)
    to = check.choice("to", "a party that the assertions name", named)
    text = check.text("text", "what you tell it", required=True)
    language = check.choice("language", "a language", LANGUAGES)
    check.done()
    told = named[to]
    numbers = tuple(s.target.n for s in stated if told in s.about)
    return Making(
        act=partial(_give, desk.case, typed.one("target"), numbers, told, text, language),
        said=(
            ("tells", told.name),
            ("of", "\n".join(f"{s.number}. {s.text}" for s in stated if s.target.n in numbers)),
            ("in these words", text),
            ("language", LANGUAGES[language]),
        ),
        notes=()
        if told.party
        else (
            phrase(
                "{} has no key here. The page of the record gives the link or the file to hand over.",
                told.name,
            ),
        ),
    )


def _give(
    case: str, target: str, numbers: tuple[int, ...], to: Named, text: str, language: str, node: Node
) -> Verified[Record]:
    return acts.give_notice(node, case, target, numbers, to, text, language)


# -- notice.acknowledge ----------------------------------------------------------------------------


def _told(desk: Desk, typed: Typed) -> tuple[kinds.Give, Quoted]:
    record = typed.one("about-record")
    content = desk.accepted(record, kinds.Give, "a notice")
    assert isinstance(content, kinds.Give)
    quoted = Quoted(
        by=desk.author_of(record),
        what=phrase("gives this notice"),
        text=content.text,
        link=f"/record/{record}",
    )
    return content, quoted


def _acknowledge_form(desk: Desk, typed: Typed) -> Form:
    notice, quoted = _told(desk, typed)
    said = [
        s for s in desk.assertions if s.target.record == notice.target and s.target.n in notice.assertions
    ]
    return Form(
        title="Acknowledge a notice",
        lead="Confirm that an officer of yours has read it. Nothing more.",
        about=(
            quoted,
            *(
                Quoted(
                    by=s.by,
                    what=phrase("in assertion {}", s.number),
                    text=s.text,
                    link=f"/case/{desk.case}#a{s.number}",
                )
                for s in said
            ),
        ),
        effect=(
            "It concedes nothing: no fact, no procedure, no jurisdiction; it is without prejudice.",
            "Opening the notice recorded nothing. Only this does.",
        ),
        sections=(
            Section(
                title="If you want to add something", fields=(text_field(typed, "text", "In your words"),)
            ),
        ),
    )


def _take_acknowledge(desk: Desk, typed: Typed) -> Making:
    _told(desk, typed)
    check = Checking(typed)
    text = check.text("text", "your words")
    check.done()
    return Making(
        act=partial(_acknowledge, desk.case, typed.one("about-record"), text),
        said=(
            ("confirms", phrase("that an officer has read the notice; concedes nothing")),
            ("adds", text or phrase("nothing")),
        ),
    )


def _acknowledge(case: str, notice: str, text: str, node: Node) -> Verified[Record]:
    return acts.acknowledge(node, case, notice, text)


# -- dossier.publish -------------------------------------------------------------------------------


def _publish_form(desk: Desk, typed: Typed) -> Form:
    own = publishing.publishable(desk.node, desk.case)
    state = desk.reading.state
    closed = _closed(desk, own)
    choices = [Choice(value=r, words=write_out(desk.reading, state.accepted[r])) for r in closed]
    public = len(own) - len(closed)
    legend = phrase("Everything of yours in this case is opened to the public but what you mark here.")
    if public:
        already = phrase("Public already, and in every dossier: {}.", count_of(public, "record"))
        legend = joined((legend, already), " ") if choices else already
    return Form(
        title="Publish",
        lead="Publish the case as you hold it: a dossier that anyone checks offline.",
        effect=(
            "Your records become public, and with them every public reply to them, verbatim.",
            "What stays closed is counted in the dossier, author by author.",
            "Intact and reproduced is not the same as true; the dossier says so on its first page.",
        ),
        sections=(
            Section(
                title="What stays closed",
                legend=legend,
                fields=(checks(typed, "withhold", "Records of yours to withhold", choices),)
                if choices
                else (),
            ),
            Section(
                title="Notice",
                legend="If an assertion of yours names a party that was not told of it, say why not. "
                "The reason is shown with the publication.",
                fields=(
                    text_field(
                        typed,
                        "without-notice",
                        "Reason for publishing without notice, if there was none",
                        rows=3,
                        hint="For example: an operation under way, safety, law.",
                    ),
                ),
            ),
        ),
    )


def _closed(desk: Desk, own: Collection[str]) -> list[str]:
    """Those records that the public cannot read yet."""
    return [r for r in own if kinds.PUBLIC not in desk.reading.state.audiences[r]]


def _take_publish(desk: Desk, typed: Typed) -> Making:
    own = publishing.publishable(desk.node, desk.case)
    check = Checking(typed)
    # What is public already goes into every dossier: to mark it would promise what is not done.
    withhold = check.several("withhold", "records of yours", _closed(desk, own))
    reason = check.text("without-notice", "the reason")
    check.done()
    opened = [r for r in own if r not in withhold]
    try:
        publishing.require_notice(desk.node, desk.case, reason, withhold)
    except Refused as error:
        check.refuse("without-notice", phrase("{} [{}]", explain(error.code, error.why), error.code))
        check.done()
    state = desk.reading.state
    fresh = [r for r in opened if kinds.PUBLIC not in state.audiences[r]]
    numbers = desk.reading.numbers
    agreed = "\n".join([desk.case, reason, *sorted(opened), "", *sorted(withhold)])
    return Making(
        act=partial(_publish, desk.case, reason, withhold),
        agreed=hashlib.sha256(agreed.encode()).hexdigest(),
        everyone=True,
        said=(
            ("publishes", phrase("{} of your {} records in this case", len(opened), len(own))),
            (
                "opened now to everyone",
                joined((write_out(desk.reading, state.accepted[r]) for r in fresh), "\n")
                or phrase("nothing new"),
            ),
            ("stays closed", ", ".join(f"№ {numbers[r]}" for r in withhold) or phrase("nothing of yours")),
            ("without notice", short(reason, 500) if reason else phrase("not needed, or notice was given")),
        ),
        notes=(TWO_RECORDS if fresh else "The digest of the dossier is computed when it is signed.",),
    )


def _publish(case: str, reason: str, withhold: tuple[str, ...], node: Node) -> Verified[Record]:
    return publishing.publish(node, case, without_notice=reason, withhold=withhold)[0]


FORMS: tuple[ActForm, ...] = (
    ActForm(name="notice", lay_out=_notice_form, take=_take_notice),
    ActForm(name="acknowledge", lay_out=_acknowledge_form, take=_take_acknowledge),
    ActForm(name="publish", lay_out=_publish_form, take=_take_publish),
)
