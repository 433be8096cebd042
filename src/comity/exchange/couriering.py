"""Couriers: another party tries to hand over a sealed notice, and signs what came of it (rule 28).

The giver seals to the addressee what it may read of the case, and passes the sealed bytes to couriers that
the addressee's card or the opening lists and that agreed to carry in this case. A courier learns the bytes'
size, the addressee and its address. Its attempt proves that it tried, and neither reading nor content.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Literal

from comity.case.attempts import attempts_for
from comity.case.clocks import notices
from comity.case.state import Accepted, State
from comity.errors import ComityError, Malformed, NotVerified, Refused, Unavailable
from comity.exchange import acts, delivery
from comity.exchange.node import Node, open_card, parse_party_file
from comity.exchange.ports import Peers, Write
from comity.records import bodies, cbor, ed25519, kinds, parties
from comity.records.bundles import render_bundle

COURIER = "/x/courier"
JOB_LIMIT = 16 * 1024 * 1024
"""The longest sealed notice that is passed to a courier, in bytes."""
JOB_COUNT = 100
"""The most notices that a courier has on hand."""
PATIENCE = 24 * 3600
"""Seconds, by the giver's own clock, after which a notice without a receipt is passed to couriers."""
TRIES, PAUSE = 3, 6 * 3600
"""How often a courier tries, and the seconds between two tries."""

AGREED, JOB, PASSED, ASKED = "courier/agreed/", "courier/job/", "courier/passed/", "courier/asked/"
_DOMAIN = b"comity/1/courier\0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A sealed notice that a courier has on hand: tried so often, the last time then."""

    case: str
    notice: str
    party: bytes
    sealed: bytes
    tries: int = 0
    last: int = 0

    def render(self) -> bytes:
        """Deterministic CBOR, as it is kept."""
        return cbor.encode([1, self.case, self.notice, self.party, self.sealed, self.tries, self.last])


def agree(node: Node, case: str, carries: bool = True) -> None:
    """Carry notices in a case from now on, or no longer."""
    node.case_key(case)
    node.journal.write(Write(notes={AGREED + case: b"yes" if carries else b"no"}))


def agreed(node: Node, case: str) -> bool:
    """Whether this node carries notices in a case."""
    return node.journal.note(AGREED + case) == b"yes"


def couriers_for(node: Node, state: State, party: str) -> tuple[str, ...]:
    """Who may attempt to deliver to a party: by its newest contacts, and by the case's policy; not itself."""
    known = node.parties().get(party)
    contacts = parties.contacts_of(known) if known else ()
    listed = {c.address for c in contacts if c.kind == "courier"}
    listed |= set(state.policy.couriers) if state.policy else set()
    return tuple(sorted(listed - {party}))


def unanswered(node: Node, case: str) -> list[Accepted]:
    """This party's notices in a case of which no receipt is held."""
    state = node.state(case)
    open_ = {n.notice for n in notices(state, node.parties()) if n.state in ("given", "delivery-attempted")}
    return [state.accepted[n] for n in sorted(open_) if n and state.accepted[n].author == node.party.id]


def pass_on(node: Node, peers: Peers, case: str, notice: str) -> list[tuple[str, ComityError | None]]:
    """Pass one's own notice to its couriers: each with the error by which it declined, or None.

    ``Refused``: ``courier.notice`` (not an own notice to a party with an address), ``courier.none``,
    ``courier.size``.
    """
    state = node.state(case)
    given = state.accepted.get(notice)
    content = given.content if given else None
    if given is None or not isinstance(content, kinds.Give) or given.author != node.party.id:
        raise Refused("courier.notice", notice[:12], "not a notice that this party gave")
    to = content.to.party
    if not to or not delivery.address_of(node, to):
        raise Refused("courier.notice", notice[:12], "whom it tells has no address of its own that is known")
    asked = [c for c in couriers_for(node, state, to) if c != node.party.id and delivery.address_of(node, c)]
    if not asked:
        raise Refused(
            "courier.none", notice[:12], "neither the addressee's contacts nor the case lists a courier"
        )
    sealed = delivery.seal_parcel(node, to, _for_reader(node, state, to)).body
    if len(sealed) > JOB_LIMIT:
        raise Refused("courier.size", notice[:12], "what the addressee may read is too large to be carried")
    job = Job(case=case, notice=notice, party=node.party_file(to).render(), sealed=sealed).render()
    signature = ed25519.sign(node.seed("statement"), _DOMAIN + hashlib.sha256(job).digest())
    outcome: list[tuple[str, ComityError | None]] = []
    for courier in asked:
        body = node.boxes.seal_to(
            [parties.recipient_of(node.author(courier))], cbor.encode([1, job, signature])
        )
        try:
            peers.post(delivery.address_of(node, courier), COURIER, body)
        except ComityError as error:
            outcome.append((courier, error))
        else:
            node.journal.write(Write(notes={f"{PASSED}{notice}/{courier}": b"yes"}))
            outcome.append((courier, None))
    return outcome


def _for_reader(node: Node, state: State, to: str) -> delivery.Parcel:
    """All records of a case: opened as far as this party may read them, bare envelopes of the rest."""
    return delivery.Parcel(
        case=state.case,
        parties=[node.party_file(p).render() for p in delivery.authors_of(node, state)],
        bundles=[node.held_bundle(h, state.readable_by(h.id, to)) for h in node.journal.held(state.case)],
        attestations=[raw for _, raw in node.journal.attestations(state.case)],
    )


def take_job(node: Node, sealed: bytes) -> None:
    """Take on a notice that its giver passed; the same one again changes nothing.

    ``Refused``: ``courier.declined`` (this node does not carry in the case), ``courier.unlisted``,
    ``courier.unknown`` (no such record is held), ``courier.size``. ``NotVerified``: not by its author.
    """
    match cbor.decode(node.signer.open_sealed(sealed), "courier", other="courier.form"):
        case [1, bytes() as raw, bytes() as signature]:
            job = _parse(raw)
        case _:
            raise Malformed("courier.form", "courier", "not a notice to carry")
    with node.lock:
        if job.case not in node.cases() or not agreed(node, job.case):
            raise Refused("courier.declined", job.case[:12], "this node does not carry notices in this case")
        state = node.state(job.case)
        fact = state.records.get(job.notice)
        if fact is None:
            raise Refused("courier.unknown", job.notice[:12], "no such record of the case is held here yet")
        giver = node.author(fact.value.envelope.iss)
        ed25519.verify(giver.newest.key, signature, _DOMAIN + hashlib.sha256(raw).digest(), "courier")
        if job.tries or job.last:
            raise Malformed("courier.form", "courier", "says that it was tried before")
        file = parse_party_file(job.party, "courier.party")
        to = delivery.learn_party(node, file)
        if node.party.id not in couriers_for(node, state, to) or to == giver.id:
            raise Refused(
                "courier.unlisted", to[:12], "neither its card nor the case lists this party as courier"
            )
        if node.journal.note(JOB + job.notice) is not None:
            return
        if len(_jobs(node)) >= JOB_COUNT or len(job.sealed) > JOB_LIMIT:
            raise Refused("courier.size", job.notice[:12], "no room for more to carry")
        node.journal.write(Write(notes={JOB + job.notice: raw}))


def _parse(raw: bytes) -> Job:
    match cbor.decode(raw, "courier.job", other="courier.form"):
        case [
            1,
            str() as case,
            str() as notice,
            bytes() as party,
            bytes() as sealed,
            int() as tries,
            int() as last,
        ] if tries >= 0 <= last:
            return Job(case=case, notice=notice, party=party, sealed=sealed, tries=tries, last=last)
    raise Malformed("courier.form", "courier.job", "not a notice to carry")


def _jobs(node: Node) -> list[Job]:
    """What is still to be tried. One that is done keeps its place, without bytes, so as not to come back."""
    found = [_parse(raw) for raw in node.journal.notes(JOB).values()]
    return [job for job in found if job.tries < TRIES]


def carry(node: Node, peers: Peers) -> list[tuple[str, ComityError]]:
    """One turn of a courier: try what is due, and sign what came of it; what went wrong here, by case."""
    failures: list[tuple[str, ComityError]] = []
    for job in _jobs(node):
        try:
            _try(node, peers, job)
        except ComityError as error:
            failures.append((job.case[:12], error))
    return failures


def _try(node: Node, peers: Peers, job: Job) -> None:
    now = node.effects.now()
    if not agreed(node, job.case) or (job.tries and 0 <= now - job.last < PAUSE):
        return
    to = delivery.learn_party(node, parse_party_file(job.party, "courier.party"))
    receipts = node.state(job.case).of("record.received")
    if any(r.author == to and getattr(r.content, "record", "") == job.notice for r in receipts):
        _keep(node, replace(job, tries=TRIES, last=now, sealed=b""))
        return
    # Where the addressee is reached now, by what this courier knows of it: it may have moved since its card.
    file = node.party_file(to)
    contacts = parties.contacts_of(node.author(to))
    address = next((c.address for c in contacts if c.kind == "node"), "")
    if not address or node.party.id not in couriers_for(node, node.state(job.case), to):
        _keep(node, replace(job, tries=TRIES, last=now, sealed=b""))
        return
    moved = contacts != open_card(file.card).contacts
    result = _post(peers, address, job.sealed)
    content = kinds.Attempt(
        notice=job.notice,
        to=to,
        card=render_bundle(file.card).hex(),
        keys=tuple(render_bundle(one).hex() for one in file.rotations) if moved else (),
        address=address,
        sent=hashlib.sha256(job.sealed).hexdigest(),
        result=result,
    )
    # A crash between the two signs one attempt more, never one that was not made.
    acts.say(node, job.case, content)
    tries = TRIES if result == "reached" else job.tries + 1
    _keep(node, replace(job, tries=tries, last=now, sealed=b"" if tries == TRIES else job.sealed))


def _keep(node: Node, job: Job) -> None:
    node.journal.write(Write(notes={JOB + job.notice: job.render()}))


def _post(peers: Peers, address: str, sealed: bytes) -> Literal["reached", "refused", "no-answer"]:
    try:
        peers.post(address, delivery.INBOX, sealed)
    except Unavailable:
        return "no-answer"
    except ComityError:
        return "refused"
    return "reached"


def pass_on_due(node: Node, peers: Peers) -> list[tuple[str, ComityError]]:
    """One turn of a giver: its notices without a receipt after ``PATIENCE`` go to their couriers, once."""
    failures: list[tuple[str, ComityError]] = []
    for case in node.cases():
        try:
            # Most turns end here: to see which notices are unanswered takes the whole case.
            due = {r.id for r in node.state(case).of("notice.give") if _due(node, r)}
            for given in unanswered(node, case) if due else ():
                if given.id not in due or attempts_for(node.state(case), given):
                    continue
                node.journal.write(Write(notes={ASKED + given.id: str(node.effects.now()).encode()}))
                for _, error in pass_on(node, peers, case, given.id):
                    if error is not None and not isinstance(error, NotVerified):
                        failures.append((case[:12], error))
        except ComityError as error:
            # Without couriers, or an address to reach, there is nobody to pass it to, and nothing to tell.
            if error.code not in ("courier.none", "courier.notice"):
                failures.append((case[:12], error))
    return failures


def _due(node: Node, given: Accepted) -> bool:
    if given.author != node.party.id:
        return False
    now = node.effects.now()
    if now - bodies.parse_time(given.frame.at) < PATIENCE or node.journal.notes(f"{PASSED}{given.id}/"):
        return False
    asked = int(node.journal.note(ASKED + given.id) or b"0")
    return not 0 <= now - asked < PAUSE
