"""What a proof of two histories does for readers of one of them; how far attempts carry a notice."""

from __future__ import annotations

import pytest

from comity.case.clocks import notices
from comity.case.equivocation import prove_ledger
from comity.case.fold import Fact, fold
from comity.case.state import State
from comity.errors import NotVerified
from comity.ledger import note
from comity.ledger.merkle import Tree, leaf_hash
from comity.ledger.witness import prove_split
from comity.records import kinds
from tests import world as w
from tests.rulebook import by_courier, scene
from tests.world import fold_case


def test_who_holds_one_branch_learns_of_the_fork_in_any_order() -> None:
    s = scene()
    one, two = s.claimed(s.b), s.claimed(s.b)
    kept = list(s.facts)
    proof = s.say(s.c, w.fork_of(s.b, two, s.claimed(s.b, after=one)), seen=[two])
    facts: list[Fact] = [*kept, proof]
    state = fold_case(s.case, facts)
    assert proof.value.id in state.accepted
    assert dict(state.forks) == {s.b.id: 1}
    assert state.against_author(state.accepted[two.value.id])
    assert not state.against_author(state.accepted[one.value.id])
    for n in range(len(facts)):
        again = fold(facts[:n], fold(facts[n:], State(case=s.case.id)))
        assert again.digest() == state.digest()


def test_a_fork_in_another_case_marks_nobody_here() -> None:
    s = scene()
    other = s.world.open_case(s.b, invite=[s.c])
    one = s.b.say(w.claim(w.cite()), case=other)
    two = s.b.say(w.claim(w.cite()), case=other, after=s.b.chain[other.id][-2])
    s.claimed(s.b)
    proof = s.say(s.c, w.fork_of(s.b, one, two))
    assert proof.value.id in s.state.accepted
    assert not s.state.forks


def test_a_guest_is_proven_with_its_ledger() -> None:
    s = scene()
    guest = s.world.guest("Guest", s.c)
    s.facts.append(s.world.invite(s.case, s.a, guest))
    one = s.claimed(guest)
    two, three = s.claimed(guest), s.claimed(guest, after=one)
    proof = s.say(s.a, w.fork_of(guest, two, three), seen=[])
    state = s.state
    assert proof.value.id in state.accepted or state.refused[proof.value.id].rule == 4
    assert state.forks[guest.id] == 1


def test_a_split_ledger_is_shown_and_takes_nothing_from_its_records() -> None:
    s = scene()
    stated = s.claimed(s.b)
    proof = s.say(s.c, w.split_of(s.b))
    state = s.state
    assert dict(state.splits) == {s.b.id: proof.value.id}
    assert not state.forks
    assert not state.against_author(state.accepted[stated.value.id])


@pytest.mark.parametrize(("small", "large"), [(1, 2), (2, 3), (3, 7), (4, 8), (5, 6), (8, 13)])
def test_two_sizes_are_proven_by_the_root_that_the_larger_tree_has(small: int, large: int) -> None:
    s = scene()
    honest = [f"leaf {n}" for n in range(large)]
    (first,) = w.heads(s.b, "other", *honest[1:], sizes=(small,))
    (second,) = w.heads(s.b, *honest, sizes=(large,))
    key = note.Vkey.parse(s.b.party.card.checkpoint)
    tree = Tree(leaf_hash(leaf.encode()) for leaf in honest)
    split = prove_split(second, first, key, root=tree.root(small), proof=tree.consistency(small, large))
    assert (split.size, split.notes) == (small, (first, second))
    content = prove_ledger(split, s.b.id, s.b.card)
    assert s.say(s.c, content).value.id in s.state.accepted
    for root in (bytes(32), Tree(leaf_hash(b"x") for _ in range(small)).root()):
        with pytest.raises(NotVerified):
            prove_split(second, first, key, root=root, proof=tree.consistency(small, large))
    (same,) = w.heads(s.b, *honest, sizes=(small,))
    with pytest.raises(NotVerified, match="has the root"):
        prove_split(same, second, key, root=tree.root(small), proof=tree.consistency(small, large))


def test_attempts_by_couriers_make_a_notice_attempted_until_it_is_received() -> None:
    s = scene()
    told, notice = by_courier(s)
    assert notices(s.state)[0].state == "given"
    attempt = s.say(s.c, w.attempt(notice, told))
    (found,) = notices(s.state)
    assert (found.state, found.attempts) == ("delivery-attempted", (attempt.value.id,))
    s.say(told, kinds.Received(record=notice.value.id), notice)
    (found,) = notices(s.state)
    assert (found.state, found.attempts) == ("received", (attempt.value.id,))


def test_an_attempt_by_whoever_gave_the_notice_or_to_another_does_not_count() -> None:
    s = scene()
    told, notice = by_courier(s)
    elsewhere = s.world.party("Elsewhere", [w.NODE])
    s.say(s.c, w.attempt(notice, elsewhere))
    s.say(s.c, w.attempt(w.digest("another notice"), told))
    (found,) = notices(s.state)
    assert (found.state, found.attempts) == ("given", ())
