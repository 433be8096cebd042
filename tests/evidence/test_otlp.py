"""Logs in OpenTelemetry's protocol: a line for each record, with what is said above it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.evidence.detecting import explain_format
from comity.evidence.otlp import DEPTH, read_records
from comity.evidence.parse import fields_of


def pairs(**told: Any) -> list[Any]:
    return [{"key": name.replace("__", "."), "value": value} for name, value in told.items()]


def text(value: str) -> dict[str, str]:
    return {"stringValue": value}


def batch(*records: Any, resource: Any = (), scope: Any = None) -> dict[str, Any]:
    scoped = {"logRecords": list(records), **({} if scope is None else {"scope": scope})}
    return {"resourceLogs": [{"resource": {"attributes": list(resource)}, "scopeLogs": [scoped]}]}


def lines(*values: Any) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def rows(raw: bytes, every: int = 1 << 18) -> list[Any]:
    found = read_records(raw[at : at + every] for at in range(0, len(raw), every))
    return [json.loads(line) for line in found]


RECORD = {
    "timeUnixNano": "1772600767000000000",
    "severityText": "INFO",
    "body": text("relay"),
    "attributes": pairs(
        log__file__name=text("a.log"),
        n={"intValue": "42"},
        f={"doubleValue": 0.5},
        b={"boolValue": True},
        raw={"bytesValue": "cmVsYXk="},
        odd={"bytesValue": "//79"},
        many={"arrayValue": {"values": [text("x"), {"intValue": 7}, {}]}},
        deep={"kvlistValue": {"values": pairs(a=text("y"))}},
        none={},
    ),
}


def test_a_record_has_its_own_names_and_plain_values() -> None:
    scope = {"name": "lab", "version": "1", "attributes": pairs(s=text("t"))}
    raw = lines(batch(RECORD, resource=pairs(host__name=text("lab-1")), scope=scope))
    assert rows(raw) == [
        {
            "timeUnixNano": "1772600767000000000",
            "severityText": "INFO",
            "body": "relay",
            "Timestamp": "1772600767000000000",
            "log.file.name": "a.log",
            "n": 42,
            "f": 0.5,
            "b": True,
            "raw": "relay",
            "odd": "//79",
            "many": ["x", 7, None],
            "deep": {"a": "y"},
            "none": None,
            "s": "t",
            "host.name": "lab-1",
            "scope": {"name": "lab", "version": "1"},
        }
    ]


def test_names_of_one_spelling_are_all_kept() -> None:
    told = pairs(body=text("a"), host=text("a"), two=text("1")) + pairs(two=text("2"))
    record = {"body": text("r"), "attributes": told}
    scope = {"attributes": pairs(host=text("s"))}
    (row,) = rows(lines(batch(record, resource=pairs(host=text("r")), scope=scope)))
    assert row == {
        "body": "r",
        "host": "a",
        "two": ["1", "2"],
        "attributes": {"body": "a"},
        "scope": {"host": "s"},
        "resource": {"host": "r"},
    }


@pytest.mark.parametrize(
    "odd",
    [
        7,
        {"attributes": 1},
        {"attributes": [7]},
        {"attributes": [{"key": 1}]},
        {"body": "plain"},
        {"body": {"stringValue": "a", "intValue": 1}},
        {"body": {"kvlistValue": {"values": pairs(a=text("1")) + pairs(a=text("2"))}}},
    ],
)
def test_a_record_of_another_form_takes_no_other_away(odd: Any) -> None:
    first, second, third = rows(lines(batch({"body": text("a")}, odd, {"body": text("b")})))
    assert (first, third) == ({"body": "a"}, {"body": "b"})
    assert second == batch(odd)


def test_what_holds_no_record_stands_as_it_is_beside_what_does() -> None:
    """Records under names that are not read (``log_records``) were gone where another resource had some."""
    held = batch({"body": text("x")})
    other = {"scope_logs": [{"log_records": [{"body": text("y")}]}]}
    bare = {"scopeLogs": [{"log_records": [{"body": text("z")}]}]}
    held["resourceLogs"] += [other, bare]
    assert rows(lines(held)) == [{"body": "x"}, {"resourceLogs": [other, bare]}]
    assert rows(lines({"resourceLogs": [bare], "more": 1})) == [{"resourceLogs": [bare], "more": 1}]
    beside = batch({"body": text("x")})
    resource = beside["resourceLogs"][0] | {"schemaUrl": "u"}
    resource["scopeLogs"] = [*resource["scopeLogs"], *bare["scopeLogs"]]
    assert rows(lines({"resourceLogs": [resource]})) == [
        {"body": "x", "resource": {"schemaUrl": "u"}},
        {"resourceLogs": [{"resource": {"attributes": []}, "schemaUrl": "u", **bare}]},
    ]


def test_what_is_said_above_a_record_of_another_form_stays_with_it() -> None:
    told = pairs(host__name=text("lab-1"))
    scope = {"name": "lab"}
    assert rows(lines(batch(7, resource=told, scope=scope))) == [batch(7, resource=told, scope=scope)]
    odd = {"resource": {"attributes": told}, "schemaUrl": "u", "scopeLogs": [{"scope": 7}]}
    assert rows(lines({"resourceLogs": [odd]})) == [{"resourceLogs": [odd]}]


def test_what_is_called_alike_above_a_record_is_all_kept() -> None:
    resource = {"attributes": pairs(schemaUrl=text("a"), n=text("b")), "n": 7}
    scoped = {"scope": {"name": "s"}, "instrumentationLibrary": {"name": "t"}, "logRecords": [RECORD]}
    (row,) = rows(lines({"resourceLogs": [{"resource": resource, "schemaUrl": "c", "scopeLogs": [scoped]}]}))
    assert row["resource"] == {"schemaUrl": ["a", "c"], "n": ["b", 7]}
    assert row["scope"] == {"name": ["s", "t"]}


@pytest.mark.parametrize("name", ["resource", "scope", "Timestamp"])
def test_a_record_with_a_name_of_its_row_loses_nothing(name: str) -> None:
    record = {"timeUnixNano": "5", name: {"its": "own"}, "attributes": pairs(body=text("a"))}
    raw = batch(record, resource=pairs(timeUnixNano=text("6")))
    assert rows(lines(raw)) == [raw]


@pytest.mark.parametrize("deep", [90, 400, 700, 850, 1500, 40_000])
def test_how_deep_somebody_calls_makes_no_difference(deep: int) -> None:
    nested = f'{{"odd":{"[" * deep}1{"]" * deep},"body":{{"stringValue":"a"}}}}'
    raw = f'{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{nested},{{}}]}}]}}]}}\n'.encode()

    def derive(below: int) -> list[bytes]:
        return derive(below - 1) if below else list(read_records([raw]))

    found = derive(0)
    assert found == derive(200)
    assert len(found) == 2
    assert json.loads(found[0])["body"] == "a"
    assert found[0].count(b"[") == deep == found[0].count(b"]")


def test_what_stands_too_deep_in_one_record_takes_no_other_away() -> None:
    value: Any = text("x")
    for _ in range(300):
        value = {"arrayValue": {"values": [value]}}
    raw = json.dumps(batch({"body": text("a")}, {"body": value})).encode()
    first, second = rows(raw)
    assert first == {"body": "a"}
    assert json.dumps(second).count("arrayValue") == 300 - DEPTH - 1


def test_numbers_are_the_same_whatever_a_python_is_set_to() -> None:
    form = '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":%s}]}]}]}'
    for written, told in (
        ('{"intValue":' + "9" * 640 + "}", int("9" * 640)),
        ('{"intValue":' + "9" * 641 + "}", "9" * 641),
        ('{"doubleValue":1e999}', "1e999"),
        ('{"doubleValue":NaN}', "NaN"),
        ('{"doubleValue":-Infinity}', "-Infinity"),
    ):
        assert rows((form % written).encode()) == [{"body": told}]


def test_what_is_no_log_stands_as_it_is() -> None:
    others = [{"resourceSpans": [{"a": 1}]}, {"resourceLogs": []}, {"resourceLogs": [{"scopeLogs": []}]}]
    assert rows(lines(batch({"body": text("a")}), *others)) == [{"body": "a"}, *others]
    both = {**batch({"body": text("a")}), "more": 1}
    assert rows(lines(both)) == [{"body": "a"}, {"more": 1}]
    broken = {"resourceLogs": [7, {"scopeLogs": [7]}, {"resource": 7}]}
    assert rows(lines(broken)) == [
        {"resourceLogs": [7]},
        {"resourceLogs": [{"scopeLogs": [7]}]},
        {"resourceLogs": [{"resource": 7}]},
    ]


def test_names_of_older_versions_are_read() -> None:
    old = {"resourceLogs": [{"instrumentationLibraryLogs": [{"logs": [{"body": text("a")}]}]}]}
    assert rows(lines(old)) == [{"body": "a"}]


def test_a_torn_line_and_halves_of_characters_are_kept() -> None:
    whole = lines(batch({"body": text("\ud800 \u2028")}))
    found = list(read_records([whole + b'{"resourceLogs":[{"sco']))
    assert json.loads(found[0]) == {"body": "\ud800 \u2028"}
    assert found[1:] == [b'{"resourceLogs":[{"sco']


@given(every=st.integers(1, 300))
def test_pieces_make_no_difference(every: int) -> None:
    raw = lines(batch(RECORD, {"body": text("\u4e2d")}), batch(RECORD))
    assert rows(raw, every) == rows(raw)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.floats(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(("resource", "scopeLogs", "logRecords", "attributes", "key", "value", "body")),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@given(st.lists(_VALUES, max_size=3))
def test_any_object_gives_rows(held: list[Any]) -> None:
    raw = lines({"resourceLogs": held})
    found = list(read_records([raw]))
    assert found
    assert all(b"\n" not in line and isinstance(json.loads(line), dict) for line in found)


PRETTY = json.dumps(batch(RECORD), indent=1).encode()


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (lines(batch(RECORD)), "otlp"),
        (lines(*[batch(RECORD)] * 9), "otlp"),
        (lines({"resourceSpans": []}, batch(RECORD)), "otlp"),
        (PRETTY, "otlp"),
        (b"\xef\xbb\xbf" + PRETTY, "otlp"),
        (lines(batch(*[RECORD] * 300)), "otlp"),
        (lines(batch(RECORD), *[{"user": "a", "n": n} for n in range(9)]), None),
        (lines(*[{"user": "a", "n": n} for n in range(9)], batch(RECORD)), None),
        (lines(*[{"resourceMetrics": []}] * 9), None),
        (b'{"resourceLogs":[\n' + lines(*[{"user": "a", "n": n} for n in range(9)]), None),
        (lines({"message": '{"resourceLogs":['}), None),
    ],
)
def test_what_is_taken_for_it(raw: bytes, kind: str | None) -> None:
    assert explain_format("a.json", raw[:65536]).unpack == kind


def test_a_record_says_when_it_happened() -> None:
    (line,) = read_records(
        [lines(batch({"timeUnixNano": "0", "observedTimeUnixNano": "1772600767000000000"}))]
    )
    fields = fields_of("jsonl/1", line, None)
    assert isinstance(fields, dict)
    assert fields["Timestamp"] == "1772600767000000000"
