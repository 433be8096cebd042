"""What every place of work must do (:class:`comity.exchange.ports.Places`)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from comity.errors import Unavailable
from comity.exchange.ports import Places


def join(start: bytes, task: bytes) -> bytes:
    """Work that shows both of what it was given, and whether it was done elsewhere."""
    return start + b"/" + task + (b" here" if str(os.getpid()).encode() in start else b" there")


def stumble(start: bytes, task: bytes) -> bytes:
    """Work that raises at one task, and dies at another."""
    if task == b"2":
        raise ValueError("a task that fails")
    if task == b"5":
        os._exit(9)
    return start + task


def check_order(places: Places) -> None:
    """Results stand in the order of the tasks, each of its own, and none was done in this process."""
    start = str(os.getpid()).encode() + os.urandom(1 << 16)
    tasks = [str(n).encode() for n in range(25)]
    there = start.replace(b" ", b"")
    found = list(places.each(join, there, tasks))
    assert [each.rpartition(b" ")[0] if isinstance(each, bytes) else each for each in found] == [
        there + b"/" + task for task in tasks
    ]
    assert list(places.each(join, b"", [])) == []


def check_losses(places: Places) -> None:
    """What fails, or kills its worker, costs itself alone."""
    found = list(places.each(stumble, b"x", [str(n).encode() for n in range(8)]))
    assert [n for n, each in enumerate(found) if isinstance(each, Unavailable)] == [2, 5]
    assert [each for each in found if isinstance(each, bytes)] == [
        f"x{n}".encode() for n in (0, 1, 3, 4, 6, 7)
    ]
    assert {each.code for each in found if isinstance(each, Unavailable)} == {"file.worker"}


def make_logs(folder: Path) -> Sequence[Path]:
    """Rules in several languages and logs for them: what ``comity find`` is to say the same of everywhere."""
    rules, logs = folder / "rules", folder / "logs"
    rules.mkdir()
    logs.mkdir()
    (rules / "relay.yml").write_text(
        "title: Relay\nid: 5f9d5f36-7b1c-4c3e-9b55-0d3f9e1f0a01\nlogsource: {category: proxy}\n"
        "detection: {s: {src: 203.0.113.9}, condition: s}\n"
    )
    (rules / "many.yml").write_text(
        "title: Many\nname: one\nlogsource: {category: proxy}\n"
        "detection: {s: {src|startswith: '203.'}, condition: s}\n---\ntitle: Burst\n"
        "correlation: {type: event_count, rules: [one], group-by: [src], timespan: 1h, condition: {gte: 3}}\n"
    )
    (rules / "seen.txt").write_text("203.0.113.9\n198.51.100.7\n")
    (rules / "tool.yar").write_text('rule tool { strings: $a = "relay" condition: $a }')
    (rules / "first.sql").write_text("SELECT min(row) AS row FROM rows GROUP BY src ORDER BY row")
    for n in range(6):
        lines = [
            f'{{"src": "203.0.113.{(n * k) % 12}", "time": "2026-10-03T12:{k % 60:02}:00Z"}}\n'
            for k in range(200)
        ]
        (logs / f"{n}.jsonl").write_text("".join(lines))
    (logs / "a.log").write_text("a relay at 198.51.100.7\n")
    (logs / "b.gz").write_bytes(b"\x1f\x8b\x08 compressed")
    return rules, logs
