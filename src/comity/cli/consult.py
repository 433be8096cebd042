"""``comity consult``: a text in clauses, suggestions to it, positions on them, and what became of each."""

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
    to_option,
)
from comity.cli.output import Out, speaks
from comity.cli.record_told import tell_record
from comity.cli.written import INITIATIVE_EXAMPLE, WrittenInitiative, read_written

POSITIONS = click.Choice(["supports", "objects", "reserves", "no-view"])
OUTCOMES = click.Choice(["adopted", "adopted-in-part", "declined", "deferred"])


@click.group(name="consult", cls=Listing)
def consult_command() -> None:
    """Put a text to others clause by clause, suggest other words with a reason, take
    positions, and dispose of each suggestion with a reason. Nothing is put to a vote.
    """


@consult_command.command(name="table", epilog=INITIATIVE_EXAMPLE)
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--before", default="", metavar="RECORD", help="The version that this one follows.")
@click.option("--translates", default="", metavar="RECORD", help="The authentic text that this translates.")
@click.option("--ask", "parties", multiple=True, metavar="PARTY", help="Asked for its views; repeatable.")
@click.option("--due", default="", metavar="INSTANT", help="By when.")
@case_option
@home_option
@marking_option
@to_option
@speaks("record (kind, id, case, clauses).")
def table_command(
    out: Out,
    path: Path,
    before: str,
    translates: str,
    parties: tuple[str, ...],
    due: str,
    case_text: str,
    home: Path | None,
    to: tuple[str, ...],
) -> int:
    """Table a text, a later version of your own, or a translation of anybody's. Clauses
    keep their ids; ids of clauses that you leave out are never used again.
    """
    import msgspec

    from comity.exchange import acts
    from comity.exchange import acts_of_procedure as procedure
    from comity.records.kinds_of_consultation import Clause, Table

    if before and translates:
        raise click.UsageError("a later version, or a translation: not both")
    written = read_written(path, WrittenInitiative)
    if not written.title and not before:
        raise click.UsageError("the file names no title")
    node = open_home(home).node
    case = choose_case(node, case_text)
    state = node.state(case)
    clauses = [Clause(id=c.id, text=c.text, heading=c.heading) for c in written.clauses]
    if before:
        content = procedure.next_version(state, acts.find_record(state, before), clauses)
        content = msgspec.structs.replace(content, title=written.title or content.title, text=written.text)
    else:
        content = Table(
            title=written.title,
            clauses=tuple(clauses),
            language=written.language,
            translates=acts.find_record(state, translates) if translates else "",
            text=written.text,
        )
    if parties:
        content = msgspec.structs.replace(content, parties=tuple(sorted(set(find_parties(node, parties)))))
    if due:
        content = msgspec.structs.replace(content, due=read_instant(due, node.effects.now()))
    signed = procedure.table(node, case, content, to=find_parties(node, to))
    tell_record(out, node, case, signed.value.id, clauses=len(clauses))
    return 0


@consult_command.command(name="suggest")
@click.argument("initiative", metavar="RECORD")
@click.option("--clause", required=True, metavar="ID", help="The clause; with --adds, the one it follows.")
@click.option("--old", default="", help="Words that stand once in the clause.")
@click.option("--new", default="", help="The words in their place; none takes them out.")
@click.option("--adds", default="", metavar="ID", help="Add a clause under this id instead.")
@click.option("--reason", required=True, help="Why.")
@case_option
@home_option
@marking_option
@speaks("record (kind, id, case, clause).")
def suggest_command(
    out: Out,
    initiative: str,
    clause: str,
    old: str,
    new: str,
    adds: str,
    reason: str,
    case_text: str,
    home: Path | None,
) -> int:
    """Suggest other words for a clause, or another clause, with your reason."""
    from comity.exchange import acts
    from comity.exchange import acts_of_procedure as procedure
    from comity.records.kinds_of_consultation import Suggest

    node = open_home(home).node
    case = choose_case(node, case_text)
    record = acts.find_record(node.state(case), initiative)
    content = Suggest(initiative=record, clause=clause, old=old, new=new, adds=adds, reason=reason)
    tell_record(out, node, case, procedure.suggest(node, case, content).value.id, clause=adds or clause)
    return 0


@consult_command.command(name="position")
@click.argument("suggestion", metavar="RECORD")
@click.argument("position", type=POSITIONS)
@click.option("--reasons", default="", help="Why; without, that is shown.")
@case_option
@home_option
@marking_option
@speaks("record (kind, id, case, position).")
def position_command(
    out: Out, suggestion: str, position: str, reasons: str, case_text: str, home: Path | None
) -> int:
    """Support another party's suggestion, object, reserve, or say that you have no view."""
    from comity.exchange import acts
    from comity.exchange import acts_of_procedure as procedure
    from comity.records.kinds_of_consultation import TakePosition

    node = open_home(home).node
    case = choose_case(node, case_text)
    content = TakePosition(
        suggestion=acts.find_record(node.state(case), suggestion),
        position=position,  # type: ignore[arg-type]  # click.Choice
        reasons=reasons,
    )
    tell_record(out, node, case, procedure.take_position(node, case, content).value.id, position=position)
    return 0


@consult_command.command(name="dispose")
@click.argument("suggestion", metavar="RECORD")
@click.argument("outcome", type=OUTCOMES)
@click.option("--reason", required=True, help="Why.")
@click.option("--version", default="", metavar="RECORD", help="Your version that takes it up.")
@case_option
@home_option
@marking_option
@speaks("record (kind, id, case, outcome).")
def dispose_command(
    out: Out, suggestion: str, outcome: str, reason: str, version: str, case_text: str, home: Path | None
) -> int:
    """Say what becomes of a suggestion to your text, with the reason."""
    from comity.exchange import acts
    from comity.exchange import acts_of_procedure as procedure
    from comity.records.kinds_of_consultation import Dispose

    node = open_home(home).node
    case = choose_case(node, case_text)
    state = node.state(case)
    content = Dispose(
        suggestion=acts.find_record(state, suggestion),
        outcome=outcome,  # type: ignore[arg-type]  # click.Choice
        reason=reason,
        version=acts.find_record(state, version) if version else "",
    )
    tell_record(out, node, case, procedure.dispose(node, case, content).value.id, outcome=outcome)
    return 0
