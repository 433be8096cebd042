"""Rows in common are the same whether lists are walked together or looked up."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from comity.records.kinds import ranges_of
from comity.records.spans import common_rows, ranges_in, spans_of


@given(st.sets(st.integers(1, 400), max_size=4), st.sets(st.integers(1, 400), max_size=300))
@example({1, 2, 3, 400}, set(range(1, 400, 2)))
def test_few_rows_are_looked_up_among_many_as_sets_do(few: set[int], many: set[int]) -> None:
    short, long = spans_of([ranges_of(tuple(sorted(few)))]), spans_of([ranges_of(tuple(sorted(many)))])
    both = spans_of([ranges_of(tuple(sorted(few & many)))])
    for a, b in ((short, long), (long, short)):
        found = common_rows(a, b)
        assert found == sorted(found)
        assert spans_of([ranges_in(found)]) == both


@given(st.integers(1, 60), st.integers(0, 60))
def test_a_long_range_holds_all_that_lie_in_it(first: int, count: int) -> None:
    odd = [(n, n) for n in range(1, 200, 2)]
    reach = [(first, first + count)]
    assert common_rows(reach, odd) == [pair for pair in odd if first <= pair[0] <= first + count]


def test_many_short_lists_walk_no_long_one() -> None:
    """A re-run of so many rows, held against so many rules, took minutes."""

    class Counted(list[tuple[int, int]]):
        looked = 0

        def __getitem__(self, at):  # type: ignore[no-untyped-def]
            Counted.looked += 1
            return super().__getitem__(at)

    long = Counted((n, n) for n in range(1, 20_000, 2))
    assert common_rows([(19_001, 19_001)], long) == [(19_001, 19_001)]
    assert Counted.looked < 40
