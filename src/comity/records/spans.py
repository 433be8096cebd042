"""Row numbers as spans, merged, counted and compared without ever listing them: a range may be very long."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from operator import itemgetter
from typing import Final

from comity.records.kinds import Ranges

Spans = list[tuple[int, int]]
"""Sorted, disjoint (first, last) pairs."""
_FEW: Final = 16
"""Where one list has so many times fewer spans than the other, each is looked up."""
_LAST: Final = itemgetter(1)


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
    if len(a) > len(b):
        a, b = b, a
    found: Spans = []
    if len(a) * _FEW < len(b):
        # Many short lists are held against one long one, which is not to be walked for each of them.
        at = 0
        for first, last in a:
            at = bisect_left(b, first, at, key=_LAST)
            for j in range(at, len(b)):
                if b[j][0] > last:
                    break
                found.append((max(first, b[j][0]), min(last, b[j][1])))
        return found
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


def rows_without(a: Spans, b: Spans) -> Spans:
    """Rows of ``a`` that are not in ``b``."""
    found: Spans = []
    j = 0
    for first, last in a:
        while j < len(b) and b[j][1] < first:
            j += 1
        k = j
        while k < len(b) and b[k][0] <= last:
            if first < b[k][0]:
                found.append((first, b[k][0] - 1))
            first = b[k][1] + 1
            k += 1
        if first <= last:
            found.append((first, last))
    return found


def ranges_in(spans: Spans) -> Ranges:
    """The same rows as [first, count] ranges."""
    return tuple((first, last - first + 1) for first, last in spans)
