"""Endorsements that rest on each other in a circle, and those that were taken back (``spec/07-facts.md`` §3).

A voice is lent where it rests on another party's word alone: an endorsement on trust, or after review, of an
assertion behind which nothing is sealed. Voices lent in a circle rest on nothing but themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from comity.case.judging import assertions_of
from comity.case.state import Accepted, State
from comity.records import kinds
from comity.records.kinds_of_procedure import WithdrawEndorsement

SINCE = 2
"""The rules from which on circles are told: what was published under earlier ones stays as it is."""


def withdrawn_endorsements(state: State) -> Mapping[str, str]:
    """Endorsement → the first record by which its author takes it back."""
    found: dict[str, str] = {}
    for record in state.of("endorsement.withdraw"):
        if isinstance(record.content, WithdrawEndorsement):
            found.setdefault(record.content.endorsement, record.id)
    return found


def circular_endorsements(state: State, taken_back: Mapping[str, str]) -> frozenset[str]:
    """The endorsements that lie in a circle of lent voices."""
    if state.opening is None or state.opening.frame.rules < SINCE:
        return frozenset()
    edges: dict[str, tuple[str, str]] = {}
    for record in state.of("endorsement.make"):
        content = record.content
        if (
            isinstance(content, kinds.Endorse)
            and record.id not in taken_back
            and _is_lent(state, record, content)
        ):
            edges[record.id] = (record.author, state.accepted[content.target.record].author)
    part = components(set(edges.values()))
    return frozenset(r for r, (by, of) in edges.items() if part[by] == part[of])


def _is_lent(state: State, record: Accepted, content: kinds.Endorse) -> bool:
    if content.basis not in ("trust", "reviewed") or state.against_author(record):
        return False
    if any(support.record for support in content.supports):
        return False
    target = assertions_of(state.accepted[content.target.record].content)[content.target.n]
    return not any(support.record for support in target.supports)


def components(edges: Iterable[tuple[str, str]]) -> Mapping[str, int]:
    """Node → number of its strongly connected component: two nodes reach each other exactly where it is one.

    Tarjan (1972), without recursion: a chain of endorsements may be longer than any stack.
    """
    onward: dict[str, list[str]] = {}
    for one, other in sorted(edges):
        onward.setdefault(one, []).append(other)
        onward.setdefault(other, [])
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    part: dict[str, int] = {}
    path: list[str] = []
    for start in onward:
        if start in order:
            continue
        work = [(start, 0)]
        while work:
            node, turn = work.pop()
            if not turn:
                order[node] = low[node] = len(order)
                path.append(node)
            for n in range(turn, len(onward[node])):
                other = onward[node][n]
                if other not in order:
                    work += [(node, n + 1), (other, 0)]
                    break
                if other not in part:
                    low[node] = min(low[node], order[other], low[other])
            else:
                if low[node] == order[node]:
                    number = len(part)
                    while node not in part:
                        part[path.pop()] = number
                if work:
                    below = work[-1][0]
                    low[below] = min(low[below], low[node])
    return part
