"""An assessment in five answers, in words alone: the figures stand beside their limits, elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from comity.phrases import Phrase, joined, phrase
from comity.records.kinds_of_weighing import Assess
from comity.weighing import UNKNOWN
from comity.weighing.cautions import level_with_leader
from comity.weighing.naming import called, listed, quoted
from comity.weighing.settings_told import USUAL
from comity.weighing.shown import hangs_of
from comity.weighing.withstanding import falls_usually, kept_by_planting, planted_of

TELLING = 3
"""So many items are given as what carries the lead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Short:
    """What a reader who has never seen an assessment wants to know first."""

    believed: str
    sure: str
    why: tuple[str, ...]
    change: tuple[str, ...]
    missing: tuple[str, ...]


def shorten(content: Assess, only_if: str = "") -> Short:
    """The five answers. No figure of a posterior is in them; ``only_if`` is what a name hangs on, as the
    headline has it (:class:`~comity.weighing.shown.Assessed`)."""
    names = {one.id: one.name for one in content.hypotheses}
    return Short(
        believed=_believed(content, names),
        sure=_sure(content, only_if),
        why=_why(content, names),
        change=hangs_of(content),
        missing=_missing(content),
    )


def _sure(content: Assess, only_if: str) -> Phrase:
    """Whether it is enough for a name by the author's rule, on what condition, and where that says little,
    why."""
    if content.result.answer != "named":
        return phrase("Not sure enough for a name, by the rule its author states.")
    leader = next(one for one in content.result.standings if one.hypothesis == content.result.leader)
    if leader.prior >= content.method.name_at:
        before = phrase("Sure enough for a name before any evidence, by what its author believed.")
        return phrase("{} With the evidence, only if {}.", before, only_if) if only_if else before
    if leader.low < USUAL.name_at or falls_usually(content):
        if only_if:
            return phrase(
                "Sure enough for a name by the rule its author states, only if {}, and not by the usual one.",
                only_if,
            )
        return phrase("Sure enough for a name by the rule its author states, and not by the usual one.")
    if only_if:
        return phrase("Sure enough for a name, by the rule its author states, only if {}.", only_if)
    return phrase("Sure enough for a name, by the rule its author states.")


def _believed(content: Assess, names: dict[str, str]) -> str:
    result = content.result
    leads = called(result.leader, names)
    if result.answer == "named":
        return phrase("By these judgements: {}. A cluster of activity is no person and no state.", leads)
    number = f"{len(result.standings):,}"
    if others := level_with_leader(content):
        level = listed([leads, *(called(one, names) for one in others)])
        return phrase("No name is given. Of {} explanations none leads: {} are level.", number, level)
    leader = next(one for one in result.standings if one.hypothesis == result.leader)
    if result.leader == UNKNOWN and leader.posterior < leader.prior:
        return phrase(
            "No name is given. Of {} explanations {} leads, by what its author believed before: the evidence "
            "speaks against it.",
            number,
            leads,
        )
    if result.leader == UNKNOWN:
        return phrase(
            "No name is given. Of {} explanations {} leads: the evidence singles out none of those named.",
            number,
            leads,
        )
    if kept_by_planting(content):
        return phrase(
            "No name is given. Of {} explanations {} leads; but {}.", number, leads, planted_of(content)
        )
    return phrase("No name is given. Of {} explanations {} leads, and that is not enough.", number, leads)


def _why(content: Assess, names: dict[str, str]) -> tuple[str, ...]:
    """What carries the lead, the most telling first, and what speaks against it."""
    result = content.result
    has = next(one.posterior for one in result.standings if one.hypothesis == result.leader)
    told = {one.id: one.text for one in content.items}
    leads = called(result.leader, names)

    def said(drivers: Iterable[tuple[str, ...]]) -> Phrase:
        return joined(
            (phrase("{} ({})", quoted(items[0]), quoted(cut(told[items[0]]))) for items in drivers), "; "
        )

    carries = [one.items for one in result.drivers if one.without < has][:TELLING]
    against = [one.items for one in reversed(result.drivers) if one.without > has][:TELLING]
    lines = []
    if carries:
        lines.append(phrase("What speaks for {} most: {}.", leads, said(carries)))
    if against:
        lines.append(phrase("What speaks against it most: {}.", said(against)))
    return tuple(lines) or (phrase("No item tells the explanations apart."),)


def cut(text: str, most: int = 60) -> str:
    """The beginning of an item's words, on one line."""
    line = " ".join(text.split()).rstrip(".")
    if len(line) <= most:
        return line
    # Not within a word, where the script parts them: half a word may read as another.
    begins, _, _ = line[:most].rpartition(" ")
    return f"{(begins if len(begins) > most // 2 else line[: most - 1]).rstrip(' ,;:')}…"


def _missing(content: Assess) -> tuple[str, ...]:
    result = content.result
    missing = []
    if not result.worth:
        missing.append(phrase("A question that could be asked: its author names none."))
    if result.worth:
        question = next(q for q in content.questions if q.item.id == result.worth[0].question)
        missing.append(phrase("Most would be learnt from: {}", quoted(question.item.text)))
    if undeclared := sum(not one.origin for one in content.items):
        missing.append(
            phrase("A declared origin of {} of {} items.", f"{undeclared:,}", f"{len(content.items):,}")
        )
    if all(one.by == "judgement" for one in content.items):
        missing.append(phrase("No published report stands behind a judgement: all are the author's own."))
    if content.confidence is msgspec.UNSET:
        missing.append(phrase("How far its author trusts this basis: it does not say."))
    return tuple(missing)
