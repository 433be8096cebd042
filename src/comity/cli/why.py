"""``comity why``: from a row that a finding names to the row, its proof, and what made each rule match."""

from __future__ import annotations

from pathlib import Path

import click

from comity.cli.options import case_option, choose_case, home_option, open_home
from comity.cli.output import Out, speaks

SHOWN = 4000


@click.command(name="why")
@click.argument("finding", metavar="FINDING")
@click.argument("row", type=click.IntRange(1), metavar="ROW")
@case_option
@home_option
@speaks("row (finding, item, row, disclosure, text, reasons as [{rule, title, lines}]).")
def why_command(out: Out, finding: str, row: int, case_text: str, home: Path | None) -> int:
    """Show one row that a finding of a case names: the row itself, the disclosure that proves
    it was sealed (or that the item is held whole here), and for each rule that
    names it, what in the row made it match.
    """
    from comity.evidence.parse import text_of
    from comity.exchange import acts
    from comity.exchange.reasons import resolve_row

    node = open_home(home).node
    case = choose_case(node, case_text)
    record = acts.find_record(node.state(case), finding)
    found = resolve_row(node, case, record, row)
    text = text_of(found.raw)[:SHOWN]
    proven = f"proven by disclosure {found.disclosure[:12]}" if found.disclosure else "held whole here"
    out.line(f"row {row} of item {found.item.root[:12]} ({found.item.size} rows), {proven}")
    out.line(text if text.isprintable() else ascii(text)[1:-1], indent=2)
    for reason in found.reasons:
        out.line(reason.title or reason.rule[:16])
        for line in reason.lines:
            out.line(line, indent=2)
    out.line("A match says that a rule fits this row, not what happened.")
    out.object(
        "row",
        finding=record,
        item=f"rows:{found.item.size}:{found.item.root}",
        row=row,
        disclosure=found.disclosure,
        text=text,
        reasons=[{"rule": r.rule, "title": r.title, "lines": list(r.lines)} for r in found.reasons],
    )
    return 0
