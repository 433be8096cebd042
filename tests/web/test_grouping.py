"""Group commit: exact under crowds, bounded, and nobody is left without an answer."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path

import pytest
from litestar.testing import TestClient

from comity import compose
from comity.adapters import node_settings
from comity.errors import ComityError, Unavailable
from comity.exchange.appending import Entry, Registered, read_entries
from comity.exchange.node import Node
from comity.exchange.ports import Conflict
from comity.ledger.receipt import open_receipt
from comity.records import ed25519, envelopes
from comity.records.ed25519_native import load_loop
from comity.web import grouping
from comity.web.app import NodeApp, make_app
from comity.web.grouping import GroupCommit
from tests.entries import Writer
from tests.exchange.network import World
from tests.exchange.test_appending import check_published


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    made = compose.create_node(tmp_path / "home", name="Alder")
    yield made
    made.journal.close()


@pytest.fixture
def memory(tmp_path: Path) -> Node:
    return World(tmp_path, ["alder"]).nodes[0]


def test_ten_thousand_duplicates_at_once_register_once(node: Node) -> None:
    chain = list(Writer(node, "rowan").chain(count=5))
    front = GroupCommit(node)
    before = node.journal.size()
    for envelope in chain:
        with ThreadPoolExecutor(16) as crowd:
            found = set(crowd.map(lambda _, raw=envelope.raw: front.register(raw), range(2000)))
        assert len({one.index for one in found}) == 1
        assert any(one.fresh for one in found)
        key = bytes.fromhex(node.party.card.receipt)
        for one in found:
            assert open_receipt(one.receipt, bytes.fromhex(envelope.id), key).index == one.index
    assert node.journal.size() == before + 5
    front.close()
    check_published(node)


def test_of_rivals_for_one_place_one_wins(node: Node) -> None:
    guest = Writer(node, "rowan")
    rivals = [guest.sign(0, "0" * 64, what=str(n)) for n in range(40)]
    front = GroupCommit(node)
    answers = [front.submit(rival.raw) for rival in rivals]
    wait(answers)
    errors = [a.exception() for a in answers]
    assert sum(error is None for error in errors) == 1
    assert all(isinstance(e, Conflict) and e.code == "entry.taken" for e in errors if e is not None)
    front.close()


def test_two_processes_worth_of_fronts_on_one_home(node: Node, tmp_path: Path) -> None:
    other = compose.open_node(tmp_path / "home")
    guest = Writer(node, "rowan")
    fronts = [GroupCommit(node), GroupCommit(other)]

    def feed(name: str) -> list[int]:
        chance = random.Random(name)
        return [chance.choice(fronts).register(e.raw).index for e in guest.chain(name, 12)]

    with ThreadPoolExecutor(8) as crowd:
        found = list(crowd.map(feed, [f"chain {n}" for n in range(8)]))
    assert all(indexes == sorted(indexes) for indexes in found)
    assert len({i for indexes in found for i in indexes}) == 96
    for front in fronts:
        front.close()
    check_published(other)
    other.journal.close()


ANOTHER = """
import sys
from comity import compose
from comity.adapters import node_settings
from comity.web.grouping import GroupCommit
from tests.entries import Writer

home = compose.open_home(sys.argv[1])
front = GroupCommit(home.node)
for name in (sys.argv[2], "of both"):
    for envelope in Writer(home.node, "rowan", enrol=False).chain(name, 15):
        done = front.register(envelope.raw)
        print(envelope.id, done.index, int(done.fresh), flush=True)
front.close()
home.close()
"""


def test_two_processes_on_one_home(tmp_path: Path) -> None:
    settings = node_settings.settings_for(node_settings.LISTEN, "")
    home = compose.create_home(tmp_path / "home", name="Alder", settings=settings)
    Writer(home.node, "rowan")
    size = home.node.journal.size()
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", ANOTHER, str(tmp_path / "home"), name],
            stdout=subprocess.PIPE,
            text=True,
            env=env,
        )
        for name in ("of one", "of the other")
    ]
    said = [process.communicate(timeout=120)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0]
    told = [tuple(line.split()) for text in said for line in text.splitlines()]
    assert len(told) == 60
    # Each place was given once, and what both brought is one leaf that one of them made.
    places = {record: index for record, index, _ in told}
    assert len(places) == len(set(places.values())) == 45
    assert {(record, index) for record, index, _ in told} == set(places.items())
    assert sum(int(fresh) for _, _, fresh in told) == 45
    assert home.node.journal.size() == size + 45
    check_published(home.node)
    home.close()


def stall(node: Node) -> tuple[threading.Event, Future[None]]:
    """Hold the node's lock in another thread until the event is set."""
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with node.lock:
            held.set()
            release.wait(30)

    pool = ThreadPoolExecutor(1)
    done = pool.submit(hold)
    held.wait(30)
    pool.shutdown(wait=False)
    return release, done


def test_what_waits_is_bounded_for_all_for_each_and_for_the_unproven(
    memory: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grouping, "LIMIT", 12)
    monkeypatch.setattr(grouping, "SHARE", 5)
    monkeypatch.setattr(grouping, "UNPROVEN", 2)
    monkeypatch.setattr(grouping, "BATCH", 1)
    guests = [Writer(memory, name) for name in ("rowan", "hazel", "larch")]
    stranger = Writer(memory, "stranger", enrol=False)
    front = GroupCommit(memory)
    release, done = stall(memory)
    taken: list[Future[Registered]] = []
    codes: list[str] = []

    def fill(raws: Iterator[envelopes.Envelope]) -> int:
        count = 0
        while True:
            try:
                taken.append(front.submit(next(raws).raw))
            except Unavailable as error:
                codes.append(error.code)
                return count
            count += 1

    try:
        # One may be in the hands of the thread that waits for the lock already.
        assert fill(stranger.chain()) in (2, 3)
        assert fill(guests[0].chain()) == 5
        assert fill(guests[1].chain()) == 5
        assert fill(guests[2].chain()) in (0, 1)
    finally:
        release.set()
    done.result()
    wait(taken)
    assert codes == ["entry.queue"] * 4
    assert [a.exception() is None for a in taken].count(True) in (10, 11)
    taken.clear()
    taken.append(front.submit(next(guests[2].chain("again")).raw))
    assert taken[0].result().fresh
    front.close()
    with pytest.raises(Unavailable, match="stopping"):
        front.submit(next(guests[2].chain("late")).raw)


def test_who_goes_away_before_its_turn_registers_nothing(memory: Node) -> None:
    guest = Writer(memory, "rowan")
    front = GroupCommit(memory)
    release, done = stall(memory)
    busy = front.submit(next(guest.chain("first")).raw)
    while not busy.running():
        threading.Event().wait(0.001)
    gone, stays = front.submit(next(guest.chain("gone")).raw), front.submit(next(guest.chain("stays")).raw)
    assert gone.cancel()
    assert not busy.cancel()
    size = memory.journal.size()
    release.set()
    done.result()
    assert busy.result().fresh
    assert stays.result().fresh
    front.close()
    assert memory.journal.size() == size + 2


def test_a_fault_answers_everyone_who_waited(memory: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    guest = Writer(memory, "rowan")
    front = GroupCommit(memory)
    for error in (Unavailable("disk.full", "journal", "full"), RuntimeError("ours")):

        def fail(*_: object, error: Exception = error) -> None:
            raise error

        monkeypatch.setattr(grouping, "register_entries", fail)
        answers = [front.submit(e.raw) for e in guest.chain(count=5)]
        assert all(type(a.exception()) is type(error) for a in answers)
        monkeypatch.undo()
    assert front.register(next(guest.chain()).raw).fresh
    front.close()


def test_over_http(node: Node) -> None:
    guest = Writer(node, "rowan")
    first, second, third = guest.chain(count=3)
    stranger = Writer(node, "stranger", enrol=False)
    with TestClient(make_app(node, token=None, title="Alder")) as client:

        def post(raw: bytes) -> tuple[int, str, dict[str, str]]:
            answer = client.post("/x/entries", content=raw)
            kind = answer.headers["content-type"]
            code = answer.json().get("code", "") if kind == "application/problem+json" else ""
            return answer.status_code, code, dict(answer.headers)

        for status in (201, 200):
            answer = client.post("/x/entries", content=first.raw)
            assert answer.status_code == status
            assert answer.headers["content-type"] == "application/scitt-receipt+cose"
            told = open_receipt(
                answer.content, bytes.fromhex(first.id), bytes.fromhex(node.party.card.receipt)
            )
            assert answer.headers["comity-index"] == str(told.index)
        assert post(b"junk")[:2] == (400, "cbor.form")
        assert post(b"")[0] == 400
        assert post(bytes(70_000))[0] == 413
        assert post(next(stranger.chain()).raw)[:2] == (403, "entry.author")
        assert post(guest.bundle.envelope)[:2] == (403, "entry.key")
        assert post(third.raw)[:2] == (409, "entry.gap")
        assert post(guest.sign(0, "0" * 64, what="rival").raw)[:2] == (409, "entry.taken")
        assert post(guest.sign(1, "ab" * 32).raw)[:2] == (409, "entry.fork")
        assert post(second.raw[:-64] + bytes(64))[0] == 422
        assert post(second.raw)[0] == 201
        status, code, headers = _full(node, client, third.raw)
        assert (status, code, headers["retry-after"]) == (503, "disk.full", "1")
        assert post(third.raw)[0] == 200
    check_published(node)


def _full(node: Node, client: TestClient[NodeApp], raw: bytes) -> tuple[int, str, dict[str, str]]:
    def fail(*_: object) -> None:
        raise Unavailable("disk.full", "public", "the disk is full; nothing was written")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(node.public), "write_all", fail)
        answer = client.post("/x/entries", content=raw)
    return answer.status_code, answer.json()["code"], dict(answer.headers)


def test_errors_keep_their_words(memory: Node) -> None:
    front = GroupCommit(memory)
    guest = Writer(memory, "rowan")
    with pytest.raises(ComityError) as caught:
        front.register(guest.sign(4, "ab" * 32).raw)
    assert (caught.value.code, caught.value.why) == (
        "entry.gap",
        "the next number in this chain of its author is 0",
    )
    front.close()


def test_the_address_is_only_posted_to_and_every_answer_has_the_headers(memory: Node) -> None:
    guest = Writer(memory, "rowan")
    with TestClient(make_app(memory, token=None, title="Alder")) as client:
        answers = [
            client.get("/x/entries"),
            client.post("/x/entries", content=b"junk"),
            client.post("/x/entries", content=bytes(70_000)),
            client.post("/x/entries", content=(bytes(40_000) for _ in range(2))),
            client.post("/x/entries", content=next(guest.chain()).raw),
        ]
        other = client.get("/card").headers
    assert [a.status_code for a in answers] == [405, 400, 413, 413, 201]
    assert answers[0].headers["allow"] == "POST"
    assert [a.json()["code"] for a in answers[:4]] == ["http.405", "cbor.form", "entry.size", "entry.size"]
    for answer in answers:
        for name in ("x-content-type-options", "content-security-policy", "referrer-policy", "cache-control"):
            assert answer.headers[name] == other[name]


def test_a_fault_of_ours_is_told_and_the_next_one_is_served(
    memory: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest = Writer(memory, "rowan")

    def fail(*_: object) -> None:
        raise RuntimeError("ours")

    with TestClient(make_app(memory, token=None, title="Alder")) as client:
        for name in ("read_entries", "register_entries"):
            monkeypatch.setattr(grouping, name, fail)
            answer = client.post("/x/entries", content=next(guest.chain()).raw)
            assert (answer.status_code, answer.json()["code"]) == (500, "node.failed")
            assert "ours" not in answer.text
            monkeypatch.undo()
        assert client.post("/x/entries", content=next(guest.chain()).raw).status_code == 201


class Kept:
    """An answer that remembers what it was told."""

    def __init__(self) -> None:
        self.told = threading.Event()
        self.found: Registered | BaseException | None = None

    def set_running_or_notify_cancel(self) -> bool:
        return True

    def set_result(self, result: Registered) -> None:
        self.found = result
        self.told.set()

    def set_exception(self, exception: BaseException) -> None:
        self.found = exception
        self.told.set()


def test_what_is_handed_over_is_read_by_others_and_bounded(
    memory: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grouping, "UNREAD", 20)
    chain = list(Writer(memory, "rowan").chain(count=3))
    reading, go_on = threading.Event(), threading.Event()
    read = read_entries

    def slowly(node: Node, raws: Sequence[bytes]) -> list[Entry | ComityError]:
        reading.set()
        go_on.wait(30)
        return read(node, raws)

    monkeypatch.setattr(grouping, "read_entries", slowly)
    front = GroupCommit(memory)
    taken: list[Kept] = []
    with pytest.raises(Unavailable, match="too many"):  # noqa: PT012 - which one is the first depends
        for _ in range(grouping.SLICE + 21):
            one = Kept()
            front.hand_over(chain[0].raw, one)
            taken.append(one)
    assert len(taken) >= 20
    bad = Kept()
    go_on.set()
    for one in taken:
        assert one.told.wait(30)
        assert isinstance(one.found, Registered)
    assert len({one.found.index for one in taken if isinstance(one.found, Registered)}) == 1
    front.hand_over(b"junk", bad)
    last = Kept()
    front.hand_over(chain[1].raw, last)
    # Closing answers all that was taken, and takes no more.
    front.close()
    assert isinstance(bad.found, ComityError)
    assert isinstance(last.found, Registered)
    with pytest.raises(Unavailable, match="stopping"):
        front.hand_over(chain[2].raw, Kept())


@pytest.mark.parametrize("compiled", [False, True])
def test_what_is_handed_over_keeps_its_order(
    memory: Node, monkeypatch: pytest.MonkeyPatch, compiled: bool
) -> None:
    """A whole chain may be sent at once, none waiting for the answer to the one before it."""
    monkeypatch.setattr(ed25519, "loaded_loop", load_loop if compiled else lambda: None)
    chain = list(Writer(memory, "rowan").chain(count=200))
    front = GroupCommit(memory)
    taken = [Kept() for _ in chain]
    for envelope, one in zip(chain, taken, strict=True):
        front.hand_over(envelope.raw, one)
    front.close()
    found = [one.found.index for one in taken if isinstance(one.found, Registered)]
    assert found == sorted(found)
    assert len(found) == len(chain)


def test_a_fault_met_in_one_envelope_reaches_nobody_else(
    memory: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = list(Writer(memory, "rowan").chain(count=20))
    behind, go_on = threading.Event(), threading.Event()
    read = read_entries

    def stumble(node: Node, raws: Sequence[bytes]) -> list[Entry | ComityError]:
        behind.set()
        go_on.wait(30)
        if b"stone" in raws:
            raise RuntimeError("ours")
        return read(node, raws)

    monkeypatch.setattr(grouping, "read_entries", stumble)
    front = GroupCommit(memory)
    taken = [Kept() for _ in chain]
    stone = Kept()
    for number, (envelope, one) in enumerate(zip(chain, taken, strict=True)):
        if number == 10:
            front.hand_over(b"stone", stone)
        front.hand_over(envelope.raw, one)
    go_on.set()
    front.close()
    assert isinstance(stone.found, RuntimeError)
    assert all(isinstance(one.found, Registered) for one in taken)
