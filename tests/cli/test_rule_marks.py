"""Sets of rules as marks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.cli import rule_marks
from comity.cli.rule_marks import RuleMarks

RULES = [f"rule {n}" for n in range(6)]


@given(st.lists(st.lists(st.sampled_from(RULES), unique=True)))
def test_marks_are_the_set(told: list[list[str]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rule_marks, "KNOWN", 2)
        ours, theirs = RuleMarks(RULES), RuleMarks(RULES)
        for some in told:
            assert theirs.choose(ours.mark(tuple(some))) == tuple(sorted(some))


def test_what_is_of_another_pack_is_refused() -> None:
    with pytest.raises(KeyError):
        RuleMarks(RULES).mark(("another",))
    with pytest.raises(IndexError):
        RuleMarks(RULES).choose(b"\1\0")
