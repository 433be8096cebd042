"""What may be one thing told several times, and counted several times (``spec/14-assessments.md`` §4).

What is found of the same items by several marks (their words, their origins, where they are cited) is one
fault, and told once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import msgspec

from comity.phrases import Phrase, joined, phrase
from comity.records.kinds_of_weighing import Assess, Weighed
from comity.weighing.looks import look_of, shape_of, telling_words
from comity.weighing.naming import quoted, quoted_list

LINES: Final = 6
"""So many groups of items are told of, one of each mark at least; the rest is counted."""
COMPARED: Final = 300
"""So many items are held against each other word by word."""
WORDS: Final = 100
"""So many different words of each."""
TELLING: Final = 4
"""Of fewer distinct words than this, a text tells nothing by being like another."""
ALIKE: Final = 0.6
"""Of all words of two texts, the share that both have."""
SAME: Final = 1.02
"""Two likelihoods, one at most so many times the other, are nearly the same."""
BEGINS: Final = 4
"""An origin of fewer letters and digits than this is no beginning of another."""
LONGEST: Final = 12
"""So many words of an origin are looked at for that."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """Items that one mark holds together: ``told`` says so in sentences, ``also`` in a clause."""

    items: frozenset[str]
    told: Phrase
    also: Phrase


def told_again(content: Assess) -> Iterator[str]:
    """Every such group, the first by each mark before others, those that do most to the lead first; and what
    was not compared."""
    found = _merged([(n, group) for n, groups in enumerate(_marks(content)) for group in groups], content)
    yield from found[:LINES]
    if (more := len(found) - LINES) == 1:
        yield phrase("1 more group of items may be one thing told several times.")
    elif more > 1:
        yield phrase("{} more groups of items may be one thing told several times.", f"{more:,}")
    yield from _bounded(_most_telling(content))


def _marks(content: Assess) -> Iterator[Iterable[_Group]]:
    """The groups that each mark holds together; as many marks as ``LINES``."""
    judged = [one for one in content.items if one.by == "judgement"]
    yield _judged_alike(judged, content.scale)
    yield _origins_alike(content.items)
    # One observation by several origins is declared as such.
    worded = [same for _, same in groups_of(content.items, lambda one: look_of(one.text))]
    worded = [same for same in worded if len({one.observed or one.id for one in same}) > 1]
    yield (group for same in worded for group in _two_origins(same, phrase("say the same words")))
    yield _worded_alike(_most_telling(content))
    resting = [one for one in content.items if one.record]
    rested = [same for _, same in groups_of(resting, lambda one: (one.record, one.observed or one.id))]
    yield (group for same in rested for group in _two_origins(same, phrase("rest on the same record")))
    yield _cited_alike(content.items)


def _merged(groups: Iterable[tuple[int, _Group]], content: Assess) -> list[Phrase]:
    """What is found of the same items, or of half of the larger's at least, in one line. Whoever adds groups
    that do little pushes out none that does much, and groups by one mark none by another."""
    place = _places(content)
    ordered = sorted(groups, key=lambda one: -len(one[1].items))
    by_item: defaultdict[str, list[int]] = defaultdict(list)
    for n, (_, group) in enumerate(ordered):
        for name in group.items:
            by_item[name].append(n)
    told: set[int] = set()
    lines = []
    for n, (mark, first) in enumerate(ordered):
        if n in told:
            continue
        beside = {m for name in first.items for m in by_item[name] if m > n} - told
        same = sorted(m for m in beside if _is_most_of(ordered[m][1].items, first.items))
        told.update(same)
        besides = joined((ordered[m][1].also for m in same), "; ")
        line = phrase("{} Besides: {}.", first.told, besides) if same else first.told
        lines.append((min(place.get(name, len(place)) for name in first.items), mark, line))
    seen: Counter[int] = Counter()
    placed = []
    for telling, mark, line in sorted(lines, key=lambda one: one[0]):
        placed.append((seen[mark], telling, line))
        seen[mark] += 1
    return [line for _, _, line in sorted(placed, key=lambda one: one[:2])]


def _is_most_of(part: frozenset[str], whole: frozenset[str]) -> bool:
    return part <= whole and 2 * len(part) >= len(whole)


def _origins_alike(items: Iterable[Weighed]) -> Iterator[_Group]:
    """Origins that a reader could take for one another: whoever tells a thing twice counts twice so."""
    by_origin: defaultdict[str, list[str]] = defaultdict(list)
    for one in items:
        if one.origin:
            by_origin[one.origin].append(one.id)
    looks = {one: tuple(look_of(one).split()) for one in sorted(by_origin)}
    held = set(looks.values())
    for _, same in groups_of(looks, lambda one: "".join(_begins(looks[one], held))):
        exactly = len({shape_of(one) for one in same}) == 1
        who = quoted_list(same)
        yield _Group(
            items=frozenset(name for one in same for name in by_origin[one]),
            told=phrase(
                "The origins {} look alike and are counted as {}. If they are one, give them one name: what "
                "it tells stands or falls together then."
                if exactly
                else "The origins {} begin alike and are counted as {}. If they are one, give them one name: "
                "what it tells stands or falls together then.",
                who,
                f"{len(same):,}",
            ),
            also=phrase("the origins {} look alike" if exactly else "the origins {} begin alike", who),
        )


def _begins(words: tuple[str, ...], held: set[tuple[str, ...]]) -> tuple[str, ...]:
    """The shortest origin with whose words one begins; most often that is itself."""
    for n in range(1, min(len(words), LONGEST)):
        begins = words[:n]
        if begins in held and len("".join(begins)) >= BEGINS and _is_worded(words[n:]):
            return begins
    return words


def _is_worded(rest: Sequence[str]) -> bool:
    """Whether what follows the beginning is words; a number or a letter tells two apart."""
    return all(len(word) > 1 and not word.isdigit() for word in rest)


def _cited_alike(items: Iterable[Weighed]) -> Iterator[_Group]:
    """Items of several origins that reached their author by one place."""
    # A word alone (``log``) names no place.
    placed = (one for one in items if not one.record and " " in look_of(one.cite))
    for _, same in groups_of(placed, lambda one: look_of(one.cite)):
        seen = {one.observed or one.id for one in same}
        if len(seen) > 1 and len({one.origin for one in same}) > 1:
            who, place = quoted_list(one.id for one in same), quoted(same[0].cite)
            yield _Group(
                items=frozenset(one.id for one in same),
                told=phrase(
                    "{} cite the same, {}, and declare different origins. Whatever is wrong there is wrong "
                    "in all of them.",
                    who,
                    place,
                ),
                also=phrase("{} cite the same, {}", who, place),
            )


def _most_telling(content: Assess) -> list[Weighed]:
    """The items in the order of what they do to the lead, those that fit every hypothesis alike last."""
    place = _places(content)
    return sorted(content.items, key=lambda one: place.get(one.id, len(place)))


def _places(content: Assess) -> dict[str, int]:
    return {name: n for n, one in enumerate(content.result.drivers) for name in one.items}


def _bounded(items: Sequence[Weighed]) -> Iterator[str]:
    """That not everything was held against everything."""
    if len(items) > COMPARED:
        yield phrase(
            "Only the {} items that tell most are held against each other by their words, of {}.",
            f"{COMPARED:,}",
            f"{len(items):,}",
        )
    if any(len(telling_words(one.text, WORDS + 1)) > WORDS for one in items[:COMPARED]):
        yield phrase("Of each item its first {} words are held against others’.", f"{WORDS:,}")


def _judged_alike(judged: Sequence[Weighed], scale: Sequence[tuple[int, int]]) -> Iterator[_Group]:
    exactly = groups_of(judged, lambda one: (one.origin, one.judgements, one.others, one.scaled), least=1)
    for same in _nearly([each for _, each in exactly]):
        if len({one.observed or one.id for one in same}) > 1 and not _silent(same[0], scale):
            origin = same[0].origin
            declared = (
                phrase("of origin {}", quoted(origin)) if origin else phrase("without a declared origin")
            )
            all_of_it = len({(one.judgements, one.others) for one in same}) == 1
            who = quoted_list(one.id for one in same)
            yield _Group(
                items=frozenset(one.id for one in same),
                told=phrase(
                    "{}, {}, are judged exactly alike and counted as {} things seen. If they tell one thing, "
                    "give them the same observed: it counts once then."
                    if all_of_it
                    else "{}, {}, are judged nearly alike and counted as {} things seen. If they tell one "
                    "thing, give them the same observed: it counts once then.",
                    who,
                    declared,
                    f"{len(same):,}",
                ),
                also=phrase(
                    "{} are judged exactly alike" if all_of_it else "{} are judged nearly alike", who
                ),
            )


def _nearly(groups: Sequence[list[Weighed]]) -> Iterator[list[Weighed]]:
    """Those of one origin whose judgements are nearly the same put together, among the first so many."""
    left = list(groups[:COMPARED])
    while left:
        first = left.pop(0)
        ends = _ends(first[0])
        near = [
            each
            for each in left
            if (each[0].origin, each[0].scaled) == (first[0].origin, first[0].scaled)
            and _near(ends, _ends(each[0]))
        ]
        left = [each for each in left if each not in near]
        yield [one for each in (first, *near) for one in each]
    yield from groups[COMPARED:]


def _ends(item: Weighed) -> dict[str, tuple[int, int]]:
    judged = {one.hypothesis: (one.low, one.high) for one in item.judgements}
    return judged if item.others is msgspec.UNSET else judged | {"": item.others}


def _near(one: Mapping[str, tuple[int, int]], other: Mapping[str, tuple[int, int]]) -> bool:
    return one.keys() == other.keys() and all(
        max(a, b) <= SAME * min(a, b)
        for name, ends in one.items()
        for a, b in zip(ends, other[name], strict=True)
    )


def _worded_alike(items: Sequence[Weighed]) -> Iterator[_Group]:
    """Items in nearly the same words that are counted each: a source and those who repeat it."""
    told = [(one, telling_words(one.text, WORDS)) for one in items[:COMPARED]]
    told = [(one, words) for one, words in told if len(words) >= TELLING]
    left = list(range(len(told)))
    while left:
        first = told[left.pop(0)]
        like = [n for n in left if _alike(first[1], told[n][1])]
        alike = set(like)
        left = [n for n in left if n not in alike]
        same = [first[0], *(told[n][0] for n in like)]
        # Of several origins in just the same words, they are told of already.
        seen = {one.observed or one.id for one in same}
        told_of = len({look_of(one.text) for one in same}) == 1 and len({one.origin for one in same}) > 1
        if len(seen) > 1 and not told_of:
            who = quoted_list(one.id for one in same)
            yield _Group(
                items=frozenset(one.id for one in same),
                told=phrase(
                    "{} are told in nearly the same words and counted as {} things seen. What tells one "
                    "thing has one observed, and whoever repeats it has the origin of whoever saw it.",
                    who,
                    f"{len(seen):,}",
                ),
                also=phrase("{} are told in nearly the same words", who),
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


def _two_origins(same: Sequence[Weighed], what: str) -> Iterator[_Group]:
    if len({one.origin for one in same}) > 1:
        who = quoted_list(one.id for one in same)
        yield _Group(
            items=frozenset(one.id for one in same),
            told=phrase(
                "{} {} and declare different origins. If one tells what it has from the other, they have one "
                "origin.",
                who,
                what,
            ),
            also=phrase("{} {}", who, what),
        )


def groups_of(
    values: Iterable[T], key: Callable[[T], object], least: int = 2
) -> Iterator[tuple[object, list[T]]]:
    """Those that share a key, two at ``least``, in the order of their first."""
    found: defaultdict[object, list[T]] = defaultdict(list)
    for one in values:
        found[key(one)].append(one)
    return ((name, same) for name, same in found.items() if len(same) >= least)
