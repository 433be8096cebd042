"""``comity statement``: what a party says to everybody, alone or with others, and its corrections."""

from __future__ import annotations

from pathlib import Path

import click

from comity.cli.asserted import warn_of_versions
from comity.cli.lint import warn_of_wording
from comity.cli.listing import Listing
from comity.cli.options import (
    case_option,
    choose_case,
    find_parties,
    home_option,
    marking_option,
    open_home,
    read_pairs,
    to_option,
)
from comity.cli.output import Out, speaks
from comity.cli.record_told import tell_record
from comity.cli.spoken import SpokenSupport, make_supports
from comity.cli.written import STATEMENT_EXAMPLE, WrittenStatement, read_written

BASES = click.Choice(["own-evidence", "reviewed", "trust", "undeclared"])


@click.group(name="statement", cls=Listing)
def statement_command() -> None:
    """Publish statements whose sentences lead to what stands behind them, join those of
    others on a basis of your own, and correct your own: both texts stay.
    """


@statement_command.command(name="publish", epilog=STATEMENT_EXAMPLE)
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--draft", is_flag=True, help="A draft, for others to join or decline.")
@click.option("--with", "parties", multiple=True, metavar="PARTY", help="Asked to join it; repeatable.")
@click.option("--before", default="", metavar="RECORD", help="The version that this one follows.")
@click.option(
    "--without-notice", default="", metavar="REASON", help="Why a party it names was not told before."
)
@case_option
@home_option
@marking_option
@to_option
@speaks("record (kind, id, case, status, sentences, untied).")
def publish_command(
    out: Out,
    path: Path,
    draft: bool,
    parties: tuple[str, ...],
    before: str,
    without_notice: str,
    case_text: str,
    home: Path | None,
    to: tuple[str, ...],
) -> int:
    """Publish a statement to the members, or with --to public to everybody. A sentence
    that names no assertion is shown as tied to nothing.
    """
    from comity.exchange import acts
    from comity.exchange import acts_of_procedure as procedure
    from comity.records.kinds_of_statements import Announce, Sentence

    written = read_written(path, WrittenStatement)
    node = open_home(home).node
    case = choose_case(node, case_text)
    state = node.state(case)
    sentences = tuple(
        Sentence(text=s.text, assertions=tuple(acts.find_target(state, a) for a in s.assertions))
        for s in written.sentences
    )
    content = Announce(
        title=written.title,
        status="draft" if draft else "final",
        sentences=sentences,
        language=written.language,
        before=acts.find_record(state, before) if before else "",
        parties=tuple(sorted(find_parties(node, parties))),
        without_notice=without_notice,
    )
    warn_of_wording(out, [(f"sentence {n}", s.text) for n, s in enumerate(sentences, 1)], written.language)
    warn_of_versions(out, state, [target for s in sentences for target in s.assertions])
    untied = [n + 1 for n, s in enumerate(sentences) if not s.assertions]
    signed = procedure.announce(node, case, content, to=find_parties(node, to))
    tell_record(
        out, node, case, signed.value.id, status=content.status, sentences=len(sentences), untied=untied
    )
    if untied:
        out.line(f"tied to no assertion: sentence {', '.join(map(str, untied))}")
    return 0


@statement_command.command(name="join")
@click.argument("statement", metavar="RECORD")
@click.option("--basis", type=BASES, required=True, help="What you rest it on.")
@click.option("--support", multiple=True, metavar="RECORD=INFERENCE", help="A finding or item; repeatable.")
@click.option("--except", "reservations", multiple=True, metavar="N=WHY", help="A sentence you do not join.")
@case_option
@home_option
@marking_option
@speaks("record (kind, id, case, answer, basis).")
def join_command(
    out: Out,
    statement: str,
    basis: str,
    support: tuple[str, ...],
    reservations: tuple[str, ...],
    case_text: str,
    home: Path | None,
) -> int:
    """Join one version of a statement that asks you to, on a basis of your own. A later
    version needs your word again.
    """
    from comity.exchange import acts
    from comity.exchange import acts_of_procedure as procedure
    from comity.records.kinds_of_statements import Join, Reservation

    node = open_home(home).node
    case = choose_case(node, case_text)
    state = node.state(case)
    excepted = [(read_number(n), why) for n, why in read_pairs(reservations, "--except")]
    content = Join(
        statement=acts.find_record(state, statement),
        answer="joins",
        basis=basis,  # type: ignore[arg-type]  # click.Choice
        supports=make_supports(
            state, [SpokenSupport(record=r, inference=i) for r, i in read_pairs(support, "--support")]
        ),
        reservations=tuple(Reservation(n=n, text=why) for n, why in sorted(excepted)),
    )
    signed = procedure.join_statement(node, case, content)
    tell_record(out, node, case, signed.value.id, answer="joins", basis=basis)
    return 0


def read_number(text: str) -> int:
    """A number of a sentence, counted from 1, as the wire counts it (from 0)."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 1000):
        raise click.BadParameter(f"{text!r} is no number of a sentence, counted from 1")
    return int(text) - 1


@statement_command.command(name="decline")
@click.argument("statement", metavar="RECORD")
@click.option("--reason", required=True, help="Why you do not join.")
@case_option
@home_option
@marking_option
@speaks("record (kind, id, case, answer).")
def decline_command(out: Out, statement: str, reason: str, case_text: str, home: Path | None) -> int:
    """Decline to join a statement. To say nothing is neither to join nor to decline."""
    from comity.exchange import acts
    from comity.exchange import acts_of_procedure as procedure
    from comity.records.kinds_of_statements import Join

    node = open_home(home).node
    case = choose_case(node, case_text)
    record = acts.find_record(node.state(case), statement)
    signed = procedure.join_statement(node, case, Join(statement=record, answer="declines", text=reason))
    tell_record(out, node, case, signed.value.id, answer="declines")
    return 0


@statement_command.command(name="correct")
@click.argument("statement", metavar="RECORD")
@click.option("--sentence", "texts", multiple=True, metavar="N=TEXT", help="The sentence as it now reads.")
@click.option("--take-back", "gone", multiple=True, metavar="N", help="A sentence you no longer say.")
@click.option("--reason", required=True, help="Why.")
@case_option
@home_option
@marking_option
@speaks("record (kind, id, case, sentences).")
def correct_command(
    out: Out,
    statement: str,
    texts: tuple[str, ...],
    gone: tuple[str, ...],
    reason: str,
    case_text: str,
    home: Path | None,
) -> int:
    """Correct sentences of your own statement. What was said first stays beside them;
    corrections are counted nowhere.
    """
    from comity.exchange import acts
    from comity.exchange import acts_of_procedure as procedure
    from comity.records.kinds_of_statements import Correct, Correction

    made = [Correction(n=read_number(n), text=text) for n, text in read_pairs(texts, "--sentence")]
    made += [Correction(n=read_number(n)) for n in gone]
    if not made:
        raise click.UsageError("say what changes: --sentence N=TEXT, or --take-back N")
    node = open_home(home).node
    case = choose_case(node, case_text)
    content = Correct(
        statement=acts.find_record(node.state(case), statement),
        corrections=tuple(sorted(made, key=lambda c: c.n)),
        reason=reason,
    )
    signed = procedure.correct(node, case, content)
    tell_record(out, node, case, signed.value.id, sentences=len(made))
    return 0
