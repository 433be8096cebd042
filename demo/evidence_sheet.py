"""Lines in time order, the marks some of them carry, and the small tools that fill them.

Only `Random.random()` is drawn from: its sequence is fixed for a seed in every Python version.
"""

from __future__ import annotations

import json
import random
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any, Final, TypeVar

T = TypeVar("T")

SECOND: Final = 1_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

_DATES: Final = tuple(
    f"2026-{month:02}-{day:02}" for month, last in ((9, 30), (10, 31)) for day in range(1, last + 1)
)
_MINUTES: Final = tuple(f"{h:02}:{m:02}:" for h in range(24) for m in range(60))
_SECONDS: Final = tuple(f"{s:02}" for s in range(60))

# Requests per UTC hour of a place that works by day at +02:00.
RHYTHM: Final = (2, 1, 1, 1, 3, 8, 20, 40, 52, 55, 50, 43, 46, 52, 50, 42, 30, 20, 14, 12, 10, 8, 5, 3)


def moment(date: str, clock: str) -> int:
    """Milliseconds from 2026-09-01T00:00Z to a UTC date and `HH:MM:SS` of September or October."""
    hours, minutes, seconds = clock.split(":")
    day = _DATES.index(date)
    return day * DAY + int(hours) * HOUR + int(minutes) * MINUTE + int(seconds) * SECOND


def spell(t: int, between: str = "T") -> str:
    """A moment as `2026-10-03T19:47:05`, to the second."""
    day, rest = divmod(t, DAY)
    seconds = rest // SECOND
    return f"{_DATES[day]}{between}{_MINUTES[seconds // 60]}{_SECONDS[seconds % 60]}"


def spell_fine(t: int, between: str = "T") -> str:
    """A moment as `2026-10-03T19:47:05.123`, to the millisecond."""
    return f"{spell(t, between)}.{t % SECOND:03}"


def pick(rng: random.Random, values: Sequence[T]) -> T:
    """One of `values`, each as likely."""
    return values[int(rng.random() * len(values))]


def between(rng: random.Random, low: int, high: int) -> int:
    """A whole number in `low` ≤ n < `high`."""
    return low + int(rng.random() * (high - low))


def spread(rng: random.Random, first_date: str, day_weights: Sequence[int], count: int) -> list[int]:
    """`count` moments, sorted, over days of the given weights and the hours of `RHYTHM`."""
    start = moment(first_date, "00:00:00")
    weights = list(accumulate(day * hour for day in day_weights for hour in RHYTHM))
    total = weights[-1]
    moments = [
        start + bisect_right(weights, int(rng.random() * total)) * HOUR + int(rng.random() * HOUR)
        for _ in range(count)
    ]
    moments.sort()
    return moments


def line_of(fields: Mapping[str, Any]) -> str:
    """One JSON line, in the order of the fields."""
    return json.dumps(fields, separators=(",", ":"), ensure_ascii=True)


class Sheet:
    """A log being written: lines in any order of arrival, some marked with a rule that finds them.

    `blocks` are (moment, header lines): a block's header stands before the first line at or after
    its moment. Ties in time keep the order of arrival, so no order hangs on what a line says.
    """

    __slots__ = ("_blocks", "_lines", "_marks", "_sorted", "format", "logsource", "origin", "zone")

    def __init__(
        self,
        *,
        splitter: str,
        origin: str,
        logsource: Mapping[str, str],
        blocks: Sequence[tuple[int, Sequence[str]]] = (),
        zone: str = "+00:00",
    ) -> None:
        self.format = splitter
        self.origin = origin
        self.logsource = dict(logsource)
        self.zone = zone
        self._blocks = list(blocks)
        self._lines: list[tuple[int, int, str]] = []
        self._marks: dict[int, tuple[str, ...]] = {}
        self._sorted = True

    def add(self, t: int, line: str, *rules: str) -> None:
        """Add a line of moment `t`; `rules` are the rule files that must find it."""
        number = len(self._lines)
        self._lines.append((t, number, line))
        self._sorted = False
        if rules:
            self._marks[number] = rules

    def line_count(self) -> int:
        """Lines, headers included."""
        return len(self._lines) + sum(len(header) for _, header in self._blocks)

    def render(self) -> bytes:
        """The file: every line ends with a line feed."""
        self._sort()
        lines: list[str] = []
        blocks = list(self._blocks)
        for t, _, line in self._lines:
            while blocks and t >= blocks[0][0]:
                lines.extend(blocks.pop(0)[1])
            lines.append(line)
        lines.append("")
        return "\n".join(lines).encode("ascii")

    def marked(self) -> dict[str, tuple[int, ...]]:
        """For each rule named by a mark, the line numbers (from 1, headers counted) it must find."""
        self._sort()
        found: dict[str, list[int]] = {}
        blocks = list(self._blocks)
        above = 1
        for position, (t, number, _) in enumerate(self._lines):
            while blocks and t >= blocks[0][0]:
                above += len(blocks.pop(0)[1])
            for rule in self._marks.get(number, ()):
                found.setdefault(rule, []).append(above + position)
        return {rule: tuple(rows) for rule, rows in found.items()}

    def _sort(self) -> None:
        if not self._sorted:
            self._lines.sort(key=_by_arrival)
            self._sorted = True


def _by_arrival(entry: tuple[int, int, str]) -> tuple[int, int]:
    return entry[0], entry[1]
