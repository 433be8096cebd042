"""The identity of a run, and every way in which two runs can differ."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import NotVerified
from comity.findings.finding import (
    Cause,
    Finding,
    Parameters,
    check_finding,
    compare,
    inputs_digest,
    make_finding,
    result_digest,
)

A, B, PACK, ITEM = "a" * 64, "b" * 64, "c" * 64, "rows:10:" + "d" * 64


def finding(**changed: Any) -> Finding:
    given: dict[str, Any] = {
        "rules": (A, B),
        "pack": PACK,
        "item": ITEM,
        "parameters": Parameters(zone="+00:00"),
        "rows": ((A, 3), (B, 3), (A, 7)),
    }
    return make_finding(**(given | changed))


def test_digests_are_of_the_bytes_that_are_specified() -> None:
    made = finding()
    inputs = (
        f'{{"item":"{ITEM}","pack":"{PACK}","parameters":{{"zone":"+00:00"}},"rules":["{A}","{B}"],'
        '"semantics":"comity-find/1"}'
    )
    expected = hashlib.sha256(b"comity/1/finding-inputs\0" + inputs.encode()).hexdigest()
    assert made.inputs_digest == expected
    result = f'[["{A}","{ITEM}",3],["{A}","{ITEM}",7],["{B}","{ITEM}",3]]'
    expected = hashlib.sha256(b"comity/1/finding-result\0" + result.encode()).hexdigest()
    assert made.result_digest == expected


@given(st.permutations([(A, 1), (A, 10), (A, 2), (B, 1)]))
def test_order_does_not_enter_a_digest(rows: list[tuple[str, int]]) -> None:
    assert result_digest(ITEM, rows) == result_digest(ITEM, sorted(rows))
    assert result_digest(ITEM, [*rows, rows[0]]) == result_digest(ITEM, rows)
    given = Parameters()
    assert inputs_digest([A, B], PACK, ITEM, given) == inputs_digest([B, A, B], PACK, ITEM, given)


def test_every_input_enters_the_digest() -> None:
    base = finding()
    variants = [
        finding(rules=(A,), rows=()),
        finding(pack=A),
        finding(item=ITEM + "0"),
        finding(semantics="comity-find/2"),
        finding(parameters=Parameters()),
        finding(parameters=Parameters(zone="+02:00")),
        finding(parameters=Parameters(zone="+00:00", since="x")),
        finding(parameters=Parameters(zone="+00:00", until="x")),
        finding(parameters=Parameters(zone="+00:00", logsource=(("product", "x"),))),
    ]
    assert len({base.inputs_digest, *(v.inputs_digest for v in variants)}) == 10


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"inputs_digest": A}, "finding.inputs"),
        ({"pack": A}, "finding.inputs"),
        ({"result_digest": A}, "finding.result"),
        ({"rows": ((A, 3),)}, "finding.result"),
        ({"rows": ((A, 7), (A, 3), (B, 3))}, "finding.order"),
        ({"rows": ((A, 3), (A, 3), (A, 7), (B, 3))}, "finding.order"),
        ({"rows": (("e" * 64, 3),)}, "finding.rule"),
    ],
)
def test_a_received_finding_is_recomputed(change: dict[str, Any], code: str) -> None:
    check_finding(finding(), "f")
    with pytest.raises(NotVerified) as caught:
        check_finding(replace(finding(), **change), "f")
    assert (caught.value.code, caught.value.where) == (code, "f")


def test_a_logsource_counts_as_stated_in_any_order() -> None:
    a = Parameters(logsource=(("product", "x"), ("service", "y")))
    b = Parameters(logsource=(("service", "y"), ("product", "x")))
    assert inputs_digest([], PACK, ITEM, a) == inputs_digest([], PACK, ITEM, b)
    twice = Parameters(logsource=(("product", "z"), ("product", "x"), ("service", "y")))
    assert inputs_digest([], PACK, ITEM, a) != inputs_digest([], PACK, ITEM, twice)


def test_same() -> None:
    assert compare(finding(), finding(), "whole").verdict == "same"
    shown = compare(finding(), finding(), "rows", {3})
    assert (shown.verdict, shown.cause, shown.parts) == ("shown rows match", None, ())


def test_not_possible() -> None:
    assert compare(finding(), None, "whole").verdict == "not possible"
    assert compare(finding(), finding(), "rows").verdict == "not possible"


@pytest.mark.parametrize(
    ("change", "cause", "parts"),
    [
        ({"pack": A}, "identity", ("pack",)),
        ({"rules": (A, B, PACK)}, "identity", ("rules",)),
        ({"semantics": "comity-find/2"}, "identity", ("semantics",)),
        ({"item": "rows:9:x"}, "evidence", ("item",)),
        ({"parameters": Parameters(zone="+02:00")}, "parameters", ("zone",)),
        ({"parameters": Parameters(since="x")}, "parameters", ("zone", "since")),
        ({"item": "x", "parameters": Parameters()}, "evidence", ("item", "zone")),
        (
            {"parameters": Parameters(zone="+00:00", logsource=(("product", "x"),))},
            "parameters",
            ("logsource",),
        ),
        ({"item": "x", "pack": A}, "identity", ("pack", "item")),
    ],
)
def test_other_inputs_are_another_finding(
    change: dict[str, Any], cause: Cause, parts: tuple[str, ...]
) -> None:
    found = compare(finding(), finding(**change), "whole")
    assert (found.verdict, found.cause, found.parts) == ("different", cause, parts)


def test_same_inputs_and_other_rows_are_an_engine_fault() -> None:
    rerun = finding(rows=((A, 3), (B, 9)))
    found = compare(finding(), rerun, "whole")
    assert (found.verdict, found.cause) == ("different", "engine")
    assert found.only_there == ((A, 7), (B, 3))
    assert found.only_here == ((B, 9),)


def test_scope_rows_looks_at_held_rows_only() -> None:
    rerun = finding(rows=((A, 3), (B, 3)))
    assert compare(finding(), rerun, "rows", {3, 4}).verdict == "shown rows match"
    found = compare(finding(), rerun, "rows", {3, 7})
    assert (found.verdict, found.only_there, found.only_here) == ("different", ((A, 7),), ())


def test_on_some_rows_nothing_is_said_of_rules_that_correlate() -> None:
    told = finding()
    none = finding(rows=())
    # Rule A correlates: that its rows are not found again among a few says nothing.
    found = compare(told, finding(rows=((B, 3),)), "rows", {3, 7}, {A})
    assert found.verdict == "shown rows match"
    assert compare(told, none, "rows", {3, 7}, {A}).verdict == "different"
    assert compare(told, none, "rows", {7}, {A}).verdict == "not possible"
    assert compare(told, finding(rows=((B, 3),)), "whole", (), {A}).verdict == "different"
