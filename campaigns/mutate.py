"""Alter valid proofs, receipts, notes, envelopes and tokens: none may be accepted.

    python3 dev campaign mutate [--seed S] [--count N] [--start N] [--processes N]

A judge knows what its artefact is to show and accepts nothing else, so what is drawn is a failure if it is
accepted, unless it is the artefact itself: such a draw is made again. Nothing that is drawn knows a key, and
what a format asks readers to pass over (foreign signature lines in a note) is drawn apart and must be
accepted, beside the mutation of the same number. Not altered is what readers have from elsewhere: the head
(size, root) that a bare proof is held against. Any answer that is neither acceptance nor one of Comity's
errors is a failure too.

Mutation number k depends on the seed and k alone: a run that was cut off goes on with ``--start``, and a
failure is shown again by ``--start K --count 1``.
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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from campaigns.artefacts import Kind, kinds
from comity.errors import ComityError

BATCH = 1_000
TRIES = 100
PASSED = "foreign line accepted"


@dataclass(kw_only=True)
class Tally:
    """How many mutations of each kind were judged, and those that were not judged as they should be."""

    judged: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        self.judged += other.judged
        self.failures += other.failures


@functools.cache
def _kinds() -> Mapping[str, Kind]:
    return kinds()


def mutate_one(seed: str, number: int, tally: Tally) -> None:
    """Draw and judge mutation ``number`` of a seed."""
    known = _kinds()
    rng = random.Random(f"{seed}/{number}")
    name = rng.choices(list(known), [kind.share for kind in known.values()])[0]
    kind = known[name]
    at = rng.randrange(len(kind.artefacts))
    if kind.passes is not None and rng.random() < 0.1:
        mutant = kind.passes(rng, at)
        try:
            kind.judges[at](mutant)
        except ComityError as error:
            tally.failures.append(f"{number}: {name}: refused {error.code}, to be accepted: {mutant!r}")
        tally.judged[f"{name}, {PASSED}"] += 1
    original = kind.artefacts[at]
    for _ in range(TRIES):
        mutant = kind.alter(rng, at)
        if mutant != original:
            break
    else:
        raise RuntimeError(f"{number}: {name}: only the artefact itself is drawn")
    tally.judged[name] += 1
    try:
        kind.judges[at](mutant)
    except ComityError:
        return
    except Exception as error:  # an answer that no caller expects is a finding, and the rest goes on
        tally.failures.append(f"{number}: {name}: {type(error).__name__}: {error}: {mutant!r}")
        return
    tally.failures.append(f"{number}: {name}: ACCEPTED: {mutant!r}")


def mutate_batch(seed: str, span: tuple[int, int]) -> Tally:
    """The mutations ``span[0]`` to ``span[1] - 1``."""
    tally = Tally()
    for number in range(*span):
        mutate_one(seed, number, tally)
    return tally


def run(arguments: Sequence[str]) -> int:
    """The campaign as a command; 1 where anything was accepted, crashed, or wrongly refused."""
    parser = argparse.ArgumentParser(prog="dev campaign mutate", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seed", default="comity", help="what all is drawn from (default: comity)")
    parser.add_argument("--count", type=int, default=20_000, help="how many mutations (default: 20000)")
    parser.add_argument("--start", type=int, default=0, help="the number of the first one (default: 0)")
    parser.add_argument("--processes", type=int, default=min(2, os.cpu_count() or 1))
    chosen = parser.parse_args(arguments)
    began = time.monotonic()
    total = Tally()
    end = chosen.start + chosen.count
    spans = [(n, min(end, n + BATCH)) for n in range(chosen.start, end, BATCH)]
    print(f"seed {chosen.seed!r}, mutations {chosen.start:,} to {end - 1:,}", flush=True)
    shown = 0
    with multiprocessing.get_context("spawn").Pool(max(1, chosen.processes)) as pool:
        for n, tally in enumerate(pool.imap(functools.partial(mutate_batch, chosen.seed), spans), 1):
            total.add(tally)
            for failure in tally.failures:
                print(f"FAILURE {failure}", flush=True)
            if n * 10 // len(spans) > shown or n == len(spans):
                shown = n * 10 // len(spans)
                print(
                    f"{spans[n - 1][1] - chosen.start:>10,} judged, {len(total.failures)} failures,"
                    f" {time.monotonic() - began:.0f} s; to go on: --start {spans[n - 1][1]}",
                    flush=True,
                )
    for name, count in sorted(total.judged.items()):
        print(f"{count:>10,}  {name}")
    altered = sum(count for name, count in total.judged.items() if not name.endswith(PASSED))
    print(f"{altered:,} altered artefacts, {len(total.failures)} accepted or otherwise wrongly judged")
    return 1 if total.failures else 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
