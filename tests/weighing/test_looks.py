"""What looks alike to a reader is found alike, and what does not is left apart."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.weighing.looks import look_of, shape_of, telling_words, words_in


@pytest.mark.parametrize(
    "other",
    [
        "Partner",
        "partner ",
        "p\u0430rtner",
        "part\u200bner",
        "ｐａｒｔｎｅｒ",
        "pärtner",
        "part\u00adner",
        "par\u0442ner",
        "«partner»",
        "𝐩artner",
    ],
)
def test_one_word_in_many_spellings_is_one_look(other: str) -> None:
    assert look_of(other) == "partner"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("kjørbås", "kjørba\u030as"),
        ("APT 28", "apt-28"),
        ("ΑΡΤ", "APT"),
        ("\u041etter", "Otter"),
        ("中\u200b国", "中国"),
    ],
)
def test_labels_of_one_shape(one: str, other: str) -> None:
    assert shape_of(one) == shape_of(other)


def test_others_stay_apart() -> None:
    shapes = {shape_of(one) for one in ("Heron", "Herons", "Otter", "+++", "---", "שלום", "北京", "北京1")}
    assert len(shapes) == 8


@given(st.text(), st.text())
def test_words_stand_where_they_say(one: str, other: str) -> None:
    text = f"{one} {other}"
    words = words_in(text)
    assert "".join(each.look for each in words) in (shape_of(text), "")
    assert all(before.end <= after.start for before, after in itertools.pairwise(words))


def test_words_within_words_are_parted() -> None:
    assert [one.look for one in words_in("ChinaAPT2_of-theNorth")] == [
        "china",
        "apt",
        "2",
        "of",
        "the",
        "north",
    ]


def test_scripts_without_blanks_are_told_by_pairs_of_characters() -> None:
    one = telling_words("攻击者从一个网络喷洒密码", 100)
    other = telling_words("攻击者从同一个网络喷洒密码。", 100)
    assert len(one & other) > 0.7 * len(one | other)
    assert telling_words("a b c", 2) == {"a", "b"}
    assert telling_words("国", 2) == {"国"}
