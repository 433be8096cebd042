"""An assessment as anyone is shown it: its figures together with their limits, never one without the other.

Every page, command and dossier takes its figures from here. Nothing computes them again; whether they are
reproduced is said beside them by whoever ran the method (``recompute.py``).
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec

from comity.records.kinds_of_weighing import Assess, Planted, Question, Weighed
from comity.weighing import UNKNOWN
from comity.weighing.cautions import cautions_of, level_with_leader, listed
from comity.weighing.few_reports import range_of_reports
from comity.weighing.likelihood_words import Wording, interval, percent, words
from comity.weighing.result import rule_of_three

CLUSTERS = (
    "The names are clusters of activity as their authors call them. A cluster is no person, organisation or "
    "state; no state is computed, listed or implied, and a cluster without a name is a complete answer."
)
NOT_TRUTH = (
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
    ``hangs`` says what single thing, and what smallest set, the lead hangs on. ``limits`` is never empty."""

    question: str
    answer: str
    headline: str
    why: str
    standings: tuple[Shown, ...]
    deception: str
    hangs: tuple[str, ...]
    warnings: tuple[str, ...]
    limits: tuple[str, ...]


def show(content: Assess, wording: Wording | None = None) -> Assessed:
    """The figures and their limits, in the wording asked for, or else its author's."""
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
    headline, why = _headline(content, standings)
    return Assessed(
        question=content.question,
        answer=result.answer,
        headline=headline,
        why=why,
        standings=standings,
        deception=percent(result.deception),
        hangs=hangs_of(content),
        warnings=tuple(cautions_of(content)),
        limits=tuple(_limits(content)),
    )


def called(hypothesis: str, names: dict[str, str]) -> str:
    """What a hypothesis is called: its label, with its author's name for it where there is one."""
    if hypothesis == UNKNOWN:
        return "an actor that is none of these"
    name = names.get(hypothesis, "")
    return f"{hypothesis} ({name})" if name and name != hypothesis else f"cluster {hypothesis}"


def _headline(content: Assess, standings: tuple[Shown, ...]) -> tuple[str, str]:
    leader = next(one for one in standings if one.leads)
    needs = percent(content.method.name_at)
    by_intervals = f" ({leader.range} over all judged intervals)" if leader.low != leader.high else ""
    if content.result.answer == "named":
        held = f"{percent(leader.low)[:1].upper()}{percent(leader.low)[1:]}"
        least = f"{held} at the lowest over all judged intervals" if by_intervals else "By these judgements"
        return f"{leader.name}: {leader.figure}", f"{least}; a name needs {needs}."
    if others := level_with_leader(content):
        names = {one.id: one.name for one in standings}
        level = listed([leader.name, *(names[one] for one in others)])
        why = f"{level} are level, with {leader.figure} each{by_intervals}."
    elif leader.unknown:
        why = "No named hypothesis is likelier than an actor that is none of them."
    elif leader.low < content.method.name_at:
        why = f"{leader.name} leads with {leader.figure}{by_intervals}; a name needs {needs}."
    else:
        why = f"{leader.name} leads with {leader.figure}, but loses the lead without few items (below)."
    return "Not enough evidence", why


def hangs_of(content: Assess) -> tuple[str, ...]:
    """What single item, and what smallest set of planted items, would change who leads."""
    return tuple(_hangs(content, {one.id: one.name for one in content.hypotheses}))


def _hangs(content: Assess, names: dict[str, str]) -> Iterator[str]:
    result = content.result
    leads = called(result.leader, names)
    single = [one for one in result.drivers if one.leader != result.leader]
    if single:
        told = "; ".join(
            f"without {' and '.join(one.items)}, {called(one.leader, names)} leads" for one in single[:5]
        )
        more = f"; and {len(single) - 5} more" if len(single) > 5 else ""
        alone = (
            "One item alone decides" if len(single) == 1 else f"Each of {len(single):,} items alone decides"
        )
        yield f"{alone} that {leads} leads: {told}{more}."
    else:
        yield f"No single item decides that {leads} leads."
    yield _planted(result.planted, names)


def _planted(planted: Planted, names: dict[str, str]) -> str:
    least = _count(planted.at_least, "item")
    if not planted.items:
        return f"No set was found whose planting would change who leads; any such set has at least {least}."
    size = _count(len(planted.items), "item")
    told = f"If {size} were planted ({', '.join(planted.items)}), {called(planted.leader, names)} would lead"
    if planted.exact:
        return f"{told}. No smaller set does that."
    return f"{told}. A smaller set may do it, of at least {least}: the search was bounded."


def _limits(content: Assess) -> Iterator[str]:
    result, method = content.result, content.method
    yield CLUSTERS
    judged = sum(1 for one in content.items if one.by == "judgement")
    yield (
        f"{_count(len(content.items), 'item')} of {_count(result.origins, 'declared origin')}, "
        f"{result.counted} after copies of one origin were counted once; the author judged "
        f"{judged}, published reports answered for {len(content.items) - judged}."
    )
    yield (
        f"Before any evidence: {percent(method.unknown_prior)} for an actor that is none of these, "
        f"{_shared(content)}; {percent(method.deception_prior)} that somebody planted evidence, "
        f"then {percent(method.planting)} of it."
    )
    if content.knowledge is not msgspec.UNSET:
        known = content.knowledge
        share = (
            f", {percent(1_000_000 * known.once // known.pairs)} of them on one report" if known.pairs else ""
        )
        yield (
            f"The reports ({known.name}) are published judgements about those whom somebody studied: "
            f"{_count(known.actors, 'actor')}, {_count(known.reports, 'report')}, "
            f"{known.pairs:,} times who used what{share}. The figures count them as exact."
        )
        yield from _few(content)
        yield from _zeros(content)
    yield NOT_TRUTH


def _few(content: Assess) -> Iterator[str]:
    """How far the leader's figure would scatter, the reports being as few as they are."""
    if (ends := range_of_reports(content)) is not None:
        names = {one.id: one.name for one in content.hypotheses}
        yield (
            "The reports are few: by their numbers alone, the figure of "
            f"{called(content.result.leader, names)} could lie at {interval(*ends)} (95 of 100, delta "
            "method; read from the signed figures, and none of them)."
        )


def _shared(content: Assess) -> str:
    weights = {one.weight for one in content.hypotheses}
    named = _count(len(content.hypotheses), "named hypothesis", "named hypotheses")
    return f"the rest {'equally' if len(weights) == 1 else 'by stated weights'} on {named}"


def _zeros(content: Assess) -> Iterator[str]:
    """What was never reported of the leader, with the rule of three beside it."""
    leader = content.result.leader
    size = next((one.reports for one in content.hypotheses if one.id == leader), 0)
    if leader == UNKNOWN:
        return
    if not size:
        yield f"No report about cluster {leader} is counted: what it uses is not known at all."
        return
    never = [one.id for one in content.items if zero_of(one, leader)]
    if never:
        bound = f"below {percent(rule_of_three(size))}" if size > 3 else "not at all"
        shown = ", ".join(never[:8]) + (f" and {len(never) - 8} more" if len(never) > 8 else "")
        yield (
            f"0 of {_count(size, 'report')} about cluster {leader} mention{_s(size)} {shown}: that bounds "
            f"how often it does so {bound} (95 %, rule of three)."
        )


def zero_of(item: Weighed, hypothesis: str) -> bool:
    """Whether the knowledge has no report that mentions this item of this hypothesis."""
    return item.by == "knowledge" and not any(
        one.hypothesis == hypothesis and one.mentions for one in item.judgements
    )


def zeros_of(item: Weighed, sizes: Iterable[tuple[str, int]]) -> dict[str, int]:
    """For each hypothesis with none, the upper bound (ppm) that its number of reports leaves."""
    return {name: rule_of_three(size) for name, size in sizes if zero_of(item, name)}


def request_command(question: Question, case: str = "") -> str:
    """The command that asks for it, by an instant two weeks on; PARTY stands where nobody is named."""
    words = ["comity", "request", question.to or "PARTY", "--type", question.type]
    words += ["--text", question.item.text, "--due", "14d"]
    words += ["--item", question.item.record] if question.item.record else []
    for level in question.levels:
        words += ["--level", level]
    return shlex.join([*words, "--case", case[:16]] if case else words)


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _s(number: int) -> str:
    return "s" if number == 1 else ""
