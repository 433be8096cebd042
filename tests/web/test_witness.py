"""A stand-alone witness over HTTP: statuses of C2SP tlog-witness, and state that is there before a reply."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from comity import compose
from comity.errors import Malformed, Refused, Unavailable
from comity.exchange import neutral
from comity.ledger import note
from comity.ledger.merkle import Tree, leaf_hash
from comity.ledger.note import Checkpoint, sign_checkpoint, vkey_of
from comity.ledger.witness import Conflict, format_add_checkpoint, prove_split
from comity.records import ed25519
from comity.web.witness import CHECKPOINT_LIMIT, make_witness_app

SEED = b"\x07" * 32
ORIGIN = "ledger.example/alder"
KEY = vkey_of(ORIGIN, ed25519.public_of(SEED))
TREE = Tree(leaf_hash(bytes([n])) for n in range(40))
FORK = Tree(leaf_hash(bytes([n, n == 5])) for n in range(40))


def signed(size: int, tree: Tree = TREE, seed: bytes = SEED, origin: str = ORIGIN) -> str:
    return sign_checkpoint(Checkpoint(origin=origin, size=size, root=tree.root(size)), seed)


def asked(old: int, new: int, tree: Tree = TREE) -> str:
    return format_add_checkpoint(old, tree.consistency(old, new), signed(new, tree))


@pytest.fixture
def home(tmp_path: Path) -> compose.WitnessHome:
    made = compose.create_witness(tmp_path / "w", compose.WitnessSettings(name="witness.example/w1"))
    made.witness.add_log(KEY)
    return made


@pytest.fixture
def client(home: compose.WitnessHome) -> Iterator[TestClient[Litestar]]:
    with TestClient(make_witness_app(home.witness)) as client:
        yield client


def post(client: TestClient[Litestar], body: str | bytes) -> tuple[int, str]:
    answer = client.post("/add-checkpoint", content=body.encode() if isinstance(body, str) else body)
    return answer.status_code, answer.text


def test_it_cosigns_what_grows_and_again_what_it_cosigned_last(
    client: TestClient[Litestar], home: compose.WitnessHome
) -> None:
    for old, new in ((0, 0), (0, 3), (3, 3), (3, 8), (8, 40), (40, 40)):
        status, line = post(client, asked(old, new))
        assert status == 200
        note.verify_cosignature(note.merge_signatures(signed(new), line), home.witness.vkey)


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (asked(3, 8), 409, "7\n"),
        (asked(0, 7), 409, "7\n"),
        (asked(0, 0), 409, "7\n"),
        (asked(7, 7, FORK), 409, "7\n"),
        (format_add_checkpoint(9, [], signed(8)), 400, "old size"),
        (format_add_checkpoint(7, [], signed(8)), 422, ""),
        (format_add_checkpoint(7, TREE.consistency(7, 8), signed(8, FORK)), 422, ""),
        (format_add_checkpoint(7, FORK.consistency(7, 8), signed(8, FORK)), 422, ""),
        (format_add_checkpoint(7, [bytes(32)] * 63, signed(8)), 422, ""),
        (format_add_checkpoint(7, [bytes(32)] * 64, signed(8)), 400, "63"),
        (format_add_checkpoint(0, [], signed(8, seed=b"\x08" * 32)), 403, ""),
        (format_add_checkpoint(0, [], signed(8, origin="ledger.example/other")), 404, ""),
        ("old 07\n\n" + signed(8), 400, ""),
        ("old 7\n" + signed(8), 400, ""),
        ("old 7\n\n", 400, ""),
        ("old 7\nAAAA\n\n" + signed(8), 400, ""),
        ("old 7\r\n\r\n" + signed(8), 400, ""),
        ("", 400, ""),
        (b"old 7\n\n\xff", 400, ""),
        ("old 7\n\n" + signed(8) + "x" * CHECKPOINT_LIMIT, 413, ""),
    ],
)
def test_every_refusal_has_its_status_and_changes_nothing(
    client: TestClient[Litestar], home: compose.WitnessHome, body: str | bytes, status: int, said: str
) -> None:
    assert post(client, asked(0, 7))[0] == 200
    before = home.files.logs()
    code, text = post(client, body)
    assert (code, said in text) == (status, True), text
    assert home.files.logs() == before
    assert post(client, asked(7, 40))[0] == 200


def test_a_conflict_names_the_size_in_the_type_that_the_specification_asks_for(
    client: TestClient[Litestar],
) -> None:
    post(client, asked(0, 7))
    answer = client.post("/add-checkpoint", content=asked(0, 40).encode())
    assert answer.headers["content-type"] == "text/x.tlog.size"


def test_signatures_by_others_are_ignored_and_not_kept(
    client: TestClient[Litestar], home: compose.WitnessHome
) -> None:
    other = note.cosign(signed(7), "witness.example/w2", b"\x09" * 32, 5)
    stray = "— elsewhere.example " + base64.b64encode(bytes(40)).decode() + "\n"
    text = note.merge_signatures(signed(7), [stray, other])
    assert post(client, format_add_checkpoint(0, [], text))[0] == 200
    assert home.files.logs()[0].note == signed(7)


def test_a_split_view_is_refused_and_both_heads_are_kept(
    client: TestClient[Litestar], home: compose.WitnessHome
) -> None:
    post(client, asked(0, 7))
    for _ in range(3):
        assert post(client, asked(7, 7, FORK))[0] == 409
    (name,) = home.files.splits()
    first, _, second = (home.folder / "splits" / name).read_text().partition("\n\n\n")
    assert prove_split(f"{first}\n", second, KEY).size == 7


def test_the_state_is_durable_before_the_reply(
    home: compose.WitnessHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a crash forgets a cosignature that left, and another history is cosigned."""
    order: list[str] = []
    keep, cosign = home.files.keep, note.cosign

    def kept(log: neutral.WatchedLog) -> None:
        keep(log)
        order.append(f"kept {compose.open_witness(home.folder).files.logs()[0].note == log.note}")

    def cosigned(text: str, name: str, seed: bytes, timestamp: int) -> str:
        order.append("cosigned")
        return cosign(text, name, seed, timestamp)

    monkeypatch.setattr(home.files, "keep", kept)
    monkeypatch.setattr(note, "cosign", cosigned)
    home.witness.cosign(asked(0, 7))
    assert order == ["kept True", "cosigned"]


def test_nothing_is_cosigned_when_nothing_can_be_kept(
    client: TestClient[Litestar], home: compose.WitnessHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: neutral.WatchedLog) -> None:
        raise Unavailable("disk.full", "logs", "the disk is full")

    monkeypatch.setattr(home.files, "keep", full)
    assert post(client, asked(0, 7)) == (503, "cannot cosign just now\n")
    monkeypatch.undo()
    assert post(client, asked(0, 8))[0] == 200


def test_a_restart_goes_on_where_it_was(home: compose.WitnessHome) -> None:
    home.witness.cosign(asked(0, 7))
    again = compose.open_witness(home.folder).witness
    assert again.vkey == home.witness.vkey
    with pytest.raises(Conflict):
        again.cosign(asked(0, 8, FORK))
    again.cosign(asked(7, 8))


def test_a_damaged_memory_is_never_signed_over(
    client: TestClient[Litestar], home: compose.WitnessHome
) -> None:
    post(client, asked(0, 7))
    (path,) = (home.folder / "logs").iterdir()
    raw = path.read_bytes()
    for at in range(0, len(raw), 5):
        path.write_bytes(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
        status, _ = post(client, asked(0, 8, FORK))
        assert status != 200, at
    path.unlink()
    assert post(client, asked(0, 8, FORK))[0] == 404


def test_a_ledger_cannot_ask_without_end_and_nobody_else_uses_up_its_share(
    client: TestClient[Litestar], home: compose.WitnessHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neutral, "GROWTH_LIMIT", 3)
    monkeypatch.setattr(neutral, "AGAIN_LIMIT", 5)
    for _ in range(9):
        assert post(client, asked(0, 3, FORK).replace("AAAA", "BBBB"))[0] in (200, 400, 403, 409)
    size = int(post(client, asked(40, 40))[1])
    statuses = [post(client, asked(size, size, FORK))[0] for _ in range(9)]
    assert set(statuses) == {200, 429}
    answer = client.post("/add-checkpoint", content=asked(size, size, FORK).encode())
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
    assert post(client, asked(size, 9, FORK))[0] == 200


def test_the_list(home: compose.WitnessHome, client: TestClient[Litestar]) -> None:
    other = vkey_of(ORIGIN, ed25519.public_of(b"\x08" * 32))
    assert not home.witness.add_log(KEY)
    with pytest.raises(Refused, match="another key"):
        home.witness.add_log(other)
    with pytest.raises(Refused, match="another kind"):
        home.witness.add_log(home.witness.vkey)
    post(client, asked(0, 7))
    home.witness.remove_log(ORIGIN)
    assert post(client, asked(7, 8))[0] == 404
    with pytest.raises(Refused, match="no such ledger"):
        home.witness.remove_log(ORIGIN)
    home.witness.add_log(KEY)
    assert post(client, asked(0, 8)) == (409, "7\n")
    text = client.get("/").text
    assert f"witness witness.example/w1 {home.witness.vkey}" in text
    assert f"log {KEY}" in text
    assert post(client, asked(7, 8))[0] == 200


def test_its_folder_is_made_whole_and_its_key_is_private(home: compose.WitnessHome) -> None:
    with pytest.raises(Refused, match="never overwritten"):
        compose.create_witness(home.folder, home.settings)
    with pytest.raises(Malformed, match=r"note\.name"):
        compose.create_witness(home.folder.parent / "x", compose.WitnessSettings(name="a b"))
    assert not (home.folder.parent / "x").exists()
    key = home.folder / "key"
    key.chmod(0o640)
    with pytest.raises(Refused, match="chmod 600"):
        compose.open_witness(home.folder)
    key.chmod(0o600)
    key.write_text("comity-key/1 receipt " + "0" * 64 + "\n")
    with pytest.raises(Malformed, match="not a witness key"):
        compose.open_witness(home.folder)
    key.unlink()
    with pytest.raises(Unavailable, match="not there"):
        compose.open_witness(home.folder)
    with pytest.raises(Unavailable, match="comity witness init"):
        compose.open_witness(home.folder / "nowhere")
