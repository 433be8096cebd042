"""What published reports suggest to ask next: what nobody listed and would separate the leading hypotheses
(``spec/14-assessments.md`` §2). A suggestion is no item and no question of the author's."""

from __future__ import annotations

from dataclasses import dataclass

from comity.records.kinds_of_weighing import Assess, Question, Weighed
from comity.weighing import PPM
from comity.weighing.asking import CANDIDATES_LIMIT, ask_weighed
from comity.weighing.mixture import log_priors, weigh_table
from comity.weighing.recorded import inputs_of, item_of
from comity.weighing.result import Asked
from comity.weighing.sources import Source, quote
from comity.weighing.table import make_table

LEADING = 10
"""Suggested is what reports say of at least one of so many leading hypotheses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """Something reported of a leading hypothesis that the assessment neither has nor asks for. ``worth`` is
    what an answer could tell at most: that of a source that is certain. Any other tells less."""

    question: Question
    worth: Asked


def suggest(content: Assess, source: Source, most: int) -> tuple[Suggestion, ...]:
    """The ``most`` telling suggestions, the most telling first, ties by id.

    ``Malformed`` or ``Refused`` as for the inputs that the record states.
    """
    inputs = inputs_of(content)
    names = [one.id for one in content.hypotheses]
    listed = [*content.items, *(one.item for one in content.questions)]
    seen = {one.observed or one.id for one in listed}
    leading = [one.hypothesis for one in content.result.standings[: LEADING + 1]]
    open_ = [
        observed
        for observed, counts in source.profiles.together.items()
        if observed not in seen and any(name in counts for name in leading)
    ]
    asked = {one: _weighed(one, source, names) for one in open_}
    table = make_table(inputs, None)
    weighed = weigh_table(table, log_priors(inputs.hypotheses, inputs.parameters), inputs.parameters)
    found: list[Asked] = []
    for begin in range(0, len(open_), CANDIDATES_LIMIT):
        part = [item_of(asked[one], names) for one in open_[begin : begin + CANDIDATES_LIMIT]]
        found += ask_weighed(inputs, weighed, part)
    found.sort(key=lambda one: (-one.microbits, one.candidate))
    return tuple(
        Suggestion(question=Question(item=asked[one.candidate]), worth=one)
        for one in found[:most]
        if one.microbits
    )


def _weighed(observed: str, source: Source, names: list[str]) -> Weighed:
    quoted = quote(source, observed, names)
    heard = source.items.get(observed, "")
    return Weighed(
        id=observed,
        text=f"Was {observed}{f' ({heard})' if heard else ''} seen?",
        reliability=PPM,
        credibility=PPM,
        by="knowledge",
        judgements=quoted.judgements,
        others=quoted.others,
        observed=observed,
    )
