"""Rows that were not asked whole, behind the name of an engine."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from comity.findings.partly import LONGEST, read_partly, rows_of_partly, say_engine


def test_rows_stand_behind_the_engine() -> None:
    assert say_engine("comity 1", ()) == "comity 1"
    said = say_engine("comity 1", (3, 4, 9))
    assert said == "comity 1; rows not asked whole: 3-4, 9"
    assert read_partly(said) == "3-4, 9"
    assert read_partly("comity 1") == ""


def test_a_row_of_two_reasons_is_named_once() -> None:
    assert rows_of_partly({"a": (4, 2), "b": (2,)}) == (2, 4)
    assert rows_of_partly(None) == ()


def test_an_engine_of_another_form_names_no_rows() -> None:
    for engine in ("comity 1; rows not asked whole: many", "x; rows not asked whole: 3 or so", "3-4"):
        assert read_partly(engine) == ""


@given(st.lists(st.integers(1, 10**15), unique=True, min_size=1))
def test_what_is_said_fits_a_record_and_counts_every_row(rows: list[int]) -> None:
    said = say_engine("comity 1.0.0", sorted(rows))
    assert len(said) <= LONGEST
    shown, _, more = read_partly(said).partition(" and ")
    told = sum(1 + int(b or a) - int(a) for a, _, b in (each.partition("-") for each in shown.split(", ")))
    assert told + int(more.removesuffix(" more") or 0) == len(rows)
