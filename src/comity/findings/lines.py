"""Long lists as bytes, a line feed after each line.

They are taken apart by the piece, so that a million lines are never a million objects at once.
"""

from __future__ import annotations

import io
from bisect import bisect_left
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Final

PIECE: Final = 1 << 20
"""About so many bytes are taken apart at once."""
SHARE: Final = 4 << 20
"""About so many are sorted at once."""
_SAMPLES: Final = 64


def pieces_of(raw: bytes, begin: int = 0) -> Iterator[tuple[int, int]]:
    """Places of runs of whole lines."""
    while begin < len(raw):
        end = raw.find(b"\n", begin + PIECE) + 1 or len(raw)
        yield begin, end
        begin = end


def lines_of(raw: bytes) -> Iterator[bytes]:
    """The lines; a line feed stands after the last one too."""
    for begin, end in pieces_of(raw):
        yield from raw[begin:end].split(b"\n")[:-1]


def lines_that(raw: bytes, fits: Callable[[bytes], object]) -> bytes:
    """The lines that fit, in their order; these bytes themselves where all do."""
    out = io.BytesIO()
    for begin, end in pieces_of(raw):
        kept = [line for line in raw[begin:end].split(b"\n")[:-1] if fits(line)]
        out.write(b"\n".join([*kept, b""]))
    return raw if len(out.getbuffer()) == len(raw) else out.getvalue()


def sort_lines(runs: list[bytes]) -> bytes:
    """All lines of some runs, each sorted in itself, sorted together and each once. The runs are let go."""
    between = _choose_between(runs)
    shares: list[list[bytes]] = [[] for _ in range(len(between) + 1)]
    runs.reverse()
    while runs:
        lines = runs.pop().split(b"\n")
        lines.pop()
        begin = 0
        ends = [*(bisect_left(lines, each) for each in between), len(lines)]
        for share, end in zip(shares, ends, strict=True):
            if begin < end:
                share.append(b"\n".join(lines[begin:end]))
            begin = end
    out = io.BytesIO()
    shares.reverse()
    while shares:
        share = shares.pop()
        if share:
            lines = b"\n".join(share).split(b"\n")
            lines.sort()
            out.write(b"\n".join([*(line for line, _ in groupby(lines)), b""]))
    return out.getvalue()


def _choose_between(runs: list[bytes]) -> list[bytes]:
    """Lines that part all of them into shares of about the same size."""
    count = sum(map(len, runs)) // SHARE
    seen: list[bytes] = []
    for run in runs:
        for n in range(_SAMPLES if count else 0):
            begin = run.rfind(b"\n", 0, n * len(run) // _SAMPLES) + 1
            seen.append(run[begin : run.index(b"\n", begin)])
    seen.sort()
    return sorted({seen[n * len(seen) // count] for n in range(1, count)})
