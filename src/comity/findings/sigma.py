"""Sigma rules: from the bytes of a source to a tree, or to the reason why it cannot be run.

A rule's digest is the SHA-256 of its exact bytes. A source may hold several YAML documents; it is one
rule still. A row matches when a detection does, or a correlation of them; detections and correlations
that another correlation refers to do not count by themselves, unless it says ``generate``. A filter
document narrows detections of its own source, a ``placeholders`` document gives values to ``expand``.
So all that decides what a rule matches is in its source; :mod:`comity.findings.link` makes such a source
of documents that stand in several. Rule collections (``action``) and aggregations are named as unusable.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from comity.findings.aggregation import COUNTED, expand_aggregations
from comity.findings.atoms import And, Node, Or, iter_atoms, to_json
from comity.findings.collection import expand_actions, has_actions
from comity.findings.condition import parse_condition
from comity.findings.correlation import (
    DEPTH,
    Correlation,
    read_correlation,
    read_generate,
    referred_rules,
)
from comity.findings.logsource import Logsource, read_logsource
from comity.findings.modifiers import Placeholders, compile_field, compile_keyword
from comity.findings.reasons import RuleError
from comity.findings.regexes import measure_program
from comity.findings.rows import fold
from comity.records.canonical import Json

if TYPE_CHECKING:
    from comity.findings.yaml_source import Yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One detection of a rule: the rows it is asked of, and the question. ``shown`` is whether its rows
    are matches by themselves; ``title`` is for people."""

    logsource: Logsource
    node: Node
    shown: bool = True
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule ready to run. Only ``digest``, ``parts`` and ``correlations`` decide anything; the rest is
    for people.

    ``author`` is shown wherever a match is: common rule licences ask for it.
    """

    digest: str
    source_name: str
    title: str
    rule_id: str
    author: str
    level: str
    parts: tuple[Part, ...]
    correlations: tuple[Correlation, ...] = ()
    tags: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether a verdict on one row needs other rows: such a rule cannot be checked on some rows."""
        return bool(self.correlations)

    def to_json(self) -> Json:
        """The compiled rule, as it enters the pack's digest."""
        parts: list[Json] = [[part.logsource.to_json(), to_json(part.node)] for part in self.parts]
        said: dict[str, Json] = {"kind": "sigma", "parts": parts, "rule": self.digest}
        if self.correlations:
            said["correlations"] = [correlation.to_json() for correlation in self.correlations]
            said["shown"] = [n for n, part in enumerate(self.parts) if part.shown]
        return said


@dataclass(frozen=True, slots=True, kw_only=True)
class Unusable:
    """A source that is not run, with the reason in one plain sentence."""

    source_name: str
    digest: str
    reason: str


def parse_rule(source_name: str, raw: bytes) -> Rule | Unusable:
    """Compile one Sigma source."""
    digest = hashlib.sha256(raw).hexdigest()
    try:
        heads = read_heads(raw)
        parts, correlations = _read_parts(heads)
    except RuleError as error:
        return Unusable(source_name=source_name, digest=digest, reason=str(error))
    joins = [head for head in heads if "correlation" in head]
    outer = [head for head, found in zip(joins, correlations, strict=True) if found.shown]
    first = (outer or joins or heads)[0]
    return Rule(
        digest=digest,
        source_name=source_name,
        title=_text(first, "title"),
        rule_id=_text(first, "id"),
        author=_text(first, "author"),
        level=_text(first, "level"),
        parts=parts,
        correlations=correlations,
        tags=_tags(first.get("tags")),
    )


def read_heads(raw: bytes) -> list[Mapping[str, Yaml]]:
    """The documents of a source, those that are empty left out, the rules of a collection each in full, and
    conditions that count said as correlations; ``RuleError`` where there is none."""
    return read_collected(raw)[0]


def read_collected(raw: bytes) -> tuple[list[Mapping[str, Yaml]], bool]:
    """As :func:`read_heads`; and whether the source is a collection, whose documents say things for one
    another."""
    # A run of compiled rules reads no YAML.
    from comity.findings.yaml_source import read_documents

    documents = [document for document in read_documents(raw) if document is not None]
    if not documents:
        raise RuleError("the source is empty")
    heads = [_mapping(document, "a rule") for document in documents]
    return expand_aggregations(expand_actions(heads)), has_actions(heads)


Role: TypeAlias = Literal["detection", "correlation", "filter", "placeholders"]


def role_of(head: Mapping[str, Yaml]) -> Role:
    """What a document is; ``RuleError`` where it is none of a rule's."""
    if "correlation" in head:
        return "correlation"
    if "detection" in head:
        return "detection"
    if "filter" in head:
        return "filter"
    if "placeholders" in head:
        return "placeholders"
    raise RuleError("the rule has no detection")


def names_of(head: Mapping[str, Yaml]) -> tuple[str, ...]:
    """The names by which other documents refer to this one: its ``name`` and its ``id``."""
    return tuple(str(head[key]) for key in ("name", "id") if isinstance(head.get(key), str | int))


def _tags(value: Yaml) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def _text(head: Mapping[str, Yaml], key: str) -> str:
    value = head.get(key)
    return "" if value is None or isinstance(value, list | dict) else str(value)


def _mapping(value: Yaml, what: str) -> Mapping[str, Yaml]:
    if not isinstance(value, dict):
        raise RuleError(f"{what} is not a mapping")
    return value


def _read_parts(heads: Sequence[Mapping[str, Yaml]]) -> tuple[tuple[Part, ...], tuple[Correlation, ...]]:
    """All detections and correlations of a source, with its filters and placeholders worked in."""

    def each(role: Role) -> list[tuple[str, Mapping[str, Yaml]]]:
        return [
            (f"document {n}: " if len(heads) > 1 else "", h)
            for n, h in enumerate(heads, 1)
            if role_of(h) == role
        ]

    detections, correlations = each("detection"), each("correlation")
    if not detections:
        if correlations:
            _refuse_cycle([head for _, head in correlations])
            names = ", ".join(repr(name) for name in referred_rules(correlations[0][1])[:3])
            raise RuleError(f"the correlation refers to rules that are not in its source: {names}")
        raise RuleError("the source has no detection" if len(heads) > 1 else _ALONE[role_of(heads[0])])
    values: dict[str, tuple[str, ...]] = {}
    for where, head in each("placeholders"):
        with _in(where):
            values.update(read_placeholders(head))
    everything = [head for _, head in (*detections, *correlations)]
    numbers, same = _number(everything) if correlations else ({}, {})
    hidden, shown = _find_shown([head for _, head in correlations], numbers)
    parts = []
    for n, (where, head) in enumerate(detections):
        with _in(where):
            parts.append(_read_part(head, values, n not in hidden or n in shown))
    for where, head in each("filter"):
        with _in(where):
            _apply_filter(head, [head for _, head in detections], parts, values)
    found = []
    _refuse_cycle([head for _, head in correlations])
    for n, (where, head) in enumerate(correlations, len(detections)):
        with _in(where):
            found.append(read_correlation(head, numbers, same, n not in hidden or n in shown))
    _check_chain(found, len(parts))
    return tuple(parts), tuple(found)


_ALONE: Mapping[Role, str] = MappingProxyType(
    {
        "correlation": "the correlation refers to rules that are not in its source",
        "detection": "the rule has no detection",
        "filter": "a filter is no rule by itself, and no rule that it names is here",
        "placeholders": "placeholders are no rule by themselves, and no rule that uses them is here",
    }
)


@contextmanager
def _in(where: str) -> Iterator[None]:
    try:
        yield
    except RuleError as error:
        raise RuleError(f"{where}{error}") from None


def _number(heads: Sequence[Mapping[str, Yaml]]) -> tuple[dict[str, int], dict[int, tuple[str, ...]]]:
    """What each name of a source refers to, and the names of each detection and correlation."""
    numbers: dict[str, int] = {}
    same = {n: names_of(head) for n, head in enumerate(heads)}
    for n, names in same.items():
        for name in names:
            if numbers.setdefault(name, n) != n:
                raise RuleError(f"two documents of the source are called {name!r}")
    return numbers, same


def _find_shown(
    correlations: Sequence[Mapping[str, Yaml]], numbers: Mapping[str, int]
) -> tuple[set[int], set[int]]:
    """The documents that a correlation refers to, and those of them that it generates all the same."""
    hidden: set[int] = set()
    generated: set[int] = set()
    for head in correlations:
        referred = {numbers[name] for name in referred_rules(head) if name in numbers}
        hidden |= referred
        if read_generate(head):
            generated |= referred
    return hidden, generated


def _refuse_cycle(correlations: Sequence[Mapping[str, Yaml]]) -> None:
    """``RuleError`` with the names on the way, where a correlation refers to itself."""
    named = {name: head for head in correlations for name in names_of(head)}
    done: set[int] = set()
    for head in correlations:
        way: list[str] = []
        heads = [head]
        due = [iter(referred_rules(head))]
        while due:
            name = next(due[-1], None)
            if name is None:
                due.pop()
                done.add(id(heads.pop()))
                del way[-1:]
                continue
            other = named.get(name)
            if other is None or id(other) in done:
                continue
            way.append(name)
            begun = next((n for n, each in enumerate(heads) if each is other), None)
            if begun is not None:
                names = " -> ".join(repr(each[:80]) for each in (way[-1], *way[begun:]))
                raise RuleError(f"a correlation refers to itself, by way of others or directly: {names}")
            heads.append(other)
            due.append(iter(referred_rules(other)))


def _check_chain(correlations: Sequence[Correlation], parts: int) -> None:
    """No chain of correlations may be deeper than ``DEPTH``; none refers to itself here."""
    depth: dict[int, int] = dict.fromkeys(range(parts), 0)
    while len(depth) < parts + len(correlations):
        before = len(depth)
        for n, correlation in enumerate(correlations, parts):
            if n not in depth and all(rule in depth for rule in correlation.rules):
                depth[n] = 1 + max(depth[rule] for rule in correlation.rules)
        assert len(depth) > before, "no correlation refers to itself here"
    if max(depth.values()) > DEPTH:
        raise RuleError(f"correlations of correlations are more than {DEPTH} deep")


def read_placeholders(head: Mapping[str, Yaml]) -> dict[str, tuple[str, ...]]:
    """The values that a ``placeholders`` document gives, by name."""
    found = {}
    for name, given in _mapping(head["placeholders"], "placeholders").items():
        items = given if isinstance(given, list) else [given]
        if not items or any(isinstance(item, list | dict | bool) or item is None for item in items):
            raise RuleError(f"the placeholder %{name}% has no list of values")
        found[name] = tuple(str(item) for item in items)
    return found


def filter_names(head: Mapping[str, Yaml]) -> tuple[str, ...] | None:
    """The rules that a filter names; ``None`` where it is of all rules of its log source."""
    rules = _mapping(head["filter"], "the filter").get("rules")
    if rules is None or rules == [] or rules == "any":
        return None
    items = rules if isinstance(rules, list) else [rules]
    if any(isinstance(item, list | dict | bool) or item is None for item in items):
        raise RuleError("the filter's rules are not names")
    return tuple(str(item) for item in items)


def fits_filter(head: Mapping[str, Yaml], detection: Mapping[str, Yaml]) -> bool:
    """Whether a filter is of a detection: it names it, and all that its logsource says is said there."""
    names = filter_names(head)
    counted = detection.get(COUNTED)
    called = {*names_of(detection), *(map(str, counted) if isinstance(counted, list) else ())}
    if names is not None and called.isdisjoint(names):
        return False
    wanted, told = head.get("logsource"), detection.get("logsource")
    if not isinstance(wanted, dict) or not isinstance(told, dict):
        raise RuleError("the filter has no logsource")
    return all(
        fold(str(wanted[key])) == fold(str(told.get(key)))
        for key in ("product", "category", "service")
        if wanted.get(key) is not None
    )


def _apply_filter(
    head: Mapping[str, Yaml],
    detections: Sequence[Mapping[str, Yaml]],
    parts: list[Part],
    values: Mapping[str, tuple[str, ...]],
) -> None:
    """Narrow the detections that a filter is of: its condition must hold too (Sigma filters)."""
    fits = [n for n, detection in enumerate(detections) if fits_filter(head, detection)]
    if not fits:
        raise RuleError("the filter is of no rule of its source")
    section = _mapping(head["filter"], "the filter")
    node = compile_detection({key: value for key, value in section.items() if key != "rules"}, values)
    for n in fits:
        _refuse_places(parts[n].logsource, node)
        parts[n] = replace(parts[n], node=And((parts[n].node, node)))
        _check_programs({"": parts[n].node})


_BY_PLACE: Final = re.compile(r"(?:(?:event\.)?eventdata\.)?data\[[0-9]{1,4}\]")
"""How some rules for events of Windows ask for one of the values that have no name, folded."""


def _refuse_places(logsource: Logsource, node: Node) -> None:
    """``RuleError`` where a rule for events of Windows asks for a value without a name by its place."""
    if logsource.product != "windows":
        return
    for atom in iter_atoms(node):
        other = atom.value.partition(":")[2] if atom.kind == "fieldref" else None
        for name in (atom.field, other):
            if name is not None and _BY_PLACE.fullmatch(fold(name)):
                raise RuleError(
                    f"{name!r} asks for a value without a name by its place, which comity-find/1 does not: "
                    "any of them is asked as 'Data'"
                )


def _read_part(head: Mapping[str, Yaml], values: Mapping[str, tuple[str, ...]], shown: bool) -> Part:
    logsource = read_logsource(_mapping(head.get("logsource", {}), "the logsource"))
    node = compile_detection(_mapping(head["detection"], "the detection"), values)
    _refuse_places(logsource, node)
    return Part(
        logsource=logsource,
        node=node,
        shown=shown,
        title=_text(head, "title") or _text(head, "name"),
    )


PROGRAMS = 25_000
"""How large all expressions and wildcard patterns of a rule may be together, in RE2's instructions."""

_NO_VALUES: Placeholders = MappingProxyType({})

SEARCHES = 1000
"""How many search identifiers a detection may define."""


def _check_programs(named: Mapping[str, Node]) -> None:
    total = 0
    for node in named.values():
        for atom in iter_atoms(node):
            total += measure_program(atom.kind, atom.value)
            if total > PROGRAMS:
                raise RuleError(f"its expressions together need more than {PROGRAMS} steps")


def compile_detection(detection: Mapping[str, Yaml], values: Placeholders = _NO_VALUES) -> Node:
    """The tree of a ``detection`` section; ``values`` are those of its placeholders."""
    if len(detection) > SEARCHES:
        raise RuleError(f"the detection defines more than {SEARCHES} search identifiers")
    named: dict[str, Node] = {}
    for name, search in detection.items():
        if name not in ("condition", "timeframe"):
            try:
                named[name] = _compile_search(search, values)
            except RuleError as error:
                raise RuleError(f"{name}: {error}") from None
    _check_programs(named)
    condition = detection.get("condition")
    texts = condition if isinstance(condition, list) else [condition]
    # A search identifier of digits makes a condition that YAML reads as a number.
    if not texts or not all(isinstance(text, str | int) and not isinstance(text, bool) for text in texts):
        raise RuleError("the detection has no condition")
    nodes = tuple(parse_condition(str(text), named) for text in texts)
    return nodes[0] if len(nodes) == 1 else Or(nodes)


def _compile_search(search: Yaml, values: Placeholders) -> Node:
    """A search identifier: a mapping is and, a list is or, a bare value a keyword."""
    if isinstance(search, dict):
        if not search:
            raise RuleError("a search identifier is empty")
        nodes = tuple(compile_field(key, value, values) for key, value in search.items())
        return nodes[0] if len(nodes) == 1 else And(nodes)
    if isinstance(search, list):
        if not search:
            raise RuleError("a search identifier is empty")
        parts = tuple(
            _compile_search(item, values) if isinstance(item, dict) else compile_keyword(item)
            for item in search
        )
        return parts[0] if len(parts) == 1 else Or(parts)
    return compile_keyword(search)
