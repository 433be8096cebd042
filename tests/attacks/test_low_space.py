"""A disk that fills up: nothing is begun that could not be finished (INTEGRITY, attack 29)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from litestar.testing import TestClient

from comity import compose
from comity.adapters import disk_room
from comity.errors import Unavailable
from comity.evidence.seal import Declared
from comity.exchange import acts, delivery, evidence, working
from comity.exchange.node import Node
from comity.web.app import make_app
from tests.cli.running import ok, run
from tests.exchange.homes import Homes

TOKEN = "a-token-of-these-tests"
FLOOR = 128 * disk_room.MEGABYTE


class Disk:
    """A file system with so many free bytes, as far as anyone asks."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.free = 100 * FLOOR
        patch.setattr(os, "statvfs", lambda _: SimpleNamespace(f_bavail=self.free // 4096, f_frsize=4096))


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


@pytest.fixture
def homes(tmp_path: Path, disk: Disk) -> Iterator[Homes]:
    made = Homes(tmp_path)
    made.settle()
    yield made
    made.close()


def files_of(home: Path) -> dict[str, bytes]:
    """Everything that is kept, but for the lock files and the database's own companions."""
    return {
        path.relative_to(home).as_posix(): path.read_bytes()
        for path in sorted(home.rglob("*"))
        if path.is_file() and path.suffix != ".lock" and not path.name.startswith("journal.sqlite")
    }


def require_low(node: Node, act: Callable[[], object]) -> None:
    before = node.journal.version(), node.journal.size()
    with pytest.raises(Unavailable) as low:
        act()
    assert low.value.code == "disk.low"
    assert "MB are free" in low.value.why
    assert "nothing was written" in low.value.why
    assert (node.journal.version(), node.journal.size()) == before


def test_below_the_floor_nothing_is_begun_and_reading_goes_on(homes: Homes, disk: Disk) -> None:
    node, birch = homes.node("alder"), homes.node("birch")
    arrived = homes.say("birch", "On its way.")
    message = delivery.seal_parcel(
        birch,
        node.id,
        delivery.Parcel(
            case=homes.case,
            bundles=[birch.held_bundle(h, True) for h in birch.journal.held(homes.case) if h.id == arrived],
        ),
    )
    before = files_of(homes.folder / "alder")
    disk.free = FLOOR - 4096
    require_low(node, lambda: homes.say("alder", "Too late."))
    require_low(node, lambda: working.receive_and_receipt(node, message.body))
    require_low(node, lambda: acts.invite(node, homes.case, birch.id))
    require_low(
        node,
        lambda: evidence.seal_item(
            node, homes.case, [b"a,b\n1,2\n"], "x.csv", "csv/1", Declared(zone="+00:00", origin="x")
        ),
    )
    assert files_of(homes.folder / "alder") == before
    assert node.state(homes.case).records
    # The sender keeps what was not taken, and it arrives once there is room.
    disk.free = 100 * FLOOR
    homes.settle()
    homes.say("alder", "There is room again.")
    homes.settle()
    assert arrived in node.state(homes.case).records


def test_a_blob_leaves_enough_to_record_it(homes: Homes, disk: Disk) -> None:
    node = homes.node("alder")
    disk.free = 2 * FLOOR + 4096

    def chunks() -> Iterator[bytes]:
        for _ in range(4):
            yield b"row\n" * 60_000
            disk.free -= 4096  # others write too

    before = files_of(homes.folder / "alder")
    require_low(node, lambda: node.blobs.put_stream(chunks()))
    assert files_of(homes.folder / "alder") == before
    # What is left is above the floor, so acts go on.
    homes.say("alder", "Still recorded.")


def test_it_is_shown(tmp_path: Path, disk: Disk) -> None:
    home = tmp_path / "alda"
    ok("init", home, "--name", "Alda Desk", "--listen", "127.0.0.1:8731")
    assert not ok("status", "--home", home, "--json").one("room")["low"]
    assert "SPACE IS LOW" not in ok("status", "--home", home).out
    disk.free = FLOOR // 2
    told = ok("status", "--home", home)
    assert "SPACE IS LOW: 64 MB are free" in told.out
    shown = ok("status", "--home", home, "--json").one("room")
    assert (shown["low"], shown["free"], shown["floor"]) == (True, FLOOR // 2, FLOOR)
    refused = run("case", "open", "--title", "x", "--home", home)
    assert refused.code != 0
    assert "disk.low" in refused.err
    assert ok("case", "list", "--home", home, "--json").of("case") == []
    opened = compose.open_home(home)
    client = TestClient(make_app(opened.node, token=TOKEN, title="Alda Desk"))
    assert "Space is low." in client.get("/", params={"token": TOKEN}).text
    disk.free = 100 * FLOOR
    assert "Space is low." not in client.get("/").text
    opened.close()
    # The floor is a setting.
    settings = home / "comity.toml"
    settings.write_text(settings.read_text().replace("keep_free_mb = 128", "keep_free_mb = 0"))
    disk.free = 0
    ok("case", "open", "--title", "x", "--home", home)
