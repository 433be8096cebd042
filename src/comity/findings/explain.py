"""Why a row matched, in words that a reader can hold against the row."""

from __future__ import annotations

from collections.abc import Mapping

from comity.findings.atoms import And, Atom, Node, Not, Or, asks_fields
from comity.findings.indicators import IndicatorList, Lookup
from comity.findings.logsource import add_derived, names_for, source_of
from comity.findings.match import Plan, rename
from comity.findings.pack import AnyRule
from comity.findings.rows import ItemInfo, Row, Value, elements

SHOWN = 160

_WORDS = {
    "equals": "is",
    "contains": "contains",
    "startswith": "starts with",
    "endswith": "ends with",
    "glob": "fits",
    "regex": "matches the expression",
    "cidr": "is an address in",
    "lt": "is below",
    "lte": "is at most",
    "gt": "is above",
    "gte": "is at least",
}


def explain(rule: AnyRule, row: Row, item: ItemInfo) -> list[str]:
    """One line for each thing about ``row`` that makes ``rule`` true; empty where it is not."""
    if isinstance(rule, IndicatorList):
        return _explain_list(rule, row)
    source = source_of(item, row.fields)
    fields = add_derived(source, row.fields)
    lines: list[str] = []
    for part in rule.parts:
        names = names_for(part.logsource, source)
        if names is None or (asks_fields(part.node) and not source.readable):
            continue
        node = rename(part.node, names)
        plan = Plan([(rule.digest, node)])
        held = plan.atoms_held(row.text, fields)
        if plan.verdict(held):
            atoms = {atom for atom, number in plan.numbers.items() if number in held}
            lines += _reasons(node, atoms, fields)
    return list(dict.fromkeys(lines))


def _explain_list(rule: IndicatorList, row: Row) -> list[str]:
    lookup = Lookup(rule)
    lines = [
        f"{field} holds the {kind} {_show(token)}"
        for field, value in row.fields.items()
        for text in elements(value)
        if text is not None
        for kind, token in lookup.find(text)
    ]
    lines = lines or [f"the row holds the {kind} {_show(token)}" for kind, token in lookup.find(row.text)]
    return list(dict.fromkeys(lines))


def _true(node: Node, held: set[Atom]) -> bool:
    match node:
        case And(parts):
            return all(_true(part, held) for part in parts)
        case Or(parts):
            return any(_true(part, held) for part in parts)
        case Not(part):
            return not _true(part, held)
    return node in held


def _reasons(node: Node, held: set[Atom], fields: Mapping[str, Value]) -> list[str]:
    """The atoms of a true tree that make it true; an exclusion is told by its not holding."""
    match node:
        case And(parts) | Or(parts):
            return [r for part in parts if _true(part, held) for r in _reasons(part, held, fields)]
        case Not(part):
            return [f"none of the rule's exclusions holds ({_count(part)} checked)"]
    return [_say(node, fields)]


def _count(node: Node) -> int:
    match node:
        case And(parts) | Or(parts):
            return sum(map(_count, parts))
        case Not(part):
            return _count(part)
    return 1


def _say(atom: Atom, fields: Mapping[str, Value]) -> str:
    field = atom.field if atom.field is not None else "the row"
    match atom.kind:
        case "any":
            said = f"{field} has a value"
        case "null":
            said = f"{field} is missing or null"
        case "exists":
            said = f"{field} is {'present' if atom.value == 'true' else 'missing'}"
        case "fieldref":
            place, _, other = atom.value.partition(":")
            said = f"{field} {_WORDS[place]} what {other} holds"
        case "time":
            unit, order, number = atom.value.split(":")
            said = f"the {unit} of {field} {_WORDS.get(order, 'is')} {number}"
        case _:
            said = f"{field} {_WORDS[atom.kind]} {_show(atom.value)}"
    if atom.field is None or atom.field not in fields:
        return said
    texts = [text for text in elements(fields[atom.field]) if text is not None]
    return f"{said}: {_show(', '.join(texts))}" if texts else said


def _show(text: str) -> str:
    """``text`` quoted, on one line, without control characters, and cut to a readable length."""
    shown = text if len(text) <= SHOWN else text[:SHOWN] + "…"
    return ascii(shown) if not shown.isprintable() else repr(shown)
