"""Time and chance of this machine."""

from __future__ import annotations

import time

from comity.adapters.system import System
from comity.exchange.ports import Effects


def test_now_is_in_whole_seconds_and_chance_never_repeats() -> None:
    effects: Effects = System()
    before = int(time.time())
    now = effects.now()
    assert isinstance(now, int)
    assert before <= now <= int(time.time())
    drawn = {effects.random(16) for _ in range(1000)}
    assert len(drawn) == 1000
    assert {len(one) for one in drawn} == {16}
