"""Looking at what would be disclosed: the rows of an item that have a value, and how rare their values are.

The peer reads the table once with Python's ``csv`` and counts every value of every column, as one would who
wants to know how many rows share one. Of a million rows: ``COMITY_BENCH_CHOSEN=1000000 python3 dev bench
disclose``.
"""

from __future__ import annotations

import csv
import json
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from bench.figure import Contender, Figure
from comity.evidence.bulk import pick_rows, read_batches
from comity.evidence.formats import FormatName
from comity.evidence.sifting import Sieve
from comity.evidence.singling import find_rare

CHOSEN = int(os.environ.get("COMITY_BENCH_CHOSEN", "100000"))
COLUMNS = ("time", "client", "port", "user", "path", "status")
CHUNK = 1 << 20


def make_row(chance: random.Random, number: int) -> tuple[str, ...]:
    hour, minute, second = number // 3600 % 24, number // 60 % 60, number % 60
    return (
        f"2031-03-{1 + number * 27 // CHOSEN:02}T{hour:02}:{minute:02}:{second:02}Z",
        f"10.{chance.randrange(4)}.{chance.randrange(256)}.{chance.randrange(256)}",
        str(chance.choice((80, 443, 53, chance.randrange(65_536)))),
        f"user{chance.randrange(20_000):05}@relay.example",
        f"/a/{chance.randrange(5000)}/x{chance.randrange(100)}",
        chance.choice(("200", "200", "404", "500")),
    )


def write_input(path: Path, form: FormatName) -> None:
    """The same rows every time, as a table or as JSON lines."""
    chance = random.Random(5)
    with path.open("w", encoding="ascii", newline="") as out:
        if form == "csv/1":
            out.write(",".join(COLUMNS) + "\n")
        for number in range(CHOSEN):
            row = make_row(chance, number)
            line = ",".join(row) if form == "csv/1" else json.dumps(dict(zip(COLUMNS, row, strict=True)))
            out.write(line + "\n")


def chunks_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as log:
        while chunk := log.read(CHUNK):
            yield chunk


def look(path: Path, form: FormatName, numbers: list[int]) -> None:
    """What the command and the page do before anything is signed."""
    shown = pick_rows(form, chunks_of(path), numbers)
    looked = find_rare(form, read_batches(form, chunks_of(path)), shown)
    if looked.rows < CHOSEN or not looked.columns:
        raise AssertionError(looked)


def search(path: Path, form: FormatName) -> None:
    sieve = Sieve(form, {"port": ["61234"]}, folded=True)
    for batch in read_batches(form, chunks_of(path)):
        sieve.find(batch)


def count_all(path: Path, form: FormatName) -> None:
    counts: Counter[tuple[str, str]] = Counter()
    with path.open(encoding="ascii", newline="") as log:
        for row in csv.DictReader(log) if form == "csv/1" else map(json.loads, log):
            counts.update(row.items())
    if not counts:
        raise AssertionError("nothing was counted")


def spend(run: Callable[[], None]) -> float:
    """Processor time for each row, in microseconds."""
    began = time.process_time()
    run()
    return (time.process_time() - began) / CHOSEN * 1e6


def figures(scratch: Path) -> Iterator[Figure]:
    path = scratch / "input"
    middle = CHOSEN // 2
    forms: tuple[FormatName, ...] = ("csv/1", "jsonl/1")
    for form in forms:
        write_input(path, form)
        peer = Contender(name="counting every value", run=partial(spend, partial(count_all, path, form)))
        ways = (
            ("the rows with a value", partial(search, path, form)),
            ("what 1 row gives away", partial(look, path, form, [middle])),
            ("what 100 rows give away", partial(look, path, form, list(range(middle, middle + 100)))),
        )
        for what, run in ways:
            yield Figure(
                name=f"processor time a row: {what}, of {CHOSEN:,} of {form}",
                unit="µs",
                ours=Contender(name="comity", run=partial(spend, run)),
                peers=(peer,),
                runs=3,
            )
        path.unlink()
