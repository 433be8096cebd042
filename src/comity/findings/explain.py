"""Why a row matched, in words that a reader can hold against the row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from comity.findings.atoms import And, Atom, Node, Not, Or, asks_fields, rename
from comity.findings.deriving import add_derived
from comity.findings.exports import Exports, Made
from comity.findings.indicators import IndicatorList, Lookup
from comity.findings.logsource import may_be_asked, names_for, source_of
from comity.findings.match import Scanner
from comity.findings.observe import ExhaustedError, Observer
from comity.findings.pack import AnyRule, Pack, fields_asked
from comity.findings.plan import Plan
from comity.findings.rows import ItemInfo, Row, Value, elements
from comity.findings.sigma import Rule
from comity.findings.sql import SqlQuery, explain_sql
from comity.findings.stix import StixPattern
from comity.findings.stix_objects import objects_of
from comity.findings.sweep import DEEP
from comity.findings.windows import Windows
from comity.findings.yara import YaraSource

SHOWN = 160
ALL = "(of all its windows that match)"
ROWS = 20
"""How many of the rows that stand with a row in a correlation are named."""

_WORDS = {
    "equals": "is",
    "contains": "contains",
    "startswith": "starts with",
    "endswith": "ends with",
    "glob": "fits",
    "regex": "matches the expression",
    "cidr": "is an address in",
    "eq": "is the number",
    "among": "is one of the numbers",
    "lt": "is below",
    "lte": "is at most",
    "gt": "is above",
    "gte": "is at least",
}


def explain_joined(rule: Rule, rows: Iterable[Row], item: ItemInfo, index: int) -> list[str]:
    """Why a rule that correlates names row ``index`` of an item, whose rows are all given (with their
    times): each correlation that names it, the group, and the rows that stand with it there."""
    pack = Pack(rules=(rule,), unusable=(), digest="")
    gathered = Scanner(pack).gather(item, rows).get(rule.digest)
    if gathered is None:
        return []
    windows = Windows(rule.correlations, gathered.events)
    lines = []
    for number, correlation in enumerate(rule.correlations):
        for group in windows.groups(number):
            there = dict(group.rows)
            if index not in there:
                continue
            called = " and ".join(correlation.called[place] for place in sorted(there[index]))
            key = ", ".join(_show(text if isinstance(text, str) else ", ".join(text)) for text in group.key)
            others = [row for row in sorted(there) if row != index]
            told = ", ".join(map(str, others[:ROWS])) + ("…" if len(others) > ROWS else "")
            lines.append(
                f"{correlation.kind} ({correlation.title}): it matches {called}"
                f"{f', in the group {key}' if key else ''}{f', with rows {told} {ALL}' if told else ''}"
            )
    return lines


def explain_observed(
    rule: StixPattern, rows: Callable[[], Iterable[Row]], item: ItemInfo, index: int
) -> list[str]:
    """With which rows of an item row ``index`` is what a pattern of several observations asks, and what makes
    each of these so. ``rows`` gives all rows of the item with their times; they are read twice."""
    gathered = Scanner(Pack(rules=(rule,), unusable=(), digest="")).gather(item, rows()).get(rule.digest)
    if gathered is None or rule.tree is None:
        return []
    try:
        bound = Observer(rule.tree, gathered.events).binding(index)
    except ExhaustedError:
        return ["which rows stand with it takes too long to say"]
    others = [row for row in bound if row != index]
    if not others:
        return ["it stands alone, within the time that the pattern asks for"]
    shown = set(others[:ROWS])
    texts: dict[int, list[str]] = {}
    for row in rows():
        if row.index in shown:
            texts[row.index] = explain(rule, row, item)
            if len(texts) == len(shown):
                break
    lines = [f"with row {row}: {'; '.join(texts.get(row, ()))}" for row in others[:ROWS]]
    return lines if len(others) <= ROWS else [*lines, f"and with {len(others) - ROWS} rows more"]


def explain(rule: AnyRule, row: Row, item: ItemInfo, deep: int = 0) -> list[str]:
    """One line for each thing about ``row`` that makes ``rule`` true; empty where it is not. Of a rule that
    correlates, what a detection of it finds in this row alone (see :func:`explain_joined`); what YARA finds
    is in the bytes of the item (:func:`comity.findings.yara.explain_yara`)."""
    if isinstance(rule, IndicatorList):
        return _explain_list(rule, row)
    if isinstance(rule, YaraSource):
        return []
    if isinstance(rule, SqlQuery):
        return explain_sql(rule, row)
    told = Exports(fields_asked([rule])).read(row.fields)
    lines = _explain_here(rule, row, item, told)
    if not lines and isinstance(told, Made):
        # The first of its readings of which the rule is true.
        lines = next((found for each in told.apart if (found := _explain_here(rule, row, item, each))), [])
    if not lines and isinstance(told, Made) and deep < DEEP:
        # The first of the rows that it holds, of which the rule is true.
        held = (replace(row, text="", fields=each) for each in told.inside)
        return next((found for each in held if (found := explain(rule, each, item, deep + 1))), [])
    return lines


def _explain_here(rule: Rule | StixPattern, row: Row, item: ItemInfo, told: Mapping[str, Value]) -> list[str]:
    source = source_of(item, told)
    fields = add_derived(source, told)
    if isinstance(rule, StixPattern):
        return _explain_observations(rule, objects_of(fields))
    lines: list[str] = []
    several = sum(part.shown for part in rule.parts) > 1
    for part in rule.parts:
        if not may_be_asked(part.logsource, source, asks_fields(part.node)):
            continue
        known = names_for(part.logsource, source)
        asked = (_explain_node(rename(part.node, names), row.text, fields) for names in known)
        found = next(filter(None, asked), [])
        # Where several rules stand in a source, it is said which of them fits.
        lines += [f"{part.title}: {line}" for line in found] if several and part.title else found
    return list(dict.fromkeys(lines))


def _explain_observations(rule: StixPattern, objects: Mapping[str, Value]) -> list[str]:
    """What of a row is as each observation of a pattern asks; which one it is, where there are several."""
    lines: dict[str, None] = {}
    for number, node in enumerate(rule.observations, 1):
        reasons = _explain_node(node, "", objects)
        if reasons and rule.whole and len(rule.observations) > 1:
            reasons = [f"observation {number}: {' and '.join(reasons)}"]
        lines.update(dict.fromkeys(reasons))
    return list(lines)


def _explain_node(node: Node, text: str, fields: Mapping[str, Value]) -> list[str]:
    plan = Plan([("", node)])
    held = plan.atoms_held(text, fields)
    if not plan.verdict(held):
        return []
    atoms = {atom for atom, number in plan.numbers.items() if number in held}
    return _reasons(node, atoms, fields)


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


def say_atom(atom: Atom) -> str:
    """What an atom asks, in words."""
    field = atom.field if atom.field is not None else "the row"
    match atom.kind:
        case "any":
            return f"{field} has a value"
        case "null":
            return f"{field} is missing or null"
        case "exists":
            return f"{field} is {'present' if atom.value == 'true' else 'missing'}"
        case "fieldref":
            place, _, other = atom.value.partition(":")
            letters = ", to the letter" if atom.cased else ""
            return f"{field} {_WORDS[place]} what {other} holds{letters}"
        case "differs":
            kind, _, value = atom.value.partition(":")
            return f"not: {say_atom(Atom(atom.field, kind, value, atom.cased))}"
        case "time":
            unit, order, number = atom.value.split(":")
            return f"the {unit} of {field} {_WORDS.get(order, 'is')} {number}"
    return f"{field} {_WORDS[atom.kind]} {_show(atom.value)}"


def _say(atom: Atom, fields: Mapping[str, Value]) -> str:
    said = say_atom(atom)
    if atom.field is None or atom.field not in fields:
        return said
    texts = [text for text in elements(fields[atom.field]) if text is not None]
    return f"{said}: {_show(', '.join(texts))}" if texts else said


def _show(text: str) -> str:
    """``text`` quoted, on one line, without control characters, and cut to a readable length."""
    shown = text if len(text) <= SHOWN else text[:SHOWN] + "…"
    return ascii(shown) if not shown.isprintable() else repr(shown)
