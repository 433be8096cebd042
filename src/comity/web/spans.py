"""Row numbers as ranges, counted and written without ever listing them: a range may be very long."""

from __future__ import annotations

from collections.abc import Iterable

from comity.records.kinds import Ranges

Spans = list[tuple[int, int]]
"""Sorted, disjoint (first, last) pairs."""


def spans_of(ranges: Iterable[Ranges]) -> Spans:
    """The rows of several lists of [first, count] ranges together."""
    merged: Spans = []
    for first, count in sorted(pair for ranges_ in ranges for pair in ranges_):
        last = first + count - 1
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged


def count_rows(spans: Spans) -> int:
    """How many rows they are."""
    return sum(last - first + 1 for first, last in spans)


def common_rows(a: Spans, b: Spans) -> Spans:
    """Rows in both."""
    found: Spans = []
    i = j = 0
    while i < len(a) and j < len(b):
        first, last = max(a[i][0], b[j][0]), min(a[i][1], b[j][1])
        if first <= last:
            found.append((first, last))
        if a[i][1] < b[j][1]:
            i += 1
        else:
            j += 1
    return found


def first_rows(spans: Spans, limit: int) -> list[int]:
    """The first ``limit`` row numbers."""
    found: list[int] = []
    for first, last in spans:
        found += range(first, min(last, first + limit - len(found) - 1) + 1)
        if len(found) >= limit:
            break
    return found


def write_spans(spans: Spans, limit: int = 12) -> str:
    """``3–4, 9``; after ``limit`` ranges the rest is counted."""
    said = ", ".join(f"{a}" if a == b else f"{a}–{b}" for a, b in spans[:limit])
    rest = count_rows(spans[limit:])
    return said + (f" and {rest:,} more" if rest else "")


def write_count(number: int, one: str, many: str = "") -> str:
    """``1 row``, ``1,200 rows``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
