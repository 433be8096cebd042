"""From a row that a finding names to the row itself, to what proves its seal, and to why it matched."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from comity.case.state import State
from comity.dossier import rerun
from comity.dossier.reasons import NOT_NAMED, Reason, explain_rows, judge_rows
from comity.errors import Refused
from comity.evidence import rows
from comity.evidence.formats import FormatName
from comity.exchange import evidence
from comity.exchange.findings import reported_at
from comity.exchange.node import Node
from comity.exchange.shown import Shut, format_of, packages_of
from comity.findings.pack import Pack, compile_pack
from comity.records import kinds
from comity.records.kinds import Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A row that a finding names. ``disclosure`` is the record whose package holds it with its proof against
    the sealed root, or empty where the item is held whole here, and its root was computed from it; ``rows``
    is then how many rows it has."""

    item: Item
    row: int
    rows: int | None
    raw: bytes
    disclosure: str
    reasons: tuple[Reason, ...]


def resolve_row(node: Node, case: str, finding: str, row: int) -> Resolved:
    """The row itself, what proves it, and of each rule of the finding that names it whether it does so here,
    and why.

    ``Refused``: ``finding.row`` where the finding does not name it, ``row.undisclosed`` where it is not here.
    """
    state = node.state(case)
    content = reported_at(state, finding)
    if not any(_holds(m.rows, row) for m in content.matches):
        raise Refused("finding.row", finding[:12], f"the finding does not name row {row}")
    form = format_of(state, content.item)
    whole = raw = None
    ended = False
    disclosure = ""
    size = None
    if content.item.root in evidence.held_items(node):
        whole = partial(evidence.item_rows, node, content.item.root)
        raw = partial(evidence.item_bytes, node, content.item.root)
        ended = evidence.is_terminated(node, content.item.root)
        size = evidence.rows_of_held(node, content.item.root)
        found = evidence.pick_item_rows(node, content.item.root, [row]).get(row)
    else:
        found, disclosure = _find_disclosed(node, state, content.item, row)
    if found is None:
        why = f"row {row} is neither held nor disclosed here; ask its discloser for it"
        raise Refused("row.undisclosed", finding[:12], why)
    reasons = explain_named(content, form, [found], whole, raw, ended)
    return Resolved(
        item=content.item,
        row=row,
        rows=size,
        raw=found.raw,
        disclosure=disclosure,
        reasons=tuple(reasons),
    )


def explain_named(
    content: kinds.Report,
    form: FormatName,
    wanted: Sequence[rows.Row],
    whole: Callable[[], Iterable[rows.Row]] | None,
    raw: Callable[[], Iterable[bytes]] | None,
    terminated: bool = False,
) -> list[Reason]:
    """Of each row and each rule of a finding that names it: whether the rule, run here, names it too, and
    why. A rule that cannot be run, or not as what the finding calls it, says so."""
    parameters = rerun.parameters_of(content, content.logsource)
    named = {m.rule: m.rows for m in content.matches if any(_holds(m.rows, row.index) for row in wanted)}
    naming = [rule for rule in content.rules if rule.digest in named]
    pack = compile_pack((rule.name, rule.source.encode()) for rule in naming)
    rules = tuple(rule for rule in pack.rules if rule.digest in named)
    some = Pack(rules=rules, unusable=(), digest="")
    hits, refused = judge_rows(some, form, wanted, parameters, whole, terminated)
    unusable = {each.digest: each.reason for each in pack.unusable}
    by_digest = {rule.digest: rule for rule in rules}
    found = []
    for stated in naming:
        here = [row for row in wanted if _holds(named.get(stated.digest, ()), row.index)]
        rule = by_digest.get(stated.digest)
        if rule is None:
            why = "its source is not what its digest names, so it was not run"
            if stated.digest in unusable:
                why = f"it cannot run here: {unusable[stated.digest]}"
            found += [_untold(stated.digest, stated.name, row.index, why) for row in here]
            continue
        yes = [row for row in here if (rule.digest, row.index) in hits or rule.digest in refused]
        told = explain_rows(rule, form, yes, parameters, whole, raw)
        if rule.digest in refused:
            told = [_unjudged(reason, refused[rule.digest]) for reason in told]
        found += told
        found += [
            Reason(rule=rule.digest, title=rule.title, row=row.index, lines=(NOT_NAMED,), names=False)
            for row in here
            if row not in yes
        ]
    return found


def _unjudged(reason: Reason, why: str) -> Reason:
    # Most languages say by themselves what they lack.
    said = any("whole item" in line for line in reason.lines)
    return replace(reason, lines=reason.lines if said else (*reason.lines, why), names=None)


def _untold(rule: str, title: str, row: int, why: str) -> Reason:
    return Reason(rule=rule, title=title, row=row, lines=(why,), names=None)


def _holds(ranges: kinds.Ranges, row: int) -> bool:
    return any(first <= row < first + count for first, count in ranges)


def _find_disclosed(node: Node, state: State, item: Item, row: int) -> tuple[rows.Row | None, str]:
    shut: Shut = {}
    for record, opened in packages_of(node, state, item, shut):
        if row in opened.rows:
            form = format_of(state, item)
            return next(iter(rerun.disclosed_rows(form, opened.rows, [row]))), record
    for error in shut.values():
        # The row may stand in it.
        raise error
    return None, ""
