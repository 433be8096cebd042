"""Measures against figures made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from comity.weighing.trial.chance import numbers
from comity.weighing.trial.measures import (
    Answers,
    calibration_error,
    calibration_floor,
    judge,
    measure_all,
    not_asked,
)


def test_an_answer_is_judged() -> None:
    told = judge(np.array([0.2, 0.5, 0.2, 0.1]), 1, 0)
    assert (told.rank, told.top, told.unknown) == (0, 0.5, False)
    assert told.brier == pytest.approx(0.04 + 0.25 + 0.04 + 0.01)
    unseen = judge(np.array([0.2, 0.1, 0.7]), -1, 1)
    assert (unseen.rank, unseen.unknown) == (-1, True)
    assert unseen.brier == pytest.approx(0.04 + 0.01 + 0.09)
    assert judge(np.array([0.3, 0.3, 0.3, 0.1]), 2, 2).rank == 1


def test_measures_by_hand() -> None:
    posteriors = [([0.95, 0.05, 0.0], 0), ([0.95, 0.05, 0.0], 1), ([0.4, 0.3, 0.3], 0), ([0.1, 0.2, 0.7], -1)]
    outcomes = [judge(np.array(p), line, n) for n, (p, line) in enumerate(posteriors)]
    found = measure_all(Answers.of(outcomes), 1)
    values = {name: figure.value for name, figure in found.items()}
    assert values["top-1"] == 0.5
    assert values["top-5"] == 0.75
    assert values["mrr"] == pytest.approx((1 + 0.5 + 1) / 4)
    assert values["sure"] == 0.5
    assert values["precision of sure"] == 0.5
    assert values["confidently wrong"] == 0.25
    assert values["unknown leads, unseen"] == 1.0
    assert values["ece"] == pytest.approx((abs(1.9 - 1) + abs(0.4 - 1) + 0.2) / 4)
    assert all(figure.low <= figure.value <= figure.high for figure in found.values())


def test_none_of_n_is_bounded_by_three_in_n() -> None:
    outcomes = [judge(np.array([0.95, 0.05]), 0, n) for n in range(60)]
    wrong = measure_all(Answers.of(outcomes), 1)["confidently wrong"]
    assert wrong.value == 0.0
    assert wrong.bound == pytest.approx(0.05)


def test_a_calibrated_answer_is_not_blamed_beyond_the_floor() -> None:
    top = numbers(3, 4_000, 1_000) / 1_000
    right = numbers(4, 4_000, 1_000) / 1_000 < top
    assert calibration_error(top, right) < 0.03
    assert calibration_floor(top[:50], 1) > calibration_floor(top, 1)


def test_cases_of_one_actor_are_drawn_together() -> None:
    """Twenty cases of one actor, all right, and twenty of others, all wrong: who is drawn decides."""
    outcomes = [
        judge(np.array([0.9, 0.05, 0.05]), 0 if n < 20 else 1, n, 0 if n < 20 else n) for n in range(40)
    ]
    apart = [judge(np.array([0.9, 0.05, 0.05]), 0 if n < 20 else 1, n) for n in range(40)]
    together, alone = (measure_all(Answers.of(each), 1)["top-1"] for each in (outcomes, apart))
    assert together.value == alone.value == 0.5
    assert together.cases == alone.cases == 40
    assert together.high - together.low > 1.5 * (alone.high - alone.low)


def test_no_hit_at_all_is_bounded() -> None:
    missed = measure_all(Answers.of([judge(np.array([0.6, 0.4]), -1, n) for n in range(30)]), 1)
    for name in ("top-1", "top-5", "mrr"):
        assert (missed[name].value, missed[name].bound) == (0.0, 0.1)
    assert not_asked(missed["top-1"]).value != not_asked(missed["top-1"]).value
