"""One pass over a text for all literals tells what looking for each does."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from comity.findings import columns, literals
from comity.findings.atoms import Atom
from comity.findings.columns import Budget, Column
from comity.findings.literals import NESTED, count_nested, make_automaton
from comity.findings.regexes import fits_regex
from comity.findings.rows import fold

texts = st.text("aAbB\\é\udc80 ", max_size=5)
atoms = st.builds(
    lambda kind, value, cased: Atom("F", kind, value if cased else fold(value), cased),
    st.sampled_from(["contains", "startswith", "endswith", "equals"]),
    texts.filter(lambda text: "\udc80" not in text),
    st.booleans(),
)
globs = st.builds(
    lambda parts, cased: Atom("F", "glob", "".join(parts), cased),
    st.lists(st.sampled_from(["a", "ab", "*", "?", "b"]), min_size=2, max_size=5),
    st.just(False),
)


def column_of(asked: list[Atom], few: int, monkeypatch: pytest.MonkeyPatch) -> Column:
    monkeypatch.setattr(columns, "FEW", few)
    return Column(list(enumerate(asked)), Budget(0))


def test_one_pass_finds_what_looking_for_each_does(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ahocorasick_rs")

    @settings(max_examples=200, deadline=None)
    @given(st.lists(atoms | globs, min_size=1, max_size=8), st.lists(texts, max_size=6))
    @example([Atom("F", "endswith", "a"), Atom("F", "contains", "a")], ["ba", "ab", "aba", ""])
    @example([Atom("F", "startswith", "aB", True), Atom("F", "contains", "Ab", True)], ["aBab", "abAb"])
    def check(asked: list[Atom], looked_at: list[str]) -> None:
        together = column_of(asked, 0, monkeypatch)
        told = [set(numbers) for numbers in together.search_all(looked_at)]
        apart = column_of(asked, 10**9, monkeypatch)
        assert apart.automaton is None
        assert told == [set(numbers) for numbers in apart.search_all(looked_at)]

    check()


def test_long_texts_are_looked_at_the_other_way() -> None:
    asked = [Atom("F", "contains", f"word{n}") for n in range(20)]
    column = Column(list(enumerate(asked)), Budget(0))
    (found,) = column.search_all(["x" * 10_000 + "Word7"])
    assert set(found) == {7}


@given(st.lists(st.text("ab", min_size=1, max_size=4), min_size=1, max_size=12, unique=True))
def test_how_many_literals_can_end_at_one_place(literals: list[str]) -> None:
    most = max(sum(literal.endswith(other) for other in literals) for literal in literals)
    assert count_nested(literals) == most


def test_literals_that_end_alike_too_deep_make_no_automaton() -> None:
    deep = [(n, "a" * n, "a" * n, False, None) for n in range(1, NESTED + 2)]
    assert make_automaton(deep, []) is None


def test_what_is_asked_of_a_whole_text_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often the text stands there that an expression, or a text with wildcards, requires."""
    pytest.importorskip("ahocorasick_rs")
    asked: list[str] = []

    def count(expression: str, text: str) -> bool:
        asked.append(expression)
        return fits_regex(expression, text)

    monkeypatch.setattr(literals, "fits_regex", count)
    made = make_automaton(
        [(0, "ab", "ab", False, "*ab?"), (1, "ab", "AB", True, None)],
        [(2, "regex", "ab", "ab[0-9]", False), (3, "endswith", "ab", "ab", False)],
    )
    assert made is not None
    assert set(made.found_in("ab" * 1000, "ab" * 1000)) == {3}
    assert len(asked) == 2
    assert set(made.found_in("ab7", "ab7")) == {0, 2}
    assert set(made.found_in("ABab", "abab")) == {1, 3}
