"""The matrix is a view: every cell says what was judged, against an actor that is none of those named."""

from __future__ import annotations

import pytest

from comity.weighing.matrix import columns_of, line_of
from tests.weighing.written import item, reports, weighed, written


@pytest.mark.parametrize(
    ("likelihood", "symbol", "words"),
    [
        (0.9, "++", "three times as likely or more"),
        (0.3, "++", "three times as likely or more"),
        (0.2, "+", "likelier"),
        (0.1, "·", "alike"),
        (0.05, "−", "less likely"),
        (0.02, "−−", "a third as likely or less"),
    ],
)
def test_a_cell_says_how_an_item_speaks(likelihood: float, symbol: str, words: str) -> None:
    content = weighed(written(item(likelihoods={"Heron": likelihood, "Otter": [0.1, 0.4], "unknown": 0.1})))
    columns = columns_of(content, 5)
    cells = dict(zip(columns, line_of(content, content.items[0], columns), strict=True))
    assert (cells["Heron"].symbol, cells["Heron"].words) == (symbol, words)
    assert (cells["Otter"].symbol, cells["Otter"].range) == ("+", "10.0 to 40.0 %")
    assert (columns[-1], cells["unknown"].symbol) == ("unknown", "")


def test_who_is_not_judged_has_what_others_have_or_what_the_unknown_actor_has() -> None:
    for others, told in (({"others": 0.4}, "40.0 %"), ({}, "10.0 %")):
        content = weighed(written(item(likelihoods={"Heron": 0.2, "unknown": 0.1, **others})))
        otter = line_of(content, content.items[0], ["Otter"])[0]
        assert otter.range == told


def test_a_zero_among_reports_has_its_bound_or_says_that_it_bounds_nothing() -> None:
    source = reports(
        *[("Heron", "T1", f"r{n}") for n in range(9)], ("Heron", "T3", "r10"), ("Otter", "T2", "r11")
    )
    content = weighed(written(item("b", observed="T2", likelihoods={})), source)
    zeros = {
        name: cell.zero
        for name, cell in zip(
            ("Heron", "Otter", "unknown"),
            line_of(content, content.items[0], ["Heron", "Otter", "unknown"]),
            strict=True,
        )
    }
    assert zeros == {"Heron": "0 of 10 reports, so below 30.0 %", "Otter": "", "unknown": ""}


def test_the_likeliest_stand_first_and_the_unknown_actor_last() -> None:
    content = weighed(written())
    assert columns_of(content, 1) == ("Heron", "unknown")
