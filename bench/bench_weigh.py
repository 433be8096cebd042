"""Weighing: the mixture with deception, what each item does to it, and what to ask next.

A thousand items by five hundred hypotheses, each hypothesis judged on one item in twenty. The peer of the
mixture is a plain naive Bayes over the same table, one multiplication of matrices without any deception; the
peer of the rest is the mixture run again for each question.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from bench.figure import Contender, Figure
from comity.weighing.asking import ask_weighed
from comity.weighing.bounds import bound
from comity.weighing.mixture import Weighed, log_priors, weigh_table
from comity.weighing.planted import find_smallest
from comity.weighing.sensitivity import alone_in_front, leave_each_out
from comity.weighing.table import make_table
from comity.weighing.trial.chance import numbers
from comity.weighing.values import Hypothesis, Inputs, Item, Likelihood, make_inputs
from comity.weighing.weigh import weigh

ITEMS = 1_000
HYPOTHESES = 500
CANDIDATES = 200
ONE_IN = 20


def generate_inputs(items: int, hypotheses: int, shared: int = 1) -> Inputs:
    """Inputs of a size, ``shared`` items to an origin; the same every time."""
    names = [f"h{n:04d}" for n in range(hypotheses)]
    made = []
    for n in range(items):
        drawn = numbers(n, 2 * max(2, hypotheses // ONE_IN), 1 << 40)
        chosen = {int(one) % hypotheses for one in drawn[::2]}
        judged = [Likelihood(hypothesis="unknown", low=20_000, high=20_000)]
        for name, value in zip(sorted(chosen), drawn[1::2].tolist(), strict=False):
            point = 1_000 + value % 399_000
            judged.append(Likelihood(hypothesis=names[name], low=point, high=point))
        made.append(
            Item(
                id=f"i{n:05d}",
                origin=f"o{n // shared}",
                reliability=900_000,
                credibility=800_000,
                likelihoods=tuple(judged),
            )
        )
    return make_inputs([Hypothesis(id=name) for name in names], made)


def figures(scratch: Path) -> Iterator[Figure]:  # noqa: ARG001 - the harness gives every benchmark a folder
    size = f"{ITEMS:,} items × {HYPOTHESES} hypotheses"
    for shared in (1, 3):
        yield from figures_of(generate_inputs(ITEMS, HYPOTHESES, shared), f"{size}, {shared} to an origin")
    for items in (10, 16, 40, 100, 1_000):
        for hypotheses, shared in ((2, 1), (3, 1), (2, items)):
            yield from figures_of_few(items, hypotheses, shared)


def lean(items: int, hypotheses: int, shared: int) -> Inputs:
    """Items that all speak for the first of few hypotheses: the smallest planted set is large."""
    names = [f"h{n}" for n in range(hypotheses)]
    made = []
    for n in range(items):
        drawn = numbers(n, hypotheses, 1 << 40).tolist()
        points = [260_000 + drawn[0] % 340_000, *(140_000 + one % 120_000 for one in drawn[1:])]
        judged = [
            Likelihood(hypothesis=name, low=point, high=point)
            for name, point in zip([*names, "unknown"], [*points, 200_000], strict=True)
        ]
        made.append(
            Item(
                id=f"i{n:05d}",
                origin=f"o{n // shared}",
                reliability=900_000,
                credibility=900_000,
                likelihoods=tuple(judged),
            )
        )
    return make_inputs([Hypothesis(id=name) for name in names], made)


def figures_of_few(items: int, hypotheses: int, shared: int) -> Iterator[Figure]:
    """A whole assessment of few hypotheses, where sets of items are searched, beside the mixture alone."""
    inputs = lean(items, hypotheses, shared)
    table = make_table(inputs, None)
    priors = log_priors(inputs.hypotheses, inputs.parameters)
    origin = "an origin each" if shared == 1 else "one origin"
    yield Figure(
        name=f"a whole assessment, {items:,} items × {hypotheses} hypotheses, {origin}",
        unit="s",
        runs=3,
        ours=Contender(name="comity weigh", run=lambda: run(lambda: weigh(inputs))),
        peers=(
            Contender(
                name="the mixture once",
                run=lambda: run(lambda: weigh_table(table, priors, inputs.parameters)),
            ),
        ),
        note="with every item left out and the smallest planted set",
    )


def figures_of(inputs: Inputs, size: str) -> Iterator[Figure]:
    """The figures of one table."""
    told = inputs.parameters
    table = make_table(inputs, None)
    priors = log_priors(inputs.hypotheses, told)
    weighed = weigh_table(table, priors, told)
    again = Contender(name="the mixture once", run=lambda: run(lambda: weigh_table(table, priors, told)))
    yield Figure(
        name=f"mixture with deception, {size}",
        unit="s",
        runs=3,
        ours=Contender(name="comity weigh", run=lambda: run(lambda: weigh_table(table, priors, told))),
        peers=(
            Contender(name="naive Bayes, numpy", run=lambda: run(lambda: np.log(table.point).sum(axis=0))),
        ),
        note="every pair of actor and framed",
    )
    yield Figure(
        name=f"each item left out, {size}",
        unit="s",
        runs=3,
        ours=Contender(name="comity weigh", run=lambda: run(lambda: leave_each_out(table, weighed, told))),
        peers=(again,),
        note="run again for each item, the mixture would take as many times its own figure",
    )
    without = leave_each_out(table, weighed, told)
    yield Figure(
        name=f"smallest planted set, {size}",
        unit="s",
        runs=3,
        ours=Contender(
            name="comity weigh", run=lambda: run(lambda: find_smallest(table, weighed, without, told))
        ),
        peers=(again,),
    )
    # Half of them of origins that tell something already, half of origins of their own.
    candidates = [
        replace(one, id=f"q{n:05d}", origin=one.origin if n % 2 else f"asked {n}")
        for n, one in enumerate(inputs.items[:CANDIDATES])
    ]
    yield figure_of_asking(size, inputs, weighed, candidates, again)
    yield figure_of_repeated(inputs, size)
    yield figure_of_ranges(inputs, size, again)


def figure_of_ranges(inputs: Inputs, size: str, once: Contender) -> Figure:
    """How far the intervals let each posterior go, all judged by one, the unknown actor too."""
    wide = make_inputs(inputs.hypotheses, [widen(one) for one in inputs.items], inputs.parameters)
    told, table = wide.parameters, make_table(wide, None)
    priors = log_priors(wide.hypotheses, told)
    leader = alone_in_front(weigh_table(table, priors, told).total)
    return Figure(
        name=f"ranges where all are judged by intervals, {size}",
        unit="s",
        runs=3,
        ours=Contender(name="comity weigh", run=lambda: run(lambda: bound(table, priors, told, leader))),
        peers=(once,),
    )


def widen(item: Item) -> Item:
    """A fifth less, and a quarter more."""
    ends = [replace(one, low=one.low * 4 // 5, high=one.high * 5 // 4) for one in item.likelihoods]
    return replace(item, likelihoods=tuple(ends))


def figure_of_asking(
    size: str, inputs: Inputs, weighed: Weighed, candidates: list[Item], once: Contender
) -> Figure:
    """What the answers to these questions are worth, beside the mixture ``once``."""
    return Figure(
        name=f"value of {len(candidates)} answers, {size}",
        unit="s",
        runs=3,
        ours=Contender(
            name="comity weigh", run=lambda: run(lambda: ask_weighed(inputs, weighed, candidates))
        ),
        peers=(once,),
    )


def figure_of_repeated(inputs: Inputs, size: str) -> Figure:
    """Questions where each origin also repeats something of the next: half of what is asked is told by
    others already, and the rest by origins that repeat."""
    first = {one.origin: one for one in reversed(inputs.items)}
    repeated = [
        replace(one, id=f"r{one.id}", origin=other, observed=one.seen, credibility=one.credibility // 2)
        for one, other in zip(first.values(), [*list(first)[1:], next(iter(first))], strict=True)
    ]
    taken = {(one.origin, one.seen) for one in repeated}
    inputs = make_inputs(inputs.hypotheses, [*inputs.items, *repeated], inputs.parameters)
    told = inputs.parameters
    table, priors = make_table(inputs, None), log_priors(inputs.hypotheses, told)
    weighed = weigh_table(table, priors, told)
    candidates = [
        replace(one, id=f"q{n:05d}", credibility=900_000)
        if n % 2
        else replace(one, id=f"q{n:05d}", origin="asked", observed=one.seen, credibility=900_000)
        for n, one in enumerate(inputs.items[:CANDIDATES])
        # What an origin repeats of the next it has judged in its own way.
        if n % 2 == 0 or (one.origin, one.seen) not in taken
    ]
    once = Contender(
        name="the mixture once",
        run=lambda: run(lambda: weigh_table(table, priors, told)),
    )
    return figure_of_asking(f"{size}, each origin repeated", inputs, weighed, candidates, once)


def run(work: object) -> None:
    """Do it; the result is not needed."""
    assert callable(work)
    work()
