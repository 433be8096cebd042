"""Row spans written for people."""

from __future__ import annotations

from comity.records.spans import Spans, common_rows, count_rows, spans_of
from comity.web.phrases import phrase


def first_rows(spans: Spans, limit: int, place: int = 1) -> list[int]:
    """The first ``limit`` row numbers, from the one at ``place`` (1 or more) on."""
    found: list[int] = []
    ahead = place - 1
    for first, last in spans:
        size = last - first + 1
        if ahead < size:
            begin = first + ahead
            found += range(begin, min(last, begin + limit - len(found) - 1) + 1)
        ahead = max(ahead - size, 0)
        if len(found) >= limit:
            break
    return found


def write_spans(spans: Spans, limit: int = 12) -> str:
    """``3–4, 9``; after ``limit`` ranges the rest is counted."""
    said = ", ".join(f"{a}" if a == b else f"{a}–{b}" for a, b in spans[:limit])
    rest = count_rows(spans[limit:])
    return phrase("{} and {} more", said, f"{rest:,}") if rest else said


def write_count(number: int, one: str, many: str = "") -> str:
    """``1 row``, ``1,200 rows``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


__all__ = ["Spans", "common_rows", "count_rows", "first_rows", "spans_of", "write_count", "write_spans"]
