"""The fold: a set of verified facts becomes the state of a case (``spec/05-rules.md`` §1).

Laws, tested as properties: ``fold(b, fold(a)) == fold(a + b)``; the same state for every order and every
split of the same facts; total (no set of facts raises). Pure outside, mutable inside: a private draft
is filled and frozen at the end, so folding n facts costs n.

How a record is judged:
  1. its chain is held down to seq 0, its opened predecessor is judged, and the chains of what it has
     seen are held: else it waits;
  2. what it references is held, opened and judged: else it waits;
  3. the rules (``rules.py``) accept or refuse it.
A bare envelope, or one whose content is withheld, is never judged; it only completes chains.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from types import MappingProxyType

from comity.case.rules import Broken, Judging, judge
from comity.case.state import Accepted, Refusal, State, Waiting, depth
from comity.case.verified import Attestation, Verified
from comity.records import kinds
from comity.records.bundles import Record

Fact = Verified[Record] | Verified[Attestation]
Vector = dict[str, int]


def fold(facts: Iterable[Fact], state: State) -> State:
    """The state after these facts; start from ``State(case=…)``. Known facts change nothing.

    A record that comes again with a fuller opening replaces the lesser one.
    """
    draft = _Draft(state)
    fresh: list[str] = []
    changed = deepened = False
    for fact in facts:
        if not isinstance(fact, Verified):
            raise TypeError("the fold takes Verified facts only")
        if isinstance(fact.value, Attestation):
            known = draft.attestations.get(fact.value.id)
            # The same bytes, read with more witnesses known, say more.
            if known is None or len(known.value.seen_by) < len(fact.value.seen_by):
                draft.attestations[fact.value.id] = fact
                changed = True
            continue
        before = draft.records.get(fact.value.id)
        if before is None:
            fresh.append(fact.value.id)
        elif depth(fact.value) > depth(before.value):
            deepened = True
        else:
            continue
        draft.records[fact.value.id] = fact
        changed = True
    if not changed:
        return state
    if deepened:
        # What was bare has a content now: judge the whole set anew, as if it had come together.
        whole = _Draft(State(case=state.case))
        whole.records, whole.attestations = draft.records, draft.attestations
        fresh, draft = list(draft.records), whole
    draft.admit(fresh)
    return draft.freeze()


class _Draft:
    """The mutable inside of one fold; the frozen state keeps it as its private index."""

    def __init__(self, state: State) -> None:
        self.case = state.case
        self.records = dict(state.records)
        self.attestations = dict(state.attestations)
        self.accepted = dict(state.accepted)
        self.refused = dict(state.refused)
        self.forks = dict(state.forks)
        known = state.index if isinstance(state.index, _Draft) else None
        # Records whose chain is held down to seq 0.
        self.linked: set[str] = set(known.linked) if known else set()
        # Whole records that are not judged yet.
        self.pending: set[str] = set(known.pending) if known else set()
        # Missing link or judgement → the records it holds up.
        self.held_up: dict[str, set[str]] = {k: set(v) for k, v in known.held_up.items()} if known else {}
        self.places: dict[tuple[str, str, int], str] = dict(known.places) if known else {}
        self.subs: dict[str, str] = dict(known.subs) if known else {}
        # Newest record of a chain → what its accepted records had seen, by audience (rule 4).
        self.vectors: dict[str, dict[frozenset[str], Vector]] = (
            {k: {a: dict(v) for a, v in seen.items()} for k, seen in known.vectors.items()} if known else {}
        )

    def admit(self, fresh: list[str]) -> None:
        for record in fresh:
            self._note_fork(record)
            if depth(self.records[record].value) == 2:
                self.pending.add(record)
        work = list(fresh)
        while work:
            record = work.pop()
            if record in self.linked:
                if record in self.pending:
                    work.extend(self._try_judging(record))
                continue
            envelope = self.records[record].value.envelope
            if envelope.seq and envelope.prev not in self.linked:
                self._hold_up(envelope.prev, record)
                continue
            self.linked.add(record)
            work.extend(self.held_up.pop(record, ()))
            if record in self.pending:
                work.append(record)

    def _hold_up(self, by: str, record: str) -> None:
        self.held_up.setdefault(by, set()).add(record)

    def _note_fork(self, record: str) -> None:
        envelope = self.records[record].value.envelope
        place = (envelope.iss, envelope.sub, envelope.seq)
        if self.places.setdefault(place, record) != record:
            self.forks[envelope.iss] = min(envelope.seq, self.forks.get(envelope.iss, envelope.seq))
        if self.subs.setdefault(envelope.iss, envelope.sub) != envelope.sub:
            # Two aliases in one case are two chains that both begin: a fork at the start.
            self.forks[envelope.iss] = 0

    def _needs(self, record: str) -> list[str]:
        """What a linked, whole record still waits for: links it has seen, judgements it builds on."""
        value = self.records[record].value
        assert value.frame is not None
        prev = value.envelope.prev
        needs = [prev] if value.envelope.seq and prev in self.pending else []
        needs += [s for s in value.frame.seen if s not in self.linked]
        needs += [
            r
            for r in value.frame.references
            if not r.startswith("t:") and r not in self.accepted and r not in self.refused
        ]
        return needs

    def _try_judging(self, record: str) -> list[str]:
        needs = self._needs(record)
        if needs:
            for need in needs:
                self._hold_up(need, record)
            return []
        self.pending.discard(record)
        verified = self.records[record]
        value, frame, content = verified.value, verified.value.frame, verified.value.content
        assert frame is not None
        assert content is not None
        try:
            judging = self._judging(value)
            judge(judging)
        except Broken as broken:
            self.refused[record] = Refusal(record=record, rule=broken.rule, why=broken.why)
            self._carry_vectors(value, None)
        else:
            self.accepted[record] = Accepted(
                id=record,
                author=frame.author,
                seq=value.envelope.seq,
                frame=frame,
                content=content,
                home=verified.home,
                index=verified.index,
            )
            self._carry_vectors(value, dict(judging.seen_seq))
        return list(self.held_up.pop(record, ()))

    def _judging(self, record: Record) -> Judging:
        envelope, frame, content = record.envelope, record.frame, record.content
        assert frame is not None
        assert content is not None
        if envelope.seq and not self._follows(record):
            raise Broken(2, "does not follow its author's previous record")
        references = {}
        for reference in frame.references:
            if reference.startswith("t:"):
                continue
            if reference in self.refused:
                raise Broken(5, f"builds on {reference[:12]}…, which was refused")
            references[reference] = self.accepted[reference]
        seen = [self.records[s].value.envelope for s in frame.seen]
        return Judging(
            case=self.case,
            seq=envelope.seq,
            frame=frame,
            content=content,
            references=references,
            seen_seq=tuple((e.iss, e.seq) for e in seen),
            earlier=partial(self._earlier, record),
        )

    def _follows(self, record: Record) -> bool:
        envelope = record.envelope
        if not envelope.seq:
            return False
        before = self.records[envelope.prev].value.envelope
        return (before.iss, before.sub, before.seq) == (envelope.iss, envelope.sub, envelope.seq - 1)

    def _earlier(self, record: Record) -> Iterator[Vector]:
        assert record.frame is not None
        readers = set(record.frame.audience)
        for audience, vector in self._vectors_before(record).items():
            if kinds.PUBLIC in audience or readers <= audience:
                yield vector

    def _vectors_before(self, record: Record) -> dict[frozenset[str], Vector]:
        if not self._follows(record):
            return {}
        known = self.vectors.get(record.envelope.prev)
        if known is not None:
            return known
        # A second branch at this place: gather again along the chain (rare, and only after a fork).
        found: dict[frozenset[str], Vector] = {}
        at = record.envelope.prev
        while at in self.records:
            accepted, envelope = self.accepted.get(at), self.records[at].value.envelope
            if accepted is not None:
                seen = {e.iss: e.seq for e in (self.records[s].value.envelope for s in accepted.frame.seen)}
                _raise_to(found.setdefault(frozenset(accepted.frame.audience), {}), seen)
            if not envelope.seq:
                break
            at = envelope.prev
        return found

    def _carry_vectors(self, record: Record, seen: Vector | None) -> None:
        assert record.frame is not None
        before = self._vectors_before(record)
        if self._follows(record):
            # The chain's newest record carries the knowledge on; nothing is copied.
            self.vectors.pop(record.envelope.prev, None)
        if seen:
            _raise_to(before.setdefault(frozenset(record.frame.audience), {}), seen)
        self.vectors[record.id] = before

    def freeze(self) -> State:
        """The state so far; every record that is whole and not judged is listed with what it needs."""
        waiting = {}
        for record in self.pending:
            envelope = self.records[record].value.envelope
            needs = self._needs(record) if record in self.linked else [envelope.prev]
            waiting[record] = Waiting(record=record, needs=tuple(sorted(set(needs))))
        return State(
            case=self.case,
            records=MappingProxyType(self.records),
            attestations=MappingProxyType(self.attestations),
            accepted=MappingProxyType(self.accepted),
            refused=MappingProxyType(self.refused),
            waiting=MappingProxyType(waiting),
            forks=MappingProxyType(self.forks),
            index=self,
        )


def _raise_to(vector: Vector, seen: Vector) -> None:
    for author, seq in seen.items():
        if vector.get(author, -1) < seq:
            vector[author] = seq
