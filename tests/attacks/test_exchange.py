"""Attacks on a node by whoever can reach it, and by members of a case that mean harm."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from comity.adapters.age_boxes import AgeBoxes
from comity.case.verified import render_attestation
from comity.errors import ComityError, Malformed, NotVerified, Refused
from comity.exchange import acts, delivery, guests, mirroring, publishing, witnessing, working
from comity.exchange.appending import read_entry, register_entries
from comity.exchange.authoring import Draft, author, checkpoint, issue_next
from comity.exchange.guests import parse_reply
from comity.exchange.node import PARTY, Node, PartyFile
from comity.exchange.notices import forms
from comity.exchange.notices.armour import REPLY, armoured
from comity.exchange.ports import Write
from comity.ledger import note, witness
from comity.records import cbor, ed25519, envelopes, kinds, parties
from comity.records.bundles import Bundle, commitment, make_opening, render_bundle
from comity.records.kinds import Assertion, Named
from comity.records.parties import Party
from tests.exchange.network import World

OUTSIDE = kinds.Frame(
    kind="party.card",
    author=kinds.SELF,
    case=kinds.NO_CASE,
    at="2026-10-05T00:00:00Z",
    marking="TLP:CLEAR",
    audience=(kinds.PUBLIC,),
    rules=1,
)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Alder and Birch share cases; nobody asked for Mallow."""
    return World(tmp_path, ["alder", "birch", "mallow"])


def open_case(world: World, *others: Node) -> str:
    a = world.nodes[0]
    policy = kinds.Policy(
        quorum=1,
        witnesses=tuple(kinds.Witness(vkey=n.party.card.witness, party=n.party.id) for n in world.nodes),
    )
    case = acts.open_case(a, "2026-10-05", policy, "Mail system")
    for other in others:
        acts.invite(a, case, other.party.id)
    world.settle()
    return case


def restarted(node: Node) -> Node:
    return Node(
        journal=node.journal,
        blobs=node.blobs,
        public=node.public,
        signer=node.signer,
        boxes=node.boxes,
        effects=node.effects,
    )


def card_of(party: Party, **changed: object) -> tuple[Party, PartyFile]:
    """Another card, with some of a party's public keys; its statement key is the attacker's own."""
    seed = bytes(range(32))
    fields = {name: getattr(party.card, name) for name in party.card.__struct_fields__}
    card = kinds.Card(**{**fields, "name": "Planted", "statement": ed25519.public_of(seed).hex(), **changed})
    opening = make_opening(OUTSIDE, card, bytes(32), bytes(32))
    _, record = parties.sign_card(seed, opening)
    file = PartyFile(card=Bundle(envelope=record.envelope.raw, opening=opening))
    return parties.found_party(record, 0), file


def own_guest(home: Node, seed: bytes = bytes(range(1, 33)), **more: object) -> tuple[str, PartyFile]:
    card = kinds.Card(name="Guest", statement=ed25519.public_of(seed).hex(), home=home.party.id, **more)  # type: ignore[arg-type]
    opening = make_opening(OUTSIDE, card, bytes(32), bytes(32))
    guest, record = parties.sign_card(seed, opening)
    _, receipt = issue_next(home, record.envelope)
    return guest, PartyFile(card=Bundle(envelope=record.envelope.raw, opening=opening, receipt=receipt))


def sealed_to(node: Node, parcel: delivery.Parcel) -> bytes:
    return AgeBoxes().seal_to([node.party.card.age], parcel.render())


def test_a_card_with_junk_for_a_receipt_does_not_hide_its_guests(world: World) -> None:
    """Nothing signs the receipt beside a node's card; however long it is, homes are read before guests."""
    a, _, m = world.nodes
    guest, file = own_guest(m)
    home = m.party_file(m.party.id)
    home = PartyFile(card=dataclasses.replace(home.card, receipt=b"x" * 10_000))
    a.journal.write(Write(notes={PARTY + m.party.id: home.render(), PARTY + guest: file.render()}))
    assert guest in restarted(a).parties()


def test_guest_and_home_in_one_message_in_any_order(world: World) -> None:
    a, _, m = world.nodes
    case = open_case(world)
    guest, file = own_guest(m)
    learned, _ = delivery._check_parties(a, [file.render(), m.party_file(m.party.id).render()])
    assert guest in learned
    assert a.state(case).members == (a.party.id,)


def test_a_stranger_cannot_fill_a_node_with_cards(world: World) -> None:
    a, _, m = world.nodes
    case = open_case(world)
    planted, file = card_of(m.party)
    parcel = delivery.Parcel(case=case, parties=[file.render()])
    assert delivery.receive(a, sealed_to(a, parcel)) == []
    assert planted.id not in a.parties()
    with pytest.raises(Refused, match="not invited"):
        delivery.receive(a, sealed_to(a, dataclasses.replace(parcel, case="ab" * 32)))
    assert planted.id not in a.parties()


def test_a_ledger_name_taken_by_another_card(world: World) -> None:
    """A card may claim any name for its ledger; attestations and cosignatures go by the key behind it."""
    a, b, m = world.nodes
    case = open_case(world, b)
    name = a.party.card.checkpoint.partition("+")[0]
    _, public = ed25519.public_of(bytes([7]) * 32), ed25519.public_of(bytes([8]) * 32)
    planted, file = card_of(m.party, checkpoint=str(note.vkey_of(name, public)))
    for node in (a, b):
        node.journal.write(Write(notes={PARTY + planted.id: file.render()}))
        assert len(node.ledgers_named(name)) == 2
    again = restarted(b)
    assert set(again.state(case).attestations) == set(a.state(case).attestations) != set()
    world.network.nodes["http://birch.example"] = again
    acts.state_claim(a, case, "More", [Assertion(text="More was seen.", level="tactical", about=())])
    world.settle()
    newest = [f for f in a.state(case).records.values() if f.home == a.party.id][-1].value.id
    assert any(newest in f.value.records for f in a.state(case).attestations.values())


def test_a_case_id_taken_in_advance(world: World) -> None:
    """Mallow knows the id of a case; it cannot plant a key under it that locks Birch out of the real one."""
    a, b, m = world.nodes
    case = open_case(world)
    key = bytes([9]) * 32
    policy = kinds.Policy(quorum=1, witnesses=(kinds.Witness(vkey=m.party.card.witness),))
    sub = envelopes.alias(key, m.party.id)
    bundles: list[Bundle] = []
    contents: list[kinds.Content] = [
        kinds.Open(key_hash=envelopes.key_hash(key), date="2026-10-05", policy=policy),
        kinds.Invite(to=b.party.id, sealed_key=AgeBoxes().seal_to([b.party.card.age], key).hex()),
    ]
    prev = kinds.NO_CASE
    for seq, content in enumerate(contents):
        frame = kinds.Frame(
            kind=content.kind,
            author=m.party.id,
            case=case,
            at="2026-10-05T00:00:00Z",
            marking="TLP:AMBER",
            audience=(b.party.id,),
            rules=1,
        )
        opening = make_opening(frame, content, bytes(32), bytes(32))
        envelope = envelopes.seal_envelope(
            m.signer.seed("statement"),
            iss=m.party.id,
            sub=sub,
            seq=seq,
            prev=prev,
            keys=m.party.newest.record,
            payload=commitment(opening),
        )
        prev = envelope.id
        bundles.append(Bundle(envelope=envelope.raw, opening=opening, receipt=issue_next(m, envelope)[1]))
    with pytest.raises(NotVerified, match="not the key of this case"):
        delivery.receive(b, sealed_to(b, delivery.Parcel(case=case, bundles=bundles)))
    acts.invite(a, case, b.party.id)
    world.settle()
    assert b.state(case).members == (a.party.id, b.party.id)


def test_a_party_that_nothing_can_be_sealed_to(world: World) -> None:
    """A member brings in a card with no usable age key: it is not learned, so nobody's acts stop."""
    a, _, m = world.nodes
    open_case(world)
    _, file = card_of(m.party, age="age1nothing")
    with pytest.raises(Malformed, match="age"):
        delivery.learn_party(a, file)


def test_a_guest_with_a_node_address_stops_nobody(world: World) -> None:
    a, b, m = world.nodes
    case = open_case(world, b, m)
    guest, file = own_guest(m, contacts=(kinds.Contact(kind="node", address="http://guest.example"),))
    m.journal.write(Write(notes={PARTY + guest: file.render()}))
    acts.invite(m, case, guest)
    world.settle()
    assert guest in a.state(case).members
    acts.state_claim(a, case, "Still here", [Assertion(text="It goes on.", level="tactical", about=())])


def test_who_was_only_told_brings_nobody_in(world: World) -> None:
    """The file of a notice holds the case key; with it a stranger can sign, but brings nobody in."""
    a, b, m = world.nodes
    case = open_case(world, b)
    m.journal.write(Write(notes={f"case-key/{case}": a.case_key(case)}))
    record = b.journal.held_record(a.state(case).opening.id)  # type: ignore[union-attr]
    assert record is not None
    friend, file = card_of(a.party)
    m.journal.write(Write(held=[record], notes={PARTY + friend.id: file.render()}))
    author(
        m,
        case,
        Draft(
            content=kinds.Invite(to=friend.id),
            audience=[a.party.id],
            references=[record.id],
        ),
    )
    held = list(m.journal.held(case))[-1]
    parcel = delivery.Parcel(case=case, bundles=[m.held_bundle(held, True)])
    delivery.receive(a, sealed_to(a, parcel))
    assert held.id in a.state(case).accepted
    assert a.state(case).members == (a.party.id, b.party.id)


def told(world: World) -> tuple[str, bytes]:
    a, b, _ = world.nodes
    case = open_case(world, b)
    named = Named(name="Rowan Office")
    claim = acts.state_claim(a, case, "t", [Assertion(text="x", level="tactical", about=(named,))])
    notice = acts.give_notice(a, case, claim.value.id, [0], named, "Please answer.")
    return case, forms.write_text(forms.notice_data(a, case, notice.value.id), "en")


def test_replies_that_answer_nothing_cost_no_leaf(world: World) -> None:
    a, _, _ = world.nodes
    case, _ = told(world)
    _, file = own_guest(a)
    before = a.journal.size()
    reply = armoured(REPLY, "COMITY REPLY\n", cbor.encode([1, case, render_bundle(file.card), []]))
    with pytest.raises(Refused, match="answers nothing"):
        guests.take_reply(a, reply)
    assert a.journal.size() == before


def test_one_key_is_not_two_voices_and_no_new_card_revives_an_ended_one(world: World) -> None:
    a, _, _ = world.nodes
    _, file = told(world)
    seed = bytes([7]) * 32

    def reply(name: str) -> bytes:
        return guests.answer_notice(file, name=name, seed=seed, effects=a.effects, acknowledge="read")

    guests.take_reply(a, reply("Rowan Office"))
    before = a.journal.size()
    with pytest.raises(Refused, match=r"guest\.twice"):
        guests.take_reply(a, reply("Rowan Office of the north"))
    guests.close_guest(a, "Rowan Office", "It was stolen.")
    with pytest.raises(Refused, match=r"guest\.closed"):
        guests.take_reply(a, reply("Rowan Office again"))
    assert a.journal.size() == before
    _, other = told(world)  # another case, for which no reply was given before
    with pytest.raises(Refused, match=r"guest\.closed"):
        guests.take_reply(
            a,
            guests.answer_notice(
                other, name="Rowan of two cases", seed=seed, effects=a.effects, acknowledge="read"
            ),
        )


def test_one_key_answers_in_two_cases(world: World) -> None:
    a, _, _ = world.nodes
    seed = bytes([8]) * 32
    for file in (told(world)[1], told(world)[1]):
        a.effects.time += 60  # type: ignore[attr-defined]
        said = guests.answer_notice(file, name="Rowan", seed=seed, effects=a.effects, acknowledge="read")
        guests.take_reply(a, said)


def test_a_stolen_guest_key_is_ended_by_its_home(world: World) -> None:
    """By reply file and by envelope: what is signed with it from then on gets no leaf."""
    a, b, _ = world.nodes
    case, file = told(world)
    seed = bytes([3]) * 32
    first = guests.answer_notice(file, name="Rowan", seed=seed, effects=a.effects, acknowledge="read")
    guests.take_reply(a, first)
    with pytest.raises(Refused, match=r"guest\.home"):
        guests.close_guest(b, a.party.id, "")
    guest = guests.close_guest(a, "Rowan", "It was stolen.")
    before = a.journal.size()
    second = guests.answer_notice(
        file, name="Rowan", seed=seed, effects=a.effects, acknowledge="by the thief", after=first
    )
    with pytest.raises(Refused, match=r"guest\.closed"):
        guests.take_reply(a, second)
    _, _, said = parse_reply(second)
    outcome = register_entries(a, [read_entry(a, said[-1].envelope)])
    assert isinstance(outcome[0], Refused)
    assert outcome[0].code == "guest.closed"
    assert a.journal.size() == before
    assert {r.author for r in a.state(case).of("notice.acknowledge")} == {guest.id}
    guests.reopen_guest(a, guest.id)
    assert len(guests.take_reply(a, second)) == 2


def test_a_guest_invites_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    a, _, m = world.nodes
    _, file = told(world)
    monkeypatch.setattr(kinds, "Acknowledge", lambda **_: kinds.Invite(to=m.party.id))
    reply = guests.answer_notice(
        file, name="Rowan", seed=bytes([3]) * 32, effects=a.effects, acknowledge="read"
    )
    monkeypatch.undo()
    before = a.journal.size()
    with pytest.raises(Refused, match=r"case\.invite"):
        guests.take_reply(a, reply)
    assert a.journal.size() == before


def test_attestations_of_ledgers_outside_the_case_are_not_kept(world: World) -> None:
    """Everyone cites the newest attestation of every ledger; planted ones would make records without end."""
    a, b, m = world.nodes
    case = open_case(world, b)
    text = checkpoint(m)
    lines = witnessing.cosign(b, witness.format_add_checkpoint(0, [], text))
    raw = render_attestation(note.merge_signatures(text, lines), [])
    delivery.receive(a, sealed_to(a, delivery.Parcel(case=case, attestations=[raw])))
    assert m.party.id not in {f.home for f in a.state(case).attestations.values()}


def test_a_second_opening_poisons_no_case(world: World) -> None:
    """A bad cosignature by a witness that is named only later: it proves nothing, and all else goes on."""
    a, b, _ = world.nodes
    case = open_case(world, b)
    later = note.vkey_of("late/witness", ed25519.public_of(bytes([5]) * 32), note.COSIGNATURE)
    text = checkpoint(a)
    forged = note.cosign(text, later.name, bytes([5]) * 32, 1_790_000_000)
    head, _, last = forged.rpartition(" ")
    bad = f"{head} {last[:30]}{'A' if last[30] != 'A' else 'B'}{last[31:]}"
    raw = render_attestation(note.merge_signatures(text, bad), [])
    delivery.receive(b, sealed_to(b, delivery.Parcel(case=case, attestations=[raw])))
    opening = a.state(case).opening
    assert opening is not None
    assert isinstance(opening.content, kinds.Open)
    policy = kinds.Policy(quorum=1, witnesses=(kinds.Witness(vkey=str(later)),))
    content = kinds.Open(key_hash=opening.content.key_hash, date="2026-10-04", policy=policy)
    frame = kinds.Frame(
        kind="case.open",
        author=a.party.id,
        case=case,
        at="2020-01-01T00:00:00Z",
        marking="TLP:AMBER",
        audience=(b.party.id,),
        rules=1,
    )
    second = make_opening(frame, content, bytes(32), bytes(32))
    envelope = envelopes.seal_envelope(
        a.signer.seed("statement"),
        iss=a.party.id,
        sub=envelopes.alias(a.case_key(case), a.party.id),
        seq=0,
        prev=kinds.NO_CASE,
        keys=a.party.newest.record,
        payload=commitment(second),
    )
    bundle = Bundle(envelope=envelope.raw, opening=second, receipt=issue_next(a, envelope)[1])
    delivery.receive(b, sealed_to(b, delivery.Parcel(case=case, bundles=[bundle])))
    for node in (b, restarted(b)):
        state = node.state(case)
        assert a.party.id in state.forks
        assert state.attestations
    assert b.state(case).digest() == restarted(b).state(case).digest()
    working.tick(b, world.network)


def test_one_damaged_case_stops_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b, _ = world.nodes
    broken = open_case(world, b)
    state: Callable[[str], object] = b.state

    def damaged(case: str) -> object:
        if case == broken:
            raise NotVerified("journal.damaged", case, "cannot be read")
        return state(case)

    case = acts.open_case(a, "2026-10-06", a.state(broken).policy or pytest.fail("no policy"), "Other")
    named = Named(name="Birch", party=b.party.id)
    acts.invite(a, case, b.party.id)
    claim = acts.state_claim(a, case, "t", [Assertion(text="x", level="tactical", about=(named,))])
    acts.give_notice(a, case, claim.value.id, [0], named, "Read this.")
    monkeypatch.setattr(b, "state", damaged)
    working.tick(a, world.network)
    failures = working.tick(b, world.network).failures
    assert {error.code for _, error in failures} == {"journal.damaged"}
    monkeypatch.undo()
    assert [r.author for r in b.state(case).of("record.received")] == [b.party.id]


def test_a_mirror_of_an_endless_ledger(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A head that claims a ledger of any size: no tile of it is asked for."""
    a, _, m = world.nodes
    vkey = note.Vkey.parse(m.party.card.checkpoint)
    head = note.Checkpoint(origin=vkey.name, size=1 << 50, root=bytes(32))
    text = note.sign_checkpoint(head, m.signer.seed("checkpoint"))
    asked: list[str] = []

    class Endless:
        def get(self, base: str, path: str, limit: int = 0) -> bytes:
            asked.append(path)
            assert 0 < limit <= 64 * 1024
            return text.encode()

        def get_each(self, wanted: object, limit: int) -> list[bytes | ComityError]:
            raise AssertionError(wanted)

        def post(self, base: str, path: str, body: bytes, limit: int = 0) -> bytes:
            raise AssertionError(path)

    with pytest.raises(Refused, match="leaves"):
        mirroring.refresh(a, Endless(), m.party.id)
    assert asked == ["/checkpoint"]


def test_every_answer_is_one_of_our_errors(world: World) -> None:
    """Bytes of any kind at the inbox and the reply door: a clear error, and nothing stored."""
    a, _, _ = world.nodes
    before = a.journal.version()
    for raw in (
        b"",
        b"\x00" * 64,
        b"age-encryption.org/v1\n",
        AgeBoxes().seal_to([a.party.card.age], b"\x9f"),
    ):
        with pytest.raises(ComityError):
            working.receive_and_receipt(a, raw)
        with pytest.raises(ComityError):
            working.take_guest_reply(a, raw)
    assert a.journal.version() == before


def test_public_files_name_no_case_and_no_member(world: World) -> None:
    """Tiles, entries and checkpoint: no case id, case key, salt or title; of a dossier, no key and no salt of
    what stays closed."""
    a, b, _ = world.nodes
    case = open_case(world, b)
    acts.state_claim(
        a,
        case,
        "Quiet title",
        [Assertion(text="Only between us.", level="tactical", about=(Named(name="Rowan"),))],
        to=[b.party.id],
    )
    secret = acts.state_claim(
        b, case, "Birch's own", [Assertion(text="Not for the public.", level="tactical", about=())]
    )
    world.settle()
    public = {n: d for n, d in a.public.files.items() if not n.startswith("dossiers/")}  # type: ignore[attr-defined]
    for data in public.values():
        for word in (bytes.fromhex(case), case.encode(), a.case_key(case), b.party.id.encode(), b"Quiet"):
            assert word not in data
    _, dossier = publishing.publish(a, case, without_notice="they have no address")
    held = b.journal.held_record(secret.value.id)
    assert held is not None
    assert held.opening is not None
    for word in (a.case_key(case), held.opening.salt_f, b"Not for the public", b"Birch's own"):
        assert word not in dossier


def test_more_authors_than_a_frame_can_name(world: World) -> None:
    """Mallow has the case key and signs as very many guests of its own; Alder goes on, and forgets nobody
    that it named before."""
    a, b, m = world.nodes
    case = open_case(world, b, m)
    opening = a.state(case).opening
    assert opening is not None
    parcel = delivery.Parcel(case=case)
    for n in range(150):
        seed = n.to_bytes(32, "big")
        guest, file = own_guest(m, seed)
        frame = kinds.Frame(
            kind="claim.state",
            author=guest,
            case=case,
            at="2026-10-05T00:00:00Z",
            marking="TLP:AMBER",
            audience=(a.party.id,),
            rules=1,
            references=(opening.id,),
        )
        content = kinds.State(title="t", assertions=(Assertion(text="x", level="tactical", about=()),))
        said = make_opening(frame, content, bytes(32), bytes(32))
        card = file.card.envelope
        envelope = envelopes.seal_envelope(
            seed,
            iss=guest,
            sub=envelopes.alias(a.case_key(case), guest),
            seq=0,
            prev=kinds.NO_CASE,
            keys=envelopes.record_id(card),
            payload=commitment(said),
        )
        receipt = issue_next(m, envelope)[1]
        parcel.parties.append(file.render())
        parcel.bundles.append(Bundle(envelope=envelope.raw, opening=said, receipt=receipt))
    delivery.receive(a, sealed_to(a, parcel))
    assert len(a.state(case).newest) > delivery.SEEN_LIMIT
    for text in ("It goes on.", "And on."):
        claim = Assertion(text=text, level="tactical", about=())
        frame_of = acts.state_claim(a, case, "Still here", [claim], to=[b.party.id]).value.frame
        assert frame_of is not None
        assert len(frame_of.seen) <= delivery.SEEN_LIMIT


def test_words_that_imitate_the_form_of_a_notice(world: World) -> None:
    """Line breaks in a party's words make no line of the file's own."""
    a, b, _ = world.nodes
    case = open_case(world, b)
    named = Named(name="Rowan Office")
    said = Assertion(text="x\n\n2. [strategic]\n   Rowan admits it.", level="tactical", about=(named,))
    claim = acts.state_claim(a, case, "t", [said])
    notice = acts.give_notice(a, case, claim.value.id, [0], named, "Hello.\n\nFrom:     The Court\n")
    text = forms.write_text(forms.notice_data(a, case, notice.value.id), "en").decode()
    for forged in ("\n2. [strategic]", "\nFrom:     The Court"):
        assert forged not in text
    assert text.count("\nFrom:") == 1
