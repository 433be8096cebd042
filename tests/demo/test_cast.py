"""What the parties say: once for each role, with the party only in the placeholders."""

from __future__ import annotations

import re

import pytest

from demo.cast import (
    ASSERTIONS,
    FORWARD,
    KEPT,
    ROLES,
    SENTENCES,
    SWAPPED,
    WITHDRAWAL,
    WITHDRAWN,
    sentence,
    speak,
)
from demo.evidence import RULES

TEXTS = [one.text for one in SENTENCES] + [WITHDRAWAL]


def test_swapping_twice_is_the_same_cast() -> None:
    assert SWAPPED.claimant == FORWARD.respondent
    assert SWAPPED.respondent == FORWARD.claimant
    assert SWAPPED.swapped() == FORWARD


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_names_a_party_by_its_role_only(text: str) -> None:
    for role in ROLES:
        party = FORWARD.of(role)
        for name in (party.name, party.office, party.label):
            assert name.lower() not in text.lower()
    spoken, swapped = speak(text, FORWARD), speak(text, SWAPPED)
    a, b = FORWARD.claimant.name, FORWARD.respondent.name
    back = re.sub(f"{a}|{b}", lambda match: b if match.group() == a else a, swapped)
    assert back == spoken
    assert "{" not in spoken


def test_keys_are_unique_and_answers_have_what_they_answer() -> None:
    keys = [one.key for one in SENTENCES]
    assert len(set(keys)) == len(keys)
    for one in SENTENCES:
        assert one.by != one.about
        if one.answers is not None:
            assert sentence(one.answers).key == one.answers
    with pytest.raises(KeyError):
        sentence("none")


def test_every_assertion_has_a_level_and_every_rule_it_rests_on_exists() -> None:
    assert {one.level for one in ASSERTIONS} == {"tactical", "operational", "strategic"}
    for one in SENTENCES:
        assert (one in ASSERTIONS) == (one.level is not None)
        assert (one.stance == "endorsement") == (one.basis is not None)
        for rule in one.rules:
            assert (RULES / rule).is_file(), rule
    used = {rule for one in SENTENCES for rule in one.rules}
    assert used == {path.name for path in RULES.iterdir()}


def test_what_is_withdrawn_shares_no_rule_with_what_is_kept() -> None:
    given_up = set(sentence(WITHDRAWN).rules)
    for one in ASSERTIONS:
        if one.by == sentence(WITHDRAWN).by and one.key != WITHDRAWN:
            assert not given_up & set(one.rules)
    assert sentence(KEPT).by == sentence(WITHDRAWN).by
