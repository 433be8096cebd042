"""The laws of the fold on the demo's own records, as three nodes hold them after a telling."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest

from comity.case.clocks import clocks, notices
from comity.case.fold import Fact, fold
from comity.case.state import State, depth
from comity.case.support import assertions
from comity.case.time import intervals
from comity.case.verified import Verified, verify_read
from comity.exchange.node import Node
from comity.records import envelopes, kinds
from comity.records.bundles import Opening, Record, open_record
from tests.demo.telling import NODES, Telling, tell_both

# Ten thousand roads in all, shared out among the laws.
SHUFFLES, SPLITS, LATE, BARE = 4000, 3000, 2000, 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """What one node holds of the case: whole records, the same bare and without content, attestations."""

    me: str
    state: State
    records: Mapping[str, Verified[Record]]
    framed: Mapping[str, Verified[Record]]
    bare: Mapping[str, Verified[Record]]
    attestations: Sequence[Fact]

    @property
    def facts(self) -> list[Fact]:
        return [*self.records.values(), *self.attestations]

    @property
    def nothing(self) -> State:
        return State(case=self.state.case)


def read_shelf(node: Node) -> Shelf:
    """Everything verified anew from the bytes in the journal."""
    (case,) = node.cases()
    records, framed, bare = {}, {}, {}
    for held in node.journal.held(case):

        def read(opening: Opening | None) -> Verified[Record]:
            record = open_record(envelopes.open_envelope(held.envelope, held.id), opening, held.id)  # noqa: B023
            return verify_read(record, held.receipt, node.author(held.iss), node.author(held.home), held.id)  # noqa: B023

        records[held.id] = read(held.opening)
        framed[held.id] = read(held.opening.without_content() if held.opening else None)
        bare[held.id] = read(None)
    state = node.state(case)
    witnesses = [w.vkey for w in state.policy.witnesses] if state.policy else []
    attestations = [node.attestation(raw, witnesses) for _, raw in node.journal.attestations(case)]
    return Shelf(
        me=node.party.id, state=state, records=records, framed=framed, bare=bare, attestations=attestations
    )


@pytest.fixture(scope="session")
def shelves(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Shelf]:
    telling: Telling = tell_both(tmp_path_factory)[0]
    found: dict[str, Shelf] = {}
    for role in NODES:
        with telling.node(role) as node:
            found[role] = read_shelf(node)
    return found


def shuffle(facts: Sequence[Fact], rng: random.Random) -> list[Fact]:
    return rng.sample(facts, len(facts))


def test_the_demo_is_a_case_worth_the_name(shelves: dict[str, Shelf]) -> None:
    for shelf in shelves.values():
        assert len(shelf.records) > 60
        assert len(shelf.attestations) > 10
        assert len(shelf.state.by_kind) >= 17
        assert not shelf.state.refused
        assert not shelf.state.waiting
        assert not shelf.state.forks
        assert fold(shelf.facts, shelf.nothing) == shelf.state


def test_every_order_gives_one_state(shelves: dict[str, Shelf]) -> None:
    rng = random.Random("shuffles")
    for shelf in shelves.values():
        whole = shelf.state.canonical()
        for _ in range(SHUFFLES // len(shelves)):
            assert fold(shuffle(shelf.facts, rng), shelf.nothing).canonical() == whole


def test_folding_in_two_parts_is_folding_at_once(shelves: dict[str, Shelf]) -> None:
    """Of any part of the facts, split anywhere: ``fold(b, fold(a)) == fold(a + b)``."""
    rng = random.Random("splits")
    for shelf in shelves.values():
        for _ in range(SPLITS // len(shelves)):
            facts = rng.sample(shelf.facts, rng.randint(0, len(shelf.facts)))
            cut = rng.randint(0, len(facts))
            in_parts = fold(facts[cut:], fold(facts[:cut], shelf.nothing))
            assert in_parts.canonical() == fold(facts, shelf.nothing).canonical()


def test_what_comes_late_is_as_if_it_had_come_in_time(shelves: dict[str, Shelf]) -> None:
    rng = random.Random("late")
    for shelf in shelves.values():
        whole = shelf.state.canonical()
        for _ in range(LATE // len(shelves)):
            facts, state = shuffle(shelf.facts, rng), shelf.nothing
            while facts:
                count = rng.randint(1, len(facts))
                state, facts = fold(facts[:count], state), facts[count:]
            assert state.canonical() == whole


def test_opened_later_is_opened_at_once(shelves: dict[str, Shelf]) -> None:
    """Envelopes first, or frames; then some of the openings, in any order; then all."""
    rng = random.Random("bare")
    for shelf in shelves.values():
        whole = shelf.state.canonical()
        for _ in range(BARE // len(shelves)):
            lesser = [rng.choice((shelf.bare, shelf.framed))[r] for r in shelf.records]
            state = fold(shuffle([*lesser, *shelf.attestations], rng), shelf.nothing)
            some = rng.sample(shelf.facts, rng.randint(0, len(shelf.facts)))
            state = fold(shuffle(shelf.facts, rng), fold(some, state))
            assert state.canonical() == whole


def test_what_a_reader_sees_does_not_depend_on_the_road(shelves: dict[str, Shelf]) -> None:
    rng = random.Random("seen")
    for shelf in shelves.values():
        for _ in range(20):
            other = fold(shuffle(shelf.facts, rng), shelf.nothing)
            assert other == shelf.state
            assert assertions(other) == assertions(shelf.state)
            assert notices(other, {}) == notices(shelf.state, {})
            assert intervals(other) == intervals(shelf.state)
            assert other.audiences == shelf.state.audiences
            for as_of in (0, 2**31, 2**33):
                assert clocks(other, as_of) == clocks(shelf.state, as_of)


def test_nodes_agree_where_audiences_agree(shelves: dict[str, Shelf]) -> None:
    """Each node's state is the view of its party, computed from what the three hold together."""
    deepest: dict[str, Verified[Record]] = {}
    attestations: list[Fact] = []
    for shelf in shelves.values():
        attestations += shelf.attestations
        for record, fact in shelf.records.items():
            if record not in deepest or depth(deepest[record].value) < depth(fact.value):
                deepest[record] = fact
    one = shelves["claimant"]
    whole = fold([*deepest.values(), *attestations], one.nothing)
    for shelf in shelves.values():
        assert shelf.records.keys() == deepest.keys()
        seen: list[Fact] = []
        for record, fact in deepest.items():
            may = whole.readable_by(record, shelf.me)
            seen.append(fact if may else shelf.bare[record])
        view = fold([*seen, *attestations], one.nothing)
        assert view.canonical() == shelf.state.canonical()
        assert assertions(view) == assertions(shelf.state)
        # Everything that was said is published in the end, so all see one case.
        assert {
            r for r in whole.accepted if kinds.PUBLIC in whole.audiences[r]
        } <= shelf.state.accepted.keys()
        assert clocks(shelf.state, 2**31) == clocks(one.state, 2**31)
        assert intervals(shelf.state) == intervals(one.state)
