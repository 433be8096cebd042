"""What must stand where an expression matches: held to RE2 itself, which is asked whether it matches."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.findings import columns
from comity.findings.atoms import Atom, iter_atoms
from comity.findings.columns import Budget, Column
from comity.findings.pack import compile_pack
from comity.findings.reasons import RuleError
from comity.findings.regexes import compile_regex
from comity.findings.required import find_required
from comity.findings.rows import fold
from comity.findings.sigma import Rule

# K and s are letters of which RE2 takes others for the same.
MARKS = "abkKsSAB .\\:-]|+\n\u212a\u017f"
SINGLE = [*"abkKsS:-", *"abks", r"\.", r"\\", r"\+", r"\n", r"\]", "\u017f"]
WIDE = [".", r"\w", r"\S", r"\b", "^", "$", r"\x61", r"\pL", r"\Qa.b\E"]
SETS = [
    "[aA]",
    "[kK]",
    "[Ss]",
    "[aB]",
    "[ab]",
    "[^a]",
    "[]a]",
    "[^]k]",
    r"[\]a]",
    "[[:alpha:]]",
    "[a[:digit:]b]",
    "[[a]",
]
TIMES = ["*", "+", "?", "{2}", "{1,2}", "{0,1}", "{0}", "{,2}", "*?", "+?", "{1}?", "{2}{0}"]
OPENED = ["(", "(?:", "(?P<n>", "(?i:", "(?s)(", "(?i)(?:", "(?-i:"]


def make_expression(chance: random.Random, depth: int = 0) -> str:
    def part() -> str:
        if depth < 3 and chance.random() < 0.15:
            inside = [make_expression(chance, depth + 1) for _ in range(chance.choice([1, 1, 2]))]
            return f"{chance.choice(OPENED)}{'|'.join(inside)})"
        made: str = chance.choice(chance.choice([SINGLE, SINGLE, SINGLE, SINGLE, SINGLE, WIDE, SETS]))
        return made + (chance.choice(TIMES) if chance.random() < 0.2 else "")

    return "".join(part() for _ in range(chance.randint(1, 6)))


def texts_for(chance: random.Random, expression: str) -> list[str]:
    plain = "".join(letter for letter in expression if letter in MARKS)
    made = ["".join(chance.choices(MARKS, k=chance.randint(0, 12))) for _ in range(4)]
    alike = plain.replace("k", "\u212a").replace("s", "\u017f")
    return [*made, expression, plain, alike, plain.replace("|", "").replace("+", "")]


def test_no_text_is_matched_in_which_what_is_required_does_not_stand() -> None:
    chance = random.Random(36)
    made = [make_expression(chance) for _ in range(6000)]
    made += ["a{,2}b", "(?i)aksb", "(?i:k)s", "[]a]b|c", "a{2}{0}b", "(?i)" + make_expression(chance)]
    required_of = matched = 0
    for expression in made:
        try:
            compiled = compile_regex(expression)
        except RuleError:
            continue  # no rule has it
        required = find_required(expression)
        assert required == fold(required)
        required_of += bool(required)
        for text in texts_for(chance, expression):
            if compiled.search(text.encode()) is not None:
                matched += 1
                assert required in fold(text), (expression, text)
    assert required_of > 2000
    assert matched > 5000


@pytest.mark.parametrize(
    ("expression", "required"),
    [
        (r"ipconfig\s+/all", "ipconfig"),
        (r"\[String\]\s*\$VerbosePreference", "$verbosepreference"),
        (r"(?i)echo.*clip.*&&.*(?:Clipboard|other)", "echo"),
        (r"(?i)werfaultsecure\.exe", "ecure.exe"),
        (r"(?:one|two)three+four{0,3}", "three"),
        (r"(?P<name>inside)?outer", "outer"),
        (r"^C:\\Windows\\[^\\]+\.txt$", "c:\\windows\\"),
        ("a{2}bc", "bc"),
        (r"[Rr][uU]n32(?:\.[Ee][Xx][Ee])? \S+", "run32"),
        ("[Rr]{2}ab[cd]", "ab"),
        ("(?i)xy[Ss]z", "xy"),
        ("ab[^C]d", "ab"),
        ("(?i)" + "a" * 5000, ""),
        ("(" * 40 + "abc" + ")" * 40, ""),
        ("one|two", ""),
        (r"\Qabc\E", ""),
        (r"\x61bcd", ""),
        ("(?=abc)", ""),
        ("abc)", ""),
        ("[abc", ""),
        ("abc\\", ""),
    ],
)
def test_what_is_required_is_the_longest_text_that_is_certain(expression: str, required: str) -> None:
    assert find_required(expression) == required


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "abba",
                "abba.k",
                "(?i)abba",
                "a.b",
                "(?i)k",
                "s$",
                r"\w-",
                ".*",
                "bb+",
                "sk?aab",
                "[Aa]b[bB]",
                "(?i)[kK]a",
            ]
        ),
        min_size=1,
        max_size=8,
        unique=True,
    ),
    st.lists(st.text("abks-\u212a", max_size=10), max_size=6),
    st.booleans(),
    st.sampled_from([-1, 2, columns.ALONE]),
)
def test_a_column_finds_what_each_expression_finds(
    asked: list[str], texts: list[str], many: bool, alone: int
) -> None:
    atoms = [Atom("F", "regex", expression, cased=True) for expression in asked]
    # With many literals beside them they are looked for by an automaton.
    beside = [Atom("F", "contains", f"word{n}", cased=False) for n in range(20 * many)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "ALONE", alone)
        column = Column(enumerate([*atoms, *beside]), Budget())
    wanted = [
        {n for n, expression in enumerate(asked) if compile_regex(expression).search(text.encode())}
        for text in texts
    ]
    assert [set(found) for found in column.search_all(texts)] == wanted
    assert [set(column.hits(text)) for text in texts] == wanted


@pytest.mark.shared
def test_most_expressions_in_use_require_a_text(shared: Path) -> None:
    rules = shared / "sigma" / "rules" / "windows"
    some = [path for path in sorted(rules.rglob("*.yml")) if b"|re" in path.read_bytes()]
    pack = compile_pack((path.name, path.read_bytes()) for path in some)
    found = {
        atom.value
        for rule in pack.rules
        if isinstance(rule, Rule)
        for part in rule.parts
        for atom in iter_atoms(part.node)
        if atom.kind == "regex"
    }
    assert 3 * sum(len(find_required(each)) >= 3 for each in found) > 2 * len(found) > 100
