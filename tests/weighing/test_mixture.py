"""The mixture against another's exact inference, and against itself by other ways."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.weighing import PPM, UNKNOWN
from comity.weighing.asking import ask
from comity.weighing.bounds import bound_at_point
from comity.weighing.mixture import acting, log_priors, weigh_table, weigh_without
from comity.weighing.table import Floats, Table, make_table, probabilities_of
from comity.weighing.values import Hypothesis, Inputs, Item, Parameters, make_inputs
from tests.weighing.made import item, judged, some_inputs, some_items

gum = pytest.importorskip("pyagrum")


Ratios = Callable[[int, int, int | None], float]
"""The ratio to the unknown actor of (row, actor, framed), before grades."""


def points(table: Table, planting: float) -> Ratios:
    """The ratios of the points, the unknown actor's 1."""
    return _mixed(acting(table), table.point, planting)


def _mixed(own: Floats, framed: Floats, planting: float) -> Ratios:
    def ratio(n: int, g: int, h: int | None) -> float:
        share = 0.0 if h is None else planting
        return float((1 - share) * own[n, g] + (0.0 if h is None else share * framed[n, h]))

    return ratio


def make_network(table: Table, inputs: Inputs, ratio: Ratios) -> tuple[Any, dict[str, int]]:
    """The same question as a Bayesian network: who, framing whom; what was seen, as its evidence.

    Ratios are scaled to probabilities by a constant for each item, which no posterior depends on.
    """
    told = inputs.parameters
    count = len(table.hypotheses)
    priors = np.exp(log_priors(inputs.hypotheses, told))
    deception = told.deception_prior / PPM
    ways = ways_of(count, deception)
    chances = []
    for g, h in ways:
        # Who frames draws any of the named; who draws itself acts alone.
        itself = deception / count if g < count else 0.0
        chances.append(priors[g] * ((1 - deception + itself) if h is None else deception / count))
    net = gum.BayesNet()
    way = net.add(gum.LabelizedVariable("way", "", len(ways)))
    net.cpt(way)[:] = chances
    actor = net.add(gum.LabelizedVariable("actor", "", count + 1))
    net.addArc(way, actor)
    for w, (g, _) in enumerate(ways):
        net.cpt(actor)[{"way": w}] = np.eye(count + 1)[g]
    evidence = {}
    for number, (begin, end) in enumerate(table.groups):
        sound = net.add(gum.LabelizedVariable(f"sound{number}", "", 2))
        reliability = table.rows[begin].reliability
        net.cpt(sound)[:] = [1 - reliability, reliability]
        for n in range(begin, end):
            seen = net.add(gum.LabelizedVariable(f"seen{n}", "", 2))
            net.addArc(way, seen)
            net.addArc(sound, seen)
            credible = table.rows[n].credibility
            said = [ratio(n, g, h) for g, h in ways]
            scale = 1.0 / max(1.0, *said)
            for w in range(len(ways)):
                for s in (0, 1):
                    yes = scale * (1.0 if s == 0 else credible * said[w] + 1 - credible)
                    net.cpt(seen)[{"way": w, f"sound{number}": s}] = [1 - yes, yes]
            evidence[f"seen{n}"] = 1
    return net, evidence


def ways_of(count: int, deception: float) -> list[tuple[int, int | None]]:
    alone: list[tuple[int, int | None]] = [(g, None) for g in range(count + 1)]
    return alone + ([(g, h) for g in range(count + 1) for h in range(count) if h != g] if deception else [])


def exact_posterior(table: Table, inputs: Inputs, ratio: Ratios) -> Floats:
    net, evidence = make_network(table, inputs, ratio)
    query = gum.LazyPropagation(net)
    query.setEvidence(evidence)
    query.makeInference()
    found: Floats = query.posterior("actor").toarray()
    return found


@settings(max_examples=25)
@given(some_inputs(most=5))
def test_pyagrum_gives_the_same_posterior_tempered_or_not_with_framing_or_without(inputs: Inputs) -> None:
    told = inputs.parameters
    table = make_table(inputs, None)
    ours = weigh_table(table, log_priors(inputs.hypotheses, told), told).posterior
    theirs = exact_posterior(table, inputs, points(table, told.planting / PPM))
    assert np.abs(ours - theirs).max() < 1e-9


@settings(max_examples=6)
@given(some_inputs(most=3, wide=True))
def test_pyagrum_gives_the_same_ends_of_every_interval_at_the_unknown_actors_point(inputs: Inputs) -> None:
    """The lowest posterior of an actor: its own ways at the lower ends, all others at the upper ones."""
    told = inputs.parameters
    table = make_table(inputs, None)
    lowest, highest = bound_at_point(table, log_priors(inputs.hypotheses, told), told)
    planting = told.planting / PPM
    low = _mixed(np.column_stack([table.low, table.unknown_low]), table.low, planting)
    high = _mixed(np.column_stack([table.high, table.unknown_high]), table.high, planting)
    for actor in range(len(table.hypotheses) + 1):
        for ours, own, others in ((lowest, low, high), (highest, high, low)):

            def ratio(n: int, g: int, h: int | None, own: Ratios = own, others: Ratios = others) -> float:
                return (own if g == actor else others)(n, g, h)  # noqa: B023 - used within this turn

            assert abs(ours[actor] - exact_posterior(table, inputs, ratio)[actor]) < 1e-9


@settings(max_examples=10)
@given(some_inputs(most=3))
def test_pyagrum_gives_the_same_framings(inputs: Inputs) -> None:
    told = inputs.parameters
    table = make_table(inputs, None)
    weighed = weigh_table(table, log_priors(inputs.hypotheses, told), told)
    net, evidence = make_network(table, inputs, points(table, told.planting / PPM))
    query = gum.LazyPropagation(net)
    query.setEvidence(evidence)
    query.makeInference()
    whole = weighed.total.max() + np.log(np.exp(weighed.total - weighed.total.max()).sum())
    theirs = query.posterior("way").toarray()
    for (g, h), value in zip(ways_of(len(table.hypotheses), told.deception_prior / PPM), theirs, strict=True):
        ours = weighed.alone[g] if h is None else weighed.framing[g, h]
        assert abs(np.exp(ours - whole) - value) < 1e-9


@settings(max_examples=10)
@given(some_inputs(most=3), some_items(most=1))
def test_pyagrum_gives_the_same_value_of_a_question(inputs: Inputs, asked: tuple[Item, ...]) -> None:
    """The mutual information of who it was and a yes or no, given what was seen."""
    told = replace(inputs.parameters, tempering=PPM)
    inputs = make_inputs(inputs.hypotheses, inputs.items, told)
    table = make_table(inputs, None)
    # A no is judged too, and nothing judged is impossible.
    possible = [
        replace(one, low=min(one.low, PPM - 1), high=min(one.high, PPM - 1)) for one in asked[0].likelihoods
    ]
    question = replace(asked[0], id="question", origin="elsewhere", likelihoods=tuple(possible))
    (ours,) = ask(inputs, [question])
    net, evidence = make_network(table, inputs, points(table, told.planting / PPM))
    _, yes, _ = probabilities_of(question, table.hypotheses, None)
    trust = question.reliability / PPM * question.credibility / PPM
    answer = net.add(gum.LabelizedVariable("answer", "", 2))
    net.addArc(net.idFromName("way"), answer)
    for w, (g, h) in enumerate(ways_of(len(table.hypotheses), told.deception_prior / PPM)):
        share = 0.0 if h is None else told.planting / PPM
        said = (1 - share) * yes[g] + (0.0 if h is None else share * yes[h])
        chance = trust * said + (1 - trust) * yes[-1]
        net.cpt(answer)[{"way": w}] = [1 - chance, chance]
    query = gum.LazyPropagation(net)
    query.setEvidence(evidence)
    query.addJointTarget({"actor", "answer"})
    query.makeInference()
    assert abs(ours.yes - query.posterior("answer").toarray()[1] * PPM) <= 1
    bits = gum.InformationTheory(query, ["actor"], ["answer"]).mutualInformationXY()
    assert abs(ours.microbits - bits * PPM) <= 2


@given(some_inputs(), st.data())
def test_taking_rows_out_is_never_having_had_them(inputs: Inputs, data: st.DataObject) -> None:
    table = make_table(inputs, None)
    priors = log_priors(inputs.hypotheses, inputs.parameters)
    weighed = weigh_table(table, priors, inputs.parameters)
    rows = data.draw(st.sets(st.integers(0, len(table.rows) - 1)) if table.rows else st.just(set()))
    taken_out = weigh_without(table, weighed, sorted(rows), inputs.parameters)
    never_had = weigh_table(table.without(sorted(rows)), priors, inputs.parameters).total
    assert np.abs(taken_out - never_had).max() < 1e-9


@pytest.mark.parametrize("shared", [1, 7, 40])
def test_many_items_of_an_origin_neither_overflow_nor_outweigh_its_reliability(shared: int) -> None:
    items = [
        item(f"i{n:03d}", f"o{n // shared}", likelihoods=judged(amber=PPM, birch=1, unknown=1))
        for n in range(120)
    ]
    names = make_inputs([*_named()], items).hypotheses
    inputs = make_inputs(names, items, Parameters(deception_prior=100_000))
    table = make_table(inputs, None)
    found = weigh_table(table, log_priors(names, inputs.parameters), inputs.parameters)
    assert np.isfinite(found.alone).all()
    assert found.posterior[0] > 0.99
    assert found.posterior.sum() == pytest.approx(1.0)


def test_an_origin_alone_carries_no_further_than_its_reliability() -> None:
    names = [*_named()]
    told = Parameters(unknown_prior=500_000, deception_prior=0)
    items = [
        item(f"i{n}", likelihoods=judged(amber=1, unknown=PPM), reliability=900_000, credibility=PPM)
        for n in range(30)
    ]
    inputs = make_inputs(names, items, told)
    table = make_table(inputs, None)
    found = weigh_table(table, log_priors(inputs.hypotheses, told), told)
    # However much it says against amber, amber keeps what the origin's doubt leaves it.
    assert np.exp(found.total[0] - log_priors(inputs.hypotheses, told)[0]) == pytest.approx(0.1)


def _named() -> list[Hypothesis]:

    return [Hypothesis(id=name) for name in ("amber", "birch")]


def test_unknown_is_the_measure() -> None:
    inputs = make_inputs([*_named()], [item("tool")], Parameters(deception_prior=0, unknown_prior=300_000))
    table = make_table(inputs, None)
    found = weigh_table(table, log_priors(inputs.hypotheses, inputs.parameters), inputs.parameters)
    assert np.exp(found.total[-1]) == pytest.approx(0.3)
    assert UNKNOWN not in table.hypotheses
