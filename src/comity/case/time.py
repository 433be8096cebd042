"""When a record can be shown to have existed: an interval with its reasons (``spec/06-time.md``).

*Not after*: the earliest instant at which the case's policy is met for a checkpoint that contains the
record's leaf. *Not before*: the latest such instant among the attestations that the record, or a record
below it, cites, each by the cosignatures that it carries itself: one that was added to the same
checkpoint later says nothing about when it was cited. A claimed time decides nothing. The author's own
cosignatures, and those of the ledger that registers it, never count. A timestamp authority is no party,
so whose it is cannot be told, and it counts for everyone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from comity.case.state import State
from comity.case.verified import Attestation
from comity.ledger.stamps import Stamp
from comity.records import kinds
from comity.records.bodies import INSTANT_LIMIT

_Rank = tuple[int, int, int, tuple[int, ...], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Proven bounds in seconds since 1970 UTC; None where nothing is proven on that side.

    ``by_after`` and ``by_before`` name the attestations that prove them.
    """

    not_before: int | None = None
    not_after: int | None = None
    by_before: str = ""
    by_after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attester:
    """A witness or an authority whose time counted for one bound, and that time.

    ``key`` is how the policy names it (a vkey, or a certificate's SHA-256); ``party`` is whose witness it is,
    "" for an authority, of which the policy knows a ``name`` alone. ``decisive``: the bound is its time.
    """

    kind: str
    key: str
    party: str
    name: str
    instant: int
    decisive: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a bound stands: at least ``quorum`` attesters of one checkpoint, of ``size`` leaves of ``home``'s.

    ``attestation`` brought them. ``via`` is the record that is in that checkpoint, for *not after*, or that
    cites it, for *not before*: the record itself or one below it. ``attesters`` go by time.
    """

    instant: int
    attestation: str
    home: str
    size: int
    quorum: int
    via: str
    attesters: tuple[Attester, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """The reasons of both bounds of one record; None where nothing is proven on that side."""

    not_before: Reason | None = None
    not_after: Reason | None = None


def intervals(state: State) -> Mapping[str, Interval]:
    """The interval of every record held, opened or bare."""
    if state.policy is None:
        return {record: Interval() for record in state.records}
    return _Times(state).all()


def reasons(state: State) -> Mapping[str, Reasons]:
    """Who and what proves each bound of ``intervals``, for every record held."""
    if state.policy is None:
        return {record: Reasons() for record in state.records}
    times = _Times(state)
    return {record: times.explain(record, interval) for record, interval in times.all().items()}


def _policies(state: State) -> Mapping[str, kinds.Policy]:
    """The time policy that binds each author: that of the opening which its first record references.

    With one opening this is the policy of the case. An opener that signs two openings with two policies
    moves nobody's deadline: whoever joined under one of them keeps it, and it loses its own.
    """
    openings = {r.id: r.content.policy for r in state.of("case.open") if isinstance(r.content, kinds.Open)}
    if len(openings) == 1:
        (policy,) = openings.values()
        return dict.fromkeys((r.value.envelope.iss for r in state.records.values()), policy)
    found: dict[str, tuple[str, kinds.Policy]] = {}
    for record in state.accepted.values():
        for opening in openings.keys() & set(record.frame.references) if record.seq == 0 else ():
            found[record.author] = min(
                found.get(record.author, (opening, openings[opening])),
                (opening, openings[opening]),
                key=lambda named: named[0],
            )
    return {author: policy for author, (_, policy) in found.items()}


def stamped_by(policy: kinds.Policy, stamps: Iterable[Stamp]) -> dict[str, tuple[int, int]]:
    """What the tokens prove by the authorities that a policy names: certificate → (the latest lower bound,
    the earliest upper bound). A token counts once: for the named certificate nearest to its signer."""
    named = {a.certificate for a in policy.authorities}
    found: dict[str, tuple[int, int]] = {}
    for stamp in stamps:
        nearest = next((c for c in stamp.chain if c in named), None)
        if nearest is not None:
            low, high = found.get(nearest, (stamp.earliest, stamp.latest))
            found[nearest] = max(low, stamp.earliest), min(high, stamp.latest)
    return found


def count_attesting(policy: kinds.Policy, attestation: Attestation) -> int:
    """How many witnesses and authorities of a policy an attestation shows, each once."""
    seen = sum(1 for instant in attestation.seen_by.values() if instant < INSTANT_LIMIT)
    return seen + len(stamped_by(policy, attestation.stamps))


class _Times:
    def __init__(self, state: State) -> None:
        self.state = state
        self.policies = _policies(state)
        self.places = {party: n for n, party in enumerate(state.members)}
        self.witnesses = state.policy.witnesses if state.policy else ()
        # Which record brought a not-before: it, or a record below it, cites the attestation.
        self.citing: dict[str, str] = {}
        # What is said of one and the same checkpoint adds up, whichever attestation brought it.
        self.heads: dict[tuple[str, int, bytes], Attestation] = {}
        for fact in state.attestations.values():
            head = fact.value.home, fact.value.size, fact.value.root
            held = self.heads.get(head)
            if held is None:
                self.heads[head] = fact.value
                continue
            seen = dict(held.seen_by)
            for vkey, instant in fact.value.seen_by.items():
                seen[vkey] = min(instant, seen.get(vkey, instant))
            self.heads[head] = replace(held, seen_by=seen, stamps=held.stamps + fact.value.stamps)

    def all(self) -> Mapping[str, Interval]:
        # Least instant; of equals first an attestation that shows it alone, then as the case has its parties.
        after: dict[str, tuple[int, bool, _Rank, str]] = {}
        for attestation, fact in sorted(self.state.attestations.items()):
            rank = self._rank(fact.value)
            for record in fact.value.records:
                held = self.state.records.get(record)
                if held is None:
                    continue
                head = self.heads[fact.value.home, fact.value.size, fact.value.root]
                author = held.value.envelope.iss
                partial = (fact.value.home, held.home, author)
                instant = self._met(head, author, partial, latest=False)
                if instant is None:
                    continue
                alone = self._met(fact.value, author, partial, latest=False) == instant
                found = (instant, not alone, rank, attestation)
                after[record] = min(found, after.get(record, found))
        # Greatest instant; of equals as the case has its parties.
        before: dict[str, tuple[int, _Rank, str]] = {}
        for record in self.state.causal:
            value = self.state.records[record].value
            bounds = [before[b] for b in self.state.builds_on(record) if b in before]
            if value.frame is not None:
                bounds += self._cited(value.frame.references, value.envelope.iss)
            if bounds:
                before[record] = max(bounds)
                below = [
                    self.citing[b] for b in self.state.builds_on(record) if before.get(b) == before[record]
                ]
                self.citing[record] = min(below, key=self._place, default=record)
        return {
            record: Interval(
                not_before=before[record][0] if record in before else None,
                not_after=after[record][0] if record in after else None,
                by_before=before[record][-1] if record in before else "",
                by_after=after[record][-1] if record in after else "",
            )
            for record in self.state.records
        }

    def _rank(self, shown: Attestation) -> _Rank:
        """What tells two attestations apart that prove the same bound, before their ids, which say nothing:
        the home's place among the members, the size, and which of the policy's witnesses they show."""
        places = self.places
        keys = tuple(n for n, w in enumerate(self.witnesses) if w.vkey in shown.seen_by)
        return (places.get(shown.home, len(places)), shown.size, len(keys), keys, len(shown.stamps))

    def _place(self, record: str) -> tuple[int, int, str]:
        """Its author's place among the members, and its place in its author's chain."""
        envelope = self.state.records[record].value.envelope
        return (self.places.get(envelope.iss, len(self.places)), envelope.seq, record)

    def _cited(self, references: tuple[str, ...], author: str) -> list[tuple[int, _Rank, str]]:
        found = []
        for reference in references:
            fact = (
                self.state.attestations.get(reference.removeprefix("t:"))
                if reference.startswith("t:")
                else None
            )
            if fact is not None:
                instant = self._met(fact.value, author, (fact.value.home, author), latest=True)
                if instant is not None:
                    found.append((instant, self._rank(fact.value), fact.value.id))
        return found

    def _met(self, shown: Attestation, author: str, partial: tuple[str, ...], *, latest: bool) -> int | None:
        """The instant at which the policy is met, on the side that fewer than ``quorum`` liars cannot move.

        As an upper bound: the quorum-th smallest cosignature time, since at least one of these witnesses
        is honest. As a lower bound: the quorum-th largest, for the same reason. ``partial`` parties
        (the author, the ledger's owner) do not count. A token's time is widened by its accuracy.
        """
        policy = self.policies.get(author)
        if policy is None:
            return None
        instants = sorted(said[0] for said in _counted(policy, shown, partial, latest=latest))
        if len(instants) < policy.quorum:
            return None
        return instants[-policy.quorum] if latest else instants[policy.quorum - 1]

    def explain(self, record: str, interval: Interval) -> Reasons:
        """The reasons of an interval that ``all`` gave."""
        held = self.state.records[record]
        before = after = None
        if interval.not_after is not None:
            fact = self.state.attestations[interval.by_after].value
            head = self.heads[fact.home, fact.size, fact.root]
            author = held.value.envelope.iss
            homes = (fact.home, held.home, author)
            after = self._reason(head, author, homes, interval.not_after, interval.by_after, record)
        if interval.not_before is not None:
            fact = self.state.attestations[interval.by_before].value
            via = self.citing[record]
            author = self.state.records[via].value.envelope.iss
            before = self._reason(
                fact, author, (fact.home, author), interval.not_before, interval.by_before, via, latest=True
            )
        return Reasons(not_before=before, not_after=after)

    def _reason(
        self,
        shown: Attestation,
        author: str,
        partial: tuple[str, ...],
        instant: int,
        attestation: str,
        via: str,
        *,
        latest: bool = False,
    ) -> Reason:
        policy = self.policies[author]
        # At one instant they stand as the policy names them: a key begins with a name, and would favour one.
        counted = sorted(_counted(policy, shown, partial, latest=latest), key=lambda said: said[:2])
        decisive = len(counted) - policy.quorum if latest else policy.quorum - 1
        return Reason(
            instant=instant,
            attestation=attestation,
            home=shown.home,
            size=shown.size,
            quorum=policy.quorum,
            via=via,
            attesters=tuple(
                Attester(kind=kind, key=key, party=party, name=name, instant=at, decisive=n == decisive)
                for n, (at, kind, key, party, name) in enumerate(counted)
            ),
        )


def _counted(
    policy: kinds.Policy, shown: Attestation, partial: tuple[str, ...], *, latest: bool
) -> list[tuple[int, str, str, str, str]]:
    """(time, kind, key, party, name) of each witness and authority of a policy that an attestation shows."""
    seen = shown.seen_by
    found = [
        (seen[w.vkey], "witness", w.vkey, w.party, w.vkey.partition("+")[0])
        for w in policy.witnesses
        # A cosignature has room for times that no calendar has; such a one is no time (spec/06 §6).
        if w.party not in partial and seen.get(w.vkey, INSTANT_LIMIT) < INSTANT_LIMIT
    ]
    names = {a.certificate: a.name for a in policy.authorities}
    stamped = stamped_by(policy, shown.stamps)
    found += [
        (low if latest else high, "authority", named, "", names[named])
        for named, (low, high) in stamped.items()
    ]
    return found
