"""What a rule asks, of which rows, and what it needs, in words and as values."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from comity.findings.atoms import Node, iter_atoms, to_json
from comity.findings.correlation import Correlation
from comity.findings.explain import say_atom
from comity.findings.indicators import IndicatorList
from comity.findings.logsource import Logsource
from comity.findings.pack import AnyRule
from comity.findings.sigma import Part, Rule
from comity.findings.sql import SqlQuery
from comity.findings.stix import StixPattern
from comity.findings.stix_objects import fields_of_path
from comity.findings.taxonomy import CATEGORIES, SENSOR, SERVICES, ZEEK_CATEGORIES
from comity.findings.yara import YaraSource
from comity.records.canonical import Json

_TECHNIQUE = re.compile(r"(?:attack\.)?(t[0-9]{4}(?:\.[0-9]{3})?)")

SHOWN: Final = 40
"""How many atoms of a part are told in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """A rule in ``lines`` for people and ``fields`` for scripts."""

    lines: tuple[str, ...]
    fields: dict[str, Json]


def describe(rule: AnyRule) -> Description:
    """What ``rule`` asks."""
    if isinstance(rule, IndicatorList):
        counts = [(values.count(b"\n"), kind) for kind, values in rule.values]
        told = ", ".join(f"{number} {kind}" for number, kind in counts)
        return Description(lines=(f"indicators in any row: {told}",), fields={"kind": "indicators"})
    if isinstance(rule, StixPattern):
        return _describe_pattern(rule)
    if isinstance(rule, YaraSource):
        return _describe_yara(rule)
    if isinstance(rule, SqlQuery):
        return _describe_query(rule)
    lines: list[str] = []
    parts: list[Json] = []
    for number, part in enumerate(rule.parts):
        lines += _part_lines(rule, number, part)
        parts.append(
            {
                "logsource": part.logsource.to_json(),
                "rows": rows_of(part.logsource),
                "shown": part.shown,
                "fields": list(_fields_of(part.node)),
                "atoms": to_json(part.node),
            }
        )
    names = [_called(part, n) for n, part in enumerate(rule.parts)]
    names += [correlation.title or f"correlation {n}" for n, correlation in enumerate(rule.correlations, 1)]
    lines += [line for correlation in rule.correlations for line in _correlation_lines(correlation, names)]
    if rule.whole:
        lines.append("needs: the whole item, and a readable time in each row it correlates")
    fields: dict[str, Json] = {
        "kind": "sigma",
        "parts": parts,
        "correlations": [correlation.to_json() for correlation in rule.correlations],
    }
    return Description(lines=tuple(lines), fields=fields)


def _describe_pattern(rule: StixPattern) -> Description:
    lines = []
    observations: list[Json] = []
    for number, node in enumerate(rule.observations, 1):
        paths = _fields_of(node)
        lines.append(f"observation {number} asks of any row that tells of {', '.join(paths)}")
        lines += [f"  {path}, told by: {', '.join(fields_of_path(path))}" for path in paths]
        lines += [f"  {say_atom(atom)}" for atom in list(dict.fromkeys(iter_atoms(node)))[:SHOWN]]
        observations.append(
            {"fields": {path: list(fields_of_path(path)) for path in paths}, "atoms": to_json(node)}
        )
    fields: dict[str, Json] = {"kind": "stix", "observations": observations}
    if rule.tree is not None:
        lines.append("needs: the whole item, and a readable time in each row it observes")
        fields["tree"] = rule.tree if isinstance(rule.tree, int) else rule.tree.to_json()
    return Description(lines=tuple(lines), fields=fields)


def _describe_yara(rule: YaraSource) -> Description:
    lines = [f"asks of the bytes of any item: {', '.join(rule.names[:SHOWN])}"]
    if len(rule.names) > SHOWN:
        lines.append(f"  … and {len(rule.names) - SHOWN} more rules")
    if rule.modules:
        lines.append(f"modules, at the engine's version that the source names: {', '.join(rule.modules)}")
    lines.append("needs: the whole item")
    fields: dict[str, Json] = {"kind": "yara", "names": list(rule.names), "modules": list(rule.modules)}
    return Description(lines=tuple(lines), fields=fields)


def _describe_query(query: SqlQuery) -> Description:
    lines = [f"a query over the rows of any item that has one of: {', '.join(query.columns)}"]
    if not query.columns:
        lines = ["a query over the rows of any item"]
    needs = ", and a readable time in each row it compares" if query.timed else ""
    lines.append(f"needs: the whole item{needs}")
    return Description(lines=tuple(lines), fields={"kind": "sql", "columns": list(query.columns)})


def techniques_of(rule: AnyRule) -> tuple[str, ...]:
    """The ATT&CK techniques that a rule is tagged with (``attack.t1059.001``), as their ids."""
    tags = getattr(rule, "tags", ())
    found = {match[1].upper() for tag in tags if (match := _TECHNIQUE.fullmatch(tag.lower()))}
    return tuple(sorted(found))


def rows_of(logsource: Logsource) -> str:
    """Which rows a rule of this log source is asked of, in words."""
    said = [
        f"{key} {value}"
        for key, value in (
            ("product", logsource.product),
            ("category", logsource.category),
            ("service", logsource.service),
        )
        if value
    ]
    if not said:
        return "every row"
    told = ", ".join(said)
    if logsource.product == "windows" and logsource.category:
        places = CATEGORIES.get(logsource.category, ())
        told += ": " + "; ".join(
            "rows that other sensors write of it"
            if channel == SENSOR
            else f"{channel} {', '.join(sorted(events, key=int))}"
            for channel, events in places
        )
    elif logsource.product == "windows" and logsource.service:
        told += ": " + "; ".join(SERVICES.get(logsource.service, ()))
    else:
        logs = [log for log, categories in ZEEK_CATEGORIES.items() if logsource.category in categories]
        if logs and logsource.product in (None, "zeek"):
            told += f": rows declared so, and Zeek's {', '.join(logs)} log"
    return told


def _called(part: Part, number: int) -> str:
    return part.title or f"detection {number + 1}"


def _part_lines(rule: Rule, number: int, part: Part) -> Iterable[str]:
    head = (
        "asks of"
        if len(rule.parts) == 1 and part.shown
        else f"{_called(part, number)}{'' if part.shown else ' (no match by itself)'}, of"
    )
    yield f"{head} {rows_of(part.logsource)}"
    fields = _fields_of(part.node)
    if fields:
        yield f"  fields: {', '.join(fields)}"
    atoms = list(dict.fromkeys(iter_atoms(part.node)))
    for atom in atoms[:SHOWN]:
        yield f"  {say_atom(atom)}"
    if len(atoms) > SHOWN:
        yield f"  … and {len(atoms) - SHOWN} more"


def _fields_of(node: Node) -> tuple[str, ...]:
    return tuple(sorted({atom.field for atom in iter_atoms(node) if atom.field is not None}))


def _correlation_lines(correlation: Correlation, names: list[str]) -> Iterable[str]:
    rules = ", ".join(names[rule] for rule in correlation.rules)
    bounds = " ".join(f"{order} {bound}" for order, bound in correlation.bounds)
    span = f"{correlation.span // 1_000_000} s"
    yield f"{correlation.kind} of {rules} within {span}{f': {bounds}' if bounds else ''}"
    group = sorted({name for names_of in correlation.groups for name in names_of})
    if group:
        yield f"  by: {', '.join(group)}"
    counted = sorted({name for names_of in correlation.fields for name in names_of})
    if counted:
        yield f"  of the values of: {', '.join(counted)}"
