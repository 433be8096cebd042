"""Running rules over what is held, and running another party's again."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial

from comity.case.verified import Verified
from comity.dossier import rerun
from comity.errors import Refused
from comity.exchange import evidence, findings
from comity.exchange.node import Node
from comity.exchange.shown import Shut
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
    Told,
    instant,
    line,
    pick,
    radio,
)
from comity.web.forms import text as text_field
from comity.web.phrases import count_of, joined, phrase
from comity.web.reading import Reading, tell_number
from comity.web.rule_titles import name_rules
from comity.web.spans import count_rows, spans_of, write_spans
from comity.web.typed import Checking, Typed
from comity.web.words import label

ZONE = re.compile(r"[+-](0[0-9]|1[0-4]):[0-5][0-9]")
RULE_LIMIT = 200_000


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
                    words=phrase("№ {} {}", number, desk.reading.item_name(content.item)),
                    aside=phrase("{} rows", f"{content.item.size - 1:,}"),
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
    window = phrase("{} to {}", since or phrase("the beginning"), until or phrase("the end"))
    return Making(
        act=act,
        said=(
            ("searches", next(c.words for c in _held_seals(desk) if c.value == seal)),
            ("with the rule", phrase("{}\n{}", name, rule)),
            ("times without a zone are", zone or phrase("not read")),
            ("window", window),
        ),
        outcome=_matched,
    )


def _matched(content: kinds.Content) -> Told:
    assert isinstance(content, kinds.Report)
    rows = spans_of(match.rows for match in content.matches)
    return (
        ("the rule, run just now, matches", count_of(count_rows(rows), "row")),
        ("which are", write_spans(rows) or phrase("none")),
    )


def _compared(reading: Reading, shut: Shut, content: kinds.Content) -> Told:
    assert isinstance(content, kinds.Replicate)
    whole = content.scope == "whole"
    scope = phrase("over the whole item") if whole else phrase("over the rows shown to you")
    if isinstance(content.item, kinds.Item):
        scope = phrase("over an item of your own")
    verdict = phrase(label(words.VERDICTS, content.verdict).words)
    told: list[tuple[str, str]] = [("the rules, run just now", phrase("{}, {}", verdict, scope))]
    if content.cause:
        parts = [
            words.PARTS.get(part, words.WINDOW.get(part, part)) for part in content.part.split(", ") if part
        ]
        cause = phrase(label(words.CAUSES, content.cause).words)
        told.append(("because of", phrase("{}: {}", cause, joined(parts, "; ")) if parts else cause))
    if content.rows:
        told.append(("rows run", write_spans(spans_of([content.rows]))))
    if content.left_out:
        left = count_of(len(content.left_out), "rule")
        told.append(("left out", phrase("{}, as their verdict on a row needs the whole item", left)))
    if content.note:
        told.append(("notes", content.note))
    told += (("not run, as it does not open", tell_number(reading, record)) for record in shut)
    return tuple(told)


def _zone(check: Checking) -> str:
    zone = check.line("zone", "the time zone", limit=10)
    if zone and not ZONE.fullmatch(zone):
        check.refuse("zone", phrase("Write the time zone as +02:00; {} is none.", f"{zone!r}"))
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


# -- finding.replicate -----------------------------------------------------------------------------


_HELD = "held"


def _runs_over(desk: Desk, told: kinds.Report) -> tuple[Choice, ...]:
    """What a finding can be run over here: what is held of its item, or an item sealed by this party."""
    found = [Choice(value=_HELD, words=_what_is_here(desk, told))]
    state, held = desk.reading.state, evidence.held_items(desk.node)
    if findings.opened_under(state) < 2:
        return tuple(found)
    for record in reversed(state.of("evidence.seal")):
        content = record.content
        if (
            isinstance(content, kinds.Seal)
            and (record.author, content.item == told.item) == (desk.own, False)
            and content.item.root in held
        ):
            own = phrase("№ {} {}", desk.reading.numbers[record.id], desk.reading.item_name(content.item))
            rows = phrase("{} rows", f"{content.item.size - 1:,}")
            found.append(Choice(value=record.id, words=phrase("an item of your own: {}", own), aside=rows))
    return tuple(found)


def _what_is_here(desk: Desk, told: kinds.Report) -> str:
    state = desk.reading.state
    if told.item.root in evidence.held_items(desk.node):
        return phrase("the whole item, which is held here")
    came = (record.content for record in state.of("evidence.disclose"))
    shown = spans_of(
        content.rows
        for content in came
        if isinstance(content, kinds.Disclose)
        and (content.item, content.level) == (told.item, "rows")
        and desk.node.blobs.has(content.package)
    )
    unopened = findings.find_unopened(desk.node, state, told.item)
    if not shown:
        said = phrase(
            "nothing of the item, as none of it is held here: only whether the finding holds by itself"
        )
    else:
        said = phrase("the rows that were shown to you: {}", write_spans(shown))
    if unopened:
        number = tell_number(desk.reading, unopened)
        return phrase("{} (the whole item came unopened with {})", said, number)
    return said


def _rerun_form(desk: Desk, typed: Typed) -> Form:
    finding = typed.one("finding")
    told = desk.accepted(finding, kinds.Report, "a finding")
    assert isinstance(told, kinds.Report)
    by = desk.author_of(finding)
    if by.id == desk.own:
        raise Refused("rerun.own", finding[:12], "re-running one's own finding adds nothing")
    return Form(
        title="Run a finding again",
        lead="Over what you hold of its item, and sign how the two compare.",
        about=(
            Quoted(
                by=by,
                what=phrase("reported a finding over {}", desk.reading.item_name(told.item)),
                text=name_rules(told),
                link=f"/findings/{finding}",
            ),
        ),
        effect=(
            "Agreement on shown rows says nothing of completeness, counts or absence.",
            "A difference is shown with its cause, and is no accusation.",
            "Over an item of your own it is never the same: that is another item.",
        ),
        sections=(
            Section(
                title="What it is run over",
                fields=(radio(typed, "over", "Run it over", _runs_over(desk, told), _HELD, required=True),),
            ),
            Section(
                title="If it was run with wrong parameters",
                fields=(
                    line(
                        typed,
                        "zone",
                        "Time zone of times without one",
                        hint="As +02:00. What is left empty stays as in the finding.",
                    ),
                    instant(typed, "since", "From, in UTC"),
                    instant(typed, "until", "Until, in UTC"),
                ),
            ),
            Section(
                title="If you want to add something", fields=(text_field(typed, "note", "In your words"),)
            ),
        ),
    )


def _take_rerun(desk: Desk, typed: Typed) -> Making:
    _rerun_form(desk, typed)
    finding = typed.one("finding")
    told = findings.reported_at(desk.reading.state, finding)
    choices = _runs_over(desk, told)
    check = Checking(typed)
    over = check.choice("over", "what it is run over", [c.value for c in choices], required=False) or _HELD
    zone = _zone(check)
    since, until = check.instant("since", "from when"), check.instant("until", "until when")
    note = check.text("note", "your words")
    stated = rerun.reported(told).parameters
    used = replace(stated, zone=zone or stated.zone, since=since or stated.since, until=until or stated.until)
    if (since or until) and used.since and used.until and used.until <= used.since:
        check.refuse("until", "The end comes after the beginning.")
    check.done()
    own = "" if over == _HELD else over
    changed = used != stated
    shut: Shut = {}
    return Making(
        act=partial(_rerun, desk.case, finding, note, own, used if changed else None, shut),
        said=(
            ("reports", phrase("how its own run of the same rules compares")),
            ("runs it over", next(c.words for c in choices if c.value == over)),
            *(_changed(used) if changed else ()),
            ("adds", note or phrase("nothing")),
        ),
        outcome=partial(_compared, desk.reading, shut),
    )


def _changed(used: Parameters) -> Told:
    window = phrase("{} to {}", used.since or phrase("the beginning"), used.until or phrase("the end"))
    return ("times without a zone are", used.zone or phrase("not read")), ("window", window)


def _rerun(
    case: str, finding: str, note: str, own: str, used: Parameters | None, shut: Shut, node: Node
) -> Verified[Record]:
    return findings.replicate(node, case, finding, parameters=used, own=own, note=note, shut=shut)[0]


FORMS: tuple[ActForm, ...] = (
    ActForm(name="find", lay_out=_find_form, take=_take_find),
    ActForm(name="rerun", lay_out=_rerun_form, take=_take_rerun),
)
