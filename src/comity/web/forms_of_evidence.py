"""Sealing what was taken in, and showing rows of it to others."""

from __future__ import annotations

import hashlib
from functools import partial

from comity.case.verified import Verified
from comity.exchange import evidence, findings
from comity.exchange.node import Node
from comity.records import kinds
from comity.records.bundles import Record
from comity.web import words
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
    radio,
)
from comity.web.forms import text as text_field
from comity.web.plain import show_bytes
from comity.web.rowtext import read_rows
from comity.web.spans import write_count
from comity.web.typed import Checking, Typed

SHOWN = 60
"""Rows that leave, as the review shows them; each with a neighbour that stays."""
USES = {
    "information": "information only",
    "defence": "defence of systems",
    "proceedings": "legal proceedings",
}
ONWARD = {"no": "no", "ask": "only after asking you", "yes": "yes"}
OPENS_SEAL = (
    "Two records are signed: first the case.grant below, which opens the seal to everyone, then the "
    "evidence.disclose of these rows."
)


# -- evidence.seal ---------------------------------------------------------------------------------


def _seal_form(desk: Desk, typed: Typed) -> Form:
    held = evidence.held_item(desk.node, typed.one("item"))
    return Form(
        title="Sign a seal",
        lead=f"Commit to {held.name or 'this item'}, row by row, without showing a row of it.",
        effect=(
            "It fixes what you held and when; it does not show that what is in it is genuine.",
            "Any row can be shown later, alone, with a proof that it stood there from now on.",
        ),
        sections=(
            Section(
                title="What the seal tells",
                fields=(
                    checks(
                        typed,
                        "show-name",
                        "The file's name",
                        [Choice(value="yes", words=f"say that it is called {held.name}")],
                        ["yes"],
                    ),
                ),
            ),
            Section(
                title="How you came to hold it",
                legend="All of this is as you declare it, and shown as that. Leave out what you do not know.",
                fields=(
                    line(typed, "by", "Collected by"),
                    line(typed, "system", "From which system"),
                    pick(
                        typed,
                        "method",
                        "How",
                        [
                            Choice(value="", words="not said"),
                            *(Choice(value=v, words=each.words) for v, each in words.METHODS.items()),
                        ],
                    ),
                    line(typed, "tool", "With which tool"),
                    line(typed, "authority", "On which authority"),
                    instant(typed, "began", "Collection began, in UTC"),
                    instant(typed, "ended", "Collection ended, in UTC"),
                ),
            ),
        ),
    )


def _take_seal(desk: Desk, typed: Typed) -> Making:
    held = evidence.held_item(desk.node, typed.one("item"))
    check = Checking(typed)
    custody = kinds.Custody(
        by=check.line("by", "who collected it"),
        system=check.line("system", "the system"),
        method=check.choice("method", "how", ["", *words.METHODS], required=False),  # type: ignore[arg-type]
        tool=check.line("tool", "the tool"),
        authority=check.line("authority", "the authority"),
        began=check.instant("began", "when it began"),
        ended=check.instant("ended", "when it ended"),
    )
    if custody.began and custody.ended and custody.ended < custody.began:
        check.refuse("ended", "It ended before it began.")
    named = bool(typed.many("show-name"))
    check.done()
    told = (("collected by", custody.by), ("from", custody.system), ("with", custody.tool))
    return Making(
        act=partial(_seal, desk.case, held.item.root, custody, named),
        said=(
            ("seals", held.name if named else "an item without a name"),
            ("rows", f"{held.item.size - 1:,} of format {held.format}"),
            ("root", held.item.root),
            *((name, text) for name, text in told if text),
        ),
        notes=("Its rows stay here. The seal holds no row and no digest of the file that could be guessed.",),
    )


def _seal(case: str, root: str, custody: kinds.Custody, named: bool, node: Node) -> Verified[Record]:
    return evidence.commit_held(node, case, root, custody=custody, show_name=named)


# -- evidence.disclose -----------------------------------------------------------------------------


def _sealed(desk: Desk, typed: Typed) -> tuple[str, kinds.Seal]:
    seal = typed.one("seal")
    return seal, evidence.sealed_at(desk.node, desk.case, seal)[1]


def _disclose_form(desk: Desk, typed: Typed) -> Form:
    seal, sealed = _sealed(desk, typed)
    found = _findings_over(desk, sealed.item)
    return Form(
        title="Disclose",
        lead=f"Show rows of {desk.reading.item_name(sealed.item)}, and leave the others closed.",
        about=(
            Quoted(
                by=desk.author_of(seal),
                what=f"sealed {sealed.item.size - 1:,} rows",
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
                                words="these rows",
                                aside="each with its proof; the key stays here",
                            ),
                            *(
                                [Choice(value="finding", words="the rows that a finding matched")]
                                if found
                                else []
                            ),
                            Choice(
                                value="whole",
                                words="the whole item",
                                aside="with its key, which opens every row for good",
                            ),
                        ],
                        "finding" if typed.one("finding") else "rows",
                        required=True,
                    ),
                    line(
                        typed,
                        "rows",
                        "Rows",
                        hint=f"As 3, 7-9; from 1 to {sealed.item.size - 1:,}. "
                        "The page of the item lets you choose them by hand.",
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
                        [*options(desk.others), Choice(value="public", words="everyone")],
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
        ),
    )


def _findings_over(desk: Desk, item: kinds.Item) -> tuple[Choice, ...]:
    found = []
    for record in reversed(desk.reading.state.of("finding.report")):
        content = record.content
        if isinstance(content, kinds.Report) and content.item == item:
            names = ", ".join(rule.name for rule in content.rules)
            found.append(Choice(value=record.id, words=f"№ {desk.reading.numbers[record.id]} {names}"))
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
    check.done()
    readers = (kinds.PUBLIC,) if kinds.PUBLIC in to else tuple(to)
    names = "everyone" if kinds.PUBLIC in to else ", ".join(desk.reading.who(p).name for p in to)
    terms = (
        ("to", names),
        ("for", USES[use]),
        ("may be passed on", ONWARD[onward]),
        ("on the basis", basis),
    )
    if level == "whole":
        return Making(
            act=partial(_show_whole, desk.case, seal, readers, use, basis, onward),
            said=(("shows", f"the whole item: all {last:,} rows, and its key"), *terms),
            notes=("Nothing of this item stays closed to them.",),
        )
    opens = kinds.PUBLIC in to and not desk.reading.state.readable_by(seal, kinds.PUBLIC)
    agreed = "\n".join([desk.case, seal, *map(str, numbers), use, onward, basis])
    return Making(
        # Where a grant comes first, what is agreed to is the disclosure that follows it.
        agreed=hashlib.sha256(agreed.encode()).hexdigest() if opens else "",
        everyone=kinds.PUBLIC in to,
        act=partial(_show_rows, desk.case, seal, tuple(numbers), readers, use, basis, onward),
        said=(("shows", f"{len(numbers):,} of {last:,} rows"), *terms),
        rows=_around(desk, sealed, numbers),
        rows_caption=(
            f"{write_count(len(numbers), 'row leaves', 'rows leave')}, {last - len(numbers):,} stay"
            + (f"; the first {SHOWN} of them are shown, with neighbours" if len(numbers) > SHOWN else "")
        ),
        notes=(
            "Rows that name columns are among them. The rows go to those named above, and to nobody else.",
            *((OPENS_SEAL,) if opens else ()),
        ),
    )


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
        check.refuse("rows", f"Write rows as 3, 7-9: {error}.")
        return []
    if not numbers or numbers[-1] >= sealed.item.size:
        check.refuse("rows", f"Choose rows from 1 to {sealed.item.size - 1:,}.")
        return []
    return _with_headers(desk, sealed, numbers)


def _with_headers(desk: Desk, sealed: kinds.Seal, numbers: list[int]) -> list[int]:
    """These rows and those that name their columns: all that leaves."""
    wanted = set(numbers)
    found = set(numbers)
    for row in evidence.item_rows(desk.node, sealed.item.root):
        if row.index in wanted and row.header:
            found.add(row.header)
        if row.index >= numbers[-1]:
            break
    return sorted(found)


def _around(desk: Desk, sealed: kinds.Seal, numbers: list[int]) -> tuple[tuple[int, str, bool], ...]:
    """The first rows that leave, each with the rows beside it that stay."""
    leaving = set(numbers)
    near = {n + d for n in numbers[:SHOWN] for d in (-1, 0, 1) if 0 < n + d < sealed.item.size}
    raw = evidence.rows_at(desk.node, sealed.item.root, near)
    return tuple((n, show_bytes(raw[n]), n in leaving) for n in sorted(near) if n in raw)


def _show_rows(
    case: str,
    seal: str,
    numbers: tuple[int, ...],
    to: tuple[str, ...],
    use: str,
    basis: str,
    onward: str,
    node: Node,
) -> Verified[Record]:
    return evidence.disclose_rows(
        node,
        case,
        seal,
        numbers,
        to=to,
        use=use,  # type: ignore[arg-type]  # one of the choices
        basis=basis,
        onward=onward,  # type: ignore[arg-type]
    )


def _show_whole(
    case: str, seal: str, to: tuple[str, ...], use: str, basis: str, onward: str, node: Node
) -> Verified[Record]:
    return evidence.disclose_whole(
        node,
        case,
        seal,
        to=to,
        use=use,  # type: ignore[arg-type]  # one of the choices
        basis=basis,
        onward=onward,  # type: ignore[arg-type]
    )


FORMS: tuple[ActForm, ...] = (
    ActForm(name="seal", lay_out=_seal_form, take=_take_seal),
    ActForm(name="disclose", lay_out=_disclose_form, take=_take_disclose),
)
