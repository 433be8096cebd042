"""The laws of the fold, on generated cases: one set of facts, one state, whatever the road to it."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.case.clocks import clocks, notices
from comity.case.fold import Fact, fold
from comity.case.state import State
from comity.case.support import assertions
from comity.case.time import intervals
from comity.records import kinds
from tests.generated import Generated, generate_case, lessen
from tests.world import DAY, fold_case

CASES = 40
cases = st.integers(0, CASES - 1)
randoms = st.integers(0, 2**32).map(random.Random)


@cache
def made(seed: int) -> Generated:
    return generate_case(f"law {seed}", size=24 + seed % 16, parties=2 + seed % 4)


@cache
def honest(seed: int) -> Generated:
    return generate_case(f"honest {seed}", size=30, parties=3 + seed % 3, honest=True)


def shuffle(facts: list[Fact], rng: random.Random) -> list[Fact]:
    return rng.sample(facts, len(facts))


def shuffled_folds(shuffles: int) -> None:
    for seed in range(CASES):
        case, rng = made(seed), random.Random(seed)
        whole = case.state.canonical()
        for _ in range(shuffles):
            assert fold_case(case.case, shuffle(case.facts, rng)).canonical() == whole


def test_ten_thousand_shuffles_give_one_state() -> None:
    shuffled_folds(10_000 // CASES)


@pytest.mark.slow
def test_a_hundred_thousand_shuffles_give_one_state() -> None:
    shuffled_folds(100_000 // CASES)


@given(cases, randoms)
def test_what_a_reader_sees_does_not_depend_on_order(seed: int, rng: random.Random) -> None:
    case = made(seed)
    one, two = case.state, fold_case(case.case, shuffle(case.facts, rng))
    assert one == two
    assert assertions(one) == assertions(two)
    assert notices(one, {}) == notices(two, {})
    for as_of in (case.world.now - 30 * DAY, case.world.now, case.world.now + 30 * DAY):
        assert clocks(one, as_of) == clocks(two, as_of)
    assert intervals(one) == intervals(two)
    assert one.audiences == two.audiences


@given(cases, randoms, st.integers(0, 40))
def test_folding_in_two_parts_is_folding_at_once(seed: int, rng: random.Random, cut: int) -> None:
    case = made(seed)
    facts = shuffle(lessen(case, rng), rng)
    start = State(case=case.case.id)
    at_once = fold(facts, start)
    in_parts = fold(facts[cut:], fold(facts[:cut], start))
    assert in_parts.canonical() == at_once.canonical()
    assert in_parts == at_once


@given(cases, randoms)
def test_a_subset_first_and_the_rest_late(seed: int, rng: random.Random) -> None:
    case = made(seed)
    facts = shuffle(case.facts, rng)
    state = State(case=case.case.id)
    while facts:
        count = rng.randint(1, 8)
        state, facts = fold(facts[:count], state), facts[count:]
    assert state == case.state


@given(cases, randoms)
def test_opened_later_is_opened_at_once(seed: int, rng: random.Random) -> None:
    """Bare or without content first, whole later, in any order and any parts: the state of whole facts."""
    case = made(seed)
    less = shuffle(lessen(case, rng, share=0.9), rng)
    more = shuffle(case.facts, rng)
    state = fold(less, State(case=case.case.id))
    for start in range(0, len(more), 7):
        state = fold(more[start : start + 7], state)
    assert state == case.state


@given(cases, randoms)
def test_lessened_facts_have_one_state_too(seed: int, rng: random.Random) -> None:
    case = made(seed)
    facts = lessen(case, rng, share=0.6)
    assert fold_case(case.case, facts) == fold_case(case.case, shuffle(facts, rng))


@given(cases, randoms)
def test_facts_that_come_again_change_nothing(seed: int, rng: random.Random) -> None:
    case = made(seed)
    state = case.state
    assert fold(rng.choices(case.facts, k=50), state) == state
    assert fold([*case.facts, *case.facts], State(case=case.case.id)) == state
    again = [case.world.again(r) for r in case.records if r.value.content is not None]
    assert fold(again, state).accepted == state.accepted


@given(cases, randoms)
def test_a_judgement_stands_whatever_comes_later(seed: int, rng: random.Random) -> None:
    """New ids never turn accepted into refused, nor refused into accepted."""
    case = made(seed)
    facts = shuffle(case.facts, rng)
    # One record has one depth here: what is opened later is another law.
    state = State(case=case.case.id)
    for fact in facts:
        after = fold([fact], state)
        assert state.accepted.keys() <= after.accepted.keys()
        assert {r: x.rule for r, x in state.refused.items()}.items() <= {
            r: x.rule for r, x in after.refused.items()
        }.items()
        assert state.forks.keys() <= after.forks.keys()
        state = after


@given(cases)
def test_opened_records_are_accepted_refused_or_waiting(seed: int) -> None:
    case = made(seed)
    state = case.state
    opened = {r for r, v in state.records.items() if v.value.content is not None}
    judged = [set(state.accepted), set(state.refused), set(state.waiting)]
    assert set().union(*judged) == opened
    assert sum(map(len, judged)) == len(opened)


@given(cases)
def test_honest_records_are_accepted_and_attacks_are_not(seed: int) -> None:
    case = made(seed)
    state = case.state
    for record in case.records:
        attack = case.hostile.get(record.value.id)
        if attack in ("reference", "closure", "number", "case", "skip", "builds-on-refused"):
            assert record.value.id in state.refused, attack
        elif attack == "waiting":
            assert record.value.id in state.waiting
        elif attack is None and record.value.id in state.refused:
            raise AssertionError(state.refused[record.value.id])


@given(cases)
def test_honest_cases_are_accepted_whole(seed: int) -> None:
    state = honest(seed).state
    assert not state.refused
    assert not state.waiting
    assert not state.forks


@given(cases)
def test_a_view_waits_for_nothing(seed: int) -> None:
    """Whoever folds what it may read, and bare envelopes for the rest, can judge all that it may read."""
    case = honest(seed)
    whole = case.state
    for reader in [*(m.id for m in case.members), kinds.PUBLIC]:
        facts: list[Fact] = list(case.attestations)
        for record in case.records:
            may = whole.readable_by(record.value.id, reader)
            facts.append(record if may else case.world.bare(record))
        view = fold_case(case.case, facts)
        assert not view.waiting
        assert not view.refused
        assert view.accepted.keys() == {r for r in whole.accepted if whole.readable_by(r, reader)}


@given(cases)
def test_closure_whoever_reads_a_record_reads_what_it_rests_on(seed: int) -> None:
    case = made(seed)
    state = case.state
    for record in state.accepted.values():
        for reference in record.frame.references:
            if reference.startswith("t:") or state.accepted[reference].frame.kind == "case.open":
                continue
            for reader in record.frame.audience:
                assert state.readable_by(reference, reader)


@given(cases)
def test_answers_follow_their_target(seed: int) -> None:
    """Withdrawals, responses and re-runs reach whoever their target reaches, also by a later grant."""
    state = made(seed).state
    pairs = {"claim.withdraw": "target", "response.make": "target", "finding.replicate": "finding"}
    for kind, name in pairs.items():
        for record in state.of(kind):
            target = state.accepted[getattr(record.content, name)]
            for reader in [*state.audiences[target.id], target.author]:
                assert state.readable_by(record.id, reader)


@settings(max_examples=20)
@given(cases)
def test_the_fold_is_total_for_facts_of_another_case(seed: int) -> None:
    case, other = made(seed), made((seed + 1) % CASES)
    state = fold(other.facts, case.state)
    assert state.accepted == case.state.accepted
    assert state.forks == case.state.forks


def test_no_facts_no_change() -> None:
    state = made(0).state
    assert fold([], state) is state
    assert fold(made(0).facts, state) is state


def walk_chains(state: State) -> dict[str, str]:
    """Each author's newest record whose chain is held, found the long way."""
    linked: set[str] = set()
    todo = {r: f.value.envelope for r, f in state.records.items()}
    while found := [r for r, e in todo.items() if e.seq == 0 or e.prev in linked]:
        linked.update(found)
        for record in found:
            del todo[record]
    newest: dict[str, tuple[int, str]] = {}
    for record in linked:
        envelope = state.records[record].value.envelope
        newest[envelope.iss] = max(newest.get(envelope.iss, (-1, "")), (envelope.seq, record))
    return {author: record for author, (_, record) in newest.items()}


@given(cases, randoms)
def test_what_is_carried_from_state_to_state_is_what_a_new_count_gives(seed: int, rng: random.Random) -> None:
    case = made(seed)
    facts = [*shuffle(lessen(case, rng, share=0.5), rng), *shuffle(case.facts, rng)]
    state = State(case=case.case.id)
    while facts:
        count = rng.randint(1, 8)
        state, facts = fold(facts[:count], state), facts[count:]
        for read in rng.sample(["depths", "ordered", "members", "audiences"], k=rng.randint(0, 2)):
            getattr(state, read)
        fresh = fold([*state.records.values(), *state.attestations.values()], State(case=case.case.id))
        assert state == fresh
        assert dict(state.newest) == walk_chains(state)
        whole = replace(state, known=None)
        kinds_ = {r.frame.kind for r in state.accepted.values()}
        assert {k: state.of(k) for k in kinds_} == {k: whole.of(k) for k in kinds_}
        if rng.random() < 0.5:
            assert dict(state.depths) == dict(whole.depths)
            assert state.ordered == whole.ordered
            assert state.by_kind == whole.by_kind
            assert state.members == whole.members


@given(cases, randoms)
def test_an_older_state_stays_as_it_was(seed: int, rng: random.Random) -> None:
    case = made(seed)
    facts = shuffle(case.facts, rng)
    states = [State(case=case.case.id)]
    kept = [states[0].canonical()]
    for start in range(0, len(facts), 5):
        begin = rng.choice(states)
        states.append(fold(facts[start : start + 5], begin))
        kept.append(states[-1].canonical())
    assert [state.canonical() for state in states] == kept
