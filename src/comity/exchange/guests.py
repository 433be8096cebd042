"""A party without a node: it opens a notice from one file, checks it offline, and answers as a guest.

A notice file is text: a readable part, and the same as signed bytes below it. The readable part is made
from the bytes and must equal them, so nobody can put other words above a genuine signature. Opening it
records nothing. The reply is a file too; the node that gave the notice registers it in its ledger and passes
it on, and the guest's receipt shows whether that was done (``spec/08-ledger.md`` §6).
"""

from __future__ import annotations

import base64
import binascii
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from comity.case.judging import assertions_of
from comity.case.verified import Verified, verify_party, verify_read
from comity.errors import Malformed, NotVerified, Refused
from comity.evidence.seal import SealedItem
from comity.exchange.appending import register_said
from comity.exchange.authoring import issue_next, leaf_of, publish_head
from comity.exchange.delivery import address_of
from comity.exchange.node import PARTY, Node, PartyFile, parse_party_file
from comity.exchange.ports import Effects, Write
from comity.records import bodies, cbor, ed25519, envelopes, kinds, parties
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

NOTICE, REPLY = "NOTICE", "REPLY"
FILE_LIMIT = 16 * 1024 * 1024
SAID_BY_GUESTS = (
    *("notice.acknowledge", "response.make", "endorsement.make", "request.answer", "claim.withdraw"),
    *("evidence.seal", "evidence.derive", "evidence.disclose", "finding.report", "finding.replicate"),
    *("case.grant", "record.received"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeFile:
    """A notice that was checked: who gives it, about which assertions, and where a reply goes.

    ``giver`` proves only that one key signed all of it; whose key that is must be learned elsewhere.
    """

    giver: Party
    case: str
    case_key: bytes
    opening: Verified[Record]
    claim: Verified[Record]
    notice: Verified[Record]
    reply_to: str

    @property
    def give(self) -> kinds.Give:
        content = self.notice.value.content
        assert isinstance(content, kinds.Give)
        return content

    @property
    def assertions(self) -> tuple[tuple[int, Assertion], ...]:
        """The assertions that the notice is of, with their numbers."""
        content = self.claim.value.content
        assert content is not None
        stated = assertions_of(content)
        return tuple((n, stated[n]) for n in self.give.assertions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endorsed:
    """A guest's endorsement of assertion ``n`` of the claim it was told of: on what basis, and why."""

    n: int
    basis: kinds.Basis
    why: str


def notice_file(node: Node, case: str, notice: str) -> bytes:
    """The file that carries a notice of this node's to a party without one. It holds the case key, so it goes
    to that party and nobody else."""
    state = node.state(case)
    record = state.accepted.get(notice)
    if record is None or not isinstance(record.content, kinds.Give) or record.author != node.party.id:
        raise Refused("notice.unknown", notice[:12], "not a notice that this node gave in this case")
    assert state.opening is not None
    wanted = [state.opening.id, record.content.target, notice]
    bundles = []
    for wanted_id in wanted:
        held = node.journal.held_record(wanted_id)
        assert held is not None
        bundles.append(render_bundle(node.held_bundle(held, True)))
    cards = [node.party_file(p).render() for p in sorted({node.party.id, state.opening.author})]
    to = address_of(node, node.party.id)
    data = cbor.encode([1, node.case_key(case), cards, bundles, to])
    return _armour(NOTICE, _notice_text(_read_notice(data)), data)


def read_notice(raw: bytes, where: str = "notice") -> NoticeFile:
    """Check a notice file: form, signatures, receipts, that it is of these assertions of this case, and that
    the readable part says what the signed bytes say."""
    text, data = _unarmour(NOTICE, raw, where)
    notice = _read_notice(data, where)
    if text != _notice_text(notice):
        raise NotVerified("notice.text", where, "the readable part is not what was signed")
    return notice


def _read_notice(data: bytes, where: str = "notice") -> NoticeFile:
    match cbor.decode(data, where, other="notice.form"):
        case [1, bytes() as key, [*cards], [*records], str() as to] if (
            len(records) == 3 and cbor.all_bytes(cards) and cbor.all_bytes(records)
        ):
            pass
        case _:
            raise Malformed("notice.form", where, "not a notice")
    known: dict[str, Party] = {}
    for n, raw in enumerate(cards):
        file = parse_party_file(raw, f"{where}.parties[{n}]")
        party = verify_party(file.card, file.rotations, None, f"{where}.parties[{n}]")
        known[party.id] = party
    told: list[Verified[Record]] = []
    for n, raw in enumerate(records):
        at = f"{where}.records[{n}]"
        bundle = parse_bundle(raw, at)
        record = open_record(envelopes.open_envelope(bundle.envelope, at), bundle.opening, at)
        author = known.get(record.envelope.iss)
        if author is None:
            raise NotVerified("party.unknown", at, "the card of its author is not in the file")
        told.append(verify_read(record, bundle.receipt, author, author, at))
        if record.envelope.sub != envelopes.alias(key, author.id):
            raise NotVerified("case.alias", at, "does not carry its author's alias for this case")
    opened, stated, given = (v.value for v in told)
    if not isinstance(opened.content, kinds.Open) or envelopes.key_hash(key) != opened.content.key_hash:
        raise NotVerified("case.key", where, "the case key is not the key of this case")
    case = envelopes.case_id(opened.content.key_hash, opened.envelope.iss)
    give = given.content
    if not isinstance(give, kinds.Give) or give.target != stated.id or stated.content is None:
        raise NotVerified("notice.target", where, "is not a notice of the claim beside it")
    if any(record.frame is None or record.frame.case != case for record in (opened, stated, given)):
        raise NotVerified("notice.case", where, "its records are of different cases")
    if stated.envelope.iss != given.envelope.iss or not 0 <= give.assertions[0] <= give.assertions[-1]:
        raise NotVerified("notice.target", where, "is of what another party said")
    if give.assertions[-1] >= len(assertions_of(stated.content)):
        raise NotVerified("notice.target", where, "is of an assertion that the claim does not state")
    return NoticeFile(
        giver=known[given.envelope.iss],
        case=case,
        case_key=key,
        opening=told[0],
        claim=told[1],
        notice=told[2],
        reply_to=to,
    )


def _notice_text(notice: NoticeFile) -> str:
    give = notice.give
    lines = [
        "COMITY NOTICE",
        "",
        f"To:       {_plain(give.to.name)}",
        f"From:     {_plain(notice.giver.card.name)}",
        f"          party {_grouped(notice.giver.id)}",
        f"Case:     {notice.case[:16]}",
        "",
        "In the words of the sender, each line behind a bar:",
        "",
        *_quoted(give.text),
        "",
        "It is asserted that:",
        "",
    ]
    for number, (n, assertion) in enumerate(notice.assertions, 1):
        lines += [f"{number}. [{assertion.level}]", *_quoted(assertion.text, "   ")]
        supports = len(assertion.supports)
        lines += [f"   Assertion number {n + 1} of the claim; {supports} support(s) are named in it.", ""]
    lines += _wrapped(
        "Reading this records nothing. Acknowledging it, or answering, concedes nothing: no fact, no "
        "procedure, no jurisdiction. Whether the key above belongs to the office it names cannot be "
        "learned from this file; ask by a channel you trust. Intact is not the same as true."
    )
    lines += [
        "",
        "To check it offline:   comity notice show FILE",
        "To answer, no node needed:   comity notice answer FILE",
    ]
    lines += [f"A reply can be handed in at:   {_plain(notice.reply_to)}"] if notice.reply_to else []
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    """Text on one line; what could reorder or hide it is shown by number."""
    return "".join(c if c.isprintable() and c not in _BIDI else f"<U+{ord(c):04X}>" for c in text)


_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(_plain(text), 88)


def _quoted(text: str, indent: str = "") -> list[str]:
    """A party's own words, marked line by line, so that they cannot pass for the form around them."""
    out: list[str] = []
    for line in text.split("\n"):
        out += [f"{indent}| {part}".rstrip() for part in textwrap.wrap(_plain(line), 84) or [""]]
    return out


def _grouped(digits: str) -> str:
    return " ".join(digits[i : i + 8] for i in range(0, len(digits), 8))


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
) -> bytes:
    """The reply file of a guest: its card; an acknowledgement if ``acknowledge`` says something; the seals of
    items that it keeps itself; a response if there is a position or an assertion; endorsements.

    ``seed`` (32 bytes) is the guest's key: keep it. An endorsement on own evidence rests on the ``seals``.
    """
    notice = read_notice(raw)
    if not (acknowledge or positions or assertions or endorse):
        raise ValueError("a reply acknowledges, takes a position, endorses or asserts something")
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
    chain = _Chain(notice, guest, seed, card_record.id, effects)
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
    card_bundle = render_bundle(Bundle(envelope=card_record.envelope.raw, opening=opening))
    data = cbor.encode([1, notice.case, card_bundle, [render_bundle(b) for b in chain.bundles]])
    return _armour(REPLY, f"COMITY REPLY\n\nFrom:     {_plain(name)}\nCase:     {notice.case[:16]}\n", data)


class _Chain:
    """A guest's records in one case, as they are made."""

    def __init__(self, notice: NoticeFile, guest: str, seed: bytes, card: str, effects: Effects) -> None:
        self.notice, self.guest, self.seed, self.card, self.effects = notice, guest, seed, card, effects
        self.bundles: list[Bundle] = []
        self.prev = kinds.NO_CASE

    def add(self, content: Content, references: set[str]) -> str:
        claim = self.notice.claim.value.frame
        assert claim is not None
        audience = {*claim.audience, self.notice.giver.id}
        frame = Frame(
            kind=content.kind,
            author=self.guest,
            case=self.notice.case,
            at=bodies.time_text(self.effects.now()),
            marking="TLP:AMBER",
            audience=(kinds.PUBLIC,) if kinds.PUBLIC in audience else tuple(sorted(audience)),
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


def _seal(item: SealedItem) -> kinds.Seal:
    return kinds.Seal(
        item=kinds.Item(root=item.item, size=item.size),
        splitter=item.format,
        bytes=item.bytes,
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


def take_reply(node: Node, raw: bytes) -> list[str]:
    """Register a guest's reply here and pass it on: ids of its records. Taking it twice changes nothing.

    All of it is registered, or nothing: where the rules refuse one record, ``Refused`` says which rule, and
    the guest can correct its reply. (Its card may then stand in the ledger already.)
    """
    _, data = _unarmour(REPLY, raw, "reply")
    match cbor.decode(data, "reply", other="reply.form"):
        case [1, str() as case, bytes() as card, [*records]] if cbor.all_bytes(records):
            pass
        case _:
            raise Malformed("reply.form", "reply", "not a reply")
    with node.lock:
        key = node.case_key(case)
        guest = _guest_of(node, parse_bundle(card, "reply.card"))
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
        guest = _enrol(node, parse_bundle(card, "reply.card"), guest)
        fresh = [record for record in checked if node.journal.held_record(record.id) is None]
        if fresh:
            register_said(node, case, guest, fresh)
        return [record.id for record in checked]


def _guest_of(node: Node, card: Bundle) -> Party:
    record = open_record(envelopes.open_envelope(card.envelope, "reply.card"), card.opening, "reply.card")
    guest = parties.found_party(record, 0, "reply.card")
    if guest.card.home != node.party.id:
        raise Refused("guest.home", "reply.card", "this guest names another home than this node")
    return node.parties().get(guest.id, guest)


def _answers(node: Node, record: Record) -> bool:
    """Whether a guest's record is about something that this node signed or its guests did."""
    content = record.content
    if isinstance(content, kinds.Acknowledge):
        about = content.notice
    elif isinstance(content, kinds.Response):
        about = content.target
    elif isinstance(content, kinds.Endorse):
        about = content.target.record
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


def _armour(what: str, text: str, data: bytes) -> bytes:
    lines = textwrap.wrap(base64.b64encode(data).decode(), 76)
    body = "\n".join(lines)
    return f"{text}\n-----BEGIN COMITY {what}-----\n{body}\n-----END COMITY {what}-----\n".encode()


def _unarmour(what: str, raw: bytes, where: str) -> tuple[str, bytes]:
    """The readable part and the signed bytes; ``Malformed`` in any other spelling."""
    if len(raw) > FILE_LIMIT:
        raise Malformed("armour.size", where, "the file is too large")
    try:
        text, _, rest = raw.decode().partition(f"\n-----BEGIN COMITY {what}-----\n")
        body, end, after = rest.partition(f"\n-----END COMITY {what}-----\n")
        data = base64.b64decode("".join(body.split("\n")), validate=True)
    except (UnicodeDecodeError, binascii.Error):
        raise Malformed("armour.form", where, f"not a Comity {what.lower()} file, or damaged") from None
    if not end or after or _armour(what, text, data) != raw:
        raise Malformed(
            "armour.form", where, f"not a Comity {what.lower()} file in its one spelling, or damaged"
        )
    return text, data
