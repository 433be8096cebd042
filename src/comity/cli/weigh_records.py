"""``comity weigh show``, ``check`` and ``compare``: assessments that were signed, and files beside them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from comity.cli.options import case_option, choose_case, home_option, open_home
from comity.cli.output import Out, count, speaks
from comity.cli.weigh import (
    WORDS,
    assess_file,
    knowledge_option,
    load_knowledge,
    member_names,
    words_option,
)
from comity.errors import NotVerified, Refused

if TYPE_CHECKING:
    from comity.case.state import Accepted
    from comity.exchange.node import Node
    from comity.records.kinds import Assess
    from comity.weighing.checked import Checked
    from comity.weighing.compare import Difference
    from comity.weighing.likelihood_words import Wording
    from comity.weighing.shown import Assessed


def find_assessment(node: Node, case: str, text: str) -> tuple[Accepted, Assess]:
    """A signed assessment of the case by the beginning of its id; ``Refused`` where it is another kind."""
    from comity.exchange import acts
    from comity.records import kinds

    state = node.state(case)
    record = state.accepted[acts.find_record(state, text)]
    if not isinstance(record.content, kinds.Assess):
        raise Refused("weighing.record", text, f"is {record.frame.kind}, not assessment.make")
    return record, record.content


@click.command(name="show")
@click.argument("record", metavar="RECORD")
@words_option
@case_option
@home_option
@speaks("assessment and ask as comity weigh; signed (record, author, at, readers).")
def show_command(out: Out, record: str, words: str | None, case_text: str, home: Path | None) -> int:
    """Read a signed assessment as its author stated it, with its limits. Where its
    inputs do not give the stated figures, that is said first, with what they give.
    """
    from comity.cli.weigh_told import tell_assessment
    from comity.weighing.asked_already import tell_asked
    from comity.weighing.checked import check_figures
    from comity.weighing.in_the_case import call_by_id

    node = open_home(home).node
    case = choose_case(node, case_text)
    signed, content = find_assessment(node, case, record)
    readers = sorted(node.state(case).audiences[signed.id] - {signed.author})
    named = ", ".join("the public" if one == "public" else node.name_of(one) for one in readers)
    out.line(f"assessment {signed.id[:12]} by {node.name_of(signed.author)}, for {named or 'its author'}")
    out.object("signed", record=signed.id, author=signed.author, at=signed.frame.at, readers=readers)
    checked = check_figures(content)
    tell_assessment(
        out,
        content,
        case=case,
        record=signed.id,
        shown=_shown(node, case, signed, content, checked, WORDS[words] if words else None),
        computed=checked.computed,
        asked=partial(tell_asked, node.state(case), call=call_by_id),
    )
    out.line()
    out.line(f"As its author states it; {_again(content, checked)}.")
    return 0


def _shown(
    node: Node,
    case: str,
    signed: Accepted,
    content: Assess,
    checked: Checked,
    wording: Wording | None = None,
) -> Assessed:
    """A signed assessment as the case gives it to be shown."""
    from comity.weighing.in_the_case import call_by_id, show_in_case

    return show_in_case(
        content,
        checked,
        node.state(case),
        signed.author,
        call_by_id,
        record=signed.id,
        wording=wording,
        parties=member_names(node, case),
    )


def _again(content: Assess, checked: Checked) -> str:
    """What computing it again gives, where that takes no time and can be done here."""
    from comity.weighing.effort import size_of

    told = "comity weigh check computes it again"
    match checked.cause:
        case "size":
            return f"not computed again here ({size_of(content)} take long): {told}"
        case "package":
            return told
        case "refused":
            return f"its figures cannot be computed again: {checked.why}"
    if checked.differs:
        return f"COMPUTED AGAIN, ITS FIGURES DIFFER: {', '.join(checked.differs[:6])}"
    return "computed again here, every figure came out the same within 2 ppm"


@click.command(name="check")
@click.argument("record", metavar="RECORD")
@knowledge_option
@case_option
@home_option
@speaks("checked (record, inputs, result, knowledge, figures).")
def check_command(out: Out, record: str, knowledge: str, case_text: str, home: Path | None) -> int:
    """Compute a signed assessment again from its own inputs. It is reproduced where the
    inputs have the same digest and every figure is within 2 parts per million. With
    --knowledge, also check that the likelihoods it quotes are what those reports give.
    """
    source = load_knowledge(knowledge)
    from comity.weighing.recompute import recompute
    from comity.weighing.sources import misquoted

    node = open_home(home).node
    case = choose_case(node, case_text)
    signed, content = find_assessment(node, case, record)
    again = recompute(content)
    where = signed.id[:12]
    if again.differs:
        why = f"computed again, these figures differ: {', '.join(again.differs[:12])}"
        raise NotVerified("weighing.differs", where, why)
    quotes = "not checked"
    if source is not None:
        stated = getattr(content.knowledge, "digest", "")
        if stated != source.profiles.digest:
            why = (
                f"the record names {stated[:16] or 'no'} knowledge; at hand is {source.profiles.digest[:16]}…"
            )
            raise Refused("weighing.knowledge", where, why)
        if wrong := misquoted(source, content):
            why = f"these reports say something else about: {', '.join(wrong[:12])}"
            raise NotVerified("weighing.misquoted", where, why)
        quotes = "as these reports give them"
    figures = 4 * len(content.result.standings) + len(content.result.drivers) + 3 * len(content.result.worth)
    out.line(f"{where}: reproduced. Same inputs digest; {count(figures, 'figure')} within 2 ppm.")
    out.line(f"Likelihoods from reports: {quotes}. Whether the judgements are right, no computation says.")
    out.object(
        "checked",
        record=signed.id,
        inputs=content.result.inputs,
        result="reproduced",
        knowledge=quotes,
        figures=figures,
    )
    return 0


@click.command(name="compare")
@click.argument("first", metavar="RECORD|FILE")
@click.argument("second", metavar="RECORD|FILE")
@knowledge_option
@case_option
@home_option
@speaks(
    "side (side, headline, why, beside, warnings, limits); difference (part, id, side, fields, hypothesis, "
    "before, after, answer_before, answer_after, leader_after, first, second); compared (differences)."
)
def compare_command(
    out: Out, first: str, second: str, knowledge: str, case_text: str, home: Path | None
) -> int:
    """Hold two assessments side by side, judgement by judgement: what differs, and what
    the first would say if it took over that one thing from the second, all else its own.
    The grade of a source is one judgement, whatever it tells.
    """
    load_knowledge("")
    from comity.weighing.differing import by_effect
    from comity.weighing.recompute import compare_records

    read = [_read(text, knowledge, case_text, home) for text in (first, second)]
    contents = [content for content, _ in read]
    found = compare_records(*contents)
    if not found:
        out.line("No difference: the same hypotheses, judgements, settings and knowledge.")
    else:
        sides = [shown for _, shown in read]
        for name, shown in zip(("first", "second"), sides, strict=True):
            _tell_headline(out, name, shown)
        out.line("What the leader of the first would have, if the first took over one thing alone:")
        for each in by_effect(found):
            _tell_difference(out, each, contents[0], contents[1])
        _tell_limits(out, sides)
    out.object("compared", differences=len(found))
    return 0


def _read(text: str, knowledge: str, case_text: str, home: Path | None) -> tuple[Assess, Assessed]:
    """An assessment, and how it is shown: one of a case is computed again, and stands in its case."""
    from comity.weighing.checked import check_figures
    from comity.weighing.shown import show

    if Path(text).is_file():
        content = assess_file(Path(text), knowledge)
        return content, show(content)
    node = open_home(home).node
    case = choose_case(node, case_text)
    signed, content = find_assessment(node, case, text)
    return content, _shown(node, case, signed, content, check_figures(content))


def _tell_headline(out: Out, name: str, shown: Assessed) -> None:
    """What one of the two answers, with everything to take care of and the limits of its figures."""
    out.line(f"{name}: {shown.headline}. {shown.why}")
    for line in (*shown.beside, *shown.warnings):
        out.line(f"take care: {line}", 2)
    out.object(
        "side",
        side=name,
        headline=shown.headline,
        why=shown.why,
        beside=list(shown.beside),
        warnings=list(shown.warnings),
        limits=list(shown.limits),
    )


def _tell_limits(out: Out, sides: Iterable[Assessed]) -> None:
    out.line()
    out.line("Limits of these figures")
    for line in dict.fromkeys(line for shown in sides for line in shown.limits):
        out.line(f"- {line}", 2)


def _tell_difference(out: Out, each: Difference, first: Assess, second: Assess) -> None:
    from comity.weighing.differing import tell_effect, tell_sides, tell_thing

    here, there = tell_sides(each, first, second)
    side = "" if each.side == "both" else f", only in the {each.side}"
    out.line(f"{tell_thing(each)}{side}: {tell_effect(each)}", 2)
    if here or there:
        out.line(f"first:  {here or '–'}", 6)
        out.line(f"second: {there or '–'}", 6)
    out.object("difference", **asdict(each), first=here, second=there)
