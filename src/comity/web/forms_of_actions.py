"""Acting together against harm: proposing, undertaking, reporting."""

from __future__ import annotations

import msgspec

from comity.exchange import acts_of_procedure as procedure
from comity.records.kinds import Target
from comity.records.kinds_of_actions import Accept, Indicator, Propose, ReportAction
from comity.web.desk import Desk
from comity.web.forms import (
    ActForm,
    Choice,
    Form,
    Making,
    Section,
    checks,
    instant,
    line,
    options,
    pick,
    quote_record,
    radio,
    short,
    sign_by,
    utc,
)
from comity.web.forms import text as text_field
from comity.web.forms_of_supports import say_supports, support_section, take_support
from comity.web.phrases import phrase
from comity.web.typed import Checking, Typed

ACTIONS = {
    "mitigate": phrase("reduce harm"),
    "block": phrase("block"),
    "takedown": phrase("take down"),
    "warn": phrase("warn those affected"),
    "watch": phrase("watch for"),
    "restore": phrase("restore"),
}
ANSWERS = {
    "accepts": phrase("undertake it"),
    "accepts-in-part": phrase("undertake a part of it"),
    "declines": phrase("decline it"),
}
STATUSES = {
    "under-way": phrase("under way"),
    "done": phrase("done"),
    "done-in-part": phrase("done in part"),
    "failed": phrase("tried, and failed"),
    "stopped": phrase("stopped"),
}


# -- action.propose, .accept, .report --------------------------------------------------------------


def _propose_form(desk: Desk, typed: Typed) -> Form:
    about = [Choice(value="", words=phrase("the case as a whole"))]
    about += [
        Choice(value=s.value, words=phrase("{}. {}", s.number, short(s.text)), aside=s.by.name)
        for s in desk.assertions
    ]
    return Form(
        title="Propose an action",
        lead="Ask parties to do something against harm. To undertake it admits nothing of what it is about.",
        effect=("Indicators in it are released for defence, whatever else is said of passing them on.",),
        sections=(
            Section(
                title="The action",
                fields=(
                    checks(typed, "to", "Who is asked", options(desk.others)),
                    pick(
                        typed,
                        "type",
                        "What kind",
                        [Choice(value=v, words=w) for v, w in ACTIONS.items()],
                        "mitigate",
                    ),
                    text_field(typed, "text", "What is to be done", required=True),
                    text_field(typed, "risks", "What it may do to others", rows=2),
                    instant(typed, "due", "By when, in UTC"),
                    pick(typed, "about", "What it bears on", about),
                    text_field(
                        typed,
                        "indicators",
                        "Indicators released for defence",
                        hint="One on each line: type and value, as domain-name:value mail.example.",
                    ),
                ),
            ),
        ),
    )


def _take_propose(desk: Desk, typed: Typed) -> Making:
    check = Checking(typed)
    to = check.several("to", "at least one party", [v for v, _, _ in desk.others], required=True)
    kind = check.choice("type", "a kind", ACTIONS)
    text = check.text("text", "what is to be done", required=True)
    risks = check.text("risks", "the risks")
    due = check.instant("due", "by when", after=desk.node.effects.now())
    about = check.choice("about", "what it bears on", [s.value for s in desk.assertions], required=False)
    rows = [row.strip() for row in check.text("indicators", "the indicators", limit=500_000).split("\n")]
    found = [tuple(row.partition(" ")[::2]) for row in rows if row]
    if any(not value.strip() for _, value in found):
        check.refuse("indicators", "Write each indicator as its type, a space, and its value.")
    check.done()
    target: Target | msgspec.UnsetType = desk.said_as(about).target if about else msgspec.UNSET
    content = Propose(
        to=tuple(sorted(to)),
        type=kind,  # type: ignore[arg-type]  # one of the choices
        text=text,
        risks=risks,
        due=due,
        about=target,
        indicators=tuple(Indicator(type=name, value=value.strip()) for name, value in found),
    )
    return Making(
        act=sign_by(procedure.propose_action, desk.case, content),
        said=(
            ("asks", ", ".join(desk.reading.who(p).name for p in to)),
            ("to", phrase("{}: {}", ACTIONS[kind], text)),
            ("risks to others", risks or phrase("none named")),
            ("until when", utc(due) if due else phrase("no time")),
            ("indicators", "\n".join(f"{name} {value}" for name, value in found) or phrase("none")),
        ),
    )


def _action(desk: Desk, typed: Typed) -> Propose:
    content = desk.accepted(typed.one("about-record"), Propose, "a proposal to act")
    assert isinstance(content, Propose)
    return content


def _answer_action_form(desk: Desk, typed: Typed) -> Form:
    content = _action(desk, typed)
    return Form(
        title="Answer a proposal to act",
        lead="Undertake it, or a part of it, or decline it on a ground.",
        about=(
            quote_record(
                desk, typed.one("about-record"), phrase("asks to {}", ACTIONS[content.type]), content.text
            ),
        ),
        effect=("It admits nothing of what the action is about.",),
        sections=(
            Section(
                title="Your answer",
                fields=(
                    radio(
                        typed,
                        "answer",
                        "You",
                        [Choice(value=v, words=w) for v, w in ANSWERS.items()],
                        required=True,
                    ),
                    text_field(typed, "text", "In your words"),
                    line(typed, "ground", "Ground, if you decline"),
                    instant(typed, "due", "By when, in UTC"),
                ),
            ),
        ),
    )


def _take_answer_action(desk: Desk, typed: Typed) -> Making:
    _action(desk, typed)
    check = Checking(typed)
    answer = check.choice("answer", "what you do", ANSWERS)
    text, ground = check.text("text", "your words"), check.line("ground", "the ground")
    due = check.instant("due", "by when", after=desk.node.effects.now())
    check.done()
    content = Accept(
        action=typed.one("about-record"),
        answer=answer,  # type: ignore[arg-type]  # one of the choices
        text=text,
        ground=ground,
        due=due,
    )
    return Making(
        act=sign_by(procedure.answer_action, desk.case, content),
        said=(
            ("does", ANSWERS[answer]),
            ("in these words", text or phrase("none")),
            ("ground", ground or phrase("none")),
            ("until when", utc(due) if due else phrase("no time")),
        ),
    )


def _report_form(desk: Desk, typed: Typed) -> Form:
    content = _action(desk, typed)
    return Form(
        title="Report on an action",
        lead="Say what was done.",
        about=(
            quote_record(
                desk, typed.one("about-record"), phrase("asks to {}", ACTIONS[content.type]), content.text
            ),
        ),
        sections=(
            Section(
                title="What was done",
                fields=(
                    radio(
                        typed,
                        "status",
                        "It is",
                        [Choice(value=v, words=w) for v, w in STATUSES.items()],
                        required=True,
                    ),
                    text_field(typed, "text", "In your words"),
                    instant(typed, "done", "When, in UTC"),
                ),
            ),
            support_section(desk, typed, phrase("Your report")),
        ),
    )


def _take_report(desk: Desk, typed: Typed) -> Making:
    _action(desk, typed)
    check = Checking(typed)
    status = check.choice("status", "how it stands", STATUSES)
    text, done = check.text("text", "your words"), check.instant("done", "when")
    supports = take_support(desk, check)
    check.done()
    content = ReportAction(
        action=typed.one("about-record"),
        status=status,  # type: ignore[arg-type]  # one of the choices
        text=text,
        done=done,
        supports=supports,
    )
    return Making(
        act=sign_by(procedure.report_action, desk.case, content),
        said=(
            ("reports that it is", STATUSES[status]),
            ("in these words", text or phrase("none")),
            *(say_supports(desk, supports) if supports else ()),
        ),
    )


FORMS: tuple[ActForm, ...] = (
    ActForm(name="action", lay_out=_propose_form, take=_take_propose),
    ActForm(name="answer-action", lay_out=_answer_action_form, take=_take_answer_action),
    ActForm(name="report-action", lay_out=_report_form, take=_take_report),
)
