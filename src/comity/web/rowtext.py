"""Row numbers as people write them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from comity.records.kinds import ranges_of
from comity.web.spans import spans_of, write_spans

ROWS = 100_000
"""Rows that one page or form names at most."""

_RANGE = re.compile(r"([1-9][0-9]{0,14})(?:-([1-9][0-9]{0,14}))?")


def write_rows(numbers: Iterable[int]) -> str:
    """All of them as :func:`read_rows` reads them: ``3, 7-9``."""
    return write_spans(spans_of([ranges_of(sorted(numbers))]), ROWS).replace("–", "-")


def read_rows(text: str) -> list[int]:
    """Row numbers written ``3, 7-9``; ``ValueError`` with the part that is none, or where too many."""
    found: set[int] = set()
    for part in re.sub(r"[\s ]*-[\s ]*", "-", text.replace("–", "-")).replace(",", " ").split():
        match = _RANGE.fullmatch(part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if last < first:
            raise ValueError(f"{part!r} is no row number or range like 7-9")
        if last - first + len(found) >= ROWS:
            raise ValueError(f"more than {ROWS:,} rows")
        found.update(range(first, last + 1))
    return sorted(found)
