"""A case folded page by page: what each record costs in time and memory as the case grows.

There is no peer for this. One is the limit that it stands beside: a record costs in a large case what it
costs in a small one. ``python -m bench.bench_paging 1000000`` does the same for any size, a tenth at a time.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.figure import Contender, Figure
from bench.generated_case import Builder
from comity.case.fold import fold
from comity.case.state import State

SMALL, LARGE = 10_000, 40_000
PAGE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Grown:
    """Processor time (µs) and memory (bytes) per record, facts included, over one stretch of pages."""

    records: int
    time: float
    memory: float


def resident() -> int:
    """Bytes of memory that this process holds."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def grow(sizes: tuple[int, ...]) -> Iterator[Grown]:
    """Fold one case to each of these sizes, a page at a time; a page is read, folded and let go."""
    builder = Builder("paging")
    state = State(case=builder.case.id)
    done = 0
    for size in sizes:
        before, began, busy = resident(), done, 0.0
        while done < size:
            page = builder.grow(done + PAGE)[done : done + PAGE]
            started = time.process_time()
            state = fold(page, state)
            busy += time.process_time() - started
            done += len(page)
            # The state holds what it needs of a page; what was made to sign it is let go.
            builder.signed.clear()
        if len(state.accepted) != done:
            raise AssertionError(f"{done - len(state.accepted)} records were not accepted")
        count = done - began
        yield Grown(records=done, time=busy / count * 1e6, memory=(resident() - before) / count)


def figures(_: Path) -> Iterator[Figure]:
    first, second = grow((SMALL, LARGE))

    yield Figure(
        name=f"memory for one record more at {LARGE:,}, over one at {SMALL:,}, in pages of {PAGE:,}",
        unit="times",
        runs=1,
        ours=Contender(name="comity fold", run=lambda: second.memory / first.memory),
        note=f"1 is flat; {second.memory / 1024:.1f} KiB a record, its bytes and its envelope included",
    )
    yield Figure(
        name=f"processor time for one record more at {LARGE:,}, over one at {SMALL:,}, in pages of {PAGE:,}",
        unit="times",
        runs=1,
        ours=Contender(name="comity fold", run=lambda: second.time / first.time),
        note=f"1 is flat; {second.time:.0f} µs a record",
    )


if __name__ == "__main__":
    whole = int(sys.argv[1]) if len(sys.argv) > 1 else LARGE
    for at in grow(tuple(range(whole // 10, whole + 1, whole // 10))):
        print(
            f"{at.records:>9,} records: {at.time:6.1f} µs and {at.memory / 1024:5.2f} KiB a record",
            flush=True,
        )
