"""Running the method of a record: to make it, to check it, and to hold two side by side
(``spec/13-weighing.md``, ``spec/14-assessments.md`` §3)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from comity.records.kinds_of_weighing import Assess, Cluster, Knowledge, Method, Question, Weighed, Weighing
from comity.weighing.asking import ask_weighed
from comity.weighing.compare import TOLERANCE, Difference, check_result, compare
from comity.weighing.recorded import (
    candidates_of,
    inputs_of,
    item_of,
    parameters_of,
    record_result,
    result_of,
)
from comity.weighing.result import Result
from comity.weighing.values import Hypothesis, make_inputs, refuse_no_numbers
from comity.weighing.weigh import weigh_all


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """A record's figures computed again: what was computed, the record with those figures in it, and the
    names of what differs by more than 2 ppm, or at all where it is a name or a count."""

    result: Result
    content: Assess
    differs: tuple[str, ...]


def assess(
    question: str,
    method: Method,
    hypotheses: Sequence[Cluster],
    items: Sequence[Weighed],
    questions: Sequence[Question] = (),
    knowledge: Knowledge | None = None,
) -> Assess:
    """Weigh, and give the content of an ``assessment.make`` with everything that decides its figures.

    ``Malformed`` for whatever the engine does not take; nothing is ever answered for it.
    """
    sorted_hypotheses = sorted(hypotheses, key=lambda one: one.id)
    sorted_items = sorted(items, key=lambda one: one.id)
    sorted_questions = sorted(questions, key=lambda one: one.item.id)
    names = [one.id for one in sorted_hypotheses]
    inputs = make_inputs(
        [Hypothesis(id=one.id, name=one.name, weight=one.weight) for one in sorted_hypotheses],
        [item_of(one, names) for one in sorted_items],
        parameters_of(method),
        method=method.name,
    )
    result, weighed = weigh_all(inputs)
    worth = ask_weighed(inputs, weighed, [item_of(one.item, names) for one in sorted_questions])
    return Assess(
        question=question,
        method=method,
        hypotheses=tuple(sorted_hypotheses),
        items=tuple(sorted_items),
        result=record_result(result, worth),
        questions=tuple(sorted_questions),
        knowledge=knowledge or msgspec.UNSET,
    )


@refuse_no_numbers()
def recompute(content: Assess) -> Again:
    """Compute a record's figures again from its own inputs. ``Refused`` for another method, ``Malformed`` for
    inputs that are none."""
    inputs = inputs_of(content)
    computed, weighed = weigh_all(inputs)
    stated = result_of(content)
    differs = list(check_result(stated, computed))
    again = record_result(computed, ask_weighed(inputs, weighed, candidates_of(content)))
    for name in ("framings", "drivers", "worth"):
        differs += _differing(name, getattr(content.result, name), getattr(again, name))
    differs += _differing("planted", (content.result.planted,), (again.planted,))
    differs += [name for name in _out_of_order(content.result) if name not in differs]
    told = msgspec.structs.replace(content, result=again)
    return Again(result=computed, content=told, differs=tuple(differs))


def _out_of_order(stated: Weighing) -> Iterator[str]:
    """Lists whose figures do not come in their order, beyond what is level: readers tell the first as the
    most telling."""
    ordered = {
        "standings": [-one.posterior for one in stated.standings],
        "framings": [-one.posterior for one in stated.framings],
        "drivers": [one.without for one in stated.drivers],
        "worth": [-one.microbits for one in stated.worth],
    }
    for name, figures in ordered.items():
        if any(after < before - TOLERANCE for before, after in itertools.pairwise(figures)):
            yield name


def _differing(name: str, stated: Sequence[msgspec.Struct], computed: Sequence[msgspec.Struct]) -> list[str]:
    """Whether two lists of figures say the same, in whatever order figures that are level put them."""
    if len(stated) != len(computed):
        return [name]
    left = [_split(one) for one in computed]
    for one in map(_split, stated):
        found = next((n for n, other in enumerate(left) if _alike(one, other)), None)
        if found is None:
            return [name]
        del left[found]
    return []


def _split(one: msgspec.Struct) -> tuple[tuple[object, ...], tuple[int, ...]]:
    """The names and counts of one line, and its figures."""
    values = msgspec.structs.asdict(one)
    figures = {
        n: v for n, v in values.items() if n.split("_")[0] in ("posterior", "without", "microbits", "yes")
    }
    return tuple(v for n, v in values.items() if n not in figures), tuple(figures.values())


def _alike(
    one: tuple[tuple[object, ...], tuple[int, ...]], other: tuple[tuple[object, ...], tuple[int, ...]]
) -> bool:
    return one[0] == other[0] and all(abs(a - b) <= TOLERANCE for a, b in zip(one[1], other[1], strict=True))


@refuse_no_numbers()
def compare_records(first: Assess, second: Assess) -> tuple[Difference, ...]:
    """On which judgements, priors and settings two assessments differ, and what each alone would change in
    the first. Whose knowledge answered comes first, as a difference of its own that nothing can be computed
    for."""
    found = compare(inputs_of(first), inputs_of(second))
    digests = ["" if one.knowledge is msgspec.UNSET else one.knowledge.digest for one in (first, second)]
    if digests[0] == digests[1]:
        return found
    leader = first.result.leader
    before = next(one.posterior for one in first.result.standings if one.hypothesis == leader)
    told = Difference(
        part="knowledge",
        id=digests[1] or "none",
        side="both" if all(digests) else "first" if digests[0] else "second",
        fields=("digest",),
        hypothesis=leader,
        before=before,
        after=-1,
    )
    return (told, *found)
