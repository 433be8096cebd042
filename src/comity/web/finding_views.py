"""A finding as its page shows it: its rules, the rows they match as far as they are open, every re-run."""

from __future__ import annotations

from dataclasses import dataclass

from comity.case.support import assertions
from comity.errors import Refused
from comity.exchange import evidence
from comity.exchange.node import Node
from comity.findings.partly import read_partly
from comity.records import kinds
from comity.records.kinds import ranges_of
from comity.web import words
from comity.web.asserted import RerunView, view_rerun
from comity.web.cases import Head, view_head
from comity.web.evidence_views import reading_of
from comity.web.phrases import phrase
from comity.web.reading import Named, Reading, Ref, Who
from comity.web.row_reasons import MatchedRow, rows_given, view_rows
from comity.web.rule_titles import name_rules, titles_of
from comity.web.spans import common_rows, count_rows, first_rows, spans_of, write_spans
from comity.web.words import Label, label

MATCHED = 25
"""Matched rows on one page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleView:
    """A rule as run, with the rows it matched; ``title`` is what it calls itself, else its name."""

    name: str
    title: str
    digest: str
    source: str
    rows: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingView:
    """Everything on the page of a finding. ``named`` are its rules in a line. Of ``matched`` rows
    ``readable`` are open here; ``rows`` are those from the ``first`` of them on, with the rows that name
    their columns; ``earlier`` and ``later`` are places to page to, 0 for none."""

    head: Head
    record: Ref
    by: Who
    named: str
    item: str
    root: str
    size: int
    held: bool
    parameters: tuple[tuple[str, str], ...]
    digests: tuple[tuple[str, str], ...]
    rules: tuple[RuleView, ...]
    matched: int
    rows: tuple[MatchedRow, ...]
    readable: int
    first: int
    earlier: int
    later: int
    rows_from: str
    rerun: Label | None
    reruns: tuple[RerunView, ...]
    supports: tuple[Named, ...]


def view_finding(node: Node, record: str, first: int = 1, why: int = 0) -> FindingView:
    """A finding: its rules, its rows from the ``first`` of those on (1 or more) that are open here, and every
    re-run. Row ``why`` is asked of the rules that need the whole item too, where it is on this page."""
    reading = reading_of(node, record)
    accepted = reading.state.accepted.get(record)
    content = accepted.content if accepted else None
    if accepted is None or not isinstance(content, kinds.Report):
        raise Refused("finding.unknown", record[:12], "not an accepted finding of a case here")
    rows = {match.rule: match.rows for match in content.matches}
    every = spans_of(rows.values())
    held = evidence.held_items(node).get(content.item.root)
    given = None if held else rows_given(reading, content.item)
    readable = common_rows(every, spans_of([ranges_of(tuple(given.rows))])) if given else every
    size = count_rows(readable)
    first = max(min(first, size), 1)
    wanted = first_rows(readable, MATCHED, first)
    shown = view_rows(reading, content, wanted, given, why)
    rerun, reruns, supports = _reruns(reading, record)
    stated, titles = content.parameters, titles_of(content)
    partly = read_partly(content.engine)
    return FindingView(
        head=view_head(reading),
        record=reading.ref(record),
        by=reading.who(accepted.author),
        named=name_rules(content),
        item=reading.item_name(content.item),
        root=content.item.root,
        size=content.item.size - 1,
        held=held is not None,
        parameters=(
            (phrase("time zone taken for times without one"), stated.zone or phrase("not given")),
            (phrase("from (UTC)"), stated.since or phrase("the beginning")),
            (phrase("until (UTC)"), stated.until or phrase("the end")),
            *((phrase("log source: {}", name), value) for name, value in content.logsource),
        ),
        digests=(
            (phrase("inputs"), content.inputs),
            (phrase("result"), content.result),
            (phrase("rule pack"), content.pack),
            (phrase("semantics"), content.semantics),
            (phrase("engine, as declared"), content.engine),
            *(((phrase("rows not asked whole, as declared"), partly),) if partly else ()),
        ),
        rules=tuple(
            RuleView(
                name=rule.name,
                title=titles[rule.digest],
                digest=rule.digest,
                source=rule.source,
                rows=write_spans(spans_of([rows.get(rule.digest, ())])),
                count=count_rows(spans_of([rows.get(rule.digest, ())])),
            )
            for rule in content.rules
        ),
        matched=count_rows(every),
        rows=shown,
        readable=size,
        first=first,
        earlier=max(first - MATCHED, 1) if first > 1 else 0,
        later=first + MATCHED if first + MATCHED <= size else 0,
        rows_from=phrase("from the item, which is held whole here")
        if held
        else phrase("as far as they were shown to this node, with their proofs checked"),
        rerun=rerun,
        reruns=reruns,
        supports=supports,
    )


def _reruns(reading: Reading, finding: str) -> tuple[Label | None, tuple[RerunView, ...], tuple[Named, ...]]:
    """All re-runs, and what they say together where the finding supports something (else None)."""
    supports: list[Named] = []
    counts: dict[str, str] = {}
    rerun = ""
    for facts in assertions(reading.state):
        for support in reading.recounted(facts, finding).supports:
            if support.support.record == finding:
                supports.append(reading.assertion(facts.target))
                rerun = support.rerun
                counts = {r.record: r.counts for r in support.reruns}
    author = reading.state.accepted[finding].author
    found = []
    for record in reading.state.of("finding.replicate"):
        if isinstance(record.content, kinds.Replicate) and record.content.finding == finding:
            own = "author" if record.author == author else ""
            found.append(view_rerun(reading, record.id, counts.get(record.id, own)))
    return label(words.RERUNS, rerun) if rerun else None, tuple(found), tuple(dict.fromkeys(supports))
