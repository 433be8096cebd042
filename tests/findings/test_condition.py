"""The condition language, on every combination of its operands."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from comity.findings.atoms import Atom, Node
from comity.findings.condition import parse_condition
from comity.findings.plan import Plan
from comity.findings.reasons import RuleError

NAMED: dict[str, Node] = {
    name: Atom(name, "exists", "true") for name in ("a", "b", "sel_1", "sel_2", "_hidden")
}


def truth(text: str, present: set[str]) -> bool:
    plan = Plan([("rule", parse_condition(text, NAMED))])
    return bool(plan.verdict(plan.atoms_held("", dict.fromkeys(present, "x"))))


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("a", lambda p: "a" in p),
        ("not a", lambda p: "a" not in p),
        ("NOT a AND b", lambda p: "a" not in p and "b" in p),
        ("not not a", lambda p: "a" in p),
        ("a or b and not sel_1", lambda p: "a" in p or ("b" in p and "sel_1" not in p)),
        ("(a or b) and sel_1", lambda p: bool(p & {"a", "b"}) and "sel_1" in p),
        ("not (a or b)", lambda p: not p & {"a", "b"}),
        ("(((a)))", lambda p: "a" in p),
        ("1 of sel_*", lambda p: bool(p & {"sel_1", "sel_2"})),
        ("any of sel_*", lambda p: bool(p & {"sel_1", "sel_2"})),
        ("all of sel_*", lambda p: p >= {"sel_1", "sel_2"}),
        ("all of *_1", lambda p: "sel_1" in p),
        ("a and not 1 of sel_*", lambda p: "a" in p and not p & {"sel_1", "sel_2"}),
        ("1 of them", lambda p: bool(p - {"_hidden"})),
        ("all of them", lambda p: p >= {"a", "b", "sel_1", "sel_2"}),
        ("1 of *e*l*1", lambda p: "sel_1" in p),
        ("all of s*_*", lambda p: p >= {"sel_1", "sel_2"}),
        ("1 of _hid*", lambda p: "_hidden" in p),
        ("1 of *", lambda p: bool(p - {"_hidden"})),
        ("all of *", lambda p: p >= {"a", "b", "sel_1", "sel_2"}),
        ("1 of _*", lambda p: "_hidden" in p),
        ("all of sel_1", lambda p: "sel_1" in p),
    ],
)
def test_truth_table(text: str, meaning: Callable[[set[str]], bool]) -> None:
    for size in range(len(NAMED) + 1):
        for chosen in itertools.combinations(NAMED, size):
            assert truth(text, set(chosen)) is meaning(set(chosen)), chosen


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "ends where a search identifier is expected"),
        ("a and", "ends where a search identifier is expected"),
        ("(a", "a parenthesis of the condition is not closed"),
        ("a)", "goes on after its end"),
        ("a b", "goes on after its end"),
        ("c", "names 'c', which the detection does not define"),
        ("1 of c*", "'1 of c*' fits no search identifier"),
        ("1 of *hidden", "'1 of *hidden' fits no search identifier"),
        ("2 of sel_*", "'2 of' is not a quantity"),
        ("a | count() > 5", "a condition that counts"),
        ("(" * 40 + "a" + ")" * 40, "nested deeper than 32"),
        ("not " * 40 + "a", "nested deeper than 32"),
        (" or ".join(["1 of them"] * 50_000), "more than 10000 words"),
    ],
)
def test_unreadable(text: str, reason: str) -> None:
    with pytest.raises(RuleError) as caught:
        parse_condition(text, NAMED)
    assert reason in str(caught.value)
