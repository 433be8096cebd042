"""Between a record and the engine: what ``assessment.make`` says as inputs and as a result
(``spec/14-assessments.md``).

Nothing here computes: a reader without the extra ``weigh`` still reads every figure as its author stated it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import msgspec
from msgspec import convert
from msgspec.structs import asdict

from comity.errors import Refused
from comity.records import kinds_of_weighing as told
from comity.records.kinds_of_weighing import Assess, Weighed
from comity.weighing import METHOD, METHODS
from comity.weighing.result import Asked, Driver, Framing, Planted, Result, Standing
from comity.weighing.scaled import write_out
from comity.weighing.values import Hypothesis, Inputs, Item, Likelihood, Parameters, make_inputs

PARAMETERS = ("unknown_prior", "deception_prior", "planting", "tempering", "name_at", "withstand")


def parameters_of(method: told.Method) -> Parameters:
    """What the method was told. ``Refused`` (``weighing.method``) for a method that is not run here."""
    if method.name not in METHODS:
        why = f"made with {method.name}; run here are {' and '.join(METHODS)}"
        raise Refused("weighing.method", "method", why)
    return Parameters(**{name: getattr(method, name) for name in PARAMETERS})


def method_of(parameters: Parameters) -> told.Method:
    """The same as a record says it."""
    return told.Method(name=METHOD, **{name: getattr(parameters, name) for name in PARAMETERS})


def item_of(weighed: Weighed, hypotheses: Iterable[str]) -> Item:
    """One item as the engine takes it: the interval of the others written out."""
    judged = {
        one.hypothesis: Likelihood(hypothesis=one.hypothesis, low=one.low, high=one.high)
        for one in weighed.judgements
    }
    if weighed.others is not msgspec.UNSET:
        low, high = weighed.others
        for name in hypotheses:
            judged.setdefault(name, Likelihood(hypothesis=name, low=low, high=high))
    return Item(
        id=weighed.id,
        reliability=weighed.reliability,
        credibility=weighed.credibility,
        origin=weighed.origin,
        observed=weighed.observed,
        likelihoods=tuple(judged[name] for name in sorted(judged)),
    )


def inputs_of(content: Assess) -> Inputs:
    """The inputs that a record states, checked and with their digest. Every likelihood stands in the record,
    so no knowledge is asked again. ``Malformed`` where they are no inputs, ``Refused`` for another method."""
    names = [one.id for one in content.hypotheses]
    return make_inputs(
        [Hypothesis(id=one.id, name=one.name, weight=one.weight) for one in content.hypotheses],
        [item_of(one, names) for one in write_out(content).items],
        parameters_of(content.method),
        method=content.method.name,
    )


def candidates_of(content: Assess) -> tuple[Item, ...]:
    """The items that a record asks for."""
    names = [one.id for one in content.hypotheses]
    return tuple(item_of(question.item, names) for question in write_out(content).questions)


def result_of(content: Assess) -> Result:
    """The result as the author stated it. ``why`` is left empty: it follows from the figures."""
    stated = content.result
    return Result(
        method=content.method.name,
        inputs=stated.inputs,
        answer=stated.answer,
        leader=stated.leader,
        why="",
        standings=tuple(Standing(**asdict(one)) for one in stated.standings),
        deception=stated.deception,
        framings=tuple(Framing(**asdict(one)) for one in stated.framings),
        drivers=tuple(Driver(**asdict(one)) for one in stated.drivers),
        planted=Planted(**asdict(stated.planted)),
        counted=stated.counted,
        silent=stated.silent,
        origins=stated.origins,
        undeclared=stated.undeclared,
    )


def record_result(result: Result, worth: Iterable[Asked]) -> told.Weighing:
    """A result, and the worth of each question, as a record says them."""
    return told.Weighing(
        inputs=result.inputs,
        answer=result.answer,
        leader=result.leader,
        deception=result.deception,
        standings=tuple(convert(one, told.Standing, from_attributes=True) for one in result.standings),
        framings=tuple(convert(one, told.Framing, from_attributes=True) for one in result.framings),
        drivers=tuple(convert(one, told.Driver, from_attributes=True) for one in result.drivers),
        planted=convert(
            replace(result.planted, items=tuple(sorted(result.planted.items))),
            told.Planted,
            from_attributes=True,
        ),
        counted=result.counted,
        silent=result.silent,
        origins=result.origins,
        undeclared=result.undeclared,
        worth=tuple(
            told.Worth(
                question=one.candidate,
                microbits=one.microbits,
                yes=one.yes,
                leader_yes=one.leader_yes,
                posterior_yes=one.posterior_yes,
                leader_no=one.leader_no,
                posterior_no=one.posterior_no,
            )
            for one in worth
        ),
    )
