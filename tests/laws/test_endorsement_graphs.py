"""Endorsement graphs: copies of one origin count once, and a circle of voices adds nothing, in any graph."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.case.circles import circular_endorsements, components, withdrawn_endorsements
from comity.case.state import State
from comity.case.support import AssertionFacts, assertions
from comity.records import kinds
from tests import world as w
from tests.rulebook import scene

PARTIES = 5
# (endorser, the party whose assertion it is about, basis, origin of its own evidence)
Edge = tuple[int, int, str, str]
BASES = ["own-evidence", "reviewed", "trust", "undeclared"]

edges = st.lists(
    st.tuples(
        st.integers(0, PARTIES - 1),
        st.integers(0, PARTIES - 1),
        st.sampled_from(BASES),
        st.sampled_from(["", "gateway", "proxy"]),
    ).filter(lambda e: e[0] != e[1]),
    max_size=12,
)
sealed_by = st.sets(st.integers(0, PARTIES - 1), max_size=2)


def graph(drawn: Sequence[Edge], sealed: set[int], *, withdraw: int = -1) -> State:
    """A case in which each party asserts one thing, some on evidence, and endorses as drawn."""
    s = scene("graph")
    actors = [s.a, s.b, s.c, *(s.world.party(f"Party {n}") for n in range(PARTIES - 3))]
    s.facts += [s.world.invite(s.case, s.a, actor) for actor in actors[3:]]
    stated = []
    for n, actor in enumerate(actors):
        if n in sealed:
            item = s.say(actor, w.seal(w.item("evidence", n), origin=f"origin {n}"))
            stated.append(s.say(actor, w.claim(w.on(item)), item))
        else:
            stated.append(s.say(actor, w.claim(w.cite())))
    for number, (by, of, basis, origin) in enumerate(drawn):
        own = []
        if basis == "own-evidence":
            own = [s.say(actors[by], w.seal(w.item("copy", number), origin=origin))]
        content = kinds.Endorse(
            target=w.target(stated[of]),
            basis=basis,  # type: ignore[arg-type]  # one of four
            supports=tuple(w.on(r) for r in own),
        )
        voice = s.say(actors[by], content, stated[of], *own)
        if number == withdraw:
            from comity.records.kinds_of_procedure import WithdrawEndorsement

            s.say(actors[by], WithdrawEndorsement(endorsement=voice.value.id, reason="No."), voice)
    state = s.state
    assert not state.refused
    return state


def counted(facts: AssertionFacts) -> tuple[tuple[str, ...], int]:
    return facts.origins, facts.undeclared


def reaches(pairs: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """Every pair of which one reaches the other, found the slow way."""
    found = set(pairs)
    for middle in range(PARTIES):
        for one in range(PARTIES):
            for other in range(PARTIES):
                if (one, middle) in found and (middle, other) in found:
                    found.add((one, other))
    return found


def lent(edge: Edge, sealed: set[int]) -> bool:
    return edge[2] in ("trust", "reviewed") and edge[1] not in sealed


@settings(max_examples=25)
@given(edges, sealed_by)
def test_a_circle_adds_nothing(drawn: list[Edge], sealed: set[int]) -> None:
    check_circles(drawn, sealed)


SHAPES: dict[str, list[tuple[int, int]]] = {
    "two": [(0, 1), (1, 0)],
    "ring": [(n, (n + 1) % 5) for n in range(5)],
    "ring with a chord": [*((n, (n + 1) % 5) for n in range(5)), (0, 2)],
    "figure of eight": [(0, 1), (1, 2), (2, 0), (2, 3), (3, 4), (4, 2)],
    "two rings and a bridge": [(0, 1), (1, 0), (1, 2), (3, 4), (4, 3), (2, 3)],
    "chain into a ring": [(0, 1), (1, 2), (2, 3), (3, 4), (4, 2)],
    "all of all": [(one, other) for one in range(5) for other in range(5) if one != other],
    "star inwards": [(n, 0) for n in range(1, 5)],
    "star outwards": [(0, n) for n in range(1, 5)],
    "diamond": [(0, 1), (0, 2), (1, 3), (2, 3)],
    "the same twice": [(0, 1), (0, 1), (1, 0), (1, 0)],
}


@pytest.mark.parametrize("sealed", [set(), {2}], ids=["on words alone", "one on evidence"])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_circle_of_any_shape_adds_nothing(shape: str, sealed: set[int]) -> None:
    check_circles([(by, of, BASES[1 + n % 2], "") for n, (by, of) in enumerate(SHAPES[shape])], sealed)


@pytest.mark.parametrize("shape", SHAPES)
def test_one_origin_behind_any_shape_is_one(shape: str) -> None:
    """Everyone endorses on a copy of one log: whoever endorses whom, it is one origin."""
    drawn: list[Edge] = [(by, of, "own-evidence", "gateway") for by, of in SHAPES[shape]]
    for n, facts in enumerate(assertions(graph(drawn, set()))):
        endorsed = any(of == n for _, of in SHAPES[shape])
        assert facts.origins == (("gateway",) if endorsed else ())
        assert facts.undeclared == 1  # the citation that each assertion rests on itself


def check_circles(drawn: list[Edge], sealed: set[int]) -> None:
    far = reaches({(e[0], e[1]) for e in drawn if lent(e, sealed)})
    circular = [lent(e, sealed) and (e[1], e[0]) in far for e in drawn]
    whole, without = (
        assertions(graph(chosen, sealed))
        for chosen in (drawn, [e for e, in_circle in zip(drawn, circular, strict=True) if not in_circle])
    )
    assert [counted(f) for f in whole] == [counted(f) for f in without]
    told = [e.counts == "circular" for f in whole for e in f.endorsements if e.counts != "repeated"]
    assert any(told) == any(circular)


@settings(max_examples=25)
@given(
    edges, sealed_by, st.integers(1, 4), st.integers(0, PARTIES - 1), st.sampled_from(["gateway", "proxy"])
)
def test_copies_of_one_origin_count_once(
    drawn: list[Edge], sealed: set[int], copies: int, of: int, origin: str
) -> None:
    others = [n for n in range(PARTIES) if n != of]
    silent = [e for e in drawn if e[1] != of]
    one = [*silent, (others[0], of, "own-evidence", origin)]
    more = [*silent, *((n, of, "own-evidence", origin) for n in others[:copies])]
    first, second = (assertions(graph(chosen, sealed))[of] for chosen in (one, more))
    assert counted(first) == counted(second)
    assert len(second.endorsements) == copies
    assert second.origins.count(origin) == 1


@settings(max_examples=15)
@given(edges.filter(bool), sealed_by, st.data())
def test_an_endorsement_taken_back_counts_as_if_it_had_not_been_given(
    drawn: list[Edge], sealed: set[int], data: st.DataObject
) -> None:
    gone = data.draw(st.integers(0, len(drawn) - 1))
    with_it = assertions(graph(drawn, sealed, withdraw=gone))
    without = assertions(graph(drawn[:gone] + drawn[gone + 1 :], sealed))
    assert [counted(f) for f in with_it] == [counted(f) for f in without]
    assert sum(bool(e.withdrawn) for f in with_it for e in f.endorsements) == 1


@given(st.sets(st.tuples(st.integers(0, PARTIES - 1), st.integers(0, PARTIES - 1)), max_size=20))
def test_components_are_where_two_reach_each_other(pairs: set[tuple[int, int]]) -> None:
    part = components({(str(a), str(b)) for a, b in pairs})
    far = reaches(pairs)
    for a in {n for pair in pairs for n in pair}:
        for b in {n for pair in pairs for n in pair}:
            together = a == b or ((a, b) in far and (b, a) in far)
            assert (part[str(a)] == part[str(b)]) == together


def test_a_long_chain_needs_no_stack() -> None:
    part = components({(f"{n}", f"{n + 1}") for n in range(20_000)} | {("20000", "0")})
    assert len(set(part.values())) == 1


def test_five_endorsements_one_declared_origin_two_undeclared() -> None:
    drawn: list[Edge] = [
        (1, 0, "own-evidence", "gateway"),
        (2, 0, "own-evidence", "gateway"),
        (3, 0, "trust", ""),
        (4, 0, "undeclared", ""),
    ]
    facts = assertions(graph(drawn, {0}))[0]
    # Its own evidence is an origin of its own; the two copies of the gateway are one.
    assert facts.origins == ("gateway", "origin 0")
    assert facts.undeclared == 2
    assert [e.counts for e in facts.endorsements] == ["", "", "", ""]


def test_two_that_only_trust_each_other_are_circular_under_rules_2_alone() -> None:
    drawn: list[Edge] = [(0, 1, "trust", ""), (1, 0, "trust", "")]
    state = graph(drawn, set())
    facts = assertions(state)
    assert [e.counts for f in facts[:2] for e in f.endorsements] == ["circular", "circular"]
    assert [f.undeclared for f in facts[:2]] == [1, 1]  # the citation that each rests on itself
    assert circular_endorsements(State(case=state.case), withdrawn_endorsements(state)) == frozenset()
    on_evidence = assertions(graph(drawn, {0}))
    assert [e.counts for f in on_evidence for e in f.endorsements] == ["", ""]
