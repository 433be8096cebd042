"""Showing rows, or the whole of an item, to others on terms; and accepting such terms."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial

from comity.case.verified import Verified
from comity.evidence.singling import K
from comity.exchange import disclosing, evidence, findings, handing_over, proposing
from comity.exchange.node import Node
from comity.records import kinds
from comity.records.bundles import Record
from comity.web.desk import Desk
from comity.web.forms import (
    ActForm,
    Choice,
    Form,
    Making,
    Proposing,
    Quoted,
    Section,
    checks,
    line,
    options,
    pick,
    quote_record,
    radio,
)
from comity.web.forms import text as text_field
from comity.web.phrases import count_of, phrase
from comity.web.plain import show_bytes
from comity.web.rowtext import read_rows
from comity.web.rule_titles import name_rules
from comity.web.typed import Checking, Typed
from comity.web.words import ONWARD, USES

SHOWN = 60
"""Rows that leave, as the review shows them; each with a neighbour that stays."""
CONSENTS = {
    "own": phrase("your own"),
    "given": phrase("another's, which consented"),
    "not-needed": phrase("another's, whose consent was not needed"),
    "not-asked": phrase("another's, which was not asked"),
}
RARE = "Column {}: a value stands in only {} of {}."
RARE_ADDRESS = "Column {}: a value stands in only {} of {} and is an address."
OPENS_SEAL = (
    "Two records are signed: first the case.grant below, which opens the seal to everyone, then the "
    "evidence.disclose of these rows."
)


# -- evidence.disclose -----------------------------------------------------------------------------


def _sealed(desk: Desk, typed: Typed) -> tuple[str, kinds.Seal]:
    seal = typed.one("seal")
    return seal, evidence.sealed_at(desk.node, desk.case, seal)[1]


def _disclose_form(desk: Desk, typed: Typed) -> Form:
    seal, sealed = _sealed(desk, typed)
    found = _findings_over(desk, sealed.item)
    return Form(
        title="Disclose",
        lead=phrase("Show rows of {}, and leave the others closed.", desk.reading.item_name(sealed.item)),
        about=(
            Quoted(
                by=desk.author_of(seal),
                what=phrase("sealed {} rows", f"{sealed.item.size - 1:,}"),
                text=desk.reading.item_name(sealed.item),
                link=f"/evidence/{sealed.item.root}",
            ),
        ),
        effect=(
            "What was shown stays shown: whoever has it can keep it and pass it on, whatever the terms say.",
            "That these rows were shown, to whom and on what terms, is read by all members of the case.",
        ),
        sections=(
            Section(
                title="How much",
                fields=(
                    radio(
                        typed,
                        "level",
                        "You show",
                        [
                            Choice(
                                value="rows",
                                words=phrase("these rows"),
                                aside=phrase("each with its proof; the key stays here"),
                            ),
                            *(
                                [Choice(value="finding", words=phrase("the rows that a finding matched"))]
                                if found
                                else []
                            ),
                            Choice(
                                value="whole",
                                words=phrase("the whole item"),
                                aside=phrase("with its key, which opens every row for good"),
                            ),
                        ],
                        "finding" if typed.one("finding") else "rows",
                        required=True,
                    ),
                    line(
                        typed,
                        "rows",
                        "Rows",
                        hint=phrase(
                            "As 3, 7-9; from 1 to {}. The page of the item lets you choose them by hand.",
                            f"{sealed.item.size - 1:,}",
                        ),
                    ),
                    *((pick(typed, "finding", "Finding", found),) if found else ()),
                ),
            ),
            Section(
                title="To whom, and on what terms",
                fields=(
                    checks(
                        typed,
                        "to",
                        "Parties",
                        [*options(desk.others), Choice(value="public", words=phrase("everyone"))],
                    ),
                    radio(
                        typed,
                        "use",
                        "They may use it for",
                        [Choice(value=v, words=w) for v, w in USES.items()],
                        "information",
                        required=True,
                    ),
                    radio(
                        typed,
                        "onward",
                        "They may pass it on",
                        [Choice(value=v, words=w) for v, w in ONWARD.items()],
                        "no",
                        required=True,
                    ),
                    text_field(
                        typed,
                        "basis",
                        "Basis on which you disclose it",
                        required=True,
                        rows=2,
                        hint="A law, an agreement, or another basis, in your words.",
                    ),
                ),
            ),
            *_terms_sections(desk, typed),
            Section(
                title="Look twice",
                legend="A value that few rows share can point at a person or a source.",
                fields=(
                    checks(
                        typed,
                        "understood",
                        "If a row singles somebody out",
                        [Choice(value="yes", words=phrase("I have looked at the rows, and disclose them"))],
                    ),
                ),
            ),
        ),
    )


def _terms_sections(desk: Desk, typed: Typed) -> tuple[Section, ...]:
    """Whose information it is, in a case whose rules know of it."""
    if not _states_terms(desk):
        return ()
    return (
        Section(
            title="Whose information it is",
            fields=(
                radio(
                    typed,
                    "consent",
                    "The information is",
                    [Choice(value=v, words=w) for v, w in CONSENTS.items()],
                    "own",
                    required=True,
                ),
                line(typed, "originator", "Whose, if it is another's"),
                text_field(typed, "why", "How it consented, or why it was not needed or asked", rows=2),
                checks(
                    typed,
                    "accept",
                    "Before anything is sent",
                    [Choice(value="yes", words=phrase("they accept these terms first"))],
                    ["yes"],
                ),
            ),
        ),
    )


def _states_terms(desk: Desk) -> bool:
    opening = desk.reading.state.opening
    return opening is not None and opening.frame.rules > 1


def _take_terms(desk: Desk, check: Checking, to: tuple[str, ...]) -> kinds.Terms | None:
    if not _states_terms(desk):
        return None
    consent = check.choice("consent", "whose information it is", CONSENTS)
    originator = check.line("originator", "whose it is")
    why = check.text("why", "how, or why")
    if (consent == "own") == bool(originator):
        check.refuse("originator", "Name whose it is exactly where it is not your own.")
    if consent != "own" and not why:
        check.refuse("why", "Say how it consented, or why it was not needed or not asked.")
    accept = bool(check.typed.many("accept")) and kinds.PUBLIC not in to
    return kinds.Terms(consent=consent, originator=originator, why=why, accept=accept)  # type: ignore[arg-type]


def _rare(desk: Desk, sealed: kinds.Seal, numbers: list[int]) -> tuple[str, ...]:
    """Which columns have values that point at few rows."""
    looked = disclosing.look_at_rows(desk.node, sealed.item.root, numbers, K).looked
    return tuple(
        phrase(
            RARE_ADDRESS if each.address else RARE,
            each.column,
            count_of(each.fewest, "row"),
            f"{looked.rows:,}",
        )
        for each in looked.warnings
    )


def _findings_over(desk: Desk, item: kinds.Item) -> tuple[Choice, ...]:
    found = []
    for record in reversed(desk.reading.state.of("finding.report")):
        content = record.content
        if isinstance(content, kinds.Report) and content.item == item:
            number = desk.reading.numbers[record.id]
            found.append(Choice(value=record.id, words=phrase("№ {} {}", number, name_rules(content))))
    return tuple(found)


def _take_disclose(desk: Desk, typed: Typed) -> Making:
    seal, sealed = _sealed(desk, typed)
    check = Checking(typed)
    level = check.choice("level", "how much you show", ["rows", "finding", "whole"])
    last = sealed.item.size - 1
    numbers = _numbers(desk, check, level, sealed)
    to = check.several("to", "at least one party", [*(v for v, _, _ in desk.others), "public"], required=True)
    use = check.choice("use", "a use", USES)
    onward = check.choice("onward", "whether they may pass it on", ONWARD)
    basis = check.text("basis", "the basis", required=True)
    if level == "whole" and kinds.PUBLIC in to:
        check.refuse("to", "A whole item is not given to everyone; publish rows instead.")
    stated = _take_terms(desk, check, to)
    check.done()
    rare = _rare(desk, sealed, numbers) if numbers else ()
    if rare and not typed.many("understood"):
        check.refuse("understood", phrase("Look twice, and say so. {}", " ".join(rare[:8])))
    check.done()
    readers = (kinds.PUBLIC,) if kinds.PUBLIC in to else tuple(to)
    names = phrase("everyone") if kinds.PUBLIC in to else ", ".join(desk.reading.who(p).name for p in to)
    terms = (
        ("to", names),
        ("for", USES[use]),
        ("may be passed on", ONWARD[onward]),
        ("on the basis", basis),
        *(_say_terms(stated) if stated else ()),
    )
    draft = partial(_draft, desk.case, seal, tuple(numbers), readers, use, basis, onward, stated)
    needed = proposing.approvals_asked(desk.node, desk.case)
    proposed = Proposing(seal=seal, draft=draft, needed=needed) if needed else None
    if level == "whole":
        return Making(
            act=partial(_show, desk.case, seal, draft),
            propose=proposed,
            said=(("shows", phrase("the whole item: all {} rows, and its key", f"{last:,}")), *terms),
            notes=("Nothing of this item stays closed to them.",),
        )
    opens = kinds.PUBLIC in to and not desk.reading.state.readable_by(seal, kinds.PUBLIC)
    agreed = "\n".join([desk.case, seal, *map(str, numbers), use, onward, basis, repr(stated)])
    return Making(
        # Where a grant comes first, what is agreed to is the disclosure that follows it.
        agreed=hashlib.sha256(agreed.encode()).hexdigest() if opens and not needed else "",
        everyone=kinds.PUBLIC in to,
        act=partial(_show, desk.case, seal, draft),
        propose=proposed,
        said=(("shows", phrase("{} of {} rows", f"{len(numbers):,}", f"{last:,}")), *terms),
        rows=_around(desk, sealed, numbers),
        rows_caption=(
            phrase(
                "{}, {} stay", count_of(len(numbers), "row leaves", "rows leave"), f"{last - len(numbers):,}"
            )
            + (
                phrase("; the first {} of them are shown, with neighbours", SHOWN)
                if len(numbers) > SHOWN
                else ""
            )
        ),
        notes=(
            "Rows that name columns are among them. The rows go to those named above, and to nobody else.",
            *rare,
            *((OPENS_SEAL,) if opens and not needed else ()),
        ),
    )


def say_terms_of(content: kinds.Disclose) -> tuple[tuple[str, str], ...]:
    """The terms of a disclosure, in words."""
    stated = content.terms if isinstance(content.terms, kinds.Terms) else None
    return (
        ("for", USES[content.use]),
        ("may be passed on", ONWARD[content.onward]),
        ("on the basis", content.basis),
        *(_say_terms(stated) if stated else ()),
    )


def _say_terms(terms: kinds.Terms) -> tuple[tuple[str, str], ...]:
    whose = CONSENTS[terms.consent]
    if terms.originator:
        whose = phrase("{}: {}. {}", whose, terms.originator, terms.why)
    sent = phrase("once they accept these terms") if terms.accept else phrase("at once")
    return (("the information is", whose), ("it is sent", sent))


def _numbers(desk: Desk, check: Checking, level: str, sealed: kinds.Seal) -> list[int]:
    if level == "whole":
        return []
    if level == "finding":
        finding = check.choice("finding", "a finding", [c.value for c in _findings_over(desk, sealed.item)])
        if check.wrong:
            return []
        matched = findings.rows_matched(findings.reported_at(desk.reading.state, finding))
        if not matched:
            check.refuse("finding", "This finding matched no row.")
        return _with_headers(desk, sealed, matched)
    try:
        numbers = read_rows(check.typed.one("rows"))
    except ValueError as error:
        check.refuse("rows", phrase("Write rows as 3, 7-9: {}.", error))
        return []
    if not numbers or numbers[-1] >= sealed.item.size:
        check.refuse("rows", phrase("Choose rows from 1 to {}.", f"{sealed.item.size - 1:,}"))
        return []
    return _with_headers(desk, sealed, numbers)


def _with_headers(desk: Desk, sealed: kinds.Seal, numbers: list[int]) -> list[int]:
    """These rows and those that name their columns: all that leaves."""
    return sorted({*numbers, *evidence.pick_item_rows(desk.node, sealed.item.root, numbers)})


def _around(desk: Desk, sealed: kinds.Seal, numbers: list[int]) -> tuple[tuple[int, str, bool], ...]:
    """The first rows that leave, each with the rows beside it that stay."""
    leaving = set(numbers)
    near = {n + d for n in numbers[:SHOWN] for d in (-1, 0, 1) if 0 < n + d < sealed.item.size}
    raw = evidence.rows_at(desk.node, sealed.item.root, near)
    return tuple((n, show_bytes(raw[n]), n in leaving) for n in sorted(near) if n in raw)


def _draft(
    case: str,
    seal: str,
    numbers: tuple[int, ...],
    to: tuple[str, ...],
    use: str,
    basis: str,
    onward: str,
    terms: kinds.Terms | None,
    node: Node,
) -> kinds.Disclose:
    """What shows these rows, or the whole item where there are none, before anybody signs it."""
    common = {"to": to, "use": use, "basis": basis, "onward": onward, "terms": terms}
    if not numbers:
        return handing_over.draft_whole(node, case, seal, **common)  # type: ignore[arg-type]  # one of the choices
    return handing_over.draft_rows(node, case, seal, numbers, **common)  # type: ignore[arg-type]


def _show(case: str, seal: str, draft: Callable[[Node], kinds.Disclose], node: Node) -> Verified[Record]:
    return handing_over.send_disclosure(node, case, seal, draft(node))


# -- disclosure.accept -----------------------------------------------------------------------------


def _accept_form(desk: Desk, typed: Typed) -> Form:
    record = typed.one("about-record")
    _, content = disclosing.shown_at(desk.node, desk.case, record)
    what = "the whole item" if content.level == "whole" else "rows"
    return Form(
        title="Accept the terms of a disclosure, or decline",
        lead="Where its author asks for it, nothing is sent before you accept.",
        about=(
            quote_record(
                desk,
                record,
                phrase(
                    "shows {} for {}; may be passed on: {}", what, USES[content.use], ONWARD[content.onward]
                ),
                content.basis,
            ),
        ),
        effect=("Accepting binds you to the terms. It says nothing about what is shown.",),
        sections=(
            Section(
                title="Your answer",
                fields=(
                    radio(
                        typed,
                        "answer",
                        "You",
                        [
                            Choice(value="accepts", words=phrase("accept")),
                            Choice(value="declines", words=phrase("decline")),
                        ],
                        required=True,
                    ),
                    text_field(typed, "reason", "Reason, if you decline"),
                ),
            ),
        ),
    )


def _take_accept(desk: Desk, typed: Typed) -> Making:
    _accept_form(desk, typed)
    check = Checking(typed)
    answer = check.choice("answer", "whether you accept", ("accepts", "declines"))
    reason = check.text("reason", "the reason", required=answer == "declines")
    if answer == "accepts" and reason:
        check.refuse("reason", "A reason goes with declining.")
    check.done()
    return Making(
        act=partial(_accept, desk.case, typed.one("about-record"), reason),
        said=(
            ("does", phrase("accepts the terms") if answer == "accepts" else phrase("declines the terms")),
            ("reason", reason or phrase("none")),
        ),
    )


def _accept(case: str, disclosure: str, declined: str, node: Node) -> Verified[Record]:
    return disclosing.accept(node, case, disclosure, declined=declined)


FORMS: tuple[ActForm, ...] = (
    ActForm(name="disclose", lay_out=_disclose_form, take=_take_disclose),
    ActForm(name="accept-terms", lay_out=_accept_form, take=_take_accept),
)
