"""Tests of a rule over values: of many, what is asked of a few."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.findings import asking
from comity.findings.asking import View, compile_test
from comity.findings.atoms import Atom, Node, Not, Or
from comity.findings.rows import fold

letters = st.text(alphabet="aAbB-\0\udfffé", max_size=4)
kinds = st.sampled_from(["equals", "contains", "startswith", "endswith"])


def _view(texts: list[str]) -> View:
    return View(lambda: "\n".join(texts), {"F": texts})


@given(kinds, st.lists(letters, min_size=1, max_size=3), st.booleans(), st.lists(letters, max_size=40))
def test_of_many_values_is_told_what_is_told_of_each(
    kind: Any, wanted: list[str], cased: bool, texts: list[str]
) -> None:
    test = compile_test(Not(Not(_any_of([Atom("F", kind, text, cased) for text in wanted]))))
    assert test(_view(texts)) is any(test(_view([text])) for text in texts)


def _any_of(atoms: list[Atom]) -> Node:
    return Or(tuple(atoms))


@given(letters, st.booleans(), st.lists(letters, max_size=12))
def test_a_word_stands_in_one_text_of_a_row(word: str, cased: bool, texts: list[str]) -> None:
    test = compile_test(Atom(None, "contains", word, cased))
    alone = [View(lambda text=text: text, {}) for text in ["\n".join(texts), *texts]]  # type: ignore[misc]
    assert test(_view(texts)) is any(map(test, alone))


def test_many_values_are_put_together_once_however_many_rules_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    folded: list[str] = []

    def count(text: str) -> str:
        folded.append(text)
        return fold(text)

    monkeypatch.setattr(asking, "fold", count)
    view = _view([f"v{number}" for number in range(1000)])
    tests = [compile_test(Atom("F", "contains", f"x{number}", False)) for number in range(50)]
    assert not any(test(view) for test in tests)
    assert len(folded) == 1000
    joined = [view.joined("F", False) for _ in range(3)]
    assert all(one is other for one, other in pairwise(joined))


def test_a_long_text_that_each_reading_has_is_searched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from comity.findings.columns import Column
    from comity.findings.logsource import Logsource
    from comity.findings.needs import MadeNeeds
    from comity.findings.sieve import Columns
    from comity.findings.sigma import Part

    searched: list[str] = []
    real = Column.search_all

    def search(column: Column, texts: Any) -> Any:
        searched.extend(texts)
        return real(column, texts)

    monkeypatch.setattr(Column, "search_all", search)
    columns = Columns(MadeNeeds([Part(logsource=Logsource(), node=Atom("F", "contains", "lab-word"))]))
    long = "x" * 5000 + "lab-word"
    told = [[list(numbers) for numbers in columns.search_all(0, [long, "lab-word"])] for _ in range(3)]
    assert told == [[[0], [0]]] * 3
    assert searched.count(long) == 1
