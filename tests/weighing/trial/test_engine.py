"""The engine on trial is the engine: the same figures as ``weigh`` gives with the same reports."""

from __future__ import annotations

import gc

import numpy as np
import pytest

from comity.weighing import PPM, UNKNOWN
from comity.weighing.fitting import STATED, Settings, fit_cases, fit_settings
from comity.weighing.knowledge import Observation, make_profiles, smooth_profiles
from comity.weighing.mixture import log_priors, weigh_table
from comity.weighing.readings import Smoothing
from comity.weighing.trial.baselines import collapse
from comity.weighing.trial.cases import Case, History, parse_observations
from comity.weighing.trial.engine import Engine, _quote, _totals, described
from comity.weighing.values import Hypothesis, Item, Parameters, make_inputs
from comity.weighing.weigh import weigh
from tests.weighing.trial.published import publish, raw

OBSERVED = parse_observations(raw(publish()))
HISTORY = History(OBSERVED)
CASES = [case for case in HISTORY.cases() if len(HISTORY.before(case).actors) >= 3][::13]
READ = Settings(smoothing=Smoothing(floor=850_000, doubt=400), tempering=700_000, unknown_prior=300_000)


def known(case: Case) -> list[Observation]:
    """What reports dated before a case tell, its own left out."""
    return [one for one in OBSERVED if one.date < case.date and one.report != case.report]


@pytest.mark.parametrize("settings", [STATED, READ])
def test_it_gives_the_figures_of_an_assessment(settings: Settings) -> None:
    assert len(CASES) >= 5
    for case in CASES:
        profiles = smooth_profiles(make_profiles(known(case)), settings.smoothing)
        inputs = make_inputs(
            [Hypothesis(id=actor) for actor in profiles.actors],
            [
                Item(id=item, origin="report", reliability=PPM, credibility=PPM)
                for item in case.items
                if item in profiles.items
            ],
            Parameters(tempering=settings.tempering, unknown_prior=settings.unknown_prior),
            profiles.digest,
        )
        result = weigh(inputs, profiles)
        expected = {one.hypothesis: one.posterior for one in result.standings}
        past = HISTORY.before(case)
        found, sure = Engine(settings).named(past, HISTORY.columns(case.items))
        assert sure is (result.answer == "named")
        assert set(past.actors) | {UNKNOWN} == set(expected)
        for actor, posterior in zip((*past.actors, UNKNOWN), found, strict=True):
            assert abs(posterior * PPM - expected[actor]) <= 2


def test_actors_that_are_alike_are_weighed_once_and_as_if_apart() -> None:
    for case in CASES:
        past = HISTORY.before(case)
        columns = HISTORY.columns(case.items)[:2]
        table = _quote(past, columns[past.mentioned[columns] > 0], READ)
        told = Parameters(unknown_prior=READ.unknown_prior)
        priors = log_priors(tuple(Hypothesis(id=actor) for actor in past.actors), told)
        expected = weigh_table(table, priors, told).total
        assert len(np.unique(table.point, axis=1).T) < len(past.actors)
        assert np.allclose(_totals(table, priors, told), expected, rtol=0.0, atol=1e-12)


def test_copies_of_one_report_and_what_nobody_mentioned_change_nothing() -> None:
    model = Engine(READ).named
    for case in CASES:
        past, columns = HISTORY.before(case), HISTORY.columns(case.items)
        unheard = np.flatnonzero(past.mentioned == 0)
        told, sure = model(past, columns)
        for same in (np.tile(columns, 3), collapse(np.append(columns, unheard))):
            again, sure_again = model(past, same)
            assert np.array_equal(again, told)
            assert sure_again is sure
    none, sure = model(past, unheard)
    assert not sure
    assert none[-1] == pytest.approx(READ.unknown_prior / PPM)


def test_it_is_read_as_a_party_reads_its_own_reports() -> None:
    history = History(one for one in OBSERVED if one.date < "2018-06-01")
    assert fit_cases(history, history.cases()) == fit_settings(OBSERVED, "2018-06-01").settings
    assert described(READ) == (
        "engine: floor 0.85, doubt 4, tempering 0.7, unknown 0.3, deception 0.1, planting 0.3, withstand 0.3"
    )


def test_both_rows_of_a_trial_ask_once_and_a_past_that_is_gone_leaves_nothing_behind() -> None:
    engine, case = Engine(READ), CASES[-1]
    past, columns = HISTORY.before(case), HISTORY.columns(case.items)
    told, named = engine.named(past, columns)
    same, leads = engine.leads(past, np.tile(columns, 3))
    assert same is told
    assert leads or not named
    assert np.array_equal(Engine(READ).leads(past, columns)[0], told)
    assert not np.array_equal(engine.named(past, columns[:2])[0], told)
    del past
    gc.collect()
    assert len(engine._answers) == 0
