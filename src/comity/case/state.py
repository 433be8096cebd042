"""The state of a case: what was admitted, and how each record was judged.

The state is a value. It holds the facts themselves, so two states of the same facts are equal however
the facts arrived, and ``digest`` gives the same bytes for them. It never contains "now".
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

from comity.case.layers import Layers
from comity.case.verified import Attestation, Verified
from comity.records import canonical, kinds
from comity.records.bundles import Record
from comity.records.following import FOLLOWING
from comity.records.kinds import Content, Frame


def _named_by(field: str) -> Callable[[Any], str]:
    return lambda content: str(getattr(content, field))


# What answers, corrects, endorses or re-runs another record, and which one that is.
_FOLLOWS: Mapping[type[Content], Callable[[Any], str]] = {
    kinds.Withdraw: lambda content: str(content.target),
    kinds.Give: lambda content: str(content.target),
    kinds.Response: lambda content: str(content.target),
    kinds.Replicate: lambda content: str(content.finding),
    kinds.Endorse: lambda content: str(content.target.record),
    kinds.Answer: lambda content: str(content.request),
    kinds.Acknowledge: lambda content: str(content.notice),
    kinds.Received: lambda content: str(content.record),
    kinds.Attempt: lambda content: str(content.notice),
    **{kind: _named_by(field) for kind, field in FOLLOWING.items()},
    kinds.Ask: lambda content: str(content.offer),
    kinds.Matched: lambda content: str(content.ask),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a record has no effect: the number of the rule that it breaks (``spec/05-rules.md``) and how."""

    record: str
    rule: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A record that cannot be judged yet: what it builds on is not held or not opened here."""

    record: str
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A record that took effect, unpacked for readers."""

    id: str
    author: str
    seq: int
    frame: Frame
    content: Content
    home: str
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the fold has at hand of a state, so that reading it need not begin anew; follows from the rest.

    ``kinds`` has the accepted ids of each kind, and ``heads`` each author's highest (seq, id) with its
    chain held, in no order that counts. ``depths`` and ``ordered`` are those of an earlier state, still true
    of what they name, and ``unplaced`` and ``unordered`` what came since; None where everything is to be
    counted again.
    """

    kinds: Mapping[str, Layers[str, None]]
    heads: Mapping[str, tuple[int, str]]
    depths: Layers[str, int] | None
    unplaced: Sequence[str]
    ordered: tuple[Accepted, ...] | None
    unordered: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class State:
    """The fold of a set of records and attestations of one case.

    ``records`` and ``attestations`` are the facts; ``accepted``, ``refused`` and ``waiting`` partition the
    opened records; bare envelopes are in ``records`` only. ``forks`` maps an author to the lowest
    seq at which two of its envelopes stand, held here or proven by a record; records under a superseded
    or revoked key are marked so in ``records``.
    """

    case: str
    records: Mapping[str, Verified[Record]] = field(default_factory=dict)
    attestations: Mapping[str, Verified[Attestation]] = field(default_factory=dict)
    accepted: Mapping[str, Accepted] = field(default_factory=dict)
    refused: Mapping[str, Refusal] = field(default_factory=dict)
    waiting: Mapping[str, Waiting] = field(default_factory=dict)
    forks: Mapping[str, int] = field(default_factory=dict)
    # Running knowledge of the fold, derived from the above; not part of equality or digest.
    index: object = field(default=None, compare=False, repr=False)
    known: Known | None = field(default=None, compare=False, repr=False)

    @cached_property
    def ordered(self) -> tuple[Accepted, ...]:
        """Accepted records: causes before effects, then by claimed time, then by id."""
        known = self.known
        if known is None or known.ordered is None:
            return self._order(self.accepted.values())
        # What was in order stays in order, and the sort takes such runs as they are.
        return self._order((*known.ordered, *(self.accepted[r] for r in known.unordered)))

    def _order(self, records: Iterable[Accepted]) -> tuple[Accepted, ...]:
        depth_of = self.depths
        return tuple(sorted(records, key=lambda a: (depth_of[a.id], a.frame.at, a.id)))

    @cached_property
    def depths(self) -> Layers[str, int]:
        """Longest causal path below each held record, by prev, seen and references (0 for the opening)."""
        known = self.known
        starts: Iterable[str] = self.records
        depths = Layers[str, int]().branch()
        if known is not None and known.depths is not None:
            starts, depths = known.unplaced, known.depths.branch()
        for start in starts:
            stack = [start]
            while stack:
                record = stack[-1]
                if record in depths:
                    stack.pop()
                    continue
                deepest, missing = -1, False
                for below in self.builds_on(record):
                    if below in self.records:
                        reached = depths.get(below)
                        if reached is None:
                            stack.append(below)  # hashes admit no cycle, so this ends
                            missing = True
                        elif reached > deepest:
                            deepest = reached
                if not missing:
                    depths[record] = 1 + deepest
                    stack.pop()
        return depths.settle()

    @cached_property
    def causal(self) -> tuple[str, ...]:
        """Ids of all held records, causes before effects."""
        depth_of = self.depths
        return tuple(sorted(self.records, key=lambda r: (depth_of[r], r)))

    def builds_on(self, record: str) -> tuple[str, ...]:
        """What a record names as its past: its predecessor, what it has seen, what it references."""
        return builds_on(self.records[record].value)

    @cached_property
    def by_kind(self) -> Mapping[str, tuple[Accepted, ...]]:
        """Accepted records of each kind, in that order."""
        kinds_: dict[str, list[Accepted]] = {}
        for record in self.ordered:
            kinds_.setdefault(record.frame.kind, []).append(record)
        return MappingProxyType({kind: tuple(found) for kind, found in kinds_.items()})

    @cached_property
    def _asked(self) -> dict[str, tuple[Accepted, ...]]:
        """Answers of ``of``, kept; equal whichever thread was first."""
        return {}

    def of(self, kind: str) -> tuple[Accepted, ...]:
        """Accepted records of one kind, causes first."""
        found = self._asked.get(kind)
        if found is None:
            if self.known is None or "ordered" in self.__dict__:
                found = self.by_kind.get(kind, ())
            else:
                found = self._order(self.accepted[r] for r in self.known.kinds.get(kind, ()))
            self._asked[kind] = found
        return found

    @property
    def newest(self) -> Mapping[str, str]:
        """Each author's newest record of which the whole chain is held, whether it was judged or not."""
        return {author: record for author, (_, record) in self.known.heads.items()} if self.known else {}

    @cached_property
    def opening(self) -> Accepted | None:
        """The ``case.open`` record, where it is held."""
        opens = self.of("case.open")
        return opens[0] if opens else None

    @cached_property
    def policy(self) -> kinds.Policy | None:
        """The time policy that the case was opened with."""
        content = self.opening.content if self.opening else None
        return content.policy if isinstance(content, kinds.Open) else None

    @cached_property
    def splits(self) -> Mapping[str, str]:
        """Parties whose ledger is proven to have signed two histories, with the record that proves it."""
        found: dict[str, str] = {}
        for record in self.of("equivocation.prove"):
            if isinstance(record.content, kinds.Prove) and record.content.of == "ledger":
                found.setdefault(record.content.party, record.id)
        return MappingProxyType(found)

    @cached_property
    def members(self) -> tuple[str, ...]:
        """The opener, and every party invited by a member, each after whoever brought it in.

        Who was only told of the case (a guest, whoever came by its key) brings nobody in.
        """
        found = [self.opening.author] if self.opening else []
        invites = [
            (r.author, r.content.to) for r in self.of("case.invite") if isinstance(r.content, kinds.Invite)
        ]
        while True:  # each turn finds one member more, or ends
            brought = next((to for by, to in invites if by in found and to not in found), None)
            if brought is None:
                return tuple(found)
            found.append(brought)

    @cached_property
    def audiences(self) -> Mapping[str, frozenset[str]]:
        """Effective audience of every accepted record: its frame's and its author's grants.

        What answers a record reaches at least whoever that record reaches, so whoever publishes a claim
        carries what was said against it; and with it go the records of its own author that it cites.
        """
        found = {r.id: frozenset(r.frame.audience) for r in self.accepted.values()}
        for grant in self.of("case.grant"):
            if isinstance(grant.content, kinds.Grant):
                for target in grant.frame.references:
                    if target in found and self.accepted[target].author == grant.author:
                        found[target] |= frozenset(grant.content.to)
        changed = True
        while changed:  # audiences only grow, so this ends
            changed = False
            for record in self.ordered:
                follow = _FOLLOWS.get(type(record.content))
                if follow is None:
                    continue
                wider = found[record.id] | found.get(follow(record.content), frozenset())
                changed |= self._widen(found, record, wider)
        return found

    def _widen(self, found: dict[str, frozenset[str]], record: Accepted, wider: frozenset[str]) -> bool:
        changed = False
        work = [record]  # a chain of citations may be longer than any stack
        while work:
            record = work.pop()
            if wider <= found[record.id]:
                continue
            found[record.id] |= wider
            changed = True
            for cited in record.frame.references:
                below = self.accepted.get(cited)
                if below is not None and below.author == record.author and below.frame.kind != "case.open":
                    work.append(below)
        return changed

    def readable_by(self, record: str, reader: str) -> bool:
        """Whether ``reader`` (a party id, or ``public``) is its effective audience or its author."""
        accepted = self.accepted.get(record)
        if accepted is None:
            return False
        # Audiences only grow, so most questions are answered by the frame alone.
        stated = accepted.frame.audience
        if accepted.author == reader or kinds.PUBLIC in stated or reader in stated:
            return True
        audience = self.audiences[record]
        return kinds.PUBLIC in audience or reader in audience

    def against_author(self, record: Accepted) -> bool:
        """Whether only effects adverse to its author remain: it stands on or after a fork of its author,
        or under a key that was superseded or revoked."""
        fork = self.forks.get(record.author)
        return (fork is not None and record.seq >= fork) or self.records[record.id].key_suspect

    def canonical(self) -> bytes:
        """One byte string for one state: every fact's id and depth of opening, and every judgement.

        A refusal stands with the number of its rule; its words are for people.
        """
        facts: dict[str, canonical.Json] = {
            "case": self.case,
            "records": {
                r: [("bare", "frame", "whole")[depth(v.value)], v.home, v.index, v.stale]
                for r, v in self.records.items()
            },
            "attestations": sorted(self.attestations),
            "accepted": sorted(self.accepted),
            "refused": {r: x.rule for r, x in self.refused.items()},
            "waiting": {r: list(x.needs) for r, x in self.waiting.items()},
            "forks": dict(self.forks),
        }
        suspect: list[canonical.Json] = [r for r, v in sorted(self.records.items()) if v.suspect]
        if suspect:
            facts["suspect"] = suspect
        return canonical.render(facts)

    def digest(self) -> str:
        """SHA-256 of ``canonical()``, in hex."""
        return hashlib.sha256(self.canonical()).hexdigest()


def followed(content: Content) -> str:
    """The record that one answers, corrects, withdraws, endorses or re-runs; "" where it follows none."""
    follow = _FOLLOWS.get(type(content))
    return follow(content) if follow else ""


def depth(record: Record) -> int:
    """How far a record is opened: 0 bare envelope, 1 frame, 2 whole."""
    return (record.frame is not None) + (record.content is not None)


def builds_on(record: Record) -> tuple[str, ...]:
    """What a record names as its past: its predecessor, what it has seen, what it references."""
    prev = (record.envelope.prev,) if record.envelope.seq else ()
    if record.frame is None:
        return prev
    return (*prev, *record.frame.seen, *record.frame.references)
