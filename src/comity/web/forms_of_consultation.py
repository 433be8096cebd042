"""Consulting on a text: tabling it in clauses, suggesting words, positions, and what became of each."""

from __future__ import annotations

import re

from comity.errors import Refused
from comity.exchange import acts_of_procedure as procedure
from comity.records.kinds_of_consultation import Clause, Dispose, Suggest, Table, TakePosition
from comity.web.desk import Desk
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
    quote_record,
    radio,
    sign_by,
    utc,
)
from comity.web.forms import text as text_field
from comity.web.forms_of_notices import LANGUAGES
from comity.web.forms_of_supports import say_supports, support_section, take_support
from comity.web.phrases import phrase
from comity.web.typed import Checking, Typed

_CLAUSE = re.compile(r"([a-z0-9]{1,16}(?:\.[a-z0-9]{1,16}){0,4})[ \t]+(.+)", re.DOTALL)
POSITIONS = {
    "supports": phrase("support it"),
    "objects": phrase("object"),
    "reserves": phrase("reserve your view"),
    "no-view": phrase("have no view"),
}
OUTCOMES = {
    "adopted": phrase("adopted"),
    "adopted-in-part": phrase("adopted in part"),
    "declined": phrase("declined"),
    "deferred": phrase("deferred"),
}


def _table_form(desk: Desk, typed: Typed) -> Form:
    before = typed.one("about-record")
    about: tuple[Quoted, ...] = ()
    fresh = typed
    if before:
        old = _initiative(desk, typed)
        about = (quote_record(desk, before, phrase("tabled “{}”", old.title), _text_of(old)),)
        if not typed.said("laid-out"):
            fresh = Typed(
                (*typed.pairs, ("title", old.title), ("clauses", _text_of(old)), ("language", old.language))
            )
    return Form(
        title="Table the next version" if before else "Table a text",
        lead="Put a text to others, clause by clause. A clause keeps its id for as long as the text lives.",
        about=about,
        effect=("Nothing is put to a vote. Positions are listed, each with its reasons.",),
        sections=(
            Section(
                title="The text",
                fields=(
                    line(fresh, "title", "Title", required=True),
                    text_field(
                        fresh,
                        "clauses",
                        "Clauses",
                        required=True,
                        rows=12,
                        hint="Each begins with its id, as 3 or 3.a; an empty line parts them.",
                    ),
                    pick(
                        fresh,
                        "language",
                        "Language",
                        [Choice(value=v, words=w) for v, w in LANGUAGES.items()],
                        "en",
                    ),
                    text_field(typed, "text", "In your words, beside it"),
                ),
            ),
            Section(
                title="Whose views you ask for",
                fields=(
                    checks(typed, "parties", "Parties", options(desk.others)),
                    instant(typed, "due", "By when, in UTC"),
                ),
            ),
        ),
    )


def _text_of(content: Table) -> str:
    return "\n\n".join(f"{clause.id} {clause.text}" for clause in content.clauses)


def _initiative(desk: Desk, typed: Typed) -> Table:
    content = desk.accepted(typed.one("about-record"), Table, "a tabled text")
    assert isinstance(content, Table)
    return content


def _take_table(desk: Desk, typed: Typed) -> Making:
    before = typed.one("about-record")
    check = Checking(typed)
    title = check.line("title", "a title", required=True)
    text = check.text("clauses", "the clauses", required=True, limit=400_000)
    language = check.choice("language", "a language", LANGUAGES)
    words = check.text("text", "your words")
    parties = check.several("parties", "parties", [v for v, _, _ in desk.others])
    due = check.instant("due", "by when", after=desk.node.effects.now())
    clauses = []
    for part in re.split(r"\n[ \t]*\n", text):
        found = _CLAUSE.fullmatch(part.strip())
        if found:
            clauses.append(Clause(id=found[1], text=found[2].strip()))
        elif part.strip():
            check.refuse(
                "clauses", phrase("Begin each clause with its id, as 3 or 3.a: {}.", f"{part.strip()[:40]!r}")
            )
    if len({clause.id for clause in clauses}) < len(clauses):
        check.refuse("clauses", "Two clauses have one id.")
    check.done()
    content = Table(
        title=title,
        clauses=tuple(clauses),
        language=language,
        before=before,
        parties=tuple(sorted(parties)),
        due=due,
        text=words,
    )
    if before:
        _initiative(desk, typed)
        following = procedure.next_version(desk.reading.state, before, clauses)
        content = Table(
            title=title,
            clauses=tuple(clauses),
            language=language,
            before=before,
            retired=following.retired,
            parties=tuple(sorted(parties)) or following.parties,
            due=due,
            text=words,
        )
    return Making(
        act=sign_by(procedure.table, desk.case, content),
        said=(
            ("tables", title),
            *((phrase("clause {}", clause.id), clause.text) for clause in clauses),
            ("asks for views by", utc(due) if due else phrase("no time")),
        ),
    )


def _suggest_form(desk: Desk, typed: Typed) -> Form:
    content = _initiative(desk, typed)
    return Form(
        title="Suggest other words",
        lead="Exactly which words of a clause become which others, and why.",
        about=(
            quote_record(
                desk, typed.one("about-record"), phrase("tabled “{}”", content.title), _text_of(content)
            ),
        ),
        effect=("Whoever tabled the text says what becomes of it, with a reason.",),
        sections=(
            Section(
                title="The suggestion",
                fields=(
                    pick(
                        typed,
                        "clause",
                        "Clause",
                        [Choice(value=c.id, words=c.id) for c in content.clauses],
                        required=True,
                    ),
                    text_field(
                        typed,
                        "old",
                        "Words that stand there now",
                        rows=3,
                        hint="As they stand, once in the clause. Leave them out to add a clause behind it.",
                    ),
                    text_field(typed, "new", "Words instead", rows=3),
                    line(typed, "adds", "Id of a clause to add, if one is added"),
                    text_field(typed, "reason", "Reason", required=True),
                ),
            ),
        ),
    )


def _take_suggest(desk: Desk, typed: Typed) -> Making:
    content = _initiative(desk, typed)
    texts = {clause.id: clause.text for clause in content.clauses}
    check = Checking(typed)
    clause = check.choice("clause", "a clause", texts)
    old, new = check.text("old", "the words that stand there"), check.text("new", "the words instead")
    adds = check.line("adds", "the id", limit=84)
    reason = check.text("reason", "the reason", required=True)
    if adds and not _CLAUSE.fullmatch(f"{adds} x"):
        check.refuse("adds", "An id is written as 3 or 3.a.")
    if bool(old) == bool(adds):
        check.refuse("old", "Either name the words that change, or the id of a clause to add.")
    elif old and texts.get(clause, "").count(old) != 1:
        check.refuse("old", "These words do not stand in the clause exactly once.")
    if adds and not new:
        check.refuse("new", "Say what the added clause reads.")
    check.done()
    made = Suggest(
        initiative=typed.one("about-record"), clause=clause, reason=reason, old=old, new=new, adds=adds
    )
    return Making(
        act=sign_by(procedure.suggest, desk.case, made),
        said=(
            ("in clause", clause),
            ("instead of", old or phrase("nothing: a clause is added behind it")),
            ("reads", new or phrase("nothing: the words go")),
            ("reason", reason),
        ),
    )


def _suggested(desk: Desk, typed: Typed) -> Suggest:
    content = desk.accepted(typed.one("about-record"), Suggest, "a suggestion")
    assert isinstance(content, Suggest)
    return content


def _told(content: Suggest) -> str:
    return f"{content.clause}: {content.old or '(added)'} → {content.new or '(nothing)'}\n{content.reason}"


def _position_form(desk: Desk, typed: Typed) -> Form:
    content = _suggested(desk, typed)
    return Form(
        title="Take a position",
        lead="A later position takes the place of this one; both stay.",
        about=(quote_record(desk, typed.one("about-record"), phrase("suggests"), _told(content)),),
        sections=(
            Section(
                title="Your position",
                fields=(
                    radio(
                        typed,
                        "position",
                        "You",
                        [Choice(value=v, words=w) for v, w in POSITIONS.items()],
                        required=True,
                    ),
                    text_field(typed, "reasons", "Reasons"),
                ),
            ),
            support_section(desk, typed, phrase("Your position")),
        ),
    )


def _take_position(desk: Desk, typed: Typed) -> Making:
    content = _suggested(desk, typed)
    check = Checking(typed)
    position = check.choice("position", "a position", POSITIONS)
    reasons = check.text("reasons", "the reasons")
    supports = take_support(desk, check)
    check.done()
    made = TakePosition(
        suggestion=typed.one("about-record"),
        position=position,  # type: ignore[arg-type]  # one of the choices
        reasons=reasons,
        supports=supports,
    )
    return Making(
        act=sign_by(procedure.take_position, desk.case, made),
        said=(
            ("of", _told(content)),
            ("does", POSITIONS[position]),
            ("reasons", reasons or phrase("none given")),
            *(say_supports(desk, supports) if supports else ()),
        ),
    )


def _dispose_form(desk: Desk, typed: Typed) -> Form:
    content = _suggested(desk, typed)
    tabled = desk.reading.state.accepted.get(content.initiative)
    if tabled is None or tabled.author != desk.own:
        raise Refused(
            "dispose.author", content.initiative[:12], "whoever tabled the text says what becomes of it"
        )
    versions = [
        Choice(value=r.id, words=phrase("№ {}", desk.reading.numbers[r.id]))
        for r in reversed(desk.reading.state.of("initiative.table"))
        if r.author == desk.own and r.id != content.initiative
    ]
    return Form(
        title="Say what became of a suggestion",
        lead="With a reason, whatever became of it.",
        about=(quote_record(desk, typed.one("about-record"), phrase("suggests"), _told(content)),),
        sections=(
            Section(
                title="What became of it",
                fields=(
                    radio(
                        typed,
                        "outcome",
                        "It is",
                        [Choice(value=v, words=w) for v, w in OUTCOMES.items()],
                        required=True,
                    ),
                    text_field(typed, "reason", "Reason", required=True),
                    pick(
                        typed,
                        "version",
                        "Version that takes it up",
                        [Choice(value="", words=phrase("none yet")), *versions],
                    ),
                ),
            ),
        ),
    )


def _take_dispose(desk: Desk, typed: Typed) -> Making:
    content = _suggested(desk, typed)
    _dispose_form(desk, typed)
    check = Checking(typed)
    outcome = check.choice("outcome", "what became of it", OUTCOMES)
    reason = check.text("reason", "the reason", required=True)
    known = [r.id for r in desk.reading.state.of("initiative.table")]
    version = check.choice("version", "a version", known, required=False)
    check.done()
    made = Dispose(
        suggestion=typed.one("about-record"),
        outcome=outcome,  # type: ignore[arg-type]  # one of the choices
        reason=reason,
        version=version,
    )
    return Making(
        act=sign_by(procedure.dispose, desk.case, made),
        said=(("of", _told(content)), ("says that it is", OUTCOMES[outcome]), ("reason", reason)),
    )


FORMS: tuple[ActForm, ...] = (
    ActForm(name="table", lay_out=_table_form, take=_take_table),
    ActForm(name="suggest", lay_out=_suggest_form, take=_take_suggest),
    ActForm(name="position", lay_out=_position_form, take=_take_position),
    ActForm(name="dispose", lay_out=_dispose_form, take=_take_dispose),
)
