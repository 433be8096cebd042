"""How records reach the members of a case, and what a node does with what reaches it (``spec/08`` §5).

Every record goes to every member: opened to those who may read it, as a bare envelope to the rest, so
that all hold the same chains. A message is deterministic CBOR
``[1, case, [party file], [bundle], [attestation], [[digest, package], …]]``, sealed to the recipient (age).
Delivery proves nothing by itself: the recipient's signed ``record.received`` does.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from comity.case.fold import Fact, fold
from comity.case.judging import assertions_of
from comity.case.state import State
from comity.case.verified import attestation_id, verify_party, verify_read
from comity.errors import ComityError, Malformed, NotVerified, Refused, Unavailable
from comity.exchange import continuity, quotas
from comity.exchange.erasing import carry_out, keeps_package
from comity.exchange.node import CASE_KEY, PARTY, Node, PartyFile, open_card, parse_party_file
from comity.exchange.packages import carriers
from comity.exchange.passing_on import may_pass, packages_for
from comity.exchange.ports import Held, Message, Peers, Write
from comity.records import cbor, envelopes, kinds, parties
from comity.records.bundles import Bundle, open_record, parse_bundle, render_bundle
from comity.records.parties import Party, contacts_of

INBOX = "/x/inbox"
MESSAGE_LIMIT = 256 * 1024 * 1024
SEEN_LIMIT = 128
"""How many authors a record names as seen, beyond members and those that its author named before."""


@dataclass(slots=True, kw_only=True)
class Parcel:
    """The content of one message."""

    case: str
    parties: list[bytes] = field(default_factory=list)
    bundles: list[Bundle] = field(default_factory=list)
    attestations: list[bytes] = field(default_factory=list)
    packages: list[tuple[str, bytes]] = field(default_factory=list)

    def render(self) -> bytes:
        """The bytes that are sealed."""
        return cbor.encode(
            [
                1,
                self.case,
                sorted(self.parties),
                [render_bundle(b) for b in self.bundles],
                self.attestations,
                [[bytes.fromhex(d), p] for d, p in self.packages],
            ]
        )


def parse_parcel(raw: bytes, where: str = "message") -> Parcel:
    """Read a message; ``Malformed`` for anything but the one spelling, or a package under a wrong digest."""
    match cbor.decode(raw, where, other="message.form"):
        case [1, str() as case, [*parties], [*bundles], [*attestations], [*packages]]:
            pass
        case _:
            raise Malformed("message.form", where, "not a message of this exchange")
    if not (cbor.all_bytes(parties) and cbor.all_bytes(bundles) and cbor.all_bytes(attestations)):
        raise Malformed("message.form", where, "a part is not bytes")
    found = []
    for n, package in enumerate(packages):
        match package:
            case [bytes() as digest, bytes() as data] if hashlib.sha256(data).digest() == digest:
                found.append((digest.hex(), data))
            case _:
                raise Malformed(
                    "message.package", f"{where}.packages[{n}]", "does not have the digest it names"
                )
    return Parcel(
        case=case,
        parties=parties,
        bundles=[parse_bundle(b, f"{where}.bundles[{n}]") for n, b in enumerate(bundles)],
        attestations=attestations,
        packages=found,
    )


def newest_seen(state: State, me: str) -> tuple[str, ...]:
    """What a new record by ``me`` names as seen: each other author's newest record whose chain is held.

    One whose chain has a gap here is not cited: whoever cites it would wait, and so a stranger could hold
    up an honest author. One that only waits to be judged is: citing it holds nobody up, and to leave it out
    later, when it was cited as a bare envelope before, would be to have seen less than before (rule 4).
    """
    newest = state.newest
    last = state.records[newest[me]].value.frame if me in newest else None
    before = {state.records[s].value.envelope.iss for s in last.seen} if last else set()
    members = set(state.members)
    cited = (members | before) & newest.keys() - {me}

    def nearness(author: str) -> tuple[bool, bool, str]:
        home = state.records[newest[author]].home
        return home != me, home not in members, author

    # Whoever has the case key can sign as many as it likes, and a frame has an end. Members and those cited
    # before always stand in it; then, while there is room, guests of this ledger, of members, and others.
    others = sorted(newest.keys() - cited - {me}, key=nearness)
    cited |= set(others[: max(0, SEEN_LIMIT - len(cited))])
    return tuple(sorted(newest[author] for author in cited))


def address_of(node: Node, party: str) -> str:
    """Where a party's node listens, by its own word; "" for a guest or a party without one."""
    known = node.parties().get(party)
    # A guest may state an address, but nothing can be sealed to it.
    contacts = contacts_of(known) if known and not known.guest else ()
    return next((c.address for c in contacts if c.kind == "node"), "")


def messages_for(
    node: Node, state: State, fresh: Sequence[Held], packages: Iterable[str] = ()
) -> list[Message]:
    """The messages that carry newly stored records to the other members, for the outbox."""
    me = node.party.id
    out = []
    for member in state.members:
        if member == me or not address_of(node, member):
            continue
        # The sender's newest key records come first: what follows may be signed with the newest key.
        parcel = Parcel(case=state.case, parties=[node.party_file(me).render()])
        for held in fresh:
            _add(node, state, parcel, held, member)
        for digest in packages:
            own = (record for record in carriers(state, digest) if record.author == me)
            if any(may_pass(node, state, record, member) for record in own):
                parcel.packages.append((digest, node.blobs.get(digest)))
        out.append(seal_parcel(node, member, parcel))
    return out


def _add(node: Node, state: State, parcel: Parcel, held: Held, member: str) -> None:
    accepted = state.accepted.get(held.id)
    content = accepted.content if accepted else None
    if isinstance(content, kinds.Invite):
        if content.to == member:
            # A new member gets the whole history, and the card of everyone in it.
            add_history(node, state, parcel, member, but=held.id)
        else:
            parcel.parties.append(node.party_file(content.to).render())
    known = node.parties().get(held.iss)
    if known is not None and known.guest:
        parcel.parties.append(node.party_file(known.id).render())
    if isinstance(content, kinds.Grant):
        for granted in accepted.frame.references if accepted else ():
            earlier_held = node.journal.held_record(granted)
            if earlier_held is not None and state.readable_by(granted, member):
                parcel.bundles.append(node.held_bundle(earlier_held, True))
                parcel.packages += packages_for(node, state, [granted], member)
    parcel.bundles.append(node.held_bundle(held, state.readable_by(held.id, member)))


def add_history(node: Node, state: State, parcel: Parcel, member: str, but: str = "") -> None:
    """Put into a parcel all of a case that a member may read, the rest as bare envelopes, and whatever
    verifying it takes; without the record ``but``."""
    parcel.parties += [node.party_file(p).render() for p in authors_of(node, state)]
    parcel.attestations += [raw for _, raw in node.journal.attestations(state.case)]
    for earlier in node.journal.held(state.case):
        if earlier.id != but:
            opened = state.readable_by(earlier.id, member)
            parcel.bundles.append(node.held_bundle(earlier, opened))
            if opened:
                parcel.packages += packages_for(node, state, [earlier.id], member)


def authors_of(node: Node, state: State) -> list[str]:
    """Parties in the case, homes before their guests."""
    wanted = {f.value.envelope.iss for f in state.records.values()} | set(state.members)
    wanted |= {f.home for f in state.records.values()}
    known = node.parties()
    return sorted((p for p in wanted if p in known), key=lambda p: (known[p].guest, p))


def seal_parcel(node: Node, member: str, parcel: Parcel) -> Message:
    """A parcel sealed to one member, addressed to its node."""
    recipient = parties.recipient_of(node.author(member))
    body = node.boxes.seal_to([recipient], parcel.render())
    return Message(to=address_of(node, member), path=INBOX, body=body)


def send_due(node: Node, peers: Peers, limit: int = 100) -> tuple[int, list[tuple[str, ComityError]]]:
    """Try every message whose turn has come: how many arrived, and what went wrong where.

    A message that fails keeps its exact bytes and its place; those behind it to the same address wait.
    """
    sent = 0
    failures: list[tuple[str, ComityError]] = []
    down: set[str] = set()
    for message in node.journal.due(node.effects.now(), limit):
        if message.to in down:
            continue
        try:
            peers.post(message.to, message.path, message.body)
        except ComityError as error:
            node.journal.failed(message.id, node.effects.now(), str(error))
            failures.append((message.to, error))
            if isinstance(error, Unavailable):
                down.add(message.to)
        else:
            node.journal.delivered(message.id)
            sent += 1
    return sent, failures


def receive(node: Node, sealed: bytes) -> list[str]:
    """Open one message, check everything in it, and store what holds: ids of records new here.

    All or nothing: one record that does not verify refuses the message, and the sender keeps it. Records
    that the rules refuse, or that wait for others, *are* stored: they are what their author signed.
    """
    if len(sealed) > MESSAGE_LIMIT:
        raise Refused("message.size", "inbox", "the message is too large")
    return take_parcel(node, parse_parcel(node.signer.open_sealed(sealed)))


def take_parcel(node: Node, parcel: Parcel, own_key: bytes | None = None) -> list[str]:
    """As ``receive``, for a parcel already opened. ``own_key`` is the key of a case that this node had, and
    that only the members of it can know, where its journal has lost it."""
    with node.lock:
        notes: dict[str, bytes] = {}
        key = node.journal.note(CASE_KEY + parcel.case)
        if key is None and own_key is not None:
            key = notes[CASE_KEY + parcel.case] = own_key
        if key is None:
            key = _key_from_invite(node, parcel)
            notes[CASE_KEY + parcel.case] = key
        learned, files = _check_parties(node, parcel.parties)
        held, facts = _check_bundles(parcel, key, {**node.parties(), **learned})
        _see_own(node, held, facts)
        fresh = [h.id for h in held if node.journal.held_record(h.id) is None]
        state = fold(facts, node.state(parcel.case))
        # Who brings nothing of the case, a stranger for one, cannot fill this node with cards.
        kept = files if fresh else {}
        witnesses = node.counted(state)
        known = {fact.home for fact in state.records.values()} | set(state.members)
        if kept:
            # What is too much is refused before the cards that it brings are kept.
            quotas.charge(node, parcel.case, held, {}, kept)
            node.journal.write(Write(notes=kept))
        # One about a ledger that is not of the case says nothing here, and would be cited by everyone.
        attested = [(node.attestation(raw, witnesses).home, raw) for raw in parcel.attestations]
        attestations = [(parcel.case, attestation_id(raw), raw) for home, raw in attested if home in known]
        stored = [(d, p) for d, p in parcel.packages if _may_store(node, state, d)]
        others = _charged(node, state, [each for each in attested if each[0] in known], stored)
        notes |= quotas.charge(node, parcel.case, held, others, kept)
        for _, data in stored:
            node.blobs.put(data)
        owed = _owed_to_newcomers(node, state, fresh) + _owed_to_accepting(node, state, fresh)
        node.journal.write(Write(held=held, attestations=attestations, notes=notes, outbox=owed))
        carry_out(node, parcel.case)
        return fresh


def _charged(
    node: Node, state: State, attested: Iterable[tuple[str, bytes]], packages: Iterable[tuple[str, bytes]]
) -> Counter[str]:
    """Bytes that attestations and packages add here, by the ledger that is charged for them."""
    found: Counter[str] = Counter()
    there = {name for name, _ in node.journal.attestations(state.case)}
    for home, raw in attested:
        found[home] += len(raw) if attestation_id(raw) not in there else 0
    for digest, data in packages:
        if not node.blobs.has(digest):
            found[state.records[next(carriers(state, digest)).id].home] += len(data)
    return found


def _see_own(node: Node, held: Iterable[Held], facts: Iterable[Fact]) -> None:
    """Notice a record that this ledger registered and the journal does not have: it is an old copy."""
    me = node.party.id
    own = [(h, f) for h, f in zip(held, facts, strict=True) if h.home == me]
    places = node.journal.indexes_of(h.id for h, _ in own)
    for each, fact in own:
        if places.get(each.id) != fact.index:
            continuity.take_receipt(node, bytes.fromhex(each.id), each.receipt, f"own/{each.id[:12]}")


def _owed_to_newcomers(node: Node, state: State, fresh: Iterable[str]) -> list[Message]:
    """What this node registered before it knew of an invitation that it now holds: whoever invited had not
    seen it, so it was in no history that the new member got."""
    me = node.party.id
    out = []
    for record in fresh:
        accepted = state.accepted.get(record)
        content = accepted.content if accepted else None
        if accepted is None or not isinstance(content, kinds.Invite) or accepted.author == me:
            continue
        if content.to == me or not address_of(node, content.to):
            continue
        seen = (state.records[s].value.envelope for s in accepted.frame.seen if s in state.records)
        known = {envelope.iss: envelope.seq for envelope in seen}
        missed = [
            held
            for held in node.journal.held(state.case)
            if held.home == me and held.seq > known.get(held.iss, -1)
        ]
        if missed:
            parcel = Parcel(case=state.case, parties=[node.party_file(me).render()])
            for held in missed:
                _add(node, state, parcel, held, content.to)
            out.append(seal_parcel(node, content.to, parcel))
    return out


def _owed_to_accepting(node: Node, state: State, fresh: Iterable[str]) -> list[Message]:
    """The packages of this node's disclosures that others have now accepted."""
    out = []
    for name in fresh:
        record = state.accepted.get(name)
        content = record.content if record else None
        if record is None or not isinstance(content, kinds.Accept):
            continue
        shown = state.accepted[content.disclosure]
        if shown.author == node.party.id and address_of(node, record.author):
            parcel = Parcel(case=state.case, parties=[node.party_file(node.party.id).render()])
            parcel.packages = packages_for(node, state, [shown.id], record.author)
            if parcel.packages:
                out.append(seal_parcel(node, record.author, parcel))
    return out


def _check_parties(node: Node, files: Iterable[bytes]) -> tuple[dict[str, Party], dict[str, bytes]]:
    """The parties of a message, and those of their files that say more than what is held here."""
    learned: dict[str, Party] = {}
    notes: dict[str, bytes] = {}
    parsed = [parse_party_file(raw, "message.party") for raw in files]
    # A guest stands on its home's card, in whatever order the two were packed.
    for file in sorted(parsed, key=lambda f: bool(open_card(f.card).home)):
        party = _check_party(node, file, {**node.parties(), **learned})
        known = node.parties().get(party.id)
        if known is None or len(known.keys) < len(party.keys):
            learned[party.id] = party
            notes[PARTY + party.id] = file.render()
    return learned, notes


def learn_party(node: Node, file: PartyFile) -> str:
    """Check and store a party's card and key records; gives its id. A shorter key chain than the one held
    changes nothing; one that contradicts it is ``NotVerified``."""
    party = check_party(node, file)
    known = node.parties().get(party.id)
    if known is None or len(known.keys) < len(party.keys):
        node.journal.write(Write(notes={PARTY + party.id: file.render()}))
    return party.id


def check_party(node: Node, file: PartyFile) -> Party:
    """The party of a card that was brought, checked like one that is learned, and not kept."""
    return _check_party(node, file, node.parties())


def _check_party(node: Node, file: PartyFile, known: Mapping[str, Party]) -> Party:
    home = known.get(open_card(file.card).home)
    party = verify_party(file.card, file.rotations, home)
    stored = node.journal.note(PARTY + party.id)
    if stored is not None:
        ours = [r.envelope for r in parse_party_file(stored, party.id).rotations]
        theirs = [r.envelope for r in file.rotations]
        shorter = min(len(ours), len(theirs))
        if ours[:shorter] != theirs[:shorter]:
            raise NotVerified("party.chain", party.id, "two key chains of one party contradict each other")
    before = known.get(party.id)
    recipient = parties.recipient_of(party)
    if recipient and (before is None or recipient != parties.recipient_of(before)):
        # A recipient that nothing can be sealed to would stop every act of a case that it is brought into.
        with contextlib.suppress(Unavailable):
            node.boxes.seal_to([recipient], b"")
    return party


def _key_from_invite(node: Node, parcel: Parcel) -> bytes:
    me = node.party.id
    for n, bundle in enumerate(parcel.bundles):
        record = open_record(
            envelopes.open_envelope(bundle.envelope), bundle.opening, f"message.bundles[{n}]"
        )
        if isinstance(record.content, kinds.Invite) and record.content.to == me and record.content.sealed_key:
            key = node.signer.open_sealed(bytes.fromhex(record.content.sealed_key))
            opened = (
                open_record(envelopes.open_envelope(b.envelope), b.opening, "message") for b in parcel.bundles
            )
            # The id of a case is a hash over its key and its opener: nobody takes another's in advance.
            if not any(
                isinstance(r.content, kinds.Open)
                and r.content.key_hash == envelopes.key_hash(key)
                and envelopes.case_id(r.content.key_hash, r.envelope.iss) == parcel.case
                for r in opened
            ):
                raise NotVerified(
                    "case.key", parcel.case[:12], "the invitation's key is not the key of this case"
                )
            return key
    raise Refused("case.unknown", parcel.case[:12], "this node was not invited to such a case")


def _check_bundles(parcel: Parcel, key: bytes, known: Mapping[str, Party]) -> tuple[list[Held], list[Fact]]:
    held: list[Held] = []
    facts: list[Fact] = []
    for n, bundle in enumerate(parcel.bundles):
        where = f"message.bundles[{n}]"
        record = open_record(envelopes.open_envelope(bundle.envelope, where), bundle.opening, where)
        party = _known(known, record.envelope.iss)
        if record.envelope.sub != envelopes.alias(key, party.id):
            raise NotVerified("case.alias", where, "does not carry its author's alias for this case")
        if record.frame is not None and record.frame.case != parcel.case:
            raise NotVerified("case.other", where, "names another case than its alias")
        facts.append(verify_read(record, bundle.receipt, party, _known(known, party.home), where))
        held.append(
            Held(
                id=record.id,
                case=parcel.case,
                iss=party.id,
                sub=record.envelope.sub,
                seq=record.envelope.seq,
                home=party.home,
                envelope=bundle.envelope,
                receipt=bundle.receipt,
                opening=bundle.opening,
            )
        )
    return held, facts


def _known(known: Mapping[str, Party], party: str) -> Party:
    found = known.get(party)
    if found is None:
        raise NotVerified("party.unknown", party, "no card of this party is held here")
    return found


def _may_store(node: Node, state: State, digest: str) -> bool:
    """Whether an accepted record announces this package, and it is not of an item that was erased."""
    return any(
        not isinstance(r.content, kinds.Disclose) or keeps_package(node, r.content.item, r.author)
        for r in carriers(state, digest)
    )


def needs_receipt(state: State, me: str, fresh: Iterable[str]) -> list[str]:
    """Which of these records are addressed to this node, and so get an automatic ``record.received``."""
    found = []
    for record in fresh:
        accepted = state.accepted.get(record)
        if accepted is None or accepted.author == me or not state.readable_by(record, me):
            continue
        content = accepted.content
        to_me = (isinstance(content, kinds.Give) and content.to.party == me) or (
            isinstance(content, kinds.Request) and content.to == me
        )
        answers_me = isinstance(content, kinds.Response) and _author_of(state, content.target) == me
        if to_me or answers_me:
            found.append(record)
    return found


def _author_of(state: State, record: str) -> str:
    accepted = state.accepted.get(record)
    return accepted.author if accepted and assertions_of(accepted.content) else ""
