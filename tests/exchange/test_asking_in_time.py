"""A clock that has run out is asked for, and agreed to, by nobody's slip."""

from __future__ import annotations

from pathlib import Path

import pytest

from comity.errors import Refused
from comity.exchange import acts
from comity.records import kinds
from tests.exchange.network import World
from tests.exchange.test_publishing import opened


def test_an_instant_that_has_passed_is_neither_asked_for_nor_agreed_to(tmp_path: Path) -> None:
    """A clock of some seconds that an officer agreed to after them lapsed at once, for everybody to see."""
    world = World(tmp_path, ["alder", "birch", "cedar"])
    alder, birch, _ = world.nodes
    case = opened(world)

    def ask(seconds: int) -> kinds.Request:
        due = acts.time_in(alder, seconds)
        return kinds.Request(to=birch.party.id, type="clarify", text="Which?", due=due)

    before = alder.journal.size()
    with pytest.raises(Refused) as failed:
        acts.request(alder, case, ask(-5))
    assert failed.value.code == "clock.passed"
    assert alder.journal.size() == before
    asked = acts.request(alder, case, content := ask(2)).value.id
    world.settle()
    world.pass_time(60)
    for passed in (
        kinds.Answer(request=asked, disposition="accepted", agrees=content.due),
        kinds.Answer(request=asked, disposition="accepted", due=acts.time_in(birch, -1)),
    ):
        with pytest.raises(Refused) as failed:
            acts.answer(birch, case, passed)
        assert failed.value.code == "clock.passed"
    acts.answer(birch, case, kinds.Answer(request=asked, disposition="accepted"))
