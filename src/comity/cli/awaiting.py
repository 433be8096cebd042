"""What waits for a party, and what evidence a case has: parts of ``status`` and of ``case show``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from comity.cli.output import Out, count, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comity.case.clocks import Clock
    from comity.case.state import State
    from comity.exchange.node import Node
    from comity.records.kinds import Item

WORDS: Final = {
    "terms": (
        "terms of a disclosure, neither accepted nor declined",
        "comity disclose accept {}  (or --decline REASON)",
    ),
    "package": ("a disclosure, of which nothing is said yet", "comity disclose open {}"),
    "question": ("a question against a list", "comity match answer {}"),
    "transfer": ("a transfer, its other half not signed", "comity evidence receive {}"),
    "more-time": (
        "more time proposed, neither accepted nor refused",
        "comity extend {} --accept  (or --refuse)",
    ),
    "action": ("a proposed action, not answered", "comity action accept {}  (or decline)"),
    "statement": ("a statement, neither joined nor declined", "comity statement join {}  (or decline)"),
    "text": ("a text put to it, nothing said of it", "comity consult suggest {}"),
    "suggestion": ("a suggestion without a disposition", "comity consult dispose {}"),
}
"""For each ``case.awaiting.What``: what it is, and the command by which its party answers."""


def tell_awaited(out: Out, node: Node, state: State, clocks: Sequence[Clock], *, mine: bool) -> None:
    """What has no answer on record: this party's alone with the command that answers, or everybody's."""
    from comity.case.awaiting import awaited

    me = node.party.id
    found = [one for one in awaited(state, clocks) if one.party == me or not mine]
    if found and not mine:
        out.line()
        out.line("No answer on record (which says nothing; nobody has to answer)")
    for one in found:
        words, command = WORDS[one.what]
        if mine:
            out.line(f"for you  {one.record[:12]}  from {node.name_of(one.by)}: {words}", 2)
            out.line(command.format(one.record[:12]), 11)
        else:
            out.line(f"{one.record[:12]}  {node.name_of(one.by)} → {node.name_of(one.party)}: {words}", 2)
        out.object(
            "awaited",
            case=state.case,
            record=one.record,
            what=one.what,
            party=one.party,
            **{"from": one.by},
            mine=one.party == me,
        )


def tell_evidence(out: Out, node: Node, state: State) -> None:
    """Each sealed item of a case, whose it is, and to whom how much of it was shown."""
    from comity.case.custody import erasures_of, reaches_others
    from comity.case.disclosures import disclosures
    from comity.cli.disclosed import STANDING
    from comity.records import kinds

    shown = disclosures(state)
    told = False
    for record in state.of("evidence.seal"):
        seal = record.content
        if not isinstance(seal, kinds.Seal):
            continue
        if not told:
            out.line()
            out.line("Evidence (sealed: unchanged since; not that it is genuine)")
            told = True
        rows = count(seal.item.size - 1, "row")
        erased = ""
        for each in erasures_of(state, seal.item):
            # Who else erases, erases its own copies, whatever it asks of others.
            if each.author == record.author or reaches_others(state, each):
                erased = "; erased"
                break
            erased += f"; {node.name_of(each.author)} erased its own copies"
        name = f"“{seal.name}”, " if seal.name else ""
        out.line(
            f"{record.id[:12]}  {name}{rows}, {seal.splitter}, by {node.name_of(record.author)}{erased}", 2
        )
        given = [one for one in shown if one.content.item == seal.item]
        out.object(
            "item",
            case=state.case,
            record=record.id,
            root=seal.item.root,
            name=seal.name,
            rows=seal.item.size - 1,
            format=seal.splitter,
            by=record.author,
            erased=bool(erased),
            shown=[{"record": one.record, "to": {to.to: to.standing for to in one.to}} for one in given],
        )
        for one in given:
            content = one.content
            much = "all of it" if content.level == "whole" else count(sum(n for _, n in content.rows), "row")
            whom = "; ".join(f"{node.name_of(to.to)}: {STANDING[to.standing]}" for to in one.to)
            out.line(f"{one.record[:12]}  {much} for {whom}", 4)
        _tell_findings(out, node, state, seal.item)


def _tell_findings(out: Out, node: Node, state: State, item: Item) -> None:
    """What rules found in an item, as far as it was reported."""
    from comity.records import kinds
    from comity.records.spans import count_rows, spans_of

    for record in state.of("finding.report"):
        report = record.content
        if isinstance(report, kinds.Report) and report.item == item:
            rows = count_rows(spans_of(match.rows for match in report.matches))
            names = ", ".join(rule.name for rule in report.rules[:3])
            more = f" and {len(report.rules) - 3} more" if len(report.rules) > 3 else ""
            by = node.name_of(record.author)
            out.line(f"{record.id[:12]}  finding by {by}: {plain(names)}{more}: {count(rows, 'row')}", 4)
            out.object(
                "found",
                case=state.case,
                record=record.id,
                item=item.root,
                by=record.author,
                rules=[rule.name for rule in report.rules],
                rows=rows,
            )
