"""A pack as it was compiled, for the next run on the same machine: a shortcut, never evidence.

Two lines of JSON: a head with the format, the ``key`` (a digest of all that went in) and the SHA-256 of the
second line; then the rules. Plain detections stand as compiled trees; every other source stands as its text
and is compiled again. A pack that travels is a pack file (:mod:`comity.findings.pack_file`), which holds
sources alone. Whoever can write to the folder of caches can change what runs, and the pack's digest, which
every finding names, would show it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from comity.errors import Malformed
from comity.findings.atoms import And, Atom, Node, Not, Or, to_json
from comity.findings.kept import open_kept
from comity.findings.logsource import Logsource
from comity.findings.pack import AnyRule, Pack, compile_source
from comity.findings.sigma import Part, Rule, Unusable

FORMAT: Final = "comity-pack-cache/2"


def render_cache(pack: Pack, sources: Mapping[str, bytes], key: str) -> bytes:
    """The cache of ``pack``; ``sources`` gives the exact source of each rule by digest."""
    body = {
        "digest": pack.digest,
        "rules": [_render_rule(rule, sources) for rule in pack.rules],
        "unusable": [[each.source_name, each.digest, each.reason] for each in pack.unusable],
    }
    line = json.dumps(body, separators=(",", ":")).encode()
    head = {"body": hashlib.sha256(line).hexdigest(), "cache": FORMAT, "key": key}
    return json.dumps(head).encode() + b"\n" + line


def _render_rule(rule: AnyRule, sources: Mapping[str, bytes]) -> list[object]:
    if not isinstance(rule, Rule) or rule.correlations:
        return [rule.source_name, sources[rule.digest].decode("utf-8", "surrogateescape")]
    parts = [[part.logsource.to_json(), to_json(part.node), part.shown, part.title] for part in rule.parts]
    about = [rule.digest, rule.title, rule.rule_id, rule.author, rule.level, list(rule.tags)]
    return [rule.source_name, parts, *about]


def read_cache(raw: bytes, key: str, where: str) -> Pack:
    """The pack of a cache made for just this key. ``Malformed`` (``pack.cache``) for another format,
    ``NotVerified`` (``pack.cache``) for another key or a changed line: compile the sources instead."""
    _, line = open_kept(raw, FORMAT, key, "compiled rules", where)
    try:
        body = json.loads(bytes(line))
        atoms: dict[tuple[Any, ...], Atom] = {}
        rules = tuple(_read_rule(each, atoms) for each in body["rules"])
        unusable = tuple(Unusable(source_name=n, digest=d, reason=r) for n, d, r in body["unusable"])
        return Pack(rules=rules, unusable=unusable, digest=body["digest"])
    except (ValueError, TypeError, KeyError, IndexError, RecursionError):
        raise Malformed("pack.cache", where, "not a cache of compiled rules") from None


def _read_rule(said: list[Any], atoms: dict[tuple[Any, ...], Atom]) -> AnyRule:
    name, parts, *about = said
    if isinstance(parts, str):
        made = compile_source(name, parts.encode("utf-8", "surrogateescape"))
        if isinstance(made, Unusable):
            raise ValueError(made.reason)
        return made
    digest, title, rule_id, author, level, tags = about
    return Rule(
        digest=digest,
        source_name=name,
        title=title,
        rule_id=rule_id,
        author=author,
        level=level,
        parts=tuple(
            Part(logsource=Logsource(**source), node=_read_node(node, atoms), shown=shown, title=heading)
            for source, node, shown, heading in parts
        ),
        tags=tuple(tags),
    )


def _read_node(said: list[Any], atoms: dict[tuple[Any, ...], Atom]) -> Node:
    match said:
        case ["is", kind, value, cased, *name]:
            # Rules share atoms, and so do their trees.
            asked = (name[0] if name else None, kind, value, cased)
            atom = atoms.get(asked)
            if atom is None:
                atom = atoms[asked] = Atom(*asked)
            return atom
        case ["and", *parts]:
            return And(tuple(_read_node(part, atoms) for part in parts))
        case ["or", *parts]:
            return Or(tuple(_read_node(part, atoms) for part in parts))
        case ["not", part]:
            return Not(_read_node(part, atoms))
    raise ValueError("not a tree of atoms")


def key_of(version: str, sources: Iterable[tuple[str, bytes]], values: Mapping[str, Iterable[str]]) -> str:
    """The digest (hex) of all that decides what is compiled: the engine's ``version``, the sources with
    their names, in order, and the values of placeholders."""
    told = [
        [version, FORMAT],
        [[name, hashlib.sha256(raw).hexdigest()] for name, raw in sources],
        sorted((name, list(texts)) for name, texts in values.items()),
    ]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()
