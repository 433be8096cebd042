"""Sigma rules: from the bytes of a source to a tree, or to the reason why it cannot be run.

A rule's digest is the SHA-256 of its exact bytes. A source may hold several detections as YAML
documents; it is one rule still, and a row matches when one of them does. Correlation rules, rule
collections (``action``) and aggregations are named as unusable by ``comity-find/1``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from comity.findings.atoms import And, Node, Or, iter_atoms, to_json
from comity.findings.condition import parse_condition
from comity.findings.logsource import Logsource, read_logsource
from comity.findings.modifiers import compile_field, compile_keyword
from comity.findings.reasons import RuleError
from comity.findings.regexes import measure_program
from comity.findings.yaml_source import Yaml, read_documents
from comity.records.canonical import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One detection of a rule: the rows it is asked of, and the question."""

    logsource: Logsource
    node: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule ready to run. Only ``digest`` and ``parts`` decide anything; the rest is for people.

    ``author`` is shown wherever a match is: common rule licences ask for it.
    """

    digest: str
    source_name: str
    title: str
    rule_id: str
    author: str
    level: str
    parts: tuple[Part, ...]

    def to_json(self) -> Json:
        """The compiled rule, as it enters the pack's digest."""
        parts: list[Json] = [[part.logsource.to_json(), to_json(part.node)] for part in self.parts]
        return {"kind": "sigma", "parts": parts, "rule": self.digest}


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
        documents = read_documents(raw)
        if not documents:
            raise RuleError("the source is empty")
        heads = [_mapping(document, "a rule") for document in documents]
        parts = tuple(_read_part(head, n if len(heads) > 1 else 0) for n, head in enumerate(heads, 1))
    except RuleError as error:
        return Unusable(source_name=source_name, digest=digest, reason=str(error))
    first = heads[0]
    return Rule(
        digest=digest,
        source_name=source_name,
        title=_text(first, "title"),
        rule_id=_text(first, "id"),
        author=_text(first, "author"),
        level=_text(first, "level"),
        parts=parts,
    )


def _text(head: Mapping[str, Yaml], key: str) -> str:
    value = head.get(key)
    return "" if value is None or isinstance(value, list | dict) else str(value)


def _mapping(value: Yaml, what: str) -> Mapping[str, Yaml]:
    if not isinstance(value, dict):
        raise RuleError(f"{what} is not a mapping")
    return value


def _read_part(head: Mapping[str, Yaml], number: int) -> Part:
    try:
        if "correlation" in head:
            raise RuleError("correlation rules are not run by semantics comity-find/1")
        if "action" in head:
            raise RuleError("rule collections (action) are not run by semantics comity-find/1")
        if "filter" in head and "detection" not in head:
            raise RuleError("filters over other rules are not run by semantics comity-find/1")
        if "detection" not in head:
            raise RuleError("the rule has no detection")
        return Part(
            logsource=read_logsource(_mapping(head.get("logsource", {}), "the logsource")),
            node=compile_detection(_mapping(head["detection"], "the detection")),
        )
    except RuleError as error:
        raise RuleError(f"document {number}: {error}" if number else str(error)) from None


PROGRAMS = 1_000_000
"""How large all expressions and wildcard patterns of a rule may be together, in RE2's instructions."""

SEARCHES = 1000
"""How many search identifiers a detection may define."""


def _check_programs(named: Mapping[str, Node]) -> None:
    total = 0
    for node in named.values():
        for atom in iter_atoms(node):
            total += measure_program(atom.kind, atom.value)
            if total > PROGRAMS:
                raise RuleError(f"its expressions together need more than {PROGRAMS} steps")


def compile_detection(detection: Mapping[str, Yaml]) -> Node:
    """The tree of a ``detection`` section."""
    if len(detection) > SEARCHES:
        raise RuleError(f"the detection defines more than {SEARCHES} search identifiers")
    named: dict[str, Node] = {}
    for name, search in detection.items():
        if name not in ("condition", "timeframe"):
            try:
                named[name] = _compile_search(search)
            except RuleError as error:
                raise RuleError(f"{name}: {error}") from None
    _check_programs(named)
    condition = detection.get("condition")
    texts = condition if isinstance(condition, list) else [condition]
    if not texts or not all(isinstance(text, str) for text in texts):
        raise RuleError("the detection has no condition")
    nodes = tuple(parse_condition(str(text), named) for text in texts)
    return nodes[0] if len(nodes) == 1 else Or(nodes)


def _compile_search(search: Yaml) -> Node:
    """A search identifier: a mapping is and, a list is or, a bare value a keyword."""
    if isinstance(search, dict):
        if not search:
            raise RuleError("a search identifier is empty")
        nodes = tuple(compile_field(key, value) for key, value in search.items())
        return nodes[0] if len(nodes) == 1 else And(nodes)
    if isinstance(search, list):
        if not search:
            raise RuleError("a search identifier is empty")
        parts = tuple(
            _compile_search(item) if isinstance(item, dict) else compile_keyword(item) for item in search
        )
        return parts[0] if len(parts) == 1 else Or(parts)
    return compile_keyword(search)
