"""Rule sources compiled together, with one digest for what they mean."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from comity.findings import SEMANTICS
from comity.findings.atoms import iter_atoms
from comity.findings.indicators import IndicatorList, parse_indicators
from comity.findings.logsource import other_names
from comity.findings.needs import MadeNeeds, Needs
from comity.findings.notes import Notes, merge_notes
from comity.findings.sigma import Rule, Unusable, parse_rule
from comity.findings.sql import SqlQuery, parse_sql
from comity.findings.stix import StixPattern, parse_stix
from comity.findings.stix_objects import fields_of_path
from comity.findings.yara import YaraSource, parse_yara
from comity.records.canonical import render

DOMAIN = b"comity/1/pack\0"
SIGMA_ENDINGS = (".yml", ".yaml")
INDICATOR_ENDINGS = (".txt", ".ioc")
STIX_ENDINGS = (".stix",)
YARA_ENDINGS = (".yar", ".yara")
SQL_ENDINGS = (".sql",)

_NO_FEED: Final = {
    "json": ", and no bundle of STIX, indicator, event of MISP or pulse of OTX is in it",
    "csv": ", and it has no header that names an indicator with its type, or a column of a known feed",
    "xml": ", and it is no document of OpenIOC",
}
AnyRule: TypeAlias = Rule | IndicatorList | StixPattern | YaraSource | SqlQuery
_LANGUAGES: Final = (Rule, IndicatorList, StixPattern, YaraSource, SqlQuery)
"""Of the same bytes in several languages the first of these runs, whatever the names are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """Rules sorted by digest (each source once), those that cannot run, and the pack's digest.

    ``digest`` is the SHA-256 (hex) of the canonical form of the compiled rules. It does not depend on names
    or on the order of sources, nor on sources that cannot run. ``rule_digests`` are those of the rules, in
    their order; ``whole_rules`` those of rules whose verdict on a row needs other rows of its item; ``yara``
    and ``queries`` are the rules that are asked of a whole item; ``fields`` and ``needs``, where they were
    worked out before, those that its rules ask for, and what detections need of them. All six follow from
    ``rules``. ``notes`` are for people.
    """

    rules: tuple[AnyRule, ...]
    unusable: tuple[Unusable, ...]
    digest: str
    fields: frozenset[str] | None = field(default=None, repr=False, compare=False)
    needs: Needs | None = field(default=None, repr=False, compare=False)
    notes: Notes = field(default=Notes(), repr=False, compare=False)
    rule_digests: tuple[str, ...] = field(init=False, repr=False, compare=False)
    whole_rules: frozenset[str] = field(init=False, repr=False, compare=False)
    yara: tuple[YaraSource, ...] = field(init=False, repr=False, compare=False)
    queries: tuple[SqlQuery, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Asked for each of many small files, so worked out once.
        rules = self.rules
        whole = frozenset(rule.digest for rule in rules if getattr(rule, "whole", False))
        object.__setattr__(self, "rule_digests", tuple(rule.digest for rule in rules))
        object.__setattr__(self, "whole_rules", whole)
        object.__setattr__(self, "yara", tuple(rule for rule in rules if isinstance(rule, YaraSource)))
        object.__setattr__(self, "queries", tuple(rule for rule in rules if isinstance(rule, SqlQuery)))


def compile_source(source_name: str, raw: bytes) -> AnyRule | Unusable:
    """One source; the ending of its name tells its language."""
    ending = source_name.lower()
    if ending.endswith(SIGMA_ENDINGS):
        return parse_rule(source_name, raw)
    if ending.endswith(INDICATOR_ENDINGS):
        return parse_indicators(source_name, raw)
    if ending.endswith(STIX_ENDINGS):
        return parse_stix(source_name, raw)
    if ending.endswith(YARA_ENDINGS):
        return parse_yara(source_name, raw)
    if ending.endswith(SQL_ENDINGS):
        return parse_sql(source_name, raw)
    known = ", ".join((*SIGMA_ENDINGS, *INDICATOR_ENDINGS, *STIX_ENDINGS, *YARA_ENDINGS, *SQL_ENDINGS))
    return Unusable(
        source_name=source_name,
        digest=hashlib.sha256(raw).hexdigest(),
        reason=f"not a rule: the name ends in none of {known}{_NO_FEED.get(ending.rpartition('.')[2], '')}",
    )


def compile_pack(sources: Iterable[tuple[str, bytes]]) -> Pack:
    """Compile ``(name, bytes)`` sources; equal bytes are one rule, under the first name in order. In another
    language they cannot run beside it, since one digest names one rule."""
    rules: dict[str, AnyRule] = {}
    unusable: list[Unusable] = []
    copies: dict[str, list[str]] = {}
    for name, raw in sorted(sources):
        made = compile_source(name, raw)
        if isinstance(made, Unusable):
            unusable.append(made)
        elif (known := rules.setdefault(made.digest, made)) is not made:
            if type(known) is type(made):
                copies.setdefault(known.source_name, []).append(name)
            else:
                rules[made.digest], other = _first_of(known, made)
                unusable.append(other)
    ordered = tuple(rules[digest] for digest in sorted(rules))
    return Pack(
        rules=ordered,
        unusable=tuple(unusable),
        digest=pack_digest(ordered),
        fields=frozenset(fields_asked(rule for rule in ordered if isinstance(rule, Rule | StixPattern))),
        needs=MadeNeeds(part for rule in ordered if isinstance(rule, Rule) for part in rule.parts),
        notes=Notes(copies=tuple((name, tuple(names)) for name, names in sorted(copies.items()))),
    )


def _first_of(one: AnyRule, other: AnyRule) -> tuple[AnyRule, Unusable]:
    """Of two rules of the same bytes the one that runs, and why the other does not."""
    runs, stays = sorted((one, other), key=lambda rule: _LANGUAGES.index(type(rule)))
    reason = f"its bytes are those of {runs.source_name}, which runs in its own language: change one of them"
    return runs, Unusable(source_name=stays.source_name, digest=stays.digest, reason=reason)


def merge_packs(packs: Iterable[Pack]) -> Pack:
    """The rules of several packs as one; equal rules are one rule, that of the first pack."""
    rules: dict[str, AnyRule] = {}
    unusable: list[Unusable] = []
    notes: list[Notes] = []
    every = list(packs)
    for pack in every:
        notes.append(pack.notes)
        unusable += pack.unusable
        for rule in pack.rules:
            known = rules.setdefault(rule.digest, rule)
            if type(known) is not type(rule):
                rules[rule.digest], other = _first_of(known, rule)
                unusable.append(other)
    ordered = tuple(rules[digest] for digest in sorted(rules))
    # Lists and what asks a whole item need nothing of fields: what was kept of the only pack that does holds
    # for all, since the order of its rules among themselves stays.
    asking = [pack for pack in every if any(isinstance(rule, Rule | StixPattern) for rule in pack.rules)]
    one = asking[0] if len(asking) == 1 else None
    return Pack(
        rules=ordered,
        unusable=tuple(unusable),
        digest=pack_digest(ordered),
        fields=one.fields if one else None,
        needs=one.needs if one else None,
        notes=merge_notes(notes),
    )


def fields_asked(rules: Iterable[Rule | StixPattern]) -> set[str]:
    """The fields that rules ask for, under every name that a log may give them."""
    asked: set[str] = set()
    for rule in rules:
        if isinstance(rule, StixPattern):
            for node in rule.observations:
                asked.update(place for atom in iter_atoms(node) for place in fields_of_path(atom.field or ""))
            continue
        for part in rule.parts:
            for atom in iter_atoms(part.node):
                if atom.field is not None:
                    asked.add(atom.field)
                    if atom.kind == "fieldref":
                        asked.add(atom.value.partition(":")[2])
        for correlation in rule.correlations:
            asked.update(name for names in (*correlation.groups, *correlation.fields) for name in names)
    return asked.union(*(other_names(name) for name in asked))


def pack_digest(rules: Iterable[AnyRule]) -> str:
    """The hex digest of compiled rules, in the order of their digests."""
    digest = hashlib.sha256(DOMAIN + b'{"rules":[')
    between = b""
    for rule in sorted(rules, key=lambda rule: rule.digest):
        digest.update(between)
        # A long list would be there twice if it were written whole.
        for part in rule.rendered() if isinstance(rule, IndicatorList) else (render(rule.to_json()),):
            digest.update(part)
        between = b","
    digest.update(b'],"semantics":' + render(SEMANTICS) + b"}")
    return digest.hexdigest()
