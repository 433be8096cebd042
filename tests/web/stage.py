"""Nodes for the tests of pages: a case of the small world as one of its parties holds it, and a live one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from litestar import Litestar
from litestar.testing import TestClient

from comity.adapters.memory_journal import MemoryJournal
from comity.errors import NotVerified, Unavailable
from comity.evidence.seal import Declared
from comity.exchange import acts, evidence, findings, handing_over
from comity.exchange.node import CASE_KEY, PARTY, Node, PartyFile
from comity.exchange.ports import Held, Leaf, Write
from comity.findings.finding import Parameters
from comity.records import ed25519, envelopes, kinds
from comity.records.kinds import Assertion, Named, Position, Purpose, Support, Target
from comity.web.app import make_app
from tests.exchange.network import Clock, PublicMemory, World, lines
from tests.world import Actor, FullCase

TOKEN = "a-token-of-these-tests"

RULE = b"""title: Night export
logsource: {product: mail}
detection:
  sel: {action: export}
  condition: sel
"""


class MemoryBlobs:
    """``exchange.ports.Blobs`` in a dictionary."""

    def __init__(self) -> None:
        self._held: dict[str, bytes] = {}

    def put(self, data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        self._held[digest] = data
        return digest

    def put_stream(self, chunks: Iterable[bytes]) -> str:
        return self.put(b"".join(chunks))

    def get(self, digest: str) -> bytes:
        if digest not in self._held:
            raise Unavailable("blob.missing", digest, "not held")
        return self._held[digest]

    def open_stream(self, digest: str) -> Iterator[bytes]:
        return iter([self.get(digest)])

    def has(self, digest: str) -> bool:
        return digest in self._held

    def erase(self, digest: str) -> None:
        self._held.pop(digest, None)


class Keys:
    """``exchange.ports.Signer`` of an actor."""

    def __init__(self, actor: Actor) -> None:
        self._actor = actor

    def seed(self, purpose: str) -> bytes:
        return self._actor.key(purpose)

    def public(self, purpose: str) -> bytes:
        return ed25519.public_of(self.seed(purpose))

    def adopt(self, coming: Mapping[Purpose, bytes]) -> None:
        raise AssertionError("an actor takes up its keys itself")

    def adopt_recipient(self, age: str) -> None:
        raise AssertionError("these keys stay as they are")

    def age_recipient(self) -> str:
        return self._actor.party.card.age

    def open_sealed(self, sealed: bytes) -> bytes:
        raise NotVerified("box.form", "inbox", "not sealed to this node")


class NoBoxes:
    """``exchange.ports.Boxes`` that seals nothing: what it gives is as open as what it takes."""

    def seal_to(self, recipients: Sequence[str], data: bytes) -> bytes:
        return data


def node_of(full: FullCase, actor: Actor, *, bare: Iterable[str] = ()) -> Node:
    """A node of one actor that holds the whole case; of the records named ``bare`` only the envelope."""
    world = full.world
    journal, public = MemoryJournal(), PublicMemory()
    node = Node(
        journal=journal,
        blobs=MemoryBlobs(),
        public=public,
        signer=Keys(actor),
        boxes=NoBoxes(),
        effects=Clock("stage", world.now),
    )
    notes = {PARTY + a.id: _card(full, a) for a in world.actors.values()}
    notes["self"] = actor.id.encode()
    notes[CASE_KEY + full.case.id] = full.case.key
    leaves = []
    rotated = {envelopes.open_envelope(r.envelope).id: a for a in world.actors.values() for r in a.rotations}
    for index, raw in enumerate(actor.entries):
        envelope = envelopes.open_envelope(raw)
        iss = (rotated.get(envelope.id) or world.authors[envelope.id]).id
        leaves.append(
            Leaf(index=index, id=envelope.id, iss=iss, sub=envelope.sub, seq=envelope.seq, envelope=raw)
        )
    closed = set(bare)
    held = [_held(full, r.value.id, name not in closed) for name, r in full.records.items()]
    attestations = [(full.case.id, a.value.id, a.value.raw) for a in full.attestations]
    journal.write(Write(expected=0, leaves=leaves, held=held, attestations=attestations, notes=notes))
    for name, data in actor.public().items():
        public.write(name, data)
    return node


def _card(full: FullCase, actor: Actor) -> bytes:
    card = full.world.bundles[actor.party.card_record.id]
    return PartyFile(card=card, rotations=tuple(actor.rotations)).render()


def _held(full: FullCase, record: str, opened: bool) -> Held:
    world = full.world
    bundle, author = world.bundles[record], world.authors[record]
    envelope = envelopes.open_envelope(bundle.envelope)
    return Held(
        id=record,
        case=full.case.id,
        iss=envelope.iss,
        sub=envelope.sub,
        seq=envelope.seq,
        home=author.ledger.id,
        envelope=bundle.envelope,
        receipt=bundle.receipt,
        opening=bundle.opening if opened else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """Three real nodes and a case with real evidence: sealed, found, disclosed, run again, and different."""

    world: World
    case: str
    root: str
    seal: str
    finding: str
    claim: str
    rows: str
    whole: str


def tell(folder: Path, text: str = "Mailboxes were exported at night.", more: Sequence[str] = ()) -> Live:
    """Alder claims, Birch asks, gets rows and then the whole, runs again with another zone, and disputes.

    ``text`` is the assertion; ``more`` are rows added to the log.
    """
    world = World(folder, ["alder", "birch", "cedar"])
    a, b, c = world.nodes
    policy = kinds.Policy(
        quorum=1,
        witnesses=tuple(kinds.Witness(vkey=n.party.card.witness, party=n.party.id) for n in (a, b, c)),
    )
    case = acts.open_case(a, "2026-10-05", policy, "Mail system")
    for other in (b, c):
        acts.invite(a, case, other.party.id)
    world.settle()
    log = ["time,user,action"] + [
        f"2026-10-03T{h:02d}:{m:02d}:00,u{m},{'export' if m == 7 else 'read'}"
        for h in range(24)
        for m in range(60)
    ]
    declared = Declared(zone="+00:00", origin="gateway")
    seal, sealed = evidence.seal_item(a, case, lines([*log, *more]), "mail.csv", "csv/1", declared)
    told = Parameters(
        zone="+00:00",
        since="2026-10-03T02:00:00Z",
        until="2026-10-03T08:00:00Z",
        logsource=(("product", "mail"),),
    )
    finding, _ = findings.report(a, case, seal.value.id, [("night.yml", RULE)], told)
    named = Named(name="Birch", party=b.party.id)
    support = Support(kind="finding", record=finding.value.id, inference="export rows at night")
    claim = acts.state_claim(
        a, case, "Night export", [Assertion(text=text, level="tactical", about=(named,), supports=(support,))]
    )
    acts.give_notice(a, case, claim.value.id, [0], named, "We are about to publish this.")
    world.settle()
    asked = kinds.Request(to=a.party.id, type="evidence", text="Show the rows.", due=acts.time_in(b, 7200))
    acts.request(b, case, asked)
    rows = findings.rows_matched(findings.reported_at(a.state(case), finding.value.id))
    shown = handing_over.disclose_rows(
        a, case, seal.value.id, rows[:2], to=[b.party.id], use="defence", basis="our own law"
    )
    world.settle()
    findings.replicate(b, case, finding.value.id)
    whole = handing_over.disclose_whole(
        a, case, seal.value.id, to=[c.party.id], use="defence", basis="our own law"
    )
    world.settle()
    handing_over.open_package(c, case, whole.value.id)
    moved = Parameters(zone="+02:00", since=told.since, until=told.until, logsource=told.logsource)
    findings.replicate(c, case, finding.value.id, parameters=moved)
    denial = Assertion(
        text="No export took place.",
        level="tactical",
        stance="denies",
        against=Target(record=claim.value.id, n=0),
    )
    acts.respond(b, case, claim.value.id, [Position(n=0, position="disputes", reasons="The zone.")], [denial])
    world.settle()
    return Live(
        world=world,
        case=case,
        root=sealed.item,
        seal=seal.value.id,
        finding=finding.value.id,
        claim=claim.value.id,
        rows=shown.value.id,
        whole=whole.value.id,
    )


def reading_pages(live: Live) -> list[str]:
    """Every kind of page that only shows, of the live case."""
    state = live.world.nodes[0].state(live.case)
    return [
        *(
            "/",
            "/evidence",
            "/editor",
            "/approvals",
            "/find?q=zz",
            "/find?q=000000",
            "/find?q=export",
            "/nothing-here",
        ),
        *(f"/case/{live.case}{part}" for part in ("", "/docket", "/docket?q=zz", "/law", "/matching")),
        *(f"/evidence/{live.root}", f"/evidence/{live.root}?q=export", f"/evidence/{live.root}?q=nothing"),
        *(f"/findings/{live.finding}", f"/shown/{live.rows}"),
        *(f"/record/{record.id}" for record in state.ordered),
        *("/case/zz", f"/record/{'0' * 64}"),
    ]


def app_of(node: Node) -> Litestar:
    """The app of a node, with the token of these tests."""
    return make_app(node, token=TOKEN, title=node.party.card.name)


def enter(client: TestClient[Litestar]) -> None:
    """Come in by the address with the token."""
    assert client.get("/", params={"token": TOKEN}).status_code == 200
