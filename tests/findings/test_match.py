"""The single pass against the obvious matcher, and the laws that make a result repeatable."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from comity.findings.atoms import asks_fields
from comity.findings.columns import Budget, Column
from comity.findings.match import Scanner, run
from comity.findings.pack import Pack, compile_pack
from comity.findings.reference import matches
from comity.findings.rows import ItemInfo, Row
from comity.findings.sigma import Rule

# Generated rules and rows use small alphabets, so that they meet.
FIELDS = ("F", "G", "H")
LETTERS = "aAbB-/ .1k\N{KELVIN SIGN}é\\"

texts = st.text(LETTERS, max_size=6)
patterns = st.text(LETTERS + "*?\\*?", max_size=6)
hidden = st.builds(
    lambda a, b, c, wide: base64.b64encode((a + b + c).encode("utf-16-le" if wide else "utf-8")).decode(),
    texts,
    texts,
    texts,
    st.booleans(),
)
addresses = st.sampled_from(["10.0.0.1", "10.0.1.1", "11.0.0.1", "::ffff:10.0.0.1", "2001:db8::1"])
numbers = st.one_of(st.integers(-3, 3), st.sampled_from(["1.5", "-2", "2.0", 0.5, -1.5, "1e1"]))
dates = st.sampled_from(
    ["2026-01-01", "2026-01-01T09:30:00Z", "2026/12/31 10:29", "2026-02-30", "2026-01-01T9:00", "2026-01-011"]
)
singles = st.one_of(texts, dates, hidden, addresses, numbers, st.booleans(), st.none(), st.just("a\ud800b"))
values = st.one_of(singles, st.lists(singles, max_size=3))

rows = st.builds(
    lambda text, fields: Row(index=1, text=text, fields=fields),
    texts,
    st.dictionaries(st.sampled_from(FIELDS), values, max_size=3),
)

expressions = st.sampled_from(
    [
        "a",
        "^a",
        "b$",
        "a.b",
        "[ab]+1",
        "(?i)ab",
        "a|B",
        "^$",
        "k",
        "-.?/",
        r"\sb",
        r"a\s*$",
        r"^\S*$",
        r"(a$|\nb$)",
    ]
)
encodable = st.text("abAB-1é", min_size=3, max_size=6)


def _listed(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(items, st.lists(items, min_size=1, max_size=3))


def _entries(field: str) -> st.SearchStrategy[tuple[str, Any]]:
    plain = _listed(st.one_of(patterns, numbers.filter(lambda n: not isinstance(n, float)), st.none()))
    strings = _listed(patterns)

    def of(suffix: str, wanted: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[str, Any]]:
        return st.tuples(st.just(field + suffix), wanted)

    return st.one_of(
        of("", plain),
        st.tuples(
            st.sampled_from(
                [
                    field + suffix
                    for suffix in (
                        "|contains",
                        "|startswith",
                        "|endswith",
                        "|contains|all",
                        "|cased",
                        "|contains|cased",
                        "|windash",
                        "|contains|windash",
                        "|neq",
                    )
                ]
            ),
            strings,
        ),
        of("|re", _listed(expressions)),
        of("|re|i", _listed(expressions)),
        of("|cidr", _listed(st.sampled_from(["10.0.0.0/24", "10.0.0.0/8", "2001:db8::/32"]))),
        of("|lt", st.sampled_from([0, 1, "1.5", -2])),
        of("|gte", st.sampled_from([0, 1, "1.5", -2])),
        of("|exists", st.booleans()),
        of("|hour", st.sampled_from([0, 9, 10])),
        of("|hour|lt", st.just(12)),
        of("|minute|gte", st.sampled_from([0, 30])),
        of("|week|lt", st.sampled_from([2, 30])),
        of("|year", st.just(2026)),
        of("|base64offset|contains", _listed(encodable)),
        of("|wide|base64offset|contains", _listed(encodable)),
        of("|base64", _listed(encodable)),
        of("|fieldref", st.sampled_from(FIELDS)),
        of("|fieldref|contains", st.sampled_from(FIELDS)),
        of("|endswith|fieldref", st.sampled_from(FIELDS)),
        of("|cased|fieldref", st.sampled_from(FIELDS)),
        of("|windash|base64offset|contains", _listed(encodable)),
    )


maps = st.lists(st.one_of(*map(_entries, FIELDS)), min_size=1, max_size=3).map(dict)
keywords = st.one_of(
    st.lists(st.one_of(patterns, st.integers(0, 9)), min_size=1, max_size=3),
    st.fixed_dictionaries({"|all": st.lists(patterns, min_size=1, max_size=3)}),
)
searches = st.one_of(maps, maps, st.lists(maps, min_size=1, max_size=2), keywords)

NAMES = ("sel", "sel_x", "_aside")
_terms = st.sampled_from(
    [*NAMES, "1 of sel*", "all of sel*", "1 of them", "all of them", "all of *", "1 of _*"]
)
conditions = st.recursive(
    _terms,
    lambda inner: st.one_of(
        st.builds("not {}".format, _terms),
        st.builds("not ({})".format, inner),
        st.builds("({})".format, inner),
        st.builds("{} and {}".format, inner, inner),
        st.builds("{} or {}".format, inner, inner),
    ),
    max_leaves=5,
)


def render_rule(detection: dict[str, Any]) -> bytes:
    """A rule's source: JSON is YAML when its text is printable."""
    body = {"logsource": {"category": "test"}, "detection": detection}
    return json.dumps(body, ensure_ascii=False).encode()


rules = st.builds(
    lambda found, condition: render_rule({**dict(zip(NAMES, found, strict=True)), "condition": condition}),
    st.tuples(searches, searches, searches),
    conditions,
)

ITEM = ItemInfo(ref="rows:3:00", format="jsonl/1")


def pack_of(*sources: bytes) -> Pack:
    return compile_pack((f"{n}.yml", raw) for n, raw in enumerate(sources))


@settings(max_examples=300)
@given(rules, st.lists(rows, min_size=1, max_size=4))
def test_agrees_with_the_obvious_matcher(rule: bytes, logged: list[Row]) -> None:
    check_agreement(rule, logged)


@pytest.mark.slow
@settings(max_examples=20_000)
@given(rules, st.lists(rows, min_size=1, max_size=4))
def test_agrees_with_the_obvious_matcher_at_length(rule: bytes, logged: list[Row]) -> None:
    check_agreement(rule, logged)


def check_agreement(rule: bytes, logged: list[Row]) -> None:
    pack = pack_of(rule)
    assume(not pack.unusable)
    found = [bool(digests) for _, digests in Scanner(pack).scan(ITEM, logged)]
    (compiled,) = pack.rules
    assert isinstance(compiled, Rule)
    whole_rows = not asks_fields(compiled.parts[0].node)
    assert found == [bool(row.fields or whole_rows) and matches(rule, row) for row in logged]


@settings(max_examples=40)
@given(st.lists(rules, min_size=2, max_size=5, unique=True), st.lists(rows, max_size=4))
def test_a_verdict_depends_on_no_other_rule_or_row(sources: list[bytes], logged: list[Row]) -> None:
    numbered = [Row(index=n, text=row.text, fields=row.fields) for n, row in enumerate(logged, 1)]
    together = run(pack_of(*sources), ITEM, numbered)
    alone = [
        hit for source in sources for row in numbered for hit in run(pack_of(source), ITEM, [row]).matches
    ]
    assert together.matches == tuple(sorted(alone))


@settings(max_examples=30)
@given(st.lists(rules, min_size=1, max_size=4), st.lists(rows, max_size=6), st.randoms())
def test_order_and_history_do_not_matter(sources: list[bytes], logged: list[Row], chance: object) -> None:
    numbered = [Row(index=n, text=row.text, fields=row.fields) for n, row in enumerate(logged, 1)]
    expected = run(pack_of(*sources), ITEM, numbered)
    chance.shuffle(sources)  # type: ignore[attr-defined]
    scanner = Scanner(pack_of(*sources))
    scanner.run(ITEM, numbered)
    chance.shuffle(numbered)  # type: ignore[attr-defined]
    assert scanner.run(ITEM, numbered) == expected


def test_of_a_row_that_could_not_be_read_nothing_is_known() -> None:
    pack = pack_of(
        render_rule({"s": {"F": None}, "condition": "s"}),
        render_rule({"s": {"F|exists": False}, "condition": "s"}),
        render_rule({"s": {"F": "x"}, "condition": "not s"}),
        render_rule({"s": ["torn"], "condition": "s"}),
    )
    torn = Row(index=1, text="{torn", fields={})
    assert len(run(pack, ITEM, [torn]).matches) == 1
    assert len(run(pack, ITEM, [Row(index=1, text="{torn", fields={"G": 1})]).matches) == 4


def test_forgetting_changes_nothing() -> None:
    pack = pack_of(render_rule({"s": {"F|contains": "ab1"}, "condition": "s"}))
    scanner = Scanner(pack)
    scanner._budget.limit = 1
    logged = [Row(index=n, text="", fields={"F": f"xab{n % 3}"}) for n in range(30)]
    assert [index for _, index in scanner.run(ITEM, logged).matches] == list(range(1, 30, 3))
    assert scanner._budget.used <= 300


def test_counts_tell_asked_from_not_asked() -> None:
    quiet = render_rule({"s": {"F": "never"}, "condition": "s"})
    other = quiet.replace(b'"category": "test"', b'"product": "windows"')
    pack = pack_of(quiet, other)
    result = run(pack, ITEM, [Row(index=1, text="", fields={"F": "x"})])
    assert list(result.counts.values()) == [0]
    assert set(result.counts) | set(result.not_asked) == set(pack.rule_digests)
    assert (result.rows, result.matches, len(result.not_asked)) == (1, (), 1)


def test_text_longer_than_any_memory_is_searched_whole() -> None:
    pack = pack_of(
        render_rule({"s": {"F|contains": "needle"}, "condition": "s"}),
        render_rule({"s": {"F|re": "(a+)+x"}, "condition": "s"}),
        render_rule({"s": {"F": "*a*a*a*a*a*a*a*b"}, "condition": "s"}),
        render_rule({"s": ["nee*dle"], "condition": "s"}),
    )
    assert not pack.unusable
    huge = "a" * 1_000_000
    assert run(pack, ITEM, [Row(index=1, text=huge, fields={"F": huge})]).matches == ()
    hits = run(pack, ITEM, [Row(index=1, text=huge, fields={"F": huge + "needle"})]).matches
    assert len(hits) == 2


def test_many_literals_and_few_give_the_same() -> None:
    """Both ways of looking for literals: cutting the text up, and trying each."""
    words = [f"w{n}x{n * 7}" for n in range(500)] + ["w", "x1", "w1x7w2x14"]
    rule = [render_rule({"s": {"F|contains": word}, "condition": "s"}) for word in words]
    pack = pack_of(*rule)
    for text in ("w1x7w2x14", "aw499x3493b", "", "w", "zzzzz " * 200 + "w3x21", "W3X21"):
        found = run(pack, ITEM, [Row(index=1, text="", fields={"F": text})])
        assert len(found.matches) == sum(word in text.lower() for word in words)


def test_a_set_that_gives_up_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """RE2 reports want of memory as no match; the member that always matches gives it away."""
    from comity.findings import columns
    from comity.findings.atoms import Atom

    class Exhausted:
        def Match(self, _raw: bytes) -> list[int]:  # noqa: N802
            return []

    monkeypatch.setattr(columns, "compile_set", lambda _expressions: Exhausted())
    atoms = [(n, Atom("F", "regex", text, True)) for n, text in enumerate(["a+", "b+", "c$"])]
    assert Column(atoms, Budget()).hits("xab") == {0, 1}


SCRIPT = """
from comity.findings.match import run
from comity.findings.pack import compile_pack
from comity.findings.rows import ItemInfo, Row
from comity.findings.sigma import Rule
from comity.findings.finding import result_digest
sources = [(f"{n}.yml", (
    "logsource: {product: x}\\ndetection:\\n"
    f"  a: {{F|contains: ['{n}', 'k{n}'], G|endswith: 'z'}}\\n"
    f"  b: {{H: null}}\\n  condition: a or not b\\n").encode()) for n in range(20)]
pack = compile_pack(sources)
rows = [Row(index=n, text=str(n), fields={"F": f"k{n}", "G": "yz"}) for n in range(50)]
result = run(pack, ItemInfo(ref="rows:1:00", format="jsonl/1"), rows)
print(pack.digest, result_digest("rows:1:00", result.matches), len(result.matches))
"""


def test_digests_do_not_depend_on_the_hash_seed() -> None:
    outputs = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(outputs) == 1
    assert int(outputs.pop().split()[2]) > 20
