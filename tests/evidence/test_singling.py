"""Rare values are named before rows leave; a column in which every row differs says nothing by that."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.evidence import bulk, sifting, singling
from comity.evidence.bulk import batch_rows, read_batches
from comity.evidence.formats import FormatName
from comity.evidence.rows import Row, read_rows
from comity.evidence.sifting import IN_TEXT
from comity.evidence.singling import Looked, Rare, _addresses, _values, find_rare


def rows_of(text: str) -> list[Row]:
    return list(read_rows("csv/1", [text.encode()]))


def looked(text: str, *shown: int, k: int = 5) -> Looked:
    rows = rows_of(text)
    return find_rare("csv/1", batch_rows(rows), {r.index: r for r in rows if r.index in shown}, k)


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
    found = find_rare("lines/1", batch_rows(rows), {r.index: r for r in rows if r.index in (3, 41)})
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


def counted(format_name: FormatName, rows: Sequence[Row], shown: set[int], k: int, first: int) -> Looked:
    """The same, in the plainest way: every row is read, every value counted."""
    found = [(row.index, _values(format_name, row.raw, row.context)) for row in rows]
    counts = Counter(pair for _, pairs in found for pair in pairs)
    columns = []
    for column in {name for index, pairs in found if index in shown for name, _ in pairs}:
        rare = {
            (index, value): counts[column, value]
            for index, pairs in found
            for name, value in pairs
            if index in shown and name == column and counts[column, value] < k
        }
        beginning = [value for _, pairs in found[:first] for name, value in pairs if name == column]
        own = len(beginning) >= 10 and len(set(beginning)) >= 0.9 * len(beginning)
        if rare:
            columns.append(
                Rare(
                    column=column,
                    rows=tuple(sorted({index for index, _ in rare})),
                    fewest=min(rare.values()),
                    own=own and column != IN_TEXT,
                    address=any(_addresses(value) for _, value in rare),
                )
            )
    columns.sort(key=lambda c: (not c.warns, c.fewest, c.column))
    return Looked(k=k, rows=len(rows), columns=tuple(columns))


CELLS = st.lists(
    st.tuples(
        st.sampled_from(
            ["desk", "night operator", "ab", "x'y\"z", "\u00e6ther", "203.0.113.9", "", "b@c.example"]
        ),
        st.sampled_from(["192.0.2.7", "desk", "export 77", "1", "\\x41bc", "-", "1.5", "x" * 510]),
    ),
    min_size=1,
    max_size=60,
)  # fmt: skip


def table(cells: list[tuple[str, str]]) -> str:
    return "user,what\n" + "".join('"' + a.replace('"', '""') + '",' + b + "\n" for a, b in cells)


def objects(cells: list[tuple[str, str]]) -> str:
    return "".join(json.dumps({"user": a, "what": [b, 1.5, len(b)], "n": {"b": b}}) + "\n" for a, b in cells)


WRITERS: dict[FormatName, Callable[[list[tuple[str, str]]], str]] = {
    "csv/1": table,
    "jsonl/1": objects,
    "lines/1": lambda cells: "".join(f"{a} from {b}\n" for a, b in cells),
    "w3c/1": lambda cells: "#Fields: user what\n" + "".join(f"{a} {b}\n" for a, b in cells),
    "zeek/1": lambda cells: "#fields\tuser\twhat\n" + "".join(f"{a}\t{b}\n" for a, b in cells),
}


@given(CELLS, st.sampled_from(sorted(WRITERS)), st.integers(1, 6), st.data())
def test_what_is_found_is_what_counting_every_value_finds(
    cells: list[tuple[str, str]], format_name: FormatName, k: int, data: st.DataObject
) -> None:
    raw = WRITERS[format_name](cells).encode()
    rows = list(read_rows(format_name, [raw]))
    shown = data.draw(st.sets(st.integers(1, len(rows)), min_size=1, max_size=4))
    first = data.draw(st.sampled_from([0, 3, 12, 16_384]))
    with (
        mock.patch.object(singling, "_FIRST", first),
        mock.patch.object(bulk, "BATCH_ROWS", 7),
        mock.patch.object(sifting, "_DENSE", data.draw(st.sampled_from([1, 16]))),
    ):
        found = find_rare(
            format_name, read_batches(format_name, [raw]), {r.index: r for r in rows if r.index in shown}, k
        )
    assert found == counted(format_name, rows, shown, k, first)
