"""The mixture against another's exact inference, and against itself by other ways."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.weighing import PPM, UNKNOWN
from comity.weighing.mixture import log_priors, weigh_table, weigh_without
from comity.weighing.table import Floats, Table, make_table
from comity.weighing.values import Hypothesis, Inputs, Parameters, make_inputs
from tests.weighing.made import item, judged, some_inputs

gum = pytest.importorskip("pyagrum")


def exact_posterior(table: Table, inputs: Inputs) -> Floats:
    """The same question as a Bayesian network, asked of pyAgrum: who, framing whom."""
    told = inputs.parameters
    count = len(table.hypotheses)
    priors = np.exp(log_priors(inputs.hypotheses, told))
    deception, planting = told.deception_prior / PPM, told.planting / PPM
    ways: list[tuple[int, int | None]] = [(g, None) for g in range(count + 1)]
    ways += [(g, h) for g in range(count + 1) for h in range(count) if h != g] if deception else []
    chances = []
    for g, h in ways:
        framed = count - 1 if g < count else count
        chances.append(priors[g] * ((1 - deception) if h is None else deception / framed))
    net = gum.BayesNet()
    way = net.add(gum.LabelizedVariable("way", "", len(ways)))
    net.cpt(way)[:] = chances
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
            for w, (g, h) in enumerate(ways):
                share = 0.0 if h is None else planting
                said = (1 - share) * table.yes[n, g] + (share * table.yes[n, h] if h is not None else 0.0)
                for s in (0, 1):
                    yes = table.yes[n, -1] if s == 0 else credible * said + (1 - credible) * table.yes[n, -1]
                    net.cpt(seen)[{"way": w, f"sound{number}": s}] = [1 - yes, yes]
            evidence[f"seen{n}"] = 1
    query = gum.LazyPropagation(net)
    query.setEvidence(evidence)
    query.makeInference()
    found = query.posterior(way).toarray()
    result = np.zeros(count + 1)
    for (g, _), value in zip(ways, found, strict=True):
        result[g] += value
    return result


@settings(max_examples=25)
@given(some_inputs(most=5))
def test_pyagrum_gives_the_same_posterior(inputs: Inputs) -> None:
    untempered = Parameters(
        unknown_prior=inputs.parameters.unknown_prior,
        deception_prior=inputs.parameters.deception_prior,
        planting=inputs.parameters.planting,
    )
    inputs = make_inputs(inputs.hypotheses, inputs.items, untempered)
    table = make_table(inputs, None)
    ours = weigh_table(table, log_priors(inputs.hypotheses, untempered), untempered).posterior
    assert np.abs(ours - exact_posterior(table, inputs)).max() < 1e-9


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
