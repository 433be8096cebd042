"""A flag is planted as declared, and the same one every time."""

from __future__ import annotations

import numpy as np
import pytest

from comity.weighing.trial.cases import History, parse_observations
from comity.weighing.trial.planting import FLAGS, Flag, plant, planted_count
from tests.weighing.trial.published import publish, raw

HISTORY = History(parse_observations(raw(publish())))


@pytest.mark.parametrize("flag", FLAGS)
def test_three_in_ten_come_from_one_other_actor(flag: Flag) -> None:
    for case in HISTORY.cases()[30:60]:
        past = HISTORY.before(case)
        own = HISTORY.columns(case.items)
        planted = plant(case, own, past, flag, 7, 0)
        assert np.array_equal(planted, plant(case, own, past, flag, 7, 0))
        added = set(planted.tolist()) - set(own.tolist())
        assert len(planted) == len(own)
        assert len(added) == planted_count(len(own))
        holders = [n for n, actor in enumerate(past.actors) if actor != case.actor]
        assert any((past.counts[n, sorted(added)] > 0).all() for n in holders)


def test_the_smart_plant_what_is_rarest() -> None:
    case = HISTORY.cases()[60]
    past, own = HISTORY.before(case), HISTORY.columns(case.items)
    rarity = {
        flag: np.mean(
            [
                past.mentioned[sorted(set(plant(case, own, past, flag, 7, n)) - set(own))].mean()
                for n in range(20)
            ]
        )
        for flag in FLAGS
    }
    assert rarity["smart"] < rarity["random"]


def test_where_nobody_can_be_framed_the_case_stays() -> None:
    lines = [line for line in publish() if line["actor"] == "G00"]
    history = History(parse_observations(raw(lines)))
    case = history.cases()[3]
    own = history.columns(case.items)
    assert np.array_equal(plant(case, own, history.before(case), "smart", 7, 0), own)
