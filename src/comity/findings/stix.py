"""STIX patterns: from a source to the questions it asks of rows, or to the reason why it cannot be run.

A source is a pattern as text, or JSON: an indicator object, or a bundle of them, of which any may match.
Each observation becomes a tree of atoms over object paths (:mod:`comity.findings.stix_objects`). A
pattern that is one observation, or several of which any may match, is decided row by row; all others
need the whole item (:mod:`comity.findings.observe`).
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any, Final

from comity.findings.atoms import And, Atom, Node, Or, Pattern, Wild, atom_of, iter_atoms, to_json
from comity.findings.observe import REPEATS, Step, Tree
from comity.findings.reasons import RuleError
from comity.findings.regexes import compile_regex, measure_program, quote
from comity.findings.rows import fold
from comity.findings.sigma import PROGRAMS, Unusable
from comity.findings.stix_grammar import (
    OBSERVATIONS,
    Both,
    Compare,
    Comparison,
    Constant,
    Expression,
    Join,
    Observe,
    parse_pattern,
)
from comity.findings.stix_objects import (
    ADDRESSES,
    ELEMENTS,
    LISTS,
    PATHS,
    is_folded,
    name_path,
    read_address,
)
from comity.records.canonical import Json

SIZE: Final = 4 << 20

_INDEX = re.compile(r"\[[^\]]*\]")
_NTH = re.compile(r"\[(?:0|[1-9][0-9]?|1[0-9][0-9]|2[0-4][0-9]|25[0-5])\]", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]{1,64}(?:\.[0-9]{1,64})?", re.ASCII)
_ORDERS: Final = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}
_OPPOSITE: Final = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "=": "!=", "!=": "="}


@dataclass(frozen=True, slots=True, kw_only=True)
class StixPattern:
    """A pattern ready to run. ``observations`` are trees over object paths; ``tree`` says how rows that
    match them go together, where it takes more than one row, or a time, to say."""

    digest: str
    source_name: str
    title: str
    rule_id: str
    author: str
    level: str
    observations: tuple[Node, ...]
    tree: Tree | None
    tags: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether a verdict on one row needs other rows, or the row's time."""
        return self.tree is not None

    def to_json(self) -> Json:
        """The compiled pattern, as it enters the pack's digest."""
        said: dict[str, Json] = {
            "kind": "stix",
            "observations": [to_json(node) for node in self.observations],
            "rule": self.digest,
        }
        if self.tree is not None:
            said["tree"] = self.tree if isinstance(self.tree, int) else self.tree.to_json()
        return said


def parse_stix(source_name: str, raw: bytes) -> StixPattern | Unusable:
    """Compile one source."""
    digest = hashlib.sha256(raw).hexdigest()
    try:
        head, patterns = _read_source(raw)
        compiler = _Compiler()
        trees = [compiler.expression(parse_pattern(pattern)) for pattern in patterns]
        compiler.check()
    except RuleError as error:
        return Unusable(source_name=source_name, digest=digest, reason=str(error))
    tree: Tree = trees[0] if len(trees) == 1 else Step("or", tuple(trees))
    return StixPattern(
        digest=digest,
        source_name=source_name,
        title=_text(head, "name") or source_name.rpartition("/")[2],
        rule_id=_text(head, "id"),
        author=_text(head, "created_by_ref"),
        level="",
        observations=tuple(compiler.observations),
        tree=None if _by_row(tree) else tree,
        tags=tuple(_tags(head)),
    )


def _text(head: Mapping[str, Any], key: str) -> str:
    value = head.get(key)
    return value if isinstance(value, str) else ""


def _tags(head: Mapping[str, Any]) -> list[str]:
    labels = head.get("indicator_types", head.get("labels"))
    return [label for label in labels if isinstance(label, str)] if isinstance(labels, list) else []


def _read_source(raw: bytes) -> tuple[Mapping[str, Any], list[str]]:
    if len(raw) > SIZE:
        raise RuleError(f"{len(raw)} bytes, more than the {SIZE} that a pattern may have")
    try:
        text = raw.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise RuleError(f"not UTF-8 at byte {error.start}") from None
    if not text:
        raise RuleError("the source is empty")
    if not text.startswith("{"):
        return {}, [text]
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        raise RuleError("not JSON, and not a pattern either") from None
    found = body.get("objects") if body.get("type") == "bundle" else [body]
    heads = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    indicators = [head for head in heads if head.get("type") == "indicator"]
    if not indicators:
        raise RuleError("no indicator object is in it")
    for head in indicators:
        kind = head.get("pattern_type", "stix")
        if kind != "stix" or not isinstance(head.get("pattern"), str):
            raise RuleError(f"{_text(head, 'id')}: a pattern of the type {kind!r} is not read here")
    return indicators[0], [head["pattern"] for head in indicators]


def _by_row(tree: Tree) -> bool:
    return isinstance(tree, int) or (tree.operator == "or" and all(map(_by_row, tree.parts)))


class _Compiler:
    def __init__(self) -> None:
        self.observations: list[Node] = []

    def check(self) -> None:
        """Bound what all expressions need together."""
        total = 0
        for node in self.observations:
            for atom in iter_atoms(node):
                kind, value = atom.kind, atom.value
                if kind == "differs":
                    kind, _, value = value.partition(":")
                total += measure_program(kind, value)
                if total > PROGRAMS:
                    raise RuleError(f"its expressions together need more than {PROGRAMS} steps")

    def expression(self, found: Expression) -> Tree:
        if isinstance(found, Observe):
            self.observations.append(_compile(found.comparison))
            if len(self.observations) > OBSERVATIONS:
                raise RuleError(f"the pattern has more than {OBSERVATIONS} observations")
            return len(self.observations) - 1
        if isinstance(found, Join):
            return Step(_JOINS[found.operator], tuple(map(self.expression, found.parts)))
        inner = self.expression(found.inner)
        if found.operator == "WITHIN":
            return Step("within", (inner,), high=int(Fraction(found.arguments[0]) * 1_000_000))
        if found.operator == "REPEATS":
            times = int(found.arguments[0])
            if times > REPEATS and not isinstance(inner, int):
                raise RuleError(f"REPEATS of several observations more than {REPEATS} times")
            return inner if times == 1 else Step("repeats", (inner,), low=times)
        start, stop = map(read_moment, found.arguments)
        if stop <= start:
            raise RuleError("STOP is not later than START")
        return Step("between", (inner,), low=start, high=stop)


_JOINS: Final[Mapping[str, Any]] = {"AND": "and", "OR": "or", "FOLLOWEDBY": "followed"}


def read_moment(text: str) -> int:
    """Microseconds since 1970 of a time in UTC; digits past a microsecond are cut."""
    whole, _, fraction = text.removesuffix("Z").partition(".")
    try:
        at = datetime.strptime(f"{whole}+0000", "%Y-%m-%dT%H:%M:%S%z")
    except ValueError:
        raise RuleError(f"{text!r} is not a time in UTC") from None
    seconds = (at - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()
    return int(seconds) * 1_000_000 + int(fraction[:6].ljust(6, "0") or "0")


def _types_of(found: Comparison) -> frozenset[str]:
    """The types of object that can satisfy a comparison: what is joined by AND is asked of one object."""
    if isinstance(found, Compare):
        return frozenset((found.path.partition(":")[0],))
    types = [_types_of(part) for part in found.parts]
    return frozenset.intersection(*types) if found.operator == "AND" else frozenset().union(*types)


def _compile(found: Comparison) -> Node:
    """The tree of an observation, type by type of object."""
    types = sorted(_types_of(found))
    if not types:
        raise RuleError(
            "comparisons joined by AND ask for objects of different types, and no object is of two"
        )
    nodes = tuple(_compile_for(found, kind) for kind in types)
    return nodes[0] if len(nodes) == 1 else Or(nodes)


def _compile_for(found: Comparison, kind: str) -> Node:
    if isinstance(found, Both):
        able = [part for part in found.parts if kind in _types_of(part)]
        parts = tuple(_compile_for(part, kind) for part in able)
        if len(parts) == 1:
            return parts[0]
        return And(parts) if found.operator == "AND" else Or(parts)
    path = _path_of(found.path)
    operator, negated = found.operator, found.negated
    if negated and operator in _OPPOSITE:
        operator, negated = _OPPOSITE[operator], False
    atom = _atom(path, operator, found)
    if isinstance(atom, Atom):
        return _differs(atom) if negated or operator == "!=" else atom
    if not negated:
        return atom
    texts = [part.value for part in iter_atoms(atom)]
    kinds = {part.kind for part in iter_atoms(atom)}
    if kinds == {"eq"}:
        return _differs(Atom(path, "among", ",".join(texts)))
    if kinds != {"equals"}:
        raise RuleError(
            f"NOT IN of numbers and texts together, for {found.path!r}, is not run by comity-find/1"
        )
    flag = "(?i)" if is_folded(path) else ""
    expression = rf"{flag}\A(?:{'|'.join(map(quote, texts))})\z"
    compile_regex(expression)
    return _differs(Atom(path, "regex", expression, cased=True))


def _path_of(said: str) -> str:
    """The path as rows tell of it: ``[*]`` is any element of a list, ``[n]`` the one of that number."""
    path = name_path(_INDEX.sub("", said))
    if path not in PATHS:
        raise RuleError(f"no field of a row is known to tell of {said!r}")
    steps = [step for step in _INDEX.findall(said) if step != "[*]"]
    if not steps:
        return path
    if len(steps) > 1 or path not in LISTS or _INDEX.sub("[]", said) != LISTS[path]:
        raise RuleError(f"{said!r} asks for an element by its number where rows tell of no list")
    numbered = f"{path}{steps[0]}"
    if not _NTH.fullmatch(steps[0]):
        raise RuleError(f"{said!r}: elements of a list are numbered from 0 to {ELEMENTS - 1}")
    return numbered


def _differs(atom: Atom) -> Atom:
    """The atom that holds where some element of the field is there and is not as ``atom`` asks."""
    return Atom(atom.field, "differs", f"{atom.kind}:{atom.value}", atom.cased)


def _atom(path: str, operator: str, found: Compare) -> Atom | Or:
    if operator == "EXISTS":
        return Atom(path, "any", "")
    if operator == "IN":
        atoms = tuple(_equals(path, value) for value in found.values)
        return atoms[0] if len(atoms) == 1 else Or(atoms)
    (value,) = found.values
    if operator in ("=", "!="):
        return _equals(path, value)
    if operator in _ORDERS:
        if value.kind != "number" or not _NUMBER.fullmatch(value.text):
            raise RuleError(f"{operator!r} compares with a number here, for {found.path!r}")
        return Atom(path, _ORDERS[operator], value.text)
    if operator == "LIKE":
        return atom_of(path, _like(value.text), cased=not is_folded(path))
    if operator == "MATCHES":
        expression = f"(?i){value.text}" if is_folded(path) else value.text
        compile_regex(expression)
        return Atom(path, "regex", expression, cased=True)
    try:
        network = ipaddress.ip_network(value.text)
    except ValueError as error:
        raise RuleError(f"not a network: {error}") from None
    if operator == "ISSUBSET":
        return Atom(path, "cidr", str(network))
    if network.prefixlen != network.max_prefixlen:
        raise RuleError("ISSUPERSET of a network: rows tell of addresses, and none holds a network")
    return Atom(path, "equals", str(network.network_address), cased=True)


def _equals(path: str, value: Constant) -> Atom:
    match value.kind:
        case "string":
            if path in ADDRESSES and (address := _address_in(value.text)) is not None:
                # Rows tell it in the same form, to the letter.
                return Atom(path, "equals", address, cased=True)
            cased = not is_folded(path)
            return Atom(path, "equals", value.text if cased else fold(value.text), cased)
        case "number" if _NUMBER.fullmatch(value.text):
            return Atom(path, "eq", value.text)
        case "boolean":
            return Atom(path, "equals", value.text)
    raise RuleError(f"a constant of the kind {value.kind!r} is not compared with fields of rows")


def _address_in(text: str) -> str | None:
    """An address in the form that rows tell it in; None where it is none. A network is refused."""
    address = read_address(text)
    if address is not None:
        return str(address)
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    raise RuleError(
        f"rows tell of addresses, and none is the network {network}: ISSUBSET asks for those in it"
    )


def _like(text: str) -> Pattern:
    parts: list[str | Wild] = []
    for piece in re.split(r"([%_])", text):
        if piece in ("%", "_"):
            parts.append(Wild.RUN if piece == "%" else Wild.ONE)
        elif piece:
            parts.append(piece)
    return tuple(parts)
