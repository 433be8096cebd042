"""``comity why``: from a row that a finding names to the row, its proof, and what made each rule match."""

from __future__ import annotations

import re
from pathlib import Path

import click

from comity.cli.options import (
    case_option,
    choose_case,
    home_option,
    open_home,
    placeholder_option,
    read_logsource,
    read_placeholders,
    read_zone,
)
from comity.cli.output import Out, count, speaks
from comity.errors import Malformed, Refused


@click.command(name="why")
@click.argument("finding", metavar="FINDING|FILE")
@click.argument("row", type=click.IntRange(1), metavar="ROW")
@click.option(
    "--rules",
    "rule_paths",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Of a file: the rules to ask; repeatable.",
)
@click.option(
    "--format", "form", default="", help="Of a file: read it so (lines, w3c, zeek, csv, jsonl, evtx-jsonl)."
)
@click.option("--zone", default="", metavar="+HH:MM", help="Of a file: offset of times that carry none.")
@click.option(
    "--logsource", multiple=True, metavar="product=…,service=…", help="Of a file: what it is a log of."
)
@placeholder_option
@case_option
@home_option
@speaks(
    "row (finding, item, row, disclosure, text, reasons as [{rule, title, names, lines}]; names is whether "
    "the rule, run here, names the row, null where that cannot be told); of a file, finding is empty and "
    "file names it."
)
def why_command(
    out: Out,
    finding: str,
    row: int,
    rule_paths: tuple[Path, ...],
    form: str,
    zone: str,
    logsource: tuple[str, ...],
    placeholders: tuple[str, ...],
    case_text: str,
    home: Path | None,
) -> int:
    """Show one row that a finding of a case names: the row itself, the disclosure that proves
    it was sealed (or that the item is held whole here), and for each rule that
    names it, whether it names it when run here, and what in the row made it match.
    The exit code is 1 where a rule that is said to name the row does not.

    With --rules, the row of a file that nobody sealed: FILE as comity find names it
    (OUTER!INNER inside of a container), ROW by its number there.
    """
    if rule_paths:
        return _why_in_file(out, finding, row, rule_paths, form, zone, logsource, placeholders)
    if _is_file(finding):
        raise click.UsageError(f"{finding} is a file: name the rules to ask of its row with --rules")
    from comity.cli.scan_reasons import show_row
    from comity.evidence.parse import text_of
    from comity.exchange import acts
    from comity.exchange.reasons import resolve_row

    node = open_home(home).node
    case = choose_case(node, case_text)
    record = acts.find_record(node.state(case), finding)
    found = resolve_row(node, case, record, row)
    text = show_row(text_of(found.raw))
    proven = f"proven by disclosure {found.disclosure[:12]}" if found.disclosure else "held whole here"
    rows = "" if found.rows is None else f" ({count(found.rows, 'row')})"
    out.line(f"row {row} of item {found.item.root[:12]}{rows}, {proven}")
    out.line(text, indent=2)
    for reason in found.reasons:
        out.line(reason.title or reason.rule[:16])
        for line in reason.lines:
            out.line(line, indent=2)
    false = [reason for reason in found.reasons if reason.names is False]
    if false:
        out.line(
            f"The finding names this row by {count(len(found.reasons), 'rule')}; run here, "
            f"{len(false)} of them {'does' if len(false) == 1 else 'do'} not."
        )
    else:
        out.line("A match says that a rule fits this row, not what happened.")
    out.object(
        "row",
        finding=record,
        item=f"rows:{found.item.size}:{found.item.root}",
        row=row,
        disclosure=found.disclosure,
        text=text,
        reasons=[
            {"rule": r.rule, "title": r.title, "names": r.names, "lines": list(r.lines)}
            for r in found.reasons
        ],
    )
    return 1 if false else 0


def _is_file(shown: str) -> bool:
    """Whether it names a file, and not a finding by the beginning of its id."""
    if re.fullmatch("[0-9a-f]{4,64}", shown):
        return False
    return shown.startswith("s3:") or Path(shown).exists() or Path(shown.partition("!")[0]).is_file()


def _why_in_file(
    out: Out,
    shown: str,
    row: int,
    rule_paths: tuple[Path, ...],
    form: str,
    zone: str,
    logsource: tuple[str, ...],
    placeholders: tuple[str, ...],
) -> int:
    from comity.cli.find_notes import title_of
    from comity.cli.inputs import list_files
    from comity.cli.rule_cache import load_pack
    from comity.cli.scan import Task, scan_files
    from comity.cli.sources import rule_files
    from comity.evidence.formats import name_format
    from comity.findings.finding import Parameters

    pack, failed = load_pack(rule_files(list_files(rule_paths)), read_placeholders(placeholders))
    unusable = [(each.source_name, each.reason) for each in pack.unusable] + list(failed)
    for name, why in unusable:
        out.warn(f"unusable: {name}: {why}")
    if not pack.rules:
        raise Malformed("rules.none", ", ".join(map(str, rule_paths))[:300], "no rule here can run")
    outer = shown if Path(shown).exists() or shown.startswith("s3:") else shown.partition("!")[0]
    task = Task(
        path=outer,
        shown=outer,
        format=name_format(form, "--format") if form else None,
        parameters=Parameters(zone=read_zone(zone) or None, logsource=read_logsource(logsource)),
        only=row,
    )
    (scanned,) = scan_files([task], pack, 1)
    told = next((each for each in scanned.each() if each.task.shown == shown), None)
    if told is None:
        names = ", ".join(each.task.shown for each in list(scanned.each())[:5])
        raise Refused("file.member", shown, f"no such file is inside; there is {names}")
    if told.error is not None:
        raise Malformed(*told.error)
    if row > told.rows:
        raise Refused("row.number", shown, f"it has {told.rows} rows")
    titles = {rule.digest: title_of(rule) for rule in pack.rules}
    for at, reason in enumerate(told.reasons):
        if not at:
            out.line(f"row {row} of {shown} ({told.rows} rows, read as {told.format})")
            out.line(reason.text, indent=2)
        out.line(titles[reason.rule])
        for line in reason.lines:
            out.line(line, indent=2)
    if not told.reasons:
        out.line(f"row {row} of {shown}: none of {len(pack.rules)} rules names it")
    for digest, why in sorted((told.refused or {}).items()):
        out.line(f"no verdict of {titles[digest]}: {why}")
    out.line("A match says that a rule fits this row, not what happened.")
    assert told.finding is not None
    out.object(
        "row",
        finding="",
        file=shown,
        item=told.finding.item,
        row=row,
        disclosure="",
        text=told.reasons[0].text if told.reasons else "",
        reasons=[{"rule": r.rule, "title": titles[r.rule], "lines": list(r.lines)} for r in told.reasons],
    )
    return 2 if unusable else 0
