"""Sources that depend on others, made into sources that do not.

A rule's verdict is decided by its own source alone. Authors keep correlations, the rules they refer to,
filters and the values of placeholders in files of their own: linking puts what a rule needs behind it,
as further documents of one source, with a digest of its own. That source is what runs, what a finding
carries and what another party runs again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from comity.findings.correlation import referred_rules
from comity.findings.modifiers import find_placeholders
from comity.findings.notes import Notes
from comity.findings.parting import part_documents, part_sources
from comity.findings.reasons import RuleError
from comity.findings.remarks import remarks_of, remarks_of_list
from comity.findings.sigma import (
    filter_names,
    fits_filter,
    names_of,
    read_collected,
    read_placeholders,
    role_of,
)
from comity.findings.yaml_source import Yaml
from comity.records.canonical import render

YAML_ENDINGS: Final = (".yml", ".yaml")
LIST_ENDINGS: Final = (".txt", ".ioc")
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """``sources`` to compile, each able to stand alone; ``joined`` names, for each that was linked, what
    was put behind it; ``used`` are sources that are no rules by themselves and were put behind one;
    ``failed`` says of a source why what it needs could not be put behind it. ``notes`` say this for people,
    and which indicators of bundles are not asked."""

    sources: tuple[tuple[str, bytes], ...]
    joined: Mapping[str, tuple[str, ...]]
    used: tuple[str, ...]
    failed: Mapping[str, str]
    notes: Notes


@dataclass(slots=True)
class _Source:
    name: str
    raw: bytes
    digest: str
    heads: list[Mapping[str, Yaml]] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    collection: bool = False

    @property
    def text(self) -> bytes:
        """What is put together with others: what a collection says for all its rules ends with it."""
        return join((self.raw, b"action: reset\n")) if self.collection else self.raw

    def of(self, *roles: str) -> list[Mapping[str, Yaml]]:
        return [head for head, role in zip(self.heads, self.roles, strict=True) if role in roles]


def link(
    sources: Iterable[tuple[str, bytes]], placeholders: Mapping[str, Sequence[str]] | None = None
) -> Linked:
    """Put behind each rule what it needs of the others, and the values of ``placeholders`` that it uses.

    A correlation gets the rules it refers to (which go on being rules of their own), a detection the
    filters that are of it, a rule with ``expand`` the documents with its values. Sources of several rules
    that do not need one another are parted before (:mod:`comity.findings.parting`). The outcome does not
    depend on the order of ``sources``. Sources that cannot be read are left as they are: compiling
    names what is wrong.
    """
    parted = part_sources(sorted(sources))
    read = [each for name, raw in parted.sources for each in _part(_read(name, raw))]
    linker = _Linker([source for source in read if source.heads], placeholders or {})
    made: list[tuple[_Source, bytes]] = []
    joined: dict[str, tuple[str, ...]] = {}
    failed: dict[str, str] = dict(parted.failed)
    used: set[str] = set()
    for source in read:
        try:
            behind = linker.behind(source)
        except RuleError as error:
            failed[source.name] = str(error)
            behind = []
        values = linker.values(source, behind)
        texts = [source.text, *(each.text for each in behind)]
        if values:
            texts.append(render({"placeholders": {name: list(each) for name, each in values.items()}}))
        if len(texts) > 1:
            joined[source.name] = (*(each.name for each in behind), *(f"%{name}%" for name in sorted(values)))
            used |= {each.digest for each in behind if not each.of("detection", "correlation")}
        made.append((source, join(texts) if len(texts) > 1 else source.raw))
    for source in linker.filters:
        if source.digest not in used and (why := linker.why_idle(source)):
            failed[source.name] = why
    named = tuple(source.name for source, _ in made if source.digest in used)
    return Linked(
        sources=tuple((source.name, raw) for source, raw in made if source.digest not in used),
        joined=joined,
        used=named,
        failed=failed,
        notes=Notes(
            joined=tuple(sorted(joined.items())),
            used=named,
            withdrawn=parted.withdrawn,
            periods=parted.periods,
            remarks=tuple(
                (source.name, each)
                for source in read
                for each in (
                    remarks_of_list(source.raw)
                    if source.name.lower().endswith(LIST_ENDINGS)
                    else remarks_of(source.raw, source.heads)
                )
            ),
        ),
    )


def _part(source: _Source) -> list[_Source]:
    """Detections that stand together in a source, each as one of its own."""
    if source.collection or len(source.heads) < 2 or set(source.roles) != {"detection"}:
        return [source]
    texts = part_documents(source.raw, source.heads)
    if len(texts) < 2:
        return [source]
    return [
        _Source(f"{source.name}!{number}.yml", text, hashlib.sha256(text).hexdigest(), [head], ["detection"])
        for number, (text, head) in enumerate(zip(texts, source.heads, strict=True), 1)
    ]


def join(texts: Sequence[bytes]) -> bytes:
    """YAML sources as documents of one, in the order given."""
    plain = [text.removeprefix(_BOM) for text in texts]
    return b"---\n".join(text if text.endswith(b"\n") else text + b"\n" for text in plain)


def _read(name: str, raw: bytes) -> _Source:
    source = _Source(name, raw, hashlib.sha256(raw).hexdigest())
    if name.lower().endswith(YAML_ENDINGS):
        try:
            heads, collection = read_collected(raw)
            roles = [role_of(head) for head in heads]
        except RuleError:
            return source
        source.heads, source.roles, source.collection = heads, list(roles), collection
    return source


class _Linker:
    def __init__(self, sources: Sequence[_Source], placeholders: Mapping[str, Sequence[str]]) -> None:
        self.given = placeholders
        # Equal bytes are one source, under the first of their names.
        once = {source.digest: source for source in reversed(sources)}
        self.sources = sorted(once.values(), key=lambda source: source.digest)
        self.named: dict[str, list[_Source]] = {}
        for source in self.sources:
            for head in source.of("detection", "correlation"):
                for name in set(names_of(head)):
                    self.named.setdefault(name, []).append(source)
        self.filters = [source for source in self.sources if set(source.roles) == {"filter"}]
        self.lists = [source for source in self.sources if set(source.roles) == {"placeholders"}]

    def behind(self, source: _Source) -> list[_Source]:
        """The other sources that ``source`` needs, in the order of their digests."""
        if not source.of("detection", "correlation"):
            return []
        found = {source.digest: source}
        due = [source]
        while due:
            for name in _missing(due.pop(), found.values()):
                other = self._define(name)
                if other is not None and other.digest not in found:
                    found[other.digest] = other
                    due.append(other)
        rules = [each for each in found.values() if each is not source]
        _check_reached(source, rules)
        detections = [head for each in found.values() for head in each.of("detection")]
        narrowing = [each for each in self.filters if _is_of(each, detections)]
        wanted = _placeholders_of([*found.values(), *narrowing]) - self.given.keys()
        lists = [each for each in self.lists if _defined([each]) & wanted]
        return sorted([*rules, *narrowing, *lists], key=lambda each: each.digest)

    def why_idle(self, source: _Source) -> str:
        """Why a filter is of no rule, where it names one that is here; nothing where it names none."""
        for head in source.heads:
            for name in _names_of_filter(head):
                for other in self.named.get(name, ()):
                    for rule in other.of("detection"):
                        if name in names_of(rule):
                            return (
                                f"the filter names {name!r}, which is here, but its log source is another: "
                                f"the rule's is {_logsource_of(rule)}, the filter's {_logsource_of(head)}"
                            )
        return ""

    def _define(self, name: str) -> _Source | None:
        found = self.named.get(name, [])
        # An id is made to be one rule's; a name may happen to be two.
        found = [each for each in found if _has_id(each, name)] or found
        if len(found) > 1:
            where = ", ".join(each.name for each in found[:3])
            raise RuleError(f"{name!r} is the name of rules in several files: {where}")
        return found[0] if found else None

    def values(self, source: _Source, behind: Sequence[_Source]) -> dict[str, Sequence[str]]:
        """The given values that the rule uses and does not define itself."""
        together = [source, *behind]
        wanted = _placeholders_of(together) - _defined(together)
        return {name: self.given[name] for name in wanted & self.given.keys()}


def _names_of_filter(head: Mapping[str, Yaml]) -> tuple[str, ...]:
    try:
        return filter_names(head) or ()
    except RuleError:
        return ()


def _logsource_of(head: Mapping[str, Yaml]) -> str:
    section = head.get("logsource")
    told = section if isinstance(section, dict) else {}
    said = [f"{key} {told[key]}" for key in ("product", "category", "service") if told.get(key) is not None]
    return ", ".join(said) or "not said"


def _has_id(source: _Source, name: str) -> bool:
    return any(str(head.get("id")) == name for head in source.of("detection", "correlation"))


def _missing(source: _Source, known: Iterable[_Source]) -> list[str]:
    here = {name for each in known for head in each.of("detection", "correlation") for name in names_of(head)}
    return [name for head in source.of("correlation") for name in referred_rules(head) if name not in here]


def _check_reached(source: _Source, rules: Sequence[_Source]) -> None:
    """Behind a rule may stand only what it refers to: anything else would match by itself."""
    referred = {
        name for each in (source, *rules) for head in each.of("correlation") for name in referred_rules(head)
    }
    for each in rules:
        for head in each.of("detection", "correlation"):
            if not referred & set(names_of(head)):
                raise RuleError(f"{each.name} holds other rules beside the one referred to: part them")


def _is_of(source: _Source, detections: Sequence[Mapping[str, Yaml]]) -> bool:
    try:
        return bool(detections) and all(
            any(fits_filter(head, detection) for detection in detections) for head in source.heads
        )
    except RuleError:
        return False


def _placeholders_of(sources: Iterable[_Source]) -> set[str]:
    return {
        name
        for source in sources
        for head in source.of("detection", "filter")
        for name in find_placeholders(head.get("detection", head.get("filter")))
    }


def _defined(sources: Iterable[_Source]) -> set[str]:
    found: set[str] = set()
    for source in sources:
        for head in source.of("placeholders"):
            try:
                found |= read_placeholders(head).keys()
            except RuleError:
                continue
    return found
