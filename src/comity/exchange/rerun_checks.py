"""Signed re-runs held against what this node holds: its records, and the rows that were shown to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Final

from comity.case.state import State
from comity.dossier.replay import check_reruns
from comity.dossier.rerun_checks import RerunCheck, Why
from comity.dossier.rows_here import Effort, RowsHere
from comity.errors import ComityError
from comity.exchange import evidence
from comity.exchange.node import Node
from comity.exchange.shown import format_of, rows_shown
from comity.records import kinds
from comity.records.spans import count_rows, spans_of

WAITED: Final = 100_000
"""The most work for the re-runs of one finding while somebody waits: about a second."""
PICKED: Final = 20_000
"""So many rows of an item held whole are looked at."""
HELD: Final = 2_000_000
"""Rows of an item held whole are picked where it has no more than these: it is read up to the last of
them."""
OPENED: Final = 64 << 20
"""Packages of rows are opened where they have no more bytes than these together: what their records announce
nobody checked."""
PASSED: Final = 40
"""So many rows are read past in the time of one piece of work."""
KEPT_LIMIT: Final = 500
_KEPT: Final[dict[tuple[str, ...], dict[str, RerunCheck]]] = {}


def check_here(node: Node, state: State, finding: str, effort: Effort | None = None) -> dict[str, RerunCheck]:
    """The re-runs of a finding by record, each held against it and against the rows of its item that are
    here; once for as long as the node runs, since ids decide what records and packages say."""
    runs = [
        record.id
        for record in state.of("finding.replicate")
        if isinstance(record.content, kinds.Replicate) and record.content.finding == finding
    ]
    if not runs:
        return {}
    report = state.accepted[finding].content
    assert isinstance(report, kinds.Report)
    held = report.item.root in evidence.held_items(node)
    disclosed = [
        f"{record.id}{node.blobs.has(record.content.package):d}"
        for record in state.of("evidence.disclose")
        if isinstance(record.content, kinds.Disclose) and record.content.item == report.item
    ]
    seals = [
        record.id
        for record in state.of("evidence.seal")
        if isinstance(record.content, kinds.Seal) and record.content.item == report.item
    ]
    # Another page may empty it at any time.
    key = (node.party.id, finding, f"{held:d}", *runs, "", *disclosed, "", *seals)
    if (kept := _KEPT.get(key)) is not None:
        return kept
    left = effort or Effort(WAITED)
    ready = partial(_ready, node, state, runs, held, left)
    found = {check.record: check for check in check_reruns(state, finding, ready, left)}
    if effort is None or not any(check.why == "size" for check in found.values()):
        if len(_KEPT) >= KEPT_LIMIT:
            _KEPT.clear()
        _KEPT[key] = found
    return found


def false_here(node: Node, state: State) -> frozenset[str]:
    """The re-runs of a case that do not hold by what is here, as far as can be computed while somebody
    waits."""
    left = Effort(WAITED)
    findings = dict.fromkeys(
        record.content.finding
        for record in state.of("finding.replicate")
        if isinstance(record.content, kinds.Replicate)
    )
    return frozenset(
        record
        for finding in findings
        for record, check in check_here(node, state, finding, left).items()
        if check.faults
    )


def _ready(
    node: Node, state: State, runs: list[str], held: bool, effort: Effort, report: kinds.Report
) -> RowsHere | Why:
    # What others were shown is not here, however much it is.
    here = [
        record.content
        for record in state.of("evidence.disclose")
        if isinstance(record.content, kinds.Disclose)
        and (record.content.item, record.content.level) == (report.item, "rows")
        and node.blobs.has(record.content.package)
    ]
    shown = sum(count for content in here for _, count in content.rows)
    if not effort.take(RowsHere.costs(report) + (0 if held else shown)):
        return "size"
    if not held and _is_more(node, {content.package for content in here}, OPENED):
        return "size"
    try:
        form = format_of(state, report.item)
        if held:
            rows = _picked(node, state, runs, report, effort)
            if isinstance(rows, str):
                return rows
        else:
            # A package that does not open says so on its own page, and hides none that does.
            rows = rows_shown(node, state, report.item, {})
        return RowsHere(report, rows, form)
    except ComityError:
        return "unreadable" if held else "not-here"


def _is_more(node: Node, packages: Iterable[str], most: int) -> bool:
    """Whether packages have more bytes than these together; read no further than that."""
    for package in packages:
        try:
            for chunk in node.blobs.open_stream(package):
                most -= len(chunk)
                if most < 0:
                    return True
        except ComityError:
            continue  # it does not open, and says so where it is shown
    return False


def _picked(
    node: Node, state: State, runs: list[str], report: kinds.Report, effort: Effort
) -> Mapping[int, bytes] | Why:
    """Of an item held whole, the rows that the finding or a re-run of it names, with those that name their
    columns; why not, where there are none or that is too much."""
    if report.item.size > HELD:
        return "size"
    ranges = [match.rows for match in report.matches]
    for run in runs:
        content = state.accepted[run].content
        if isinstance(content, kinds.Replicate):
            ranges += [content.rows, *(match.rows for match in content.matches)]
    named = spans_of(ranges)
    if not named:
        return "none-named"
    if count_rows(named) > PICKED or not effort.take(named[-1][1] // PASSED):
        return "size"
    wanted = [n for first, last in named for n in range(first, last + 1)]
    picked = evidence.pick_item_rows(node, report.item.root, wanted)
    found = {n: row.raw for n, row in picked.items()}
    for row in picked.values():
        if row.header and row.context is not None:
            found[row.header] = row.context
    return found
