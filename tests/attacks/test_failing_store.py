"""Public files in a store that fails at any request: what anyone reads is always a ledger that holds.

A checkpoint is never there without every tile and entry bundle of its tree, whatever failed, was written and
not confirmed, or was carried out late; and what could not be published is published by the next turn.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from comity.adapters.s3_bucket import S3Bucket
from comity.adapters.s3_place import S3Place
from comity.adapters.s3_public import S3Public
from comity.case.party_keys import read_checkpoint
from comity.errors import Unavailable
from comity.exchange import acts, working
from comity.exchange.node import Node
from comity.ledger import tiles
from comity.ledger.merkle import leaf_hash
from comity.records.kinds import Assertion
from tests.exchange.network import World
from tests.exchange.test_story import open_case
from tests.object_store import Store


class Failing(S3Bucket):
    """A bucket whose ``at``-th write fails: before it was carried out, or after it, unconfirmed."""

    def __init__(self, place: S3Place, unconfirmed: bool) -> None:
        super().__init__(place)
        self.unconfirmed = unconfirmed
        self.at: int | None = None
        self.writes = 0

    def put(self, key: str, data: bytes, **parameters: Any) -> str:
        self.writes += 1
        fails = self.writes == self.at
        if fails and not self.unconfirmed:
            raise Unavailable("s3.failed", key, "the store failed")
        tag = super().put(key, data, **parameters)
        if fails:
            raise Unavailable("s3.failed", key, "the store did not answer")
        return tag


def require_whole(store: Store, place: S3Place, node: Node) -> int:
    """The size of the ledger that a stranger reads from the store, every file of it looked at."""
    names = set(store.names(place))
    if "checkpoint" not in names:
        return 0

    def read(name: str) -> bytes:
        assert name in names, f"the checkpoint stands, and {name} does not"
        return store.load(place, name)

    head = read_checkpoint(read("checkpoint").decode(), node.party)
    tree = tiles.rebuild(read, head.size)
    assert tree.root() == head.root
    leaves: list[bytes] = []
    for name, start, end in tiles.new_bundles(0, head.size):
        entries = tiles.decode_entries(read(name), name)
        assert len(entries) == end - start
        leaves += [leaf_hash(entry) for entry in entries]
    assert leaves == tree.nodes(0, 0, head.size)
    assert head.size <= node.journal.size(), "nothing is published before the journal has it"
    return head.size


def claim(node: Node, case: str, n: int) -> str:
    return acts.state_claim(node, case, "t", [Assertion(text=f"Words {n}", level="tactical")]).value.id


@pytest.mark.parametrize("unconfirmed", [False, True], ids=["not written", "written and not confirmed"])
def test_a_checkpoint_never_stands_without_its_tiles(store: Store, tmp_path: Path, unconfirmed: bool) -> None:
    world = World(tmp_path, ["alder", "birch", "cedar"])
    a = world.nodes[0]
    place = store.make()
    bucket = Failing(place, unconfirmed)
    a.public, a.head, a.bundle = S3Public(bucket), None, None
    case = open_case(world)
    require_whole(store, place, a)
    failed = 0
    for at in (1, 2, 3):
        bucket.writes, bucket.at = 0, at
        said = claim(a, case, at)
        assert said in a.state(case).accepted, "an act is done once the journal is durable"
        behind = a.unpublished is not None
        failed += behind
        size = require_whole(store, place, a)
        assert behind or size == a.journal.size()
        bucket.at = None
        working.tick(a, world.network)
        assert a.unpublished is None
        assert require_whole(store, place, a) == a.journal.size()
    assert failed >= 2


def test_a_store_that_is_away_for_many_acts(store: Store, tmp_path: Path) -> None:
    world = World(tmp_path, ["alder", "birch", "cedar"])
    a = world.nodes[0]
    place = store.make()
    bucket = Failing(place, False)
    a.public, a.head, a.bundle = S3Public(bucket), None, None
    case = open_case(world)
    before = require_whole(store, place, a)
    for n in range(4):
        bucket.writes, bucket.at = 0, 1
        claim(a, case, n)
        assert require_whole(store, place, a) == before
    bucket.at = None
    working.tick(a, world.network)
    assert require_whole(store, place, a) == a.journal.size() > before
