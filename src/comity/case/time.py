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


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Proven bounds in seconds since 1970 UTC; None where nothing is proven on that side.

    ``by_after`` and ``by_before`` name the attestations that prove them.
    """

    not_before: int | None = None
    not_after: int | None = None
    by_before: str = ""
    by_after: str = ""


def intervals(state: State) -> Mapping[str, Interval]:
    """The interval of every record held, opened or bare."""
    if state.policy is None:
        return {record: Interval() for record in state.records}
    return _Times(state).all()


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
    return len(attestation.seen_by) + len(stamped_by(policy, attestation.stamps))


class _Times:
    def __init__(self, state: State) -> None:
        self.state = state
        self.policies = _policies(state)
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
        # Least instant; of equals first an attestation that shows it alone, then by id.
        after: dict[str, tuple[int, bool, str]] = {}
        for attestation, fact in sorted(self.state.attestations.items()):
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
                found = (instant, not alone, attestation)
                after[record] = min(found, after.get(record, found))
        before: dict[str, tuple[int, str]] = {}
        for record in self.state.causal:
            value = self.state.records[record].value
            bounds = [before[b] for b in self.state.builds_on(record) if b in before]
            if value.frame is not None:
                bounds += self._cited(value.frame.references, value.envelope.iss)
            if bounds:
                before[record] = max(bounds)
        return {
            record: Interval(
                not_before=before[record][0] if record in before else None,
                not_after=after[record][0] if record in after else None,
                by_before=before[record][1] if record in before else "",
                by_after=after[record][2] if record in after else "",
            )
            for record in self.state.records
        }

    def _cited(self, references: tuple[str, ...], author: str) -> list[tuple[int, str]]:
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
                    found.append((instant, fact.value.id))
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
        seen = shown.seen_by
        instants = [seen[w.vkey] for w in policy.witnesses if w.vkey in seen and w.party not in partial]
        instants += [low if latest else high for low, high in stamped_by(policy, shown.stamps).values()]
        instants.sort()
        if len(instants) < policy.quorum:
            return None
        return instants[-policy.quorum] if latest else instants[policy.quorum - 1]
