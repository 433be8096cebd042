"""What is said of a file's format, and how many lines must agree before something is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from comity.evidence.formats import Container, FormatName

UTF8_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Detected:
    """A guess of a format. ``why`` is a sentence for people; ``derive`` names the derivation that
    would turn the opaque file into rows, where there is one; ``unpack`` the kind of container. ``doubt`` says
    what else it looks like, where rules by field may be missing their fields; ``before`` counts the lines
    that stand before a table and are no rows of it."""

    format: FormatName
    why: str
    derive: FormatName | None = None
    unpack: Container | None = None
    doubt: str = ""
    before: int = 0


def nearly_all(some: int, total: int) -> bool:
    return total > 0 and 4 * some >= 3 * total


def too_few(some: int, total: int) -> bool:
    """Whether so few lines agree that the first one decides nothing."""
    return total >= 4 and 4 * some < total


SEEN = 4096
"""So much of each line counts beside others, in bytes: one long line does not outweigh the many."""


def are_many(others: Sequence[bytes] | Sequence[str], lines: Sequence[bytes] | Sequence[str]) -> bool:
    """Whether what stands outside of the values or elements is more than a little of the lines of a head."""
    return len(others) >= 3 and 4 * _count(others) >= _count(lines)


def _count(lines: Sequence[bytes] | Sequence[str]) -> int:
    return sum(min(len(line), SEEN) for line in lines)
