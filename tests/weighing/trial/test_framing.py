"""Planting allowed for: exact where it can be counted out, and never at the cost of the laws."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.weighing.trial.cases import History, parse_observations
from comity.weighing.trial.framing import Framing, mean_product
from comity.weighing.trial.planting import planted_count
from comity.weighing.trial.ranking import Ranking, Strengths
from comity.weighing.trial.signals import NAMES, Reader
from tests.weighing.trial.published import publish, raw

HISTORY = History(parse_observations(raw(publish())))


@given(st.lists(st.floats(-8, 8), min_size=1, max_size=8), st.data())
def test_the_mean_over_all_sets_is_the_one_counted_out(logs: list[float], data: st.DataObject) -> None:
    count = data.draw(st.integers(1, len(logs)))
    by_hand = np.mean([np.exp(sum(chosen)) for chosen in itertools.combinations(logs, count)])
    assert mean_product(np.array(logs), count) == pytest.approx(np.log(by_hand), abs=1e-9)


def test_hundreds_of_items_neither_overflow_nor_vanish() -> None:
    logs = np.tile(np.linspace(-20, 8, 600)[:, None], (1, 2))
    assert np.isfinite(mean_product(logs, 180)).all()


def test_the_framing_of_one_by_another_is_the_sum_over_what_was_planted() -> None:
    case = HISTORY.cases()[60]
    ranking = Ranking(HISTORY.before(case), Strengths())
    framing = Framing(ranking)
    columns = HISTORY.columns(case.items)[:6]
    count = planted_count(len(columns))
    logs = framing.planted(columns, np.array([3]), "random")[0]
    own = ranking.weighted(columns)[5]
    sets = itertools.combinations(range(len(columns)), count)
    by_hand = np.mean(
        [np.exp(sum(logs[n] if n in chosen else own[n] for n in range(len(columns)))) for chosen in sets]
    )
    assert mean_product(logs - own, count) + own.sum() == pytest.approx(np.log(by_hand))


@settings(max_examples=20)
@given(st.integers(20, 90), st.integers(1, 30))
def test_a_posterior_adds_up_whatever_the_items(number: int, size: int) -> None:
    case = HISTORY.cases()[number]
    reader = Reader(Ranking(HISTORY.before(case), Strengths()))
    columns = np.arange(0, len(HISTORY.items), max(1, len(HISTORY.items) // size))[:size]
    posterior, signals = reader.read(columns)
    assert posterior.sum() == pytest.approx(1.0)
    assert (posterior > 0).all()
    assert len(signals) == len(NAMES)
    assert np.isfinite(signals).all()


def test_other_names_give_the_same_figures_under_other_names() -> None:
    renamed = [line | {"actor": f"X{99 - int(line['actor'][1:])}"} for line in publish()]
    other = History(parse_observations(raw(renamed)))
    # By date, and of one day by the names: so the case is found by its report.
    case = HISTORY.cases()[60]
    same = next(one for one in other.cases() if one.report == case.report)
    past, changed = HISTORY.before(case), other.before(same)
    here, _ = Reader(Ranking(past, Strengths())).read(HISTORY.columns(case.items))
    there, _ = Reader(Ranking(changed, Strengths())).read(other.columns(same.items))
    assert there[-1] == pytest.approx(here[-1], rel=1e-9)
    named = dict(zip(past.actors, here, strict=False))
    for actor, value in zip(changed.actors, there, strict=False):
        assert value == pytest.approx(named[f"G{99 - int(actor[1:]):02d}"], rel=1e-9)


def test_a_planted_flag_leads_less_often_than_without_allowing_for_it() -> None:
    from comity.weighing.trial.planting import plant

    led = {"without": 0, "with": 0}
    for case in HISTORY.cases()[50:90]:
        past = HISTORY.before(case)
        if case.actor not in past.actors:
            continue
        line = past.actors.index(case.actor)
        ranking = Ranking(past, Strengths())
        columns = plant(case, HISTORY.columns(case.items), past, "smart", 7, 0)
        led["without"] += int(np.argmax(ranking.weigh(columns))) == line
        led["with"] += int(np.argmax(Framing(ranking).posterior(columns)[:-1])) == line
    assert led["with"] >= led["without"]
