"""The evidence of one case as a table: what is sealed, who was shown of it, and what rules found in it."""

from __future__ import annotations

from dataclasses import dataclass

from comity.case.disclosures import disclosures
from comity.records import kinds
from comity.web.phrases import phrase
from comity.web.reading import Reading, Ref, Who, write_rows
from comity.web.rule_titles import name_rules
from comity.web.spans import count_rows, spans_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Showing:
    """A disclosure of an exhibit: what of it, and to whom."""

    record: Ref
    what: str
    to: tuple[Who, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A finding over an exhibit: whose, by which rules, and how many rows match."""

    record: Ref
    by: Who
    rules: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """A sealed item. ``rows`` does not count the metadata row; origin and zone are its holder's word."""

    record: Ref
    by: Who
    root: str
    name: str
    format: str
    rows: int
    origin: str
    zone: str
    shown: tuple[Showing, ...]
    findings: tuple[Found, ...]


def view_exhibits(reading: Reading) -> tuple[Exhibit, ...]:
    """Every item that a record of the case seals, causes first."""
    shown: dict[str, list[Showing]] = {}
    for each in disclosures(reading.state):
        told = each.content
        what = phrase("the whole item") if told.level == "whole" else write_rows([told.rows])
        showing = Showing(record=reading.ref(each.record), what=what, to=reading.whos(told.to))
        shown.setdefault(told.item.root, []).append(showing)
    found: dict[str, list[Found]] = {}
    for record in reading.state.of("finding.report"):
        if isinstance(record.content, kinds.Report):
            one = Found(
                record=reading.ref(record.id),
                by=reading.who(record.author),
                rules=name_rules(record.content),
                rows=count_rows(spans_of(match.rows for match in record.content.matches)),
            )
            found.setdefault(record.content.item.root, []).append(one)
    return tuple(
        Exhibit(
            record=reading.ref(record.id),
            by=reading.who(record.author),
            root=content.item.root,
            name=reading.item_name(content.item),
            format=content.splitter,
            rows=content.item.size - 1,
            origin=content.origin,
            zone=content.zone,
            shown=tuple(shown.get(content.item.root, ())),
            findings=tuple(found.get(content.item.root, ())),
        )
        for record in reading.state.of("evidence.seal")
        if isinstance(content := record.content, kinds.Seal)
    )
