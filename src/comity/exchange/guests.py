"""A party without a node: it answers a notice that it read from one file, as a guest.

The reply is a file too; the node that gave the notice registers it in its ledger and passes it on, and
the guest's receipt shows whether that was done (``spec/08-ledger.md`` §6). A page makes the same reply in a
browser (``notices/page.js``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from comity.case.verified import verify_party
from comity.errors import Malformed, NotVerified, Refused
from comity.evidence.seal import SealedItem
from comity.exchange.appending import register_said
from comity.exchange.authoring import issue_next, leaf_of, publish_head
from comity.exchange.node import PARTY, Node, PartyFile
from comity.exchange.notices.armour import REPLY, armoured, unarmour
from comity.exchange.notices.forms import read_notice
from comity.exchange.notices.reading import NoticeFile
from comity.exchange.notices.text import plain
from comity.exchange.ports import Effects, Write
from comity.exchange.quotas import charge_guest
from comity.phrases import phrase
from comity.records import bodies, cbor, ed25519, envelopes, kinds, kinds_of_procedure, parties
from comity.records.bundles import (
    Bundle,
    Record,
    commitment,
    make_opening,
    open_record,
    parse_bundle,
    render_bundle,
)
from comity.records.kinds import Assertion, Content, Frame, Position
from comity.records.parties import Party

SAID_BY_GUESTS = (
    *("notice.acknowledge", "response.make", "endorsement.make", "request.answer", "claim.withdraw"),
    *("evidence.seal", "evidence.derive", "evidence.disclose", "finding.report", "finding.replicate"),
    *("case.grant", "record.received", "request.make", "request.extend", "request.withdraw"),
    *("claim.amend", "endorsement.withdraw"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endorsed:
    """A guest's endorsement of assertion ``n`` of the claim it was told of: on what basis, and why."""

    n: int
    basis: kinds.Basis
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A guest's request to the giver of the notice, to be answered by ``due`` (UTC); ``n``: the assertion of
    the claim that it is about, -1 for none."""

    type: Literal["evidence", "clarify", "preserve", "assist", "consult"]
    text: str
    due: str
    n: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What a guest says to a request made of it, by the request's record id: an answer, or, where ``extend``,
    that it wants time until ``due``."""

    request: str
    text: str
    disposition: Literal["accepted", "partial", "refused", "clarify", "fulfilled"] = "accepted"
    ground: str = ""
    due: str = ""
    extend: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """Assertion ``n`` of a guest's own earlier response, in new words, or withdrawn; and why. What was said
    first stays readable."""

    n: int
    reason: str
    into: Assertion | None = None


def answer_notice(
    raw: bytes,
    *,
    name: str,
    seed: bytes,
    effects: Effects,
    positions: Sequence[Position] = (),
    assertions: Sequence[Assertion] = (),
    acknowledge: str = "",
    seals: Sequence[SealedItem] = (),
    endorse: Sequence[Endorsed] = (),
    requests: Sequence[Asked] = (),
    answers: Sequence[Answered] = (),
    corrections: Sequence[Corrected] = (),
    after: bytes = b"",
) -> bytes:
    """The reply file of a guest: its card; an acknowledgement if ``acknowledge`` says something; the seals of
    items that it keeps itself; a response if there is a position or an assertion; endorsements; requests, and
    answers to requests made of it, which only the giver reads; corrections of its last response in ``after``.

    ``after`` is the reply given before under the same key, whose chain goes on: without it a second reply
    would be another history. ``seed`` (32 bytes) is the guest's key: keep it. An endorsement on own
    evidence rests on the ``seals``.
    """
    notice = read_notice(raw).notice
    if not (acknowledge or positions or assertions or endorse or requests or answers or corrections):
        raise ValueError("a reply says something")
    against = [a.against for a in assertions if isinstance(a.against, kinds.Target)]
    require_told(notice, [p.n for p in positions] + [e.n for e in endorse] + [a.n for a in against])
    require_told(notice, [a.n for a in requests if a.n >= 0])
    chain, card = _go_on(notice, after, seed, effects) if after else _begin(notice, name, seed, effects)
    if acknowledge:
        content: Content = kinds.Acknowledge(notice=notice.notice.value.id, text=acknowledge)
        chain.add(content, {notice.notice.value.id})
    sealed = [chain.add(_seal(item), set()) for item in seals]
    if positions or assertions:
        claim = notice.claim.value.id
        cited = {s.record for p in positions for s in p.supports if s.record}
        content = kinds.Response(target=claim, positions=tuple(positions), assertions=tuple(assertions))
        chain.add(content, {claim, notice.notice.value.id, *cited})
    for one in endorse:
        chain.add(_endorsement(notice, one, sealed), {notice.claim.value.id, *sealed})
    for asked in requests:
        about = kinds.Target(record=notice.claim.value.id, n=asked.n) if asked.n >= 0 else msgspec.UNSET
        content = kinds.Request(
            to=notice.giver.id, type=asked.type, text=asked.text, due=asked.due, about=about
        )
        chain.add(content, {notice.claim.value.id, notice.notice.value.id})
    for answered in answers:
        chain.add(_answer(answered), {answered.request}, {notice.giver.id})
    if corrections:
        _correct(chain, parse_reply(after, "earlier reply")[2] if after else (), corrections)
    data = cbor.encode([1, notice.case, render_bundle(card), [render_bundle(b) for b in chain.bundles]])
    return armoured(REPLY, f"COMITY REPLY\n\nFrom:     {plain(name)}\nCase:     {notice.case[:16]}\n", data)


def require_told(notice: NoticeFile, numbers: Iterable[int]) -> None:
    """``Refused`` (``reply.number``) for an assertion that the notice is not of: in its list the first is 1,
    whatever its number in the claim is."""
    told = {n for n, _ in notice.assertions}
    for n in numbers:
        if n not in told:
            named = ", ".join(str(each + 1) for each in sorted(told))
            why = f"the notice is not of this assertion of the claim; it is of {named}"
            raise Refused("reply.number", str(n + 1), why)


def _begin(notice: NoticeFile, name: str, seed: bytes, effects: Effects) -> tuple[_Chain, Bundle]:
    """A new guest: its chain, with nothing said yet, and its card."""
    card = kinds.Card(name=name, statement=ed25519.public_of(seed).hex(), home=notice.giver.id)
    opening = make_opening(
        Frame(
            kind=card.kind,
            author=kinds.SELF,
            case=kinds.NO_CASE,
            at=bodies.time_text(effects.now()),
            marking="TLP:CLEAR",
            audience=(kinds.PUBLIC,),
            rules=card.introduced,
        ),
        card,
        effects.random(32),
        effects.random(32),
    )
    guest, card_record = parties.sign_card(seed, opening)
    bundle = Bundle(envelope=card_record.envelope.raw, opening=opening)
    return _Chain(notice, guest, seed, card_record.id, effects), bundle


def _go_on(notice: NoticeFile, after: bytes, seed: bytes, effects: Effects) -> tuple[_Chain, Bundle]:
    """The chain of an earlier reply, to be gone on with; ``Refused`` (``reply.other``) for another's."""
    case, card, said = parse_reply(after, "earlier reply")
    record = open_record(envelopes.open_envelope(card.envelope), card.opening, "earlier reply")
    guest = parties.found_party(record, 0, "earlier reply")
    if case != notice.case or guest.card.statement != ed25519.public_of(seed).hex():
        raise Refused("reply.other", "earlier reply", "is of another case, or another key signed it")
    chain = _Chain(notice, guest.id, seed, record.id, effects)
    for bundle in said:
        chain.bundles.append(bundle)
        chain.prev = envelopes.open_envelope(bundle.envelope).id
    return chain, card


def parse_reply(raw: bytes, where: str = "reply") -> tuple[str, Bundle, list[Bundle]]:
    """A reply file: its case, the guest's card and what it says, none of it verified; ``Malformed``
    (``reply.form``) for another file."""
    _, data = unarmour(REPLY, raw, where)
    match cbor.decode(data, where, other="reply.form"):
        case [1, str() as case, bytes() as card, [*records]] if cbor.all_bytes(records):
            pass
        case _:
            raise Malformed("reply.form", where, "not a reply")
    return case, parse_bundle(card, where), [parse_bundle(one, where) for one in records]


class _Chain:
    """A guest's records in one case, as they are made."""

    def __init__(self, notice: NoticeFile, guest: str, seed: bytes, card: str, effects: Effects) -> None:
        self.notice, self.guest, self.seed, self.card, self.effects = notice, guest, seed, card, effects
        self.bundles: list[Bundle] = []
        self.prev = kinds.NO_CASE

    def add(self, content: Content, references: set[str], only: set[str] | None = None) -> str:
        claim = self.notice.claim.value.frame
        assert claim is not None
        audience = only or {*claim.audience, self.notice.giver.id}
        everyone = kinds.PUBLIC in audience
        frame = Frame(
            kind=content.kind,
            author=self.guest,
            case=self.notice.case,
            at=bodies.time_text(self.effects.now()),
            marking="TLP:CLEAR" if everyone else "TLP:AMBER",
            audience=(kinds.PUBLIC,) if everyone else tuple(sorted(audience)),
            rules=kinds.rules_needed(content),
            seen=(self.notice.notice.value.id,),
            references=tuple(sorted({*references, self.notice.opening.value.id})),
        )
        opening = make_opening(frame, content, self.effects.random(32), self.effects.random(32))
        envelope = envelopes.seal_envelope(
            self.seed,
            iss=self.guest,
            sub=envelopes.alias(self.notice.case_key, self.guest),
            seq=len(self.bundles),
            prev=self.prev,
            keys=self.card,
            payload=commitment(opening),
        )
        self.prev = envelope.id
        self.bundles.append(Bundle(envelope=envelope.raw, opening=opening))
        return envelope.id


def _answer(said: Answered) -> Content:
    if said.extend:
        return kinds_of_procedure.Extend(request=said.request, step="proposes", due=said.due, text=said.text)
    return kinds.Answer(
        request=said.request,
        disposition=said.disposition,
        text=said.text,
        ground=said.ground,
        due=said.due,
    )


def said_before(bundles: Sequence[Bundle]) -> tuple[str, tuple[Assertion, ...]]:
    """The last response of an earlier reply that asserts something, and its assertions; "" and ()."""
    for bundle in reversed(bundles):
        record = open_record(envelopes.open_envelope(bundle.envelope), bundle.opening, "earlier reply")
        if isinstance(record.content, kinds.Response) and record.content.assertions:
            return record.id, record.content.assertions
    return "", ()


def _correct(chain: _Chain, earlier: Sequence[Bundle], corrections: Sequence[Corrected]) -> None:
    """Amendments and withdrawals of the last response that asserts something."""
    target, before = said_before(earlier)
    if not target:
        raise Refused("reply.correct", "earlier reply", "asserts nothing that could be corrected")
    ordered = sorted(corrections, key=lambda one: one.n)
    numbers = [one.n for one in ordered]
    if len(set(numbers)) != len(numbers) or numbers[0] < 0 or numbers[-1] >= len(before):
        raise Refused(
            "reply.correct",
            "earlier reply",
            f"has assertions 1 to {len(before)}; each is corrected once at a time",
        )
    for one in ordered:
        if one.into is not None:
            revision = kinds_of_procedure.Revision(n=one.n, assertion=one.into)
            amend = kinds_of_procedure.Amend(target=target, revisions=(revision,), reason=one.reason)
            against = one.into.against
            named = {target} if against is msgspec.UNSET else {target, against.record}
            chain.add(amend, named)
        else:
            chain.add(kinds.Withdraw(target=target, assertions=(one.n,), reason=one.reason), {target})


def _seal(item: SealedItem) -> kinds.Seal:
    return kinds.Seal(
        item=kinds.Item(root=item.item, size=item.size),
        splitter=item.format,
        bytes=item.shown_bytes,
        origin=item.declared.origin,
        name=item.name[:200],
        zone=item.declared.zone,
    )


def _endorsement(notice: NoticeFile, one: Endorsed, sealed: Sequence[str]) -> kinds.Endorse:
    own = one.basis == "own-evidence"
    return kinds.Endorse(
        target=kinds.Target(record=notice.claim.value.id, n=one.n),
        basis=one.basis,
        supports=tuple(kinds.Support(kind="item", record=s, inference=one.why) for s in sealed)
        if own
        else (),
        reservation="" if own else one.why,
    )


CLOSED = "guest/closed/"
"""Where it is kept that nothing more is registered for a guest, with the reason."""


def close_guest(node: Node, guest: str, reason: str) -> Party:
    """Register nothing more that this guest's key signs: it was stolen, or lost. What stands in the ledger
    stays. ``Refused`` (``guest.home``) for a party that is no guest of this node."""
    with node.lock:
        party = node.find_party(guest)
        if party.card.home != node.id:
            raise Refused("guest.home", guest, "not a guest of this node")
        node.journal.write(Write(notes={CLOSED + party.id: reason.encode()}))
        return party


def reopen_guest(node: Node, guest: str) -> Party:
    """Register again what this guest signs."""
    with node.lock:
        party = node.find_party(guest)
        node.journal.forget(CLOSED + party.id)
        return party


def require_open(node: Node, party: str, where: str) -> None:
    """Return only if this node registers for a guest; ``Refused`` (``guest.closed``) otherwise."""
    if node.journal.note(CLOSED + party) is not None:
        why = "this node registers nothing more under this key: it was reported stolen or lost"
        raise Refused("guest.closed", where, why)


def take_reply(node: Node, raw: bytes) -> list[str]:
    """Register a guest's reply here and pass it on: ids of its records. Taking it twice changes nothing.

    All of it is registered, or nothing: where the rules refuse one record, ``Refused`` says which rule, and
    the guest can correct its reply. (Its card may then stand in the ledger already.)
    """
    _, data = unarmour(REPLY, raw, "reply")
    match cbor.decode(data, "reply", other="reply.form"):
        case [1, str() as case, bytes() as card, [*records]] if cbor.all_bytes(records):
            pass
        case _:
            raise Malformed("reply.form", "reply", "not a reply")
    with node.lock:
        key = node.case_key(case)
        guest = _guest_of(node, parse_bundle(card, "reply.card"))
        require_open(node, guest.id, "reply.card")
        if guest.id not in node.parties():
            _require_new_key(node, case, guest)
        checked = []
        for n, part in enumerate(records):
            where = f"reply.records[{n}]"
            bundle = parse_bundle(part, where)
            record = open_record(envelopes.open_envelope(bundle.envelope, where), bundle.opening, where)
            if record.frame is None or record.content is None or bundle.opening is None:
                raise Malformed("reply.form", where, "a reply opens what it says")
            if record.frame.case != case or record.envelope.sub != envelopes.alias(key, guest.id):
                raise NotVerified("case.alias", where, "does not carry its author's alias for this case")
            if record.frame.kind not in SAID_BY_GUESTS:
                raise Refused("reply.kind", where, f"a guest answers; {record.frame.kind} is for members")
            parties.verify_author(guest, record.envelope, where)
            checked.append(record)
        if guest.id not in node.parties() and not any(_answers(node, r) for r in checked):
            # Nothing is registered for whoever was given no notice: a card alone costs a leaf for ever.
            raise Refused("reply.unasked", "reply", "answers nothing that this node gave notice of")
        charge_guest(node, guest.id, len(data))
        guest = _enrol(node, parse_bundle(card, "reply.card"), guest)
        fresh = [record for record in checked if node.journal.held_record(record.id) is None]
        if fresh:
            # Counted first: where the rest fails, a guest's next try is counted again.
            node.journal.write(Write(notes=charge_guest(node, guest.id, len(data))))
            register_said(node, case, guest, fresh)
        return [record.id for record in checked]


def _guest_of(node: Node, card: Bundle) -> Party:
    record = open_record(envelopes.open_envelope(card.envelope, "reply.card"), card.opening, "reply.card")
    guest = parties.found_party(record, 0, "reply.card")
    if guest.card.home != node.party.id:
        raise Refused("guest.home", "reply.card", "this guest names another home than this node")
    return node.parties().get(guest.id, guest)


def _require_new_key(node: Node, case: str, guest: Party) -> None:
    """Return only if no guest of this node holds the key of a card that is new here, or it is one that
    stands open and has said nothing in this case: one key is not two voices, and no new card revives an ended
    one (``Refused``: ``guest.twice``, ``guest.closed``)."""
    own = (p for p in node.parties().values() if p.guest and p.home == node.id)
    same = [p for p in own if guest.newest.key in {one.key for one in p.keys}]
    for known in same:
        require_open(node, known.id, "reply.card")
    spoken = {fact.value.envelope.iss for fact in node.state(case).records.values()}
    for known in same:
        if known.id in spoken:
            raise Refused(
                "guest.twice",
                "reply.card",
                phrase(
                    "this key has spoken in this case already, as {}: go on from its last reply",
                    known.id[:12],
                ),
            )


def _answers(node: Node, record: Record) -> bool:
    """Whether a guest's record is about something that this node signed or its guests did."""
    content = record.content
    if isinstance(content, kinds.Acknowledge):
        about = content.notice
    elif isinstance(content, kinds.Response):
        about = content.target
    elif isinstance(content, kinds.Endorse):
        about = content.target.record
    elif isinstance(content, kinds.Request) and content.about is not msgspec.UNSET:
        about = content.about.record
    elif isinstance(content, kinds.Request) and record.frame is not None:
        accepted = node.state(record.frame.case).accepted
        told = (accepted[one] for one in record.frame.references if one in accepted)
        return any(one.frame.kind == "notice.give" and one.frame.author == node.party.id for one in told)
    else:
        return False
    held = node.journal.held_record(about)
    return held is not None and held.home == node.party.id


def _enrol(node: Node, card: Bundle, guest: Party) -> Party:
    """A guest's card as a leaf of this ledger; gives the guest. A card that is there already is not added."""
    if guest.id in node.parties():
        return guest
    record = guest.card_record
    index, receipt = issue_next(node, record.envelope)
    file = PartyFile(card=Bundle(envelope=card.envelope, opening=card.opening, receipt=receipt))
    party = verify_party(file.card, (), node.party, "reply.card")
    node.journal.write(
        Write(
            expected=index,
            leaves=[leaf_of(record.envelope, index, party.id)],
            notes={PARTY + party.id: file.render()},
        )
    )
    publish_head(node)
    return node.parties()[party.id]
