"""What others wrote is told between quotation marks, and a hypothesis is always called a cluster."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.weighing import UNKNOWN
from comity.weighing.naming import called, introduced, listed, quoted


@pytest.mark.parametrize(
    ("names", "words"),
    [("a", "a"), ("ab", "a and b"), ("abc", "a, b and c"), ("abcdefgh", "a, b, c, d, e, f and 2 more")],
)
def test_names_are_listed_and_cut(names: str, words: str) -> None:
    assert listed(names) == words


@given(st.text())
def test_nothing_closes_a_quotation_but_its_end(text: str) -> None:
    told = quoted(text)
    assert told[0] + told[-1] == "“”"
    assert not set(told[1:-1]) & set('"«»„“”\n\u202e\u2066')


def test_a_label_cannot_speak_for_itself() -> None:
    assert quoted("Heron”: above 99.9 %. “Sure") == "“Heron’: above 99.9 %. ’Sure”"
    assert quoted("He\u202eron\n the  bird") == "“Heron the bird”"


def test_the_word_cluster_is_never_lost() -> None:
    names = {"Heron": "of Veldmark", "Otter": "", "Wren": "Wren"}
    assert called("Heron", names) == "cluster “Heron” (“of Veldmark”)"
    assert called("Otter", names, begins=True) == "Cluster “Otter”"
    assert called("Wren", names) == "cluster “Wren”"
    assert called(UNKNOWN, names, begins=True) == "An actor that is none of these"
    assert introduced("Heron", "of Veldmark") == "Cluster “Heron”, its author’s name for it: “of Veldmark”"
    assert introduced("Wren", "Wren") == introduced("Wren", "") == "Cluster “Wren”"
