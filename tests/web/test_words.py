"""Every code that a record or a computation can give has words, so that no page shows a bare code."""

from __future__ import annotations

import re
import typing
from pathlib import Path
from types import ModuleType
from typing import get_args

import msgspec
import pytest

from comity.case import clocks, disclosures, support
from comity.case.awaiting import What
from comity.cli.awaiting import WORDS
from comity.law.catalogue import ElementKind
from comity.law.matrix import STATUS_WORDS
from comity.records import kinds
from comity.web import words
from comity.web.words import Label, label


def test_every_standing_of_a_disclosure_has_words() -> None:
    assert words.SEEN.keys() == set(typing.get_args(disclosures.Standing))


def test_every_marking_has_words() -> None:
    assert tuple(words.MARKINGS) == typing.get_args(kinds.Marking)


def literals(struct: type[msgspec.Struct], name: str) -> set[str]:
    """The values that a field of a kind may have, but ""."""
    hint = typing.get_type_hints(struct)[name]
    return {value for value in typing.get_args(hint) if value}


@pytest.mark.parametrize(
    ("table", "struct", "name"),
    [
        (words.STANCES, kinds.Assertion, "stance"),
        (words.LEVELS, kinds.Assertion, "level"),
        (words.POSITIONS, kinds.Position, "position"),
        (words.BASES, kinds.Endorse, "basis"),
        (words.DISPOSITIONS, kinds.Answer, "disposition"),
        (words.REQUESTS, kinds.Request, "type"),
        (words.VERDICTS, kinds.Replicate, "verdict"),
        (words.CAUSES, kinds.Replicate, "cause"),
        (words.ATTEMPTS, kinds.Attempt, "result"),
        (words.CONDITIONS, kinds.Receive, "condition"),
        (words.CHECKED, kinds.Receive, "checked"),
    ],
)
def test_every_value_of_a_record_has_words(
    table: typing.Mapping[str, Label], struct: type[msgspec.Struct], name: str
) -> None:
    assert table.keys() == literals(struct, name)


@pytest.mark.parametrize(
    ("module", "table"),
    [
        (support, words.COULD_ADD),
        (support, words.MARKS),
        (support, words.ACCESS),
        (support, words.ADDS_NOTHING),
        (support, words.RERUNS),
        (clocks, words.CLOCKS),
        (clocks, words.CLOCK_BASES),
        (clocks, words.NOTICES),
    ],
)
def test_every_word_is_for_a_code_that_is_computed(
    module: ModuleType, table: typing.Mapping[str, Label]
) -> None:
    source = Path(str(module.__file__)).read_text()
    codes = set(re.findall(r'"([a-z][a-z-]+)"', source)) | set(
        re.findall(r"[a-z][a-z-]+", source.split("Status = ")[0])
    )
    assert table.keys() <= codes


def test_what_could_add_to_something_always_has_words() -> None:
    source = Path(str(support.__file__)).read_text()
    said = set(re.findall(r'could\.append\(\s*"([a-z-]+)"', source))
    assert said
    assert said <= words.COULD_ADD.keys()


def test_a_code_without_words_is_shown_as_it_is() -> None:
    assert label(words.MARKS, "new-mark").words == "new-mark"


def test_every_state_has_words_beside_its_symbol() -> None:
    for table in (words.MARKS, words.ACCESS, words.RERUNS, words.CLOCKS, words.NOTICES, words.BEFORE):
        for each in table.values():
            assert each.symbol
            assert len(each.words) > 3


def test_every_kind_of_record_has_a_name() -> None:
    assert words.RECORDS.keys() == kinds.KINDS.keys()
    assert len(set(words.RECORDS.values())) == len(words.RECORDS)
    assert words.name_record("kind.of-tomorrow") == "kind.of-tomorrow"


def test_the_law_of_a_case_is_told_in_the_words_of_the_command() -> None:
    assert {code: each.words for code, each in words.BEARING.items()} == STATUS_WORDS
    assert words.ELEMENTS.keys() == set(get_args(ElementKind))


def test_what_waits_has_words_on_pages_and_in_commands() -> None:
    kinds_of_it = set(get_args(What))
    assert set(words.AWAITED) == set(WORDS) == kinds_of_it
