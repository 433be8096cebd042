"""What a benchmark hands to the harness, and how one figure is measured.

A benchmark is a module ``bench/bench_<name>.py`` with one function::

    def figures(scratch: Path) -> Iterator[Figure]: ...

It prepares its input under ``scratch`` (an empty folder, removed afterwards) and yields figures; a
figure is measured before the next one is asked for, so input can be let go between two figures.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """One way to do the work. ``run`` does all of it once, and is timed from outside.

    Where time is not what is measured (memory, bytes written), ``run`` returns the value itself.
    """

    name: str
    run: Callable[[], float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One quantity of ours, and the same quantity of each peer on the same input.

    ``amount`` is the work of one run, in the unit's numerator: with 64 and ``MB/s``, a run of 2 s
    gives 32. Without an amount the value is the run's time in ``unit``, one of s, ms, µs.
    ``absent`` names each peer that could not run, with the reason.
    """

    name: str
    unit: str
    ours: Contender
    peers: tuple[Contender, ...] = ()
    amount: float | None = None
    runs: int = 5
    absent: tuple[tuple[str, str], ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The values of one contender, in the figure's unit."""

    name: str
    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A figure with its values: ours first, then the peers."""

    figure: Figure
    samples: tuple[Sample, ...]

    def ratio(self, peer: Sample) -> float:
        """Our median over the peer's, in the figure's unit."""
        return self.samples[0].median / peer.median if peer.median else float("inf")


SECONDS = {"s": 1.0, "ms": 1e3, "µs": 1e6}


def run_once(figure: Figure, contender: Contender) -> float:
    """One value, in the figure's unit."""
    gc.collect()
    began = time.perf_counter()
    own = contender.run()
    took = time.perf_counter() - began
    if own is not None:
        return own
    if figure.amount is not None:
        return figure.amount / took
    return took * SECONDS[figure.unit]


def measure(figure: Figure, runs: int | None = None) -> Measured:
    """Ours and the peers in turns, so that a busy moment of the machine falls on all of them.

    One round beforehand warms caches and is not counted; each round starts with another contender.
    """
    contenders = (figure.ours, *figure.peers)
    values: list[list[float]] = [[] for _ in contenders]
    for contender in contenders:
        run_once(figure, contender)
    for turn in range(runs or figure.runs):
        for step in range(len(contenders)):
            which = (turn + step) % len(contenders)
            values[which].append(run_once(figure, contenders[which]))
    samples = [
        Sample(name=each.name, values=tuple(found)) for each, found in zip(contenders, values, strict=True)
    ]
    return Measured(figure=figure, samples=tuple(samples))
