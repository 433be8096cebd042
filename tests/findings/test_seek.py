"""Atoms looked for by the compiled loop are those that a column finds."""

from __future__ import annotations

import ctypes

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.findings import seek, seek_tables
from comity.findings.columns import Budget, Column
from comity.findings.seek import SeekColumn, load_seek
from comity.findings.seek_kernel import FULL
from comity.findings.seek_kernel import seek as plain_seek
from comity.findings.seek_tables import ALIKE, LONG, make_tables, read_tables, render_tables
from tests.findings.test_pieces import atoms, others, texts

loop = load_seek()
if loop is None:
    pytest.skip("llvmlite is not installed", allow_module_level=True)

short = st.tuples(
    st.sampled_from(["equals", "contains", "startswith", "endswith"]),
    st.text("abcé=", min_size=1, max_size=3),
    st.just(value=False),
)
expressions = st.sampled_from([("regex", text, True) for text in ("a", "[Aa]b[bB]", r"\w", "^b|c$", "cd=")])
asked_for = st.lists(atoms() | others | short | expressions, max_size=12, unique=True)
told_of = st.lists(texts | st.sampled_from(["10.1.2.3", "3", "abbc", "aabc" * 9, "É\n", ""]), max_size=6)


def interpreted(data: bytes, ends: int, count: int, heads: int, shift: int, *more: int) -> int:
    """The loop as Python runs it, given the same addresses."""
    filed, blob, found, room, piece, mask = more
    places = [ctypes.c_int64.from_address(ends + 8 * n).value for n in range(count)]
    told = (ctypes.c_int32 * room).from_address(found)
    size = (1 << (32 - shift)) + 1
    numbers = (ctypes.c_int32 * size).from_address(heads)
    literals = (ctypes.c_int32 * (4 * max(1, numbers[size - 1]))).from_address(filed)
    longest = max((literals[n] + literals[n + 1] for n in range(0, len(literals), 4)), default=0)
    pieces = (ctypes.c_uint8 * longest).from_address(blob)
    return plain_seek(data, places, count, numbers, shift, literals, pieces, told, room, piece, mask)  # type: ignore[arg-type]


def columns_of(asked: list[tuple[str, str, bool]]) -> tuple[Column, SeekColumn, SeekColumn]:
    column = Column((), Budget(0))
    column.file(enumerate(asked))
    assert loop is not None
    made = make_tables(asked)
    kept = read_tables(*render_tables(made), len(asked))
    return column, SeekColumn(kept, loop, lambda: column), SeekColumn(made, interpreted, lambda: column)


@settings(max_examples=200, deadline=None)
@given(asked_for, told_of, st.sampled_from([3, 5, 24]))
def test_the_loop_finds_what_a_column_finds(
    asked: list[tuple[str, str, bool]], told: list[str], tail: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seek_tables, "TAIL", tail)
        column, compiled, slow = columns_of(asked)
    wanted = [set(found) for found in column.search_all(told)]
    assert [set(found) for found in compiled.search_all(told)] == wanted
    assert [set(found) for found in slow.search_all(told)] == wanted
    assert [set(*compiled.search_all([text])) for text in told] == wanted


def test_too_many_literals_under_a_piece_are_left_to_the_column() -> None:
    asked = [("contains", "aaa" + "a" * n, False) for n in range(70)]
    assert sum(len(value) for _, value, _ in asked) > ALIKE
    column, compiled, _ = columns_of(asked)
    assert list(map(set, compiled.search_all(["a" * 40]))) == list(map(set, column.search_all(["a" * 40])))
    assert list(map(set, compiled.search_all(["x"]))) == [set()]


def test_too_much_in_a_text_is_left_to_the_column(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seek, "ROOM", 0)
    asked = [("contains", "aaa" + "a" * n, False) for n in range(9)]
    column, compiled, slow = columns_of(asked)
    told = ["a" * 200, "aaaa"]
    wanted = [set(found) for found in column.search_all(told)]
    assert [set(found) for found in compiled.search_all(told)] == wanted
    assert [set(found) for found in slow.search_all(told)] == wanted
    assert FULL < 0


@pytest.mark.parametrize("count", [1, 70])
def test_long_literals_are_asked_one_by_one(count: int) -> None:
    asked = [("contains", "ab" * LONG + str(n), False) for n in range(count)]
    column, compiled, _ = columns_of([*asked, ("contains", "abc", False)])
    told = ["abc", "AB" * LONG + "0", "x"]
    assert list(map(set, compiled.search_all(told))) == list(map(set, column.search_all(told)))


def test_a_literal_that_is_no_text_stands_nowhere() -> None:
    _, compiled, _ = columns_of([("contains", "abc\ud800", False), ("contains", "abc?", False)])
    assert list(map(set, compiled.search_all(["abc\ud800", "abc?"]))) == [set(), {1}]
