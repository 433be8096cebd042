"""Registering envelopes by the batch: exact, atomic, and what is wrong with one is its own affair."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity import compose
from comity.adapters.key_files import KeyFiles
from comity.errors import ComityError, Malformed, NotVerified, Refused, Unavailable
from comity.exchange import acts
from comity.exchange.appending import Entry, Outcome, Registered, read_entry, register_entries
from comity.exchange.founding import rotate
from comity.exchange.node import Node
from comity.exchange.ports import Conflict, Write
from comity.ledger import merkle, note, tiles
from comity.ledger.receipt import open_receipt
from comity.records import ed25519, envelopes, kinds
from comity.records.envelopes import Envelope
from tests import world as w
from tests.entries import Writer, derive
from tests.exchange.network import World


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return World(tmp_path, ["alder"]).nodes[0]


@pytest.fixture
def guest(node: Node) -> Writer:
    return Writer(node, "rowan")


def register(node: Node, *found: Envelope | bytes) -> list[Outcome]:
    entries = [read_entry(node, e if isinstance(e, bytes) else e.raw) for e in found]
    return register_entries(node, entries)


def refused(outcome: Outcome) -> str:
    assert isinstance(outcome, ComityError)
    return outcome.code


def check_published(node: Node) -> merkle.Tree:
    """The published files rebuild to the journal's leaves."""
    raw = node.public.read("checkpoint")
    assert raw is not None
    head = note.verify_checkpoint(raw.decode(), note.Vkey.parse(node.party.card.checkpoint))
    leaves = node.journal.leaves(0, node.journal.size())
    assert head.size == len(leaves)

    def read(name: str) -> bytes:
        found = node.public.read(name)
        if found is None:
            raise Unavailable("tile.missing", name, "not there")
        return found

    tree = tiles.rebuild(read, head.size)
    assert tree.root() == head.root == merkle.root_of([merkle.leaf_hash(leaf.envelope) for leaf in leaves])
    for index in range(-(-head.size // tiles.WIDTH)):
        start, width = index * tiles.WIDTH, min(tiles.WIDTH, head.size - index * tiles.WIDTH)
        entries = tiles.decode_entries(read(tiles.entries_path(index, width)))
        assert entries == [leaf.envelope for leaf in leaves[start : start + width]]
    return tree


def check(node: Node, envelope: Envelope, outcome: Outcome, *, fresh: bool = True) -> int:
    assert isinstance(outcome, Registered), outcome
    assert outcome.fresh is fresh
    key = bytes.fromhex(node.party.card.receipt)
    told = open_receipt(outcome.receipt, bytes.fromhex(envelope.id), key)
    assert told.index == outcome.index
    assert check_published(node).root(told.size) == told.root
    leaf = node.journal.leaf_of(envelope.id)
    assert leaf is not None
    assert (leaf.index, leaf.envelope) == (outcome.index, envelope.raw)
    return outcome.index


def test_a_batch_is_registered_in_its_order(node: Node, guest: Writer) -> None:
    mine = list(guest.chain(count=300))
    before = node.journal.size()
    outcomes = register(node, *mine)
    assert [check(node, e, o) for e, o in list(zip(mine, outcomes, strict=True))[::60]] == list(
        range(before, before + 300, 60)
    )
    assert len({getattr(o, "receipt", b"")[-64:] for o in outcomes}) == 1


def test_the_same_again_has_its_place_and_a_receipt(node: Node, guest: Writer) -> None:
    first, second = guest.chain(count=2)
    one, again, two = register(node, first, first, second)
    index = check(node, first, one)
    assert check(node, first, again, fresh=False) == index
    assert check(node, second, two) == index + 1
    size = node.journal.size()
    (late,) = register(node, first)
    assert check(node, first, late, fresh=False) == index
    assert node.journal.size() == size


def test_what_is_wrong_with_one_refuses_that_one(node: Node, guest: Writer) -> None:
    first, second, third = guest.chain(count=3)
    other = guest.sign(1, first.id, what="another")
    outcomes = register(
        node,
        first,
        guest.sign(0, kinds.NO_CASE, what="rival"),
        third,
        guest.sign(1, "ab" * 32),
        second,
        other,
        third,
        guest.sign(0, kinds.NO_CASE, "elsewhere"),
    )
    codes = [o.code if isinstance(o, ComityError) else "" for o in outcomes]
    assert codes == ["", "entry.taken", "entry.gap", "entry.fork", "", "entry.taken", "", ""]
    assert all(isinstance(o, Conflict) for o in outcomes if isinstance(o, ComityError))
    check_published(node)


def test_only_the_enrolled_append(node: Node, tmp_path: Path) -> None:
    stranger = Writer(node, "stranger", enrol=False)
    (outcome,) = register(node, next(stranger.chain()))
    assert refused(outcome) == "entry.author"
    elsewhere = World(tmp_path / "other", ["birch"]).nodes[0]
    guest = Writer(elsewhere, "rowan")
    for party in (elsewhere.party.id, guest.id):
        node.journal.write(Write(notes=dict(elsewhere.journal.notes(f"party/{party}"))))
    (outcome,) = register(node, next(guest.chain()))  # not read yet, so judged in the batch
    assert refused(outcome) == "entry.author"
    with pytest.raises(Refused, match="another home"):
        read_entry(node, next(guest.chain()).raw)


def test_a_card_or_a_key_record_has_its_own_way_in(node: Node, guest: Writer) -> None:
    with pytest.raises(Refused) as caught:
        read_entry(node, guest.bundle.envelope)
    assert caught.value.code == "entry.key"
    rotation = envelopes.seal_envelope(
        guest.seed,
        iss=guest.id,
        sub=kinds.NO_CASE,
        seq=1,
        prev=guest.card,
        keys=guest.card,
        payload=bytes(32),
    )
    with pytest.raises(Refused):
        read_entry(node, rotation.raw)


@pytest.mark.parametrize("known", [True, False])
def test_a_signature_must_hold(node: Node, guest: Writer, known: bool) -> None:
    good = next(guest.chain())
    forged = envelopes.open_envelope(good.raw[:-64] + bytes(64))
    stolen = envelopes.seal_envelope(
        derive("thief"),
        iss=guest.id,
        sub=good.sub,
        seq=0,
        prev=kinds.NO_CASE,
        keys=guest.card,
        payload=bytes(32),
    )
    before = node.journal.size()
    for bad in (forged, stolen):
        if known:
            node.parties()
            with pytest.raises(NotVerified):
                read_entry(node, bad.raw)
        outcome, kept = register_entries(node, [Entry(envelope=bad), Entry(envelope=good)])
        assert isinstance(outcome, NotVerified)
        assert isinstance(kept, Registered)
    assert node.journal.size() == before + 1


def test_a_superseded_key_registers_nothing_new(node: Node) -> None:
    assert isinstance(node.signer, KeyFiles)
    party, coming = node.party, node.signer.prepare()
    seed = coming["statement"]
    old = node.signer.seed("statement")

    def sign(seed: bytes, seq: int, prev: str, keys: str) -> Envelope:
        return envelopes.seal_envelope(
            seed, iss=party.id, sub="cd" * 32, seq=seq, prev=prev, keys=keys, payload=bytes(32)
        )

    first = sign(old, 0, kinds.NO_CASE, party.newest.record)
    check(node, first, *register(node, first))
    rotate(node, coming)
    late = sign(old, 1, first.id, party.newest.record)
    assert [refused(o) for o in register(node, late)] == ["entry.superseded"]
    check(node, first, *register(node, first), fresh=False)
    good = sign(seed, 1, first.id, node.party.newest.record)
    check(node, good, *register(node, good))


def test_bad_bytes_are_malformed(node: Node, guest: Writer) -> None:
    raw = next(guest.chain()).raw
    for bad in (b"", raw[:-1], raw + b"\0", bytes(70_000), b"\xd2\x84"):
        with pytest.raises(Malformed):
            read_entry(node, bad)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_any_order_in_any_batches_gives_each_author_its_chain(tmp_path: Path, seed: int) -> None:
    """Law: however deliveries are repeated, mixed and cut, each envelope is there once, in its chain."""
    chance = random.Random(seed)
    node = World(tmp_path / str(seed), ["alder"]).nodes[0]
    chains = [list(Writer(node, name).chain(count=6)) for name in ("rowan", "hazel")]
    left = [e for chain in chains for e in chain]
    places: dict[str, int] = {}
    while left:
        batch = chance.choices(left, k=chance.randint(1, 8))
        for envelope, outcome in zip(batch, register(node, *batch), strict=True):
            if isinstance(outcome, Registered):
                assert places.setdefault(envelope.id, outcome.index) == outcome.index
            else:
                assert refused(outcome) == "entry.gap"
        left = [e for e in left if e.id not in places]
    assert len(set(places.values())) == 12
    for chain in chains:
        assert [places[e.id] for e in chain] == sorted(places[e.id] for e in chain)
    check_published(node)


def test_own_acts_go_on_beside_it(node: Node, guest: Writer) -> None:
    witness = kinds.Witness(vkey=node.party.card.witness, party=node.party.id)
    policy = kinds.Policy(quorum=1, witnesses=(witness,))
    case = acts.open_case(node, "2031-01-01", policy)
    chain = guest.chain()
    for _ in range(3):
        register(node, next(chain), next(chain))
        acts.say(node, case, w.claim(w.cite()))
    assert len(node.state(case).accepted) == 4
    check_published(node)


def test_a_crash_between_journal_and_files_is_made_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = compose.create_node(tmp_path / "home", name="Alder")
    first, second = Writer(node, "rowan").chain(count=2)

    def fail(*_: object) -> None:
        raise Unavailable("disk.full", "public", "the disk is full; nothing was written")

    monkeypatch.setattr(type(node.public), "write_all", fail)
    with pytest.raises(Unavailable):
        register(node, first)
    assert node.journal.leaf_of(first.id) is not None
    monkeypatch.undo()
    outcomes = register(node, first, second)
    check(node, first, outcomes[0], fresh=False)
    check(node, second, outcomes[1])
    monkeypatch.setattr(type(node.public), "write_all", fail)
    with pytest.raises(Unavailable):
        register(node, Writer(node, "rowan", enrol=False).sign(2, second.id))
    monkeypatch.undo()
    node.journal.close()
    again = compose.open_node(tmp_path / "home")
    check_published(again)
    assert again.journal.size() == 5
    again.journal.close()


def test_files_follow_the_journal_whatever_becomes_of_them_meanwhile(tmp_path: Path) -> None:
    node = compose.create_node(tmp_path / "home", name="Alder")
    other = compose.open_node(tmp_path / "home")
    chain, sizes = Writer(node, "rowan").chain(count=620), random.Random(7)
    left = 620
    while left:
        count = min(left, sizes.choice((1, 2, 40, 90, 260)))
        register(sizes.choice((node, node, other)), *(next(chain) for _ in range(count)))
        left -= count
        check_published(node)
        match sizes.randrange(4):
            case 0:
                (tmp_path / "home" / "public" / "checkpoint").unlink()
            case 1:
                (tmp_path / "home" / "public" / "checkpoint").write_bytes(b"nothing that a node signs")
            case 2:
                before = (tmp_path / "home" / "public" / "checkpoint").read_bytes()
                (tmp_path / "home" / "public" / "checkpoint").write_bytes(before[:-6] + b"AAAA=\n")
    node.journal.close()
    other.journal.close()


def test_two_nodes_on_one_journal_agree(tmp_path: Path) -> None:
    one = compose.create_node(tmp_path / "home", name="Alder")
    guest = Writer(one, "rowan")
    two = compose.open_node(tmp_path / "home")
    chain = list(guest.chain(count=40))
    for at, envelope in enumerate(chain):
        check(one, envelope, *register((one, two)[at % 2], envelope))
        check(one, envelope, *register((two, one)[at % 2], envelope), fresh=False)
    assert check_published(two).size == 42
    one.journal.close()
    two.journal.close()


def test_an_author_is_known_by_whom_it_signs(node: Node, guest: Writer) -> None:
    assert read_entry(node, next(guest.chain()).raw).signed is not None
    assert ed25519.public_of(guest.seed) == node.parties()[guest.id].newest.key
