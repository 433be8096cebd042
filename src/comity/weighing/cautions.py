"""What to take care of in an assessment: warnings that stand beside its figures
(``spec/14-assessments.md`` §4).

None of them changes a figure. Each names what it is about, so that its author can mend it.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import msgspec

from comity.phrases import Phrase, count_of, phrase
from comity.records.kinds_of_weighing import Assess, Weighed
from comity.weighing import UNKNOWN
from comity.weighing.bearing import STRONG, Carried, strong_rows, too_large
from comity.weighing.few_reports import range_of_reports
from comity.weighing.likelihood_words import percent
from comity.weighing.looks import look_of, shape_of, telling_words
from comity.weighing.naming import called, listed, quoted, quoted_list
from comity.weighing.near_alike import cautions_of_alike
from comity.weighing.readings import states_reading
from comity.weighing.settings_told import (
    cautions_of_holding_back,
    cautions_of_priors,
    cautions_of_ruling_out,
    cautions_of_the_bar,
    cautions_of_the_method,
)

RATED = 3
"""So many items are needed before two grades that always agree say something about the rater."""
LINES = 4
"""So many warnings of one sort are given; the rest is counted."""
COMPARED = 300
"""So many items are held against each other word by word."""
WORDS = 100
"""So many different words of each."""
TELLING = 4
"""Of fewer distinct words than this, a text tells nothing by being like another."""
ALIKE = 0.6
"""Of all words of two texts, the share that both have."""
SAME = 1.02
"""Two likelihoods, one at most so many times the other, are nearly the same."""
WIDE = 5
"""An interval whose upper end is so many times the lower leaves much open."""
LEVEL = 2
"""Figures (ppm) that differ by no more are the same, by whoever computes them."""
T = TypeVar("T")


def cautions_of(content: Assess, again: Iterable[str]) -> Iterator[str]:
    """Every warning but those about labels (``labels.py``), what bears on the answer first; ``again`` is what
    :func:`told_again` found."""
    yield from _level(content)
    yield from again
    yield from _graded(content)
    yield from _strong(content)
    yield from (told for told, _ in cautions_of_alike(content))
    yield from cautions_of_holding_back(content)
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
    if too_large(content):
        yield phrase("What carries the lead was not looked for here: there is too much of it.")


def cautions_of_an_answer(content: Assess) -> Iterator[str]:
    """Of these, what stands beside the answer whatever it is: an older method, or what keeps a name from
    being given."""
    yield from cautions_of_the_method(content)
    if content.result.answer != "named":
        yield from (told for told, bears in cautions_of_alike(content) if bears)
        yield from cautions_of_holding_back(content)
        yield from _too_wide(content)


def _too_wide(content: Assess) -> Iterator[str]:
    """Where the widths of judged intervals alone keep a name from being given."""
    leader = next(one for one in content.result.standings if one.hypothesis == content.result.leader)
    if leader.hypothesis == UNKNOWN or leader.posterior < content.method.name_at or leader.low == leader.high:
        return
    if leader.low < content.method.name_at:
        wide = {one.id: max(high / low for low, high in _judged_ends(content, one)) for one in content.items}
        most = sorted((name for name in wide if wide[name] >= WIDE), key=lambda name: (-wide[name], name))
        yield phrase(
            "By the middles of the judged intervals {} has enough for a name; their width keeps it from one.",
            called(leader.hypothesis, {one.id: one.name for one in content.hypotheses}),
        )
        if most:
            yield phrase("Judged over a range of {} times or more: {}.", f"{WIDE}", quoted_list(most))


def _judged_ends(content: Assess, item: Weighed) -> Iterator[tuple[int, int]]:
    yield from ((one.low, one.high) for one in item.judgements)
    yield from (content.scale[n] for n in set(item.scaled))
    if item.others is not msgspec.UNSET:
        yield item.others


def cautions_of_a_name(content: Assess, again: Iterable[str], carried: Carried | None) -> Iterator[str]:
    """Of these, what stands beside a name that is given: it may be one source told several times, or what was
    believed before. ``carried`` is what :func:`~comity.weighing.bearing.carried_by` found."""
    if content.result.answer != "named":
        return
    yield from cautions_of_the_bar(content)
    yield from cautions_of_priors(content)
    yield from cautions_of_ruling_out(content)
    yield from again
    if carried is None:
        return
    if not carried.main_origins:
        if carried.needless and carried.by_priors:
            yield phrase("No item speaks for it: what its author believed before any evidence makes it lead.")
        return
    if not carried.trusted:
        yield phrase(
            "No origin of what it rests on is held reliable: the best has {}.", percent(carried.reliability)
        )
    one_origin = carried.one_origin or (carried.origins > 1 and len(carried.main_origins) == 1)
    if one_origin and len(content.items) > 1:
        (origins,) = carried.main_origins
        yield _one_origin(origins, carried)


def _one_origin(origins: Sequence[str], carried: Carried) -> Phrase:
    told = " / ".join(origins)
    if carried.origins > 1:
        return (
            phrase("Nearly all that carries it comes from one origin, {}.", quoted(told))
            if told
            else phrase("Nearly all that carries it declares no origin: it may come from one.")
        )
    if told and carried.believed:
        return phrase("What its items add to its author’s priors comes from one origin, {}.", quoted(told))
    return (
        phrase("All of it comes from one origin, {}.", quoted(told))
        if told
        else phrase("No item declares where it comes from: all of it may come from one origin.")
    )


def _strong(content: Assess) -> Iterator[str]:
    """What is judged so strongly that grades of its source hardly count."""
    names = {one.id: one.name for one in content.hypotheses}

    def told() -> Iterator[str]:
        for each in strong_rows(content):
            yield phrase(
                "{}: judged more than {} times likelier under {} than under {}, even with the grades of its "
                "source counted in.",
                quoted_list(each.items),
                f"{STRONG:.0f}",
                called(content.result.leader, names),
                listed(called(one, names) for one in each.rivals),
            )

    yield from _some(told())


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
    yield from _some(_origins_alike(content.items))
    words = groups_of(content.items, lambda one: look_of(one.text))
    # One observation by several origins is declared as such.
    told = (same for _, same in words if len({one.observed or one.id for one in same}) > 1)
    yield from _some(line for same in told for line in _two_origins(same, phrase("say the same words")))
    telling = _most_telling(content)
    yield from _some(_worded_alike(telling))
    yield from _bounded(telling)
    resting = [one for one in content.items if one.record]
    again = groups_of(resting, lambda one: (one.record, one.observed or one.id))
    yield from _some(
        line for _, same in again for line in _two_origins(same, phrase("rest on the same record"))
    )
    yield from _some(_cited_alike(content.items))


def _origins_alike(items: Iterable[Weighed]) -> Iterator[str]:
    """Origins that a reader could take for one another: whoever tells a thing twice counts twice so."""
    named = sorted({one.origin for one in items if one.origin})
    for _, same in groups_of(named, shape_of):
        yield phrase(
            "The origins {} look alike and are counted as {}. If they are one, give them one name: what it "
            "tells stands or falls together then.",
            quoted_list(same),
            f"{len(same):,}",
        )


def _cited_alike(items: Iterable[Weighed]) -> Iterator[str]:
    """Items of several origins that reached their author by one place."""
    # A word alone (``log``) names no place.
    placed = (one for one in items if not one.record and " " in look_of(one.cite))
    cited = groups_of(placed, lambda one: look_of(one.cite))
    for _, same in cited:
        seen = {one.observed or one.id for one in same}
        if len(seen) > 1 and len({one.origin for one in same}) > 1:
            yield phrase(
                "{} cite the same, {}, and declare different origins. Whatever is wrong there is wrong in "
                "all of them.",
                quoted_list(one.id for one in same),
                quoted(same[0].cite),
            )


def _most_telling(content: Assess) -> list[Weighed]:
    """The items in the order of what they do to the lead, those that fit every hypothesis alike last."""
    place = {name: n for n, one in enumerate(content.result.drivers) for name in one.items}
    return sorted(content.items, key=lambda one: place.get(one.id, len(place)))


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


def _judged_alike(judged: Sequence[Weighed], scale: Sequence[tuple[int, int]]) -> Iterator[str]:
    exactly = groups_of(judged, lambda one: (one.origin, one.judgements, one.others, one.scaled), least=1)
    for same in _nearly([each for _, each in exactly]):
        if len({one.observed or one.id for one in same}) > 1 and not _silent(same[0], scale):
            origin = same[0].origin
            declared = (
                phrase("of origin {}", quoted(origin)) if origin else phrase("without a declared origin")
            )
            all_of_it = len({(one.judgements, one.others) for one in same}) == 1
            yield phrase(
                "{}, {}, are judged exactly alike and counted as {} things seen. If they tell one thing, "
                "give them the same observed: it counts once then."
                if all_of_it
                else "{}, {}, are judged nearly alike and counted as {} things seen. If they tell one thing, "
                "give them the same observed: it counts once then.",
                quoted_list(one.id for one in same),
                declared,
                f"{len(same):,}",
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


def _worded_alike(items: Sequence[Weighed]) -> Iterator[str]:
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


def groups_of(
    values: Iterable[T], key: Callable[[T], object], least: int = 2
) -> Iterator[tuple[object, list[T]]]:
    """Those that share a key, two at ``least``, in the order of their first."""
    found: defaultdict[object, list[T]] = defaultdict(list)
    for one in values:
        found[key(one)].append(one)
    return ((name, same) for name, same in found.items() if len(same) >= least)
