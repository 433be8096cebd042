"""Sealing a log by the row, beside one plain SHA-256 over the same bytes.

The peers read the file once and hash it. Sealing does that too, and cuts the file into rows, salts and
hashes each, and builds the tree: the ratio is the price of being able to show single rows later.
"""

from __future__ import annotations

import hashlib
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.figure import Contender, Figure
from comity.evidence.formats import FormatName
from comity.evidence.seal import Declared, seal_stream

MEGABYTES = 32
CHUNK = 1 << 20
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
    for format_name, write in INPUTS:
        path = scratch / "input"
        rows = write_input(path, write)

        def seal(path: Path = path, format_name: FormatName = format_name, rows: int = rows) -> None:
            with path.open("rb") as log:
                chunks = iter(lambda: log.read(CHUNK), b"")
                sealed = seal_stream(chunks, "input", format_name, KEY, Declared())
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
            name=f"sealing {format_name}",
            unit="MB/s",
            amount=path.stat().st_size / 1e6,
            ours=Contender(name="comity seal_stream", run=seal),
            peers=tuple(peers),
            absent=tuple(absent),
            note=f"{rows:,} rows in {path.stat().st_size / 1e6:.1f} MB; one process",
        )
