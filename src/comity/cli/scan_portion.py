"""How far a file is that is gone through in several passes: each has its portion of the file's length."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Progress: TypeAlias = "Callable[[int], None] | None"


def portion(progress: Progress, size: int, begin: float, end: float, length: int) -> Progress:
    """What a pass over ``length`` bytes tells: of a file of ``size`` bytes, those from the fraction ``begin``
    up to ``end``."""
    if progress is None:
        return None
    low, wide = size * begin, size * (end - begin)

    def tell(done: int) -> None:
        progress(int(low + wide * min(done, length) / length) if length else int(low + wide))

    return tell


def portions(progress: Progress, size: int, begin: float, lengths: list[int]) -> list[Progress]:
    """Those of several files, by their lengths, of what is left from the fraction ``begin`` on."""
    total = sum(lengths) or 1
    found, ahead = [], 0
    for length in lengths:
        low, high = (begin + (1 - begin) * at / total for at in (ahead, ahead + length))
        found.append(portion(progress, size, low, high, length))
        ahead += length
    return found
