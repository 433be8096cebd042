"""Sealing a log by the row, beside one plain SHA-256 over the same bytes.

The peers read the file once and hash it. Sealing does that too, and cuts the file into rows, salts and
hashes each, and builds the tree: the ratio is the price of being able to show single rows later. The digest
of the whole file is hashed on a second thread; all else is done on one.

Larger ones: ``COMITY_BENCH_MEGABYTES=1000 COMITY_BENCH_ROWS=10000000 python3 dev bench seal --runs 3`` (plain
lines by compiled loops only, from 200 MB on).
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from bench.figure import Contender, Figure
from comity.cli.inputs import digest_aside
from comity.evidence.formats import FormatName
from comity.evidence.seal import Declared, seal_stream
from comity.ledger.native import load_kernels
from comity.ledger.rowtree import (
    RowSealer,
    RowTree,
    leaf_hashes,
    prove_rows,
    salts,
    subtree_span,
    verify_rows,
)

MEGABYTES = float(os.environ.get("COMITY_BENCH_MEGABYTES", "32"))
PROVEN = int(os.environ.get("COMITY_BENCH_ROWS", "1000000"))
MANY = 200
CHUNK = 1 << 20
HASHLIB, COMPILED = "", ", compiled loops"
KEY = bytes(range(32))  # fixed: the same work in every run


def write_lines(chance: random.Random, number: int) -> str:
    return (
        f"Jan {1 + number % 28:2} 10:{number % 60:02}:00 mail{number % 3} imapd[{number % 30_000}]:"
        f" login: user{chance.randrange(4000)} from 192.0.2.{chance.randrange(256)}\n"
    )


def write_csv(chance: random.Random, number: int) -> str:
    if number == 0:
        return "time,client,user,method,path,status,bytes\n"
    return (
        f"2026-01-{1 + number % 28:02}T10:00:00Z,192.0.2.{chance.randrange(256)},"
        f'user{chance.randrange(4000)},GET,"/mail/{chance.randrange(10**6)}?a=1,2",200,{number}\n'
    )


def write_json(chance: random.Random, number: int) -> str:
    return (
        f'{{"EventID":1,"UtcTime":"2026-01-{1 + number % 28:02} 10:00:00","Computer":"desk{number % 90}",'
        f'"Image":"C:\\\\Windows\\\\System32\\\\cmd.exe","ProcessId":{chance.randrange(30_000)}}}\n'
    )


INPUTS: tuple[tuple[FormatName, Callable[[random.Random, int], str]], ...] = (
    ("lines/1", write_lines),
    ("csv/1", write_csv),
    ("jsonl/1", write_json),
)


def write_input(path: Path, write: Callable[[random.Random, int], str]) -> int:
    """Write at least ``MEGABYTES`` of rows; the same ones every time. Returns how many."""
    chance = random.Random(1)
    size = rows = 0
    with path.open("w", encoding="ascii", newline="") as out:
        while size < MEGABYTES * 10**6:
            size += out.write(write(chance, rows))
            rows += 1
    return rows


def figures(scratch: Path) -> Iterator[Figure]:
    # First without the compiled loops: once a process has them, it uses them.
    large = MEGABYTES >= MANY
    for way in (COMPILED,) if large else (HASHLIB, COMPILED):
        if way == COMPILED and load_kernels() is None:
            continue
        for format_name, write in INPUTS[:1] if large else INPUTS:
            path = scratch / "input"
            rows = write_input(path, write)

            def seal(path: Path = path, format_name: FormatName = format_name, rows: int = rows) -> None:
                length = path.stat().st_size
                with path.open("rb") as log, digest_aside(length) as digest:
                    chunks = iter(lambda: log.read(CHUNK), b"")
                    sealed = seal_stream(
                        chunks, "input", format_name, KEY, Declared(), expected=length, digest=digest
                    )
                if sealed.rows != rows:
                    raise AssertionError(f"sealed {sealed.rows} rows of {rows}")

            def digest(path: Path = path) -> None:
                with path.open("rb") as log:
                    hashlib.file_digest(log, "sha256")

            def coreutils(path: Path = path) -> None:
                subprocess.run(["sha256sum", str(path)], stdout=subprocess.DEVNULL, check=True)

            peers = [Contender(name="hashlib.file_digest", run=digest)]
            absent: list[tuple[str, str]] = []
            if shutil.which("sha256sum"):
                peers.append(Contender(name="sha256sum", run=coreutils))
            else:
                absent.append(("sha256sum", "not installed"))
            yield Figure(
                name=f"sealing {format_name}{way}",
                unit="MB/s",
                amount=path.stat().st_size / 1e6,
                ours=Contender(name="comity seal_stream", run=seal),
                peers=tuple(peers),
                absent=tuple(absent),
                note=f"{rows:,} rows in {path.stat().st_size / 1e6:.1f} MB; one process, warm",
            )
            yield Figure(
                name=f"processor time a row, {format_name}{way}",
                unit="µs",
                ours=Contender(name="comity seal_stream", run=partial(spend, seal, rows)),
                peers=(Contender(name="hashlib.file_digest", run=partial(spend, digest, rows)),),
                runs=3,
            )
            if way == COMPILED and format_name == "lines/1":
                yield memory_figure(path)
            path.unlink()
    yield from proof_figures()


def memory_figure(path: Path) -> Figure:
    """The most memory that the command holds, which does not grow with the file, beside what it takes to
    start."""

    def peak(*arguments: str) -> float:
        ran = [sys.executable, "-c", PEAK, sys.executable, "-m", "comity.cli", *arguments]
        return int(subprocess.run(ran, capture_output=True, check=True).stdout) / 1024

    return Figure(
        name=f"peak memory of comity seal, a log of {path.stat().st_size / 1e6:,.0f} MB",
        unit="MiB",
        runs=1,
        ours=Contender(name="comity seal --dry-run", run=lambda: peak("seal", str(path), "--dry-run")),
        peers=(Contender(name="comity --help", run=lambda: peak("--help")),),
    )


PEAK = (
    "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True);"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
)


def spend(run: Callable[[], None], rows: int) -> float:
    """The processor time of this process for each row, all threads of it, in microseconds."""
    began = time.process_time()
    run()
    return (time.process_time() - began) / rows * 1e6


def proof_figures() -> Iterator[Figure]:
    """How large proofs are in an item of ``PROVEN`` rows; the plain way is one proof for each row."""
    sealer = RowSealer(KEY)
    sealer.add_many(b"%d" % number for number in range(1, PROVEN + 1))
    tree = sealer.finish(b"metadata")

    def leaves(subtree: int) -> list[bytes]:
        span = subtree_span(tree.size, subtree)
        return leaf_hashes(KEY, span.start, [b"%d" % n if n else b"metadata" for n in span])

    def measure(indices: list[int]) -> float:
        return 32 * len(prove_rows(tree, indices, leaves)) / 1024

    chance = random.Random(2)
    many = min(10_000, PROVEN // 4)
    begin = chance.randrange(1, PROVEN - many)
    for what, indices in (
        ("1 row", [begin]),
        ("100 random rows", sorted(chance.sample(range(1, PROVEN), 100))),
        (f"{many:,} contiguous rows", list(range(begin, begin + many))),
    ):
        yield time_figure(what, tree, indices, leaves)
        single = 32 * len(indices) * (tree.size - 1).bit_length() / 1024
        yield Figure(
            name=f"proof of {what} among {PROVEN:,}",
            unit="KiB",
            ours=Contender(name="one proof", run=partial(measure, indices)),
            peers=(Contender(name="RFC 9162 path for each", run=partial(float, single)),),
            runs=3,
        )


def time_figure(what: str, tree: RowTree, indices: list[int], leaves: Callable[[int], list[bytes]]) -> Figure:
    """How long it takes to prove rows, the rehashing of their subtrees included, and to check the proof."""
    proof = prove_rows(tree, indices, leaves)
    shown = [(n, salts(KEY, n, 1), b"%d" % n) for n in indices]
    return Figure(
        name=f"proving {what} among {PROVEN:,}",
        unit="ms",
        runs=3,
        ours=Contender(name="comity prove_rows", run=lambda: void(prove_rows(tree, indices, leaves))),
        peers=(
            Contender(name="comity verify_rows", run=lambda: verify_rows(tree.size, tree.root, shown, proof)),
        ),
    )


def void(_: object) -> None:
    """What was computed is not wanted."""
