"""Everything that comes from others or from the disk, cut at every byte and changed at every byte: it is
refused with one of our errors, or read, and never ends in another kind of error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from comity.adapters.continuity_files import ContinuityFiles
from comity.adapters.key_files import KeyFiles
from comity.adapters.witness_files import WitnessFiles
from comity.case.party_keys import read_checkpoint
from comity.case.verified import attested_chains, attested_note
from comity.errors import ComityError, Malformed
from comity.exchange import couriering, delivery, guests, mirroring, recovery, witnessing
from comity.exchange.continuity import Head, parse_head
from comity.exchange.joining import render_receipts
from comity.exchange.neutral import WatchedLog
from comity.exchange.node import Node, parse_party_file
from comity.exchange.notices import forms
from comity.exchange.ports import Mark
from comity.ledger import note, policy, witness
from comity.ledger.receipt import open_receipt
from comity.ledger.tiles import decode_entries, encode_entries
from comity.records import cbor
from comity.records.bundles import parse_bundle, render_bundle
from tests.attacks.test_exchange import told
from tests.exchange.network import World
from tests.exchange.test_keys import claim
from tests.exchange.test_story import open_case

MOST = 400
"""How many places of one form are tried; of a longer one, evenly spread and all of both ends."""

Read = Callable[[bytes], object]


@dataclass(frozen=True)
class Form:
    """Valid bytes and their reader; ``whole`` where a shorter one is always refused."""

    raw: bytes
    read: Read
    whole: bool = True


def through_file(path: Path, read: Callable[[], object]) -> Read:
    def run(raw: bytes) -> object:
        path.write_bytes(raw)
        return read()

    return run


def text(read: Callable[[str], object]) -> Read:
    return lambda raw: read(raw.decode("utf-8", "replace"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Form]:
    folder = tmp_path_factory.mktemp("forms")
    world = World(folder, ["alder", "birch", "cedar"])
    a, b, _ = world.nodes
    case = open_case(world)
    said = claim(a, case, "words")
    world.settle()
    return {**_exchanged(world, a, b, case, said), **_kept(world, folder, a, b), **_answered(world, a, case)}


def _exchanged(world: World, a: Node, b: Node, case: str, said: str) -> dict[str, Form]:
    held = a.journal.held_record(said)
    assert held is not None
    parcel = delivery.Parcel(case=case, parties=[a.party_file(a.id).render()])
    parcel.bundles.append(a.held_bundle(held, True))
    attestation = a.journal.attestations(case)[0][1]
    head = a.public.read("checkpoint") or b""
    size = read_checkpoint(head.decode(), a.party).size
    with a.lock:
        proof = a.tree().consistency(1, size)
    entries = encode_entries([leaf.envelope for leaf in a.journal.leaves(0, size)])
    key = a.signer.public("receipt")
    return {
        "heads": Form(recovery.answer_heads(b, a.id), lambda raw: recovery._read_heads(raw, "x")),
        "party file": Form(a.party_file(a.id).render(), parse_party_file),
        "message": Form(parcel.render(), delivery.parse_parcel),
        "bundle": Form(_bundle(a, said), lambda raw: parse_bundle(raw, "bundle")),
        "attestation": Form(attestation, lambda raw: (attested_note(raw), attested_chains(raw))),
        "receipt": Form(held.receipt, lambda raw: open_receipt(raw, bytes.fromhex(said), key)),
        "checkpoint": Form(head, text(lambda t: read_checkpoint(t, a.party))),
        "entry bundle": Form(entries, decode_entries, whole=False),
        "request to cosign": Form(
            witness.format_add_checkpoint(1, proof, head.decode()).encode(),
            text(lambda t: read_checkpoint(witness.parse_add_checkpoint(t).note, a.party)),
        ),
        "sealed message": Form(
            b.boxes.seal_to([b.signer.age_recipient()], parcel.render()), lambda raw: delivery.receive(b, raw)
        ),
    }


def _bundle(node: Node, record: str) -> bytes:
    held = node.journal.held_record(record)
    assert held is not None
    return render_bundle(node.held_bundle(held, True))


def _kept(world: World, folder: Path, a: Node, b: Node) -> dict[str, Form]:
    head = a.public.read("checkpoint") or b""
    found = read_checkpoint(head.decode(), a.party)
    memory = next(raw for name, raw in b.journal.notes(witnessing.MEMORY).items())
    proof = Head(size=found.size, root=found.root, proof=head).render()
    fork = cbor.encode([1, head.decode(), head.decode(), found.root, [found.root]])
    job = couriering.Job(case="ab" * 32, notice="cd" * 32, party=b"card", sealed=b"sealed").render()
    for name in ("logs", "splits", "keys"):
        (folder / "kept" / name).mkdir(parents=True, exist_ok=True)
    files = WitnessFiles(folder / "kept")
    vkey = note.Vkey.parse(a.party.card.checkpoint)
    files.keep(WatchedLog(vkey=vkey, note=head.decode()))
    (log,) = (folder / "kept" / "logs").iterdir()
    mark = ContinuityFiles(folder / "mark")
    mark.begin(Mark(size=found.size, root=found.root))

    def believed() -> None:
        if doubt := mark.read().doubt:
            raise Malformed("mark", "mark", doubt)

    KeyFiles.create(folder / "own")
    key = folder / "own" / "age"
    return {
        "head that was kept": Form(proof, lambda raw: parse_head(raw, "x")),
        "memory of a witness": Form(memory, witnessing._remembered),
        "fork that was kept": Form(fork, lambda raw: mirroring.read_fork(raw, "x")),
        "notice to carry": Form(job, couriering._parse),
        "file of a watched ledger": Form(
            log.read_bytes(), through_file(log, lambda: [each.state() for each in files.logs()])
        ),
        "mark": Form(
            (folder / "mark" / "mark").read_bytes(), through_file(folder / "mark" / "mark", believed)
        ),
        "key": Form(key.read_bytes(), through_file(key, lambda: KeyFiles(folder / "own").age_recipient())),
    }


def _answered(world: World, a: Node, case: str) -> dict[str, Form]:
    _, file = told(world)
    reply = guests.answer_notice(
        file, name="Rowan", seed=bytes([9]) * 32, effects=a.effects, acknowledge="read"
    )
    receipts = render_receipts(a, guests.take_reply(a, reply))
    quorum = (f"witness one {a.party.card.witness}\ngroup all 1 one\nquorum all\n").encode()
    return {
        "reply": Form(reply, guests.parse_reply),
        "notice": Form(file, forms.read_notice),
        "receipts of a reply": Form(receipts, lambda raw: cbor.decode(raw, "x")),
        "policy": Form(quorum, policy.parse_policy, whole=False),
    }


NAMES = (
    *("heads", "party file", "message", "bundle", "attestation", "receipt", "checkpoint", "entry bundle"),
    *("request to cosign", "sealed message", "head that was kept", "memory of a witness"),
    *("fork that was kept", "notice to carry", "file of a watched ledger", "mark", "key"),
    *("reply", "notice", "receipts of a reply", "policy"),
)


def places(length: int) -> Iterator[int]:
    ends = min(length, MOST // 3)
    yield from range(ends)
    if length > 2 * ends:
        yield from range(ends, length - ends, max(1, (length - 2 * ends) * 3 // MOST))
    yield from range(max(ends, length - ends), length)


@pytest.mark.parametrize("name", NAMES)
def test_cut_or_changed_anywhere(made: dict[str, Form], name: str) -> None:
    form = made[name]
    form.read(form.raw)
    read = 0
    for at in places(len(form.raw)):
        changed = bytearray(form.raw)
        changed[at] ^= (1, 0x80, 0x20, 0xFF)[at % 4]
        for raw, cut in ((form.raw[:at], True), (bytes(changed), False)):
            try:
                form.read(raw)
            except ComityError:
                continue
            else:
                read += 1
                assert not (cut and form.whole), f"{name}, cut to {at} bytes, was read"
    assert read < 2 * len(form.raw)
