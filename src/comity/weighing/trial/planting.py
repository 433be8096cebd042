"""False flags: part of a case's items replaced by items of another actor (``spec/13-weighing.md`` §10)."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from comity.weighing.trial.cases import Case, Past
from comity.weighing.trial.chance import number_of

Flag: TypeAlias = Literal["random", "smart"]
FLAGS: Final[tuple[Flag, ...]] = ("random", "smart")
SHARE: Final = 0.3
Columns: TypeAlias = npt.NDArray[np.int64]


def planted_count(items: int) -> int:
    """How many of so many items are planted: three in ten, to the nearest, at least one."""
    return max(1, round(SHARE * items))


def order_of_actors(past: Past) -> list[int]:
    """The actors of a past in an order that no label decides: by their reports, the earliest first. Those of
    the same reports have the same profile."""
    reports: list[list[int]] = [[] for _ in past.actors]
    for teller, place in zip(past.teller.tolist(), past.place.tolist(), strict=True):
        reports[teller].append(place)
    return sorted(range(len(reports)), key=lambda n: reports[n])


def plant(
    case: Case,
    columns: Columns,
    past: Past,
    flag: Flag,
    seed: int,
    draw: int,
    order: list[int] | None = None,
) -> Columns:
    """The case's items with a flag planted: another actor of the past, drawn, is framed by items of its
    profile that the case lacks, drawn (``random``) or the rarest of all reports first (``smart``); as many
    of the case's own, drawn, are lost. Where there is nobody to frame, or nothing to frame with, the case
    stays as it is. What is drawn hangs on no label; ``order`` is that of :func:`order_of_actors`."""
    key = (seed, flag, draw, number_of("case", *case.told))
    order = order_of_actors(past) if order is None else order
    others = [n for n in order if past.actors[n] != case.actor]
    if not others:
        return columns
    framed = others[number_of("framed", *key) % len(others)]
    own = set(columns.tolist())
    profile = [n for n in np.flatnonzero(past.counts[framed] > 0).tolist() if n not in own]
    drawn = {n: number_of("item", past.items[n], *key) for n in [*profile, *own]}
    profile.sort(key=lambda n: (past.mentioned[n] if flag == "smart" else 0, drawn[n]))
    added = profile[: planted_count(len(columns))]
    kept = sorted(own, key=lambda n: drawn[n])[len(added) :]
    return np.array(sorted({*kept, *added}), dtype=np.int64)
