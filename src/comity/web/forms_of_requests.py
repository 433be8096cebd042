"""Asking another party for something, and answering what was asked."""

from __future__ import annotations

import msgspec

from comity.exchange import acts
from comity.records import kinds
from comity.records.kinds import Target
from comity.web import words
from comity.web.beginnings import blank_fields, offer_templates, put_template, take_text, tell_template
from comity.web.desk import Desk
from comity.web.docket import write_out
from comity.web.forms import (
    ActForm,
    Choice,
    Form,
    Making,
    Quoted,
    Section,
    checks,
    instant,
    line,
    options,
    pick,
    radio,
    short,
    sign_by,
    utc,
)
from comity.web.forms import text as text_field
from comity.web.phrases import phrase
from comity.web.typed import Checking, Typed

TYPES = {
    "evidence": (phrase("evidence"), phrase("rows, items or findings that bear on an assertion")),
    "clarify": (phrase("clarification"), phrase("what is meant by something that was said")),
    "preserve": (phrase("preservation"), phrase("that something is kept and not overwritten")),
    "assist": (phrase("assistance"), phrase("help with the incident itself")),
    "consult": (phrase("consultation"), phrase("views before something is decided")),
}
LEVELS = {"rows": phrase("some rows"), "whole": phrase("the whole item")}
DISPOSITIONS = {
    "accepted": (phrase("accept it"), phrase("by the time asked, or by another that you propose")),
    "fulfilled": (phrase("answer it now"), phrase("with what you name below")),
    "partial": (phrase("answer it in part"), phrase("and say what is left out")),
    "clarify": (phrase("ask what is meant"), phrase("the clock goes on")),
    "refused": (phrase("decline it"), phrase("a ground helps readers; none is required by the software")),
}


def _request_form(desk: Desk, typed: Typed) -> Form:
    about = [Choice(value="", words=phrase("the case as a whole"))] + [
        Choice(value=s.value, words=phrase("{}. {}", s.number, short(s.text)), aside=s.by.name)
        for s in desk.assertions
    ]
    return Form(
        title="Ask a party",
        lead="One party, one thing, one instant. The clock is yours alone until they agree to it.",
        effect=(
            "A request obliges nobody. An answer that does not come is never an admission.",
            "Every member of the case reads the request and its answers.",
        ),
        sections=(
            offer_templates(typed),
            Section(
                title="What you ask",
                legend=tell_template(typed),
                fields=(
                    pick(typed, "to", "Whom you ask", options(desk.others), required=True),
                    radio(
                        typed,
                        "type",
                        "What kind of thing",
                        [Choice(value=v, words=w, aside=a) for v, (w, a) in TYPES.items()],
                        "evidence",
                        required=True,
                    ),
                    text_field(
                        typed,
                        "text",
                        "The request, in your words",
                        required=True,
                        rows=5,
                        hint="Name the system, the period and the form that would satisfy it.",
                    ),
                    *blank_fields(typed),
                    pick(typed, "about", "What it bears on", about),
                    pick(
                        typed,
                        "item",
                        "Which finding or sealed item",
                        [Choice(value="", words=phrase("none in particular")), *options(desk.supports)],
                    ),
                    checks(
                        typed,
                        "levels",
                        "What would be enough",
                        [Choice(value=v, words=w) for v, w in LEVELS.items()],
                        typed.many("levels"),
                    ),
                ),
            ),
            Section(
                title="By when",
                fields=(
                    instant(
                        typed,
                        "due",
                        "Due, in UTC",
                        required=True,
                        hint="As asked. It becomes an agreed time only if they repeat it in an answer.",
                    ),
                    line(
                        typed,
                        "instrument",
                        "What you say the time follows from",
                        hint="A provision, as you cite it. Naming it binds nobody.",
                    ),
                ),
            ),
        ),
    )


def _take_request(desk: Desk, typed: Typed) -> Making:
    check = Checking(typed)
    to = check.choice("to", "whom you ask", [v for v, _, _ in desk.others])
    kind = check.choice("type", "what kind of thing you ask for", TYPES)
    text = take_text(check)
    instrument = check.line("instrument", "what the time follows from")
    due = check.instant("due", "by when", required=True, after=desk.node.effects.now())
    about = check.choice("about", "what it bears on", [s.value for s in desk.assertions], required=False)
    item = check.choice("item", "an item", [v for v, _, _ in desk.supports], required=False)
    levels = check.several("levels", "what would be enough", LEVELS)
    check.done()
    target: Target | msgspec.UnsetType = desk.said_as(about).target if about else msgspec.UNSET
    content = kinds.Request(
        to=to,
        type=kind,  # type: ignore[arg-type]  # one of the choices
        text=text,
        due=due,
        about=target,
        items=(item,) if item else (),
        levels=levels,  # type: ignore[arg-type]  # among the choices
        instrument=instrument,
    )
    return Making(
        act=sign_by(acts.request, desk.case, content),
        said=(
            ("asks", desk.reading.who(to).name),
            ("for", TYPES[kind][0]),
            ("in these words", text),
            ("until when", utc(due)),
            *((("which is said to follow from", instrument),) if instrument else ()),
            (
                "about",
                phrase("assertion {}", desk.said_as(about).number)
                if about
                else phrase("the case as a whole"),
            ),
            *((("of", next(words for v, words, _ in desk.supports if v == item)),) if item else ()),
            *((("enough would be", " or ".join(LEVELS[each] for each in levels)),) if levels else ()),
        ),
    )


def _answer_form(desk: Desk, typed: Typed) -> Form:
    asked, quoted = _asked(desk, typed)
    own = [
        Choice(value=r.id, words=write_out(desk.reading, r))
        for r in reversed(desk.reading.state.ordered)
        if r.author == desk.own and r.frame.kind in FULFILLING
    ][:60]
    return Form(
        title="Answer a request",
        lead="Say what you do about it. You can answer again later; every answer stays.",
        about=(quoted,),
        effect=(
            "Agreeing to a time makes the clock an agreed one: only such a clock can lapse.",
            "Declining is shown as that, with your ground, and admits nothing.",
        ),
        sections=(
            Section(
                title="Your answer",
                fields=(
                    radio(
                        typed,
                        "disposition",
                        "You",
                        [Choice(value=v, words=w, aside=a) for v, (w, a) in DISPOSITIONS.items()],
                        "accepted",
                        required=True,
                    ),
                    text_field(typed, "text", "In your words", rows=5),
                    line(typed, "ground", "Ground, if you decline", hint="For example: protected sources."),
                ),
            ),
            Section(
                title="The clock",
                legend=phrase("Asked for {}.", utc(asked.due)),
                fields=(
                    checks(
                        typed,
                        "agrees",
                        "The time asked",
                        [Choice(value=asked.due, words=phrase("agree to {}", utc(asked.due)))],
                    ),
                    instant(typed, "due", "Or propose another, in UTC"),
                ),
            ),
            *(
                (
                    Section(
                        title="What fulfils it",
                        legend="Records of yours in this case, newest first.",
                        fields=(checks(typed, "fulfils", "Records", own),),
                    ),
                )
                if own
                else ()
            ),
        ),
    )


FULFILLING = ("evidence.seal", "evidence.disclose", "finding.report", "claim.state", "response.make")


def _asked(desk: Desk, typed: Typed) -> tuple[kinds.Request, Quoted]:
    record = typed.one("about-record")
    content = desk.accepted(record, kinds.Request, "a request")
    assert isinstance(content, kinds.Request)
    by = desk.author_of(record)
    quoted = Quoted(
        by=by,
        what=phrase("asks for {} by {}", label_of(content.type), utc(content.due)),
        text=content.text,
        link=f"/record/{record}",
    )
    return content, quoted


def label_of(kind: str) -> str:
    """A kind of request, in words."""
    return words.label(words.REQUESTS, kind).words


def _take_answer(desk: Desk, typed: Typed) -> Making:
    asked, _ = _asked(desk, typed)
    check = Checking(typed)
    disposition = check.choice("disposition", "what you do about it", DISPOSITIONS)
    text = check.text("text", "your answer", required=disposition in ("partial", "clarify"))
    ground = check.line("ground", "the ground")
    if ground and disposition != "refused":
        check.refuse("ground", "A ground goes with declining; clear it, or decline.")
    agrees = asked.due if typed.many("agrees") else ""
    due = check.instant("due", "the time you propose", after=desk.node.effects.now())
    if agrees and due:
        check.refuse("due", "Either agree to the time asked, or propose another.")
    mine = {r.id for r in desk.reading.state.ordered if r.author == desk.own}
    fulfils = check.several("fulfils", "records of yours", mine)
    check.done()
    content = kinds.Answer(
        request=typed.one("about-record"),
        disposition=disposition,  # type: ignore[arg-type]  # one of the choices
        text=text,
        ground=ground,
        agrees=agrees,
        due=due,
        fulfils=tuple(sorted(fulfils)),
    )
    clock = phrase("says nothing of it")
    if agrees or due:
        clock = phrase("agrees to {}", utc(agrees)) if agrees else phrase("proposes {}", utc(due))
    return Making(
        act=sign_by(acts.answer, desk.case, content),
        said=(
            ("does", DISPOSITIONS[disposition][0]),
            ("in these words", text or phrase("none")),
            *((("ground", ground),) if ground else ()),
            ("the clock", clock),
            (
                "fulfilled by",
                ", ".join(f"№ {desk.reading.numbers[r]}" for r in sorted(fulfils)) or phrase("no record"),
            ),
        ),
    )


FORMS: tuple[ActForm, ...] = (
    ActForm(
        name="request", lay_out=_request_form, take=_take_request, fill=lambda _, typed: put_template(typed)
    ),
    ActForm(name="answer", lay_out=_answer_form, take=_take_answer),
)
