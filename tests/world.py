"""A small world in memory: parties with real keys, ledgers and receipts, and a clock that is moved by hand.

Nothing is pretended: every record is signed, logged and admitted through the one gate. Everything follows
from the seed (keys and salts are hashes of it), so a failing case can be made again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from comity.case.equivocation import prove_chain, prove_ledger
from comity.case.fold import Fact, fold
from comity.case.party_keys import counted_keys, noted_key
from comity.case.state import State
from comity.case.verified import (
    Attestation,
    Verified,
    render_attestation,
    stamped_imprint,
    verify_attestation,
    verify_party,
    verify_record,
)
from comity.ledger import merkle, note, receipt, tiles
from comity.ledger.witness import prove_split
from comity.records import bodies, ed25519, envelopes, kinds, parties
from comity.records import kinds_of_weighing as told
from comity.records.approvals import approve
from comity.records.bundles import (
    Bundle,
    Opening,
    Record,
    commitment,
    make_opening,
    open_record,
    render_bundle,
)
from comity.records.kinds import Card, Content, Frame, Keys, Policy, Purpose, Rotate, Support, Target
from comity.records.parties import Party
from tests.authority import TestAuthority

START = bodies.parse_time("2031-03-01T08:00:00Z")
HOUR = 3600
DAY = 24 * HOUR

Said = Verified[Record]


def derive(*parts: object) -> bytes:
    """32 bytes that follow from these words."""
    return hashlib.sha256("/".join(map(str, parts)).encode()).digest()


def id_of(record: Said | str) -> str:
    """The id of a record given as itself or as its id."""
    return record if isinstance(record, str) else record.value.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a member holds of a case beside its records; ``opening`` is the ``case.open`` record."""

    id: str
    key: bytes
    opener: Actor
    opening: Said
    policy: Policy


@dataclass(eq=False, kw_only=True)
class Actor:
    """A party: its keys, its ledger (a guest's is its home's) and what it has been given to read."""

    world: World
    name: str
    party: Party
    seeds: list[bytes]
    home: Actor | None = None
    tree: merkle.Tree = field(default_factory=merkle.Tree)
    entries: list[bytes] = field(default_factory=list)
    # case id → author → newest record given to this actor
    known: dict[str, dict[str, Said]] = field(default_factory=dict)
    # case id → own records in order (the branch that goes on, after a fork)
    chain: dict[str, list[Said]] = field(default_factory=dict)
    card: Bundle = field(default_factory=lambda: Bundle(envelope=b""))
    rotations: list[Bundle] = field(default_factory=list)
    # purpose → the seeds taken up after the card's, for receipt, checkpoint and witness
    later: dict[str, list[bytes]] = field(default_factory=dict)
    said: int = 0

    @property
    def id(self) -> str:
        return self.party.id

    @property
    def ledger(self) -> Actor:
        """Whose ledger registers this actor's envelopes."""
        return self.home or self

    def key(self, purpose: str) -> bytes:
        """The private seed for a purpose: statement (the newest), receipt, checkpoint or witness."""
        if purpose == "statement":
            return self.seeds[-1]
        return (self.later.get(purpose) or [self.world.secret(self.name, purpose)])[-1]

    @property
    def vkey(self) -> str:
        """The verifier key under which this actor cosigns as a witness."""
        return self.party.card.witness

    def log(self, raw: bytes) -> tuple[int, bytes]:
        """Append an envelope to the ledger that registers this actor; its index and its receipt."""
        ledger = self.ledger
        index = ledger.tree.append(merkle.leaf_hash(raw))
        ledger.entries.append(raw)
        return index, ledger.issue(index)

    def issue(self, index: int) -> bytes:
        """A receipt by this actor's ledger for a leaf, at the present size."""
        return self.receipt_at(index, self.tree.size)

    def receipt_at(self, index: int, size: int, seed: bytes = b"") -> bytes:
        """A receipt at any size, under the newest receipt key or any seed."""
        seed = seed or self.key("receipt")
        return receipt.issue_receipt(
            seed,
            ed25519.thumbprint(ed25519.public_of(seed)),
            size,
            index,
            self.tree.inclusion(index, size),
            self.tree.root(size),
        )

    def seen(self, case: Case) -> tuple[str, ...]:
        """The newest record of each other author of the case that this actor was given."""
        return tuple(sorted(r.value.id for a, r in self.known.get(case.id, {}).items() if a != self.id))

    def next_frame(
        self,
        content: Content,
        case: Case,
        *,
        audience: Iterable[Actor | str] | None = None,
        references: Iterable[Said | Verified[Attestation] | str] = (),
        seen: Iterable[Said | str] | None = None,
        at: int | None = None,
        changes: Mapping[str, object] = {},
    ) -> Frame:
        """The frame ``say`` would use; audience None means every actor of the world that was invited."""
        readers = self.world.members(case) if audience is None else audience
        named = sorted({r if isinstance(r, str) else r.id for r in readers} - {self.id})
        refs = {_reference(r) for r in references}
        begins = not self.chain.get(case.id) or kinds.rules_needed(content) > 1
        if begins and not isinstance(content, kinds.Open):
            refs.add(case.opening.value.id)
        fields: dict[str, object] = {
            "kind": content.kind,
            "author": self.id,
            "case": case.id,
            "at": bodies.time_text(self.world.now if at is None else at),
            "marking": "TLP:AMBER",
            "audience": tuple(named),
            "rules": kinds.rules_needed(content),
            "seen": self.seen(case) if seen is None else tuple(sorted({id_of(s) for s in seen})),
            "references": tuple(sorted(refs)),
        }
        return Frame(**(fields | dict(changes)))  # type: ignore[arg-type]

    def say(
        self,
        content: Content,
        *,
        case: Case,
        audience: Iterable[Actor | str] | None = None,
        references: Iterable[Said | Verified[Attestation] | str] = (),
        seen: Iterable[Said | str] | None = None,
        at: int | None = None,
        after: Said | None = None,
        deliver: bool = True,
        signed_with: int = -1,
        seq: int | None = None,
        sub: str | None = None,
        frame: Mapping[str, object] | None = None,
    ) -> Said:
        """Sign, log and verify one record, and give it to its audience (``deliver``).

        ``after`` forks: the record follows that earlier one of its author, not the newest; ``signed_with``
        picks an older statement key by its number; ``seq``, ``sub`` and the fields in ``frame`` replace
        what an honest author would write.
        """
        made = self.next_frame(
            content, case, audience=audience, references=references, seen=seen, at=at, changes=frame or {}
        )
        chain = self.chain.setdefault(case.id, [])
        before = after or (chain[-1] if chain else None)
        opening = self.opening(made, content)
        after_seq = 0 if before is None else before.value.envelope.seq + 1
        envelope = envelopes.seal_envelope(
            self.seeds[signed_with],
            iss=self.id,
            sub=envelopes.alias(case.key, self.id) if sub is None else sub,
            seq=after_seq if seq is None else seq,
            prev=kinds.NO_CASE if before is None else before.value.id,
            keys=self.party.keys[signed_with].record,
            payload=commitment(opening),
        )
        found = self.admit(envelope.raw, opening)
        if after is None:
            chain.append(found)
        if deliver:
            self.give(found, case, *made.audience)
        return found

    def opening(self, frame: Frame, content: Content) -> Opening:
        """An opening under salts that nobody used before."""
        self.said += 1
        return make_opening(
            frame,
            content,
            self.world.secret(self.name, "salt_f", self.said),
            self.world.secret(self.name, "salt_c", self.said),
        )

    def admit(self, raw: bytes, opening: Opening | None) -> Said:
        """Log an envelope and pass it through the gate; the world remembers its bundle."""
        _, issued = self.log(raw)
        bundle = Bundle(envelope=raw, opening=opening, receipt=issued)
        found = verify_record(bundle, self.party, self.ledger.party)
        self.world.bundles[found.value.id] = bundle
        self.world.authors[found.value.id] = self
        return found

    def fork(self, content: Content, *, case: Case, seq: int = -1, **how: object) -> Said:
        """A second record at the place of own record number ``seq``: an equivocation."""
        chain = self.chain[case.id]
        place = range(len(chain))[seq]
        if place == 0:
            self.chain[case.id] = []
            try:
                return self.say(content, case=case, **how)  # type: ignore[arg-type]
            finally:
                self.chain[case.id] = chain
        return self.say(content, case=case, after=chain[place - 1], **how)  # type: ignore[arg-type]

    def give(self, record: Said, case: Case, *readers: Actor | str) -> None:
        """Readers hold a record from now on (``public`` is everyone)."""
        actors = self.world.actors.values()
        for actor in actors:
            if kinds.PUBLIC in readers or actor in readers or actor.id in readers:
                actor.hear(record, case)

    def hear(self, record: Said, case: Case) -> None:
        """This actor holds a record from now on."""
        known = self.known.setdefault(case.id, {})
        envelope = record.value.envelope
        newest = known.get(envelope.iss)
        if newest is None or newest.value.envelope.seq < envelope.seq:
            known[envelope.iss] = record

    def rotate(
        self,
        reason: str = "",
        others: Iterable[Purpose] = (),
        *,
        statement: bool = True,
        signed_with: int = -1,
    ) -> Bundle:
        """Take up a new statement key, unless not wanted, and new keys for ``others``; as a bundle."""
        coming = self._coming([*others, *(["statement"] if statement else [])])
        last = self.party.newest
        taken = self._taken({p: s for p, s in coming.items() if p != "statement"})
        content = Rotate(reason=reason, taken=taken)
        if statement:
            new = ed25519.public_of(coming["statement"])
            proof = ed25519.sign(coming["statement"], parties.rotation_proof(self.id, last.record, new))
            content = Rotate(statement=new.hex(), proof=proof.hex(), reason=reason, taken=taken)
        return self.follow(content, self.seeds[signed_with], coming)

    def revoke(
        self,
        suspect_from: int,
        purpose: Purpose = "statement",
        *,
        takes: Iterable[Purpose] = (),
        key: bytes = b"",
        reason: str = "",
    ) -> Bundle:
        """Revoke a key, the newest of its purpose by default, with the recovery key; as a bundle."""
        coming = self._coming(takes)
        key = key or parties.keys_of(self.party, purpose)[-1][0]
        content = kinds.Revoke(
            purpose=purpose,
            key=key.hex(),
            suspect_from=suspect_from,
            reason=reason,
            taken=self._taken(coming),
        )
        return self.follow(content, self.world.secret(self.name, "recovery"), coming)

    def _coming(self, purposes: Iterable[str]) -> dict[Purpose, bytes]:
        made: dict[Purpose, bytes] = {}
        for purpose in sorted(purposes):
            count = len(self.seeds) if purpose == "statement" else 1 + len(self.later.get(purpose, []))
            made[purpose] = self.world.secret(self.name, purpose, count)  # type: ignore[index]
        return made

    def _taken(self, coming: Mapping[Purpose, bytes]) -> tuple[kinds.Taken, ...]:
        found = []
        for purpose, seed in sorted(coming.items()):
            new = ed25519.public_of(seed)
            said = parties.taking_proof(purpose, self.id, self.party.newest.record, new)
            found.append(kinds.Taken(purpose=purpose, key=new.hex(), proof=ed25519.sign(seed, said).hex()))
        return tuple(found)

    def follow(self, content: Content, seed: bytes, coming: Mapping[Purpose, bytes] = {}) -> Bundle:
        """One more key record, signed with ``seed``; ``coming`` are the keys that it takes up."""
        last = self.party.newest
        opening = self.opening(
            Frame(
                kind=content.kind,
                author=self.id,
                case=kinds.NO_CASE,
                at=bodies.time_text(self.world.now),
                marking="TLP:CLEAR",
                audience=(kinds.PUBLIC,),
                rules=kinds.rules_needed(content),
            ),
            content,
        )
        envelope = envelopes.seal_envelope(
            seed,
            iss=self.id,
            sub=kinds.NO_CASE,
            seq=len(self.party.keys),
            prev=last.record,
            keys=last.record,
            payload=commitment(opening),
        )
        for purpose, new in coming.items():
            (self.seeds if purpose == "statement" else self.later.setdefault(purpose, [])).append(new)
        index, issued = self.log(envelope.raw)
        self.party = parties.follow_party(self.party, open_record(envelope, opening), index)
        self.rotations.append(Bundle(envelope=envelope.raw, opening=opening, receipt=issued))
        return self.rotations[-1]

    def checkpoint(self, size: int | None = None) -> str:
        """The signed note of this actor's own ledger, now or at an earlier size."""
        head = note.Checkpoint(
            origin=note.Vkey.parse(self.party.card.checkpoint).name,
            size=self.tree.size if size is None else size,
            root=self.tree.root(size),
        )
        held = [index for _, index in parties.keys_of(self.party, "checkpoint") if index < head.size]
        seeds = [self.world.secret(self.name, "checkpoint"), *self.later.get("checkpoint", [])]
        return note.sign_checkpoint(head, seeds[len(held) - 1])

    def cosign(self, text: str, at: int) -> str:
        """This actor's cosignature line on another's checkpoint, at an instant it states itself."""
        return note.cosign(text, note.Vkey.parse(self.vkey).name, self.key("witness"), at)

    def attest(
        self,
        case: Case,
        by: Iterable[Actor] | Mapping[Actor, int],
        *,
        at: int | None = None,
        size: int | None = None,
        leaves: Iterable[Said | str] | None = None,
        stamped: Mapping[TestAuthority, int] = {},
    ) -> Verified[Attestation]:
        """A checkpoint of this actor's ledger, cosigned by others at ``at`` (or each at its own instant),
        and stamped by authorities, each at its instant.

        Contains by default every record of this ledger that the checkpoint covers.
        """
        instant = self.world.now if at is None else at
        times = dict(by) if isinstance(by, Mapping) else dict.fromkeys(by, instant)
        size = self.tree.size if size is None else size
        text = self.checkpoint(size)
        text = note.merge_signatures(text, [w.cosign(text, t) for w, t in times.items()])
        ids = [envelopes.record_id(raw) for raw in self.entries[:size]]
        wanted = set(ids) if leaves is None else {id_of(r) for r in leaves}
        rows = [(r, n, self.tree.inclusion(n, size)) for n, r in enumerate(ids) if r in wanted]
        imprint = stamped_imprint(text, noted_key(text, self.party))
        tokens = [(a.stamp(imprint, instant), list(a.chain)) for a, instant in stamped.items()]
        raw = render_attestation(text, rows, tokens)
        known = {actor.id: actor.party for actor in self.world.actors.values()}
        counted = counted_keys([(w.vkey, w.party) for w in case.policy.witnesses], known)
        return verify_attestation(raw, self.party, counted)

    def public(self) -> dict[str, bytes]:
        """What anyone can read of this actor's ledger: the checkpoint, tiles and entries, by path."""
        size = self.tree.size
        files = {"checkpoint": self.checkpoint().encode()}
        files.update(tiles.new_tiles(self.tree, 0, size))
        for path, start, end in tiles.new_bundles(0, size):
            files[path] = tiles.encode_entries(self.entries[start:end])
        return files


def _reference(of: Said | Verified[Attestation] | str) -> str:
    if isinstance(of, str):
        return of
    return f"t:{of.value.id}" if isinstance(of.value, Attestation) else of.value.id


class World:
    """Every actor, every bundle, one clock (``now``, seconds since 1970 UTC, moved by hand).

    Its cases are opened under ``rules``; with ``recovery``, cards name a recovery key.
    """

    def __init__(self, seed: object = 0, *, rules: int = kinds.RULES, recovery: bool = False) -> None:
        self.seed = seed
        self.recovery = recovery
        self.rules = rules
        self.contacts: dict[str, tuple[kinds.Contact, ...]] = {}
        self.now = START
        self.actors: dict[str, Actor] = {}
        self.bundles: dict[str, Bundle] = {}
        self.authors: dict[str, Actor] = {}
        self.cases: list[Case] = []
        self.guests_of: dict[str, list[str]] = {}
        self._members: dict[str, list[str]] = {}

    def secret(self, *of: object) -> bytes:
        """32 bytes that only this world has."""
        return derive("world", self.seed, *of)

    def party(self, name: str, contacts: Sequence[kinds.Contact] = ()) -> Actor:
        """The party of this name, with a node of its own; made at its first mention, with these contacts."""
        if name not in self.actors:
            self.contacts[name] = tuple(contacts)
            self.actors[name] = self._found(name, None)
        return self.actors[name]

    def guest(self, name: str, home: Actor) -> Actor:
        """The party of this name without a node, whose envelopes ``home`` registers."""
        if name not in self.actors:
            self.actors[name] = self._found(name, home)
        return self.actors[name]

    def card(self, name: str, home: Actor | None = None) -> Card:
        """The card that a party of this name would have."""
        statement = ed25519.public_of(self.secret(name, "statement", 0)).hex()
        recovery = ed25519.public_of(self.secret(name, "recovery")).hex() if self.recovery else ""
        if home is not None:
            return Card(name=name, statement=statement, home=home.id, recovery=recovery)
        origin = f"{self.secret(name, 'origin').hex()}.example"
        keys = Keys(
            statement=statement,
            receipt=ed25519.public_of(self.secret(name, "receipt")).hex(),
            checkpoint=str(note.vkey_of(origin, ed25519.public_of(self.secret(name, "checkpoint")))),
            witness=str(
                note.vkey_of(
                    f"{origin}/witness", ed25519.public_of(self.secret(name, "witness")), note.COSIGNATURE
                )
            ),
            age=f"age1{self.secret(name, 'age').hex()}",
        )
        return Card(
            name=name,
            statement=keys.statement,
            receipt=keys.receipt,
            checkpoint=keys.checkpoint,
            witness=keys.witness,
            age=keys.age,
            contacts=self.contacts.get(name, ()),
            recovery=recovery,
        )

    def _found(self, name: str, home: Actor | None) -> Actor:
        seed = self.secret(name, "statement", 0)
        opening = make_opening(
            Frame(
                kind="party.card",
                author=kinds.SELF,
                case=kinds.NO_CASE,
                at=bodies.time_text(self.now),
                marking="TLP:CLEAR",
                audience=(kinds.PUBLIC,),
                rules=1,
            ),
            self.card(name, home),
            self.secret(name, "card", "salt_f"),
            self.secret(name, "card", "salt_c"),
        )
        _, record = parties.sign_card(seed, opening)
        raw = record.envelope.raw
        if home is None:
            bundle = Bundle(envelope=raw, opening=opening)
            actor = Actor(world=self, name=name, party=verify_party(bundle, ()), seeds=[seed])
            actor.tree.append(merkle.leaf_hash(raw))
            actor.entries.append(raw)
        else:
            _, issued = home.log(raw)
            bundle = Bundle(envelope=raw, opening=opening, receipt=issued)
            party = verify_party(bundle, (), home.party)
            actor = Actor(world=self, name=name, party=party, seeds=[seed], home=home)
        actor.card = bundle
        self.bundles[record.id] = bundle
        self.authors[record.id] = actor
        return actor

    def open_case(
        self,
        opener: Actor,
        *,
        witnesses: Sequence[Actor] | None = None,
        quorum: int = 2,
        invite: Sequence[Actor] = (),
        audience: Iterable[Actor | str] = (kinds.PUBLIC,),
        title: str = "",
        authorities: Sequence[TestAuthority] = (),
        couriers: Sequence[Actor] = (),
        approvals: int = 0,
    ) -> Case:
        """Open a case and invite; by default every node that exists is a witness of its time policy."""
        number = len(self.cases)
        key = self.secret("case", number)
        found = [a for a in self.actors.values() if not a.home] if witnesses is None else witnesses
        policy = Policy(
            quorum=quorum,
            witnesses=tuple(kinds.Witness(vkey=w.vkey, party=w.id) for w in found),
            authorities=tuple(kinds.Authority(certificate=a.anchor, name=a.name) for a in authorities),
            couriers=tuple(sorted(c.id for c in couriers)),
            approvals=approvals,
        )
        hashed = envelopes.key_hash(key)
        content = kinds.Open(key_hash=hashed, date="2031-03-01", policy=policy, title=title)
        # The opening is said before the case has one, so it is made on a case that lacks only that.
        blank = Case(
            id=envelopes.case_id(hashed, opener.id),
            key=key,
            opener=opener,
            opening=None,  # type: ignore[arg-type]
            policy=policy,
        )
        self._members[blank.id] = [opener.id]
        opening = opener.say(content, case=blank, audience=audience, frame={"rules": self.rules})
        case = Case(id=blank.id, key=key, opener=opener, opening=opening, policy=policy)
        self.cases.append(case)
        for actor in invite:
            self.invite(case, opener, actor)
        return case

    def invite(self, case: Case, by: Actor, to: Actor) -> Said:
        """Bring a party into a case; it is given the opening and the invitation."""
        if to.id not in self._members[case.id]:
            self._members[case.id].append(to.id)
        to.hear(case.opening, case)
        return by.say(kinds.Invite(to=to.id, sealed_key=f"sealed to {to.id[:8]}"), case=case)

    def members(self, case: Case) -> list[str]:
        """Party ids of the opener and of everyone invited."""
        return list(self._members[case.id])

    def by_id(self, party: str) -> Actor:
        """The actor of this party id."""
        return next(a for a in self.actors.values() if a.id == party)

    def again(self, record: Said | str) -> Said:
        """The record verified anew from its bytes."""
        return self._verify(id_of(record), self.bundles[id_of(record)])

    def all_again(self) -> list[Said]:
        """Every record of a case, verified anew."""
        return [self.again(r) for r, actor in self.authors.items() if actor.card != self.bundles[r]]

    def bare(self, record: Said | str) -> Said:
        """The record as one holds it who reads only the public ledger."""
        bundle = self.bundles[id_of(record)]
        return self._verify(id_of(record), Bundle(envelope=bundle.envelope, receipt=bundle.receipt))

    def framed(self, record: Said | str) -> Said:
        """The record with its content withheld."""
        bundle = self.bundles[id_of(record)]
        opening = bundle.opening.without_content() if bundle.opening else None
        return self._verify(
            id_of(record), Bundle(envelope=bundle.envelope, opening=opening, receipt=bundle.receipt)
        )

    def _verify(self, record: str, bundle: Bundle) -> Said:
        actor = self.authors[record]
        return verify_record(bundle, actor.party, actor.ledger.party)


def fold_case(case: Case | str, facts: Iterable[Fact]) -> State:
    """The state of a case after these facts, from nothing."""
    return fold(facts, State(case=case if isinstance(case, str) else case.id))


# -- contents with the least in them -----------------------------------------------------------


def digest(*of: object) -> str:
    """A digest in hex that follows from these words."""
    return derive("digest", *of).hex()


def item(*of: object, size: int = 100) -> kinds.Item:
    """An item of evidence that nobody can open: only its head exists."""
    return kinds.Item(root=digest("item", *of), size=size)


def seal(of: kinds.Item, *, origin: str = "", name: str = "") -> kinds.Seal:
    """A seal of an item of text lines."""
    return kinds.Seal(item=of, splitter="lines/1", bytes=of.size * 80, origin=origin, name=name)


def report(of: kinds.Item, rows: Sequence[int] = (3, 4, 9), rule: str = "rule") -> kinds.Report:
    """A finding of one rule over an item."""
    ranges = kinds.ranges_of(list(rows))
    found = digest(rule)
    return kinds.Report(
        item=of,
        rules=(kinds.Rule(digest=found, name=rule, source=f"title: {rule}\n"),),
        pack=digest("pack", rule),
        semantics="comity-1",
        inputs=digest("inputs", of.root, rule),
        matches=(kinds.Match(rule=found, rows=ranges),) if rows else (),
        result=digest("result", of.root, rule, ranges),
        engine="comity 0",
    )


def rerun(
    of: Said, verdict: str = "same", *, scope: str | None = None, cause: str = "identity"
) -> kinds.Replicate:
    """A re-run of a finding that ends in this verdict."""
    found = of.value.content
    assert isinstance(found, kinds.Report)
    same = verdict == "same"
    return kinds.Replicate(
        finding=of.value.id,
        scope=scope or ("rows" if verdict == "shown-rows-match" else "whole"),  # type: ignore[arg-type]
        verdict=verdict,  # type: ignore[arg-type]
        inputs=found.inputs if same else digest("other inputs", found.inputs),
        result=found.result if same else digest("other result", found.result),
        engine="comity 0",
        cause=cause if verdict == "different" else "",  # type: ignore[arg-type]
        matches=found.matches if same else (),
    )


def on(record: Said, inference: str = "shows it") -> Support:
    """A support that rests on a finding or a sealed item."""
    kind = "finding" if record.value.frame and record.value.frame.kind == "finding.report" else "item"
    return Support(kind=kind, inference=inference, record=record.value.id)  # type: ignore[arg-type]


def cite(text: str = "a public report") -> Support:
    """A support that rests on something said elsewhere."""
    return Support(kind="citation", inference="says so", cite=text)


def target(record: Said | str, n: int = 0) -> Target:
    """One assertion of a record."""
    return Target(record=id_of(record), n=n)


def about(actor: Actor) -> kinds.Named:
    """An actor as an assertion names it."""
    return kinds.Named(name=actor.name, party=actor.id)


def claim(
    *supports: Support,
    about: Iterable[kinds.Named] = (),
    text: str = "The mail gateway was entered from this address.",
    stance: str = "claims",
    against: Target | None = None,
    level: str = "tactical",
) -> kinds.State:
    """A record of one assertion."""
    return kinds.State(
        title="Statement",
        assertions=(
            assertion(*supports, about=about, text=text, stance=stance, against=against, level=level),
        ),
    )


def assertion(
    *supports: Support,
    about: Iterable[kinds.Named] = (),
    text: str = "The mail gateway was entered from this address.",
    stance: str = "claims",
    against: Target | None = None,
    level: str = "tactical",
) -> kinds.Assertion:
    """One checkable sentence."""
    return kinds.Assertion(
        text=text,
        level=level,  # type: ignore[arg-type]
        stance=stance,  # type: ignore[arg-type]
        against=msgspec.UNSET if against is None else against,
        about=tuple(about),
        supports=supports,
    )


def request(to: Actor, due: int, *, items: Iterable[Said] = (), about: Target | None = None) -> kinds.Request:
    """A request for evidence by an instant."""
    return kinds.Request(
        to=to.id,
        type="evidence",
        text="Please disclose the rows that matched.",
        due=bodies.time_text(due),
        items=tuple(r.value.id for r in items),
        levels=("rows",),
        about=msgspec.UNSET if about is None else about,
    )


def disclose(of: Said, to: str, rows: Sequence[int] = ()) -> kinds.Disclose:
    """A disclosure of rows of a sealed item, or of the whole of it where no rows are named."""
    sealed = of.value.content
    assert isinstance(sealed, kinds.Seal)
    return kinds.Disclose(
        item=sealed.item,
        level="rows" if rows else "whole",
        package=digest("package", sealed.item.root, rows),
        bytes=2_000,
        use="proceedings",
        basis="agreed",
        onward="ask",
        to=(to,),
        rows=kinds.ranges_of(list(rows)),
    )


def assessment(
    *, on_item: Said | None = None, on_claim: Said | None = None, ask: Actor | None = None
) -> kinds.Assess:
    """An assessment of two invented clusters by two items, with figures written down by hand."""

    def weighed(name: str, rests: Said | None, first: int, second: int) -> told.Weighed:
        return told.Weighed(
            id=name,
            text=f"what {name} shows",
            reliability=900_000,
            credibility=700_000,
            by="judgement",
            origin=f"origin of {name}",
            record=rests.value.id if rests else "",
            cite="" if rests else "a public report",
            judgements=(
                told.Judgement(hypothesis="Heron", low=first, high=first),
                told.Judgement(hypothesis="unknown", low=second, high=second),
            ),
        )

    figures = (("Heron", 500_000, 700_000, 600_000), ("unknown", 200_000, 400_000, 300_000))
    standings = [
        told.Standing(
            hypothesis=name, prior=200_000, posterior=point, low=low, high=high, touched=1, against=0
        )
        for name, low, high, point in (*figures, ("Otter", 50_000, 150_000, 100_000))
    ]
    return kinds.Assess(
        question="Which cluster was behind the entry?",
        method=told.Method(
            name="comity-weigh/1",
            unknown_prior=200_000,
            deception_prior=100_000,
            planting=300_000,
            tempering=1_000_000,
            name_at=900_000,
            withstand=0,
        ),
        hypotheses=(told.Cluster(id="Heron", name="grey heron"), told.Cluster(id="Otter")),
        items=(
            weighed("the log", on_item, 400_000, 100_000),
            weighed("the word", on_claim, 300_000, 200_000),
        ),
        questions=()
        if ask is None
        else (told.Question(item=weighed("zone", None, 500_000, 100_000), to=ask.id),),
        result=told.Weighing(
            inputs=digest("inputs"),
            answer="not enough evidence",
            leader="Heron",
            deception=20_000,
            standings=tuple(standings),
            drivers=(told.Driver(items=("the log",), without=400_000, leader="unknown"),),
            planted=told.Planted(items=("the log",), at_least=1, exact=True, leader="unknown"),
            counted=2,
            silent=0,
            origins=2,
            undeclared=0,
            worth=()
            if ask is None
            else (
                told.Worth(
                    question="zone",
                    microbits=90_000,
                    yes=300_000,
                    leader_yes="Heron",
                    posterior_yes=800_000,
                    leader_no="unknown",
                    posterior_no=450_000,
                ),
            ),
        ),
    )


NODE = kinds.Contact(kind="node", address="http://node.example")


def attempt(
    notice: Said | str, to: Actor, result: str = "no-answer", keys: Sequence[Bundle] = ()
) -> kinds.Attempt:
    """A courier's attempt to deliver a notice to the first address in a party's card."""
    return kinds.Attempt(
        notice=id_of(notice),
        to=to.id,
        card=render_bundle(to.card).hex(),
        keys=tuple(render_bundle(one).hex() for one in keys),
        address=NODE.address,
        sent=digest("sealed notice"),
        result=result,  # type: ignore[arg-type]
    )


def heads(actor: Actor, *leaves: str, sizes: Sequence[int] = (2,)) -> list[str]:
    """Checkpoints that an actor's ledger key signs over a tree of these invented leaves."""
    tree = merkle.Tree(merkle.leaf_hash(leaf.encode()) for leaf in leaves)
    origin = note.Vkey.parse(actor.party.card.checkpoint).name
    return [
        note.sign_checkpoint(
            note.Checkpoint(origin=origin, size=size, root=tree.root(size)), actor.key("checkpoint")
        )
        for size in sizes
    ]


def split_of(actor: Actor) -> kinds.Prove:
    """The proof that an actor's ledger signed two roots for one size."""
    (one,), (two,) = heads(actor, "a", "b"), heads(actor, "a", "c")
    split = prove_split(one, two, note.Vkey.parse(actor.party.card.checkpoint))
    return prove_ledger(split, actor.id, actor.card)


def fork_of(actor: Actor, first: Said, second: Said) -> kinds.Prove:
    """The proof that an actor signed two records for one place of a chain."""
    home = (actor.home.card, *actor.home.rotations) if actor.home else ()
    raws = (first.value.envelope.raw, second.value.envelope.raw)
    return prove_chain(*raws, actor.id, (actor.card, *actor.rotations), home)


# -- one case with everything -------------------------------------------------------------------


def _show(say: Callable[..., Said], a: Actor, b: Actor, sealed: Said, case: Case) -> None:
    """Rows shown by the first on terms and with an approval, accepted and opened by the second."""
    seed = derive("office of", a.name)
    office = kinds.Approver(office="Legal office", key=ed25519.public_of(seed).hex())
    listed = say("approvers", a, kinds.Approvers(needed=1, approvers=(office,)))
    content = msgspec.structs.replace(
        disclose(sealed, b.id, [9]), terms=kinds.Terms(consent="own", accept=True)
    )
    content = msgspec.structs.replace(content, approvals=(approve(case.id, a.id, content, seed),))
    shown = say("disclose-approved", a, content, sealed, listed)
    taken = say("accept", b, kinds.Accept(disclosure=shown.value.id, decision="accepted"), shown)
    say("opened", b, kinds.Checked(disclosure=shown.value.id, result="verified"), shown, taken)


def _match(say: Callable[..., Said], a: Actor, b: Actor) -> None:
    """A list offered by the first, a question of the second, and its answer."""
    common: dict[str, Any] = {"root": digest("parts"), "package": digest("package"), "bytes": 100}
    offered = say(
        "offer",
        a,
        kinds.Offer(
            list="Relays", version=1, types=("ip",), suite="ristretto255-SHA512", key=digest("match key"),
            count=9, to=(b.id,), quota=5, use="defence", purpose="To find what both saw.", **common,
        ),
    )  # fmt: skip
    asked = say(
        "ask", b, kinds.Ask(offer=offered.value.id, count=2, purpose="We saw some.", **common), offered
    )
    answered = kinds.Matched(ask=asked.value.id, outcome="answered", used=2, proof="ab" * 64, **common)
    say("answer", a, answered, asked, offered)


@dataclass(kw_only=True)
class FullCase:
    """A case that holds every kind of rules 1 that stands in a case, and its two sides by role."""

    world: World
    case: Case
    claimant: Actor
    respondent: Actor
    third: Actor
    guest: Actor
    records: dict[str, Said]
    attestations: list[Verified[Attestation]]

    @property
    def facts(self) -> list[Fact]:
        return [*self.records.values(), *self.attestations]

    @property
    def state(self) -> State:
        return fold_case(self.case, self.facts)


def _keep_custody(
    say: Callable[..., Said], a: Actor, b: Actor, c: Actor, sealed: Said, unwanted: Said
) -> None:
    """An item is handed over, held and let go, and erased; so is the content of a record."""
    assert isinstance(sealed.value.content, kinds.Seal)
    which = sealed.value.content.item
    handed = say(
        "transfer",
        a,
        kinds.Transfer(item=which, to=b.id, copy="working", purpose="To be examined.", container="B-17"),
        sealed,
    )
    received = kinds.Receive(transfer=handed.value.id, item=which, condition="intact", checked="root")
    say("receive", b, received, handed)
    say("hold", b, kinds.Hold(item=which, state="held", basis="A court asked."), sealed)
    say("release", b, kinds.Hold(item=which, state="released", basis="The court is done."), sealed)
    say("erase", a, kinds.Erase(item=which, copies="all", basis="The term is over."), sealed)
    say("erase-record", c, kinds.EraseRecord(record=unwanted.value.id, basis="It named a person."))


def full_case(
    seed: object = 0,
    *,
    claimant: str = "Alder",
    respondent: str = "Birch",
    third: str = "Cedar",
    rules: int = kinds.RULES,
) -> FullCase:
    """A claims against B; evidence, answers, a denial, a withdrawal, endorsements, publication by both.

    The script knows roles only, so the same story with the names exchanged is its mirror.
    """
    world = World(seed, rules=rules)
    later = rules > 1
    a, c = world.party(claimant), world.party(third)
    b = world.party(respondent, [NODE] if later else ())
    witnesses = [world.party(f"Witness {n}") for n in (1, 2, 3)]
    g = world.guest("Guest", c)
    said: dict[str, Said] = {}
    case = world.open_case(a, witnesses=witnesses, quorum=2, couriers=[c] if later else ())
    said["open"] = case.opening
    for name, actor in (("b", b), ("c", c), ("g", g)):
        said[f"invite-{name}"] = world.invite(case, a, actor)
    attestations: list[Verified[Attestation]] = []

    def say(name: str, actor: Actor, content: Content, *references: Said | Verified[Attestation]) -> Said:
        world.now += HOUR
        said[name] = actor.say(content, case=case, references=references)
        return said[name]

    def witness(actor: Actor) -> Verified[Attestation]:
        world.now += 60
        attestations.append(actor.attest(case, witnesses))
        return attestations[-1]

    raw = item("mail log", world.seed)
    made = item("mail log as lines", world.seed)
    sealed = say("seal", a, seal(raw, origin="mail gateway"))
    sealed_made = say("seal-derived", a, seal(made))
    say("derive", a, kinds.Derive(source=raw, result=made, tool="lines", version="1"), sealed, sealed_made)
    found = say("report", a, report(made), sealed_made)
    stated = say(
        "claim",
        a,
        kinds.State(
            title="What the gateway saw",
            assertions=(
                assertion(on(found), about=[about(b)]),
                assertion(
                    on(sealed), cite(), about=[about(b)], text="It was done on order.", level="strategic"
                ),
            ),
        ),
        found,
        sealed,
    )
    witness(a)
    given = say(
        "notice",
        a,
        kinds.Give(to=about(b), target=stated.value.id, assertions=(0, 1), text="You are named."),
        stated,
    )
    if later:
        say("attempt", c, attempt(given, b), given)
        say("prove", c, split_of(witnesses[2]))
    say("received", b, kinds.Received(record=given.value.id), given)
    say("acknowledge", b, kinds.Acknowledge(notice=given.value.id), given)
    due = world.now + 5 * DAY
    asked = say("request", b, request(a, due, items=[found]), found)
    say(
        "agree",
        a,
        kinds.Answer(request=asked.value.id, disposition="accepted", agrees=bodies.time_text(due)),
        asked,
    )
    rows = say("disclose-rows", a, disclose(sealed_made, b.id, [3, 4]), sealed_made)
    whole = say("disclose-whole", a, disclose(sealed, b.id), sealed)
    proof = witness(a)
    say("rerun-rows", b, rerun(found, "shown-rows-match"), found)
    say("rerun-whole", c, rerun(found, "same"), found, proof)
    say(
        "fulfil",
        a,
        kinds.Answer(
            request=asked.value.id,
            disposition="fulfilled",
            fulfils=tuple(sorted(r.value.id for r in (rows, whole))),
        ),
        asked,
        rows,
        whole,
    )
    witness(a)
    own = say("seal-respondent", b, seal(item("proxy log", world.seed), origin="border proxy"))
    say(
        "response",
        b,
        kinds.Response(
            target=stated.value.id,
            positions=(
                kinds.Position(
                    n=0, position="disputes", reasons="The address was shared.", supports=(on(own),)
                ),
                kinds.Position(n=1, position="needs-evidence", support=1),
            ),
            assertions=(
                assertion(
                    on(own),
                    about=[about(a)],
                    text="The host was not ours.",
                    stance="denies",
                    against=target(stated),
                ),
            ),
        ),
        stated,
        own,
    )
    witness(b)
    say(
        "withdraw",
        a,
        kinds.Withdraw(target=stated.value.id, assertions=(1,), reason="No longer held."),
        stated,
    )
    mine = say("seal-third", c, seal(item("third log", world.seed), origin="exchange point"))
    say(
        "endorse-claim",
        c,
        kinds.Endorse(target=target(stated), basis="own-evidence", supports=(on(mine),)),
        stated,
        mine,
    )
    say(
        "endorse-denial",
        g,
        kinds.Endorse(target=target(said["response"]), basis="reviewed", reservation="Rows only."),
        said["response"],
    )
    if rules > 1:
        say("assess", c, assessment(on_item=mine, on_claim=stated), mine, stated)
        _match(say, a, b)
        _keep_custody(say, a, b, c, sealed, said["rerun-whole"])
        _show(say, a, b, sealed_made, case)
    say("grant", a, kinds.Grant(to=(kinds.PUBLIC,)), sealed)
    say("publish-a", a, kinds.Publish(manifest=digest("dossier", world.seed, "a")))
    say("publish-b", b, kinds.Publish(manifest=digest("dossier", world.seed, "b"), without_notice="Law."))
    witness(a)
    witness(b)
    witness(c)
    return FullCase(
        world=world,
        case=case,
        claimant=a,
        respondent=b,
        third=c,
        guest=g,
        records=said,
        attestations=attestations,
    )
