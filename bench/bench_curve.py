"""What rules cost: time of the processor for each event, over the number of rules and that of events.

Rules are SigmaHQ's (``../shared/data``), compiled and kept as a run keeps them; events are process creations
that repeat (:mod:`bench.generated_logs`), since those are asked the most rules. Every run starts with nothing
remembered but the kept rules: making them ready is part of it. Times are of the processor, each the best of
five.

Rules are added to 500 in two ways. As they come, some of them match, and each match costs what a match costs.
Of those that match no event of the lane, what is measured is the cost of being there alone.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from bench.bench_find import SHARED, find_all
from bench.figure import Contender, Figure, Measured
from bench.generated_logs import write_events
from comity.cli.scan import Task
from comity.evidence.shapes import load_walk
from comity.findings.finding import Parameters
from comity.findings.pack import AnyRule, Pack, compile_pack, fields_asked
from comity.findings.pack_cache import read_cache, render_cache
from comity.findings.sigma import Rule
from comity.findings.stix import StixPattern

RULES = (500, 1000, 1500, 2000, 2500, 3000)
EVENTS = (5_000, 20_000, 80_000)
AT_ONCE = 20_000
"""So many events are asked each number of rules."""
TURNS = 5
KEY = "0" * 64


def figures(scratch: Path) -> Iterator[Figure]:
    rules = SHARED / "sigma" / "rules"
    if not rules.is_dir():
        absent = (("all points", f"no shared data at {SHARED}"),)
        nothing = Contender(name="comity find", run=lambda: 0.0)
        yield Figure(name="cost of rules", unit="events/s", ours=nothing, runs=1, absent=absent)
        return
    read = [(str(path), path.read_bytes()) for path in sorted(rules.rglob("*.yml"))]
    sources = {hashlib.sha256(raw).hexdigest(): raw for _, raw in read}
    whole = compile_pack(read)
    # Loaded by itself from some megabytes of JSON on.
    load_walk()
    lanes = {count: _task_of(scratch, count) for count in EVENTS}
    lane = lanes[AT_ONCE]
    matches: dict[str, int] = {}
    for done in find_all([lane], whole, scratch):
        assert done.finding is not None
        for rule, _ in done.finding.rows:
            matches[rule] = matches.get(rule, 0) + 1
    packs = {count: _keep(_evenly(whole.rules, count), sources) for count in RULES}
    first = _evenly(whole.rules, RULES[0])
    silent = [rule for rule in whole.rules if rule not in first and rule.digest not in matches]
    added = {
        count: _keep((*first, *_evenly(silent, count - RULES[0])), sources)
        if count > RULES[0]
        else packs[count]
        for count in RULES
    }
    yield _figure("rules that match nothing, added to 500", lane, added, scratch, {})
    found = {
        count: sum(matches.get(rule.digest, 0) for rule in _evenly(whole.rules, count)) for count in RULES
    }
    yield _figure("rules as they come", lane, packs, scratch, found)
    for few_or_many in (RULES[0], RULES[-1]):
        points = [
            _point(f"{count:,} events", lanes[count], added[few_or_many], scratch, count) for count in EVENTS
        ]
        yield Figure(
            name=f"{few_or_many:,} rules over events",
            unit="events/s of processor",
            runs=2,
            ours=points[-1],
            peers=tuple(points[:-1]),
            note="those that were added match nothing",
        )


def _figure(
    name: str, lane: Task, packs: Mapping[int, bytes], scratch: Path, found: Mapping[int, int]
) -> Figure:
    points = [
        _point(
            f"{count:,} rules{f', {found[count]:,} matches' if found else ''}", lane, raw, scratch, AT_ONCE
        )
        for count, raw in packs.items()
    ]
    return Figure(
        name=f"cost over {name}",
        unit="events/s of processor",
        runs=2,
        ours=points[-1],
        peers=tuple(points[:-1]),
        note=f"{AT_ONCE:,} events that repeat",
    )


def _evenly(rules: Sequence[AnyRule], count: int) -> tuple[AnyRule, ...]:
    return tuple(rules[at * len(rules) // count] for at in range(count))


def _keep(rules: Sequence[AnyRule], sources: Mapping[str, bytes]) -> bytes:
    """A pack of these rules as it is kept between runs."""
    chosen = tuple(sorted(rules, key=lambda rule: rule.digest))
    fields = frozenset(fields_asked(rule for rule in chosen if isinstance(rule, Rule | StixPattern)))
    return render_cache(Pack(rules=chosen, unusable=(), digest="", fields=fields), sources, KEY)


def _task_of(scratch: Path, count: int) -> Task:
    lane = scratch / f"events-{count}.jsonl"
    write_events(lane, count, unique=False)
    return Task(path=str(lane), shown=lane.name, format="jsonl/1", parameters=Parameters())


def _point(name: str, task: Task, kept: bytes, scratch: Path, events: int) -> Contender:
    return Contender(name=name, run=partial(_best_rate, task, kept, scratch, events))


def _best_rate(task: Task, kept: bytes, scratch: Path, events: int) -> float:
    best = float("inf")
    for _ in range(TURNS):
        pack = read_cache(kept, KEY, "")
        began = time.process_time()
        find_all([task], pack, scratch)
        best = min(best, time.process_time() - began)
    return events / best


def draw(measured: Sequence[Measured], machine: str) -> dict[str, str]:
    """The page and the picture of these figures, by their names in ``docs/``."""
    silent, mixed, *over = [
        sorted((_number(sample.name), 1e6 / sample.median) for sample in each.samples) for each in measured
    ]
    found = {_number(sample.name): _number(sample.name.partition(", ")[2]) for sample in measured[1].samples}
    return {
        "cost-of-rules.svg": _picture(silent, mixed),
        "cost-of-rules.md": _page(silent, mixed, found, over, machine),
    }


def _number(name: str) -> int:
    return int(name.partition(" ")[0].replace(",", ""))


_Points = Sequence[tuple[int, float]]


def _page(
    silent: _Points, mixed: _Points, found: Mapping[int, int], over: Sequence[_Points], machine: str
) -> str:
    (few, cheap), (many, dear) = silent[0], silent[-1]
    more = found[many] - found[few]
    each = (mixed[-1][1] - dear) * AT_ONCE / more if more else 0.0
    as_they_come = mixed[-1][1] / mixed[0][1]
    lines = [
        "# What rules cost",
        "",
        "Written by `python3 dev bench curve --write`; what is measured, and how, stands in",
        "[the benchmark](../bench/bench_curve.py). Microseconds of processor for each event, the rules made",
        f"ready included. {machine}.",
        "",
        f"From {few:,} to {many:,} rules an event costs {dear / cheap:.2f} times as much where those added",
        f"match nothing, and {as_they_come:.2f} times as rules come: then they find {found[many]:,} rows and",
        f"not {found[few]:,}, at {each:.0f} µs for each.",
        "",
        "![The cost of an event over the number of rules, from zero](cost-of-rules.svg)",
        "",
        f"| rules, {AT_ONCE:,} events | µs, added match nothing | of {few:,} | µs, as they come | matches |",
        "|---:|---:|---:|---:|---:|",
        *(
            f"| {count:,} | {cost:.1f} | {cost / cheap:.2f} | {other:.1f} | {found[count]:,} |"
            for (count, cost), (_, other) in zip(silent, mixed, strict=True)
        ),
        "",
        "Rules are made ready once, so that the longer the log, the less their number costs:",
        "",
        f"| events | µs, {few:,} rules | µs, {many:,} rules | times |",
        "|---:|---:|---:|---:|",
        *(
            f"| {count:,} | {one:.1f} | {other:.1f} | {other / one:.2f} |"
            for (count, one), (_, other) in zip(*over, strict=True)
        ),
        "",
    ]
    return "\n".join(lines)


def _picture(silent: _Points, mixed: _Points) -> str:
    """Two lines over the number of rules; both axes begin at zero."""
    width, height, left, top = 420, 180, 50, 20
    right = silent[-1][0]
    ceiling = 1.2 * max(cost for _, cost in (*silent, *mixed))

    def place(points: _Points) -> list[tuple[float, float, int, float]]:
        return [
            (left + width * count / right, top + height * (1 - cost / ceiling), count, cost)
            for count, cost in points
        ]

    def line(points: _Points, colour: str, above: bool) -> str:
        placed = place(points)
        path = " ".join(f"{x:.0f},{y:.0f}" for x, y, _, _ in placed)
        marks = "".join(
            f'<circle cx="{x:.0f}" cy="{y:.0f}" r="3" fill="{colour}"/>'
            f'<text x="{x:.0f}" y="{y - 9 if above else y + 16:.0f}" text-anchor="middle">{cost:.1f}</text>'
            for x, y, _, cost in placed
        )
        return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>\n{marks}\n'

    below = "".join(
        f'<text x="{x:.0f}" y="{top + height + 18}" text-anchor="middle">{count:,}</text>'
        for x, _, count, _ in place(silent)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 40} {top + height + 45}" '
        'role="img" font-family="sans-serif" font-size="11" fill="#222">\n'
        "<title>Microseconds of processor for each event, over the number of rules: as they come, and "
        "where those that are added match nothing</title>\n"
        f'<rect width="{left + width + 40}" height="{top + height + 45}" fill="#fff"/>\n'
        f'<path d="M{left} {top}V{top + height}H{left + width}" fill="none" stroke="#888"/>\n'
        f"{line(mixed, '#9a6700', above=True)}{line(silent, '#1a5fb4', above=False)}{below}\n"
        f'<text x="{left + 8}" y="{top + 8}" fill="#9a6700">as they come</text>\n'
        f'<text x="{left + 8}" y="{top + 22}" fill="#1a5fb4">added ones match nothing</text>\n'
        f'<text x="{left - 8}" y="{top + height + 4}" text-anchor="end">0</text>'
        f'<text x="{left - 8}" y="{top + 8}" text-anchor="end">µs</text>'
        f'<text x="{left + width / 2:.0f}" y="{top + height + 38}" text-anchor="middle">rules</text>\n'
        "</svg>\n"
    )
