"""What to take care of in an assessment: warnings that stand beside its figures
(``spec/14-assessments.md`` §4).

None of them changes a figure. Each names what it is about, so that its author can mend it.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from comity.phrases import Phrase, count_of, phrase
from comity.records.kinds_of_weighing import Assess, Weighed
from comity.weighing import PPM, UNKNOWN
from comity.weighing.bearing import STRONG, Carried, strong_rows, too_large
from comity.weighing.few_reports import range_of_reports
from comity.weighing.graver import Caution, Subject, of_subject
from comity.weighing.likelihood_words import digits_apart, percent
from comity.weighing.looks import telling_words
from comity.weighing.naming import called, listed, quoted, quoted_list
from comity.weighing.near_alike import cautions_of_alike, rivals_of
from comity.weighing.readings import states_reading
from comity.weighing.settings_told import (
    cautions_of_holding_back,
    cautions_of_planting,
    cautions_of_priors,
    cautions_of_ruling_out,
    cautions_of_the_bar,
    cautions_of_the_method,
)
from comity.weighing.values import stand_for
from comity.weighing.withstanding import cautions_of_withstanding

CHANCE: Final = 20
"""Two grades go together by chance in less than one of so many: that says something about the rater."""
LINES: Final = 4
"""So many warnings of one sort are given; the rest is counted."""
WORDS: Final = 200
"""So many words of an item are held against another's."""
SHORT: Final = 3
"""Words of so few letters say nothing of what was observed."""
WIDE: Final = 5
"""An interval whose upper end is so many times the lower leaves much open."""
LEVEL: Final = 2
"""Figures (ppm) that differ by no more are the same, by whoever computes them."""
HEARD: Final = PPM // 4
"""Where no item is likelier than this to be told and meant as it stands, its author believes none."""


def cautions_of(content: Assess, again: Iterable[str]) -> Iterator[Caution]:
    """Every warning but those about labels (``labels.py``); ``again`` is what
    :func:`~comity.weighing.told_again.told_again` found. What stands beside the answer is among them."""
    yield from of_subject(Subject.CARRIES, _strong(content))
    yield from of_subject(Subject.CARRIES, (told for told, _ in cautions_of_alike(content)))
    yield from of_subject(Subject.BEFOREHAND, cautions_of_holding_back(content))
    yield from of_subject(Subject.AGAIN, again)
    yield from of_subject(Subject.REPORTS, _reported(content))
    yield from of_subject(Subject.REST, _rest(content))


def cautions_of_an_answer(content: Assess) -> Iterator[Caution]:
    """Of these, what stands beside the answer whatever it is: an older method, or what keeps a name from
    being given."""
    yield from of_subject(Subject.FIGURES, cautions_of_the_method(content))
    yield from of_subject(Subject.FIGURES, _lettered(content))
    yield from of_subject(Subject.BEFOREHAND, cautions_of_withstanding(content))
    if content.result.answer != "named":
        yield from of_subject(Subject.BEFOREHAND, cautions_of_the_bar(content))
        yield from of_subject(Subject.BEFOREHAND, cautions_of_holding_back(content))
        yield from of_subject(Subject.BEFOREHAND, _unheard(content))
        bears = (told for told, bears in cautions_of_alike(content) if bears)
        yield from of_subject(Subject.CARRIES, bears)
        yield from of_subject(Subject.CARRIES, _too_wide(content))


def cautions_of_a_name(content: Assess, again: Iterable[str], carried: Carried | None) -> Iterator[Caution]:
    """Of these, what stands beside a name that is given: it may be one source told several times, or what was
    believed before. ``carried`` is what :func:`~comity.weighing.bearing.carried_by` found."""
    if content.result.answer != "named":
        return
    yield from of_subject(Subject.FIGURES, _level(content))
    for told in (cautions_of_the_bar, cautions_of_priors, cautions_of_ruling_out, cautions_of_planting):
        yield from of_subject(Subject.BEFOREHAND, told(content))
    yield from of_subject(Subject.CARRIES, _carried(content, carried))
    yield from of_subject(Subject.CARRIES, _unrivalled(content))
    yield from of_subject(Subject.CARRIES, _strong(content))
    yield from of_subject(Subject.AGAIN, again)
    yield from of_subject(Subject.REPORTS, _so_few(content))
    yield from of_subject(Subject.REPORTS, _unchecked(content))


def _carried(content: Assess, carried: Carried | None) -> Iterator[str]:
    """What it rests on, in one sentence, and how far that is held reliable."""
    if carried is None:
        yield phrase("What carries the lead was not looked for here: there is too much of it.")
        return
    if not carried.main_origins:
        if carried.needless and carried.by_priors:
            yield phrase("No item speaks for it: what its author believed before any evidence makes it lead.")
        return
    one_origin = carried.one_origin or (carried.origins > 1 and len(carried.main_origins) == 1)
    if one_origin and len(content.items) > 1:
        (origins,) = carried.main_origins
        yield _one_origin(origins, carried)
    if not carried.trusted:
        yield phrase(
            "No origin of what it rests on is held reliable: the best has {}.", percent(carried.reliability)
        )


def _unrivalled(content: Assess) -> Iterator[str]:
    """Where nobody else was weighed at all."""
    leader, names = content.result.leader, {one.id: one.name for one in content.hypotheses}
    if leader != UNKNOWN and rivals_of(content) == 0:
        yield phrase(
            "Of {} named hypotheses only {} is judged much otherwise than an actor that is none of them: no "
            "item holds it against another.",
            f"{len(names):,}",
            called(leader, names),
        )


def _unheard(content: Assess) -> Iterator[str]:
    """Where no item is believed, so that nothing could be named."""
    best = max(one.reliability * one.credibility // PPM for one in content.items)
    if best < HEARD:
        yield phrase(
            "Its author believes no item: of the best graded one, source and content together have {}.",
            percent(best),
        )


def _too_wide(content: Assess) -> Iterator[str]:
    """Where the widths of judged intervals alone keep a name from being given."""
    leader = next(one for one in content.result.standings if one.hypothesis == content.result.leader)
    if leader.hypothesis == UNKNOWN or leader.posterior < content.method.name_at or leader.low == leader.high:
        return
    if leader.low < content.method.name_at:
        wide = {one.id: max(high / low for low, high in _judged_ends(content, one)) for one in content.items}
        most = sorted((name for name in wide if wide[name] >= WIDE), key=lambda name: (-wide[name], name))
        told = phrase(
            "By the middles of the judged intervals {} has enough for a name; their width keeps it from one.",
            called(leader.hypothesis, {one.id: one.name for one in content.hypotheses}),
        )
        if most:
            told = phrase(
                "{} Judged over a range of {} times or more: {}.", told, f"{WIDE}", quoted_list(most)
            )
        yield told


def _judged_ends(content: Assess, item: Weighed) -> Iterator[tuple[int, int]]:
    yield from ((one.low, one.high) for one in item.judgements)
    yield from (content.scale[n] for n in set(item.scaled))
    if item.others is not msgspec.UNSET:
        yield item.others


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
    if others := level_with_leader(content):
        told = (
            phrase("{} has the same figure as {}.", quoted_list(others), quoted(content.result.leader))
            if len(others) == 1
            else phrase("{} have the same figure as {}.", quoted_list(others), quoted(content.result.leader))
        )
        yield phrase("{} It is named only because its label comes first: read it as no name.", told)


def _lettered(content: Assess) -> Iterator[str]:
    """Letters that a reader takes for other figures than those that are weighed."""
    odd = [one for one in content.items if stand_for(one.grades, one.reliability, one.credibility) is False]
    if odd:
        yield phrase(
            "Graded by letters that usually stand for other figures than those that are weighed: {}.",
            listed(
                phrase(
                    "{} ({}: source {}, item {})",
                    quoted(one.id),
                    quoted(one.grades),
                    percent(one.reliability),
                    percent(one.credibility),
                )
                for one in odd
            ),
        )


def _graded(content: Assess) -> Iterator[str]:
    graded = [(one.reliability, one.credibility) for one in content.items]
    if always_agree(graded):
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


def _unchecked(content: Assess) -> Iterator[str]:
    """Beside a name: whose reports are said to have answered."""
    quotes = sum(one.by == "knowledge" for one in content.items)
    if quotes and content.knowledge is not msgspec.UNSET:
        yield phrase(
            "Said to be answered by reports that its author chose ({}), which nobody checked here: {} of {}.",
            quoted(content.knowledge.name),
            f"{quotes:,}",
            count_of(len(content.items), "item"),
        )


def _so_few(content: Assess) -> Iterator[str]:
    ends = range_of_reports(content)
    if ends is not None and ends[0] < content.method.name_at:
        digits = digits_apart(ends[0], content.method.name_at)
        yield phrase(
            "A name is given on reports so few that by their numbers alone the figure could lie at {}, below "
            "the {} that a name needs.",
            percent(ends[0], digits),
            percent(content.method.name_at, digits),
        )


def _rest(content: Assess) -> Iterator[str]:
    yield from _graded(content)
    undeclared = content.result.undeclared
    if undeclared == 1:
        yield phrase("1 item declares no origin.")
    # Where none declares one, what it rests on says so.
    elif undeclared and not (content.result.answer == "named" and undeclared == len(content.items)):
        yield phrase("{} items declare no origin: they are taken to come from one.", f"{undeclared:,}")
    if (silent := content.result.silent) == 1:
        yield phrase("1 item fits every hypothesis alike.")
    elif silent:
        yield phrase("{} items fit every hypothesis alike.", f"{silent:,}")
    yield from _some(_said_to_be_one(content))
    if too_large(content) and content.result.answer != "named":
        yield phrase("What carries the lead was not looked for here: there is too much of it.")


def _said_to_be_one(content: Assess) -> Iterator[str]:
    """What is counted once by its author's word alone: an item that says another thing disappears so."""
    by_observed: dict[str, list[Weighed]] = {}
    for one in content.items:
        if one.by == "judgement":
            by_observed.setdefault(one.observed or one.id, []).append(one)
    for first, *others in by_observed.values():
        words = _words_that_tell(first)
        apart = [one for one in others if not words & (its := _words_that_tell(one)) and its and words]
        if apart:
            yield phrase(
                "{} are counted as one observation, and their words have nothing in common.",
                quoted_list([first.id, *(one.id for one in apart)]),
            )


def _words_that_tell(item: Weighed) -> frozenset[str]:
    """Without the short ones, which any two sentences share."""
    words = telling_words(item.text, WORDS)
    return frozenset(one for one in words if one.isalnum() and (len(one) > SHORT or not one.isascii()))


def always_agree(graded: list[tuple[int, int]]) -> bool:
    """Whether one grade can be told from the other throughout, each coming with the same and the better with
    the better, and by chance would hardly be.

    If the credibilities were dealt out again among the items, each way alike, the grades would go together so
    in the product of the factorials of how often each pair stands, of the factorial of all ways: no more than
    one in twenty. So three items show nothing, and neither do grades that are all the same."""
    counts = Counter(graded)
    pairs = sorted(counts)
    distinct = len({r for r, _ in pairs}) == len({c for _, c in pairs}) == len(pairs)
    if not distinct or [c for _, c in pairs] != sorted(c for _, c in pairs):
        return False
    alike = math.prod(math.factorial(n) for n in counts.values())
    return CHANCE * alike <= math.factorial(len(graded))


def fold_text(text: str) -> str:
    """Words as they are compared: without regard to case and blanks."""
    return " ".join(text.casefold().split())


def _some(lines: Iterator[str]) -> Iterator[str]:
    """The first few, and how many more there are."""
    yield from itertools.islice(lines, LINES)
    if more := sum(1 for _ in lines):
        yield (
            phrase("The same holds of 1 more group of items.")
            if more == 1
            else phrase("The same holds of {} more groups of items.", f"{more:,}")
        )
