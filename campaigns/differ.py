"""Hold the engine against the obvious matcher: over drawn rules and rows, no verdict may differ.

    python3 dev campaign differ [--pairs N] [--seed S] [--start BATCH] [--processes N]

A pair is one rule and one row. Each batch of rules is compiled into one pack and asked of the rows one by
one; then, as a cache gives it back, of the same rows as lines of JSON, each many times, in the two passes
that files meet: by fields, and by codes, once with nothing learned and once with what the first pass taught.
The other side (:mod:`comity.findings.reference`) reads each rule's mapping, and judges it on one row.
Everything of the language is counted with how often it was true and false; what was never both is a failure
too. Batch number k depends on the seed and k alone, so a failure is shown again by ``--start K --pairs 1``.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import json
import multiprocessing
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from campaigns.drawn_rules import USES, Drawn, draw_row, draw_rule
from comity.dossier.rerun import WORTH, Reading, run_item
from comity.evidence.bulk import read_batches
from comity.evidence.parse import fields_of, text_of
from comity.evidence.shapes import load_walk
from comity.findings.atoms import asks_fields
from comity.findings.coded import Coding
from comity.findings.finding import Parameters
from comity.findings.match import Scanner
from comity.findings.pack import Pack, compile_pack
from comity.findings.pack_cache import read_cache, render_cache
from comity.findings.reference import judge_detection, read_rule
from comity.findings.rows import ItemInfo, Row
from comity.findings.sigma import Rule

RULES, ROWS = 25, 40
BATCH = 2 * RULES * ROWS
"""So many pairs has a batch at most: each row is asked as it was drawn, and as a line."""
COPIES = (1, 4, 30)
"""How often each row stands among the lines: rows of one shape are told by codes few or many at a time."""
KEY = "0" * 64
ITEM = ItemInfo(ref="rows:40:" + "0" * 64, format="jsonl/1", logsource={"product": "test"})


@dataclass(kw_only=True)
class Tally:
    """How many pairs were judged, how many rows were told by codes, what of the language was true and false
    how often, and what differs."""

    pairs: int = 0
    coded: int = 0
    unusable: Counter[str] = field(default_factory=Counter)
    true: Counter[str] = field(default_factory=Counter)
    false: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        self.pairs += other.pairs
        self.coded += other.coded
        self.unusable += other.unusable
        self.true += other.true
        self.false += other.false
        self.failures += other.failures


def differ_batch(seed: str, number: int) -> Tally:
    """Draw and judge batch ``number`` of a seed."""
    rng = random.Random(f"{seed}/{number}")
    # Where one rule looks for words in whole rows, few rows are told by codes alone.
    drawn = [draw_rule(rng, wordless=number % 2 == 1) for _ in range(RULES)]
    rows = [draw_row(rng, index) for index in range(1, ROWS + 1)]
    return judge(drawn, rows, f"batch {number}")


class ByFields(Scanner):
    """A scanner that reads every row."""

    @property
    def codable(self) -> bool:
        """Never."""
        return False


class ByCodes(Scanner):
    """A scanner that asks rows by codes from the first on, and counts those that it need not read.

    For items that declare one and the same."""

    def __init__(self, pack: Pack) -> None:
        super().__init__(pack)
        self.walked = WORTH
        self.counted: _Counting | None = None

    def coding_of(self, item: ItemInfo) -> Coding:
        """What is remembered of rows by codes."""
        super().coding_of(item)  # makes ready what they are asked
        if self.counted is None:
            self.counted = _Counting(self, item)
        return self.counted


class _Counting(Coding):
    rows = 0

    def take(self, rows: Any, *told: Any) -> Any:
        found, others = super().take(rows, *told)
        self.rows += len(rows.places) - len(others)
        return found, others


def as_cached(pack: Pack, sources: Mapping[str, bytes]) -> Pack:
    """The pack as the next run has it; ``sources`` are those of its rules by digest."""
    return read_cache(render_cache(pack, sources, KEY), KEY, "pack")


def judge(drawn: Sequence[Drawn], rows: Sequence[Row], where: str) -> Tally:
    """Every rule on every row, each way."""
    tally = Tally()
    pack = compile_pack((f"{n:03}.yml", each.raw) for n, each in enumerate(drawn))
    for unusable in pack.unusable:
        tally.unusable[unusable.reason.partition(":")[0]] += 1
    matched = {row.index: [set(digests)] for row, digests in Scanner(pack).scan(ITEM, rows)}
    _compare(tally, pack, drawn, rows, {"in turn": matched}, where)

    lines = [json.dumps({"T": row.text, **row.fields}).encode() for row in rows]
    written = [_read_line(index, line) for index, line in enumerate(lines, 1)]
    kept = as_cached(pack, {hashlib.sha256(each.raw).hexdigest(): each.raw for each in drawn})
    rng = random.Random(where)
    order = list(range(len(lines))) * rng.choice(COPIES)
    rng.shuffle(order)
    by_fields, by_codes = ByFields(kept), ByCodes(kept)
    ways = {
        "by fields": _run(by_fields, kept, lines, order),
        "by codes": _run(by_codes, kept, lines, order),
        "by codes known": _run(by_codes, kept, lines, order),
    }
    tally.coded += by_codes.counted.rows if by_codes.counted is not None else 0
    _compare(tally, pack, drawn, written, ways, where)
    return tally


def _read_line(index: int, line: bytes) -> Row:
    fields = fields_of("jsonl/1", line, None)
    assert isinstance(fields, dict)
    return Row(index=index, text=text_of(line), fields=fields)


def _run(
    scanner: Scanner, pack: Pack, lines: Sequence[bytes], order: Sequence[int]
) -> Mapping[int, Sequence[set[str]]]:
    """What matches each row, wherever it stands, in the pass that files meet."""
    batches = read_batches("jsonl/1", [b"\n".join(lines[at] for at in order)])
    result = run_item(scanner, pack, ITEM, "jsonl/1", batches, Parameters(), Reading())
    found: list[set[str]] = [set() for _ in order]
    for digest, index in result.matches:
        found[index - 1].add(digest)
    matched: dict[int, list[set[str]]] = {}
    for at, digests in zip(order, found, strict=True):
        matched.setdefault(at + 1, []).append(digests)
    return matched


def _compare(
    tally: Tally,
    pack: Pack,
    drawn: Sequence[Drawn],
    rows: Sequence[Row],
    ways: Mapping[str, Mapping[int, Sequence[set[str]]]],
    where: str,
) -> None:
    """What each way found in the rows against the obvious matcher."""
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
            for way, matched in ways.items():
                if any((rule.digest in digests) != expected for digests in matched[row.index]):
                    shown = f"{each.raw.decode()} on {row.text!r} {dict(row.fields)!r}"
                    tally.failures.append(f"{where}, {way}: the obvious matcher says {expected}: {shown}")


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
    if load_walk() is None:
        print("nothing is asked by codes here: the compiled walk cannot be had (extra fast)", flush=True)
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
        f"{total.pairs:,} pairs of a rule and a row, {total.coded:,} rows told by codes, "
        f"{len(total.failures)} disagreements, "
        f"{time.monotonic() - began:.0f} s"
    )
    return 1 if total.failures or missed else 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
