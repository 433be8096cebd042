"""How a finding that was run again compares with what was reported, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from comity.cli.output import count, ranges_text
from comity.records.kinds import ranges_of

if TYPE_CHECKING:
    from comity.findings.finding import Comparison, Hit

_CAUSES: Final = {
    "identity": "what was run here is not what was run there",
    "evidence": "it was run over another item",
    "parameters": "it was run with other parameters",
    "engine": "the same rules over the same item with the same parameters name other rows: one of the two "
    "engines is wrong, or the list is not what any engine gave",
}
_PARTS: Final = {
    "source": "the source of a rule, which is not what its digest names",
    "inputs": "the inputs digest of the finding, which is not that of what it lists",
    "result": "the result digest of the finding, which is not that of the rows it lists",
    "rules": "the rules",
    "pack": "what the rules compile to",
    "semantics": "the version of the rules of matching",
    "item": "the item",
    "zone": "the time zone taken for times without one",
    "since": "the beginning of the window of time",
    "until": "the end of the window of time",
    "logsource": "what the item was declared to be a log of",
}
_FLAWS: Final = frozenset({"source", "inputs", "result"})
RULES: Final = 20
"""Of how many rules the rows that differ are listed."""


def tell_comparison(
    comparison: Comparison,
    scope: str,
    names: Mapping[str, str],
    note: str = "",
    named: int | None = None,
    stated: str = "",
) -> Iterator[str]:
    """Lines for a person: the verdict, its cause and the part that differs, which rows of which rule, and
    what the scope leaves unchecked. ``names`` are the rules' by digest; ``note`` says why nothing could be
    run, ``named`` how many rows the finding names, ``stated`` which rows it says were not asked whole."""
    cause = f", because of {comparison.cause} ({', '.join(comparison.parts)})" if comparison.parts else ""
    if comparison.cause == "engine":
        cause = ", because of engine"
    yield f"{comparison.verdict}{cause}"
    if comparison.cause is not None:
        parts = ", ".join(_PARTS[part] for part in comparison.parts)
        if set(comparison.parts) & _FLAWS:
            yield f"  the finding is false in itself, whatever the evidence: {parts}"
        else:
            yield f"  {_CAUSES[comparison.cause]}{f': what differs is {parts}' if parts else ''}"
    if scope == "whole" and comparison.held:
        told = "" if named is None else f", {count(named, 'row')} named"
        over = "an item of this party's own" if "item" in comparison.parts else "the whole item"
        yield f"  over {over}: {count(comparison.held, 'row')}, {count(len(names), 'rule')}{told}"
    if comparison.cause == "evidence" and note:
        yield f"  {note}"
    if comparison.verdict == "not possible":
        yield f"  {note or 'nothing of the item that the finding names is held here'}"
        yield from _left_out(comparison, names)
    for where, hits in (
        ("reported, not found here", comparison.only_there),
        ("found here, not reported", comparison.only_here),
    ):
        yield from _rows(where, hits, names)
    if comparison.partly:
        told = f"{count(len(comparison.partly), 'row')} ({ranges_text(ranges_of(comparison.partly))})"
        yield f"  not asked whole here: {told}"
    if stated:
        yield f"  not asked whole where it was run, as the finding says: rows {stated}"
    ran = comparison.held > 0 or not set(comparison.parts) & _FLAWS
    if comparison.verdict == "different":
        if not ran:
            yield f"  no row was compared{f': {note}' if note else ''}"
        elif not comparison.only_there and not comparison.only_here:
            yield f"  the rows named are the same{', of those shown' if scope == 'rows' else ''}"
    if scope == "rows" and ran and comparison.verdict != "not possible":
        compared = [name for rule, name in sorted(names.items()) if rule not in comparison.left_out]
        if comparison.held:
            held = count(comparison.held, "disclosed row")
            yield f"  compared on {held}: {_listed(compared)}"
        yield from _left_out(comparison, names)
        yield "  completeness, counts, absence and correlations are not checked: only disclosed rows were run"


def _left_out(comparison: Comparison, names: Mapping[str, str]) -> Iterator[str]:
    if comparison.left_out:
        told = [names.get(rule, rule[:16]) for rule in comparison.left_out]
        yield f"  left out, as their verdict on a row needs the whole item: {_listed(told)}"


def _listed(names: list[str]) -> str:
    more = f", and {len(names) - RULES} more" if len(names) > RULES else ""
    return (", ".join(names[:RULES]) or "no rule") + more


def _rows(where: str, hits: Iterable[Hit], names: Mapping[str, str]) -> Iterator[str]:
    by_rule: dict[str, list[int]] = {}
    for rule, row in hits:
        by_rule.setdefault(rule, []).append(row)
    for rule, rows in sorted(by_rule.items())[:RULES]:
        yield f"  {names.get(rule, rule[:16])}: {where}: {ranges_text(ranges_of(sorted(rows)))}"
    if len(by_rule) > RULES:
        yield f"  … and rows of {len(by_rule) - RULES} more rules {where}"
