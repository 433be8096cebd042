"""``comity amend``, ``extend``: own assertions in other words, and more time for a request."""

from __future__ import annotations

from pathlib import Path

import click

from comity.cli.options import case_option, choose_case, home_option, marking_option, open_home, read_instant
from comity.cli.output import Out, speaks
from comity.cli.record_told import tell_record
from comity.cli.spoken import make_assertions, read_spoken


@click.command(name="amend")
@click.argument("target", metavar="RECORD[#N,…]")
@click.option("--text", default="", help="The sentence as it now reads; all else stays as it was.")
@click.option(
    "--file",
    "path",
    type=click.Path(path_type=Path),
    help="The assertions anew, in the order of N (see claim --help).",
)
@click.option("--reason", required=True, help="Why; everyone whom the assertion reached reads it.")
@case_option
@home_option
@marking_option
@speaks("record (kind, id, case, assertions).")
def amend_command(
    out: Out, target: str, text: str, path: Path | None, reason: str, case_text: str, home: Path | None
) -> int:
    """Say assertions of your own again in other words. The earlier version stays, with
    everything said of it; nobody's endorsement or position is carried over. A claim stays a
    claim and a denial a denial: another side is another assertion.
    """
    import msgspec

    from comity.case.judging import assertions_of
    from comity.cli.spoken import find_numbers
    from comity.exchange import acts_of_procedure as acts

    if bool(text) == (path is not None):
        raise click.UsageError("say the new version: --text for one sentence, --file for more")
    node = open_home(home).node
    case = choose_case(node, case_text)
    state = node.state(case)
    record, numbers = find_numbers(state, target)
    if path is not None:
        made = make_assertions(node, state, read_spoken(path))
    else:
        before = assertions_of(state.accepted[record].content)
        made = [msgspec.structs.replace(before[n], text=text) for n in numbers]
    if len(made) != len(numbers) or (text and len(numbers) != 1):
        raise click.UsageError(
            f"{len(made)} new versions for {len(numbers)} assertions; number them: RECORD#N,…"
        )
    signed = acts.amend(node, case, record, list(zip(numbers, made, strict=True)), reason)
    tell_record(out, node, case, signed.value.id, assertions=len(made))
    return 0


@click.command(name="extend")
@click.argument("record", metavar="RECORD")
@click.option(
    "--until", default="", metavar="INSTANT", help="Propose this instant: one later, or 72h from now."
)
@click.option("--accept", is_flag=True, help="RECORD is the other side's proposal; accept it.")
@click.option("--refuse", is_flag=True, help="RECORD is the other side's proposal; refuse it (say why).")
@click.option("--text", default="", help="Your reason.")
@case_option
@home_option
@marking_option
@speaks("record (kind, id, case, step).")
def extend_command(
    out: Out,
    record: str,
    until: str,
    accept: bool,
    refuse: bool,
    text: str,
    case_text: str,
    home: Path | None,
) -> int:
    """Ask for more time for a request, or offer it, with --until; answer the other side's
    proposal with --accept or --refuse. Accepted, the new instant is agreed; refused, both the
    proposal and the refusal are shown.
    """
    from comity.exchange import acts
    from comity.exchange import acts_of_procedure as procedure

    if bool(until) + accept + refuse != 1:
        raise click.UsageError("one of --until, --accept, --refuse")
    if refuse and not text:
        raise click.UsageError("a refusal says why: --text")
    node = open_home(home).node
    case = choose_case(node, case_text)
    found = acts.find_record(node.state(case), record)
    if until:
        due = read_instant(until, node.effects.now())
        signed = procedure.propose_time(node, case, found, due, text)
    else:
        signed = procedure.answer_time(node, case, found, accept=accept, text=text)
    step = "proposes" if until else "accepts" if accept else "refuses"
    tell_record(out, node, case, signed.value.id, step=step)
    return 0
