"""What differs between two texts, and which version of an assertion is the newest."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from comity.case.versions import compare_texts, newest_of, versions_of
from tests import world as w
from tests.procedure import amended
from tests.rulebook import scene

texts = st.lists(st.sampled_from(["five", "days", " ", "\n", "a", "b.", "  ", "år"])).map("".join)


@given(texts, texts)
def test_the_pieces_make_both_texts(before: str, after: str) -> None:
    pieces = compare_texts(before, after)
    assert "".join(p.text for p in pieces if p.of != "after") == before
    assert "".join(p.text for p in pieces if p.of != "before") == after
    assert all(p.text for p in pieces)
    assert before != after or {p.of for p in pieces} <= {"both"}


def test_ten_thousand_equal_words_are_compared() -> None:
    pieces = compare_texts("a " * 9_999, "b " + "a " * 9_000)
    assert "".join(p.text for p in pieces if p.of != "before") == "b " + "a " * 9_000


def test_the_newest_versions_are_those_that_nothing_amends() -> None:
    s = scene()
    first = s.claimed(s.a)
    second = s.say(s.a, amended(first, "Second."), first)
    third = s.say(s.a, amended(second, "Third."), second)
    other = s.say(s.a, amended(first, "Another second."), first)
    versions = versions_of(s.state)
    newest = {t.record for t in newest_of(versions, w.target(first))}
    assert newest == {third.value.id, other.value.id}
    assert newest_of(versions, w.target(third)) == (w.target(third),)
