"""From a row that a finding names to the row itself, to what proves its seal, and to why it matched."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from comity.case.state import State
from comity.dossier import rerun
from comity.dossier.reasons import Reason, explain_rows
from comity.errors import Refused
from comity.evidence import rows
from comity.exchange import evidence
from comity.exchange.findings import reported_at
from comity.exchange.node import Node
from comity.exchange.shown import format_of, packages_of
from comity.findings.pack import compile_pack
from comity.records.kinds import Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A row that a finding names. ``disclosure`` is the record whose package holds it with its proof against
    the sealed root, or empty where the item is held whole here, and its root was computed from it."""

    item: Item
    row: int
    raw: bytes
    disclosure: str
    reasons: tuple[Reason, ...]


def resolve_row(node: Node, case: str, finding: str, row: int) -> Resolved:
    """The row itself, what proves it, and why each rule of the finding that names it does.

    ``Refused``: ``finding.row`` where the finding does not name it, ``row.undisclosed`` where it is not here.
    """
    state = node.state(case)
    content = reported_at(state, finding)
    naming = {m.rule for m in content.matches if any(a <= row < a + n for a, n in m.rows)}
    if not naming:
        raise Refused("finding.row", finding[:12], f"the finding does not name row {row}")
    form = format_of(state, content.item)
    parameters = rerun.parameters_of(content, content.logsource)
    pack = compile_pack((rule.name, rule.source.encode()) for rule in content.rules)
    whole = raw = None
    disclosure = ""
    if content.item.root in evidence.held_items(node):
        whole = partial(evidence.item_rows, node, content.item.root)
        raw = partial(evidence.item_bytes, node, content.item.root)
        found = next((each for each in whole() if each.index == row), None)
    else:
        found, disclosure = _find_disclosed(node, state, content.item, row)
    if found is None:
        why = f"row {row} is neither held nor disclosed here; ask its discloser for it"
        raise Refused("row.undisclosed", finding[:12], why)
    reasons = [
        reason
        for rule in pack.rules
        if rule.digest in naming
        for reason in explain_rows(rule, form, [found], parameters, whole, raw)
    ]
    return Resolved(item=content.item, row=row, raw=found.raw, disclosure=disclosure, reasons=tuple(reasons))


def _find_disclosed(node: Node, state: State, item: Item, row: int) -> tuple[rows.Row | None, str]:
    for record, opened in packages_of(node, state, item):
        if row in opened.rows:
            form = format_of(state, item)
            return next(iter(rerun.disclosed_rows(form, opened.rows, [row]))), record
    return None, ""
