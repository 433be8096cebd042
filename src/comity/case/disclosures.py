"""What was shown of each item, to whom, on what terms, with whose approval, and what they did with it.

Computed from records alone. That a package was opened is known only of who says so: silence says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from comity.case.state import Accepted, State
from comity.records import kinds

Standing = Literal["sent", "awaits", "accepted", "declined", "verified", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One recipient of a disclosure. ``awaits``: its terms are not accepted yet, so nothing was sent.
    ``sent``: nothing was asked, and it said nothing. ``record`` is what it said last, ``said`` all that it
    said, in the order of its own chain; ``code`` why a proof failed."""

    to: str
    standing: Standing
    record: str = ""
    code: str = ""
    reason: str = ""
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosed:
    """A disclosure with its terms. ``offices`` approved it, of ``needed``; ``changed`` says that its author
    named other approvers without the earlier ones' approval; ``short`` that the case asks for more."""

    record: str
    author: str
    content: kinds.Disclose
    offices: tuple[str, ...]
    needed: int
    changed: bool
    short: bool
    to: tuple[Shown, ...]


def disclosures(state: State, root: str = "") -> tuple[Disclosed, ...]:
    """Every disclosure of a case, or of one item of it, causes first."""
    found = []
    policy = state.policy
    wanted = policy.approvals if policy else 0
    for record in state.of("evidence.disclose"):
        content = record.content
        if isinstance(content, kinds.Disclose) and root in ("", content.item.root):
            known = _approvers_of(state, record)
            offices = {a.key: a.office for a in known[1].approvers} if known else {}
            needed = max(wanted, known[1].needed if known else 0)
            found.append(
                Disclosed(
                    record=record.id,
                    author=record.author,
                    content=content,
                    offices=tuple(offices[a.key] for a in content.approvals if a.key in offices),
                    needed=needed,
                    changed=known is not None and not _is_founded(state, known[0]),
                    short=len(content.approvals) < wanted,
                    to=tuple(_standing(state, record, content, party) for party in content.to),
                )
            )
    return tuple(found)


def approvers_now(state: State, author: str) -> Accepted | None:
    """The newest list of approvers of a party that was founded, or approved under the one before; None for
    none."""
    own = [r for r in state.of("disclosure.approvers") if r.author == author and _is_founded(state, r)]
    return max(own, key=lambda r: r.seq) if own else None


def _approvers_of(state: State, record: Accepted) -> tuple[Accepted, kinds.Approvers] | None:
    for name in record.frame.references:
        found = state.accepted.get(name)
        if found and isinstance(found.content, kinds.Approvers) and found.author == record.author:
            return found, found.content
    return None


def _is_founded(state: State, record: Accepted) -> bool:
    """Whether a list of approvers goes back, approved step by step, to the first one that its author
    named."""
    own = [r for r in state.of("disclosure.approvers") if r.author == record.author]
    first = min(own, key=lambda r: r.seq)
    while isinstance(record.content, kinds.Approvers) and record.content.replaces:
        record = state.accepted[record.content.replaces]
    return record.id == first.id


def _standing(state: State, record: Accepted, content: kinds.Disclose, party: str) -> Shown:
    asked = isinstance(content.terms, kinds.Terms) and content.terms.accept
    now = Shown(to=party, standing="awaits" if asked else "sent")
    for said in _said(state, record.id, party):
        told = (*now.said, said.id)
        match said.content:
            case kinds.Accept(decision=decision, reason=reason):
                now = Shown(to=party, standing=decision, record=said.id, reason=reason, said=told)
            case kinds.Checked(result=result, code=code):
                now = Shown(to=party, standing=result, record=said.id, code=code, said=told)
    return now


def _said(state: State, disclosure: str, party: str) -> Iterator[Accepted]:
    """What a party said of a disclosure, in the order of its own chain."""
    found = [
        r
        for kind in ("disclosure.accept", "disclosure.receipt")
        for r in state.of(kind)
        if r.author == party
        and isinstance(r.content, kinds.Accept | kinds.Checked)
        and r.content.disclosure == disclosure
    ]
    yield from sorted(found, key=lambda r: r.seq)
