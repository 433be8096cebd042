"""What to take care of in an assessment: warnings that stand beside its figures
(``spec/14-assessments.md`` §4).

None of them changes a figure. Each names what it is about, so that its author can mend it.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

import msgspec

from comity.phrases import count_of, phrase
from comity.records.kinds_of_weighing import Assess, Weighed
from comity.weighing import PPM
from comity.weighing.few_reports import range_of_reports
from comity.weighing.likelihood_words import percent
from comity.weighing.naming import quoted, quoted_list
from comity.weighing.readings import states_reading

RATED = 3
"""So many items are needed before two grades that always agree say something about the rater."""
LINES = 4
"""So many warnings of one sort are given; the rest is counted."""
COMPARED = 300
"""So many items are held against each other word by word."""
WORDS = 100
"""So many words of each."""
TELLING = 4
"""Of fewer distinct words than this, a text tells nothing by being like another."""
ALIKE = 0.6
"""Of all words of two texts, the share that both have."""
LEVEL = 2
"""Figures (ppm) that differ by no more are the same, by whoever computes them."""
T = TypeVar("T")


def cautions_of(content: Assess, again: Iterable[str]) -> Iterator[str]:
    """Every warning but those about labels (``labels.py``), what bears on the answer first; ``again`` is what
    :func:`told_again` found."""
    yield from _level(content)
    yield from again
    yield from _graded(content)
    yield from _reported(content)
    undeclared = content.result.undeclared
    if undeclared == 1:
        yield phrase("1 item declares no origin.")
    elif undeclared:
        yield phrase("{} items declare no origin: they are taken to come from one.", f"{undeclared:,}")
    if (silent := content.result.silent) == 1:
        yield phrase("1 item fits every hypothesis alike.")
    elif silent:
        yield phrase("{} items fit every hypothesis alike.", f"{silent:,}")


def cautions_of_a_name(content: Assess, again: Iterable[str]) -> Iterator[str]:
    """Of these, what stands beside a name that is given: it may be one source told several times."""
    if content.result.answer != "named":
        return
    yield from again
    if not trusted(content):
        best = max(one.reliability for one in content.items)
        yield phrase("No origin of what it rests on is held reliable: the best has {}.", percent(best))
    origins = {one.origin for one in content.items}
    if len(origins) == 1 and len(content.items) > 1:
        (origin,) = origins
        yield (
            phrase("All of it comes from one origin, {}.", quoted(origin))
            if origin
            else phrase("No item declares where it comes from: all of it may come from one origin.")
        )


def trusted(content: Assess) -> bool:
    """Whether any origin is held likelier to be reliable than not."""
    return any(2 * one.reliability > PPM for one in content.items)


def level_with_leader(content: Assess) -> tuple[str, ...]:
    """The hypotheses that have what the leader has, by id: that one of them leads is the order of ids."""
    posteriors = {one.hypothesis: one.posterior for one in content.result.standings}
    leader = content.result.leader
    return tuple(
        sorted(
            name
            for name, value in posteriors.items()
            if name != leader and abs(value - posteriors[leader]) <= LEVEL
        )
    )


def _level(content: Assess) -> Iterator[str]:
    if content.result.answer == "named" and (others := level_with_leader(content)):
        told = (
            phrase("{} has the same figure as {}.", quoted_list(others), quoted(content.result.leader))
            if len(others) == 1
            else phrase("{} have the same figure as {}.", quoted_list(others), quoted(content.result.leader))
        )
        yield phrase("{} It is named only because its label comes first: read it as no name.", told)


def told_again(content: Assess) -> Iterator[str]:
    """What may be one thing told several times, and counted several times."""
    judged = [one for one in content.items if one.by == "judgement"]
    yield from _some(_judged_alike(judged, content.scale))
    words = groups_of(content.items, lambda one: fold_text(one.text))
    # One observation by several origins is declared as such.
    told = (same for _, same in words if len({one.observed or one.id for one in same}) > 1)
    yield from _some(line for same in told for line in _two_origins(same, phrase("say the same words")))
    yield from _some(_worded_alike(content.items))
    resting = [one for one in content.items if one.record]
    again = groups_of(resting, lambda one: (one.record, one.observed or one.id))
    yield from _some(
        line for _, same in again for line in _two_origins(same, phrase("rest on the same record"))
    )


def _judged_alike(judged: Iterable[Weighed], scale: Sequence[tuple[int, int]]) -> Iterator[str]:
    for _, same in groups_of(judged, lambda one: (one.origin, one.judgements, one.others, one.scaled)):
        if len({one.observed or one.id for one in same}) > 1 and not _silent(same[0], scale):
            origin = same[0].origin
            yield phrase(
                "{}, {}, are judged exactly alike and counted as {} things seen. If they tell one thing, "
                "give them the same observed: it counts once then.",
                quoted_list(one.id for one in same),
                phrase("of origin {}", quoted(origin)) if origin else phrase("without a declared origin"),
                f"{len(same):,}",
            )


def _worded_alike(items: Sequence[Weighed]) -> Iterator[str]:
    """Items in nearly the same words that are counted each: a source and those who repeat it."""
    told = [(one, frozenset(re.findall(r"\w+", one.text.casefold())[:WORDS])) for one in items[:COMPARED]]
    told = [(one, words) for one, words in told if len(words) >= TELLING]
    left = list(range(len(told)))
    while left:
        first = told[left.pop(0)]
        like = [n for n in left if _alike(first[1], told[n][1])]
        alike = set(like)
        left = [n for n in left if n not in alike]
        same = [first[0], *(told[n][0] for n in like)]
        # In just the same words, they are told of already.
        seen = {one.observed or one.id for one in same}
        if len(seen) > 1 and len({fold_text(one.text) for one in same}) > 1:
            yield phrase(
                "{} are told in nearly the same words and counted as {} things seen. What tells one thing "
                "has one observed, and whoever repeats it has the origin of whoever saw it.",
                quoted_list(one.id for one in same),
                f"{len(seen):,}",
            )


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    if min(len(one), len(other)) < ALIKE * max(len(one), len(other)):
        return False
    both = len(one & other)
    return both >= ALIKE * (len(one) + len(other) - both)


def _silent(item: Weighed, scale: Sequence[tuple[int, int]]) -> bool:
    """Whether no choice within its intervals makes a difference: one point for all, or nobody named is
    judged."""
    ends = {(one.low, one.high) for one in item.judgements} | {scale[n] for n in set(item.scaled)}
    if item.others is msgspec.UNSET and not item.scaled and len(item.judgements) == 1:
        return True
    same = len(ends) == 1 and item.others in (msgspec.UNSET, *ends)
    return same and all(low == high for low, high in ends)


def _some(lines: Iterator[str]) -> Iterator[str]:
    """The first few, and how many more there are."""
    yield from itertools.islice(lines, LINES)
    if more := sum(1 for _ in lines):
        yield (
            phrase("The same holds of 1 more group of items.")
            if more == 1
            else phrase("The same holds of {} more groups of items.", f"{more:,}")
        )


def _two_origins(same: Sequence[Weighed], what: str) -> Iterator[str]:
    if len({one.origin for one in same}) > 1:
        yield phrase(
            "{} {} and declare different origins. If one tells what it has from the other, they have one "
            "origin.",
            quoted_list(one.id for one in same),
            what,
        )


def _graded(content: Assess) -> Iterator[str]:
    graded = [(one.reliability, one.credibility) for one in content.items]
    if len(graded) >= RATED and always_agree(graded):
        yield phrase(
            "Reliability of the source and credibility of the item go together in all {} items: two grades "
            "may be one impression.",
            f"{len(graded):,}",
        )


def _reported(content: Assess) -> Iterator[str]:
    quoted = sum(one.by == "knowledge" for one in content.items)
    if quoted and content.knowledge is msgspec.UNSET:
        told = count_of(quoted, "item")
        yield phrase("Of {} it is said that reports answered, and no reports are named.", told)
    if quoted and content.knowledge is not msgspec.UNSET and not states_reading(content.knowledge.name):
        yield phrase(
            "Reports are read nearly as counted, one mention in two reports as a half; on past cases that "
            "was too sure. comity weigh fit says how your own are best read; the name of knowledge may state "
            "it: (floor 0.85, doubt 4)."
        )
    ends = range_of_reports(content)
    if content.result.answer == "named" and ends is not None and ends[0] < content.method.name_at:
        yield phrase(
            "A name is given on reports so few that by their numbers alone the figure could lie at {}, below "
            "the {} that a name needs.",
            percent(ends[0]),
            percent(content.method.name_at),
        )


def always_agree(graded: list[tuple[int, int]]) -> bool:
    """Whether one grade can be told from the other throughout: each always comes with the same, and the
    better with the better."""
    pairs = sorted(set(graded))
    distinct = len({r for r, _ in pairs}) == len({c for _, c in pairs}) == len(pairs)
    return distinct and [c for _, c in pairs] == sorted(c for _, c in pairs)


def fold_text(text: str) -> str:
    """Words as they are compared: without regard to case and blanks."""
    return " ".join(text.casefold().split())


def groups_of(values: Iterable[T], key: Callable[[T], object]) -> Iterator[tuple[object, list[T]]]:
    """Those that share a key, two at least, in the order of their first."""
    found: defaultdict[object, list[T]] = defaultdict(list)
    for one in values:
        found[key(one)].append(one)
    return ((name, same) for name, same in found.items() if len(same) > 1)
