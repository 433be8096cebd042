"""A pack as it was compiled, for the next run on the same machine: a shortcut, never evidence.

Three lines of JSON, then atoms, tables and trees: a head with the format, the ``key`` (a digest of all that
went in), the SHA-256 of what follows and the lengths of its pieces; then the rules; then what their
detections need (:mod:`comity.findings.needs`), the atoms of these, and tables by which a compiled loop looks
for them (:mod:`comity.findings.seek_tables`). A plain detection stands there by the place of its compiled
tree among the trees, which is read when it is first asked of a row; every other source stands as its text and
is compiled again. Needs, atoms and tables are read when rows are first met whose rules have them. A pack that
travels is a pack file (:mod:`comity.findings.pack_file`), which holds sources alone. Whoever can write to the
folder of caches can change what runs here, which is why it is used only where nobody else can; what is
signed, or stands in a pack file, is compiled from its sources anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from comity.errors import Malformed, NotVerified
from comity.findings.atoms import And, Atom, Node, Not, Or
from comity.findings.kept import open_kept, read_kept
from comity.findings.logsource import Logsource
from comity.findings.needs import KeptNeeds, MadeNeeds, render_needs
from comity.findings.notes import read_notes
from comity.findings.pack import AnyRule, Pack, compile_source, fields_asked
from comity.findings.sigma import Part, Rule, Unusable
from comity.findings.stix import StixPattern

FORMAT: Final = "comity-pack-cache/7"
_PIECES: Final = ("rules", "needs", "atoms", "arrays")
"""What follows the head, before the trees."""


class _Trees:
    """Compiled trees as JSON, one behind the other; rules share atoms, and so do the trees read of them."""

    __slots__ = ("_atoms", "_texts", "_where")

    def __init__(self, texts: bytes, where: str) -> None:
        self._texts = texts
        self._where = where
        self._atoms: dict[tuple[Any, ...], Atom] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return _Trees, (self._texts, self._where)

    def read(self, first: int, end: int) -> Node:
        """The tree at a place. ``Malformed`` (``pack.cache``) where there is none."""
        try:
            return self._node(read_kept(self._texts[first:end]))
        except (ValueError, TypeError, LookupError, RecursionError):
            why = "not a tree of compiled rules; without this file they are compiled again"
            raise Malformed("pack.cache", self._where, why) from None

    def hold(self, words: bytes, first: int, end: int) -> bool:
        """Whether the tree at a place has some words in it, in any letters, without reading it."""
        return words.lower() in self._texts[first:end].lower()

    def _node(self, said: list[Any]) -> Node:
        head = said[0]
        if head == "and":
            return And(tuple(map(self._node, said[1:])))
        if head == "or":
            return Or(tuple(map(self._node, said[1:])))
        if head == "not":
            _, part = said
            return Not(self._node(part))
        asked = tuple(said)
        atom = self._atoms.get(asked)
        if atom is None:
            kind, value, cased, *name = said
            atom = self._atoms[asked] = Atom(name[0] if name else None, kind, value, cased)
        return atom


class KeptPart(Part):
    """A detection whose tree is read when it is asked for the first time."""

    __slots__ = ("_made", "_place", "_trees")
    _made: Node | None
    _place: tuple[int, int]
    _trees: _Trees

    def __init__(
        self, logsource: Logsource, shown: bool, title: str, trees: _Trees, place: tuple[int, int]
    ) -> None:
        # One by one: there are thousands to make before the first row is read.
        _set_logsource(self, logsource)
        _set_shown(self, shown)
        _set_title(self, title)
        _set_trees(self, trees)
        _set_place(self, place)
        _set_made(self, None)

    @property
    def node(self) -> Node:
        """The tree; ``Malformed`` (``pack.cache``) where the cache holds none in its place."""
        made = self._made
        if made is None:
            made = self._trees.read(*self._place)
            _set_made(self, made)
        return made

    def may_ask(self, name: str) -> bool:
        """Whether the tree may ask for a field, told without reading it."""
        return self._trees.hold(json.dumps(name).encode(), *self._place)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Part):
            return NotImplemented
        return _told(self) == _told(other)

    def __hash__(self) -> int:
        return hash(_told(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return KeptPart, (self.logsource, self.shown, self.title, self._trees, self._place)


_set_logsource = vars(Part)["logsource"].__set__
_set_shown = vars(Part)["shown"].__set__
_set_title = vars(Part)["title"].__set__
_set_trees = vars(KeptPart)["_trees"].__set__
_set_place = vars(KeptPart)["_place"].__set__
_set_made = vars(KeptPart)["_made"].__set__


def _told(part: Part) -> tuple[Any, ...]:
    return part.logsource, part.node, part.shown, part.title


class _Writer:
    def __init__(self, sources: Mapping[str, bytes]) -> None:
        self._sources = sources
        self._size = 0
        self.trees: list[bytes] = []
        self.logsources: dict[Logsource, int] = {}

    def rule(self, rule: AnyRule) -> list[object]:
        if not isinstance(rule, Rule) or rule.correlations:
            return [rule.source_name, self._sources[rule.digest].decode("utf-8", "surrogateescape")]
        parts = [self._part(part) for part in rule.parts]
        about = [rule.digest, rule.title, rule.rule_id, rule.author, rule.level, list(rule.tags)]
        return [rule.source_name, parts, *about]

    def _part(self, part: Part) -> list[object]:
        raw = json.dumps(_tree_of(part.node), separators=(",", ":")).encode()
        self.trees.append(raw)
        self._size += len(raw)
        number = self.logsources.setdefault(part.logsource, len(self.logsources))
        return [number, part.shown, part.title, self._size - len(raw), self._size]


def _tree_of(node: Node) -> list[object]:
    match node:
        case And(parts):
            return ["and", *map(_tree_of, parts)]
        case Or(parts):
            return ["or", *map(_tree_of, parts)]
        case Not(part):
            return ["not", _tree_of(part)]
    return [node.kind, node.value, node.cased, *([] if node.field is None else [node.field])]


def render_cache(pack: Pack, sources: Mapping[str, bytes], key: str) -> bytes:
    """The cache of ``pack``; ``sources`` gives the exact source of each rule by digest."""
    writer = _Writer(sources)
    rules = [writer.rule(rule) for rule in pack.rules]
    told = {
        "digest": pack.digest,
        "fields": sorted(fields_asked(rule for rule in pack.rules if isinstance(rule, Rule | StixPattern))),
        "logsources": [logsource.to_json() for logsource in writer.logsources],
        "notes": pack.notes.to_json(),
        "rules": rules,
        "unusable": [[each.source_name, each.digest, each.reason] for each in pack.unusable],
    }
    line = json.dumps(told, separators=(",", ":")).encode() + b"\n"
    needs = pack.needs or MadeNeeds(
        part for rule in pack.rules if isinstance(rule, Rule) for part in rule.parts
    )
    pieces = [line, *render_needs(needs)]
    body = b"".join((*pieces, *writer.trees))
    sizes = {name: len(piece) for name, piece in zip(_PIECES, pieces, strict=True)}
    sizes["trees"] = len(body) - sum(sizes.values())
    head = {"body": hashlib.sha256(body).hexdigest(), "cache": FORMAT, "key": key, **sizes}
    return json.dumps(head).encode() + b"\n" + body


def read_cache(raw: bytes, key: str, where: str) -> Pack:
    """The pack of a cache made for just this key. ``Malformed`` (``pack.cache``) for another format,
    ``NotVerified`` (``pack.cache``) for another key or a changed byte: compile the sources instead."""
    head, body = open_kept(raw, FORMAT, key, "compiled rules", where)
    try:
        pieces, at = list[bytes](), 0
        for name in _PIECES:
            pieces.append(bytes(body[at : at + head[name]]))
            at += head[name]
        if at + head["trees"] != len(body):
            raise NotVerified("pack.cache", where, "changed since it was written")
        line, needs, atoms, arrays = pieces
        told = read_kept(line)
        trees = _Trees(bytes(body[at:]), where)
        logsources = [Logsource(**each) for each in told["logsources"]]
        rules = tuple(_read_rule(each, logsources, trees) for each in told["rules"])
        unusable = tuple(Unusable(source_name=n, digest=d, reason=r) for n, d, r in told["unusable"])
        return Pack(
            rules=rules,
            unusable=unusable,
            digest=told["digest"],
            fields=frozenset(told["fields"]),
            needs=KeptNeeds(needs, atoms, arrays, where),
            notes=read_notes(told["notes"]),
        )
    except (ValueError, TypeError, LookupError, RecursionError):
        raise Malformed("pack.cache", where, "not a cache of compiled rules") from None


def _read_rule(said: list[Any], logsources: list[Logsource], trees: _Trees) -> AnyRule:
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
            KeptPart(logsources[number], shown, heading, trees, (int(first), int(end)))
            for number, shown, heading, first, end in parts
        ),
        tags=tuple(tags),
    )


def key_of(version: str, sources: Iterable[tuple[str, bytes]], values: Mapping[str, Iterable[str]]) -> str:
    """The digest (hex) of all that decides what is compiled: the engine's ``version``, the sources with
    their names, in order, and the values of placeholders."""
    told = [
        [version, FORMAT],
        [[name, hashlib.sha256(raw).hexdigest()] for name, raw in sources],
        sorted((name, list(texts)) for name, texts in values.items()),
    ]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()
