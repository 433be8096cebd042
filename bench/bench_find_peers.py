"""Findings beside each peer that a registry has, on the same rules and logs: ``python3 dev bench peers``.

Times are of the processor, ours and theirs (each peer in a process of its own, :mod:`bench.peer_lanes`, its
imports left out), in turns within one run; and each note says in how far the same was found. A peer whose
package is not there is named with the reason. ``COMITY_BENCH_LONG=1`` takes the sizes of the targets: a
million indicators over 500 MB, where grep takes minutes and ripgrep more than 10 GB.
"""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

from bench.bench_find import SHARED, find_all, task_of
from bench.figure import Contender, Figure
from bench.generated_logs import write_events, write_indicators, write_web_log
from comity.cli.rule_cache import load_pack
from comity.cli.scan import Scanned, Task
from comity.evidence.formats import FormatName
from comity.findings.finding import Parameters
from comity.findings.pack import Pack, compile_pack
from demo.cast import FORWARD
from demo.evidence import generate

LONG = bool(os.environ.get("COMITY_BENCH_LONG"))
LISTED, WEB = (1_000_000, 500) if LONG else (50_000, 24)
SECONDS = int(os.environ.get("COMITY_BENCH_SECONDS") or (240 if LONG else 60))
"""Of the processor, for each peer."""
MEMORY = 12 << 30
ASKED = 100
"""So many Sigma rules."""
EVENTS = 2_000
OBSERVED = 1_000
LOGS = 24 if LONG else 10
BINARY = 16_000_000
PATTERNS = {
    "address": "[ipv4-addr:value = '192.0.2.7']",
    "network": "[ipv4-addr:value ISSUBSET '198.51.0.0/16']",
    "port": "[network-traffic:dst_port > 8000 AND network-traffic:dst_port < 9000]",
    "name": "[file:name LIKE '%evil%' OR file:name IN ('a.exe', 'b.exe')]",
}
YARA = """
rule words { strings: $a = "Invoke-Mimikatz" nocase $b = "sekurlsa" condition: any of them }
rule bytes { strings: $a = { 4D 5A ?? 00 03 } $b = { DE AD BE EF } condition: $a or $b }
rule expression { strings: $a = /https?:\\/\\/[a-z]{3,12}\\.evil/ condition: $a }
rule both { strings: $a = "kernel32" $b = "VirtualAlloc" condition: all of them }
"""


def run_limited(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """A peer, which may take so much time of the processor and so much memory, no more."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

    return subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=limit)


def why_stopped(code: int) -> str:
    """Why a peer was stopped; empty where it ended by itself."""
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        return f"stopped after {SECONDS} s of processor"
    return f"stopped: it ended by signal {-code}, with {MEMORY >> 30} GiB given" if code < 0 else ""


@cache
def ask_peer(lane: str, *arguments: str) -> tuple[dict[str, Any] | None, str]:
    """What a peer says, or None and why it cannot run or was stopped."""
    command = [sys.executable, "-I", str(Path(__file__).with_name("peer_lanes.py")), lane, *arguments]
    done = run_limited(command)
    if done.returncode:
        if stopped := why_stopped(done.returncode):
            return None, stopped
        last = (done.stderr.strip().splitlines() or ["it died"])[-1]
        why = "`python3 dev bench peers` sets it up" if "ModuleNotFoundError" in last else last
        return None, f"{last}; {why}" if why != last else last
    said: dict[str, Any] = json.loads(done.stdout)
    return said, ""


def run_peer(amount: float, lane: str, *arguments: str) -> float:
    """Its rate, run again."""
    said, why = ask_peer.__wrapped__(lane, *arguments)
    if said is None:
        raise AssertionError(why)
    return amount / max(float(said["seconds"]), 1e-9)


def contend(
    lanes: Iterable[tuple[str, float, Sequence[str]]],
) -> tuple[tuple[Contender, ...], tuple[tuple[str, str], ...], dict[str, dict[str, Any]]]:
    """The peers that can run, those that cannot, and what each found."""
    peers, absent, found = [], [], {}
    for name, amount, arguments in lanes:
        said, why = ask_peer(*arguments)
        if said is None:
            absent.append((name, why))
        else:
            peers.append(Contender(name=name, run=partial(run_peer, amount, *arguments)))
            found[name] = said
    return tuple(peers), tuple(absent), found


def rate_of(amount: float, tasks: Sequence[Task], pack: Pack, scratch: Path) -> float:
    """So much work for each second of the processor; children's time counts as well."""
    began = _processor()
    find_all(tasks, pack, scratch)
    return amount / (_processor() - began)


def _processor() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def rows_by_rule(pack: Pack, done: Sequence[Scanned]) -> dict[str, list[int]]:
    """The rows that each rule matched, by the name of its source, of one file."""
    names = {rule.digest: Path(rule.source_name).name for rule in pack.rules}
    found: dict[str, list[int]] = {name: [] for name in names.values()}
    for one in done:
        for digest, row in one.finding.rows if one.finding else ():
            found[names[digest]].append(row)
    return {name: sorted(rows) for name, rows in found.items()}


def same(ours: Mapping[str, object], theirs: Mapping[str, object]) -> str:
    """In how far two results agree."""
    both = ours.keys() & theirs.keys()
    return f"{sum(ours[name] == theirs[name] for name in both)} of {len(both)} alike"


def figures(scratch: Path) -> Iterator[Figure]:
    yield figure_of_indicators(scratch)
    yield figure_of_stix(scratch)
    yield figure_of_yara(scratch)
    rules = SHARED / "sigma" / "rules" / "windows"
    if rules.is_dir():
        yield from figures_of_sigma(scratch, rules)
        yield from figures_of_logs(scratch, rules)
    else:
        nothing = Contender(name="comity find", run=lambda: 0.0)
        absent = (("pySigma, duckdb, evtx, python-evtx", f"no shared data at {SHARED}"),)
        yield Figure(name="Sigma rules and event logs", unit="events/s", ours=nothing, runs=1, absent=absent)


def task(path: Path, form: FormatName | None, logsource: Mapping[str, str] | None = None) -> Task:
    parameters = Parameters(logsource=tuple(sorted((logsource or {}).items())))
    return Task(path=str(path), shown=path.name, format=form, parameters=parameters)


def figures_of_sigma(scratch: Path, rules: Path) -> Iterator[Figure]:
    """Process events with some Sigma rules: one pass, and one query for each rule."""
    chosen = sorted((rules / "process_creation").glob("*.yml"))
    chosen = chosen[:: max(1, len(chosen) // ASKED)][:ASKED]
    apart = scratch / "rules"
    apart.mkdir()
    for path in chosen:
        shutil.copy(path, apart)
    pack = compile_pack((path.name, path.read_bytes()) for path in chosen)
    manifest = generate(scratch / "evidence", FORWARD)
    generated = scratch / "events.jsonl"
    write_events(generated, EVENTS, unique=True)
    source = {"category": "process_creation", "product": "windows"}
    lanes = (
        ("the demo's process events", task_of(scratch / "evidence", manifest.file("claimant/sysmon.jsonl"))),
        ("events that never repeat", task(generated, "jsonl/1", source)),
    )
    for name, one in lanes:
        parameters = Parameters(logsource=tuple(sorted(source.items())))
        asked = Task(path=one.path, shown=one.shown, format="jsonl/1", parameters=parameters)
        done = find_all([asked], pack, scratch)
        ours, rows = rows_by_rule(pack, done), done[0].rows
        engines = (("pySigma, SQLite", "sqlite"), ("pySigma's SQL, duckdb", "duckdb"))
        peers, absent, found = contend(
            (told, rows, ("sigma", engine, one.path, str(apart))) for told, engine in engines
        )
        notes = [
            f"{told}: {same(ours, said['hits'])}, {said['failed']} queries failed"
            for told, said in found.items()
        ]
        yield Figure(
            name=f"{name}, {len(pack.rules)} Sigma rules",
            unit="events/s of processor",
            runs=3,
            ours=Contender(name="comity find", run=partial(rate_of, rows, [asked], pack, scratch)),
            peers=peers,
            absent=absent,
            note=f"{rows:,} events, {sum(map(len, ours.values())):,} hits; rows by rule: {'; '.join(notes)}",
        )


def figures_of_logs(scratch: Path, rules: Path) -> Iterator[Figure]:
    """Event logs as they are, with every Windows rule, beside parsers that ask nothing."""
    pack = compile_pack((path.name, path.read_bytes()) for path in sorted(rules.rglob("*.yml")))
    logs = sorted((SHARED / "evtx").rglob("*.evtx"), key=lambda path: (-path.stat().st_size, path))
    # python-evtx takes its time: it gets a log of its own, and so do we beside it.
    lanes = (("large", logs[:LOGS], ("evtx",)), ("one of the", logs[12:13], ("evtx", "python-evtx")))
    for name, some, parsers in lanes:
        tasks = [task(log, None) for log in some]
        done = find_all(tasks, pack, scratch)
        rows = sum(one.rows for one in done)
        paths = [str(log) for log in some]
        peers, absent, found = contend((f"{parser} alone", rows, (parser, *paths)) for parser in parsers)
        counts = ", ".join(f"{told}: {said['hits']:,}" for told, said in found.items())
        yield Figure(
            name=f"{name} event logs, {len(pack.rules):,} Windows rules",
            unit="events/s of processor",
            runs=3,
            ours=Contender(name="comity find, from .evtx", run=partial(rate_of, rows, tasks, pack, scratch)),
            peers=peers,
            absent=absent,
            note=f"{rows:,} events in {sum(log.stat().st_size for log in some) / 1e6:.1f} MB"
            f" (records read by {counts})",
        )


def figure_of_stix(scratch: Path) -> Figure:
    """STIX patterns of one observation over rows; theirs are the same rows as bundles."""
    chance = random.Random(7)
    lines, bundles = [], []
    for number in range(OBSERVED):
        address = chance.choice(["192.0.2.7", f"198.51.{chance.randint(0, 255)}.9", "203.0.113.5"])
        port = chance.randint(1, 65_535)
        name = chance.choice(["a.exe", "b.exe", "c.exe", "evil.dll", f"x{number}.dll"])
        lines.append(json.dumps({"SourceIp": address, "DestinationPort": port, "Image": name}))
        bundles.append(json.dumps(bundle(number, address, port, name)))
    rows, seen, asked = scratch / "rows.jsonl", scratch / "bundles.jsonl", scratch / "patterns.json"
    rows.write_text("\n".join(lines))
    seen.write_text("\n".join(bundles))
    asked.write_text(json.dumps(PATTERNS))
    pack = compile_pack((f"{name}.stix", text.encode()) for name, text in PATTERNS.items())
    tasks = [task(rows, "jsonl/1")]
    ours = {Path(n).stem: found for n, found in rows_by_rule(pack, find_all(tasks, pack, scratch)).items()}
    amount = OBSERVED * len(PATTERNS)
    peers, absent, found = contend([("stix2-matcher", amount, ("stix", str(asked), str(seen)))])
    return Figure(
        name=f"{len(PATTERNS)} STIX patterns over {OBSERVED:,} observations",
        unit="answers/s of processor",
        runs=3,
        ours=Contender(name="comity find", run=partial(rate_of, amount, tasks, pack, scratch)),
        peers=peers,
        absent=absent,
        note=f"{sum(map(len, ours.values())):,} hits; rows by pattern: "
        + "; ".join(f"{told}: {same(ours, said['hits'])}" for told, said in found.items()),
    )


def bundle(number: int, address: str, port: int, name: str) -> dict[str, object]:
    """A row as STIX observed data."""
    tail = f"--00000000-0000-4000-8000-{number:012d}"
    things: list[dict[str, object]] = [
        {"type": "ipv4-addr", "id": f"ipv4-addr{tail}", "value": address},
        {"type": "network-traffic", "id": f"network-traffic{tail}", "dst_port": port},
        {"type": "file", "id": f"file{tail}", "name": name},
    ]
    observed = {
        "type": "observed-data",
        "id": f"observed-data{tail}",
        "spec_version": "2.1",
        "first_observed": "2026-01-01T00:00:00Z",
        "last_observed": "2026-01-01T00:00:00Z",
        "number_observed": 1,
        "object_refs": [thing["id"] for thing in things],
    }
    return {"type": "bundle", "id": f"bundle{tail}", "objects": [observed, *things]}


def figure_of_yara(scratch: Path) -> Figure:
    """YARA rules over a file of bytes that look like none of them, with a few that do."""
    rules, file = scratch / "rules.yar", scratch / "file.bin"
    rules.write_text(YARA)
    body = bytearray(random.Random(9).randbytes(BINARY))
    for at, text in (
        (1_000_003, b"invoke-MIMIKATZ"),
        (9_000_001, b"kernel32"),
        (12_000_000, b"VirtualAlloc"),
    ):
        body[at : at + len(text)] = text
    file.write_bytes(body)
    pack = compile_pack([(rules.name, rules.read_bytes())])
    tasks = [task(file, "opaque/1")]
    done = find_all(tasks, pack, scratch)
    amount = BINARY / 1e6
    peers, absent, found = contend([("yara-python", amount, ("yara", str(rules), str(file)))])
    hits = sum(len(one.finding.rows) for one in done if one.finding)
    notes = [f"{told}: {', '.join(said['hits']['0'])}" for told, said in found.items()]
    return Figure(
        name="YARA over one file",
        unit="MB/s of processor",
        runs=3,
        ours=Contender(name="comity find (yara-x)", run=partial(rate_of, amount, tasks, pack, scratch)),
        peers=peers,
        absent=absent,
        note=f"{amount:.0f} MB; the source matches: {bool(hits)}; rules that match by {'; '.join(notes)}",
    )


def figure_of_indicators(scratch: Path) -> Figure:
    """A list of indicators over a web log; grep looks for the same texts wherever they stand."""
    listed, log = scratch / "listed.ioc", scratch / "web.log"
    write_indicators(listed, LISTED)
    write_web_log(log, WEB)
    pack, _ = load_pack([listed])
    tasks = [task(log, "lines/1")]
    done = find_all(tasks, pack, scratch)
    hits = sum(len(one.finding.rows) for one in done if one.finding)

    def search(*words: str) -> tuple[float, int, int]:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [*words, "-F", "-c", "-f", str(listed), str(log)]
        done = run_limited(command)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
        return WEB / max(took, 1e-9), int(done.stdout.strip() or 0), done.returncode

    peers, absent, notes = [], [], []
    for name, *words in (
        ("grep -F", "grep"),
        ("grep -F -w", "grep", "-w"),
        ("ripgrep -F", "rg", "--no-config"),
    ):
        if not shutil.which(words[0]):
            absent.append((name, "not installed (apt-get install ripgrep)"))
            continue
        rate, found, code = search(*words)
        # grep's 1 says that there is no such line.
        if code not in (0, 1):
            absent.append((name, why_stopped(code) or f"it ended with {code}"))
            continue
        notes.append(f"{name} {found:,}")
        if LONG:
            # Once is enough of minutes.
            peers.append(Contender(name=name, run=partial(float, rate)))
            continue
        peers.append(Contender(name=name, run=partial(_first, search, *words)))
    return Figure(
        name=f"{LISTED:,} indicators over a web log",
        unit="MB/s of processor",
        runs=1 if LONG else 3,
        ours=Contender(name="comity find", run=partial(rate_of, WEB, tasks, pack, scratch)),
        peers=tuple(peers),
        absent=tuple(absent),
        note=f"{WEB} MB; lines: comity {hits:,}, {', '.join(notes)} (any place, or between any two words)",
    )


def _first(act: Callable[..., tuple[float, int, int]], *arguments: str) -> float:
    return act(*arguments)[0]
