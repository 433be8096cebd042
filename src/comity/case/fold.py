"""The fold: a set of verified facts becomes the state of a case (``spec/05-rules.md`` §1).

Laws, tested as properties: ``fold(b, fold(a)) == fold(a + b)``; the same state for every order and every
split of the same facts; total (no set of facts raises). Pure outside, mutable inside: a private draft
is filled and frozen at the end, so folding n facts costs n. A state shares with the one before it what
both hold (``layers.py``), so one more fact costs little however large the case is.

How a record is judged:
  1. its chain is held down to seq 0, every opened record in it is judged, and the chains of what it
     has seen are held: else it waits;
  2. what it references is held, opened and judged: else it waits;
  3. the rules (``rules.py``) accept or refuse it.
A bare envelope, or one whose content is withheld, is never judged; it only completes chains.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TypeVar

from comity.case.judging import Broken, Judging
from comity.case.layers import Growing, Layers
from comity.case.rules import judge
from comity.case.state import Accepted, Known, Refusal, State, Waiting, builds_on, depth
from comity.case.verified import Attestation, Verified, join_attestations, join_records
from comity.phrases import phrase
from comity.records import envelopes, kinds
from comity.records.bundles import Record

Fact = Verified[Record] | Verified[Attestation]
Vector = dict[str, int]
Vectors = dict[frozenset[str], Vector]

K = TypeVar("K")
V = TypeVar("V")

_LINKED, _SETTLED = 1, 2
# Beyond so many new records, and an eighth of the case, it is quicker to count everything again.
_MANY = 256


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
        draft.forget()
    draft.admit(fresh)
    return draft.freeze()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Index:
    """What the fold remembers beside the state; nothing in it is changed any more."""

    stages: Layers[str, int]
    places: Layers[tuple[str, str, int], str]
    pending: frozenset[str]
    held_up: Mapping[str, set[str]]
    doubled: Mapping[tuple[str, str], int]
    aliases: Mapping[str, set[str]]
    vectors: Mapping[str, Vectors]
    missing: frozenset[str]


_EMPTY = _Index(
    stages=Layers(),
    places=Layers(),
    pending=frozenset(),
    held_up={},
    doubled={},
    aliases={},
    vectors={},
    missing=frozenset(),
)


class _Draft:
    """The mutable inside of one fold; the state before keeps what it has."""

    def __init__(self, state: State) -> None:
        known = state.index if isinstance(state.index, _Index) else _EMPTY
        self.case = state.case
        self.records = _branch(state.records)
        self.attestations = _branch(state.attestations)
        self.accepted = _branch(state.accepted)
        self.refused = _branch(state.refused)
        self.forks = dict(state.forks)
        # Linked: the chain is held down to seq 0. Settled: nothing opened is left to judge, there and below.
        self.stages = known.stages.branch()
        # Whole records that are not judged yet.
        self.pending = set(known.pending)
        # Missing link or judgement → the records it holds up; each stands under the first that it needs.
        self.held_up = {k: set(v) for k, v in known.held_up.items()}
        self.places = known.places.branch()
        # (author, alias) → lowest seq at which two envelopes stand.
        self.doubled = dict(known.doubled)
        # Author → the aliases under which it signed a frame of this case.
        self.aliases = {k: set(v) for k, v in known.aliases.items()}
        # Newest record of a chain → what its accepted records had seen, by audience (rule 4).
        self.vectors = dict(known.vectors)
        self.own_vectors: set[str] = set()
        # Named as somebody's past, and not held.
        self.missing = set(known.missing)
        self._recall(state)

    def _recall(self, state: State) -> None:
        """Take over what the state before had counted, for the next one to go on from (``state.Known``)."""
        known = state.known
        self.kinds = dict(known.kinds) if known else {}
        self.grown: dict[str, Growing[str, None]] = {}
        self.heads = dict(known.heads) if known else {}
        self.depths: Layers[str, int] | None = known.depths if known else Layers()
        self.unplaced = list(known.unplaced) if known else []
        self.ordered: tuple[Accepted, ...] | None = known.ordered if known else ()
        self.unordered = list(known.unordered) if known else []
        if "depths" in state.__dict__:
            self.depths, self.unplaced = state.depths, []
        if "ordered" in state.__dict__:
            self.ordered, self.unordered = state.ordered, []

    def forget(self) -> None:
        """Nothing that was counted before holds any more."""
        self.depths = self.ordered = None
        self.unplaced, self.unordered = [], []

    def take_attestation(self, fact: Verified[Attestation]) -> bool:
        """Hold an attestation, joined with what is known of its bytes; whether that says more."""
        known = self.attestations.get(fact.value.id)
        joined = fact if known is None else join_attestations(known, fact)
        self.attestations[fact.value.id] = joined
        return known is None or joined != known

    def admit(self, fresh: list[str]) -> None:
        """Judge these records, and all that waited for them."""
        for record in fresh:
            self._note_fork(record)
            self._note_past(record)
            if depth(self.records[record].value) == 2:
                self.pending.add(record)
        # The last is taken first: so in the order in which they came, which is mostly that of causes.
        work = fresh[::-1]
        while work:
            record = work.pop()
            envelope = self.records[record].value.envelope
            if record not in self.stages:
                if envelope.seq and envelope.prev not in self.stages:
                    self._hold_up(envelope.prev, record)
                    continue
                self.stages[record] = _LINKED
                place = (envelope.seq, record)
                if place > self.heads.get(envelope.iss, (-1, "")):
                    self.heads[envelope.iss] = place
                work.extend(self.held_up.pop(record, ()))
            if record in self.pending:
                work.extend(self._try_judging(record))
            elif self.stages[record] != _SETTLED:
                if envelope.seq and self.stages.get(envelope.prev) != _SETTLED:
                    self._hold_up(envelope.prev, record)
                    continue
                self.stages[record] = _SETTLED
                work.extend(self.held_up.pop(record, ()))

    def _hold_up(self, by: str, record: str) -> None:
        self.held_up.setdefault(by, set()).add(record)

    def _note_past(self, record: str) -> None:
        value = self.records[record].value
        if record in self.missing:
            # Paths that ended above it go on below it.
            self.missing.discard(record)
            self.forget()
        self.missing.update(b for b in builds_on(value) if b not in self.records and not b.startswith("t:"))
        if self.depths is not None:
            self.unplaced.append(record)

    def _note_fork(self, record: str) -> None:
        envelope, frame = self.records[record].value.envelope, self.records[record].value.frame
        author, chain = envelope.iss, (envelope.iss, envelope.sub)
        if self.places.setdefault((*chain, envelope.seq), record) != record:
            self.doubled[chain] = min(envelope.seq, self.doubled.get(chain, envelope.seq))
        if frame is not None and frame.case == self.case:
            self.aliases.setdefault(author, set()).add(envelope.sub)
        self._mark_fork(author)

    def _note_proof(self, content: kinds.Content) -> None:
        """Two envelopes in a proof count as if both were held here."""
        if isinstance(content, kinds.Prove) and content.of == "chain":
            proven = envelopes.open_envelope(bytes.fromhex(content.first))
            chain = proven.iss, proven.sub
            self.doubled[chain] = min(proven.seq, self.doubled.get(chain, proven.seq))
            self._mark_fork(proven.iss)

    def _mark_fork(self, author: str) -> None:
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

    def _needs(self, record: str) -> Iterator[str]:
        """What a linked, whole record still waits for: links it has seen, judgements it builds on."""
        value = self.records[record].value
        assert value.frame is not None
        if value.envelope.seq and self.stages.get(value.envelope.prev) != _SETTLED:
            yield value.envelope.prev
        for link in value.frame.seen:
            if link not in self.stages:
                yield link
        for reference in value.frame.references:
            if (
                reference not in self.accepted
                and reference not in self.refused
                and not reference.startswith("t:")
            ):
                yield reference

    def _try_judging(self, record: str) -> Iterable[str]:
        need = next(self._needs(record), None)
        if need is not None:
            self._hold_up(need, record)
            return ()
        self.pending.discard(record)
        self.stages[record] = _SETTLED
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
            self._note_proof(content)
            if frame.kind not in self.grown:
                self.grown[frame.kind] = _branch(self.kinds.get(frame.kind, {}))
            self.grown[frame.kind][record] = None
            if self.ordered is not None:
                self.unordered.append(record)
            self._carry_vectors(value, dict(judging.seen_seq))
        return self.held_up.pop(record, ())

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
                raise Broken(5, phrase("builds on {}…, which was refused", reference[:12]))
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
            opened=partial(self._opened, record),
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

    def _opened(self, record: Record) -> Accepted | None:
        """The opening at, or referenced by, the beginning of a record's chain, if it asks for approvals."""
        opens = [
            self.accepted[r] for r in (*self.kinds.get("case.open", ()), *self.grown.get("case.open", ()))
        ]
        asking = {a.id for a in opens if isinstance(a.content, kinds.Open) and a.content.policy.approvals}
        if not asking:
            return None  # the one that this chain builds on would be among them
        while record.envelope.seq:
            record = self.records[record.envelope.prev].value
        named = (record.id, *(record.frame.references if record.frame else ()))
        return next((self.accepted[name] for name in named if name in asking), None)

    def _vectors_before(self, record: Record) -> Vectors:
        if not self._follows(record):
            return {}
        known = self.vectors.get(record.envelope.prev)
        if known is not None:
            return known
        # Behind a bare record, or on a second branch: gather along the chain as far as nothing is carried.
        found: Vectors = {}
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
        prev = record.envelope.prev
        if self._follows(record) and prev in self.vectors:
            # The chain's newest record carries the knowledge on, copied once in a fold.
            del self.vectors[prev]
            owned = prev in self.own_vectors
        else:
            owned = True
        if seen:
            if not owned:
                before, owned = {audience: dict(vector) for audience, vector in before.items()}, True
            _raise_to(before.setdefault(frozenset(record.frame.audience), {}), seen)
        if owned:
            self.own_vectors.add(record.id)
        self.vectors[record.id] = before

    def freeze(self) -> State:
        """The state so far; every record that is whole and not judged is listed with what it needs."""
        waiting = {}
        for record in self.pending:
            envelope = self.records[record].value.envelope
            needs = set(self._needs(record)) if record in self.stages else {envelope.prev}
            waiting[record] = Waiting(record=record, needs=tuple(sorted(needs)))
        if len(self.unplaced) > _MANY + len(self.records) // 8:
            self.depths, self.unplaced = None, []
        if len(self.unordered) > _MANY + len(self.accepted) // 8:
            self.ordered, self.unordered = None, []
        return State(
            case=self.case,
            records=self.records.settle(),
            attestations=self.attestations.settle(),
            accepted=self.accepted.settle(),
            refused=self.refused.settle(),
            waiting=MappingProxyType(waiting),
            forks=MappingProxyType(self.forks),
            index=_Index(
                stages=self.stages.settle(),
                places=self.places.settle(),
                pending=frozenset(self.pending),
                held_up=self.held_up,
                doubled=self.doubled,
                aliases=self.aliases,
                vectors=self.vectors,
                missing=frozenset(self.missing),
            ),
            known=Known(
                kinds=self.kinds | {kind: found.settle() for kind, found in self.grown.items()},
                heads=self.heads,
                depths=self.depths,
                unplaced=self.unplaced,
                ordered=self.ordered,
                unordered=self.unordered,
            ),
        )


def _branch(mapping: Mapping[K, V]) -> Growing[K, V]:
    return mapping.branch() if isinstance(mapping, Layers) else Growing((dict(mapping),))


def _raise_to(vector: Vector, seen: Vector) -> None:
    for author, seq in seen.items():
        if vector.get(author, -1) < seq:
            vector[author] = seq
