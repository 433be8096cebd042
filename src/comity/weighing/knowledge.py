"""Who was reported using what: counts of reports, and the likelihoods that they give
(``spec/13-weighing.md`` §9).

The reports are published judgements, not truth, and cover whom somebody chose to study.
"""

from __future__ import annotations

import codecs
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from comity.errors import Malformed
from comity.records.canonical import Json, render
from comity.weighing import PPM
from comity.weighing.readings import Smoothing
from comity.weighing.table import Floats

SEEN = 65_536
"""So many bytes are looked at for how lines end."""
PACKED: Final = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04", b"BZh", b"\xfd7zXZ")
"""How what gzip, zstd, zip, bzip2 and xz make begins."""
KNOWLEDGE_DOMAIN: Final = b"comity/1/weighing-knowledge\0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One line of a source: a report of that date says that the actor used the item (``kind``: technique,
    software)."""

    actor: str
    item: str
    kind: str
    report: str
    date: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profiles:
    """Counts of reports: of each actor, of each item, and of both together. Make it with
    :func:`make_profiles`.

    P_g(f) = φ·b(f) + (1−φ)·n(g, f) / (n(g) + s), with φ the floor, s the doubt and b(f) = n(f) / n. The
    background b is the unknown actor's, and that of an actor of whom no report says anything: nobody looked.
    """

    reports: int
    actors: Mapping[str, int]
    items: Mapping[str, int]
    together: Mapping[str, Mapping[str, int]]
    smoothing: Smoothing
    digest: str = field(default="")

    def likelihoods(self, observed: str, hypotheses: Sequence[str]) -> tuple[Floats, float]:
        """The probability that a report mentions ``observed``, for each hypothesis and for the unknown actor.

        ``Malformed`` for an item that no report mentions.
        """
        return self._likelihoods(observed, hypotheses, unreported=1.0)

    def likelihoods_before(self, observed: str, hypotheses: Sequence[str]) -> tuple[Floats, float]:
        """The same by the methods before, which held against a hypothesis without any report that none
        mentions the item: it had P = φ·b."""
        return self._likelihoods(observed, hypotheses, unreported=self.smoothing.floor / PPM)

    def _likelihoods(
        self, observed: str, hypotheses: Sequence[str], *, unreported: float
    ) -> tuple[Floats, float]:
        if observed not in self.items:
            raise Malformed("weighing.unheard", observed, "no report in this knowledge mentions it")
        base = self.items[observed] / self.reports
        floor, doubt = self.smoothing.floor / PPM, self.smoothing.doubt / 100
        counts = self.together[observed]
        found = np.array(
            [
                floor * base + (1.0 - floor) * (counts.get(one, 0) / (self.actors[one] + doubt))
                if one in self.actors
                else unreported * base
                for one in hypotheses
            ]
        )
        return np.minimum(found, 1.0), base


def make_profiles(
    observations: Iterable[Observation], smoothing: Smoothing | None = None, *, before: str = ""
) -> Profiles:
    """Profiles from observations, in any order, of reports dated before an ISO date (all, where none is
    given)."""
    taken = {(o.actor, o.item, o.report) for o in observations if not before or o.date < before}
    actors: dict[str, set[str]] = defaultdict(set)
    items: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for actor, item, report in taken:
        actors[actor].add(report)
        items[item].add((actor, report))
    together: dict[str, dict[str, int]] = {}
    for item in sorted(items):
        counts: dict[str, int] = defaultdict(int)
        for actor, _ in items[item]:
            counts[actor] += 1
        together[item] = dict(sorted(counts.items()))
    return _seal({actor: len(actors[actor]) for actor in sorted(actors)}, together, smoothing or Smoothing())


def smooth_profiles(profiles: Profiles, smoothing: Smoothing) -> Profiles:
    """The same counts read with another smoothing, and so under another digest."""
    return _seal(profiles.actors, profiles.together, smoothing)


def _seal(sizes: Mapping[str, int], together: Mapping[str, Mapping[str, int]], told: Smoothing) -> Profiles:
    # Canonical JSON has no other keys than ASCII; people label in every script.
    ascii_only = all(actor.isascii() for actor in sizes)

    def counted(counts: Mapping[str, int]) -> Json:
        return dict(counts) if ascii_only else [list(each) for each in sorted(counts.items())]

    body: dict[str, Json] = {
        "actors": counted(sizes),
        "doubt": told.doubt,
        "floor": told.floor,
        "together": [[item, counted(counts)] for item, counts in together.items()],
    }
    return Profiles(
        reports=sum(sizes.values()),
        actors=sizes,
        items={item: sum(counts.values()) for item, counts in together.items()},
        together=together,
        smoothing=told,
        digest=hashlib.sha256(KNOWLEDGE_DOMAIN + render(body)).hexdigest(),
    )


def split_lines(raw: bytes, where: str, code: str) -> list[bytes]:
    """The lines of a file in UTF-8, with or without a byte order mark. ``Malformed`` (``code``) for what is
    text of another form: compressed, UTF-16, or lines that end with a carriage return alone."""
    if raw.startswith(PACKED):
        raise Malformed(code, f"{where}:1", "compressed, by its first bytes; unpack it first")
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in raw[:64]:
        raise Malformed(code, f"{where}:1", "UTF-16 text, by its first bytes; save it as UTF-8")
    if b"\r" in raw[:SEEN] and b"\n" not in raw[:SEEN]:
        why = "its lines end with a carriage return alone; save it with line feeds"
        raise Malformed(code, f"{where}:1", why)
    return raw.removeprefix(codecs.BOM_UTF8).split(b"\n")
