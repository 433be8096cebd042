"""``comity case close``, ``case reopen``: one party's word on whether a case is over."""

from __future__ import annotations

from pathlib import Path

import click

from comity.cli.options import case_option, choose_case, home_option, open_home
from comity.cli.output import Out, speaks


@click.command(name="close")
@click.option(
    "--outcome",
    type=click.Choice(["settled", "not-settled", "moved"]),
    required=True,
    help="How it ends, as you see it.",
)
@click.option("--text", required=True, help="What you say of it.")
@click.option("--moved", default="", metavar="CASE", help="The case in which it goes on (its whole id).")
@case_option
@home_option
@speaks("record (kind, id, case, outcome).")
def close_command(out: Out, outcome: str, text: str, moved: str, case_text: str, home: Path | None) -> int:
    """Say that you consider the case closed. It is your word alone: it stops no clock,
    refuses no record and speaks for nobody else. What comes after it is shown.
    """
    from comity.cli.record_told import tell_record
    from comity.exchange import acts_of_procedure as acts
    from comity.records.kinds_of_procedure import Close

    node = open_home(home).node
    case = choose_case(node, case_text)
    content = Close(outcome=outcome, text=text, moved=moved)  # type: ignore[arg-type]  # click.Choice
    tell_record(out, node, case, acts.close_case(node, case, content).value.id, outcome=outcome)
    return 0


@click.command(name="reopen")
@click.option("--text", required=True, help="Why you take it up again.")
@case_option
@home_option
@speaks("record (kind, id, case, outcome).")
def reopen_command(out: Out, text: str, case_text: str, home: Path | None) -> int:
    """Take up again a case that you closed. The closing stays."""
    from comity.cli.record_told import tell_record
    from comity.exchange import acts_of_procedure as acts
    from comity.records.kinds_of_procedure import Close

    node = open_home(home).node
    case = choose_case(node, case_text)
    earlier = acts.newest_closing(node.state(case), node.party.id)
    content = Close(outcome="reopened", text=text, reopens=earlier)
    tell_record(out, node, case, acts.close_case(node, case, content).value.id, outcome="reopened")
    return 0
