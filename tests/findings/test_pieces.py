"""Atoms looked for by pieces are those that a column finds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.findings import pieces
from comity.findings.columns import Budget, Column
from comity.findings.needs import KINDS
from comity.findings.pieces import PieceColumn, file_pieces
from comity.findings.rows import fold

letters = st.sampled_from([*"abcdefAB=é\\*?.", "abcd", "ABCD", "cdef", "\ud800"])
texts = st.lists(letters, max_size=12).map("".join)
literal = st.sampled_from(["equals", "contains", "startswith", "endswith", "glob"])


@st.composite
def atoms(draw: st.DrawFn) -> tuple[str, str, bool]:
    kind, text, cased = draw(literal), draw(texts), draw(st.booleans())
    text = text.replace("\ud800", "x")
    return kind, text if cased else fold(text), cased


others = st.sampled_from(
    [("regex", "ab+c", False), ("cidr", "10.0.0.0/8", False), ("lt", "7", False), ("eq", "3", False)]
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(atoms() | others, max_size=12, unique=True),
    st.lists(texts | st.sampled_from(["10.1.2.3", "3", "abbc"]), max_size=6),
    st.sampled_from([0, 1, 1000]),
)
def test_pieces_find_what_a_column_finds(
    asked: list[tuple[str, str, bool]], told: list[str], worth: int
) -> None:
    column = Column((), Budget(0))
    column.file(enumerate(asked))
    wanted = [set(found) for found in column.search_all(told)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "WORTH", worth)
        patch.setattr(pieces, "LONGEST", 30)
        by_pieces = PieceColumn(asked, file_pieces(asked))
        assert [set(found) for found in by_pieces.search_all(told)] == wanted
        assert [set(*by_pieces.search_all([text])) for text in told] == wanted


def test_each_atom_is_filed_once_under_a_piece_of_its_own_where_there_is_one() -> None:
    asked = [("contains", "abcdx", False), ("endswith", "abcdy", False), ("glob", "q*abcdz?", False)]
    asked += [("contains", "abcd", False), ("contains", "abc", False), ("regex", "ab?cd", False)]
    asked += [("regex", "a?bcdv+", False)]
    one, more, rest = file_pieces(asked)
    assert (dict(one), dict(more), list(rest)) == (
        {"bcdx": 0, "bcdy": 1, "bcdz": 2, "abcd": 3, "bcdv": 6},
        {},
        [4, 5],
    )
    assert set(dict.fromkeys(kind for kind, _, _ in asked)) <= set(KINDS)


def test_texts_that_have_cost_enough_are_looked_for_by_the_automaton() -> None:
    asked = [("contains", f"word{n:04}", False) for n in range(20)]
    column = PieceColumn(asked, file_pieces(asked))
    for n in range(60):
        (found,) = column.search_all([f"a word{n:04}"])
        assert list(found) == ([n] if n < 20 else [])
    assert "_whole" in vars(column)
