"""How counts of reports are read, and how the name of knowledge states it (``spec/14-assessments.md`` §5)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from comity.errors import Malformed
from comity.weighing import PPM


@dataclass(frozen=True, slots=True, kw_only=True)
class Smoothing:
    """How counts become probabilities. ``floor`` (ppm): the share of the background in every actor's
    profile, so what an actor was never seen with keeps that share of its common probability. ``doubt``:
    reports, in hundredths, that every actor is taken to have beside its own and that mention nothing."""

    floor: int = 50_000
    doubt: int = 100


SMOOTHED: Final = re.compile(
    r"(?P<name>.+) "
    r"\(floor (?P<floor>0(\.[0-9]{1,6})?|1(\.0{1,6})?), doubt (?P<doubt>[0-9]{1,6}(\.[0-9]{1,2})?)\)"
)
"""Knowledge read otherwise than by default, as its name says it: ``own.jsonl (floor 0.85, doubt 4)``."""


def split_name(text: str) -> tuple[str, Smoothing | None]:
    """The name of knowledge, and the smoothing that it states, if any. ``Malformed``
    (``knowledge.smoothing``) for one that is out of range or spelt otherwise."""
    if (found := SMOOTHED.fullmatch(text)) is None:
        if re.search(r"\([^()]*\b(floor|doubt)\b[^()]*\)$", text):
            why = "write it as NAME (floor 0.85, doubt 4): a floor from 0.000001 to 1, a doubt in reports"
            raise Malformed("knowledge.smoothing", text[:200], why)
        return text, None
    floor, doubt = int(Decimal(found["floor"]) * PPM), int(Decimal(found["doubt"]) * 100)
    if not 1 <= floor <= PPM:
        why = "a floor of 0 would make what nobody reported of an actor impossible"
        raise Malformed("knowledge.smoothing", text[:200], why)
    return found["name"], Smoothing(floor=floor, doubt=doubt)


def states_reading(name: str) -> bool:
    """Whether the name of knowledge says how its counts are read."""
    return SMOOTHED.fullmatch(name) is not None


def join_name(name: str, smoothing: Smoothing) -> str:
    """The name that states a smoothing."""
    floor, doubt = Decimal(smoothing.floor) / PPM, Decimal(smoothing.doubt) / 100
    return f"{name} (floor {floor.normalize():f}, doubt {doubt.normalize():f})"
