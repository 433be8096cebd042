"""``comity disclose`` and ``replicate``: showing evidence, and running another's finding again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from comity.cli.case import tell_record
from comity.cli.options import (
    case_option,
    choose_case,
    find_parties,
    home_option,
    open_home,
    read_instant,
    read_rows,
    read_zone,
)
from comity.cli.output import Out, count, ranges_text, speaks


@click.command(name="disclose")
@click.argument("seal", metavar="RECORD")
@click.option("--rows", default="", metavar="3,7-9", help="These rows, with their proofs.")
@click.option("--finding", default="", metavar="RECORD", help="The rows that this finding of yours matched.")
@click.option("--whole", is_flag=True, help="The whole item, with the key that opens every row.")
@click.option("--to", multiple=True, required=True, metavar="PARTY", help="To whom (or: public); repeatable.")
@click.option(
    "--use",
    type=click.Choice(["information", "defence", "proceedings"]),
    default="information",
    help="What they may use it for (default information).",
)
@click.option("--basis", required=True, help="On what legal or other basis you disclose it.")
@click.option(
    "--onward",
    type=click.Choice(["no", "ask", "yes"]),
    default="no",
    help="May they pass it on (default no).",
)
@case_option
@home_option
@speaks("record (kind, id, case, level, rows).")
def disclose_command(
    out: Out,
    seal: str,
    rows: str,
    finding: str,
    whole: bool,
    to: tuple[str, ...],
    use: str,
    basis: str,
    onward: str,
    case_text: str,
    home: Path | None,
) -> int:
    """Show some rows of a sealed item, or hand over all of it, to parties of the case.

    RECORD is the seal. Rows travel with proofs that they are in the sealed item at
    these numbers (and with the row that names their columns); the item's key stays
    here. --whole gives the key away, and with it every row, for good.
    """
    from comity.exchange import acts, evidence
    from comity.exchange.findings import reported_at, rows_matched

    if sum((bool(rows), bool(finding), whole)) != 1:
        raise click.UsageError("how much: --rows, --finding or --whole")
    node = open_home(home).node
    case = choose_case(node, case_text)
    state = node.state(case)
    record = acts.find_record(state, seal)
    readers = find_parties(node, to)
    if whole:
        signed = evidence.disclose_whole(node, case, record, to=readers, use=use, basis=basis, onward=onward)  # type: ignore[arg-type]
        tell_record(out, node, case, signed.value.id, level="whole", rows=[])
        return 0
    numbers = read_rows(rows) if rows else rows_matched(reported_at(state, acts.find_record(state, finding)))
    signed = evidence.disclose_rows(
        node,
        case,
        record,
        numbers,
        to=readers,
        use=use,  # type: ignore[arg-type]  # click.Choice
        basis=basis,
        onward=onward,  # type: ignore[arg-type]
    )
    shown = node.state(case).accepted[signed.value.id].content
    ranges = getattr(shown, "rows", ())
    out.line(f"rows {ranges_text(ranges)}")
    tell_record(out, node, case, signed.value.id, level="rows", rows=[list(each) for each in ranges])
    return 0


@click.command(name="replicate")
@click.argument("finding", metavar="RECORD")
@click.option(
    "--zone", default="", metavar="+HH:MM", help="Run it with this zone instead of the one declared."
)
@click.option("--since", default="", metavar="INSTANT", help="Run it from this instant instead.")
@click.option("--until", default="", metavar="INSTANT", help="Run it until this instant instead.")
@click.option("--note", default="", help="Words of your own.")
@case_option
@home_option
@speaks("record (kind, id, case, scope, verdict, cause, parts, only_there, only_here as [rule, row]).")
def replicate_command(
    out: Out,
    finding: str,
    zone: str,
    since: str,
    until: str,
    note: str,
    case_text: str,
    home: Path | None,
) -> int:
    """Run another party's finding again, over the whole item if you hold it, else over
    the rows disclosed to you, and sign how the two compare. Agreement on shown rows
    says nothing of completeness, counts or absence.
    """
    from comity.dossier.rerun import reported
    from comity.exchange import acts
    from comity.exchange.findings import replicate, reported_at

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
    signed, comparison = replicate(node, case, record, parameters=parameters, note=note)
    content = node.state(case).accepted[signed.value.id].content
    why = f", because of {comparison.cause} ({', '.join(comparison.parts)})" if comparison.cause else ""
    out.line(f"{comparison.verdict}{why}")
    if comparison.only_there or comparison.only_here:
        out.line(
            f"{count(len(comparison.only_there), 'match', 'matches')} only there, "
            f"{count(len(comparison.only_here), 'match', 'matches')} only here"
        )
    tell_record(
        out,
        node,
        case,
        signed.value.id,
        scope=getattr(content, "scope", ""),
        verdict=comparison.verdict,
        cause=comparison.cause or "",
        parts=list(comparison.parts),
        only_there=[list(hit) for hit in comparison.only_there],
        only_here=[list(hit) for hit in comparison.only_here],
    )
    return 0
