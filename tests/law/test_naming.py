"""What is declared of law, as people write it: names of the catalogue, and all others spelled out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.law.catalogue import catalogue
from comity.law.naming import find_element, name_standard, tell_element, write_element
from comity.records.kinds import LegalElement

KNOWN = [(p.id, e.id) for p in catalogue().provisions.values() for e in p.elements]
WORDS = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=20)


@given(st.one_of(st.sampled_from(KNOWN), st.tuples(WORDS, WORDS), st.tuples(st.just("un-7"), WORDS)))
def test_what_is_written_is_found_again(named: tuple[str, str]) -> None:
    law = LegalElement(provision=named[0], element=named[1])
    assert find_element(write_element(law)) == law
    assert write_element(law).startswith("other:") == (named not in KNOWN)


@pytest.mark.parametrize("text", ["", ":", "un-7", "un-7:", "un-7:nothing", "other:", "other::x", "other:x:"])
def test_a_name_that_stands_nowhere_is_none(text: str) -> None:
    assert find_element(text) is None
    assert find_element(f"other:{'x' * 201}:y") is None


def test_a_standard_is_its_authors_words_or_one_of_the_list() -> None:
    assert name_standard("balance") == "balance of probabilities"
    assert name_standard("more likely than not") == "more likely than not"
    assert name_standard("") == ""


def test_an_element_is_told_in_words_and_an_unknown_one_as_its_author_writes_it() -> None:
    told = tell_element(LegalElement(provision="budapest-2", element="access"))
    assert told.startswith("Illegal access (")
    assert told.endswith(": the whole or any part of a system was accessed")
    for provision, element in (("budapest-2", "of our own"), ("Harbour Act 3", "access")):
        law = LegalElement(provision=provision, element=element)
        assert tell_element(law) == f"{provision}: {element}"
