"""``comity disclose`` and ``replicate``: showing evidence, and running another's finding again."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import click

from comity.cli.approve import approve_command, approver_key_command, approvers_command
from comity.cli.disclosed import LINES, accept_command, open_command, seen_command
from comity.cli.inputs import read_file
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
    read_rows,
    read_zone,
)
from comity.cli.output import Out, count, plain, ranges_text, speaks
from comity.cli.record_told import tell_record
from comity.errors import Refused

if TYPE_CHECKING:
    from comity.case.state import State
    from comity.exchange.disclosing import Chosen
    from comity.exchange.node import Node
    from comity.records import kinds


Consent = Literal["own", "given", "not-needed", "not-asked"]


class Disclosing(Listing):
    """A group whose first command is also meant where none is named: ``comity disclose SEAL``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As every group, with ``send`` put in where the first word is no command."""
        if args and args[0] not in (*self.commands, "-h", "--help"):
            args = ["send", *args]
        return super().parse_args(ctx, args)


@click.group(name="disclose", cls=Disclosing)
def disclose_command() -> None:
    """Show rows with their proofs, or hand over a whole item; accept and open what was shown.

    ``comity disclose SEAL …`` is ``comity disclose send SEAL …``.
    """


for command in (
    accept_command,
    open_command,
    seen_command,
    approver_key_command,
    approvers_command,
    approve_command,
):
    disclose_command.add_command(command)


@disclose_command.command(name="send")
@click.argument("seal", metavar="RECORD")
@click.option("--rows", default="", metavar="3,7-9", help="These rows, with their proofs.")
@click.option("--finding", default="", metavar="RECORD", help="The rows that this finding of yours matched.")
@click.option(
    "--where",
    "fields",
    multiple=True,
    metavar="FIELD=VALUE",
    help="The rows in which the field has this value; with several, all of them.",
)
@click.option(
    "--text",
    "texts",
    multiple=True,
    metavar="TEXT",
    help="The rows in which the text occurs; with several, all.",
)
@click.option("--whole", is_flag=True, help="The whole item, with the key that opens every row.")
@click.option(
    "--commitment", is_flag=True, help="The seal only: that the item exists, its size and root; no row."
)
@click.option("--to", multiple=True, metavar="PARTY", help="To whom (or: public); repeatable.")
@click.option(
    "--use",
    type=click.Choice(["information", "defence", "proceedings"]),
    default="information",
    help="What they may use it for (default information).",
)
@click.option("--basis", default="", help="On what legal or other basis you disclose it.")
@click.option(
    "--onward",
    type=click.Choice(["no", "ask", "yes"]),
    default="no",
    help="May they pass it on (default no).",
)
@click.option(
    "--consent",
    type=click.Choice(["own", "given", "not-needed", "not-asked"]),
    default=None,
    help="Whose information it is: your own (default), or how the originator's consent stands.",
)
@click.option("--originator", default="", metavar="NAME", help="Whose information it is, if not your own.")
@click.option("--why", default="", help="How the originator consented, or why not.")
@click.option("--accept", is_flag=True, help="They accept these terms first; until then nothing is sent.")
@click.option(
    "--k", default=5, type=click.IntRange(1, 10_000), help="Warn of values in fewer rows (default 5)."
)
@click.option("--diff", is_flag=True, help="Only show what would leave and what stays; sign nothing.")
@click.option("--understood", is_flag=True, help="You have seen the warnings; do not ask.")
@click.option(
    "--propose",
    "proposal",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Sign nothing: write a proposal for those who approve it.",
)
@click.option(
    "--approved",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Sign what this proposal says, with the approvals in it.",
)
@case_option
@home_option
@marking_option
@speaks(
    "record (kind, id, case, level, rows), or proposal (file, rows); with --diff: row (index, text), rest "
    "(leaves, stays, of); rare (column, rows, fewest, warns)."
)
def send_command(
    out: Out,
    seal: str,
    rows: str,
    finding: str,
    fields: tuple[str, ...],
    texts: tuple[str, ...],
    whole: bool,
    commitment: bool,
    to: tuple[str, ...],
    use: str,
    basis: str,
    onward: str,
    consent: str | None,
    originator: str,
    why: str,
    accept: bool,
    k: int,
    diff: bool,
    understood: bool,
    proposal: Path | None,
    approved: Path | None,
    case_text: str,
    home: Path | None,
) -> int:
    """Show some rows of a sealed item, or hand over all of it, to parties of the case.

    RECORD is the seal. Rows travel with proofs that they are in the sealed item at
    these numbers (and with the row that names their columns); the item's key stays
    here. --whole gives the key away, and with it every row, for good. Values that few
    rows have are named before anything is signed: they can point at a person or a
    source.
    """
    from comity.exchange import acts, disclosing, evidence, handing_over
    from comity.exchange.findings import reported_at, rows_matched

    chosen = sum((bool(rows), bool(finding), bool(fields or texts), whole, commitment, approved is not None))
    if chosen != 1:
        ways = "--rows, --finding, --where and --text, --whole, --commitment or --approved"
        raise click.UsageError(f"how much: {ways}{'; one of them, not several' if chosen else ''}")
    if not to and not diff and approved is None:
        raise click.UsageError("say to whom: --to")
    if not basis and not commitment and approved is None and not diff:
        raise click.UsageError("say on what basis: --basis")
    node = open_home(home).node
    case = choose_case(node, case_text)
    state = node.state(case)
    record = acts.find_record(state, seal)
    readers = find_parties(node, to)
    if commitment:
        _, sealed = evidence.sealed_at(node, case, record)
        out.line(f"the commitment only: {sealed.item.size - 1} rows, root {sealed.item.root[:16]}…; no row")
        granted = acts.grant(node, case, [record], readers)
        tell_record(out, node, case, granted.value.id, level="commitment", rows=[])
        return 0
    if approved is not None:
        content = _read_approved(node, case, record, approved)
        return _send(out, node, case, record, content)
    _, sealed = evidence.sealed_at(node, case, record)
    numbers: list[int] = []
    if rows:
        numbers = read_rows(rows)
    elif finding:
        numbers = rows_matched(reported_at(state, acts.find_record(state, finding)))
    elif not whole:
        pairs = read_pairs(fields, "--where")
        numbers = disclosing.find_rows(node, sealed.item.root, pairs, texts)
        if not numbers:
            raise Refused("disclose.rows", record[:12], "no row is so")
    if not whole:
        looked = disclosing.look_at_rows(node, sealed.item.root, numbers, k)
        if diff:
            _tell_difference(out, looked)
        _tell_rare(out, looked, understood)
        if diff:
            return 0
        if looked.looked.warnings and not understood:
            _ask_whether(len(looked.looked.warnings), k)
    elif diff:
        out.line(f"every row leaves, {sealed.item.size - 1} of them, and the key; none stays")
        out.object("rest", leaves=sealed.item.size - 1, stays=0, of=sealed.item.size - 1)
        return 0
    terms = _read_terms(consent, originator, why, accept, _states_terms(state))
    common = {"to": readers, "use": use, "basis": basis, "onward": onward, "terms": terms}
    if whole:
        content = handing_over.draft_whole(node, case, record, **common)  # type: ignore[arg-type]
    else:
        content = handing_over.draft_rows(node, case, record, numbers, **common)  # type: ignore[arg-type]
    if proposal is not None:
        raw = disclosing.render_proposal(case, node.party.id, record, content)
        proposal.write_bytes(raw)
        out.line(
            f"{plain(str(proposal))}: proposed, not signed; comity disclose approve {plain(str(proposal))}"
        )
        out.object("proposal", file=str(proposal), rows=[list(each) for each in content.rows])
        return 0
    return _send(out, node, case, record, content)


def _send(out: Out, node: Node, case: str, seal: str, content: kinds.Disclose) -> int:
    from comity.exchange import handing_over

    signed = handing_over.send_disclosure(node, case, seal, content)
    if content.level == "rows":
        out.line(f"rows {ranges_text(content.rows)}")
    rows = [list(each) for each in content.rows]
    tell_record(out, node, case, signed.value.id, level=content.level, rows=rows)
    return 0


def _read_approved(node: Node, case: str, seal: str, path: Path) -> kinds.Disclose:
    """The content of an approved proposal, if it is one of this case, seal and author."""
    from comity.exchange import disclosing

    of_case, author, of_seal, content = disclosing.parse_proposal(read_file(path, 1 << 24), str(path))
    if (of_case, author, of_seal) != (case, node.party.id, seal):
        raise Refused("proposal.other", str(path), "is of another case, party or item")
    return content


def _states_terms(state: State) -> bool:
    """Whether the case was opened under rules that know whose information a disclosure is."""
    return state.opening is not None and state.opening.frame.rules > 1


def _read_terms(
    consent: str | None, originator: str, why: str, accept: bool, known: bool
) -> kinds.Terms | None:
    from comity.records import kinds

    if not known and consent is None and not originator and not why and not accept:
        return None
    stands = consent or ("not-asked" if originator else "own")
    if (stands == "own") == bool(originator):
        raise click.UsageError("--originator stands exactly where the information is not your own")
    if stands != "own" and not why:
        raise click.UsageError(f"--consent {stands}: say how or why with --why")
    return kinds.Terms(consent=cast("Consent", stands), originator=originator, why=why, accept=accept)


def _tell_difference(out: Out, chosen: Chosen) -> None:
    """What leaves, row by row, and what stays, by its count."""
    from comity.evidence.disclose import gaps_between
    from comity.evidence.parse import text_of

    for index, row in sorted(chosen.shown.items())[:LINES]:
        out.line(f"+ {index:>8}  {text_of(row.raw)[:200]}")
    for index, row in sorted(chosen.shown.items()):
        out.object("row", index=index, text=text_of(row.raw))
    if len(chosen.shown) > LINES:
        out.line(f"+ and {len(chosen.shown) - LINES:,} more")
    gaps = gaps_between([0, *chosen.numbers, chosen.looked.rows + 1])
    spans = ranges_text([(first, last - first + 1) for first, last in gaps])
    out.line(f"- {count(chosen.stay, 'row')} stay{'s' if chosen.stay == 1 else ''}: {spans or 'none'}")
    out.line(
        f"{count(len(chosen.shown), 'row')} of {chosen.looked.rows:,} leave, with the rows that name their "
        "columns; how many rows there are, and where these stand, is told too"
    )
    out.object("rest", leaves=len(chosen.shown), stays=chosen.stay, of=chosen.looked.rows)


def _tell_rare(out: Out, chosen: Chosen, understood: bool) -> None:
    """Which columns have values that point at few rows; not again where that was understood."""
    for column in chosen.looked.columns:
        out.object(
            "rare", column=column.column, rows=list(column.rows), fewest=column.fewest, warns=column.warns
        )
    for column in () if understood else chosen.looked.warnings:
        what = " and is an address" if column.address else ""
        rows = ranges_text([(n, 1) for n in column.rows], 6)
        fewest = count(column.fewest, "row")
        out.warn(
            f"{column.column}: a value stands in only {fewest} of {chosen.looked.rows:,}{what} (rows {rows})"
        )


def _ask_whether(columns: int, k: int) -> None:
    """Ask a person; a script says --understood."""

    told = (
        f"{count(columns, 'column')} can single out a person or a source (fewer than {k} rows share a value)"
    )
    if not sys.stdin.isatty():
        raise Refused("disclose.singling", "", f"{told}; look with --diff, then say --understood")
    click.confirm(f"{told}. Disclose all the same?", abort=True, err=True)


@click.command(name="replicate")
@click.argument("finding", metavar="RECORD")
@click.option(
    "--zone", default="", metavar="+HH:MM", help="Run it with this zone instead of the one declared."
)
@click.option("--since", default="", metavar="INSTANT", help="Run it from this instant instead.")
@click.option("--until", default="", metavar="INSTANT", help="Run it until this instant instead.")
@click.option(
    "--item", "own", default="", metavar="RECORD", help="Run it over an item of your own, by your seal of it."
)
@click.option("--note", default="", help="Words of your own.")
@case_option
@home_option
@speaks(
    "record (kind, id, case, scope, verdict, cause, parts, held, left_out, partly as rows not asked "
    "whole, only_there, only_here as [rule, row], shut as [{record, code, where, why}] of "
    "packages of rows that did not open)."
)
def replicate_command(
    out: Out,
    finding: str,
    zone: str,
    since: str,
    until: str,
    own: str,
    note: str,
    case_text: str,
    home: Path | None,
) -> int:
    """Run another party's finding again, over the whole item if you hold it, else over
    the rows disclosed to you, and sign how the two compare. Agreement on shown rows
    says nothing of completeness, counts or absence. With --item, over your own copy
    of the log, sealed by you: another item, so never "same", unless you hold both
    and they are the same bytes. A package of rows that does not open is named, the
    others are run, and the exit code is 2.
    """
    from comity.cli.replicated import tell_comparison
    from comity.cli.rows_told import tell_rows
    from comity.dossier.rerun import reported
    from comity.exchange import acts
    from comity.exchange.findings import (
        find_unopened,
        find_unreceipted,
        replicate,
        reported_at,
        rows_matched,
    )
    from comity.exchange.shown import Shut
    from comity.findings.partly import read_partly

    node = open_home(home).node
    case = choose_case(node, case_text)
    state = node.state(case)
    record = acts.find_record(state, finding)
    parameters = None
    if zone or since or until:
        now = node.effects.now()
        told = reported(reported_at(state, record)).parameters
        parameters = replace(
            told,
            zone=read_zone(zone) or told.zone,
            since=read_instant(since, now) if since else told.since,
            until=read_instant(until, now) if until else told.until,
        )
    shut: Shut = {}
    tell = tell_rows(out, "running it again", reported_at(state, record).item.size - 1)
    signed, comparison = replicate(
        node,
        case,
        record,
        parameters=parameters,
        own=acts.find_record(state, own) if own else "",
        note=note,
        progress=tell,
        shut=shut,
    )
    content = node.state(case).accepted[signed.value.id].content
    names = {rule.digest: rule.name for rule in reported_at(state, record).rules}
    scope = getattr(content, "scope", "")
    named = len(rows_matched(reported_at(state, record)))
    stated = read_partly(reported_at(state, record).engine)
    for line in tell_comparison(comparison, scope, names, getattr(content, "note", ""), named, stated):
        out.line(line)
    unopened = "" if own else find_unopened(node, state, reported_at(state, record).item)
    if unopened:
        short = unopened[:12]
        out.warn(
            f"the whole item came here unopened, so it was not run: comity disclose open {short} opens it"
        )
    for brought, error in shut.items():
        out.warn(f"disclosure {brought[:12]} did not open, so its rows were not run: {error}")
    if scope == "rows" and comparison.held:
        for record_id in find_unreceipted(node, state, reported_at(state, record).item):
            short = record_id[:12]
            out.warn(
                f"rows were read that no receipt of yours tells of: comity disclose open {short} signs one"
            )
    tell_record(
        out,
        node,
        case,
        signed.value.id,
        scope=scope,
        verdict=comparison.verdict,
        cause=comparison.cause or "",
        parts=list(comparison.parts),
        held=comparison.held,
        left_out=list(comparison.left_out),
        partly=list(comparison.partly),
        only_there=[list(hit) for hit in comparison.only_there],
        only_here=[list(hit) for hit in comparison.only_here],
        shut=[
            {"record": brought, "code": error.code, "where": error.where, "why": error.why}
            for brought, error in shut.items()
        ],
    )
    return 2 if shut else 0
