"""When a record can be shown to have existed: an interval with its reasons (``spec/06-time.md``).

*Not after*: the earliest instant at which the case's policy is met for a checkpoint that contains the
record's leaf. *Not before*: the latest such instant among the attestations that the record, or a record
below it, cites, each by the cosignatures that it carries itself: one that was added to the same
checkpoint later says nothing about when it was cited. A claimed time decides nothing. The author's own
cosignatures, and those of the ledger that registers it, never count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from comity.case.state import State
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
    policy = state.policy
    if policy is None:
        return {record: Interval() for record in state.records}
    return _Times(state, policy).all()


class _Times:
    def __init__(self, state: State, policy: kinds.Policy) -> None:
        self.state = state
        self.policy = policy
        # Cosignatures on one and the same checkpoint add up, whichever attestation brought them.
        self.cosigned: dict[tuple[str, int, bytes], dict[str, int]] = {}
        for fact in state.attestations.values():
            seen = self.cosigned.setdefault((fact.value.home, fact.value.size, fact.value.root), {})
            for vkey, instant in fact.value.seen_by.items():
                seen[vkey] = min(instant, seen.get(vkey, instant))

    def all(self) -> Mapping[str, Interval]:
        after: dict[str, tuple[int, str]] = {}
        for attestation, fact in sorted(self.state.attestations.items()):
            for record in fact.value.records:
                held = self.state.records.get(record)
                if held is None or held.home != fact.value.home:
                    continue
                seen = self.cosigned[fact.value.home, fact.value.size, fact.value.root]
                instant = self._met(seen, (held.home, held.value.envelope.iss), latest=False)
                if instant is not None and (record not in after or (instant, attestation) < after[record]):
                    after[record] = (instant, attestation)
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
                by_after=after[record][1] if record in after else "",
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
                instant = self._met(fact.value.seen_by, (fact.value.home, author), latest=True)
                if instant is not None:
                    found.append((instant, fact.value.id))
        return found

    def _met(self, seen: Mapping[str, int], partial: tuple[str, str], *, latest: bool) -> int | None:
        """The instant at which the policy is met, on the side that fewer than ``quorum`` liars cannot move.

        As an upper bound: the quorum-th smallest cosignature time, since at least one of these witnesses
        is honest. As a lower bound: the quorum-th largest, for the same reason. ``partial`` parties
        (the author, the ledger's owner) do not count.
        """
        instants = sorted(
            seen[w.vkey] for w in self.policy.witnesses if w.vkey in seen and w.party not in partial
        )
        if len(instants) < self.policy.quorum:
            return None
        return instants[-self.policy.quorum] if latest else instants[self.policy.quorum - 1]
