"""What a party says to everybody: statements, joining them, correcting them."""

from __future__ import annotations

import re
from functools import partial

from comity.case.verified import Verified
from comity.errors import Refused
from comity.exchange import acts_of_procedure as procedure
from comity.exchange.node import Node
from comity.records import kinds
from comity.records.bundles import Record
from comity.records.kinds_of_statements import Announce, Correct, Correction, Join, Reservation, Sentence
from comity.web.desk import Desk
from comity.web.forms import (
    ActForm,
    Choice,
    Form,
    Making,
    Section,
    checks,
    line,
    options,
    pick,
    quote_record,
    radio,
    short,
    sign_by,
)
from comity.web.forms import text as text_field
from comity.web.forms_of_claims import BASES
from comity.web.forms_of_notices import LANGUAGES
from comity.web.forms_of_supports import say_supports, support_section, take_support
from comity.web.phrases import phrase
from comity.web.reasons import explain
from comity.web.typed import Checking, Typed
from comity.web.wording import Wording

_TIES = re.compile(r"\s*\[([0-9 ,]{1,200})\]\s*\Z")


# -- statement.publish -----------------------------------------------------------------------------


def _state_form(desk: Desk, typed: Typed) -> Form:
    numbered = tuple(f"[{s.number}] {s.by.name}: {short(s.text, 70)}" for s in desk.assertions)
    return Form(
        title="Make a statement",
        lead="A text for others to read, sentence by sentence, each tied to the assertions that it rests on.",
        effect=(
            "A sentence that is tied to nothing is shown as that.",
            "Corrections come beside it later; both texts stay, and they are never counted as a score.",
        ),
        sections=(
            Section(
                title="The text",
                legend=phrase("Assertions of this case: {}", " · ".join(numbered)) if numbered else "",
                fields=(
                    line(typed, "title", "Title", required=True),
                    text_field(
                        typed,
                        "sentences",
                        "Sentences, one on each line",
                        required=True,
                        rows=8,
                        hint="End a line with the numbers of assertions it rests on, as [1] or [1, 3].",
                    ),
                    pick(
                        typed,
                        "language",
                        "Language",
                        [Choice(value=v, words=w) for v, w in LANGUAGES.items()],
                        "en",
                    ),
                ),
            ),
            Section(
                title="Who reads it",
                fields=(
                    radio(
                        typed,
                        "status",
                        "It is",
                        [
                            Choice(
                                value="draft",
                                words=phrase("a draft"),
                                aside=phrase("for the case, to be joined or changed"),
                            ),
                            Choice(value="final", words=phrase("final, for the members of the case")),
                            Choice(value="public", words=phrase("final, and open to everyone")),
                        ],
                        "draft",
                        required=True,
                    ),
                    checks(typed, "parties", "Parties asked to join it", options(desk.others)),
                    text_field(
                        typed,
                        "without-notice",
                        "Reason, where a party that it names was not told before",
                        rows=2,
                    ),
                ),
            ),
        ),
    )


def _take_state(desk: Desk, typed: Typed) -> Making:
    check = Checking(typed)
    title = check.line("title", "a title", required=True)
    text = check.text("sentences", "the sentences", required=True, limit=200_000)
    language = check.choice("language", "a language", LANGUAGES)
    status = check.choice("status", "what it is", ("draft", "final", "public"))
    parties = check.several("parties", "parties", [v for v, _, _ in desk.others])
    reason = check.text("without-notice", "the reason")
    sentences = []
    for n, row in enumerate((row.strip() for row in text.split("\n") if row.strip()), 1):
        ties = _TIES.search(row)
        numbers = [int(part) for part in re.findall("[0-9]+", ties[1])] if ties else []
        if any(not 1 <= number <= len(desk.assertions) for number in numbers):
            check.refuse(
                "sentences", phrase("Line {} is tied to an assertion that this case does not have.", n)
            )
            continue
        tied = tuple(desk.assertions[number - 1].target for number in dict.fromkeys(numbers))
        sentences.append(Sentence(text=_TIES.sub("", row), assertions=tied))
    check.done()
    content = Announce(
        title=title,
        status="draft" if status == "draft" else "final",
        sentences=tuple(sentences),
        language=language,
        before=typed.one("before"),
        parties=tuple(sorted(parties)),
        without_notice=reason,
    )
    if status == "public":
        try:
            procedure.require_told(desk.node, desk.case, content)
        except Refused as error:
            check.refuse("without-notice", phrase("{} [{}]", explain(error.code, error.why), error.code))
            check.done()
    loose = sum(1 for sentence in sentences if not sentence.assertions)
    return Making(
        act=partial(_announce, desk.case, content, status == "public"),
        said=(
            ("states", title),
            *((f"{n}.", sentence.text) for n, sentence in enumerate(sentences, 1)),
            ("tied to nothing", phrase("{} of {} sentences", loose, len(sentences))),
            ("as", {"draft": "a draft", "final": "final", "public": "final, in public"}[status]),
        ),
        wording=Wording(
            sentences=tuple((f"sentence {n}", s.text) for n, s in enumerate(sentences, 1)), language=language
        ),
    )


def _announce(case: str, content: Announce, public: bool, node: Node) -> Verified[Record]:
    if public:
        return procedure.announce(node, case, content, to=[kinds.PUBLIC])
    return procedure.announce(node, case, content)


def _statement(desk: Desk, typed: Typed) -> Announce:
    content = desk.accepted(typed.one("about-record"), Announce, "a statement")
    assert isinstance(content, Announce)
    return content


def _text_of(content: Announce) -> str:
    return "\n".join(f"{n}. {s.text}" for n, s in enumerate(content.sentences, 1))


def _join_form(desk: Desk, typed: Typed) -> Form:
    content = _statement(desk, typed)
    return Form(
        title="Join a statement, or decline",
        lead="On your own basis, with what you do not join.",
        about=(
            quote_record(
                desk, typed.one("about-record"), phrase("states “{}”", content.title), _text_of(content)
            ),
        ),
        effect=("You join this version; a later one needs joining again.",),
        sections=(
            Section(
                title="Your answer",
                fields=(
                    radio(
                        typed,
                        "answer",
                        "You",
                        [
                            Choice(value="joins", words=phrase("join it")),
                            Choice(value="declines", words=phrase("decline")),
                        ],
                        required=True,
                    ),
                    radio(
                        typed,
                        "basis",
                        "You rest it on",
                        [Choice(value=v, words=w, aside=a) for v, (w, a) in BASES.items()],
                        "undeclared",
                    ),
                    text_field(
                        typed,
                        "reservations",
                        "What you do not join",
                        hint="One on each line: the number of a sentence, then why.",
                    ),
                    text_field(typed, "text", "Reason, if you decline"),
                ),
            ),
            support_section(desk, typed, phrase("Your joining")),
        ),
    )


def _numbered(check: Checking, name: str, what: str, count: int) -> list[tuple[int, str]]:
    """Lines ``2 text``: numbers of sentences from 0, and the words after each."""
    found = []
    for row in check.text(name, what, limit=100_000).split("\n"):
        number, _, rest = row.strip().partition(" ")
        number = number.rstrip(".:")
        if not row.strip():
            continue
        if not (number.isascii() and number.isdigit() and 1 <= int(number) <= count):
            check.refuse(
                name,
                phrase(
                    "Begin each line with the number of a sentence, 1 to {}: {}.",
                    count,
                    f"{row.strip()[:40]!r}",
                ),
            )
            return []
        found.append((int(number) - 1, rest.strip()))
    return found


def _take_join(desk: Desk, typed: Typed) -> Making:
    content = _statement(desk, typed)
    check = Checking(typed)
    answer = check.choice("answer", "whether you join", ("joins", "declines"))
    basis = check.choice("basis", "a basis", BASES)
    kept = _numbered(check, "reservations", "the reservations", len(content.sentences))
    if any(not text for _, text in kept):
        check.refuse("reservations", "Say why, behind the number of each sentence.")
    text = check.text("text", "the reason")
    supports = take_support(desk, check)
    joins = answer == "joins"
    if supports and not joins:
        check.refuse("on-s-1", "Only who joins rests it on something.")
    check.done()
    made = Join(
        statement=typed.one("about-record"),
        answer=answer,  # type: ignore[arg-type]  # one of the choices
        basis=basis if joins else "undeclared",  # type: ignore[arg-type]
        reservations=tuple(Reservation(n=n, text=words) for n, words in sorted(kept)) if joins else (),
        text=text,
        supports=supports,
    )
    return Making(
        act=sign_by(procedure.join_statement, desk.case, made),
        said=(
            (
                "does",
                phrase("joins the statement “{}”", content.title)
                if answer == "joins"
                else phrase("declines the statement “{}”", content.title),
            ),
            *((phrase("without sentence {}", n + 1), words) for n, words in kept),
            ("basis", BASES[basis][0]),
            ("in these words", text or phrase("none")),
            *(say_supports(desk, supports) if supports else ()),
        ),
    )


def _correct_form(desk: Desk, typed: Typed) -> Form:
    content = _statement(desk, typed)
    return Form(
        title="Correct a statement",
        lead="Say how a sentence should read, or take it back.",
        about=(
            quote_record(
                desk, typed.one("about-record"), phrase("states “{}”", content.title), _text_of(content)
            ),
        ),
        effect=("Both texts stay visible, for as long as the record is held.",),
        sections=(
            Section(
                title="Corrections",
                fields=(
                    text_field(
                        typed,
                        "corrections",
                        "Sentences",
                        required=True,
                        hint="One on each line: its number, then the new words, or none to take it back.",
                    ),
                    text_field(typed, "reason", "Reason", required=True),
                ),
            ),
        ),
    )


def _take_correct(desk: Desk, typed: Typed) -> Making:
    content = _statement(desk, typed)
    check = Checking(typed)
    kept = _numbered(check, "corrections", "the sentences", len(content.sentences))
    if not kept and not check.wrong:
        check.refuse("corrections", "Name at least one sentence.")
    reason = check.text("reason", "the reason", required=True)
    check.done()
    made = Correct(
        statement=typed.one("about-record"),
        corrections=tuple(Correction(n=n, text=words) for n, words in sorted(kept)),
        reason=reason,
    )
    return Making(
        act=sign_by(procedure.correct, desk.case, made),
        said=(
            *(
                (
                    phrase("sentence {}", n + 1),
                    phrase("{}\n→ {}", content.sentences[n].text, words or phrase("taken back")),
                )
                for n, words in sorted(kept)
            ),
            ("reason", reason),
        ),
        wording=Wording(
            sentences=tuple((f"sentence {n + 1}", words) for n, words in sorted(kept) if words),
            language=content.language,
        ),
    )


FORMS: tuple[ActForm, ...] = (
    ActForm(name="statement", lay_out=_state_form, take=_take_state),
    ActForm(name="join", lay_out=_join_form, take=_take_join),
    ActForm(name="correct", lay_out=_correct_form, take=_take_correct),
)
