"""A re-run in words: each cause of a difference, which rows, and what the scope leaves unchecked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from comity.cli.replicated import tell_comparison
from comity.exchange.findings import say_unable
from comity.findings.finding import Finding, Parameters, compare, make_finding

A, B = "a" * 64, "b" * 64
RESULT = "the result digest of the finding, which is not that of the rows it lists"
NAMES = {A: "relay.yml", B: "burst.yml"}
USED = Parameters(zone="+02:00", since="2026-01-01T00:00:00Z")


def finding(
    rules: tuple[str, ...] = (A, B),
    pack: str = "c" * 64,
    item: str = "rows:9:x",
    parameters: Parameters = USED,
    rows: tuple[tuple[str, int], ...] = ((A, 3), (A, 4), (B, 7)),
    semantics: str = "comity-find/1",
) -> Finding:
    return make_finding(rules, pack, item, parameters, rows, semantics)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (finding(rules=(A,), rows=()), "not what was run there: what differs is the rules"),
        (finding(pack="d" * 64), "not what was run there: what differs is what the rules compile to"),
        (finding(semantics="comity-find/2"), "what differs is the version of the rules of matching"),
        (finding(item="rows:8:x"), "over another item: what differs is the item"),
        (
            finding(parameters=Parameters(since=USED.since)),
            "other parameters: what differs is the time zone taken for times",
        ),
        (
            finding(parameters=Parameters(zone="+02:00")),
            "what differs is the beginning of the window of time",
        ),
        (finding(rows=((A, 3),)), "one of the two engines is wrong"),
    ],
)
def test_each_cause_in_plain_words(other: Finding, words: str) -> None:
    lines = list(tell_comparison(compare(finding(), other, "whole"), "whole", NAMES))
    assert lines[0].startswith("different, because of ")
    assert words in lines[1]
    assert not any("not checked" in line for line in lines)


def test_rows_that_differ_are_listed_by_rule() -> None:
    lines = list(tell_comparison(compare(finding(), finding(rows=((A, 3), (A, 5))), "whole"), "whole", NAMES))
    assert lines[2:] == [
        "  relay.yml: reported, not found here: 4",
        "  burst.yml: reported, not found here: 7",
        "  relay.yml: found here, not reported: 5",
    ]


def test_scope_rows_says_what_is_not_checked() -> None:
    lines = list(tell_comparison(compare(finding(), finding(), "rows", {3}), "rows", NAMES))
    assert lines[0] == "shown rows match"
    assert lines[1] == "  compared on 1 disclosed row: relay.yml, burst.yml"
    assert "completeness, counts, absence and correlations are not checked" in lines[2]
    assert list(tell_comparison(compare(finding(), finding(), "whole"), "whole", NAMES)) == ["same"]


def test_what_could_not_be_run_says_why() -> None:
    none = compare(finding(), None, "whole")
    assert list(tell_comparison(none, "whole", NAMES, "x.yar cannot run here: y"))[1:] == [
        "  x.yar cannot run here: y"
    ]
    assert "nothing of the item" in list(tell_comparison(none, "rows", NAMES))[1]


def test_rules_that_need_the_whole_item_are_named_as_left_out() -> None:
    """Rows were disclosed: that nothing is held here would be false."""
    mixed = compare(finding(), finding(), "rows", {3, 4}, {B})
    assert list(tell_comparison(mixed, "rows", NAMES))[:3] == [
        "shown rows match",
        "  compared on 2 disclosed rows: relay.yml",
        "  left out, as their verdict on a row needs the whole item: burst.yml",
    ]
    alone = finding(rules=(B,), rows=((B, 7),))
    none = compare(alone, alone, "rows", {6, 7}, {B})
    assert say_unable(none, 1) == (
        "2 rows of the item are disclosed here, but every rule of the finding needs the whole item"
    )
    told = list(tell_comparison(none, "rows", NAMES, say_unable(none, 1)))
    assert "nothing of the item" not in " ".join(told)
    assert told[-1].endswith("burst.yml")
    beside = compare(finding(), finding(), "rows", {9}, {B})
    assert say_unable(beside, 2) == (
        "1 row of the item is disclosed here, and the finding names none of them by a rule that is decided "
        "row by row (1 of its 2 rules needs the whole item)"
    )
    assert say_unable(compare(finding(), None, "rows"), 2) == ""


def test_a_whole_run_says_over_how_much() -> None:
    whole = replace(compare(finding(), finding(), "whole"), held=9)
    assert list(tell_comparison(whole, "whole", NAMES, named=3)) == [
        "same",
        "  over the whole item: 9 rows, 2 rules, 3 rows named",
    ]
    own = replace(compare(finding(), finding(item="rows:8:x"), "whole"), held=8)
    told = list(tell_comparison(own, "whole", NAMES, "all 3 disclosed rows stand in this one"))
    assert told[2:] == [
        "  over an item of this party's own: 8 rows, 2 rules",
        "  all 3 disclosed rows stand in this one",
        "  the rows named are the same",
    ]


def test_a_finding_that_is_false_in_itself_is_told_without_a_row() -> None:
    false = compare(finding(), None, "rows", flaws=["result"])
    assert list(tell_comparison(false, "rows", NAMES, "the result digest is not that of the rows")) == [
        "different, because of identity (result)",
        f"  the finding is false in itself, whatever the evidence: {RESULT}",
        "  no row was compared: the result digest is not that of the rows",
    ]


def test_of_many_rules_the_first_are_named() -> None:
    names = {f"{n:064x}": f"{n:02}.yml" for n in range(30)}
    many = finding(rules=tuple(names), rows=tuple((rule, 3) for rule in names))
    told = list(tell_comparison(compare(many, many, "rows", {3}), "rows", names))
    assert told[1].endswith("19.yml, and 10 more")
    none = finding(rules=tuple(names), rows=())
    told = list(tell_comparison(compare(many, none, "whole"), "whole", names))
    assert told[-1] == "  … and rows of 10 more rules reported, not found here"
