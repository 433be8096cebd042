"""``comity acknowledge``, ``request``, ``answer``: what goes to and fro, with its clocks."""

from __future__ import annotations

from pathlib import Path

import click

from comity.cli.options import (
    case_option,
    choose_case,
    home_option,
    marking_option,
    open_home,
    read_instant,
    read_pairs,
)
from comity.cli.output import Out, speaks
from comity.cli.record_told import tell_record
from comity.cli.templates import find_template, instrument_of


@click.command(name="acknowledge")
@click.argument("notice", metavar="RECORD")
@click.option("--text", default="", help="Words of your own, if you wish.")
@case_option
@home_option
@marking_option
@speaks("record (kind, id, case).")
def acknowledge_command(out: Out, notice: str, text: str, case_text: str, home: Path | None) -> int:
    """Confirm, as an officer, having read a notice. It accepts no fact, no procedure and
    no jurisdiction. (That a message arrived is confirmed automatically.)
    """
    from comity.exchange import acts

    node = open_home(home).node
    case = choose_case(node, case_text)
    record = acts.find_record(node.state(case), notice)
    tell_record(out, node, case, acts.acknowledge(node, case, record, text).value.id)
    return 0


@click.command(name="request")
@click.argument("party", metavar="PARTY")
@click.option(
    "--type",
    "kind",
    type=click.Choice(["evidence", "clarify", "preserve", "assist", "consult"]),
    default=None,
    help="What is asked for (default evidence, or as the template says).",
)
@click.option("--text", default="", help="What you ask, in your own words; or --template.")
@click.option(
    "--template",
    default="",
    metavar="NAME",
    help="A beginning to fill in (comity templates), or a file of your own.",
)
@click.option("--fill", multiple=True, metavar="BLANK=WORDS", help="A blank of the template; repeatable.")
@click.option("--language", default="en", metavar="LL", help="The template's language (default en).")
@click.option(
    "--due", required=True, metavar="INSTANT", help="By when: 2026-10-20T12:00:00Z, or 72h from now."
)
@click.option(
    "--instrument", default="", metavar="WORDS", help="What you say the time follows from (comity law list)."
)
@click.option("--about", default="", metavar="RECORD#N", help="The assertion it is about.")
@click.option(
    "--item", "items", multiple=True, metavar="RECORD", help="A finding or sealed item asked for; repeatable."
)
@click.option(
    "--level", "levels", multiple=True, type=click.Choice(["rows", "whole"]), help="How much of each item."
)
@case_option
@home_option
@marking_option
@speaks("record (kind, id, case, due).")
def request_command(
    out: Out,
    party: str,
    kind: str | None,
    text: str,
    template: str,
    fill: tuple[str, ...],
    language: str,
    due: str,
    instrument: str,
    about: str,
    items: tuple[str, ...],
    levels: tuple[str, ...],
    case_text: str,
    home: Path | None,
) -> int:
    """Ask a party for something by an instant. The clock is one you ask for; it binds
    only once the other side agrees to it. No answer is never an admission.
    """
    import msgspec

    from comity.exchange import acts
    from comity.records import kinds

    if bool(text) == bool(template):
        raise click.UsageError("what you ask: --text in your own words, or --template with --fill")
    if template:
        found = find_template(template)
        text, kind = found.fill(language, dict(read_pairs(fill, "--fill"))), kind or found.type
        instrument = instrument or instrument_of(found)
    node = open_home(home).node
    case = choose_case(node, case_text)
    state = node.state(case)
    instant = read_instant(due, node.effects.now())
    content = kinds.Request(
        to=node.find_party(party).id,
        type=kind or "evidence",  # type: ignore[arg-type]  # click.Choice
        text=text,
        due=instant,
        about=acts.find_target(state, about) if about else msgspec.UNSET,
        items=tuple(acts.find_record(state, item) for item in items),
        levels=levels,  # type: ignore[arg-type]
        instrument=instrument,
    )
    tell_record(out, node, case, acts.request(node, case, content).value.id, due=instant)
    return 0


@click.command(name="answer")
@click.argument("request", metavar="RECORD")
@click.option("--accept", is_flag=True, help="Accept it.")
@click.option("--agree", is_flag=True, help="Accept it, and agree to the clock that was asked for.")
@click.option("--refuse", default="", metavar="GROUND", help="Refuse it, on this ground.")
@click.option("--clarify", is_flag=True, help="Ask back (say what with --text).")
@click.option(
    "--fulfil", "fulfils", multiple=True, metavar="RECORD", help="Your record that fulfils it; repeatable."
)
@click.option("--partial", is_flag=True, help="What --fulfil names is a part only.")
@click.option("--due", default="", metavar="INSTANT", help="Propose another instant instead.")
@click.option("--text", default="", help="Words of your own.")
@case_option
@home_option
@marking_option
@speaks("record (kind, id, case, disposition).")
def answer_command(
    out: Out,
    request: str,
    accept: bool,
    agree: bool,
    refuse: str,
    clarify: bool,
    fulfils: tuple[str, ...],
    partial: bool,
    due: str,
    text: str,
    case_text: str,
    home: Path | None,
) -> int:
    """Answer a request addressed to you: accept it, refuse it on a ground, ask back, or
    name your records that fulfil it. Only --agree makes its clock an agreed one.
    """
    from comity.exchange import acts
    from comity.records import kinds

    chosen = [
        name
        for name, given in (
            ("refused", bool(refuse)),
            ("clarify", clarify),
            ("partial" if partial else "fulfilled", bool(fulfils) or partial),
            ("accepted", accept or agree or bool(due)),
        )
        if given
    ]
    if len(chosen) != 1 and not (
        set(chosen) <= {"fulfilled", "partial", "accepted"} and chosen and not accept
    ):
        raise click.UsageError("one answer: --accept or --agree, --refuse, --clarify, or --fulfil")
    if agree and due:
        raise click.UsageError("either agree to the clock, or propose another")
    node = open_home(home).node
    case = choose_case(node, case_text)
    state = node.state(case)
    record = acts.find_record(state, request)
    asked = state.accepted[record].content
    instant = read_instant(due, node.effects.now()) if due else ""
    content = kinds.Answer(
        request=record,
        disposition=chosen[0],  # type: ignore[arg-type]
        text=text,
        ground=refuse,
        agrees=asked.due if agree and isinstance(asked, kinds.Request) else "",
        due=instant,
        fulfils=tuple(sorted(acts.find_record(state, one) for one in fulfils)),
    )
    tell_record(out, node, case, acts.answer(node, case, content).value.id, disposition=chosen[0])
    return 0
