"""Correlation rules: what they say of rows that other rules match (Sigma correlation rules, version 2.1).

A correlation names rules of its own source, a time span, fields to group by and a condition. What it
means here, to the row, is in ``spec/11-findings.md``; :mod:`comity.findings.windows` decides it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from comity.findings.atoms import And, Atom, Node, iter_atoms, to_json
from comity.findings.condition import parse_condition
from comity.findings.reasons import RuleError
from comity.records.canonical import Json

if TYPE_CHECKING:
    from comity.findings.yaml_source import Yaml

METRICS: Final = ("value_sum", "value_avg", "value_min", "value_max", "value_median", "value_percentile")
KINDS: Final = ("event_count", "value_count", *METRICS, "temporal", "temporal_ordered")
ORDERS: Final = ("gt", "gte", "lt", "lte", "eq", "neq")
RULES: Final = 64
"""The most rules that one correlation refers to, and the most fields that it groups by."""
DEPTH: Final = 8
"""The deepest chain of correlations of correlations."""

_KNOWN: Final = frozenset(("type", "rules", "aliases", "group-by", "timespan", "condition", "generate"))
_SPAN = re.compile(r"([1-9][0-9]{0,8})([smhdw])")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_NUMBER = re.compile(r"-?[0-9]{1,64}(?:\.[0-9]{1,64})?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlation:
    """One correlation of a rule.

    ``rules`` are numbers of what it refers to: a detection of the source, or, from the number of
    detections on, a correlation. ``groups`` and ``fields`` are, for each of them, the names of the
    fields to group by and of those whose values count. ``span`` is in microseconds. ``bounds`` are
    comparisons that must all hold; ``occurs`` is a tree over which rules occur.
    """

    kind: str
    rules: tuple[int, ...]
    called: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...]
    fields: tuple[tuple[str, ...], ...]
    span: int
    bounds: tuple[tuple[str, Fraction], ...]
    percentile: int
    occurs: Node | None
    shown: bool
    title: str

    def to_json(self) -> Json:
        """All that decides, as it enters the pack's digest."""
        said: dict[str, Json] = {
            "fields": [list(names) for names in self.fields],
            "groups": [list(names) for names in self.groups],
            "rules": list(self.rules),
            "shown": self.shown,
            "span": self.span,
            "type": self.kind,
        }
        if self.bounds:
            said["bounds"] = [[order, str(bound)] for order, bound in self.bounds]
        if self.percentile:
            said["percentile"] = self.percentile
        if self.occurs is not None:
            said["occurs"] = to_json(self.occurs)
        return said


def read_generate(head: Mapping[str, Yaml]) -> bool:
    """Whether the rules that a correlation document refers to also count by themselves."""
    section = head.get("correlation")
    inner = section.get("generate", False) if isinstance(section, dict) else False
    value = head.get("generate", inner)
    if not isinstance(value, bool):
        raise RuleError("the correlation's 'generate' is neither true nor false")
    return value


def referred_rules(head: Mapping[str, Yaml]) -> tuple[str, ...]:
    """The names that a correlation document refers to other rules by."""
    section = head.get("correlation")
    if not isinstance(section, dict):
        raise RuleError("the correlation is not a mapping")
    rules = section.get("rules")
    names = tuple(_texts(rules, "rules"))
    if not names:
        raise RuleError("the correlation refers to no rule")
    if len(set(names)) != len(names):
        raise RuleError("the correlation refers to a rule twice")
    if len(names) > RULES:
        raise RuleError(f"the correlation refers to more than {RULES} rules")
    return names


def _texts(value: Yaml, what: str) -> list[str]:
    items = [] if value is None else value if isinstance(value, list) else [value]
    found = []
    for item in items:
        if isinstance(item, dict | list) or item is None or item == "":
            raise RuleError(f"the correlation's {what!r} are not names")
        found.append(str(item))
    return found


def read_correlation(
    head: Mapping[str, Yaml], numbers: Mapping[str, int], same: Mapping[int, Sequence[str]], shown: bool
) -> Correlation:
    """The correlation of a document. ``numbers`` gives what each name of the source refers to, ``same``
    the names (``name`` and ``id``) of each number."""
    section = head["correlation"]
    assert isinstance(section, dict)
    if unknown := sorted(set(section) - _KNOWN):
        raise RuleError(f"the correlation's {unknown[0]!r} is not known to comity-find/1")
    kind = section.get("type")
    if kind not in KINDS:
        raise RuleError(f"the correlation type {kind!r} is not run by comity-find/1")
    called = referred_rules(head)
    for name in called:
        if name not in numbers:
            raise RuleError(f"the correlation refers to {name!r}, which is not in its source")
    rules = tuple(numbers[name] for name in called)
    if len(set(rules)) != len(rules):
        raise RuleError("the correlation refers to a rule twice, by name and by id")
    aliases = _read_aliases(section.get("aliases"))
    group = _texts(section.get("group-by"), "group-by")
    if len(group) > RULES:
        raise RuleError(f"the correlation groups by more than {RULES} fields")
    fields, bounds, percentile, occurs = _read_condition(str(kind), section.get("condition"), called)

    def named(names: Sequence[str]) -> tuple[tuple[str, ...], ...]:
        return tuple(tuple(_resolve(name, aliases, same[rule]) for name in names) for rule in rules)

    return Correlation(
        kind=str(kind),
        rules=rules,
        called=called,
        groups=named(group),
        fields=named(fields),
        span=_read_span(section.get("timespan")),
        bounds=bounds,
        percentile=percentile,
        occurs=occurs,
        shown=shown,
        title=str(head.get("title") or head.get("name") or ""),
    )


def _read_span(value: Yaml) -> int:
    found = _SPAN.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise RuleError(f"the timespan {value!r} is not a number with s, m, h, d or w")
    return int(found[1]) * _SECONDS[found[2]] * 1_000_000


def _read_aliases(section: Yaml) -> Mapping[str, Mapping[str, str]]:
    if section is None:
        return {}
    aliases: dict[str, dict[str, str]] = {}
    for alias, by_rule in section.items() if isinstance(section, dict) else [("", None)]:
        if not isinstance(by_rule, dict) or not all(isinstance(name, str) for name in by_rule.values()):
            raise RuleError("the correlation's aliases are not names by rule")
        aliases[alias] = {rule: str(name) for rule, name in by_rule.items()}
    return aliases


def _resolve(name: str, aliases: Mapping[str, Mapping[str, str]], same: Sequence[str]) -> str:
    """The field that ``name`` is in events of a rule: what its alias says of the rule, or the name."""
    if name not in aliases:
        return name
    for rule in same:
        if rule in aliases[name]:
            return aliases[name][rule]
    raise RuleError(f"the alias {name!r} says nothing of the rule {same[0] if same else ''!r}")


_Condition = tuple[list[str], tuple[tuple[str, Fraction], ...], int, Node | None]


def _read_condition(kind: str, condition: Yaml, called: tuple[str, ...]) -> _Condition:
    if kind in ("temporal", "temporal_ordered"):
        if condition is None:
            return [], (), 0, None
        if isinstance(condition, str):
            return [], (), 0, _read_occurs(kind, condition, called)
        if kind == "temporal_ordered":
            _check_all(condition, len(called))
            return [], (), 0, None
    if not isinstance(condition, dict):
        raise RuleError(f"the condition of {kind} is not a mapping")
    if unknown := sorted(set(condition) - {*ORDERS, "field", "percentile"}):
        raise RuleError(f"{unknown[0]!r} is no part of a correlation's condition")
    fields = _texts(condition.get("field"), "field")
    counted = kind == "value_count" or kind in METRICS
    if counted and not fields:
        raise RuleError(f"the condition of {kind} names no field")
    if fields and not counted:
        raise RuleError(f"the condition of {kind} takes no field")
    if kind in METRICS and len(fields) > 1:
        raise RuleError(f"the condition of {kind} takes one field")
    if len(fields) > RULES:
        raise RuleError(f"the condition names more than {RULES} fields")
    bounds = tuple((order, _read_bound(condition[order])) for order in ORDERS if order in condition)
    if not bounds:
        raise RuleError(f"the condition of {kind} compares with nothing")
    return fields, bounds, _read_percentile(kind, condition), None


def _check_all(condition: Yaml, rules: int) -> None:
    """In order, all of the rules must occur: numbers may say that, and nothing else."""
    bounds = [(order, bound) for order, bound in condition.items()] if isinstance(condition, dict) else []
    if not bounds or any(order not in ORDERS for order, _ in bounds):
        raise RuleError("the condition of temporal_ordered compares with nothing")
    found = {(order, _read_bound(bound)) for order, bound in bounds}
    if not found <= {("gte", Fraction(rules)), ("eq", Fraction(rules)), ("gt", Fraction(rules - 1))}:
        raise RuleError(
            f"a temporal_ordered correlation is of all its rules in order: its number can only be all {rules}"
        )


def _read_bound(value: Yaml) -> Fraction:
    text = "" if isinstance(value, bool) else str(value)
    if not _NUMBER.fullmatch(text):
        raise RuleError(f"a correlation compares with a decimal number, not {value!r}")
    return Fraction(text)


def _read_percentile(kind: str, condition: Mapping[str, Yaml]) -> int:
    value = condition.get("percentile")
    if kind != "value_percentile":
        if value is not None:
            raise RuleError(f"the condition of {kind} takes no percentile")
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 100:
        raise RuleError("value_percentile needs a percentile from 1 to 100 in its condition")
    return value


def _read_occurs(kind: str, text: str, called: tuple[str, ...]) -> Node | None:
    node = parse_condition(text, {name: Atom(None, "occurs", name) for name in called})
    if kind == "temporal":
        return node
    # In order, all of the rules must occur: a condition may repeat that, and nothing else.
    atoms = [atom.value for atom in iter_atoms(node)]
    parts = node.parts if isinstance(node, And) else (node,)
    if sorted(atoms) != sorted(called) or not all(isinstance(part, Atom) for part in parts):
        raise RuleError("the condition of temporal_ordered can only be all of its rules")
    return None
