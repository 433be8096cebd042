"""Each rule as a property: whatever was said before and after, what breaks it is refused with its number.

The rulebook has every way to break a rule in a scene of its own. Here the scene is a case in which others
have already spoken, in any order, and go on; and what was refused is in nothing that readers are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.case.clocks import clocks
from comity.case.support import assertions
from comity.records import kinds
from tests import world as w
from tests.rulebook import BREAKS, Break, Scene, scene
from tests.world import DAY, fold_case


def _endorse(s: Scene) -> None:
    stated = s.claimed(s.c)
    s.say(s.b, kinds.Endorse(target=w.target(stated), basis="trust"), stated)


def _answer(s: Scene) -> None:
    stated = s.claimed(s.a, s.b)
    position = kinds.Position(n=0, position="disputes")
    s.say(s.b, kinds.Response(target=stated.value.id, positions=(position,)), stated)


TALK: Sequence[Callable[[Scene], object]] = (
    lambda s: s.sealed(s.b),
    lambda s: s.found(s.c),
    lambda s: s.claimed(s.a, s.b, s.c),
    lambda s: s.told(s.b, s.c),
    lambda s: s.asked(s.c, s.a),
    lambda s: s.claimed(s.b, to=[s.a]),
    _endorse,
    _answer,
)
talk = st.lists(st.sampled_from(TALK), max_size=3)


@pytest.mark.parametrize("rule", sorted({b.rule for b in BREAKS}))
def test_a_broken_rule_is_named_in_any_case(rule: int) -> None:
    ways = [b for b in BREAKS if b.rule == rule]

    @settings(max_examples=2, deadline=None)
    @given(st.sampled_from(ways), talk, talk)
    def holds(
        broken: Break, before: list[Callable[[Scene], object]], after: list[Callable[[Scene], object]]
    ) -> None:
        s = scene(f"anywhere/{broken.name}")
        for say in before:
            say(s)
        record = broken.play(s)
        # One way to break a rule is to begin the case otherwise, or to sign two histories: nobody goes on.
        begun = s.state
        for say in after if not begun.forks and not begun.waiting else ():
            say(s)
        state = s.state
        assert state.refused[record.value.id].rule == rule
        assert record.value.id not in state.accepted
        shown = {f.target.record for f in assertions(state)} | {
            c.request for c in clocks(state, s.world.now + DAY)
        }
        assert record.value.id not in shown
        assert fold_case(s.case, reversed(s.facts)).canonical() == state.canonical()

    holds()
