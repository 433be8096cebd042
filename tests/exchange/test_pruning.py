"""Partial tiles go once the full one has stood for the time that readers are given, and not before."""

from __future__ import annotations

from pathlib import Path

import pytest

from comity.errors import Malformed, Unavailable
from comity.exchange import pruning
from comity.exchange.appending import Registered, read_entry, register_entries
from comity.exchange.node import Node
from comity.exchange.ports import Write
from comity.ledger import tiles
from tests.entries import Writer
from tests.exchange.network import Clock, PublicMemory, World
from tests.exchange.test_appending import check_published


def names(node: Node) -> set[str]:
    assert isinstance(node.public, PublicMemory)
    return set(node.public.files)


def partial(node: Node, folder: str) -> set[str]:
    return {name for name in names(node) if name.startswith(f"{folder}/")}


def wait(node: Node, seconds: int) -> None:
    assert isinstance(node.effects, Clock)
    node.effects.time += seconds


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return World(tmp_path, ["alder"]).nodes[0]


def test_they_go_after_the_time_and_older_heads_still_hold(node: Node) -> None:
    chain = Writer(node, "rowan").chain()
    heads: list[tuple[int, bytes]] = []

    def grow(count: int) -> None:
        for start in range(0, count, 50):
            entries = [read_entry(node, next(chain).raw) for _ in range(min(50, count - start))]
            assert all(isinstance(one, Registered) for one in register_entries(node, entries))
            heads.append((node.tree().size, node.tree().root()))

    grow(240)
    assert pruning.drop_partials(node) == 0
    assert node.journal.note(pruning.NOTE) is None  # nothing was replaced yet
    grow(100)
    for _ in range(3):
        assert pruning.drop_partials(node) == 0
        wait(node, pruning.GRACE // 4)
    assert partial(node, "tile/0/000.p")
    grow(300)
    wait(node, pruning.GRACE // 4)
    # What was full when the time began; what filled since waits for its own.
    assert pruning.drop_partials(node) == 2
    assert not partial(node, "tile/0/000.p") | partial(node, "tile/entries/000.p")
    assert partial(node, "tile/0/001.p")
    assert partial(node, "tile/1/000.p")
    assert {"tile/0/000", "tile/entries/000"} <= names(node)
    assert pruning.drop_partials(node) == 0
    wait(node, pruning.GRACE)
    assert pruning.drop_partials(node) == 2
    assert not partial(node, "tile/0/001.p")
    assert pruning.drop_partials(node) == 0
    check_published(node)

    def read(name: str) -> bytes:
        found = node.public.read(name)
        if found is None:
            raise Unavailable("tile.missing", name, "not there")
        return found

    for size, root in heads:
        assert tiles.rebuild(read, size).root(size) == root


def test_none_goes_while_the_full_one_is_not_there(node: Node) -> None:
    chain = Writer(node, "rowan").chain()
    for _ in range(2):
        register_entries(node, [read_entry(node, next(chain).raw) for _ in range(150)])
    pruning.drop_partials(node)
    wait(node, pruning.GRACE)
    assert isinstance(node.public, PublicMemory)
    del node.public.files["tile/0/000"]
    assert pruning.drop_partials(node) == 1
    assert partial(node, "tile/0/000.p")
    assert not partial(node, "tile/entries/000.p")


def test_a_note_that_is_none_is_said(node: Node) -> None:
    node.journal.write(Write(notes={pruning.NOTE: b"\x80"}))
    with pytest.raises(Malformed) as error:
        pruning.drop_partials(node)
    assert error.value.code == "ledger.partials"


def test_a_store_that_deletes_nothing_is_asked_again_a_week_later(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = Writer(node, "rowan").chain()
    for _ in range(2):
        register_entries(node, [read_entry(node, next(chain).raw) for _ in range(150)])
    pruning.drop_partials(node)
    wait(node, pruning.GRACE)

    def denied(*_: object) -> None:
        raise Unavailable("s3.denied", "tile", "not allowed")

    monkeypatch.setattr(PublicMemory, "clear", denied)
    with pytest.raises(Unavailable):
        pruning.drop_partials(node)
    monkeypatch.undo()
    assert pruning.drop_partials(node) == 0
    wait(node, pruning.GRACE)
    assert pruning.drop_partials(node) == 2
