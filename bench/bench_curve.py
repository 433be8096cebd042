"""What rules cost: events each second of processor, over the number of rules and the number of events.

Rules are taken evenly from all of SigmaHQ's (``../shared/data``), and events are process creations that
repeat (:mod:`bench.generated_logs`), since those are asked the most rules. Every run starts with nothing
remembered but the compiled pack: making the rules ready is part of it. Times are of the processor, each
the best of three.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from bench.bench_find import SHARED, find_all
from bench.figure import Contender, Figure, Measured
from bench.generated_logs import write_events
from comity.cli.scan import Task
from comity.evidence.shapes import load_walk
from comity.findings.finding import Parameters
from comity.findings.pack import Pack, compile_pack, fields_asked
from comity.findings.sigma import Rule
from comity.findings.stix import StixPattern

RULES = (500, 1000, 1500, 2000, 2500, 3000)
EVENTS = (5_000, 10_000, 20_000, 40_000)
AT_ONCE = 20_000
"""So many events are asked each number of rules."""
TURNS = 3


def figures(scratch: Path) -> Iterator[Figure]:
    rules = SHARED / "sigma" / "rules"
    if not rules.is_dir():
        absent = (("all points", f"no shared data at {SHARED}"),)
        nothing = Contender(name="comity find", run=lambda: 0.0)
        yield Figure(name="cost of rules", unit="events/s", ours=nothing, runs=1, absent=absent)
        return
    whole = compile_pack((str(path), path.read_bytes()) for path in sorted(rules.rglob("*.yml")))
    # Loaded by itself from 16 MB on.
    load_walk()
    packs = {count: _some_of(whole, count) for count in RULES}
    lanes = {count: _task_of(scratch, count) for count in EVENTS}
    yield Figure(
        name="cost over rules",
        unit="events/s of processor",
        runs=1,
        ours=_point(f"{RULES[-1]:,} rules", lanes[AT_ONCE], packs[RULES[-1]], scratch, AT_ONCE),
        peers=tuple(
            _point(f"{count:,} rules", lanes[AT_ONCE], packs[count], scratch, AT_ONCE) for count in RULES[:-1]
        ),
        note=f"{AT_ONCE:,} events that repeat",
    )
    yield Figure(
        name="cost over events",
        unit="events/s of processor",
        runs=1,
        ours=_point(f"{EVENTS[-1]:,} events", lanes[EVENTS[-1]], packs[RULES[-1]], scratch, EVENTS[-1]),
        peers=tuple(
            _point(f"{count:,} events", lanes[count], packs[RULES[-1]], scratch, count)
            for count in EVENTS[:-1]
        ),
        note=f"{RULES[-1]:,} rules",
    )


def _some_of(pack: Pack, count: int) -> Pack:
    chosen = tuple(pack.rules[at * len(pack.rules) // count] for at in range(count))
    fields = frozenset(fields_asked(rule for rule in chosen if isinstance(rule, Rule | StixPattern)))
    return Pack(rules=chosen, unusable=(), digest="", fields=fields)


def _task_of(scratch: Path, count: int) -> Task:
    lane = scratch / f"events-{count}.jsonl"
    write_events(lane, count, unique=False)
    return Task(path=str(lane), shown=lane.name, format="jsonl/1", parameters=Parameters())


def _point(name: str, task: Task, pack: Pack, scratch: Path, events: int) -> Contender:
    return Contender(name=name, run=partial(_best_rate, task, pack, scratch, events))


def _best_rate(task: Task, pack: Pack, scratch: Path, events: int) -> float:
    best = float("inf")
    for _ in range(TURNS):
        began = time.process_time()
        find_all([task], pack, scratch)
        best = min(best, time.process_time() - began)
    return events / best


def draw(measured: Sequence[Measured], machine: str) -> dict[str, str]:
    """The page and the picture of these figures, by their names in ``docs/``."""
    rules = sorted((_number(sample.name), 1e6 / sample.median) for sample in measured[0].samples)
    events = sorted((_number(sample.name), 1e6 / sample.median) for sample in measured[1].samples)
    return {"cost-of-rules.svg": _picture(rules), "cost-of-rules.md": _page(rules, events, machine)}


def _number(name: str) -> int:
    return int(name.partition(" ")[0].replace(",", ""))


def _page(rules: Sequence[tuple[int, float]], events: Sequence[tuple[int, float]], machine: str) -> str:
    (few, cheap), (many, dear) = rules[0], rules[-1]
    lines = [
        "# What rules cost",
        "",
        "Written by `python3 dev bench curve --write`; what is measured, and how, stands in",
        "[the benchmark](../bench/bench_curve.py). Microseconds of processor for each event, the rules made",
        f"ready included. {machine}.",
        "",
        f"From {few:,} to {many:,} rules an event costs {dear / cheap:.2f} times as much.",
        "",
        "![The cost of an event over the number of rules, from zero](cost-of-rules.svg)",
        "",
        f"| rules, {AT_ONCE:,} events | µs an event | of {few:,} rules |",
        "|---:|---:|---:|",
        *(f"| {count:,} | {cost:.1f} | {cost / cheap:.2f} |" for count, cost in rules),
        "",
        "In events the cost is linear, but for making the rules ready once.",
        "",
        f"| events, {many:,} rules | µs an event |",
        "|---:|---:|",
        *(f"| {count:,} | {cost:.1f} |" for count, cost in events),
        "",
    ]
    return "\n".join(lines)


def _picture(points: Sequence[tuple[int, float]]) -> str:
    """A line over the number of rules; both axes begin at zero."""
    width, height, left, top = 420, 180, 50, 20
    right, ceiling = points[-1][0], 1.2 * max(cost for _, cost in points)
    placed = [
        (left + width * count / right, top + height * (1 - cost / ceiling), count, cost)
        for count, cost in points
    ]
    line = " ".join(f"{x:.0f},{y:.0f}" for x, y, _, _ in placed)
    marks = "".join(
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="3"/>'
        f'<text x="{x:.0f}" y="{y - 9:.0f}" text-anchor="middle">{cost:.1f}</text>'
        f'<text x="{x:.0f}" y="{top + height + 18}" text-anchor="middle">{count:,}</text>'
        for x, y, count, cost in placed
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 40} {top + height + 45}" '
        'role="img" font-family="sans-serif" font-size="11" fill="#222">\n'
        "<title>Microseconds of processor for each event, over the number of rules</title>\n"
        f'<rect width="{left + width + 40}" height="{top + height + 45}" fill="#fff"/>\n'
        f'<path d="M{left} {top}V{top + height}H{left + width}" fill="none" stroke="#888"/>\n'
        f'<polyline points="{line}" fill="none" stroke="#1a5fb4" stroke-width="2"/>\n{marks}\n'
        f'<text x="{left - 8}" y="{top + height + 4}" text-anchor="end">0</text>'
        f'<text x="{left - 8}" y="{top + 8}" text-anchor="end">µs</text>'
        f'<text x="{left + width / 2:.0f}" y="{top + height + 38}" text-anchor="middle">rules</text>\n'
        "</svg>\n"
    )
