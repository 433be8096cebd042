"""Queries and YARA rules that do not end, or take all memory: stopped, told, and given up."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial

import pytest

from comity.adapters.forked_apart import run_forked
from comity.dossier.rerun import Reading, run_item
from comity.evidence.bulk import read_batches
from comity.findings import apart, sql, whole, yara
from comity.findings.finding import Parameters
from comity.findings.match import ItemResult, Scanner
from comity.findings.pack import Pack, compile_pack
from comity.findings.rows import ItemInfo
from comity.findings.yara import Judged, YaraScanner, YaraSource, parse_yara

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks of Linux")

ITEM = ItemInfo(ref="r", format="jsonl/1")
ENDLESS = b"rule e { condition: for all i in (0..4000000000) : ( for all j in (0..4000000000) : (true)) }"
QUICK = b'rule q { strings: $a = "evil" condition: $a }'
BOMB = "SELECT min(a.row) AS row FROM rows a, rows b, rows c WHERE a.row * b.row * c.row % 7 = 8 ORDER BY row"


def run(pack: Pack, scanner: Scanner, rows: int) -> ItemResult:
    batches = read_batches("jsonl/1", [b'{"F":"evil"}\n' * rows])
    return run_item(scanner, pack, ITEM, "jsonl/1", batches, Parameters(), Reading(), lambda: True)


def never(*_: object) -> bytes:
    raise AssertionError("asked")


def stopping(why: str) -> Callable[[Callable[[], bytes], int, int], bytes]:
    def stop(work: Callable[[], bytes], memory: int, seconds: int) -> bytes:
        raise apart.StoppedError(why)  # type: ignore[arg-type]

    return stop


def test_what_is_asked_apart_is_what_is_asked_here() -> None:
    """Rows, places and refusals come back over the pipe as they are."""
    pack = compile_pack(
        [
            ("q.yar", QUICK),
            ("q.sql", b"SELECT row FROM rows WHERE F = 'evil' AND row > 1 ORDER BY row"),
            ("n.sql", b"SELECT row + 9 AS row FROM rows WHERE F = 'evil' ORDER BY row"),
        ]
    )
    here, there = Scanner(pack), Scanner(pack)
    whole.whole_of(there).apart = lambda: run_forked
    assert run(pack, here, 3) == run(pack, there, 3)
    assert run(pack, there, 3).refused


def test_an_endless_rule_is_stopped_once_where_it_is_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No second pass, and by the time of the processor."""
    source = parse_yara("e.yar", ENDLESS)
    assert isinstance(source, YaraSource)
    scanner = YaraScanner([source], seconds=1)
    asked = 0

    def count(work: Callable[[], bytes], memory: int, seconds: int) -> bytes:
        nonlocal asked
        asked += 1
        return run_forked(work, memory, seconds)

    judged = scanner.judge(b"evil", count)
    assert judged[source.digest] == Judged(refused="it takes more than 1 seconds of processor on this item")
    assert asked == 1


def test_an_endless_rule_is_given_up_and_costs_no_other() -> None:
    """After the first item it is asked alone; after three it is asked no more, and says so."""
    endless, quick, other = (parse_yara(n, t) for n, t in (("e", ENDLESS), ("q", QUICK), ("o", QUICK + b" ")))
    assert isinstance(endless, YaraSource)
    assert isinstance(quick, YaraSource)
    assert isinstance(other, YaraSource)
    scanner = YaraScanner([endless, quick, other])
    asked: list[int] = []

    def ask(work: Callable[[], bytes], memory: int, seconds: int) -> bytes:
        told = scanner_of(work)
        asked.append(len(told))
        if endless.digest in told:
            raise apart.StoppedError("time")
        return work()

    def scanner_of(work: Callable[[], bytes]) -> tuple[str, ...]:
        cells = dict(zip(work.__code__.co_freevars, work.__closure__ or (), strict=True))
        found: tuple[str, ...] = cells["digests"].cell_contents
        return found

    for turn in range(5):
        judged = scanner.judge(b"evil", ask)
        assert judged[quick.digest].names == judged[other.digest].names == ("q",)
        assert ("given up" in judged[endless.digest].refused) == (turn >= apart.LOST)
    # Together, each alone; then the two and the one alone; then the two.
    assert asked == [3, 1, 1, 1, 2, 1, 2, 1, 2, 2]


def test_a_query_is_held_to_processor_and_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is stopped by the system, named, and given up after three items."""
    pack = compile_pack([("b.sql", BOMB.encode()), ("q.yar", QUICK)])
    (query,) = pack.queries
    scanner = Scanner(pack)
    monkeypatch.setattr(sql, "SECONDS", 1)
    whole.whole_of(scanner).apart = lambda: run_forked
    found = run(pack, scanner, 2000)
    assert found.refused == {query.digest: "it takes more than 1 seconds of processor on this item"}
    assert len(found.matches) == 2000
    for why, told in (("memory", "it needs more than 1024 MB"), ("died", "the engine ends with its process")):
        stop = stopping(why)
        whole.whole_of(scanner).apart = partial(lambda found: found, stop)
        assert run(pack, scanner, 2).refused[query.digest].startswith(told)
    whole.whole_of(scanner).apart = lambda: stopping("time")
    for _ in range(2):
        run(pack, scanner, 2)
    whole.whole_of(scanner).apart = lambda: never
    pack_alone = compile_pack([("b.sql", BOMB.encode())])
    assert run(pack_alone, scanner, 2).refused == {
        query.digest: f"given up: it ran out of time on {apart.LOST} items before"
    }
    assert yara.SECONDS == 60
