"""Correlation rules: by example, by law, and against the reading that writes every window out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.findings import gather
from comity.findings.correlation import KINDS
from comity.findings.match import ItemResult, Scanner, run
from comity.findings.pack import Pack, compile_pack
from comity.findings.reference_windows import correlated_rows
from comity.findings.rows import ItemInfo, Row, Value
from comity.findings.sigma import Rule

ITEM = ItemInfo(ref="rows:3:00", format="jsonl/1")
SECOND = 1_000_000


def source(*documents: dict[str, Any]) -> bytes:
    return b"\n---\n".join(json.dumps(document, ensure_ascii=False).encode() for document in documents)


def base(name: str, **fields: Any) -> dict[str, Any]:
    wanted = fields or {"K": name}
    return {"name": name, "logsource": {"product": "x"}, "detection": {"s": wanted, "condition": "s"}}


def correlation(kind: str, rules: list[str], span: str, condition: Any = None, **more: Any) -> dict[str, Any]:
    section = {"type": kind, "rules": rules, "timespan": span, **more}
    if condition is not None:
        section["condition"] = condition
    return {"title": "joined", "name": "top", "correlation": section}


def pack_of(*sources: bytes) -> Pack:
    pack = compile_pack((f"{n}.yml", raw) for n, raw in enumerate(sources))
    assert not pack.unusable, pack.unusable
    return pack


def row(index: int, at: float | None, **fields: Value) -> Row:
    time = None if at is None else round(at * SECOND)
    return Row(index=index, text="", fields={"X": 1, **fields}, time=time)


def ran(raw: bytes, rows: list[Row]) -> ItemResult:
    return run(pack_of(raw), ITEM, rows)


def matched(raw: bytes, rows: list[Row]) -> set[int]:
    found = {index for _, index in ran(raw, rows).matches}
    assert found == correlated_rows(raw, rows)
    return found


def count_of(n: int, **more: Any) -> bytes:
    return source(base("a"), correlation("event_count", ["a"], "10s", {"gte": n}, **more))


def test_a_count_needs_its_events_in_one_window() -> None:
    times = [0, 4, 10, 10.5, 30]
    rows = [row(n, at, K="a") for n, at in enumerate(times, 1)]
    assert matched(count_of(3), rows) == {1, 2, 3, 4}
    assert matched(count_of(4), rows) == set()
    assert matched(count_of(1), rows) == {1, 2, 3, 4, 5}


def test_both_ends_of_a_window_belong_to_it_and_no_clock_cuts_it() -> None:
    assert matched(count_of(2), [row(1, 55, K="a"), row(2, 65, K="a")]) == {1, 2}
    assert matched(count_of(2), [row(1, 55, K="a"), row(2, 65.000001, K="a")]) == set()


def test_an_upper_bound_is_held_against_windows_to_which_nothing_can_be_added() -> None:
    raw = source(base("a"), correlation("event_count", ["a"], "10s", {"lt": 3}))
    burst = [row(n, n / 10, K="a") for n in range(1, 8)]
    assert matched(raw, burst) == set()
    assert matched(raw, [*burst, row(9, 60, K="a")]) == {9}
    between = source(base("a"), correlation("event_count", ["a"], "10s", {"gt": 1, "lte": 3}))
    assert matched(between, burst) == set()
    assert matched(between, burst[:3]) == {1, 2, 3}


def test_groups_fold_letters_and_leave_out_rows_without_the_field() -> None:
    raw = count_of(2, **{"group-by": ["U", "H"]})
    rows = [
        row(1, 1, K="a", U="Maria", H=1),
        row(2, 2, K="a", U="MARIA", H="1"),
        row(3, 3, K="a", U="maria"),
        row(4, 4, K="a", U="maria", H=None),
        row(5, 5, K="a", U="maria", H=2),
        row(6, 6, K="a", U=["p", "q"], H=3),
        row(7, 7, K="a", U=["P", "Q"], H=3),
        row(8, 8, K="a", U="p", H=3),
        row(9, 8, K="a", U=["p"], H=3),
    ]
    assert matched(raw, rows) == {1, 2, 6, 7, 8, 9}


def test_rows_without_a_time_take_part_in_nothing_and_are_counted() -> None:
    rows = [row(1, 1, K="a"), row(2, None, K="a"), row(3, 2, K="a"), row(4, None, K="b")]
    result = ran(count_of(2), rows)
    assert {index for _, index in result.matches} == {1, 3}
    assert list(result.undated.values()) == [1]


def test_values_are_counted_once() -> None:
    raw = source(base("a"), correlation("value_count", ["a"], "10s", {"field": "U", "gte": 2}))
    rows = [row(1, 1, K="a", U="x"), row(2, 2, K="a", U="X"), row(3, 3, K="a")]
    assert matched(raw, rows) == set()
    assert matched(raw, [*rows, row(4, 4, K="a", U="y")]) == {1, 2, 4}


NUMBERS: list[Value] = ["1", 2, "3.5", "1e1", -4]


@pytest.mark.parametrize(
    ("kind", "condition", "yes"),
    [
        ("value_sum", {"eq": "12.5"}, True),
        ("value_sum", {"gt": "12.5"}, False),
        ("value_avg", {"eq": "2.5"}, True),
        ("value_min", {"lte": -4}, True),
        ("value_max", {"gte": 10}, True),
        ("value_median", {"eq": 2}, True),
        ("value_percentile", {"eq": -4, "percentile": 20}, True),
        ("value_percentile", {"eq": 1, "percentile": 21}, True),
        ("value_percentile", {"eq": 10, "percentile": 100}, True),
        ("value_percentile", {"lt": 10, "percentile": 99}, False),
    ],
)
def test_metrics_are_exact(kind: str, condition: dict[str, Any], yes: bool) -> None:
    raw = source(base("a"), correlation(kind, ["a"], "10s", {"field": "N", **condition}))
    rows = [row(n, n, K="a", N=number) for n, number in enumerate(NUMBERS, 1)]
    rows += [row(6, 6, K="a", N="many"), row(7, 7, K="a"), row(8, 8, K="a", N=[1, 2])]
    assert matched(raw, rows) == ({1, 2, 3, 4, 5} if yes else set())


def test_temporal_needs_all_of_its_rules_or_what_its_condition_says() -> None:
    documents = base("a"), base("b"), base("c")
    rows = [row(1, 1, K="b"), row(2, 2, K="a"), row(3, 5, K="a"), row(4, 40, K="c")]
    assert matched(source(*documents[:2], correlation("temporal", ["a", "b"], "3s")), rows) == {1, 2}
    either = correlation("temporal", ["a", "b", "c"], "3s", "(a or b) and not c")
    assert matched(source(*documents, either), rows) == {1, 2, 3}
    two = correlation("temporal", ["a", "b", "c"], "3s", {"gte": 2})
    assert matched(source(*documents, two), rows) == {1, 2}


def test_order_is_by_time_then_by_row_and_a_row_is_one_step() -> None:
    raw = source(base("a"), base("b"), correlation("temporal_ordered", ["a", "b"], "5s"))
    assert matched(raw, [row(1, 1, K="a"), row(2, 1, K="b")]) == {1, 2}
    assert matched(raw, [row(1, 1, K="b"), row(2, 1, K="a")]) == set()
    assert matched(raw, [row(1, 2, K="b"), row(2, 1, K="a")]) == {1, 2}
    assert matched(raw, [row(1, 1, K=["a", "b"])]) == set()
    assert matched(raw, [row(1, 1, K=["a", "b"]), row(2, 6, K=["a", "b"])]) == {1, 2}
    # Rows of the window that are in no chain are not named.
    rows = [row(1, 1, K="b"), row(2, 2, K="a"), row(3, 3, K="b"), row(4, 4, K="a")]
    assert matched(raw, rows) == {2, 3}


def test_aliases_join_different_fields() -> None:
    aliases = {"ip": {"a": "src", "b": "dst"}}
    raw = source(
        base("a"),
        base("b"),
        correlation("temporal", ["a", "b"], "5s", aliases=aliases, **{"group-by": ["ip"]}),
    )
    rows = [
        row(1, 1, K="a", src="9.9", dst="1.1"),
        row(2, 2, K="b", src="1.1", dst="9.9"),
        row(3, 3, K="b", src="9.9"),
    ]
    assert matched(raw, rows) == {1, 2}


def test_correlations_of_correlations_see_the_rows_below() -> None:
    raw = source(
        base("fail"),
        base("ok"),
        {**correlation("event_count", ["fail"], "10s", {"gte": 3}, **{"group-by": ["U"]}), "name": "many"},
        correlation("temporal_ordered", ["many", "ok"], "1m", **{"group-by": ["H"]}),
    )
    rows = [row(n, n, K="fail", U="u", H="h") for n in (1, 2, 3)]
    rows += [
        row(4, 20, K="ok", U="v", H="h"),
        row(5, 20, K="ok", U="u", H="other"),
        row(6, 30, K="fail", U="u", H="h"),
    ]
    assert matched(raw, rows) == {1, 2, 3, 4}
    assert matched(raw, rows[1:]) == set()


def test_generate_shows_the_rules_below_too() -> None:
    hidden = source(base("a"), base("b"), correlation("event_count", ["a"], "1s", {"gte": 9}))
    shown = source(
        base("a"), base("b"), {**correlation("event_count", ["a"], "1s", {"gte": 9}), "generate": True}
    )
    rows = [row(1, 1, K="a"), row(2, 2, K="b")]
    assert matched(hidden, rows) == {2}
    assert matched(shown, rows) == {1, 2}
    result = ran(shown, rows)
    assert list(result.counts.values()) == [2]


def test_filters_narrow_the_detections_of_their_source() -> None:
    narrow: dict[str, Any] = {
        "logsource": {"product": "x"},
        "filter": {"rules": ["a"], "f": {"U": "root"}, "condition": "not f"},
    }
    raw = source(base("a"), base("b"), narrow)
    rows = [row(1, 1, K="a", U="root"), row(2, 2, K="a"), row(3, 3, K="b", U="root")]
    assert matched(raw, rows) == {2, 3}
    anyone = {**narrow, "filter": {**narrow["filter"], "rules": "any"}}
    assert matched(source(base("a"), base("b"), anyone), rows) == {2}


@pytest.mark.parametrize(
    ("section", "reason"),
    [
        ({"type": "event_count"}, "the condition of event_count is not a mapping"),
        ({"condition": {}}, "compares with nothing"),
        ({"condition": {"gte": "many"}}, "compares with a decimal number"),
        ({"condition": {"gte": True}}, "compares with a decimal number"),
        ({"condition": {"gte": 1, "field": "U"}}, "takes no field"),
        ({"condition": {"near": 1}}, "'near' is no part of a correlation's condition"),
        ({"type": "value_count", "condition": {"gte": 1}}, "names no field"),
        ({"type": "value_sum", "condition": {"gte": 1, "field": ["U", "V"]}}, "takes one field"),
        ({"type": "value_percentile", "condition": {"gte": 1, "field": "U"}}, "needs a percentile"),
        (
            {"type": "value_sum", "condition": {"gte": 1, "field": "U", "percentile": 5}},
            "takes no percentile",
        ),
        ({"type": "moon_phase"}, "the correlation type 'moon_phase' is not run"),
        ({"type": "temporal_ordered", "condition": {"gt": 1}}, "its number can only be all 1"),
        ({"type": "temporal_ordered", "condition": "not a"}, "can only be all of its rules"),
        ({"type": "temporal", "condition": "a and z"}, "names 'z', which the detection does not define"),
        ({"rules": ["a", "z"]}, "refers to 'z', which is not in its source"),
        ({"rules": []}, "refers to no rule"),
        ({"rules": ["a", "a"]}, "refers to a rule twice"),
        (
            {"rules": ["top"]},
            "a correlation refers to itself, by way of others or directly: 'top' -> 'top'",
        ),
        ({"rules": [["a"]]}, "'rules' are not names"),
        ({"timespan": "1"}, "is not a number with s, m, h, d or w"),
        ({"timespan": "1M"}, "is not a number with s, m, h, d or w"),
        ({"timespan": None}, "is not a number with s, m, h, d or w"),
        ({"aliases": {"ip": {"b": "x"}}, "group-by": ["ip"]}, "the alias 'ip' says nothing of the rule 'a'"),
        ({"aliases": ["ip"]}, "aliases are not names by rule"),
        ({"generate": "yes"}, "neither true nor false"),
        ({"window": "tumbling"}, "'window' is not known"),
    ],
)
def test_what_cannot_run_is_named(section: dict[str, Any], reason: str) -> None:
    document = correlation("event_count", ["a"], "1s")
    if "type" not in section:
        document["correlation"]["condition"] = {"gte": 1}
    document["correlation"].update(section)
    (found,) = compile_pack([("r.yml", source(base("a"), document))]).unusable
    assert reason in found.reason


def test_a_rule_that_sets_too_much_aside_gives_no_verdict_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gather, "EVENTS", 3)
    rows = [row(n, n, K="a") for n in range(1, 6)]
    quiet = source(base("z"), base("q", K="a"))
    result = run(pack_of(count_of(2), quiet), ITEM, rows)
    assert len(result.matches) == 5
    (why,) = result.refused.values()
    assert why == "more than 3 rows match what it correlates"
    monkeypatch.setattr(gather, "EVENTS", 30)
    monkeypatch.setattr(gather, "CHARACTERS", 300)
    wide = count_of(2, **{"group-by": ["U"]})
    (why,) = ran(wide, [row(n, n, K="a", U=str(n) * 900) for n in range(5)]).refused.values()
    assert why.startswith("what it correlates holds more than 300 characters")


def test_long_values_are_compared_by_their_digest() -> None:
    raw = count_of(2, **{"group-by": ["U"]})
    huge = "u" * 100_000
    rows = [row(1, 1, K="a", U=huge), row(2, 2, K="a", U=huge.upper()), row(3, 3, K="a", U=huge + "v")]
    rows += [
        row(4, 1, K="a", U=[huge, "x"]),
        row(5, 1, K="a", U=[huge, "x"]),
        row(6, 1, K="a", U=[huge + "x"]),
    ]
    assert matched(raw, rows) == {1, 2, 4, 5}


# Generated correlations over rows that crowd into few seconds, groups and values.

keys = st.sampled_from(["a", "b", "c", ["a", "b"]])
small = st.sampled_from(["x", "X", "y", "1", "2", 2, "1.5", None, [], ["x", "y"]])
rows_of = st.lists(
    st.builds(
        lambda at, k, fields: (at, {"K": k, **fields}),
        st.one_of(st.none(), st.integers(0, 8)),
        keys,
        st.dictionaries(st.sampled_from(["U", "V", "N"]), small, max_size=3),
    ),
    max_size=9,
).map(lambda found: [row(n, at, **fields) for n, (at, fields) in enumerate(found, 1)])

orders = st.dictionaries(
    st.sampled_from(["gt", "gte", "lt", "lte", "eq", "neq"]), st.integers(0, 4), min_size=1, max_size=2
)
below = st.sampled_from([["a"], ["b", "a"], ["a", "b", "c"]])


def _conditions(kind: str, rules: list[str]) -> st.SearchStrategy[Any]:
    if kind == "temporal_ordered":
        return st.none()
    if kind == "temporal":
        words = st.sampled_from(
            [" and ".join(rules), " or ".join(rules), f"not {rules[0]}", f"1 of {rules[0]}*"]
        )
        return st.one_of(st.none(), words, orders)
    if kind == "event_count":
        return orders
    more: dict[str, Any] = {"field": st.sampled_from(["N", "U"])}
    if kind == "value_count":
        more = {"field": st.sampled_from(["N", ["U", "V"]])}
    if kind == "value_percentile":
        more["percentile"] = st.sampled_from([1, 34, 50, 99, 100])
    return st.builds(lambda a, b: {**a, **b}, orders, st.fixed_dictionaries(more))


@st.composite
def correlations(draw: st.DrawFn, names: tuple[str, ...] = (), name: str = "top") -> dict[str, Any]:
    kind = draw(st.sampled_from([*KINDS, "temporal", "temporal_ordered"]))
    rules = [*draw(below), *names]
    made = correlation(kind, rules, draw(st.sampled_from(["1s", "2s", "5s"])), draw(_conditions(kind, rules)))
    group = draw(st.sampled_from([[], ["U"], ["U", "V"], ["G"]]))
    section = made["correlation"]
    section["group-by"] = group
    if group == ["G"]:
        section["aliases"] = {"G": {rule: draw(st.sampled_from(["U", "V"])) for rule in rules}}
    return {**made, "name": name, "generate": draw(st.booleans())}


sources = st.one_of(
    correlations().map(lambda top: source(base("a"), base("b"), base("c"), top)),
    st.tuples(correlations(name="low"), correlations(names=("low",))).map(
        lambda both: source(base("a"), base("b"), base("c"), *both)
    ),
)


@settings(max_examples=400)
@given(sources, rows_of)
def test_agrees_with_every_window_written_out(raw: bytes, rows: list[Row]) -> None:
    matched(raw, rows)


@pytest.mark.slow
@settings(max_examples=5_000)
@given(sources, rows_of)
def test_agrees_with_every_window_written_out_at_length(raw: bytes, rows: list[Row]) -> None:
    matched(raw, rows)


@settings(max_examples=50)
@given(sources, rows_of, st.randoms())
def test_neither_order_of_rows_nor_company_matters(raw: bytes, rows: list[Row], chance: Any) -> None:
    expected = ran(raw, rows).matches
    chance.shuffle(rows)
    scanner = Scanner(pack_of(raw, count_of(2)))
    for _ in range(2):
        digests = {rule.digest for rule in pack_of(raw).rules}
        found = tuple(hit for hit in scanner.run(ITEM, rows).matches if hit[0] in digests)
        assert found == expected


def test_only_what_needs_other_rows_is_whole() -> None:
    (plain,), (joined,) = pack_of(source(base("a"))).rules, pack_of(count_of(2)).rules
    assert isinstance(plain, Rule)
    assert isinstance(joined, Rule)
    assert (plain.whole, joined.whole) == (False, True)
    assert joined.title == "joined"
