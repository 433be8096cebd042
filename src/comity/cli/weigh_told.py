"""How ``comity weigh`` says an assessment: the answer first, every figure with its limits."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import msgspec

from comity.cli.output import Out, count
from comity.errors import ComityError

if TYPE_CHECKING:
    from comity.records.kinds import Assess
    from comity.records.kinds_of_weighing import Question, Worth
    from comity.weighing.result import Asked
    from comity.weighing.shown import Assessed
    from comity.weighing.suggesting import Suggestion

FRAMINGS = 3
DRIVERS = 6
MATRIX = (30, 5)
"""So many items and named hypotheses stand in the matrix."""
LISTED = 12
"""So many hypotheses are listed; the rest is counted with what they have together."""


def tell_assessment(
    out: Out,
    content: Assess,
    *,
    case: str = "",
    record: str = "",
    shown: Assessed | None = None,
    computed: Assess | None = None,
    asked: Callable[[Question], Iterable[str]] | None = None,
) -> None:
    """The whole of it, as text and as one object a part. ``shown`` is what a case gives it to be shown with,
    ``computed`` the content with the figures that computing it again gave, from which it is told in short,
    ``asked`` what a case says of questions that were asked already."""
    from comity.weighing.in_short import cut
    from comity.weighing.likelihood_words import percent
    from comity.weighing.naming import called, quoted
    from comity.weighing.shown import show

    told = shown or show(content)
    names = {one.id: one.name for one in content.hypotheses}
    out.line(told.headline)
    out.line(told.why, 2)
    for line in told.beside:
        out.line(f"take care: {line}", 2)
    out.line(f"asked: {quoted(told.question)}", 2)
    _tell_short(out, computed or content, told)
    out.line()
    out.line("Explanations")
    rows = [["", "probability", "from – to", "before", "items + / −"]]
    listed = [one for n, one in enumerate(told.standings) if n < LISTED or one.unknown]
    for one in listed:
        said = f"  {one.words}" if one.words else ""
        rows.append([one.name, one.figure, one.range, one.before, f"{one.touched} / {one.against}{said}"])
    out.table(rows, 2)
    out.line("+ / −: items that make it likelier, less likely, than an actor that is none of these", 2)
    rest = [one for one in told.standings if one not in listed]
    if rest:
        out.line(f"and {len(rest)} more, together {percent(sum(one.posterior for one in rest))}", 2)
    out.line(f"evidence was planted: {told.deception}", 2)
    if content.confidence is not msgspec.UNSET:
        sure = content.confidence
        out.line(
            f"confidence in this basis, as its author says it ({sure.scale}): {sure.level}. "
            f"{quoted(sure.why)}",
            2,
        )
    words = {one.id: one.text for one in content.items}
    drives = [
        f"without {' and '.join(map(quoted, one.items))} ({quoted(cut(words[one.items[0]]))}): "
        f"{called(content.result.leader, names)} {percent(one.without)}"
        for one in content.result.drivers[:DRIVERS]
    ]
    if more := len(content.result.drivers) - len(drives):
        drives.append(f"and {count(more, 'item')} more")
    _section(out, "Item by item", drives)
    _tell_matrix(out, content, names)
    _section(
        out,
        "Framed, as explanations of their own",
        [
            f"{called(one.actor, names)} planted what points at {called(one.framed, names)}: "
            f"{percent(one.posterior)}"
            for one in content.result.framings[:FRAMINGS]
        ],
    )
    _tell_asks(out, content, case, asked)
    _section(out, "Take care", told.warnings)
    _section(out, "Limits of these figures", told.limits)
    result = content.result
    out.object(
        "assessment",
        record=record,
        question=told.question,
        answer=told.answer,
        headline=told.headline,
        why=told.why,
        leader=result.leader,
        standings=[
            {
                "hypothesis": one.id,
                "name": one.name,
                "posterior": one.posterior,
                "low": one.low,
                "high": one.high,
                "prior": one.prior,
                "words": one.words,
                "touched": one.touched,
                "against": one.against,
                "reports": one.reports,
            }
            for one in told.standings
        ],
        deception=result.deception,
        drivers=msgspec.to_builtins(result.drivers),
        planted=msgspec.to_builtins(result.planted),
        framings=msgspec.to_builtins(result.framings),
        hangs=list(told.hangs),
        beside=list(told.beside),
        warnings=list(told.warnings),
        limits=list(told.limits),
        method=content.method.name,
        settings={
            name: value for name, value in msgspec.to_builtins(content.method).items() if name != "name"
        },
        weights={one.id: one.weight for one in content.hypotheses},
        inputs=result.inputs,
        knowledge=None if content.knowledge is msgspec.UNSET else msgspec.to_builtins(content.knowledge),
        confidence=None if content.confidence is msgspec.UNSET else msgspec.to_builtins(content.confidence),
    )


def _tell_short(out: Out, content: Assess, shown: Assessed) -> None:
    """Five answers before any table."""
    from comity.weighing.in_short import shorten

    short = shorten(content, shown.only_if)
    origins = _tell_origins(content)
    out.line()
    for title, lines in (
        ("What is believed", (short.believed,)),
        ("How sure", (short.sure,)),
        ("Why", short.why),
        ("What would change it", (*short.change, *origins, *shown.as_one)),
        ("What is missing", short.missing),
    ):
        out.line(f"{title}: {lines[0]}", 2)
        for line in lines[1:]:
            out.line(line, 4)
    told = msgspec.to_builtins(short, enc_hook=str)
    out.object("short", **told, origins=list(origins), as_one=list(shown.as_one))


def _tell_origins(content: Assess) -> tuple[str, ...]:
    """On which single origins it hangs; nothing where that cannot be computed here."""
    try:
        from comity.weighing.by_origin import leave_origins_out, tell_origins

        return tell_origins(content, leave_origins_out(content))
    except (ImportError, ComityError):
        return ()


def _tell_matrix(out: Out, content: Assess, names: dict[str, str]) -> None:
    """Items against the likeliest hypotheses: a view, and nothing is added up along it."""
    from comity.weighing.matrix import columns_of, line_of
    from comity.weighing.naming import called

    most, wide = MATRIX
    columns = columns_of(content, wide)
    rows = [["", *(called(one, names) for one in columns)]]
    # The most telling first, copies of one beside each other.
    order = [name for one in content.result.drivers for name in one.items]
    place = {name: n for n, name in enumerate(order)}
    items = sorted(content.items, key=lambda one: place.get(one.id, len(place)))
    for item in items[:most]:
        cells = line_of(content, item, columns)
        rows.append([item.id, *(f"{one.symbol} {one.range}".strip() for one in cells)])
        out.object(
            "matrix",
            item=item.id,
            text=item.text,
            cells={
                name: msgspec.to_builtins(one, enc_hook=str) for name, one in zip(columns, cells, strict=True)
            },
        )
    out.line()
    out.line("Evidence and explanations: how likely each item is judged under each")
    out.table(rows, 2)
    if (more := len(items) - most) > 0:
        out.line(f"and {count(more, 'item')} more", 2)
    out.line("++ three times as likely as under an actor that is none of these, or more; + more likely;", 2)
    out.line("· as likely; − less; −− a third or less. Before grades; nothing is added up along it.", 2)


def _section(out: Out, title: str, lines: tuple[str, ...] | list[str]) -> None:
    if lines:
        out.line()
        out.line(title)
        for line in lines:
            out.line(f"- {line}", 2)


def _tell_asks(
    out: Out, content: Assess, case: str, asked: Callable[[Question], Iterable[str]] | None
) -> None:
    from comity.weighing.shown import request_command

    if not content.questions:
        return
    names = {one.id: one.name for one in content.hypotheses}
    questions = {one.item.id: one for one in content.questions}
    out.line()
    out.line("What to ask next, the most telling first")
    out.line("One bit settles an even doubt between two.", 2)
    for number, worth in enumerate(content.result.worth, 1):
        question = questions[worth.question]
        command = request_command(question, case)
        out.line(f"{number}. {question.item.text}", 2)
        out.line(_worth(worth, names), 5)
        already = list(asked(question)) if asked else []
        for line in already:
            out.line(line, 5)
        out.line(command, 5)
        out.object(
            "ask",
            question=worth.question,
            asked=already,
            text=question.item.text,
            command=command,
            **{k: v for k, v in msgspec.to_builtins(worth).items() if k != "question"},
        )


def _worth(worth: Worth | Asked, names: dict[str, str]) -> str:
    from comity.weighing.likelihood_words import percent
    from comity.weighing.naming import called

    return (
        f"{worth.microbits / 1_000_000:.3f} bits; yes ({percent(worth.yes)}): "
        f"{called(worth.leader_yes, names)} {percent(worth.posterior_yes)}; no: "
        f"{called(worth.leader_no, names)} {percent(worth.posterior_no)}"
    )


def tell_suggestions(out: Out, content: Assess, found: tuple[Suggestion, ...], case: str = "") -> None:
    """What reports suggest to ask, apart from what the author asks."""
    from comity.weighing.shown import request_command

    if not found:
        return
    names = {one.id: one.name for one in content.hypotheses}
    out.line()
    out.line("Suggested by the reports, and no part of this assessment")
    out.line(
        "What an answer could tell at most, from a source that is certain. To take one up, put it in asks", 2
    )
    out.line("with your grades.", 2)
    for one in found:
        command = request_command(one.question, case)
        out.line(f"- {one.question.item.text}", 2)
        out.line(f"at most {_worth(one.worth, names)}", 5)
        out.line(command, 5)
        out.object(
            "suggestion",
            observed=one.question.item.observed,
            text=one.question.item.text,
            command=command,
            microbits=one.worth.microbits,
            yes=one.worth.yes,
            leader_yes=one.worth.leader_yes,
            posterior_yes=one.worth.posterior_yes,
            leader_no=one.worth.leader_no,
            posterior_no=one.worth.posterior_no,
        )
