"""Conditions that count, as Sigma's first specification wrote them, said as correlations.

``sel | count() by User > 5`` with a ``timeframe`` is an ``event_count``, ``count(Field)`` a ``value_count``,
``sum``, ``avg``, ``min`` and ``max`` the counts of values of those names. So a rule with such a condition is
two documents: a detection that is no match by itself, and a correlation of it. Which rows go together in a
window is what correlations say it is (``spec/11-findings.md``, clauses 9 to 12).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from comity.findings.reasons import RuleError

if TYPE_CHECKING:
    from comity.findings.yaml_source import Yaml

_COUNTED = re.compile(
    r"(count|min|max|avg|sum)\s*\(\s*([^\s()|]{0,200})\s*\)(?:\s+by\s+([^<>=|]{1,1000}?))?"
    r"\s*(<=|>=|==|=|<|>)\s*([0-9]{1,18}(?:\.[0-9]{1,18})?)"
)
_KINDS: Mapping[str, str] = MappingProxyType(
    {"avg": "value_avg", "count": "value_count", "max": "value_max", "min": "value_min", "sum": "value_sum"}
)
_ORDERS: Mapping[str, str] = MappingProxyType(
    {"<": "lt", "<=": "lte", "=": "eq", "==": "eq", ">": "gt", ">=": "gte"}
)
COUNTED: Final = "counted for"
"""The key under which a detection that was made of a rule keeps the rule's names."""
_OF_RULES: Final = ("title", "id", "name", "author", "level", "tags", "status", "description")


def expand_aggregations(heads: Sequence[Mapping[str, Yaml]]) -> list[Mapping[str, Yaml]]:
    """The documents of a source, those with a condition that counts as a detection and its correlation;
    ``RuleError`` where such a condition is of another form or has no ``timeframe``."""
    made: list[Mapping[str, Yaml]] = []
    for number, head in enumerate(heads, 1):
        detection = head.get("detection")
        condition = detection.get("condition") if isinstance(detection, dict) else None
        if isinstance(condition, list) and len(condition) == 1:
            condition = condition[0]
        if isinstance(detection, dict) and isinstance(condition, str) and "|" in condition:
            made += _expand(head, detection, condition, f"what document {number} counts")
        else:
            made.append(head)
    return made


def _expand(
    head: Mapping[str, Yaml], detection: Mapping[str, Yaml], condition: str, name: str
) -> list[Mapping[str, Yaml]]:
    which, _, counted = condition.partition("|")
    found = _COUNTED.fullmatch(counted.strip())
    if found is None:
        raise RuleError(
            f"the condition counts in a way that is not run by comity-find/1: {counted.strip()[:80]!r} "
            "(say it as a correlation)"
        )
    function, field, by, order, bound = found.groups()
    if detection.get("timeframe") is None:
        raise RuleError("the condition counts, and no timeframe says how far apart (say it as a correlation)")
    if not field and function != "count":
        raise RuleError(f"the condition asks for {function}() of no field")
    groups: list[Yaml] = [each.strip() for each in (by or "").split(",") if each.strip()]
    section: dict[str, Yaml] = {
        "type": _KINDS[function] if field else "event_count",
        "rules": [name],
        "timespan": detection["timeframe"],
        "condition": {_ORDERS[order]: bound, **({"field": field} if field else {})},
    }
    if groups:
        section["group-by"] = groups
    counts = {key: head[key] for key in _OF_RULES if key in head}
    plain = {key: value for key, value in detection.items() if key != "timeframe"}
    # A filter that names the rule narrows what it counts.
    names = [head[key] for key in ("id", "name") if isinstance(head.get(key), str | int)]
    rest = {key: value for key, value in head.items() if key not in ("id", "name", "detection")}
    return [
        {**rest, "name": name, COUNTED: [*names], "detection": {**plain, "condition": which.strip()}},
        {**counts, "correlation": section},
    ]
