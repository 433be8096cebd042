"""The public face: the ledger as files, the inbox, the witness; every refusal with its status and words."""

from __future__ import annotations

import hashlib

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from comity.errors import ComityError, Malformed, NotVerified, Refused, Unavailable
from comity.exchange import recovery, working
from comity.exchange.authoring import checkpoint
from comity.exchange.node import parse_party_file
from comity.exchange.ports import Conflict
from comity.ledger import merkle, note, tiles, witness
from comity.web import public
from tests.web.stage import Live, app_of, node_of
from tests.world import FullCase


@pytest.fixture
def peer(full: FullCase) -> TestClient[Litestar]:
    return TestClient(app_of(node_of(full, full.claimant)))


def test_the_ledger_can_be_rebuilt_from_what_is_served(peer: TestClient[Litestar], full: FullCase) -> None:
    head = note.verify_checkpoint(
        peer.get("/checkpoint").text, note.Vkey.parse(full.claimant.party.card.checkpoint)
    )

    def read(path: str) -> bytes:
        answer = peer.get(f"/{path}")
        if answer.status_code != 200:
            raise Unavailable("tile.missing", path, "not there")
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        return answer.content

    assert tiles.rebuild(read, head.size).root() == head.root
    entries = tiles.decode_entries(read(tiles.entries_path(0, head.size)))
    tree = merkle.Tree()
    tree.extend([merkle.leaf_hash(e) for e in entries])
    assert tree.root() == head.root


def test_the_card_is_that_of_the_party(peer: TestClient[Litestar], full: FullCase) -> None:
    file = parse_party_file(peer.get("/card").content)
    assert file.card.envelope == full.claimant.party.card_record.envelope.raw


@pytest.mark.parametrize(
    "path",
    [
        "/tile/0/001",
        "/tile/64/000",
        "/tile/0/%2e%2e/%2e%2e/card",
        "/tile/0/0",
        "/tile/entries/000.p/0",
        "/tile/x",
    ],
)
def test_a_tile_that_is_not_there(peer: TestClient[Litestar], path: str) -> None:
    assert peer.get(path).status_code == 404


def test_a_dossier_is_downloaded_under_its_digest(full: FullCase) -> None:
    node = node_of(full, full.claimant)
    raw = b"<script>alert(1)</script>"
    digest = hashlib.sha256(raw).hexdigest()
    node.public.write(f"dossiers/{digest}.comity", raw)
    client = TestClient(app_of(node))
    answer = client.get(f"/dossiers/{digest}.comity")
    assert answer.content == raw
    assert answer.headers["content-type"] == "application/x-tar"
    assert answer.headers["content-disposition"] == f'attachment; filename="{digest}.comity"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    for name in (digest, f"{digest}.html", "..%2fcheckpoint", f"{'0' * 64}.comity"):
        assert client.get(f"/dossiers/{name}").status_code == 404


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Refused("case.unknown", "c", "not invited"), 403),
        (Conflict("journal.moved", "journal", "moved"), 409),
        (Refused("journal.busy", "c", "busy"), 409),
        (Refused("message.size", "inbox", "too large"), 413),
        (NotVerified("record.commitment", "m", "does not match"), 422),
        (Malformed("message.form", "m", "not a message"), 422),
        (Unavailable("disk.full", "journal", "no space"), 503),
    ],
)
@pytest.mark.parametrize("path", ["/x/inbox", "/x/guest"])
def test_the_inbox_answers_with_code_where_and_why(
    peer: TestClient[Litestar], monkeypatch: pytest.MonkeyPatch, error: ComityError, status: int, path: str
) -> None:
    def fail(*_: object) -> list[str]:
        raise error

    monkeypatch.setattr(working, "receive_and_receipt", fail)
    monkeypatch.setattr(working, "take_guest_reply", fail)
    answer = peer.post(path, content=b"x")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert (told["code"], told["where"], told["why"]) == (error.code, error.where, error.why)


def test_the_inbox_takes_a_real_message(live: Live) -> None:
    a, b, _ = live.world.nodes
    sent = [
        body
        for base, path, body in live.world.network.log
        if path == "/x/inbox" and base == "http://birch.example"
    ]
    answer = TestClient(app_of(b)).post("/x/inbox", content=sent[-1])
    assert answer.status_code == 200
    assert answer.json() == {"new": []}
    refused = TestClient(app_of(a)).post("/x/inbox", content=sent[-1])
    assert refused.status_code == 422
    assert TestClient(app_of(a)).post("/x/inbox", content=b"").status_code == 422


def test_a_body_that_is_too_large_is_not_read(peer: TestClient[Litestar]) -> None:
    assert peer.post("/add-checkpoint", content=b"x" * 70_000).status_code == 413
    assert peer.post("/x/guest", content=b"x" * (16 * 1024 * 1024 + 1)).status_code == 413


def test_the_witness_answers_as_c2sp_says(live: Live) -> None:
    a, _, c = live.world.nodes
    client = TestClient(app_of(c))
    text = checkpoint(a)
    head = note.verify_checkpoint(text, note.Vkey.parse(a.party.card.checkpoint))

    def ask(old: int, body: str = "") -> tuple[int, str, str]:
        proof = a.tree().consistency(old, head.size) if old else []
        answer = client.post(
            "/add-checkpoint", content=body or witness.format_add_checkpoint(old, proof, text)
        )
        return answer.status_code, answer.headers["content-type"], answer.text

    wrong = head.size - 1 if head.size > 1 else 1
    status, kind, behind = ask(wrong)
    if status == 200:
        behind = f"{wrong}\n"
        status, kind, behind = ask(wrong)
    assert (status, kind) == (409, "text/x.tlog.size")
    size = int(behind)
    status, kind, line = ask(size)
    assert status == 200
    assert kind.startswith("text/plain")
    note.verify_cosignature(note.merge_signatures(text, [line]), note.Vkey.parse(c.party.card.witness))
    assert ask(head.size)[0] == 200

    unknown = text.replace(text.split("\n")[0], "nobody.example/log", 1)
    assert ask(0, f"old 0\n\n{unknown}")[0] == 404
    forged = text.replace(f"\n{head.size}\n", f"\n{head.size + 1}\n", 1)
    assert ask(0, f"old {head.size}\n\n{forged}")[0] == 403
    assert ask(0, "nonsense")[0] == 400
    assert client.post("/add-checkpoint", content=b"\xff\xfe").status_code == 400


def test_a_head_that_does_not_extend_the_last_is_422(live: Live) -> None:
    a, _, c = live.world.nodes
    client = TestClient(app_of(c))
    text = checkpoint(a)
    head = note.verify_checkpoint(text, note.Vkey.parse(a.party.card.checkpoint))
    first = client.post("/add-checkpoint", content=witness.format_add_checkpoint(0, [], text))
    size = int(first.text) if first.status_code == 409 else head.size
    origin = note.Vkey.parse(a.party.card.checkpoint).name
    grown = note.Checkpoint(origin=origin, size=size + 3, root=b"\7" * 32)
    other = note.sign_checkpoint(grown, a.signer.seed("checkpoint"))
    answer = client.post("/add-checkpoint", content=witness.format_add_checkpoint(size, [b"\1" * 32], other))
    assert answer.status_code == 422
    assert "witness.proof" in answer.text


def test_it_is_alive(peer: TestClient[Litestar]) -> None:
    assert peer.get("/healthz").text == "ok\n"


def test_what_anyone_asks_for_waits_for_no_act_and_writes_nothing(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, _, c = live.world.nodes
    client = TestClient(app_of(c))
    text = checkpoint(a)
    head = note.verify_checkpoint(text, note.Vkey.parse(a.party.card.checkpoint))
    first = client.post("/add-checkpoint", content=witness.format_add_checkpoint(0, [], text))
    if first.status_code == 409:
        size = int(first.text)
        proof = a.tree().consistency(size, head.size)
        client.post("/add-checkpoint", content=witness.format_add_checkpoint(size, proof, text))
    before = c.journal.version()
    again = client.post("/add-checkpoint", content=witness.format_add_checkpoint(head.size, [], text))
    assert again.status_code == 200
    assert c.journal.version() == before

    asked: list[object] = []
    monkeypatch.setattr(public, "checkpoint", asked.append)
    assert client.get("/checkpoint").text == checkpoint(c)
    assert not asked


def test_copies_for_one_party_are_made_once_in_a_while(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b, c = live.world.nodes
    made = []

    def make(_: object, party: str) -> bytes:
        made.append(party)
        return f"copies for {party}".encode()

    monkeypatch.setattr(recovery, "answer_copies", make)
    client = TestClient(app_of(c))
    for party in (a.id, b.id, a.id, b.id, a.id):
        assert client.get(f"/x/copies/{party}").text == f"copies for {party}"
    assert made == [a.id, b.id]
    monkeypatch.setattr(public, "COPIES_EVERY", 0.0)
    assert client.get(f"/x/copies/{a.id}").text == f"copies for {a.id}"
    assert made == [a.id, b.id, a.id]
