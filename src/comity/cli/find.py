"""``comity find``: rules over logs, alone, over sealed items, or as a signed finding in a case."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from comity.cli.find_account import Account, list_partly, rows_text
from comity.cli.find_case import choose_sources
from comity.cli.inputs import expect_logs, read_file
from comity.cli.options import (
    case_option,
    choose_case,
    find_parties,
    home_option,
    marking_option,
    open_home,
    placeholder_option,
    read_instant,
    read_logsource,
    read_placeholders,
    read_zone,
    to_option,
    wanted_marking,
)
from comity.cli.output import Out, count, ranges_text, speaks
from comity.cli.rule_cache import load_pack
from comity.cli.sources import Sorted, load_rules, sort_paths
from comity.errors import Malformed

if TYPE_CHECKING:
    from comity.cli.scan_task import Task
    from comity.evidence.seal_file import PrivateEntry
    from comity.findings.finding import Parameters
    from comity.records.kinds import Report

TOLD = (
    "finding (rule, title, author, level, id, techniques, source, behind, file, item, format, rows as "
    "[first, count], count, inputs, result, pack, semantics, parameters, logsource 'not known' where nothing "
    "tells what its rows are a log of, valid {period, outside, undated} of an indicator, why as [{row, text, "
    "lines}]); rule (digest, title, source, behind, status matched | no-match | no-verdict | "
    "not-applicable | nothing-read | unusable | withdrawn, rows, files, refused as [{file, why}], why); "
    "joined (source, rules); copies (source, copies); remark (source, what); "
    "file (path, item, format, status used | unusable, rows, "
    "unparsed, undated, untimed, refused as {rule: why}, outside, broken, before, looks as [why], lost, "
    "partly as [{why, rows as [first, count]}] of rows not asked whole, "
    "untold as {rows, rules} of rows that name no log and rules not asked of them for that, blind as the "
    "number of STIX patterns not asked as no row tells of an object, why); by-file (rule, source, files) of "
    "a rule that puts together rows of each file by itself; no-message (rule, source, files) of a rule "
    "that asks for the message of an event, which logs of events do not hold; skipped (path, why); "
    "summary (rules, files, formats, findings, rows, pack, semantics). With --case: left-out (source, why), "
    "report (record, item, inputs, result, rows, partly of rows not asked whole, where it is signed "
    "already with rows as the text that it has for them, already)."
)

SAID = "the finding says so"


@click.command(name="find")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="RULES... PATHS...")
@click.option(
    "--rules",
    "rule_paths",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Take this file or folder as rules, whatever is in it; repeatable.",
)
@click.option(
    "--seal", "seal_path", type=click.Path(path_type=Path), metavar="X.seal", help="Name sealed items."
)
@click.option(
    "--format", "form", default="", help="Read all evidence so: lines, w3c, csv, jsonl, evtx-jsonl."
)
@click.option("--zone", default="", metavar="+HH:MM", help="Offset of times that carry none.")
@click.option("--since", default="", metavar="INSTANT", help="Rows from this instant on.")
@click.option("--until", default="", metavar="INSTANT", help="Rows before this instant.")
@click.option(
    "--logsource", multiple=True, metavar="product=…,service=…", help="What the evidence is a log of."
)
@placeholder_option
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    default=None,
    help="Processes (default: by size).",
)
@click.option(
    "--cluster",
    default="",
    metavar="dask:ADDRESS|spark:MASTER",
    help="Run on a cluster whose workers reach the same paths.",
)
@click.option(
    "--why",
    type=click.IntRange(0, 1000),
    is_flag=False,
    flag_value=3,
    default=0,
    metavar="[N]",
    help="Show the first N rows of each finding (3), and what in them matches.",
)
@case_option
@click.option("--item", "items", multiple=True, metavar="RECORD", help="With --case: the seal to search.")
@click.option(
    "--leave-out",
    "left_out",
    multiple=True,
    metavar="RULE",
    help="With --case: run without this rule, named by its file; repeatable.",
)
@click.option("--again", is_flag=True, help="With --case: sign the same finding once more.")
@home_option
@marking_option
@to_option
@speaks(TOLD)
def find_command(
    out: Out,
    paths: tuple[Path, ...],
    rule_paths: tuple[Path, ...],
    seal_path: Path | None,
    form: str,
    zone: str,
    since: str,
    until: str,
    logsource: tuple[str, ...],
    placeholders: tuple[str, ...],
    workers: int | None,
    cluster: str,
    why: int,
    case_text: str,
    items: tuple[str, ...],
    left_out: tuple[str, ...],
    again: bool,
    home: Path | None,
    to: tuple[str, ...],
) -> int:
    """Run Sigma rules, STIX patterns and indicator lists over Windows event logs,
    W3C/IIS, CSV, JSON lines and plain text, SQL queries over their rows, and YARA rules
    over any file.

    Paths are sorted by what is in them: .yml, .yaml, .stix, .yar, .sql, .ioc and .pack files,
    .txt files of one indicator a line, and folders of only such files are rules;
    all else is evidence (--rules says otherwise). The account at the end names every rule
    and file that could not be used, and why; then the exit code is 2. The same
    input gives the same findings for any number of workers.

    With --seal X.seal, findings name the sealed items (all of them, or those of the
    PATHS given), after checking that the files are still what was sealed; its
    private file must lie beside it. --since and --until compare each row's own time;
    rows without a readable time are left out, and counted.

    Inside of .gz, .zst, .zip and .tar, each file is searched as OUTER!INNER, its rows numbered as
    in itself; a JSON document is read as a row for each object in it, events
    as XML or as text of several lines likewise, and text in UTF-16.

    A path s3://BUCKET/PREFIX names objects of a store (AWS_ENDPOINT_URL, credentials
    as usual), read where they are.

    A run that is ended by ^C, a kill, a closed terminal or a loss of power goes on
    with the same command, inside of a large file too, and says what it takes up.

    With --cluster, the workers of a Dask scheduler or a Spark master read the files
    themselves, so the paths must mean the same to them; the findings are the same. They
    need this very engine, and are refused otherwise (docs/clusters.md).

    With --case and --item, the rules run over an item of your node, and the result
    is signed as a finding of the case. A signed finding is silent about no rule: those that
    cannot run are all named first, and --leave-out says of each that it is left out.

    Feeds are read as indicator lists: events of MISP and pulses of OTX in JSON, tables
    with a header (MISP's, those of abuse.ch, any with an indicator and its type),
    OpenIOC, and what a TAXII server gives. Name tables and XML with --rules. What
    of them no list can hold is named with the reason (exit code 2).

    A line of an indicator list that is a domain matches that name and none below it;
    *.example.org matches the names below example.org. A name in letters beyond ASCII
    matches as it is written; DNS logs mostly hold its xn-- form, so list that too.
    """
    from comity.evidence.formats import name_format
    from comity.findings.finding import Parameters
    from comity.findings.whole import asks_whole

    parameters = Parameters(
        zone=read_zone(zone) or None,
        since=_instant(since),
        until=_instant(until),
        logsource=read_logsource(logsource),
    )
    parameters.require_window("--until")
    found = sort_paths(paths, rule_paths)
    if found.failed:
        raise found.failed[0]
    for path, reason in found.skipped:
        out.warn(f"{path}: passed over: {reason}")
        out.object("skipped", path=str(path), why=reason)
    if not found.rules:
        raise click.UsageError("no rules among the paths: name Sigma or indicator files, or use --rules")
    values = read_placeholders(placeholders)
    if items or case_text:
        if found.evidence or seal_path:
            raise click.UsageError("with --case, evidence is named by --item, not by paths")
        if cluster:
            raise click.UsageError("--cluster goes without --case: what is signed is found on this machine")
        sources = choose_sources(out, load_rules(found.rules, values), left_out)
        return _report(out, home, case_text, items, sources, parameters, to, again)
    if wanted_marking():
        raise click.UsageError("--marking goes with --case: what nobody signs bears no marking")
    if left_out:
        raise click.UsageError(
            "--leave-out goes with --case: elsewhere what cannot run is named and passed over"
        )
    if (workers or _workers(found.evidence)) == 1 and not cluster:
        expect_logs(found.evidence)  # which takes as long as to load the rules
    pack, failed = load_pack(found.rules, values, out.progress)
    opaque = asks_whole(pack)
    tasks = _tasks(found, seal_path, parameters, opaque, name_format(form, "--format") if form else None)
    tasks = [replace(task, why=why) for task in tasks] if why else tasks
    if not tasks:
        raise click.UsageError("no evidence among the paths: name logs, or folders of them")
    account = Account(pack=pack, parameters=parameters, unread=list(failed))
    _run(out, account, tasks, workers or _workers(Path(task.path) for task in tasks), cluster)
    return account.close(out)


def _workers(paths: Iterable[Path]) -> int:
    """One process for little, as starting others would take longer; else one a core."""
    total = 0
    for path in paths:
        with suppress(OSError):  # reading it will name what is wrong
            total += path.stat().st_size
    return len(os.sched_getaffinity(0)) if total > 12_000_000 else 1


def _instant(text: str) -> str | None:
    return read_instant(text, 0) if text else None


def _tasks(
    found: Sorted, seal_path: Path | None, parameters: Parameters, opaque: bool, form: Any
) -> list[Task]:
    from comity.cli.scan_task import Task

    if seal_path is None:
        return [
            Task(path=str(path), shown=str(path), format=form, parameters=parameters)
            for path in found.evidence
        ]
    tasks = sealed_tasks(seal_path, parameters, opaque=opaque)
    if not found.evidence:
        return tasks
    wanted = {str(path.absolute()) for path in found.evidence}
    chosen = [task for task in tasks if task.shown in wanted]
    if missing := wanted - {task.shown for task in chosen}:
        raise Malformed(
            "seal.path", min(missing), f"{seal_path} seals no file of this path that rules can read"
        )
    return chosen


def sealed_tasks(seal_path: Path, parameters: Parameters, *, opaque: bool = False) -> list[Task]:
    """One task for each item of a seal that rules have to say something of; ``shown`` is the path of the
    file it came from. A file sealed whole has none where its rows are an item of their own, except with
    ``opaque``."""
    from comity.cli.scan_task import SealedAs, Task

    entries = read_private(seal_path)
    sources = {str(entry.ref): entry.file_path for entry in entries}
    described = _described(entries)
    derived = {metadata.declared.derived_from for _, metadata in described}
    tasks = []
    for entry, metadata in described:
        rows_apart = str(entry.ref) in derived
        if metadata.format == "opaque/1" and not opaque and rows_apart:
            continue
        zone = parameters.zone or metadata.declared.zone or None
        tasks.append(
            Task(
                path=entry.file_path,
                shown=sources.get(metadata.declared.derived_from, entry.file_path),
                sealed=SealedAs(
                    ref=entry.ref,
                    key=bytes.fromhex(entry.key),
                    metadata=entry.metadata.encode(),
                    derived=rows_apart,
                ),
                parameters=_with_zone(parameters, zone),
            )
        )
    return sorted(tasks, key=lambda task: (task.shown, str(task.sealed)))


def _described(entries: Sequence[PrivateEntry]) -> list[tuple[PrivateEntry, Any]]:
    from comity.evidence.seal import parse_metadata

    return [(entry, parse_metadata(entry.metadata.encode(), entry.root)) for entry in entries]


def _with_zone(parameters: Parameters, zone: str | None) -> Parameters:
    return replace(parameters, zone=zone)


def read_private(seal_path: Path) -> tuple[PrivateEntry, ...]:
    """The private entries of a seal, held against the public file beside them."""
    from comity.cli.seal import private_path
    from comity.evidence.seal_file import parse_private, parse_seal

    public = parse_seal(read_file(seal_path), str(seal_path))
    beside = private_path(seal_path)
    private = parse_private(read_file(beside), str(beside))
    if {entry.ref for entry in public} != {entry.ref for entry in private}:
        raise Malformed("seal.pair", str(beside), f"is not the private file of {seal_path}")
    return private


def _run(out: Out, account: Account, tasks: list[Task], workers: int, cluster: str = "") -> None:
    from comity.cli.interruption import told_of_signals
    from comity.cli.scan import scan_files
    from comity.cli.scan_far import open_places, scan_far
    from comity.cli.scan_kept import Kept
    from comity.cli.scan_told import KeptCourse, Progress, count_rows

    if cluster:
        progress = Progress(out, tasks)
        for at, scanned in enumerate(scan_far(tasks, account.pack, open_places(cluster))):
            account.take(out, scanned)
            progress.pass_rows(count_rows(scanned))
            progress.finish(at)
        return
    with told_of_signals() as signals:
        kept = Kept(account.pack, tasks)
        course = KeptCourse(out, tasks, kept)
        results = scan_files(tasks, account.pack, workers, course)
        try:
            for at, scanned in enumerate(results):
                account.take(out, scanned)
                course.finish(at)
        except BaseException as error:
            signals.ignore()
            results.close()
            how = "what is done is kept: the same command goes on from there"
            if not kept.stop():
                raise
            if isinstance(error, KeyboardInterrupt):
                raise type(error)(how) from None
            out.warn(how)
            raise
        kept.finish()


def _report(
    out: Out,
    home: Path | None,
    case_text: str,
    items: tuple[str, ...],
    sources: list[tuple[str, bytes]],
    parameters: Parameters,
    to: tuple[str, ...],
    again: bool,
) -> int:
    from comity.cli.rows_told import tell_rows
    from comity.exchange import acts
    from comity.exchange.evidence import sealed_at
    from comity.exchange.findings import report, reported_at, signed_already
    from comity.findings.pack import compile_pack
    from comity.records.kinds import ranges_of

    if not items:
        raise click.UsageError("say which item to search: --item RECORD, the record that sealed it")
    node = open_home(home).node
    case = choose_case(node, case_text)
    readers = find_parties(node, to)
    named = [(Path(name).name, raw) for name, raw in sources]
    pack = "" if again else compile_pack(named).digest
    code = 0
    for item in items:
        state = node.state(case)
        seal = acts.find_record(state, item)
        _, sealed = sealed_at(node, case, seal)
        used = _with_zone(parameters, parameters.zone or sealed.zone or None)
        if not again and (earlier := signed_already(node, case, sealed.item, pack, used, readers)):
            if _tell_earlier(out, earlier, sealed.name or seal[:12], reported_at(state, earlier)):
                code = 2
            continue
        tell = tell_rows(out, f"searching {sealed.name or seal[:12]}", sealed.item.size - 1)
        record, run = report(node, case, seal, named, used, to=readers, again=again, progress=tell)
        finding = run.finding
        rows = sorted({row for _, row in finding.rows})
        code = 2 if run.reading.partly else code
        out.line(
            f"record {record.value.id[:12]}: finding on {sealed.name or seal[:12]}: {count(len(rows), 'row')}"
            f" ({ranges_text(ranges_of(rows)) or 'none'}), result {finding.result_digest[:16]}"
        )
        out.object(
            "report",
            record=record.value.id,
            item=finding.item,
            inputs=finding.inputs_digest,
            result=finding.result_digest,
            rows=[list(each) for each in ranges_of(rows)],
            partly=list_partly(run.reading.partly),
            already=False,
        )
        for why, numbers in sorted((run.reading.partly or {}).items()):
            told = f"{rows_text(numbers)} not asked whole: {why}; the finding says so"
            out.line(f"in part: {told}", indent=2)
    return code


def _tell_earlier(out: Out, record: str, name: str, content: Report) -> bool:
    """A finding that stands signed already, as of another run; whether rows of it were not asked whole."""
    from comity.findings.partly import read_partly
    from comity.records.kinds import ranges_of

    rows = sorted(
        {n for match in content.matches for first, size in match.rows for n in range(first, first + size)}
    )
    out.line(
        f"record {record[:12]}: the same finding on {name} is signed already: {count(len(rows), 'row')}; "
        "nothing was signed (--again signs it once more)"
    )
    out.object(
        "report",
        record=record,
        item=f"rows:{content.item.size}:{content.item.root}",
        inputs=content.inputs,
        result=content.result,
        rows=[list(each) for each in ranges_of(rows)],
        partly=[{"why": SAID, "rows": stated}] if (stated := read_partly(content.engine)) else [],
        already=True,
    )
    if stated:
        out.line(f"in part: rows {stated} not asked whole, as the finding says", indent=2)
    return bool(stated)
