"""Ranges of rows do what sets of rows would, without being as large."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from comity.records.kinds import ranges_of
from comity.web.spans import common_rows, count_rows, first_rows, spans_of, write_count, write_spans

ROWS = st.sets(st.integers(1, 60))


@given(ROWS, ROWS)
def test_ranges_agree_with_sets(a: set[int], b: set[int]) -> None:
    left, right = spans_of([ranges_of(tuple(a))]), spans_of([ranges_of(tuple(b))])
    assert count_rows(left) == len(a)
    assert first_rows(common_rows(left, right), 100) == sorted(a & b)
    assert first_rows(spans_of([ranges_of(tuple(a)), ranges_of(tuple(b))]), 200) == sorted(a | b)
    assert first_rows(left, 3) == sorted(a)[:3]
    assert first_rows(left, 4, 6) == sorted(a)[5:9]


def test_a_hostile_range_costs_nothing() -> None:
    spans = spans_of([((1, 2**53 - 2),), ((5, 2**52),)])
    assert count_rows(spans) == 2**53 - 2
    assert first_rows(spans, 3) == [1, 2, 3]
    assert first_rows(spans, 2, 2**40) == [2**40, 2**40 + 1]
    assert count_rows(common_rows(spans, [(2, 2**50)])) == 2**50 - 1


def test_rows_in_words() -> None:
    assert write_spans([(3, 4), (9, 9)]) == "3–4, 9"
    assert write_spans([(n, n) for n in range(1, 40, 2)], 2) == "1, 3 and 18 more"
    assert write_count(1, "row") == "1 row"
    assert write_count(1200, "row") == "1,200 rows"
    assert write_count(2, "witness", "witnesses") == "2 witnesses"
