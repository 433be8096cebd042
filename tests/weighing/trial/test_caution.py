"""Caution says nine in ten only where nine in ten held and planting was borne."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.weighing.trial.caution import find_sure
from comity.weighing.trial.logistic import fit_logistic, sigmoid

NOBODY = (np.zeros(4), np.ones(4))


def test_sure_begins_where_two_more_cases_leave_nine_in_ten() -> None:
    scores = np.linspace(1, 0, 20)
    right = np.array([1.0] * 10 + [0.0] * 10)
    expected = np.linspace(1, 0, 20)
    begin, sure = find_sure(scores, right, expected, {"random": NOBODY, "smart": NOBODY})
    assert begin == scores[9]
    assert sure == pytest.approx((10 + 2 * expected[:10].mean()) / 12)
    # Of a few, that their scores let expect little keeps them from being sure.
    few = np.array([1.0] * 3 + [0.0] * 17)
    assert find_sure(scores, few, expected / 4, {"random": NOBODY, "smart": NOBODY})[0] > 1


def test_planted_cases_that_look_sure_and_are_wrong_raise_the_bar() -> None:
    scores = np.linspace(1, 0, 20)
    right = np.ones(20)
    planted = (np.array([0.5] * 5 + [0.0] * 95), np.ones(100))
    begin, _ = find_sure(scores, right, right, {"random": planted, "smart": NOBODY})
    assert 0.5 < begin < 0.6


@given(st.integers(0, 2**32))
def test_logistic_finds_the_slope_that_made_the_outcomes(seed: int) -> None:
    chance = np.random.default_rng(seed)
    signals = chance.normal(size=(3_000, 2))
    right = (chance.random(3_000) < sigmoid(1.5 * signals[:, 0] - 0.5)).astype(float)
    found = fit_logistic(signals, right, np.ones(3_000))
    assert found.weights[0] / found.spread[0] == pytest.approx(1.5, abs=0.3)
    assert abs(found.weights[1]) < 0.3
    assert np.isfinite(fit_logistic(signals[:9], np.ones(9), np.ones(9)).intercept)
