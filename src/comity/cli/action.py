"""``comity action``: what parties do together against harm."""

from __future__ import annotations

from pathlib import Path

import click

from comity.cli.listing import Listing
from comity.cli.options import (
    case_option,
    choose_case,
    find_parties,
    home_option,
    marking_option,
    open_home,
    read_instant,
    read_pairs,
    to_option,
)
from comity.cli.output import Out, speaks
from comity.cli.record_told import tell_record
from comity.cli.spoken import SpokenSupport, make_supports

TYPES = click.Choice(["mitigate", "block", "takedown", "warn", "watch", "restore"])
STATUSES = click.Choice(["under-way", "done", "done-in-part", "failed", "stopped"])


@click.group(name="action", cls=Listing)
def action_command() -> None:
    """Propose actions to others, undertake or decline them, and report what was done.
    Whoever accepts an action admits nothing of what it is about.
    """


@action_command.command(name="propose")
@click.argument("parties", metavar="PARTY…", nargs=-1, required=True)
@click.option("--type", "kind", type=TYPES, required=True, help="What is to be done.")
@click.option("--text", required=True, help="What, exactly.")
@click.option("--risks", default="", help="What it may do to others.")
@click.option("--due", default="", metavar="INSTANT", help="By when, if at all.")
@click.option("--about", default="", metavar="RECORD#N", help="The assertion it is about.")
@click.option("--item", "items", multiple=True, metavar="RECORD", help="A finding or item it rests on.")
@click.option(
    "--indicator",
    "indicators",
    multiple=True,
    metavar="TYPE=VALUE",
    help="Released for defence, such as domain-name:value=a.example; repeatable.",
)
@click.option("--onward", type=click.Choice(["no", "ask", "yes"]), default="no", help="May indicators go on?")
@case_option
@home_option
@marking_option
@to_option
@speaks("record (kind, id, case, what, indicators).")
def propose_command(
    out: Out,
    parties: tuple[str, ...],
    kind: str,
    text: str,
    risks: str,
    due: str,
    about: str,
    items: tuple[str, ...],
    indicators: tuple[str, ...],
    onward: str,
    case_text: str,
    home: Path | None,
    to: tuple[str, ...],
) -> int:
    """Propose an action to other parties. Indicators in it are for defence only."""
    import msgspec

    from comity.exchange import acts
    from comity.exchange import acts_of_procedure as procedure
    from comity.records.kinds_of_actions import Indicator, Propose

    node = open_home(home).node
    case = choose_case(node, case_text)
    state = node.state(case)
    released = sorted(set(read_pairs(indicators, "--indicator")))
    content = Propose(
        to=tuple(sorted(set(find_parties(node, parties)))),
        type=kind,  # type: ignore[arg-type]  # click.Choice
        text=text,
        risks=risks,
        due=read_instant(due, node.effects.now()) if due else "",
        about=acts.find_target(state, about) if about else msgspec.UNSET,
        items=tuple(acts.find_record(state, item) for item in items),
        indicators=tuple(
            Indicator(type=type_, value=value, onward=onward)  # type: ignore[arg-type]
            for type_, value in released
        ),
    )
    signed = procedure.propose_action(node, case, content, to=find_parties(node, to))
    tell_record(out, node, case, signed.value.id, what=kind, indicators=len(released))
    return 0


@action_command.command(name="accept")
@click.argument("action", metavar="RECORD")
@click.option("--in-part", is_flag=True, help="A part of it; say which with --text.")
@click.option("--due", default="", metavar="INSTANT", help="By when you will have done it.")
@click.option("--text", default="", help="Words of your own.")
@case_option
@home_option
@marking_option
@speaks("record (kind, id, case, answer).")
def accept_command(
    out: Out, action: str, in_part: bool, due: str, text: str, case_text: str, home: Path | None
) -> int:
    """Undertake an action that was proposed to you. It admits nothing."""
    answer = "accepts-in-part" if in_part else "accepts"
    return _answer(out, action, answer, "", due, text, case_text, home)


@action_command.command(name="decline")
@click.argument("action", metavar="RECORD")
@click.option("--ground", required=True, help="On what ground.")
@click.option("--text", default="", help="Words of your own.")
@case_option
@home_option
@marking_option
@speaks("record (kind, id, case, answer).")
def decline_command(out: Out, action: str, ground: str, text: str, case_text: str, home: Path | None) -> int:
    """Decline an action, on a ground."""
    return _answer(out, action, "declines", ground, "", text, case_text, home)


def _answer(
    out: Out, action: str, answer: str, ground: str, due: str, text: str, case_text: str, home: Path | None
) -> int:
    from comity.exchange import acts
    from comity.exchange import acts_of_procedure as procedure
    from comity.records.kinds_of_actions import Accept

    node = open_home(home).node
    case = choose_case(node, case_text)
    content = Accept(
        action=acts.find_record(node.state(case), action),
        answer=answer,  # type: ignore[arg-type]  # one of three
        text=text,
        ground=ground,
        due=read_instant(due, node.effects.now()) if due else "",
    )
    tell_record(out, node, case, procedure.answer_action(node, case, content).value.id, answer=answer)
    return 0


@action_command.command(name="report")
@click.argument("action", metavar="RECORD")
@click.option("--status", type=STATUSES, required=True, help="How far it has come.")
@click.option("--done", default="", metavar="INSTANT", help="When it was done.")
@click.option("--text", default="", help="What was done.")
@click.option("--support", multiple=True, metavar="RECORD=INFERENCE", help="What shows it; repeatable.")
@case_option
@home_option
@marking_option
@speaks("record (kind, id, case, status).")
def report_command(
    out: Out,
    action: str,
    status: str,
    done: str,
    text: str,
    support: tuple[str, ...],
    case_text: str,
    home: Path | None,
) -> int:
    """Report on an action that was proposed to you, or by you."""
    from comity.exchange import acts
    from comity.exchange import acts_of_procedure as procedure
    from comity.records.kinds_of_actions import ReportAction

    node = open_home(home).node
    case = choose_case(node, case_text)
    state = node.state(case)
    content = ReportAction(
        action=acts.find_record(state, action),
        status=status,  # type: ignore[arg-type]  # click.Choice
        text=text,
        done=read_instant(done, node.effects.now()) if done else "",
        supports=make_supports(
            state, [SpokenSupport(record=r, inference=i) for r, i in read_pairs(support, "--support")]
        ),
    )
    tell_record(out, node, case, procedure.report_action(node, case, content).value.id, status=status)
    return 0
