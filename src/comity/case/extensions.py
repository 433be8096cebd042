"""More time for a request, offered or asked for by either side, and requests that are taken back.

Nothing here is decided by silence: a proposal that nobody answers stays open (``spec/07-facts.md`` §4).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from comity.case.rules_of_procedure import proposed_due
from comity.case.state import Accepted, State
from comity.records import bodies, kinds
from comity.records.kinds_of_procedure import Extend, WithdrawRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """A proposal of another instant (``due``, seconds since 1970 UTC), and what the other side said to it.

    ``answer`` is open, accepted or refused, ``answered`` the record that says so; ``reason`` is the
    proposer's, ``reply`` the other side's. ``binds_asked``: accepted, and the asker may rest on that.
    ``refused_too`` is a record of the other side that refuses what it also accepted ("" where none does),
    in whichever order: the acceptance stands, and ``refusal`` are the words of that refusal.
    """

    record: str
    by: str
    due: int
    reason: str
    answer: str
    answered: str
    reply: str
    binds_asked: bool
    refused_too: str = ""
    refusal: str = ""


def extensions(state: State) -> Mapping[str, tuple[Extension, ...]]:
    """Request → the proposals of more time for it, in causal order.

    A proposal within an answer stands here once the other side answered it by a record of its own.
    """
    replies: dict[str, list[Accepted]] = {}
    proposals: list[Accepted] = []
    for record in state.of("request.extend"):
        if isinstance(record.content, Extend):
            if record.content.step == "proposes":
                proposals.append(record)
            else:
                replies.setdefault(record.content.proposal, []).append(record)
    if replies:
        proposals += [r for r in state.of("request.answer") if r.id in replies]
    found: dict[str, list[Extension]] = {}
    for proposal in proposals:
        request = getattr(proposal.content, "request", "")
        found.setdefault(request, []).append(
            _extension(state, proposal, request, replies.get(proposal.id, []))
        )
    return {request: tuple(made) for request, made in found.items()}


def _extension(state: State, proposal: Accepted, request: str, replies: list[Accepted]) -> Extension:
    accepted = _first(replies, "accepts")
    refused = _first(replies, "refuses")
    answered = accepted or refused
    against = refused if accepted else None
    asker = state.accepted[request].author
    # Whoever signed two histories is held to the time that it gave, and gains nothing from having given it.
    asked_by = proposal if proposal.author == asker else answered
    said = proposal.content
    reply = answered.content if answered else None
    return Extension(
        record=proposal.id,
        by=proposal.author,
        due=bodies.parse_time(proposed_due(proposal, request)),
        reason=said.text if isinstance(said, Extend | kinds.Answer) else "",
        answer="accepted" if accepted else "refused" if answered else "open",
        answered=answered.id if answered else "",
        reply=reply.text if isinstance(reply, Extend) else "",
        binds_asked=accepted is not None and asked_by is not None and not state.against_author(asked_by),
        refused_too=against.id if against else "",
        refusal=against.content.text if against and isinstance(against.content, Extend) else "",
    )


def _first(replies: list[Accepted], step: str) -> Accepted | None:
    return next((r for r in replies if isinstance(r.content, Extend) and r.content.step == step), None)


def withdrawn_requests(state: State) -> Mapping[str, str]:
    """Request → the first record by which its author no longer asks."""
    found: dict[str, str] = {}
    for record in state.of("request.withdraw"):
        if isinstance(record.content, WithdrawRequest):
            found.setdefault(record.content.request, record.id)
    return found
