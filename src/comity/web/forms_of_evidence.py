"""Sealing what was taken in, running rules over it, and showing rows of it to others."""

from __future__ import annotations

import hashlib
import re
from functools import partial

from comity.case.verified import Verified
from comity.errors import Refused
from comity.exchange import evidence, findings
from comity.exchange.node import Node
from comity.findings.finding import Parameters
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
from comity.web.typed import Checking, Typed

ZONE = re.compile(r"[+-](0[0-9]|1[0-4]):[0-5][0-9]")
SHOWN = 60
"""Rows that leave, as the review shows them; each with a neighbour that stays."""
USES = {
    "information": "information only",
    "defence": "defence of systems",
    "proceedings": "legal proceedings",
}
ONWARD = {"no": "no", "ask": "only after asking you", "yes": "yes"}
RULE_LIMIT = 200_000
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


# -- finding.report --------------------------------------------------------------------------------


def _held_seals(desk: Desk) -> tuple[Choice, ...]:
    """Seals of this case whose items are held whole here."""
    held = evidence.held_items(desk.node)
    found = []
    for record in reversed(desk.reading.state.of("evidence.seal")):
        content = record.content
        if isinstance(content, kinds.Seal) and content.item.root in held:
            number = desk.reading.numbers[record.id]
            found.append(
                Choice(
                    value=record.id,
                    words=f"№ {number} {desk.reading.item_name(content.item)}",
                    aside=f"{content.item.size - 1:,} rows",
                )
            )
    return tuple(found)


def _find_form(desk: Desk, typed: Typed) -> Form:
    zone = ""
    if typed.one("seal"):
        zone = evidence.sealed_at(desk.node, desk.case, typed.one("seal"))[1].zone
    fresh = typed if typed.said("laid-out") or typed.said("zone") else typed.with_field("zone", zone)
    return Form(
        title="Report a finding",
        lead="Run a rule over a sealed item, and sign which rows it matches. Others can run it again.",
        effect=(
            "The rule's exact text is in the record, so that another party can repeat it.",
            "It says that rows match a rule. What that means is for an assertion to say, with an inference.",
        ),
        sections=(
            Section(
                title="What is searched",
                fields=(
                    pick(typed, "seal", "Item", _held_seals(desk), required=True),
                    line(fresh, "zone", "Time zone of times without one", hint="As +02:00."),
                    instant(typed, "since", "From, in UTC"),
                    instant(typed, "until", "Until, in UTC"),
                    line(
                        typed,
                        "logsource",
                        "Log source of the item",
                        hint="As a Sigma rule names it: product=windows, service=security.",
                    ),
                ),
            ),
            Section(
                title="The rule",
                fields=(
                    line(typed, "rule-name", "Its name", required=True, hint="As night-export.yml."),
                    text_field(
                        typed,
                        "rule",
                        "Its text",
                        required=True,
                        rows=14,
                        hint="A Sigma rule (YAML), a STIX pattern or a list of indicators.",
                    ),
                ),
            ),
        ),
    )


def _take_find(desk: Desk, typed: Typed) -> Making:
    check = Checking(typed)
    seal = check.choice("seal", "an item that is held here", [c.value for c in _held_seals(desk)])
    zone = _zone(check)
    since, until = check.instant("since", "from when"), check.instant("until", "until when")
    if since and until and until <= since:
        check.refuse("until", "The end comes after the beginning.")
    source = _log_source(check)
    name = check.line("rule-name", "a name for the rule", required=True)
    rule = check.text("rule", "the text of the rule", required=True, limit=RULE_LIMIT)
    check.done()
    told = Parameters(zone=zone or None, since=since or None, until=until or None, logsource=source)
    act = partial(_report, desk.case, seal, name, f"{rule}\n".encode(), told)
    window = f"{since or 'the beginning'} to {until or 'the end'}"
    return Making(
        act=act,
        said=(
            ("searches", next(c.words for c in _held_seals(desk) if c.value == seal)),
            ("with the rule", f"{name}\n{rule}"),
            ("times without a zone are", zone or "not read"),
            ("window", window),
        ),
        notes=(
            "The rule was run just now. The rows that it matches stand in the content below, under matches.",
        ),
    )


def _zone(check: Checking) -> str:
    zone = check.line("zone", "the time zone", limit=10)
    if zone and not ZONE.fullmatch(zone):
        check.refuse("zone", f"Write the time zone as +02:00; {zone!r} is none.")
    return zone


def _log_source(check: Checking) -> tuple[tuple[str, str], ...]:
    text = check.line("logsource", "the log source")
    found: dict[str, str] = {}
    for part in text.split(","):
        name, _, value = (each.strip() for each in part.partition("="))
        if part.strip() and (name not in ("product", "category", "service") or not value or name in found):
            check.refuse("logsource", "Write each of product, category and service once, as product=windows.")
            break
        if part.strip():
            found[name] = value
    return tuple(sorted(found.items()))


def _report(case: str, seal: str, name: str, rule: bytes, told: Parameters, node: Node) -> Verified[Record]:
    return findings.report(node, case, seal, [(name, rule)], told)[0]


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
            f"{len(numbers):,} leave, {last - len(numbers):,} stay"
            + (f"; the first {SHOWN} of them are shown, with neighbours" if len(numbers) > SHOWN else "")
        ),
        notes=(
            "A row that names its columns, where there is one, goes with them.",
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
        return matched
    try:
        numbers = read_rows(check.typed.one("rows"))
    except ValueError as error:
        check.refuse("rows", f"Write rows as 3, 7-9: {error}.")
        return []
    if not numbers or numbers[-1] >= sealed.item.size:
        check.refuse("rows", f"Choose rows from 1 to {sealed.item.size - 1:,}.")
    return numbers


def _around(desk: Desk, sealed: kinds.Seal, numbers: list[int]) -> tuple[tuple[int, str, bool], ...]:
    """The first rows that leave, each with the rows beside it that stay."""
    leaving = set(numbers)
    wanted = sorted({n + d for n in numbers[:SHOWN] for d in (-1, 0, 1) if 0 < n + d < sealed.item.size})
    raw = evidence.rows_at(desk.node, sealed.item.root, wanted)
    return tuple((n, show_bytes(raw[n]), n in leaving) for n in wanted if n in raw)


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


# -- finding.replicate -----------------------------------------------------------------------------


def _rerun_form(desk: Desk, typed: Typed) -> Form:
    finding = typed.one("finding")
    told = desk.accepted(finding, kinds.Report, "a finding")
    assert isinstance(told, kinds.Report)
    by = desk.author_of(finding)
    if by.id == desk.own:
        raise Refused("rerun.own", finding[:12], "re-running one's own finding adds nothing")
    return Form(
        title="Run a finding again",
        lead="Over the whole item if it is held here, else over the rows that were shown to you.",
        about=(
            Quoted(
                by=by,
                what=f"reported a finding over {desk.reading.item_name(told.item)}",
                text=", ".join(rule.name for rule in told.rules),
                link=f"/findings/{finding}",
            ),
        ),
        effect=(
            "Agreement on shown rows says nothing of completeness, counts or absence.",
            "A difference is shown with its cause, and is no accusation.",
        ),
        sections=(
            Section(
                title="If you want to add something", fields=(text_field(typed, "note", "In your words"),)
            ),
        ),
    )


def _take_rerun(desk: Desk, typed: Typed) -> Making:
    _rerun_form(desk, typed)
    check = Checking(typed)
    note = check.text("note", "your words")
    check.done()
    return Making(
        act=partial(_rerun, desk.case, typed.one("finding"), note),
        said=(("reports", "how its own run of the same rules compares"), ("adds", note or "nothing")),
        notes=(
            "The rules were run just now. How the runs compare stands in the content below, as the verdict.",
        ),
    )


def _rerun(case: str, finding: str, note: str, node: Node) -> Verified[Record]:
    return findings.replicate(node, case, finding, note=note)[0]


FORMS: tuple[ActForm, ...] = (
    ActForm(name="seal", lay_out=_seal_form, take=_take_seal),
    ActForm(name="find", lay_out=_find_form, take=_take_find),
    ActForm(name="disclose", lay_out=_disclose_form, take=_take_disclose),
    ActForm(name="rerun", lay_out=_rerun_form, take=_take_rerun),
)
