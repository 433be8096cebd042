"""How ``comity weigh`` says an assessment: the answer first, every figure with its limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from comity.cli.output import Out

if TYPE_CHECKING:
    from comity.records.kinds import Assess
    from comity.records.kinds_of_weighing import Worth
    from comity.weighing.likelihood_words import Wording
    from comity.weighing.result import Asked
    from comity.weighing.suggesting import Suggestion

FRAMINGS = 3
LISTED = 12
"""So many hypotheses are listed; the rest is counted with what they have together."""


def tell_assessment(
    out: Out, content: Assess, wording: Wording | None = None, *, case: str = "", record: str = ""
) -> None:
    """The whole of it, as text and as one object a part."""
    from comity.weighing.shown import called, show

    told = show(content, wording)
    names = {one.id: one.name for one in content.hypotheses}
    out.line(told.headline)
    out.line(told.why, 2)
    out.line(f"asked: {told.question}", 2)
    out.line()
    rows = [["", "probability", "from – to", "before", "for / against"]]
    listed = [one for n, one in enumerate(told.standings) if n < LISTED or one.unknown]
    for one in listed:
        said = f"  {one.words}" if one.words else ""
        rows.append([one.name, one.figure, one.range, one.before, f"{one.touched} / {one.against}{said}"])
    out.table(rows, 2)
    rest = [one for one in told.standings if one not in listed]
    if rest:
        from comity.weighing.likelihood_words import percent

        out.line(f"and {len(rest)} more, together {percent(sum(one.posterior for one in rest))}", 2)
    out.line(f"evidence was planted: {told.deception}", 2)
    if content.confidence is not msgspec.UNSET:
        sure = content.confidence
        out.line(
            f"confidence in this basis, as its author says it ({sure.scale}): {sure.level}. {sure.why}", 2
        )
    _section(out, "What the lead hangs on", told.hangs)
    drives = [
        f"without {' and '.join(one.items)}: {called(content.result.leader, names)} "
        f"{one.without / 10_000:.1f} %"
        for one in content.result.drivers[:6]
    ]
    _section(out, "Item by item", drives)
    _section(
        out,
        "Framed, as explanations of their own",
        [
            f"{called(one.actor, names)} planted what points at {called(one.framed, names)}: "
            f"{one.posterior / 10_000:.1f} %"
            for one in content.result.framings[:FRAMINGS]
        ],
    )
    _tell_asks(out, content, case)
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
        warnings=list(told.warnings),
        limits=list(told.limits),
        method=content.method.name,
        inputs=result.inputs,
        knowledge=None if content.knowledge is msgspec.UNSET else msgspec.to_builtins(content.knowledge),
        confidence=None if content.confidence is msgspec.UNSET else msgspec.to_builtins(content.confidence),
    )


def _section(out: Out, title: str, lines: tuple[str, ...] | list[str]) -> None:
    if lines:
        out.line()
        out.line(title)
        for line in lines:
            out.line(f"- {line}", 2)


def _tell_asks(out: Out, content: Assess, case: str) -> None:
    from comity.weighing.shown import request_command

    if not content.questions:
        return
    names = {one.id: one.name for one in content.hypotheses}
    questions = {one.item.id: one for one in content.questions}
    out.line()
    out.line("What to ask next, the most telling first")
    for number, worth in enumerate(content.result.worth, 1):
        question = questions[worth.question]
        command = request_command(question, case)
        out.line(f"{number}. {question.item.text}", 2)
        out.line(_worth(worth, names), 5)
        out.line(command, 5)
        out.object(
            "ask",
            question=worth.question,
            text=question.item.text,
            command=command,
            **{k: v for k, v in msgspec.to_builtins(worth).items() if k != "question"},
        )


def _worth(worth: Worth | Asked, names: dict[str, str]) -> str:
    from comity.weighing.shown import called

    return (
        f"{worth.microbits / 1_000_000:.3f} bits; yes ({worth.yes / 10_000:.1f} %): "
        f"{called(worth.leader_yes, names)} {worth.posterior_yes / 10_000:.1f} %; no: "
        f"{called(worth.leader_no, names)} {worth.posterior_no / 10_000:.1f} %"
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
