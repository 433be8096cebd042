"""What has no answer on record: every kind of it, of every party alike, gone once it is answered."""

from __future__ import annotations

from collections import Counter

import pytest

from comity.case.awaiting import Awaited, awaited
from comity.case.clocks import clocks
from comity.case.state import State
from comity.records import bodies, kinds
from tests.generated import generate_case
from tests.world import DAY, Actor, Case, Said, World, fold_case, item, seal

GENERATED = {"package", "more-time", "action", "statement", "text", "suggestion"}
"""The others are answered over several nodes: tests/exchange, disclosing and matching."""


def test_generated_cases_have_each_kind_of_it() -> None:
    met: Counter[str] = Counter()
    for seed in range(6):
        made = generate_case(seed, size=60)
        state = made.state
        at = bodies.parse_time(max(r.frame.at for r in state.ordered))
        for shift in (-9 * DAY, 0, 9 * DAY):
            for one in (found := awaited(state, clocks(state, at + shift))):
                met[one.what] += 1
                assert one.party in state.members
                assert one.party != one.by
                assert state.accepted[one.record].author == one.by
            assert len(set(found)) == len(found)
            order = [r.id for r in state.ordered]
            assert [one.record for one in found] == sorted((one.record for one in found), key=order.index)
    assert set(met) == GENERATED


@pytest.fixture
def two() -> tuple[World, Case, Actor, Actor]:
    world = World()
    a, b = world.party("alder"), world.party("birch")
    case = world.open_case(a)
    world.invite(case, a, b)
    return world, case, a, b


def waits(case: Case, records: list[Said]) -> list[Awaited]:
    state: State = fold_case(case, records)
    return list(awaited(state, clocks(state, bodies.parse_time(state.ordered[-1].frame.at))))


def test_a_transfer_waits_for_its_other_half(two: tuple[World, Case, Actor, Actor]) -> None:
    world, case, a, b = two
    thing = item("log")
    sealed = a.say(seal(thing), case=case)
    transfer = a.say(
        kinds.Transfer(item=thing, to=b.id, copy="working", purpose="examination"),
        case=case,
        references=[sealed.value.id],
    )
    found = waits(case, world.all_again())
    assert found == [Awaited(what="transfer", party=b.id, by=a.id, record=transfer.value.id)]
    b.say(
        kinds.Receive(transfer=transfer.value.id, item=thing, condition="intact", checked="root"),
        case=case,
        references=[transfer.value.id],
    )
    assert waits(case, world.all_again()) == []
