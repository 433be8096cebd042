"""Two assessments side by side: which judgement differs, and what it alone would change
(``spec/13-weighing.md`` §8)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from comity.errors import Malformed
from comity.weighing.effort import RANGES, ROW, SHOWN, search_of
from comity.weighing.mixture import log_priors, weigh_table
from comity.weighing.result import Result
from comity.weighing.sensitivity import leader_of
from comity.weighing.table import Knowledge, make_table
from comity.weighing.values import Inputs, Item, Parameters, as_ppm, item_json, make_inputs
from comity.weighing.weigh import decide

Part: TypeAlias = Literal["source", "item", "hypothesis", "parameter", "knowledge", "method"]
ANSWERED = SHOWN // 2
"""The most that is done to see which answers would change, beside the posteriors: about two seconds."""
TOLERANCE = 2
"""Recomputed figures agree within so many parts per million: libraries differ in the last bit of a
logarithm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing on which two assessments differ.

    ``side`` says who has it: both (judged otherwise), or only one. ``fields`` are the names of what differs.
    ``hypothesis`` is the first assessment's leader, ``before`` its posterior there and ``after`` what it
    would be if the first took this one thing over from the second, all else its own (ppm). A source's grade
    is one thing (``source``, its ``id`` the origin, empty for what declares none): it is taken over for all
    that it tells, and is none of its items' differences. ``after`` is -1
    where it cannot be: other knowledge, a hypothesis that only one of them weighs, or a judgement that
    contradicts another one.

    ``answer_before`` is the first one's answer as computed, ``answer_after`` and ``leader_after`` answer and
    leader after taking the one thing over: a rule that changes may change them, and no figure. They are
    empty where that was not computed.
    """

    part: Part
    id: str
    side: Literal["both", "first", "second"]
    fields: tuple[str, ...]
    hypothesis: str
    before: int
    after: int
    answer_before: str = ""
    answer_after: str = ""
    leader_after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked:
    """Each posterior (ppm), and who leads; the answer, empty where that is too much."""

    posterior: dict[str, int]
    leader: str
    answer: str


@dataclass(slots=True)
class _Looking:
    """Posteriors and answers of inputs; answers within ``left``, so much work altogether."""

    knowledge: Knowledge | None
    left: int

    def look(self, inputs: Inputs) -> _Looked:
        """``Malformed`` where two origins tell the same, and it is judged otherwise."""
        table = make_table(inputs, self.knowledge)
        priors = log_priors(inputs.hypotheses, inputs.parameters)
        weighed = weigh_table(table, priors, inputs.parameters)
        names = (*table.hypotheses, "unknown")
        posterior = zip(names, weighed.posterior, strict=True)
        found: tuple[str, str] | None = None
        takes = len(table.rows) * (len(names) ** 2 + ROW) * (1 + RANGES)
        if self._spend(takes):
            search = search_of(len(table.rows), len(table.hypotheses), inputs.method)
            found = decide(table, weighed, priors, inputs, lambda: self._spend(search))
        return _Looked(
            posterior={name: as_ppm(float(value)) for name, value in posterior},
            leader=names[leader_of(weighed.total)],
            answer=found[0] if found else "",
        )

    def _spend(self, work: int) -> bool:
        """Whether so much is left; then it is spent."""
        if granted := work <= self.left:
            self.left -= work
        return granted


def compare(first: Inputs, second: Inputs, knowledge: Knowledge | None = None) -> tuple[Difference, ...]:
    """Every difference of two inputs, in the order method, parameters, hypotheses, sources, items; none where
    the digests are equal.

    ``knowledge`` is the first one's.
    """
    if first.digest == second.digest:
        return ()
    looking = _Looking(knowledge=knowledge, left=ANSWERED)
    own = looking.look(first)
    found: list[Difference] = []

    def note(part: Part, name: str, side: str, fields: tuple[str, ...], changed: Inputs | None) -> None:
        then = None
        if changed is not None:
            with suppress(Malformed):  # one origin's account taken over, another's of the same thing kept
                then = looking.look(changed)
        found.append(
            Difference(
                part=part,
                id=name,
                side=side,  # type: ignore[arg-type]
                fields=fields,
                hypothesis=own.leader,
                before=own.posterior[own.leader],
                after=then.posterior[own.leader] if then else -1,
                answer_before=own.answer,
                answer_after=then.answer if then else "",
                leader_after=then.leader if then and then.answer else "",
            )
        )

    if first.knowledge != second.knowledge:
        note("knowledge", second.knowledge, "both", ("digest",), None)
    if first.method != second.method:
        note("method", second.method, "both", ("name",), _with(first, method=second.method))
    for name in Parameters.__dataclass_fields__:
        if getattr(first.parameters, name) != (value := getattr(second.parameters, name)):
            told = replace(first.parameters, **{name: value})
            note("parameter", name, "both", (name,), _with(first, parameters=told))
    _compare_hypotheses(first, second, note)
    _compare_sources(first, second, note)
    _compare_items(first, second, note)
    return tuple(found)


def _compare_hypotheses(first: Inputs, second: Inputs, note: object) -> None:
    assert callable(note)
    ours, theirs = ({one.id: one for one in side.hypotheses} for side in (first, second))
    for name in sorted(ours.keys() | theirs.keys()):
        if name not in ours or name not in theirs:
            note("hypothesis", name, "first" if name in ours else "second", ("id",), None)
        elif ours[name].weight != theirs[name].weight:
            changed = [theirs[one.id] if one.id == name else one for one in first.hypotheses]
            note("hypothesis", name, "both", ("weight",), _with(first, hypotheses=changed))


def _graded(inputs: Inputs) -> dict[str, int]:
    """The reliability of each origin."""
    return {one.origin: one.reliability for one in inputs.items}


def _compare_sources(first: Inputs, second: Inputs, note: object) -> None:
    assert callable(note)
    ours, theirs = _graded(first), _graded(second)
    for origin in sorted(ours.keys() & theirs.keys()):
        if ours[origin] != theirs[origin]:
            items = [
                replace(one, reliability=theirs[origin]) if one.origin == origin else one
                for one in first.items
            ]
            note("source", origin, "both", ("reliability",), _with(first, items=items))


def _compare_items(first: Inputs, second: Inputs, note: object) -> None:
    assert callable(note)
    ours, theirs = ({one.id: one for one in side.items} for side in (first, second))
    graded = _graded(first)
    for name in sorted(ours.keys() | theirs.keys()):
        mine, other = ours.get(name), theirs.get(name)
        if other is not None:
            # What the first makes of the source stays its own.
            other = replace(other, reliability=graded.get(other.origin, other.reliability))
        if mine is None or other is None:
            items = [one for one in first.items if one.id != name] + ([other] if other else [])
            note("item", name, "first" if mine else "second", ("id",), _with(first, items=items))
        elif fields := _fields(mine, other):
            note(
                "item",
                name,
                "both",
                fields,
                _with(first, items=[_take_over(one, mine, other) for one in first.items]),
            )


def _take_over(one: Item, mine: Item, other: Item) -> Item:
    """An item of the first where ``other`` is taken over for ``mine``: what is judged of an observation is
    judged of all that tell it, and how credible an account is, of its copies."""
    if one is mine or one.seen != mine.seen or other.seen != mine.seen:
        return other if one is mine else one
    if not (one.likelihoods and other.likelihoods):
        return one
    one = replace(one, likelihoods=other.likelihoods)
    copies = one.origin == mine.origin == other.origin
    return replace(one, credibility=other.credibility) if copies else one


def _fields(mine: Item, other: Item) -> tuple[str, ...]:
    """Where two items part; the grade of a source is the source's."""
    here, there = item_json(mine), item_json(other)
    return tuple(name for name in here if name != "reliability" and here[name] != there[name])


def _with(inputs: Inputs, **changed: object) -> Inputs | None:
    """The inputs with one part taken over; none where the parts do not fit together."""
    parts: dict[str, object] = {
        "hypotheses": inputs.hypotheses,
        "items": inputs.items,
        "parameters": inputs.parameters,
        "knowledge": inputs.knowledge,
        "method": inputs.method,
    }
    try:
        return make_inputs(**(parts | changed))  # type: ignore[arg-type]
    except Malformed:
        return None


def check_result(stated: Result, computed: Result) -> tuple[str, ...]:
    """Where a stated result differs from what was computed from the same inputs; nothing where it is
    reproduced.

    Every figure may differ by 2 ppm; names, counts, answer and method may not.
    """
    if (stated.method, stated.inputs) != (computed.method, computed.inputs):
        return ("inputs",)
    found = [
        name
        for name in ("answer", "leader", "counted", "silent", "origins", "undeclared")
        if getattr(stated, name) != getattr(computed, name)
    ]
    here = {one.hypothesis: one for one in computed.standings}
    there = {one.hypothesis: one for one in stated.standings}
    if here.keys() != there.keys():
        return (*found, "standings")
    for name in sorted(here):
        found += [
            f"standings/{name}.{figure}"
            for figure in ("prior", "posterior", "low", "high")
            if abs(getattr(here[name], figure) - getattr(there[name], figure)) > TOLERANCE
        ]
        found += [
            f"standings/{name}.{number}"
            for number in ("touched", "against")
            if getattr(here[name], number) != getattr(there[name], number)
        ]
    if abs(stated.deception - computed.deception) > TOLERANCE:
        found.append("deception")
    return tuple(found)
