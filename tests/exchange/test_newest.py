"""The newest receipt held of each ledger, kept up with what comes in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.exchange.newest import Newest
from comity.exchange.node import Node
from comity.exchange.ports import Held
from comity.ledger.receipt import peek_receipt
from tests.exchange.homes import Homes


def largest(node: Node, home: str) -> int:
    sizes = [
        peek_receipt(held.receipt)[1]
        for case in node.journal.cases()
        for held in node.journal.held(case)
        if held.home == home and held.receipt
    ]
    return max(sizes, default=0)


def test_it_gives_what_looking_through_everything_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    homes = Homes(tmp_path)
    cedar = homes.node("cedar")
    reads: list[int] = []
    news = cedar.journal.news

    def count(case: str, after: int) -> Iterator[tuple[int, Held]]:
        for mark, held in news(case, after):
            reads.append(mark)
            yield mark, held

    monkeypatch.setattr(cedar.journal, "news", count)
    for n in range(3):
        homes.say("alder", f"Number {n}.")
        homes.settle()
        for node in homes.nodes:
            found = cedar.newest.of(cedar.journal, node.id)
            assert (peek_receipt(found[1])[1] if found else 0) == largest(cedar, node.id)
    reads.clear()
    assert cedar.newest.of(cedar.journal, homes.node("alder").id) is not None
    # Nothing that was read once is read again, however often anyone asks.
    assert not reads
    assert cedar.newest.of(cedar.journal, "0" * 64) is None
    assert Newest().of(cedar.journal, homes.node("alder").id) == cedar.newest.of(
        cedar.journal, homes.node("alder").id
    )
    homes.close()
