"""The fold: a set of verified facts becomes the state of a case (``spec/05-rules.md`` §1).

Laws, tested as properties: ``fold(b, fold(a)) == fold(a + b)``; the same state for every order and every
split of the same facts; total (no set of facts raises). Pure outside, mutable inside: a private draft
is filled and frozen at the end, so folding n facts costs n.

How a record is judged:
  1. its chain is held down to seq 0, every opened record in it is judged, and the chains of what it
     has seen are held: else it waits;
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
from comity.case.verified import Attestation, Verified, join_attestations, join_records
from comity.records import kinds
from comity.records.bundles import Record

Fact = Verified[Record] | Verified[Attestation]
Vector = dict[str, int]


def fold(facts: Iterable[Fact], state: State) -> State:
    """The state after these facts; start from ``State(case=…)``. Known facts change nothing.

    A fact that comes again is joined with what is known of it: a fuller opening replaces the lesser one.
    """
    draft = _Draft(state)
    fresh: list[str] = []
    changed = deepened = False
    for fact in facts:
        if not isinstance(fact, Verified):
            raise TypeError("the fold takes Verified facts only")
        if isinstance(fact.value, Attestation):
            changed = draft.take_attestation(fact) or changed
            continue
        before = draft.records.get(fact.value.id)
        joined = fact if before is None else join_records(before, fact)
        if before is None:
            fresh.append(fact.value.id)
        elif joined != before:
            deepened = True
        else:
            continue
        draft.records[fact.value.id] = joined
        changed = True
    if not changed:
        return state
    if deepened:
        # More is known of a record: judge the whole set anew, as if it had come together.
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
        # Linked records below and at which nothing opened is left to judge.
        self.settled: set[str] = set(known.settled) if known else set()
        # Whole records that are not judged yet.
        self.pending: set[str] = set(known.pending) if known else set()
        # Missing link or judgement → the records it holds up.
        self.held_up: dict[str, set[str]] = {k: set(v) for k, v in known.held_up.items()} if known else {}
        self.places: dict[tuple[str, str, int], str] = dict(known.places) if known else {}
        # (author, alias) → lowest seq at which two envelopes stand.
        self.doubled: dict[tuple[str, str], int] = dict(known.doubled) if known else {}
        # Author → the aliases under which it signed a frame of this case.
        self.aliases: dict[str, set[str]] = {k: set(v) for k, v in known.aliases.items()} if known else {}
        # Newest record of a chain → what its accepted records had seen, by audience (rule 4).
        self.vectors: dict[str, dict[frozenset[str], Vector]] = (
            {k: {a: dict(v) for a, v in seen.items()} for k, seen in known.vectors.items()} if known else {}
        )

    def take_attestation(self, fact: Verified[Attestation]) -> bool:
        """Hold an attestation, joined with what is known of its bytes; whether that says more."""
        known = self.attestations.get(fact.value.id)
        joined = fact if known is None else join_attestations(known, fact)
        self.attestations[fact.value.id] = joined
        return known is None or joined != known

    def admit(self, fresh: list[str]) -> None:
        for record in fresh:
            self._note_fork(record)
            if depth(self.records[record].value) == 2:
                self.pending.add(record)
        work = list(fresh)
        while work:
            record = work.pop()
            envelope = self.records[record].value.envelope
            if record not in self.linked:
                if envelope.seq and envelope.prev not in self.linked:
                    self._hold_up(envelope.prev, record)
                    continue
                self.linked.add(record)
                work.extend(self.held_up.pop(record, ()))
            if record in self.pending:
                work.extend(self._try_judging(record))
            elif record not in self.settled:
                if envelope.seq and envelope.prev not in self.settled:
                    self._hold_up(envelope.prev, record)
                    continue
                self.settled.add(record)
                work.extend(self.held_up.pop(record, ()))

    def _hold_up(self, by: str, record: str) -> None:
        self.held_up.setdefault(by, set()).add(record)

    def _note_fork(self, record: str) -> None:
        envelope, frame = self.records[record].value.envelope, self.records[record].value.frame
        author, chain = envelope.iss, (envelope.iss, envelope.sub)
        if self.places.setdefault((*chain, envelope.seq), record) != record:
            self.doubled[chain] = min(envelope.seq, self.doubled.get(chain, envelope.seq))
        if frame is not None and frame.case == self.case:
            self.aliases.setdefault(author, set()).add(envelope.sub)
        # An envelope that somebody carries here from another case must not make its author forked: only
        # a chain counts of which the author itself says, in a frame, that it is of this case.
        aliases = self.aliases.get(author, set())
        if len(aliases) > 1:
            # Two aliases in one case are two chains that both begin: a fork at the start.
            self.forks[author] = 0
        elif aliases:
            (alias,) = aliases
            if (author, alias) in self.doubled:
                self.forks[author] = self.doubled[author, alias]

    def _needs(self, record: str) -> list[str]:
        """What a linked, whole record still waits for: links it has seen, judgements it builds on."""
        value = self.records[record].value
        assert value.frame is not None
        prev = value.envelope.prev
        needs = [prev] if value.envelope.seq and prev not in self.settled else []
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
        self.settled.add(record)
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
        # Behind a bare record, or on a second branch: gather along the chain as far as nothing is carried.
        found: dict[frozenset[str], Vector] = {}
        while self._follows(record):
            at = record.envelope.prev
            if at in self.vectors:
                for audience, vector in self.vectors[at].items():
                    _raise_to(found.setdefault(audience, {}), vector)
                break
            accepted, record = self.accepted.get(at), self.records[at].value
            if accepted is not None:
                seen = {e.iss: e.seq for e in (self.records[s].value.envelope for s in accepted.frame.seen)}
                _raise_to(found.setdefault(frozenset(accepted.frame.audience), {}), seen)
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
