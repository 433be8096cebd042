"""The catalogue: every file has its form, says what nobody checked, and covers what it set out to cover."""

from __future__ import annotations

from importlib.resources import files

import pytest

from comity.errors import Malformed
from comity.law.catalogue import NOT_CHECKED, add_provisions, catalogue, parse_provision

GOOD = """
id = "x-1"
kind = "offence"
instrument = "Act of Nowhere"
provision = "section 1"
title = "Entry"
jurisdiction = "nowhere"
source = "Gazette 1"
summary = "Entering without leave."
[[elements]]
id = "entry"
kind = "conduct"
text = "a system was entered"
"""

WANTED = {
    *(f"budapest-{n}" for n in (2, 3, 4, 5, 6, 16, 17, 26, 27, 29, 30, 31, 35)),
    *(f"un-{n}" for n in (*range(7, 18), 25, 28, 41, 42, 65)),
    *("prc-csl-27", "prc-csl-29", "prc-cl-287", "prc-cl-286a", "prc-cl-287a", "prc-cl-287b"),
    *(f"prc-cl-{n}-{k}" for n in (285, 286) for k in (1, 2, 3)),
    *(f"no-{n}" for n in ("201", "204", "205", "206", "351-2", "352")),
    *(f"us-1030-a{n}" for n in range(1, 8)),
    *(f"eu-2013-40-{n}" for n in range(3, 8)),
    *(f"uk-cma-{n}" for n in ("1", "2", "3", "3za", "3a")),
    *("malabo-29-1", "arab-6", "ru-272", "in-66", "nis2-23-4", "cra-14", "osce-cbm-3"),
    *(f"un-norm-13{letter}" for letter in "abcdefghijk"),
    *(f"ilc-{n}" for n in ("4", "5", "6", "7", "8", "11", "43", "52-1")),
    *(f"tallinn-{n}" for n in range(15, 19)),
}


def test_the_catalogue_holds_what_it_set_out_to_hold() -> None:
    assert catalogue().provisions.keys() == WANTED
    assert len(list(files("comity.law").joinpath("catalogue").iterdir())) == len(WANTED)


def test_what_nobody_checked_says_so() -> None:
    unchecked = {p.id for p in catalogue().provisions.values() if not p.checked_on}
    assert {
        "arab-6",
        "ru-272",
        "in-66",
        "un-25",
        "un-16",
        "ilc-43",
        "un-norm-13a",
        "budapest-29",
    } <= unchecked
    for provision in catalogue().provisions.values():
        assert (provision.checked == NOT_CHECKED) == (provision.id in unchecked)
        assert provision.source
        if provision.checked_on:
            assert (
                "not the official" in provision.checked_against
            )  # nobody compared with an official text yet


def test_a_rule_that_moved_is_in_force_at_its_own_time() -> None:
    found = catalogue().provisions
    for day, old, new in (("2025-12-31", True, False), ("2026-01-01", False, True)):
        assert (found["prc-csl-27"].in_force(day), found["prc-csl-29"].in_force(day)) == (old, new)


def test_where_one_of_several_is_enough_the_elements_say_which() -> None:
    found = catalogue().provisions
    assert found["ilc-8"].variants == ("instructions", "direction or control")
    assert found["budapest-2"].variants == ()
    for provision in found.values():
        for variant in provision.variants:  # none is a subset of another: each asks for something of its own
            others = set(provision.variants) - {variant}
            own = [e for e in provision.elements if variant in e.variants]
            assert any(not others & set(e.variants) for e in own) or all(
                any(other not in e.variants for e in own) for other in others
            ), (provision.id, variant)


def test_intent_is_never_left_to_the_reader() -> None:
    """An offence without a mental element in its list would read as if there were none to show."""
    without = {
        p.id
        for p in catalogue().provisions.values()
        if p.kind == "offence" and p.elements and not any(e.kind == "mental" for e in p.elements)
    }
    assert without == {"arab-6", "no-352", "prc-cl-286a", "prc-cl-287", "ru-272"}


def test_standards_are_a_list_without_figures_or_ranks() -> None:
    standards = catalogue().standards
    assert len({s.id for s in standards}) == len(standards) == 8
    assert set(standards[0].__struct_fields__) == {"id", "name", "anchor"}
    assert set(catalogue().propositions) == {
        *("event", "conduct", "infrastructure", "person", "state-link", "breach")
    }


def test_adding_a_provision_is_adding_a_file() -> None:
    more = add_provisions(catalogue(), [("folder/x-1.toml", GOOD.encode())])
    assert more.provisions["x-1"].checked == NOT_CHECKED
    assert len(more.provisions) == len(WANTED) + 1
    for name, raw, code in (
        ("x-2.toml", GOOD, "law.name"),
        ("un-7.toml", GOOD.replace("x-1", "un-7"), "law.duplicate"),
    ):
        with pytest.raises(Malformed) as raised:
            add_provisions(catalogue(), [(name, raw.encode())])
        assert raised.value.code == code


@pytest.mark.parametrize(
    "raw",
    [
        GOOD.replace('kind = "conduct"', 'kind = "guilt"'),
        GOOD.replace('kind = "offence"', 'kind = "crime"'),
        GOOD.replace('title = "Entry"', ""),
        GOOD.replace('title = "Entry"', 'title = "Entry"\nverdict = "met"'),
        GOOD.replace('title = "Entry"', 'title = "Entry"\nchecked_on = "2026-02-30"\nchecked_against = "x"'),
        GOOD.replace('title = "Entry"', 'title = "Entry"\nchecked_on = "2026-02-03"'),
        GOOD.replace('title = "Entry"', 'title = "Entry"\nchecked_against = "memory"'),
        GOOD.replace(
            'title = "Entry"', 'title = "Entry"\nvalid_from = "2026-02-03"\nvalid_to = "2025-01-01"'
        ),
        GOOD + 'variants = ["alone"]\n',
        GOOD + 'variants = ["one", "two", "one"]\n',
        GOOD + '[[elements]]\nid = "entry"\nkind = "conduct"\ntext = "again"\n',
        GOOD[: GOOD.index("[[elements]]")],
        "not toml at all [",
        "",
    ],
)
def test_a_file_of_another_form_is_refused(raw: str) -> None:
    parse_provision(GOOD.encode())
    with pytest.raises(Malformed, match=r"law\.form"):
        parse_provision(raw.encode())


def test_a_file_that_is_no_text_or_too_long_is_refused() -> None:
    for raw in (b"\xff\xfe", b"#" * 70_000):
        with pytest.raises(Malformed, match=r"law\.form"):
            parse_provision(raw)
