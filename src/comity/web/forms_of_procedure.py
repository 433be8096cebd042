"""Moving a case along: more time, other words, taking back a request or an endorsement, closing."""

from __future__ import annotations

from functools import partial

from comity.case.judging import assertions_of
from comity.case.verified import Verified
from comity.errors import Refused
from comity.exchange import acts_of_procedure as procedure
from comity.exchange.node import Node
from comity.records import kinds
from comity.records.bundles import Record
from comity.records.kinds import Assertion, Target
from comity.records.kinds_of_procedure import Close, Extend
from comity.web.desk import Desk
from comity.web.forms import (
    ActForm,
    Choice,
    Form,
    Making,
    Quoted,
    Section,
    instant,
    line,
    quote_record,
    radio,
    sign_by,
    utc,
)
from comity.web.forms import text as text_field
from comity.web.forms_of_claims import assertion_fields, say_assertions, take_assertion
from comity.web.forms_of_law import write_law
from comity.web.phrases import phrase
from comity.web.typed import Checking, Typed
from comity.web.wording import word_assertions

OUTCOMES = {
    "settled": phrase("settled"),
    "not-settled": phrase("not settled"),
    "moved": phrase("it goes on in another case"),
    "reopened": phrase("taken up again"),
}


# -- request.extend --------------------------------------------------------------------------------


def _request(desk: Desk, typed: Typed) -> tuple[kinds.Request, Quoted]:
    record = typed.one("about-record")
    content = desk.accepted(record, kinds.Request, "a request")
    assert isinstance(content, kinds.Request)
    return content, quote_record(desk, record, phrase("asks by {}", utc(content.due)), content.text)


def _more_time_form(desk: Desk, typed: Typed) -> Form:
    _, quoted = _request(desk, typed)
    return Form(
        title="Propose another time",
        lead="Ask for more time for a request, or offer it. The other side accepts or refuses.",
        about=(quoted,),
        effect=("A refusal is shown with its reason. Nothing lapses but a time that both sides agreed to.",),
        sections=(
            Section(
                title="The time",
                fields=(
                    instant(typed, "due", "Due instead, in UTC", required=True),
                    text_field(typed, "text", "In your words"),
                ),
            ),
        ),
    )


def _take_more_time(desk: Desk, typed: Typed) -> Making:
    _request(desk, typed)
    check = Checking(typed)
    due = check.instant("due", "the time", required=True, after=desk.node.effects.now())
    text = check.text("text", "your words")
    check.done()
    return Making(
        act=partial(_propose_time, desk.case, typed.one("about-record"), due, text),
        said=(("proposes", utc(due)), ("in these words", text or phrase("none"))),
    )


def _propose_time(case: str, request: str, due: str, text: str, node: Node) -> Verified[Record]:
    return procedure.propose_time(node, case, request, due, text)


def _answer_time_form(desk: Desk, typed: Typed) -> Form:
    record = typed.one("about-record")
    found = desk.reading.state.accepted.get(record)
    content = found.content if found else None
    due = content.due if isinstance(content, Extend | kinds.Answer) else ""
    if not due:
        raise Refused("record.unknown", record[:12], "it proposes no other time in this case")
    assert isinstance(content, Extend | kinds.Answer)
    return Form(
        title="Answer a proposed time",
        lead="Accept it, and it becomes the agreed time; or refuse it with a reason.",
        about=(quote_record(desk, record, phrase("proposes {}", utc(due)), content.text or utc(due)),),
        effect=("An agreed time can lapse. A refusal leaves the clock as it was, and is shown.",),
        sections=(
            Section(
                title="Your answer",
                fields=(
                    radio(
                        typed,
                        "answer",
                        "You",
                        [
                            Choice(value="accepts", words=phrase("accept {}", utc(due))),
                            Choice(value="refuses", words=phrase("refuse it")),
                        ],
                        required=True,
                    ),
                    text_field(typed, "text", "Reason, if you refuse"),
                ),
            ),
        ),
    )


def _take_answer_time(desk: Desk, typed: Typed) -> Making:
    _answer_time_form(desk, typed)
    check = Checking(typed)
    answer = check.choice("answer", "whether you accept it", ("accepts", "refuses"))
    text = check.text("text", "the reason", required=answer == "refuses")
    check.done()
    return Making(
        act=partial(_answer_time, desk.case, typed.one("about-record"), answer == "accepts", text),
        said=(
            (
                "does",
                phrase("accepts the time proposed")
                if answer == "accepts"
                else phrase("refuses the time proposed"),
            ),
            ("in these words", text or phrase("none")),
        ),
    )


def _answer_time(case: str, proposal: str, accept: bool, text: str, node: Node) -> Verified[Record]:
    return procedure.answer_time(node, case, proposal, accept=accept, text=text)


# -- claim.amend -----------------------------------------------------------------------------------


def _old_assertion(desk: Desk, typed: Typed) -> tuple[Target, Assertion, Quoted]:
    said = desk.said_as(typed.one("target"))
    if said.by.id != desk.own:
        raise Refused("amend.author", said.target.record[:12], "only its author amends an assertion")
    stated = assertions_of(desk.reading.state.accepted[said.target.record].content)[said.target.n]
    quoted = quote_record(
        desk, said.target.record, phrase("in assertion {}, as it stands", said.number), said.text
    )
    return said.target, stated, quoted


def _amend_form(desk: Desk, typed: Typed) -> Form:
    _, old, quoted = _old_assertion(desk, typed)
    filled = typed if typed.said("laid-out") else _filled(typed, old)
    return Form(
        title="Amend an assertion",
        lead="Say it again in other words. The old version stays, and so does what was said of it.",
        about=(quoted,),
        effect=("Whoever contested or endorsed the old words has said nothing of the new ones.",),
        sections=(
            Section(
                title="The new version",
                fields=assertion_fields(desk, filled, 1),
                more=("supports-1", filled.number("supports-1", 1, 20) + 1, "Add another support"),
            ),
            Section(title="Why", fields=(text_field(typed, "reason", "Reason", required=True),)),
        ),
    )


def _filled(typed: Typed, old: Assertion) -> Typed:
    """The form as the old version fills it."""
    pairs = [
        *typed.pairs,
        ("text-1", old.text),
        ("level-1", old.level),
        ("stance-1", old.stance),
        ("standard-1", old.standard),
        ("proposition-1", old.proposition),
        ("law-1", write_law(old)),
        ("laid-out", "1"),
        ("supports-1", str(max(1, len(old.supports)))),
        ("named-1", "; ".join(n.name for n in old.about if not n.party)),
    ]
    if isinstance(old.against, Target):
        pairs.append(("against-1", f"{old.against.record}.{old.against.n}"))
    pairs += [("about-1", n.party) for n in old.about if n.party]
    for m, support in enumerate(old.supports, 1):
        pairs += [
            (f"on-1-{m}", support.record),
            (f"cite-1-{m}", support.cite),
            (f"why-1-{m}", support.inference),
        ]
    return Typed(pairs)


def _take_amend(desk: Desk, typed: Typed) -> Making:
    target, old, _ = _old_assertion(desk, typed)
    check = Checking(typed)
    made = take_assertion(desk, check, 1)
    reason = check.text("reason", "the reason", required=True)
    check.done()
    assert made is not None
    return Making(
        act=partial(_amend, desk.case, target, made, reason),
        said=(("said before", old.text), *say_assertions(desk, (made,)), ("reason", reason)),
        wording=word_assertions((made,)),
    )


def _amend(case: str, target: Target, made: Assertion, reason: str, node: Node) -> Verified[Record]:
    return procedure.amend(node, case, target.record, [(target.n, made)], reason)


# -- taking back a request or an endorsement -------------------------------------------------------


def _take_back_form(desk: Desk, typed: Typed) -> Form:
    record = typed.one("about-record")
    found = desk.reading.state.accepted.get(record)
    content = found.content if found else None
    if found is None or not isinstance(content, kinds.Request | kinds.Endorse):
        raise Refused("record.unknown", record[:12], "not a request or an endorsement of this case")
    if found.author != desk.own:
        raise Refused("withdraw.author", record[:12], "only its author takes it back")
    asked = isinstance(content, kinds.Request)
    words = content.text if isinstance(content, kinds.Request) else content.reservation or "no reservation"
    return Form(
        title="No longer ask" if asked else "Take an endorsement back",
        lead="What was said stays, and so does that it was taken back.",
        about=(
            quote_record(
                desk, record, phrase("asks") if asked else phrase("endorses, with the reservation"), words
            ),
        ),
        effect=("Everyone whom it reached reads this.",),
        sections=(Section(title="Why", fields=(text_field(typed, "reason", "Reason", required=True),)),),
    )


def _take_take_back(desk: Desk, typed: Typed) -> Making:
    form = _take_back_form(desk, typed)
    check = Checking(typed)
    reason = check.text("reason", "the reason", required=True)
    check.done()
    return Making(
        act=partial(_take_back, desk.case, typed.one("about-record"), reason),
        said=(("takes back", form.about[0].text), ("reason", reason)),
    )


def _take_back(case: str, record: str, reason: str, node: Node) -> Verified[Record]:
    content = node.state(case).accepted[record].content
    if isinstance(content, kinds.Request):
        return procedure.withdraw_request(node, case, record, reason)
    return procedure.withdraw_endorsement(node, case, record, reason)


# -- case.close ------------------------------------------------------------------------------------


def _close_form(_: Desk, typed: Typed) -> Form:
    return Form(
        title="Close the case, or take it up again",
        lead="Say that your party considers the case closed. It is one party's statement and blocks nobody.",
        effect=("Others may still speak, and so may you.",),
        sections=(
            Section(
                title="How it stands, as you see it",
                fields=(
                    radio(
                        typed,
                        "outcome",
                        "The case is",
                        [Choice(value=v, words=w) for v, w in OUTCOMES.items()],
                        required=True,
                    ),
                    line(typed, "moved", "The other case", hint="Its full id, where it goes on in another."),
                    text_field(typed, "text", "In your words", required=True),
                ),
            ),
        ),
    )


def _take_close(desk: Desk, typed: Typed) -> Making:
    check = Checking(typed)
    outcome = check.choice("outcome", "how it stands", OUTCOMES)
    moved = check.line("moved", "the other case")
    text = check.text("text", "your words", required=True)
    if bool(moved) != (outcome == "moved"):
        check.refuse("moved", "Name the other case where it goes on in one, and only then.")
    elif moved and (len(moved) != 64 or set(moved) - set("0123456789abcdef")):
        check.refuse("moved", "The id of a case is 64 hex digits, in lower case.")
    check.done()
    reopens = procedure.newest_closing(desk.reading.state, desk.own) if outcome == "reopened" else ""
    content = Close(outcome=outcome, text=text, moved=moved, reopens=reopens)  # type: ignore[arg-type]
    return Making(
        act=sign_by(procedure.close_case, desk.case, content),
        said=(("says that the case is", OUTCOMES[outcome]), ("in these words", text)),
    )


FORMS: tuple[ActForm, ...] = (
    ActForm(name="more-time", lay_out=_more_time_form, take=_take_more_time),
    ActForm(name="answer-time", lay_out=_answer_time_form, take=_take_answer_time),
    ActForm(name="amend", lay_out=_amend_form, take=_take_amend),
    ActForm(name="take-back", lay_out=_take_back_form, take=_take_take_back),
    ActForm(name="close", lay_out=_close_form, take=_take_close),
)
