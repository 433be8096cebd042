"""An assessment as anyone is shown it: its figures together with their limits, never one without the other.

Every page, command and dossier takes its figures from here. Nothing computes them again; whether they are
reproduced is said beside them by whoever ran the method (``recompute.py``).
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec

from comity.phrases import Phrase, count_of, joined, phrase
from comity.records.kinds_of_weighing import Assess, Question, Weighed
from comity.weighing import FIRST_METHOD, UNKNOWN
from comity.weighing.bearing import Carried, carried_by
from comity.weighing.cautions import (
    cautions_of,
    cautions_of_a_name,
    cautions_of_an_answer,
    level_with_leader,
)
from comity.weighing.effort import unknown_is_wide
from comity.weighing.few_reports import range_of_reports
from comity.weighing.graver import graver_first
from comity.weighing.labels import cautions_beside
from comity.weighing.likelihood_words import Wording, digits_apart, interval, percent, words
from comity.weighing.naming import called, introduced, listed, quoted, quoted_list
from comity.weighing.result import rule_of_three
from comity.weighing.settings_told import exactly, shared_prior, told_settings
from comity.weighing.told_again import told_again
from comity.weighing.withstanding import planted_of, rows_of, withstands

CLUSTERS = phrase(
    "The names are clusters of activity as their authors call them. A cluster is no person, organisation or "
    "state; no state is computed, listed or implied, and a cluster without a name is a complete answer."
)
NOT_TRUTH = phrase(
    "A figure says what these judgements imply by this method, and nothing about what nobody looked for. "
    "Intact and reproduced is not the same as true."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One hypothesis: its figures (ppm), as text, and in the words of the scale that was chosen."""

    id: str
    name: str
    posterior: int
    low: int
    high: int
    prior: int
    figure: str
    range: str
    words: str
    before: str
    touched: int
    against: int
    reports: int
    unknown: bool
    leads: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """An assessment with its limits. ``headline`` is the answer in a sentence and ``why`` the rule's reason;
    ``beside`` is what belongs beside the answer, the gravest of each subject first: what labels make believe,
    and what a name that is given may rest on; ``warnings`` what else is to take care of; ``hangs``
    says what single thing, and what smallest set, the lead hangs on, ``as_one`` what is left if origins that
    are declared apart were one, and ``only_if`` what a name that is given hangs on there, as its headline
    says it, or nothing (``as_one.py``). ``limits`` is never empty."""

    question: str
    answer: str
    headline: str
    why: str
    standings: tuple[Shown, ...]
    deception: str
    beside: tuple[str, ...]
    hangs: tuple[str, ...]
    warnings: tuple[str, ...]
    limits: tuple[str, ...]
    as_one: tuple[str, ...] = ()
    only_if: str = ""


def show(content: Assess, wording: Wording | None = None, parties: Iterable[str] = ()) -> Assessed:
    """The figures and their limits, in the wording asked for, or else its author's; ``parties`` are the
    names of those whose case it is, which no label should bear."""
    scale = wording or content.wording
    names = {one.id: one.name for one in content.hypotheses}
    sizes = {one.id: one.reports for one in content.hypotheses}
    result = content.result
    standings = tuple(
        Shown(
            id=one.hypothesis,
            name=called(one.hypothesis, names),
            posterior=one.posterior,
            low=one.low,
            high=one.high,
            prior=one.prior,
            figure=percent(one.posterior),
            range=interval(one.low, one.high),
            words=words(one.low, one.high, scale),
            before=percent(one.prior),
            touched=one.touched,
            against=one.against,
            reports=sizes.get(one.hypothesis, 0),
            unknown=one.hypothesis == UNKNOWN,
            leads=one.hypothesis == result.leader,
        )
        for one in result.standings
    )
    carried = carried_by(content) if result.answer == "named" else None
    headline, why = _headline(content, standings, carried)
    again = tuple(told_again(content))
    beside = graver_first(
        (
            *cautions_of_an_answer(content),
            *cautions_of_a_name(content, again, carried),
            *cautions_beside(content, parties),
        )
    )
    return Assessed(
        question=content.question,
        answer=result.answer,
        headline=headline,
        why=why,
        standings=standings,
        deception=_planted_share(content),
        beside=beside,
        hangs=hangs_of(content),
        warnings=graver_first(line for line in cautions_of(content, again) if line not in beside),
        limits=tuple(_limits(content)),
    )


def _planted_share(content: Assess) -> str:
    """What is left of planted evidence; an assumption is not a result."""
    if not content.method.deception_prior:
        return phrase("left out by its author, whose prior of it is 0")
    return percent(content.result.deception)


def _headline(content: Assess, standings: tuple[Shown, ...], carried: Carried | None) -> tuple[str, str]:
    leader = next(one for one in standings if one.leads)
    # Rounded alike, what is just below would read as if it reached what a name needs.
    digits = digits_apart(leader.low, content.method.name_at)
    needs = percent(content.method.name_at, digits)
    judged = leader.low != leader.high
    has = percent(leader.posterior, 1 if judged else digits)
    names = {one.id: one.name for one in content.hypotheses}
    if content.result.answer == "named":
        return _named(carried, introduced(leader.id, names.get(leader.id, "")), has), (
            phrase(
                "Over all judged intervals it is at least {}; a name needs {}.",
                percent(leader.low, digits),
                needs,
            )
            if judged
            else phrase("By these judgements; a name needs {}.", needs)
        )
    if judged:
        has = phrase("{} ({} over all judged intervals)", has, interval(leader.low, leader.high, digits))
    begins = called(leader.id, names, begins=True)
    if others := level_with_leader(content):
        level = listed([begins, *(called(one, names) for one in others)])
        why = phrase("{} are level, with {} each.", level, has)
    elif leader.unknown:
        why = phrase("No named hypothesis is likelier than an actor that is none of them.")
    elif leader.low < content.method.name_at:
        if judged:
            needs = phrase("at least {} at the lower end", needs)
        why = phrase("{} leads with {}; a name needs {}.", begins, has, needs)
    else:
        why = phrase(
            "{} leads with {}, but {}. A name has to withstand the loss of any {} of {}.",
            begins,
            has,
            planted_of(content),
            f"{withstands(content):,}",
            count_of(rows_of(content), "item"),
        )
    return phrase("Not enough evidence"), why


def _named(carried: Carried | None, name: str, has: str) -> Phrase:
    """A name, its figure, and in the same breath what it hangs on where that is little."""
    if carried is None:
        return phrase("{}: {}", name, has)
    if not carried.main_rows:
        # What excludes one rival each speaks for the leader together, and none of it alone.
        if carried.by_priors:
            return phrase("{}: {}, by its author’s priors alone", name, has)
        return phrase("{}: {}", name, has)
    if carried.by_priors:
        return phrase("{}: {}, which its author’s priors give before any item", name, has)
    if carried.one_row:
        if carried.believed:
            return phrase("{}: {}, by its author’s priors and one item", name, has)
        return phrase("{}: {}, by one item alone", name, has)
    if carried.rows > 1 and len(carried.main_rows) == 1:
        return phrase("{}: {}, nearly all of it by one item", name, has)
    if carried.one_origin:
        if carried.believed:
            return phrase("{}: {}, by its author’s priors and one origin", name, has)
        return phrase("{}: {}, by one origin alone", name, has)
    if carried.origins > 1 and len(carried.main_origins) == 1:
        return phrase("{}: {}, nearly all of it by one origin", name, has)
    if not carried.trusted:
        return phrase("{}: {}, by origins held unreliable", name, has)
    return phrase("{}: {}", name, has)


def hangs_of(content: Assess) -> tuple[str, ...]:
    """What single item, and what smallest set of planted items, would change who leads."""
    return tuple(_hangs(content, {one.id: one.name for one in content.hypotheses}))


def _hangs(content: Assess, names: dict[str, str]) -> Iterator[str]:
    result = content.result
    leads = called(result.leader, names)
    single = [one for one in result.drivers if one.leader != result.leader]
    if not single:
        yield phrase("No single item decides that {} leads.", leads)
    else:
        told = joined(
            (
                phrase(
                    "without {}, {} is level" if one.level else "without {}, {} leads",
                    quoted_list(one.items),
                    called(one.leader, names),
                )
                for one in single[:5]
            ),
            "; ",
        )
        if len(single) > 5:
            told = phrase("{}; and {} more", told, f"{len(single) - 5:,}")
        yield (
            phrase("One item alone decides that {} leads: {}.", leads, told)
            if len(single) == 1
            else phrase("Each of {} items alone decides that {} leads: {}.", f"{len(single):,}", leads, told)
        )
    yield _planted(content, names)


def _planted(content: Assess, names: dict[str, str]) -> Phrase:
    planted = content.result.planted
    leads, other = called(content.result.leader, names), called(planted.leader, names)
    if planted.exact and 1 < len(planted.items) == len(content.result.drivers):
        if planted.level:
            return phrase("Only without any evidence would {} no longer lead alone.", leads)
        return phrase("Only without any evidence would {} lead.", other)
    if not planted.items and planted.exact and planted.at_least > len(content.result.drivers):
        return phrase("No loss of items could change that {} leads: the priors decide it.", leads)
    least = count_of(planted.at_least, "item")
    if not planted.items:
        return phrase(
            "No set was found whose planting would change who leads; any such set has at least {}.", least
        )
    told = phrase(
        "If {} were planted ({}), {} would be level with the leader."
        if planted.level
        else "If {} were planted ({}), {} would lead.",
        count_of(len(planted.items), "item"),
        joined(quoted(one) for one in planted.items),
        other,
    )
    if planted.exact:
        return phrase("{} No smaller set does that.", told)
    return phrase("{} A smaller set may do it, of at least {}: the search was bounded.", told, least)


def _limits(content: Assess) -> Iterator[str]:
    result, method = content.result, content.method
    yield CLUSTERS
    judged = sum(1 for one in content.items if one.by == "judgement")
    yield phrase(
        "{} of {}, {} after copies of one origin were counted once; the author judged {}, and says that "
        "reports answered for {}.",
        count_of(len(content.items), "item"),
        count_of(result.origins, "declared origin"),
        f"{result.counted:,}",
        f"{judged:,}",
        f"{len(content.items) - judged:,}",
    )
    if method.deception_prior:
        yield phrase(
            "Before any evidence: {} for an actor that is none of these, {}; {} that somebody planted "
            "evidence, then {} of it.",
            exactly(method.unknown_prior),
            shared_prior(content),
            exactly(method.deception_prior),
            exactly(method.planting),
        )
    else:
        yield phrase(
            "Before any evidence: {} for an actor that is none of these, {}. That somebody planted evidence "
            "was left out from the beginning.",
            exactly(method.unknown_prior),
            shared_prior(content),
        )
    yield from told_settings(content)
    if (told := _held_at_points(content)) is not None:
        yield told
    if content.knowledge is not msgspec.UNSET:
        known = content.knowledge
        times = phrase("{} times who used what", f"{known.pairs:,}")
        if known.pairs:
            times = phrase(
                "{}, {} of them on one report", times, percent(1_000_000 * known.once // known.pairs)
            )
        yield phrase(
            "Said by its author to be from reports ({}), not checked here: {}, {}, {}, as it states them. "
            "Reports are judgements about those whom somebody studied; the figures count them as exact.",
            quoted(known.name),
            count_of(known.actors, "actor"),
            count_of(known.reports, "report"),
            times,
        )
        yield from _few(content)
        yield from _zeros(content)
    yield NOT_TRUTH


def _held_at_points(content: Assess) -> Phrase | None:
    """What the first method's ranges leave out, where it bears on them."""
    if content.method.name != FIRST_METHOD or not unknown_is_wide(content):
        return None
    return phrase(
        "Made with {}: its ranges hold the likelihoods of an actor that is none of these at one point each. "
        "Other points within the judged intervals can give figures outside these ranges.",
        content.method.name,
    )


def _few(content: Assess) -> Iterator[str]:
    """How far the leader's figure would scatter, the reports being as few as they are."""
    if (ends := range_of_reports(content)) is not None:
        names = {one.id: one.name for one in content.hypotheses}
        yield phrase(
            "The reports are few: by their numbers alone, the figure of {} could lie at {} (95 of 100, delta "
            "method; read from the signed figures, and none of them).",
            called(content.result.leader, names),
            interval(*ends),
        )


def _zeros(content: Assess) -> Iterator[str]:
    """What was never reported of the leader, with the rule of three beside it."""
    leader = content.result.leader
    size = next((one.reports for one in content.hypotheses if one.id == leader), 0)
    if leader == UNKNOWN:
        return
    leads = called(leader, {one.id: one.name for one in content.hypotheses})
    if not size:
        yield phrase("No report about {} is counted: what it uses is not known at all.", leads)
        return
    never = sorted({one.observed or one.id for one in content.items if zero_of(one, leader)})
    if never:
        bound = phrase("below {}", percent(rule_of_three(size))) if size > 3 else phrase("not at all")
        told = joined(quoted(one) for one in never[:8])
        if len(never) > 8:
            told = phrase("{} and {} more", told, f"{len(never) - 8:,}")
        yield (
            phrase(
                "0 of 1 report about {} mentions {}: that bounds how often it does so {} (95 %, rule of "
                "three).",
                leads,
                told,
                bound,
            )
            if size == 1
            else phrase(
                "0 of {} reports about {} mention {}: that bounds how often it does so {} (95 %, rule of "
                "three).",
                f"{size:,}",
                leads,
                told,
                bound,
            )
        )


def zero_of(item: Weighed, hypothesis: str) -> bool:
    """Whether the knowledge has no report that mentions this item of this hypothesis."""
    return item.by == "knowledge" and not any(
        one.hypothesis == hypothesis and one.mentions for one in item.judgements
    )


def request_command(question: Question, case: str = "") -> str:
    """The command that asks for it, by an instant two weeks on; PARTY stands where nobody is named."""
    words = ["comity", "request", question.to or "PARTY", "--type", question.type]
    words += ["--text", question.item.text, "--due", "14d"]
    words += ["--item", question.item.record] if question.item.record else []
    for level in question.levels:
        words += ["--level", level]
    return shlex.join([*words, "--case", case[:16]] if case else words)
