"""Assessments between real nodes: whoever reads one may read what it rests on, and repeats it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from comity.errors import Refused
from comity.exchange import acts
from comity.exchange.node import Node
from comity.records import kinds
from comity.records.kinds import Assess
from comity.weighing.recompute import recompute
from tests.exchange.network import World
from tests.weighing.written import item, weighed, written


def resting_on(record: str) -> Assess:
    content = weighed(written(item("spray"), item("word", origin="desk")))
    first, second = content.items
    rested = msgspec.structs.replace(first, record=record, cite="")
    return msgspec.structs.replace(content, items=(rested, second))


def test_another_party_computes_it_again(tmp_path: Path) -> None:
    world = World(tmp_path, ["alder", "birch"])
    a, b = world.nodes
    case = acts.open_case(a, "2026-10-05", kinds.Policy(quorum=1, witnesses=(_witness(a), _witness(b))))
    acts.invite(a, case, b.party.id)
    world.settle()
    stated = acts.state_claim(a, case, "Night", [kinds.Assertion(text="It was at night.", level="tactical")])
    made = acts.assess(a, case, resting_on(stated.value.id))
    world.settle()
    received = b.state(case).accepted[made.value.id].content
    assert isinstance(received, Assess)
    assert recompute(received).differs == ()
    assert stated.value.id in b.state(case).accepted[made.value.id].frame.references


def test_nobody_is_shown_an_assessment_of_what_it_may_not_read(tmp_path: Path) -> None:
    world = World(tmp_path, ["alder", "birch", "cedar"])
    a, b, c = world.nodes
    case = acts.open_case(a, "2026-10-05", kinds.Policy(quorum=1, witnesses=(_witness(a), _witness(b))))
    for other in (b, c):
        acts.invite(a, case, other.party.id)
    world.settle()
    claim = [kinds.Assertion(text="It was at night.", level="tactical")]
    stated = acts.state_claim(a, case, "Night", claim, to=[b.party.id])
    before = len(a.state(case).records)
    with pytest.raises(Refused) as error:
        acts.assess(a, case, resting_on(stated.value.id))
    assert error.value.code == "rule.6"
    assert len(a.state(case).records) == before
    made = acts.assess(a, case, resting_on(stated.value.id), to=[b.party.id])
    world.settle()
    assert made.value.id not in c.state(case).accepted


def _witness(node: Node) -> kinds.Witness:
    return kinds.Witness(vkey=node.party.card.witness, party=node.party.id)
