"""What detections need, put together by log source, says what each of them needs."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.findings.grouped import SPREAD, Need, make_groups, make_users, read_users
from comity.findings.logsource import Logsource

FIELDS, ATOMS = 3, 4
numbers = st.integers(0, ATOMS - 1)
needs = st.tuples(
    st.lists(st.tuples(st.integers(0, FIELDS - 1), st.lists(numbers, min_size=1, unique=True).map(sorted)))
    .map(dict)
    .map(lambda told: list(told.items())),
    st.lists(st.tuples(st.integers(0, FIELDS - 1), numbers), unique=True).map(sorted),
    st.booleans(),
)
packs = st.lists(
    st.tuples(needs, st.sampled_from([Logsource(product="a"), Logsource(service="b")])), max_size=9
)


@given(packs)
def test_each_detection_stands_in_one_group_with_what_it_needs(
    pack: Sequence[tuple[Need, Logsource]],
) -> None:
    told = [need for need, _ in pack]
    groups = make_groups(told, [logsource for _, logsource in pack])
    assert sorted(place for group in groups for place in group.places) == list(range(len(pack)))
    for group in groups:
        assert len({(pack[place][1], group.reads) for place in group.places}) == 1
        fields = dict(group.fields)
        for number, place in enumerate(group.places):
            alone, others, reads = told[place]
            assert reads == group.reads
            assert bool(others) == (number < group.spread)
            assert {field for field, bits in fields.items() if bits >> number & 1} == {f for f, _ in alone}
            assert fields.keys() >= {field for field, _ in (*alone, *others)}
            assert (number in group.direct) == (not alone and not others)


@given(packs)
def test_what_an_atom_matters_to_is_what_looks_for_it(pack: Sequence[tuple[Need, Logsource]]) -> None:
    told = [need for need, _ in pack]
    for field, made in enumerate(make_users(told, [ATOMS] * FIELDS)):
        kept = read_users(made.render())
        for atom in range(ATOMS):
            alone = [
                2 * n for n, each in enumerate(told) for f, guard in each[0] if f == field and atom in guard
            ]
            spread = [2 * n + SPREAD for n, each in enumerate(told) if (field, atom) in each[1]]
            assert sorted(made.of(atom)) == sorted(kept.of(atom)) == sorted(alone + spread)
        for places in ({0}, {1, 2}, set(range(9))):
            wanted = [n for n in range(ATOMS) if {each >> 1 for each in made.of(n)} & places]
            assert kept.atoms_of(places) == wanted


@pytest.mark.parametrize("change", [slice(0), slice(3), slice(4), slice(-4), slice(4, None), slice(None, 12)])
def test_what_was_cut_is_refused(change: slice) -> None:
    (made,) = make_users([([(0, [0, 1])], [(0, 2)], True)], [3])
    with pytest.raises((ValueError, LookupError)):
        read_users(made.render()[change])
