"""A second reading of correlation rules, slow and obvious: every window is written out and looked at.

It reads the source's documents directly and shares with the fast path only the reading of YAML; which
rows a detection matches it asks of :mod:`comity.findings.reference`. Log sources are not looked at.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from comity.findings.reference import judge_condition, judge_detection, list_texts
from comity.findings.rows import Row
from comity.findings.yaml_source import read_documents

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


def correlated_rows(raw: bytes, rows: Sequence[Row]) -> set[int]:
    """The numbers of the rows that a source with correlations matches. It must be one that compiles."""
    documents: list[Any] = [document for document in read_documents(raw) if document is not None]
    referred: dict[bool, set[Any]] = {True: set(), False: set()}
    for document in documents:
        if "correlation" in document:
            section = document["correlation"]
            referred[document.get("generate", section.get("generate", False))] |= set(
                _listed(section["rules"])
            )
    hidden = referred[False] - referred[True]
    found: set[int] = set()
    for document in documents:
        if not {document.get("name"), document.get("id")} & hidden:
            found |= _rows_of(document, documents, rows)
    return found


def _listed(value: Any) -> list[Any]:
    return [] if value is None else list(value) if isinstance(value, list) else [value]


def _rows_of(document: Mapping[str, Any], documents: Sequence[Any], rows: Sequence[Row]) -> set[int]:
    if "detection" in document:
        filters = [d["filter"] for d in documents if "filter" in d and _is_of(d["filter"], document)]
        return {
            row.index
            for row in rows
            if judge_detection(document["detection"], row)
            and all(judge_detection({k: v for k, v in f.items() if k != "rules"}, row) for f in filters)
        }
    if "correlation" not in document:
        return set()
    section = document["correlation"]
    groups: dict[Any, list[tuple[int, int, str, Any]]] = {}
    for called in _listed(section["rules"]):
        (target,) = [d for d in documents if called in (d.get("name"), d.get("id"))]
        matched = _rows_of(target, documents, rows)
        for row in rows:
            if row.index not in matched or row.time is None:
                continue
            aliases = section.get("aliases") or {}
            key = [_value(row, _alias(n, aliases, target)) for n in _listed(section.get("group-by"))]
            condition = section.get("condition")
            fields = _listed(condition.get("field")) if isinstance(condition, dict) else []
            value = [_value(row, _alias(n, aliases, target)) for n in fields]
            if None in key or None in value:
                continue
            groups.setdefault(tuple(key), []).append((row.time, row.index, called, tuple(value)))
    found: set[int] = set()
    for events in groups.values():
        found |= _matched(section, events)
    return found


def _is_of(section: Mapping[str, Any], document: Mapping[str, Any]) -> bool:
    names = section.get("rules")
    return names in (None, [], "any") or bool(
        set(_listed(names)) & {document.get("name"), document.get("id")}
    )


def _alias(name: str, aliases: Mapping[str, Any], target: Mapping[str, Any]) -> str:
    for called in (target.get("name"), target.get("id")):
        if name in aliases and called in aliases[name]:
            return str(aliases[name][called])
    return name


def _value(row: Row, name: str) -> Any:
    texts = [
        "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in text)
        for text in list_texts(row.fields.get(name))
    ]
    return None if not texts else texts[0] if len(texts) == 1 else tuple(texts)


def _matched(section: Mapping[str, Any], events: list[tuple[int, int, str, Any]]) -> set[int]:
    kind = section["type"]
    span = int(section["timespan"][:-1]) * _UNITS[section["timespan"][-1]] * 1_000_000
    if kind == "temporal_ordered":
        return _chains(section, events, span)
    if kind.startswith("value_") and kind != "value_count":
        events = [event for event in events if _number(event[3][0]) is not None]
    times = {time for time, *_ in events}
    spans = [(a, b) for a in times for b in times if 0 <= b - a <= span]
    windows = [frozenset(e for e in events if a <= e[0] <= b) for a, b in spans]
    largest = [w for w in windows if not any(w < other for other in windows)]
    return {row for w in largest if _holds(section, w) for _, row, _, _ in w}


def _chains(section: Mapping[str, Any], events: list[tuple[int, int, str, Any]], span: int) -> set[int]:
    steps = [[e for e in events if e[2] == called] for called in _listed(section["rules"])]
    found: set[int] = set()
    for chain in itertools.product(*steps):
        marks = [event[:2] for event in chain]
        if all(a < b for a, b in itertools.pairwise(marks)) and chain[-1][0] - chain[0][0] <= span:
            found |= {event[1] for event in chain}
    return found


def _number(text: Any) -> Fraction | None:
    form = r"[+-]?[0-9]{1,400}(\.[0-9]{1,400})?([eE][+-]?[0-9]{1,3})?"
    return Fraction(text) if isinstance(text, str) and re.fullmatch(form, text, re.ASCII) else None


def _holds(section: Mapping[str, Any], window: frozenset[tuple[int, int, str, Any]]) -> bool:
    condition, kind = section.get("condition"), section["type"]
    called = {event[2] for event in window}
    if condition is None:
        return called == set(_listed(section["rules"]))
    if isinstance(condition, str):
        return judge_condition(condition, {name: name in called for name in _listed(section["rules"])})
    # A row that several rules match is one event; its value is that of the first of them.
    first: dict[int, Any] = {}
    for name in reversed(_listed(section["rules"])):
        first.update({row: value for _, row, of, value in window if of == name})
    amount = _amount(kind, condition, called, first)
    comparisons: dict[str, Callable[[Fraction, Fraction], bool]] = {
        "gt": lambda a, b: a > b,
        "gte": lambda a, b: a >= b,
        "lt": lambda a, b: a < b,
        "lte": lambda a, b: a <= b,
        "eq": lambda a, b: a == b,
        "neq": lambda a, b: a != b,
    }
    return all(
        compare(amount, Fraction(str(condition[order])))
        for order, compare in comparisons.items()
        if order in condition
    )


def _amount(kind: str, condition: Mapping[str, Any], called: set[str], first: Mapping[int, Any]) -> Fraction:
    if kind == "event_count":
        return Fraction(len(first))
    if kind == "value_count":
        return Fraction(len(set(first.values())))
    if kind == "temporal":
        return Fraction(len(called))
    numbers = sorted(Fraction(value[0]) for value in first.values())
    count = len(numbers)
    match kind:
        case "value_sum":
            return sum(numbers, Fraction(0))
        case "value_avg":
            return sum(numbers, Fraction(0)) / count
        case "value_min":
            return numbers[0]
        case "value_max":
            return numbers[-1]
        case "value_median":
            middle = numbers[count // 2]
            return middle if count % 2 else (numbers[count // 2 - 1] + middle) / 2
    wanted = condition["percentile"]
    return next(n for n in numbers if 100 * sum(m <= n for m in numbers) >= wanted * count)
