"""The page of an assessment: the answer, what it hangs on, what to ask next, and every figure's limits.

Figures come from ``weighing.shown`` alone, which never gives one without its limits. The matrix is a view on
the judgements, in the manner of an analysis of competing hypotheses; nothing is scored by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final
from urllib.parse import urlencode

import msgspec

from comity.errors import ComityError, Refused
from comity.exchange.node import Node
from comity.records import bodies, kinds
from comity.records.kinds import Assess
from comity.records.kinds_of_weighing import Question, Weighed, Worth
from comity.web.cases import Head, view_head
from comity.web.comparisons import others_to_compare
from comity.web.phrases import count_of, phrase
from comity.web.reading import Named, Reading, Ref, Who, tell_number
from comity.web.rechecking import check_once
from comity.weighing.asked_already import tell_asked
from comity.weighing.checked import Checked
from comity.weighing.effort import size_of
from comity.weighing.in_short import Short, shorten
from comity.weighing.in_the_case import show_in_case
from comity.weighing.likelihood_words import Wording, percent
from comity.weighing.matrix import Cell, columns_of, line_of
from comity.weighing.naming import called, quoted
from comity.weighing.settings_told import exactly
from comity.weighing.shown import Assessed, Shown, request_command
from comity.weighing.values import stand_for
from comity.weighing.withstanding import rows_of, withstands

WORDINGS: Final[dict[str, Wording]] = {"numbers": "numbers", "icd203": "ICD 203", "phia": "PHIA"}
COLUMNS = 5
"""So many named hypotheses stand in the matrix, the likeliest; the unknown actor always stands there."""
BARS = 12
ORIGINS_LIMIT = 500
_ORIGINS: Final[dict[str, tuple[str, ...]]] = {}
"""On which single origins an answer hangs, by record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One item of the matrix. ``without`` is what the leader would have if it were not there."""

    id: str
    text: str
    origin: str
    grades: str
    rests: Ref | None
    cite: str
    by: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drives:
    """What an item does: the leader's posterior without it, who leads then, and whether that is another."""

    items: str
    without: str
    leads: str
    flips: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A question with its worth, the address of the form that asks it, and the command; ``asked`` says where
    it was asked already, and what became of that."""

    text: str
    bits: str
    yes: str
    if_yes: str
    if_no: str
    to: Who | None
    own: bool
    link: str
    command: str
    asked: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentView:
    """Everything on the page. ``shown`` has the figures and their limits; ``again`` is what this node found
    when it computed them again."""

    head: Head
    record: Ref
    by: Who
    at: str
    readers: tuple[Who, ...]
    about: Named | None
    short: Short
    shown: Assessed
    listed: tuple[Shown, ...]
    rest: str
    bar_at: int
    wording: str
    confidence: tuple[str, str, str] | None
    columns: tuple[str, ...]
    matrix: tuple[Line, ...]
    drives: tuple[Drives, ...]
    framings: tuple[str, ...]
    asks: tuple[Ask, ...]
    coverage: tuple[tuple[str, int], ...]
    settings: tuple[tuple[str, str], ...]
    again: str
    differs: tuple[str, ...]
    origins: tuple[str, ...]
    others: tuple[tuple[Ref, Who], ...]


def view_assessment(node: Node, record: str, wording: str = "") -> AssessmentView:
    """The page of an assessment; ``Refused`` where no case here holds one of this id."""
    held = node.journal.held_record(record)
    reading = Reading(node, held.case) if held is not None and held.case in node.cases() else None
    accepted = reading.state.accepted.get(record) if reading else None
    if reading is None or accepted is None or not isinstance(accepted.content, Assess):
        raise Refused("record.unknown", record[:12], "no case here holds an assessment of this id")
    content = accepted.content
    scale = WORDINGS.get(wording, content.wording)
    checked = check_once(record, content)
    shown = show_in_case(
        content,
        checked,
        reading.state,
        accepted.author,
        partial(tell_number, reading),
        record=record,
        wording=scale,
        parties=reading.member_names(),
    )
    names = {one.id: one.name for one in content.hypotheses}
    listed = tuple(one for n, one in enumerate(shown.standings) if n < BARS or one.unknown)
    rest = [one for one in shown.standings if one not in listed]
    columns = columns_of(content, COLUMNS)
    audience = reading.state.audiences[record] - {accepted.author}
    sizes = {one.id: one.reports for one in content.hypotheses}
    return AssessmentView(
        head=view_head(reading),
        record=reading.ref(record),
        by=reading.who(accepted.author),
        at=accepted.frame.at,
        readers=reading.whos([kinds.PUBLIC] if kinds.PUBLIC in audience else audience),
        about=None if content.about is msgspec.UNSET else reading.assertion(content.about),
        short=shorten(content if checked.computed is None else checked.computed, shown.only_if),
        shown=shown,
        listed=listed,
        rest=phrase("{} more, together {}", len(rest), percent(sum(one.posterior for one in rest)))
        if rest
        else "",
        bar_at=content.method.name_at,
        wording=scale,
        confidence=None
        if content.confidence is msgspec.UNSET
        else (content.confidence.scale, content.confidence.level, content.confidence.why),
        columns=tuple(called(name, names) for name in columns),
        matrix=tuple(_line(reading, content, item, columns) for item in content.items),
        drives=tuple(
            Drives(
                items=", ".join(one.items),
                without=percent(one.without),
                leads=phrase("{} (level)", called(one.leader, names))
                if one.level
                else called(one.leader, names),
                flips=one.leader != content.result.leader,
            )
            for one in content.result.drivers[:BARS]
        ),
        framings=tuple(
            phrase(
                "{} planted what points at {}, {}",
                called(one.actor, names),
                called(one.framed, names),
                percent(one.posterior),
            )
            for one in content.result.framings[:3]
        ),
        asks=_asks(reading, content, names),
        coverage=tuple((called(name, names), sizes[name]) for name in columns[:-1])
        if content.knowledge is not msgspec.UNSET
        else (),
        settings=_settings(content),
        again=_again(content, record, checked),
        differs=checked.differs,
        origins=_origins(checked, record),
        others=others_to_compare(reading, record),
    )


def _again(content: Assess, record: str, checked: Checked) -> str:
    """``reproduced``, ``different``, or why it was not computed again here."""
    match checked.cause:
        case "":
            return checked.result
        case "size":
            command = f"comity weigh check {record[:16]}"
            return phrase("not computed again here: {} take long ({} does it)", size_of(content), command)
        case "package":
            return phrase("not computed again here: this node runs without the extra for weighing")
    return phrase("not computed again here: {}", checked.why)


def _origins(checked: Checked, record: str) -> tuple[str, ...]:
    """On which single origins the answer that was computed hangs."""
    if checked.computed is None:
        return ()
    # Another page may empty it at any time.
    if (kept := _ORIGINS.get(record)) is not None:
        return kept
    from comity.weighing.by_origin import leave_origins_out, tell_origins

    try:
        found = tell_origins(checked.computed, leave_origins_out(checked.computed))
    except ComityError:
        found = ()
    if len(_ORIGINS) >= ORIGINS_LIMIT:
        _ORIGINS.clear()
    _ORIGINS[record] = found
    return found


def _line(reading: Reading, content: Assess, item: Weighed, columns: tuple[str, ...]) -> Line:
    grades = phrase("source {}, item {}", percent(item.reliability), percent(item.credibility))
    # Whatever its author writes there is no word of the page's.
    usual = stand_for(item.grades, item.reliability, item.credibility)
    written = item.grades if usual else quoted(item.grades)
    return Line(
        id=item.id,
        text=item.text,
        origin=item.origin,
        grades=phrase("{}: {}", written, grades) if item.grades else grades,
        rests=reading.ref(item.record) if item.record else None,
        cite=item.cite,
        by=_by(content, item),
        cells=line_of(content, item, columns),
    )


def _by(content: Assess, item: Weighed) -> str:
    """Who answered for an item, as far as the record says."""
    if item.by == "judgement":
        return phrase("judged by its author")
    name = "" if content.knowledge is msgspec.UNSET else content.knowledge.name
    return phrase("said by its author to be from reports ({}), not checked here", quoted(name))


def _asks(reading: Reading, content: Assess, names: dict[str, str]) -> tuple[Ask, ...]:
    questions = {one.item.id: one for one in content.questions}
    return tuple(
        _ask(reading, questions[worth.question], worth, names) for worth in content.result.worth[:BARS]
    )


def _ask(reading: Reading, question: Question, worth: Worth, names: dict[str, str]) -> Ask:
    to = reading.who(question.to) if question.to else None
    return Ask(
        text=question.item.text,
        bits=phrase("{} bit", f"{worth.microbits / 1000000:.3f}"),
        yes=percent(worth.yes),
        if_yes=phrase("{} {}", called(worth.leader_yes, names), percent(worth.posterior_yes)),
        if_no=phrase("{} {}", called(worth.leader_no, names), percent(worth.posterior_no)),
        to=to,
        own=question.to == reading.node.party.id,
        link=_link(reading, question),
        command=request_command(question, reading.case),
        asked=tell_asked(reading.state, question, partial(tell_number, reading)),
    )


def _link(reading: Reading, question: Question) -> str:
    """The form of a request, filled in with what the question asks, by an instant two weeks on."""
    due = bodies.time_text(reading.as_of + 14 * 86_400)
    fields = [("type", question.type), ("text", question.item.text), ("due", f"{due[:10]} {due[11:16]}")]
    fields += [("to", question.to)] if question.to else []
    fields += [("item", question.item.record)] if question.item.record else []
    fields += [("levels", level) for level in question.levels]
    return f"/act/{reading.case}/request?{urlencode(fields)}"


def _settings(content: Assess) -> tuple[tuple[str, str], ...]:
    method = content.method
    found = [
        (phrase("method"), method.name),
        (phrase("prior of an actor that is none of these"), percent(method.unknown_prior)),
        (
            phrase("prior of planted evidence, and the share then planted"),
            phrase("{}, {}", percent(method.deception_prior), percent(method.planting)),
        ),
        (phrase("a name needs"), phrase("at least {} at the lower end", percent(method.name_at))),
        (
            phrase("and survives the loss of"),
            phrase(
                "any {} of what is counted: {} of {}",
                exactly(method.withstand),
                f"{withstands(content):,}",
                count_of(rows_of(content), "item"),
            ),
        ),
        (phrase("likelihood ratios are raised to the power of"), f"{method.tempering / 1_000_000:g}"),
        (phrase("inputs digest"), content.result.inputs),
    ]
    if content.knowledge is not msgspec.UNSET:
        found += [
            (phrase("knowledge"), content.knowledge.name),
            (phrase("knowledge digest"), content.knowledge.digest),
        ]
    return tuple(found)
