"""A node: the ports of one party, and what it knows by reading its journal.

Everything here is derived from stored bytes; nothing is trusted because it is in memory. Caches
follow the journal's version, so several processes over one journal agree.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from comity.case.fold import Fact, fold
from comity.case.party_keys import counted_keys
from comity.case.state import State, depth
from comity.case.verified import attested_note, verify_attestation, verify_party, verify_read
from comity.errors import ComityError, Malformed, NotVerified, Refused, Unavailable
from comity.exchange import continuity as keeping
from comity.exchange.newest import Newest
from comity.exchange.ports import (
    Blobs,
    Boxes,
    Continuity,
    Effects,
    Held,
    Journal,
    Public,
    Room,
    Signer,
    Stamps,
)
from comity.exchange.quotas import Limits
from comity.ledger.merkle import Tree, leaf_hash
from comity.ledger.note import Checkpoint
from comity.records import cbor, envelopes, kinds
from comity.records.bundles import Bundle, Opening, open_record, parse_bundle, render_bundle
from comity.records.parties import Party

PARTY = "party/"
CASE_KEY = "case-key/"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyFile:
    """A party as it is passed around: its card, its key records, and its home's card where it is a guest."""

    card: Bundle
    rotations: tuple[Bundle, ...] = ()

    def render(self) -> bytes:
        """Deterministic CBOR ``[1, card, [rotation, …]]``."""
        return cbor.encode([1, render_bundle(self.card), [render_bundle(r) for r in self.rotations]])


def parse_party_file(raw: bytes, where: str = "party") -> PartyFile:
    """Read what ``PartyFile.render`` wrote; ``Malformed`` otherwise."""
    match cbor.decode(raw, where, other="party.form"):
        case [1, bytes() as card, [*rotations]] if cbor.all_bytes(rotations):
            pass
        case _:
            raise Malformed("party.form", where, "not a party file")
    return PartyFile(
        card=parse_bundle(card, f"{where}.card"),
        rotations=tuple(parse_bundle(r, f"{where}.rotations[{n}]") for n, r in enumerate(rotations)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """A case as it was read last: the journal's version and mark then, how many attestations, whose
    cosignatures were looked for in them, and how often key chains of known parties had grown."""

    state: State
    version: int = -1
    mark: int = 0
    attested: int = 0
    witnesses: Mapping[str, str] = field(default_factory=dict)
    chains: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialBundle:
    """Leaves ``start`` to ``stop``, as an entry bundle, where the tree of ``stop`` leaves has ``root``."""

    start: int
    stop: int
    root: bytes
    entries: bytes


class Node:
    """The ports of one party together with what was read through them. Safe for use by threads."""

    def __init__(
        self,
        *,
        journal: Journal,
        blobs: Blobs,
        public: Public,
        signer: Signer,
        boxes: Boxes,
        effects: Effects,
        stamps: Stamps | None = None,
        continuity: Continuity | None = None,
        room: Callable[[], Room] | None = None,
        access: Callable[[str, str], None] | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.journal = journal
        self.blobs = blobs
        self.public = public
        self.published = -1  # the journal's version when the worker last published it
        # What this process published last, which need not be read and checked again: checkpoint, entries.
        self.head: tuple[bytes, Checkpoint] | None = None
        self.bundle: PartialBundle | None = None
        self.marking: kinds.Marking | None = None  # what an officer wants the next records marked
        self.unpublished: Unavailable | None = None  # why the public files are behind, if they are
        self.signer = signer
        self.boxes = boxes
        self.effects = effects
        self.stamps = stamps
        self.continuity = continuity
        self.room = room
        self._access = access
        self.limits = limits or Limits()
        # Whether another copy of this node was found at work; whether the keys here are newer than the
        # journal knows, their rotation being in what it lacks; whether there is cause to ask others what they
        # hold of this ledger, and when that was done last; and a way to ask them before the first signature.
        self.twin = False
        self.keys_ahead = False
        self.doubted = False
        self.asked = 0
        # Whether this process answers at the node's address, and when it was last seen to be alone there.
        self.served = False
        self.watched = 0
        # Keys that the record being signed revokes, each from a leaf on: what they signed holds nothing up.
        self.disowning: Mapping[tuple[kinds.Purpose, bytes], int] = {}
        self.inquire: Callable[[], None] | None = None
        # One act at a time in this process; between processes the journal's compare-and-swap decides.
        self.lock = effects.exclusive()
        self.newest = Newest()
        self._tree = Tree()
        self._parties: dict[str, Party] = {}
        self._party_raw: dict[str, bytes] = {}
        self._cases: dict[str, _Case] = {}
        self._own = ""
        self._parties_version = -1
        self._chains = 0

    @property
    def id(self) -> str:
        """The id of the party whose node this is."""
        if not self._own:
            own = self.journal.note("self")
            if own is None:
                raise Refused("node.empty", "", "this node has no party yet; run comity init")
            self._own = own.decode("ascii", "replace")
        return self._own

    @property
    def party(self) -> Party:
        """The party whose node this is."""
        own = self.parties().get(self.id)
        if own is None:
            raise NotVerified("party.self", self.id[:12], "the card of this node's own party is not there")
        return own

    def seed(self, purpose: str) -> bytes:
        """A private key, to sign with: the only way to one. ``Refused`` (``journal.…``) while signing is
        held, because this journal is, or may be, an old copy of itself (``exchange.continuity``)."""
        keeping.require_current(self)
        return self.signer.seed(purpose)

    def tree(self) -> Tree:
        """The ledger's tree, brought up to the journal. Callers hold the lock.

        It grows by what is read back from the journal, hashed again: ``NotVerified`` (``journal.leaf``)
        where stored bytes are not those that were registered.
        """
        size = self.journal.size()
        if size < self._tree.size:
            raise NotVerified("journal.shrunk", "journal", "the journal is shorter than it was")
        for start in range(self._tree.size, size, 4096):
            for leaf in self.journal.leaves(start, min(size, start + 4096)):
                hashed = leaf_hash(leaf.envelope)
                if hashed.hex() != leaf.id:
                    raise NotVerified(
                        "journal.leaf", f"leaf {leaf.index}", "the stored envelope is not the one of its id"
                    )
                self._tree.append(hashed)
        return self._tree

    def known_party(self, party: str) -> Party | None:
        """The party as it was read last, without waiting for anyone; its newer keys may be missing here."""
        return self._parties.get(party)

    def parties(self) -> Mapping[str, Party]:
        """Every party whose card is held, by id. Cards prove themselves; whose card it *is* they do not."""
        with self.lock:
            version = self.journal.version()
            if version == self._parties_version:
                return self._parties
            stored = self.journal.notes(PARTY)
            changed = {k: v for k, v in stored.items() if self._party_raw.get(k) != v}
            # Guests stand on their home's card, so homes are read first. The card itself says which is which:
            # nothing else in the file binds its author.
            files = {k: parse_party_file(v, k) for k, v in changed.items()}
            for name, file in sorted(files.items(), key=lambda f: (bool(open_card(f[1].card).home), f[0])):
                self._read_party(name, file)
                self._party_raw[name] = stored[name]
            self._parties_version = version
            return self._parties

    def _read_party(self, name: str, file: PartyFile) -> None:
        card = open_card(file.card)
        home = self._parties.get(card.home) if card.home else None
        party = verify_party(file.card, file.rotations, home, name)
        # A key record can mark what was read before it: a superseded or a revoked key.
        self._chains += party.id in self._parties
        self._parties[party.id] = party

    def party_file(self, party: str) -> PartyFile:
        """The stored card and key records of a known party."""
        raw = self.journal.note(PARTY + party)
        if raw is None:
            raise Refused("party.unknown", party, "no card of this party is held here")
        return parse_party_file(raw, party)

    def find_party(self, text: str) -> Party:
        """A known party by id, by the beginning of its id (8 or more digits), or by its exact name."""
        known = self.parties()
        if text in known:
            return known[text]
        found = [
            p for p in known.values() if p.card.name == text or (len(text) >= 8 and p.id.startswith(text))
        ]
        if len(found) != 1:
            why = "names no party known here" if not found else "names more than one party; use its id"
            raise Refused("party.unknown", text, why)
        return found[0]

    def name_of(self, party: str) -> str:
        """The name on a party's card, or the beginning of its id."""
        known = self.parties().get(party)
        return known.card.name if known else f"{party[:12]}…"

    def case_key(self, case: str) -> bytes:
        """The 32-byte key of a case that this node is a member of."""
        key = self.journal.note(CASE_KEY + case)
        if key is None:
            raise Refused("case.unknown", case, "this node is not a member of such a case")
        return key

    def cases(self) -> list[str]:
        """Cases this node holds the key of, in the order in which they first appeared."""
        keyed = {name.removeprefix(CASE_KEY) for name in self.journal.notes(CASE_KEY)}
        ordered = [c for c in self.journal.cases() if c in keyed]
        return ordered + sorted(keyed - set(ordered))

    def find_case(self, text: str) -> str:
        """A case by id or by the beginning of it (the neutral id that pages show)."""
        wanted = text.removeprefix("C-").split("-")[0].lower()
        found = [c for c in self.cases() if c.startswith(wanted)]
        if len(found) != 1 or len(wanted) < 4:
            few = "names several cases" if len(wanted) >= 4 else "give at least four digits of its id"
            raise Refused("case.unknown", text, few if found else "names no case here")
        return found[0]

    def state(self, case: str) -> State:
        """The state of a case as this node holds it: every stored record verified again from its bytes."""
        with self.lock:
            version = self.journal.version()
            known = self._cases.get(case)
            if known is not None and known.version != version:
                self.parties()
            if known is None or known.chains != self._chains:
                self.parties()
                known = _Case(state=State(case=case), chains=self._chains)
            if known.version != version:
                known = self._cases[case] = self._load(case, known, version)
            return known.state

    def note_access(self, what: str, item: str) -> None:
        """Note in this node's own log that somebody opens an item, before it is opened."""
        if self._access is not None:
            self._access(what, item)

    def read_anew(self, case: str) -> None:
        """Forget what was read of a case: something that was there was erased."""
        with self.lock:
            self._cases.pop(case, None)

    def _load(self, case: str, known: _Case, version: int) -> _Case:
        facts: list[Fact] = []
        mark = known.mark
        for mark, held in self.journal.news(case, known.mark):  # noqa: B007 - the last mark is used below
            fact = known.state.records.get(held.id)
            if fact is not None and depth(fact.value) >= _opened(held.opening):
                continue
            record = open_record(envelopes.open_envelope(held.envelope, held.id), held.opening, held.id)
            facts.append(
                verify_read(record, held.receipt, self.author(held.iss), self.author(held.home), held.id)
            )
        state = fold(facts, known.state)
        witnesses = self.counted(state)
        if known.attested and witnesses != known.witnesses:
            # An opener may sign a second opening with other witnesses: then all is looked at again.
            return self._load(case, _Case(state=State(case=case), chains=known.chains), version)
        fresh = self.journal.attestations(case, known.attested) if state.opening else []
        return _Case(
            state=fold(self._attested((raw for _, raw in fresh), witnesses), state),
            version=version,
            mark=mark,
            attested=known.attested + len(fresh),
            witnesses=witnesses,
            chains=known.chains,
        )

    def _attested(self, fresh: Iterable[bytes], witnesses: Mapping[str, str]) -> Iterator[Fact]:
        for raw in fresh:
            # Each was checked when it came. What does not hold now, under witnesses named since, proves
            # nothing, and must not take the rest of the case with it.
            with contextlib.suppress(ComityError):
                yield self.attestation(raw, witnesses)

    def attestation(self, raw: bytes, witnesses: Iterable[str] | Mapping[str, str]) -> Fact:
        """The verified attestation of these bytes, about whichever known ledger signed its checkpoint."""
        origin = attested_note(raw).split("\n", 1)[0]
        failed = NotVerified("attestation.ledger", origin, "is about a ledger whose card is not held here")
        wanted = witnesses if isinstance(witnesses, Mapping) else tuple(witnesses)
        for party in self.ledgers_named(origin):
            try:
                return verify_attestation(raw, party, wanted, f"attestation/{origin}")
            except NotVerified as error:
                failed = error
        raise failed

    def counted(self, state: State) -> Mapping[str, str]:
        """The witness keys whose cosignatures count in a case, each with the one of its policies that it
        stands for: a witness that is a known party may have taken up newer keys, or revoked one."""
        opened = (r.content for r in state.of("case.open"))
        named = {(w.vkey, w.party) for c in opened if isinstance(c, kinds.Open) for w in c.policy.witnesses}
        return counted_keys(sorted(named), self.parties())

    def ledgers_named(self, origin: str) -> list[Party]:
        """Parties whose card gives their ledger this name, this node's own first. A card can claim any
        name, so which of them signed something is for its signature to say."""
        found = [p for p in self.parties().values() if p.card.checkpoint.partition("+")[0] == origin]
        return sorted(found, key=lambda p: (p.id != self._own, p.id))

    def author(self, party: str) -> Party:
        """A party by exact id; ``NotVerified`` if its card is not held."""
        found = self.parties().get(party)
        if found is None:
            raise NotVerified("party.unknown", party, "no card of this party is held here")
        return found

    def held_bundle(self, held: Held, opened: bool) -> Bundle:
        """A stored record as it may be sent: opened, or the bare envelope."""
        return Bundle(envelope=held.envelope, opening=held.opening if opened else None, receipt=held.receipt)


def open_card(card: Bundle) -> kinds.Card:
    """The card of a bundle (form and commitment only); ``NotVerified`` if it is something else."""
    record = open_record(envelopes.open_envelope(card.envelope, "card"), card.opening, "card")
    if not isinstance(record.content, kinds.Card):
        raise NotVerified("party.card", "card", "not an opened card")
    return record.content


def _opened(opening: Opening | None) -> int:
    return 0 if opening is None else 1 if opening.content is None else 2


__all__ = ["CASE_KEY", "PARTY", "Node", "PartyFile", "depth", "open_card", "parse_party_file"]
