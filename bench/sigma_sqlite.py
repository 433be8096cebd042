"""Runs in another Python, with pySigma-backend-sqlite: each rule as one SQL query over one table of events.

``python sigma_sqlite.py EVENTS.jsonl RULES_FOLDER``: one object is printed, {"seconds", "rules", "failed",
"hits"}. Reading rules and writing queries is not in the time; loading the table and asking is.
"""

import json
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path


def fields_of(rules: list[Path]) -> Iterator[str]:
    """Every field that a rule may ask for, so that one which no event has is empty and not an error."""
    for path in rules:
        for line in path.read_text("utf-8").splitlines():
            name = line.strip(" -").partition(":")[0].partition("|")[0]
            if name.isidentifier():
                yield name


def main() -> None:
    from sigma.backends.sqlite import sqliteBackend  # type: ignore[import-not-found]
    from sigma.collection import SigmaCollection  # type: ignore[import-not-found]

    events, rules = Path(sys.argv[1]), sorted(Path(sys.argv[2]).glob("*.yml"))
    backend = sqliteBackend()
    queries = []
    failed = 0
    for rule in rules:
        try:
            queries += backend.convert(SigmaCollection.from_yaml(rule.read_text("utf-8")))
        except Exception:
            failed += 1
    began = time.perf_counter()
    rows = [json.loads(line) for line in events.read_bytes().splitlines()]
    # Names of columns differ by more than case.
    named = {name.lower(): name for name in fields_of(rules)} | {n.lower(): n for row in rows for n in row}
    columns = sorted(named.values())
    table = sqlite3.connect(":memory:")
    names = ", ".join('"{}" TEXT COLLATE NOCASE'.format(name.replace('"', "")) for name in columns)
    table.execute(f"CREATE TABLE logs ({names})")
    marks = ", ".join("?" * len(columns))
    table.executemany(
        f"INSERT INTO logs VALUES ({marks})", [[row.get(name) for name in columns] for row in rows]
    )
    hits = 0
    for query in queries:
        try:
            hits += table.execute(query.replace("SELECT *", "SELECT count(*)", 1)).fetchone()[0]
        except sqlite3.Error:
            failed += 1
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "rules": len(queries), "failed": failed, "hits": hits}))


if __name__ == "__main__":
    main()
