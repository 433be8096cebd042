"""Knowledge with its names and its reach, and how it answers for an item in a record
(``spec/14-assessments.md`` §2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from comity.errors import Malformed
from comity.records import kinds_of_weighing as told
from comity.weighing import METHOD, OLDER, PPM, UNKNOWN
from comity.weighing.knowledge import Observation, Profiles, make_profiles, smooth_profiles
from comity.weighing.readings import Smoothing, join_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Published reports under the name of the package or file that carries them. ``actors`` and ``items`` are
    labels by id. ``pairs`` counts who-used-what, ``once`` those that rest on one report."""

    name: str
    profiles: Profiles
    actors: Mapping[str, str]
    items: Mapping[str, str]
    pairs: int
    once: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """What the reports make of one item, in whole parts per million: the judgements that differ from
    ``others``, which is what every hypothesis left out has."""

    judgements: tuple[told.Judgement, ...]
    others: tuple[int, int]


def make_source(
    name: str, observations: Iterable[Observation], actors: Mapping[str, str], items: Mapping[str, str]
) -> Source:
    """A source from its observations. ``Malformed`` (``knowledge.empty``) where there is none."""
    profiles = make_profiles(observations)
    if not profiles.reports:
        raise Malformed("knowledge.empty", name, "no report in it says who used what")
    counts = [n for by_actor in profiles.together.values() for n in by_actor.values()]
    return Source(
        name=name,
        profiles=profiles,
        actors={one: actors.get(one, "") for one in profiles.actors},
        items={one: items.get(one, "") for one in profiles.items},
        pairs=len(counts),
        once=sum(n == 1 for n in counts),
    )


def smooth_source(source: Source, smoothing: Smoothing) -> Source:
    """The same reports read with another smoothing: its name says so, and its digest is another."""
    return replace(
        source, name=join_name(source.name, smoothing), profiles=smooth_profiles(source.profiles, smoothing)
    )


def state_source(source: Source) -> told.Knowledge:
    """The source as a record states it."""
    return told.Knowledge(
        digest=source.profiles.digest,
        name=source.name[:200],
        actors=len(source.profiles.actors),
        reports=source.profiles.reports,
        pairs=source.pairs,
        once=source.once,
    )


def quote(source: Source, observed: str, hypotheses: Sequence[str], method: str = METHOD) -> Quoted:
    """The likelihoods that a source gives, rounded to what a record carries: at least one part per million.

    ``Malformed`` (``weighing.unheard``) for an id that no report mentions: its absence says nothing.
    """
    ask = source.profiles.likelihoods_before if method in OLDER else source.profiles.likelihoods
    named, unknown = ask(observed, hypotheses)
    counts = source.profiles.together[observed]
    rounded = {name: _ppm(float(value)) for name, value in zip(hypotheses, named, strict=True)}
    common, _ = max(Counter(rounded.values()).items(), key=lambda each: (each[1], -each[0]))
    judgements = [
        told.Judgement(hypothesis=name, low=value, high=value, mentions=counts.get(name, 0))
        for name, value in rounded.items()
        if value != common or counts.get(name, 0)
    ]
    base = _ppm(float(unknown))
    judgements.append(
        told.Judgement(hypothesis=UNKNOWN, low=base, high=base, mentions=source.profiles.items[observed])
    )
    return Quoted(
        judgements=tuple(sorted(judgements, key=lambda one: one.hypothesis)), others=(common, common)
    )


def _ppm(value: float) -> int:
    return min(max(round(value * PPM), 1), PPM)


def misquoted(source: Source, content: told.Assess) -> tuple[str, ...]:
    """What a record says otherwise than this source: items and questions by id, the reports counted of a
    hypothesis (``hypotheses/ID.reports``), how far the reports reach (``knowledge.pairs``, …); none where it
    was quoted faithfully. ``Malformed`` (``weighing.unheard``) for an item that it has never heard of."""
    names = [one.id for one in content.hypotheses]
    sizes = source.profiles.actors
    found = [
        f"hypotheses/{one.id}.reports" for one in content.hypotheses if one.reports != sizes.get(one.id, 0)
    ]
    if content.knowledge is not msgspec.UNSET:
        own = state_source(source)
        found += [
            f"knowledge.{field}"
            for field in ("digest", "actors", "reports", "pairs", "once")
            if getattr(own, field) != getattr(content.knowledge, field)
        ]
    for item in [*content.items, *(question.item for question in content.questions)]:
        if item.by == "knowledge":
            quoted = quote(source, item.observed, names, content.method.name)
            if (quoted.judgements, quoted.others) != (item.judgements, item.others):
                found.append(item.id)
    return tuple(found)
