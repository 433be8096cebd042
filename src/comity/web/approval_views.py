"""Pages of disclosures that wait for approvals: what exactly is approved, who did, and whose approval is
awaited."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from comity.case.disclosures import approvers_now
from comity.errors import Refused
from comity.exchange import evidence
from comity.exchange.acts import neutral_title
from comity.exchange.node import Node
from comity.exchange.proposing import Proposal, approvals_asked, proposal_at, proposals
from comity.records import bodies, kinds
from comity.records.parties import grouped
from comity.web.cases import Head, view_head
from comity.web.forms_of_disclosures import SHOWN, say_terms_of
from comity.web.plain import show_bytes
from comity.web.reading import Names, Reading, Ref, Who
from comity.web.spans import count_rows, first_rows, spans_of, write_spans


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """One who approves, and where what waits for it stands."""

    name: str
    key: str
    approved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalLine:
    """A proposal in a list. ``rows`` is how many leave; None for the whole item."""

    id: str
    case: str
    case_title: str
    item: str
    rows: int | None
    to: tuple[Who, ...]
    offices: tuple[Office, ...]
    given: int
    needed: int
    sent: Ref | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalView:
    """The page of one proposal: everything that an approval of it signs, in words and in bytes."""

    head: Head
    line: ProposalLine
    digest: str
    root: str
    size: int
    numbers: str
    terms: tuple[tuple[str, str], ...]
    rows: tuple[tuple[int, str, bool], ...]
    shown: int
    gone: bool
    content: str
    enough: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalsView:
    """The page of all proposals, or of those that wait for one ``office``."""

    office: str
    lines: tuple[ProposalLine, ...]
    asked: tuple[tuple[str, str, int, tuple[Office, ...]], ...]
    computed_for: Who
    as_of: str


def _line(reading: Reading, proposal: Proposal) -> ProposalLine:
    content = proposal.content
    return ProposalLine(
        id=proposal.id,
        case=proposal.case,
        case_title=reading.title,
        item=reading.item_name(content.item),
        rows=None if content.level == "whole" else count_rows(spans_of([content.rows])),
        to=reading.whos(content.to),
        offices=(
            *(Office(name=a.office, key=a.key, approved=True) for a in proposal.approved),
            *(Office(name=a.office, key=a.key, approved=False) for a in proposal.awaited),
        ),
        given=len(proposal.approved),
        needed=proposal.needed,
        sent=reading.ref(proposal.sent) if proposal.sent else None,
    )


def waiting_lines(node: Node, office: str = "", case: str = "") -> tuple[ProposalLine, ...]:
    """Proposals (of every case, or of one) that are not sent, or those that wait for the office with this
    key."""
    found = []
    readings: dict[str, Reading] = {}
    for each in proposals(node, case):
        if each.sent or (office and all(a.key != office for a in each.awaited)):
            continue
        if each.case not in readings:
            readings[each.case] = Reading(node, each.case)
        found.append(_line(readings[each.case], each))
    return tuple(found)


def view_approvals(node: Node, office: str = "") -> ApprovalsView:
    """What waits for approval. ``Refused`` (``approver.unknown``) where no case names the office's key."""
    asked = []
    names: dict[str, str] = {}
    for case in node.cases():
        listed = _offices(node, case)
        names |= {o.key: o.name for o in listed}
        if (needed := approvals_asked(node, case)) > 0:
            asked.append((case, neutral_title(node.state(case)), needed, listed))
    if office and office not in names:
        raise Refused("approver.unknown", office[:12], "no case here names an office with this key")
    return ApprovalsView(
        office=names.get(office, ""),
        lines=waiting_lines(node, office),
        asked=tuple(asked),
        computed_for=Names(node).who(node.party.id),
        as_of=bodies.time_text(node.effects.now()),
    )


def _offices(node: Node, case: str) -> tuple[Office, ...]:
    known = approvers_now(node.state(case), node.party.id)
    listed: Iterable[kinds.Approver] = ()
    if known is not None and isinstance(known.content, kinds.Approvers):
        listed = known.content.approvers
    return tuple(Office(name=a.office, key=a.key, approved=False) for a in listed)


def view_proposal(node: Node, case: str, name: str) -> ProposalView:
    """One proposal as its approver has to see it. ``Refused`` (``proposal.unknown``) where it is not kept."""
    reading = Reading(node, case)
    proposal = proposal_at(node, case, name)
    content = proposal.content
    spans = spans_of([content.rows])
    rows, gone = _rows(node, content)
    return ProposalView(
        head=view_head(reading),
        line=_line(reading, proposal),
        digest=grouped(proposal.id),
        root=content.item.root,
        size=content.item.size - 1,
        numbers=write_spans(spans) if content.level == "rows" else "",
        terms=say_terms_of(content),
        rows=rows,
        shown=SHOWN,
        gone=gone,
        content=msgspec.json.format(bodies.render(content), indent=2).decode(),
        enough=proposal.enough,
    )


def _rows(node: Node, content: kinds.Disclose) -> tuple[tuple[tuple[int, str, bool], ...], bool]:
    """The first rows that leave, each with its neighbours that stay; none where the item is not held."""
    if content.item.root not in evidence.held_items(node):
        return (), True
    spans = spans_of([content.rows])
    near = {n + d for n in first_rows(spans, SHOWN) for d in (-1, 0, 1) if 0 < n + d < content.item.size}
    if not near:
        return (), False
    everything = {n for first, last in spans for n in near if first <= n <= last}
    raw = evidence.rows_at(node, content.item.root, near)
    return tuple((n, show_bytes(raw[n]), n in everything) for n in sorted(near) if n in raw), False
