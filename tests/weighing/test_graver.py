"""The gravest of every subject comes first, and nothing is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from comity.phrases import phrase
from comity.weighing.graver import Subject, graver_first, of_subject

lines = st.lists(st.tuples(st.sampled_from(Subject), st.text(max_size=3)), max_size=20)


def test_the_first_of_every_subject_stands_before_the_second_of_any() -> None:
    told = [
        *of_subject(Subject.LABELS, ["a label", "another label"]),
        *of_subject(Subject.STATES, [phrase("{} a state", "1"), "a party"]),
        "without a subject",
        *of_subject(Subject.FIGURES, ["a count", "a count"]),
    ]
    assert graver_first(told) == (
        "a count", "1 a state", "a label", "without a subject", "a party", "another label",
    )  # fmt: skip


def test_a_caution_is_still_said_in_other_languages() -> None:
    (line,) = of_subject(Subject.STATES, [phrase("{} a state", "1")])
    assert (line.message, line.parts) == ("{} a state", ("1",))


@given(lines)
def test_nothing_is_lost_and_to_order_twice_changes_nothing(told: list[tuple[Subject, str]]) -> None:
    given = [line for subject, text in told for line in of_subject(subject, [text])]
    ordered = graver_first(given)
    assert sorted(ordered) == sorted({str(line) for line in given})
    assert graver_first(ordered) == ordered
