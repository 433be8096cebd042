"""Sources that need others, and what is put behind them."""

from __future__ import annotations

import random

import pytest

from comity.findings.link import Linked, link
from comity.findings.match import run
from comity.findings.pack import compile_pack
from comity.findings.rows import ItemInfo, Row
from comity.findings.sigma import Rule

FAIL = (
    b"title: Failed\nname: fail\nid: f-1\nlogsource: {product: x}\ndetection: {s: {K: fail}, condition: s}\n"
)
OK = b"title: Came in\nname: came\nlogsource: {product: x}\ndetection: {s: {K: ok}, condition: s}\n"
MANY = b"""\
title: Many
name: many
correlation: {type: event_count, rules: [f-1], timespan: 1m, condition: {gte: 2}}
"""
THEN = b"""\
title: Many, then in
correlation: {type: temporal_ordered, rules: [many, came], timespan: 1h}
"""
QUIET = b"""\
title: Not the scanner
logsource: {product: x}
filter: {rules: [f-1, elsewhere], s: {U: scanner}, condition: not s}
"""
ADMINS = b"title: Ours\nplaceholders: {Administrators: ['adm_*', root]}\n"
EXPANDS = b"""\
title: An admin
logsource: {product: x}
detection: {s: {U|expand: '%Administrators%'}, condition: s}
"""
ALL = {"fail.yml": FAIL, "ok.yml": OK, "many.yml": MANY, "then.yml": THEN, "quiet.yml": QUIET}


def linked(*names: str) -> Linked:
    return link((name, ALL[name]) for name in names)


def test_what_needs_nothing_is_left_as_it_is() -> None:
    done = linked("fail.yml", "ok.yml")
    assert dict(done.sources) == {"fail.yml": FAIL, "ok.yml": OK}
    assert (done.joined, done.used, done.failed) == ({}, (), {})
    strange = [("x.txt", b"10.0.0.1\n"), ("broken.yml", b"title: [")]
    assert link(strange).sources == tuple(sorted(strange))


def test_a_correlation_gets_what_it_refers_to_however_deep() -> None:
    done = linked("fail.yml", "ok.yml", "many.yml", "then.yml")
    assert set(done.joined["then.yml"]) == {"many.yml", "ok.yml", "fail.yml"}
    pack = compile_pack(done.sources)
    assert not pack.unusable
    assert {rule.title for rule in pack.rules} == {"Failed", "Came in", "Many", "Many, then in"}
    then = next(rule for rule in pack.rules if rule.title == "Many, then in")
    rows = [
        Row(index=n, text="", fields={"K": k}, time=n * 1_000_000)
        for n, k in enumerate(["fail", "fail", "ok", "ok"], 1)
    ]
    found = run(pack, ItemInfo(ref="r", format="jsonl/1"), rows)
    assert [index for digest, index in found.matches if digest == then.digest] == [1, 2, 3, 4]


def test_filters_make_another_rule_of_the_one_they_narrow() -> None:
    done = linked("fail.yml", "ok.yml", "quiet.yml")
    assert done.used == ("quiet.yml",)
    assert done.joined == {"fail.yml": ("quiet.yml",)}
    pack = compile_pack(done.sources)
    assert not pack.unusable
    bare = compile_pack([("fail.yml", FAIL)]).rules[0]
    narrowed = next(rule for rule in pack.rules if rule.title == "Failed")
    assert narrowed.digest != bare.digest
    rows = [Row(index=n, text="", fields={"K": "fail", "U": u}) for n, u in enumerate(["scanner", "me"], 1)]
    assert run(pack, ItemInfo(ref="r", format="jsonl/1"), rows).matches == ((narrowed.digest, 2),)
    # Below a correlation it narrows too.
    both = linked("fail.yml", "many.yml", "quiet.yml")
    assert set(both.joined["many.yml"]) == {"fail.yml", "quiet.yml"}


def test_a_filter_of_nothing_here_stays_and_is_named() -> None:
    done = linked("ok.yml", "quiet.yml")
    (unusable,) = compile_pack(done.sources).unusable
    assert (unusable.source_name, unusable.reason) == (
        "quiet.yml",
        "a filter is no rule by itself, and no rule that it names is here",
    )


def test_a_filter_of_a_rule_of_another_log_says_so() -> None:
    other = QUIET.replace(b"product: x", b"product: y, service: z")
    done = link([("fail.yml", FAIL), ("quiet.yml", other)])
    assert done.used == ()
    assert done.failed == {
        "quiet.yml": "the filter names 'f-1', which is here, but its log source is another: "
        "the rule's is product x, the filter's product y, service z"
    }
    # One that names none here, or cannot be read, is told as before.
    for name in (b"[elsewhere]", b"[[f-1]]", b"any"):
        unnamed = other.replace(b"[f-1, elsewhere]", name)
        assert link([("fail.yml", FAIL), ("quiet.yml", unnamed)]).failed == {}


def test_placeholders_come_from_a_file_or_from_who_runs() -> None:
    for done in (
        link([("e.yml", EXPANDS), ("admins.yml", ADMINS)]),
        link([("e.yml", EXPANDS)], {"Administrators": ("adm_*", "root"), "Other": ("x",)}),
    ):
        pack = compile_pack(done.sources)
        assert not pack.unusable
        rows = [Row(index=n, text="", fields={"U": u}) for n, u in enumerate(["adm_7", "ROOT", "me"], 1)]
        found = run(pack, ItemInfo(ref="r", format="jsonl/1"), rows)
        assert [index for _, index in found.matches] == [1, 2]
    (unusable,) = compile_pack(link([("e.yml", EXPANDS)]).sources).unusable
    assert "the placeholder %Administrators% has no value here" in unusable.reason
    (alone,) = compile_pack(link([("admins.yml", ADMINS)]).sources).unusable
    assert alone.reason.startswith("placeholders are no rule by themselves")


def test_neither_order_nor_company_changes_what_is_made() -> None:
    chance = random.Random(3)
    expected = linked(*ALL)
    for _ in range(5):
        names = list(ALL)
        chance.shuffle(names)
        assert link((name, ALL[name]) for name in names) == expected
    more = link([*ALL.items(), ("zz.yml", OK.replace(b"came", b"other")), ("copy.yml", FAIL)])
    assert dict(more.sources).items() >= dict(expected.sources).items()


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (b"id: f-1\n" + OK.replace(b"name: came\n", b""), "is the name of rules in several files"),
        (
            FAIL + b"---\n" + OK.replace(b"came", b"beside") + b"---\nplaceholders: {p: [x]}\n",
            "holds other rules beside the one referred to",
        ),
    ],
)
def test_what_cannot_be_joined_is_named(other: bytes, why: str) -> None:
    sources = {"many.yml": MANY, "other.yml": other}
    if b"Failed" not in other:
        sources["fail.yml"] = FAIL
    done = link(sources.items())
    assert why in done.failed["many.yml"]
    assert dict(done.sources)["many.yml"] == MANY


def test_marks_and_ends_of_files_do_not_tear_documents() -> None:
    odd = b"\xef\xbb\xbf---\n" + FAIL.rstrip(b"\n")
    done = link([("odd.yml", odd), ("many.yml", b"---\n" + MANY)])
    pack = compile_pack(done.sources)
    assert not pack.unusable
    many = next(rule for rule in pack.rules if rule.title == "Many")
    assert isinstance(many, Rule)
    assert many.whole


def test_an_id_goes_before_a_name_and_the_same_file_before_others() -> None:
    """Another file whose rule happens to be called like this one's id breaks no reference."""
    named = OK.replace(b"name: came\n", b"name: f-1\n")
    done = link([("many.yml", MANY), ("fail.yml", FAIL), ("other.yml", named)])
    assert done.joined["many.yml"] == ("fail.yml",)
    own = FAIL + b"---\n" + MANY
    done = link([("own.yml", own), ("other.yml", FAIL.replace(b"Failed", b"Another"))])
    assert not done.failed
    assert dict(done.sources)["own.yml"] == own


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("bad.yml", b"title: x\nfoo: yes\nbad: [1, 2\n"),
        ("bad.yar", b"rule x { condition: filesize in (1, 02, 3) }\n// y: yes\n"),
        ("bad.yml", b"title: \xff\nfoo: yes\n"),
    ],
)
def test_a_source_that_cannot_be_read_is_left_to_be_named(name: str, raw: bytes) -> None:
    made = link([(name, raw)])
    assert made.notes.remarks == ()
    (unusable,) = compile_pack(made.sources).unusable
    assert unusable.source_name == name


def test_correlations_that_refer_to_each_other_are_named() -> None:
    def counted(name: str, *others: str) -> bytes:
        return (
            f"title: {name}\nname: {name}\ncorrelation: {{type: temporal, rules: [{', '.join(others)}], "
            "timespan: 1m}\n"
        ).encode()

    cycle = {"a.yml": counted("a", "b"), "b.yml": counted("b", "c"), "c.yml": counted("c", "a", "fail")}
    for given in (cycle, {**cycle, "fail.yml": FAIL}):
        told = {rule.source_name: rule.reason for rule in compile_pack(link(given.items()).sources).unusable}
        assert told.keys() == cycle.keys()
        for why in told.values():
            assert "a correlation refers to itself, by way of others or directly: " in why
            assert all(f"'{name}'" in why for name in "abc")
    # What leads to a cycle is told of it, too; what only leads to the same rule twice is none.
    into = {**cycle, "top.yml": counted("top", "a", "fail"), "fail.yml": FAIL}
    told = {rule.source_name: rule.reason for rule in compile_pack(link(into.items()).sources).unusable}
    assert "'a'" in told["top.yml"]
    assert "'top'" not in told["top.yml"]
    twice = {"a.yml": counted("a", "b", "fail"), "b.yml": counted("b", "fail"), "fail.yml": FAIL}
    assert not compile_pack(link(twice.items()).sources).unusable
