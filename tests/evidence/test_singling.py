"""Rare values are named before rows leave; a column in which every row differs says nothing by that."""

from __future__ import annotations

from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.evidence import singling
from comity.evidence.rows import Row, read_rows
from comity.evidence.singling import IN_TEXT, Looked, find_rare


def rows_of(text: str) -> list[Row]:
    return list(read_rows("csv/1", [text.encode()]))


def looked(text: str, *shown: int, k: int = 5) -> Looked:
    rows = rows_of(text)
    return find_rare("csv/1", rows, {r.index: r for r in rows if r.index in shown}, k)


LOG = "time,user,src\n" + "".join(
    f"2031-03-01T08:{n:02d}:00Z,{'night operator' if n == 7 else 'desk'},"
    f"{'203.0.113.9' if n < 20 else '198.51.100.1'}\n"
    for n in range(40)
)


def test_a_value_of_one_row_is_named() -> None:
    found = looked(LOG, 9)
    warned = {c.column: (c.rows, c.fewest) for c in found.warnings}
    assert warned == {"user": ((9,), 1)}
    assert {c.column for c in found.columns if not c.warns} == {"time"}
    assert found.rows == 41


def test_a_value_of_many_rows_is_not() -> None:
    assert not looked(LOG, 3, 4).warnings


def test_the_threshold_is_the_readers_choice() -> None:
    assert not looked(LOG, 3, k=2).warnings
    assert {c.column for c in looked(LOG, 3, k=21).warnings} == {"src"}


def test_an_address_warns_even_where_every_row_differs() -> None:
    text = "n,from\n" + "".join(f"{n},person{n}@relay.example\n" for n in range(40))
    (column,) = looked(text, 5).warnings
    assert (column.column, column.own, column.address) == ("from", True, True)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("2026-10-03 10:00:00", False),
        ("08:12", False),
        ("00:1a:2b:3c:4d:5e", True),
        ("2001:db8::7", True),
        ("to 203.0.113.9:443", True),
        ("1.2.3.4.5", False),
        ("ops@relay.example", True),
    ],
)
def test_a_time_is_no_address(text: str, address: bool) -> None:
    rows = f"n,what\n1,{text}\n" + "".join(f"{n},{n}\n" for n in range(2, 30))
    warned = {c.column for c in looked(rows, 2).warnings if c.address}
    assert warned == ({"what"} if address else set())


def test_text_without_columns_is_searched_for_addresses() -> None:
    raw = b"".join(b"relay %d from 203.0.113.%d\n" % (n, n // 10) for n in range(40)) + b"by 2001:db8::17\n"
    rows = list(read_rows("lines/1", [raw]))
    found = find_rare("lines/1", rows, {r.index: r for r in rows if r.index in (3, 41)})
    (column,) = found.warnings
    assert (column.column, column.rows, column.fewest) == (IN_TEXT, (41,), 1)


@given(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=60), st.data())
def test_a_shown_row_warns_exactly_where_its_value_is_rare(values: list[str], data: st.DataObject) -> None:
    text = "letter\n" + "".join(f"{v}\n" for v in values)
    at = data.draw(st.integers(0, len(values) - 1))
    k = data.draw(st.integers(1, 10))
    found = looked(text, at + 2, k=k)
    count = values.count(values[at])
    assert bool(found.columns) == (count < k)
    if count < k:
        assert found.columns[0].fewest == count


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["desk", "night operator", "ab", "x'y\"z", "\u00e6ther", "203.0.113.9", ""]),
            st.sampled_from(["192.0.2.7", "desk", "export 77", "1", "\\x41bc"]),
        ),
        min_size=1,
        max_size=60,
    ),
    st.integers(2, 6),
    st.data(),
)
def test_rows_that_can_change_nothing_are_passed_over(
    cells: list[tuple[str, str]], k: int, data: st.DataObject
) -> None:
    """What is found is the same whether or not settled values are looked for any more."""
    text = "user,what\n" + "".join('"' + a.replace('"', '""') + '",' + b + "\n" for a, b in cells)
    shown = data.draw(st.sets(st.integers(2, len(cells) + 1), min_size=1, max_size=4))
    with mock.patch.object(singling, "_BOUND", 10):
        with mock.patch.object(singling, "_SETTLED", 10**9):
            every = looked(text, *shown, k=k)
        with mock.patch.object(singling, "_SETTLED", 3):
            assert looked(text, *shown, k=k) == every
