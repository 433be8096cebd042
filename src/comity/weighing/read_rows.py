"""The rows of a record as the engine joins them (``spec/13-weighing.md`` §2), without the library that it
needs: for whoever tells of figures and computes none."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from comity.records.kinds_of_weighing import Assess, Weighed
from comity.weighing import OLDER, PPM
from comity.weighing.values import best_account


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRow:
    """All that observed the same: the ids of its ``items``, one of them as ``judged``, the origins with which
    it stands or falls, and both grades as probabilities."""

    items: tuple[str, ...]
    judged: Weighed
    origins: tuple[str, ...]
    reliability: float
    credibility: float


def join_rows(content: Assess, items: Iterable[Weighed]) -> list[ReadRow]:
    """Joined as :func:`comity.weighing.table.make_table` does, in the order of their origins."""
    told: dict[str, dict[str, Weighed]] = {}
    ids: dict[str, list[str]] = {}
    for one in items:
        seen = one.observed or one.id
        told.setdefault(seen, {}).setdefault(one.origin, one)
        ids.setdefault(seen, []).append(one.id)
    tells = Counter(origin for by_origin in told.values() for origin in by_origin)
    found = []
    for seen, by_origin in told.items():
        accounts = [by_origin[origin] for origin in sorted(by_origin)]
        judged = accounts[0]
        if content.method.name not in OLDER:
            accounts = [best_account(accounts, tells)]
        found.append(
            ReadRow(
                items=tuple(sorted(ids[seen])),
                judged=judged,
                origins=tuple(one.origin for one in accounts),
                reliability=1.0 - math.prod(1.0 - one.reliability / PPM for one in accounts),
                credibility=1.0 - math.prod(1.0 - one.credibility / PPM for one in accounts),
            )
        )
    return sorted(found, key=lambda row: row.origins)
