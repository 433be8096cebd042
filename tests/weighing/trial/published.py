"""Reports made up: actors with habits, some of whom appear late."""

from __future__ import annotations

import json

from comity.weighing.trial.chance import number_of

ACTORS, REPORTS, ITEMS = 14, 9, 60


def publish(seed: int = 1) -> list[dict[str, str]]:
    """One line for each actor, item and report; each actor has its tools, and draws on common techniques."""
    lines = []
    for actor in range(ACTORS):
        first = 2012 if actor < ACTORS - 2 else 2018
        for report in range(REPORTS):
            year = min(first + report, 2019)
            month = 1 + number_of(seed, "month", actor, report) % 12
            name, date = f"report {actor}-{report}", f"{year}-{month:02d}-15"
            items = {f"T{number_of(seed, actor, report, n) % ITEMS:04d}" for n in range(5)}
            items |= {f"T{(actor * 4 + n) % ITEMS:04d}" for n in range(3)}
            items |= {f"S{actor:02d}{number_of(seed, 'tool', actor, report, n) % 3}" for n in range(2)}
            lines += [
                {
                    "actor": f"G{actor:02d}",
                    "actor_name": f"Cluster {actor}",
                    "item": item,
                    "item_name": item,
                    "kind": "software" if item.startswith("S") else "technique",
                    "report": name,
                    "report_date": date,
                }
                for item in sorted(items)
            ]
    return lines


def raw(lines: list[dict[str, str]]) -> bytes:
    """As a file has it."""
    return "".join(json.dumps(line) + "\n" for line in lines).encode()
