"""What an expression means, held to Python's own reading of it, whose ``$`` is that of PCRE."""

from __future__ import annotations

import itertools
import random
import re

import pytest

from comity.findings.atoms import Atom
from comity.findings.columns import Budget, Column
from comity.findings.flavour import has_strict_end, to_re2
from comity.findings.modifiers import compile_field
from comity.findings.plan import Plan
from comity.findings.reasons import RuleError
from comity.findings.reference import judge_detection
from comity.findings.regexes import compile_regex, fits_regex
from comity.findings.required import find_required
from comity.findings.rows import Row
from comity.findings.yaml_source import Yaml

LETTERS = "ab\n\v "
TEXTS = ["".join(some) for size in range(4) for some in itertools.product(LETTERS, repeat=size)]
PARTS = [
    "a",
    "b",
    "a",
    "b",
    "$",
    "$",
    "^",
    r"\n",
    r"\s",
    r"\S",
    r"\v",
    r"[a\v]",
    r"\Z",
    "[a$]",
    r"[\sa]",
    r"[^\S]",
    ".",
    r"\x61",
]
OPENED = ["(", "(?:", "(?m:", "(?s:", "(?-m:"]


def make_expression(chance: random.Random, depth: int = 0) -> str:
    made = []
    for _ in range(chance.randint(1, 4)):
        if depth < 3 and chance.random() < 0.25:
            inside = [make_expression(chance, depth + 1) for _ in range(chance.choice([1, 1, 2]))]
            part = f"{chance.choice(OPENED)}{'|'.join(inside)})"
        else:
            part = chance.choice(PARTS)
        if part not in ("$", "^", r"\Z"):
            part += chance.choice(["", "", "", "*", "?", "+", "{0,1}", "{1}", "{2}", "??"])
        made.append(part)
    return "".join(made)


def in_python(expression: str) -> re.Pattern[str]:
    space = re.sub(r"\[\^\\S\]|\[\\sa\]|\[a\\v\]|\\[sSvZ]", lambda found: _PYTHON[found[0]], expression)
    return re.compile(space)


_PYTHON = {
    r"\s": "[\t-\r ]",
    r"\S": "[^\t-\r ]",
    r"[\sa]": "[\t-\r a]",
    r"[^\S]": "[\t-\r ]",
    r"\v": "[\n-\r\x85\u2028\u2029]",
    r"[a\v]": "[a\n-\r\x85\u2028\u2029]",
    r"\Z": r"(?=\n?\Z)",
}


def test_expressions_mean_what_they_mean_elsewhere() -> None:
    chance = random.Random(37)
    asked = strict = ended = 0
    for _ in range(1500):
        expression = make_expression(chance)
        if has_strict_end(expression):
            strict += 1
            continue
        try:
            compiled = compile_regex(expression)
        except RuleError:
            assert r"\Z" in expression
            continue
        ended += to_re2(expression) != expression
        other = in_python(expression)
        for text in chance.sample(TEXTS, 30):
            asked += 1
            assert (compiled.search(text.encode()) is None) is (other.search(text) is None), (
                expression,
                text,
            )
    assert asked > 20_000
    assert strict > 50
    assert ended > 300


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("a$", r"a\n?\z"),
        ("(a|b$)|c$", r"(a|b\n?\z)|c\n?\z"),
        ("a$(b|c*)?$", r"a\n?\z(b|c*)?\n?\z"),
        ("a$b", "a$b"),
        ("(a$)+", "(a$)+"),
        ("(?m)a$", "(?m)a$"),
        ("(?m:a$)b$", r"(?m:a$)b\n?\z"),
        ("(?m)(?-m:a$)|b$", r"(?m)(?-m:a\n?\z)|b$"),
        (r"\Qa$\E$", r"\x{61}\x{24}\n?\z"),
        (r"[$]\$\x{24}{2}$", r"[$]\$\x{24}{2}\n?\z"),
        (r"\s\S[\s,][^\S]", "[[:space:]][[:^space:]][[:space:],][^[:^space:]]"),
        (r"a\Z", r"a\n?\z"),
        (r"a\z", r"a\z"),
        (r"(?=a)$", r"(?=a)$"),
        ("(a$", "(a$"),
        ("a)$", "a)$"),
    ],
)
def test_what_is_said_to_re2(expression: str, said: str) -> None:
    assert to_re2(expression) == said


@pytest.mark.parametrize(
    ("expression", "strict"),
    [("a$", False), ("a$b", True), ("(a$)*", True), ("(?m)a$b", False), (r"\$b", False), ("a$|b", False)],
)
def test_an_end_that_more_follows_is_told(expression: str, strict: bool) -> None:
    assert has_strict_end(expression) is strict


@pytest.mark.parametrize(
    ("key", "expression", "yes", "no"),
    [
        ("F|re", r"-All$", ["x -All", "x -All\n"], ["x -All\r\n", "x -All\n\n", "x -All \n", "-All\nx"]),
        ("F|re", r"-All\Z", ["-All", "-All\n"], ["-All\n\n"]),
        ("F|re", r"-All\z", ["-All"], ["-All\n"]),
        ("F|re|m", r"-All$", ["-All", "-All\nx", "-All\n\n"], ["-All\r\n"]),
        ("F|re|i", r"^-all\s*$", ["-All", "-All\n", "-ALL \v\r\n"], ["-Allx"]),
        ("F|re", r"a\sb", ["a b", "a\vb", "a\fb"], ["a\u00a0b", "ab"]),
        ("F|re", r"^\S+$", ["ab", "ab\n", "a\u00a0"], ["a\vb"]),
        ("F|re", r"^a\v[\vb]$", ["a\u2028b", "a\x85\r", "a\n\n\n"], ["a\tb", "a b"]),
        ("F|re", r"^[^\s]$", ["a", "a\n"], ["\v"]),
        ("F|re", r"^([\S\n]|\d\s)$", ["a", "\n", "1 ", "1\v\n"], ["\v", "a "]),
    ],
)  # fmt: skip
def test_both_matchers_take_the_flavour_of_pcre(
    key: str, expression: str, yes: list[str], no: list[str]
) -> None:
    plan = Plan([("rule", compile_field(key, expression))])
    for text in (*yes, *no):
        found = plan.verdict(plan.atoms_held("", {"F": text})) == ("rule",)
        section: dict[str, Yaml] = {"s": {key: expression}, "condition": "s"}
        judged = judge_detection(section, Row(index=1, text=text, fields={"F": text}))
        assert found is judged is (text in yes), text


def test_many_expressions_together_say_the_same() -> None:
    expressions = ["a$", r"b\Z", r"\sc", "(?m)d$", "e$f", "longer text$", r"longer\stext"]
    atoms = [Atom("F", "regex", each, cased=True) for each in expressions]
    column = Column(enumerate(atoms), Budget())
    texts = ["a", "a\n", "b\n", "\vc", "d\nx", "ef", "a longer text\n", "longer\vtext", "longer text\n\n"]
    for text in texts:
        alone = {n for n, each in enumerate(expressions) if fits_regex(each, text)}
        assert column.hits(text) == alone
    assert [set(some) for some in column.search_all(texts)] == [set(column.hits(text)) for text in texts]


def test_a_range_that_ends_in_white_space_is_none() -> None:
    for expression in (r"[!-\s]", r"[a-\S]", r"[a-\v]"):
        with pytest.raises(RuleError, match="RE2 cannot run"):
            compile_regex(expression)
    assert fits_regex(r"^[\w-\s]+$", "a-\v")


def test_deep_and_long_expressions_cost_their_length() -> None:
    assert to_re2("(" * 8000 + "a$" + ")" * 8000) == "(" * 8000 + r"a\n?\z" + ")" * 8000
    assert has_strict_end("(a$)*" * 3000)


def test_any_vertical_space() -> None:
    for some in (r"^\v$", r"^[\v]$", r"^[^\Sa\v]?\v$"):
        for letter in "\n\v\f\r\x85\u2028\u2029":
            assert fits_regex(some, letter), (some, letter)
        for letter in "\t a\u2027\u202a":
            assert not fits_regex(some, letter), (some, letter)
    assert fits_regex(r"^[^\v]$", "\u2027")
    assert not fits_regex(r"^[^\v]$", "\u2028")
    assert fits_regex(r"^[\v-a]{3}$", "-a\u2028")
    assert not fits_regex(r"[\v-\x{3000}]", "\u202a")
    assert fits_regex(r"^[-\v]+$", "-\n")
    for expression in (r"[!-\v]", r"[\t-\v]"):
        with pytest.raises(RuleError, match="RE2 cannot run"):
            compile_regex(expression)
    assert find_required(r"drop\vlab") == "drop"


def test_the_difference_that_stays() -> None:
    """PCRE's ``^`` does not stand behind a line feed that ends the text; RE2's does."""
    assert fits_regex(r"(?m)^$", "a\n")
    assert not fits_regex(r"(?m)^a", "b")
