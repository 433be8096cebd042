"""Hold the engine against the obvious matcher: over drawn rules and rows, no verdict may differ.

    python3 dev campaign differ [--pairs N] [--seed S] [--start BATCH] [--processes N]

A pair is one rule and one row. Each batch of rules is compiled into one pack and run in one pass, as evidence
is; the other side (:mod:`comity.findings.reference`) reads each rule's mapping, and judges it on one row.
Everything of the language is counted with how often it was true and false; what was never both is a failure
too. Batch number k depends on the seed and k alone, so a failure is shown again by ``--start K --pairs 1``.
"""

from __future__ import annotations

import argparse
import functools
import multiprocessing
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from campaigns.drawn_rules import USES, Drawn, draw_row, draw_rule
from comity.findings.atoms import asks_fields
from comity.findings.match import Scanner
from comity.findings.pack import compile_pack
from comity.findings.reference import judge_detection, read_rule
from comity.findings.rows import ItemInfo, Row
from comity.findings.sigma import Rule

RULES, ROWS = 25, 40
BATCH = RULES * ROWS
ITEM = ItemInfo(ref="rows:40:" + "0" * 64, format="jsonl/1", logsource={"product": "test"})


@dataclass(kw_only=True)
class Tally:
    """How many pairs were judged, what of the language was true and false how often, and what differs."""

    pairs: int = 0
    unusable: Counter[str] = field(default_factory=Counter)
    true: Counter[str] = field(default_factory=Counter)
    false: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        self.pairs += other.pairs
        self.unusable += other.unusable
        self.true += other.true
        self.false += other.false
        self.failures += other.failures


def differ_batch(seed: str, number: int) -> Tally:
    """Draw and judge batch ``number`` of a seed."""
    rng = random.Random(f"{seed}/{number}")
    drawn = [draw_rule(rng) for _ in range(RULES)]
    rows = [draw_row(rng, index) for index in range(1, ROWS + 1)]
    return judge(drawn, rows, f"batch {number}")


def judge(drawn: Sequence[Drawn], rows: Sequence[Row], where: str) -> Tally:
    """Every rule on every row, both ways."""
    tally = Tally()
    pack = compile_pack((f"{n:03}.yml", each.raw) for n, each in enumerate(drawn))
    for unusable in pack.unusable:
        tally.unusable[unusable.reason.partition(":")[0]] += 1
    matched = {row.index: set(digests) for row, digests in Scanner(pack).scan(ITEM, rows)}
    for rule in pack.rules:
        assert isinstance(rule, Rule)
        each = drawn[int(rule.source_name[:3])]
        detections = read_rule(each.raw)
        # Of a row that could not be read, nothing is known that names a field.
        blind = any(asks_fields(part.node) for part in rule.parts)
        for row in rows:
            expected = bool(row.fields or not blind) and any(
                judge_detection(detection, row, None, values) for detection, values in detections
            )
            tally.pairs += 1
            (tally.true if expected else tally.false).update(each.uses)
            if (rule.digest in matched[row.index]) != expected:
                shown = f"{each.raw.decode()} on {row.text!r} {dict(row.fields)!r}"
                tally.failures.append(f"{where}: the obvious matcher says {expected}: {shown}")
    return tally


def run(arguments: Sequence[str]) -> int:
    """The campaign as a command; 1 where a verdict differs, or something was never both true and false."""
    parser = argparse.ArgumentParser(prog="dev campaign differ", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seed", default="comity", help="what all is drawn from (default: comity)")
    parser.add_argument("--pairs", type=int, default=100_000, help="how many pairs (default: 100000)")
    parser.add_argument("--start", type=int, default=0, help="the number of the first batch (default: 0)")
    parser.add_argument("--processes", type=int, default=min(2, os.cpu_count() or 1))
    chosen = parser.parse_args(arguments)
    began = time.monotonic()
    total = Tally()
    # Some drawn rules cannot run; batches go on until the pairs asked for are judged.
    work = functools.partial(differ_batch, chosen.seed)
    with multiprocessing.get_context("spawn").Pool(max(1, chosen.processes)) as pool:
        number = chosen.start
        while total.pairs < chosen.pairs:
            count = max(1, min(100, (chosen.pairs - total.pairs) // BATCH + 1))
            for tally in pool.imap(work, range(number, number + count), chunksize=4):
                total.add(tally)
                for failure in tally.failures:
                    print(f"FAILURE {failure}", flush=True)
            number += count
    for name in sorted(USES | total.true.keys() | total.false.keys()):
        print(f"{total.true[name]:>10,} true {total.false[name]:>10,} false  {name}")
    for reason, times in total.unusable.most_common():
        print(f"{times:>10,} rules not run: {reason}")
    missed = sorted(name for name in USES if not total.true[name] or not total.false[name])
    if missed and chosen.pairs >= BATCH * 20:
        print(f"FAILURE never both true and false: {', '.join(missed)}")
    else:
        missed = []
    print(
        f"seed {chosen.seed!r}, batches {chosen.start} to {number - 1}: "
        f"{total.pairs:,} pairs of a rule and a row, {len(total.failures)} disagreements, "
        f"{time.monotonic() - began:.0f} s"
    )
    return 1 if total.failures or missed else 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
