"""Running rules over evidence: rows read, fields taken, every rule asked, the finding made.

Three inputs: the demo's evidence with the demo's rules; generated events with all Windows rules, and with
fewer; and Windows event logs with every Windows rule, beside the parser that must read such a log before
anyone can ask it anything. The last two need ``../shared/data``.
Other engines stand in :mod:`bench.bench_find_peers`.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from bench.figure import Contender, Figure
from bench.generated_logs import write_event_log, write_events, write_indicators, write_web_log
from comity.cli.inputs import derive_log
from comity.cli.scan import Scanned, Task, scan_file
from comity.evidence.formats import FormatName
from comity.evidence.shapes import load_walk
from comity.findings.finding import Parameters
from comity.findings.match import Scanner
from comity.findings.pack import Pack, compile_pack
from demo.cast import FORWARD
from demo.evidence import RULES, EvidenceFile, generate

SHARED = Path(os.environ.get("COMITY_SHARED") or Path(__file__).resolve().parents[2] / "shared" / "data")
LOGS = 24
"""The largest event logs of the collection."""
EVENTS = 20_000
CURVE = (500, 1000, 2000)
"""Numbers of rules for the curve of cost over rules."""
LISTED, WEB = 200_000, 40
MANY, LONG = 1_000_000, 160
SAMPLED = 10
"""Of many indicators a peer is asked one in so many: for all of them it takes minutes and ten GB and more."""
LARGE, LARGEST = 64, 1_024
"""Megabytes of a large event log, and of one over which start-up and learning are spread."""
SOME_ADDRESS = "192.0.2.77"


def task_of(folder: Path, one: EvidenceFile) -> Task:
    parameters = Parameters(logsource=tuple(sorted(one.logsource.items())))
    form: FormatName = one.format  # type: ignore[assignment]
    return Task(path=str(folder / one.path), shown=one.path, format=form, parameters=parameters)


def find_all(tasks: Sequence[Task], pack: Pack, scratch: Path) -> list[Scanned]:
    """A run as ``comity find`` makes it in one process; nothing is remembered from the run before."""
    scanner = Scanner(pack)
    done = [scan_file(task, pack, scanner, scratch) for task in tasks]
    if errors := [one.error for one in done if one.error]:
        raise AssertionError(f"a file was not read: {errors[0]}")
    return done


def repeat(tasks: Sequence[Task], pack: Pack, scratch: Path) -> None:
    find_all(tasks, pack, scratch)


def again(tasks: Sequence[Task], pack: Pack, scanner: Scanner, scratch: Path) -> None:
    """A run with all that the scanner remembers of the runs before."""
    for task in tasks:
        scan_file(task, pack, scanner, scratch)


def hits_of(done: Sequence[Scanned]) -> int:
    return sum(len(one.finding.rows) for one in done if one.finding)


def count_lines(paths: Sequence[str]) -> None:
    found = subprocess.run(["grep", "-c", "-F", SOME_ADDRESS, *paths], stdout=subprocess.DEVNULL, check=False)
    if found.returncode > 1:
        raise AssertionError("grep could not read the files")


def figures(scratch: Path) -> Iterator[Figure]:
    folder = scratch / "evidence"
    manifest = generate(folder, FORWARD)
    files = sorted(manifest.files, key=lambda one: one.bytes)
    for what, ending, count in (("Sigma rules", ".yml", 6), ("indicators", ".txt", 3)):
        sources = [path for path in sorted(RULES.iterdir()) if path.suffix == ending]
        yield figure_of_demo(what, sources, scratch, folder, files[:count])
    rules = SHARED / "sigma" / "rules" / "windows"
    if not rules.is_dir():
        absent = (("all peers", f"no shared data at {SHARED}"),)
        nothing = Contender(name="comity find", run=lambda: 0.0)
        yield Figure(name="Windows rules", unit="events/s", ours=nothing, runs=1, absent=absent)
        return
    # Loaded by itself from 16 MB on.
    load_walk()
    yield from figures_of_lanes(scratch, rules)
    yield figure_of_indicators(scratch, LISTED, WEB)
    yield figure_of_indicators(scratch, MANY, LONG, SAMPLED)
    yield figure_of_event_logs(scratch, rules)
    yield from figures_of_event_logs_as_they_lie(scratch, SHARED / "sigma" / "rules")
    yield figure_of_start(scratch, SHARED / "sigma" / "rules")
    yield from figures_of_workers(scratch, rules)


def figure_of_demo(
    what: str, sources: Sequence[Path], scratch: Path, folder: Path, files: Sequence[EvidenceFile]
) -> Figure:
    pack = compile_pack((path.name, path.read_bytes()) for path in sources)
    tasks = [task_of(folder, one) for one in files]
    paths = [task.path for task in tasks]
    megabytes = sum(one.bytes for one in files) / 1e6
    done = find_all(tasks, pack, scratch)
    peers = [Contender(name="reading the files", run=lambda: read_all(paths))]
    absent = []
    if shutil.which("grep"):
        peers.append(Contender(name="grep -c -F, one literal", run=lambda: count_lines(paths)))
    else:
        absent.append(("grep", "not installed"))
    return Figure(
        name=f"the demo's evidence, its {what}",
        unit="MB/s",
        amount=megabytes,
        runs=2,
        ours=Contender(name="comity find", run=lambda: repeat(tasks, pack, scratch)),
        peers=tuple(peers),
        absent=tuple(absent),
        note=f"{sum(one.rows for one in done):,} rows in {megabytes:.1f} MB, {len(pack.rules)} sources,"
        f" {hits_of(done):,} hits; one process",
    )


def read_all(paths: Sequence[str]) -> None:
    for path in paths:
        Path(path).read_bytes()


def rate_of(tasks: Sequence[Task], pack: Pack, scratch: Path) -> float:
    """Rows for each second of processor time, with nothing remembered from before."""
    began = time.process_time()
    done = find_all(tasks, pack, scratch)
    return sum(one.rows for one in done) / (time.process_time() - began)


def figures_of_lanes(scratch: Path, rules: Path) -> Iterator[Figure]:
    """Generated events against all Windows rules, and against fewer; the parser of lines stands beside."""
    sources = [(path.name, path.read_bytes()) for path in sorted(rules.rglob("*.yml"))]
    packs = {count: compile_pack(sources[:: len(sources) // count or 1][:count]) for count in CURVE}
    packs[len(sources)] = compile_pack(sources)
    for name, unique in (("events that repeat", False), ("events that never repeat", True)):
        lane = scratch / f"lane-{unique}.jsonl"
        write_events(lane, EVENTS, unique=unique)
        task = Task(path=str(lane), shown=lane.name, format="jsonl/1", parameters=Parameters())
        *fewer, (most, pack) = packs.items()
        yield Figure(
            name=f"{name}, {most:,} Windows rules",
            unit="events/s of processor",
            runs=2,
            ours=Contender(name="comity find", run=partial(rate_of, [task], pack, scratch)),
            peers=(
                *(
                    Contender(name=f"with {count:,} rules", run=partial(rate_of, [task], some, scratch))
                    for count, some in fewer
                ),
                Contender(name="json.loads of each line alone", run=partial(rate_of_json, lane)),
            ),
            note=f"{EVENTS:,} events, {lane.stat().st_size / 1e6:.0f} MB; the compiled walk loaded before",
        )


def rate_of_json(lane: Path) -> float:
    began = time.process_time()
    count = sum(1 for _ in map(json.loads, lane.read_bytes().splitlines()))
    return count / (time.process_time() - began)


def figure_of_indicators(scratch: Path, count: int, megabytes: int, sampled: int = 1) -> Figure:
    """A list of indicators over a web log; grep looks for the same texts, or one in so many of them, wherever
    they stand."""
    listed, log, some = (scratch / f"{count}.{what}" for what in ("ioc", "log", "txt"))
    write_indicators(listed, count)
    write_web_log(log, megabytes)
    some.write_text("".join(listed.read_text().splitlines(keepends=True)[::sampled]))
    pack = compile_pack([(listed.name, listed.read_bytes())])
    task = Task(path=str(log), shown=log.name, format="lines/1", parameters=Parameters())
    scanner = Scanner(pack)

    def find() -> float:
        began = time.process_time()
        scan_file(task, pack, scanner, scratch)
        return log.stat().st_size / 1e6 / (time.process_time() - began)

    def grep(*words: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        subprocess.run(
            [*words, "-F", "-c", "-f", str(some), str(log)], stdout=subprocess.DEVNULL, check=False
        )
        return log.stat().st_size / 1e6 / (resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before)

    peers, absent = [], []
    for name, *words in (("grep", "grep"), ("ripgrep", "rg", "--no-config")):
        if shutil.which(words[0]):
            asked = f"{count // sampled:,} of them, " if sampled > 1 else ""
            peers.append(Contender(name=f"{name} -F -f, {asked}any place", run=partial(grep, *words)))
        else:
            absent.append((name, "not installed"))
    return Figure(
        name=f"{count:,} indicators over a web log",
        unit="MB/s of processor",
        runs=2,
        ours=Contender(name="comity find", run=find),
        peers=tuple(peers),
        absent=tuple(absent),
        note=f"{megabytes} MB; the list is read and its pass loaded before",
    )


def run_command(scratch: Path, *arguments: str | int | Path) -> tuple[float, float]:
    """Seconds, and those of the processor, of a command of the house; what it keeps, it keeps in scratch."""
    env = dict(os.environ, XDG_CACHE_HOME=str(scratch / "kept"))
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program has its modules compiled
    command = [sys.executable, "-m", "comity.cli", *map(str, arguments)]
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, env=env, capture_output=True, check=False)
    took, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 2):  # 2: some file could not be used, which the account says
        raise AssertionError(done.stderr.decode())
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def figure_of_start(scratch: Path, rules: Path) -> Figure:
    """From the command to the account of one event, with the rules kept from an earlier run."""
    event = scratch / "event.jsonl"
    event.write_text('{"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,"Image":"C:\\\\a.exe"}\n')
    files = sorted(rules.rglob("*.yml"))

    def find() -> float:
        return run_command(scratch, "find", rules, event)[1]

    def read() -> float:
        began = time.process_time()
        read_all([str(file) for file in files])
        return time.process_time() - began

    for _ in range(2):  # the first compiles, the second may read all rules again
        find()
    return Figure(
        name=f"start-up with {len(files):,} rules kept",
        unit="s",
        runs=5,
        ours=Contender(name="comity find, of processor", run=find),
        peers=(
            Contender(name="comity --help", run=lambda: run_command(scratch, "--help")[1]),
            Contender(name="reading the rule files alone", run=read),
        ),
        note="one event",
    )


def figures_of_workers(scratch: Path, rules: Path) -> Iterator[Figure]:
    """One file read by one process and by two, in time on the wall; beside them what the machine gives two
    such runs side by side, which is the most that two processes can do."""
    listed, log, lane = scratch / "shared.ioc", scratch / "shared.log", scratch / "shared.jsonl"
    write_indicators(listed, 5 * LISTED)
    write_web_log(log, 4 * LONG)
    write_events(lane, 18 * EVENTS, unique=True)
    for name, asked, file in (
        (f"{5 * LISTED:,} indicators over one web log", listed, log),
        ("Windows rules over events that never repeat", rules, lane),
    ):
        # What was changed long ago needs no second digest of its parts.
        os.utime(file, (0, 0))
        size = file.stat().st_size / 1e6

        def find(workers: int, asked: Path = asked, file: Path = file, size: float = size) -> float:
            return size / run_command(scratch, "find", asked, file, "--workers", workers)[0]

        def find_twice(find: Callable[[int], float] = find) -> float:
            with ThreadPoolExecutor(2) as pool:
                slower = min(pool.map(find, (1, 1)))
            return 2 * slower

        find(1)
        yield Figure(
            name=f"{name}, two workers",
            unit="MB/s",
            runs=3,
            ours=Contender(name="comity find, 2 workers", run=partial(find, 2)),
            peers=(
                Contender(name="comity find, 1 worker", run=partial(find, 1)),
                Contender(name="two runs of 1 worker at once, together", run=find_twice),
            ),
            note=f"{size:.0f} MB; start-up is in it",
        )


def figure_of_event_logs(scratch: Path, rules: Path) -> Figure:
    pack = compile_pack((path.name, path.read_bytes()) for path in sorted(rules.rglob("*.yml")))
    logs = sorted((SHARED / "evtx").rglob("*.evtx"), key=lambda path: (-path.stat().st_size, path))[:LOGS]
    tasks = []
    for number, log in enumerate(logs):
        derived = scratch / f"log-{number}.jsonl"
        derive_log(log, derived)
        task = Task(path=str(derived), shown=log.name, format="evtx-jsonl/1", parameters=Parameters())
        tasks.append(task)
    done = find_all(tasks, pack, scratch)
    scanner = Scanner(pack)
    rows = sum(one.rows for one in done)
    derived_bytes = sum(Path(task.path).stat().st_size for task in tasks)
    return Figure(
        name=f"event logs, {len(pack.rules):,} Windows rules",
        unit="events/s",
        amount=rows,
        runs=2,
        ours=Contender(name="comity find, derived rows", run=lambda: repeat(tasks, pack, scratch)),
        peers=(
            Contender(
                name="the same, its rules made ready before", run=lambda: again(tasks, pack, scanner, scratch)
            ),
            Contender(name="the evtx parser alone", run=lambda: parse_logs(logs)),
        ),
        note=f"{rows:,} events in {sum(log.stat().st_size for log in logs) / 1e6:.0f} MB of logs"
        f" ({derived_bytes / 1e6:.0f} MB derived), {hits_of(done):,} hits; one process",
    )


def figures_of_event_logs_as_they_lie(scratch: Path, rules: Path) -> Iterator[Figure]:
    """The command as a whole over a folder of small logs, and over large ones, beside the parser alone."""
    small = sorted((SHARED / "evtx").rglob("*.evtx"))
    large, largest = scratch / "large.evtx", scratch / "largest.evtx"
    write_event_log(large, small, LARGE)
    write_event_log(largest, small, LARGEST)
    event = scratch / "event.jsonl"
    event.write_text('{"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,"Image":"C:\\\\a.exe"}\n')
    for _ in range(2):
        run_command(scratch, "find", rules, event)
    for name, logs, place in (
        (f"a folder of {len(small)} event logs", small, SHARED / "evtx"),
        ("one large event log", [large], large),
        ("an event log of a gigabyte", [largest], largest),
    ):
        events = count_events(logs)
        size = sum(log.stat().st_size for log in logs) / 1e6

        def find(
            clock: int, workers: int, start: bool = True, place: Path = place, events: int = events
        ) -> float:
            took = run_command(scratch, "find", rules, place, "--workers", workers)[clock]
            return events / (took if start else took - run_command(scratch, "find", rules, event)[clock])

        def parse(clock: int, logs: Sequence[Path] = logs, events: int = events) -> float:
            began = time.perf_counter(), time.process_time()
            parse_logs(logs)
            return events / ((time.perf_counter(), time.process_time())[clock] - began[clock])

        find(1, 1)
        yield Figure(
            name=f"{name}, all rules, the command as a whole",
            unit="events/s of processor",
            runs=2,
            ours=Contender(name="comity find, 1 worker", run=partial(find, 1, 1)),
            peers=(
                Contender(name="the same without its start-up", run=partial(find, 1, 1, start=False)),
                Contender(name="the evtx parser alone", run=partial(parse, 1)),
            ),
            note=f"{events:,} events in {size:.0f} MB; of all processes together",
        )
        yield Figure(
            name=f"{name}, all rules, two workers",
            unit="events/s",
            runs=2,
            ours=Contender(name="comity find, 2 workers", run=partial(find, 0, 2)),
            peers=(
                Contender(name="comity find, 1 worker", run=partial(find, 0, 1)),
                Contender(name="the evtx parser alone, one thread", run=partial(parse, 0)),
            ),
            note=f"{events:,} events in {size:.0f} MB; on the wall, start-up in it",
        )


def parse_logs(logs: Sequence[Path]) -> None:
    count_events(logs)


def count_events(logs: Sequence[Path]) -> int:
    from evtx import PyEvtxParser

    events = 0
    for log in logs:
        for record in PyEvtxParser(str(log), number_of_threads=1).records_json():
            events += 1
            if isinstance(record, Exception):
                print(record, file=sys.stderr)
    return events
