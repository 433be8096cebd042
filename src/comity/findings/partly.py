"""Rows that were not asked whole (spec 11, clause 48), as a signed finding says them behind its engine."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from comity.records.kinds import ranges_of

LONGEST: Final = 200
"""How many characters a record has for its engine."""
_SAID = re.compile(
    r"; rows not asked whole: ((?:[0-9]+(?:-[0-9]+)?, )*[0-9]+(?:-[0-9]+)?)(?: and ([0-9]+) more)?"
)


def rows_of_partly(partly: Mapping[str, Sequence[int]] | None) -> tuple[int, ...]:
    """The rows that were not asked whole, whatever the reason; sorted, each once."""
    return tuple(sorted({row for found in (partly or {}).values() for row in found}))


def say_engine(engine: str, rows: Iterable[int]) -> str:
    """The name of an engine, and behind it the rows that it did not ask whole, as many as have room."""
    ranges = ranges_of(tuple(rows))
    if not ranges:
        return engine
    said = f"{engine}; rows not asked whole: "
    left = sum(count for _, count in ranges)
    shown: list[str] = []
    for first, count in ranges:
        one = f"{first}-{first + count - 1}" if count > 1 else str(first)
        rest = left - count
        more = f" and {rest} more" if rest else ""
        if shown and len(said) + len(", ".join([*shown, one])) + len(more) > LONGEST:
            break
        shown.append(one)
        left = rest
    return f"{said}{', '.join(shown)}{f' and {left} more' if left else ''}"


def read_partly(engine: str) -> str:
    """Of an engine as declared, the rows that were not asked whole, as text; "" where it names none."""
    found = _SAID.search(engine)
    if found is None or found.end() != len(engine):
        return ""
    return found[1] + (f" and {found[2]} more" if found[2] else "")
