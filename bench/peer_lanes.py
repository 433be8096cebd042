"""Runs the peers of findings, each lane in a Python process of its own: ``python peer_lanes.py LANE ARGS…``.

Packages come from the folder that ``COMITY_PEERS`` names (``python3 dev bench peers`` makes it). One object
is printed: ``seconds`` of the processor, without imports and without making input ready, and what was found,
so that it can be held against what Comity finds.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any


def fields_of(rules: Sequence[Path]) -> Iterator[str]:
    """Every field that a rule may ask for, so that one which no event has is empty and not an error."""
    for path in rules:
        for line in path.read_text("utf-8").splitlines():
            name = line.strip(" -").partition(":")[0].partition("|")[0]
            if name.isidentifier():
                yield name


def run_sigma(engine: str, events: str, folder: str) -> dict[str, Any]:
    """pySigma's SQL, one query for each rule, over one table of events. Reading rules and writing queries is
    not in the time; loading the table and asking is."""
    from sigma.backends.sqlite import sqliteBackend  # type: ignore[import-not-found, unused-ignore]
    from sigma.collection import SigmaCollection  # type: ignore[import-not-found, unused-ignore]

    rules = sorted(Path(folder).glob("*.yml"))
    backend = sqliteBackend()
    queries: list[tuple[str, str]] = []
    failed = 0
    for rule in rules:
        try:
            found = SigmaCollection.from_yaml(rule.read_text("utf-8"))
            queries += [(rule.name, query) for query in backend.convert(found)]
        except Exception:  # whatever a rule makes it raise
            failed += 1
    began = time.process_time()
    lines = Path(events).read_bytes().splitlines()
    rows: list[dict[str, Any]] = [json.loads(line) for line in lines]
    # Names of columns differ by more than case.
    named = {name.lower(): name for name in fields_of(rules)} | {n.lower(): n for row in rows for n in row}
    columns = sorted(named.values())
    ask = (_sqlite if engine == "sqlite" else _duckdb)(columns, rows)
    hits: dict[str, list[int]] = {}
    for name, query in queries:
        try:
            hits.setdefault(name, []).extend(ask(query))
        except Exception:
            failed += 1
    seconds = time.process_time() - began
    told = {name: sorted(set(numbers)) for name, numbers in hits.items()}
    return {"seconds": seconds, "rules": len(queries), "failed": failed, "hits": told}


def _sqlite(columns: Sequence[str], rows: Sequence[dict[str, Any]]) -> Callable[[str], list[int]]:
    table = sqlite3.connect(":memory:")
    names = ", ".join('"{}" TEXT COLLATE NOCASE'.format(name.replace('"', "")) for name in columns)
    table.execute(f"CREATE TABLE logs (number INTEGER PRIMARY KEY, {names})")
    marks = ", ".join("?" * (len(columns) + 1))
    table.executemany(
        f"INSERT INTO logs VALUES ({marks})",
        [[number, *(row.get(name) for name in columns)] for number, row in enumerate(rows, 1)],
    )
    return lambda query: [n for (n,) in table.execute(query.replace("SELECT *", "SELECT number", 1))]


def _duckdb(columns: Sequence[str], rows: Sequence[dict[str, Any]]) -> Callable[[str], list[int]]:
    import duckdb
    import pyarrow

    base = duckdb.connect(config={"threads": 1})
    # Compared without case, as SQLite's columns here are; LIKE has its own word for that.
    texts = {name: [None if (v := row.get(name)) is None else str(v) for row in rows] for name in columns}
    arrow = pyarrow.table({"number": range(1, len(rows) + 1), **texts})
    base.register("given", arrow)
    names = ", ".join(f'"{name}"::VARCHAR COLLATE NOCASE AS "{name}"' for name in columns)
    base.execute(f"CREATE TABLE logs AS SELECT number, {names} FROM given")

    def ask(query: str) -> list[int]:
        asked = query.replace("SELECT *", "SELECT number", 1).replace(" LIKE ", " ILIKE ")
        return [n for (n,) in base.execute(asked).fetchall()]

    return ask


def run_evtx(*logs: str) -> dict[str, Any]:
    """The evtx parser (Rust) to JSON, one thread."""
    from evtx import PyEvtxParser

    began = time.process_time()
    count = sum(
        1
        for log in logs
        for record in PyEvtxParser(log, number_of_threads=1).records_json()
        if not isinstance(record, Exception)
    )
    return {"seconds": time.process_time() - began, "hits": count}


def run_python_evtx(*logs: str) -> dict[str, Any]:
    """python-evtx to XML."""
    from Evtx.Evtx import Evtx  # type: ignore[import-not-found, unused-ignore]

    began = time.process_time()
    count = 0
    for log in logs:
        with Evtx(log) as opened:
            for record in opened.records():
                record.xml()
                count += 1
    return {"seconds": time.process_time() - began, "hits": count}


def run_stix(patterns: str, bundles: str) -> dict[str, Any]:
    """stix2-matcher: each pattern over each observation by itself."""
    from stix2matcher.matcher import Pattern  # type: ignore[import-untyped, unused-ignore]

    asked = json.loads(Path(patterns).read_text("utf-8"))
    seen = [json.loads(line) for line in Path(bundles).read_text("utf-8").splitlines()]
    began = time.process_time()
    hits = {}
    for name, text in asked.items():
        pattern = Pattern(text, "2.1")
        hits[name] = [number for number, bundle in enumerate(seen, 1) if pattern.match([bundle])]
    return {"seconds": time.process_time() - began, "hits": hits}


def run_yara(rules: str, *files: str) -> dict[str, Any]:
    """yara-python over whole files."""
    import yara  # type: ignore[import-not-found, unused-ignore]

    made = yara.compile(filepath=rules)
    began = time.process_time()
    hits = {str(at): sorted(match.rule for match in made.match(file)) for at, file in enumerate(files)}
    return {"seconds": time.process_time() - began, "hits": hits}


LANES: dict[str, Callable[..., dict[str, Any]]] = {
    "sigma": run_sigma,
    "evtx": run_evtx,
    "python-evtx": run_python_evtx,
    "stix": run_stix,
    "yara": run_yara,
}


def main() -> None:
    sys.path[:0] = filter(None, [os.environ.get("COMITY_PEERS")])
    lane, *arguments = sys.argv[1:]
    print(json.dumps(LANES[lane](*arguments)))


if __name__ == "__main__":
    main()
